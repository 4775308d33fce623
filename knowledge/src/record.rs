//! Catalogue records.

use serde::{Deserialize, Serialize};

/// One record of a catalogue, reduced to what a patron asks for and is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What the source calls it: MARC 001, the OAI identifier, the id column; unique among records.
    pub id: String,
    /// Title with its subtitle, as catalogued; never empty.
    pub title: String,
    /// Authors and others responsible, main one first, as catalogued ("Woolf, Virginia").
    #[serde(default)]
    pub creator: Vec<String>,
    /// Subject headings.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Date of publication as catalogued, mostly a year.
    #[serde(default)]
    pub date: Option<String>,
    /// Language code as catalogued.
    #[serde(default)]
    pub language: Option<String>,
    /// ISBN, ISSN, shelf mark, ARK and other identifiers, as catalogued.
    #[serde(default)]
    pub identifiers: Vec<String>,
    /// Abstract or note on the contents.
    #[serde(default)]
    pub summary: Option<String>,
    /// Where it can be seen or read.
    #[serde(default)]
    pub url: Option<String>,
}
