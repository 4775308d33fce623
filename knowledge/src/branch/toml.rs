//! Values of a TOML file, each mistake with its line and its mend.

use super::ByLang;
use crate::Lang;
use crate::read::Refused;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use opening_hours::OpeningHours;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Characters of a text: an address or a reason is a line, not a page.
const MAX_TEXT: usize = 500;

/// Characters of opening hours, far above any in use.
const MAX_HOURS: usize = 1_000;

/// A file that is being read, and the mistakes found in it so far.
pub(super) struct Toml<'a> {
    shown: &'a str,
    text: &'a str,
    refused: Vec<Refused>,
}

/// A table of the file, and where it stands.
pub(super) struct Table<'a> {
    values: DeTable<'a>,
    at: usize,
}

impl Table<'_> {
    /// Whether the table has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.get(key).is_some()
    }
}

impl<'a> Toml<'a> {
    /// Begins with a file's text; `shown` is how people are told of the file.
    pub(super) fn new(shown: &'a str, text: &'a str) -> Toml<'a> {
        Toml { shown, text: text.strip_prefix('\u{feff}').unwrap_or(text), refused: Vec::new() }
    }

    /// Everything that is wrong with the file, in its order.
    pub(super) fn mistakes(self) -> Vec<Refused> {
        self.refused
    }

    /// The file's own table; `None` if the file is not TOML.
    pub(super) fn table(&mut self) -> Option<Table<'a>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(Table { values: table.into_inner(), at: 0 }),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.mistake(
                    at,
                    format!(
                        "{}; see the comments in the sample library for how such a file is written",
                        error.message().replace('\n', ", ")
                    ),
                );
                None
            }
        }
    }

    /// Names the keys that mean nothing here, with the nearest that does.
    pub(super) fn only(&mut self, table: &Table<'a>, known: &[&str]) {
        for key in table.values.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let mend = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here are {}", known.join(", ")),
            };
            self.mistake(key.span().start, format!("unknown key `{}`; {mend}", shorten(name)));
        }
    }

    /// Says that something must be added to a table.
    pub(super) fn missing(&mut self, table: &Table<'a>, what: &str) {
        self.mistake(table.at, format!("something is missing: write {what}"));
    }

    /// Says what is wrong with the value of a key.
    pub(super) fn wrong(&mut self, table: &Table<'a>, key: &str, reason: String) {
        let at = table.values.get(key).map_or(table.at, |value| value.span().start);
        self.mistake(at, reason);
    }

    /// A text in one line.
    pub(super) fn text(&mut self, table: &Table<'a>, key: &str) -> Option<String> {
        let value = table.values.get(key)?;
        self.line(key, value, MAX_TEXT)
    }

    /// A list of texts; a single text is a list of one.
    pub(super) fn texts(&mut self, table: &Table<'a>, key: &str, most: usize) -> Vec<String> {
        let Some(value) = table.values.get(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            return self.line(key, value, MAX_TEXT).into_iter().collect();
        };
        if list.len() > most {
            self.mistake(
                value.span().start,
                format!("`{key}` has {} texts and at most {most} are read", list.len()),
            );
        }
        list.iter().take(most).filter_map(|each| self.line(key, each, MAX_TEXT)).collect()
    }

    /// A text, or a table of texts by language; empty where the key is missing.
    pub(super) fn by_lang(&mut self, table: &Table<'a>, key: &str) -> ByLang {
        let Some(value) = table.values.get(key) else { return ByLang::default() };
        let Some(texts) = value.get_ref().as_table() else {
            return self
                .line(key, value, MAX_TEXT)
                .map_or_else(ByLang::default, |text| ByLang::plain(&text));
        };
        let mut by_lang = BTreeMap::new();
        for (tag, text) in texts {
            match Lang::parse(tag.get_ref()) {
                Some(lang) => {
                    by_lang.extend(self.line(key, text, MAX_TEXT).map(|text| (lang, text)))
                }
                None => self.mistake(
                    tag.span().start,
                    format!(
                        "`{}` is not a language; write a code like `en` or `fr`",
                        shorten(tag.get_ref())
                    ),
                ),
            }
        }
        ByLang::new(by_lang)
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, table: &Table<'a>, key: &str) -> Option<bool> {
        let value = table.values.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.mistake(
                value.span().start,
                format!("`{key}` must be true or false, without quotation marks"),
            );
        }
        flag
    }

    /// A number from `-most` to `most`.
    pub(super) fn number(&mut self, table: &Table<'a>, key: &str, most: f64) -> Option<f64> {
        let value = table.values.get(key)?;
        let written = value.get_ref();
        let written =
            written.as_float().map(|f| f.as_str()).or(written.as_integer().map(|i| i.as_str()));
        let number = written.and_then(|text| text.parse::<f64>().ok()).filter(|n| n.abs() <= most);
        if number.is_none() {
            self.mistake(
                value.span().start,
                format!("`{key}` must be a number of degrees between -{most} and {most}, like 45.42, without quotation marks"),
            );
        }
        number
    }

    /// A day, bare or in quotation marks.
    pub(super) fn date(&mut self, table: &Table<'a>, key: &str) -> Option<Date> {
        let value = table.values.get(key)?;
        let bare = value.get_ref().as_datetime().filter(|moment| moment.time.is_none());
        let written = bare.map(ToString::to_string);
        let written =
            written.or_else(|| value.get_ref().as_str().map(|text| text.trim().to_owned()));
        let date = written.and_then(|text| text.parse::<Date>().ok());
        if date.is_none() {
            self.mistake(
                value.span().start,
                format!("`{key}` must be a day that is in the calendar, written 2026-12-25"),
            );
        }
        date
    }

    /// A time zone of the IANA database.
    pub(super) fn time_zone(&mut self, table: &Table<'a>, key: &str) -> Option<TimeZone> {
        let value = table.values.get(key)?;
        let name = self.line(key, value, MAX_TEXT)?;
        if let Ok(zone) = TimeZone::get(&name) {
            return Some(zone);
        }
        let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let mend = match nearest(&name, zones.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write one of the IANA database, like \"Europe/Paris\" or \"America/Toronto\""
                .to_owned(),
        };
        self.mistake(
            value.span().start,
            format!("`{}` is not a known time zone; {mend}", shorten(&name)),
        );
        None
    }

    /// Opening hours in OpenStreetMap's syntax.
    pub(super) fn hours(&mut self, table: &Table<'a>, key: &str) -> Option<OpeningHours> {
        let value = table.values.get(key)?;
        let text = self.line(key, value, MAX_HOURS)?;
        if let Some(word) = holiday(&text) {
            self.mistake(
                value.span().start,
                format!(
                    "`{key}` says `{word}`, but which days are holidays is not known here; take it out and list the days under [[closures]] or [[exceptions]]"
                ),
            );
            return None;
        }
        match text.parse() {
            Ok(hours) => Some(hours),
            Err(error) => {
                let reason = hours_mistake(&text, &format!("{error}"));
                self.mistake(value.span().start, reason);
                None
            }
        }
    }

    /// An e-mail address.
    pub(super) fn email(&mut self, table: &Table<'a>, key: &str) -> Option<String> {
        let text = self.text(table, key)?;
        if text.split_once('@').is_none_or(|(name, host)| name.is_empty() || host.is_empty())
            || text.contains(' ')
        {
            self.wrong(
                table,
                key,
                format!(
                    "`{}` is not an e-mail address; write one like \"desk@library.example\"",
                    shorten(&text)
                ),
            );
            return None;
        }
        Some(text)
    }

    /// An address on the web.
    pub(super) fn url(&mut self, table: &Table<'a>, key: &str) -> Option<String> {
        let text = self.text(table, key)?;
        if !(text.starts_with("https://") || text.starts_with("http://")) || text.contains(' ') {
            self.wrong(
                table,
                key,
                format!(
                    "`{}` is not a web address; write it whole, from https:// on",
                    shorten(&text)
                ),
            );
            return None;
        }
        Some(text)
    }

    /// The tables under `[[key]]`.
    pub(super) fn tables(&mut self, table: &Table<'a>, key: &str, most: usize) -> Vec<Table<'a>> {
        let Some(value) = table.values.get(key) else { return Vec::new() };
        let list = value
            .get_ref()
            .as_array()
            .filter(|list| list.iter().all(|each| each.get_ref().is_table()));
        let Some(list) = list else {
            self.mistake(
                value.span().start,
                format!("write each of the {key} as a [[{key}]] of its own, its keys below it"),
            );
            return Vec::new();
        };
        if list.len() > most {
            self.mistake(
                value.span().start,
                format!(
                    "there are {} {key} and at most {most} are read; take out those that are over",
                    list.len()
                ),
            );
        }
        let tables = list.iter().take(most).filter_map(|each| {
            let values = each.get_ref().as_table()?.clone();
            Some(Table { values, at: each.span().start })
        });
        tables.collect()
    }

    /// A text without line breaks and control characters, spaces around it taken off.
    fn line(&mut self, key: &str, value: &Spanned<DeValue<'a>>, most: usize) -> Option<String> {
        let Range { start, .. } = value.span();
        let Some(text) = value.get_ref().as_str().map(str::trim) else {
            self.mistake(start, format!("`{key}` must be a text in quotation marks"));
            return None;
        };
        let reason = if text.is_empty() {
            format!("`{key}` is empty; write something or take the key out")
        } else if text.chars().count() > most {
            format!("`{key}` has more than {most} characters; shorten it")
        } else if text.chars().any(char::is_control) {
            format!("`{key}` must be one line without tabs or other control characters")
        } else {
            return Some(text.to_owned());
        };
        self.mistake(start, reason);
        None
    }

    fn mistake(&mut self, at: usize, reason: String) {
        let before = self.text.as_bytes().iter().take(at);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        let (file, position) = (self.shown.to_owned(), format!("line {line}"));
        self.refused.push(Refused { file, position, reason });
    }
}

/// The known word that this one was most likely meant to be.
fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    /// Letters of a word for each slip that is allowed in it.
    const LETTERS_A_SLIP: usize = 3;
    /// A longer word is no slip of anything.
    const MAX_WORD: usize = 60;
    if word.len() > MAX_WORD {
        return None;
    }
    let word = word.to_lowercase().replace(['-', ' '], "_");
    let most = (word.chars().count() / LETTERS_A_SLIP).max(1);
    let distance = |k: &str| strsim::osa_distance(&word, &k.to_lowercase().replace('-', "_"));
    known.map(|k| (distance(k), k)).filter(|(d, _)| *d <= most).min().map(|(_, k)| k)
}

/// The word for public or school holidays in opening hours, outside of their comments.
fn holiday(hours: &str) -> Option<&'static str> {
    let outside = hours.split('"').step_by(2);
    let mut words = outside.flat_map(|part| part.split(|c: char| !c.is_ascii_alphabetic()));
    words.find_map(|word| match word {
        "PH" => Some("PH"),
        "SH" => Some("SH"),
        _ => None,
    })
}

/// What is wrong with opening hours, and where, in one line. The crate draws its message over
/// several, the place first: ` --> 1:8`.
fn hours_mistake(hours: &str, message: &str) -> String {
    const EXAMPLE: &str = "write them like \"Mo-Fr 09:00-18:00; Sa 10:00-16:00\"";
    let place = message.lines().next().and_then(|line| line.trim().strip_prefix("--> 1:"));
    match place.and_then(|column| column.parse::<usize>().ok()) {
        Some(column) => {
            let before: Vec<char> = hours.chars().take(column.saturating_sub(1)).collect();
            let word =
                before.iter().rposition(|c| matches!(c, ' ' | ';' | ',')).map_or(0, |at| at + 1);
            let rest: String = hours.chars().skip(word).collect();
            let rest = if rest.is_empty() {
                "their end".to_owned()
            } else {
                format!("`{}`", shorten(&rest))
            };
            format!("these opening hours cannot be read from {rest} on; {EXAMPLE}")
        }
        None => {
            format!("these opening hours cannot be read: {}; {EXAMPLE}", message.replace('\n', " "))
        }
    }
}

/// At most so much of a file's text as a message can bear.
fn shorten(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut short: String = text.chars().take(SHOWN).filter(|c| !c.is_control()).collect();
    if text.chars().count() > SHOWN {
        short.push('…');
    }
    short
}
