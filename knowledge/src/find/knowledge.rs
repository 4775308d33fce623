//! The handle on a library's knowledge.

use super::entries::Entries;
use super::records::Records;
use crate::branch::{Branches, kept};
use crate::facts::Recogniser;
use crate::index::{self, current::Current};
use crate::{Entry, Error, Record, Section};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often the opening is tried again where a builder has swapped generations meanwhile.
const TRIES_MAX: usize = 5;

/// A library's knowledge, opened for reading: one generation of the indexes, and the branches.
/// What is found does not change while it is open; open it again to see a newer generation.
pub struct Knowledge {
    pub(super) entries: Entries,
    pub(super) records: Records,
    pub(super) facts: Recogniser,
    branches: Arc<Branches>,
    generation: u64,
    index: PathBuf,
}

impl Knowledge {
    /// Opens the current generation. Takes no lock, and writes nothing. A branch whose file is
    /// broken is as it was when the index was built last.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Damaged`] and [`Error::OldFormat`] ask for a build;
    /// [`Error::Io`] for the rights of a file.
    pub fn open(library: &Path, data: &Path) -> Result<Knowledge, Error> {
        let index = index::folder(data);
        let mut current = Current::read(&index)?;
        for _ in 0..TRIES_MAX {
            let opened = open(library, &index, &current);
            let newer = match &opened {
                Ok(_) => return opened,
                Err(_) => Current::read(&index)?,
            };
            if newer.generation == current.generation {
                return opened;
            }
            current = newer;
        }
        open(library, &index, &current)
    }

    /// The number of the current generation on disk, without opening it: another than that of an
    /// open [`Knowledge`] says that there is something newer.
    ///
    /// # Errors
    /// Those of [`Knowledge::open`].
    pub fn current_generation(data: &Path) -> Result<u64, Error> {
        Ok(Current::read(&index::folder(data))?.generation)
    }

    /// The number of the generation: another number is another content.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The branches, as they were when the knowledge was opened.
    pub fn branches(&self) -> Arc<Branches> {
        self.branches.clone()
    }

    /// The entry of this id.
    pub fn entry(&self, id: &str) -> Option<Arc<Entry>> {
        self.entries.entries.get(id)
    }

    /// The section of a page of this id.
    pub fn section(&self, id: &str) -> Option<Arc<Section>> {
        self.entries.sections.get(id)
    }

    /// Whether there is a page of this address, or file.
    pub fn has_page(&self, page: &str) -> bool {
        self.entries.sections.all.iter().any(|section| section.is_on(page))
    }

    /// The record of this id.
    pub fn record(&self, id: &str) -> Option<Arc<Record>> {
        self.records.get(id)
    }
}

impl std::fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Knowledge(generation {} in {})", self.generation, self.index.display())
    }
}

fn open(library: &Path, index: &Path, current: &Current) -> Result<Knowledge, Error> {
    current.check(index)?;
    let (branches, _) = kept::read(library, index);
    Ok(Knowledge {
        entries: Entries::open(
            &index.join(&current.entries.folder),
            current.entries.meant.as_ref(),
        )?,
        records: Records::open(index, &current.shelves)?,
        facts: Recogniser::new(&branches),
        branches: Arc::new(branches),
        generation: current.generation,
        index: index.to_path_buf(),
    })
}
