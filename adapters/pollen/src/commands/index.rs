//! `pollen index`: reads the library's files and says what was not taken in.

use crate::WrongCall;
use crate::args::InLibrary;
use crate::encoders;
use crate::fresh::with_mend;
use crate::library::Library;
use crate::output::{count, note, print, print_json, took};
use crate::pages;
use crate::running::build;
use anyhow::Context;
use knowledge::index::{Rebuild, Report};
use knowledge::read::Refused;
use serde::Serialize;
use std::fmt::Write;
use std::process::ExitCode;

/// Refusals that are named to people: more would scroll the counts off the screen.
const NAMED_MAX: usize = 20;

/// What `pollen index` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads what changed since the last time; with --fetch, first fetches the library's own web pages (`sitemap` under \
[pages] in pollen.toml). An encoder of the hub (`encoder` under [answers]) is fetched where it is not there yet. A record, a line or a file that cannot be read is refused and named \
with its place; everything else goes in. Works while `pollen serve` runs, which takes the new index over by itself.\n\
Exit code 0 also if something was refused; 1 if the index could not be written, or the sitemap not be read.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// Prints one JSON object and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Reads every file anew, changed or not
    #[arg(long)]
    pub(crate) all: bool,
    /// Fetches the library's own web pages first, whether they are due or not
    #[arg(long)]
    pub(crate) fetch: bool,
}

/// What is printed with --json.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    index: &'a Report,
    /// What fetching came to, if it was asked for and could be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched: Option<&'a sources::Report>,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let library = Library::open(&args.library.library)?;
    library.make_data()?;
    pages::make_or_forget(&library)?;
    let fetched = args.fetch.then(|| fetch(&library)).transpose()?;
    encoders::prepare_now(&library, &note)?;
    let rebuild = if args.all { Rebuild::All } else { Rebuild::Changed };
    let report = build(&library, rebuild)
        .map_err(with_mend)
        .with_context(|| format!("cannot index the library in {}", library.shown()))?;
    // What was there before is indexed all the same.
    let (fetched, failed) = match fetched {
        Some(Ok(fetched)) => (Some(fetched), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    if args.json {
        print_json(&Printed { index: &report, fetched: fetched.as_ref() })?;
    } else {
        let fetched = fetched.as_ref().map(|fetched| format!("Fetched: {}", pages::told(fetched)));
        print(&format!("{}{}", fetched.unwrap_or_default(), told(&report)))?;
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Fetches the library's web pages; what went wrong with that is inside, and outside what makes the
/// call a wrong one.
fn fetch(library: &Library) -> anyhow::Result<anyhow::Result<sources::Report>> {
    let Some(settings) = library.settings.pages.for_sources() else {
        let wrong = "no sitemap is settled: write `sitemap = \"https://…/sitemap.xml\"` under \
                     [pages] in pollen.toml";
        return Err(WrongCall(wrong.to_owned()).into());
    };
    Ok(pages::fetch(&settings, library))
}

fn told(report: &Report) -> String {
    let mut text = format!(
        "In the indexes: {}, {}, {}, {}; took {}.\n",
        count(report.entries, "entry", "entries"),
        count(report.records, "record", "records"),
        count(report.facts, "fact", "facts"),
        count(report.pages, "page", "pages"),
        took(report.took_ms.saturating_mul(1_000)),
    );
    if report.refused.is_empty() {
        text += "Nothing was refused.\n";
        return text;
    }
    // What was refused of one file is named up to a bound, so that the length of the list is not
    // how many there are.
    text += "Refused:\n";
    for refused in report.refused.iter().take(NAMED_MAX) {
        let _ = writeln!(text, "  {}", terminal::line(&place(refused)));
    }
    if let more @ 1.. = report.refused.len().saturating_sub(NAMED_MAX) {
        let _ = writeln!(text, "  … and {more} more; `pollen index --json` names all of them");
    }
    text
}

/// A refusal as people are told it: file, place, reason.
pub(crate) fn place(refused: &Refused) -> String {
    let Refused { file, position, reason } = refused;
    match position.is_empty() {
        true => format!("{file}: {reason}"),
        false => format!("{file}, {position}: {reason}"),
    }
}
