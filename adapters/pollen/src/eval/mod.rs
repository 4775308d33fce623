//! Scores what the program would say against questions whose right answer is known.
//!
//! In reading order: how a file of such questions is read (`gold`), what becomes of one question
//! (here), what they come to together (`metrics`), ten ways of asking the same (`voices`), why an
//! answer was wrong (`explained`), what changed since an earlier run (`against`), and all of it as
//! a page (`report`).
//!
//! Two things are scored side by side. The search: at which place the right entry or record stands
//! among all passages, and how sure the first of them is. And what a patron would be told at the
//! library's own thresholds, as `pollen ask` says it. Small talk in reply to a question counts as
//! an answer, and as a wrong one.

pub(crate) mod against;
pub(crate) mod explained;
pub(crate) mod gold;
pub(crate) mod metrics;
pub(crate) mod report;
pub(crate) mod voices;

use crate::fresh::{Decision, Preview};
use bot::{Body, LookedOutcome};
use explained::Explained;
use gold::{Question, Right};
use knowledge::{Found, Passage};
use metrics::{Scored, Told};

/// Asks a question and scores what comes of it, and tells why.
pub(crate) fn score(preview: &Preview, question: &Question) -> (Scored, Explained) {
    let decision = preview.decide(&question.text, question.lang);
    let right = |passage: &Passage| is_right(passage, &question.right);
    let mut passages: Vec<&Passage> =
        decision.findings.parts.iter().flat_map(|part| &part.passages).collect();
    // A stable sort: equal ones stay in the order in which they were found.
    passages.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let scored = Scored {
        in_scope: question.right != Right::Nothing,
        rank: passages.iter().position(|passage| right(passage)).map(|at| at + 1),
        confidence: passages.first().map_or(0.0, |passage| passage.confidence),
        told: match decision.looked.outcome {
            LookedOutcome::Answer => Told::Answer { right: tells(&decision, right) },
            LookedOutcome::Talk => Told::Answer { right: false },
            LookedOutcome::Choices => Told::Choices { with_right: tells(&decision, right) },
            LookedOutcome::Escalate => Told::Escalated,
        },
        took_us: decision.took_us,
    };
    (scored, Explained::new(question, &scored, decision.looked.outcome, &passages))
}

/// At which place the right one stands for a question in a voice, from 1. Where several questions
/// are asked at once, it is its place among what was found for one of them.
pub(crate) fn rank(preview: &Preview, question: &Question) -> Option<usize> {
    let decision = preview.decide(&question.text, question.lang);
    let parts = decision.findings.parts.iter();
    let places = parts.filter_map(|part| {
        part.passages.iter().position(|passage| is_right(passage, &question.right))
    });
    places.min().map(|at| at + 1)
}

/// Whether the right one is among what the reply tells or offers.
fn tells(decision: &Decision, right: impl Fn(&Passage) -> bool) -> bool {
    let parts = &decision.findings.parts;
    let first = |count: usize, records_only: bool| {
        parts.iter().any(|part| {
            let mut passages = part.passages.iter().filter(|p| !records_only || is_record(p));
            passages.by_ref().take(count).any(&right)
        })
    };
    match &decision.looked.reply.body {
        Body::Choices { choices, .. } => first(choices.len(), false),
        Body::List { items, .. } => first(items.len(), true),
        Body::Answer { .. } | Body::Card(_) => first(1, false),
        Body::Notice { .. } | Body::FromStaff { .. } | Body::Case(_) => false,
    }
}

fn is_right(passage: &Passage, right: &Right) -> bool {
    match (&passage.found, right) {
        (Found::Entry(entry), Right::Entry(id)) => entry.id == *id,
        (Found::Record(record), Right::Records(ids)) => ids.contains(&record.id),
        (Found::Page(section), Right::Pages(pages)) => pages.iter().any(|page| section.is_on(page)),
        (Found::Entry(_) | Found::Record(_) | Found::Page(_) | Found::Fact(_), _) => false,
    }
}

fn is_record(passage: &Passage) -> bool {
    match &passage.found {
        Found::Record(_) => true,
        Found::Entry(_) | Found::Page(_) | Found::Fact(_) => false,
    }
}
