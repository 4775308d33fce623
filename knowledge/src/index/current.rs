//! Which generation is the current one, and what it is made of: `index/current.json`.
//!
//! A generation is one folder with the index of entries and pages, and one a shelf of records. A folder is
//! written once and never changed, so two generations share those that did not change between
//! them. Swapping generations is one rename of this small file.

use super::FORMAT;
use crate::Error;
use crate::meaning::Encoding;
use crate::read::Refused;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const CURRENT: &str = "current.json";

/// Up to this many bytes of index the checksums are compared when it is opened, which reads them
/// all: 0.1 s. Above, lengths alone.
const CHECKED_BYTES_MAX: u64 = 256 << 20;

/// A generation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Current {
    /// The format of everything in the folder, this file included.
    pub(crate) format: u32,
    /// Counts up with each change.
    pub(crate) generation: u64,
    /// The entries and the pages.
    pub(crate) entries: Part,
    /// The records, by shelf.
    pub(crate) shelves: Vec<Part>,
    /// Entries refused across files: ids met twice.
    pub(crate) refused_entries: Vec<Kept>,
    /// Records refused across files.
    pub(crate) refused_records: Vec<Kept>,
}

/// One folder of a generation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Its name within the index folder.
    pub(crate) folder: String,
    /// The files that it was made from, sorted by path.
    pub(crate) sources: Vec<Source>,
    /// How many entries or records of it are found; sections of pages are not counted.
    pub(crate) count: u64,
    /// The numbers of those records that are not found: an earlier file has their id, or a later
    /// one says that they are deleted. Sorted.
    pub(crate) hidden: Vec<u32>,
    /// What encoded the meanings of its texts, if anything did; records have none.
    pub(crate) meant: Option<Meant>,
    /// Its files, to see whether they are still what was written.
    pub(crate) files: Vec<Written>,
}

/// What encoded texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meant {
    /// How it is opened.
    pub(crate) encoding: Encoding,
    /// What names it and no other, as [`encoder::Encoder::identity`].
    pub(crate) encoder: String,
}

/// A file of the library that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    /// As [`crate::read::SourceFile::shown`].
    pub(crate) file: String,
    /// Length and time of the last change when it was read.
    pub(crate) stamp: Stamp,
    /// How many items of it are in the index.
    pub(crate) items: u64,
    /// Whether the items are those of an earlier reading, because the file could not be read.
    pub(crate) earlier: bool,
    /// What was refused in it, at most [`super::REFUSED_MAX`].
    pub(crate) refused: Vec<Kept>,
}

/// Whether a file is still the one that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    pub(crate) changed_ns: u64,
}

impl Stamp {
    /// The stamp of a file; that of nothing where it cannot be asked for.
    pub(crate) fn of(path: &Path) -> Stamp {
        let Ok(meta) = fs::metadata(path) else { return Stamp::default() };
        let changed = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Stamp {
            bytes: meta.len(),
            changed_ns: changed.map_or(0, |changed| changed.as_nanos() as u64),
        }
    }
}

/// A refusal as it is kept for the next report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    file: String,
    position: String,
    reason: String,
}

impl Kept {
    pub(crate) fn new(file: &str, position: String, reason: String) -> Kept {
        Kept { file: file.to_owned(), position, reason }
    }
}

impl From<Refused> for Kept {
    fn from(Refused { file, position, reason }: Refused) -> Kept {
        Kept { file, position, reason }
    }
}

impl From<&Kept> for Refused {
    fn from(kept: &Kept) -> Refused {
        let Kept { file, position, reason } = kept.clone();
        Refused { file, position, reason }
    }
}

/// A file of the index, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    name: String,
    bytes: u64,
    sum: u32,
}

impl Current {
    /// The file that says which generation is current.
    pub(crate) fn path(index: &Path) -> PathBuf {
        index.join(CURRENT)
    }

    /// Reads which generation is current.
    pub(crate) fn read(index: &Path) -> Result<Current, Error> {
        let path = Current::path(index);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Missing { folder: index.to_path_buf() });
            }
            Err(error) => return Err(Error::io(&path, error)),
        };
        let damaged = |error: serde_json::Error| Error::Damaged {
            folder: index.to_path_buf(),
            reason: format!("{CURRENT}: {error}"),
        };
        let Versioned { format } = serde_json::from_slice(&text).map_err(damaged)?;
        if format != FORMAT {
            let folder = index.to_path_buf();
            return Err(Error::OldFormat { folder, found: format, expected: FORMAT });
        }
        serde_json::from_slice(&text).map_err(damaged)
    }

    /// Makes this generation the current one: all of it or nothing, whatever dies when.
    pub(crate) fn write(&self, index: &Path) -> Result<(), Error> {
        let (path, new) = (index.join(CURRENT), index.join("current.new"));
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(index)?.sync_all()
        };
        write().map_err(|source| Error::io(&path, source))
    }

    /// The folders that this generation is made of.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        std::iter::once(&self.entries).chain(&self.shelves)
    }

    /// Whether all files of the generation are there as they were written.
    pub(crate) fn check(&self, index: &Path) -> Result<(), Error> {
        let all: u64 = self.parts().flat_map(|part| &part.files).map(|file| file.bytes).sum();
        for part in self.parts() {
            let folder = index.join(&part.folder);
            for file in &part.files {
                let path = folder.join(&file.name);
                let found = match fs::metadata(&path) {
                    Ok(meta) if meta.len() != file.bytes => Some("has another length"),
                    Ok(_) if all > CHECKED_BYTES_MAX => None,
                    Ok(_) => match sum(&path) {
                        Ok(sum) if sum == file.sum => None,
                        Ok(_) => Some("has another content"),
                        Err(source) => return Err(Error::io(&path, source)),
                    },
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some("is gone"),
                    Err(error) => return Err(Error::io(&path, error)),
                };
                if let Some(what) = found {
                    let reason = format!("{}/{} {what}", part.folder, file.name);
                    return Err(Error::Damaged { folder: index.to_path_buf(), reason });
                }
            }
        }
        Ok(())
    }
}

/// Removes what the current generation does not need: folders of earlier ones, and what a builder
/// that died has left. A reader that has one open keeps it.
pub(crate) fn sweep(index: &Path, current: Option<&Current>) {
    let Ok(folders) = fs::read_dir(index) else { return };
    for folder in folders.flatten() {
        let name = folder.file_name();
        let mut used = current.iter().flat_map(|current| current.parts());
        let ours = name.to_str().is_some_and(|name| name.starts_with(super::FOLDER_PREFIX));
        if ours && !used.any(|part| name == part.folder.as_str()) {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

/// Notes the files of a finished folder, and sees to it that they are on the disk.
pub(crate) fn written(folder: &Path) -> Result<Vec<Written>, Error> {
    let mut files = Vec::new();
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect()
    };
    for path in list().map_err(|source| Error::io(folder, source))? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // Locks, and the list of files that tantivy keeps for itself.
        if name.starts_with('.') {
            continue;
        }
        let sum = sum(&path).map_err(|source| Error::io(&path, source))?;
        let bytes = fs::metadata(&path).map_err(|source| Error::io(&path, source))?.len();
        files.push(Written { name: name.to_owned(), bytes, sum });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    File::open(folder)
        .and_then(|dir| dir.sync_all())
        .map_err(|source| Error::io(folder, source))?;
    Ok(files)
}

/// The checksum of a file, read through a small buffer so that no memory stays taken.
fn sum(path: &Path) -> std::io::Result<u32> {
    let (mut file, mut hasher) = (File::open(path)?, crc32fast::Hasher::new());
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()),
            read => hasher.update(&buffer[..read]),
        }
    }
}
