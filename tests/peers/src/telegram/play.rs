//! What people say, edit and take away.

use super::entities;
use super::updates::DAY_S;
use super::world::{World, blank};
use super::{ChatId, ChatKind, Content, Media, Membership, Message, Telegram, UserId};

/// Something that somebody says, and how.
#[derive(Clone, Debug)]
pub struct Saying {
    content: Content,
    reply_to: Option<i64>,
    thread: Option<i64>,
    anonymous: bool,
}

impl Saying {
    fn new(content: Content) -> Self {
        Self { content, reply_to: None, thread: None, anonymous: false }
    }

    /// Words.
    pub fn text(text: &str) -> Self {
        let entities = entities::find(text);
        Self::new(Content::Text { text: text.to_owned(), entities })
    }

    /// A point on the map.
    pub fn location(latitude: f64, longitude: f64) -> Self {
        Self::new(Content::Location { latitude, longitude })
    }

    /// A file.
    pub fn media(media: Media) -> Self {
        Self::new(Content::Media(media))
    }

    /// As a reply to a message.
    #[must_use]
    pub fn reply_to(mut self, message: i64) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// In a topic.
    #[must_use]
    pub fn in_topic(mut self, thread: i64) -> Self {
        self.thread = Some(thread);
        self
    }

    /// As the group itself, as its administrators may.
    #[must_use]
    pub fn anonymously(mut self) -> Self {
        self.anonymous = true;
        self
    }
}

impl World {
    /// Tells the bot of a message.
    pub(crate) fn announce(&mut self, update: &str, message: &Message) {
        let Some(chat) = self.chats.get(&message.chat) else { return };
        let body = self.message_json(chat, message);
        self.tell(update, body, (0, message.chat.0), DAY_S);
    }

    /// Whether the bot gets to see what somebody wrote.
    fn sees(&self, message: &Message) -> bool {
        let chat = &self.chats[&message.chat];
        match chat.kind {
            ChatKind::Private => !chat.blocked,
            ChatKind::Channel => chat.bot.is_in(),
            ChatKind::Group | ChatKind::Supergroup => {
                let all = !self.settings.privacy || chat.bot.administers();
                chat.bot.is_in() && (all || self.is_meant(message))
            }
        }
    }

    /// Whether a message in a group is for the bot, as far as privacy mode looks.
    fn is_meant(&self, message: &Message) -> bool {
        let chat = &self.chats[&message.chat];
        let replied = message.reply_to.and_then(|id| chat.message(id));
        if replied.is_some_and(|m| m.from == Some(self.me.id) || m.inline_id.is_some()) {
            return true;
        }
        let text = message.text();
        let found = entities::find(text);
        let own = format!("@{}", self.settings.username);
        found.iter().any(|entity| match entity.kind.as_str() {
            "mention" => entity.of(text).eq_ignore_ascii_case(&own),
            "bot_command" => {
                let to = entity.of(text).find('@').map(|at| &entity.of(text)[at..]);
                to.is_none_or(|to| to.eq_ignore_ascii_case(&own))
            }
            _ => false,
        })
    }

    /// Who speaks must be able to.
    fn check_speaker(&mut self, user: UserId, id: ChatId, saying: &Saying) {
        assert!(self.users.contains_key(&user), "there is nobody {}", user.0);
        let chat = self.held(id);
        assert!(chat.migrated_to.is_none(), "the group is a supergroup now");
        match chat.kind {
            ChatKind::Private => {
                assert_eq!(user.chat(), id, "this is somebody else's chat with the bot");
                assert!(!chat.blocked, "who has blocked the bot cannot write to it");
                chat.started = true;
            }
            ChatKind::Channel => {
                assert!(chat.member(user).administers(), "only administrators post in channels");
            }
            ChatKind::Group | ChatKind::Supergroup => {
                assert!(chat.member(user).is_in(), "who is not in the group cannot speak in it");
                let boss = chat.member(user).administers();
                assert!(!saying.anonymous || boss, "only administrators speak as the group");
            }
        }
        if let Some(thread) = saying.thread {
            let topic = chat.topics.get(&thread).expect("the topic exists");
            assert!(!topic.closed || chat.member(user).administers(), "the topic is closed");
        }
        if let Some(to) = saying.reply_to {
            assert!(chat.message(to).is_some(), "there is no message {to} to reply to");
        }
    }

    fn said(&mut self, user: UserId, chat: ChatId, saying: Saying) -> i64 {
        self.check_speaker(user, chat, &saying);
        let channel = self.held(chat).kind == ChatKind::Channel;
        let mut message = blank(chat, saying.content);
        message.from = (!channel && !saying.anonymous).then_some(user);
        message.anonymous = saying.anonymous;
        message.reply_to = saying.reply_to;
        message.thread = saying.thread;
        let message = self.post(message);
        if self.sees(&message) {
            if let Some(person) = self.users.get_mut(&user) {
                person.met = true;
            }
            self.announce(if channel { "channel_post" } else { "message" }, &message);
        }
        message.id
    }
}

impl Telegram {
    /// Somebody says something. In a direct chat the first words begin it. The message's number
    /// comes back.
    ///
    /// # Panics
    /// If this person cannot speak there.
    pub fn say(&self, user: UserId, chat: ChatId, text: &str) -> i64 {
        self.post(user, chat, Saying::text(text))
    }

    /// Somebody replies to a message, in the topic that it stands in.
    ///
    /// # Panics
    /// If this person cannot speak there, or there is no such message.
    pub fn reply(&self, user: UserId, chat: ChatId, to: i64, text: &str) -> i64 {
        let thread = self.shared.lock().held(chat).message(to).and_then(|m| m.thread);
        let mut saying = Saying::text(text).reply_to(to);
        saying.thread = thread;
        self.post(user, chat, saying)
    }

    /// Somebody says something in a particular way.
    ///
    /// # Panics
    /// If this person cannot speak there.
    pub fn post(&self, user: UserId, chat: ChatId, saying: Saying) -> i64 {
        let id = self.shared.lock().said(user, chat, saying);
        self.shared.wake();
        id
    }

    /// Somebody opens the direct chat by its button or by a link such as
    /// `https://t.me/the_bot?start=payload`; an empty payload is the button.
    ///
    /// # Panics
    /// If the payload is none that a link can carry.
    pub fn start_chat(&self, user: UserId, payload: &str) -> i64 {
        if payload.is_empty() {
            return self.say(user, user.chat(), "/start");
        }
        assert!(super::methods::is_start_parameter(payload), "no link can carry {payload:?}");
        self.say(user, user.chat(), &format!("/start {payload}"))
    }

    /// Somebody changes what they said.
    ///
    /// # Panics
    /// If it is not theirs, or not there any more.
    pub fn edit(&self, user: UserId, chat: ChatId, message: i64, text: &str) {
        let mut world = self.shared.lock();
        let now = world.now_s();
        let held = world.held(chat);
        let channel = held.kind == ChatKind::Channel;
        let edited = held.message_mut(message).expect("the message is still there");
        assert!(channel || edited.from == Some(user), "nobody edits what others said");
        let entities = entities::find(text);
        edited.content = Content::Text { text: text.to_owned(), entities };
        edited.edited = Some(now);
        let edited = edited.clone();
        if world.sees(&edited) {
            let update = if channel { "edited_channel_post" } else { "edited_message" };
            world.announce(update, &edited);
        }
        drop(world);
        self.shared.wake();
    }

    /// Somebody takes a message away, their own or, in a direct chat, the bot's. The bot is not
    /// told: the platform tells no bot of it.
    ///
    /// # Panics
    /// If it is not there any more.
    pub fn delete(&self, chat: ChatId, message: i64) {
        let mut world = self.shared.lock();
        world.held(chat).message_mut(message).expect("the message is still there").deleted = true;
    }

    /// Somebody joins a group by themselves.
    ///
    /// # Panics
    /// If there is no such group or person.
    pub fn join(&self, user: UserId, chat: ChatId) {
        self.member_is(user, chat, user, Membership::Member);
    }

    /// Somebody leaves a group.
    ///
    /// # Panics
    /// If there is no such group or person.
    pub fn part(&self, user: UserId, chat: ChatId) {
        self.member_is(user, chat, user, Membership::Left);
    }
}
