//! `pollen restore`.

use crate::args::InLibrary;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `pollen restore` is called with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// The copy that `pollen backup` wrote
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`pollen restore` is not there yet ({args:?})")
}
