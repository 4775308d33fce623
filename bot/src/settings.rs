//! What the library has settled, as far as the core decides by it.

use crate::place::{Capabilities, Network, Place};
use crate::topics::is_same;
use jiff::SignedDuration;
use knowledge::{Findings, Lang};
use std::collections::BTreeMap;

/// The settings that decisions depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The library's name, by language; the first of `langs` is always there.
    pub name: BTreeMap<Lang, String>,
    /// The languages in which the bot speaks, the library's own first; never empty.
    pub langs: Vec<Lang>,
    /// The language of the desk.
    pub desk_lang: Lang,
    /// Where staff work: each is told of every case.
    pub desks: Vec<Place>,
    /// Topics of cases, with who works at them, by the names that the desk knows: beside the tags of
    /// the library's entries.
    pub topics: BTreeMap<String, Vec<String>>,
    /// What each network can do.
    pub networks: BTreeMap<Network, Capabilities>,
    /// From this confidence on it answers outright.
    pub sure: f32,
    /// From this confidence on it offers what it found as choices.
    pub nearly: f32,
    /// How long a case waits before staff are reminded; doubled each time.
    pub remind_after: SignedDuration,
    /// How long an answered case stays open for a follow-up.
    pub quiet: SignedDuration,
    /// How long a conversation is kept after its last word or its case's end.
    pub keep: SignedDuration,
    /// Where the whole privacy notice stands, if it does.
    pub privacy_url: Option<String>,
}

impl Settings {
    /// The settings of a library that has settled nothing but its name and languages. `langs` must
    /// not be empty; English stands in if it is.
    pub fn new(name: &str, langs: &[Lang]) -> Settings {
        let langs = if langs.is_empty() { vec![Lang::EN] } else { langs.to_vec() };
        Settings {
            name: langs.iter().map(|lang| (*lang, name.to_owned())).collect(),
            desk_lang: langs[0],
            langs,
            desks: Vec::new(),
            topics: BTreeMap::new(),
            networks: BTreeMap::new(),
            sure: SURE,
            nearly: NEARLY,
            remind_after: SignedDuration::from_mins(30),
            quiet: SignedDuration::from_hours(3 * 24),
            keep: SignedDuration::from_hours(14 * 24),
            privacy_url: None,
        }
    }
}

impl Settings {
    /// The topics that a case can be about, by name: the tags of the library's entries, as a look-up
    /// of any words names them, and those that the settings add.
    pub(crate) fn topics(&self, findings: &Findings) -> Vec<String> {
        let near = findings.parts.iter().flat_map(|part| &part.topics);
        let mut topics: Vec<String> = near.map(|near| near.topic.to_string()).collect();
        topics.extend(self.topics.keys().cloned());
        topics.sort_by_cached_key(|topic| topic.to_lowercase());
        // The entries' way of writing it comes first.
        topics.dedup_by(|later, first| is_same(later, first));
        topics
    }

    /// Who works at a topic.
    pub(crate) fn who_works_at(&self, topic: &str) -> &[String] {
        let of = self.topics.iter().find(|(known, _)| is_same(known, topic));
        of.map_or(&[], |(_, staff)| staff)
    }
}

/// Confidence from which an answer is given outright, unless the library settles otherwise: the least, in
/// hundredths, at which 95 of 100 answers are right in each of the sets of docs/answers.md.
pub const SURE: f32 = 0.84;
/// Confidence from which choices are offered, unless the library settles otherwise.
pub const NEARLY: f32 = 0.2;
