//! FAQ entries.

use crate::Lang;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One FAQ entry: a question, in one or more phrasings, and the library's answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What the source calls it; unique among entries.
    pub id: String,
    /// The ways in which patrons ask it, the one to show first; never empty.
    pub questions: Vec<String>,
    /// The answer in the library's own words (Markdown kept as written). An entry without one is
    /// still found: it is answered by its `url`, or handed on to staff.
    pub answer: Option<String>,
    /// The language of questions and answer, where the source says it.
    pub lang: Option<Lang>,
    /// Where the answer stands on the web.
    pub url: Option<String>,
    /// What the answer is taken from ("Borrowing policy, section 4"), in the library's words.
    pub source: Option<String>,
    /// The day on which a librarian last checked the answer.
    pub verified: Option<Date>,
    /// The day from which it wants checking again.
    pub review_by: Option<Date>,
    /// Free words of the library's, for grouping and routing.
    pub tags: Vec<String>,
}
