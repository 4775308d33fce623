//! What the driver's tasks share.

use crate::clock::{Clock, later};
use crate::core::{Known, MakeCore};
use crate::handed_on::HandedOn;
use crate::health::{Counting, Words};
use crate::key::Key;
use crate::quiet::Bell;
use crate::rounds::Coming;
use bot::{Network, Place, SendId, Sending, Undelivered};
use contract::{Batch, InboxItem, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// Why the driver has stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// It was asked to.
    #[error("it was asked to stop")]
    Asked,
    /// Another program has opened this library since.
    #[error("another program has taken over this library")]
    Superseded,
    /// The store cannot be used: restore a backup, or update the program.
    #[error("the store cannot be used: {0}")]
    Store(String),
    /// A bug ended one of its tasks.
    #[error("a bug ended the task of {0}")]
    Bug(&'static str),
}

/// What the driver's tasks share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key: Key,
    pub(crate) maker: Arc<dyn MakeCore>,
    /// The knowledge, and how often it was exchanged.
    pub(crate) known: Mutex<(u64, Arc<Known>)>,
    /// Rung when there is something to handle.
    pub(crate) rounds: Bell,
    /// Rung when there may be something to say.
    pub(crate) outbox: Bell,
    pub(crate) intake_busy: AtomicBool,
    /// Told whenever a task begins to wait.
    pub(crate) resting: Arc<Notify>,
    /// Told when the inbox has room again.
    pub(crate) room: Notify,
    /// What is being taken in just now, if it is a single arrival: the rounds can make ready for it.
    pub(crate) coming: Mutex<Option<Coming>>,
    /// What was taken in, for the rounds.
    pub(crate) taken_in: Mutex<HandedOn<InboxItem>>,
    /// What is to be said, for the outbox.
    pub(crate) to_say: Mutex<HandedOn<Sending>>,
    /// What is being said, by place, until what became of it is on disk.
    pub(crate) in_air: Mutex<BTreeMap<Place, SendId>>,
    /// Held while what is due is picked, and while a round that changes something is committed: so
    /// nothing is changed while it is on its way.
    pub(crate) picking: tokio::sync::Mutex<()>,
    /// The networks that went down to stay so, in turn.
    pub(crate) downs: Mutex<Vec<Network>>,
    pub(crate) mishaps: Mutex<VecDeque<Mishap>>,
    /// Places whose mishap has been handled.
    pub(crate) mishaps_over: Mutex<Vec<Place>>,
    pub(crate) counts: Counting,
    pub(crate) words: Words,
    /// Why handling pauses, if it does: then nothing is taken in and nothing new is said.
    pub(crate) pause: watch::Sender<Option<String>>,
    pub(crate) stopping: watch::Sender<bool>,
    pub(crate) reason: Mutex<Option<Ended>>,
    pub(crate) wake_at: Mutex<Option<Timestamp>>,
    pub(crate) next_send: Mutex<Option<Timestamp>>,
    /// What is said to people who have been forgotten: it names their place until it has been said.
    pub(crate) farewells: Mutex<BTreeSet<SendId>>,
    /// Whether one of those was said, so that its bytes are to be wiped too.
    pub(crate) farewell_said: AtomicBool,
    /// The numbers given out before this start: things up to this one may have been said by the
    /// program that ran before.
    pub(crate) sends_before: SendId,
    /// Networks that a test has cut off.
    pub(crate) cuts: watch::Sender<BTreeSet<Network>>,
    /// What cut networks have handed in. It waits to be kept as if it had not arrived.
    pub(crate) held: Mutex<Vec<Batch>>,
    /// How often something became reachable again: a try that failed while that happened is no
    /// reason to wait.
    pub(crate) reached: AtomicU64,
    /// How many of the next commits a test lets fail.
    pub(crate) commits_to_fail: AtomicU64,
}

/// Something that will not be said.
#[derive(Clone, Debug)]
pub(crate) struct Mishap {
    pub(crate) send: SendId,
    pub(crate) to: Place,
    pub(crate) why: Undelivered,
}

impl Shared {
    /// Everything is to stop. The first reason stands.
    pub(crate) fn stop(&self, why: Ended) {
        lock(&self.reason).get_or_insert(why);
        self.stopping.send_replace(true);
        self.rounds.ring();
        self.outbox.ring();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Returns once everything is to stop.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Takes note of trouble with the store: stops everything if trying again is no use.
    pub(crate) fn trouble(&self, error: &StoreError, during: &'static str) {
        let words = chain(error);
        match error {
            StoreError::Superseded => self.stop(Ended::Superseded),
            StoreError::Damaged { .. } | StoreError::TooNew => {
                self.stop(Ended::Store(words.clone()));
            }
            StoreError::Full | StoreError::Unavailable { .. } => {}
        }
        tracing::error!(during, "{words}");
        self.words.error(words);
    }

    /// Whether this is being said.
    pub(crate) fn flies(&self, send: SendId) -> bool {
        lock(&self.in_air).values().any(|other| *other == send)
    }

    pub(crate) fn is_cut(&self, network: &Network) -> bool {
        self.cuts.borrow().contains(network)
    }
}

/// The pauses between tries while the store cannot be used.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    tries: u32,
    /// When to try again; `None` if all is well.
    pub(crate) until: Option<Timestamp>,
}

impl Pauses {
    /// Short enough that nobody notices a passing lock.
    const FIRST: SignedDuration = SignedDuration::from_millis(50);
    /// Long enough not to hammer a full disk, short enough to be back soon once it has room.
    const LONGEST: SignedDuration = SignedDuration::from_secs(5);

    /// It failed again.
    pub(crate) fn failed(&mut self, now: Timestamp) {
        self.until = Some(later(now, growing(Self::FIRST, Self::LONGEST, self.tries)));
        self.tries = self.tries.saturating_add(1);
    }

    /// It worked.
    pub(crate) fn worked(&mut self) {
        *self = Pauses::default();
    }
}

/// `first`, doubled `times` times, but never more than `longest`.
pub(crate) fn growing(
    first: SignedDuration,
    longest: SignedDuration,
    times: u32,
) -> SignedDuration {
    let factor = 2_i32.saturating_pow(times.min(30));
    first.checked_mul(factor).unwrap_or(longest).min(longest)
}

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    std::iter::once(error).chain(causes).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Locks. A task that panicked while it held the lock left whole values behind: each is written in
/// one go.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
