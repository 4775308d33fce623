//! Which stages there are.

use crate::core_stage::{GUARDED, PLAIN, TERMINAL};
use bot::PlaceKind;

use crate::run;
use crate::script::{Deed, Script, Step};

/// A stage, and the networks on it.
#[derive(Debug)]
pub struct StageKind {
    /// What it is called in the names of tests and in `on`.
    pub name: &'static str,
    /// The networks that `any` stands for; a script without `any` runs once.
    pub any: &'static [&'static str],
    /// The networks that a script may name.
    pub named: &'static [&'static str],
    /// Whether a place of it can refuse what the bot says.
    pub refuses: bool,
    /// Whether it has rooms that several people share.
    pub rooms: bool,
    /// Whether people can share where they are.
    pub locations: bool,
    /// Whether people can send files.
    pub attachments: bool,
}

/// The network of the library's own page.
const WEB: &str = web::NETWORK;

/// All stages. A script is rewritten from the first of them that performs it.
pub const STAGES: &[StageKind] = &[
    StageKind {
        name: "core",
        any: &[TERMINAL],
        named: &[TERMINAL, PLAIN, GUARDED],
        refuses: true,
        rooms: true,
        locations: true,
        attachments: true,
    },
    StageKind {
        name: "reborn",
        any: &[TERMINAL],
        named: &[TERMINAL, PLAIN, GUARDED],
        refuses: true,
        rooms: true,
        locations: true,
        attachments: true,
    },
    StageKind {
        name: "terminal",
        any: &[TERMINAL],
        named: &[TERMINAL],
        refuses: false,
        rooms: true,
        locations: false,
        attachments: false,
    },
    StageKind {
        name: "web",
        any: &[WEB],
        named: &[WEB],
        refuses: false,
        rooms: false,
        locations: false,
        attachments: false,
    },
    StageKind {
        name: "crash",
        any: &[TERMINAL],
        named: &[TERMINAL],
        refuses: false,
        rooms: true,
        locations: false,
        attachments: false,
    },
    StageKind {
        name: "webcrash",
        any: &[WEB],
        named: &[WEB],
        refuses: false,
        rooms: false,
        locations: false,
        attachments: false,
    },
];

impl StageKind {
    /// Whether it performs a script: nothing in it forbids it, it knows its networks, and it can do
    /// what it asks for.
    pub fn performs(&self, script: &Script) -> bool {
        let on = script.stages.is_empty() || script.stages.iter().any(|name| name == self.name);
        let refused = script.steps().any(|step| matches!(step.deed, Deed::Refuse(_)));
        let shared = |step: &Step| {
            run::place_of(&step.deed).is_some_and(|place| place.kind == PlaceKind::Shared)
        };
        let shares = script.steps().any(|step| matches!(step.deed, Deed::Shares { .. }));
        let attaches = script.steps().any(|step| matches!(step.deed, Deed::Attaches { .. }));
        on && (self.refuses || !refused)
            && (self.locations || !shares)
            && (self.attachments || !attaches)
            && (self.rooms || !script.steps().any(shared))
            && script.networks().iter().all(|name| self.named.contains(&name.as_str()))
    }

    /// The networks on which it performs a script in turn.
    pub fn networks(&self, script: &Script) -> &'static [&'static str] {
        if script.networks().is_empty() { self.any } else { &self.any[..1] }
    }
}
