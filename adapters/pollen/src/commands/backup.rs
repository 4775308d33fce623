//! `pollen backup`.

use crate::args::InLibrary;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `pollen backup` is called with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// The file to write; it must not exist yet
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`pollen backup` is not there yet ({args:?})")
}
