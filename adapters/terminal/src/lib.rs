//! The terminal as a network: a Unix socket in the library's folder, its clients beside it.
//!
//! In reading order: [`protocol`], the lines that go over the socket; [`Terminal`], the link that
//! the driver runs; [`client`], the conversation in a person's terminal.
//!
//! # The protocol
//! Newline-delimited JSON, one object with one key a line, UTF-8, at most
//! [`protocol::LINE_MAX`] bytes. The client begins:
//! ```text
//! > {"hello":{"session":"k7q2m4x9","name":"ben","place":"dm-ben","role":"patron","lang":"en"}}
//! < {"welcome":{"name":"ben","place":"dm-ben"}}
//! > {"say":{"id":1,"text":"do you lend sewing machines?"}}
//! < {"kept":1}
//! < {"show":{"n":1,"message":"b12","reply":{…},"about":"k7q2m4x9.1","changed":false,"only_for":null}}
//! > {"shown":1}
//! > {"edit":{"id":2,"message":1,"text":"do you lend drills?"}}
//! > {"press":{"id":3,"code":"p.1"}}
//! > {"delete":{"id":4,"message":1}}
//! < {"other":{"name":"ann","text":"so do I"}}
//! < {"refused":{"id":5,"why":"too_long"}}
//! ```
//! - `session` is drawn by the client, 8 to 32 letters and digits, and stays the same when it
//!   connects again. `id` counts the client's lines upwards; a line with the same session and id is
//!   handled once, so whatever was not `kept` is simply written again after a broken connection.
//! - `place` is `dm-NAME` for a patron (the default), `room-ANYTHING` for a place shared by
//!   several, `desk` for staff. In a room the bot is spoken to by `@pollen` or `pollen,` in front,
//!   by a command, by a button, or with `replies_to`.
//! - `kept` comes only after the line is on disk. `shown` is answered with a show's `n` only after
//!   it was printed and flushed; `message` is the message's name for good: a show with a name
//!   that was printed before and without `changed` is a repeat after a crash, to be acknowledged
//!   and not printed.
//! - `refused` tells of a line that was not taken; without `id` and with `closing` the connection
//!   ends.

pub mod client;
mod lines;
mod link;
mod neutral;
mod present;
pub mod protocol;
mod session;
mod socket;
mod translate;

pub use link::Terminal;
pub use neutral::{block, line};
pub use socket::OpenError;

/// The network's name in settings, places and scripts.
pub const NETWORK: &str = "terminal";
