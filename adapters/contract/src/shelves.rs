//! What a link keeps for itself in the library's store, and the thread that each case has where
//! staff work.

use crate::link::{Keepsake, LinkError};
use crate::store::{SHELF_MAX, Store, StoreError, Version};
use bot::{Case, CaseId, Counters, Network, Row, RowKey, Wanted};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One network's shelves in the library's store, and the rows that its link reads beside them.
pub struct Shelves {
    store: Arc<dyn Store>,
    network: Network,
}

impl Shelves {
    /// The shelves of a network.
    pub fn new(store: Arc<dyn Store>, network: Network) -> Shelves {
        Shelves { store, network }
    }

    /// All that lies on a shelf, by its key: what was put there last comes last.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn all(&self, shelf: &str) -> Result<Vec<(String, Vec<u8>)>, LinkError> {
        let read = self.store.shelf(&self.network, shelf, Version(0), SHELF_MAX);
        let on_shelf = read.await.map_err(lost)?;
        Ok(on_shelf.into_iter().map(|one| (one.key, one.value)).collect())
    }

    /// The names of up to `limit` shelves that begin with `prefix`: those on which something was put
    /// last come first.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn names(&self, prefix: &str, limit: usize) -> Result<Vec<String>, LinkError> {
        self.store.shelves(&self.network, prefix, limit).await.map_err(lost)
    }

    /// Puts a value on a shelf under a key, as JSON; it stays for `kept` from `now` on.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be written; [`LinkError::Refused`] if the value is
    /// none that JSON can hold, such as a map whose keys are lists.
    pub async fn put(
        &self,
        shelf: &str,
        key: &str,
        value: &impl Serialize,
        now: Timestamp,
        kept: SignedDuration,
    ) -> Result<(), LinkError> {
        let bytes = serde_json::to_vec(value);
        let bytes = bytes.map_err(|error| LinkError::Refused(error.to_string()))?;
        self.put_bytes(shelf, key, bytes, now, kept).await
    }

    /// Puts bytes on a shelf under a key; they stay for `kept` from `now` on.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be written.
    pub async fn put_bytes(
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
        self.store.keep(&self.network, &[keepsake]).await.map_err(lost)
    }

    /// A case as it stands now; `None` if nothing is kept of it any more.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn case(&self, id: CaseId) -> Result<Option<Case>, LinkError> {
        let wanted = [Wanted::Row(RowKey::Case(id))];
        let rows = self.store.rows(&wanted).await.map_err(lost)?;
        let case = |row| if let Row::Case(case) = row { Some(case) } else { None };
        Ok(rows.into_iter().find_map(case))
    }

    /// Those of these cases of which nothing is kept any more, in the same order.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn gone(&self, ids: &[CaseId]) -> Result<Vec<CaseId>, LinkError> {
        let wanted: Vec<Wanted> = ids.iter().map(|id| Wanted::Row(RowKey::Case(*id))).collect();
        let rows = self.store.rows(&wanted).await.map_err(lost)?;
        let kept: BTreeSet<CaseId> = rows
            .iter()
            .filter_map(|row| if let Row::Case(case) = row { Some(case.id) } else { None })
            .collect();
        Ok(ids.iter().copied().filter(|id| !kept.contains(id)).collect())
    }

    /// The number of the newest case; 0 before the first.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn last_case(&self) -> Result<u32, LinkError> {
        let wanted = [Wanted::Row(RowKey::Counters)];
        let rows = self.store.rows(&wanted).await.map_err(lost)?;
        let last = rows.iter().find_map(|row| {
            if let Row::Counters(Counters { case, .. }) = row { Some(*case) } else { None }
        });
        Ok(last.unwrap_or(0))
    }
}

/// Cases whose threads lie on one shelf: far under what a shelf holds.
const CASES_A_SHELF: u32 = 100;

/// What a link remembers of the thread that a case has where staff work, in memory as in the
/// store: `T` is whatever the network needs to find it again.
///
/// The threads of a hundred cases lie on one shelf, `NAME-0` and so on, as JSON under the case's
/// number. All of them are read at the first call; if that fails, at the next.
pub struct CaseThreads<T> {
    shelves: Arc<Shelves>,
    name: &'static str,
    kept: SignedDuration,
    fits: Box<dyn Fn(&T) -> bool + Send + Sync>,
    known: Mutex<Option<BTreeMap<CaseId, T>>>,
}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync> CaseThreads<T> {
    /// The threads on the shelves of this name, each kept for `kept` after it was last put there.
    /// Those that do not fit are passed over when they are read: they are of another group than
    /// the one where staff work now, say.
    pub fn new(
        shelves: Arc<Shelves>,
        name: &'static str,
        kept: SignedDuration,
        fits: impl Fn(&T) -> bool + Send + Sync + 'static,
    ) -> CaseThreads<T> {
        CaseThreads { shelves, name, kept, fits: Box::new(fits), known: Mutex::new(None) }
    }

    /// The thread of a case, if it has one.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn get(&self, case: CaseId) -> Result<Option<T>, LinkError> {
        self.load().await?;
        Ok(self.known().as_ref().and_then(|known| known.get(&case).cloned()))
    }

    /// Remembers the thread of a case; `None`: that it has none any more.
    ///
    /// # Errors
    /// As [`Shelves::put`]; nothing is remembered then.
    pub async fn keep(
        &self,
        case: CaseId,
        thread: Option<&T>,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        self.load().await?;
        // The line of a thread that is gone stays for a moment, and says nothing.
        let kept = if thread.is_some() { self.kept } else { SignedDuration::ZERO };
        let shelf = self.shelf(case.0 / CASES_A_SHELF);
        self.shelves.put(&shelf, &case.to_string(), &thread, now, kept).await?;
        if let Some(known) = self.known().as_mut() {
            match thread {
                Some(thread) => known.insert(case, thread.clone()),
                None => known.remove(&case),
            };
        }
        Ok(())
    }

    /// All threads, by case.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn all(&self) -> Result<BTreeMap<CaseId, T>, LinkError> {
        self.load().await?;
        Ok(self.known().clone().unwrap_or_default())
    }

    /// The case for whose thread `is` holds; of several, the one with the lowest number.
    ///
    /// # Errors
    /// [`LinkError::Lost`] if the store cannot be read.
    pub async fn find(&self, is: impl Fn(&T) -> bool) -> Result<Option<CaseId>, LinkError> {
        self.load().await?;
        let known = self.known();
        let mut threads = known.iter().flatten();
        Ok(threads.find(|(_, thread)| is(thread)).map(|(case, _)| *case))
    }

    /// Reads everything once; from then on memory and store are changed together.
    async fn load(&self) -> Result<(), LinkError> {
        if self.known().is_some() {
            return Ok(());
        }
        let mut known = BTreeMap::new();
        let last = self.shelves.last_case().await?;
        for number in 0..=last / CASES_A_SHELF {
            for (key, value) in self.shelves.all(&self.shelf(number)).await? {
                let thread = serde_json::from_slice::<Option<T>>(&value).ok().flatten();
                let thread = thread.filter(|thread| (self.fits)(thread));
                if let (Ok(case), Some(thread)) = (key.parse().map(CaseId), thread) {
                    known.insert(case, thread);
                }
            }
        }
        self.known().get_or_insert(known);
        Ok(())
    }

    fn shelf(&self, number: u32) -> String {
        format!("{}-{number}", self.name)
    }

    fn known(&self) -> MutexGuard<'_, Option<BTreeMap<CaseId, T>>> {
        // Every change above is whole before anything in it can panic.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The store could not be asked: nothing was done, for certain.
fn lost(error: StoreError) -> LinkError {
    LinkError::Lost(error.to_string())
}
