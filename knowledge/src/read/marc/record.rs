//! What of a MARC 21 record becomes of use to a patron, and where it stands:
//!
//! | in a record | in MARC 21 |
//! |---|---|
//! | id | 001, else 035 a, else 010 a; inside OAI-PMH the OAI identifier |
//! | title | 245 a b n p and f g k s, without ISBD punctuation, then " = " and the same in its own script (880); without 245 the uniform or other title (130, 240, 246) |
//! | creator | 100 110 111 700 710 711: name with numeration, title and fuller form; then the same names in their own script (880) |
//! | subjects | 6xx: heading, then " -- " and each subdivision, one of each; then series with the number in them (490 a v, else 830), which are looked for as subjects are |
//! | date | the year of 264 or 260 c, else of 008 |
//! | language | 008/35-37, else 041 a |
//! | identifiers | 020 a z, 022 a, 024 a, 010 a, 050 a b, 082 a, 090 a b, 099 a, 852 h i j, 952 o, ARKs in 856 u; as catalogued, without the notes in brackets behind an ISBN |
//! | summary | 520 a b, else 505, else the first 500 |
//! | url | 856 u that leads to the thing itself (second indicator not 2), else any |
//!
//! A record whose leader says that it is deleted gives its id alone. UNIMARC has its titles
//! elsewhere and is refused with that said.

use super::field::{Field, Fields};
use crate::Record;
use crate::read::{Item, tidy};
use std::collections::BTreeSet;
use unicode_normalization::char::is_combining_mark;

/// Where a record was found.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) enum Found<'a> {
    /// In a file of its own kind.
    Alone,
    /// In an OAI-PMH response, under this identifier.
    Under(&'a str),
}

/// Makes an item of a record, or says what is wrong with it.
pub(in crate::read) fn item(fields: &Fields, found: Found<'_>) -> Result<Item, String> {
    let kind = match fields.leader(6) {
        b'z' => Some("an authority record"),
        b'u' | b'v' | b'x' | b'y' if fields.all(b"245").next().is_none() => {
            Some("a holdings record")
        }
        b'w' => Some("a classification record"),
        b'q' => Some("community information"),
        _ => None,
    };
    if let Some(kind) = kind {
        return Err(format!(
            "it is {kind}, not of a book or other thing; leave it out of the export"
        ));
    }
    let id = match found {
        Found::Under(identifier) => identifier.to_owned(),
        Found::Alone => own_id(fields).ok_or("it has no id (field 001); export it with one")?,
    };
    if fields.leader(5) == b'd' {
        return Ok(Item::Deleted(tidy::line(id)));
    }
    let title = title(fields).ok_or_else(|| no_title(fields))?;
    tidy::record(Record {
        id,
        title,
        creator: creators(fields),
        subjects: subjects(fields),
        date: date(fields),
        language: language(fields),
        identifiers: identifiers(fields),
        summary: summary(fields),
        url: url(fields),
    })
    .map(Item::Record)
}

fn own_id(fields: &Fields) -> Option<String> {
    let control = fields.control(b"001").map(str::trim).filter(|id| !id.is_empty());
    let first = |tag| fields.all(tag).find_map(|field| field.first(b'a'));
    control.or_else(|| first(b"035")).or_else(|| first(b"010")).map(str::to_owned)
}

fn no_title(fields: &Fields) -> String {
    if fields.all(b"200").any(|field| field.first(b'a').is_some()) {
        return "it has no title in field 245 and one in 200, as UNIMARC has; export it as MARC 21"
            .to_owned();
    }
    "it has no title (field 245); give it one, or leave it out of the export".to_owned()
}

fn title(fields: &Fields) -> Option<String> {
    let own = fields.all(b"245").map(title_of).find(|title| !title.is_empty());
    let other = || {
        let fields = [b"130", b"240", b"246"].into_iter().flat_map(|tag| fields.all(tag));
        fields.map(title_of).find(|title| !title.is_empty())
    };
    let title = own.or_else(other);
    let script = fields
        .all(b"880")
        .filter(|field| field.linked() == Some(*b"245"))
        .map(title_of)
        .find(|script| !script.is_empty() && Some(script) != title.as_ref());
    match (title, script) {
        (Some(title), Some(script)) => Some(format!("{title} = {script}")),
        (title, script) => title.or(script),
    }
}

/// A title field's text: ISBD's marks between the parts are kept with a space around them, those
/// at the end, and before the statement of responsibility, are dropped.
fn title_of(field: &Field) -> String {
    let mut out = String::new();
    let mut mark = None;
    for (code, text) in &field.subfields {
        let (text, next) = split_mark(text);
        match code {
            // What it is ("[electronic resource]") is not its title, but the mark behind it counts.
            b'h' => mark = next.or(mark),
            b'a' | b'b' | b'n' | b'p' | b'f' | b'g' | b'k' | b's' if !text.is_empty() => {
                if !out.is_empty() {
                    out.push_str(match (mark, code) {
                        (Some(':'), _) | (None, b'b') => " : ",
                        (Some('='), _) => " = ",
                        (Some(';'), _) => " ; ",
                        (Some(','), _) => ", ",
                        (Some('/'), _) => " / ",
                        (_, b'n' | b'p') if !out.ends_with('.') => ". ",
                        _ => " ",
                    });
                }
                out.push_str(text);
                mark = next;
            }
            _ => {}
        }
    }
    without_full_stop(&out).to_owned()
}

/// A text without the ISBD mark at its end, and the mark; East Asian records write them wide.
fn split_mark(text: &str) -> (&str, Option<char>) {
    let mark = match text.chars().next_back() {
        Some('/' | '／') => '/',
        Some(':' | '：') => ':',
        Some(';' | '；') => ';',
        Some('=' | '＝') => '=',
        Some(',' | '，') => ',',
        _ => return (text, None),
    };
    let rest = text.char_indices().next_back().map_or("", |(last, _)| &text[..last]);
    (rest.trim_end(), Some(mark))
}

/// A text without the full stop at its end, unless that seems to belong to an abbreviation or an
/// initial.
fn without_full_stop(text: &str) -> &str {
    /// Shorter words before a full stop are initials or abbreviations ("Co.", "Jr.").
    const WORD: usize = 3;
    /// Longer ones that headings are full of.
    const ABBREVIATIONS: [&str; 14] = [
        "etc", "inc", "ltd", "corp", "bros", "cent", "dept", "assn", "univ", "vol", "rev", "comp",
        "trans", "ser",
    ];
    if let Some(rest) = text.strip_suffix(['．', '。']) {
        return rest;
    }
    let Some(rest) = text.strip_suffix('.') else { return text };
    let last = rest.rsplit([' ', '-', '.', '\'', '’', 'ʼ']).next().unwrap_or_default();
    let is_word = last.chars().count() >= WORD
        && last.chars().all(|c| c.is_alphanumeric() || is_combining_mark(c))
        && !ABBREVIATIONS.iter().any(|known| last.eq_ignore_ascii_case(known));
    let is_bracket = rest.ends_with([')', ']', '"', '?', '!', ' ']);
    if is_word || is_bracket { rest.trim_end() } else { text }
}

fn creators(fields: &Fields) -> Vec<String> {
    const TAGS: [&[u8; 3]; 6] = [b"100", b"110", b"111", b"700", b"710", b"711"];
    let own = TAGS.into_iter().flat_map(|tag| fields.all(tag));
    let script =
        fields.all(b"880").filter(|field| field.linked().is_some_and(|tag| TAGS.contains(&&tag)));
    own.chain(script).map(name).filter(|name| !name.is_empty()).collect()
}

/// The name in a heading for a person, a body or a meeting.
fn name(field: &Field) -> String {
    let tag = field.linked().unwrap_or(field.tag);
    let codes: &[u8] = match tag[1..] {
        [b'0', b'0'] => b"abcq",
        [b'1', b'0'] => b"ab",
        _ => b"anc",
    };
    let mut out = String::new();
    for text in field.texts(codes) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(text);
    }
    without_full_stop(split_mark(&out).0).to_owned()
}

fn subjects(fields: &Fields) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut subjects = Vec::new();
    let mut add = |subject: String| {
        if !subject.is_empty() && seen.insert(subject.to_lowercase()) {
            subjects.push(subject);
        }
    };
    for field in fields.iter().filter(|field| field.tag[0] == b'6') {
        if field.tag == *b"653" {
            field
                .texts(b"a")
                .for_each(|text| add(without_full_stop(split_mark(text).0).to_owned()));
        } else {
            add(subject(field));
        }
    }
    let series = [b"490", b"830"].into_iter().find(|tag| fields.all(tag).next().is_some());
    for field in series.into_iter().flat_map(|tag| fields.all(tag)) {
        if let Some(series) = field.first(b'a') {
            let series = without_full_stop(split_mark(series).0);
            add(match field.first(b'v') {
                Some(volume) => format!("{series} ; {}", without_full_stop(volume)),
                None => series.to_owned(),
            });
        }
    }
    subjects
}

/// A subject heading with its subdivisions.
fn subject(field: &Field) -> String {
    let mut out = String::new();
    for (code, text) in &field.subfields {
        if text.is_empty() {
            continue;
        }
        let between = match code {
            b'x' | b'y' | b'z' | b'v' => " -- ",
            b'a' | b'b' | b'c' | b'd' | b'n' | b'p' | b'q' | b't' => " ",
            _ => continue,
        };
        if !out.is_empty() {
            out.truncate(without_full_stop(&out).len());
            out.push_str(between);
        }
        out.push_str(text);
    }
    without_full_stop(split_mark(&out).0).to_owned()
}

fn date(fields: &Fields) -> Option<String> {
    // Of several 264s the one of publication (second indicator 1) comes first.
    let published = fields.all(b"264").filter(|field| field.indicators[1] == b'1');
    let said: Vec<&str> = published
        .chain(fields.all(b"260"))
        .chain(fields.all(b"264").filter(|field| field.indicators[1] != b'1'))
        .filter_map(|field| field.first(b'c'))
        .collect();
    let fixed = fields.control(b"008").and_then(|text| text.get(7..11)).and_then(year);
    said.iter().copied().find_map(year).or(fixed).or_else(|| {
        // "[19--?]" says something; "[n.d.]" does not.
        let said = said.iter().find(|said| said.bytes().any(|byte| byte.is_ascii_digit()))?;
        Some(said.trim_matches(['[', ']', '.', ',', ' ']).to_owned())
    })
}

/// The first year in a text: four digits that stand alone, of a time that has books.
fn year(text: &str) -> Option<String> {
    let mut runs = text.split(|c: char| !c.is_ascii_digit());
    runs.find(|run| run.len() == 4 && ("1000"..="2100").contains(run)).map(str::to_owned)
}

fn language(fields: &Fields) -> Option<String> {
    let is_code = |code: &&str| {
        code.bytes().all(|byte| byte.is_ascii_lowercase())
            && !matches!(*code, "und" | "mul" | "zxx" | "mis")
    };
    let fixed = fields.control(b"008").and_then(|text| text.get(35..38)).filter(is_code);
    let said = || fields.all(b"041").find_map(|field| field.first(b'a')?.get(..3)).filter(is_code);
    fixed.or_else(said).map(str::to_owned)
}

fn identifiers(fields: &Fields) -> Vec<String> {
    let mut out = Vec::new();
    for field in fields.iter() {
        match &field.tag {
            b"020" => out.extend(field.texts(b"az").map(|isbn| number_alone(isbn).to_owned())),
            b"010" | b"022" | b"024" | b"082" => out.extend(field.first(b'a').map(str::to_owned)),
            b"050" | b"090" | b"099" => out.push(joined(field, b"ab")),
            b"852" => out.push(joined(field, b"hij")),
            b"952" => out.extend(field.first(b'o').map(str::to_owned)),
            b"856" => out.extend(field.texts(b"u").filter_map(ark).map(str::to_owned)),
            _ => {}
        }
    }
    out
}

/// A number without what follows it: "0140449132 (pbk.) :" is catalogued, `0140449132` asked for.
fn number_alone(text: &str) -> &str {
    let number = text.split([' ', '(', ':']).next().unwrap_or_default();
    if number.bytes().any(|byte| byte.is_ascii_digit()) { number } else { text }
}

fn joined(field: &Field, codes: &[u8]) -> String {
    field.texts(codes).collect::<Vec<_>>().join(" ")
}

/// The ARK in an address.
pub(in crate::read) fn ark(address: &str) -> Option<&str> {
    address
        .find("ark:")
        .map(|at| &address[at..])
        .map(|ark| ark.split(['?', '#']).next().unwrap_or(ark))
}

fn summary(fields: &Fields) -> Option<String> {
    let texts = |tag, codes: &'static [u8]| -> Option<String> {
        let mut out = String::new();
        for text in fields.all(tag).flat_map(|field| field.texts(codes)) {
            if out.len() + text.len() >= tidy::LONGEST_TEXT {
                break;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(text);
        }
        (!out.is_empty()).then_some(out)
    };
    texts(b"520", b"ab")
        .or_else(|| texts(b"505", b"agrt"))
        .or_else(|| fields.all(b"500").find_map(|field| field.first(b'a')).map(str::to_owned))
}

fn url(fields: &Fields) -> Option<String> {
    let is_address = |text: &&str| {
        ["http://", "https://", "ftp://"].iter().any(|scheme| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        })
    };
    let address = |field: &Field| field.texts(b"u").find(is_address).map(str::to_owned);
    let itself = fields.all(b"856").filter(|field| field.indicators[1] != b'2');
    itself.chain(fields.all(b"856")).find_map(address)
}
