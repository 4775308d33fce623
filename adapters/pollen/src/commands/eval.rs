//! `pollen eval`: scores the answers against questions whose right answer is known.

use crate::args::InLibrary;
use crate::eval::gold::{self, BadLine, Question, Right};
use crate::eval::metrics::{Scored, Scores};
use crate::eval::score;
use crate::fresh::Preview;
use crate::library::Library;
use crate::output::{count, note, print, print_json, took};
use anyhow::Context;
use knowledge::Knowledge;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bad lines that are named; of the others the number is told.
const NAMED_MAX: usize = 20;

/// What `pollen eval` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A line is {\"text\": \"…\", \"entry\": \"ID\"}, \"entry\": null where no entry answers it, or \"records\": [\"ID\", …]; \
\"lang\" may be added, and the file may be a .gz. Every question is asked as a patron would ask it, records too; what is right may stand \
anywhere among entries, facts and records, best first.\n\
Several files are scored together; the table also has a row for each. A bad line, or an id that the library has not, is named and left \
out, and the exit code is then 1.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// Prints one JSON object and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Questions with their right answers, one JSON object a line
    #[arg(required = true, value_name = "FILE.jsonl")]
    pub(crate) files: Vec<PathBuf>,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let library = Library::open(&args.library.library)?;
    // Whatever is not there is told before minutes of work.
    let files: Vec<(&Path, gold::Lines)> = args
        .files
        .iter()
        .map(|path| {
            let opened = open(path).with_context(|| format!("cannot read {}", path.display()));
            opened.map(|lines| (path.as_path(), lines))
        })
        .collect::<anyhow::Result<_>>()?;
    let preview = Preview::open(&library)?;
    let mut bad = Bad::default();
    let mut sheets = Vec::new();
    for (path, lines) in files {
        sheets.push((path.display().to_string(), score_file(&preview, path, lines, &mut bad)));
    }
    let all: Vec<Scored> = sheets.iter().flat_map(|(_, scored)| scored).copied().collect();
    bad.tell_rest();
    let total = Scores::of(&all);
    if args.json {
        print_json(&total)?;
    } else {
        print(&told(&sheets, &total))?;
    }
    Ok(if bad.count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A folder opens like a file and fails only when it is read.
fn open(path: &Path) -> std::io::Result<gold::Lines> {
    if path.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    gold::read(path)
}

fn score_file(preview: &Preview, path: &Path, lines: gold::Lines, bad: &mut Bad) -> Vec<Scored> {
    let mut scored = Vec::new();
    for line in lines {
        let known =
            line.and_then(|(line, question)| match unknown(&preview.knowledge, &question) {
                Some(reason) => Err(BadLine { line, reason }),
                None => Ok(question),
            });
        match known {
            Ok(question) => scored.push(score(preview, &question)),
            Err(line) => bad.add(path, &line),
        }
    }
    scored
}

/// What is wrong with a question whose right answer the library does not have.
fn unknown(knowledge: &Knowledge, question: &Question) -> Option<String> {
    match &question.right {
        Right::Nothing => None,
        Right::Entry(id) => knowledge.entry(id).is_none().then(|| {
            format!("the library has no entry `{id}`; correct the id, or write null if nothing answers it")
        }),
        // Catalogues change: what is still there can be found.
        Right::Records(ids) => ids.iter().all(|id| knowledge.record(id).is_none()).then(|| {
            format!("the library has no record {}; correct the ids", ids.join(", "))
        }),
    }
}

/// Lines that were left out.
#[derive(Default)]
struct Bad {
    count: usize,
}

impl Bad {
    fn add(&mut self, path: &Path, bad: &BadLine) {
        self.count += 1;
        if self.count <= NAMED_MAX {
            let words = format!("{}, line {}: {}", path.display(), bad.line, bad.reason);
            note(&terminal::line(&words));
        }
    }

    fn tell_rest(&self) {
        if let more @ 1.. = self.count.saturating_sub(NAMED_MAX) {
            note(&format!("… and {} more", count(more as u64, "bad line", "bad lines")));
        }
        if self.count > 0 {
            note(&format!(
                "{} left out; the scores are those of the others",
                count(self.count as u64, "line was", "lines were")
            ));
        }
    }
}

fn told(sheets: &[(String, Vec<Scored>)], total: &Scores) -> String {
    let mut text = String::new();
    if sheets.len() > 1 {
        rows(&mut text, sheets, total);
    } else {
        ranking(&mut text, total);
    }
    thresholds(&mut text, total);
    if let (Some(p50), Some(p99)) = (total.p50_us, total.p99_us) {
        let _ = writeln!(text, "\nOne decision: p50 {}, p99 {}", took(p50), took(p99));
    }
    text
}

/// The scores of one file, a line each.
fn ranking(text: &mut String, scores: &Scores) {
    let Scores { questions, in_scope, out_of_scope, .. } = scores;
    let _ = writeln!(
        text,
        "{}: {in_scope} in scope, {out_of_scope} out of scope\n",
        count(*questions as u64, "question", "questions")
    );
    let lines = [
        ("the right one first (top1)", scores.top1),
        ("among the first three (recall3)", scores.recall3),
        ("among the first five (recall5)", scores.recall5),
        ("mean reciprocal rank (mrr)", scores.mrr),
        ("in scope told from out of scope (auroc)", scores.auroc),
        ("answered with 95 % right (coverage_at_p95)", scores.coverage_at_p95),
    ];
    for (words, value) in lines {
        let _ = writeln!(text, "  {words:<44}{:>6}", share(value));
    }
}

/// A row for each file, and one for all.
fn rows(text: &mut String, sheets: &[(String, Vec<Scored>)], total: &Scores) {
    let names = sheets.iter().map(|(name, _)| name.chars().count());
    let width = names.max().unwrap_or_default().max("all".len());
    let _ = writeln!(
        text,
        "{:width$}  {:>9} {:>8} {:>7} {:>6} {:>7} {:>7} {:>6} {:>6} {:>8}",
        "", "questions", "in", "out", "top1", "recall3", "recall5", "mrr", "auroc", "cov@p95"
    );
    let each = sheets.iter().map(|(name, scored)| (name.as_str(), Scores::of(scored)));
    for (name, scores) in each.chain([("all", total.clone())]) {
        let _ = writeln!(
            text,
            "{name:width$}  {:>9} {:>8} {:>7} {:>6} {:>7} {:>7} {:>6} {:>6} {:>8}",
            scores.questions,
            scores.in_scope,
            scores.out_of_scope,
            share(scores.top1),
            share(scores.recall3),
            share(scores.recall5),
            share(scores.mrr),
            share(scores.auroc),
            share(scores.coverage_at_p95)
        );
    }
}

fn thresholds(text: &mut String, scores: &Scores) {
    let (answered, choices, escalated) = (scores.answered, scores.choices, scores.escalated);
    let rows = [
        ("answered", "right", answered.right, "wrong", answered.wrong, answered.out_of_scope),
        (
            "choices",
            "with right",
            choices.with_right,
            "without",
            choices.without,
            choices.out_of_scope,
        ),
    ];
    let _ = writeln!(text, "\nAt the library's thresholds:");
    for (name, good, goods, poor, poors, out) in rows {
        let _ = writeln!(
            text,
            "  {name:<10} {good:>10} {goods:>6}   {poor:>8} {poors:>6}   out of scope {out:>6}"
        );
    }
    let _ = writeln!(
        text,
        "  {:<10} {:>10} {:>6}   {:>8} {:>6}   out of scope {:>6}",
        "escalated", "in scope", escalated.in_scope, "", "", escalated.out_of_scope
    );
}

fn share(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.3}"))
}
