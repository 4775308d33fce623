//! XML as a stream of events that no input can bring to a stop: the parser is quick-xml, which
//! expands no entities; here each event is bounded, its place is known, and reading goes on after
//! what is not well-formed.

use crate::read::input::{Input, NOT_UTF8};
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::Event;
use std::io::{self, BufRead, Read};

/// Longest piece of XML (a tag, a text between two tags) that is held in memory: twice the longest
/// text that a record may have.
const LONGEST_EVENT: usize = 128 * 1024;

/// Most elements that may be open in the parser's memory: no format here comes near.
const MOST_OPEN: usize = 10_000;

/// How often a file is gone back on at most: each time costs up to [`LONGEST_EVENT`] bytes, and a
/// file with more unclosed tags than this is no export.
const MOST_REWINDS: u32 = 500;

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
    after: After,
    /// How often the input was gone back on.
    rewinds: u32,
    place: Place,
}

impl Events {
    pub(super) fn new(input: Input) -> Events {
        Events {
            parser: Some(parser(Tracked::new(input))),
            buffer: Vec::new(),
            open: 0,
            after: After::On,
            rewinds: 0,
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
        if self.after != After::On || self.open > MOST_OPEN {
            self.restart();
        }
        self.buffer.clear();
        let Some(parser) = &mut self.parser else {
            return (self.place, Next::Event(Event::Eof));
        };
        self.place = parser.get_mut().mark();
        let next = match parser.read_event_into(&mut self.buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.contains('<') => {
                self.after = After::Rewind;
                Next::Bad(UNCLOSED.to_owned())
            }
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
                let (next, after) = bad(&error, self.rewinds < MOST_REWINDS);
                self.after = after;
                next
            }
        };
        (self.place, next)
    }

    /// Makes the parser anew, where it stands or behind the first byte of the last event.
    fn restart(&mut self) {
        self.open = 0;
        if let Some(old) = self.parser.take() {
            let mut source = old.into_inner();
            if self.after == After::Rewind && self.rewinds < MOST_REWINDS {
                self.rewinds += 1;
                source.rewind(self.place);
            } else if source.place == self.place {
                source.left = LONGEST_EVENT;
                source.consume(1);
            }
            self.parser = Some(parser(source));
        }
        self.after = After::On;
    }
}

/// What is to be done before the next event.
#[derive(Clone, Copy, PartialEq)]
enum After {
    /// Nothing.
    On,
    /// The parser has given up, and is made anew.
    Restart,
    /// The event took what does not belong to it, and what is behind its first byte is read again.
    Rewind,
}

fn parser(source: Tracked) -> Reader<Tracked> {
    let mut parser = Reader::from_reader(source);
    let config = parser.config_mut();
    // Which element an end tag closes is found out here, where it can be mended.
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    parser
}

/// What is said of a tag that is not closed, or whose quotation marks are not.
const UNCLOSED: &str =
    "a tag, a comment or a quotation mark in a tag is not closed in it; export it again";

/// What is said of an error, and what is to be done behind it.
fn bad(error: &Error, may_rewind: bool) -> (Next<'static>, After) {
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            let reason = format!(
                "a text or tag in it is longer than {LONGEST_EVENT} bytes, or a tag is not closed; \
                 shorten it or export it again"
            );
            (Next::Bad(reason), After::Rewind)
        }
        Error::Io(error) => {
            (Next::Broken(io::Error::new(error.kind(), error.to_string())), After::Restart)
        }
        Error::Encoding(_) => (Next::Bad(NOT_UTF8.to_owned()), After::Rewind),
        // All other errors of syntax are a piece that goes on to the file's end.
        Error::Syntax(error) if *error != SyntaxError::InvalidBangMarkup => {
            if may_rewind {
                (Next::Bad(UNCLOSED.to_owned()), After::Rewind)
            } else {
                (Next::Event(Event::Eof), After::Restart)
            }
        }
        // Behind what is merely ill-formed the parser goes on by itself.
        Error::IllFormed(_) => (Next::Bad(not_well_formed(error)), After::On),
        Error::Syntax(_) | Error::InvalidAttr(_) | Error::Escape(_) | Error::Namespace(_) => {
            (Next::Bad(not_well_formed(error)), After::Restart)
        }
    }
}

fn not_well_formed(error: &Error) -> String {
    format!("it is not well-formed XML ({error}); export it again")
}

/// The file's bytes, with the place up to which they were taken, a bound on how many may be
/// taken for one event, and a way back to that event's beginning.
struct Tracked {
    input: Input,
    place: Place,
    left: usize,
    /// What was taken for the event.
    taken: Vec<u8>,
    /// What is to be read again before the input, from `again_at` on.
    again: Vec<u8>,
    again_at: usize,
}

impl Tracked {
    fn new(input: Input) -> Tracked {
        Tracked {
            input,
            place: Place::default(),
            left: LONGEST_EVENT,
            taken: Vec::new(),
            again: Vec::new(),
            again_at: 0,
        }
    }

    /// Says that an event begins here.
    fn mark(&mut self) -> Place {
        self.left = LONGEST_EVENT;
        self.taken.clear();
        self.place
    }

    /// Goes back to the second byte of an event that began at a place, if it was markup.
    fn rewind(&mut self, began: Place) {
        if self.taken.first() != Some(&b'<') {
            return;
        }
        self.place = Place { column: began.column + 1, ..began };
        self.again.drain(..self.again_at);
        self.again.splice(..0, self.taken.drain(..).skip(1));
        self.again_at = 0;
        self.left = LONGEST_EVENT;
    }
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
        let bytes = match self.again.get(self.again_at..) {
            Some(again) if !again.is_empty() => again,
            Some(_) | None => self.input.fill_buf()?,
        };
        if self.left == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(&bytes[..bytes.len().min(self.left)])
    }

    fn consume(&mut self, count: usize) {
        let from_again = self.again_at < self.again.len();
        let bytes = if from_again {
            &self.again[self.again_at..]
        } else {
            // What is consumed was handed out by `fill_buf`, so it is still at hand.
            match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(_) => return,
            }
        };
        let taken = &bytes[..count.min(bytes.len())];
        let count = taken.len();
        let lines = memchr::memchr_iter(b'\n', taken).count() as u64;
        self.place.column = match memchr::memrchr(b'\n', taken) {
            Some(last) => (count - last) as u64,
            None => self.place.column + count as u64,
        };
        self.place.line += lines;
        self.taken.extend_from_slice(taken);
        self.left = self.left.saturating_sub(count);
        if !from_again {
            self.input.consume(count);
            return;
        }
        self.again_at += count;
        if self.again_at == self.again.len() {
            self.again = Vec::new();
            self.again_at = 0;
        }
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
