//! `pollen eval`.

use crate::args::InLibrary;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `pollen eval` is called with.
#[derive(Debug, clap::Args)]
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
    anyhow::bail!("`pollen eval` is not there yet ({args:?})")
}
