//! `pollen backup`: a whole copy of the store, and of the key without which it knows nobody.

use crate::WrongCall;
use crate::args::InLibrary;
use crate::library::Library;
use crate::output::print;
use anyhow::Context;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `pollen backup` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Writes two files that only you can read: FILE, the store (cases, subscriptions, what waits to be sent), and FILE.key, the key of the \
library's pseudonyms. Without the key a restored store takes everybody for a stranger; whoever has both can tell who asked what, so \
keep them as you keep patrons' data. Files of knowledge and settings are your own and not in the copy; the indexes are built from them.\n\
Also while `pollen serve` runs. Put back with `pollen restore FILE`.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) library: InLibrary,
    /// The file to write; it must not exist yet
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let library = Library::open(&args.library.library)?;
    let key = key_beside(&args.file);
    check_free(&args.file)?;
    check_free(&key)?;
    if !library.store().exists() {
        anyhow::bail!(
            "the library in {} has no store yet; it is made when `pollen serve` or `pollen chat` first runs",
            library.shown()
        );
    }
    let keyed = copy_key(&library.key(), &key)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    let copied = runtime.block_on(store::backup(&library.store(), &args.file));
    if let Err(error) = copied {
        if keyed {
            // Half a backup is none; what kept it from being whole is what matters.
            let _ = fs::remove_file(&key);
        }
        let file = args.file.display();
        return Err(anyhow::Error::from(error).context(format!("cannot write the copy {file}")));
    }
    let (file, key) = (args.file.display(), key.display());
    print(&match keyed {
        true => format!("The store is in {file}, its key in {key}.\n"),
        false => format!("The store is in {file}; the library has no key yet.\n"),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The key's file beside a copy of the store.
pub(crate) fn key_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// Sees that a file can be made here and nothing is overwritten.
fn check_free(file: &Path) -> Result<(), WrongCall> {
    let shown = file.display();
    if file.is_dir() {
        return Err(WrongCall(format!(
            "{shown} is a folder; name a file in it, {shown}/pollen.db say"
        )));
    }
    if file.symlink_metadata().is_ok() {
        return Err(WrongCall(format!(
            "{shown} exists already and is not overwritten; name a new file"
        )));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(WrongCall(format!("there is no folder {}; make it first", folder.display())));
    }
    Ok(())
}

/// Copies the key; says whether there is one.
fn copy_key(from: &Path, to: &Path) -> anyhow::Result<bool> {
    match fs::read(from) {
        Ok(bytes) => {
            write_key(to, &bytes).with_context(|| format!("cannot write {}", to.display()))?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot read the key {}", from.display())),
    }
}

/// Writes a key into a new file that only its owner can read, down to the disk.
pub(crate) fn write_key(to: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    file.write_all(bytes)?;
    file.sync_all()
}
