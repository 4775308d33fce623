//! Values of a settings file, each mistake with its line and its mend.

use super::Mistake;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use knowledge::Lang;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Characters of a name, an address: a line, not a page.
const TEXT_MAX: usize = 500;

/// A file that is being read, and the mistakes found in it so far.
pub(super) struct Reader<'a> {
    shown: &'a str,
    text: &'a str,
    mistakes: Vec<Mistake>,
}

/// A table; empty where the file has none.
pub(super) struct Table<'a>(DeTable<'a>);

impl Table<'_> {
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some()
    }

    /// What it holds, by name.
    pub(super) fn keys(&self) -> Vec<String> {
        self.0.keys().map(|key| key.get_ref().to_string()).collect()
    }
}

/// What a value may be.
pub(super) struct Range<T> {
    pub(super) least: T,
    pub(super) most: T,
    /// "from … to …"
    pub(super) say: &'static str,
}

/// Names by language.
#[derive(Default)]
pub(super) struct Names {
    pub(super) by_language: BTreeMap<Lang, String>,
    /// The one written first.
    pub(super) first: Option<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(shown: &'a str, text: &'a str) -> Reader<'a> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Reader { shown, text, mistakes: Vec::new() }
    }

    pub(super) fn mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// The file's own table; `None` if the file is not TOML.
    pub(super) fn root(&mut self) -> Option<Table<'a>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(Table(table.into_inner())),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let what = error.message().replace('\n', ", ");
                self.mistake(at, format!("{what}; settings are written key = \"value\", see the comments that `pollen init` writes"));
                None
            }
        }
    }

    /// Names the keys that mean nothing here, with the nearest that does.
    pub(super) fn only(&mut self, table: &Table<'a>, known: &[&str]) {
        for (key, value) in table.0.iter() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let what = match value.get_ref().is_table() {
                true => format!("table `[{}]`", shorten(name)),
                false => format!("key `{}`", shorten(name)),
            };
            let mend = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here are {}", known.join(", ")),
            };
            self.mistake(key.span().start, format!("unknown {what}; {mend}"));
        }
    }

    /// Says that something must be added.
    pub(super) fn missing(&mut self, what: &str) {
        let reason = format!("something is missing, {what}");
        self.mistakes.push(Mistake { file: self.shown.to_owned(), line: None, reason });
    }

    /// Says what is wrong with the value of a key.
    pub(super) fn wrong(&mut self, table: &Table<'a>, key: &str, reason: String) {
        let at = table.0.get(key).map_or(0, |value| value.span().start);
        self.mistake(at, reason);
    }

    /// The table under a key; an empty one where there is none.
    pub(super) fn table(&mut self, table: &Table<'a>, key: &str) -> Table<'a> {
        let Some(value) = table.0.get(key) else { return Table(DeTable::default()) };
        if let Some(values) = value.get_ref().as_table() {
            return Table(values.clone());
        }
        self.mistake(
            value.span().start,
            format!(
                "`{key}` must be a table: write [{key}] on a line of its own, its settings below it"
            ),
        );
        Table(DeTable::default())
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, table: &Table<'a>, key: &str) -> Option<bool> {
        let value = table.0.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            let reason = format!("`{key}` must be true or false, without quotation marks");
            self.mistake(value.span().start, reason);
        }
        flag
    }

    /// A number from 0 to 1.
    pub(super) fn share(&mut self, table: &Table<'a>, key: &str) -> Option<f32> {
        let value = table.0.get(key)?;
        let number = written_number(value).and_then(|text| text.parse::<f32>().ok());
        let number = number.filter(|number| (0.0..=1.0).contains(number));
        if number.is_none() {
            let reason =
                format!("`{key}` must be a number from 0 to 1, like 0.75, without quotation marks");
            self.mistake(value.span().start, reason);
        }
        number
    }

    /// A number in a range.
    pub(super) fn number(
        &mut self,
        table: &Table<'a>,
        key: &str,
        range: &RangeInclusive<f64>,
    ) -> Option<f64> {
        let value = table.0.get(key)?;
        let number = written_number(value).and_then(|text| text.parse::<f64>().ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            let reason = format!("`{key}` must be a number from {least} to {most}, like 0.2");
            self.mistake(value.span().start, reason);
        }
        number
    }

    /// A time, "30m" or "3 days".
    pub(super) fn duration(
        &mut self,
        table: &Table<'a>,
        key: &str,
        range: &Range<SignedDuration>,
    ) -> Option<SignedDuration> {
        let value = table.0.get(key)?;
        let at = value.span().start;
        let span = value.get_ref().as_str().and_then(|text| text.trim().parse::<Span>().ok());
        let Some(span) = span else {
            let reason = format!(
                "`{key}` cannot be read as a time; write it like \"30m\", \"12 hours\" or \"14 days\""
            );
            self.mistake(at, reason);
            return None;
        };
        let Ok(duration) = span.to_duration(SpanRelativeTo::days_are_24_hours()) else {
            let reason = format!(
                "`{key}` is written in months or years, which are not all as long; write it in days"
            );
            self.mistake(at, reason);
            return None;
        };
        if duration < range.least || duration > range.most {
            self.mistake(at, format!("`{key}` must be {}", range.say));
            return None;
        }
        Some(duration)
    }

    /// A language that is spoken.
    pub(super) fn language(
        &mut self,
        table: &Table<'a>,
        key: &str,
        spoken: &[Lang],
    ) -> Option<Lang> {
        let value = table.0.get(key)?;
        self.spoken(key, value, spoken)
    }

    /// Languages that are spoken, each once.
    pub(super) fn languages(
        &mut self,
        table: &Table<'a>,
        key: &str,
        spoken: &[Lang],
    ) -> Option<Vec<Lang>> {
        let value = table.0.get(key)?;
        let Some(list) = value.get_ref().as_array().filter(|list| !list.is_empty()) else {
            let reason =
                format!("`{key}` must be a list of one language at least: {key} = [\"en\"]");
            self.mistake(value.span().start, reason);
            return None;
        };
        let mut languages = Vec::new();
        for each in list.iter() {
            if let Some(lang) = self.spoken(key, each, spoken)
                && !languages.contains(&lang)
            {
                languages.push(lang);
            }
        }
        (!languages.is_empty()).then_some(languages)
    }

    fn spoken(&mut self, key: &str, value: &Spanned<DeValue<'a>>, spoken: &[Lang]) -> Option<Lang> {
        let tag = value.get_ref().as_str().unwrap_or_default();
        let lang = Lang::parse(tag);
        let list = spoken.iter().map(|lang| lang.as_str()).collect::<Vec<_>>().join(", ");
        let reason = match lang {
            Some(lang) if spoken.contains(&lang) => return Some(lang),
            Some(lang) => format!("the program does not speak `{lang}` yet; it speaks {list}"),
            None => format!("`{key}` must be written as a code in quotation marks: {list}"),
        };
        self.mistake(value.span().start, reason);
        None
    }

    /// A text, or texts by language.
    pub(super) fn by_language(&mut self, table: &Table<'a>, key: &str) -> Names {
        let Some(value) = table.0.get(key) else { return Names::default() };
        let Some(texts) = value.get_ref().as_table() else {
            let first = self.line(&format!("`{key}`"), value);
            return Names { by_language: BTreeMap::new(), first };
        };
        let mut names = Names::default();
        let mut first_at = usize::MAX;
        for (tag, text) in texts.iter() {
            let Some(lang) = Lang::parse(tag.get_ref()) else {
                let tag_shown = shorten(tag.get_ref());
                let reason = format!("`{tag_shown}` is no language; write a code like en or fr");
                self.mistake(tag.span().start, reason);
                continue;
            };
            if let Some(text) = self.line(&format!("`{key}`"), text) {
                if tag.span().start < first_at {
                    first_at = tag.span().start;
                    names.first = Some(text.clone());
                }
                names.by_language.insert(lang, text);
            }
        }
        names
    }

    /// An address on the web.
    pub(super) fn url(&mut self, table: &Table<'a>, key: &str) -> Option<String> {
        let value = table.0.get(key)?;
        let text = self.line(&format!("`{key}`"), value)?;
        if !(text.starts_with("https://") || text.starts_with("http://")) || text.contains(' ') {
            let reason = format!("`{key}` must be a whole web address, from https:// on");
            self.mistake(value.span().start, reason);
            return None;
        }
        Some(text)
    }

    /// A text that `read` makes something of; `say` is what it should be.
    pub(super) fn parsed<T>(
        &mut self,
        table: &Table<'a>,
        key: &str,
        read: impl Fn(&str) -> Option<T>,
        say: &str,
    ) -> Option<T> {
        let value = table.0.get(key)?;
        let text = self.line(&format!("`{key}`"), value)?;
        let parsed = read(&text);
        if parsed.is_none() {
            self.mistake(value.span().start, format!("`{key}` must be {say}"));
        }
        parsed
    }

    /// A list of texts that `read` makes something of; `say` is what they should be.
    pub(super) fn parsed_list<T>(
        &mut self,
        table: &Table<'a>,
        key: &str,
        most: usize,
        read: impl Fn(&str) -> Option<T>,
        say: &str,
    ) -> Vec<T> {
        let texts = self.texts(table, key, most);
        let (mut all, mut wrong) = (Vec::new(), false);
        for text in texts {
            match read(&text) {
                Some(one) => all.push(one),
                None => wrong = true,
            }
        }
        if wrong {
            self.wrong(table, key, format!("`{key}` must hold {say}"));
        }
        all
    }

    /// A whole number from 1 to `most`.
    pub(super) fn count(&mut self, table: &Table<'a>, key: &str, most: u32) -> Option<u32> {
        let value = table.0.get(key)?;
        let text = value.get_ref().as_integer().map(|integer| integer.as_str().replace('_', ""));
        let number = text.and_then(|text| text.parse::<u32>().ok());
        let number = number.filter(|number| (1..=most).contains(number));
        if number.is_none() {
            let reason = format!("`{key}` must be a whole number from 1 to {most}");
            self.mistake(value.span().start, reason);
        }
        number
    }

    /// A whole number, of either sign.
    pub(super) fn integer(&mut self, table: &Table<'a>, key: &str) -> Option<i64> {
        let value = table.0.get(key)?;
        let number = integer(value);
        if number.is_none() {
            let reason = format!("`{key}` must be a whole number, without quotation marks");
            self.mistake(value.span().start, reason);
        }
        number
    }

    /// Texts or whole numbers by name, at most `most`.
    pub(super) fn named(
        &mut self,
        table: &Table<'a>,
        key: &str,
        most: usize,
    ) -> BTreeMap<String, String> {
        let Some(value) = table.0.get(key) else { return BTreeMap::new() };
        let Some(named) = value.get_ref().as_table() else {
            let reason = format!("`{key}` must name each: {key} = {{ mira = \"…\", tom = \"…\" }}");
            self.mistake(value.span().start, reason);
            return BTreeMap::new();
        };
        if named.len() > most {
            let reason = format!("`{key}` has {} entries and at most {most} are read", named.len());
            self.mistake(value.span().start, reason);
        }
        let mut all = BTreeMap::new();
        for (name, value) in named.iter().take(most) {
            let text = match integer(value) {
                Some(number) => Some(number.to_string()),
                None => self.line(&format!("each of `{key}`"), value),
            };
            all.extend(text.map(|text| (name.get_ref().to_string(), text)));
        }
        all
    }

    /// A list of texts, at most `most`.
    pub(super) fn texts(&mut self, table: &Table<'a>, key: &str, most: usize) -> Vec<String> {
        let Some(value) = table.0.get(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            let reason = format!("`{key}` must be a list: {key} = [\"…\", \"…\"]");
            self.mistake(value.span().start, reason);
            return Vec::new();
        };
        if list.len() > most {
            let reason = format!("`{key}` has {} entries and at most {most} are read", list.len());
            self.mistake(value.span().start, reason);
        }
        let of = format!("each of `{key}`");
        list.iter().take(most).filter_map(|each| self.line(&of, each)).collect()
    }

    /// A text without line breaks and control characters, spaces around it taken off.
    fn line(&mut self, what: &str, value: &Spanned<DeValue<'a>>) -> Option<String> {
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str().map(str::trim) else {
            self.mistake(at, format!("{what} must be a text in quotation marks"));
            return None;
        };
        let reason = if text.is_empty() {
            format!("{what} is empty; write something or take it out")
        } else if text.chars().count() > TEXT_MAX {
            format!("{what} has more than {TEXT_MAX} characters; shorten it")
        } else if text.chars().any(char::is_control) {
            format!("{what} must be one line without tabs or other control characters")
        } else {
            return Some(text.to_owned());
        };
        self.mistake(at, reason);
        None
    }

    fn mistake(&mut self, at: usize, reason: String) {
        let before = self.text.as_bytes().iter().take(at);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        self.mistakes.push(Mistake { file: self.shown.to_owned(), line: Some(line), reason });
    }
}

/// A number as it is written.
fn written_number<'a>(value: &'a Spanned<DeValue<'_>>) -> Option<&'a str> {
    let written = value.get_ref();
    written.as_float().map(|f| f.as_str()).or(written.as_integer().map(|i| i.as_str()))
}

fn integer(value: &Spanned<DeValue<'_>>) -> Option<i64> {
    value.get_ref().as_integer()?.as_str().replace('_', "").parse().ok()
}

/// The known key that this one was most likely meant to be.
fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    /// Letters of a key for each slip that is allowed in it.
    const LETTERS_A_SLIP: usize = 3;
    /// A longer word is no slip of anything.
    const WORD_MAX: usize = 60;
    if word.len() > WORD_MAX {
        return None;
    }
    let word = word.to_lowercase().replace(['-', ' '], "_");
    let most = (word.chars().count() / LETTERS_A_SLIP).max(1);
    let near = known.iter().map(|known| (strsim::osa_distance(&word, known), *known));
    near.filter(|(distance, _)| *distance <= most).min().map(|(_, known)| known)
}

/// As much of a file's text as a message can bear.
fn shorten(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut short: String = text.chars().take(SHOWN).filter(|c| !c.is_control()).collect();
    if text.chars().count() > SHOWN {
        short.push('…');
    }
    short
}
