//! `pollen eval`: scores the answers against questions whose right answer is known.

use crate::args::InLibrary;
use crate::eval::against::{self, Earlier};
use crate::eval::explained::Explained;
use crate::eval::gold::{self, BadLine, Question, Right};
use crate::eval::metrics::{Scored, Scores};
use crate::eval::report::{self, VoiceScore};
use crate::eval::voices::Voice;
use crate::eval::{rank, score};
use crate::fresh::Preview;
use crate::library::Library;
use crate::output::{count, note, print, print_json, took};
use anyhow::Context;
use knowledge::Knowledge;
use serde::Serialize;
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
    /// Asks each question in ten other ways too (keywords, typos, inside a story, …), scored apart
    #[arg(long)]
    pub(crate) voices: bool,
    /// Tells of each question that was not answered rightly what stood first and why; with --json
    /// the same of all, under `asked`
    #[arg(long)]
    pub(crate) explain: bool,
    /// Compares with an earlier run: what --json --explain printed
    #[arg(long, value_name = "FILE.json")]
    pub(crate) against: Option<PathBuf>,
    /// Writes the run as a page that stands alone, with a reliability diagram
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// Questions with their right answers, one JSON object a line
    #[arg(required = true, value_name = "FILE.jsonl")]
    pub(crate) files: Vec<PathBuf>,
}

/// What is printed as JSON: the scores, and beside them what was asked for.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    scores: &'a Scores,
    #[serde(skip_serializing_if = "Option::is_none")]
    voices: Option<&'a [VoiceScore]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<&'a [Explained]>,
}

/// All that was asked.
#[derive(Default)]
struct Run {
    questions: Vec<Question>,
    asked: Vec<Explained>,
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
    let earlier: Option<Earlier> = args.against.as_deref().map(against::read).transpose()?;
    let preview = Preview::open(&library)?;
    let mut bad = Bad::default();
    let (mut sheets, mut run) = (Vec::new(), Run::default());
    for (path, lines) in files {
        let scored = score_file(&preview, path, lines, &mut run, &mut bad);
        sheets.push((path.display().to_string(), scored));
    }
    let all: Vec<Scored> = sheets.iter().flat_map(|(_, scored)| scored).copied().collect();
    bad.tell_rest();
    let total = Scores::of(&all);
    let voices = if args.voices { in_voices(&preview, &run.questions) } else { Vec::new() };
    if let Some(path) = &args.report {
        let page = report::page(&total, &all, &run.asked, &voices);
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.json {
        print_json(&Printed {
            scores: &total,
            voices: args.voices.then_some(&voices),
            asked: args.explain.then_some(&run.asked),
        })?;
        if let Some(earlier) = earlier {
            note(&against::told(&earlier, &total, &run.asked));
        }
    } else {
        let mut text = told(&sheets, &total);
        told_voices(&mut text, &voices);
        if args.explain {
            told_wrong(&mut text, &run.asked);
        }
        if let Some(earlier) = earlier {
            text.push_str(&against::told(&earlier, &total, &run.asked));
        }
        print(&text)?;
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

fn score_file(
    preview: &Preview,
    path: &Path,
    lines: gold::Lines,
    run: &mut Run,
    bad: &mut Bad,
) -> Vec<Scored> {
    let mut scored = Vec::new();
    for line in lines {
        let known =
            line.and_then(|(line, question)| match unknown(&preview.knowledge, &question) {
                Some(reason) => Err(BadLine { line, reason }),
                None => Ok(question),
            });
        match known {
            Ok(question) => {
                let (one, explained) = score(preview, &question);
                scored.push(one);
                run.asked.push(explained);
                run.questions.push(question);
            }
            Err(line) => bad.add(path, &line),
        }
    }
    scored
}

/// The in-scope questions in each voice that can be made of them.
fn in_voices(preview: &Preview, questions: &[Question]) -> Vec<VoiceScore> {
    let asked: Vec<&Question> = questions.iter().filter(|q| q.right != Right::Nothing).collect();
    let score = |voice: Voice| {
        let (mut said, mut first, mut near) = (0, 0, 0);
        for (at, question) in asked.iter().enumerate() {
            // Any other question; neighbours ask for the same, so one from far away.
            let other = asked.get((at + asked.len() / 2) % asked.len()).copied();
            let other = other.filter(|other| other.right != question.right);
            let Some(question) = voice.say(question, other) else { continue };
            let rank = rank(preview, &question);
            said += 1;
            first += usize::from(rank == Some(1));
            near += usize::from(rank.is_some_and(|rank| rank <= 3));
        }
        let share = |count: usize| (said > 0).then(|| count as f64 / said as f64);
        VoiceScore {
            voice: voice.name(),
            questions: said,
            top1: share(first),
            recall3: share(near),
        }
    };
    Voice::ALL.into_iter().map(score).collect()
}

fn told_voices(text: &mut String, voices: &[VoiceScore]) {
    let Some(best) = voices.iter().filter_map(|voice| voice.top1).max_by(f64::total_cmp) else {
        return;
    };
    let _ = writeln!(
        text,
        "\n{:<16} {:>9} {:>7} {:>7} {:>8}",
        "Ways of asking", "questions", "top1", "recall3", "of best"
    );
    for voice in voices {
        let of_best = voice.top1.filter(|_| best > 0.0).map(|top1| top1 / best);
        let _ = writeln!(
            text,
            "{:<16} {:>9} {:>7} {:>7} {:>8}",
            voice.voice,
            voice.questions,
            share(voice.top1),
            share(voice.recall3),
            share(of_best)
        );
    }
}

/// A line a question that was answered wrongly, or whose right answer did not stand first.
fn told_wrong(text: &mut String, asked: &[Explained]) {
    let missed = |one: &&Explained| !one.right || (one.expected.is_some() && one.rank != Some(1));
    let missed: Vec<&Explained> = asked.iter().filter(missed).collect();
    let _ = writeln!(text, "\nNot as it should be: {}", missed.len());
    for one in missed {
        let _ = writeln!(text, "  {}", terminal::line(&one.line()));
    }
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
        Right::Pages(pages) => (!pages.iter().any(|page| knowledge.has_page(page))).then(|| {
            format!("the library has no page {}; correct the addresses", pages.join(", "))
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
