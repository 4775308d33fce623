//! What a peer is set to before it starts.

use super::{Clock, Limits};
use std::path::PathBuf;
use std::time::Duration;

/// The environment variable that names the published description of Discord's REST API (OpenAPI
/// 3.1), where a machine has one.
pub const DESCRIPTION_VARIABLE: &str = "DISCORD_OPENAPI";

/// What the bot is at Discord's developer portal, and how true the server is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bot's token.
    pub token: String,
    /// The bot's username.
    pub username: String,
    /// The bot may ask for the content of messages.
    pub message_content: bool,
    /// The bot may ask for members.
    pub guild_members: bool,
    /// The bot may ask for presences.
    pub presences: bool,
    /// The time that the peer goes by. Heartbeats go by the real time.
    pub clock: Clock,
    /// How much may be asked.
    pub limits: Limits,
    /// How often the gateway wants to hear of a client, in real time. Discord says 41.25 seconds.
    pub heartbeat: Duration,
    /// How long a lost connection can be resumed, in milliseconds. Discord says "a few minutes";
    /// bots report about a minute.
    pub resume_window_ms: i64,
    /// How long a nonce is known, in milliseconds. Discord says "a few minutes".
    pub nonce_window_ms: i64,
    /// How many identifies a day has.
    pub identifies_a_day: u32,
    /// How many identifies five seconds have.
    pub max_concurrency: u32,
    /// How many shards the gateway recommends.
    pub shards: u32,
    /// The published description, against which each body that the bot sends is checked too.
    pub description: Option<PathBuf>,
}

impl Default for Settings {
    /// A bot without privileged intents, in real time, within the true limits, with the
    /// description that [`DESCRIPTION_VARIABLE`] names.
    fn default() -> Self {
        Self {
            token: "MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gpeers.of_the_tests_0123456789abcdefghijkl"
                .to_owned(),
            username: "Library".to_owned(),
            message_content: false,
            guild_members: false,
            presences: false,
            clock: Clock::real(),
            limits: Limits::default(),
            heartbeat: Duration::from_millis(41_250),
            resume_window_ms: 60_000,
            nonce_window_ms: 180_000,
            identifies_a_day: 1_000,
            max_concurrency: 1,
            shards: 1,
            description: std::env::var_os(DESCRIPTION_VARIABLE).map(PathBuf::from),
        }
    }
}
