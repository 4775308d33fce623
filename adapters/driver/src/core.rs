//! What the driver needs of the core and of the knowledge.

use bot::{Bot, Case, Effect, Event, Looked, Moment, Reply, Row, Settings, Wanted};
use jiff::Timestamp;
use knowledge::{Branches, Findings, Knowledge, Query};
use std::sync::Arc;

/// What decides. [`Bot`] is the one that there is; a test may bring its own.
pub trait Core: Send + Sync + 'static {
    /// [`Bot::learn`].
    fn learn(&mut self, branches: Arc<Branches>);
    /// [`Bot::wanted`].
    fn wanted(&self, event: &Event) -> Vec<Wanted>;
    /// [`Bot::bring`].
    fn bring(&mut self, rows: Vec<Row>);
    /// [`Bot::ask`].
    fn ask(&self, event: &Event) -> Option<Query>;
    /// [`Bot::handle`].
    fn handle(&mut self, moment: Moment, event: Event, findings: Findings) -> Vec<Effect>;
    /// [`Bot::rest`]. Called after a round is on disk.
    fn rest(&mut self);
    /// [`Bot::wake_at`].
    fn wake_at(&self) -> Option<Timestamp>;
    /// [`Bot::query`].
    fn query(&self, text: &str) -> Query;
    /// [`Bot::look`].
    fn look(&self, moment: Moment, text: &str, findings: &Findings) -> Looked;
    /// [`Bot::query_topics`].
    fn query_topics(&self) -> Query;
    /// [`Bot::topics`].
    fn topics(&self, findings: &Findings) -> Vec<String>;
    /// [`Bot::sheet`].
    fn sheet(&self, moment: Moment, case: &Case, others: &[Case]) -> Reply;
    /// [`Bot::preview`].
    fn preview(&self, moment: Moment, case: &Case, staff: &str, text: &str) -> Reply;
}

/// Makes a core from its rows: at the start, and anew whenever a core cannot be trusted any more.
pub trait MakeCore: Send + Sync + 'static {
    /// A core with the rows that are live.
    fn make(&self, branches: Arc<Branches>, rows: Vec<Row>) -> Box<dyn Core>;
}

/// Where findings come from. [`Knowledge`] is the one that there is; a test may bring its own.
pub trait Finder: Send + Sync + 'static {
    /// Looks a query up. Called on several threads at once.
    fn find(&self, query: &Query) -> Findings;
    /// The branches.
    fn branches(&self) -> Arc<Branches>;
}

impl MakeCore for Settings {
    fn make(&self, branches: Arc<Branches>, rows: Vec<Row>) -> Box<dyn Core> {
        Box::new(Bot::new(self.clone(), branches, rows))
    }
}

impl Finder for Knowledge {
    fn find(&self, query: &Query) -> Findings {
        Knowledge::find(self, query)
    }
    fn branches(&self) -> Arc<Branches> {
        Knowledge::branches(self)
    }
}

impl Core for Bot {
    fn learn(&mut self, branches: Arc<Branches>) {
        Bot::learn(self, branches);
    }
    fn wanted(&self, event: &Event) -> Vec<Wanted> {
        Bot::wanted(self, event)
    }
    fn bring(&mut self, rows: Vec<Row>) {
        Bot::bring(self, rows);
    }
    fn ask(&self, event: &Event) -> Option<Query> {
        Bot::ask(self, event)
    }
    fn handle(&mut self, moment: Moment, event: Event, findings: Findings) -> Vec<Effect> {
        Bot::handle(self, moment, event, findings)
    }
    fn rest(&mut self) {
        Bot::rest(self);
    }
    fn wake_at(&self) -> Option<Timestamp> {
        Bot::wake_at(self)
    }
    fn query(&self, text: &str) -> Query {
        Bot::query(self, text)
    }
    fn look(&self, moment: Moment, text: &str, findings: &Findings) -> Looked {
        Bot::look(self, moment, text, findings)
    }
    fn query_topics(&self) -> Query {
        Bot::query_topics(self)
    }
    fn topics(&self, findings: &Findings) -> Vec<String> {
        Bot::topics(self, findings)
    }
    fn sheet(&self, moment: Moment, case: &Case, others: &[Case]) -> Reply {
        Bot::sheet(self, moment, case, others)
    }
    fn preview(&self, moment: Moment, case: &Case, staff: &str, text: &str) -> Reply {
        Bot::preview(self, moment, case, staff, text)
    }
}

/// One state of the knowledge, with a core that has no rows and only looks: so looking never waits
/// for what is being handled, nor holds it up.
pub(crate) struct Known {
    pub(crate) finder: Arc<dyn Finder>,
    pub(crate) looker: Box<dyn Core>,
}

impl Known {
    pub(crate) fn new(maker: &dyn MakeCore, finder: Arc<dyn Finder>) -> Known {
        let looker = maker.make(finder.branches(), Vec::new());
        Known { finder, looker }
    }

    pub(crate) fn look(&self, moment: Moment, text: &str) -> Looked {
        let mut query = self.looker.query(text);
        if let Query::Words(words) = &mut query {
            // Whoever looks without asking has not sent it yet.
            words.unfinished = true;
        }
        let findings = self.finder.find(&query);
        self.looker.look(moment, text, &findings)
    }

    pub(crate) fn topics(&self) -> Vec<String> {
        self.looker.topics(&self.finder.find(&self.looker.query_topics()))
    }
}
