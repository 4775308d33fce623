use std::path::{Path, PathBuf};

/// Why an encoder can't be opened; each names the place and what mends it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file can't be read.
    #[error("{} can't be read: is it there, and may this user read it?", path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `model.toml` doesn't say what it must.
    #[error("{} can't be understood: it needs `file` and `sha256`", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: Box<toml::de::Error>,
    },
    /// The file is not the one that `model.toml` names: damaged, cut short, or another one.
    #[error(
        "{} is damaged or another file: its sha256 is {found}, `model.toml` says {expected}; fetch it again",
        path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// What `model.toml` says.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A folder as the model hubs have them holds what this program does not do as its makers' does.
    #[error("{} cannot be used: {met}; {mend}", path.display())]
    Unfit {
        /// The file in which it stands.
        path: PathBuf,
        /// What was met.
        met: String,
        /// What mends it.
        mend: &'static str,
    },
    /// A file cannot be written: see to its folder, or free some room.
    #[error("{} cannot be written: is there room on the disk, and may this user write there?", path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no encoder of a known kind.
    #[error(
        "{place} is no encoder that this program knows: {reason}; make it again with knowledge/encoder/make"
    )]
    Unknown {
        /// The file, or that it is the one that ships with the program.
        place: String,
        /// What is missing or wrong in it.
        reason: String,
    },
}

impl Error {
    pub(crate) fn unfit(path: &Path, met: String, mend: &'static str) -> Error {
        Error::Unfit { path: path.to_path_buf(), met, mend }
    }

    pub(crate) fn unwritten(path: &Path, source: std::io::Error) -> Error {
        Error::Unwritten { path: path.to_path_buf(), source }
    }
}
