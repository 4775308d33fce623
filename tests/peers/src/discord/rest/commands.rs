//! What people are offered: slash commands and those in a message's menu.

use super::{Answer, Outcome, Request};
use crate::discord::refusal::Refusal;
use crate::discord::world::World;
use crate::discord::{Deed, GuildId, check};
use serde_json::{Value, json};

/// The languages of Discord's clients.
const LOCALES: &[&str] = &[
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl",
    "no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th",
    "zh-CN", "ja", "zh-TW", "ko",
];

/// The fields of a command that the peer knows.
const FIELDS: &[&str] = &[
    "id",
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "dm_permission",
    "default_permission",
    "nsfw",
    "contexts",
    "integration_types",
];

/// The fields of an option that the peer knows.
const OPTION_FIELDS: &[&str] = &[
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "required",
    "choices",
    "options",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
    "channel_types",
];

pub(super) fn global(world: &mut World, request: &Request) -> Outcome {
    get(world, request, None)
}

pub(super) fn in_guild(world: &mut World, request: &Request) -> Outcome {
    get(world, request, Some(request.guild(1)))
}

pub(super) fn set_global(world: &mut World, request: &Request) -> Outcome {
    set(world, request, None)
}

pub(super) fn set_in_guild(world: &mut World, request: &Request) -> Outcome {
    set(world, request, Some(request.guild(1)))
}

pub(super) fn add_global(world: &mut World, request: &Request) -> Outcome {
    add(world, request, None)
}

pub(super) fn add_in_guild(world: &mut World, request: &Request) -> Outcome {
    add(world, request, Some(request.guild(1)))
}

/// Whether the bot asks about itself, and about a guild that it is in.
fn own(world: &World, request: &Request, guild: Option<GuildId>) -> Result<(), Refusal> {
    if request.number(0) != world.me.0 {
        return Err(Refusal::new(
            403,
            20012,
            "You are not authorized to perform this action on this application",
        ));
    }
    let inside =
        guild.is_none_or(|id| world.guilds.get(&id).is_some_and(|g| g.bot_is_in(world.me)));
    if inside { Ok(()) } else { Err(Refusal::missing_access()) }
}

fn get(world: &mut World, request: &Request, guild: Option<GuildId>) -> Outcome {
    own(world, request, guild)?;
    Ok(Answer(200, world.commands.get(&guild).into_iter().flatten().cloned().collect()))
}

fn set(world: &mut World, request: &Request, guild: Option<GuildId>) -> Outcome {
    own(world, request, guild)?;
    let Some(all) = request.body.as_array() else {
        return Err(Refusal::form(
            "",
            "BASE_TYPE_LIST",
            "Only iterables may be used in a ListType",
        ));
    };
    for (at, command) in all.iter().enumerate() {
        check::known(world, request, command, FIELDS);
        one(command, &at.to_string())?;
        let same =
            |other: &&Value| other["name"] == command["name"] && kind(other) == kind(command);
        if all.iter().filter(same).count() > 1 {
            let what = "Application command names must be unique";
            return Err(Refusal::form("", "APPLICATION_COMMANDS_DUPLICATE_NAME", what));
        }
    }
    for (which, most) in [(1, 100), (2, 15), (3, 15)] {
        if all.iter().filter(|command| kind(command) == which).count() > most {
            let what = "Maximum number of application commands reached";
            return Err(Refusal::new(400, 30032, what));
        }
    }
    let kept = all.iter().map(|command| registered(world, command, guild)).collect();
    world.commands.insert(guild, kept);
    tell(world, guild);
    get(world, request, guild)
}

fn add(world: &mut World, request: &Request, guild: Option<GuildId>) -> Outcome {
    own(world, request, guild)?;
    let command = &request.body;
    check::known(world, request, command, FIELDS);
    one(command, "")?;
    let made = registered(world, command, guild);
    let held = world.commands.entry(guild).or_default();
    let same = |other: &Value| other["name"] == made["name"] && kind(other) == kind(&made);
    let status = if held.iter().any(same) { 200 } else { 201 };
    held.retain(|other| !same(other));
    held.push(made.clone());
    tell(world, guild);
    Ok(Answer(status, made))
}

fn tell(world: &mut World, guild: Option<GuildId>) {
    let names = world.commands.get(&guild).into_iter().flatten();
    let names = names.filter_map(|command| command["name"].as_str().map(str::to_owned)).collect();
    world.deeds.push_back(Deed::Commands(names));
}

pub(crate) fn kind(command: &Value) -> u64 {
    command["type"].as_u64().unwrap_or(1)
}

/// A command as Discord keeps it; one of the same name keeps its number.
fn registered(world: &mut World, command: &Value, guild: Option<GuildId>) -> Value {
    let held = world.commands.get(&guild).into_iter().flatten();
    let mut same = held.filter(|o| o["name"] == command["name"] && kind(o) == kind(command));
    let id = same.next().map(|other| other["id"].clone());
    let id = id.unwrap_or_else(|| json!(world.snowflake().to_string()));
    let mut kept = command.clone();
    (kept["id"], kept["application_id"]) = (id, world.me.json());
    kept["version"] = json!(world.snowflake().to_string());
    kept["type"] = json!(kind(command));
    if let Some(guild) = guild {
        kept["guild_id"] = guild.json();
    }
    let usual = [
        ("description", json!("")),
        ("default_member_permissions", Value::Null),
        ("dm_permission", json!(true)),
        ("nsfw", json!(false)),
        ("integration_types", json!([0])),
        ("contexts", Value::Null),
    ];
    for (name, value) in usual {
        if kept.get(name).is_none() {
            kept[name] = value;
        }
    }
    kept
}

fn one(command: &Value, at: &str) -> Result<(), Refusal> {
    let path = |name: &str| format!("{at}.{name}");
    match kind(command) {
        1 => {
            named(command, at)?;
            check::text(&command["description"], &path("description"), 1, 100)?;
            localized(command, "description", at, 100)?;
            options(&command["options"], at, 0)?;
        }
        2 | 3 => {
            check::text(&command["name"], &path("name"), 1, 32)?;
            localized(command, "name", at, 32)?;
            let none = |name: &str| command[name].as_array().is_none_or(Vec::is_empty);
            if check::chars(&command["description"]) > 0 || !none("options") {
                let what = "Context menu commands have no description and no options";
                let code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID";
                return Err(Refusal::form(&path("description"), code, what));
            }
        }
        _ => {
            return Err(Refusal::form(
                &path("type"),
                "BASE_TYPE_CHOICES",
                "Value must be one of {1, 2, 3}.",
            ));
        }
    }
    let size = size(command);
    if size > 8_000 {
        let what = format!("Command exceeds maximum size (8000), it has {size}");
        return Err(Refusal::form(at, "APPLICATION_COMMAND_TOO_LARGE", &what));
    }
    Ok(())
}

/// Names, descriptions and values, the longest of all languages each.
fn size(part: &Value) -> usize {
    let longest = |name: &str| {
        let other = part[format!("{name}_localizations")].as_object().into_iter().flatten();
        other.map(|(_, text)| check::chars(text)).chain([check::chars(&part[name])]).max()
    };
    let own = longest("name").unwrap_or(0) + longest("description").unwrap_or(0);
    let inner = ["options", "choices"].iter().flat_map(|name| part[*name].as_array()).flatten();
    own + check::chars(&part["value"]) + inner.map(size).sum::<usize>()
}

/// A name as chat commands and options have it, in all languages.
fn named(part: &Value, at: &str) -> Result<(), Refusal> {
    let right = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        let known = |c: char| c.is_alphanumeric() || "-_'".contains(c);
        let count = text.chars().count();
        (1..=32).contains(&count) && text.chars().all(known) && text.to_lowercase() == text
    };
    let what = "Command name is invalid";
    let code = "APPLICATION_COMMAND_INVALID_NAME";
    if !right(&part["name"]) {
        return Err(Refusal::form(&format!("{at}.name"), code, what));
    }
    localized(part, "name", at, 32)?;
    for (locale, name) in part["name_localizations"].as_object().into_iter().flatten() {
        if !right(name) {
            return Err(Refusal::form(&format!("{at}.name_localizations.{locale}"), code, what));
        }
    }
    Ok(())
}

fn localized(part: &Value, name: &str, at: &str, max: usize) -> Result<(), Refusal> {
    let all = part[format!("{name}_localizations")].as_object().into_iter().flatten();
    for (locale, text) in all {
        let path = format!("{at}.{name}_localizations.{locale}");
        if !LOCALES.contains(&locale.as_str()) {
            return Err(Refusal::form(&path, "BASE_TYPE_CHOICES", "This locale is not known."));
        }
        check::text(text, &path, 1, max)?;
    }
    Ok(())
}

fn options(value: &Value, at: &str, depth: usize) -> Result<(), Refusal> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if all.len() > 25 {
        return Err(Refusal::length(&format!("{at}.options"), 0, 25));
    }
    let mut optional = false;
    for (number, option) in all.iter().enumerate() {
        let path = format!("{at}.options.{number}");
        named(option, &path)?;
        check::text(&option["description"], &format!("{path}.description"), 1, 100)?;
        localized(option, "description", &path, 100)?;
        if all.iter().filter(|other| other["name"] == option["name"]).count() > 1 {
            let what = "Option name must be unique";
            return Err(Refusal::form(&path, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", what));
        }
        for field in option.as_object().into_iter().flat_map(|o| o.keys()) {
            if !OPTION_FIELDS.contains(&field.as_str()) {
                return Err(Refusal::form(
                    &path,
                    "NOT_MODELLED",
                    "The peer does not know this field.",
                ));
            }
        }
        match option["type"].as_u64() {
            Some(1 | 2) if depth < 2 => options(&option["options"], &path, depth + 1)?,
            Some(3..=11) => value_option(option, &path)?,
            _ => {
                return Err(Refusal::form(
                    &format!("{path}.type"),
                    "BASE_TYPE_CHOICES",
                    "This type is not known here.",
                ));
            }
        }
        let required = option["required"] == true;
        if required && optional {
            let what = "Required options must be placed before non-required options";
            return Err(Refusal::form(&path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", what));
        }
        optional |= !required;
    }
    Ok(())
}

fn value_option(option: &Value, path: &str) -> Result<(), Refusal> {
    let choices = check::list(option, "choices");
    if choices.len() > 25 {
        return Err(Refusal::length(&format!("{path}.choices"), 0, 25));
    }
    if option["autocomplete"] == true && !choices.is_empty() {
        let what = "Autocomplete excludes choices";
        return Err(Refusal::form(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", what));
    }
    choice_list(&choices, &format!("{path}.choices"))
}

/// Choices of an option, or those offered while somebody types.
///
/// # Errors
/// Where they are not in order.
pub(super) fn choice_list(choices: &[Value], path: &str) -> Result<(), Refusal> {
    for (at, choice) in choices.iter().enumerate() {
        let path = format!("{path}.{at}");
        check::text(&choice["name"], &format!("{path}.name"), 1, 100)?;
        localized(choice, "name", &path, 100)?;
        if !choice["value"].is_number() {
            check::text(&choice["value"], &format!("{path}.value"), 1, 100)?;
        }
    }
    Ok(())
}
