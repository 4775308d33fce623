//! How far a build is, and where it writes.

use super::{FOLDER_PREFIX, Progress};
use crate::read::SourceFile;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many items are taken in between two reports of the progress.
const REPORTED_EVERY: u64 = 500;

/// One build.
pub(super) struct Reading<'a> {
    /// The folder of the index.
    pub(super) index: &'a Path,
    /// The number of the generation in the making.
    pub(super) generation: u64,
    /// Whether every file is read, changed or not.
    pub(super) all: bool,
    /// Bytes of all files that may be read.
    pub(super) bytes_in_all: u64,
    report: &'a (dyn Fn(Progress<'_>) + Sync),
    items: AtomicU64,
    bytes: AtomicU64,
    folders: AtomicU64,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        index: &'a Path,
        generation: u64,
        all: bool,
        bytes_in_all: u64,
        report: &'a (dyn Fn(Progress<'_>) + Sync),
    ) -> Reading<'a> {
        let none = || AtomicU64::new(0);
        let (items, bytes, folders) = (none(), none(), none());
        Reading { index, generation, all, bytes_in_all, report, items, bytes, folders }
    }

    /// A name for a new folder of this generation, and where it will be.
    pub(super) fn folder(&self, what: &str) -> (String, PathBuf) {
        let count = self.folders.fetch_add(1, Ordering::Relaxed);
        let name = format!("{FOLDER_PREFIX}{}-{what}-{count}", self.generation);
        let path = self.index.join(&name);
        (name, path)
    }

    /// A file is about to be read.
    pub(super) fn begins(&self, file: &SourceFile) {
        self.tell(&file.shown);
    }

    /// An item of a file was read.
    pub(super) fn took_one(&self, file: &SourceFile) {
        let items = self.items.fetch_add(1, Ordering::Relaxed) + 1;
        if items.is_multiple_of(REPORTED_EVERY) {
            self.tell(&file.shown);
        }
    }

    /// A file was read to its end.
    pub(super) fn ends(&self, file: &SourceFile) {
        let bytes = std::fs::metadata(&file.path).map_or(0, |meta| meta.len());
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many of so many texts were encoded.
    pub(super) fn encoded(&self, done: usize, all: usize) {
        self.report("", Some((done, all)));
    }

    fn tell(&self, file: &str) {
        self.report(file, None);
    }

    fn report(&self, file: &str, encoded: Option<(usize, usize)>) {
        (self.report)(Progress {
            file,
            encoded,
            items: self.items.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            bytes_in_all: self.bytes_in_all,
        });
    }
}
