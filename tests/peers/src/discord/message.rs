//! Messages as they stand in a channel.

use super::world::World;
use super::{ChannelId, GuildId, InteractionId, MessageId, RoleId, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Seen by one person alone.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// A deferred answer that says that the bot is thinking.
pub(crate) const LOADING: u64 = 1 << 7;

/// Kinds of messages.
pub(crate) mod kind {
    pub(crate) const DEFAULT: u8 = 0;
    pub(crate) const THREAD_CREATED: u8 = 18;
    pub(crate) const REPLY: u8 = 19;
    pub(crate) const CHAT_INPUT_COMMAND: u8 = 20;
    pub(crate) const THREAD_STARTER: u8 = 21;
    pub(crate) const CONTEXT_MENU_COMMAND: u8 = 23;
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// Where it stands.
    pub channel: ChannelId,
    /// In which guild; none: in a direct chat.
    pub guild: Option<GuildId>,
    /// Who wrote it.
    pub author: UserId,
    /// Its words, with Discord's Markdown.
    pub content: String,
    /// Its embeds as they were sent.
    pub embeds: Vec<Value>,
    /// Its rows of buttons and menus as they were sent.
    pub components: Vec<Value>,
    /// Its files, as Discord shows them.
    pub attachments: Vec<Value>,
    /// What it replies to.
    pub reply_to: Option<MessageId>,
    /// When it was last edited.
    pub edited: Option<Timestamp>,
    /// Who is pinged by it.
    pub pings: Pings,
    /// The only one who sees it.
    pub only_for: Option<UserId>,
    /// What it answers.
    pub interaction: Option<InteractionId>,
    /// What tells it from a repeat.
    pub nonce: Option<Value>,
    /// Its flags.
    pub flags: u64,
    /// Its kind: 0 an ordinary one, 19 a reply, 20 and 23 answers to commands, 18 and 21 of threads.
    pub kind: u8,
    /// It was taken away.
    pub deleted: bool,
    pub(crate) made_us: i64,
}

impl Message {
    /// Only a deferred answer, without words yet.
    pub fn is_thinking(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// All buttons and menus in their order.
    pub fn controls(&self) -> Vec<Value> {
        let rows = self.components.iter();
        let inner = rows.flat_map(|row| row["components"].as_array().cloned().unwrap_or_default());
        inner.collect()
    }

    /// The button or menu with this `custom_id`.
    pub fn control(&self, custom_id: &str) -> Option<Value> {
        self.controls().into_iter().find(|control| control["custom_id"] == custom_id)
    }
}

/// Who is pinged by a message: told of it, not only named in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pings {
    /// Everybody.
    pub everyone: bool,
    /// These people, and who is replied to.
    pub users: BTreeSet<UserId>,
    /// These roles.
    pub roles: BTreeSet<RoleId>,
}

/// What may be pinged by what is sent.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    pub(crate) everyone: bool,
    pub(crate) users: Option<BTreeSet<u64>>,
    pub(crate) roles: Option<BTreeSet<u64>>,
    pub(crate) replied: bool,
}

impl Allowed {
    pub(crate) fn all() -> Self {
        Self { everyone: true, users: None, roles: None, replied: true }
    }

    /// As `allowed_mentions` says it; absent, everything is allowed.
    pub(crate) fn read(value: &Value) -> Self {
        if value.is_null() {
            return Self::all();
        }
        let parse =
            |what: &str| value["parse"].as_array().is_some_and(|p| p.iter().any(|w| w == what));
        let list = |what: &str| {
            let all = value[what].as_array().into_iter().flatten();
            all.filter_map(id).collect::<BTreeSet<u64>>()
        };
        Self {
            everyone: parse("everyone"),
            users: (!parse("users")).then(|| list("users")),
            roles: (!parse("roles")).then(|| list("roles")),
            replied: value["replied_user"].as_bool().unwrap_or_default(),
        }
    }
}

/// A snowflake in JSON, a text or a number.
pub(crate) fn id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The numbers that a text names by `<@`, `<@&` or `<#`.
fn named(text: &str, mark: &str) -> BTreeSet<u64> {
    let after = text.split(mark).skip(1);
    after.filter_map(|rest| rest.split_once('>')?.0.trim_start_matches('!').parse().ok()).collect()
}

/// A time as Discord writes it.
pub(crate) fn time(us: i64) -> Value {
    let at = Timestamp::from_microsecond(us).unwrap_or_default();
    json!(format!("{}+00:00", at.strftime("%Y-%m-%dT%H:%M:%S.%6f")))
}

impl World {
    /// An empty message of somebody, with the next number, not yet in its channel.
    pub(crate) fn blank(&mut self, channel: ChannelId, author: UserId) -> Message {
        let made_us = self.now_us();
        Message {
            id: MessageId(self.snowflake()),
            channel,
            guild: self.channels.get(&channel).and_then(|c| c.guild),
            author,
            content: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            reply_to: None,
            edited: None,
            pings: Pings::default(),
            only_for: None,
            interaction: None,
            nonce: None,
            flags: 0,
            kind: kind::DEFAULT,
            deleted: false,
            made_us,
        }
    }

    /// Who is pinged by a message, as far as its author may and wants.
    pub(crate) fn pings_of(&self, message: &Message, allowed: &Allowed) -> Pings {
        let mut pings = Pings::default();
        for user in named(&message.content, "<@") {
            let wanted = allowed.users.as_ref().is_none_or(|all| all.contains(&user));
            if wanted && self.reachable(UserId(user), message.channel) {
                pings.users.insert(UserId(user));
            }
        }
        let replied = message.reply_to.and_then(|to| self.message(message.channel, to));
        if let Some(replied) = replied.filter(|_| allowed.replied) {
            pings.users.insert(replied.author);
        }
        let Some(guild) = message.guild.and_then(|id| self.guilds.get(&id)) else { return pings };
        let may = self.permissions(message.author, message.channel);
        let all = may.has(super::Permissions::MENTION_EVERYONE);
        for role in named(&message.content, "<@&").into_iter().map(RoleId) {
            let wanted = allowed.roles.as_ref().is_none_or(|all| all.contains(&role.0));
            if wanted && guild.roles.get(&role).is_some_and(|r| r.mentionable || all) {
                pings.roles.insert(role);
            }
        }
        let calls = message.content.contains("@everyone") || message.content.contains("@here");
        pings.everyone = allowed.everyone && all && calls;
        pings
    }

    /// A message as Discord shows it to a bot that may see all content, or may not.
    pub(crate) fn message_json(&self, message: &Message, content: bool) -> Value {
        let whole = content || self.shows_content(message);
        let author = self.user_json(message.author);
        let list = |ids: &BTreeSet<UserId>| {
            ids.iter().map(|user| self.user_json(*user)).collect::<Vec<Value>>()
        };
        let mut body = json!({
            "id": message.id.json(),
            "type": message.kind,
            "channel_id": message.channel.json(),
            "author": author,
            "content": if whole { message.content.as_str() } else { "" },
            "embeds": if whole { message.embeds.clone() } else { vec![] },
            "components": if whole { message.components.clone() } else { vec![] },
            "attachments": if whole { message.attachments.clone() } else { vec![] },
            "timestamp": time(message.made_us),
            "edited_timestamp": message.edited.map(|at| time(at.as_microsecond())),
            "tts": false,
            "mention_everyone": message.pings.everyone,
            "mentions": list(&message.pings.users),
            "mention_roles": message.pings.roles.iter().map(|r| r.json()).collect::<Vec<_>>(),
            "pinned": false,
            "flags": message.flags,
        });
        if let Some(nonce) = &message.nonce {
            body["nonce"] = nonce.clone();
        }
        if let Some(to) = message.reply_to {
            let guild = message.guild.map(GuildId::json);
            body["message_reference"] = json!({"type": 0, "message_id": to.json(),
                "channel_id": message.channel.json(), "guild_id": guild});
            let replied = self.message(message.channel, to);
            body["referenced_message"] = match replied {
                None => Value::Null,
                Some(replied) => {
                    self.message_json(&Message { reply_to: None, ..replied.clone() }, content)
                }
            };
        }
        if let Some(interaction) = message.interaction.and_then(|id| self.interactions.get(&id)) {
            let user = self.user_json(interaction.user);
            body["application_id"] = self.me.json();
            body["webhook_id"] = self.me.json();
            body["interaction_metadata"] = json!({"id": interaction.id.json(),
                "type": interaction.kind as u8, "user": user, "authorizing_integration_owners": {}});
        }
        body
    }

    /// Whether a bot gets to see what a message says without the intent for it.
    fn shows_content(&self, message: &Message) -> bool {
        message.guild.is_none()
            || message.author == self.me
            || message.pings.users.contains(&self.me)
    }
}
