//! What the bot did, as a test reads it, and whether anybody has a complaint.

use super::interactions::Interaction;
use super::{
    Call, Channel, ChannelId, Complaint, Deed, Discord, InteractionId, Message, MessageId, UserId,
};
use serde_json::Value;
use std::io::Read as _;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// How often a condition is looked at again.
const GLANCE: Duration = Duration::from_millis(20);

impl Discord {
    /// The next thing that the bot does, waiting for it at most so long in real time.
    pub fn next(&self, patience: Duration) -> Option<Deed> {
        let until = Instant::now() + patience;
        let mut world = self.shared.lock();
        loop {
            if let Some(deed) = world.deeds.pop_front() {
                return Some(deed);
            }
            let left = until.checked_duration_since(Instant::now())?;
            let waited = self.shared.done.wait_timeout(world, left);
            world = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }

    /// The next message that the bot sends, past all else that it does meanwhile.
    pub fn next_sent(&self, patience: Duration) -> Option<Message> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if let Deed::Sent(message) = self.next(left)? {
                return Some(message);
            }
        }
    }

    /// All that the bot did and nobody has read yet, in order.
    pub fn read(&self) -> Vec<Deed> {
        self.shared.lock().deeds.drain(..).collect()
    }

    /// All that the bot did and nobody has read yet; it stays unread.
    pub fn deeds(&self) -> Vec<Deed> {
        self.shared.lock().deeds.iter().cloned().collect()
    }

    /// Waits until something is so, at most so long in real time; whether it is.
    pub fn wait_until(&self, patience: Duration, so: impl Fn(&Self) -> bool) -> bool {
        let until = Instant::now() + patience;
        loop {
            if so(self) {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            let waited = self.shared.done.wait_timeout(self.shared.lock(), GLANCE);
            drop(waited.unwrap_or_else(std::sync::PoisonError::into_inner));
        }
    }

    /// Waits, after the bot's process has ended, until all that it still asked for is carried out
    /// and its gateway connections have ended: what it wrote last may lie unread when it is gone.
    /// Whether that is so within this time.
    pub fn wait_until_left(&self, patience: Duration) -> bool {
        // Connections are accepted in their order, so those before this one are counted as open.
        let Ok(mut last) = TcpStream::connect(self.address) else { return false };
        let ended = last
            .set_read_timeout(Some(patience))
            .and_then(|()| last.shutdown(Shutdown::Write))
            .and_then(|()| last.read_to_end(&mut Vec::new()));
        ended.is_ok() && self.wait_until(patience, |peer| peer.shared.open_connections() == 0)
    }

    /// What stands in a channel now, in order, from everybody, for whoever sees it.
    pub fn messages(&self, channel: ChannelId) -> Vec<Message> {
        let world = self.shared.lock();
        let all = world.channels.get(&channel).into_iter().flat_map(|channel| &channel.messages);
        all.filter(|message| !message.deleted).cloned().collect()
    }

    /// What of the bot's stands in a channel now, in order.
    pub fn from_bot(&self, channel: ChannelId) -> Vec<Message> {
        let bot = self.bot();
        self.messages(channel).into_iter().filter(|message| message.author == bot).collect()
    }

    /// A message that is still there.
    pub fn message(&self, channel: ChannelId, id: MessageId) -> Option<Message> {
        self.shared.lock().message(channel, id).cloned()
    }

    /// A channel, a thread or a direct chat that is still there.
    pub fn channel(&self, channel: ChannelId) -> Option<Channel> {
        self.shared.lock().channels.get(&channel).cloned()
    }

    /// The threads of a channel.
    pub fn threads(&self, parent: ChannelId) -> Vec<Channel> {
        let world = self.shared.lock();
        world.channels.values().filter(|c| c.parent == Some(parent)).cloned().collect()
    }

    /// Whether somebody sees a channel.
    pub fn sees(&self, user: UserId, channel: ChannelId) -> bool {
        let may = self.shared.lock().permissions(user, channel);
        may.has(super::Permissions::VIEW_CHANNEL)
    }

    /// What has become of something that somebody did with a command or a button.
    ///
    /// # Panics
    /// If there was none.
    pub fn interaction(&self, id: InteractionId) -> Interaction {
        self.shared.lock().interactions[&id].clone()
    }

    /// What somebody did that has had no answer: their client says that the bot does not respond.
    pub fn unanswered(&self) -> Vec<InteractionId> {
        let world = self.shared.lock();
        world.interactions.values().filter(|i| i.reply.is_none()).map(|i| i.id).collect()
    }

    /// The commands that somebody is offered in a guild (none: in a direct chat), as they were
    /// registered.
    pub fn commands(&self, guild: Option<super::GuildId>) -> Vec<Value> {
        let world = self.shared.lock();
        let own = world.commands.get(&guild).filter(|_| guild.is_some());
        own.into_iter().chain(world.commands.get(&None)).flatten().cloned().collect()
    }

    /// The messages that were asked for once more with the nonce of one that stands: no second was
    /// made.
    pub fn repeated(&self) -> Vec<MessageId> {
        self.shared.lock().repeated.clone()
    }

    /// All requests until now.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// All requests of a route until now.
    pub fn calls_of(&self, route: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.route == route).collect()
    }

    /// How many requests were answered with this status.
    pub fn answered_with(&self, status: u16) -> usize {
        self.shared.lock().calls.iter().filter(|call| call.status == status).count()
    }

    /// All complaints until now.
    pub fn complaints(&self) -> Vec<Complaint> {
        self.shared.lock().complaints.clone()
    }

    /// All complaints until now, which are forgotten with this.
    pub fn take_complaints(&self) -> Vec<Complaint> {
        std::mem::take(&mut self.shared.lock().complaints)
    }

    /// Makes sure that nothing was wrong.
    ///
    /// # Panics
    /// If there is a complaint.
    pub fn assert_content(&self) {
        let all: Vec<String> = self.complaints().iter().map(ToString::to_string).collect();
        assert!(all.is_empty(), "Discord complains:\n{}", all.join("\n"));
    }
}
