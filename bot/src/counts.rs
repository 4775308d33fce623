//! What happened, in numbers: all that is left when words are dropped.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The counts of one day, in the main branch's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCounts {
    /// The day.
    pub date: Date,
    /// Questions that patrons asked.
    pub questions: u64,
    /// Of those, answered at once.
    pub answered: u64,
    /// Of those, answered with choices or a list.
    pub offered: u64,
    /// Cases opened.
    pub cases: u64,
    /// Cases answered by staff.
    pub cases_answered: u64,
    /// "Helpful" pressed.
    pub helpful: u64,
    /// "Not helpful" pressed.
    pub not_helpful: u64,
}

impl DayCounts {
    /// A day on which nothing has happened yet.
    pub fn new(date: Date) -> DayCounts {
        DayCounts {
            date,
            questions: 0,
            answered: 0,
            offered: 0,
            cases: 0,
            cases_answered: 0,
            helpful: 0,
            not_helpful: 0,
        }
    }
}
