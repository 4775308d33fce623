//! Entries and records from JSON lines: one object a line, keys as the program's contract names
//! them. Keys that are not known are other programs' own and are passed over.

use super::input::{Input, Line, Lines, NOT_UTF8, Trouble, too_long};
use super::{ELSEWHERE, Item, Part, tidy};
use crate::Record;
use serde::Deserialize;
use serde_json::Value;

/// Streams the items of JSON lines.
pub(super) fn read(input: Input, part: Part) -> JsonLines {
    JsonLines { lines: Lines::new(input), part, line: Vec::new() }
}

/// See [`read`].
pub(super) struct JsonLines {
    lines: Lines,
    part: Part,
    line: Vec<u8>,
}

impl Iterator for JsonLines {
    type Item = Result<Item, Trouble>;

    fn next(&mut self) -> Option<Result<Item, Trouble>> {
        loop {
            let found = match self.lines.next(&mut self.line) {
                Ok(found) => found?,
                Err(trouble) => return Some(Err(trouble)),
            };
            if found == Line::Whole && self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let item = match found {
                Line::TooLong => Err(too_long()),
                Line::Whole => match std::str::from_utf8(&self.line) {
                    Ok(text) => item(text, self.part),
                    Err(_) => Err(NOT_UTF8.to_owned()),
                },
            };
            return Some(item.map_err(|reason| Trouble::line(self.lines.number(), reason)));
        }
    }
}

fn item(text: &str, part: Part) -> Result<Item, String> {
    match part {
        Part::Faq => {
            let line = parse::<EntryLine>(text, ENTRY_KEYS)?;
            let mut questions = line.questions.unwrap_or_default();
            questions.extend(line.question);
            tidy::entry(tidy::EntryText {
                id: line.id.unwrap_or_default(),
                questions,
                answer: line.answer,
                lang: line.lang,
                url: line.url,
                source: line.source,
                verified: line.verified,
                review_by: line.review_by,
                tags: line.tags.unwrap_or_default(),
            })
            .map(Item::Entry)
        }
        Part::Pages => Err(ELSEWHERE.to_owned()),
        Part::Collections => {
            let line = parse::<RecordLine>(text, RECORD_KEYS)?;
            tidy::record(Record {
                id: line.id.unwrap_or_default(),
                title: line.title.unwrap_or_default(),
                creator: line.creator.unwrap_or_default(),
                subjects: line.subjects.unwrap_or_default(),
                date: line.date,
                language: line.language,
                identifiers: line.identifiers.unwrap_or_default(),
                summary: line.summary,
                url: line.url,
            })
            .map(Item::Record)
        }
    }
}

#[derive(Deserialize)]
struct EntryLine {
    id: Option<String>,
    questions: Option<Vec<String>>,
    question: Option<String>,
    answer: Option<String>,
    lang: Option<String>,
    url: Option<String>,
    source: Option<String>,
    verified: Option<String>,
    review_by: Option<String>,
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RecordLine {
    id: Option<String>,
    title: Option<String>,
    creator: Option<Vec<String>>,
    subjects: Option<Vec<String>>,
    date: Option<String>,
    language: Option<String>,
    identifiers: Option<Vec<String>>,
    summary: Option<String>,
    url: Option<String>,
}

/// What a key holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
}

const ENTRY_KEYS: &[(&str, Kind)] = &[
    ("id", Kind::Text),
    ("questions", Kind::Texts),
    ("question", Kind::Text),
    ("answer", Kind::Text),
    ("lang", Kind::Text),
    ("url", Kind::Text),
    ("source", Kind::Text),
    ("verified", Kind::Text),
    ("review_by", Kind::Text),
    ("tags", Kind::Texts),
];

const RECORD_KEYS: &[(&str, Kind)] = &[
    ("id", Kind::Text),
    ("title", Kind::Text),
    ("creator", Kind::Texts),
    ("subjects", Kind::Texts),
    ("date", Kind::Text),
    ("language", Kind::Text),
    ("identifiers", Kind::Texts),
    ("summary", Kind::Text),
    ("url", Kind::Text),
];

fn parse<'a, T: Deserialize<'a>>(text: &'a str, keys: &[(&str, Kind)]) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| wrong(text, keys, &error))
}

/// Says what is wrong with a line that did not parse. The quick way says only the column; the
/// slow way, taken for bad lines alone, names the key.
fn wrong(text: &str, keys: &[(&str, Kind)], error: &serde_json::Error) -> String {
    let object = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return "it is not a JSON object; write one `{\"id\": …}` on each line".to_owned(),
        Err(error) => {
            let column = error.column();
            return format!("it is not valid JSON at column {column}; write one object a line");
        }
    };
    for &(key, kind) in keys {
        let Some(value) = object.get(key) else { continue };
        match (kind, value) {
            (_, Value::Null) | (Kind::Text, Value::String(_)) => {}
            (Kind::Text, _) => {
                return format!("`{key}` is {}; write a text in quotation marks", shown(value));
            }
            (Kind::Texts, Value::Array(values)) => {
                if let Some(value) = values.iter().find(|value| !value.is_string()) {
                    return format!("`{key}` has {} in its list; write texts only", shown(value));
                }
            }
            (Kind::Texts, _) => {
                return format!("`{key}` is {}; write a list, like [\"…\"]", shown(value));
            }
        }
    }
    format!("it cannot be read ({error}); write each key once")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(number) => format!("the number {}", tidy::excerpt(&number.to_string())),
        Value::String(text) => format!("the text \"{}\"", tidy::excerpt(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::read::input::Trouble;
    use crate::read::{Item, Part};
    use std::io::Cursor;

    fn all(text: &'static [u8], part: Part) -> Vec<String> {
        read(Box::new(Cursor::new(text)), part)
            .map(|item| match item {
                Ok(Item::Entry(entry)) => format!("{} {:?}", entry.id, entry.questions),
                Ok(Item::Record(record)) => format!("{} {}", record.id, record.title),
                Ok(other @ (Item::Deleted(_) | Item::Section(_))) => panic!("{other:?}"),
                Err(Trouble::Bad { position, reason }) => format!("{position}: {reason}"),
                Err(Trouble::Broken { error, .. }) => error.to_string(),
            })
            .collect()
    }

    #[test]
    fn unknown_keys_are_passed_over_and_wrong_types_named() {
        let lines = all(
            b"\xEF\xBB\xBF{\"id\": \"a\", \"title\": \"T\", \"extra\": {\"x\": [1]}, \"creator\": null}\n\
              \n\
              {\"id\": 5, \"title\": \"T\"}\n\
              {\"id\": \"b\", \"title\": \"T\", \"creator\": \"Woolf\"}\n\
              {\"id\": \"c\", \"title\": \"T\", \"subjects\": [\"x\", 1]}\n\
              [1]\n\
              {\"id\": \"d\", \"title\"\n\
              {\"id\": \"e\", \"title\": \"\xE9t\xE9\"}\n\
              {\"id\": \"f\", \"title\": \" \"}\n\
              {\"title\": \"T\"}\n\
              {\"id\": \"g\", \"id\": \"h\", \"title\": \"T\"}\n",
            Part::Collections,
        );
        let starts = [
            "a T",
            "line 3: `id` is the number 5; write a text",
            "line 4: `creator` is the text \"Woolf\"; write a list",
            "line 5: `subjects` has the number 1 in its list",
            "line 6: it is not a JSON object",
            "line 7: it is not valid JSON at column",
            "line 8: it is not UTF-8 text; save the file",
            "line 9: it has no title",
            "line 10: it has no `id`",
            "line 11: it cannot be read (duplicate field `id`",
        ];
        assert_eq!(lines.len(), starts.len(), "{lines:#?}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with(start), "{line}\n{start}");
        }
    }

    #[test]
    fn an_entry_may_have_one_question_or_several() {
        let lines = all(
            b"{\"id\": \"a\", \"question\": \"Q?\"}\n{\"id\": \"b\", \"questions\": [\"P?\", \"\", \"Q?\", \"P?\"]}\n{\"id\": \"c\"}",
            Part::Faq,
        );
        assert_eq!(lines[0], "a [\"Q?\"]");
        assert_eq!(lines[1], "b [\"P?\", \"Q?\"]");
        assert!(lines[2].starts_with("line 3: it has no question"));
    }
}
