//! `pollen doctor`: looks a library over and changes nothing; each finding comes with its mend.

mod checks;
mod networks;
mod pages;
mod web;

use crate::args::InLibrary;
use crate::library::Library;
use crate::output::{count, print, print_json};
use crate::settings::{Settings, Wrong};
use anyhow::Context;
use serde::Serialize;
use std::process::ExitCode;

/// What `pollen doctor` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads every file of the library, which takes a while for a large catalogue, and changes nothing. Also while `pollen serve` runs.\n\
Exit code 0 if nothing is wrong, 1 otherwise.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// Prints one JSON object and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut found = Found::default();
    let library = match Library::open(&args.library.library) {
        Ok(library) => {
            match library.dir.join("pollen.toml").exists() {
                true => found.good("settings", format!("of {}", library.settings.own_name())),
                false => found.good("settings", "none written, the usual ones apply".to_owned()),
            }
            library
        }
        // Everything else can be looked at all the same.
        Err(error) => match error.downcast::<Wrong>() {
            Ok(wrong) => {
                found.wrong("settings", wrong.to_string());
                let dir = args.library.library.clone();
                Library { dir, settings: Settings::unwritten("") }
            }
            Err(error) => return Err(error),
        },
    };
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    checks::data(&library, &mut found);
    checks::files(&library, &mut found);
    checks::index(&library, &mut found);
    checks::encoder(&library, &mut found);
    runtime.block_on(checks::store(&library, &mut found));
    checks::key(&library, &mut found);
    checks::socket(&library, &mut found);
    runtime.block_on(pages::look(&library, &mut found));
    web::look(&library, &mut found);
    runtime.block_on(networks::look(&library, &mut found));
    checks::lock(&library, &mut found);
    checks::room(&library, &mut found);
    if args.json {
        print_json(&found)?;
    } else {
        print(&found.told())?;
    }
    Ok(if found.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    /// Whether nothing is wrong.
    ok: bool,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Finding {
    /// What was looked at.
    about: &'static str,
    ok: bool,
    /// What is so; where it is wrong, also its mend.
    words: String,
}

impl Default for Found {
    fn default() -> Found {
        Found { ok: true, findings: Vec::new() }
    }
}

impl Found {
    /// Something is in order.
    fn good(&mut self, about: &'static str, words: String) {
        self.findings.push(Finding { about, ok: true, words });
    }

    /// Something is wrong; the words end with the mend.
    fn wrong(&mut self, about: &'static str, words: String) {
        self.ok = false;
        self.findings.push(Finding { about, ok: false, words });
    }

    /// What an adapter has found.
    fn take(&mut self, about: &'static str, findings: Vec<contract::Finding>) {
        for finding in findings {
            match finding.ok {
                true => self.good(about, finding.words),
                false => self.wrong(about, finding.words),
            }
        }
    }

    fn told(&self) -> String {
        let line = |Finding { about, ok, words }: &Finding| {
            let mark = if *ok { "ok   " } else { "WRONG" };
            format!("{mark}  {about:<9} {}\n", terminal::block(words))
        };
        let mut text: String = self.findings.iter().map(line).collect();
        let wrong = self.findings.iter().filter(|finding| !finding.ok).count() as u64;
        text.push_str(&match wrong {
            0 => "Nothing is wrong.\n".to_owned(),
            _ => format!("{} to mend.\n", count(wrong, "thing", "things")),
        });
        text
    }
}
