//! The sentences, from the Fluent files in `texts/`, and dates and times as each language has them.

use crate::sentences::{Args, Sentences};
use jiff::civil::{Date, Time};
use knowledge::Lang;
use std::collections::BTreeMap;

/// The languages that there are sentences in, with their Fluent files.
const TEXTS: [(Lang, &str); 2] =
    [(Lang::EN, include_str!("../texts/en.ftl")), (Lang::FR, include_str!("../texts/fr.ftl"))];

/// Speaks: every sentence of the bot's comes out of here.
pub(crate) struct Voice {
    files: BTreeMap<Lang, Sentences>,
    /// The library's languages that there are sentences in, the first its own.
    langs: Vec<Lang>,
}

impl Voice {
    /// A voice for the library's languages; those without sentences are left out, and English
    /// stands in if none is left.
    pub(crate) fn new(wanted: &[Lang]) -> Voice {
        let files: BTreeMap<_, _> =
            TEXTS.into_iter().map(|(l, text)| (l, Sentences::new(l, text))).collect();
        let mut langs: Vec<Lang> =
            wanted.iter().copied().filter(|lang| files.contains_key(lang)).collect();
        if langs.is_empty() {
            langs.push(Lang::EN);
        }
        Voice { files, langs }
    }

    /// The library's own language.
    pub(crate) fn own(&self) -> Lang {
        self.langs[0]
    }

    /// The library's languages that there are sentences in, its own first.
    pub(crate) fn langs(&self) -> &[Lang] {
        &self.langs
    }

    /// The first of the languages wished for that the library speaks, else its own.
    pub(crate) fn pick(&self, wished: impl IntoIterator<Item = Option<Lang>>) -> Lang {
        let known = wished.into_iter().flatten().find(|lang| self.langs.contains(lang));
        known.unwrap_or(self.own())
    }

    /// A sentence. A sentence that is missing in a language is said in English; that all files
    /// hold all sentences is a test.
    pub(crate) fn say(&self, lang: Lang, name: &str, args: &Args<'_>) -> String {
        let file = self.files.get(&lang).filter(|file| file.has(name));
        match file.or_else(|| self.files.get(&Lang::EN)) {
            Some(file) => file.say(name, args),
            None => name.to_owned(),
        }
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

    /// "less than 100 m", "300 m", "1.2 km", "14 km": as exact as somebody on foot needs it.
    pub(crate) fn distance(&self, lang: Lang, metres: f64) -> String {
        /// Farther away, nobody wonders how far.
        const FAR_KM: u32 = 1_000;
        let hundreds = (metres / 100.0).round() as u32;
        let whole = if hundreds < 100 { hundreds / 10 } else { (metres / 1000.0).round() as u32 };
        let (metres, tenths) = ((hundreds * 100).to_string(), (hundreds % 10).to_string());
        let km = whole.to_string();
        let km = ("km", km.as_str().into());
        match (hundreds, whole) {
            (0, _) => self.say(lang, "distance-near", &[]),
            (1..10, _) => self.say(lang, "distance-metres", &[("metres", (&metres).into())]),
            (10..100, _) if !hundreds.is_multiple_of(10) => {
                self.say(lang, "distance-km-tenths", &[km, ("tenths", (&tenths).into())])
            }
            (_, ..FAR_KM) => self.say(lang, "distance-km", &[km]),
            (_, _) => self.say(lang, "distance-far", &[]),
        }
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
        let known = self.files.get(&lang).is_some_and(|file| file.has(&name));
        self.say(lang, if known { &name } else { "language-other" }, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_whole() {
        for (lang, text) in TEXTS {
            assert_eq!(Sentences::mistakes(text), Vec::<String>::new(), "{lang}");
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

    #[test]
    fn distances_are_rounded_to_what_helps() {
        let voice = Voice::new(&[Lang::EN, Lang::FR]);
        for (metres, english, french) in [
            (0.0, "less than 100 m", "moins de 100\u{202f}m"),
            (49.9, "less than 100 m", "moins de 100\u{202f}m"),
            (50.0, "100 m", "100\u{202f}m"),
            (349.0, "300 m", "300\u{202f}m"),
            (949.0, "900 m", "900\u{202f}m"),
            (951.0, "1 km", "1\u{202f}km"),
            (1_234.0, "1.2 km", "1,2\u{202f}km"),
            (9_949.0, "9.9 km", "9,9\u{202f}km"),
            (9_951.0, "10 km", "10\u{202f}km"),
            (14_600.0, "15 km", "15\u{202f}km"),
            (999_400.0, "999 km", "999\u{202f}km"),
            (20_015_000.0, "more than 1,000 km", "plus de 1\u{202f}000\u{202f}km"),
        ] {
            assert_eq!(voice.distance(Lang::EN, metres), english, "{metres}");
            assert_eq!(voice.distance(Lang::FR, metres), french, "{metres}");
        }
    }
}
