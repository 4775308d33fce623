//! The time: the system's, or one that is set.

use crate::shared::lock;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// A sleep that is under way.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the driver takes the time from.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Sleeps until `at`; returns at once if that is past.
    fn sleep_until(&self, at: Timestamp) -> Sleep;

    /// Whether somebody's time to wake has come and they have not yet noticed. A clock that runs by
    /// itself does not know.
    fn overdue(&self) -> bool {
        false
    }
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The longest stretch slept at once: after a suspended machine wakes or its clock is set, a
    /// sleep notices within this time.
    const STRETCH: SignedDuration = SignedDuration::from_secs(30);
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep {
        Box::pin(async move {
            loop {
                let left = at.duration_since(Timestamp::now());
                if left <= SignedDuration::ZERO {
                    return;
                }
                // The difference is positive, so it is a plain duration.
                tokio::time::sleep(left.min(Self::STRETCH).unsigned_abs()).await;
            }
        })
    }
}

/// A clock that stands still until it is set: for tests and the control socket.
#[derive(Clone, Debug)]
pub struct SetClock {
    state: Arc<Mutex<Sleepers>>,
}

#[derive(Debug)]
struct Sleepers {
    now: Timestamp,
    next_id: u64,
    /// Everybody who sleeps, by when they wake.
    asleep: BTreeMap<(Timestamp, u64), Option<Waker>>,
}

impl SetClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> SetClock {
        let state = Sleepers { now, next_id: 0, asleep: BTreeMap::new() };
        SetClock { state: Arc::new(Mutex::new(state)) }
    }

    /// Sets the time and wakes those whose time has come. It never goes back.
    pub fn set(&self, to: Timestamp) {
        let due: Vec<Waker> = {
            let mut state = lock(&self.state);
            state.now = state.now.max(to);
            let now = state.now;
            let due = state.asleep.iter_mut().take_while(|((at, _), _)| *at <= now);
            due.filter_map(|(_, waker)| waker.take()).collect()
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// When the next sleeper wakes.
    pub fn next(&self) -> Option<Timestamp> {
        lock(&self.state).asleep.keys().next().map(|(at, _)| *at)
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        lock(&self.state).now
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep {
        let mut state = lock(&self.state);
        state.next_id += 1;
        let key = (at, state.next_id);
        state.asleep.insert(key, None);
        Box::pin(SetSleep { key, state: self.state.clone() })
    }

    fn overdue(&self) -> bool {
        let state = lock(&self.state);
        state.asleep.keys().next().is_some_and(|(at, _)| *at <= state.now)
    }
}

/// A sleeper. It counts as asleep until it is dropped, so that one that was woken and has not yet
/// run still shows as overdue.
struct SetSleep {
    key: (Timestamp, u64),
    state: Arc<Mutex<Sleepers>>,
}

impl Future for SetSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        if self.key.0 <= state.now {
            return Poll::Ready(());
        }
        state.asleep.insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for SetSleep {
    fn drop(&mut self) {
        lock(&self.state).asleep.remove(&self.key);
    }
}

/// `at` plus `by`, as late as times go.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
