//! What the link keeps for itself: the topic of each case, and groups that became supergroups.

use crate::translate::network;
use bot::CaseId;
use contract::{CaseThreads, LinkError, Shelves, Store};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a topic or a move is remembered after it was last of use.
const KEPT: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);
/// The shelves of topics: what lies there was put there by earlier versions, too.
const TOPICS: &str = "topics";
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
    pub(crate) shelves: Arc<Shelves>,
    /// The topics of the staff's group.
    pub(crate) topics: CaseThreads<Topic>,
    /// Cases whose files are being shown.
    showing: Mutex<BTreeSet<CaseId>>,
    /// The numbers that groups have now, by those that they had.
    moved: Mutex<Option<BTreeMap<i64, i64>>>,
}

impl Kept {
    pub(crate) fn new(store: Arc<dyn Store>, group: Option<i64>) -> Kept {
        let shelves = Arc::new(Shelves::new(store, network()));
        let is_staffs = move |topic: &Topic| Some(topic.group) == group;
        Kept {
            topics: CaseThreads::new(shelves.clone(), TOPICS, KEPT, is_staffs),
            shelves,
            showing: Mutex::default(),
            moved: Mutex::default(),
        }
    }

    /// Begins to show the files of a case; false if that is under way already.
    pub(crate) fn begins_showing(&self, case: CaseId) -> bool {
        self.showing.lock().unwrap_or_else(PoisonError::into_inner).insert(case)
    }

    /// The files of a case are shown, as far as they can be.
    pub(crate) fn ends_showing(&self, case: CaseId) {
        self.showing.lock().unwrap_or_else(PoisonError::into_inner).remove(&case);
    }

    /// The case that a topic is about, if it is about one.
    pub(crate) async fn case_of(&self, thread: i32) -> Result<Option<CaseId>, LinkError> {
        self.topics.find(|topic| topic.thread == thread).await
    }

    /// The number that a group has now.
    pub(crate) async fn now_at(&self, chat: i64) -> Result<i64, LinkError> {
        self.load().await?;
        let now = self.moved().as_ref().and_then(|moved| moved.get(&chat).copied());
        Ok(now.unwrap_or(chat))
    }

    /// The number that a group had when its first conversation began.
    pub(crate) async fn before(&self, chat: i64) -> Result<Option<i64>, LinkError> {
        self.load().await?;
        let moved = self.moved();
        let mut moved = moved.iter().flatten();
        Ok(moved.find(|(_, now)| **now == chat).map(|(old, _)| *old))
    }

    /// Remembers that a group has another number now.
    pub(crate) async fn keep_move(
        &self,
        old: i64,
        new: i64,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        self.load().await?;
        self.shelves.put(MOVED, &old.to_string(), &new, now, KEPT).await?;
        if let Some(moved) = self.moved().as_mut() {
            moved.insert(old, new);
        }
        Ok(())
    }

    /// Whether the shelf of this name holds this value under this key.
    pub(crate) async fn holds(
        &self,
        shelf: &str,
        key: &str,
        value: &str,
    ) -> Result<bool, LinkError> {
        let all = self.shelves.all(shelf).await?;
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
        self.shelves.put_bytes(shelf, key, value.as_bytes().to_vec(), now, KEPT).await
    }

    /// Reads the moves once; from then on memory and store are changed together.
    async fn load(&self) -> Result<(), LinkError> {
        if self.moved().is_some() {
            return Ok(());
        }
        let mut moved = BTreeMap::new();
        for (key, value) in self.shelves.all(MOVED).await? {
            if let (Ok(old), Ok(new)) = (key.parse(), serde_json::from_slice(&value)) {
                moved.insert(old, new);
            }
        }
        self.moved().get_or_insert(moved);
        Ok(())
    }

    fn moved(&self) -> MutexGuard<'_, Option<BTreeMap<i64, i64>>> {
        // Every change above is whole before anything in it can panic.
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
