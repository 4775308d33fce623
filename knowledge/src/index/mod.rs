//! Builds the indexes from a library's files.
//!
//! In reading order: what a generation is (`current`), what is in the indexes (`schema`), how
//! entries and pages are indexed (`entries`), what is left out of pages because it stands on all of them
//! (`repeated`), how the records are indexed (`records`, `shelf`).

pub(crate) mod current;
pub(crate) mod entries;
pub(crate) mod schema;
pub(crate) mod words;

mod reading;
mod records;
mod repeated;
mod shelf;

use crate::branch::kept;
use crate::meaning::Encoding;
use crate::meaning::kept as kept_meanings;
use crate::read::{self, Refused, SourceFile};
use crate::{Branches, Error};
use current::{Current, Kept, Meant, Stamp};
use encoder::Encoder;
use reading::Reading;
use serde::Serialize;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The format of what is on disk. It counts up whenever something that was written before would
/// be read wrongly, a change of the analysis of words included.
pub(crate) const FORMAT: u32 = 4;

/// What the memory of a writer may grow to before it is written out, all threads together: what
/// keeps indexing from growing with the catalogue.
const WRITER_BYTES: usize = 64 << 20;

/// Threads that index records, beside the one that reads them.
const WRITER_THREADS: usize = 2;

/// How many refusals of one file are kept; of the others the number is told.
const REFUSED_MAX: usize = 1_000;

/// Folders of the index that begin so are ours to remove.
const FOLDER_PREFIX: &str = "gen-";

/// What a build did; the keys are those of `pollen index --json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Entries in the index.
    pub entries: u64,
    /// Records in the index.
    pub records: u64,
    /// Facts known of the branches.
    pub facts: u64,
    /// Pages of which something is in the index.
    pub pages: u64,
    /// What was not taken in, by file; also what an earlier build refused in files unchanged since.
    pub refused: Vec<Refused>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// How much is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebuild {
    /// What changed since the current generation.
    Changed,
    /// Everything, from the files.
    All,
}

/// How far a build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file being read, as [`crate::read::SourceFile::shown`].
    pub file: &'a str,
    /// Entries, sections and records read so far.
    pub items: u64,
    /// Bytes of the files read to their end so far, as they lie on the disk.
    pub bytes: u64,
    /// Bytes of all files that may be read.
    pub bytes_in_all: u64,
    /// Once the files are read: how many of how many new texts were encoded.
    pub encoded: Option<(usize, usize)>,
}

/// Builds the indexes of a library into a new generation and makes it the current one; where
/// nothing changed the current one stays. `encoding` is by what its texts are found beside their
/// words.
///
/// Builders of one data folder take turns. What fails leaves the current generation as it was.
///
/// # Errors
/// [`Error::Full`], [`Error::Io`], [`Error::Write`] and [`Error::Encoder`]; a file that cannot be read is no error but
/// stands in the report's `refused`, and its last good version goes on being found.
pub fn build(
    library: &Path,
    data: &Path,
    rebuild: Rebuild,
    encoding: &Encoding,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, Error> {
    let started = Instant::now();
    let encoder = encoding.open()?;
    let index = folder(data);
    fs::create_dir_all(&index).map_err(|source| Error::io(&index, source))?;
    let _turn = turn(&index)?;
    let last = last(&index)?;
    current::sweep(&index, last.as_ref());
    let (mut files, mut unread) = read::files(library);
    let (fetched, unread_too) = read::fetched(data);
    files.extend(fetched);
    unread.extend(unread_too);
    files.sort_by(|a, b| a.shown.cmp(&b.shown));
    let (answering, collections): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file.part != read::Part::Collections);
    let reading = Reading::new(
        &index,
        last.as_ref().map_or(0, |last| last.generation) + 1,
        rebuild == Rebuild::All,
        answering.iter().chain(&collections).map(|file| Stamp::of(&file.path).bytes).sum(),
        progress,
    );
    let (branches, refused_branches) = kept::keep(library, &index)?;
    let meant = encoder.as_ref().map(|encoder| Meaning { encoding, encoder });
    let built = generation(&reading, &answering, &collections, last.as_ref(), meant);
    // A build that failed leaves nothing behind: on a full disk its folders are the first to go.
    if built.is_err() {
        current::sweep(&index, last.as_ref());
    }
    let current = match (built?, last) {
        (Some(new), _) | (None, Some(new)) => new,
        (None, None) => return Err(Error::Missing { folder: index }),
    };
    current::sweep(&index, Some(&current));
    kept_meanings::take_away(&index);
    Ok(report(&current, &branches, unread.into_iter().chain(refused_branches), started))
}

/// Whether an index was ever built in this data folder.
pub fn is_built(data: &Path) -> bool {
    Current::path(&folder(data)).exists()
}

/// Leaves what texts mean that was encoded elsewhere, the content of a `meanings.bin`, for the next
/// build in this data folder: what a program knows of its own sample need not be found out.
///
/// # Errors
/// [`Error::Full`] and [`Error::Io`].
pub fn leave_meanings(data: &Path, bytes: &[u8]) -> Result<(), Error> {
    let index = folder(data);
    fs::create_dir_all(&index).map_err(|source| Error::io(&index, source))?;
    kept_meanings::leave(&index, bytes)
}

/// The folder of the index within the data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("index")
}

/// Waits until no other builder is at work here; the lock goes when the file is dropped.
fn turn(index: &Path) -> Result<File, Error> {
    let path = index.join("lock");
    let lock = File::create(&path).and_then(|file| file.lock().map(|()| file));
    lock.map_err(|source| Error::io(&path, source))
}

/// By what the texts of a generation are found beside their words.
#[derive(Clone, Copy)]
pub(crate) struct Meaning<'a> {
    encoding: &'a Encoding,
    encoder: &'a Encoder,
}

impl Meaning<'_> {
    fn meant(self) -> Meant {
        Meant { encoding: self.encoding.clone(), encoder: self.encoder.identity().to_owned() }
    }
}

/// The generation to build on; `None` where there is none that can be read.
fn last(index: &Path) -> Result<Option<Current>, Error> {
    match Current::read(index).and_then(|current| current.check(index).map(|()| current)) {
        Ok(current) => Ok(Some(current)),
        Err(Error::Missing { .. } | Error::Damaged { .. } | Error::OldFormat { .. }) => Ok(None),
        Err(
            error @ (Error::Full { .. }
            | Error::Io { .. }
            | Error::Write { .. }
            | Error::Encoder(_)),
        ) => Err(error),
    }
}

/// Builds and makes current what changed; `None` where nothing did.
fn generation(
    reading: &Reading<'_>,
    answering: &[SourceFile],
    collections: &[SourceFile],
    last: Option<&Current>,
    meaning: Option<Meaning<'_>>,
) -> Result<Option<Current>, Error> {
    let (mut refused_entries, mut refused_records) = (Vec::new(), Vec::new());
    let entries = match last {
        Some(last)
            if !reading.all
                && entries::is_current(answering, &last.entries)
                && last.entries.meant == meaning.map(Meaning::meant) =>
        {
            None
        }
        _ => {
            let last = last.map(|last| &last.entries);
            Some(entries::build(reading, answering, last, meaning, &mut refused_entries)?)
        }
    };
    let shelves = records::build(reading, collections, last, &mut refused_records)?;
    if let (None, None, Some(_)) = (&entries, &shelves, last) {
        return Ok(None);
    }
    let kept = |part: &dyn Fn(&Current) -> Vec<Kept>| last.map(part).unwrap_or_default();
    if entries.is_none() {
        refused_entries = kept(&|last| last.refused_entries.clone());
    }
    if shelves.is_none() {
        refused_records = kept(&|last| last.refused_records.clone());
    }
    let current = Current {
        format: FORMAT,
        generation: reading.generation,
        entries: entries.or(last.map(|last| last.entries.clone())).unwrap_or_default(),
        shelves: shelves.or(last.map(|last| last.shelves.clone())).unwrap_or_default(),
        refused_entries,
        refused_records,
    };
    current.write(reading.index)?;
    Ok(Some(current))
}

fn report(
    current: &Current,
    branches: &Branches,
    unread: impl Iterator<Item = Refused>,
    started: Instant,
) -> Report {
    let sources = current.parts().flat_map(|part| &part.sources);
    let across = current.refused_entries.iter().chain(&current.refused_records);
    let kept = sources.flat_map(|source| &source.refused).chain(across);
    let mut refused: Vec<Refused> = kept.map(Refused::from).chain(unread).collect();
    // By file; within one as they stand in it.
    refused.sort_by(|a, b| a.file.cmp(&b.file));
    Report {
        entries: current.entries.count,
        records: current.shelves.iter().map(|shelf| shelf.count).sum(),
        facts: branches.iter().map(facts).sum(),
        pages: pages(&current.entries),
        refused,
        took_ms: started.elapsed().as_millis() as u64,
    }
}

/// How many pages are found, by at least one section.
fn pages(part: &current::Part) -> u64 {
    let is_page = |source: &&current::Source| {
        let is_one = source.file.starts_with("pages/") || source.file.starts_with(read::FETCHED);
        is_one && source.items > 0
    };
    part.sources.iter().filter(is_page).count() as u64
}

/// How many of a branch's facts are known.
fn facts(branch: &crate::Branch) -> u64 {
    let known = [
        branch.hours.is_some(),
        branch.address.is_some(),
        branch.phone.is_some(),
        branch.email.is_some(),
    ];
    known.into_iter().map(u64::from).sum()
}

/// The refusals of one file, bounded.
#[derive(Default)]
struct Refusals {
    kept: Vec<Kept>,
    more: u64,
}

impl Refusals {
    fn add(&mut self, refused: Kept) {
        self.add_with(|| refused);
    }

    fn add_with(&mut self, refused: impl FnOnce() -> Kept) {
        if self.kept.len() < REFUSED_MAX {
            self.kept.push(refused());
        } else {
            self.more += 1;
        }
    }

    fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// All that were kept, and one that says how many more there were.
    fn kept(mut self, file: &str) -> Vec<Kept> {
        if self.more > 0 {
            let reason = format!("{} more were refused; mend those named first", self.more);
            self.kept.push(Kept::new(file, String::new(), reason));
        }
        self.kept
    }
}
