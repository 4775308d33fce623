//! Discord and input that is wrong or meant badly, and a network that fails: a clear answer each, nothing
//! lost, nobody pinged. In real time and within Discord's limits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

mod asking;
mod gateway;
mod library;
mod longer;
mod pressed;
mod staff;
mod trouble;

use std::time::Duration;

/// Questions that the library's FAQ answers, and the answers' beginnings.
pub(crate) const QUESTION: &str = "is there wifi?";
pub(crate) const ANSWER: &str = "Wifi is free at both branches";
/// One that nothing answers, and what staff answer it.
pub(crate) const UNKNOWN: &str = "do you lend sewing machines?";
pub(crate) const YES: &str = "Yes, at the Riverside branch.";
/// Longer than anything takes on a loaded machine, pauses of the program's own included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
