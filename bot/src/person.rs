//! What is remembered of a person: as little as the work needs.

use crate::place::{Network, PersonId};
use jiff::Timestamp;
use knowledge::Lang;
use serde::{Deserialize, Serialize};

/// A person, under their pseudonym.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The pseudonym.
    pub id: PersonId,
    /// Where they can be written to, at most one a network.
    pub addresses: Vec<Address>,
    /// The language of their last clear sentence or of their platform.
    pub lang: Option<Lang>,
    /// Whether they have been told that this is a program, whose, and what is kept.
    pub noticed: bool,
    /// Dropped after this.
    pub keep_until: Timestamp,
}

/// Where a person can be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The network.
    pub network: Network,
    /// What the network calls them.
    pub user: String,
}
