//! Looks ahead while an arrival is being written to disk: what it will want is read and looked up
//! meanwhile, as far as there is nothing else to do.

use super::Rounds;
use crate::look_up::look_up;
use crate::panics::caught;
use crate::pending::Pending;
use crate::round::{Fault, Origin};
use crate::shared::lock;
use bot::{Event, Network, Wanted};
use contract::InboxId;
use knowledge::{Findings, Query};
use std::collections::BTreeSet;

/// What was made ready. It holds until the next round is over, which may be about something else.
#[derive(Default)]
pub(super) struct Ahead {
    /// What the core has been brought since, or is not there.
    pub(super) asked: BTreeSet<Wanted>,
    found: Option<(Query, Findings)>,
}

impl Ahead {
    /// What was found, if these queries ask for just that.
    pub(super) fn found(&mut self, queries: &[Query]) -> Option<Findings> {
        let (query, findings) = self.found.take()?;
        (queries == [query]).then_some(findings)
    }
}

impl Rounds {
    /// Makes ready what the arrival wants that is being taken in, if one is.
    pub(super) async fn look_ahead(&mut self) {
        let Some((network, raw)) = lock(&self.shared.coming).take() else { return };
        let Some(translator) = self.translators.get(&network) else { return };
        let events = caught(|| translator.events(&raw, &self.shared.key)).unwrap_or_default();
        if let [event] = events.as_slice()
            && self.make_ready(event).await.is_err()
        {
            // Whatever it is shows again once the arrival is handled, with whose fault it is.
            self.core = None;
            self.ahead = Ahead::default();
        }
    }

    async fn make_ready(&mut self, event: &Event) -> Result<(), Fault> {
        let origin = Origin::Inbox(InboxId::default());
        let mut asked = BTreeSet::new();
        self.bring(&[(origin, event.clone())], &Pending::default(), &mut asked).await?;
        let core = self.core().await?;
        let query = caught(|| core.ask(event)).map_err(origin.bug())?;
        self.ahead = Ahead { asked, found: None };
        if let Some(query) = query {
            let (mut found, failed) = look_up(&self.known.finder, vec![query.clone()]).await;
            self.ahead.found = found.pop().filter(|_| failed == 0).map(|found| (query, found));
        }
        Ok(())
    }
}

/// The arrival that is being taken in: its network, and what it is.
pub(crate) type Coming = (Network, Vec<u8>);
