//! `pollen init`: a library's folder to start from.

use crate::WrongCall;
use crate::library::{DESK_PASSWORD, Library};
use crate::password;
use anyhow::Context;
use include_dir::{Dir, DirEntry, include_dir};
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The sample library, as it lies in the program's own source.
static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample");

/// The folders of a library; a bare one has them empty.
const FOLDERS: [&str; 4] = ["branches", "faq", "collections", "pages"];

/// How many names are told of what is in the way.
const NAMED_MAX: usize = 4;

/// What `pollen init` is called with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leaves out the sample branches, entries and records
    #[arg(long)]
    pub(crate) bare: bool,
    /// Sets a new password for the desk of a library that exists: the one on standard input, or one
    /// that is drawn and shown
    #[arg(long, conflicts_with = "bare")]
    pub(crate) password: bool,
    /// The folder to make; it must not exist yet, or be empty
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.password {
        return new_password(&args.dir);
    }
    make_library(&args.dir, args.bare)?;
    let password = password::draw()?;
    password::write(&args.dir.join(DESK_PASSWORD), &password)?;
    tell(&args.dir, args.bare, &password)?;
    Ok(ExitCode::SUCCESS)
}

/// Sets a new password for the desk.
fn new_password(dir: &Path) -> anyhow::Result<ExitCode> {
    let library = Library::open(dir)?;
    let (password, drawn) = match typed_password()? {
        Some(password) => (password, false),
        None => (password::draw()?, true),
    };
    password::write(&library.desk_password(), &password)?;
    let shown = if drawn { format!(": {password}\n") } else { ".\n".to_owned() };
    writeln!(
        io::stdout(),
        "The desk of {} has a new password{shown}\
         It holds once `pollen serve` is started again. Only its hash is kept.",
        library.shown()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The password that comes on standard input; `None` if nobody gives one there.
fn typed_password() -> anyhow::Result<Option<String>> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Ok(None);
    }
    let mut line = String::new();
    stdin.lock().take(LINE_MAX).read_line(&mut line).context("cannot read standard input")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        return Ok(None);
    }
    if !password::is_long(&password) {
        let short = "that password is too short; give one of 8 characters or more".to_owned();
        return Err(WrongCall(short).into());
    }
    Ok(Some(password))
}

/// Bytes of a password that are read.
const LINE_MAX: u64 = 256;

/// Makes a library's folder, with the sample in it or bare.
pub(crate) fn make_library(dir: &Path, bare: bool) -> anyhow::Result<()> {
    check_empty(dir)?;
    make(dir)?;
    for folder in FOLDERS {
        make(&dir.join(folder))?;
    }
    if bare {
        write(&dir.join(SETTINGS), bare_settings()?.as_bytes())
    } else {
        write_all(dir, &SAMPLE)
    }
}

const SETTINGS: &str = "pollen.toml";

fn check_empty(dir: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(WrongCall(format!("{} is a file; name a new folder", dir.display())).into());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", dir.display())),
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()
        .with_context(|| format!("cannot read {}", dir.display()))?;
    if names.is_empty() {
        return Ok(());
    }
    names.sort();
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(WrongCall(format!(
        "{} is not empty: {}{more}; nothing was written, name a new or an empty folder",
        dir.display(),
        names.join(", ")
    ))
    .into())
}

fn write_all(dir: &Path, from: &Dir<'_>) -> anyhow::Result<()> {
    for entry in from.entries() {
        let path = dir.join(entry.path());
        match entry {
            DirEntry::Dir(folder) => {
                make(&path)?;
                write_all(dir, folder)?;
            }
            DirEntry::File(file) => write(&path, file.contents())?,
        }
    }
    Ok(())
}

/// The sample's settings with a name that asks to be changed.
fn bare_settings() -> anyhow::Result<String> {
    let text = SAMPLE.get_file(SETTINGS).and_then(|file| file.contents_utf8());
    let text = text.context("the sample library has no settings")?;
    let lines = text.lines().map(|line| match line.starts_with("name = ") {
        true => "name = \"Our Library\"",
        false => line,
    });
    Ok(lines.flat_map(|line| [line, "\n"]).collect())
}

fn make(dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))
}

fn write(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    fs::write(path, contents).with_context(|| format!("cannot write {}", path.display()))
}

fn tell(dir: &Path, bare: bool, password: &str) -> io::Result<()> {
    let shown = dir.display();
    let what = match bare {
        true => "an empty library; put the FAQ into faq/, the branches into branches/",
        false => "a sample library: two branches, a FAQ and some 300 works in English and French",
    };
    writeln!(
        io::stdout(),
        "{shown} holds {what}.\n\
         Its settings stand in {shown}/{SETTINGS}, each line explained.\n\
         The desk's password is {password}. Write it down: only its hash is kept.\n\
         Now:\n\n    \
         cd {shown}\n    \
         pollen chat      a conversation in this terminal\n    \
         pollen serve     the web page: the chat at http://127.0.0.1:8080/, the desk at /desk"
    )
}
