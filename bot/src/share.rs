//! Passages one by one, for whoever wants to show one to others: a list to pick from while typing.

use crate::compose::{Composer, ECHO_SHOWN, shortened};
use crate::reply::{Body, Reply};
use knowledge::{Entry, FactAsked, Found, Lang, Passage, Record, Topic};

/// How many passages are offered: what a thumb scrolls through.
const SHOWN_MAX: usize = 20;

/// How many characters of a passage describe it: two lines on a phone.
const DESCRIPTION_SHOWN: usize = 120;

/// A record that is found right behind one that is good enough is worth showing with so much of its
/// score: the volumes of a work, the other works of a title's words. How sure a record is says how
/// much better it is than the next one, which is no matter where a person picks.
const BEHIND: f32 = 0.5;

/// What can be shown to others, by which it can be found again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shareable {
    /// An entry, by its id.
    Entry(String),
    /// A section of a page, by its id.
    Page(String),
    /// A record, by its id.
    Record(String),
    /// Facts of the branches.
    Fact,
}

/// A passage that can be shown to others.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What it is.
    pub what: Shareable,
    /// What it is called.
    pub title: String,
    /// What it says, in one line.
    pub text: String,
    /// The passage alone as a patron is shown it, without buttons.
    pub reply: Reply,
}

impl Composer<'_> {
    /// The passages worth showing, in the order in which they come, each once: those that would be
    /// offered as a choice. What is less sure than that is no answer for others either.
    pub(crate) fn shareable(&self, lang: Lang, passages: &[Passage]) -> Vec<Shown> {
        let nearly = self.settings.nearly;
        let best = passages
            .iter()
            .filter(|p| p.confidence >= nearly && matches!(p.found, Found::Record(_)))
            .map(|p| p.score)
            .reduce(f32::max);
        let behind = |passage: &Passage| {
            matches!(passage.found, Found::Record(_))
                && best.is_some_and(|best| passage.score >= best * BEHIND)
        };
        let likely =
            passages.iter().filter(|p| (p.confidence >= nearly || behind(p)) && self.says(p));
        let mut all: Vec<Shown> = Vec::new();
        for shown in likely.filter_map(|passage| self.shown(lang, &passage.found)) {
            if all.len() == SHOWN_MAX {
                break;
            }
            if all.iter().all(|known| known.what != shown.what || known.reply != shown.reply) {
                all.push(shown);
            }
        }
        all
    }

    fn shown(&self, lang: Lang, found: &Found) -> Option<Shown> {
        let (what, title, part) = match found {
            Found::Record(record) => return Some(self.shown_record(lang, record)),
            Found::Entry(entry) => {
                let what = Shareable::Entry(entry.id.clone());
                (what, question(entry), self.entry(lang, entry)?)
            }
            Found::Page(section) => {
                let what = Shareable::Page(section.id.clone());
                (what, self.page_choice(lang, section), self.page(lang, section))
            }
            Found::Fact(fact) => (Shareable::Fact, self.topic(lang, fact), self.fact(lang, fact)),
        };
        let text = one_line(&part.text);
        let body = Body::Answer { parts: vec![part], left: None };
        Some(Shown { what, title: one_line(&title), text, reply: self.reply(lang, body, &[]) })
    }

    fn shown_record(&self, lang: Lang, record: &Record) -> Shown {
        let card = self.card(lang, record);
        let text = [&card.about, &card.subjects, &card.source]
            .into_iter()
            .find(|text| !text.is_empty())
            .map_or_else(String::new, |text| one_line(text));
        Shown {
            what: Shareable::Record(record.id.clone()),
            title: one_line(&card.title),
            text,
            reply: self.reply(lang, Body::Card(card), &[]),
        }
    }

    fn topic(&self, lang: Lang, fact: &FactAsked) -> String {
        let topic = match fact.topic {
            Topic::Hours => return self.say(lang, "choice-hours", &[]),
            Topic::Closures => "closures",
            Topic::Address => "address",
            Topic::Phone => "phone",
            Topic::Email => "email",
            Topic::Branches => "branches",
        };
        self.say(lang, "choice-fact", &[("topic", topic.into())])
    }
}

fn question(entry: &Entry) -> String {
    shortened(entry.questions.first().map_or(entry.id.as_str(), String::as_str), ECHO_SHOWN)
}

/// A text without its line breaks, cut to what describes it.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    shortened(&words.join(" "), DESCRIPTION_SHOWN)
}
