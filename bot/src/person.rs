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
    /// The language that they chose to be answered in; without it the one that they write in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Lang>,
    /// Their other accounts, oldest first; each of those names this one and all the others too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<Linked>,
    /// The wrong codes that they wrote of late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong_codes: Option<WrongCodes>,
    /// Dropped after this.
    pub keep_until: Timestamp,
}

/// Another account of a person's, who is a person of their own here, with conversations of their
/// own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The pseudonym there.
    pub person: PersonId,
    /// Where they can be written to.
    pub address: Address,
}

/// Codes that nobody was given, or not that lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongCodes {
    /// How many.
    pub count: u8,
    /// When the first of them was written.
    pub since: Timestamp,
}

/// Where a person can be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The network.
    pub network: Network,
    /// What the network calls them.
    pub user: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_from_before_there_were_links_reads_and_writes_as_it_was() {
        let text = r#"{"id":"ben","addresses":[],"lang":"fr","noticed":true,"keep_until":"2026-03-10T10:00:00Z"}"#;
        let person: Person = serde_json::from_str(text).unwrap();
        assert_eq!((person.chosen, person.linked.len(), person.wrong_codes), (None, 0, None));
        assert_eq!(serde_json::to_string(&person).unwrap(), text);
    }
}
