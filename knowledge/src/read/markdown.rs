//! One entry from a Markdown file: front matter between `---` lines, the answer below.
//!
//! The front matter is YAML, read by serde-saphyr: it keeps the place of each error, bounds
//! aliases and nesting, and is maintained, which serde_yaml no longer is.

use super::input::{Input, NOT_UTF8, Trouble};
use super::{Item, tidy};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::io::Read;

/// Longest Markdown file, in bytes: an answer is bounded far below it.
const LONGEST_FILE: u64 = 1024 * 1024;

/// Reads the file's one entry; `name` is the file's name without its ending, the entry's id where
/// the front matter gives none.
pub(super) fn read(input: Input, name: String) -> impl Iterator<Item = Result<Item, Trouble>> {
    std::iter::once_with(move || entry(input, name))
}

fn entry(input: Input, name: String) -> Result<Item, Trouble> {
    let mut bytes = Vec::new();
    let mut input = input.take(LONGEST_FILE + 1);
    if let Err(error) = input.read_to_end(&mut bytes) {
        return Err(Trouble::Broken { position: String::new(), error });
    }
    if bytes.len() as u64 > LONGEST_FILE {
        let reason = format!("it is longer than {LONGEST_FILE} bytes; one file holds one answer");
        return Err(Trouble::file(reason));
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            return Err(Trouble::line(line_of(before), NOT_UTF8));
        }
    };
    let (front, answer) = split(text)?;
    let front = match front {
        Some(yaml) => parse(yaml)?,
        None => Front::default(),
    };
    let mut questions = front.question.map(|texts| texts.0).unwrap_or_default();
    questions.extend(front.questions.map(|texts| texts.0).unwrap_or_default());
    let mut answer = answer.to_owned();
    if questions.iter().all(|question| question.trim().is_empty()) {
        let Some((heading, rest)) = heading(&answer) else {
            let reason = "it has no question; write `questions:` into the front matter, or a \
                          heading (`# …`) above the answer";
            return Err(Trouble::line(1, reason));
        };
        questions.push(heading);
        answer = rest;
    }
    tidy::entry(tidy::EntryText {
        id: front.id.filter(|id| !id.trim().is_empty()).unwrap_or(name),
        questions,
        answer: Some(answer),
        lang: front.lang,
        url: front.url,
        source: front.source,
        verified: front.verified,
        review_by: front.review_by,
        tags: front.tags.map(|texts| texts.0).unwrap_or_default(),
    })
    .map(Item::Entry)
    .map_err(|reason| Trouble::line(1, reason))
}

/// The keys that the front matter may have.
const KEYS: &[&str] =
    &["id", "lang", "questions", "question", "source", "url", "verified", "review_by", "tags"];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    id: Option<String>,
    lang: Option<String>,
    questions: Option<Texts>,
    question: Option<Texts>,
    source: Option<String>,
    url: Option<String>,
    verified: Option<String>,
    review_by: Option<String>,
    tags: Option<Texts>,
}

/// One text, or a list of them.
struct Texts(Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        struct OneOrSeveral;
        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_bool<E>(self, word: bool) -> Result<Texts, E> {
                Ok(Texts(vec![word.to_string()]))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Texts, E> {
                Ok(Texts(vec![number.to_string()]))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Texts, E> {
                Ok(Texts(vec![number.to_string()]))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Texts, E> {
                Ok(Texts(vec![number.to_string()]))
            }

            fn visit_unit<E>(self) -> Result<Texts, E> {
                Ok(Texts(Vec::new()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element::<Option<String>>()? {
                    texts.extend(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(OneOrSeveral)
    }
}

fn parse(yaml: &str) -> Result<Front, Trouble> {
    if yaml.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Front::default());
    }
    serde_saphyr::from_str(yaml).map_err(|error: serde_saphyr::Error| {
        let error = error.without_snippet();
        // The front matter begins on the file's second line.
        let line = error.location().map_or(1, |at| at.line()) + 1;
        Trouble::line(line, reason(error))
    })
}

fn reason(error: &serde_saphyr::Error) -> String {
    if let serde_saphyr::Error::SerdeUnknownField { field, .. } = error {
        let field = tidy::excerpt(field);
        return match tidy::nearest(&field, KEYS) {
            Some(near) => format!("`{field}` is not a key of the front matter; `{near}` is"),
            None => format!("`{field}` is not a key of the front matter; {} are", KEYS.join(", ")),
        };
    }
    if let serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } = error {
        return format!("`{}` stands twice in the front matter; keep one", tidy::excerpt(key));
    }
    // The error's own place is the front matter's, not the file's.
    let error = error.to_string();
    let error = error.split(" at line ").next().unwrap_or_default();
    let error = tidy::excerpt(error.lines().next().unwrap_or_default());
    format!(
        "the front matter cannot be read ({error}); write `key: value` on each line, with \
         quotation marks around a value that holds `: ` or `#`"
    )
}

/// The front matter, if there is one, and what is below it.
fn split(text: &str) -> Result<(Option<&str>, &str), Trouble> {
    let Some((first, rest)) = text.split_once('\n') else {
        return Ok((None, if text.trim_end() == "---" { "" } else { text }));
    };
    if first.trim_end() != "---" {
        return Ok((None, text));
    }
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Ok((Some(&rest[..at]), &rest[at + line.len()..]));
        }
        at += line.len();
    }
    Err(Trouble::line(1, "the front matter is not closed; end it with a line `---`"))
}

/// The first heading outside code blocks, and the text without its line.
fn heading(text: &str) -> Option<(String, String)> {
    let mut fence: Option<&str> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => {
                if let Some(heading) = heading_text(line) {
                    let rest = format!("{}{}", &text[..at], &text[at + line.len()..]);
                    return Some((heading.to_owned(), rest));
                }
            }
            (Some(_), _) => {}
        }
        at += line.len();
    }
    None
}

/// The text of an ATX heading (`## text ##`).
fn heading_text(line: &str) -> Option<&str> {
    /// Markdown has six levels.
    const DEEPEST: usize = 6;
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    if level == 0 || level > DEEPEST || !rest.starts_with([' ', '\t']) {
        return None;
    }
    let text = rest.trim();
    let text = match text.trim_end_matches('#') {
        shorter if shorter.ends_with([' ', '\t']) || shorter.is_empty() => shorter.trim_end(),
        _ => text,
    };
    (!text.is_empty()).then_some(text)
}

fn line_of(before: &[u8]) -> u64 {
    1 + memchr::memchr_iter(b'\n', before).count() as u64
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::Entry;
    use crate::read::Item;
    use crate::read::input::Trouble;
    use std::io::Cursor;

    fn one(text: &str) -> Result<Entry, String> {
        let input = Box::new(Cursor::new(text.as_bytes().to_vec()));
        match read(input, "card".to_owned()).next() {
            Some(Ok(Item::Entry(entry))) => Ok(entry),
            Some(Err(Trouble::Bad { position, reason })) => Err(format!("{position}: {reason}")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn front_matter_and_answer() {
        let entry = one(
            "\u{feff}---\r\nid: get-card\r\nlang: en\r\nquestions:\r\n  - How do I get a card?\r\n  - \"card: how?\"\r\n\
             verified: 2026-03-01\r\ntags: [cards, joining]\r\nsource: Policy 4\r\n---\r\n\r\nBring **proof**.\r\n\r\n---\r\nAnd a smile.\r\n",
        )
        .unwrap();
        assert_eq!(entry.id, "get-card");
        assert_eq!(entry.questions, ["How do I get a card?", "card: how?"]);
        assert_eq!(entry.answer.as_deref(), Some("Bring **proof**.\n\n---\nAnd a smile."));
        assert_eq!(entry.verified.unwrap().to_string(), "2026-03-01");
        assert_eq!(entry.tags, ["cards", "joining"]);
        assert_eq!(entry.lang.unwrap().as_str(), "en");
    }

    #[test]
    fn a_heading_is_the_question_where_none_is_given() {
        let entry = one("```\n# not this\n```\n## Where is it? ##\nThere.\n").unwrap();
        assert_eq!(entry.id, "card");
        assert_eq!(entry.questions, ["Where is it?"]);
        assert_eq!(entry.answer.as_deref(), Some("```\n# not this\n```\nThere."));
        let entry = one("---\nquestion: Q?\n---\n# Heading\n").unwrap();
        assert_eq!(
            (entry.questions[0].as_str(), entry.answer.as_deref()),
            ("Q?", Some("# Heading"))
        );
        assert_eq!(one("---\nquestion: Q?\n---").unwrap().answer, None);
        assert_eq!(one("---\n---\n# Q\n").unwrap().questions, ["Q"]);
    }

    #[test]
    fn words_and_numbers_of_yaml_are_texts_here() {
        let entry = one("---\nid: 5\nlang: no\nquestion: 911\ntags: [yes, 2026-01-01, 1.5, null]\nsource:\n---\n").unwrap();
        assert_eq!((entry.id.as_str(), entry.questions[0].as_str()), ("5", "911"));
        assert_eq!(entry.lang.unwrap().as_str(), "no");
        assert_eq!(entry.tags, ["yes", "2026-01-01", "1.5"]);
        assert_eq!(entry.source, None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_its_mend() {
        for (text, expected) in [
            (
                "---\nid: a\nquesions: [Q]\n---\n",
                "line 3: `quesions` is not a key of the front matter; `questions` is",
            ),
            (
                "---\nid: a\nzzzz: 1\n---\n",
                "line 3: `zzzz` is not a key of the front matter; id, lang,",
            ),
            ("---\nid: a\nid: b\nquestion: Q\n---\n", "line 3: `id` stands twice"),
            ("---\nid: a\n", "line 1: the front matter is not closed"),
            ("just text", "line 1: it has no question"),
            (
                "---\nquestion: Q\nverified: soon\n---\n",
                "line 1: `verified` is \"soon\", which is not a date",
            ),
            (
                "---\nid: a\nquestion: Can I: yes or no\n---\n",
                "line 3: the front matter cannot be read",
            ),
            ("---\nid: a\nquestions: {a: b}\n---\n", "line 3: the front matter cannot be read"),
            ("---\n- a\n---\n", "line 2: the front matter cannot be read"),
        ] {
            let reason = one(text).unwrap_err();
            assert!(reason.starts_with(expected), "{text:?}\n{reason}");
        }
    }
}
