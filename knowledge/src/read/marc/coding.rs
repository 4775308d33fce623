//! The text of MARC records: UTF-8, MARC-8, and what claims to be one of them and is not.
//!
//! Leader position 9 says which it is, and is often wrong, so the bytes have the last word:
//! - said to be MARC-8, but the whole record is valid UTF-8 with characters beyond ASCII: UTF-8,
//!   as MARC-8 text is hardly ever so by chance;
//! - said to be UTF-8, but not valid: mostly UTF-8 cut off in a character (then what is whole is
//!   kept and the rest marked with U+FFFD), MARC-8 whose marks stand before letters that take them, or
//!   else Windows-1252;
//! - said to be MARC-8, but with codes that MARC-8 does not have, or marks without a letter:
//!   Windows-1252.
//!
//! So a record is kept, with its ASCII text right at least.

use super::marc8_tables::{
    BASIC_ARABIC, BASIC_CYRILLIC, BASIC_GREEK, BASIC_HEBREW, EXTENDED_ARABIC, EXTENDED_CYRILLIC,
    EXTENDED_LATIN, GREEK_SYMBOLS, SUBSCRIPTS, SUPERSCRIPTS, Set,
};
use encoding_rs::WINDOWS_1252;
use unicode_normalization::char::is_combining_mark;

const ESCAPE: u8 = 0x1B;

/// What a record's text is taken to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Utf8,
    Marc8,
}

impl Coding {
    /// What the text of a record (its bytes behind the leader) is, where leader position 9 says
    /// `said`.
    pub(super) fn of(said: u8, record: &[u8]) -> Coding {
        if said == b'a' {
            return Coding::Utf8;
        }
        let utf8 = !record.is_ascii() && !record.contains(&ESCAPE);
        if utf8 && std::str::from_utf8(record).is_ok() { Coding::Utf8 } else { Coding::Marc8 }
    }

    /// The text of a subfield or control field.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        if let Ok(text) = std::str::from_utf8(bytes)
            && (self == Coding::Utf8 || (bytes.is_ascii() && !bytes.contains(&ESCAPE)))
        {
            return text.to_owned();
        }
        match self {
            Coding::Utf8 if is_mostly_utf8(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Coding::Utf8 if is_marc8(bytes) && has_usual_marks(bytes) => marc8(bytes),
            Coding::Marc8 if bytes.contains(&ESCAPE) || is_marc8(bytes) => marc8(bytes),
            Coding::Utf8 | Coding::Marc8 => {
                WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
            }
        }
    }
}

/// Decodes MARC-8: G0 begins as ASCII, G1 as Extended Latin, escape sequences put other sets in
/// their places. Marks are put behind their letter. East Asian characters become U+FFFD.
pub(super) fn marc8(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut marks = String::new();
    let (mut lower, mut upper) = (Charset::Ascii, Charset::Table(&EXTENDED_LATIN));
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if byte == ESCAPE {
            rest = escape(after, &mut lower, &mut upper);
            continue;
        }
        let set = match byte {
            0x21..=0x7E => lower,
            0xA1..=0xFE => upper,
            // A space, and the joiners and sorting marks of the control range.
            _ => Charset::Ascii,
        };
        let c;
        (c, rest) = match set {
            Charset::Ascii => (control_or_ascii(byte), after),
            Charset::Table(table) => {
                let code = table.get(usize::from((byte & 0x7F).wrapping_sub(0x21))).copied();
                let c = code.filter(|&code| code != 0).and_then(|code| char::from_u32(code.into()));
                (Some(c.unwrap_or(char::REPLACEMENT_CHARACTER)), after)
            }
            Charset::EastAsian => (Some(char::REPLACEMENT_CHARACTER), rest.get(3..).unwrap_or(&[])),
        };
        match c {
            Some(mark) if is_mark(mark) => marks.push(mark),
            Some(c) => {
                out.push(c);
                out.push_str(&marks);
                marks.clear();
            }
            None => {}
        }
    }
    out.push_str(&marks);
    out
}

#[derive(Clone, Copy)]
enum Charset {
    Ascii,
    Table(&'static Set),
    EastAsian,
}

/// Takes an escape sequence, of which `rest` is what follows the escape character, and returns
/// what follows the sequence. One that is not known is dropped.
fn escape<'a>(rest: &'a [u8], lower: &mut Charset, upper: &mut Charset) -> &'a [u8] {
    let (place, after) = match rest {
        [b's' | b'g' | b'b' | b'p', after @ ..] => {
            if let Some(set) = charset(rest[0]) {
                *lower = set;
            }
            return after;
        }
        [b'$', b')' | b'-', after @ ..] | [b')' | b'-', after @ ..] => (upper, after),
        [b'$', b'(' | b',', after @ ..] | [b'$' | b'(' | b',', after @ ..] => (lower, after),
        _ => return rest,
    };
    // Extended Latin is named by two bytes, `!E`.
    let after = after.strip_prefix(b"!").unwrap_or(after);
    let Some((&name, after)) = after.split_first() else { return after };
    if let Some(set) = charset(name) {
        *place = set;
    }
    after
}

/// The set that the last byte of an escape sequence names.
fn charset(name: u8) -> Option<Charset> {
    Some(match name {
        b'B' | b's' => Charset::Ascii,
        b'E' => Charset::Table(&EXTENDED_LATIN),
        b'N' => Charset::Table(&BASIC_CYRILLIC),
        b'Q' => Charset::Table(&EXTENDED_CYRILLIC),
        b'S' => Charset::Table(&BASIC_GREEK),
        b'2' => Charset::Table(&BASIC_HEBREW),
        b'3' => Charset::Table(&BASIC_ARABIC),
        b'4' => Charset::Table(&EXTENDED_ARABIC),
        b'g' => Charset::Table(&GREEK_SYMBOLS),
        b'b' => Charset::Table(&SUBSCRIPTS),
        b'p' => Charset::Table(&SUPERSCRIPTS),
        b'1' => Charset::EastAsian,
        _ => return None,
    })
}

/// A character of ASCII or of the control range; the marks around words that do not sort are
/// dropped.
fn control_or_ascii(byte: u8) -> Option<char> {
    match byte {
        0x8D => Some('\u{200D}'),
        0x8E => Some('\u{200C}'),
        0..=0x7F => Some(byte.into()),
        _ => None,
    }
}

/// Whether a character stands before its letter in MARC-8. The superscript alef is a mark in
/// Unicode alone.
fn is_mark(c: char) -> bool {
    const SUPERSCRIPT_ALEF: char = '\u{670}';
    c >= '\u{300}' && c != SUPERSCRIPT_ALEF && is_combining_mark(c)
}

/// The codes of Extended Latin's marks, in the upper half.
const MARKS: std::ops::RangeInclusive<u8> = 0xE0..=0xFE;

/// Whether bytes can be MARC-8 without escapes: all codes are assigned, and marks have letters.
fn is_marc8(bytes: &[u8]) -> bool {
    let mut mark = false;
    for &byte in bytes {
        if byte >= 0xA1 {
            let code = EXTENDED_LATIN.get(usize::from(byte - 0xA1)).copied().unwrap_or(0);
            if code == 0 {
                return false;
            }
        }
        if MARKS.contains(&byte) {
            mark = true;
        } else if mark {
            if !(byte.is_ascii_alphanumeric() || byte >= 0xA1) {
                return false;
            }
            mark = false;
        }
    }
    !mark
}

/// Whether the marks of Extended Latin in these bytes stand before letters that usually have
/// them, as they hardly would if the bytes were accented letters of Windows-1252.
fn has_usual_marks(bytes: &[u8]) -> bool {
    bytes.windows(2).filter(|pair| MARKS.contains(&pair[0])).all(|pair| {
        let letters: &[u8] = match pair[0] {
            0xE1 => b"aeiou",
            0xE2 => b"aceilnorsuyz",
            0xE3 => b"aceghijosuw",
            0xE4 => b"ano",
            0xE5 => b"aeiou",
            0xE6 => b"agu",
            0xE8 => b"aeiouy",
            0xE9 => b"cdnrstz",
            0xEA => b"au",
            0xF0 => b"cst",
            _ => b"",
        };
        letters.contains(&pair[1].to_ascii_lowercase())
    })
}

/// Whether more characters beyond ASCII are whole UTF-8 than are not.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > 0 && whole >= broken
}

#[cfg(test)]
mod tests {
    use super::{Coding, marc8};
    use unicode_normalization::UnicodeNormalization;

    fn composed(bytes: &[u8]) -> String {
        marc8(bytes).nfc().collect()
    }

    #[test]
    fn latin_with_marks_before_their_letters() {
        for (bytes, expected) in [
            (&b"plain"[..], "plain"),
            (b"\xE2etude na\xE8ive, Dvo\xE9r\xE2ak", "étude naïve, Dvořák"),
            (b"Vi\xE3\xE2et", "Viết"),
            (b"\xC3 \xA1\xB1 \xC7 \xC8", "© Łł ß €"),
            (b"\x88The \x89end", "The end"),
            (b"t\xEBs\xECa", "ts\u{fe20}a\u{fe21}"),
            (b"left over \xE2", "left over \u{301}"),
            (b"none \xC9", "none \u{fffd}"),
        ] {
            assert_eq!(composed(bytes), expected, "{bytes:?}");
        }
        assert_eq!(composed(b"b\xF2ut"), "b\u{1ee5}t");
    }

    #[test]
    fn other_scripts_by_escape_sequence() {
        for (bytes, expected) in [
            (&b"\x1B(NpU[KIN\x1B(B Pushkin"[..], "Пушкин Pushkin"),
            (b"\x1B)N\xF0\xD5\xDB\xCB\xC9\xCE P", "Пушкин P"),
            (b"\x1B(2`ab\x1B(B", "אבג"),
            (b"\x1B(3GHJ\x1B(B", "ابت"),
            (b"\x1B(SABD\x1B(B", "ΑΒΓ"),
            (b"\x1Bga\x1Bs-rays, H\x1Bb2\x1BsO, x\x1Bp2\x1Bs", "α-rays, H₂O, x²"),
            (b"\x1B$1!0!!0\"\x1B(B and", "\u{fffd}\u{fffd} and"),
            (b"cut \x1B", "cut "),
            (b"cut \x1B(", "cut "),
            (b"cut \x1B$1!", "cut \u{fffd}"),
        ] {
            assert_eq!(composed(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn the_bytes_have_the_last_word() {
        let (utf8, latin1, marc) = (
            "Été à Orléans".as_bytes(),
            b"\xC9t\xE9 \xE0 Orl\xE9ans",
            b"\xE2Et\xE2e \xE1a Orl\xE2eans",
        );
        for (said, record) in
            [(b'a', utf8), (b' ', utf8), (b'a', latin1), (b' ', latin1), (b'a', marc), (b' ', marc)]
        {
            let text: String = Coding::of(said, record).decode(record).nfc().collect();
            assert_eq!(text, "Été à Orléans", "{} {record:?}", char::from(said));
        }
        assert_eq!(Coding::Utf8.decode(b"\xC3\xA9t\xC3"), "ét\u{fffd}");
    }
}
