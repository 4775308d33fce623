//! Updates of which teloxide knows a part only: what is needed of them is read all the same, for a
//! question is not lost because something new stands beside it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use teloxide::types::{Update, UpdateKind};

/// What of a message is needed (Bot API, Message); its words are looked at besides.
const PLAIN: [&str; 9] = [
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "date",
    "edit_date",
    "chat",
    "from",
    "via_bot",
    "reply_markup",
];
/// The entities that are looked at.
const ENTITIES: [&str; 2] = ["mention", "bot_command"];

/// Reads an update: whole, or what is needed of it.
pub(crate) fn read(update: &RawValue) -> Option<Update> {
    let whole: Update = serde_json::from_str(update.get()).ok()?;
    if is_whole(&whole, update) {
        return Some(whole);
    }
    let mut value: Value = serde_json::from_str(update.get()).ok()?;
    for message in ["/message", "/edited_message", "/callback_query/message"] {
        if let Some(message) = value.pointer_mut(message) {
            reduce(message);
        }
    }
    // teloxide reads an update's number before everything else.
    let number = value.as_object_mut()?.remove("update_id")?;
    let rest = value.to_string();
    let rest = rest.strip_prefix('{')?;
    serde_json::from_str(&format!("{{\"update_id\":{number},{rest}")).ok()
}

/// Whether nothing of it was left out that says something.
#[expect(clippy::wildcard_enum_match_arm, reason = "only messages are reduced")]
fn is_whole(update: &Update, raw: &RawValue) -> bool {
    let message = match &update.kind {
        UpdateKind::Error(_) => return false,
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => message,
        _ => return true,
    };
    // What teloxide cannot read of a message it takes for one of another kind, or of none.
    let worded = message.text().is_some() || message.caption().is_some();
    worded || !serde_json::from_str::<Wordings>(raw.get()).is_ok_and(|wordings| wordings.any())
}

/// Whether a message of an update has words, whatever else it has.
#[derive(Deserialize)]
struct Wordings {
    message: Option<Wording>,
    edited_message: Option<Wording>,
}

#[derive(Deserialize)]
struct Wording {
    text: Option<IgnoredAny>,
    caption: Option<IgnoredAny>,
}

impl Wordings {
    fn any(&self) -> bool {
        let one = |wording: &Option<Wording>| {
            wording.as_ref().is_some_and(|one| one.text.is_some() || one.caption.is_some())
        };
        one(&self.message) || one(&self.edited_message)
    }
}

/// Leaves of a message what is needed.
fn reduce(message: &mut Value) {
    let Some(fields) = message.as_object_mut() else { return };
    let mut plain: Map<String, Value> = Map::new();
    for key in PLAIN {
        plain.extend(fields.remove(key).map(|value| (key.to_owned(), value)));
    }
    let words = fields.remove("text").or_else(|| fields.remove("caption"));
    plain.extend(words.map(|words| ("text".to_owned(), words)));
    let entities = fields.remove("entities").or_else(|| fields.remove("caption_entities"));
    if let Some(Value::Array(mut entities)) = entities {
        let known = |entity: &Value| entity["type"].as_str().is_some_and(|t| ENTITIES.contains(&t));
        entities.retain(known);
        plain.insert("entities".to_owned(), entities.into());
    }
    if let Some(mut answered) = fields.remove("reply_to_message") {
        reduce(&mut answered);
        plain.insert("reply_to_message".to_owned(), answered);
    }
    *fields = plain;
}
