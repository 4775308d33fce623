//! Waiting for nothing to be left to do, without sleeping.

use crate::clock::{Clock, SetClock, later};
use crate::{Handle, Waiting};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// Wakes one task, and knows whether the task has seen to everything since it was last rung.
#[derive(Debug)]
pub(crate) struct Bell {
    rung: AtomicU64,
    seen_to: AtomicU64,
    wake: Notify,
    /// Told whenever the task begins to wait.
    resting: Arc<Notify>,
}

impl Bell {
    /// A bell that was rung once: its task has yet to begin.
    pub(crate) fn new(resting: Arc<Notify>) -> Bell {
        let (rung, seen_to) = (AtomicU64::new(1), AtomicU64::new(0));
        Bell { rung, seen_to, wake: Notify::new(), resting }
    }

    /// There is something to do.
    pub(crate) fn ring(&self) {
        self.rung.fetch_add(1, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// The task looks around, whatever for, and does not count as waiting until it passes what this
    /// returns to [`Bell::rest`].
    pub(crate) fn look(&self) -> u64 {
        self.rung.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The task has found nothing more to do since it looked around, and waits until it is rung or
    /// `until` has come.
    pub(crate) async fn rest(&self, looked: u64, clock: &dyn Clock, until: Option<Timestamp>) {
        match until {
            Some(until) => {
                let mut sleep = clock.sleep_until(until);
                self.see_to(looked);
                tokio::select! {
                    () = self.wake.notified() => {}
                    // Rung while the sleeper still counts as asleep, so that there is no moment
                    // at which it is neither overdue nor at work.
                    () = &mut sleep => {
                        self.look();
                    }
                }
            }
            None => {
                self.see_to(looked);
                self.wake.notified().await;
            }
        }
    }

    fn see_to(&self, looked: u64) {
        self.seen_to.store(looked, Ordering::SeqCst);
        self.resting.notify_waiters();
    }

    /// Whether its task waits.
    pub(crate) fn is_quiet(&self) -> bool {
        self.seen_to.load(Ordering::SeqCst) == self.rung.load(Ordering::SeqCst)
    }
}

impl Handle {
    /// Waits until nothing is left to do now: the inbox is empty, nothing waits that is due, no
    /// link is being called, and every timer whose time has come has gone off. At least `arrivals`
    /// must have been handed in since the start; what a link has not handed in yet is not seen.
    /// Returns what waits for a later time. Returns as well once the driver has stopped.
    pub async fn settle(&self, arrivals: u64) -> Waiting {
        let mut ended = self.ended();
        loop {
            let resting = self.resting();
            let told = resting.notified();
            tokio::pin!(told);
            // From here on nothing is missed: whatever comes to rest after the look wakes it.
            told.as_mut().enable();
            if self.is_quiet(arrivals) || ended.borrow_and_update().is_some() {
                return self.waiting();
            }
            tokio::select! {
                () = told => {}
                _ = ended.changed() => {}
            }
        }
    }

    /// Lets time pass on a set clock: it moves to each moment at which somebody wakes, in turn,
    /// and settles there, so that what is due at a time happens at that time.
    pub async fn advance(&self, clock: &SetClock, by: SignedDuration) -> Waiting {
        let end = later(clock.now(), by);
        loop {
            let waiting = self.settle(0).await;
            match clock.next() {
                Some(next) if next <= end => clock.set(next),
                _ if clock.now() < end => clock.set(end),
                _ => return waiting,
            }
            if self.ended().borrow().is_some() {
                return waiting;
            }
        }
    }
}
