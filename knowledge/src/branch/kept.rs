//! The last good text of each branch's file, kept beside the index: a file that is broken leaves
//! the branch as it was known last, instead of making it vanish.

use super::Branches;
use super::file::{self, Source};
use crate::Error;
use crate::read::Refused;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder within that of the index.
const FOLDER: &str = "branches";

/// Reads all branches of a library; one whose file is broken as it was kept last. What is broken
/// is named all the same.
pub(crate) fn read(library: &Path, index: &Path) -> (Branches, Vec<Refused>) {
    file::sources(library, &|name| file::text(&path(index, name)).ok()).branches()
}

/// As [`read`], and keeps the good texts for the times to come. The texts of files that are gone
/// go too. Builders take turns, so there is one writer.
///
/// # Errors
/// [`Error::Full`] and [`Error::Io`] where a text cannot be kept.
pub(crate) fn keep(library: &Path, index: &Path) -> Result<(Branches, Vec<Refused>), Error> {
    let sources = file::sources(library, &|name| file::text(&path(index, name)).ok());
    for Source { name, text, .. } in sources.good() {
        let path = path(index, name);
        if fs::read(&path).is_ok_and(|kept| kept == text.as_bytes()) {
            continue;
        }
        write(&path, text).map_err(|source| Error::io(&path, source))?;
    }
    if let Some(names) = &sources.names {
        forget(&index.join(FOLDER), names);
    }
    Ok(sources.branches())
}

fn path(index: &Path, name: &str) -> PathBuf {
    index.join(FOLDER).join(format!("{name}.toml"))
}

/// Writes a text: all of it or nothing, whatever dies when.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let new = path.with_extension("new");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// Removes the texts of branches that the library has no more.
fn forget(folder: &Path, names: &BTreeSet<String>) {
    let here: BTreeSet<OsString> =
        names.iter().map(|name| OsString::from(format!("{name}.toml"))).collect();
    for kept in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !here.contains(&kept.file_name()) {
            // What stays is never read: no file of the library has its name.
            let _ = fs::remove_file(kept.path());
        }
    }
}
