//! `pollen restore`: a copy of the store back in its place, with its key.

use crate::WrongCall;
use crate::args::InLibrary;
use crate::commands::backup::{key_beside, write_key};
use crate::library::Library;
use crate::lock::Lock;
use crate::output::print;
use anyhow::Context;
use contract::StoreError;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `pollen restore` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Takes FILE and, beside it, FILE.key, as `pollen backup` wrote them, and puts them in the place of the library's store and key. What \
happened after the backup is forgotten by it. The copy is checked first; if it cannot be used, the store stays as it is.\n\
Refused while `pollen serve` or `pollen chat` runs.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// Restores although FILE.key is lost: everybody is then a stranger
    #[arg(long)]
    pub(crate) without_key: bool,
    /// The copy that `pollen backup` wrote
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let library = Library::open(&args.library.library)?;
    let shown = args.file.display();
    if !args.file.is_file() {
        let wrong = format!("there is no file {shown}; name a copy that `pollen backup` wrote");
        return Err(WrongCall(wrong).into());
    }
    let data = library.make_data()?;
    let lock = Lock::take(&data, &library.shown(), "restore", false)?;
    let key = key_to_restore(&library, &args)?;
    let new_key = library.key().with_extension("restoring");
    if let Some(key) = &key {
        place_aside(&new_key, key)?;
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    if let Err(error) = runtime.block_on(store::restore(&args.file, &library.store())) {
        if key.is_some() {
            // What kept the store from being restored is what matters.
            let _ = fs::remove_file(&new_key);
        }
        return Err(why_not(error, &args.file));
    }
    if key.is_some() {
        fs::rename(&new_key, library.key())
            .with_context(|| format!("cannot put the key in {}", library.key().display()))?;
    }
    drop(lock);
    let end = if key.is_some() { " with its key" } else { "" };
    print(&format!("The store of the library in {} is that of {shown}{end}.\n", library.shown()))?;
    Ok(ExitCode::SUCCESS)
}

/// The key that belongs to the copy; `None` where the library's own stays, or a new one is made.
fn key_to_restore(library: &Library, args: &Args) -> anyhow::Result<Option<Vec<u8>>> {
    let beside = key_beside(&args.file);
    match fs::read(&beside) {
        Ok(bytes) => {
            check_key(&beside, &bytes)?;
            Ok(Some(bytes))
        }
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot read the key {}", beside.display()))
        }
        // A copy of this library's own store needs no key beside it.
        Err(_) if args.without_key || library.key().exists() => Ok(None),
        Err(_) => anyhow::bail!(
            "{} is missing, and the library has no key: put it beside the copy, or add --without-key if it is lost, and everybody is then a stranger",
            beside.display()
        ),
    }
}

/// Sees that a file is a key before anything is replaced by it: the driver reads it as one.
fn check_key(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let is_key = driver::Key::load_or_make(path).map(drop);
    is_key
        .with_context(|| format!("the key beside the copy cannot be used ({} bytes)", bytes.len()))
}

fn place_aside(path: &Path, key: &[u8]) -> anyhow::Result<()> {
    // One of an earlier try may lie there.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => write_key(path, key),
    }
    .with_context(|| format!("cannot write {}", path.display()))
}

/// The error with its mend.
fn why_not(error: StoreError, file: &Path) -> anyhow::Error {
    let shown = file.display();
    let words = match &error {
        StoreError::Damaged { .. } => {
            format!(
                "{shown} is no whole copy of a store, the store stays as it is; take another copy"
            )
        }
        StoreError::TooNew => {
            format!(
                "{shown} cannot be read by this program, the store stays as it is; update the program"
            )
        }
        StoreError::Full => "the store stays as it is; free some room on the disk".to_owned(),
        StoreError::Unavailable { .. } | StoreError::Superseded => {
            format!("{shown} cannot be restored now, the store stays as it is")
        }
    };
    anyhow::Error::from(error).context(words)
}
