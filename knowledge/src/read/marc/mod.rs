//! Records from MARC 21 binary files (ISO 2709).
//!
//! The reader is our own. Of the crates, `marc` (3.1) indexes with a record's own lengths
//! unchecked, so that hostile bytes make it panic, and reads on at a wrong place after a wrong
//! length; `marctk` (0.7) reads a file byte by byte, takes UTF-8 alone, and panics as well.
//!
//! Records are told apart by their terminator, and the length in the leader is checked against it,
//! so a record with a wrong length costs none of its neighbours:
//! - a record whose length was counted in characters instead of bytes, a common fault of exports,
//!   is read all the same, its fields told apart by their terminators;
//! - a record over 99,999 bytes, the most that its leader can say, likewise;
//! - a piece that ends with a sound record, because the terminator before that one is missing,
//!   gives that record, and the bytes before it are refused;
//! - any other is refused.

mod coding;
mod field;
mod marc8_tables;
mod record;

pub(super) use field::{Fields, is_wanted};
pub(super) use record::{Found, ark, item};

use super::Item;
use super::input::{Input, Piece, Trouble, read_bounded};
use coding::Coding;
use std::io::BufRead;

const RECORD_END: u8 = 0x1D;
const FIELD_END: u8 = 0x1E;
const SUBFIELD: u8 = 0x1F;
const LEADER: usize = 24;
/// Bytes of a directory entry: tag, length, start.
const ENTRY: usize = 12;

/// Most bytes that the leader can say a record has.
const MOST_SAID: usize = 99_999;

/// Longest record that is held in memory: ten times what the format allows, as some systems write
/// longer ones.
const LONGEST_RECORD: usize = 1024 * 1024;

/// Streams the records of a MARC 21 file.
pub(super) fn read(input: Input) -> Binary {
    Binary { input, piece: Vec::new(), at: 0, behind: 0, record: 0, pending: false }
}

/// See [`read`].
pub(super) struct Binary {
    input: Input,
    /// What stands between two record terminators.
    piece: Vec<u8>,
    /// Where the piece begins in the file.
    at: u64,
    /// Where its terminator's next byte is.
    behind: u64,
    /// The number of the piece, from 1.
    record: u64,
    /// Whether the piece in hand is to be read yet.
    pending: bool,
}

impl Iterator for Binary {
    type Item = Result<Item, Trouble>;

    fn next(&mut self) -> Option<Result<Item, Trouble>> {
        if !self.pending {
            match self.take_piece() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(trouble) => return Some(Err(trouble)),
            }
        }
        self.pending = false;
        let item = match check(&self.piece) {
            Length::Right => parse(&self.piece, By::Directory),
            Length::InCharacters | Length::Unsayable => parse(&self.piece, By::Terminators),
            Length::OfItsEnd(start) => {
                let reason = format!(
                    "{start} bytes stand here that belong to no whole record; export them again"
                );
                let trouble = self.bad(reason);
                self.piece.drain(..start);
                self.at += start as u64;
                self.record += 1;
                self.pending = true;
                return Some(Err(trouble));
            }
            Length::Wrong(reason) => Err(reason),
        };
        Some(item.map_err(|reason| self.bad(reason)))
    }
}

impl Binary {
    fn bad(&self, reason: String) -> Trouble {
        Trouble::Bad { position: self.place(), reason }
    }

    fn place(&self) -> String {
        format!("record {}, byte {}", self.record, self.at)
    }

    /// Reads up to the next record terminator. False at the file's end.
    fn take_piece(&mut self) -> Result<bool, Trouble> {
        self.piece.clear();
        self.record += 1;
        self.at = self.behind;
        let found = self.skip_padding().and_then(|()| {
            read_bounded(&mut self.input, RECORD_END, LONGEST_RECORD, &mut self.piece)
        });
        let found = found.map(|(found, taken)| {
            self.behind = self.at + taken;
            found
        });
        match found {
            Ok(Piece::Ended) => Ok(true),
            Ok(Piece::End) => Ok(false),
            Ok(Piece::Unended) => {
                let reason = if self.record == 1 {
                    not_marc(&self.piece)
                } else {
                    "the file ends inside this record; fetch or export the file again".to_owned()
                };
                Err(self.bad(reason))
            }
            Ok(Piece::TooLong) => {
                let reason = if self.record == 1 && !starts_like_a_record(&self.piece) {
                    not_marc(&self.piece)
                } else {
                    format!("it is longer than {LONGEST_RECORD} bytes; export it again")
                };
                Err(self.bad(reason))
            }
            Err(error) => Err(Trouble::Broken { position: self.place(), error }),
        }
    }

    /// Passes over what some systems put between records: line ends, spaces, NULs, and DOS's end
    /// of file.
    fn skip_padding(&mut self) -> std::io::Result<()> {
        loop {
            let bytes = match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let padding = bytes
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n' | b' ' | 0 | 0x1A))
                .count();
            let all = padding == bytes.len();
            self.input.consume(padding);
            self.at += padding as u64;
            if !all || padding == 0 {
                return Ok(());
            }
        }
    }
}

/// What a piece's length is, held against what its leader says.
enum Length {
    Right,
    InCharacters,
    /// Over what a leader can say.
    Unsayable,
    /// The piece ends with a record that begins here and has the right length.
    OfItsEnd(usize),
    Wrong(String),
}

fn check(piece: &[u8]) -> Length {
    let length = piece.len() + 1;
    let said = number(piece.get(..5).unwrap_or_default());
    match said {
        Some(said) if said == length && piece.len() >= LEADER => return Length::Right,
        Some(MOST_SAID) if length > MOST_SAID => return Length::Unsayable,
        Some(said) if said < length && said == characters(piece) + 1 => {
            return Length::InCharacters;
        }
        _ => {}
    }
    for start in 1..piece.len().saturating_sub(LEADER) {
        let rest = &piece[start..];
        if number(&rest[..5]) == Some(rest.len() + 1) && starts_like_a_record(rest) {
            return Length::OfItsEnd(start);
        }
    }
    Length::Wrong(match said {
        Some(said) => format!(
            "its leader says that it has {said} bytes, and it ends after {length}; it may be \
             damaged: export it again"
        ),
        None => not_marc(piece),
    })
}

/// How many characters bytes are, if they are UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

/// Whether the positions of a leader that are the same in all records are so here.
fn starts_like_a_record(bytes: &[u8]) -> bool {
    bytes.len() > LEADER
        && bytes[..5].iter().all(u8::is_ascii_digit)
        && bytes[12..17].iter().all(u8::is_ascii_digit)
        && bytes[..LEADER].is_ascii()
}

/// What is said of bytes that are no MARC record, with what they seem to be.
fn not_marc(bytes: &[u8]) -> String {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mend = if start.starts_with(b"<") {
        "it looks like XML: give the file the ending .xml"
    } else if start.starts_with(b"=LDR") || start.starts_with(b"=leader") {
        "it looks like MARC as text (MarcEdit's .mrk): convert it to MARC 21 (.mrc)"
    } else {
        "export it as MARC 21 (.mrc)"
    };
    format!("it is not a MARC record, as it does not begin with its length; {mend}")
}

/// How fields are told apart.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// By the directory's lengths and starts, if they all fit; else by terminators.
    Directory,
    /// By their terminators, in the directory's order.
    Terminators,
}

fn parse(record: &[u8], by: By) -> Result<Item, String> {
    let Some((leader, behind)) = record.split_at_checked(LEADER) else {
        return Err("it is shorter than a leader, which has 24 bytes; export it again".to_owned());
    };
    let directory_end = memchr::memchr(FIELD_END, behind)
        .filter(|&end| end > 0 && end % ENTRY == 0)
        .ok_or("its directory is damaged; export it again")?;
    let (directory, data) = (&behind[..directory_end], &behind[directory_end + 1..]);
    let entries = directory
        .chunks_exact(ENTRY)
        .map(Entry::parse)
        .collect::<Option<Vec<_>>>()
        .ok_or("its directory is damaged; export it again")?;
    let pieces = match by {
        By::Directory => by_directory(&entries, data).or_else(|| by_terminators(&entries, data)),
        By::Terminators => by_terminators(&entries, data),
    };
    let pieces = pieces.ok_or("its directory does not fit its fields; export it again")?;
    let coding = Coding::of(leader[9], behind);
    let mut fields = Fields::new(leader);
    for (entry, piece) in entries.iter().zip(pieces) {
        if is_wanted(&entry.tag) {
            fields.push_raw(entry.tag, piece, coding);
        }
    }
    record::item(&fields, Found::Alone)
}

struct Entry {
    tag: [u8; 3],
    length: usize,
    start: usize,
}

impl Entry {
    fn parse(bytes: &[u8]) -> Option<Entry> {
        let tag = bytes.get(..3)?.try_into().ok()?;
        Some(Entry { tag, length: number(bytes.get(3..7)?)?, start: number(bytes.get(7..12)?)? })
    }
}

/// The fields' bytes as the directory has them, if each ends with its terminator.
fn by_directory<'a>(entries: &[Entry], data: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    entries
        .iter()
        .map(|entry| {
            let bytes = data.get(entry.start..entry.start.checked_add(entry.length)?)?;
            bytes.strip_suffix(&[FIELD_END]).filter(|field| !field.contains(&FIELD_END))
        })
        .collect()
}

/// The fields' bytes as their terminators have them, if there is one for each entry.
fn by_terminators<'a>(entries: &[Entry], data: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let found: Vec<&[u8]> =
        data.strip_suffix(&[FIELD_END])?.split(|&byte| byte == FIELD_END).collect();
    if found.len() != entries.len() {
        return None;
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&entry| entries[entry].start);
    let mut fields: Vec<&[u8]> = vec![&[]; entries.len()];
    for (entry, field) in order.into_iter().zip(found) {
        fields[entry] = field;
    }
    Some(fields)
}

/// A number of ASCII digits.
fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    digits.iter().try_fold(0_usize, |number, digit| {
        number.checked_mul(10)?.checked_add(usize::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests;
