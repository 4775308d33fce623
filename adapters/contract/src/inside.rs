//! What a link may ask of the library that it belongs to.

use bot::{Case, Looked, Network, Reply};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The library from inside: what can be asked of it without anything changing. The driver is one.
#[async_trait::async_trait]
pub trait Inside: Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// How the library is.
    fn health(&self) -> Health;

    /// What a patron who asked `text` now would be told. `None` if a bug got in the way.
    async fn look(&self, text: String) -> Option<Looked>;

    /// A case as the desk is shown it. `others` are those that may ask the same.
    fn sheet(&self, case: &Case, others: &[Case]) -> Reply;

    /// The topics that a case can be about, by name.
    fn topics(&self) -> Vec<String>;

    /// What the patron of a case would read if staff answered it with `text`.
    fn preview(&self, case: &Case, staff: &str, text: &str) -> Reply;
}

/// How a library that runs is, in numbers and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether what arrives is taken in and handled.
    pub ready: bool,
    /// Why intake or handling pauses, if it does; it tries again by itself.
    pub paused: Option<String>,
    /// Arrivals that are not handled yet, without those set aside.
    pub inbox: u64,
    /// Arrivals that could not be handled because of a bug. They are kept, and tried again when the
    /// program starts anew.
    pub set_aside: u64,
    /// Things that a link is saying at this moment.
    pub sending: u64,
    /// When the next thing that waits is to be said, or was, if that is past.
    pub next_send: Option<Timestamp>,
    /// How each network is.
    pub links: BTreeMap<Network, LinkState>,
    /// The last error, in words.
    pub last_error: Option<String>,
    /// What happened since the start.
    pub counts: Counts,
}

/// How a link is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It listens.
    Listening,
    /// It is started again at this time.
    Restarting {
        /// When.
        at: Timestamp,
        /// Why it stopped.
        why: String,
    },
    /// The network will not have it; it stays down until the program starts anew.
    Down {
        /// In the network's words.
        why: String,
    },
    /// It has stopped, as everything does.
    Stopped,
}

/// What happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Arrivals handed in, repeats included.
    pub arrived: u64,
    /// Arrivals taken into the inbox, repeats not.
    pub accepted: u64,
    /// Arrivals handled.
    pub handled: u64,
    /// Events handled, the driver's own included.
    pub events: u64,
    /// Transactions of handled events.
    pub rounds: u64,
    /// How long those transactions took altogether.
    pub commit_us: u64,
    /// Transactions that failed.
    pub commits_failed: u64,
    /// Look-ups that panicked and found nothing.
    pub finds_failed: u64,
    /// Things said or changed.
    pub sent: u64,
    /// Tries that are to be made again.
    pub retried: u64,
    /// Things given up.
    pub dropped: u64,
    /// Times that a link was started again.
    pub links_restarted: u64,
}
