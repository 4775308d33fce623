//! What every format's texts go through before they are an item: cleaned, bounded, never empty
//! where something is needed.

use crate::{Entry, Lang, Record, Section};
use jiff::civil::Date;
use std::collections::BTreeSet;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Longest id, in bytes: an id is one term of the index, and ARKs and addresses stay far below.
const LONGEST_ID: usize = 512;
/// Longest text of one field, in bytes: well over MARC's own 9,999, and below the index's longest
/// term.
pub(super) const LONGEST_TEXT: usize = 60_000;
/// Longest answer, in bytes: forty pages of print.
const LONGEST_ANSWER: usize = 100_000;
/// Longest phrasing of a question, in bytes: what a patron may send at most is shorter.
const LONGEST_QUESTION: usize = 4_000;
/// Most phrasings of one question: ten times what the largest sets in use bring.
const MOST_QUESTIONS: usize = 1_000;
/// Most values of a list (creators, subjects, identifiers, tags) in one item.
const MOST_VALUES: usize = 2_000;

/// An entry as a file holds it, before its texts are looked at.
#[derive(Debug, Default)]
pub(super) struct EntryText {
    pub(super) id: String,
    pub(super) questions: Vec<String>,
    pub(super) answer: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) url: Option<String>,
    pub(super) source: Option<String>,
    pub(super) verified: Option<String>,
    pub(super) review_by: Option<String>,
    pub(super) tags: Vec<String>,
}

/// Makes an entry of what a file holds, or says what is wrong with it.
pub(super) fn entry(text: EntryText) -> Result<Entry, String> {
    let questions = list("questions", text.questions, LONGEST_QUESTION, MOST_QUESTIONS)?;
    if questions.is_empty() {
        return Err("it has no question; write at least one under `questions`".to_owned());
    }
    Ok(Entry {
        id: id(text.id)?,
        questions,
        answer: answer(text.answer)?,
        lang: language(text.lang)?,
        url: one("url", text.url)?,
        source: one("source", text.source)?,
        verified: date("verified", text.verified)?,
        review_by: date("review_by", text.review_by)?,
        tags: list("tags", text.tags, LONGEST_TEXT, MOST_VALUES)?,
    })
}

/// Cleans a record and checks its bounds, or says what is wrong with it.
pub(super) fn record(record: Record) -> Result<Record, String> {
    let title = line(record.title);
    if title.is_empty() {
        return Err("it has no title; give it one, or leave it out".to_owned());
    }
    if title.len() > LONGEST_TEXT {
        return Err(over("title", LONGEST_TEXT));
    }
    Ok(Record {
        id: id(record.id)?,
        title,
        creator: list("creator", record.creator, LONGEST_TEXT, MOST_VALUES)?,
        subjects: list("subjects", record.subjects, LONGEST_TEXT, MOST_VALUES)?,
        date: one("date", record.date)?,
        language: one("language", record.language)?,
        identifiers: list("identifiers", record.identifiers, LONGEST_TEXT, MOST_VALUES)?,
        summary: one("summary", record.summary)?,
        url: one("url", record.url)?,
    })
}

/// Checks the bounds of a page's section, of which the texts are clean, or says what is wrong.
pub(super) fn section(section: Section) -> Result<Section, String> {
    if section.heading.is_empty() {
        return Err("it has neither a heading nor a `<title>`; give the page one".to_owned());
    }
    if section.heading.len() > LONGEST_QUESTION || section.page.len() > LONGEST_QUESTION {
        return Err(format!(
            "its heading or the page's is longer than {LONGEST_QUESTION} bytes; end it (`</h2>`) \
             where the text begins"
        ));
    }
    if section.own > LONGEST_ANSWER {
        return Err(format!(
            "its text is longer than {LONGEST_ANSWER} bytes; part it with headings"
        ));
    }
    Ok(Section { id: id(section.id)?, url: one("url", section.url)?, ..section })
}

fn id(text: String) -> Result<String, String> {
    let id = line(text);
    if id.is_empty() {
        return Err("it has no `id`; give it one that nothing else has and that stays".to_owned());
    }
    if id.len() > LONGEST_ID {
        return Err(over("id", LONGEST_ID));
    }
    Ok(id)
}

fn one(key: &str, text: Option<String>) -> Result<Option<String>, String> {
    let Some(text) = text.map(line).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.len() > LONGEST_TEXT { Err(over(key, LONGEST_TEXT)) } else { Ok(Some(text)) }
}

fn list(key: &str, texts: Vec<String>, longest: usize, most: usize) -> Result<Vec<String>, String> {
    if texts.len() > most {
        return Err(format!("`{key}` has more than {most} values; split it over several items"));
    }
    let mut kept = Vec::with_capacity(texts.len());
    for text in texts {
        let text = line(text);
        if text.len() > longest {
            return Err(over(key, longest));
        }
        if !text.is_empty() {
            kept.push(text);
        }
    }
    keep_first_of_each(&mut kept);
    Ok(kept)
}

/// Drops texts that stand earlier in the list.
fn keep_first_of_each(texts: &mut Vec<String>) {
    /// Up to here, comparing each with each is quicker than a set.
    const FEW: usize = 16;
    if texts.len() <= FEW {
        for at in (1..texts.len()).rev() {
            if texts[..at].contains(&texts[at]) {
                texts.remove(at);
            }
        }
        return;
    }
    let mut seen = BTreeSet::new();
    let mut is_first: Vec<bool> = texts.iter().map(|text| seen.insert(text.as_str())).collect();
    let mut is_first = is_first.drain(..);
    texts.retain(|_| is_first.next().unwrap_or(true));
}

fn answer(text: Option<String>) -> Result<Option<String>, String> {
    let Some(text) = text.map(prose).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.len() > LONGEST_ANSWER { Err(over("answer", LONGEST_ANSWER)) } else { Ok(Some(text)) }
}

fn language(text: Option<String>) -> Result<Option<Lang>, String> {
    let Some(tag) = text.map(line).filter(|tag| !tag.is_empty()) else { return Ok(None) };
    Lang::parse(&tag).map(Some).ok_or_else(|| {
        let tag = excerpt(&tag);
        format!("`lang` is \"{tag}\", which is not a language code; write one like `en` or `fr`")
    })
}

pub(super) fn date(key: &str, text: Option<String>) -> Result<Option<Date>, String> {
    let Some(day) = text.map(line).filter(|day| !day.is_empty()) else { return Ok(None) };
    day.parse::<Date>().map(Some).map_err(|_| {
        let day = excerpt(&day);
        format!("`{key}` is \"{day}\", which is not a date; write year-month-day, like 2026-03-31")
    })
}

fn over(key: &str, bound: usize) -> String {
    format!("`{key}` is longer than {bound} bytes; shorten it")
}

/// A text on one line: composed (NFC), white space single, no control characters and no marks of
/// the writing direction, no white space at its ends.
pub(super) fn line(text: String) -> String {
    if is_plain_line(&text) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfc() {
        if c.is_whitespace() || c < ' ' {
            gap = true;
        } else if !is_unseen(c) {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

/// Whether [`line()`] would change nothing.
fn is_plain_line(text: &str) -> bool {
    let mut before = b' ';
    let mut ascii = true;
    for &byte in text.as_bytes() {
        if byte < b' ' || byte == 0x7F || (byte == b' ' && before == b' ') {
            return false;
        }
        ascii &= byte < 0x80;
        before = byte;
    }
    if before == b' ' {
        return text.is_empty();
    }
    let is_plain = |c: char| c == ' ' || !(c.is_whitespace() || is_unseen(c));
    ascii || (text.chars().all(is_plain) && is_nfc(text))
}

/// Control characters, the byte order mark, and marks of the writing direction.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{FEFF}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A text of several lines, kept as written but for control characters, line ends and blank
/// lines around it.
pub(super) fn prose(text: String) -> String {
    let kept: String = text
        .replace("\r\n", "\n")
        .chars()
        .filter(|&c| c == '\n' || c == '\t' || !(c.is_control() || c == '\u{FEFF}'))
        .collect();
    kept.trim_end().trim_start_matches('\n').to_owned()
}

/// The beginning of a text, for a reason: refusals quote, but not pages.
pub(super) fn excerpt(text: &str) -> String {
    /// Enough to recognise a value by.
    const SHOWN: usize = 60;
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.chars().count() <= SHOWN {
        return clean;
    }
    clean.chars().take(SHOWN).chain(['…']).collect()
}

/// The known word that is nearest to an unknown one, if any is near.
pub(super) fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    /// Below this likeness the two are different words, not one mistyped.
    const LIKE: f64 = 0.7;
    let unknown = unknown.to_lowercase();
    known
        .iter()
        .map(|&word| (strsim::jaro_winkler(&unknown, word), word))
        .filter(|&(likeness, _)| likeness >= LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::{EntryText, entry, line, nearest, prose};

    #[test]
    fn a_line_is_composed_and_single_spaced_and_loses_control_characters() {
        for (text, expected) in [
            ("as it is", "as it is"),
            ("  two\t\u{a0} gaps \n", "two gaps"),
            ("e\u{301}te\u{301}", "été"),
            ("\u{98}The \u{9c}title\u{0}", "The title"),
            ("\u{feff}été", "été"),
            ("\u{200f}ספר /\u{200f}", "ספר /"),
            (" ", ""),
        ] {
            assert_eq!(line(text.to_owned()), expected, "{text:?}");
        }
    }

    #[test]
    fn an_answer_keeps_its_lines_and_its_indentation() {
        assert_eq!(prose("\r\n\n  - a\r\n  - b\u{0}\n\n".to_owned()), "  - a\n  - b");
    }

    #[test]
    fn what_is_wrong_with_an_entry_is_said_with_its_mend() {
        let ask = |lang: &str, verified: &str| {
            entry(EntryText {
                id: "a".into(),
                questions: vec!["Q?".into()],
                lang: Some(lang.into()),
                verified: Some(verified.into()),
                ..EntryText::default()
            })
        };
        assert!(ask("en", "2026-01-31").is_ok());
        assert!(ask("English", "").unwrap_err().contains("write one like `en`"));
        assert!(ask("", "31/01/2026").unwrap_err().contains("like 2026-03-31"));
    }

    #[test]
    fn a_mistyped_word_is_known_again() {
        assert_eq!(nearest("quesions", &["id", "questions", "question"]), Some("questions"));
        assert_eq!(nearest("Verified_on", &["verified", "url"]), Some("verified"));
        assert_eq!(nearest("zzz", &["verified", "url"]), None);
    }
}
