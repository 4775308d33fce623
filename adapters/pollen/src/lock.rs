//! One program a folder: `data/lock`, held as long as the program lives, whatever ends it.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes of what the holder writes about itself that are read.
const HOLDER_BYTES_MAX: u64 = 1_000;

/// The folder is this program's until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    /// The system gives the lock back when the file closes.
    _file: File,
}

/// Who holds a folder, in their own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// The process.
    pub(crate) pid: u32,
    /// The command: `serve`, `chat`.
    pub(crate) command: String,
    /// Whether `pollen chat` can join it.
    pub(crate) terminal: bool,
}

/// Why a folder cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another program holds it.
    #[error("the library in {folder} is already being run by {holder}; stop that one first")]
    Held {
        /// The library's folder, as people are told it.
        folder: String,
        /// Who holds it.
        holder: Holder,
    },
    /// The file cannot be used: see to the rights of the folder.
    #[error("cannot use {}", path.display())]
    Io {
        /// The lock.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Lock {
    /// Takes the folder whose `data` this is, or tells who has it.
    pub(crate) fn take(
        data: &Path,
        folder: &str,
        command: &str,
        terminal: bool,
    ) -> Result<Lock, LockError> {
        let path = data.join("lock");
        let io = |source| LockError::Io { path: path.clone(), source };
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = read(&mut file).unwrap_or_default();
                return Err(LockError::Held { folder: folder.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let holder = Holder { pid: std::process::id(), command: command.to_owned(), terminal };
        write(&mut file, &holder).map_err(io)?;
        Ok(Lock { _file: file })
    }
}

fn write(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(serde_json::to_string(holder)?.as_bytes())
}

fn read(file: &mut File) -> anyhow::Result<Holder> {
    let mut text = String::new();
    file.take(HOLDER_BYTES_MAX).read_to_string(&mut text).context("cannot read")?;
    Ok(serde_json::from_str(&text)?)
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.pid == 0 {
            // It has only just begun and not written its name yet.
            return f.write_str("another pollen");
        }
        write!(f, "`pollen {}` (process {})", self.command, self.pid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_and_is_free_once_it_is_gone() {
        let data = tempfile::tempdir().unwrap();
        let first = Lock::take(data.path(), "here", "serve", true).unwrap();
        let error = Lock::take(data.path(), "here", "chat", true).unwrap_err();
        let pid = std::process::id();
        assert_eq!(
            error.to_string(),
            format!(
                "the library in here is already being run by `pollen serve` (process {pid}); stop \
                 that one first"
            )
        );
        drop(first);
        Lock::take(data.path(), "here", "chat", true).unwrap();
    }
}
