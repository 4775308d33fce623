//! What the bot did, as a test reads it, and whether anybody has a complaint.

use super::methods::Asks;
use super::{Call, ChatId, Complaint, Deed, Membership, Message, Telegram, Topic, UserId};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// How often a condition is looked at again.
const GLANCE: Duration = Duration::from_millis(20);

impl Telegram {
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

    /// Waits, after the bot's process has ended, until all that it still asked for is carried out:
    /// what it wrote last may lie unread in a connection when it is gone. Whether that is so within
    /// this time.
    pub fn wait_until_left(&self, patience: Duration) -> bool {
        // Connections are accepted in their order, so those before this one are counted as open.
        let Ok(mut last) = TcpStream::connect(self.address) else { return false };
        let ended = last
            .set_read_timeout(Some(patience))
            .and_then(|()| last.shutdown(Shutdown::Write))
            .and_then(|()| last.read_to_end(&mut Vec::new()));
        ended.is_ok() && self.wait_until(patience, |peer| peer.shared.open_connections() == 0)
    }

    /// What stands in a chat now, in order, from everybody.
    pub fn messages(&self, chat: ChatId) -> Vec<Message> {
        let world = self.shared.lock();
        let all = world.chats.get(&chat).into_iter().flat_map(|chat| &chat.messages);
        all.filter(|message| !message.deleted).cloned().collect()
    }

    /// What of the bot's stands in a chat now, in order.
    pub fn from_bot(&self, chat: ChatId) -> Vec<Message> {
        let bot = self.bot();
        self.messages(chat).into_iter().filter(|message| message.from == Some(bot)).collect()
    }

    /// A message that is still there.
    pub fn message(&self, chat: ChatId, id: i64) -> Option<Message> {
        self.shared.lock().chats.get(&chat)?.message(id).cloned()
    }

    /// The topics of a forum.
    pub fn topics(&self, chat: ChatId) -> BTreeMap<i64, Topic> {
        let world = self.shared.lock();
        world.chats.get(&chat).map(|chat| chat.topics.clone()).unwrap_or_default()
    }

    /// What somebody is in a chat.
    pub fn member_of(&self, chat: ChatId, user: UserId) -> Membership {
        let world = self.shared.lock();
        world.chats.get(&chat).map_or(Membership::Left, |chat| chat.member(user))
    }

    /// The buttons that were pressed and have had no answer.
    pub fn unanswered(&self) -> Vec<String> {
        let world = self.shared.lock();
        let open = world.queries.iter().filter(|(_, q)| !q.answered && q.asks == Asks::Press);
        open.map(|(id, _)| id.clone()).collect()
    }

    /// The commands that somebody's client shows in a chat, with what it says of them.
    pub fn menu(&self, user: UserId, chat: ChatId) -> Vec<(String, String)> {
        self.shared.lock().menu(user, chat)
    }

    /// All requests until now.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// All requests of a method until now.
    pub fn calls_of(&self, method: &str) -> Vec<Call> {
        let world = self.shared.lock();
        world.calls.iter().filter(|call| call.method == method).cloned().collect()
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
        assert!(all.is_empty(), "Telegram complains:\n{}", all.join("\n"));
    }

    /// Breaks every connection from now on: requests are not carried out, polls end, and nothing is
    /// delivered, until [`Self::restore`].
    pub fn cut(&self) {
        self.shared.lock().down = true;
        self.shared.wake();
    }

    /// The network is back.
    pub fn restore(&self) {
        self.shared.lock().down = false;
        self.shared.wake();
    }
}
