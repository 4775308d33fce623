//! XML as a stream of events that no input can bring to a stop: the parser is quick-xml, which
//! expands no entities; here each event is bounded, its place is known, and reading goes on after
//! what is not well-formed.

use crate::read::input::{Input, NOT_UTF8};
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::Event;
use std::io::{self, BufRead, Read};

/// Longest piece of XML (a tag, a text between two tags) that is held in memory.
const LONGEST_EVENT: usize = 1024 * 1024;

/// Most elements that may be open in the parser's memory: no format here comes near.
const MOST_OPEN: usize = 10_000;

/// A place in a file, both from 1; the column in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: u64,
    column: u64,
}

impl Default for Place {
    fn default() -> Place {
        Place { line: 1, column: 1 }
    }
}

impl Place {
    pub(super) fn said(self) -> String {
        format!("line {}, column {}", self.line, self.column)
    }
}

/// What comes next in a file.
#[derive(Debug)]
pub(super) enum Next<'a> {
    /// A piece of XML.
    Event(Event<'a>),
    /// Something that is not XML, and what; reading goes on behind it.
    Bad(String),
    /// The bytes stopped coming.
    Broken(io::Error),
}

/// See the module.
pub(super) struct Events {
    /// Always there but for the moment in which it is made anew.
    parser: Option<Reader<Tracked>>,
    buffer: Vec<u8>,
    open: usize,
    /// Whether the parser has given up, and must be made anew.
    lost: bool,
    place: Place,
}

impl Events {
    pub(super) fn new(input: Input) -> Events {
        let tracked = Tracked { input, place: Place::default(), left: LONGEST_EVENT };
        Events {
            parser: Some(parser(tracked)),
            buffer: Vec::new(),
            open: 0,
            lost: false,
            place: Place::default(),
        }
    }

    /// The bytes that come next, as far as they are at hand, at the file's beginning.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        match &mut self.parser {
            Some(parser) => parser.get_mut().fill_buf(),
            None => Ok(&[]),
        }
    }

    /// The next event, and where it begins; [`Event::Eof`] for ever at the end.
    pub(super) fn next(&mut self) -> (Place, Next<'_>) {
        if self.lost || self.open > MOST_OPEN {
            self.restart();
        }
        self.buffer.clear();
        let Some(parser) = &mut self.parser else {
            return (self.place, Next::Event(Event::Eof));
        };
        let source = parser.get_mut();
        source.left = LONGEST_EVENT;
        self.place = source.place;
        let next = match parser.read_event_into(&mut self.buffer) {
            Ok(event) => {
                match event {
                    Event::Start(_) => self.open += 1,
                    Event::End(_) => self.open = self.open.saturating_sub(1),
                    Event::Empty(_)
                    | Event::Text(_)
                    | Event::CData(_)
                    | Event::Comment(_)
                    | Event::Decl(_)
                    | Event::PI(_)
                    | Event::DocType(_)
                    | Event::GeneralRef(_)
                    | Event::Eof => {}
                }
                Next::Event(event)
            }
            Err(error) => {
                // Behind what is merely ill-formed the parser goes on by itself.
                self.lost = !matches!(error, Error::IllFormed(_));
                bad(&error)
            }
        };
        (self.place, next)
    }

    /// Begins anew where the parser stands, at least one byte behind where it stood.
    fn restart(&mut self) {
        self.open = 0;
        self.lost = false;
        if let Some(old) = self.parser.take() {
            let mut source = old.into_inner();
            if source.place == self.place {
                source.left = LONGEST_EVENT;
                source.consume(1);
            }
            self.parser = Some(parser(source));
        }
    }
}

fn parser(source: Tracked) -> Reader<Tracked> {
    let mut parser = Reader::from_reader(source);
    let config = parser.config_mut();
    // Which element an end tag closes is found out here, where it can be mended.
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    parser
}

/// What is said of an error.
fn bad(error: &Error) -> Next<'static> {
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => Next::Bad(format!(
            "a text or tag in it is longer than {LONGEST_EVENT} bytes; shorten or split it"
        )),
        Error::Io(error) => Next::Broken(io::Error::new(error.kind(), error.to_string())),
        Error::Encoding(_) => Next::Bad(NOT_UTF8.to_owned()),
        // All other errors of syntax are a piece that the file's end cuts off.
        Error::Syntax(error) if *error != SyntaxError::InvalidBangMarkup => Next::Event(Event::Eof),
        Error::IllFormed(_)
        | Error::Syntax(_)
        | Error::InvalidAttr(_)
        | Error::Escape(_)
        | Error::Namespace(_) => {
            Next::Bad(format!("it is not well-formed XML ({error}); export it again"))
        }
    }
}

/// The file's bytes, with the place up to which they were taken, and a bound on how many may be
/// taken at once.
struct Tracked {
    input: Input,
    place: Place,
    left: usize,
}

impl Read for Tracked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let count = bytes.len().min(into.len());
        into[..count].copy_from_slice(&bytes[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Tracked {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.input.fill_buf()?;
        if self.left == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(&bytes[..bytes.len().min(self.left)])
    }

    fn consume(&mut self, count: usize) {
        // What is consumed was handed out by `fill_buf`, so it is still at hand.
        let Ok(bytes) = self.input.fill_buf() else { return };
        let taken = &bytes[..count.min(bytes.len())];
        let lines = memchr::memchr_iter(b'\n', taken).count() as u64;
        self.place.column = match memchr::memrchr(b'\n', taken) {
            Some(last) => (taken.len() - last) as u64,
            None => self.place.column + taken.len() as u64,
        };
        self.place.line += lines;
        let count = taken.len();
        self.left = self.left.saturating_sub(count);
        self.input.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use super::{Events, Next};
    use quick_xml::events::Event;
    use std::io::{BufReader, Cursor};

    fn all(text: &[u8]) -> Vec<String> {
        let input = BufReader::with_capacity(5, Cursor::new(text.to_vec()));
        let mut events = Events::new(Box::new(input));
        let mut seen = Vec::new();
        loop {
            let (place, next) = events.next();
            let said = match next {
                Next::Event(Event::Eof) => return seen,
                Next::Event(Event::Text(text)) if text.trim().is_empty() => continue,
                Next::Event(event) => format!("{event:?}").split('(').next().unwrap().to_owned(),
                Next::Bad(_) => "bad".to_owned(),
                Next::Broken(error) => panic!("{error}"),
            };
            seen.push(format!("{said} {}", place.said()));
        }
    }

    #[test]
    fn events_have_places_and_errors_do_not_end_them() {
        assert_eq!(
            all(b"<a>\n <b x='1'/>\xFF</b>\n<!x><c>&nosemi</c>"),
            [
                "Start line 1, column 1",
                "Empty line 2, column 2",
                "bad line 2, column 12",
                "End line 2, column 13",
                "bad line 3, column 1",
                "Text line 3, column 3",
                "Start line 3, column 5",
                "bad line 3, column 8",
                "End line 3, column 15",
            ]
        );
    }
}
