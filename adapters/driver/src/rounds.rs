//! Handles what has arrived, in rounds: several events a transaction when it is busy, one when not.

mod ahead;

pub(crate) use ahead::Coming;

use crate::clock::later;
use crate::core::{Core, Known};
use crate::health::{add, count};
use crate::look_up::look_up;
use crate::panics::{Panicked, caught};
use crate::pending::Pending;
use crate::queue::{QUEUE_MAX, Queue, Waiting};
use crate::round::{Fault, Origin, Part, changed};
use crate::shared::{Mishap, Pauses, Shared, chain, lock};
use crate::steps::step;
use bot::{Event, Moment, Network, SendId, Wanted};
use contract::{Commit, InboxId, InboxItem, StoreError, Translate};
use jiff::{SignedDuration, Timestamp};
use knowledge::Findings;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ahead::Ahead;

/// How many arrivals a round takes: enough that its one transaction costs each of them little, and
/// few enough that the first of them does not wait noticeably for the last.
const ROUND_MAX: usize = 64;
/// How long the keys of handled arrivals are kept: Telegram, the slowest, brings an update again
/// for up to 24 hours; twice that allows for a day of being down.
const KEYS_KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How often an event may panic before its arrival is set aside.
const TRIES: u32 = 2;
/// How long arrivals that were set aside are kept: as long as anybody's words are.
const ASIDE_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How often the core is woken in a row: each time is to see to all that is due, so more is a bug.
const WOKE_MAX: u32 = 100;
/// How long the core is left in peace when waking it panics, or does not help.
const WOKE_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// How often rows are brought for the same events. Three times is all that the core needs (a code,
/// the person it was given to, their linked accounts); more would be a bug, and is not waited for.
const BROUGHT_MAX: usize = 8;
/// When wiping is tried again that failed.
const SCRUB_AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// The task that owns the core.
pub(crate) struct Rounds {
    shared: Arc<Shared>,
    translators: BTreeMap<Network, Arc<dyn Translate>>,
    /// The core; `None` once it cannot be trusted any more, until it is made anew from its rows.
    core: Option<Box<dyn Core>>,
    known: Arc<Known>,
    known_version: u64,
    queue: Queue,
    /// How often something had been taken in when the inbox was last known to hold nothing more.
    read_at: Option<u64>,
    pauses: Pauses,
    /// What waits until a thing has landed that it changes.
    held: Vec<(Origin, SendId)>,
    blamed: HashMap<Origin, u32>,
    ahead: Ahead,
    /// How many of the networks that went down staff have been told of.
    downs_told: usize,
    /// What was set aside, and when it arrived.
    aside: BTreeMap<InboxId, Timestamp>,
    /// How often the core was woken in a row, and until when it is left in peace.
    woke: u32,
    woke_after: Option<Timestamp>,
    scrub_at: Option<Timestamp>,
}

enum Turn {
    Again,
    Rest(Option<Timestamp>),
}

impl Rounds {
    pub(crate) fn new(
        shared: Arc<Shared>,
        translators: BTreeMap<Network, Arc<dyn Translate>>,
        core: Box<dyn Core>,
        unscrubbed: bool,
    ) -> Rounds {
        let (known_version, known) = lock(&shared.known).clone();
        Rounds {
            translators,
            core: Some(core),
            known,
            known_version,
            queue: Queue::default(),
            read_at: None,
            pauses: Pauses::default(),
            held: Vec::new(),
            blamed: HashMap::new(),
            ahead: Ahead::default(),
            downs_told: 0,
            aside: BTreeMap::new(),
            woke: 0,
            woke_after: None,
            // A program that died may have forgotten somebody and not yet wiped the bytes.
            scrub_at: unscrubbed.then(|| shared.clock.now()),
            shared,
        }
    }

    /// Handles until everything stops. A round that has begun is finished.
    pub(crate) async fn run(mut self) {
        while !self.shared.is_stopping() {
            let looked = self.shared.rounds.look();
            let until = match self.turn().await {
                Ok(Turn::Again) => continue,
                Ok(Turn::Rest(until)) => until,
                Err(fault) => {
                    self.give_up(fault);
                    continue;
                }
            };
            self.shared.rounds.rest(looked, &*self.shared.clock, until).await;
        }
    }

    /// One look around: at most one round.
    async fn turn(&mut self) -> Result<Turn, Fault> {
        let now = self.shared.clock.now();
        if let Some(until) = self.pauses.until.filter(|until| *until > now) {
            return Ok(Turn::Rest(Some(until)));
        }
        self.learn();
        let wake_at = self.core().await?.wake_at();
        *lock(&self.shared.wake_at) = wake_at;
        let shared = self.shared.clone();
        self.held.retain(|(_, send)| shared.flies(*send));
        let parts = self.parts(now, wake_at).await?;
        let turn = if parts.is_empty() {
            self.look_ahead().await;
            self.tidy(now).await?;
            let wake_at = self.wakes(wake_at);
            let aside = self.aside.values().min().map(|at| later(*at, ASIDE_KEPT));
            Turn::Rest([wake_at, aside, self.scrub_at].into_iter().flatten().min())
        } else {
            self.round(now, parts).await?;
            Turn::Again
        };
        self.resume();
        Ok(turn)
    }

    /// What the next round handles: what could not be delivered, else the core's own time, else
    /// what has arrived.
    async fn parts(
        &mut self,
        now: Timestamp,
        wake_at: Option<Timestamp>,
    ) -> Result<Vec<Part>, Fault> {
        let mishaps = self.mishaps();
        if !mishaps.is_empty() {
            return Ok(mishaps);
        }
        if let Some(down) = self.down() {
            return Ok(vec![down]);
        }
        if self.wakes(wake_at).is_some_and(|at| at <= now) {
            self.woke += 1;
            if self.woke <= WOKE_MAX {
                return Ok(vec![Part { origin: Origin::Woke, events: vec![Event::Woke] }]);
            }
            tracing::error!("the core wants to be woken again and again");
            self.woke_after = Some(later(now, WOKE_AGAIN));
        }
        self.woke = 0;
        self.fill().await?;
        let held: Vec<InboxId> =
            self.held.iter().filter_map(|(origin, _)| origin.inbox()).collect();
        let part = |Waiting { id, events, .. }| Part { origin: Origin::Inbox(id), events };
        Ok(self.queue.pick(ROUND_MAX, &held).into_iter().map(part).collect())
    }

    /// When the core is woken, if it wants to be at `wake_at`.
    fn wakes(&self, wake_at: Option<Timestamp>) -> Option<Timestamp> {
        let at = wake_at.filter(|_| !self.holds(Origin::Woke))?;
        Some(self.woke_after.map_or(at, |after| at.max(after)))
    }

    fn mishaps(&self) -> Vec<Part> {
        let waiting = lock(&self.shared.mishaps);
        let free = waiting.iter().filter(|mishap| !self.holds(Origin::Mishap(mishap.send)));
        free.take(ROUND_MAX).map(|mishap| self.mishap(mishap)).collect()
    }

    fn mishap(&self, mishap: &Mishap) -> Part {
        let Mishap { send, to, why } = mishap.clone();
        let origin = Origin::Mishap(send);
        // One whose handling panics is dropped without it: the core is not to miss the rest.
        let given_up = self.blamed.get(&origin).is_some_and(|tries| *tries >= TRIES);
        let event = Event::Undelivered { send, to, why };
        Part { origin, events: if given_up { Vec::new() } else { vec![event] } }
    }

    /// The next network that went down.
    fn down(&self) -> Option<Part> {
        let network = lock(&self.shared.downs).get(self.downs_told).cloned()?;
        let origin = Origin::Down(self.downs_told);
        let given_up = self.blamed.get(&origin).is_some_and(|tries| *tries >= TRIES);
        let event = Event::LinkDown { network };
        Some(Part { origin, events: if given_up { Vec::new() } else { vec![event] } })
    }

    fn holds(&self, origin: Origin) -> bool {
        self.held.iter().any(|(held, _)| *held == origin)
    }

    /// Handles these and brings to disk what comes of it, all or nothing.
    async fn round(&mut self, now: Timestamp, parts: Vec<Part>) -> Result<(), Fault> {
        let mut pending = Pending::default();
        let mut changes: Vec<(Origin, SendId)> = Vec::new();
        let waves = parts.iter().map(|part| part.events.len()).max().unwrap_or(0);
        for wave in 0..waves {
            let of_part =
                |part: &Part| part.events.get(wave).map(|event| (part.origin, event.clone()));
            let events: Vec<(Origin, Event)> = parts.iter().filter_map(of_part).collect();
            self.wave(now, wave, events, &mut pending, &mut changes).await?;
        }
        step("handled");
        let (people, by_time) = (pending.forgets_people(), pending.forgets_by_time());
        let speaks = pending.speaks();
        lock(&self.shared.farewells).extend(pending.farewells());
        self.commit(now, &parts, pending, &changes).await?;
        self.finish(&parts);
        if speaks {
            self.shared.outbox.ring();
        }
        if by_time {
            self.scrub_at = Some(now);
        }
        if people {
            self.scrub(now).await;
        }
        Ok(())
    }

    /// Handles events that touch nothing in common.
    async fn wave(
        &mut self,
        now: Timestamp,
        wave: usize,
        events: Vec<(Origin, Event)>,
        pending: &mut Pending,
        changes: &mut Vec<(Origin, SendId)>,
    ) -> Result<(), Fault> {
        let mut asked = std::mem::take(&mut self.ahead.asked);
        self.bring(&events, pending, &mut asked).await?;
        let findings = self.find(&events).await?;
        let handled = events.len();
        let key = self.shared.key.clone();
        let core = self.core().await?;
        for ((origin, event), findings) in events.into_iter().zip(findings) {
            let of = format!("{origin:?} {wave}");
            let moment = Moment { time: now, seed: key.seed(&of, now.as_nanosecond()) };
            let effects = caught(|| core.handle(moment, event, findings)).map_err(origin.bug())?;
            changes.extend(effects.iter().filter_map(changed).map(|send| (origin, send)));
            pending.add(effects);
        }
        add(&self.shared.counts.events, handled);
        Ok(())
    }

    /// Brings the core the rows that it wants for these events, and those that it wants once it
    /// has seen them. What was asked for and is not there is not asked for again.
    async fn bring(
        &mut self,
        events: &[(Origin, Event)],
        pending: &Pending,
        asked: &mut BTreeSet<Wanted>,
    ) -> Result<(), Fault> {
        for _ in 0..BROUGHT_MAX {
            let core = self.core().await?;
            let mut wanted: BTreeSet<Wanted> = BTreeSet::new();
            for (origin, event) in events {
                wanted.extend(caught(|| core.wanted(event)).map_err(origin.bug())?);
            }
            let wanted: Vec<Wanted> = wanted.difference(asked).cloned().collect();
            let Some(first) = events.first().filter(|_| !wanted.is_empty()) else {
                return Ok(());
            };
            let rows = pending.over(self.shared.store.rows(&wanted).await?, &wanted);
            step("rows brought");
            let core = self.core().await?;
            caught(|| core.bring(rows)).map_err(first.0.bug())?;
            asked.extend(wanted);
        }
        tracing::error!("the core wants rows again and again");
        Ok(())
    }

    /// What these events ask for, in their order; empty findings for those that ask for nothing.
    async fn find(&mut self, events: &[(Origin, Event)]) -> Result<Vec<Findings>, Fault> {
        let core = self.core().await?;
        let mut queries = Vec::new();
        let mut asking = Vec::with_capacity(events.len());
        for (origin, event) in events {
            let query = caught(|| core.ask(event)).map_err(origin.bug())?;
            asking.push(query.is_some());
            queries.extend(query);
        }
        let (found, failed) = match self.ahead.found(&queries) {
            Some(found) => (vec![found], 0),
            None => look_up(&self.known.finder, queries).await,
        };
        step("found");
        if failed > 0 {
            add(&self.shared.counts.finds_failed, failed);
            self.shared.words.error("a look-up panicked and found nothing".to_owned());
        }
        let mut found = found.into_iter();
        let of = |asks: bool| if asks { found.next() } else { None };
        Ok(asking.into_iter().map(of).map(Option::unwrap_or_default).collect())
    }

    async fn commit(
        &mut self,
        now: Timestamp,
        parts: &[Part],
        mut pending: Pending,
        changes: &[(Origin, SendId)],
    ) -> Result<(), Fault> {
        let undelivered: Vec<SendId> =
            parts.iter().filter_map(|part| part.origin.mishap()).collect();
        undelivered.iter().for_each(|send| pending.unsend(*send));
        let still: BTreeSet<SendId> = pending.changed().collect();
        let sends = pending.only_sends();
        // What is on its way cannot be changed: the new words would count as said.
        let shared = self.shared.clone();
        let _picking = if sends.is_some() { None } else { Some(shared.picking.lock().await) };
        let flies = |send: &SendId| still.contains(send) && shared.flies(*send);
        if let Some((origin, send)) = changes.iter().find(|(_, send)| flies(send)) {
            return Err(Fault::InAir(*origin, *send));
        }
        let handled: Vec<InboxId> = parts.iter().filter_map(|part| part.origin.inbox()).collect();
        let keys_until = (!handled.is_empty()).then(|| later(now, KEYS_KEPT));
        lock(&shared.to_say).begin();
        self.write(now, Commit { handled, keys_until, ..pending.into_commit() }).await?;
        match sends {
            Some(sends) => lock(&shared.to_say).add(sends),
            None => lock(&shared.to_say).skip(),
        }
        count(&self.shared.counts.rounds);
        Ok(())
    }

    async fn write(&self, now: Timestamp, commit: Commit) -> Result<(), StoreError> {
        step("before committing");
        let fails = |left: u64| left.checked_sub(1);
        if self
            .shared
            .commits_to_fail
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails)
            .is_ok()
        {
            let source = "a test said so".into();
            return Err(StoreError::Unavailable { operation: "commits", source });
        }
        let began = Instant::now();
        self.shared.store.commit(now, &commit).await?;
        step("committed");
        let took = usize::try_from(began.elapsed().as_micros()).unwrap_or(usize::MAX);
        add(&self.shared.counts.commit_us, took);
        Ok(())
    }

    /// A round is on disk: what it handled is over.
    fn finish(&mut self, parts: &[Part]) {
        let handled: Vec<InboxId> = parts.iter().filter_map(|part| part.origin.inbox()).collect();
        self.queue.remove(&handled);
        self.ahead = Ahead::default();
        if let Some(core) = &mut self.core {
            core.rest();
        }
        add(&self.shared.counts.handled, handled.len());
        self.shared.counts.inbox.down(handled.len());
        self.shared.room.notify_one();
        if !self.blamed.is_empty() {
            self.blamed.retain(|origin, _| !parts.iter().any(|part| part.origin == *origin));
        }
        let downs = parts.iter().filter(|part| matches!(part.origin, Origin::Down(_)));
        self.downs_told += downs.count();
        let undelivered: BTreeSet<SendId> =
            parts.iter().filter_map(|part| part.origin.mishap()).collect();
        if !undelivered.is_empty() {
            let over = |mishap: &Mishap| undelivered.contains(&mishap.send);
            let mut mishaps = lock(&self.shared.mishaps);
            let places =
                mishaps.iter().filter(|mishap| over(mishap)).map(|mishap| mishap.to.clone());
            lock(&self.shared.mishaps_over).extend(places);
            mishaps.retain(|mishap| !over(mishap));
            self.shared.outbox.ring();
        }
    }

    /// A round was given up. Its core has decided what will not be, so it goes too.
    fn give_up(&mut self, fault: Fault) {
        self.core = None;
        self.ahead = Ahead::default();
        let now = self.shared.clock.now();
        match fault {
            Fault::Store(error) => {
                count(&self.shared.counts.commits_failed);
                self.shared.trouble(&error, "handling");
                self.shared.pause.send_replace(Some(chain(&error)));
                self.pauses.failed(now);
                // The store alone knows what is handled and what is not, and what is to be said.
                lock(&self.shared.to_say).skip();
                self.queue.clear();
                self.read_at = None;
            }
            Fault::InAir(origin, send) => self.held.push((origin, send)),
            Fault::Bug(origin) => {
                let tries = self.blamed.entry(origin).or_default();
                *tries += 1;
                let enough = *tries >= TRIES;
                tracing::error!(?origin, tries, "handling panicked");
                self.shared.words.error(format!("handling panicked: {origin:?}"));
                match origin {
                    Origin::Inbox(id) if enough => {
                        if let Some(at) = self.queue.take(id) {
                            self.put_aside(id, at);
                        }
                    }
                    Origin::Woke if enough => self.woke_after = Some(later(now, WOKE_AGAIN)),
                    Origin::Inbox(_) | Origin::Woke | Origin::Mishap(_) | Origin::Down(_) => {}
                }
            }
        }
    }

    /// All is well, and what pauses because of this task goes on.
    fn resume(&mut self) {
        if self.pauses.until.is_some() {
            self.pauses.worked();
        }
        if self.shared.pause.send_if_modified(|pause| pause.take().is_some()) {
            tracing::info!("handling goes on");
            self.shared.outbox.ring();
        }
    }

    /// The core, made from its rows if there is none.
    async fn core(&mut self) -> Result<&mut Box<dyn Core>, StoreError> {
        let core = match self.core.take() {
            Some(core) => core,
            None => {
                let rows = self.shared.store.live_rows().await?;
                self.shared.maker.make(self.known.finder.branches(), rows)
            }
        };
        Ok(self.core.insert(core))
    }

    /// Takes the knowledge up that there is now.
    fn learn(&mut self) {
        let (version, known) = lock(&self.shared.known).clone();
        if version == self.known_version {
            return;
        }
        self.known_version = version;
        self.known = known;
        self.ahead = Ahead::default();
        if let Some(core) = &mut self.core {
            core.learn(self.known.finder.branches());
        }
    }

    /// Reads the inbox on, if there may be more in it and there is room.
    async fn fill(&mut self) -> Result<(), StoreError> {
        while self.queue.len() < ROUND_MAX {
            let (fresh, taken_in) = lock(&self.shared.taken_in).take(self.read_at);
            if let Some(fresh) = fresh {
                self.read_at = taken_in;
                self.take_up(fresh);
                return Ok(());
            }
            let room = QUEUE_MAX - self.queue.len();
            let items = self.shared.store.inbox(self.queue.read_to, room).await?;
            if items.len() < room {
                self.read_at = taken_in;
            }
            self.take_up(items);
        }
        Ok(())
    }

    fn take_up(&mut self, items: Vec<InboxItem>) {
        // What was taken in during a read of the inbox may have been read already.
        let read_to = self.queue.read_to;
        items.into_iter().filter(|item| item.id > read_to).for_each(|item| self.translate(item));
    }

    fn translate(&mut self, item: InboxItem) {
        let InboxItem { id, network, raw, at } = item;
        self.queue.read_to = self.queue.read_to.max(id);
        if self.aside.contains_key(&id) {
            return;
        }
        // Without its network it cannot be read; it may be back in the settings at the next start.
        let translator = self.translators.get(&network).ok_or(Panicked);
        match translator.and_then(|translator| caught(|| translator.events(&raw, &self.shared.key)))
        {
            Ok(events) => self.queue.push(Waiting { id, at, events }),
            Err(Panicked) => self.put_aside(id, at),
        }
    }

    /// Sets an arrival aside: it stays in the inbox, and is tried again when the program starts
    /// anew, for a new program may know better.
    fn put_aside(&mut self, id: InboxId, at: Timestamp) {
        tracing::error!(id = id.0, "an arrival is set aside: it cannot be handled");
        self.aside.insert(id, at);
        self.shared.counts.set_aside.up(1);
        self.shared.counts.inbox.down(1);
    }

    /// What is done when there is nothing else to do.
    async fn tidy(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let is_over = |at: Timestamp| later(at, ASIDE_KEPT) <= now;
        let over: Vec<InboxId> =
            self.aside.iter().filter(|(_, at)| is_over(**at)).map(|(id, _)| *id).collect();
        if !over.is_empty() {
            let keys_until = Some(later(now, KEYS_KEPT));
            let handled = over.clone();
            self.write(now, Commit { handled, keys_until, ..Commit::default() }).await?;
            self.aside.retain(|id, _| !over.contains(id));
            self.shared.counts.set_aside.down(over.len());
        }
        let farewell = self.shared.farewell_said.swap(false, Ordering::SeqCst);
        if farewell || self.scrub_at.is_some_and(|at| at <= now) {
            self.scrub(now).await;
        }
        Ok(())
    }

    /// Wipes the bytes of what was forgotten. What is forgotten is so already; if wiping fails it
    /// is tried again.
    async fn scrub(&mut self, now: Timestamp) {
        step("before scrubbing");
        match self.shared.store.scrub().await {
            Ok(()) => {
                step("scrubbed");
                self.scrub_at = None;
            }
            Err(error) => {
                self.shared.trouble(&error, "wiping what was forgotten");
                self.scrub_at = Some(later(now, SCRUB_AGAIN));
            }
        }
    }
}
