//! Who is there: people, chats, and what the bot is in them.

use super::chats::{Chat, TOPIC_COLORS};
use super::updates::DAY_S;
use super::world::{World, blank};
use super::{ChatId, ChatKind, Content, Membership, Message, Telegram, Topic, User, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

/// Where the numbers of people, groups and supergroups begin.
const PEOPLE: i64 = 1_000_000;
const GROUPS: i64 = -4_000_000;
const SUPERGROUPS: i64 = -1_001_000_000_000;

impl World {
    fn new_chat(&mut self, kind: ChatKind, title: &str, members: &[UserId]) -> ChatId {
        let number = self.next_number();
        let id = match kind {
            ChatKind::Group => ChatId(GROUPS - number),
            ChatKind::Private | ChatKind::Supergroup | ChatKind::Channel => {
                ChatId(SUPERGROUPS - number)
            }
        };
        let mut chat = Chat::new(id, kind, title);
        chat.members = members.iter().map(|user| (*user, Membership::Member)).collect();
        if let Some(first) = members.first() {
            chat.members.insert(*first, Membership::Creator);
        }
        self.chats.insert(id, chat);
        id
    }

    /// A chat that must be there.
    pub(crate) fn held(&mut self, id: ChatId) -> &mut Chat {
        self.chats.get_mut(&id).unwrap_or_else(|| panic!("there is no chat {}", id.0))
    }

    /// The bot is something else in a chat from now on, and hears of it.
    pub(crate) fn bot_becomes(&mut self, id: ChatId, by: UserId, now_is: Membership) {
        let chat = self.held(id);
        let was = std::mem::replace(&mut chat.bot, now_is);
        let kind = chat.kind;
        let me = self.me.clone();
        self.member_changed("my_chat_member", id, by, &me, was, now_is);
        let shared = matches!(kind, ChatKind::Group | ChatKind::Supergroup);
        if shared && !was.is_in() && now_is.is_in() {
            self.service(id, None, by, json!({"new_chat_members": [me.json()]}));
        }
        // Who has left a supergroup does not see its messages any more; a group's last one comes.
        if was.is_in() && !now_is.is_in() {
            let message =
                Self::service_message(id, None, by, json!({"left_chat_member": me.json()}));
            let message = self.post(message);
            if kind == ChatKind::Group {
                self.announce("message", &message);
            }
        }
    }

    fn member_changed(
        &mut self,
        update: &str,
        id: ChatId,
        by: UserId,
        whom: &User,
        was: Membership,
        now_is: Membership,
    ) {
        let chat = &self.chats[&id];
        let body = json!({
            "chat": self.chat_json(chat),
            "from": self.user_json(by),
            "date": self.now_s(),
            "old_chat_member": was.json(whom, chat.kind),
            "new_chat_member": now_is.json(whom, chat.kind),
        });
        self.tell(update, body, (5, id.0), DAY_S);
    }

    fn service_message(id: ChatId, thread: Option<i64>, by: UserId, fields: Value) -> Message {
        let fields = fields.as_object().cloned().unwrap_or_default();
        let mut message = blank(id, Content::Service(fields));
        message.thread = thread;
        message.from = Some(by);
        message
    }

    /// The chat says something about itself, and the bot hears it if it is there.
    pub(crate) fn service(
        &mut self,
        id: ChatId,
        thread: Option<i64>,
        by: UserId,
        fields: Value,
    ) -> i64 {
        let message = self.post(Self::service_message(id, thread, by, fields));
        if self.held(id).bot.is_in() {
            self.announce("message", &message);
        }
        message.id
    }

    /// Opens a topic; its number is that of the message that says so.
    pub(crate) fn open_topic(&mut self, id: ChatId, by: UserId, name: &str, color: i64) -> i64 {
        let chat = self.held(id);
        let thread = i64::try_from(chat.messages.len()).unwrap_or(i64::MAX - 1) + 1;
        let topic = Topic { name: name.to_owned(), icon_color: color, closed: false };
        chat.topics.insert(thread, topic);
        let said = json!({"forum_topic_created": {"name": name, "icon_color": color}});
        self.service(id, Some(thread), by, said)
    }

    /// Takes a topic away, with all that was written in it.
    pub(crate) fn delete_topic(&mut self, id: ChatId, thread: i64) {
        let chat = self.held(id);
        chat.topics.remove(&thread);
        for message in chat.messages.iter_mut().filter(|m| m.thread == Some(thread)) {
            message.deleted = true;
        }
    }
}

impl Telegram {
    /// Somebody who has an account.
    pub fn add_user(&self, mut user: User) -> UserId {
        let mut world = self.shared.lock();
        user.id = UserId(PEOPLE + world.next_number());
        let id = user.id;
        world.chats.insert(id.chat(), Chat::new(id.chat(), ChatKind::Private, ""));
        world.users.insert(id, user);
        id
    }

    /// A group of the old kind; who comes first made it. The bot is not in it.
    pub fn add_group(&self, title: &str, members: &[UserId]) -> ChatId {
        self.shared.lock().new_chat(ChatKind::Group, title, members)
    }

    /// A supergroup; who comes first made it. The bot is not in it.
    pub fn add_supergroup(&self, title: &str, members: &[UserId]) -> ChatId {
        self.shared.lock().new_chat(ChatKind::Supergroup, title, members)
    }

    /// A supergroup with topics; who comes first made it. The bot is not in it.
    pub fn add_forum(&self, title: &str, members: &[UserId]) -> ChatId {
        let mut world = self.shared.lock();
        let id = world.new_chat(ChatKind::Supergroup, title, members);
        world.held(id).forum = true;
        id
    }

    /// A channel; who comes first made it. The bot is not in it.
    pub fn add_channel(&self, title: &str, members: &[UserId]) -> ChatId {
        self.shared.lock().new_chat(ChatKind::Channel, title, members)
    }

    /// Gives a supergroup or channel a public name.
    ///
    /// # Panics
    /// If there is no such chat.
    pub fn make_public(&self, chat: ChatId, username: &str) {
        self.shared.lock().held(chat).username = Some(username.to_owned());
    }

    /// Somebody adds the bot to a group.
    ///
    /// # Panics
    /// If there is no such chat, or the bot may not join groups.
    pub fn add_bot(&self, by: UserId, chat: ChatId) {
        self.bot_is(by, chat, Membership::Member);
    }

    /// Somebody makes the bot something in a chat: an administrator, a member again.
    ///
    /// # Panics
    /// If there is no such chat, or the bot may not join groups.
    pub fn bot_is(&self, by: UserId, chat: ChatId, membership: Membership) {
        let mut world = self.shared.lock();
        let may = world.settings.joins_groups || world.held(chat).bot.is_in();
        assert!(may, "the bot may not join groups");
        if let Some(user) = world.users.get_mut(&by) {
            user.met = true;
        }
        world.bot_becomes(chat, by, membership);
        drop(world);
        self.shared.wake();
    }

    /// Somebody throws the bot out.
    ///
    /// # Panics
    /// If there is no such chat.
    pub fn remove_bot(&self, by: UserId, chat: ChatId) {
        self.shared.lock().bot_becomes(chat, by, Membership::Kicked);
        self.shared.wake();
    }

    /// The bot may not write in a group although it is in it, or may again.
    ///
    /// # Panics
    /// If there is no such chat.
    pub fn mute_bot(&self, chat: ChatId, muted: bool) {
        self.shared.lock().held(chat).muted = muted;
    }

    /// Somebody becomes something in a chat: a member, an administrator, gone.
    ///
    /// # Panics
    /// If there is no such chat or person.
    pub fn member_is(&self, by: UserId, chat: ChatId, user: UserId, membership: Membership) {
        let mut world = self.shared.lock();
        let held = world.held(chat);
        let was = held.members.insert(user, membership).unwrap_or(Membership::Left);
        let (bot, shared) = (held.bot, held.kind != ChatKind::Channel);
        let person = world.users.get(&user).expect("the person exists").clone();
        if shared && !was.is_in() && membership.is_in() {
            world.service(chat, None, by, json!({"new_chat_members": [person.json()]}));
        }
        if shared && was.is_in() && !membership.is_in() {
            world.service(chat, None, by, json!({"left_chat_member": person.json()}));
        }
        if bot.administers() {
            world.member_changed("chat_member", chat, by, &person, was, membership);
        }
        drop(world);
        self.shared.wake();
    }

    /// Somebody blocks the bot.
    ///
    /// # Panics
    /// If there is no such person.
    pub fn block(&self, user: UserId) {
        self.set_blocked(user, true);
    }

    /// Somebody lets the bot write again.
    ///
    /// # Panics
    /// If there is no such person.
    pub fn unblock(&self, user: UserId) {
        self.set_blocked(user, false);
    }

    fn set_blocked(&self, user: UserId, blocked: bool) {
        let mut world = self.shared.lock();
        if std::mem::replace(&mut world.held(user.chat()).blocked, blocked) != blocked {
            let me = world.me.clone();
            let (was, now_is) = if blocked {
                (Membership::Member, Membership::Kicked)
            } else {
                (Membership::Kicked, Membership::Member)
            };
            world.member_changed("my_chat_member", user.chat(), user, &me, was, now_is);
        }
        drop(world);
        self.shared.wake();
    }

    /// Somebody deletes their account.
    ///
    /// # Panics
    /// If there is no such person.
    pub fn deactivate(&self, user: UserId) {
        let mut world = self.shared.lock();
        world.users.get_mut(&user).expect("the person exists").deactivated = true;
    }

    /// Somebody's client is set to another language; empty: it does not say.
    ///
    /// # Panics
    /// If there is no such person.
    pub fn speaks(&self, user: UserId, language: &str) {
        let mut world = self.shared.lock();
        let person = world.users.get_mut(&user).expect("the person exists");
        person.language_code = (!language.is_empty()).then(|| language.to_owned());
    }

    /// Turns a group into a supergroup, which has another number and none of the messages.
    ///
    /// # Panics
    /// If there is no such group.
    pub fn migrate(&self, chat: ChatId) -> ChatId {
        let mut world = self.shared.lock();
        let old = world.held(chat);
        assert_eq!(old.kind, ChatKind::Group, "only groups are upgraded");
        let (title, members, bot) = (old.title.clone(), old.members.clone(), old.bot);
        let creator = members.iter().find(|(_, is)| **is == Membership::Creator);
        let by = creator.map_or(UserId(0), |(user, _)| *user);
        let new = world.new_chat(ChatKind::Supergroup, &title, &[]);
        world.held(new).members = members;
        world.held(new).bot = bot;
        world.service(chat, None, by, json!({"migrate_to_chat_id": new.0}));
        world.held(chat).migrated_to = Some(new);
        world.service(new, None, by, json!({"migrate_from_chat_id": chat.0}));
        drop(world);
        self.shared.wake();
        new
    }

    /// Somebody opens a topic in a forum.
    ///
    /// # Panics
    /// If there is no such forum.
    pub fn open_topic(&self, by: UserId, chat: ChatId, name: &str) -> i64 {
        let mut world = self.shared.lock();
        assert!(world.held(chat).forum, "the chat is not a forum");
        let thread = world.open_topic(chat, by, name, TOPIC_COLORS[0]);
        drop(world);
        self.shared.wake();
        thread
    }

    /// Somebody closes a topic, or opens it again.
    ///
    /// # Panics
    /// If there is no such topic.
    pub fn set_topic_closed(&self, by: UserId, chat: ChatId, thread: i64, closed: bool) {
        let mut world = self.shared.lock();
        let topic = world.held(chat).topics.get_mut(&thread).expect("the topic exists");
        topic.closed = closed;
        let field = if closed { "forum_topic_closed" } else { "forum_topic_reopened" };
        world.service(chat, Some(thread), by, json!({field: {}}));
        drop(world);
        self.shared.wake();
    }

    /// A topic goes, with all that was written in it. Nobody is told.
    ///
    /// # Panics
    /// If there is no such chat.
    pub fn delete_topic(&self, chat: ChatId, thread: i64) {
        self.shared.lock().delete_topic(chat, thread);
    }

    /// Switches privacy mode. The real one takes a re-joining of the bot to change; this is at once.
    pub fn set_privacy(&self, on: bool) {
        self.shared.lock().settings.privacy = on;
    }

    /// The token is replaced at BotFather; the old one is worth nothing from now on.
    pub fn revoke_token(&self) -> String {
        let mut world = self.shared.lock();
        let number = world.next_number();
        world.settings.token = format!("{}:AAF-another_token_{number:018}", world.me.id.0);
        world.settings.token.clone()
    }

    /// Changes how much may be sent.
    pub fn set_limits(&self, limits: super::Limits) {
        self.shared.lock().settings.limits = limits;
    }

    /// What time it is for the peer.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().settings.clock.now()
    }

    /// Time passes for the peer.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.shared.lock().settings.clock.advance(by);
        self.shared.wake();
    }

    /// Sets the peer's clock.
    pub fn set_clock(&self, to: Timestamp) {
        self.shared.lock().settings.clock.set(to);
        self.shared.wake();
    }
}
