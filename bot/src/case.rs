//! Cases: questions that staff answer.

use crate::conversation::Conversation;
use crate::effect::SendId;
use crate::event::Attachment;
use crate::place::{MessageId, PersonId, Place};
use jiff::Timestamp;
use knowledge::Lang;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of a case, as staff and scripts say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(pub u32);

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How many lines of its conversation a case keeps.
pub(crate) const LOG_KEPT: usize = 100;

/// An escalated question with its conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// Who asked, and where the answer goes.
    pub asker: Asker,
    /// The question, in the patron's words; what they add goes to the log.
    pub question: String,
    /// The language to answer in.
    pub lang: Lang,
    /// What it is about, where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<CaseTopic>,
    /// Where it stands.
    pub state: CaseState,
    /// When it was opened.
    pub opened: Timestamp,
    /// What was said, oldest first, at most 100 lines.
    pub log: Vec<Line>,
    /// Files by reference.
    pub attachments: Vec<Attachment>,
    /// How often staff have been reminded since it last began to wait.
    pub reminders: u8,
    /// When staff are reminded next.
    pub remind_at: Option<Timestamp>,
    /// The sheets that told the desks of it, so that those that wait can be changed.
    pub sheets: Vec<SendId>,
    /// Once closed: dropped after this.
    pub keep_until: Option<Timestamp>,
}

/// What a case is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseTopic {
    /// A topic of the library.
    pub name: String,
    /// Whether staff have said so, or answered it as such; else it is guessed. What is settled has
    /// been counted.
    pub settled: bool,
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asker {
    /// The person.
    pub person: PersonId,
    /// What the network calls them.
    pub user: String,
    /// Where they asked.
    pub place: Place,
    /// The message.
    pub message: Option<MessageId>,
    /// The conversation's turn.
    pub turn: u32,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Waits for anybody.
    Open,
    /// Somebody has taken it.
    Claimed {
        /// Who.
        by: String,
    },
    /// Answered; closes when nothing more comes.
    Answered {
        /// By whom.
        by: String,
        /// The answer on its way or delivered.
        reply: SendId,
        /// Where that answer was sent last: the ways are tried one after the other.
        way: Way,
        /// When it closes.
        closes: Timestamp,
    },
    /// Over.
    Closed {
        /// How it ended.
        how: Closing,
    },
}

/// The ways in which a late answer reaches its asker, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// In the place where it was asked.
    Place,
    /// In a direct chat on the same network.
    Direct,
    /// In the place where it was asked again, in whatever way reaches them alone there.
    Aside,
    /// In the direct chat of one of the asker's linked accounts.
    Linked,
    /// None worked; staff have been told.
    Nowhere,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// Answered, and nothing more came.
    Quiet,
    /// By staff.
    Staff,
    /// The patron took it back.
    Withdrawn,
}

/// A line of a case's conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// What; empty once its author has deleted it.
    pub text: String,
    /// The platform's message, where the patron's.
    pub message: Option<MessageId>,
}

/// Who speaks in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The patron.
    Patron,
    /// Staff, to the patron.
    Staff(String),
    /// Staff, to themselves.
    Note(String),
}

impl Case {
    /// Whether it is over.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, CaseState::Closed { .. })
    }

    /// Whether staff have something to do: open or claimed.
    pub fn waits(&self) -> bool {
        matches!(self.state, CaseState::Open | CaseState::Claimed { .. })
    }

    /// Whether this is its answer.
    pub(crate) fn is_answered_by(&self, send: SendId) -> bool {
        matches!(&self.state, CaseState::Answered { reply, .. } if *reply == send)
    }

    /// Whether it was asked in this conversation.
    pub fn is_of(&self, talk: &Conversation) -> bool {
        self.asker.person == talk.person && self.asker.place == talk.place
    }
}
