//! Performs conversation scripts against the bot, from the bare core to the real program.
//!
//! In reading order: what a script is ([`script`]), where it is performed ([`stage`]), how
//! ([`run`]), what comes of it ([`transcript`]) and what must always be true of it ([`checks`]);
//! then the stages themselves. `tests/README.md` documents the format.

pub mod script;
mod words;

pub mod place;

pub mod stage;

pub mod run;
pub mod transcript;

pub mod checks;

pub mod core_stage;
pub mod program;

pub mod at_home;
pub mod beside;

pub mod html;
pub mod http;
pub mod member;

pub mod folder;

mod stages;

pub use stages::{STAGES, StageKind};
pub use words::updating;
