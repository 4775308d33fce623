//! What is to go wrong, where, and how often.

use super::world::World;
use serde_json::Value;
use std::time::Duration;

/// Something that is to go wrong.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// It is answered so and not passed on.
    Fail(u16, Value),
    /// It is passed on, and 502 is the answer.
    LoseAnswer,
    /// The answer comes so much later.
    Delay(Duration),
}

/// A trouble, for whom and how often.
#[derive(Debug)]
pub(crate) struct Fault {
    what: String,
    trouble: Trouble,
    times: usize,
}

impl Fault {
    pub(crate) fn new(what: &str, trouble: Trouble, times: usize) -> Self {
        Self { what: what.to_owned(), trouble, times }
    }

    pub(crate) fn left(&self) -> usize {
        self.times
    }
}

impl World {
    /// The trouble that a request has, if any.
    pub(crate) fn trouble(&mut self, line: &str) -> Option<Trouble> {
        let meant = |fault: &&mut Fault| fault.times > 0 && line.contains(&fault.what);
        let fault = self.faults.iter_mut().find(meant)?;
        fault.times -= 1;
        let trouble = fault.trouble.clone();
        self.faults.retain(|fault| fault.times > 0);
        Some(trouble)
    }
}
