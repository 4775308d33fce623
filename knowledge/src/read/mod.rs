//! Reads a library's files into entries, records and the sections of pages.
//!
//! [`files`] lists what the library's folder holds, [`fetched`] what was fetched for it, [`items`] streams what one of its files holds.
//! A bad record, line or file is [`Refused`] with its place and its mend; everything else goes in.
//!
//! In reading order: the folder, the bytes and lines of a file, what every text goes through, and
//! then one module a format.

mod csv;
mod folder;
mod html;
mod input;
mod json_lines;
mod marc;
mod markdown;
mod tidy;
mod xml;

pub(crate) use folder::FETCHED;
pub use folder::{fetched, files};

use crate::{Entry, Record, Section};
use input::Trouble;
use serde::Serialize;
use std::io;
use std::path::PathBuf;

/// The folder of the library that a file stands in: what its items are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `faq/`: entries.
    Faq,
    /// `collections/`: records.
    Collections,
    /// `pages/`: sections of the library's own web pages.
    Pages,
}

/// How a file is written, told by its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// One entry a file: front matter between `---` lines, the answer below.
    Markdown,
    /// A table with a header row, separated by commas, semicolons or tabs.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// MARC 21 binary (ISO 2709).
    Marc,
    /// MARCXML or an OAI-PMH response, told apart by the root element.
    Xml,
    /// A web page.
    Html,
}

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path as people are told it: relative to the library's folder, `/` between the names.
    pub shown: String,
    /// What its items are.
    pub part: Part,
    /// How it is written.
    pub format: Format,
    /// Whether it is compressed (`.gz`).
    pub gzip: bool,
}

/// Something that could not be taken in: where it stands, and why, in a librarian's words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refused {
    /// The file, as [`SourceFile::shown`].
    pub file: String,
    /// Where in the file: "line 12", "record 3, byte 1024", "line 4, column 9"; empty where it is
    /// the file as a whole.
    pub position: String,
    /// What is wrong, and its mend.
    pub reason: String,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// An entry of the FAQ.
    Entry(Entry),
    /// A record of the collections.
    Record(Record),
    /// The id of a record that its source says is deleted.
    Deleted(String),
    /// A section of a web page.
    Section(Section),
}

/// Streams the items of a file, in the file's order, and what is refused of it, where it stands.
///
/// Memory does not grow with the file. A file that cannot be opened is one refusal; one that
/// breaks off gives all that came before, and then one refusal that says how much that was.
pub fn items(file: &SourceFile) -> Box<dyn Iterator<Item = Result<Item, Refused>> + Send> {
    let input = match input::open(file) {
        Ok(input) => input,
        Err(error) => {
            return Items::of(file, once(Trouble::Broken { position: String::new(), error }));
        }
    };
    match (file.format, file.part) {
        (Format::Markdown, Part::Faq) => Items::of(file, markdown::read(input, name(file))),
        (Format::JsonLines, part @ (Part::Faq | Part::Collections)) => {
            Items::of(file, json_lines::read(input, part))
        }
        (Format::Csv, Part::Faq) => Items::of(file, csv::entries(input)),
        (Format::Csv, Part::Collections) => Items::of(file, csv::records(input, &file.path)),
        (Format::Marc, Part::Collections) => Items::of(file, marc::read(input)),
        (Format::Xml, Part::Collections) => Items::of(file, xml::read(input)),
        (Format::Html, Part::Pages) => Items::of(file, html::read(input, file.shown.clone())),
        (Format::Markdown, Part::Collections)
        | (Format::Marc | Format::Xml, Part::Faq)
        | (Format::Html, Part::Faq | Part::Collections)
        | (_, Part::Pages) => Items::of(file, once(Trouble::file(ELSEWHERE))),
    }
}

/// What is said of a file that another folder would take.
const ELSEWHERE: &str = "this folder does not take files of this format; move it";

fn once(trouble: Trouble) -> impl Iterator<Item = Result<Item, Trouble>> + Send {
    std::iter::once(Err(trouble))
}

/// The file's name without its ending.
fn name(file: &SourceFile) -> String {
    let name = file.shown.rsplit('/').next().unwrap_or_default();
    let name = if file.gzip { name.rsplit_once('.').map_or(name, |(stem, _)| stem) } else { name };
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

/// Puts the file's name to what a reader says, counts, and stops where the bytes stop.
struct Items<R> {
    file: String,
    gzip: bool,
    read: u64,
    ended: bool,
    reader: R,
}

impl<R: Iterator<Item = Result<Item, Trouble>> + Send + 'static> Items<R> {
    fn of(file: &SourceFile, reader: R) -> Box<dyn Iterator<Item = Result<Item, Refused>> + Send> {
        Box::new(Items { file: file.shown.clone(), gzip: file.gzip, read: 0, ended: false, reader })
    }
}

impl<R: Iterator<Item = Result<Item, Trouble>>> Iterator for Items<R> {
    type Item = Result<Item, Refused>;

    fn next(&mut self) -> Option<Result<Item, Refused>> {
        if self.ended {
            return None;
        }
        let (position, reason) = match self.reader.next()? {
            Ok(item) => {
                self.read += 1;
                return Some(Ok(item));
            }
            Err(Trouble::Bad { position, reason }) => (position, reason),
            Err(Trouble::Broken { position, error }) => {
                self.ended = true;
                (position, broken(&error, self.read, self.gzip))
            }
        };
        Some(Err(Refused { file: self.file.clone(), position, reason }))
    }
}

/// Says why the bytes stopped coming, and what had come before.
fn broken(error: &io::Error, read: u64, gzip: bool) -> String {
    let before = match read {
        0 => "nothing of it is in".to_owned(),
        1 => "the 1 item before it is in".to_owned(),
        read => format!("the {read} items before it are in"),
    };
    let kind = error.kind();
    let (what, mend) = if kind == io::ErrorKind::UnexpectedEof {
        ("the file ends early, as if cut off while it was copied".to_owned(), "fetch it again")
    } else if gzip && matches!(kind, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) {
        (
            "the file is not (or from here on no longer) compressed as .gz files are".to_owned(),
            "fetch it again, or take .gz from its name if it is not compressed",
        )
    } else {
        (format!("the file cannot be read ({error})"), "check its permissions and the disk")
    };
    format!("{what}; {before}; {mend}")
}
