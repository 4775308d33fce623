//! The state as rows: what the core keeps, and what it must be brought.

use crate::case::{Case, CaseId};
use crate::conversation::Conversation;
use crate::counts::DayCounts;
use crate::link_code::{GivenCode, LinkCode};
use crate::person::Person;
use crate::place::{PersonId, Place};
use crate::topics::Topics;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing that the core remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "rows are passed on one by one and soon dropped")]
pub enum Row {
    /// The counters of the library.
    Counters(Counters),
    /// A person.
    Person(Person),
    /// A conversation of a person in a place.
    Conversation(Conversation),
    /// A case.
    Case(Case),
    /// What happened on a day, in numbers.
    Day(DayCounts),
    /// A code that links accounts.
    Code(GivenCode),
    /// What cases were about, in counts.
    Topics(Topics),
}

/// The numbers that were given out last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// The last [`crate::SendId`].
    pub send: u64,
    /// The last [`CaseId`].
    pub case: u32,
    /// When rows past their time were last dropped.
    #[serde(default)]
    pub swept: Option<Timestamp>,
}

/// What a row is called; the store keeps one row a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RowKey {
    /// The counters.
    Counters,
    /// A person.
    Person(PersonId),
    /// A conversation.
    Conversation(PersonId, Place),
    /// A case.
    Case(CaseId),
    /// A day's counts, by its date.
    Day(String),
    /// A code that links accounts.
    Code(LinkCode),
    /// What cases were about.
    Topics,
}

/// Which rows an event needs in memory before it is handled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// One row.
    Row(RowKey),
    /// Every row of a person.
    OfPerson(PersonId),
    /// Every conversation in a place: a deletion that does not say whose message it was.
    InPlace(Place),
}

impl Row {
    /// What it is called.
    pub fn key(&self) -> RowKey {
        match self {
            Row::Counters(_) => RowKey::Counters,
            Row::Person(person) => RowKey::Person(person.id.clone()),
            Row::Conversation(talk) => {
                RowKey::Conversation(talk.person.clone(), talk.place.clone())
            }
            Row::Case(case) => RowKey::Case(case.id),
            Row::Day(day) => RowKey::Day(day.date.to_string()),
            Row::Code(given) => RowKey::Code(given.code.clone()),
            Row::Topics(_) => RowKey::Topics,
        }
    }

    /// Whose it is; erased with them.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Row::Counters(_) | Row::Day(_) | Row::Topics(_) => None,
            Row::Person(person) => Some(&person.id),
            Row::Conversation(talk) => Some(&talk.person),
            Row::Case(case) => Some(&case.asker.person),
            Row::Code(given) => Some(&given.person),
        }
    }

    /// The place it belongs to, for conversations.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Row::Conversation(talk) => Some(&talk.place),
            Row::Counters(_)
            | Row::Day(_)
            | Row::Person(_)
            | Row::Case(_)
            | Row::Code(_)
            | Row::Topics(_) => None,
        }
    }

    /// Whether the core wants it back at the start: counters, what was counted of topics, and the
    /// cases that still matter.
    pub fn live(&self) -> bool {
        match self {
            Row::Counters(_) | Row::Topics(_) => true,
            Row::Case(case) => !case.is_closed(),
            Row::Person(_) | Row::Conversation(_) | Row::Day(_) | Row::Code(_) => false,
        }
    }

    /// When it is dropped; `None`: not by time.
    pub fn keep_until(&self) -> Option<Timestamp> {
        match self {
            Row::Counters(_) | Row::Day(_) | Row::Topics(_) => None,
            Row::Person(person) => Some(person.keep_until),
            Row::Conversation(talk) => Some(talk.keep_until),
            Row::Case(case) => case.keep_until,
            Row::Code(given) => Some(given.keep_until),
        }
    }
}

impl RowKey {
    /// The kind and the key as two texts, for the store: together unique, and stable for good.
    pub fn texts(&self) -> (&'static str, String) {
        match self {
            RowKey::Counters => ("counters", String::new()),
            RowKey::Person(person) => ("person", person.0.clone()),
            RowKey::Conversation(person, place) => {
                ("conversation", format!("{} {place}", person.0))
            }
            RowKey::Case(case) => ("case", case.0.to_string()),
            RowKey::Day(date) => ("day", date.clone()),
            RowKey::Code(code) => ("code", code.to_string()),
            RowKey::Topics => ("topics", String::new()),
        }
    }
}
