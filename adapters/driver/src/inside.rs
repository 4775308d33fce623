//! What links may ask of the library.

use crate::core::Known;
use crate::shared::{Shared, lock};
use bot::{Case, Looked, Moment, Reply};
use contract::{Health, Inside};
use jiff::Timestamp;
use std::sync::Arc;

#[async_trait::async_trait]
impl Inside for Shared {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn health(&self) -> Health {
        let paused = self.pause.borrow().clone().or_else(|| self.words.intake_pauses());
        Health {
            ready: paused.is_none() && !self.is_stopping(),
            paused,
            inbox: self.counts.inbox.read(),
            set_aside: self.counts.set_aside.read(),
            sending: lock(&self.in_air).len() as u64,
            next_send: *lock(&self.next_send),
            links: self.words.links(),
            last_error: self.words.last_error(),
            counts: self.counts.counts(),
        }
    }

    async fn look(&self, text: String) -> Option<Looked> {
        let (known, moment) = (self.known(), self.moment());
        // The task fails only by a panic, which costs this look alone.
        tokio::task::spawn_blocking(move || known.look(moment, &text)).await.ok()
    }

    fn sheet(&self, case: &Case, others: &[Case]) -> Reply {
        self.known().looker.sheet(self.moment(), case, others)
    }

    fn topics(&self) -> Vec<String> {
        self.known().topics()
    }

    fn preview(&self, case: &Case, staff: &str, text: &str) -> Reply {
        self.known().looker.preview(self.moment(), case, staff, text)
    }
}

impl Shared {
    fn known(&self) -> Arc<Known> {
        lock(&self.known).1.clone()
    }

    /// The moment of a look.
    fn moment(&self) -> Moment {
        let time = self.clock.now();
        Moment { time, seed: self.key.seed("look", time.as_nanosecond()) }
    }
}
