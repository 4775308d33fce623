//! How the driver is, in numbers and words.

use crate::shared::lock;
use bot::Network;
use contract::{Counts, LinkState};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// The counts, as they grow.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) arrived: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) handled: AtomicU64,
    pub(crate) events: AtomicU64,
    pub(crate) rounds: AtomicU64,
    pub(crate) commit_us: AtomicU64,
    pub(crate) commits_failed: AtomicU64,
    pub(crate) finds_failed: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) links_restarted: AtomicU64,
    /// Arrivals in the inbox that are neither handled nor set aside.
    pub(crate) inbox: Level,
    pub(crate) set_aside: Level,
}

impl Counting {
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            arrived: read(&self.arrived),
            accepted: read(&self.accepted),
            handled: read(&self.handled),
            events: read(&self.events),
            rounds: read(&self.rounds),
            commit_us: read(&self.commit_us),
            commits_failed: read(&self.commits_failed),
            finds_failed: read(&self.finds_failed),
            sent: read(&self.sent),
            retried: read(&self.retried),
            dropped: read(&self.dropped),
            links_restarted: read(&self.links_restarted),
        }
    }
}

/// Counts one up.
pub(crate) fn count(counter: &AtomicU64) {
    add(counter, 1);
}

/// Counts several up.
pub(crate) fn add(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

/// A count that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Level(AtomicI64);

impl Level {
    pub(crate) fn up(&self, by: usize) {
        self.0.fetch_add(by as i64, Ordering::Relaxed);
    }

    pub(crate) fn down(&self, by: usize) {
        self.0.fetch_sub(by as i64, Ordering::Relaxed);
    }

    /// What is handled before it was counted makes it negative for a moment: then it is nought.
    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed).max(0) as u64
    }
}

/// What is not a number.
#[derive(Debug, Default)]
pub(crate) struct Words {
    last_error: Mutex<Option<String>>,
    /// Why nothing is taken in, where that is intake's own trouble.
    intake: Mutex<Option<String>>,
    links: Mutex<BTreeMap<Network, LinkState>>,
}

impl Words {
    pub(crate) fn error(&self, words: String) {
        *lock(&self.last_error) = Some(words);
    }

    /// Why nothing can be taken in, or that it can again.
    pub(crate) fn intake(&self, why: Option<String>) {
        *lock(&self.intake) = why;
    }

    pub(crate) fn intake_pauses(&self) -> Option<String> {
        lock(&self.intake).clone()
    }

    pub(crate) fn link(&self, network: &Network, state: LinkState) {
        lock(&self.links).insert(network.clone(), state);
    }

    pub(crate) fn last_error(&self) -> Option<String> {
        lock(&self.last_error).clone()
    }

    pub(crate) fn links(&self) -> BTreeMap<Network, LinkState> {
        lock(&self.links).clone()
    }
}
