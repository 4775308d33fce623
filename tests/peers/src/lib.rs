//! The other side of the networks, for tests: servers that behave as the platforms' rules say and
//! refuse loudly what they do not know.
//!
//! [`telegram`] is a Bot API server. A peer runs inside the test's own process on a port of
//! 127.0.0.1 and is played through plain methods: people and chats are made, somebody says
//! something, and what the bot does is read in order. What a bot may not do is answered as the
//! platform answers it, and kept as a complaint that the test asks for at its end.
//!
//! [`discord`] is a REST API and a gateway, played in the same way.
//!
//! [`matrix`] is a real homeserver in a process of its own, since there is one that runs anywhere,
//! with a proxy before it that sees what the bot has taken in and lets things go wrong.

pub mod discord;
pub mod matrix;
pub mod telegram;
