//! The store in SQLite.
//!
//! One connection writes, in transactions that first check the epoch; a few read. Every method
//! takes the same few statements however much it is given: lists go in as JSON, so that a group of
//! sixty-four questions costs hardly more round trips than one.

mod commit;
mod due;
mod failure;
mod files;
mod open;
mod outbox;
mod read;
mod scrub;
mod shelves;
mod write;

pub use files::{Condition, backup, check, restore};

use bot::{Network, Place, Row, SendId, Wanted};
use contract::{
    Arrival, Commit, Cursor, Epoch, InboxId, InboxItem, Keepsake, OnShelf, OutboxItem, OutboxState,
    Store, StoreError, Version,
};
use jiff::Timestamp;
use sqlx::sqlite::SqlitePool;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;
use write::Writer;

/// A library's store in one SQLite file (and the `-wal` and `-shm` beside it while it is open).
///
/// What was committed survives a loss of power: the journal is a WAL with `synchronous=FULL`.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    epoch: Epoch,
    writer: Mutex<Writer>,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the store in this file and takes the next epoch; makes the file if there is none, but
    /// not its folder. Only its owner can read it.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] if a newer program has written it, [`StoreError::Damaged`] if it is
    /// no store, [`StoreError::Full`] or [`StoreError::Unavailable`] if it cannot be opened now.
    pub async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        open::open(path, None).await
    }

    /// Opens the store as [`SqliteStore::open`] does, but lets its file grow to this many bytes at
    /// most: beyond that everything that needs room fails with [`StoreError::Full`].
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_at_most(path: &Path, bytes: u64) -> Result<SqliteStore, StoreError> {
        open::open(path, Some(bytes)).await
    }

    /// Closes it in order: the last one to do so leaves a single file behind. A store that is
    /// merely dropped loses nothing either.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the file cannot be closed.
    pub async fn close(self) -> Result<(), StoreError> {
        self.readers.close().await;
        self.writer.into_inner().close().await
    }
}

#[async_trait::async_trait]
impl Store for SqliteStore {
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
        write::accept(self.begin("takes in what arrived").await?, now, network, arrivals, cursor)
            .await
    }

    async fn cursor(&self, network: &Network) -> Result<Option<Cursor>, StoreError> {
        read::cursor(&self.readers, network).await
    }

    async fn inbox(&self, after: InboxId, limit: usize) -> Result<Vec<InboxItem>, StoreError> {
        read::inbox(&self.readers, after, limit).await
    }

    async fn commit(&self, now: Timestamp, commit: &Commit) -> Result<(), StoreError> {
        commit::commit(self.begin("commits what was decided").await?, now, commit).await
    }

    async fn live_rows(&self) -> Result<Vec<Row>, StoreError> {
        read::live_rows(&self.readers).await
    }

    async fn rows(&self, wanted: &[Wanted]) -> Result<Vec<Row>, StoreError> {
        read::rows(&self.readers, wanted).await
    }

    async fn due(
        &self,
        now: Timestamp,
        busy: &[Place],
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        due::due(&self.readers, now, busy, limit).await
    }

    async fn hasten(
        &self,
        now: Timestamp,
        network: &Network,
        place: Option<&Place>,
    ) -> Result<(), StoreError> {
        write::hasten(self.begin("hastens what waits").await?, now, network, place).await
    }

    async fn next_due(&self, busy: &[Place]) -> Result<Option<Timestamp>, StoreError> {
        due::next_due(&self.readers, busy).await
    }

    async fn settle(
        &self,
        now: Timestamp,
        states: &[(SendId, OutboxState)],
    ) -> Result<(), StoreError> {
        write::settle(self.begin("marks what was said").await?, now, states).await
    }

    async fn keep(&self, network: &Network, keepsakes: &[Keepsake]) -> Result<(), StoreError> {
        shelves::keep(self.begin("keeps something for a link").await?, network, keepsakes).await
    }

    async fn shelf(
        &self,
        network: &Network,
        shelf: &str,
        after: Version,
        limit: usize,
    ) -> Result<Vec<OnShelf>, StoreError> {
        shelves::shelf(&self.readers, network, shelf, after, limit).await
    }

    async fn shelves(
        &self,
        network: &Network,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        shelves::names(&self.readers, network, prefix, limit).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.wipe().await
    }

    async fn unscrubbed(&self) -> Result<bool, StoreError> {
        read::unwiped(&self.readers).await
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup(&self.path, to).await
    }
}
