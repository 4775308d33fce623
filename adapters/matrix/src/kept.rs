//! What the link keeps for itself: the thread of each case, rooms that became others, and the room in
//! which somebody last wrote to it directly.

use crate::translate::network;
use bot::{Case, CaseId, Place};
use contract::{CaseThreads, Keepsake, LinkError, Shelves, Store};
use jiff::{SignedDuration, Timestamp};
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a thread or a move is remembered after it was last of use.
const KEPT: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);
/// How long the room of a direct chat is remembered after somebody last wrote in it.
const DIRECT_KEPT: SignedDuration = SignedDuration::from_hours(366 * 24);
/// The shelf of rooms that became others.
const MOVED: &str = "moved";
/// What the room of a direct chat is called on the shelf of that chat.
const ROOM: &str = "room";
/// Direct chats whose rooms are remembered at once.
const DIRECT_MAX: usize = 10_000;

/// The thread of a case in the staff's room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Thread {
    /// The room.
    pub(crate) room: OwnedRoomId,
    /// The message that it begins with.
    pub(crate) root: OwnedEventId,
    /// How many of the case's files were shown in it.
    #[serde(default)]
    pub(crate) files: usize,
}

/// What the link keeps for itself, in memory as in the store.
pub(crate) struct Kept {
    shelves: Arc<Shelves>,
    threads: CaseThreads<Thread>,
    moved: Mutex<Option<BTreeMap<String, String>>>,
    direct: Mutex<BTreeMap<String, OwnedRoomId>>,
}

impl Kept {
    pub(crate) fn new(store: Arc<dyn Store>) -> Kept {
        let shelves = Arc::new(Shelves::new(store, network()));
        Kept {
            threads: CaseThreads::new(shelves.clone(), "threads", KEPT, |_| true),
            shelves,
            moved: Mutex::default(),
            direct: Mutex::default(),
        }
    }

    /// The thread of a case, if it has one.
    pub(crate) async fn thread(&self, case: CaseId) -> Result<Option<Thread>, LinkError> {
        self.threads.get(case).await
    }

    /// The case that the thread with this root is about, if it is about one.
    pub(crate) async fn case_of(&self, root: &str) -> Result<Option<CaseId>, LinkError> {
        self.threads.find(|thread| thread.root.as_str() == root).await
    }

    /// All threads, by case.
    pub(crate) async fn threads(&self) -> Result<BTreeMap<CaseId, Thread>, LinkError> {
        self.threads.all().await
    }

    /// Remembers the thread of a case; `None`: that it has none any more.
    pub(crate) async fn keep_thread(
        &self,
        case: CaseId,
        thread: Option<&Thread>,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        self.threads.keep(case, thread, now).await
    }

    /// A case as it stands now; `None` if nothing is kept of it any more.
    pub(crate) async fn case(&self, id: CaseId) -> Result<Option<Case>, LinkError> {
        self.shelves.case(id).await
    }

    /// Those of these cases of which nothing is kept any more.
    pub(crate) async fn gone(&self, ids: &[CaseId]) -> Result<Vec<CaseId>, LinkError> {
        self.shelves.gone(ids).await
    }

    /// The room that a room has become, by as many steps as it took.
    pub(crate) async fn now_at(&self, room: &str) -> Result<String, LinkError> {
        let moved = self.moves().await?;
        let mut at = room;
        // A room that became itself would go round for ever.
        for _ in 0..moved.len() {
            match moved.get(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        Ok(at.to_owned())
    }

    /// The room that this one was when its first conversation began: its places go by that.
    pub(crate) async fn before(&self, room: &str) -> Result<String, LinkError> {
        let moved = self.moves().await?;
        let mut at = room;
        for _ in 0..moved.len() {
            match moved.iter().find(|(_, new)| new.as_str() == at) {
                Some((old, _)) => at = old,
                None => break,
            }
        }
        Ok(at.to_owned())
    }

    /// Remembers that a room has become another.
    pub(crate) async fn keep_move(
        &self,
        old: &str,
        new: &str,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        self.moves().await?;
        self.shelves.put(MOVED, old, &new, now, KEPT).await?;
        if let Some(moved) = lock(&self.moved).as_mut() {
            moved.insert(old.to_owned(), new.to_owned());
        }
        Ok(())
    }

    async fn moves(&self) -> Result<BTreeMap<String, String>, LinkError> {
        if let Some(moved) = lock(&self.moved).as_ref() {
            return Ok(moved.clone());
        }
        let all = self.shelves.all(MOVED).await?.into_iter();
        let moved: BTreeMap<String, String> =
            all.filter_map(|(old, new)| Some((old, serde_json::from_slice(&new).ok()?))).collect();
        Ok(lock(&self.moved).get_or_insert(moved).clone())
    }

    /// The room in which somebody last wrote to the bot directly.
    pub(crate) async fn direct_room(&self, user: &str) -> Result<Option<OwnedRoomId>, LinkError> {
        if let Some(room) = lock(&self.direct).get(user) {
            return Ok(Some(room.clone()));
        }
        let all = self.shelves.all(&shelf_of(user)).await?;
        let room = all.into_iter().find(|(key, _)| key == ROOM);
        let room: Option<OwnedRoomId> =
            room.and_then(|(_, room)| serde_json::from_slice(&room).ok());
        if let Some(room) = &room {
            self.note_direct(user, room);
        }
        Ok(room)
    }

    /// What is to be kept with a message that somebody writes directly, if it is news that they do so
    /// in this room. It goes with the person: the shelf is called as their place is.
    pub(crate) async fn direct_keepsake(
        &self,
        user: &str,
        room: &OwnedRoomId,
        now: Timestamp,
    ) -> Result<Option<Keepsake>, LinkError> {
        if self.direct_room(user).await?.as_ref() == Some(room) {
            return Ok(None);
        }
        self.note_direct(user, room);
        Ok(Some(Keepsake {
            shelf: shelf_of(user),
            key: ROOM.to_owned(),
            cases: Vec::new(),
            // A room's id is a text: it can always be written.
            value: serde_json::to_vec(room).unwrap_or_default(),
            keep_until: now.saturating_add(DIRECT_KEPT).unwrap_or(Timestamp::MAX),
        }))
    }

    fn note_direct(&self, user: &str, room: &OwnedRoomId) {
        let mut direct = lock(&self.direct);
        if direct.len() >= DIRECT_MAX {
            direct.clear();
        }
        direct.insert(user.to_owned(), room.clone());
    }

    /// The shelves, for what else is kept.
    pub(crate) fn shelves(&self) -> &Shelves {
        &self.shelves
    }
}

fn shelf_of(user: &str) -> String {
    Place::direct(&network(), user).id
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change above is whole before anything in it can panic.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
