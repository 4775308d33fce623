//! The stand-in for Discord, asked over plain HTTP and a plain WebSocket as a bot asks it.
//!
//! Where `DISCORD_OPENAPI` names the published description, every body of these tests is checked
//! against it as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

mod bot;

mod commands;
mod description;
mod faults;
mod gateway;
mod interactions;
mod limits;
mod messages;
mod threads;
