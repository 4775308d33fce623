//! The sentences, from the Fluent files in `texts/`, and dates and times as each language has them.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::civil::{Date, Time};
use knowledge::Lang;
use std::collections::BTreeMap;

/// The languages that there are sentences in, with their Fluent files.
const TEXTS: [(Lang, &str); 2] =
    [(Lang::EN, include_str!("../texts/en.ftl")), (Lang::FR, include_str!("../texts/fr.ftl"))];

/// Speaks: every sentence of the bot's comes out of here.
pub(crate) struct Voice {
    bundles: BTreeMap<Lang, FluentBundle<FluentResource>>,
    /// The library's languages that there are sentences in, the first its own.
    langs: Vec<Lang>,
}

/// A value in a sentence.
pub(crate) type Args<'a> = [(&'static str, Arg<'a>)];

/// A text or a number in a sentence; numbers choose between singular and plural.
#[derive(Clone, Copy)]
pub(crate) enum Arg<'a> {
    Text(&'a str),
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Arg<'a> {
        Arg::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Arg<'a> {
        Arg::Text(text)
    }
}

impl From<usize> for Arg<'_> {
    fn from(number: usize) -> Self {
        Arg::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Arg::Number(number)
    }
}

impl Voice {
    /// A voice for the library's languages; those without sentences are left out, and English
    /// stands in if none is left.
    pub(crate) fn new(wanted: &[Lang]) -> Voice {
        let bundles: BTreeMap<_, _> =
            TEXTS.into_iter().map(|(l, text)| (l, bundle(l, text))).collect();
        let mut langs: Vec<Lang> =
            wanted.iter().copied().filter(|lang| bundles.contains_key(lang)).collect();
        if langs.is_empty() {
            langs.push(Lang::EN);
        }
        Voice { bundles, langs }
    }

    /// The library's own language.
    pub(crate) fn own(&self) -> Lang {
        self.langs[0]
    }

    /// The first of the languages wished for that the library speaks, else its own.
    pub(crate) fn pick(&self, wished: impl IntoIterator<Item = Option<Lang>>) -> Lang {
        let known = wished.into_iter().flatten().find(|lang| self.langs.contains(lang));
        known.unwrap_or(self.own())
    }

    /// A sentence. A sentence that is missing in a language is said in English; that all files
    /// hold all sentences is a test.
    pub(crate) fn say(&self, lang: Lang, name: &str, args: &Args<'_>) -> String {
        let bundle = self.bundles.get(&lang).filter(|bundle| bundle.has_message(name));
        let Some(bundle) = bundle.or_else(|| self.bundles.get(&Lang::EN)) else {
            return name.to_owned();
        };
        let Some(pattern) = bundle.get_message(name).and_then(|message| message.value()) else {
            return name.to_owned();
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (key, value) in args {
            values.set(
                *key,
                match value {
                    Arg::Text(text) => FluentValue::from(*text),
                    Arg::Number(number) => FluentValue::from(*number),
                },
            );
        }
        // A value that is missing shows as its name: visible, and no reason to say nothing.
        bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }

    /// "3 May 2026".
    pub(crate) fn date(&self, lang: Lang, date: Date) -> String {
        let month = self.say(lang, "month", &[("month", i64::from(date.month()).into())]);
        self.say(
            lang,
            "date",
            &[
                ("day", i64::from(date.day()).into()),
                ("month", (&month).into()),
                ("year", date.year().to_string().as_str().into()),
            ],
        )
    }

    /// "3 May".
    pub(crate) fn date_short(&self, lang: Lang, date: Date) -> String {
        let month = self.say(lang, "month", &[("month", i64::from(date.month()).into())]);
        self.say(
            lang,
            "date-short",
            &[("day", i64::from(date.day()).into()), ("month", (&month).into())],
        )
    }

    /// "Monday"; 1 is Monday.
    pub(crate) fn weekday(&self, lang: Lang, day: jiff::civil::Weekday) -> String {
        self.say(lang, "weekday", &[("day", i64::from(day.to_monday_one_offset()).into())])
    }

    /// "9:00", "9 h 30".
    pub(crate) fn time(&self, lang: Lang, time: Time) -> String {
        self.say(
            lang,
            if time.minute() == 0 { "time-whole" } else { "time" },
            &[
                ("hour", time.hour().to_string().as_str().into()),
                ("minute", format!("{:02}", time.minute()).as_str().into()),
            ],
        )
    }

    /// "a, b and c"; empty for nothing.
    pub(crate) fn list(&self, lang: Lang, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => {
                let first = first.join(", ");
                self.say(lang, "and", &[("first", (&first).into()), ("last", last.into())])
            }
        }
    }

    /// The name of a language, in another.
    pub(crate) fn language(&self, lang: Lang, named: Lang) -> String {
        let name = format!("language-{named}");
        let known = self.bundles.get(&lang).is_some_and(|bundle| bundle.has_message(&name));
        self.say(lang, if known { &name } else { "language-other" }, &[])
    }
}

fn bundle(lang: Lang, text: &str) -> FluentBundle<FluentResource> {
    let id = lang.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Marks around inserted values would stand as odd characters in plain text.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(parsed, _)| parsed);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_whole() {
        for (lang, text) in TEXTS {
            if let Err((_, errors)) = FluentResource::try_new(text.to_owned()) {
                panic!("{lang}: {errors:?}");
            }
        }
    }

    #[test]
    fn dates_times_and_lists_are_written_as_each_language_has_them() {
        let voice = Voice::new(&[Lang::FR, Lang::EN]);
        let day = jiff::civil::date(2026, 8, 1);
        assert_eq!(voice.date(Lang::EN, day), "1 August 2026");
        assert_eq!(voice.date(Lang::FR, day), "1er août 2026");
        assert_eq!(voice.time(Lang::EN, jiff::civil::time(9, 5, 0, 0)), "9:05");
        assert_eq!(voice.time(Lang::FR, jiff::civil::time(9, 0, 0, 0)), "9\u{202f}h");
        assert_eq!(voice.time(Lang::FR, jiff::civil::time(18, 30, 0, 0)), "18\u{202f}h\u{202f}30");
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(voice.list(Lang::FR, &names), "a, b et c");
        assert_eq!(voice.own(), Lang::FR);
    }
}
