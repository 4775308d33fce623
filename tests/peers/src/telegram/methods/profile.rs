//! What the bot says about itself: its commands, descriptions, name and menu button.

use super::{Method, method};
use crate::telegram::parameters::{Kind, Parameter, Parameters, may, need};
use crate::telegram::refusal::Refusal;
use crate::telegram::world::World;
use crate::telegram::{ChatId, ChatKind, Membership, UserId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The most commands of a list, and the lengths of what is said, from the description.
const COMMANDS: usize = 100;
const NAME_CHARS: usize = 64;
const DESCRIPTION_CHARS: usize = 512;
const SHORT_CHARS: usize = 120;

/// What was set, by language where there is one; empty is everybody else's.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    /// By scope, as JSON with its fields in order, and language.
    commands: BTreeMap<(String, String), Vec<Value>>,
    names: BTreeMap<String, String>,
    descriptions: BTreeMap<String, String>,
    short: BTreeMap<String, String>,
    menus: BTreeMap<Option<i64>, Value>,
}

const LANGUAGE: Parameter = may("language_code", Kind::Text);
const SCOPE: Parameter = may("scope", Kind::Object);

pub(super) const METHODS: &[Method] = &[
    method("setMyCommands", &[need("commands", Kind::Array), SCOPE, LANGUAGE], set_commands),
    method("getMyCommands", &[SCOPE, LANGUAGE], get_commands),
    method("deleteMyCommands", &[SCOPE, LANGUAGE], delete_commands),
    method("setMyName", &[may("name", Kind::Text), LANGUAGE], |world, p| {
        let fits = said(world, p, "name", NAME_CHARS, |profile| &mut profile.names);
        if p.text("language_code").is_empty() && fits.is_ok() && !p.text("name").is_empty() {
            p.text("name").clone_into(&mut world.me.first_name);
        }
        fits
    }),
    method("getMyName", &[LANGUAGE], |world, p| {
        let own = world.me.first_name.clone();
        let name = told(world, p, |profile| &profile.names)?;
        Ok(json!({"name": if name.is_empty() { own } else { name }}))
    }),
    method("setMyDescription", &[may("description", Kind::Text), LANGUAGE], |world, p| {
        said(world, p, "description", DESCRIPTION_CHARS, |profile| &mut profile.descriptions)
    }),
    method("getMyDescription", &[LANGUAGE], |world, p| {
        Ok(json!({"description": told(world, p, |profile| &profile.descriptions)?}))
    }),
    method("setMyShortDescription", &[may("short_description", Kind::Text), LANGUAGE], |w, p| {
        said(w, p, "short_description", SHORT_CHARS, |profile| &mut profile.short)
    }),
    method("getMyShortDescription", &[LANGUAGE], |world, p| {
        Ok(json!({"short_description": told(world, p, |profile| &profile.short)?}))
    }),
    method(
        "setChatMenuButton",
        &[may("chat_id", Kind::Integer), may("menu_button", Kind::Object)],
        set_menu,
    ),
    method("getChatMenuButton", &[may("chat_id", Kind::Integer)], |world, p| {
        let menus = &world.profile.menus;
        let found = menus.get(&p.integer("chat_id")).or_else(|| menus.get(&None));
        Ok(found.cloned().unwrap_or_else(|| json!({"type": "commands"})))
    }),
];

fn said(
    world: &mut World,
    p: &Parameters,
    key: &str,
    most: usize,
    of: fn(&mut Profile) -> &mut BTreeMap<String, String>,
) -> Result<Value, Refusal> {
    let (language, text) = (language(p)?, p.text(key).to_owned());
    if text.chars().count() > most {
        return Err(Refusal::bad(format!("{}_TOO_LONG", key.to_ascii_uppercase())));
    }
    let kept = of(&mut world.profile);
    if text.is_empty() {
        kept.remove(&language);
    } else {
        kept.insert(language, text);
    }
    Ok(json!(true))
}

/// What is said in a language, or else to everybody.
fn told(
    world: &World,
    p: &Parameters,
    of: fn(&Profile) -> &BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let kept = of(&world.profile);
    let found = kept.get(&language(p)?).or_else(|| kept.get(""));
    Ok(found.cloned().unwrap_or_default())
}

/// A two-letter code, or nothing.
fn language(p: &Parameters) -> Result<String, Refusal> {
    let code = p.text("language_code");
    if code.is_empty() || (code.len() == 2 && code.chars().all(|c| c.is_ascii_lowercase())) {
        return Ok(code.to_owned());
    }
    Err(Refusal::bad("invalid language code specified"))
}

/// A scope as a key, and whether it is one.
fn scope(world: &World, p: &Parameters) -> Result<String, Refusal> {
    let Some(scope) = p.get("scope") else { return Ok(key("default", None, None)) };
    let kind = scope["type"].as_str().unwrap_or_default();
    let chat = || {
        let id = scope["chat_id"].as_i64().map(ChatId);
        let id = id.ok_or_else(|| Refusal::bad("chat identifier is not specified"))?;
        world.known_chat(id).map(|chat| Some(chat.id.0))
    };
    match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
            Ok(key(kind, None, None))
        }
        "chat" => Ok(key(kind, chat()?, None)),
        "chat_administrators" => {
            let id = chat()?;
            if id.is_some_and(|id| id > 0) {
                return Err(Refusal::bad("can't use specified scope in private chats"));
            }
            Ok(key(kind, id, None))
        }
        "chat_member" => {
            let user = scope["user_id"].as_i64();
            let user = user.ok_or_else(|| Refusal::bad("user identifier is not specified"))?;
            Ok(key(kind, chat()?, Some(user)))
        }
        _ => Err(Refusal::bad("unsupported BotCommandScope type")),
    }
}

fn key(kind: &str, chat: Option<i64>, user: Option<i64>) -> String {
    format!("{kind} {} {}", chat.unwrap_or_default(), user.unwrap_or_default())
}

fn set_commands(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let commands = p.get("commands").and_then(Value::as_array).cloned().unwrap_or_default();
    if commands.len() > COMMANDS {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &commands {
        let name = command["command"].as_str().unwrap_or_default();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=32).contains(&name.len()) || !name.chars().all(fits) {
            return Err(Refusal::bad("BOT_COMMAND_INVALID"));
        }
        let described = command["description"].as_str().unwrap_or_default().chars().count();
        if !(1..=256).contains(&described) {
            return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let key = (scope(world, p)?, language(p)?);
    world.profile.commands.insert(key, commands);
    Ok(json!(true))
}

fn get_commands(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let key = (scope(world, p)?, language(p)?);
    Ok(json!(world.profile.commands.get(&key).cloned().unwrap_or_default()))
}

fn delete_commands(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let key = (scope(world, p)?, language(p)?);
    world.profile.commands.remove(&key);
    Ok(json!(true))
}

fn set_menu(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let default = json!({"type": "default"});
    let button = p.get("menu_button").cloned().unwrap_or(default);
    if !["commands", "web_app", "default"].contains(&button["type"].as_str().unwrap_or_default()) {
        return Err(Refusal::bad("can't parse MenuButton"));
    }
    let chat = p.integer("chat_id");
    if let Some(id) = chat {
        world.known_chat(ChatId(id))?;
    }
    world.profile.menus.insert(chat, button);
    Ok(json!(true))
}

impl World {
    /// The commands that a person's client shows in a chat: the first list that there is, from
    /// the narrowest scope to the widest, in the person's language before everybody's, as
    /// "Determining list of commands" in the documentation says.
    pub(crate) fn menu(&self, user: UserId, chat: ChatId) -> Vec<(String, String)> {
        let Some(held) = self.chats.get(&chat) else { return Vec::new() };
        let administers = matches!(
            held.members.get(&user),
            Some(Membership::Creator | Membership::Administrator(_))
        );
        let here = Some(chat.0);
        let mut scopes = vec![key("chat_member", here, Some(user.0))];
        if administers {
            scopes.push(key("chat_administrators", here, None));
        }
        scopes.push(key("chat", here, None));
        if held.kind == ChatKind::Private {
            // A direct chat has no members of its own to set apart.
            scopes.remove(0);
            scopes.push(key("all_private_chats", None, None));
        } else {
            if administers {
                scopes.push(key("all_chat_administrators", None, None));
            }
            scopes.push(key("all_group_chats", None, None));
        }
        scopes.push(key("default", None, None));
        let spoken = self.users.get(&user).and_then(|user| user.language_code.clone());
        let spoken = spoken.unwrap_or_default().chars().take(2).collect::<String>();
        let found = scopes.into_iter().find_map(|scope| {
            let of = |language: &str| {
                self.profile.commands.get(&(scope.clone(), language.to_owned())).cloned()
            };
            of(&spoken).or_else(|| of(""))
        });
        let word =
            |command: &Value, key: &str| command[key].as_str().unwrap_or_default().to_owned();
        let commands = found.unwrap_or_default();
        commands.iter().map(|c| (word(c, "command"), word(c, "description"))).collect()
    }
}
