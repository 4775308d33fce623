//! Starting and stopping, and what can be asked of a driver that runs.

use crate::clock::Clock;
use crate::core::{Finder, Known, MakeCore};
use crate::handed_on::HandedOn;
use crate::health::{Counting, Words};
use crate::intake::{self, HEARD_MAX};
use crate::key::Key;
use crate::links;
use crate::outbox::Outbox;
use crate::quiet::Bell;
use crate::rounds::Rounds;
use crate::shared::{Ended, Shared, lock};
use bot::{Looked, Network, Row, SendId};
use contract::{Counts, Health, Heard, InboxId, Inside, Link, Store, StoreError};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

/// Carries out what the core decides, for one library.
pub struct Driver;

/// What a driver is made of.
pub struct DriverParts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Makes the core: the library's settings ([`bot::Settings`]).
    pub core: Arc<dyn MakeCore>,
    /// Where findings come from.
    pub finder: Arc<dyn Finder>,
    /// The networks, each once.
    pub links: Vec<Arc<dyn Link>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The library's own key.
    pub key: Key,
}

/// Why a driver cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// Two links are of the same network: take one out of the settings.
    #[error("two links are of the network {0}")]
    SameNetwork(Network),
}

/// A driver that runs. Dropping it does not stop the driver.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    heard: mpsc::WeakSender<Heard>,
    ended: watch::Receiver<Option<Ended>>,
}

/// What waits for a later time, after [`Handle::settle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// When the core wants to be woken.
    pub wake_at: Option<Timestamp>,
    /// When the next thing is to be said, or was, if it cannot be at present.
    pub next_send: Option<Timestamp>,
}

/// How many arrivals are counted at once at the start.
const COUNTED_AT_ONCE: usize = 256;

impl Driver {
    /// Starts: from here on what arrives is handled, what waits since before included.
    ///
    /// # Errors
    /// [`StartError`] if the store cannot be read, or the links do not fit together.
    pub async fn start(parts: DriverParts) -> Result<Handle, StartError> {
        let DriverParts { store, core, finder, links, clock, key } = parts;
        let mut by_network: BTreeMap<Network, Arc<dyn Link>> = BTreeMap::new();
        for link in links {
            let network = link.network();
            if by_network.insert(network.clone(), link).is_some() {
                return Err(StartError::SameNetwork(network));
            }
        }
        let rows = store.live_rows().await?;
        let waiting = waiting_in_inbox(&*store).await?;
        let unscrubbed = store.unscrubbed().await?;
        let sends_before = rows.iter().find_map(last_send).unwrap_or(SendId(0));
        let known = Arc::new(Known::new(&*core, finder));
        let made = core.make(known.finder.branches(), rows);
        let shared = Arc::new(shared(store, core, clock, key, known, sends_before));
        shared.counts.inbox.up(waiting);

        let (heard, hears) = mpsc::channel(HEARD_MAX);
        let translators =
            by_network.iter().map(|(network, link)| (network.clone(), link.translator())).collect();
        let rounds = Rounds::new(shared.clone(), translators, made, unscrubbed);
        let outbox = Outbox::new(shared.clone(), by_network.clone());
        let weak = heard.downgrade();
        let tasks = vec![
            ("intake", tokio::spawn(intake::run(shared.clone(), hears))),
            ("rounds", tokio::spawn(rounds.run())),
            ("the outbox", tokio::spawn(outbox.run())),
        ];
        let links = by_network
            .into_values()
            .map(|link| tokio::spawn(links::run(shared.clone(), link, heard.clone())))
            .collect();
        let (end, ended) = watch::channel(None);
        tokio::spawn(attend(shared.clone(), tasks, links, heard, end));
        Ok(Handle { shared, heard: weak, ended })
    }
}

impl Handle {
    /// Stops: links are told that nothing is taken in any more, what is being handled is brought to
    /// disk, what is being said is waited for. What waits is handled and said at the next start.
    pub async fn stop(&self) -> Ended {
        self.shared.stop(Ended::Asked);
        self.finished().await
    }

    /// Returns when the driver has stopped, and why.
    pub async fn finished(&self) -> Ended {
        let mut ended = self.ended.clone();
        let ended = ended.wait_for(Option::is_some).await.ok().and_then(|ended| ended.clone());
        ended.unwrap_or(Ended::Bug("the driver"))
    }

    /// Exchanges the knowledge. What is asked from now on is looked up in it.
    pub fn knowledge(&self, finder: Arc<dyn Finder>) {
        let known = Arc::new(Known::new(&*self.shared.maker, finder));
        {
            let mut current = lock(&self.shared.known);
            *current = (current.0 + 1, known);
        }
        self.shared.rounds.ring();
    }

    /// What a patron who asked `text` now would be told, without anything changing. `None` if a bug
    /// got in the way.
    pub async fn look(&self, text: String) -> Option<Looked> {
        self.shared.look(text).await
    }

    /// How the driver is.
    pub fn health(&self) -> Health {
        self.shared.health()
    }

    /// What happened since the start.
    pub fn counts(&self) -> Counts {
        self.shared.counts.counts()
    }

    /// Why the driver has stopped, once it has.
    pub(crate) fn ended(&self) -> watch::Receiver<Option<Ended>> {
        self.ended.clone()
    }

    /// Told whenever a task begins to wait.
    pub(crate) fn resting(&self) -> Arc<Notify> {
        self.shared.resting.clone()
    }

    /// Whether nothing is left to do now, and at least so many arrivals were handed in.
    pub(crate) fn is_quiet(&self, arrivals: u64) -> bool {
        let shared = &self.shared;
        // While handling pauses, what was heard waits.
        let heard = shared.pause.borrow().is_none()
            && self.heard.upgrade().is_some_and(|heard| heard.capacity() < heard.max_capacity());
        let back = lock(&shared.held).iter().any(|batch| !shared.is_cut(&batch.network));
        !heard
            && !back
            && !shared.intake_busy.load(Ordering::SeqCst)
            && shared.counts.arrived.load(Ordering::Relaxed) >= arrivals
            && shared.rounds.is_quiet()
            && lock(&shared.in_air).is_empty()
            && shared.outbox.is_quiet()
            && !shared.clock.overdue()
    }

    pub(crate) fn waiting(&self) -> Waiting {
        Waiting { wake_at: *lock(&self.shared.wake_at), next_send: *lock(&self.shared.next_send) }
    }

    #[cfg(feature = "control")]
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

/// Waits for all tasks to end, and tells why. If one ends by a bug, so do the others.
async fn attend(
    shared: Arc<Shared>,
    tasks: Vec<(&'static str, JoinHandle<()>)>,
    links: Vec<JoinHandle<()>>,
    heard: mpsc::Sender<Heard>,
    end: watch::Sender<Option<Ended>>,
) {
    let watched = tasks.into_iter().map(|(name, task)| {
        let shared = shared.clone();
        tokio::spawn(async move {
            if task.await.is_err() {
                shared.stop(Ended::Bug(name));
            }
        })
    });
    let watched: Vec<_> = watched.collect();
    shared.stopped().await;
    for task in links.into_iter().chain(watched) {
        // Whether it panicked has been told already.
        let _ = task.await;
    }
    drop(heard);
    let reason = lock(&shared.reason).clone();
    end.send_replace(Some(reason.unwrap_or(Ended::Asked)));
}

fn shared(
    store: Arc<dyn Store>,
    maker: Arc<dyn MakeCore>,
    clock: Arc<dyn Clock>,
    key: Key,
    known: Arc<Known>,
    sends_before: SendId,
) -> Shared {
    let resting = Arc::new(Notify::new());
    Shared {
        store,
        clock,
        key,
        maker,
        known: Mutex::new((0, known)),
        rounds: Bell::new(resting.clone()),
        outbox: Bell::new(resting.clone()),
        // Until it first listens it is about to.
        intake_busy: AtomicBool::new(true),
        resting,
        room: Notify::new(),
        coming: Mutex::new(None),
        taken_in: Mutex::new(HandedOn::new()),
        to_say: Mutex::new(HandedOn::new()),
        in_air: Mutex::new(BTreeMap::new()),
        picking: tokio::sync::Mutex::new(()),
        downs: Mutex::new(Vec::new()),
        mishaps: Mutex::new(VecDeque::new()),
        mishaps_over: Mutex::new(Vec::new()),
        counts: Counting::default(),
        words: Words::default(),
        pause: watch::Sender::new(None),
        stopping: watch::Sender::new(false),
        reason: Mutex::new(None),
        wake_at: Mutex::new(None),
        next_send: Mutex::new(None),
        farewells: Mutex::new(BTreeSet::new()),
        farewell_said: AtomicBool::new(false),
        sends_before,
        cuts: watch::Sender::new(BTreeSet::new()),
        held: Mutex::new(Vec::new()),
        reached: AtomicU64::new(0),
        commits_to_fail: AtomicU64::new(0),
    }
}

async fn waiting_in_inbox(store: &dyn Store) -> Result<usize, StoreError> {
    let (mut after, mut count) = (InboxId::default(), 0);
    loop {
        let items = store.inbox(after, COUNTED_AT_ONCE).await?;
        let Some(last) = items.last() else { return Ok(count) };
        after = last.id;
        count += items.len();
    }
}

fn last_send(row: &Row) -> Option<SendId> {
    match row {
        Row::Counters(counters) => Some(SendId(counters.send)),
        Row::Person(_)
        | Row::Conversation(_)
        | Row::Case(_)
        | Row::Day(_)
        | Row::Code(_)
        | Row::Topics(_) => None,
    }
}
