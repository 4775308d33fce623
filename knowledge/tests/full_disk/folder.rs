//! A temporary library, and short ways of asking it.
#![expect(clippy::unwrap_used, reason = "tests stop where something fails")]

use knowledge::index::{self, Rebuild, Report};
use knowledge::{Encoding, Error, Found, Knowledge, Query, Words};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("faq")).unwrap();
        fs::create_dir_all(folder.path().join("collections")).unwrap();
        Folder { folder }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    /// Writes entries: id, question, answer.
    pub(crate) fn entries(&self, file: &str, entries: &[(&str, &str, &str)]) {
        let line = |(id, question, answer): &(&str, &str, &str)| {
            let questions = [question];
            let entry = serde_json::json!({ "id": id, "questions": questions, "answer": answer, "lang": "en" });
            format!("{entry}\n")
        };
        self.write(file, &entries.iter().map(line).collect::<String>());
    }

    /// Writes records: id, title, creator.
    pub(crate) fn records(&self, file: &str, records: &[(&str, &str, &str)]) {
        let line = |(id, title, creator): &(&str, &str, &str)| {
            let creator = [creator];
            let record = serde_json::json!({ "id": id, "title": title, "creator": creator, "language": "en" });
            format!("{record}\n")
        };
        self.write(file, &records.iter().map(line).collect::<String>());
    }

    pub(crate) fn build(&self) -> Report {
        self.try_build(Rebuild::Changed).unwrap()
    }

    pub(crate) fn try_build(&self, rebuild: Rebuild) -> Result<Report, Error> {
        index::build(self.folder.path(), &self.data(), rebuild, &Encoding::Without, &|_| {})
    }

    pub(crate) fn open(&self) -> Knowledge {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Knowledge, Error> {
        Knowledge::open(self.folder.path(), &self.data())
    }

    pub(crate) fn first(&self, text: &str) -> String {
        first(&self.open(), text)
    }

    /// All files that the index is made of.
    pub(crate) fn index_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.data().join("index"), &mut files);
        let name = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
        files.retain(|file| !name(file).starts_with('.') && name(file) != "lock");
        files.sort();
        files
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

pub(crate) fn words(text: &str) -> Query {
    Query::Words(Words {
        text: text.to_owned(),
        lang: None,
        collections_only: false,
        unfinished: false,
    })
}

/// The best passage: an entry's id and answer, or a record's id.
pub(crate) fn first(knowledge: &Knowledge, text: &str) -> String {
    let findings = knowledge.find(&words(text));
    match findings.parts.first().and_then(|part| part.passages.first()).map(|p| &p.found) {
        Some(Found::Entry(entry)) => {
            format!("{}: {}", entry.id, entry.answer.as_deref().unwrap_or_default().trim())
        }
        Some(Found::Page(section)) => section.id.clone(),
        Some(Found::Record(record)) => record.id.clone(),
        Some(Found::Fact(fact)) => format!("{fact:?}"),
        None => String::new(),
    }
}
