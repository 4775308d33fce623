//! How much a bot may ask, and how it is told so.

use super::refusal::Refusal;
use super::rest::Route;
use super::world::World;
use std::collections::{BTreeMap, VecDeque};

/// How much may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages a channel, and the milliseconds that they count. Discord publishes no figure; its
    /// headers have said 5 in 5 seconds for years.
    pub messages: Option<(u32, i64)>,
    /// Requests a second in all. Answers to interactions are not counted.
    pub global: Option<u32>,
    /// Payloads that a client may send to the gateway in a minute of real time.
    pub payloads: Option<usize>,
}

impl Default for Limits {
    /// The true ones.
    fn default() -> Self {
        Self { messages: Some((5, 5_000)), global: Some(50), payloads: Some(120) }
    }
}

impl Limits {
    /// None at all, for scripts.
    pub fn none() -> Self {
        Self { messages: None, global: None, payloads: None }
    }
}

/// What was asked when.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// The window of a bucket: when it ends, in milliseconds, and how much it has had.
    buckets: BTreeMap<String, (i64, u32)>,
    /// The last requests, in milliseconds.
    all: VecDeque<i64>,
    /// Until when a bucket (empty: everything) is refused, once that was said.
    held: BTreeMap<String, i64>,
}

/// What is said about limits with an answer.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) refusal: Option<Refusal>,
    pub(crate) left: Option<Left>,
}

#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_s: f64,
    pub(crate) reset_after_s: f64,
    pub(crate) bucket: String,
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of this century are exact in an f64")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

impl World {
    /// Counts a request, and says whether it has to wait.
    pub(crate) fn limit(&mut self, route: &Route, arguments: &[String]) -> Verdict {
        let now = self.now_ms();
        let bucket = format!("{}:{}", route.name, arguments.first().map_or("", String::as_str));
        let mut verdict = Verdict::default();
        for scope in [String::new(), bucket.clone()] {
            if scope.is_empty() && route.interaction {
                continue;
            }
            if let Some(until) = self.meter.held.get(&scope).copied().filter(|until| *until > now) {
                let wait = seconds(until - now);
                let what = format!("asked although it has to wait for another {wait} s");
                self.complain(route.name, what);
                verdict.refusal = Some(Refusal::too_many(wait, scope.is_empty()));
                return verdict;
            }
        }
        if let Some(most) = self.settings.limits.global.filter(|_| !route.interaction) {
            self.meter.all.retain(|at| now - at < 1_000);
            if self.meter.all.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                let first = self.meter.all.front().copied().unwrap_or(now);
                return self.hold(String::new(), first + 1_000 - now);
            }
            self.meter.all.push_back(now);
        }
        let Some((limit, window)) = self.settings.limits.messages else { return verdict };
        if route.name != "create_message" {
            return verdict;
        }
        let (end, had) = self.meter.buckets.entry(bucket.clone()).or_insert((0, 0));
        if *end <= now {
            (*end, *had) = (now + window, 0);
        }
        let (end, full) = (*end, *had >= limit);
        if !full {
            *had += 1;
        }
        let remaining = limit - *had;
        if full {
            verdict = self.hold(bucket, end - now);
        }
        verdict.left = Some(Left {
            limit,
            remaining,
            reset_s: seconds(end),
            reset_after_s: seconds(end - now),
            bucket: "peer_create_message".to_owned(),
        });
        verdict
    }

    fn hold(&mut self, scope: String, ms: i64) -> Verdict {
        let global = scope.is_empty();
        let until = self.now_ms() + ms;
        self.meter.held.insert(scope, until);
        Verdict { refusal: Some(Refusal::too_many(seconds(ms), global)), left: None }
    }

    /// Refuses everything for so many milliseconds.
    pub(crate) fn hold_all(&mut self, ms: i64) -> Refusal {
        let verdict = self.hold(String::new(), ms);
        verdict.refusal.unwrap_or_else(Refusal::not_found)
    }
}
