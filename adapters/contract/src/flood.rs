//! One person alone does not keep the library from reading others.

use jiff::{SignedDuration, Timestamp};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Messages, changes and presses of one person in a minute: more than anybody means, and answered
/// at one a second they would take as long.
const A_MINUTE_MAX: u32 = 30;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// People who are counted at once; those whose minute is over are forgotten first.
const PEOPLE_MAX: usize = 10_000;

/// Counts what people write, so that a link hands in no more of each than a person means.
#[derive(Default)]
pub struct Flood {
    people: Mutex<HashMap<String, Minute>>,
}

struct Minute {
    since: Timestamp,
    count: u32,
    /// The last update that was counted: one that comes again is not counted again.
    last: i64,
    /// The first that was not read.
    over: i64,
}

/// What becomes of something that somebody wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It is read.
    Fits,
    /// It is the first that is not read: its author is told so.
    FirstOver,
    /// It is not read.
    Over,
}

impl Flood {
    /// Counts something of a person's that was written at this moment. `user` is what the network
    /// calls them; the numbers of their updates rise and begin above 0. An update that comes again
    /// within its minute is not counted again, and the same becomes of it.
    pub fn of(&self, user: &str, update: i64, now: Timestamp) -> Flow {
        // Every change below is whole before anything in it can panic.
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= PEOPLE_MAX {
            people.retain(|_, minute| now.duration_since(minute.since) < MINUTE);
        }
        let minute = people.entry(user.to_owned());
        let minute = minute.or_insert(Minute { since: now, count: 0, last: 0, over: 0 });
        if now.duration_since(minute.since) >= MINUTE {
            *minute = Minute { since: now, count: 0, last: 0, over: 0 };
        }
        if update <= minute.last {
            return match minute.over {
                0 => Flow::Fits,
                over => match update.cmp(&over) {
                    Ordering::Less => Flow::Fits,
                    Ordering::Equal => Flow::FirstOver,
                    Ordering::Greater => Flow::Over,
                },
            };
        }
        minute.last = update;
        minute.count = minute.count.saturating_add(1);
        match minute.count.cmp(&(A_MINUTE_MAX + 1)) {
            Ordering::Less => Flow::Fits,
            Ordering::Equal => {
                minute.over = update;
                Flow::FirstOver
            }
            Ordering::Greater => Flow::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_full_and_then_over_and_others_are_not_counted_with_it() {
        let (flood, now) = (Flood::default(), Timestamp::UNIX_EPOCH);
        for update in 1..=A_MINUTE_MAX.into() {
            assert_eq!(flood.of("7", update, now), Flow::Fits);
            assert_eq!(flood.of("7", update, now), Flow::Fits, "it has come again");
        }
        assert_eq!(flood.of("7", 31, now), Flow::FirstOver);
        assert_eq!(flood.of("7", 32, now), Flow::Over);
        assert_eq!(flood.of("8", 33, now), Flow::Fits);
        assert_eq!(flood.of("7", 34, now + MINUTE), Flow::Fits);
    }
}
