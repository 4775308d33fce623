//! What became of one question, and by which signals.

use super::gold::{Question, Right};
use super::metrics::{Scored, Told};
use bot::LookedOutcome;
use knowledge::{Found, Passage};
use serde::{Deserialize, Serialize};

/// How many of the passages are told of.
const FIRST_MAX: usize = 3;

/// What became of a question; the keys are those under `asked` of `pollen eval --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Explained {
    /// The question.
    pub(crate) text: String,
    /// The id of what answers it, the first of several; `None` where nothing does.
    pub(crate) expected: Option<String>,
    /// At which place it stood, from 1.
    pub(crate) rank: Option<usize>,
    /// What a patron would be told: `answer`, `choices`, `escalate` or `talk`.
    pub(crate) outcome: String,
    /// Whether that is right: the right answer, the right one among the choices, a person for what
    /// nothing answers.
    pub(crate) right: bool,
    /// What stood first, best first.
    pub(crate) first: Vec<Signals>,
    /// The same of what was expected, where it was found but stood behind those.
    pub(crate) expected_signals: Option<Signals>,
}

/// What a passage's place comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Signals {
    /// `entry`, `record`, `page` or `fact`.
    pub(crate) kind: String,
    /// Its id; what it is about for a fact.
    pub(crate) id: String,
    /// How sure it is, 0 to 1.
    pub(crate) confidence: f32,
    /// The raw score within its own index.
    pub(crate) score: f32,
}

impl Explained {
    pub(super) fn new(
        question: &Question,
        scored: &Scored,
        outcome: LookedOutcome,
        passages: &[&Passage],
    ) -> Explained {
        let expected = match &question.right {
            Right::Nothing => None,
            Right::Entry(id) => Some(id.clone()),
            Right::Records(ids) | Right::Pages(ids) => ids.first().cloned(),
        };
        let behind = scored.rank.filter(|rank| *rank > FIRST_MAX);
        Explained {
            text: question.text.clone(),
            expected,
            rank: scored.rank,
            outcome: outcome.word().to_owned(),
            right: match scored.told {
                Told::Answer { right } => right && scored.in_scope,
                Told::Choices { with_right } => with_right && scored.in_scope,
                Told::Escalated => !scored.in_scope,
            },
            first: passages.iter().take(FIRST_MAX).map(|passage| Signals::of(passage)).collect(),
            expected_signals: behind
                .and_then(|rank| passages.get(rank - 1))
                .map(|p| Signals::of(p)),
        }
    }

    /// A line that says what was asked, what was expected, and what stood first and why.
    pub(crate) fn line(&self) -> String {
        let expected = self.expected.as_deref().unwrap_or("nothing");
        let place = match self.rank {
            Some(rank) => format!("place {rank}"),
            None if self.expected.is_none() => "out of scope".to_owned(),
            None => "not found".to_owned(),
        };
        let told = |signals: &Signals| {
            format!(
                "{} {} (sure {:.2}, score {:.2})",
                signals.kind, signals.id, signals.confidence, signals.score
            )
        };
        let first: Vec<String> = self.first.iter().map(told).collect();
        let first = if first.is_empty() { "nothing".to_owned() } else { first.join(", ") };
        let behind = self.expected_signals.as_ref();
        let behind = behind.map(|signals| format!("; behind: {}", told(signals)));
        format!(
            "{}: “{}” expected {expected}, {place}; first: {first}{}",
            self.outcome,
            self.text,
            behind.unwrap_or_default()
        )
    }
}

impl Signals {
    fn of(passage: &Passage) -> Signals {
        let (kind, id) = match &passage.found {
            Found::Entry(entry) => ("entry", entry.id.clone()),
            Found::Record(record) => ("record", record.id.clone()),
            Found::Page(section) => ("page", section.id.clone()),
            Found::Fact(fact) => ("fact", format!("{:?}", fact.topic).to_lowercase()),
        };
        Signals { kind: kind.to_owned(), id, confidence: passage.confidence, score: passage.score }
    }
}
