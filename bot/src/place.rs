//! Who speaks, and where.

use knowledge::Lang;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A chat network, by the name that settings and scripts use: `terminal`, `telegram`, `matrix`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Network(pub String);

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A room, channel, thread or direct chat on one network.
///
/// `id` is made and read by the network's adapter alone; the core compares and stores it. One form
/// is agreed: the direct chat with a user has the id `dm-` and the user's id, so that the core can
/// name it before it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The network it is on.
    pub network: Network,
    /// What the adapter calls it.
    pub id: String,
    /// What kind of place it is.
    pub kind: PlaceKind,
}

impl Place {
    /// The direct chat with a user.
    pub fn direct(network: &Network, user: &str) -> Place {
        Place { network: network.clone(), id: format!("dm-{user}"), kind: PlaceKind::Direct }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.id)
    }
}

/// What a place is to those in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// One person and the bot.
    Direct,
    /// Several people; the bot speaks only when spoken to.
    Shared,
    /// Where staff work.
    Desk,
}

/// A person's keyed pseudonym: nobody can compute it without the library's own key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub String);

impl PersonId {
    /// A short form for the desk, `4k7q` say: enough to tell people apart, not to know them.
    pub fn short(&self) -> &str {
        self.0.get(..4).unwrap_or(&self.0)
    }
}

/// What a platform calls a message; made and read by the adapter alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub String);

/// Whoever said or pressed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// Their pseudonym.
    pub person: PersonId,
    /// What the network calls them, so that they can be written to.
    pub user: String,
    /// The language that their platform is set to, where it tells.
    pub locale: Option<Lang>,
}

/// What a platform can do, as plain values that the core reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether a message that was sent can be changed.
    pub edits: bool,
    /// Whether a message can be shown to one person alone in a shared place.
    pub ephemeral: bool,
    /// Whether buttons exist; without them choices are numbered and the words are typed.
    pub buttons: bool,
    /// Whether the bot can open a direct chat with somebody who has not written to it there.
    pub opens_direct: bool,
    /// The most buttons a message takes.
    pub buttons_max: usize,
}
