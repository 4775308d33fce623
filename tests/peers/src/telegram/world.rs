//! All that the server knows, behind one lock.

use super::chats::{Chat, Membership};
use super::deeds::{Call, Complaint, Deed};
use super::description::Description;
use super::faults::Fault;
use super::limits::Meter;
use super::methods::{Profile, Query};
use super::refusal::Refusal;
use super::updates::Updates;
use super::webhook::Hook;
use super::{ChatId, ChatKind, Content, Media, Message, Settings, User, UserId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) me: User,
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) chats: BTreeMap<ChatId, Chat>,
    pub(crate) updates: Updates,
    pub(crate) queries: BTreeMap<String, Query>,
    /// By what the Bot API calls them.
    pub(crate) files: BTreeMap<String, Media>,
    pub(crate) meter: Meter,
    pub(crate) faults: Vec<Fault>,
    pub(crate) profile: Profile,
    pub(crate) hook: Option<Hook>,
    /// Addresses that stand in for public hosts.
    pub(crate) routes: BTreeMap<String, String>,
    /// The network is cut.
    pub(crate) down: bool,
    pub(crate) deeds: VecDeque<Deed>,
    pub(crate) calls: Vec<Call>,
    pub(crate) complaints: Vec<Complaint>,
    pub(crate) description: Option<Description>,
    /// Counts up for everything that needs a number nobody else has.
    next: i64,
}

impl World {
    pub(crate) fn new(settings: Settings, description: Option<Description>) -> Self {
        let mut me = User::new(&settings.name).username(&settings.username).bot();
        let number = settings.token.split(':').next().and_then(|id| id.parse().ok());
        me.id = UserId(number.unwrap_or(7_000_000_001));
        Self {
            settings,
            users: BTreeMap::from([(me.id, me.clone())]),
            me,
            chats: BTreeMap::new(),
            updates: Updates::default(),
            queries: BTreeMap::new(),
            files: BTreeMap::new(),
            meter: Meter::default(),
            faults: Vec::new(),
            profile: Profile::default(),
            hook: None,
            routes: BTreeMap::new(),
            down: false,
            deeds: VecDeque::new(),
            calls: Vec::new(),
            complaints: Vec::new(),
            description,
            next: 0,
        }
    }

    pub(crate) fn next_number(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.settings.clock.now_s()
    }

    pub(crate) fn complain(&mut self, method: &str, what: impl Into<String>) {
        self.complaints.push(Complaint { method: method.to_owned(), what: what.into() });
    }

    pub(crate) fn user_json(&self, id: UserId) -> Value {
        self.users.get(&id).map_or_else(|| json!({"id": id.0}), User::json)
    }

    pub(crate) fn chat_json(&self, chat: &Chat) -> Value {
        chat.json(self.person_of(chat))
    }

    pub(crate) fn person_of(&self, chat: &Chat) -> Option<&User> {
        self.users.get(&UserId(chat.id.0)).filter(|_| chat.kind == ChatKind::Private)
    }

    /// The chat that a request names, as far as the bot may know of it.
    pub(crate) fn known_chat(&self, id: ChatId) -> Result<&Chat, Refusal> {
        let unknown = || Refusal::bad("chat not found");
        let chat = self.chats.get(&id).ok_or_else(unknown)?;
        if let Some(to) = chat.migrated_to {
            return Err(Refusal::migrated(to.0));
        }
        let met = chat.started || chat.bot != Membership::Left || chat.username.is_some();
        if met || self.person_of(chat).is_some_and(|p| p.met) { Ok(chat) } else { Err(unknown()) }
    }

    /// The chat, if the bot may write in it.
    pub(crate) fn writable_chat(&self, id: ChatId) -> Result<&Chat, Refusal> {
        let chat = self.known_chat(id)?;
        let kind = chat.kind.name();
        match (chat.kind, chat.bot) {
            (ChatKind::Private, _) => {
                let person = self.person_of(chat);
                if person.is_some_and(|p| p.deactivated) {
                    return Err(Refusal::forbidden("user is deactivated"));
                }
                if person.is_some_and(|p| p.is_bot) {
                    return Err(Refusal::forbidden("bot can't send messages to bots"));
                }
                if chat.blocked {
                    return Err(Refusal::forbidden("bot was blocked by the user"));
                }
                if !chat.started {
                    let what = "bot can't initiate conversation with a user";
                    return Err(Refusal::forbidden(what));
                }
            }
            (_, Membership::Kicked) => {
                return Err(Refusal::forbidden(format!("bot was kicked from the {kind} chat")));
            }
            (_, Membership::Left) => {
                return Err(Refusal::forbidden(format!("bot is not a member of the {kind} chat")));
            }
            (ChatKind::Channel, bot) if !bot.rights().post_messages => {
                let what = "need administrator rights in the channel chat";
                return Err(Refusal::bad(what));
            }
            _ if chat.muted => {
                let what = "not enough rights to send text messages to the chat";
                return Err(Refusal::bad(what));
            }
            _ => {}
        }
        Ok(chat)
    }

    /// Puts a message into a chat, with the next number there.
    ///
    /// # Panics
    /// If there is no such chat.
    pub(crate) fn post(&mut self, mut message: Message) -> Message {
        message.date = self.now_s();
        let number = self.next_number();
        if let Content::Media(media) = &mut message.content
            && media.file.is_empty()
        {
            media.file = format!("FILE{number}_");
            self.files.insert(media.file.clone(), media.clone());
        }
        let chat = self.chats.get_mut(&message.chat).expect("the chat exists");
        message.id = i64::try_from(chat.messages.len()).unwrap_or(i64::MAX - 1) + 1;
        chat.messages.push(message.clone());
        message
    }

    /// Tells the bot of something, unless it did not want to hear of such things.
    ///
    /// `key` is whose updates keep their order on a webhook; `lives_s` is how long the bot can
    /// fetch it.
    pub(crate) fn tell(&mut self, kind: &str, body: Value, key: (u8, i64), lives_s: i64) {
        let now = self.now_s();
        let Some(update) = self.updates.add(kind, body, key, now + lives_s) else { return };
        let wrong = self.description.as_ref().and_then(|d| d.check("Update", update).err());
        if let Some(what) = wrong {
            self.complain("the peer itself", format!("its update is not as described: {what}"));
        }
    }
}

/// An empty message, to be filled in.
pub(crate) fn blank(chat: ChatId, content: Content) -> Message {
    Message {
        chat,
        id: 0,
        thread: None,
        from: None,
        reply_to: None,
        date: 0,
        edited: None,
        content,
        keyboard: Vec::new(),
        reply_keyboard: None,
        silent: false,
        deleted: false,
        anonymous: false,
        inline_id: None,
        forwarded: None,
    }
}
