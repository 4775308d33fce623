//! Libraries made of public sets.

use knowledge::read::{self, Item};
use knowledge::{Entry, Record};
use std::path::{Path, PathBuf};

/// A library with some of the sets.
pub(crate) fn library(temporary: &Path, name: &str, data: &Path, sets: &[&str]) -> PathBuf {
    let library = temporary.join(name);
    for folder in ["faq", "collections"] {
        std::fs::create_dir_all(library.join(folder)).unwrap();
    }
    for set in sets {
        let from = data.join("sets").join(set);
        let folder = if set.ends_with("faq.jsonl") { "faq" } else { "collections" };
        std::fs::copy(&from, library.join(folder).join(from.file_name().unwrap())).unwrap();
    }
    library
}

/// What the files of a part of the library hold.
pub(crate) fn items(part: &Path) -> (Vec<Entry>, Vec<Record>) {
    let (mut entries, mut records) = (Vec::new(), Vec::new());
    for file in read::files(part.parent().unwrap()).0 {
        if !file.path.starts_with(part) {
            continue;
        }
        for item in read::items(&file).flatten() {
            match item {
                Item::Entry(entry) => entries.push(entry),
                Item::Record(record) => records.push(record),
                Item::Section(_) | Item::Deleted(_) => {}
            }
        }
    }
    (entries, records)
}

/// The questions of a gold set.
pub(crate) fn texts(path: &Path) -> Vec<String> {
    let file = std::fs::read_to_string(path).unwrap();
    let text = |line| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["text"].as_str().unwrap().to_owned()
    };
    file.lines().map(text).collect()
}
