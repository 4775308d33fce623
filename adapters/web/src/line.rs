//! A conversation on the page as the store keeps it: a shelf a place, a keepsake a line.

use bot::{Body, CaseId, Reply};
use contract::{Keepsake, OnShelf, Version};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The desk's shelf and place.
pub(crate) const DESK: &str = "desk";

/// How long the desk's own lines are kept: a working day. What lasts is in the cases.
const DESK_KEEPS: SignedDuration = SignedDuration::from_hours(12);

/// A line. Its form is kept: it may have been written by an earlier version of the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "lines are rendered one by one and dropped")]
pub(crate) enum Line {
    /// What a person said.
    Said {
        /// When.
        at: Timestamp,
        /// The words.
        text: String,
        /// Whether they have been changed.
        #[serde(default)]
        changed: bool,
    },
    /// What a person said and took back: the words are gone.
    TakenBack {
        /// When it was taken back.
        at: Timestamp,
    },
    /// What the bot said, or staff through it.
    Reply {
        /// When.
        at: Timestamp,
        /// What.
        reply: Reply,
        /// Whether it took the place of other words.
        #[serde(default)]
        changed: bool,
    },
}

/// A line with its name and its place in the conversation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    /// Its name: `u-KEY` for a person's, `b-NUMBER` for the bot's.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) first: Version,
    /// When it was put there last.
    pub(crate) version: Version,
    /// What it says.
    pub(crate) line: Line,
}

impl Line {
    /// As a keepsake on a shelf of a conversation.
    pub(crate) fn kept(&self, shelf: &str, id: &str, keep: SignedDuration) -> Keepsake {
        let (Line::Said { at, .. } | Line::TakenBack { at } | Line::Reply { at, .. }) = self;
        Keepsake {
            shelf: shelf.to_owned(),
            key: id.to_owned(),
            cases: Vec::new(),
            // It holds no map whose keys could not be written.
            value: serde_json::to_vec(self).unwrap_or_default(),
            keep_until: at.checked_add(keep).unwrap_or(Timestamp::MAX),
        }
    }

    /// As a keepsake on the desk's shelf; it goes with any of the cases that it tells of.
    pub(crate) fn kept_at_desk(
        &self,
        id: &str,
        case: Option<CaseId>,
        keep: SignedDuration,
    ) -> Keepsake {
        let mut cases: Vec<CaseId> = case.into_iter().collect();
        if let Line::Reply { reply, .. } = self {
            cases.extend(others_told_of(reply));
        }
        Keepsake { cases, ..self.kept(DESK, id, keep.min(DESK_KEEPS)) }
    }
}

/// The cases whose words stand in a reply to the desk beside those of its own case: those that ask
/// the same, and those of a queue.
fn others_told_of(reply: &Reply) -> Vec<CaseId> {
    match &reply.body {
        Body::Case(sheet) => sheet.same.iter().map(|same| same.case).collect(),
        Body::List { items, .. } => items.iter().filter_map(|item| item.case).collect(),
        Body::Answer { .. }
        | Body::Choices { .. }
        | Body::Card(_)
        | Body::Notice { .. }
        | Body::FromStaff { .. } => Vec::new(),
    }
}

/// Reads a shelf's keepsakes; what cannot be read is left out.
pub(crate) fn read(shelf: Vec<OnShelf>) -> Vec<Placed> {
    let placed = shelf.into_iter().filter_map(|kept| {
        let line = serde_json::from_slice(&kept.value).ok()?;
        Some(Placed { id: kept.key, first: kept.first, version: kept.version, line })
    });
    placed.collect()
}
