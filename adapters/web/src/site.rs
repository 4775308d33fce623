//! What the pages share.

use crate::desk::Sessions;
use crate::line::{self, Placed};
use crate::metrics::Metrics;
use crate::open::OpenPages;
use crate::seal::Seal;
use crate::server::Limits;
use crate::settings::Settings;
use crate::translate::network;
use crate::words::Words;
use axum::Router;
use bot::{Case, CaseId, Row, RowKey, Wanted};
use contract::{Arrival, Intake, SHELF_MAX, Store, StoreError, Version};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// What the pages share.
pub(crate) struct Site {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) seal: Seal,
    pub(crate) words: Words,
    pub(crate) pages: OpenPages,
    pub(crate) limits: Limits,
    pub(crate) sessions: Sessions,
    pub(crate) metrics: Metrics,
    /// Whether the server is stopping: streams then end.
    pub(crate) closing: watch::Sender<bool>,
    /// Routes of others on the same server.
    pub(crate) beside: Router,
    intake: RwLock<Option<Intake>>,
}

/// Why something that somebody did was not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// The program is starting or stopping: try again in a moment.
    #[error("the program is starting or stopping")]
    Closed,
}

impl Site {
    pub(crate) fn new(
        settings: Settings,
        beside: Router,
        store: Arc<dyn Store>,
        key: &[u8; 32],
    ) -> Site {
        Site {
            limits: Limits::new(&settings),
            settings,
            store,
            seal: Seal::new(key),
            words: Words::new(),
            pages: OpenPages::default(),
            sessions: Sessions::default(),
            metrics: Metrics::new(),
            closing: watch::Sender::new(false),
            beside,
            intake: RwLock::new(None),
        }
    }

    /// The way into the library, while it is open.
    pub(crate) fn intake(&self) -> Option<Intake> {
        self.intake.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The way into the library is open from now on.
    pub(crate) fn opens(&self, intake: Intake) {
        *self.intake.write().unwrap_or_else(PoisonError::into_inner) = Some(intake);
        self.closing.send_replace(false);
    }

    /// Nothing is taken in any more.
    pub(crate) fn closes(&self) {
        self.closing.send_replace(true);
        *self.intake.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Hands in what somebody did; when this returns it is on disk.
    pub(crate) async fn take_in(&self, arrival: Arrival) -> Result<(), NotTaken> {
        let intake = self.intake().ok_or(NotTaken::Closed)?;
        let shelf = arrival.keepsake.as_ref().map(|keepsake| keepsake.shelf.clone());
        intake.accept(vec![arrival], None).await.map_err(|_| NotTaken::Closed)?;
        if let Some(shelf) = shelf {
            self.pages.ring(&shelf);
        }
        Ok(())
    }

    /// The lines of a conversation, in its order.
    pub(crate) async fn lines(&self, shelf: &str) -> Result<Vec<Placed>, StoreError> {
        let mut lines = self.lines_after(shelf, Version::default(), SHELF_MAX).await?;
        lines.sort_by_key(|placed| placed.first);
        Ok(lines)
    }

    /// What was put on a shelf after a version, in the order in which it was put.
    pub(crate) async fn lines_after(
        &self,
        shelf: &str,
        after: Version,
        limit: usize,
    ) -> Result<Vec<Placed>, StoreError> {
        Ok(line::read(self.store.shelf(&network(), shelf, after, limit).await?))
    }

    /// The cases that are open, oldest first.
    pub(crate) async fn open_cases(&self) -> Result<Vec<Case>, StoreError> {
        let mut cases: Vec<Case> =
            self.store.live_rows().await?.into_iter().filter_map(case_of).collect();
        cases.sort_by_key(|case| case.id);
        Ok(cases)
    }

    /// One case, also one that is closed.
    pub(crate) async fn case(&self, id: CaseId) -> Result<Option<Case>, StoreError> {
        let rows = self.store.rows(&[Wanted::Row(RowKey::Case(id))]).await?;
        Ok(rows.into_iter().find_map(case_of))
    }
}

fn case_of(row: Row) -> Option<Case> {
    match row {
        Row::Case(case) => Some(case),
        Row::Counters(_)
        | Row::Person(_)
        | Row::Conversation(_)
        | Row::Day(_)
        | Row::Code(_)
        | Row::Topics(_) => None,
    }
}
