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
    /// Whether its networks tell the bot that a message is gone.
    pub deletes: bool,
    /// The longest message that its clients send, in UTF-16 units, where there is such a thing: they
    /// send no empty ones either.
    pub longest: Option<usize>,
    /// Whether people's platforms say which language they are set to.
    pub languages: bool,
    /// Whether people can share where they are.
    pub locations: bool,
    /// Whether people can send files.
    pub attachments: bool,
}

/// The network of the library's own page.
const WEB: &str = web::NETWORK;

/// The network that is one of telephones.
const TELEGRAM: &str = crate::program::TELEGRAM;

/// The network of servers.
const DISCORD: &str = crate::program::DISCORD;

/// What Discord's clients send at once, without a subscription.
const DISCORD_LONGEST: usize = 2000;

/// The network of rooms.
const MATRIX: &str = crate::program::MATRIX;

/// What fits one event, with room for all that stands around it, in UTF-16 units.
const MATRIX_LONGEST: usize = 12_000;

/// What Telegram's clients send at once, in UTF-16 units.
const TELEGRAM_LONGEST: usize = 4096;

/// The bare core, which is told whatever a script says.
const CORE: StageKind = StageKind {
    name: "core",
    any: &[TERMINAL],
    named: &[TERMINAL, PLAIN, GUARDED],
    refuses: true,
    rooms: true,
    deletes: true,
    longest: None,
    languages: true,
    locations: true,
    attachments: true,
};

/// The real program with its terminal.
const AT_TERMINAL: StageKind = StageKind {
    name: "terminal",
    named: &[TERMINAL],
    refuses: false,
    locations: false,
    attachments: false,
    ..CORE
};

/// The real program with its page.
const AT_PAGE: StageKind =
    StageKind { name: "web", any: &[WEB], named: &[WEB], rooms: false, ..AT_TERMINAL };

/// The real program with a bot on Telegram.
const AT_TELEGRAM: StageKind = StageKind {
    name: "telegram",
    any: &[TELEGRAM],
    named: &[TELEGRAM],
    deletes: false,
    longest: Some(TELEGRAM_LONGEST),
    locations: true,
    attachments: true,
    ..AT_TERMINAL
};

/// The real program with a bot on Matrix.
const ON_MATRIX: StageKind = StageKind {
    name: "matrix",
    any: &[MATRIX],
    named: &[MATRIX],
    deletes: true,
    longest: Some(MATRIX_LONGEST),
    languages: false,
    ..AT_TELEGRAM
};

/// The real program with a bot on Discord.
const ON_DISCORD: StageKind = StageKind {
    name: "discord",
    any: &[DISCORD],
    named: &[DISCORD],
    deletes: true,
    longest: Some(DISCORD_LONGEST),
    languages: false,
    locations: false,
    ..AT_TELEGRAM
};

/// All stages. A script is rewritten from the first of them that performs it.
pub const STAGES: &[StageKind] = &[
    CORE,
    StageKind { name: "reborn", ..CORE },
    AT_TERMINAL,
    AT_PAGE,
    AT_TELEGRAM,
    StageKind { name: "telegramhook", ..AT_TELEGRAM },
    ON_MATRIX,
    StageKind { name: "matrixencrypted", ..ON_MATRIX },
    ON_DISCORD,
    StageKind { name: "discordcontent", ..ON_DISCORD },
    StageKind { name: "crash", ..AT_TERMINAL },
    StageKind { name: "webcrash", ..AT_PAGE },
    StageKind { name: "telegramcrash", ..AT_TELEGRAM },
    StageKind { name: "matrixcrash", ..ON_MATRIX },
    StageKind { name: "discordcrash", ..ON_DISCORD },
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
        let gone = |step: &Step| matches!(step.deed, Deed::Deletes { .. });
        let shares = script.steps().any(|step| matches!(step.deed, Deed::Shares { .. }));
        let attaches = script.steps().any(|step| matches!(step.deed, Deed::Attaches { .. }));
        on && (self.refuses || !refused)
            && (self.languages || script.speaks.is_empty())
            && (self.locations || !shares)
            && (self.attachments || !attaches)
            && (self.rooms || !script.steps().any(shared))
            && (self.deletes || !script.steps().any(gone))
            && script.steps().all(|step| self.sends(step))
            && script.networks().iter().all(|name| self.named.contains(&name.as_str()))
    }

    /// Whether its clients send what somebody says in a step.
    fn sends(&self, step: &Step) -> bool {
        let Some(longest) = self.longest else { return true };
        let (Deed::Says { text, .. } | Deed::Edits { text, .. }) = &step.deed else { return true };
        let at_desk = run::place_of(&step.deed).is_some_and(|p| p.kind == PlaceKind::Desk);
        at_desk || (!text.trim().is_empty() && text.encode_utf16().count() <= longest)
    }

    /// The networks on which it performs a script in turn.
    pub fn networks(&self, script: &Script) -> &'static [&'static str] {
        if script.networks().is_empty() { self.any } else { &self.any[..1] }
    }
}
