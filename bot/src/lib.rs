//! Decides. Pure: events in, effects out; no IO, no clock, no chance, no async.
//!
//! In reading order: who speaks and where ([`Place`], [`Speaker`]), what can happen ([`Event`]),
//! what can be asked for ([`Effect`]), what is said ([`Reply`]), what is remembered ([`Row`]), and
//! the [`Bot`] that decides.

mod moment;
mod place;

mod act;
mod command;
mod deep_link;
mod event;
mod nearest;
mod personal;

mod effect;
mod reply;

mod case;
mod conversation;
mod counts;
mod link_code;
mod person;
mod rows;
mod topics;

mod sentences;
mod settings;
mod sheet;

mod bot;
mod look;
mod share;

mod decide;
mod understand;
mod verdict;

mod compose;
mod facts;
mod talk;
mod voice;

mod desk_words;
mod memory;

pub use act::Act;
pub use bot::Bot;
pub use case::{Asker, Case, CaseId, CaseState, CaseTopic, Closing, Line, Way, Who};
pub use command::Command;
pub use conversation::{Conversation, Offer, Outcome, Search, Turn};
pub use counts::DayCounts;
pub use deep_link::DeepLink;
pub use desk_words::{Answered, Written};
pub use effect::{Effect, Erasure, SendId, Sending, Urgency};
pub use event::{Attachment, DeskAct, Event, Said, Undelivered, Wish};
pub use link_code::{GivenCode, LinkCode};
pub use look::{Looked, LookedOutcome};
pub use moment::Moment;
pub use nearest::Location;
pub use person::{Address, Linked, Person, WrongCodes};
pub use personal::Personal;
pub use place::{Capabilities, MessageId, Network, PersonId, Place, PlaceKind, Speaker};
pub use reply::{AnswerPart, Body, Button, Card, CaseSheet, Item, Reply, SameQuestion};
pub use rows::{Counters, Row, RowKey, Wanted};
pub use sentences::{Arg, Args, Sentences};
pub use settings::{NEARLY, SURE, Settings};
pub use share::{Shareable, Shown};
pub use topics::Topics;
