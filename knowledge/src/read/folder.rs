//! Finds the files of a library's folder.

use super::{Format, Part, Refused, SourceFile};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Deepest folder below `faq/`, `collections/` or `pages/` that is looked into: deeper than people file, and
/// an end to folders that contain themselves.
const DEEPEST: usize = 16;

/// Most files that are taken up in one of these folders: one entry a file, for the largest FAQ
/// that anybody could keep.
const MOST_FILES: usize = 100_000;

/// Endings of files that say which columns another file has; they are read with it.
const COLUMNS: &str = ".columns.toml";

/// Lists the files of `faq/`, `collections/` and `pages/` below a library's folder, sorted by path, and
/// refuses what cannot be taken up: an unknown ending, a folder that cannot be looked into.
///
/// Hidden files (`.name`), what editors and office programs leave behind (`name~`, `~$name`,
/// `#name#`) and column maps are passed over. A folder that is absent holds nothing.
pub fn files(library: &Path) -> (Vec<SourceFile>, Vec<Refused>) {
    let mut walk = Walk::default();
    for (part, name) in FOLDERS {
        walk.part = Some(part);
        walk.taken = 0;
        walk.folder(&library.join(name), name, 0);
    }
    walk.files.sort_by(|a, b| a.shown.cmp(&b.shown));
    walk.refused.sort();
    (walk.files, walk.refused)
}

/// Lists the pages that were fetched into a library's data folder, as [`files`] does those that a
/// librarian saved.
pub fn fetched(data: &Path) -> (Vec<SourceFile>, Vec<Refused>) {
    let mut walk = Walk { part: Some(Part::Pages), ..Walk::default() };
    walk.folder(&data.join("pages"), FETCHED, 0);
    walk.files.sort_by(|a, b| a.shown.cmp(&b.shown));
    walk.refused.sort();
    (walk.files, walk.refused)
}

/// What the fetched pages' files are told to people to begin with.
pub(crate) const FETCHED: &str = "data/pages";

/// What stands beside them and says when they were fetched.
const WHEN: &str = "fetched.json";

/// The folders, and what they hold.
const FOLDERS: [(Part, &str); 3] =
    [(Part::Faq, "faq"), (Part::Collections, "collections"), (Part::Pages, "pages")];

#[derive(Default)]
struct Walk {
    part: Option<Part>,
    taken: usize,
    /// Folders that were looked into, so that a link back to one of them is not followed.
    seen: BTreeSet<PathBuf>,
    files: Vec<SourceFile>,
    refused: Vec<Refused>,
}

impl Walk {
    fn folder(&mut self, path: &Path, shown: &str, depth: usize) {
        if depth > DEEPEST {
            return self
                .refuse(shown, format!("folders are looked into {DEEPEST} deep; move it up"));
        }
        if path.canonicalize().is_ok_and(|real| !self.seen.insert(real)) {
            return;
        }
        let listing = match fs::read_dir(path) {
            Ok(listing) => listing,
            Err(error) if error.kind() == io::ErrorKind::NotFound && depth == 0 => return,
            Err(error) => return self.refuse(shown, unreadable("folder", &error)),
        };
        for entry in listing {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.refuse(shown, unreadable("folder", &error)),
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_passed_over(&name) {
                continue;
            }
            let shown = format!("{shown}/{name}");
            match fs::metadata(entry.path()) {
                Ok(meta) if meta.is_dir() && self.is_beside_a_page(&name) => {}
                Ok(meta) if meta.is_dir() => self.folder(&entry.path(), &shown, depth + 1),
                Ok(meta) if meta.is_file() => self.file(entry.path(), shown, &name),
                Ok(_) => self.refuse(&shown, "it is neither a file nor a folder; remove it".into()),
                Err(error) => self.refuse(&shown, unreadable("file", &error)),
            }
        }
    }

    /// Whether a folder holds the images and scripts that a browser saves beside a page.
    fn is_beside_a_page(&self, name: &str) -> bool {
        self.part == Some(Part::Pages) && (name.ends_with("_files") || name.ends_with("_fichiers"))
    }

    fn file(&mut self, path: PathBuf, shown: String, name: &str) {
        let Some(part) = self.part else { return };
        if self.taken == MOST_FILES {
            let reason = format!("more than {MOST_FILES} files; put several entries into one file");
            self.taken += 1;
            return self.refuse(&shown, reason);
        }
        if self.taken > MOST_FILES {
            return;
        }
        match format(name, part) {
            Some((format, gzip)) => {
                self.taken += 1;
                self.files.push(SourceFile { path, shown, part, format, gzip });
            }
            None => self.refuse(&shown, unknown_ending(part)),
        }
    }

    fn refuse(&mut self, shown: &str, reason: String) {
        self.refused.push(Refused { file: shown.to_owned(), position: String::new(), reason });
    }
}

fn is_passed_over(name: &str) -> bool {
    name.starts_with(['.', '#'])
        || name.starts_with("~$")
        || name.ends_with('~')
        || name.ends_with(COLUMNS)
        || name == WHEN
}

/// A file's format and whether it is compressed, by its ending; `None` for one that its folder
/// does not take.
fn format(name: &str, part: Part) -> Option<(Format, bool)> {
    let name = name.to_lowercase();
    let (stem, gzip) = match name.strip_suffix(".gz") {
        Some(stem) => (stem, true),
        None => (name.as_str(), false),
    };
    let (_, ending) = stem.rsplit_once('.')?;
    let format = match (ending, part) {
        ("md" | "markdown", Part::Faq) => Format::Markdown,
        ("html" | "htm" | "xhtml", Part::Pages) => Format::Html,
        (_, Part::Pages) => return None,
        ("csv" | "tsv", _) => Format::Csv,
        ("jsonl" | "ndjson", _) => Format::JsonLines,
        ("mrc" | "marc" | "dat", Part::Collections) => Format::Marc,
        ("xml", Part::Collections) => Format::Xml,
        _ => return None,
    };
    Some((format, gzip))
}

fn unknown_ending(part: Part) -> String {
    let known = match part {
        Part::Faq => ".md, .csv, .tsv, .jsonl",
        Part::Pages => ".html, .htm, .xhtml",
        Part::Collections => ".mrc, .marc, .dat, .xml, .csv, .tsv, .jsonl",
    };
    format!("its ending is not one that is read here; known are {known}, each also with .gz")
}

fn unreadable(what: &str, error: &io::Error) -> String {
    format!("the {what} cannot be opened ({error}); check its permissions")
}

#[cfg(test)]
mod tests {
    use super::{fetched, files};
    use crate::read::{Format, Part};
    use std::fs;

    #[test]
    fn files_are_listed_by_path_and_unknown_endings_named() {
        let library = tempfile::tempdir().unwrap();
        for name in [
            "faq/b/card.md",
            "faq/a.CSV",
            "faq/.hidden.md",
            "faq/card.md~",
            "faq/notes.docx",
            "faq/data.xml",
            "collections/z.mrc.gz",
            "collections/t.csv",
            "collections/t.csv.columns.toml",
            "collections/none",
            "pages/join.HTML",
            "pages/fr/join.htm.gz",
            "pages/style.css",
            "pages/join_files/logo.svg",
        ] {
            let path = library.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let (found, refused) = files(library.path());
        let found: Vec<_> =
            found.iter().map(|f| (f.shown.as_str(), f.part, f.format, f.gzip)).collect();
        assert_eq!(
            found,
            [
                ("collections/t.csv", Part::Collections, Format::Csv, false),
                ("collections/z.mrc.gz", Part::Collections, Format::Marc, true),
                ("faq/a.CSV", Part::Faq, Format::Csv, false),
                ("faq/b/card.md", Part::Faq, Format::Markdown, false),
                ("pages/fr/join.htm.gz", Part::Pages, Format::Html, true),
                ("pages/join.HTML", Part::Pages, Format::Html, false),
            ]
        );
        let refused: Vec<_> = refused.iter().map(|r| r.file.as_str()).collect();
        assert_eq!(
            refused,
            ["collections/none", "faq/data.xml", "faq/notes.docx", "pages/style.css"]
        );
    }

    #[test]
    fn fetched_pages_are_listed_without_what_stands_beside_them() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(fetched(data.path()), (Vec::new(), Vec::new()));
        let pages = data.path().join("pages");
        fs::create_dir(&pages).unwrap();
        for name in ["fetched.json", "b.html", "a.html", ".lock", ".c.html.new"] {
            fs::write(pages.join(name), "").unwrap();
        }
        let (found, refused) = fetched(data.path());
        let found: Vec<_> = found.iter().map(|file| (file.shown.as_str(), file.part)).collect();
        assert_eq!(found, [("data/pages/a.html", Part::Pages), ("data/pages/b.html", Part::Pages)]);
        assert_eq!(refused, Vec::new());
    }

    #[test]
    fn an_absent_folder_holds_nothing() {
        let library = tempfile::tempdir().unwrap();
        assert_eq!(files(library.path()), (Vec::new(), Vec::new()));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_contains_itself_is_listed_once() {
        let library = tempfile::tempdir().unwrap();
        let faq = library.path().join("faq");
        fs::create_dir(&faq).unwrap();
        fs::write(faq.join("a.md"), "# Q").unwrap();
        std::os::unix::fs::symlink(&faq, faq.join("again")).unwrap();
        assert_eq!(files(library.path()).0.len(), 1);
    }
}
