//! What a performance comes to: the file as it would stand, and how it differs.

use crate::run::{Played, Transcript};
use crate::script::{ANY, Script};
use crate::stage::BotLine;
use crate::words;
use similar::TextDiff;
use std::io;

/// The script's file as it would stand after this transcript, this network being `any`.
pub fn rewritten(script: &Script, network: &str, transcript: &Transcript) -> String {
    let any = script.networks().iter().all(|name| name != network);
    let lines: Vec<Vec<String>> =
        transcript.steps.iter().map(|played| lines(played, any.then_some(network))).collect();
    script.with(&lines)
}

/// Compares the file with how it would stand, or makes it so with `UPDATE=1`; the difference as one
/// unified diff.
///
/// # Errors
/// If the file could not be written.
pub fn settle(script: &Script, now: &str) -> io::Result<Option<String>> {
    if script.text == now {
        return Ok(None);
    }
    if words::updating() {
        std::fs::write(&script.path, now)?;
        return Ok(None);
    }
    let diff = TextDiff::from_lines(script.text.as_str(), now);
    let name = format!("{}.txt", script.name);
    Ok(Some(diff.unified_diff().context_radius(3).header(&name, "as performed").to_string()))
}

fn lines(played: &Played, any: Option<&str>) -> Vec<String> {
    played.said.iter().map(|line| written(line, any)).collect()
}

/// A line of the bot's as scripts write it: continued on lines that are indented by two spaces, the
/// buttons last.
fn written(line: &BotLine, any: Option<&str>) -> String {
    let place = match any {
        Some(network) => line.place.swapped(network, ANY),
        None => line.place.clone(),
    };
    let how = match (&line.only_for, line.changes) {
        (_, true) => " changes".to_owned(),
        (Some(who), false) => format!(" to {who}"),
        (None, false) => String::new(),
    };
    let text = words::visible(line.text.trim_end());
    let mut whole = format!("{place} bot{how}:");
    for (i, row) in text.split('\n').enumerate() {
        match (i, row.is_empty()) {
            (0, true) => {}
            (0, false) => whole.push_str(&format!(" {row}")),
            (_, true) => whole.push('\n'),
            (_, false) => whole.push_str(&format!("\n  {row}")),
        }
    }
    if !line.buttons.is_empty() {
        let labels: Vec<String> = line.buttons.iter().map(|b| format!("[{}]", b.label)).collect();
        whole.push_str(&format!("\n  {}", labels.join(" ")));
    }
    whole
}
