//! What must be true of every transcript, whatever its script says.

use crate::place::PlaceName;
use crate::run::{Played, Transcript, place_of};
use crate::script::Deed;
use crate::stage::BotLine;
use bot::{Body, PlaceKind};
use std::collections::BTreeSet;

/// What is wrong with a transcript, one sentence each; empty if nothing is.
pub fn complaints(transcript: &Transcript) -> Vec<String> {
    let mut found = unanswered(&transcript.steps);
    found.extend(astray(&transcript.steps));
    for line in transcript.steps.iter().flat_map(|played| &played.said) {
        found.extend(unsourced(line));
        found.extend(unclean(line));
    }
    found
}

/// The word in front of a message that addresses the bot in a shared place.
pub const MENTION: &str = "@pollen";

/// Whether words in a place are meant for the bot.
pub fn is_addressed(place: &PlaceName, text: &str, answers_bot: bool) -> bool {
    match place.kind {
        PlaceKind::Direct => true,
        PlaceKind::Shared => {
            answers_bot || text.starts_with(MENTION) || bot::Command::parse(text).is_some()
        }
        PlaceKind::Desk => false,
    }
}

/// Each question ends in an answer, choices, a list, talk or a case: whoever speaks to the bot
/// hears something back, there or in their direct chat.
fn unanswered(steps: &[Played]) -> Vec<String> {
    let mut open: Vec<(&PlaceName, &str, &str)> = Vec::new();
    let mut last = None;
    for played in steps {
        let speaks = addressed(&played.deed);
        let who = speaks.map(|(place, who, _)| (place, who));
        // Files without words that come right after something of the same person's belong to it.
        let goes_on = matches!(&played.deed, Deed::Attaches { text, .. } if text.is_empty());
        open.extend(speaks.filter(|_| !goes_on || who != last));
        last = who;
        if let Deed::Deletes { place, who, .. } = &played.deed {
            open.retain(|(there, asker, _)| *there != place || asker != who);
        }
        open.retain(|(place, who, _)| {
            let direct = place.direct(who);
            !played.said.iter().any(|line| line.place == **place || line.place == direct)
        });
    }
    let tell = |(place, who, text): &(&PlaceName, &str, &str)| {
        let beginning: String = text.chars().take(60).collect();
        format!("{who} said \"{beginning}\" in {place} and heard nothing back")
    };
    open.iter().map(tell).collect()
}

/// What somebody says to the bot, if they do: where, who and what.
fn addressed(deed: &Deed) -> Option<(&PlaceName, &str, &str)> {
    let (place, who, words, told, answers) = match deed {
        Deed::Says { place, who, text, answers } => (place, who, text.as_str(), text, answers),
        Deed::Attaches { place, who, name, text } => (place, who, text.as_str(), name, &None),
        Deed::Shares { place, who, answers, .. } => (place, who, "", who, answers),
        Deed::Edits { .. }
        | Deed::Deletes { .. }
        | Deed::Presses { .. }
        | Deed::Wait(_)
        | Deed::WaitUntil(_)
        | Deed::Restart
        | Deed::Cut(_)
        | Deed::Restore(_)
        | Deed::Refuse(_) => return None,
    };
    is_addressed(place, words, answers.is_some()).then_some((place, who, told))
}

/// Nothing crosses places: the bot speaks at the desk, where somebody has spoken, and in the direct
/// chats of those who have.
fn astray(steps: &[Played]) -> Vec<String> {
    let mut known: BTreeSet<PlaceName> = BTreeSet::from([PlaceName::desk()]);
    let mut found = Vec::new();
    for played in steps {
        if let Some(place) = place_of(&played.deed) {
            known.insert(place.clone());
        }
        if let Deed::Says { place, who, .. }
        | Deed::Presses { place, who, .. }
        | Deed::Attaches { place, who, .. } = &played.deed
            && place.kind == PlaceKind::Shared
        {
            known.insert(place.direct(who));
        }
        let lost = played.said.iter().filter(|line| !known.contains(&line.place));
        found.extend(lost.map(|line| {
            format!("the bot spoke in {}, where nobody has: {}", line.place, line.text)
        }));
    }
    found
}

/// Each part of an answer says where it is from.
fn unsourced(line: &BotLine) -> Vec<String> {
    let Some(reply) = &line.reply else { return Vec::new() };
    let without = match &reply.body {
        Body::Answer { parts, .. } => parts.iter().any(|part| part.source.trim().is_empty()),
        Body::Card(card) => card.source.trim().is_empty(),
        Body::FromStaff { signature, .. } => signature.trim().is_empty(),
        Body::Choices { .. } | Body::List { .. } | Body::Notice { .. } | Body::Case(_) => false,
    };
    let tell = || format!("in {} this has no source: {}", line.place, line.text);
    without.then(tell).into_iter().collect()
}

/// Nothing of the machine's shows: no empty message, no label left unfilled, no stray directions.
fn unclean(line: &BotLine) -> Vec<String> {
    let mut found = Vec::new();
    let mut tell = |what: &str| found.push(format!("in {} {what}: {}", line.place, line.text));
    if line.text.trim().is_empty() {
        tell("the bot says nothing");
    }
    if line.text.contains('\0') {
        tell("a NUL goes out");
    }
    // Fluent leaves a message that it cannot find as its key, a value as `{$name}`.
    if line.text.contains("{$") {
        tell("a sentence is not filled in");
    }
    if line.buttons.iter().any(|button| button.label.trim().is_empty() || button.code.is_empty()) {
        tell("a button has no words");
    }
    let mut codes: Vec<&str> = line.buttons.iter().map(|button| button.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    if codes.len() < line.buttons.len() {
        tell("two buttons do the same");
    }
    let mut labels: Vec<&str> = line.buttons.iter().map(|button| button.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    if labels.len() < line.buttons.len() {
        tell("two buttons read the same");
    }
    found
}
