//! How much may be asked: of each kind as Discord tells it in the headers of its answers, and in all what
//! it writes down (developers/topics/rate-limits).

use reqwest::header::HeaderMap;
use serenity::http::RatelimitingBucket;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Buckets that are remembered at once; those whose time is over go first.
const BUCKETS_MAX: usize = 10_000;
/// Between two calls that count among all: Discord lets a bot make fifty a second, and one that comes a
/// moment early is refused with all that follow.
const BETWEEN: Duration = Duration::from_micros(20_300);
/// The longest wait that is believed.
const WAIT_MAX: Duration = Duration::from_secs(60 * 60);

/// What may not be asked yet.
#[derive(Default)]
pub(crate) struct Pace {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Until when nothing may be asked at all.
    all: Option<Instant>,
    /// Until when a bucket is empty.
    buckets: HashMap<RatelimitingBucket, Instant>,
    /// When the next call has its turn.
    next: Option<Instant>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) after: Duration,
    /// Whether everything must wait, not this alone.
    pub(crate) everywhere: bool,
}

impl Pace {
    /// How long a call waits for its turn among all. Answers to interactions are not counted there.
    pub(crate) fn turn(&self, interaction: bool, now: Instant) -> Duration {
        if interaction {
            return Duration::ZERO;
        }
        let mut held = self.held();
        let turn = held.next.map_or(now, |next| next.max(now));
        held.next = Some(turn + BETWEEN);
        turn.duration_since(now)
    }

    /// Whether the next call would have its turn at once.
    pub(crate) fn is_quiet(&self, now: Instant) -> bool {
        let held = self.held();
        held.next.is_none_or(|next| next <= now) && held.all.is_none_or(|until| until <= now)
    }

    /// How long a call in this bucket has to wait, if it has to. Answers to interactions are not
    /// counted among all (developers/topics/rate-limits, "Global Rate Limit").
    pub(crate) fn wait(
        &self,
        bucket: RatelimitingBucket,
        interaction: bool,
        now: Instant,
    ) -> Option<Wait> {
        let held = self.held();
        let left = |until: &Instant| until.checked_duration_since(now).filter(|d| !d.is_zero());
        let all = held.all.as_ref().filter(|_| !interaction).and_then(left);
        if let Some(after) = all {
            return Some(Wait { after, everywhere: true });
        }
        let after = held.buckets.get(&bucket).and_then(left)?;
        Some(Wait { after, everywhere: false })
    }

    /// Discord has answered: what is left in this bucket.
    pub(crate) fn answered(&self, bucket: RatelimitingBucket, headers: &HeaderMap, now: Instant) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<f64>().ok();
        let spent = number("x-ratelimit-remaining").is_some_and(|left| left < 1.0);
        if let Some(after) = number("x-ratelimit-reset-after").filter(|_| spent) {
            self.hold(bucket, Wait { after: seconds(after), everywhere: false }, now);
        }
    }

    /// Discord has refused, for so long.
    pub(crate) fn hold(&self, bucket: RatelimitingBucket, wait: Wait, now: Instant) {
        let until = now + wait.after;
        let mut held = self.held();
        if wait.everywhere {
            held.all = Some(until);
        } else if !bucket.is_none() {
            if held.buckets.len() >= BUCKETS_MAX {
                held.buckets.retain(|_, until| *until > now);
            }
            held.buckets.insert(bucket, until);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change above is whole before anything in it can panic.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number of seconds as Discord writes it, as far as it is to be believed.
pub(crate) fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(WAIT_MAX).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serenity::http::Route;
    use serenity::model::id::ChannelId;

    fn bucket(channel: u64) -> RatelimitingBucket {
        Route::ChannelMessages { channel_id: ChannelId::new(channel) }.ratelimiting_bucket()
    }

    #[test]
    fn an_empty_bucket_waits_and_others_do_not() {
        let (pace, now) = (Pace::default(), Instant::now());
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", "0".parse().unwrap());
        headers.insert("x-ratelimit-reset-after", "1.5".parse().unwrap());
        pace.answered(bucket(1), &headers, now);
        let after = Duration::from_millis(1500);
        assert_eq!(pace.wait(bucket(1), false, now), Some(Wait { after, everywhere: false }));
        assert_eq!(pace.wait(bucket(2), false, now), None);
        assert_eq!(pace.wait(bucket(1), false, now + after), None);
        headers.insert("x-ratelimit-remaining", "1".parse().unwrap());
        pace.answered(bucket(3), &headers, now);
        assert_eq!(pace.wait(bucket(3), false, now), None);
    }

    #[test]
    fn what_holds_everything_does_not_hold_answers_to_interactions() {
        let (pace, now) = (Pace::default(), Instant::now());
        let wait = Wait { after: Duration::from_secs(3), everywhere: true };
        pace.hold(bucket(1), wait, now);
        assert_eq!(pace.wait(bucket(2), false, now), Some(wait));
        assert_eq!(pace.wait(bucket(2), true, now), None);
    }

    #[test]
    fn calls_take_turns_and_a_lone_one_does_not_wait() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.turn(false, now), Duration::ZERO);
        assert_eq!(pace.turn(true, now), Duration::ZERO);
        assert_eq!(pace.turn(false, now), BETWEEN);
        assert_eq!(pace.turn(false, now), BETWEEN * 2);
        assert_eq!(pace.turn(false, now + BETWEEN * 9), Duration::ZERO);
    }

    #[test]
    fn no_number_is_believed_beyond_an_hour() {
        assert_eq!(seconds(f64::MAX), WAIT_MAX);
        assert_eq!(seconds(-1.0), WAIT_MAX);
        assert_eq!(seconds(0.25), Duration::from_millis(250));
    }
}
