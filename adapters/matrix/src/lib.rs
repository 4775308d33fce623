//! Matrix as a network.
//!
//! matrix-sdk brings types, calls and end-to-end encryption; how events come in is our own, because the
//! client stores where it stands before anybody has seen what arrived: `hear` hands events in with our
//! cursor, in one transaction, and recovers what lies between the two after a crash.
//!
//! In reading order: [`Settings`]; [`Matrix`], the link; `session`, how the bot is logged in; `hear`, how
//! events come in, `arrive`, what is done with one, and `waiting`, those that cannot be read yet; `event`
//! and `words`, what people wrote and mean; `translate`, raw events to the core's; `render`, replies to
//! contents; `speak`, `pace` and `courtesy`, how they are said; `desk`, a room where staff work; `invite`, rooms that
//! the bot enters; `company`, who is in them; `kept`, what the link remembers; `failure`, what errors mean; [`checkup`], what
//! `pollen doctor` asks.

mod arrive;
pub mod checkup;
mod company;
mod courtesy;
mod desk;
mod event;
mod failure;
mod hear;
mod invite;
mod kept;
mod link;
mod pace;
mod render;
mod session;
mod settings;
mod speak;
mod translate;
mod waiting;
mod words;

#[cfg(test)]
mod golden;

pub use link::Matrix;
pub use pace::Rate;
pub use settings::{Invites, NoName, Secret, Settings, room, user};

/// The network's name in settings, places and scripts.
pub const NETWORK: &str = "matrix";
