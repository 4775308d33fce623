//! A conversation: one person in one place.

use crate::case::CaseId;
use crate::effect::SendId;
use crate::event::Attachment;
use crate::place::{MessageId, PersonId, Place};
use crate::verdict::LIST_SHOWN;
use jiff::Timestamp;
use knowledge::Lang;
use serde::{Deserialize, Serialize};

/// How many turns a conversation remembers: buttons under older messages are told to be too old.
pub(crate) const TURNS_KEPT: usize = 12;

/// How many files a question keeps.
const ATTACHMENTS_KEPT: usize = 20;

/// What is remembered of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Whose.
    pub person: PersonId,
    /// Where.
    pub place: Place,
    /// The last turns, oldest first, at most twelve.
    pub turns: Vec<Turn>,
    /// The number of the last turn; turns count from 1.
    pub last_turn: u32,
    /// How many questions in a row found no answer; a person is offered first after two.
    pub misses: u8,
    /// Whether the next message is a question for staff ("Ask a person" pressed with no question).
    pub asking_staff: bool,
    /// Dropped after this.
    pub keep_until: Timestamp,
}

impl Conversation {
    /// A conversation in which nothing was said yet.
    pub(crate) fn new(person: PersonId, place: Place, keep_until: Timestamp) -> Conversation {
        Conversation {
            person,
            place,
            turns: Vec::new(),
            last_turn: 0,
            misses: 0,
            asking_staff: false,
            keep_until,
        }
    }

    /// The turn with this number, if it is remembered.
    pub(crate) fn turn(&self, id: u32) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.id == id)
    }

    /// The same, to change it.
    pub(crate) fn turn_mut(&mut self, id: u32) -> Option<&mut Turn> {
        self.turns.iter_mut().find(|turn| turn.id == id)
    }

    /// The turn that this message began.
    pub(crate) fn turn_of(&self, message: &MessageId) -> Option<&Turn> {
        self.turns.iter().rev().find(|turn| turn.message.as_ref() == Some(message))
    }

    /// Begins a turn, dropping the oldest if there are too many; returns its number.
    pub(crate) fn begin(
        &mut self,
        message: Option<MessageId>,
        said: &str,
        lang: Lang,
        at: Timestamp,
    ) -> u32 {
        self.last_turn += 1;
        if self.turns.len() >= TURNS_KEPT {
            self.turns.remove(0);
        }
        self.turns.push(Turn {
            id: self.last_turn,
            message,
            said: said.to_owned(),
            lang,
            outcome: Outcome::Talk,
            reply: None,
            at,
            helpful: None,
            attachments: Vec::new(),
        });
        self.last_turn
    }
}

/// A question of a conversation, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Its number.
    pub id: u32,
    /// The platform's message, so that its edit or deletion is understood.
    pub message: Option<MessageId>,
    /// What was said; empty once its author has deleted it.
    pub said: String,
    /// The language in which it was answered.
    pub lang: Lang,
    /// What became of it.
    pub outcome: Outcome,
    /// The reply, so that it can be changed.
    pub reply: Option<SendId>,
    /// When it was said.
    pub at: Timestamp,
    /// "Helpful" or "Not helpful".
    pub helpful: Option<bool>,
    /// The files that came with it, for whoever is asked in the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// Keeps more files of a question, as many as there is room for.
pub(crate) fn attach(kept: &mut Vec<Attachment>, files: &[Attachment]) {
    let room = ATTACHMENTS_KEPT.saturating_sub(kept.len());
    kept.extend(files.iter().take(room).cloned());
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered.
    Answered,
    /// Choices or a list were offered, by id; pressing one shows it.
    Offered {
        /// What each number stands for; of a list, those of all pages that were shown.
        choices: Vec<Offer>,
        /// The search behind a list, so that "More" goes on.
        search: Option<Search>,
    },
    /// Handed to staff.
    Case(CaseId),
    /// Small talk, a command, a notice.
    Talk,
}

impl Outcome {
    /// The search that goes on, if there is one.
    pub(crate) fn search(&self) -> Option<&Search> {
        match self {
            Outcome::Offered { search, .. } => search.as_ref(),
            Outcome::Answered | Outcome::Case(_) | Outcome::Talk => None,
        }
    }
}

/// Something offered under a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// An entry.
    Entry(String),
    /// A section of a page.
    Page(String),
    /// A record.
    Record(String),
    /// The opening hours of these branches, all if none is named.
    Hours(Vec<String>),
}

/// A search of the collections that can go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The words.
    pub words: String,
    /// The number of the last one on the page that is shown.
    pub shown: usize,
}

impl Search {
    /// How many come before the page after the one that is shown.
    pub(crate) fn page_after(&self) -> usize {
        self.shown
    }

    /// How many come before the page before the one that is shown.
    pub(crate) fn page_before(&self) -> usize {
        let page = self.shown.saturating_sub(1) / LIST_SHOWN;
        page.saturating_sub(1) * LIST_SHOWN
    }
}
