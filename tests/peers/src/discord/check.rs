//! What a message must be.

use super::message::{Allowed, EPHEMERAL, Message, id as id_of};
use super::refusal::Refusal;
use super::rest::Request;
use super::world::World;
use serde_json::{Value, json};

/// The most characters of a message.
const CONTENT: usize = 2_000;
/// The most characters of all embeds of a message together.
const EMBEDS: usize = 6_000;
/// Flags that a bot may set: no embeds of links, ephemeral, silent.
const FLAGS: u64 = 1 << 2 | EPHEMERAL | 1 << 12;

/// The fields of a message that the peer knows.
const FIELDS: &[&str] = &[
    "content",
    "embeds",
    "components",
    "allowed_mentions",
    "flags",
    "nonce",
    "enforce_nonce",
    "tts",
    "message_reference",
    "attachments",
    "sticker_ids",
    "poll",
];

pub(crate) fn chars(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

/// A text within bounds.
///
/// # Errors
/// Where it is not.
pub(crate) fn text(value: &Value, path: &str, min: usize, max: usize) -> Result<(), Refusal> {
    match value.as_str() {
        None => Err(Refusal::form(path, "BASE_TYPE_REQUIRED", "This field is required")),
        Some(_) if (min..=max).contains(&chars(value)) => Ok(()),
        Some(_) => Err(Refusal::length(path, min, max)),
    }
}

/// Complains about fields that the peer does not know and that say something; they are ignored, as
/// Discord does.
pub(crate) fn known(world: &mut World, request: &Request, body: &Value, all: &[&str]) {
    for (name, value) in body.as_object().into_iter().flatten() {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !empty && !all.contains(&name.as_str()) {
            world.complain(request.route.name, format!("the peer does not know `{name}`"));
        }
    }
}

/// Puts what a body says into a message; what it leaves out stays.
///
/// # Errors
/// Where the body is not in order.
pub(crate) fn fill(
    world: &mut World,
    request: &Request,
    body: &Value,
    message: &mut Message,
) -> Result<(), Refusal> {
    known(world, request, body, FIELDS);
    let given = |name: &str| body.get(name).is_some();
    for unknown in ["sticker_ids", "poll"] {
        if body[unknown].as_array().is_some_and(|all| !all.is_empty()) || body[unknown].is_object()
        {
            world.complain(request.route.name, format!("the peer has no `{unknown}`"));
        }
    }
    if given("content") {
        let content = body["content"].as_str().unwrap_or_default();
        if chars(&body["content"]) > CONTENT {
            let what = "Must be 2000 or fewer in length.";
            return Err(Refusal::form("content", "BASE_TYPE_MAX_LENGTH", what));
        }
        message.content = content.trim().to_owned();
    }
    if given("embeds") {
        message.embeds = list(body, "embeds");
        embeds(&message.embeds)?;
    }
    if given("components") {
        message.components = list(body, "components");
        components(&message.components)?;
    }
    if let Some(flags) = body["flags"].as_u64() {
        if flags & !FLAGS != 0 {
            world.complain(request.route.name, format!("flags {flags} are not modelled"));
        }
        // Whether it is hidden was settled when it was made.
        message.flags = message.flags & EPHEMERAL | flags & FLAGS & !EPHEMERAL;
    }
    let named = list(body, "attachments");
    if given("attachments") {
        // Those that are named stay, others go.
        let stays = |held: &Value| named.iter().any(|a| a["id"] == held["id"]);
        message.attachments.retain(stays);
    }
    for (part, file) in &request.files {
        let number: String = part.chars().filter(char::is_ascii_digit).collect();
        let described = named.iter().find(|a| id_of(&a["id"]) == number.parse().ok());
        let id = world.snowflake().to_string();
        let url = format!("http://{}/attachments/{id}/{}", world.host, file.name);
        message.attachments.push(json!({"id": id, "filename": file.name, "size": file.size,
            "url": url, "proxy_url": url, "content_type": file.mime,
            "description": described.map(|d| d["description"].clone()).unwrap_or_default()}));
    }
    if message.content.is_empty()
        && message.embeds.is_empty()
        && message.components.is_empty()
        && message.attachments.is_empty()
    {
        return Err(Refusal::new(400, 50006, "Cannot send an empty message"));
    }
    let allowed = &body["allowed_mentions"];
    for (what, names) in [("users", "users"), ("roles", "roles")] {
        let parsed = allowed["parse"].as_array().is_some_and(|p| p.iter().any(|w| w == what));
        let named = allowed[names].as_array().map_or(0, Vec::len);
        if parsed && named > 0 {
            let what = format!("parse:[\"{what}\"] and {what}: [ids...] are mutually exclusive.");
            return Err(Refusal::form(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                &what,
            ));
        }
        if named > 100 {
            let what = "Must be 100 or fewer in length.";
            return Err(Refusal::form("allowed_mentions", "BASE_TYPE_MAX_LENGTH", what));
        }
    }
    message.pings = world.pings_of(message, &Allowed::read(allowed));
    Ok(())
}

pub(crate) fn list(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().cloned().unwrap_or_default()
}

fn embeds(all: &[Value]) -> Result<(), Refusal> {
    if all.len() > 10 {
        return Err(Refusal::form(
            "embeds",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 10 or fewer in length.",
        ));
    }
    let mut together = 0;
    for (at, embed) in all.iter().enumerate() {
        let texts =
            [("title", 256), ("description", 4096), ("footer.text", 2048), ("author.name", 256)];
        for (path, max) in texts {
            let value = path.split('.').fold(embed, |value, part| &value[part]);
            together += chars(value);
            if chars(value) > max {
                return Err(Refusal::length(&format!("embeds.{at}.{path}"), 0, max));
            }
        }
        let fields = list(embed, "fields");
        if fields.len() > 25 {
            return Err(Refusal::length(&format!("embeds.{at}.fields"), 0, 25));
        }
        for (number, field) in fields.iter().enumerate() {
            let path = format!("embeds.{at}.fields.{number}");
            text(&field["name"], &format!("{path}.name"), 1, 256)?;
            text(&field["value"], &format!("{path}.value"), 1, 1024)?;
            together += chars(&field["name"]) + chars(&field["value"]);
        }
    }
    if together > EMBEDS {
        let what = "Embed size exceeds maximum size of 6000";
        return Err(Refusal::form("embeds", "MAX_EMBED_SIZE_EXCEEDED", what));
    }
    Ok(())
}

/// Rows of buttons and menus.
fn components(rows: &[Value]) -> Result<(), Refusal> {
    let bad = |path: &str, what: &str| Err(Refusal::form(path, "BASE_TYPE_BAD_LENGTH", what));
    if rows.len() > 5 {
        return bad("components", "Must be between 1 and 5 in length.");
    }
    let mut seen: Vec<&str> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let path = format!("components.{at}");
        if row["type"] != 1 {
            return Err(Refusal::form(
                &path,
                "UNION_TYPE_CHOICES",
                "Value of field \"type\" must be one of (1,).",
            ));
        }
        let inner = row["components"].as_array().map(Vec::as_slice).unwrap_or_default();
        let menus = inner.iter().filter(|c| c["type"] != 2).count();
        let most = if menus > 0 { 1 } else { 5 };
        if inner.is_empty() || inner.len() > most {
            return bad(&path, &format!("Must be between 1 and {most} in length."));
        }
        for (number, control) in inner.iter().enumerate() {
            let path = format!("{path}.components.{number}");
            match control["type"].as_u64() {
                Some(2) => button(control, &path)?,
                Some(3) => menu(control, &path)?,
                Some(5..=8) => {
                    text(&control["custom_id"], &format!("{path}.custom_id"), 1, 100)?;
                }
                _ => {
                    let what = "Value of field \"type\" must be one of (2, 3, 5, 6, 7, 8).";
                    return Err(Refusal::form(&path, "UNION_TYPE_CHOICES", what));
                }
            }
            if let Some(id) = control["custom_id"].as_str() {
                if seen.contains(&id) {
                    let what = "Component custom id cannot be duplicated";
                    let path = format!("{path}.custom_id");
                    return Err(Refusal::form(&path, "COMPONENT_CUSTOM_ID_DUPLICATED", what));
                }
                seen.push(id);
            }
        }
    }
    Ok(())
}

fn button(button: &Value, path: &str) -> Result<(), Refusal> {
    if chars(&button["label"]) > 80 {
        return Err(Refusal::length(&format!("{path}.label"), 0, 80));
    }
    if chars(&button["label"]) == 0 && button["emoji"].is_null() {
        let what = "A button must have a label or an emoji";
        return Err(Refusal::form(path, "BUTTON_COMPONENT_LABEL_REQUIRED", what));
    }
    match button["style"].as_u64() {
        Some(1..=4) if button["url"].is_null() => {
            text(&button["custom_id"], &format!("{path}.custom_id"), 1, 100)
        }
        Some(5) if button["custom_id"].is_null() => {
            text(&button["url"], &format!("{path}.url"), 1, 512)?;
            let url = button["url"].as_str().unwrap_or_default();
            if ["http://", "https://", "discord://"].iter().any(|scheme| url.starts_with(scheme)) {
                return Ok(());
            }
            let what = "Scheme must be one of ('http', 'https', 'discord').";
            Err(Refusal::form(&format!("{path}.url"), "URL_TYPE_INVALID_SCHEME", what))
        }
        Some(1..=5) => {
            let what = "A custom id and url cannot both be specified";
            Err(Refusal::form(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", what))
        }
        _ => Err(Refusal::form(
            &format!("{path}.style"),
            "BASE_TYPE_CHOICES",
            "Value must be one of {1, 2, 3, 4, 5}.",
        )),
    }
}

fn menu(menu: &Value, path: &str) -> Result<(), Refusal> {
    text(&menu["custom_id"], &format!("{path}.custom_id"), 1, 100)?;
    if chars(&menu["placeholder"]) > 150 {
        return Err(Refusal::length(&format!("{path}.placeholder"), 0, 150));
    }
    let options = list(menu, "options");
    if !(1..=25).contains(&options.len()) {
        return Err(Refusal::length(&format!("{path}.options"), 1, 25));
    }
    let mut seen: Vec<&Value> = Vec::new();
    for (at, option) in options.iter().enumerate() {
        let path = format!("{path}.options.{at}");
        text(&option["label"], &format!("{path}.label"), 1, 100)?;
        text(&option["value"], &format!("{path}.value"), 1, 100)?;
        if chars(&option["description"]) > 100 {
            return Err(Refusal::length(&format!("{path}.description"), 0, 100));
        }
        if seen.contains(&&option["value"]) {
            let what = "The specified option value is already used";
            return Err(Refusal::form(&path, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", what));
        }
        seen.push(&option["value"]);
    }
    let bounds =
        (menu["min_values"].as_u64().unwrap_or(1), menu["max_values"].as_u64().unwrap_or(1));
    let most = u64::try_from(options.len()).unwrap_or(25);
    if bounds.0 > bounds.1 || bounds.1 > most || bounds.1 == 0 {
        return Err(Refusal::form(
            &format!("{path}.max_values"),
            "NUMBER_TYPE_MAX",
            "The bounds do not fit the options.",
        ));
    }
    Ok(())
}

/// A form.
///
/// # Errors
/// Where it is not in order.
pub(crate) fn modal(data: &Value) -> Result<(), Refusal> {
    text(&data["title"], "data.title", 1, 45)?;
    text(&data["custom_id"], "data.custom_id", 1, 100)?;
    let rows = list(data, "components");
    if !(1..=5).contains(&rows.len()) {
        return Err(Refusal::length("data.components", 1, 5));
    }
    for (at, row) in rows.iter().enumerate() {
        let path = format!("data.components.{at}");
        let field = &row["components"][0];
        if row["type"] != 1 || field["type"] != 4 || list(row, "components").len() != 1 {
            let what = "The peer knows rows of one text field each.";
            return Err(Refusal::form(&path, "UNION_TYPE_CHOICES", what));
        }
        let path = format!("{path}.components.0");
        text(&field["custom_id"], &format!("{path}.custom_id"), 1, 100)?;
        text(&field["label"], &format!("{path}.label"), 1, 45)?;
        if !matches!(field["style"].as_u64(), Some(1 | 2)) {
            let what = "Value must be one of {1, 2}.";
            return Err(Refusal::form(&format!("{path}.style"), "BASE_TYPE_CHOICES", what));
        }
        for (name, max) in [("placeholder", 100), ("value", 4000)] {
            if chars(&field[name]) > max {
                return Err(Refusal::length(&format!("{path}.{name}"), 0, max));
            }
        }
        if field["max_length"].as_u64().is_some_and(|max| !(1..=4000).contains(&max)) {
            return Err(Refusal::length(&format!("{path}.max_length"), 1, 4000));
        }
    }
    Ok(())
}
