//! Puts what was found into words: answers with their sources, records, lists, expectations.

use crate::act::Act;
use crate::place::{Network, Place, PlaceKind};
use crate::reply::{AnswerPart, Body, Button, Card, Item, Reply};
use crate::sentences::Args;
use crate::settings::Settings;
use crate::voice::Voice;
use jiff::Timestamp;
use knowledge::{Branches, Entry, Lang, Record, Section, State};

/// How many subjects of a record are shown: more than a phone's two lines help nobody.
const SUBJECTS_SHOWN: usize = 4;
/// How many creators of a record are shown.
const CREATORS_SHOWN: usize = 3;
/// How many characters of an abstract are shown.
const SUMMARY_SHOWN: usize = 400;
/// How many characters of a page's section are told: with its source it fits a phone, and the
/// address leads on.
const PAGE_SHOWN: usize = 500;
/// How many characters of a question are said back.
pub(crate) const ECHO_SHOWN: usize = 160;

/// Puts things into words, at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Composer<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) voice: &'a Voice,
    pub(crate) branches: &'a Branches,
    pub(crate) now: Timestamp,
}

impl Composer<'_> {
    /// A sentence.
    pub(crate) fn say(&self, lang: Lang, name: &str, args: &Args<'_>) -> String {
        self.voice.say(lang, name, args)
    }

    /// A reply with these buttons.
    pub(crate) fn reply(&self, lang: Lang, body: Body, acts: &[Act]) -> Reply {
        let buttons = acts.iter().map(|act| self.button(lang, *act)).collect();
        Reply { lang, preface: None, banner: None, body, buttons }
    }

    /// A sentence as a reply.
    pub(crate) fn notice(&self, lang: Lang, name: &str, args: &Args<'_>, acts: &[Act]) -> Reply {
        self.reply(lang, Body::Notice { text: self.say(lang, name, args) }, acts)
    }

    /// The library's name.
    pub(crate) fn library(&self, lang: Lang) -> &str {
        let names = &self.settings.name;
        let name = names.get(&lang).or_else(|| names.get(&self.voice.own()));
        name.or_else(|| names.values().next()).map_or("", String::as_str)
    }

    /// The button of an act. Choices carry their own words, so they are made elsewhere.
    pub(crate) fn button(&self, lang: Lang, act: Act) -> Button {
        let name = match act {
            Act::Helpful(_) => "button-helpful",
            Act::NotHelpful(_) => "button-not-helpful",
            Act::AskPerson(_) => "button-person",
            Act::Choose { .. } | Act::More(_) => "button-more",
            Act::Back(_) => "button-back",
            Act::Withdraw(_) => "button-withdraw",
            Act::Forget => "button-forget",
            Act::Keep => "button-keep",
            // By its own name: who needs it may not read the language around it.
            Act::Speak(Some(own)) => {
                return Button { act, label: self.say(own, "language-own", &[]) };
            }
            Act::Speak(None) => "button-speak-any",
            Act::Link => "button-link",
            Act::Unlink => "button-unlink",
            Act::OpenDirect(_) => "button-open-direct",
            Act::Claim(_) => "button-claim",
            Act::Release(_) => "button-release",
            Act::Show(_) => "button-show",
            Act::Close(_) => "button-close",
        };
        Button { act, label: self.say(lang, name, &[]) }
    }

    /// An entry as an answer; `None` if it has neither answer nor address: it is handed on.
    pub(crate) fn entry(&self, lang: Lang, entry: &Entry) -> Option<AnswerPart> {
        let text = match (&entry.answer, &entry.url) {
            (Some(answer), _) if !answer.trim().is_empty() => answer.trim().to_owned(),
            (_, Some(url)) if is_whole(url) => self.say(lang, "answer-by-link", &[]),
            (_, Some(_) | None) => return None,
        };
        Some(AnswerPart {
            question: None,
            text,
            source: self.entry_source(lang, entry),
            url: entry.url.clone().filter(|url| is_whole(url)),
        })
    }

    fn entry_source(&self, lang: Lang, entry: &Entry) -> String {
        let date = entry.verified.map(|date| self.voice.date(lang, date));
        let source = match (&entry.source, &date) {
            (Some(source), Some(date)) => self.say(
                lang,
                "source-named-dated",
                &[("source", source.into()), ("date", date.into())],
            ),
            (Some(source), None) => self.say(lang, "source-named", &[("source", source.into())]),
            (None, Some(date)) => self.say(lang, "source-entry-dated", &[("date", date.into())]),
            (None, None) => self.say(lang, "source-entry", &[]),
        };
        self.in_language(lang, source, entry.lang.filter(|_| entry.answer.is_some()))
    }

    /// A source, and the language of its words where that is another one.
    fn in_language(&self, lang: Lang, source: String, words: Option<Lang>) -> String {
        match words.filter(|words| *words != lang) {
            Some(other) => {
                let language = self.voice.language(lang, other);
                let args = [("source", (&source).into()), ("language", (&language).into())];
                self.say(lang, "source-foreign", &args)
            }
            None => source,
        }
    }

    /// A section of a page as an answer: its own words as far as they fit.
    pub(crate) fn page(&self, lang: Lang, section: &Section) -> AnswerPart {
        let page = shortened(&section.page, ECHO_SHOWN);
        let source = match section.verified.map(|date| self.voice.date(lang, date)) {
            Some(date) => {
                let args = [("page", (&page).into()), ("date", (&date).into())];
                self.say(lang, "source-page-dated", &args)
            }
            None => self.say(lang, "source-page", &[("page", (&page).into())]),
        };
        AnswerPart {
            question: None,
            text: begun(&section.text, PAGE_SHOWN),
            source: self.in_language(lang, source, section.lang),
            url: section.url.clone().filter(|url| is_whole(url)),
        }
    }

    /// A section of a page, in the words of a choice.
    pub(crate) fn page_choice(&self, lang: Lang, section: &Section) -> String {
        let heading = shortened(&section.heading, ECHO_SHOWN);
        if section.heading == section.page {
            return heading;
        }
        let page = shortened(&section.page, ECHO_SHOWN);
        let args = [("page", (&page).into()), ("heading", (&heading).into())];
        self.say(lang, "choice-page", &args)
    }

    /// A record as a card.
    pub(crate) fn card(&self, lang: Lang, record: &Record) -> Card {
        // Catalogues part a heading's subdivisions by two hyphens; readers are shown a dash.
        let shown = record.subjects.iter().take(SUBJECTS_SHOWN);
        let subjects: Vec<String> = shown.map(|one| one.replace("--", "–")).collect();
        let summary = record.summary.as_deref().unwrap_or_default();
        Card {
            lead: None,
            title: record.title.clone(),
            about: self.about(lang, record),
            subjects: subjects.join(" · "),
            summary: shortened(summary, SUMMARY_SHOWN),
            source: self.say(lang, "source-record", &[]),
            url: record.url.clone(),
        }
    }

    /// A record as a line of a list.
    pub(crate) fn line(&self, lang: Lang, record: &Record) -> Item {
        let about = self.about(lang, record);
        let text = if about.is_empty() {
            record.title.clone()
        } else {
            format!("{} – {about}", record.title)
        };
        Item { text, url: record.url.clone(), case: None }
    }

    /// Creators, date and, where it is another one, the language.
    fn about(&self, lang: Lang, record: &Record) -> String {
        let creators: Vec<&str> =
            record.creator.iter().take(CREATORS_SHOWN).map(String::as_str).collect();
        let mut about = Vec::new();
        if !creators.is_empty() {
            about.push(creators.join("; "));
        }
        about.extend(record.date.clone());
        let other = record.language.as_deref().and_then(Lang::parse).filter(|l| *l != lang);
        about.extend(other.map(|other| match self.voice.language(lang, other) {
            // A language without a name of ours is shown by its code, as catalogues do.
            name if name == self.say(lang, "language-other", &[]) => other.to_string(),
            name => name,
        }));
        about.join(", ")
    }

    /// What is found under a title, in the words of a choice.
    pub(crate) fn record_choice(&self, lang: Lang, record: &Record) -> String {
        match record.creator.first() {
            Some(creator) => {
                let by = self.say(lang, "record-by", &[("creator", creator.into())]);
                format!("{}, {by}", shortened(&record.title, ECHO_SHOWN))
            }
            None => shortened(&record.title, ECHO_SHOWN),
        }
    }

    /// That a part of what was asked went to a librarian.
    pub(crate) fn left_to_a_person(&self, lang: Lang, rest: &str) -> String {
        let (question, expectation) = (shortened(rest, ECHO_SHOWN), self.expectation(lang));
        let args = [("question", (&question).into()), ("expectation", (&expectation).into())];
        self.say(lang, "left-asked", &args)
    }

    /// When a librarian will read a question, from the main branch's hours.
    pub(crate) fn expectation(&self, lang: Lang) -> String {
        let Some(branch) = self.branches.main() else {
            return self.say(lang, "expect-unknown", &[]);
        };
        match branch.state(self.now) {
            State::Open { until: Some(until) } => {
                let time = self.voice.time(lang, until.time());
                self.say(lang, "expect-open", &[("time", (&time).into())])
            }
            State::Open { until: None } => self.say(lang, "expect-open-always", &[]),
            State::Closed { opens: Some(opens), .. } => {
                let today = self.now.to_zoned_datetime(branch.zone.clone()).date();
                let names =
                    ["expect-later-today", "expect-tomorrow", "expect-weekday", "expect-date"];
                self.opens(lang, today, opens.datetime(), names, &[])
            }
            State::Closed { opens: None, .. } | State::Unknown => {
                self.say(lang, "expect-unknown", &[])
            }
        }
    }

    /// Says a time to come in one of four sentences: for today, tomorrow, within six days, later.
    pub(crate) fn opens(
        &self,
        lang: Lang,
        today: jiff::civil::Date,
        opens: jiff::civil::DateTime,
        [on_today, on_tomorrow, on_weekday, on_date]: [&str; 4],
        more: &Args<'_>,
    ) -> String {
        let days = (opens.date().since(today)).map_or(i32::MAX, |span| span.get_days());
        let name = match days {
            ..=0 => on_today,
            1 => on_tomorrow,
            2..=6 => on_weekday,
            _ => on_date,
        };
        let time = self.voice.time(lang, opens.time());
        let weekday = self.voice.weekday(lang, opens.date().weekday());
        let date = self.voice.date(lang, opens.date());
        let mut args = more.to_vec();
        args.extend([
            ("time", (&time).into()),
            ("weekday", (&weekday).into()),
            ("date", (&date).into()),
        ]);
        self.say(lang, name, &args)
    }

    /// The branches that are closed today for a reason worth telling.
    pub(crate) fn banner(&self, lang: Lang) -> Option<String> {
        let closed = self.branches.iter().filter_map(|branch| {
            let today = self.now.to_zoned_datetime(branch.zone.clone()).date();
            let closure = branch.closures.iter().find(|c| c.from <= today && today <= c.to)?;
            let name = branch.name.get(lang).unwrap_or(&branch.id);
            Some(match closure.reason.get(lang) {
                Some(reason) => {
                    let args = [("branch", name.into()), ("reason", reason.into())];
                    self.say(lang, "banner-closed", &args)
                }
                None => self.say(lang, "banner-closed-bare", &[("branch", name.into())]),
            })
        });
        let closed: Vec<String> = closed.collect();
        (!closed.is_empty()).then(|| closed.join(" "))
    }

    /// The sentence of first contact.
    pub(crate) fn first_contact(&self, lang: Lang) -> String {
        let args = [("library", self.library(lang).into()), ("days", self.days_kept().into())];
        self.say(lang, "first-contact", &args)
    }

    /// How many days words are kept.
    pub(crate) fn days_kept(&self) -> i64 {
        self.settings.keep.as_hours() / 24
    }

    /// Whether one person can be told something in a place that nobody else there reads.
    pub(crate) fn tells_alone(&self, place: &Place) -> bool {
        place.kind == PlaceKind::Shared
            && self.settings.networks.get(&place.network).is_some_and(|can| can.ephemeral)
    }

    /// Whether the bot can open a direct chat on this network, or there is one already.
    pub(crate) fn opens_direct(&self, network: &Network, asked_in: PlaceKind) -> bool {
        asked_in != PlaceKind::Direct
            && self.settings.networks.get(network).is_none_or(|can| can.opens_direct)
    }
}

/// Whether an address leads somewhere by itself: one that is relative to a page nobody sees does
/// not.
fn is_whole(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    })
}

/// The text, cut at a word's end if it is longer, with an ellipsis.
pub(crate) fn shortened(text: &str, chars: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(chars) else {
        return text.to_owned();
    };
    let cut = &text[..end];
    let at_word = cut.rfind(char::is_whitespace).filter(|at| *at > end / 2).unwrap_or(end);
    format!("{}…", cut[..at_word].trim_end())
}

/// The beginning of a text: cut at a sentence's or a line's end if it is longer, with an ellipsis
/// behind it; at a word's end where the text has no such place.
fn begun(text: &str, chars: usize) -> String {
    let text = text.trim();
    let Some((end, next)) = text.char_indices().nth(chars) else {
        return text.to_owned();
    };
    let cut = &text[..end];
    let ends = |(at, mark): (usize, char)| {
        let after = at + mark.len_utf8();
        let follows = cut[after..].chars().next().unwrap_or(next);
        let is_end = match mark {
            '.' | '?' | '!' | '…' => follows.is_whitespace(),
            mark => mark == '。',
        };
        match mark {
            '\n' => Some(at),
            _ => is_end.then_some(after),
        }
    };
    // A first word such as "Yes." alone would tell too little.
    match cut.char_indices().rev().find_map(ends).filter(|at| *at > end / 4) {
        Some(at) => format!("{} …", cut[..at].trim_end()),
        None => shortened(text, chars),
    }
}

#[cfg(test)]
mod tests {
    use super::begun;

    #[test]
    fn a_long_text_is_cut_where_a_sentence_or_a_line_ends() {
        for (text, expected) in [
            ("Short enough.", "Short enough."),
            ("One is here. Two is longer than that.", "One is here. …"),
            ("One is 1.5 long and goes on and on.", "One is 1.5 long and…"),
            ("- point one\n- point two is longer", "- point one …"),
            ("Yes. And a sentence that does not end", "Yes. And a sentence…"),
            ("Exactly at the bound. Then more text", "Exactly at the bound. …"),
            ("図書館は九時に開きます。そして十八時に閉まります。", "図書館は九時に開きます。 …"),
            ("Wholeunbrokenwordthatgoesonandon", "Wholeunbrokenwordthat…"),
        ] {
            assert_eq!(begun(text, 21), expected, "{text}");
        }
    }
}
