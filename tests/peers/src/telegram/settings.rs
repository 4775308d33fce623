//! What a peer is set to before it starts.

use super::{Clock, Limits};
use std::path::PathBuf;
use std::time::Duration;

/// The environment variable that names the published description of the Bot API (a JSON file with
/// `methods` and `types`), where a machine has one.
pub const DESCRIPTION_VARIABLE: &str = "BOT_API_DESCRIPTION";

/// What a bot was made with at BotFather, and how true the server is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bot's token: its number, a colon, and 35 letters.
    pub token: String,
    /// The bot's name.
    pub name: String,
    /// The bot's username, without `@`.
    pub username: String,
    /// Privacy mode: in groups the bot sees only what is meant for it.
    pub privacy: bool,
    /// Whether the bot may be added to groups.
    pub joins_groups: bool,
    /// Whether inline mode is on.
    pub inline: bool,
    /// Whether the bot is told which inline result was chosen.
    pub inline_feedback: bool,
    /// The time that the peer goes by.
    pub clock: Clock,
    /// How much may be sent.
    pub limits: Limits,
    /// How long a pressed button or an inline query can be answered, in seconds. The platform does
    /// not publish it; reports reach from 15 seconds to minutes, and this is the strict end.
    pub query_age_s: i64,
    /// How long the first retry of a failed webhook delivery waits. The real server waits a second.
    pub webhook_retry: Duration,
    /// The published description of the Bot API, against which each request and each answer is
    /// checked too; without it the peer's own rules stand alone.
    pub description: Option<PathBuf>,
}

impl Default for Settings {
    /// A bot as BotFather makes it, with inline mode on, in real time, within the true limits, and
    /// with the description that [`DESCRIPTION_VARIABLE`] names.
    fn default() -> Self {
        Self {
            token: "7000000001:AAE-peer_of_the_tests_0123456789abcd".to_owned(),
            name: "Library".to_owned(),
            username: "library_test_bot".to_owned(),
            privacy: true,
            joins_groups: true,
            inline: true,
            inline_feedback: false,
            clock: Clock::real(),
            limits: Limits::default(),
            query_age_s: 15,
            webhook_retry: Duration::from_secs(1),
            description: std::env::var_os(DESCRIPTION_VARIABLE).map(PathBuf::from),
        }
    }
}
