//! `pollen demo`: the sample library, to talk with at once.

use crate::WrongCall;
use crate::commands::{chat, init};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `pollen demo` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ask when the library is open, how to renew a book, whether it has Middlemarch. Ask what it cannot know, and \
answer it yourself from a second terminal: `pollen demo --as staff`.")]
pub(crate) struct Args {
    /// On which side of the desk you sit
    #[arg(long = "as", value_enum, value_name = "WHO", default_value = "patron")]
    role: chat::As,
    /// Where the sample library is kept; made at the first call, in your own data folder if left
    /// out
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let folder = match args.dir {
        Some(dir) => dir,
        None => own_data_folder()?.join("pollen").join("demo"),
    };
    if !folder.join("pollen.toml").exists() {
        init::make_library(&folder, false)?;
        let made = format!("The sample library lies in {}.\n", folder.display());
        // Whoever closed standard error does not want to know.
        let _ = std::io::stderr().write_all(made.as_bytes());
    }
    chat::run(chat::Args::in_folder(folder, args.role))
}

/// Where programs keep a user's data (XDG Base Directory Specification 0.8).
fn own_data_folder() -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute())
    };
    let folder = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")));
    folder.ok_or_else(|| {
        WrongCall("HOME is not set; say where to keep the sample: pollen demo DIR".to_owned())
            .into()
    })
}
