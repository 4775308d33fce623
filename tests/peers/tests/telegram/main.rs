//! The Bot API server, asked over plain HTTP as a bot asks it.
//!
//! Where `BOT_API_DESCRIPTION` names the published description, every request and every answer of
//! these tests is checked against it as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

mod bot;

mod faults;
mod files;
mod groups;
mod limits;
mod messages;
mod polling;
mod profile;
mod queries;
mod webhook;
