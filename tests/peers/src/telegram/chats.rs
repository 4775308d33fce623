//! People, chats, and who is what in them.

use super::Message;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A person or a bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

impl UserId {
    /// The direct chat with this person, which has the same number.
    pub fn chat(self) -> ChatId {
        ChatId(self.0)
    }
}

/// A chat: a person's number, a group's below zero, a supergroup's or channel's below -10^12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatId(pub i64);

impl ChatId {
    /// Whether several people read it.
    pub fn is_shared(self) -> bool {
        self.0 < 0
    }
}

/// Someone with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: Option<String>,
    /// The username, without `@`.
    pub username: Option<String>,
    /// The language that the person's client is set to, an IETF tag.
    pub language_code: Option<String>,
    pub(crate) id: UserId,
    pub(crate) is_bot: bool,
    pub(crate) deactivated: bool,
    /// Whether the bot has met the person anywhere.
    pub(crate) met: bool,
}

impl User {
    /// A person with a first name and an English client.
    pub fn new(first_name: &str) -> Self {
        Self {
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language_code: Some("en".to_owned()),
            id: UserId(0),
            is_bot: false,
            deactivated: false,
            met: false,
        }
    }

    /// The same with a username.
    #[must_use]
    pub fn username(mut self, username: &str) -> Self {
        self.username = Some(username.to_owned());
        self
    }

    /// The same with a client in another language; empty: the client does not say.
    #[must_use]
    pub fn language(mut self, code: &str) -> Self {
        self.language_code = (!code.is_empty()).then(|| code.to_owned());
        self
    }

    /// The same person as another program.
    #[must_use]
    pub fn bot(mut self) -> Self {
        self.is_bot = true;
        self.language_code = None;
        self
    }

    pub(crate) fn json(&self) -> Value {
        let mut out =
            json!({"id": self.id.0, "is_bot": self.is_bot, "first_name": self.first_name});
        let more = [
            ("last_name", &self.last_name),
            ("username", &self.username),
            ("language_code", &self.language_code),
        ];
        for (key, value) in more {
            if let Some(value) = value {
                out[key] = json!(value);
            }
        }
        out
    }
}

/// What kind of chat it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// A direct chat.
    Private,
    /// A group of the old kind.
    Group,
    /// A supergroup.
    Supergroup,
    /// A channel.
    Channel,
}

impl ChatKind {
    /// The name that the Bot API has for it.
    pub fn name(self) -> &'static str {
        match self {
            ChatKind::Private => "private",
            ChatKind::Group => "group",
            ChatKind::Supergroup => "supergroup",
            ChatKind::Channel => "channel",
        }
    }
}

/// What an administrator may do, as far as it makes a difference here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// May create, edit, close and reopen topics.
    pub manage_topics: bool,
    /// May delete what others wrote.
    pub delete_messages: bool,
    /// May pin messages.
    pub pin_messages: bool,
    /// May post in a channel.
    pub post_messages: bool,
}

impl Rights {
    /// Everything.
    pub fn all() -> Self {
        Self { manage_topics: true, delete_messages: true, pin_messages: true, post_messages: true }
    }
}

/// What somebody is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Made the chat.
    Creator,
    /// Administers it.
    Administrator(Rights),
    /// Belongs to it.
    Member,
    /// Is not in it, or not any more.
    Left,
    /// Was thrown out.
    Kicked,
}

impl Membership {
    pub(crate) fn is_in(self) -> bool {
        !matches!(self, Membership::Left | Membership::Kicked)
    }

    pub(crate) fn administers(self) -> bool {
        matches!(self, Membership::Creator | Membership::Administrator(_))
    }

    pub(crate) fn rights(self) -> Rights {
        match self {
            Membership::Creator => Rights::all(),
            Membership::Administrator(rights) => rights,
            Membership::Member | Membership::Left | Membership::Kicked => Rights::default(),
        }
    }

    /// The Bot API's `ChatMember`.
    pub(crate) fn json(self, user: &User, kind: ChatKind) -> Value {
        let user = user.json();
        match self {
            Membership::Creator => {
                json!({"status": "creator", "user": user, "is_anonymous": false})
            }
            Membership::Member => json!({"status": "member", "user": user}),
            Membership::Left => json!({"status": "left", "user": user}),
            Membership::Kicked => json!({"status": "kicked", "user": user, "until_date": 0}),
            Membership::Administrator(rights) => {
                let mut out = json!({
                    "status": "administrator", "user": user, "can_be_edited": false,
                    "is_anonymous": false, "can_manage_chat": true,
                    "can_delete_messages": rights.delete_messages,
                    "can_manage_video_chats": false, "can_restrict_members": false,
                    "can_promote_members": false, "can_change_info": false,
                    "can_invite_users": true, "can_post_stories": false,
                    "can_edit_stories": false, "can_delete_stories": false,
                });
                match kind {
                    ChatKind::Channel => {
                        out["can_post_messages"] = json!(rights.post_messages);
                        out["can_edit_messages"] = json!(rights.post_messages);
                    }
                    ChatKind::Supergroup => {
                        out["can_pin_messages"] = json!(rights.pin_messages);
                        out["can_manage_topics"] = json!(rights.manage_topics);
                    }
                    ChatKind::Private | ChatKind::Group => {
                        out["can_pin_messages"] = json!(rights.pin_messages);
                    }
                }
                out
            }
        }
    }
}

/// A topic of a forum; its number is that of the message that opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What it is called.
    pub name: String,
    /// Its colour.
    pub icon_color: i64,
    /// Whether only those who manage topics may write in it.
    pub closed: bool,
}

/// The colours that a topic's icon may have, from the description of `createForumTopic`.
pub(crate) const TOPIC_COLORS: [i64; 6] =
    [7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047];

#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) id: ChatId,
    pub(crate) kind: ChatKind,
    pub(crate) title: String,
    pub(crate) username: Option<String>,
    pub(crate) forum: bool,
    pub(crate) members: BTreeMap<UserId, Membership>,
    /// What the bot is in it.
    pub(crate) bot: Membership,
    /// The bot may not write although it is in it.
    pub(crate) muted: bool,
    /// The person of a direct chat has written to the bot.
    pub(crate) started: bool,
    /// The person of a direct chat has blocked the bot.
    pub(crate) blocked: bool,
    pub(crate) topics: BTreeMap<i64, Topic>,
    /// Number one comes first; deleted ones keep their place.
    pub(crate) messages: Vec<Message>,
    pub(crate) migrated_to: Option<ChatId>,
}

impl Chat {
    pub(crate) fn new(id: ChatId, kind: ChatKind, title: &str) -> Self {
        Self {
            id,
            kind,
            title: title.to_owned(),
            username: None,
            forum: false,
            members: BTreeMap::new(),
            bot: Membership::Left,
            muted: false,
            started: false,
            blocked: false,
            topics: BTreeMap::new(),
            messages: Vec::new(),
            migrated_to: None,
        }
    }

    pub(crate) fn member(&self, user: UserId) -> Membership {
        self.members.get(&user).copied().unwrap_or(Membership::Left)
    }

    /// A message that is still there.
    pub(crate) fn message(&self, id: i64) -> Option<&Message> {
        self.messages.get(index(id)?).filter(|message| !message.deleted)
    }

    pub(crate) fn message_mut(&mut self, id: i64) -> Option<&mut Message> {
        self.messages.get_mut(index(id)?).filter(|message| !message.deleted)
    }

    /// The Bot API's `Chat`; `person` is whom a direct chat is with.
    pub(crate) fn json(&self, person: Option<&User>) -> Value {
        let mut out = Map::new();
        out.insert("id".to_owned(), json!(self.id.0));
        out.insert("type".to_owned(), json!(self.kind.name()));
        if let Some(person) = person {
            out.insert("first_name".to_owned(), json!(person.first_name));
            if let Some(name) = &person.last_name {
                out.insert("last_name".to_owned(), json!(name));
            }
            if let Some(name) = &person.username {
                out.insert("username".to_owned(), json!(name));
            }
        } else {
            out.insert("title".to_owned(), json!(self.title));
            if let Some(name) = &self.username {
                out.insert("username".to_owned(), json!(name));
            }
            if self.forum {
                out.insert("is_forum".to_owned(), json!(true));
            }
        }
        Value::Object(out)
    }
}

fn index(id: i64) -> Option<usize> {
    usize::try_from(id).ok()?.checked_sub(1)
}
