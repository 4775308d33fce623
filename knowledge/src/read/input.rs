//! Opens a file, unpacks it, and hands out its lines; what every reader stands on.

use super::SourceFile;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

/// How much is taken from the disk, and from the decompressor, at a time: large enough that
/// neither shows in a profile.
const BUFFER: usize = 64 * 1024;

/// Longest line (or table row) that is held in memory; ten times the longest MARC record.
pub(super) const LONGEST_LINE: usize = 1024 * 1024;

/// A file's bytes, unpacked.
pub(super) type Input = Box<dyn BufRead + Send>;

/// Opens a file, and unpacks it as it is read if it is compressed.
pub(super) fn open(file: &SourceFile) -> io::Result<Input> {
    let plain = BufReader::with_capacity(BUFFER, File::open(&file.path)?);
    Ok(if file.gzip {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(plain)))
    } else {
        Box::new(plain)
    })
}

/// Why a piece of a file did not become an item.
#[derive(Debug)]
pub(super) enum Trouble {
    /// This piece is bad; the reader goes on after it, or says `None` next if it cannot.
    Bad {
        /// As in [`super::Refused`].
        position: String,
        /// As in [`super::Refused`].
        reason: String,
    },
    /// The bytes themselves stop coming; nothing follows.
    Broken {
        /// Where reading had got to.
        position: String,
        /// What the system said.
        error: io::Error,
    },
}

impl Trouble {
    /// A bad line.
    pub(super) fn line(line: u64, reason: impl Into<String>) -> Trouble {
        Trouble::Bad { position: format!("line {line}"), reason: reason.into() }
    }

    /// A file that is bad as a whole.
    pub(super) fn file(reason: impl Into<String>) -> Trouble {
        Trouble::Bad { position: String::new(), reason: reason.into() }
    }
}

/// What is said of bytes that are not UTF-8.
pub(super) const NOT_UTF8: &str = "it is not UTF-8 text; save the file with the encoding \"UTF-8\" (in a spreadsheet: \"CSV UTF-8\")";

/// What is said of a line over [`LONGEST_LINE`].
pub(super) fn too_long() -> String {
    format!("it is longer than {LONGEST_LINE} bytes; put each item on a line of its own")
}

/// A file's lines, one at a time, in a buffer that is used again.
pub(super) struct Lines {
    input: Input,
    number: u64,
}

/// What [`Lines::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The buffer holds a line, without its end.
    Whole,
    /// A line was over [`LONGEST_LINE`] and was passed over; the buffer is empty.
    TooLong,
}

impl Lines {
    pub(super) fn new(input: Input) -> Lines {
        Lines { input, number: 0 }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Reads the next line into `line`, without its end and, on the first, without a byte order
    /// mark. `None` after the last one.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> Result<Option<Line>, Trouble> {
        line.clear();
        let found = match read_bounded(&mut self.input, b'\n', LONGEST_LINE, line) {
            Ok((found, _)) => found,
            Err(error) => {
                let position = format!("line {}", self.number + 1);
                return Err(Trouble::Broken { position, error });
            }
        };
        if found == Piece::End {
            return Ok(None);
        }
        self.number += 1;
        if self.number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if found == Piece::TooLong {
            line.clear();
            return Ok(Some(Line::TooLong));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(Line::Whole))
    }
}

/// What [`read_bounded`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A piece that ended with the mark; the mark is not in the buffer.
    Ended,
    /// The last piece, which had no mark.
    Unended,
    /// A piece over the bound: the buffer holds its beginning, the input stands behind its mark.
    TooLong,
    /// Nothing was left.
    End,
}

/// Appends to `into` all that comes before the next `mark`, at most `bound` bytes, and takes the
/// mark from the input. Returns how many bytes of the input that took.
pub(super) fn read_bounded(
    input: &mut impl BufRead,
    mark: u8,
    bound: usize,
    into: &mut Vec<u8>,
) -> io::Result<(Piece, u64)> {
    let mut taken: u64 = 0;
    let mut over = false;
    loop {
        let bytes = match input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if bytes.is_empty() {
            let found = match (taken, over) {
                (0, _) => Piece::End,
                (_, true) => Piece::TooLong,
                (_, false) => Piece::Unended,
            };
            return Ok((found, taken));
        }
        let end = memchr::memchr(mark, bytes);
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        let room = bound.saturating_sub(into.len());
        over |= piece.len() > room;
        into.extend_from_slice(&piece[..piece.len().min(room)]);
        let used = piece.len() + usize::from(end.is_some());
        let ended = end.is_some();
        input.consume(used);
        taken += used as u64;
        if ended {
            return Ok((if over { Piece::TooLong } else { Piece::Ended }, taken));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Lines, Piece, read_bounded};
    use std::io::{BufReader, Cursor};

    #[test]
    fn a_line_over_the_bound_is_passed_over_and_the_next_one_is_whole() {
        let mut input = BufReader::with_capacity(3, Cursor::new(b"abcdefgh\nij\nk"));
        let mut piece = Vec::new();
        let mut seen = Vec::new();
        loop {
            piece.clear();
            let (found, _) = read_bounded(&mut input, b'\n', 4, &mut piece).unwrap();
            seen.push((found, String::from_utf8(piece.clone()).unwrap()));
            if found == Piece::End {
                break;
            }
        }
        let expected = [
            (Piece::TooLong, "abcd"),
            (Piece::Ended, "ij"),
            (Piece::Unended, "k"),
            (Piece::End, ""),
        ];
        assert_eq!(seen, expected.map(|(found, text)| (found, text.to_owned())));
    }

    #[test]
    fn a_byte_order_mark_and_carriage_returns_are_no_part_of_a_line() {
        let mut lines = Lines::new(Box::new(Cursor::new(b"\xEF\xBB\xBFone\r\n\r\ntwo")));
        let mut line = Vec::new();
        let mut seen = Vec::new();
        while let Some(found) = lines.next(&mut line).unwrap() {
            assert_eq!(found, Line::Whole);
            seen.push((lines.number(), String::from_utf8(line.clone()).unwrap()));
        }
        assert_eq!(seen, [(1, "one".to_owned()), (2, String::new()), (3, "two".to_owned())]);
    }
}
