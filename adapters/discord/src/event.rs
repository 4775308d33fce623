//! What came, read leniently: what is not as the documentation has it counts as not being there, so that
//! nothing anybody sends can stop the link.

use bot::Attachment;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A message that one person alone is shown (developers/resources/message, "Message Flags").
pub(crate) const HIDDEN: u64 = 1 << 6;
/// An answer that is still to come.
pub(crate) const LOADING: u64 = 1 << 7;

/// The number of a thing: Discord writes it as a text, for it is too large for some languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(pub(crate) u64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        // What has the number zero is nothing.
        number.filter(|number| *number > 0).map(Id).ok_or_else(|| D::Error::custom("no number"))
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Somebody.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: Id,
    #[serde(default)]
    pub(crate) username: String,
    #[serde(default)]
    pub(crate) global_name: Option<String>,
    #[serde(default)]
    pub(crate) bot: bool,
}

/// What somebody is in a guild.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Member {
    #[serde(default)]
    pub(crate) user: Option<User>,
    #[serde(default)]
    pub(crate) nick: Option<String>,
    #[serde(default)]
    pub(crate) roles: Vec<Id>,
}

/// A message, or what has become of it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: Id,
    pub(crate) channel_id: Id,
    #[serde(default)]
    pub(crate) guild_id: Option<Id>,
    #[serde(default)]
    pub(crate) author: Option<User>,
    #[serde(default)]
    pub(crate) member: Option<Member>,
    #[serde(default)]
    pub(crate) content: String,
    #[serde(default)]
    pub(crate) edited_timestamp: Option<String>,
    #[serde(default)]
    pub(crate) attachments: Vec<File>,
    #[serde(default)]
    pub(crate) components: Vec<Value>,
    #[serde(default)]
    pub(crate) embeds: Vec<Value>,
    #[serde(default)]
    pub(crate) referenced_message: Option<Box<Message>>,
    #[serde(default)]
    pub(crate) interaction_metadata: Option<Cause>,
    #[serde(default)]
    pub(crate) webhook_id: Option<Id>,
    #[serde(default)]
    pub(crate) flags: u64,
    /// What kind of message: 0 an ordinary one, 19 a reply; others tell what happened.
    #[serde(default, rename = "type")]
    pub(crate) kind: u64,
}

/// A file that came along.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct File {
    #[serde(default)]
    pub(crate) filename: String,
    #[serde(default)]
    pub(crate) url: String,
}

/// The interaction that a message answers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Cause {
    pub(crate) id: Id,
    #[serde(default)]
    pub(crate) user: Option<User>,
}

/// Something that somebody did with a command, a button or a form.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Interaction {
    pub(crate) id: Id,
    pub(crate) application_id: Id,
    #[serde(rename = "type")]
    pub(crate) kind: u8,
    pub(crate) token: String,
    #[serde(default)]
    pub(crate) channel_id: Option<Id>,
    /// 0: in a guild, 1: in the direct chat with the bot, 2: among people who brought the bot along.
    #[serde(default)]
    pub(crate) context: Option<u8>,
    #[serde(default)]
    pub(crate) guild_id: Option<Id>,
    #[serde(default)]
    pub(crate) member: Option<Member>,
    #[serde(default)]
    pub(crate) user: Option<User>,
    #[serde(default)]
    pub(crate) locale: Option<String>,
    #[serde(default)]
    pub(crate) message: Option<Message>,
    #[serde(default)]
    pub(crate) data: Data,
}

/// What an interaction holds.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Data {
    /// Of a command.
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) options: Vec<Opt>,
    #[serde(default)]
    pub(crate) target_id: Option<Id>,
    #[serde(default)]
    pub(crate) resolved: Resolved,
    /// Of a button or a form.
    #[serde(default)]
    pub(crate) custom_id: String,
    #[serde(default)]
    pub(crate) components: Vec<Value>,
}

/// What somebody gave to a command.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Opt {
    #[serde(default)]
    pub(crate) value: Value,
    /// They are typing it.
    #[serde(default)]
    pub(crate) focused: bool,
}

/// What a message's menu hands over.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Resolved {
    #[serde(default)]
    pub(crate) messages: BTreeMap<String, Message>,
}

/// What an interaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// A command.
    Commands,
    /// A button.
    Presses,
    /// Typing, and waiting for what is offered.
    Types,
    /// A form.
    Submits,
}

impl Interaction {
    /// What it is; `None` for what there was not when this was written.
    pub(crate) fn does(&self) -> Option<Does> {
        match self.kind {
            2 => Some(Does::Commands),
            3 => Some(Does::Presses),
            4 => Some(Does::Types),
            5 => Some(Does::Submits),
            _ => None,
        }
    }

    /// Who did it.
    pub(crate) fn by(&self) -> Option<&User> {
        self.member.as_ref().and_then(|member| member.user.as_ref()).or(self.user.as_ref())
    }

    /// Whether it was done in the direct chat with the bot.
    pub(crate) fn is_direct(&self) -> bool {
        self.guild_id.is_none() && self.context.is_none_or(|context| context == 1)
    }

    /// Whether what answers it is shown to nobody else: in company everything that is asked by a
    /// command, and whatever follows from that.
    pub(crate) fn is_hidden(&self) -> bool {
        match (self.is_direct(), &self.message) {
            (true, _) => false,
            (false, Some(message)) => message.flags & HIDDEN != 0,
            (false, None) => true,
        }
    }

    /// What was given to a command, in one line.
    pub(crate) fn given(&self) -> String {
        let text = |option: &Opt| match &option.value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                option.value.to_string()
            }
        };
        self.data.options.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    /// What somebody is typing.
    pub(crate) fn typed(&self) -> Option<&str> {
        self.data.options.iter().find(|option| option.focused)?.value.as_str()
    }

    /// The message from whose menu a command was chosen.
    pub(crate) fn target(&self) -> Option<&Message> {
        self.data.resolved.messages.get(&self.data.target_id?.to_string())
    }

    /// What was written into a form of one field.
    pub(crate) fn written(&self) -> Option<&str> {
        let mut fields = Vec::new();
        for row in &self.data.components {
            fields.extend(row["components"].as_array().into_iter().flatten());
            fields.push(&row["component"]);
        }
        fields.into_iter().find_map(|field| field["value"].as_str())
    }
}

impl Message {
    /// Who wrote it, if a person did.
    pub(crate) fn by(&self) -> Option<&User> {
        let person = self.webhook_id.is_none();
        self.author.as_ref().filter(|author| person && !author.bot)
    }

    /// Whether this user wrote it.
    pub(crate) fn is_by(&self, user: Id) -> bool {
        self.author.as_ref().is_some_and(|author| author.id == user)
    }

    /// Whether it calls this user by name, before its words or behind them: named in their midst they
    /// are spoken of, and not to. A reply mentions whom it answers without that.
    pub(crate) fn calls(&self, user: Id) -> bool {
        let wordless = |text: &str| !text.contains(char::is_alphanumeric);
        [format!("<@{user}>"), format!("<@!{user}>")].iter().any(|name| {
            let mut found = self.content.match_indices(name.as_str());
            found.any(|(at, name)| {
                wordless(&self.content[..at]) || wordless(&self.content[at + name.len()..])
            })
        })
    }

    /// Whether nothing of it is told.
    pub(crate) fn is_blank(&self) -> bool {
        self.content.is_empty() && self.attachments.is_empty()
    }

    /// Whether people wrote it: other kinds tell what happened.
    pub(crate) fn is_written(&self) -> bool {
        matches!(self.kind, 0 | 19)
    }

    /// The codes of its buttons.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        let rows = self.components.iter().filter_map(|row| row["components"].as_array());
        rows.flatten().filter_map(|control| control["custom_id"].as_str())
    }

    /// The files that came along.
    pub(crate) fn files(&self) -> Vec<Attachment> {
        let file =
            |file: &File| Attachment { name: file.filename.clone(), reference: file.url.clone() };
        self.attachments.iter().map(file).collect()
    }
}

/// What somebody is called where others see them.
pub(crate) fn shown_name(user: &User, member: Option<&Member>) -> String {
    let nick = member.and_then(|member| member.nick.as_ref());
    nick.or(user.global_name.as_ref()).unwrap_or(&user.username).clone()
}
