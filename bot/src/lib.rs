//! Decides. Pure: events in, effects out; no IO, no clock, no chance, no async.
//!
//! In reading order: who speaks and where ([`Place`], [`Speaker`]), what can happen ([`Event`]),
//! what can be asked for ([`Effect`]), what is said ([`Reply`]), what is remembered ([`Row`]), and
//! the [`Bot`] that decides.

mod act;
mod bot;
mod case;
mod command;
mod conversation;
mod counts;
mod effect;
mod event;
mod look;
mod moment;
mod person;
mod place;
mod reply;
mod rows;
mod settings;

pub use act::Act;
pub use bot::Bot;
pub use case::{Asker, Case, CaseId, CaseState, Closing, Line, Way, Who};
pub use command::Command;
pub use conversation::{Conversation, Offer, Outcome, Search, Turn};
pub use counts::DayCounts;
pub use effect::{Effect, SendId, Sending, Urgency};
pub use event::{Attachment, DeskAct, Event, Said, Undelivered, Wish};
pub use look::{Looked, LookedOutcome};
pub use moment::Moment;
pub use person::{Address, Person};
pub use place::{Capabilities, MessageId, Network, PersonId, Place, PlaceKind, Speaker};
pub use reply::{AnswerPart, Body, Button, Card, CaseSheet, Item, Reply, SameQuestion};
pub use rows::{Counters, Row, RowKey, Wanted};
pub use settings::{NEARLY, SURE, Settings};
