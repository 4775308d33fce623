//! `pollen find`: searches the collections.

use crate::WrongCall;
use crate::args::InLibrary;
use crate::fresh;
use crate::library::Library;
use crate::output::{count, print, print_json, took};
use knowledge::{Filter, Found, Passage, Query, Record};
use serde::Serialize;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Instant;

/// The most records in one list: more is an export, which the files themselves are better for.
const LIMIT_MAX: usize = 1_000;

/// What `pollen find` is called with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// Prints one JSON object and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// The most records to show, up to 1000
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
    /// Title, author, subject, or an identifier
    #[arg(required = true, value_name = "WORDS")]
    pub(crate) words: Vec<String>,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.limit > LIMIT_MAX {
        let wrong = format!("--limit is {} and may be at most {LIMIT_MAX}", args.limit);
        return Err(WrongCall(wrong).into());
    }
    let library = Library::open(&args.library.library)?;
    let knowledge = fresh::knowledge(&library)?;
    let query = Query::Records {
        words: args.words.join(" "),
        skip: 0,
        limit: args.limit,
        filter: Filter::default(),
        lang: None,
    };
    let started = Instant::now();
    let findings = knowledge.find(&query);
    let took_us = started.elapsed().as_micros() as u64;
    let hits: Vec<Hit<'_>> =
        findings.parts.iter().flat_map(|part| &part.passages).filter_map(hit).collect();
    if args.json {
        print_json(&Hits { total: findings.total(), took_us, hits })?;
    } else {
        print(&told(findings.total(), took_us, findings.relaxed(), &hits))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The keys are a contract.
#[derive(Serialize)]
struct Hits<'a> {
    total: usize,
    took_us: u64,
    hits: Vec<Hit<'a>>,
}

#[derive(Serialize)]
struct Hit<'a> {
    id: &'a str,
    title: &'a str,
    creator: &'a [String],
    date: Option<&'a str>,
    language: Option<&'a str>,
    url: Option<&'a str>,
    score: f32,
}

fn hit(passage: &Passage) -> Option<Hit<'_>> {
    let record: &Record = match &passage.found {
        Found::Record(record) => record,
        Found::Entry(_) | Found::Fact(_) | Found::Page(_) => return None,
    };
    Some(Hit {
        id: &record.id,
        title: &record.title,
        creator: &record.creator,
        date: record.date.as_deref(),
        language: record.language.as_deref(),
        url: record.url.as_deref(),
        score: passage.score,
    })
}

fn told(total: usize, took_us: u64, relaxed: bool, hits: &[Hit<'_>]) -> String {
    if total == 0 {
        return format!("Nothing was found under these words; took {}.\n", took(took_us));
    }
    let mut text = format!(
        "{}{}; took {}.\n",
        count(total as u64, "record", "records"),
        if relaxed { ", none of them with all the words" } else { "" },
        took(took_us)
    );
    for (i, hit) in hits.iter().enumerate() {
        let creators = hit.creator.join("; ");
        let about = [creators.as_str(), hit.date.unwrap_or(""), hit.language.unwrap_or("")];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        let _ = writeln!(text, "{:>4}. {}", i + 1, terminal::line(hit.title));
        let ends = [about.join(" · "), hit.id.to_owned(), hit.url.unwrap_or("").to_owned()];
        let ends: Vec<String> = ends.into_iter().filter(|part| !part.is_empty()).collect();
        let _ = writeln!(text, "      {}", terminal::line(&ends.join(" · ")));
    }
    text
}
