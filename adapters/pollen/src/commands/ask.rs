//! `pollen ask`: what a patron would be told, and why.

use crate::args::InLibrary;
use crate::fresh::{Decision, Preview};
use crate::library::Library;
use crate::output::{print, print_json, took};
use anyhow::Context;
use bot::{Looked, LookedOutcome};
use knowledge::{Branch, Branches, FactAsked, Found, Passage, Topic};
use serde::Serialize;
use std::fmt::Write;
use std::io::Read;
use std::process::ExitCode;

/// Bytes of a text that are read: the program looks at far fewer characters, so that whoever pipes
/// a book in gets an answer and no full memory.
const TEXT_BYTES_MAX: u64 = 16 << 20;

/// Passages that are named to people; `--json` has all.
const NAMED_MAX: usize = 8;

/// What `pollen ask` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The text is asked as by a patron who has said nothing before; nothing is sent and nobody at the desk hears of it. \
The confidence before each passage is from 0 to 1; the settings `sure` and `nearly` in pollen.toml draw the lines.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// Prints one JSON object and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// The question, as a patron would write it; - reads it from standard input
    #[arg(required = true, value_name = "TEXT")]
    pub(crate) text: Vec<String>,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let library = Library::open(&args.library.library)?;
    let text = match args.text.as_slice() {
        [only] if only == "-" => standard_input()?,
        words => words.join(" "),
    };
    let preview = Preview::open(&library)?;
    let decision = preview.decide(&text, None);
    let branches = preview.knowledge.branches();
    if args.json {
        print_json(&answer(&decision, &branches))?;
    } else {
        print(&told(&decision, &branches))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What standard input holds; what is no UTF-8 in it becomes replacement marks, as on a network.
fn standard_input() -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(TEXT_BYTES_MAX)
        .read_to_end(&mut bytes)
        .context("cannot read standard input")?;
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
}

/// The keys are a contract.
#[derive(Serialize)]
struct Answer {
    outcome: &'static str,
    confidence: f32,
    lang: String,
    text: String,
    took_us: u64,
    parts: Vec<AnswerPart>,
    passages: Vec<Shown>,
}

#[derive(Serialize)]
struct AnswerPart {
    question: String,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Shown {
    kind: &'static str,
    id: String,
    title: String,
    url: Option<String>,
    verified: Option<String>,
    confidence: f32,
}

fn answer(decision: &Decision, branches: &Branches) -> Answer {
    let Looked { outcome, confidence, lang, reply, parts, passages, shown: _ } = &decision.looked;
    let part = |(question, outcome): &(String, bot::LookedOutcome)| AnswerPart {
        question: question.clone(),
        outcome: outcome.word(),
    };
    Answer {
        outcome: outcome.word(),
        confidence: *confidence,
        lang: lang.to_string(),
        text: contract::plain::text(reply),
        took_us: decision.took_us,
        parts: parts.iter().map(part).collect(),
        passages: passages.iter().map(|passage| shown(passage, branches)).collect(),
    }
}

fn shown(passage: &Passage, branches: &Branches) -> Shown {
    let confidence = passage.confidence;
    match &passage.found {
        Found::Entry(entry) => Shown {
            kind: "entry",
            id: entry.id.clone(),
            title: entry.questions.first().cloned().unwrap_or_default(),
            url: entry.url.clone(),
            verified: entry.verified.map(|date| date.to_string()),
            confidence,
        },
        Found::Page(section) => Shown {
            kind: "page",
            id: section.id.clone(),
            title: section.heading.clone(),
            url: section.url.clone(),
            verified: section.verified.map(|date| date.to_string()),
            confidence,
        },
        Found::Record(record) => Shown {
            kind: "record",
            id: record.id.clone(),
            title: record.title.clone(),
            url: record.url.clone(),
            verified: None,
            confidence,
        },
        Found::Fact(fact) => shown_fact(fact, branches, confidence),
    }
}

/// A fact: `hours:central`, or `hours` alone where the text names no branch.
fn shown_fact(fact: &FactAsked, branches: &Branches, confidence: f32) -> Shown {
    let (topic, words) = topic(fact.topic);
    let named: Vec<&Branch> = fact.branches.iter().filter_map(|id| branches.get(id)).collect();
    let meant = if named.is_empty() { branches.iter().collect() } else { named.clone() };
    let ids: Vec<&str> = named.iter().map(|branch| branch.id.as_str()).collect();
    let names: Vec<&str> = named.iter().map(|branch| name(branch)).collect();
    // The oldest date is the honest one for all of them; one without a date makes it undated.
    let verified: Option<Vec<_>> = meant.iter().map(|branch| branch.verified).collect();
    Shown {
        kind: "fact",
        id: if ids.is_empty() { topic.to_owned() } else { format!("{topic}:{}", ids.join(",")) },
        title: if names.is_empty() {
            words.to_owned()
        } else {
            format!("{words}: {}", names.join(", "))
        },
        url: match meant.as_slice() {
            [only] => only.url.clone(),
            _ => None,
        },
        verified: verified.and_then(|dates| dates.into_iter().min()).map(|date| date.to_string()),
        confidence,
    }
}

fn name(branch: &Branch) -> &str {
    branch.name.get(knowledge::Lang::EN).unwrap_or(&branch.id)
}

fn topic(topic: Topic) -> (&'static str, &'static str) {
    match topic {
        Topic::Hours => ("hours", "Opening hours"),
        Topic::Closures => ("closures", "Closures and special days"),
        Topic::Address => ("address", "Address"),
        Topic::Phone => ("phone", "Telephone number"),
        Topic::Email => ("email", "E-mail address"),
        Topic::Branches => ("branches", "The library's branches"),
    }
}

fn told(decision: &Decision, branches: &Branches) -> String {
    let looked = &decision.looked;
    let mut text = terminal::block(&contract::plain::text(&looked.reply));
    let _ = write!(
        text,
        "\n\nWhy: {}, confidence {:.2}, language {}, took {}\n",
        looked.outcome.word(),
        looked.confidence,
        looked.lang,
        took(decision.took_us)
    );
    if let (LookedOutcome::Escalate, Some(topic)) = (looked.outcome, &decision.topic) {
        let _ = writeln!(text, "  topic of the case: {}", terminal::line(topic));
    }
    if looked.parts.len() > 1 {
        for (question, outcome) in &looked.parts {
            let _ = writeln!(text, "  question: {} ({})", terminal::line(question), outcome.word());
        }
    }
    for passage in looked.passages.iter().take(NAMED_MAX) {
        let Shown { kind, id, title, verified, confidence, .. } = shown(passage, branches);
        let verified = verified.map(|date| format!(" · verified {date}")).unwrap_or_default();
        let line = format!("{kind} {id} · {title}{verified}");
        let _ = writeln!(text, "  {confidence:.2}  {}", terminal::line(&line));
    }
    if let more @ 1.. = looked.passages.len().saturating_sub(NAMED_MAX) {
        let _ = writeln!(text, "  … and {more} more; --json names all of them");
    }
    text
}
