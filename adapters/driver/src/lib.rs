//! Carries out what the core decides.
//!
//! Three tasks and the store between them:
//!
//! ```text
//! links --heard--> intake: on disk (with the cursor), then acknowledged
//!                    | inbox
//!                  rounds: rows brought, asked, looked up on worker threads, handled; one transaction
//!                    | outbox
//!                  outbox: said, place by place --> links
//! ```
//!
//! What is decided is on disk before it is said; whatever dies when, what arrived is handled once
//! and what was decided is said. The invariants, each kept in the file named:
//!
//! - Nothing is acknowledged that is not in the inbox (`intake`).
//! - An arrival is handled whole or not at all: its mark, its rows and what is said because of it
//!   are one transaction (`rounds`, `pending`).
//! - What one person says is handled in the order in which it arrived (`queue`).
//! - When a round cannot be brought to disk, the core that decided it is dropped and made anew from
//!   its rows; until a round works again nothing is taken in and nothing new is said (`rounds`).
//! - At most one thing is on its way to a place; what becomes of it is on disk before the next
//!   (`outbox`). What is given up is told to the core in the transaction that drops it.
//!
//! In reading order: [`Driver`], [`Core`] and [`Finder`], [`Clock`], [`Key`], then the tasks.

mod clock;
mod core;
mod handed_on;
mod health;
mod inside;
mod intake;
mod key;
mod links;
mod look_up;
mod outbox;
mod panics;
mod pending;
mod queue;
mod quiet;
mod round;
mod rounds;
mod shared;
mod start;
pub mod steps;

#[cfg(all(feature = "control", unix))]
pub mod control;

pub use clock::{Clock, SetClock, Sleep, SystemClock};
pub use core::{Core, Finder, MakeCore};
pub use key::{Key, KeyError};
pub use panics::hush_panics;
pub use shared::Ended;
pub use start::{Driver, DriverParts, Handle, StartError, Waiting};
