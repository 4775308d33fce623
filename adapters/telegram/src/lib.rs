//! Telegram as a network.
//!
//! teloxide brings types and calls; how updates come in is our own, because an update may be confirmed
//! only once it is on disk: `poll` hands a batch in with the next offset as its cursor, in one
//! transaction, and asks with that offset afterwards; `webhook` answers a delivery once it is kept.
//!
//! In reading order: [`Settings`]; [`Telegram`], the link; `arrive`, what is done with an update, and
//! the two ways it comes, `poll` and `webhook`; `translate`, raw updates to events (`readable`, those
//! that teloxide knows in part); `render`, replies to messages; `speak` and `pace`, how they are said;
//! `desk`, a group with topics where staff work; `kept`, what the link remembers; `inline`, sharing in
//! any chat; `menu`, what Telegram shows of the bot; `api` and `failure`, calls and what their errors
//! mean; [`checkup`], what `pollen doctor` asks.

mod api;
mod arrive;
pub mod checkup;
mod desk;
mod failure;
mod inline;
mod kept;
mod link;
mod menu;
mod pace;
mod poll;
mod readable;
mod render;
mod settings;
mod speak;
mod translate;
mod webhook;

#[cfg(test)]
mod golden;

pub use link::{OpenError, Telegram};
pub use settings::{Account, Settings};

/// The network's name in settings, places and scripts.
pub const NETWORK: &str = "telegram";
