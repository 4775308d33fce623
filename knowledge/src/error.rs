//! What can keep an index from being built or opened.

use std::io;
use std::path::{Path, PathBuf};

/// Why an index cannot be built or opened; each variant is the caller's next step.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing has been indexed yet: build the index.
    #[error("there is no index in {}; build it with `pollen index`", folder.display())]
    Missing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A file of the index is gone or not what was written: build it anew from the sources.
    #[error("the index in {} is damaged ({reason}); build it anew with `pollen index`", folder.display())]
    Damaged {
        /// Where the index is.
        folder: PathBuf,
        /// What was found.
        reason: String,
    },
    /// Another version of the program made the index: build it anew from the sources.
    #[error("the index in {} has format {found}, this program reads {expected}; build it anew with `pollen index`", folder.display())]
    OldFormat {
        /// Where the index is.
        folder: PathBuf,
        /// The format on disk.
        found: u32,
        /// The format of this program.
        expected: u32,
    },
    /// The disk, or the space allowed on it, is full: free some; the index in use is unharmed.
    #[error("no space left to write the index in {}; the index in use is unharmed", folder.display())]
    Full {
        /// Where it was to be written.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system refused a file: see to its rights, or to the disk.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The encoder that the settings name cannot be opened: see to its folder, or take it out.
    #[error("the encoder cannot be used")]
    Encoder(#[from] encoder::Error),
    /// The index could not be written for a reason of its own.
    #[error("the index in {} could not be written", folder.display())]
    Write {
        /// Where it was to be written.
        folder: PathBuf,
        /// What the index library said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// The error for what the system said of a path: a full disk apart from the rest.
    pub(crate) fn io(path: &Path, source: io::Error) -> Error {
        if is_full(source.kind()) {
            return Error::Full { folder: path.to_path_buf(), source };
        }
        Error::Io { path: path.to_path_buf(), source }
    }
}

/// Whether a write failed for want of space: on the disk, in a quota, or in a file's allowed size.
fn is_full(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
