//! `pollen find`.

use crate::args::InLibrary;
use std::process::ExitCode;

/// What `pollen find` is called with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// Prints one JSON object and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// The most records to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
    /// Title, author, subject, or an identifier
    #[arg(required = true, value_name = "WORDS")]
    pub(crate) words: Vec<String>,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`pollen find` is not there yet ({args:?})")
}
