//! All that the core can ask for.

use crate::case::CaseId;
use crate::person::Address;
use crate::place::{MessageId, PersonId, Place};
use crate::reply::Reply;
use crate::rows::{Row, RowKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of a thing to say; counts up within a library and is never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SendId(pub u64);

impl fmt::Display for SendId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Something to be carried out. The driver commits all effects of an event in one transaction and
/// only then says anything.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Effect {
    /// Say something.
    Send(Sending),
    /// Say it differently: takes the place of a message that waits, or changes the one that was
    /// sent, where the platform can.
    Change {
        /// Which.
        send: SendId,
        /// The new words.
        reply: Reply,
    },
    /// Do not say it, if it has not been said.
    Unsend(SendId),
    /// Keep a row.
    Save(Row),
    /// Drop a row.
    Forget(RowKey),
    /// Erase everything of a person: rows, messages that wait, marks of messages sent, raw
    /// messages that wait; and wipe the bytes from disk.
    ForgetPerson(Erasure),
    /// Drop all rows and marks whose time of keeping is over.
    ForgetBefore(Timestamp),
}

/// Whose traces are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The person: all rows of theirs go.
    pub person: PersonId,
    /// The places of their own whose messages, waiting or marked as said, go too. Shared places
    /// are not among them: of those only what is `only_for` the person goes.
    pub places: Vec<Place>,
    /// What the networks call the person.
    pub users: Vec<Address>,
    /// Their cases: whatever waits to be said of them at a desk goes too.
    pub cases: Vec<CaseId>,
}

/// Something to say, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sending {
    /// Its number.
    pub send: SendId,
    /// Where it goes.
    pub to: Place,
    /// What it says.
    pub reply: Reply,
    /// The message that it answers, where there is one.
    pub about: Option<MessageId>,
    /// The case that it belongs to: a desk keeps a thread for each.
    pub case: Option<CaseId>,
    /// To whom it is meant in a shared place; shown to them alone where the platform can.
    pub only_for: Option<String>,
    /// Which goes first.
    pub urgency: Urgency,
    /// After this it is no use any more.
    pub expires: Timestamp,
    /// How long the platform's id of the message is kept, so that it can be changed; `None`: not
    /// at all.
    pub changeable_until: Option<Timestamp>,
}

/// What goes first when several things wait for one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Somebody waits for it.
    Answer,
    /// Staff are told of something new.
    News,
    /// Staff are told again.
    Reminder,
}
