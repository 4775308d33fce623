//! Which stages there are.

use crate::core_stage::{PLAIN, TERMINAL};
use crate::script::Script;

/// A stage, and the networks on it.
#[derive(Debug)]
pub struct StageKind {
    /// What it is called in the names of tests and in `on`.
    pub name: &'static str,
    /// The networks that `any` stands for; a script without `any` runs once.
    pub any: &'static [&'static str],
    /// The networks that a script may name.
    pub named: &'static [&'static str],
}

/// All stages. A script is rewritten from the first of them that performs it.
pub const STAGES: &[StageKind] = &[
    StageKind { name: "core", any: &[TERMINAL], named: &[TERMINAL, PLAIN] },
    StageKind { name: "reborn", any: &[TERMINAL], named: &[TERMINAL, PLAIN] },
    StageKind { name: "terminal", any: &[TERMINAL], named: &[TERMINAL] },
    StageKind { name: "crash", any: &[TERMINAL], named: &[TERMINAL] },
];

impl StageKind {
    /// Whether it performs a script: nothing in it forbids it and it knows its networks.
    pub fn performs(&self, script: &Script) -> bool {
        let on = script.stages.is_empty() || script.stages.iter().any(|name| name == self.name);
        on && script.networks().iter().all(|name| self.named.contains(&name.as_str()))
    }

    /// The networks on which it performs a script in turn.
    pub fn networks(&self, script: &Script) -> &'static [&'static str] {
        if script.networks().is_empty() { self.any } else { &self.any[..1] }
    }
}
