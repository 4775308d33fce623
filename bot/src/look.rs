//! What changes nothing: `pollen ask`, previews, autocomplete.

use crate::reply::Reply;
use knowledge::{Lang, Passage};

/// What a patron would be told, and why.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// What would happen to the whole text: the least sure of its parts.
    pub outcome: LookedOutcome,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
    /// The language of the reply.
    pub lang: Option<Lang>,
    /// The reply; `None` only for nothing to reply to.
    pub reply: Option<Reply>,
    /// One a question found in the text.
    pub parts: Vec<(String, LookedOutcome)>,
    /// What was found, best first, over all parts.
    pub passages: Vec<Passage>,
}

/// What would happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LookedOutcome {
    /// Answered outright.
    Answer,
    /// Choices, or a list.
    Choices,
    /// A case for staff.
    #[default]
    Escalate,
    /// Small talk, a command.
    Talk,
}

impl LookedOutcome {
    /// The word of the program's contract.
    pub fn word(self) -> &'static str {
        match self {
            LookedOutcome::Answer => "answer",
            LookedOutcome::Choices => "choices",
            LookedOutcome::Escalate => "escalate",
            LookedOutcome::Talk => "talk",
        }
    }
}
