//! The files that the tests are made of: the scripts, and the library that they take place in.

use crate::script::Script;
use knowledge::index::{self, Rebuild};
use knowledge::{Encoding, Knowledge};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of this crate.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The library that all scripts take place in.
pub fn library() -> PathBuf {
    root().join("library")
}

/// The scripts' files, by name.
pub fn scripts() -> Vec<PathBuf> {
    files(&root().join("scripts"), "txt")
}

/// Reads a script.
///
/// # Errors
/// The file, the line and what is wrong there.
pub fn read(path: &Path) -> Result<Script, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Script::read(path, &text).map_err(|e| e.to_string())
}

/// The knowledge of the scripts' library, its indexes in this folder.
///
/// # Errors
/// If it cannot be built, or a file of the library is refused.
pub fn knowledge(data: &Path) -> Result<Arc<Knowledge>, String> {
    knowledge_of(&library(), data)
}

/// The knowledge of a library, its indexes in this folder.
///
/// # Errors
/// If it cannot be built, or a file of the library is refused.
pub fn knowledge_of(library: &Path, data: &Path) -> Result<Arc<Knowledge>, String> {
    std::fs::create_dir_all(data).map_err(|e| format!("{}: {e}", data.display()))?;
    build(library, data)?;
    Knowledge::open(library, data).map(Arc::new).map_err(|e| whole(&e))
}

/// Builds a library's indexes in this folder.
///
/// # Errors
/// If they cannot be built, or a file of the library is refused.
pub fn build(library: &Path, data: &Path) -> Result<(), String> {
    let report = index::build(library, data, Rebuild::All, &Encoding::Shipped, &|_| {})
        .map_err(|e| whole(&e))?;
    if report.refused.is_empty() {
        return Ok(());
    }
    Err(format!("{} is refused in part: {:?}", library.display(), report.refused))
}

/// The files of a folder with this ending, by name; none if there is no such folder.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect();
    paths.sort();
    paths
}

/// An error with all its sources.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
