//! The store in memory: for simulations, and the plainest form of what a store promises.

use crate::times::{micros, time};
use bot::{Address, CaseId, Erasure, Network, Place, Reply, Row, SendId, Sending, Urgency, Wanted};
use contract::{
    Arrival, Commit, Cursor, Epoch, InboxId, InboxItem, Keepsake, OnShelf, OutboxItem, OutboxState,
    SHELF_MAX, Sent, Store, StoreError, Version,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store that is gone when its last handle is. [`MemoryStore::open_again`] is a restart.
#[derive(Debug)]
pub struct MemoryStore {
    held: Arc<Mutex<Held>>,
    epoch: Epoch,
}

/// What all handles share.
#[derive(Debug, Default)]
struct Held {
    epoch: u64,
    fail: Option<StoreError>,
    kept: Kept,
}

/// What transactions change.
#[derive(Clone, Debug, Default)]
struct Kept {
    cursors: BTreeMap<Network, Cursor>,
    last: i64,
    inbox: BTreeMap<InboxId, InboxItem>,
    /// Until when each key is kept; `None`: for good, or until its arrival is handled.
    keys: BTreeMap<(Network, String), Option<Timestamp>>,
    key_of: BTreeMap<InboxId, String>,
    rows: BTreeMap<(&'static str, String), Row>,
    outbox: BTreeMap<SendId, Message>,
    /// The last version that was given out.
    shelved: i64,
    shelves: BTreeMap<(Network, String), Shelf>,
    /// Whether a scrub came after all that was forgotten.
    wiped: bool,
}

/// In order of `first`, each with the cases that it tells of.
type Shelf = Vec<(OnShelf, Vec<CaseId>)>;

#[derive(Clone, Debug)]
struct Message {
    item: OutboxItem,
    due_at: Timestamp,
    /// Whether it waits; otherwise it was said, and `item.sent` are its marks.
    waits: bool,
}

impl MemoryStore {
    /// An empty store, opened for the first time.
    pub fn new() -> MemoryStore {
        MemoryStore::opened(Arc::default())
    }

    /// Opens the same store again and takes the next epoch, as a program does that is started
    /// again: this handle is superseded.
    pub fn open_again(&self) -> MemoryStore {
        MemoryStore::opened(Arc::clone(&self.held))
    }

    /// Lets the next write fail with this error, and change nothing.
    pub fn fail_next(&self, error: StoreError) {
        lock(&self.held).fail = Some(error);
    }

    fn opened(held: Arc<Mutex<Held>>) -> MemoryStore {
        let epoch = {
            let mut held = lock(&held);
            held.epoch += 1;
            Epoch(held.epoch)
        };
        MemoryStore { held, epoch }
    }

    /// One transaction: `change` changes nothing if it fails.
    fn write<T>(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut held = lock(&self.held);
        if held.epoch != self.epoch.0 {
            return Err(StoreError::Superseded);
        }
        if let Some(error) = held.fail.take() {
            return Err(error);
        }
        change(&mut held.kept)
    }

    fn read<T>(&self, look: impl FnOnce(&Kept) -> T) -> T {
        look(&lock(&self.held).kept)
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore::new()
    }
}

#[async_trait::async_trait]
impl Store for MemoryStore {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    async fn accept(
        &self,
        now: Timestamp,
        network: &Network,
        arrivals: &[Arrival],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<InboxItem>, StoreError> {
        self.write(|kept| Ok(kept.accept(whole(now), network, arrivals, cursor)))
    }

    async fn cursor(&self, network: &Network) -> Result<Option<Cursor>, StoreError> {
        Ok(self.read(|kept| kept.cursors.get(network).cloned()))
    }

    async fn inbox(&self, after: InboxId, limit: usize) -> Result<Vec<InboxItem>, StoreError> {
        let later = (std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded);
        Ok(self.read(|kept| {
            kept.inbox.range(later).take(limit).map(|(_, item)| item.clone()).collect()
        }))
    }

    async fn commit(&self, now: Timestamp, commit: &Commit) -> Result<(), StoreError> {
        self.write(|kept| {
            if kept.are_free(commit.send.iter().map(|sending| sending.send)) {
                return kept.commit(whole(now), commit);
            }
            // The only thing that can end a commit half way: it is tried on a copy.
            let mut copy = kept.clone();
            copy.commit(whole(now), commit)?;
            *kept = copy;
            Ok(())
        })
    }

    async fn live_rows(&self) -> Result<Vec<Row>, StoreError> {
        Ok(self.read(|kept| kept.rows.values().filter(|row| row.live()).cloned().collect()))
    }

    async fn rows(&self, wanted: &[Wanted]) -> Result<Vec<Row>, StoreError> {
        let is_wanted = |row: &&Row| wanted.iter().any(|wanted| is_wanted(row, wanted));
        Ok(self.read(|kept| kept.rows.values().filter(is_wanted).cloned().collect()))
    }

    async fn due(
        &self,
        now: Timestamp,
        busy: &[Place],
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        let now = whole(now);
        Ok(self.read(|kept| {
            let heads = kept.heads(busy).into_iter().filter(|head| head.due_at <= now);
            heads.take(limit).map(|head| head.item.clone()).collect()
        }))
    }

    async fn hasten(
        &self,
        now: Timestamp,
        network: &Network,
        place: Option<&Place>,
    ) -> Result<(), StoreError> {
        let now = whole(now);
        let place = place.map(Place::to_string);
        self.write(|kept| {
            for message in kept.outbox.values_mut() {
                let to = &message.item.sending.to;
                let meant = match &place {
                    Some(place) => to.to_string() == *place,
                    None => to.network == *network,
                };
                if meant && message.waits && message.due_at > now {
                    message.due_at = now;
                }
            }
            Ok(())
        })
    }

    async fn next_due(&self, busy: &[Place]) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.read(|kept| kept.heads(busy).iter().map(|head| head.due_at).min()))
    }

    async fn settle(
        &self,
        now: Timestamp,
        states: &[(SendId, OutboxState)],
    ) -> Result<(), StoreError> {
        let last: BTreeMap<_, _> = states.iter().map(|(send, state)| (*send, state)).collect();
        self.write(|kept| {
            for (send, state) in last {
                kept.settle(whole(now), send, state);
            }
            Ok(())
        })
    }

    async fn keep(&self, network: &Network, keepsakes: &[Keepsake]) -> Result<(), StoreError> {
        self.write(|kept| {
            kept.put(network, keepsakes.iter());
            Ok(())
        })
    }

    async fn shelf(
        &self,
        network: &Network,
        shelf: &str,
        after: Version,
        limit: usize,
    ) -> Result<Vec<OnShelf>, StoreError> {
        Ok(self.read(|kept| {
            let shelf = kept.shelves.get(&(network.clone(), shelf.to_owned()));
            let all = shelf.into_iter().flatten().map(|(one, _)| one);
            let mut found: Vec<OnShelf> = all.filter(|one| one.version > after).cloned().collect();
            found.sort_by_key(|one| one.version);
            found.truncate(limit);
            found
        }))
    }

    async fn shelves(
        &self,
        network: &Network,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        Ok(self.read(|kept| {
            let named = kept.shelves.iter().filter(|((of, name), on_shelf)| {
                of == network && name.starts_with(prefix) && !on_shelf.is_empty()
            });
            let mut named: Vec<(Version, &String)> = named
                .filter_map(|((_, name), all)| {
                    Some((all.iter().map(|(one, _)| one.version).max()?, name))
                })
                .collect();
            named.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
            named.into_iter().take(limit).map(|(_, name)| name.clone()).collect()
        }))
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        // What is dropped from memory is in no file.
        self.write(|kept| {
            kept.wiped |= !kept.outbox.values().any(|message| message.waits);
            Ok(())
        })
    }

    async fn unscrubbed(&self) -> Result<bool, StoreError> {
        Ok(self.read(|kept| !kept.wiped))
    }

    /// Writes what the store holds as text for people: it cannot be read back.
    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let text = self.read(|kept| format!("{kept:#?}\n"));
        let fail = |source: Error| StoreError::Unavailable {
            operation: "is copied",
            source: Box::new(source),
        };
        if to.exists() {
            return Err(fail(Error::from(ErrorKind::AlreadyExists)));
        }
        std::fs::write(to, text).map_err(fail)
    }
}

impl Kept {
    fn accept(
        &mut self,
        now: Timestamp,
        network: &Network,
        arrivals: &[Arrival],
        cursor: Option<&Cursor>,
    ) -> Vec<InboxItem> {
        let mut new = Vec::new();
        let mut brought = Vec::new();
        for arrival in arrivals {
            let key = (network.clone(), arrival.key.clone());
            if self.keys.contains_key(&key) {
                continue;
            }
            self.keys.insert(key, None);
            self.last += 1;
            let id = InboxId(self.last);
            let raw = arrival.raw.clone();
            let item = InboxItem { id, network: network.clone(), raw, at: now };
            self.inbox.insert(id, item.clone());
            new.push(item);
            self.key_of.insert(id, arrival.key.clone());
            brought.extend(&arrival.keepsake);
        }
        self.put(network, brought.into_iter());
        if let Some(cursor) = cursor {
            self.cursors.insert(network.clone(), cursor.clone());
        }
        new
    }

    fn commit(&mut self, now: Timestamp, commit: &Commit) -> Result<(), StoreError> {
        for id in &commit.handled {
            if let (Some(item), Some(key)) = (self.inbox.remove(id), self.key_of.remove(id)) {
                self.keys.insert((item.network, key), commit.keys_until.map(whole));
            }
        }
        self.wiped &= commit.forget_people.is_empty() && commit.forget_before.is_none();
        for erasure in &commit.forget_people {
            self.forget_person(erasure);
        }
        for key in &commit.forget {
            self.rows.remove(&key.texts());
        }
        if let Some(before) = commit.forget_before {
            self.forget_before(whole(before));
        }
        for row in &commit.save {
            self.rows.insert(row.key().texts(), row.clone());
        }
        for sending in &commit.send {
            self.send(now, sending)?;
        }
        let last: BTreeMap<_, _> =
            commit.change.iter().map(|(send, reply)| (*send, reply)).collect();
        for (send, reply) in last {
            self.change(now, send, reply);
        }
        for send in &commit.unsend {
            if self.outbox.get(send).is_some_and(|message| message.item.sent.is_none()) {
                self.outbox.remove(send);
            }
        }
        Ok(())
    }

    /// Puts keepsakes on their shelves, in this order, and then takes away what is too much.
    fn put<'a>(&mut self, network: &Network, keepsakes: impl Iterator<Item = &'a Keepsake>) {
        let mut touched = BTreeSet::new();
        for Keepsake { shelf, key, cases, value, keep_until } in keepsakes {
            self.shelved += 1;
            let version = Version(self.shelved);
            let place = (network.clone(), shelf.clone());
            let shelf = self.shelves.entry(place.clone()).or_default();
            touched.insert(place);
            let old = shelf.iter().position(|(one, _)| one.key == *key);
            let one = OnShelf {
                first: old.map_or(version, |at| shelf[at].0.first),
                version,
                key: key.clone(),
                value: value.clone(),
                keep_until: whole(*keep_until),
            };
            match old {
                Some(at) => shelf[at] = (one, cases.clone()),
                None => shelf.push((one, cases.clone())),
            }
        }
        for (place, shelf) in &mut self.shelves {
            if touched.contains(place) {
                shelf.drain(..shelf.len().saturating_sub(SHELF_MAX));
            }
        }
    }

    /// Whether nothing has one of these numbers, and none is there twice.
    fn are_free(&self, mut sends: impl Iterator<Item = SendId>) -> bool {
        let mut seen = BTreeSet::new();
        sends.all(|send| !self.outbox.contains_key(&send) && seen.insert(send))
    }

    fn forget_person(&mut self, erasure: &Erasure) {
        let Erasure { person, places, users, cases } = erasure;
        for place in places {
            self.shelves.remove(&(place.network.clone(), place.id.clone()));
        }
        let places: BTreeSet<String> = places.iter().map(Place::to_string).collect();
        let mut cases: BTreeSet<CaseId> = cases.iter().copied().collect();
        let theirs = self.rows.values().filter(|row| row.person() == Some(person));
        cases.extend(theirs.filter_map(case));
        self.outbox.retain(|_, Message { item, waits, .. }| {
            let Sending { to, only_for, case, .. } = &item.sending;
            let is_for = |user: &Address| {
                user.network == to.network && only_for.as_ref() == Some(&user.user)
            };
            if places.contains(&to.to_string()) || users.iter().any(is_for) {
                return false;
            }
            if !*waits || !case.is_some_and(|case| cases.contains(&case)) {
                return true;
            }
            // A change that waits holds words of the person's; the marks of what was said stay.
            *waits = false;
            item.sent.is_some()
        });
        for shelf in self.shelves.values_mut() {
            shelf.retain(|(_, about)| !about.iter().any(|case| cases.contains(case)));
        }
        self.rows.retain(|_, row| row.person() != Some(person));
    }

    fn forget_before(&mut self, before: Timestamp) {
        let is_over = |until: Option<Timestamp>| until.is_some_and(|until| whole(until) < before);
        self.rows.retain(|_, row| !is_over(row.keep_until()));
        self.outbox
            .retain(|_, message| message.waits || !is_over(message.item.sending.changeable_until));
        self.keys.retain(|_, until| !is_over(*until));
        for shelf in self.shelves.values_mut() {
            shelf.retain(|(one, _)| one.keep_until >= before);
        }
    }

    fn send(&mut self, now: Timestamp, sending: &Sending) -> Result<(), StoreError> {
        let send = sending.send;
        if self.outbox.contains_key(&send) {
            return Err(StoreError::Damaged { what: format!("message {send} is there already") });
        }
        let item = OutboxItem {
            sending: sending.clone(),
            sent: None,
            tries: 0,
            uncertain: false,
            queued: now,
        };
        self.outbox.insert(send, Message { item, due_at: now, waits: true });
        Ok(())
    }

    fn change(&mut self, now: Timestamp, send: SendId, reply: &Reply) {
        if let Some(message) = self.outbox.get_mut(&send) {
            message.item.sending.reply = reply.clone();
            message.item.queued = now;
            if !message.waits {
                message.waits = true;
                message.due_at = now;
            }
        }
    }

    fn settle(&mut self, now: Timestamp, send: SendId, state: &OutboxState) {
        let Some(message) = self.outbox.get_mut(&send).filter(|message| message.waits) else {
            return;
        };
        let kept = message.item.sending.changeable_until.is_some();
        match state {
            OutboxState::Said(sent) if kept => message.said(now, sent),
            OutboxState::Said(_) | OutboxState::Dropped => {
                self.outbox.remove(&send);
            }
            OutboxState::Later { at, uncertain } => {
                message.due_at = whole(*at);
                message.item.tries += 1;
                message.item.uncertain |= uncertain;
            }
        }
    }

    /// The first of what waits for each place that is not busy, in the order in which they go.
    fn heads(&self, busy: &[Place]) -> Vec<&Message> {
        let mut taken: BTreeSet<String> = busy.iter().map(Place::to_string).collect();
        let mut waiting: Vec<&Message> =
            self.outbox.values().filter(|message| message.waits).collect();
        waiting.sort_by_key(|message| message.turn());
        waiting.retain(|message| taken.insert(message.item.sending.to.to_string()));
        waiting
    }
}

impl Message {
    fn turn(&self) -> (Urgency, SendId) {
        (self.item.sending.urgency, self.item.sending.send)
    }

    fn said(&mut self, now: Timestamp, sent: &Sent) {
        self.waits = false;
        self.item.sent = Some(sent.clone());
        self.item.tries = 0;
        self.item.uncertain = false;
        self.item.queued = now;
    }
}

fn case(row: &Row) -> Option<CaseId> {
    match row {
        Row::Case(case) => Some(case.id),
        Row::Counters(_)
        | Row::Person(_)
        | Row::Conversation(_)
        | Row::Day(_)
        | Row::Code(_)
        | Row::Topics(_) => None,
    }
}

fn is_wanted(row: &Row, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Row(key) => row.key() == *key,
        Wanted::OfPerson(person) => row.person() == Some(person),
        Wanted::InPlace(place) => row.place().is_some_and(|at| at.to_string() == place.to_string()),
    }
}

/// A time as a store keeps it.
fn whole(at: Timestamp) -> Timestamp {
    // Every whole microsecond of a time is a time.
    time(micros(at)).unwrap_or(at)
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    // Nothing in here panics.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
