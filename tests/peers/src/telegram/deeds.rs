//! What the bot has done, as a test reads it.

use super::{ChatId, Message, UserId};
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;

/// One thing that the bot did to anybody, in the order of doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// It sent a message.
    Sent(Message),
    /// It changed a message; this is the message as it stands now.
    Edited(Message),
    /// It took a message away.
    Deleted {
        /// Where.
        chat: ChatId,
        /// Which.
        message: i64,
    },
    /// It answered a pressed button.
    Answered(Answered),
    /// It answered an inline query.
    Offered(Offered),
    /// It showed that it is busy.
    Acted {
        /// Where.
        chat: ChatId,
        /// In which topic.
        thread: Option<i64>,
        /// `typing` and the like.
        action: String,
    },
    /// It opened, renamed, closed, reopened or deleted a topic.
    Topic {
        /// Where.
        chat: ChatId,
        /// Which.
        thread: i64,
        /// `created`, `edited`, `closed`, `reopened`, `deleted`.
        what: &'static str,
        /// What it is called now, or was.
        name: String,
    },
    /// It left a chat.
    LeftChat(ChatId),
}

/// How a pressed button was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The query that this answers.
    pub query: String,
    /// Who pressed.
    pub user: UserId,
    /// What is shown; empty: the waiting just ends.
    pub text: String,
    /// Shown as an alert that must be closed.
    pub alert: bool,
    /// The address that is opened.
    pub url: Option<String>,
}

/// How an inline query was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Offered {
    /// The query that this answers.
    pub query: String,
    /// Who asked.
    pub user: UserId,
    /// The results as they were sent.
    pub results: Vec<Value>,
    /// How long others may be given the same, in seconds.
    pub cache_time: i64,
    /// For this person alone.
    pub personal: bool,
    /// Where the next page begins; empty: there is none.
    pub next_offset: String,
    /// The button above the results, as it was sent.
    pub button: Option<Value>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method as the Bot API spells it, or as the bot did if there is none.
    pub method: String,
    /// What came with it.
    pub parameters: Value,
    /// When, by the peer's clock.
    pub at: Timestamp,
    /// The status of the answer; 0: the connection was broken off without one.
    pub status: u16,
}

/// Something that no bot should do, or that the peer does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The method.
    pub method: String,
    /// What was wrong.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.method, self.what)
    }
}
