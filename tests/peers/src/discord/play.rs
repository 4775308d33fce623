//! What people say, edit and take away.

use super::message::{Allowed, kind};
use super::world::World;
use super::{ChannelId, ChannelKind, Discord, Message, MessageId, Permissions, UserId};
use serde_json::json;

/// Something that somebody says, and how.
#[derive(Clone, Debug, Default)]
pub struct Saying {
    text: String,
    reply_to: Option<MessageId>,
    silent_reply: bool,
    attachments: Vec<(String, String)>,
}

impl Saying {
    /// Words. `<@NUMBER>` names somebody.
    pub fn text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// As a reply to a message, whose author is pinged.
    #[must_use]
    pub fn reply_to(mut self, message: MessageId) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// A reply that pings nobody.
    #[must_use]
    pub fn without_ping(mut self) -> Self {
        self.silent_reply = true;
        self
    }

    /// With a file, of which there is only the name and the kind, such as `image/png`.
    #[must_use]
    pub fn attachment(mut self, name: &str, mime: &str) -> Self {
        self.attachments.push((name.to_owned(), mime.to_owned()));
        self
    }
}

impl World {
    fn said(&mut self, user: UserId, id: ChannelId, saying: Saying) -> MessageId {
        let may = self.permissions(user, id);
        let channel = self.channel(id);
        let need = if channel.kind.is_thread() {
            Permissions::SEND_MESSAGES_IN_THREADS
        } else {
            Permissions::SEND_MESSAGES
        };
        assert!(may.has(Permissions::VIEW_CHANNEL), "they do not see the channel");
        assert!(may.has(need), "they may not write there");
        let manages = may.has(Permissions::MANAGE_THREADS);
        assert!(!channel.locked || manages, "the thread is locked");
        let blocks = channel.recipient.is_some() && self.users[&user].blocks_bot;
        assert!(!blocks, "who blocks the bot does not write to it");
        let mut message = self.blank(id, user);
        message.content = saying.text;
        if let Some(to) = saying.reply_to {
            assert!(self.message(id, to).is_some(), "there is no message {to} to reply to");
            (message.reply_to, message.kind) = (Some(to), kind::REPLY);
        }
        for (name, mime) in saying.attachments {
            let file = self.snowflake().to_string();
            let url = format!("http://{}/attachments/{id}/{file}/{name}", self.host);
            message
                .attachments
                .push(json!({"id": file, "filename": name, "size": 1_000, "url": url,
                "proxy_url": url, "content_type": mime}));
        }
        let allowed = Allowed { replied: !saying.silent_reply, ..Allowed::all() };
        message.pings = self.pings_of(&message, &allowed);
        self.post(message).id
    }
}

impl Discord {
    /// Somebody says something in a channel, a thread or their direct chat.
    ///
    /// # Panics
    /// If this person cannot speak there.
    pub fn say(&self, user: UserId, channel: ChannelId, text: &str) -> MessageId {
        self.post(user, channel, Saying::text(text))
    }

    /// Somebody says something in a particular way.
    ///
    /// # Panics
    /// If this person cannot speak there.
    pub fn post(&self, user: UserId, channel: ChannelId, saying: Saying) -> MessageId {
        let id = self.shared.lock().said(user, channel, saying);
        self.shared.wake();
        id
    }

    /// Somebody changes what they said. Nobody is pinged by it who was not.
    ///
    /// # Panics
    /// If it is not theirs, or not there any more.
    pub fn edit(&self, user: UserId, channel: ChannelId, message: MessageId, text: &str) {
        let mut world = self.shared.lock();
        let now = world.settings.clock.now();
        let edited = world.message_mut(channel, message).expect("the message is still there");
        assert_eq!(edited.author, user, "nobody edits what others said");
        text.clone_into(&mut edited.content);
        edited.edited = Some(now);
        let mut edited: Message = edited.clone();
        edited.pings = world.pings_of(&edited, &Allowed::all());
        if let Some(held) = world.message_mut(channel, message) {
            *held = edited.clone();
        }
        world.tell_message("MESSAGE_UPDATE", &edited);
        drop(world);
        self.shared.wake();
    }

    /// A message is taken away, by its author or by a moderator.
    ///
    /// # Panics
    /// If it is not there any more.
    pub fn delete(&self, channel: ChannelId, message: MessageId) {
        let mut world = self.shared.lock();
        let held = world.message_mut(channel, message).expect("the message is still there");
        held.deleted = true;
        let gone = held.clone();
        world.tell_deleted(&gone);
        drop(world);
        self.shared.wake();
    }

    /// Somebody makes a thread in a channel.
    ///
    /// # Panics
    /// If this person does not see the channel.
    pub fn open_thread(
        &self,
        user: UserId,
        parent: ChannelId,
        name: &str,
        private: bool,
    ) -> ChannelId {
        let mut world = self.shared.lock();
        let sees = world.permissions(user, parent).has(Permissions::VIEW_CHANNEL);
        assert!(sees, "they do not see the channel");
        let kind = if private { ChannelKind::PrivateThread } else { ChannelKind::PublicThread };
        let mut thread = world.new_channel(kind, name);
        thread.guild = world.channel(parent).guild;
        (thread.parent, thread.owner) = (Some(parent), Some(user));
        thread.thread_members.insert(user);
        let id = thread.id;
        world.channels.insert(id, thread);
        world.tell_channel("THREAD_CREATE", id);
        drop(world);
        self.shared.wake();
        id
    }

    /// Somebody archives a thread or opens it, and locks it or not.
    ///
    /// # Panics
    /// If there is no such thread.
    pub fn set_thread(&self, thread: ChannelId, archived: bool, locked: bool) {
        let mut world = self.shared.lock();
        let held = world.channels.get_mut(&thread).expect("the thread exists");
        assert!(held.kind.is_thread(), "this is no thread");
        (held.archived, held.locked) = (archived, locked);
        world.tell_channel("THREAD_UPDATE", thread);
        drop(world);
        self.shared.wake();
    }

    /// Somebody deletes a channel with its threads, or a thread.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn delete_channel(&self, channel: ChannelId) {
        self.shared.lock().remove_channel(channel);
        self.shared.wake();
    }
}
