//! The core: one plain value that decides.

use crate::effect::Effect;
use crate::event::Event;
use crate::look::Looked;
use crate::moment::Moment;
use crate::rows::{Row, Wanted};
use crate::settings::Settings;
use jiff::Timestamp;
use knowledge::{Branches, Findings, Query, Words};
use std::sync::Arc;

/// The core of one library. For each event, in this order: [`Bot::wanted`] and [`Bot::bring`],
/// [`Bot::ask`], the look-up, [`Bot::handle`].
pub struct Bot {
    settings: Settings,
    branches: Arc<Branches>,
}

impl Bot {
    /// A core with the rows that are live.
    pub fn new(settings: Settings, branches: Arc<Branches>, rows: Vec<Row>) -> Bot {
        let _ = rows;
        Bot { settings, branches }
    }

    /// The branches have changed.
    pub fn learn(&mut self, branches: Arc<Branches>) {
        self.branches = branches;
    }

    /// The rows that this event needs and that are not in memory.
    pub fn wanted(&self, event: &Event) -> Vec<Wanted> {
        let _ = event;
        Vec::new()
    }

    /// Takes rows in that were wanted; a row that is in memory already is newer and stays.
    pub fn bring(&mut self, rows: Vec<Row>) {
        let _ = rows;
    }

    /// What must be looked up before the event is handled.
    pub fn ask(&self, event: &Event) -> Option<Query> {
        let _ = event;
        None
    }

    /// Decides. `findings` are those of [`Bot::ask`]'s query, or empty.
    pub fn handle(&mut self, moment: Moment, event: Event, findings: Findings) -> Vec<Effect> {
        let _ = (moment, event, findings);
        Vec::new()
    }

    /// When the core wants [`Event::Woke`].
    pub fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    /// What to look up for [`Bot::look`].
    pub fn query(&self, text: &str) -> Query {
        Query::Words(Words { text: text.to_owned(), ..Words::default() })
    }

    /// What a patron who asked `text` now would be told, without anything changing.
    pub fn look(&self, moment: Moment, text: &str, findings: &Findings) -> Looked {
        let _ = (moment, text, findings, &self.settings, &self.branches);
        Looked::default()
    }
}
