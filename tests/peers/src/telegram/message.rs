//! Messages, as they are kept and as the Bot API shows them.

use super::chats::Chat;
use super::world::World;
use super::{Button, ChatId, Entity, UserId};
use serde_json::{Map, Value, json};

/// A message in a chat, a person's or the bot's.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Where it stands.
    pub chat: ChatId,
    /// Its number in the chat.
    pub id: i64,
    /// The topic that it stands in.
    pub thread: Option<i64>,
    /// Who wrote it; a channel's posts have nobody.
    pub from: Option<UserId>,
    /// The message that it replies to.
    pub reply_to: Option<i64>,
    /// When it was written, in seconds of the epoch.
    pub date: i64,
    /// When it was last edited.
    pub edited: Option<i64>,
    /// What it says.
    pub content: Content,
    /// The inline keyboard below it, row by row.
    pub keyboard: Vec<Vec<Button>>,
    /// What replaces the keyboard of the person's phone, as it was sent.
    pub reply_keyboard: Option<Value>,
    /// It came without a sound.
    pub silent: bool,
    /// It was taken away.
    pub deleted: bool,
    /// An administrator wrote it as the group.
    pub anonymous: bool,
    /// It was sent through the bot's inline mode; the bot knows it by this.
    pub inline_id: Option<String>,
    /// Whose message it was before it was forwarded, and when.
    pub forwarded: Option<(UserId, i64)>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Text with its formatting.
    Text {
        /// The text without markup.
        text: String,
        /// What is formatted in it, and what was found in it.
        entities: Vec<Entity>,
    },
    /// A point on the map.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
    /// A point on the map with a name.
    Venue {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// What it is called.
        title: String,
        /// Where it is.
        address: String,
    },
    /// A file.
    Media(Media),
    /// What the chat says about itself: the fields of the message that say it.
    Service(Map<String, Value>),
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The field that holds it: `document`, `photo`, `voice`.
    pub kind: MediaKind,
    /// What it is called; photographs and voices have no name.
    pub name: String,
    /// What it is, such as `application/pdf`.
    pub mime: String,
    /// How long it is, in bytes.
    pub size: u64,
    /// The text below it.
    pub caption: String,
    /// What the Bot API calls it; made when it is first sent, and the same wherever it is shown.
    pub(crate) file: String,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Any file.
    Document,
    /// A photograph, which comes in several sizes.
    Photo,
    /// A voice message.
    Voice,
}

impl Message {
    /// The text, or the text below a file; empty if there is none.
    pub fn text(&self) -> &str {
        match &self.content {
            Content::Text { text, .. } => text,
            Content::Media(media) => &media.caption,
            Content::Location { .. } | Content::Venue { .. } | Content::Service(_) => "",
        }
    }

    /// What is formatted or found in the text.
    pub fn entities(&self) -> &[Entity] {
        match &self.content {
            Content::Text { entities, .. } => entities,
            Content::Location { .. }
            | Content::Venue { .. }
            | Content::Media(_)
            | Content::Service(_) => &[],
        }
    }

    /// The labels of the inline keyboard, row by row.
    pub fn labels(&self) -> Vec<Vec<&str>> {
        self.keyboard.iter().map(|row| row.iter().map(|b| b.text.as_str()).collect()).collect()
    }

    /// The button with this label.
    pub fn button(&self, label: &str) -> Option<&Button> {
        self.keyboard.iter().flatten().find(|button| button.text == label)
    }

    /// What it shows of itself, without who and where.
    fn shown(&self) -> Map<String, Value> {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| {
            out.insert(key.to_owned(), value);
        };
        match &self.content {
            Content::Text { text, entities } => {
                put("text", json!(text));
                if !entities.is_empty() {
                    put("entities", entities.iter().map(Entity::json).collect());
                }
            }
            Content::Location { latitude, longitude } => {
                put("location", json!({"latitude": latitude, "longitude": longitude}));
            }
            Content::Venue { latitude, longitude, title, address } => {
                let location = json!({"latitude": latitude, "longitude": longitude});
                put("venue", json!({"location": location, "title": title, "address": address}));
                put("location", location);
            }
            Content::Media(media) => {
                let (key, value) = media.json();
                put(key, value);
                if !media.caption.is_empty() {
                    put("caption", json!(media.caption));
                    let entities = super::entities::find(&media.caption);
                    if !entities.is_empty() {
                        put("caption_entities", entities.iter().map(Entity::json).collect());
                    }
                }
            }
            Content::Service(fields) => out.extend(fields.clone()),
        }
        out
    }
}

impl Media {
    /// A file with a name.
    pub fn document(name: &str, mime: &str, size: u64) -> Self {
        let (name, mime) = (name.to_owned(), mime.to_owned());
        let (caption, file) = (String::new(), String::new());
        Self { kind: MediaKind::Document, name, mime, size, caption, file }
    }

    /// A photograph.
    pub fn photo(size: u64) -> Self {
        Self { kind: MediaKind::Photo, ..Self::document("", "image/jpeg", size) }
    }

    /// A voice message.
    pub fn voice(size: u64) -> Self {
        Self { kind: MediaKind::Voice, ..Self::document("", "audio/ogg", size) }
    }

    /// The same with a text below it.
    #[must_use]
    pub fn caption(mut self, caption: &str) -> Self {
        caption.clone_into(&mut self.caption);
        self
    }

    fn json(&self) -> (&'static str, Value) {
        let file = |part: &str| {
            json!({
                "file_id": format!("{}{part}", self.file),
                "file_unique_id": format!("U{}{part}", self.file),
                "file_size": self.size,
            })
        };
        match self.kind {
            MediaKind::Document => {
                let mut out = file("");
                out["file_name"] = json!(self.name);
                out["mime_type"] = json!(self.mime);
                ("document", out)
            }
            MediaKind::Voice => {
                let mut out = file("");
                out["duration"] = json!(7);
                out["mime_type"] = json!(self.mime);
                ("voice", out)
            }
            MediaKind::Photo => {
                let size = |part: &str, width: u32, height: u32| {
                    let mut out = file(part);
                    out["width"] = json!(width);
                    out["height"] = json!(height);
                    out
                };
                ("photo", json!([size("s", 90, 60), size("x", 800, 533)]))
            }
        }
    }
}

/// The account behind administrators who write as their group.
fn anonymous() -> Value {
    json!({"id": 1_087_968_824, "is_bot": true, "first_name": "Group",
           "username": "GroupAnonymousBot"})
}

impl World {
    /// The Bot API's `Message`. What it replies to is shown inside it, once.
    pub(crate) fn message_json(&self, chat: &Chat, message: &Message) -> Value {
        let mut out = self.bare_json(chat, message);
        // In a topic, what replies to nothing replies to the message that opened the topic.
        let opening = message.thread.filter(|thread| *thread != message.id);
        let replied = message.reply_to.or(opening);
        if let Some(original) = replied.and_then(|id| chat.message(id)) {
            out["reply_to_message"] = self.bare_json(chat, original);
        }
        out
    }

    fn bare_json(&self, chat: &Chat, message: &Message) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| {
            out.insert(key.to_owned(), value);
        };
        put("message_id", json!(message.id));
        put("date", json!(message.date));
        put("chat", self.chat_json(chat));
        if message.anonymous {
            put("from", anonymous());
            put("sender_chat", self.chat_json(chat));
        } else if let Some(from) = message.from {
            put("from", self.user_json(from));
        } else {
            put("sender_chat", self.chat_json(chat));
        }
        if let Some(thread) = message.thread {
            put("message_thread_id", json!(thread));
            put("is_topic_message", json!(true));
        }
        if let Some((user, date)) = message.forwarded {
            let sender = self.user_json(user);
            put("forward_origin", json!({"type": "user", "sender_user": sender, "date": date}));
        }
        if let Some(at) = message.edited {
            put("edit_date", json!(at));
        }
        if message.inline_id.is_some() {
            put("via_bot", self.me.json());
        }
        if !message.keyboard.is_empty() {
            put("reply_markup", super::keyboard::json(&message.keyboard));
        }
        out.extend(message.shown());
        Value::Object(out)
    }
}
