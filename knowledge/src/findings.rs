//! What comes back from a look-up.

use crate::{Entry, Feast, Lang, Record, Section};
use jiff::ToSpan as _;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// All that a query found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The language of the words, as far as they show it.
    pub lang: Option<Lang>,
    /// One a question found in the text, in the text's order; one with no passages where nothing
    /// was found. Empty for no query.
    pub parts: Vec<Part>,
}

impl Findings {
    /// How many records there are in all, where one question asked for what there is.
    pub fn total(&self) -> usize {
        if let [part] = self.parts.as_slice() { part.total } else { 0 }
    }

    /// Whether none of these has all of the words that were asked for.
    pub fn relaxed(&self) -> bool {
        matches!(self.parts.as_slice(), [part] if part.relaxed)
    }
}

/// One question of a text, and what was found for it.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The question in the patron's words.
    pub question: String,
    /// Best first; equal ones by id.
    pub passages: Vec<Passage>,
    /// How many records there are in all, of which `passages` holds a stretch, where the collections
    /// are asked what they have; else 0.
    pub total: usize,
    /// Whether none of these has all of the words.
    pub relaxed: bool,
    /// All topics of the library, the nearest to the question first.
    pub topics: Vec<TopicShare>,
    /// The stems of those of its words that say something and stand in the library's own entries.
    pub own_words: Vec<String>,
}

/// A topic of the library, which is a tag of its entries, and how near a question is to it.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicShare {
    /// The tag, as it is written first.
    pub topic: Arc<str>,
    /// The share of chance, 0 to 1, of the entries that carry it, among all entries: a question that
    /// no entry answers still lies near some.
    pub share: f32,
}

/// Something found, and how sure it is that it answers.
#[derive(Clone, Debug)]
pub struct Passage {
    /// What was found.
    pub found: Found,
    /// How sure it is that this is what was asked for, 0 to 1.
    pub confidence: f32,
    /// The raw score within its own index, for `find --json` and explanation.
    pub score: f32,
}

/// The things that can be found.
#[derive(Clone, Debug)]
pub enum Found {
    /// An entry of the FAQ.
    Entry(Arc<Entry>),
    /// A section of one of the library's web pages.
    Page(Arc<Section>),
    /// A record of the collections.
    Record(Arc<Record>),
    /// A question about a fact; the core answers it from the branches at the moment of asking.
    Fact(FactAsked),
}

/// A fact that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactAsked {
    /// Which fact.
    pub topic: Topic,
    /// The branches that the text names, by id, in the library's order; empty where it names none.
    pub branches: Vec<String>,
    /// The days that it is about, for hours.
    pub when: When,
    /// The time of day that it is about ("at 7 pm"), for hours.
    pub at: Option<Time>,
    /// The part of the day that it is about ("tonight", "tomorrow morning"), where only that is
    /// asked; hours that end before it are then no yes.
    pub part: Option<PartOfDay>,
}

/// A part of a day, as people divide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOfDay {
    /// Before noon.
    Morning,
    /// From noon until six.
    Afternoon,
    /// From six on.
    Evening,
}

/// The facts that a branch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// When it is open.
    Hours,
    /// On which days to come it is closed, or keeps other hours than usual.
    Closures,
    /// Where it is.
    Address,
    /// Its telephone number.
    Phone,
    /// Its e-mail address.
    Email,
    /// Which branches there are.
    Branches,
}

/// The time that a question about hours means, in the branch's own time and yet to be resolved
/// against the moment of asking.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum When {
    /// No time named: the week.
    #[default]
    Unsaid,
    /// "now", "still open": this moment.
    Now,
    /// Today, also as "tonight" or "this morning".
    Today,
    /// Tomorrow.
    Tomorrow,
    /// The day after tomorrow.
    DayAfterTomorrow,
    /// The next such day, today included.
    Day(Weekday),
    /// The Saturday and Sunday to come, or those of today.
    Weekend,
    /// Monday to Sunday of the week after this one.
    NextWeek,
    /// A day of a month that is not named ("the 24th"): the next such one, today included.
    DayOfMonth(i8),
    /// A date without its year: the next such one, today included.
    DayOfYear {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// A feast that moves: the next one, today included.
    Feast(Feast),
    /// A whole date.
    Date(Date),
    /// So many days after another, before it where negative ("the day after Christmas").
    Beside(Box<When>, i8),
}

impl When {
    /// The days that are meant, if it is asked on the day `today` where the clocks go by `zone`:
    /// first to last. Without a time named it is the seven days from today on; a day that no
    /// calendar has (31 April) gives today alone. `None` for a feast that is not known there.
    pub fn days(&self, today: Date, zone: &TimeZone) -> Option<RangeInclusive<Date>> {
        let later = |days: i64| today.saturating_add(days.days());
        let from_monday = i64::from(today.weekday().to_monday_zero_offset());
        Some(match self {
            When::Unsaid => today..=later(6),
            When::Now | When::Today => today..=today,
            When::Tomorrow => later(1)..=later(1),
            When::DayAfterTomorrow => later(2)..=later(2),
            When::Day(weekday) => {
                let day = later(i64::from(today.weekday().until(*weekday)));
                day..=day
            }
            When::Weekend if from_monday == 6 => today..=today,
            When::Weekend => later(5 - from_monday)..=later(6 - from_monday),
            When::NextWeek => later(7 - from_monday)..=later(13 - from_monday),
            When::DayOfMonth(number) => next_that(today, |date| date.day() == *number),
            When::DayOfYear { month, day } => {
                next_that(today, |date| date.month() == *month && date.day() == *day)
            }
            When::Feast(feast) => {
                let day = feast.next(today, zone)?;
                day..=day
            }
            When::Date(date) => *date..=*date,
            When::Beside(other, days) => {
                // One day earlier, so that the day after a feast of yesterday is today.
                let asked = today.saturating_sub(i64::from(*days).days());
                let other = *other.days(asked, zone)?.start();
                let day = other.saturating_add(i64::from(*days).days());
                day..=day
            }
        })
    }
}

/// The next day, today included, of which this is true.
fn next_that(today: Date, is_it: impl Fn(Date) -> bool) -> RangeInclusive<Date> {
    /// A 29 February is at most eight years away.
    const YEARS: usize = 8;
    let found = today.series(1.day()).take(YEARS * 366).find(|date| is_it(*date)).unwrap_or(today);
    found..=found
}

#[cfg(test)]
mod tests {
    use super::When;
    use jiff::civil::{Date, Weekday, date};
    use jiff::tz::TimeZone;

    #[test]
    fn a_time_named_becomes_days() {
        let tuesday = date(2026, 11, 24);
        let same = |day: Date| day..=day;
        let days = |when: When, today| when.days(today, &TimeZone::UTC).unwrap();
        assert_eq!(days(When::Unsaid, tuesday), tuesday..=date(2026, 11, 30));
        assert_eq!(days(When::Day(Weekday::Tuesday), tuesday), same(tuesday));
        assert_eq!(days(When::Day(Weekday::Monday), tuesday), same(date(2026, 11, 30)));
        assert_eq!(days(When::Weekend, tuesday), date(2026, 11, 28)..=date(2026, 11, 29));
        assert_eq!(days(When::Weekend, date(2026, 11, 29)), same(date(2026, 11, 29)));
        assert_eq!(days(When::NextWeek, tuesday), date(2026, 11, 30)..=date(2026, 12, 6));
        assert_eq!(days(When::DayOfMonth(23), tuesday), same(date(2026, 12, 23)));
        assert_eq!(days(When::DayOfYear { month: 7, day: 14 }, tuesday), same(date(2027, 7, 14)));
        assert_eq!(days(When::DayOfYear { month: 2, day: 29 }, tuesday), same(date(2028, 2, 29)));
        assert_eq!(days(When::DayOfYear { month: 4, day: 31 }, tuesday), same(tuesday));
    }
}
