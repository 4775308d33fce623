//! What changes nothing: `pollen ask`, previews.

use crate::compose::Composer;
use crate::decide::Reading;
use crate::reply::{Body, Reply};
use crate::share::Shown;
use knowledge::{Findings, Lang, Passage};

/// What a patron would be told, and why.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What would happen to the whole text: what becomes of the least sure of its parts.
    pub outcome: LookedOutcome,
    /// How sure it is, 0 to 1; of several parts the least.
    pub confidence: f32,
    /// The language of the reply.
    pub lang: Lang,
    /// The reply.
    pub reply: Reply,
    /// One a question found in the text, with what would become of it.
    pub parts: Vec<(String, LookedOutcome)>,
    /// What was found, best first, over all parts.
    pub passages: Vec<Passage>,
    /// What of it can be shown to others one by one, best first, at most twenty.
    pub shown: Vec<Shown>,
}

/// What would happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookedOutcome {
    /// Answered outright.
    Answer,
    /// Choices, or a list.
    Choices,
    /// A case for staff.
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

impl Composer<'_> {
    pub(crate) fn look(&self, text: &str, reading: Reading, findings: &Findings) -> Looked {
        let shown = match reading {
            Reading::Saying(_, lang) => Some(lang),
            Reading::Empty
            | Reading::Wordless
            | Reading::TooLong
            | Reading::Press(_)
            | Reading::NoSuchNumber(_)
            | Reading::ForStaff
            | Reading::Question => findings.lang,
        };
        let lang = self.voice.pick([shown]);
        if reading == Reading::Question {
            return self.look_question(lang, text, findings);
        }
        let reply = match reading {
            Reading::Saying(saying, _) => self.small_talk(lang, saying, 0),
            Reading::Empty
            | Reading::Wordless
            | Reading::TooLong
            | Reading::Press(_)
            | Reading::NoSuchNumber(_)
            | Reading::ForStaff
            | Reading::Question => self.no_question(lang, reading),
        };
        Looked {
            outcome: LookedOutcome::Talk,
            confidence: 1.0,
            lang,
            reply,
            parts: Vec::new(),
            passages: Vec::new(),
            shown: Vec::new(),
        }
    }

    fn look_question(&self, lang: Lang, text: &str, findings: &Findings) -> Looked {
        let decided = self.decide(lang, text, findings);
        let parts = findings.parts.iter();
        let least = parts
            .map(|part| part.passages.first().map_or(0.0, |passage| passage.confidence))
            .fold(f32::INFINITY, f32::min);
        let mut passages: Vec<Passage> =
            findings.parts.iter().flat_map(|part| part.passages.iter().cloned()).collect();
        // A stable sort: equal ones stay in the order in which they were found.
        passages.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let reply = match decided.body {
            Some(body) => {
                let mut reply = self.reply(lang, body, &[]);
                if let (Body::Answer { left, .. }, Some(rest)) = (&mut reply.body, &decided.rest) {
                    *left = Some(self.left_to_a_person(lang, rest));
                }
                reply.banner = self.banner(lang);
                reply
            }
            None => {
                let expectation = self.expectation(lang);
                let args = [("expectation", (&expectation).into())];
                self.notice(lang, "asked-librarian", &args, &[])
            }
        };
        Looked {
            outcome: decided.outcome,
            confidence: if least.is_finite() { least } else { 0.0 },
            lang,
            reply,
            parts: decided.parts,
            shown: self.shareable(lang, &passages),
            passages,
        }
    }
}
