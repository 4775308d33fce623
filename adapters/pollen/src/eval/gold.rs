//! Files of questions whose right answer is known: one JSON object a line.

use flate2::bufread::MultiGzDecoder;
use knowledge::Lang;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Bytes of one line that are read: far above any question with its right answers.
const LINE_BYTES_MAX: u64 = 2 << 20;

/// A question and what is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// As a patron writes it.
    pub(crate) text: String,
    /// What answers it.
    pub(crate) right: Right,
    /// The language that the platform would name, where the file says it.
    pub(crate) lang: Option<Lang>,
}

/// What answers a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// The entry of this id.
    Entry(String),
    /// Any of these records; never empty.
    Records(Vec<String>),
    /// A section of any of these pages, by their addresses or files; never empty.
    Pages(Vec<String>),
    /// No entry: it is out of scope.
    Nothing,
}

/// A line that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadLine {
    /// Counted from 1.
    pub(crate) line: u64,
    /// What is wrong, and its mend.
    pub(crate) reason: String,
}

/// Streams the questions of a file with their lines; a `.gz` is unpacked. Empty lines are passed
/// over. A file that breaks off gives all that came before and then one bad line.
///
/// # Errors
/// What the system says if the file cannot be opened.
pub(crate) fn read(path: &Path) -> io::Result<Lines> {
    let file = BufReader::new(File::open(path)?);
    let gzip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let input: Box<dyn BufRead> =
        if gzip { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
    Ok(Lines { input, line: 0, ended: false })
}

/// The questions of a file, in its order.
pub(crate) struct Lines {
    input: Box<dyn BufRead>,
    line: u64,
    ended: bool,
}

impl Iterator for Lines {
    type Item = Result<(u64, Question), BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            self.line += 1;
            let line = self.line;
            let mut bytes = Vec::new();
            match self.input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes) {
                Err(error) => {
                    self.ended = true;
                    let reason = format!("the file breaks off here ({error}); copy it anew");
                    return Some(Err(BadLine { line, reason }));
                }
                Ok(0) => self.ended = true,
                Ok(_) => {
                    if bytes.len() as u64 == LINE_BYTES_MAX {
                        // What follows cannot be told from a line of its own.
                        self.ended = true;
                        let reason = "it is too long; put each question on a line of its own, the rest is not read";
                        return Some(Err(BadLine { line, reason: reason.to_owned() }));
                    }
                    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
                    if !bytes.trim_ascii().is_empty() {
                        let question = question(bytes).map(|question| (line, question));
                        return Some(question.map_err(|reason| BadLine { line, reason }));
                    }
                }
            }
        }
        None
    }
}

/// A line as it stands in the file; keys beyond these are the collector's own.
#[derive(Deserialize)]
struct Row {
    text: String,
    /// `None` where the key is missing, `Some(None)` where it is null.
    #[serde(default, deserialize_with = "present")]
    entry: Option<Option<String>>,
    records: Option<Vec<String>>,
    pages: Option<Vec<String>>,
    lang: Option<String>,
}

fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

fn question(line: &[u8]) -> Result<Question, String> {
    const FORM: &str = r#"write {"text": "…", "entry": "ID"}, "entry": null, "records": ["ID", …], or "pages": ["ADDRESS", …]"#;
    let row: Row = serde_json::from_slice(line).map_err(|error| {
        // The place within the line is told by its column alone.
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        format!("{words}, column {}; {FORM}", error.column())
    })?;
    let some = |ids: Vec<String>, key: &str, right: fn(Vec<String>) -> Right| {
        if ids.is_empty() { Err(format!("`{key}` names none; {FORM}")) } else { Ok(right(ids)) }
    };
    let right = match (row.entry, row.records, row.pages) {
        (Some(Some(id)), None, None) => Right::Entry(id),
        (Some(None), None, None) => Right::Nothing,
        (None, Some(ids), None) => some(ids, "records", Right::Records)?,
        (None, None, Some(pages)) => some(pages, "pages", Right::Pages)?,
        (None, None, None) => {
            return Err(format!("it says nothing about the right answer; {FORM}"));
        }
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            return Err(format!("it has two of `entry`, `records` and `pages`; {FORM}"));
        }
    };
    let lang = match row.lang.as_deref() {
        None => None,
        Some(tag) => match Lang::parse(tag) {
            Some(lang) => Some(lang),
            None => {
                return Err(format!("`{tag}` is no language; write en or fr, or leave `lang` out"));
            }
        },
    };
    Ok(Question { text: row.text, right, lang })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn lines(bytes: &[u8], name: &str) -> Vec<Result<(u64, Question), BadLine>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        read(&path).unwrap().collect()
    }

    fn right(line: &str) -> Right {
        question(line.as_bytes()).unwrap().right
    }

    fn gz(text: &str) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn a_missing_entry_is_not_a_null_one() {
        assert_eq!(right(r#"{"text": "a", "entry": "x"}"#), Right::Entry("x".to_owned()));
        assert_eq!(right(r#"{"text": "a", "entry": null, "note": 1}"#), Right::Nothing);
        assert_eq!(
            right(r#"{"text": "a", "records": ["1"]}"#),
            Right::Records(vec!["1".to_owned()])
        );
        assert_eq!(right(r#"{"text": "a", "pages": ["p"]}"#), Right::Pages(vec!["p".to_owned()]));
        for (line, word) in [
            (r#"{"text": "a"}"#, "nothing about the right answer"),
            (r#"{"text": "a", "records": []}"#, "names none"),
            (r#"{"text": "a", "entry": null, "records": ["1"]}"#, "two of"),
            (r#"{"text": "a", "records": ["1"], "pages": ["p"]}"#, "two of"),
            (r#"{"text": "a", "pages": []}"#, "`pages` names none"),
            (r#"{"text": "a", "entry": 3}"#, "column"),
            (r#"{"entry": "x"}"#, "missing field `text`"),
            (r#"{"text": "a", "entry": null, "lang": "?"}"#, "no language"),
            ("not JSON", "column"),
        ] {
            let reason = question(line.as_bytes()).unwrap_err();
            assert!(reason.contains(word), "{line}: {reason}");
        }
    }

    #[test]
    fn bad_lines_are_named_and_the_others_read() {
        let text = "\u{feff}{\"text\": \"a\", \"entry\": null}\r\n\n{\"text\":\n{\"text\": \"b\", \"entry\": \"x\"}";
        let read = lines(text.as_bytes(), "gold.jsonl");
        assert_eq!(read.len(), 3);
        assert_eq!(read[0].as_ref().unwrap().0, 1);
        assert_eq!(read[1].as_ref().unwrap_err().line, 3);
        assert_eq!(read[2].as_ref().unwrap().0, 4);
    }

    #[test]
    fn a_compressed_file_that_breaks_off_gives_what_came_before() {
        let text = "{\"text\": \"a\", \"entry\": null}\n".repeat(3);
        let whole = gz(&text);
        assert_eq!(lines(&whole, "gold.jsonl.gz").len(), 3);
        let read = lines(&whole[..whole.len() - 4], "gold.jsonl.gz");
        assert!(read.last().unwrap().as_ref().unwrap_err().reason.contains("breaks off"));
    }

    #[test]
    fn a_line_without_end_is_not_taken_into_memory() {
        let read = lines(&vec![b'x'; LINE_BYTES_MAX as usize + 10], "gold.jsonl");
        assert_eq!(read.len(), 1);
        assert!(read[0].as_ref().unwrap_err().reason.contains("too long"));
    }
}
