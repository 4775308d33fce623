//! What can be looked up.

use crate::Lang;

/// A look-up that the core asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// A patron's own words: facts, entries, pages and, where they may help, records.
    Words(Words),
    /// Records alone: `/find`, "more" under a list, `pollen find`.
    Records {
        /// What to search for.
        words: String,
        /// How many to leave out from the best one on.
        skip: usize,
        /// How many to return at most.
        limit: usize,
        /// What they must also be.
        filter: Filter,
        /// The language in which it is asked, where known: its stems are tried too.
        lang: Option<Lang>,
    },
    /// Known things, by id: a choice that was pressed, a case's draft.
    Known(Vec<Asked>),
    /// What a text is about, and nothing else: one part with its topics and its own words, even where
    /// there is no text.
    Topics(Words),
}

/// A patron's own words, and what is known of them.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Words {
    /// The text as it came, bounded and cleaned of control characters.
    pub text: String,
    /// The language that the person chose or the platform names, where known.
    pub lang: Option<Lang>,
    /// Whether the collections alone are meant ("do you have …").
    pub collections_only: bool,
    /// Whether somebody is still typing them: the last word may be the beginning of one.
    pub unfinished: bool,
}

/// Something known by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An entry.
    Entry(String),
    /// A section of a page.
    Page(String),
    /// A record.
    Record(String),
}

/// What records must also be; an empty filter lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Language code of the record.
    pub language: Option<Lang>,
    /// First and last year of publication.
    pub years: Option<(i16, i16)>,
}
