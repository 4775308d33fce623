//! What the link keeps for itself: the topic of each case, and groups that became supergroups.

use crate::translate::network;
use bot::{Case, CaseId, Counters, Row, RowKey, Wanted};
use contract::{Keepsake, LinkError, Store, StoreError, Version};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cases whose topics lie on one shelf: far under what a shelf holds.
const CASES_A_SHELF: u32 = 100;
/// How long a topic or a move is remembered after it was last of use.
const KEPT: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);
/// The shelf of groups that became supergroups.
const MOVED: &str = "moved";

/// The topic of a case in the staff's group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Topic {
    /// Its number in the group.
    pub(crate) thread: i32,
    /// What it is called, if that is known: it holds a patron's words, which nothing but the case
    /// keeps.
    #[serde(skip)]
    pub(crate) name: String,
    /// Whether it is closed.
    pub(crate) closed: bool,
    /// The group that it is in: numbers of topics count in each anew.
    #[serde(default)]
    pub(crate) group: i64,
    /// How many of the case's files were shown in it.
    #[serde(default)]
    pub(crate) files: usize,
}

/// What the link keeps for itself, in memory as in the store.
pub(crate) struct Kept {
    store: Arc<dyn Store>,
    /// The staff's group, whose topics are meant.
    group: Option<i64>,
    /// Cases whose files are being shown.
    showing: Mutex<BTreeSet<CaseId>>,
    known: Mutex<Option<Known>>,
}

#[derive(Clone, Default)]
struct Known {
    topics: BTreeMap<CaseId, Topic>,
    /// The numbers that groups have now, by those that they had.
    moved: BTreeMap<i64, i64>,
}

impl Kept {
    pub(crate) fn new(store: Arc<dyn Store>, group: Option<i64>) -> Kept {
        Kept { store, group, showing: Mutex::default(), known: Mutex::new(None) }
    }

    /// Begins to show the files of a case; false if that is under way already.
    pub(crate) fn begins_showing(&self, case: CaseId) -> bool {
        self.showing.lock().unwrap_or_else(PoisonError::into_inner).insert(case)
    }

    /// The files of a case are shown, as far as they can be.
    pub(crate) fn ends_showing(&self, case: CaseId) {
        self.showing.lock().unwrap_or_else(PoisonError::into_inner).remove(&case);
    }

    /// The topic of a case, if it has one.
    pub(crate) async fn topic(&self, case: CaseId) -> Result<Option<Topic>, LinkError> {
        self.load().await?;
        Ok(self.read(|known| known.topics.get(&case).cloned()))
    }

    /// The case that a topic is about, if it is about one.
    pub(crate) async fn case_of(&self, thread: i32) -> Result<Option<CaseId>, LinkError> {
        self.load().await?;
        Ok(self.read(|known| {
            let mut topics = known.topics.iter();
            topics.find(|(_, topic)| topic.thread == thread).map(|(case, _)| *case)
        }))
    }

    /// All topics, by case.
    pub(crate) async fn topics(&self) -> Result<BTreeMap<CaseId, Topic>, LinkError> {
        self.load().await?;
        Ok(self.read(|known| known.topics.clone()))
    }

    /// Remembers the topic of a case; `None`: that it has none any more.
    pub(crate) async fn keep_topic(
        &self,
        case: CaseId,
        topic: Option<&Topic>,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        self.load().await?;
        // The line of a topic that is gone stays for a moment, and says nothing.
        let kept = if topic.is_some() { KEPT } else { SignedDuration::ZERO };
        self.put(&shelf_of(case), &case.to_string(), &topic, now, kept).await?;
        self.change(|known| match topic {
            Some(topic) => {
                known.topics.insert(case, topic.clone());
            }
            None => {
                known.topics.remove(&case);
            }
        });
        Ok(())
    }

    /// The number that a group has now.
    pub(crate) async fn now_at(&self, chat: i64) -> Result<i64, LinkError> {
        self.load().await?;
        Ok(self.read(|known| known.moved.get(&chat).copied()).unwrap_or(chat))
    }

    /// The number that a group had when its first conversation began.
    pub(crate) async fn before(&self, chat: i64) -> Result<Option<i64>, LinkError> {
        self.load().await?;
        Ok(self.read(|known| {
            let mut moved = known.moved.iter();
            moved.find(|(_, now)| **now == chat).map(|(old, _)| *old)
        }))
    }

    /// Remembers that a group has another number now.
    pub(crate) async fn keep_move(
        &self,
        old: i64,
        new: i64,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        self.load().await?;
        self.put(MOVED, &old.to_string(), &new, now, KEPT).await?;
        self.change(|known| {
            known.moved.insert(old, new);
        });
        Ok(())
    }

    /// A case as it stands now; `None` if nothing is kept of it any more.
    pub(crate) async fn case(&self, id: CaseId) -> Result<Option<Case>, LinkError> {
        let wanted = [Wanted::Row(RowKey::Case(id))];
        let rows = self.store.rows(&wanted).await.map_err(lost)?;
        let case = |row| if let Row::Case(case) = row { Some(case) } else { None };
        Ok(rows.into_iter().find_map(case))
    }

    /// Those of these cases of which nothing is kept any more.
    pub(crate) async fn gone(&self, ids: &[CaseId]) -> Result<Vec<CaseId>, LinkError> {
        let wanted: Vec<Wanted> = ids.iter().map(|id| Wanted::Row(RowKey::Case(*id))).collect();
        let rows = self.store.rows(&wanted).await.map_err(lost)?;
        let kept: BTreeSet<CaseId> = rows
            .iter()
            .filter_map(|row| if let Row::Case(case) = row { Some(case.id) } else { None })
            .collect();
        Ok(ids.iter().copied().filter(|id| !kept.contains(id)).collect())
    }

    /// Whether the shelf of this name holds this value under this key.
    pub(crate) async fn holds(
        &self,
        shelf: &str,
        key: &str,
        value: &str,
    ) -> Result<bool, LinkError> {
        let all = self.all(shelf).await?;
        Ok(all.iter().any(|(known, bytes)| known == key && bytes == value.as_bytes()))
    }

    /// Puts a value on a shelf under a key.
    pub(crate) async fn note(
        &self,
        shelf: &str,
        key: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        self.put_bytes(shelf, key, value.as_bytes().to_vec(), now, KEPT).await
    }

    async fn put(
        &self,
        shelf: &str,
        key: &str,
        value: &impl Serialize,
        now: Timestamp,
        kept: SignedDuration,
    ) -> Result<(), LinkError> {
        // It holds no map whose keys could not be written.
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        self.put_bytes(shelf, key, bytes, now, kept).await
    }

    async fn put_bytes(
        &self,
        shelf: &str,
        key: &str,
        value: Vec<u8>,
        now: Timestamp,
        kept: SignedDuration,
    ) -> Result<(), LinkError> {
        let keepsake = Keepsake {
            shelf: shelf.to_owned(),
            key: key.to_owned(),
            cases: Vec::new(),
            value,
            keep_until: now.saturating_add(kept).unwrap_or(Timestamp::MAX),
        };
        self.store.keep(&network(), &[keepsake]).await.map_err(lost)
    }

    /// Reads everything once; from then on memory and store are changed together.
    async fn load(&self) -> Result<(), LinkError> {
        if self.known().is_some() {
            return Ok(());
        }
        let wanted = [Wanted::Row(RowKey::Counters)];
        let rows = self.store.rows(&wanted).await.map_err(lost)?;
        let last = rows.iter().find_map(|row| {
            if let Row::Counters(Counters { case, .. }) = row { Some(*case) } else { None }
        });
        let mut known = Known::default();
        for shelf in 0..=last.unwrap_or(0) / CASES_A_SHELF {
            for (key, value) in self.all(&shelf_of(CaseId(shelf * CASES_A_SHELF))).await? {
                let topic = serde_json::from_slice::<Option<Topic>>(&value).ok().flatten();
                let topic = topic.filter(|topic| Some(topic.group) == self.group);
                if let (Ok(case), Some(topic)) = (key.parse().map(CaseId), topic) {
                    known.topics.insert(case, topic);
                }
            }
        }
        for (key, value) in self.all(MOVED).await? {
            if let (Ok(old), Ok(new)) = (key.parse(), serde_json::from_slice(&value)) {
                known.moved.insert(old, new);
            }
        }
        self.known().get_or_insert(known);
        Ok(())
    }

    async fn all(&self, shelf: &str) -> Result<Vec<(String, Vec<u8>)>, LinkError> {
        let network = network();
        let read = self.store.shelf(&network, shelf, Version(0), contract::SHELF_MAX);
        let on_shelf = read.await.map_err(lost)?;
        Ok(on_shelf.into_iter().map(|one| (one.key, one.value)).collect())
    }

    fn read<T: Default>(&self, what: impl FnOnce(&Known) -> T) -> T {
        self.known().as_ref().map(what).unwrap_or_default()
    }

    fn change(&self, what: impl FnOnce(&mut Known)) {
        if let Some(known) = self.known().as_mut() {
            what(known);
        }
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        // Every change above is whole before anything in it can panic.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shelf_of(case: CaseId) -> String {
    format!("topics-{}", case.0 / CASES_A_SHELF)
}

/// The store could not be asked: nothing was done, for certain.
fn lost(error: StoreError) -> LinkError {
    LinkError::Lost(error.to_string())
}
