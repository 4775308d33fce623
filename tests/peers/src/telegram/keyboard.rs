//! What stands below a message: inline keyboards, and what replaces a phone's own.

use super::refusal::Refusal;
use serde_json::{Map, Value, json};

/// The most bytes of a button's data, from the description of `InlineKeyboardButton`.
const DATA_BYTES: usize = 64;

/// The most buttons of a message and of a row. Not published; clients and servers have kept to
/// these for years.
const BUTTONS: usize = 100;
const ROW: usize = 8;

/// A button below a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Button {
    /// What is written on it.
    pub text: String,
    /// What happens when it is pressed.
    pub press: Press,
    /// What else it was given: `style`, `icon_custom_emoji_id`.
    more: Map<String, Value>,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq)]
pub enum Press {
    /// The bot is sent this.
    Data(String),
    /// An address is opened.
    Url(String),
    /// The person picks a chat, and the bot's inline mode begins there with this.
    SwitchInline(String),
    /// The bot's inline mode begins here with this.
    SwitchInlineHere(String),
    /// The same, for the kinds of chats that this names.
    SwitchInlineChosen(Value),
    /// This is put on the clipboard.
    Copy(String),
}

impl Press {
    fn json(&self) -> (&'static str, Value) {
        match self {
            Press::Data(data) => ("callback_data", json!(data)),
            Press::Url(url) => ("url", json!(url)),
            Press::SwitchInline(query) => ("switch_inline_query", json!(query)),
            Press::SwitchInlineHere(query) => ("switch_inline_query_current_chat", json!(query)),
            Press::SwitchInlineChosen(which) => ("switch_inline_query_chosen_chat", which.clone()),
            Press::Copy(text) => ("copy_text", json!({"text": text})),
        }
    }
}

pub(crate) fn json(keyboard: &[Vec<Button>]) -> Value {
    let button = |button: &Button| {
        let mut out = button.more.clone();
        out.insert("text".to_owned(), json!(button.text));
        let (key, value) = button.press.json();
        out.insert(key.to_owned(), value);
        Value::Object(out)
    };
    let rows: Vec<Vec<Value>> =
        keyboard.iter().map(|row| row.iter().map(button).collect()).collect();
    json!({"inline_keyboard": rows})
}

/// A `reply_markup`, read.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    pub(crate) inline: Vec<Vec<Button>>,
    pub(crate) reply: Option<Value>,
    /// What no server refuses but nobody can have meant.
    pub(crate) doubts: Vec<String>,
}

/// Reads a `reply_markup`; `shared` says that several people read the chat.
pub(crate) fn read(markup: Option<&Value>, shared: bool) -> Result<Markup, Refusal> {
    let Some(markup) = markup else { return Ok(Markup::default()) };
    let unread = || Refusal::bad("object expected as reply markup");
    let object = markup.as_object().ok_or_else(unread)?;
    let mut out = Markup::default();
    if let Some(rows) = object.get("inline_keyboard") {
        if object.len() > 1 {
            out.doubts.push("an inline keyboard has one field, inline_keyboard".to_owned());
        }
        out.inline = inline(rows, &mut out.doubts)?;
        return Ok(out);
    }
    let known = ["keyboard", "remove_keyboard", "force_reply"];
    if !known.iter().any(|key| object.contains_key(*key)) {
        return Err(unread());
    }
    if let Some(rows) = object.get("keyboard") {
        let rows = rows.as_array().ok_or_else(|| {
            Refusal::bad("field \"keyboard\" of the ReplyKeyboardMarkup must be an Array")
        })?;
        for button in rows.iter().filter_map(Value::as_array).flatten() {
            let asks = ["request_location", "request_contact", "request_poll", "web_app"];
            let asked = asks.iter().any(|key| button.get(key).is_some());
            if shared && asked {
                let what = "location can be requested in private chats only";
                return Err(Refusal::bad(what));
            }
            if button.as_str().or_else(|| button["text"].as_str()).is_none_or(str::is_empty) {
                return Err(Refusal::bad("text buttons must be non-empty"));
            }
        }
    }
    out.reply = Some(markup.clone());
    Ok(out)
}

fn inline(rows: &Value, doubts: &mut Vec<String>) -> Result<Vec<Vec<Button>>, Refusal> {
    let unread = |what: &str| Refusal::bad(format!("can't parse inline keyboard: {what}"));
    let rows = rows.as_array().ok_or_else(|| unread("inline_keyboard must be an Array"))?;
    let mut keyboard = Vec::new();
    for row in rows {
        let row = row.as_array().ok_or_else(|| unread("a row must be an Array"))?;
        let buttons = row.iter().map(|b| button(b, doubts)).collect::<Result<Vec<_>, _>>()?;
        if buttons.is_empty() {
            doubts.push("an empty row of buttons".to_owned());
        } else {
            keyboard.push(buttons);
        }
    }
    let count = keyboard.iter().map(Vec::len).sum::<usize>();
    if count > BUTTONS || keyboard.iter().any(|row| row.len() > ROW) {
        return Err(Refusal::bad("REPLY_MARKUP_TOO_LONG"));
    }
    Ok(keyboard)
}

fn button(button: &Value, doubts: &mut Vec<String>) -> Result<Button, Refusal> {
    let unread = |what: &str| Refusal::bad(format!("can't parse inline keyboard button: {what}"));
    let object =
        button.as_object().ok_or_else(|| unread("InlineKeyboardButton must be an Object"))?;
    let text = object.get("text").and_then(Value::as_str).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(unread("Field \"text\" must be non-empty"));
    }
    let mut press = Vec::new();
    let mut more = Map::new();
    for (key, value) in object {
        let words = value.as_str().map(str::to_owned);
        let wrong = || unread(&format!("Field \"{key}\" must be of type String"));
        match key.as_str() {
            "text" => {}
            "callback_data" => press.push(Press::Data(words.ok_or_else(wrong)?)),
            "url" => press.push(Press::Url(words.ok_or_else(wrong)?)),
            "switch_inline_query" => press.push(Press::SwitchInline(words.ok_or_else(wrong)?)),
            "switch_inline_query_current_chat" => {
                press.push(Press::SwitchInlineHere(words.ok_or_else(wrong)?));
            }
            "switch_inline_query_chosen_chat" if value.is_object() => {
                press.push(Press::SwitchInlineChosen(value.clone()));
            }
            "copy_text" => {
                let words = value["text"].as_str().ok_or_else(wrong)?;
                press.push(Press::Copy(words.to_owned()));
            }
            "style" | "icon_custom_emoji_id" => {
                more.insert(key.clone(), value.clone());
            }
            _ => {
                doubts.push(format!("the peer does not know the button field `{key}`"));
                return Err(unread(&format!("Field \"{key}\" is not modelled")));
            }
        }
    }
    let Some(press) = press.pop().filter(|_| press.is_empty()) else {
        let what = "Text buttons are unallowed in the inline keyboard";
        return Err(unread(what));
    };
    let wrong = match &press {
        Press::Data(data) if data.is_empty() || data.len() > DATA_BYTES => {
            Some("BUTTON_DATA_INVALID".to_owned())
        }
        Press::Url(url) if !is_address(url) => {
            Some(format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"))
        }
        Press::Copy(text) if text.is_empty() || text.encode_utf16().count() > 256 => {
            Some("BUTTON_COPY_TEXT_INVALID".to_owned())
        }
        Press::Data(_)
        | Press::Url(_)
        | Press::Copy(_)
        | Press::SwitchInline(_)
        | Press::SwitchInlineChosen(_)
        | Press::SwitchInlineHere(_) => None,
    };
    match wrong {
        Some(what) => Err(Refusal::bad(what)),
        None => Ok(Button { text: text.to_owned(), press, more }),
    }
}

/// Whether an address can stand behind a button or a link.
pub(crate) fn is_address(url: &str) -> bool {
    if url.starts_with("tg://") {
        return true;
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    host.contains('.') && !url.contains(char::is_whitespace) && !host.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(button: Value) -> Result<Markup, Refusal> {
        read(Some(&json!({"inline_keyboard": [[button]]})), false)
    }

    #[test]
    fn data_is_1_to_64_bytes() {
        for (data, fits) in
            [(String::new(), false), ("a".repeat(64), true), ("é".repeat(33), false)]
        {
            let read = read_one(json!({"text": "x", "callback_data": data}));
            assert_eq!(read.is_ok(), fits, "{data}");
        }
    }

    #[test]
    fn a_button_does_exactly_one_thing() {
        assert!(read_one(json!({"text": "x"})).is_err());
        let two = json!({"text": "x", "callback_data": "a", "url": "https://a.example"});
        assert!(read_one(two).is_err());
        let read = read_one(json!({"text": "x", "url": "https://a.example/b"})).unwrap();
        assert_eq!(json(&read.inline)["inline_keyboard"][0][0]["url"], "https://a.example/b");
    }

    #[test]
    fn asking_for_a_location_is_for_direct_chats() {
        let markup = json!({"keyboard": [[{"text": "Here", "request_location": true}]]});
        assert!(read(Some(&markup), false).is_ok());
        assert!(read(Some(&markup), true).is_err());
    }
}
