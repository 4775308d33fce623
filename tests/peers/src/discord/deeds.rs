//! What the bot has done, as a test reads it.

use super::{ChannelId, InteractionId, Message, MessageId, Reply, UserId};
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;

/// One thing that the bot did to anybody, in the order of doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// It sent a message, by itself or as a follow-up to an interaction.
    Sent(Message),
    /// It changed a message, or put words into a deferred answer; as it stands now.
    Edited(Message),
    /// It took a message away.
    Deleted {
        /// Where.
        channel: ChannelId,
        /// Which.
        message: MessageId,
    },
    /// It gave an interaction its first answer.
    Responded {
        /// Which.
        interaction: InteractionId,
        /// Whose.
        user: UserId,
        /// How.
        reply: Reply,
    },
    /// It showed that it is typing.
    Typing(ChannelId),
    /// It made a thread.
    ThreadMade {
        /// In which channel.
        parent: ChannelId,
        /// The thread.
        thread: ChannelId,
        /// What it is called.
        name: String,
        /// Only its members see it.
        private: bool,
    },
    /// It archived, opened, locked or renamed a thread.
    ThreadChanged {
        /// Which.
        thread: ChannelId,
        /// Whether it is archived now.
        archived: bool,
        /// Whether it is locked now.
        locked: bool,
        /// What it is called now.
        name: String,
    },
    /// It brought somebody into a thread, or took them out of it.
    ThreadMember {
        /// Which.
        thread: ChannelId,
        /// Whom.
        user: UserId,
        /// Whether they are in it now.
        inside: bool,
    },
    /// It deleted a channel or a thread.
    ChannelDeleted(ChannelId),
    /// It replaced or changed its commands; their names now.
    Commands(Vec<String>),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The route's name, such as `create_message`, or method and path if there is none.
    pub route: String,
    /// What came with it.
    pub body: Value,
    /// When, by the peer's clock.
    pub at: Timestamp,
    /// The status of the answer; 0: the connection was broken off without one.
    pub status: u16,
}

/// Something that no bot should do, or that the peer does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The route, or `gateway`.
    pub route: String,
    /// What was wrong.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.route, self.what)
    }
}
