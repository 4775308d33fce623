use std::path::PathBuf;

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
