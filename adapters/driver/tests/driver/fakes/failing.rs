//! Stores that fail or stand still at a point of a test's choosing.

use bot::{Network, Place, Row, SendId, Wanted};
use contract::{
    Arrival, Commit, Cursor, Epoch, InboxId, InboxItem, Keepsake, OnShelf, OutboxItem, OutboxState,
    Store, StoreError, Version,
};
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// What a store does around each write.
#[async_trait::async_trait]
pub(crate) trait Around: Send + Sync + 'static {
    async fn before(&self, write: &'static str) -> Result<(), StoreError>;
    async fn after(&self, write: &'static str) -> Result<(), StoreError>;
}

/// A store with something around each write.
pub(crate) struct Wrapped<S, A> {
    inner: S,
    around: A,
}

/// Which writes fail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fails {
    /// Commits, before anything is written.
    Commits,
    /// What takes arrivals in: all is written, and an error is all that is heard of it.
    AcceptsUnheard,
}

pub(crate) struct Failing {
    fails: Fails,
    left: AtomicU64,
}

impl<S> Wrapped<S, Failing> {
    /// A store whose first writes of this kind fail, so many times.
    pub(crate) fn over(inner: S, fails: Fails, times: u64) -> Self {
        Wrapped { inner, around: Failing { fails, left: AtomicU64::new(times) } }
    }
}

impl Failing {
    fn fails(&self, now: bool) -> Result<(), StoreError> {
        let less = |left: u64| left.checked_sub(1);
        let fails = now && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok();
        if fails { Err(StoreError::Full) } else { Ok(()) }
    }
}

#[async_trait::async_trait]
impl Around for Failing {
    async fn before(&self, write: &'static str) -> Result<(), StoreError> {
        self.fails(self.fails == Fails::Commits && write == "commit")
    }

    async fn after(&self, write: &'static str) -> Result<(), StoreError> {
        self.fails(self.fails == Fails::AcceptsUnheard && write == "accept")
    }
}

/// At a numbered point before or after a write everything stands still for good, as if the
/// program had died there.
#[derive(Clone)]
pub(crate) struct Death {
    left: Arc<AtomicU64>,
    pub(crate) died: Arc<Notify>,
}

impl Death {
    pub(crate) fn at(point: u64) -> Death {
        Death { left: Arc::new(AtomicU64::new(point)), died: Arc::default() }
    }

    pub(crate) fn store<S>(&self, inner: S) -> Wrapped<S, Death> {
        Wrapped { inner, around: self.clone() }
    }

    pub(crate) async fn point(&self) {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            if left <= 1 { None } else { Some(left - 1) }
        });
        if left.is_err() {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait::async_trait]
impl Around for Death {
    async fn before(&self, _write: &'static str) -> Result<(), StoreError> {
        self.point().await;
        Ok(())
    }

    async fn after(&self, _write: &'static str) -> Result<(), StoreError> {
        self.point().await;
        Ok(())
    }
}

#[async_trait::async_trait]
impl<S: Store, A: Around> Store for Wrapped<S, A> {
    fn epoch(&self) -> Epoch {
        self.inner.epoch()
    }

    async fn accept(
        &self,
        now: Timestamp,
        network: &Network,
        arrivals: &[Arrival],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<InboxItem>, StoreError> {
        self.around.before("accept").await?;
        let new = self.inner.accept(now, network, arrivals, cursor).await?;
        self.around.after("accept").await?;
        Ok(new)
    }

    async fn cursor(&self, network: &Network) -> Result<Option<Cursor>, StoreError> {
        self.inner.cursor(network).await
    }

    async fn inbox(&self, after: InboxId, limit: usize) -> Result<Vec<InboxItem>, StoreError> {
        self.inner.inbox(after, limit).await
    }

    async fn commit(&self, now: Timestamp, commit: &Commit) -> Result<(), StoreError> {
        self.around.before("commit").await?;
        self.inner.commit(now, commit).await?;
        self.around.after("commit").await?;
        Ok(())
    }

    async fn live_rows(&self) -> Result<Vec<Row>, StoreError> {
        self.inner.live_rows().await
    }

    async fn rows(&self, wanted: &[Wanted]) -> Result<Vec<Row>, StoreError> {
        self.inner.rows(wanted).await
    }

    async fn due(
        &self,
        now: Timestamp,
        busy: &[Place],
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        self.inner.due(now, busy, limit).await
    }

    async fn hasten(
        &self,
        now: Timestamp,
        network: &Network,
        place: Option<&Place>,
    ) -> Result<(), StoreError> {
        self.around.before("hasten").await?;
        self.inner.hasten(now, network, place).await?;
        self.around.after("hasten").await?;
        Ok(())
    }

    async fn next_due(&self, busy: &[Place]) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_due(busy).await
    }

    async fn settle(
        &self,
        now: Timestamp,
        states: &[(SendId, OutboxState)],
    ) -> Result<(), StoreError> {
        self.around.before("settle").await?;
        self.inner.settle(now, states).await?;
        self.around.after("settle").await?;
        Ok(())
    }

    async fn keep(&self, network: &Network, keepsakes: &[Keepsake]) -> Result<(), StoreError> {
        self.around.before("keep").await?;
        self.inner.keep(network, keepsakes).await?;
        self.around.after("keep").await?;
        Ok(())
    }

    async fn shelf(
        &self,
        network: &Network,
        shelf: &str,
        after: Version,
        limit: usize,
    ) -> Result<Vec<OnShelf>, StoreError> {
        self.inner.shelf(network, shelf, after, limit).await
    }

    async fn shelves(
        &self,
        network: &Network,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.inner.shelves(network, prefix, limit).await
    }

    async fn unscrubbed(&self) -> Result<bool, StoreError> {
        self.inner.unscrubbed().await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.inner.scrub().await
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.inner.backup(to).await
    }
}
