//! What the findings come to: an answer, records, choices, or nothing.

use crate::compose::Composer;
use crate::conversation::{Offer, Search};
use crate::look::LookedOutcome;
use crate::reply::{AnswerPart, Body};
use knowledge::{Findings, Found, Lang, Part, Passage, Record, Topic};
use std::sync::Arc;

/// How many choices are offered: more is a list to search through, not a question.
pub(crate) const CHOICES_MAX: usize = 3;
/// How much less sure than the least sure first choice the others beside it may be: that the first is
/// not sure means that one of them may be right.
const OF_NEARLY: f32 = 0.25;
/// How many records a list shows at once: they fit a phone without scrolling.
pub(crate) const LIST_SHOWN: usize = 5;

/// What one question comes to.
pub(crate) enum Verdict<'f> {
    /// An entry, a fact or a page answers it.
    Answer(&'f Passage),
    /// This record is meant.
    Record(&'f Arc<Record>),
    /// These records may be meant, best first.
    Records(Vec<&'f Arc<Record>>),
    /// Up to three things may be meant.
    Choices(Vec<&'f Passage>),
    /// Nothing is known of it.
    Nothing,
}

impl Verdict<'_> {
    pub(crate) fn outcome(&self) -> LookedOutcome {
        match self {
            Verdict::Answer(_) | Verdict::Record(_) => LookedOutcome::Answer,
            Verdict::Records(_) | Verdict::Choices(_) => LookedOutcome::Choices,
            Verdict::Nothing => LookedOutcome::Escalate,
        }
    }
}

/// What a whole text comes to, in words.
pub(crate) struct Decided {
    /// What is said; `None`: nothing is known, a person must be asked.
    pub(crate) body: Option<Body>,
    /// What its numbers stand for.
    pub(crate) offers: Vec<Offer>,
    /// The search that "More" goes on with.
    pub(crate) search: Option<Search>,
    /// A question of the text that nothing answers, for a case of its own.
    pub(crate) rest: Option<String>,
    /// One a question.
    pub(crate) parts: Vec<(String, LookedOutcome)>,
    /// The least sure of them.
    pub(crate) outcome: LookedOutcome,
    /// Whether what is offered is what was asked for: a list of what there is about something.
    pub(crate) is_list: bool,
}

impl Composer<'_> {
    /// Decides what a text comes to. `text` is the whole of it.
    pub(crate) fn decide(&self, lang: Lang, text: &str, findings: &Findings) -> Decided {
        let verdicts: Vec<(&str, Verdict<'_>)> = findings
            .parts
            .iter()
            .map(|part| (part.question.as_str(), self.verdict(part)))
            .collect();
        let mut decided = match verdicts.as_slice() {
            [] => self.nothing(),
            [(_, verdict)] => self.single(lang, text, verdict, findings),
            several => self.several(lang, several),
        };
        decided.parts =
            verdicts.iter().map(|(question, v)| ((*question).to_owned(), v.outcome())).collect();
        decided
    }

    /// What one question comes to.
    fn verdict<'f>(&self, part: &'f Part) -> Verdict<'f> {
        let possible: Vec<&Passage> = part
            .passages
            .iter()
            .filter(|passage| passage.confidence >= self.settings.nearly * OF_NEARLY)
            .filter(|passage| self.says(passage))
            .collect();
        let likely = possible.iter().filter(|passage| passage.confidence >= self.settings.nearly);
        let likely: Vec<&Passage> = likely.copied().collect();
        let Some(best) = likely.first() else {
            return Verdict::Nothing;
        };
        let records = || -> Vec<&'f Arc<Record>> {
            likely.iter().filter_map(|passage| record_of(passage)).take(LIST_SHOWN).collect()
        };
        if best.confidence >= self.settings.sure {
            let sure = likely.iter().filter(|p| p.confidence >= self.settings.sure);
            return match &best.found {
                Found::Entry(_) | Found::Fact(_) | Found::Page(_) => Verdict::Answer(best),
                Found::Record(record) => {
                    if sure.filter(|p| record_of(p).is_some()).count() == 1 {
                        Verdict::Record(record)
                    } else {
                        Verdict::Records(records())
                    }
                }
            };
        }
        // What there is was asked for: a list of it is no doubt about what was meant.
        let listed = part.total > 0 && !part.relaxed && record_of(best).is_some();
        if listed || likely.iter().take(CHOICES_MAX).all(|passage| record_of(passage).is_some()) {
            return Verdict::Records(records());
        }
        Verdict::Choices(possible.into_iter().take(CHOICES_MAX).collect())
    }

    /// Whether a passage has something to say: an entry without answer and address has not, and
    /// of the facts only the hours can be offered as a choice.
    pub(crate) fn says(&self, passage: &Passage) -> bool {
        match &passage.found {
            Found::Entry(entry) => self.entry(self.voice.own(), entry).is_some(),
            // A library that names no branch has no facts: its FAQ may know.
            Found::Fact(_) if self.branches.is_empty() => false,
            Found::Fact(fact) => {
                fact.topic == Topic::Hours || passage.confidence >= self.settings.sure
            }
            Found::Record(_) | Found::Page(_) => true,
        }
    }

    fn nothing(&self) -> Decided {
        Decided {
            body: None,
            offers: Vec::new(),
            search: None,
            rest: None,
            parts: Vec::new(),
            outcome: LookedOutcome::Escalate,
            is_list: false,
        }
    }

    fn single(
        &self,
        lang: Lang,
        text: &str,
        verdict: &Verdict<'_>,
        findings: &Findings,
    ) -> Decided {
        let mut decided = Decided { outcome: verdict.outcome(), ..self.nothing() };
        match verdict {
            Verdict::Answer(passage) => {
                decided.body = self
                    .part(lang, passage)
                    .map(|part| Body::Answer { parts: vec![part], left: None });
            }
            Verdict::Record(record) => decided.body = Some(Body::Card(self.card(lang, record))),
            Verdict::Records(records) => {
                let (body, offers, search) =
                    self.records(lang, text, records, 0, findings.total(), findings.relaxed());
                decided.body = Some(body);
                decided.offers = offers;
                decided.search = Some(search);
                decided.is_list = findings.total() > 0 && !findings.relaxed();
            }
            Verdict::Choices(passages) => {
                let (body, offers) = self.choices(lang, passages);
                decided.body = Some(body);
                decided.offers = offers;
            }
            Verdict::Nothing => {}
        }
        decided
    }

    /// Several questions: those with an answer are answered, the others are named. If none has an
    /// answer, all go to a person together.
    fn several(&self, lang: Lang, verdicts: &[(&str, Verdict<'_>)]) -> Decided {
        let mut parts = Vec::new();
        let mut others = Vec::new();
        for (question, verdict) in verdicts {
            let part = match verdict {
                Verdict::Answer(passage) => self.part(lang, passage),
                Verdict::Record(record) => Some(self.record_part(lang, record)),
                Verdict::Records(_) | Verdict::Choices(_) | Verdict::Nothing => None,
            };
            match part {
                Some(part) => {
                    let question =
                        Some(crate::compose::shortened(question, crate::compose::ECHO_SHOWN));
                    parts.push(AnswerPart { question, ..part });
                }
                None => others.push((*question, verdict)),
            }
        }
        let mut decided = self.nothing();
        if parts.is_empty() {
            // Choices for one of them would drop the others; a person can take them all.
            return decided;
        }
        let unknown: Vec<&str> = others
            .iter()
            .filter(|(_, verdict)| matches!(verdict, Verdict::Nothing))
            .map(|(question, _)| *question)
            .collect();
        decided.outcome =
            if unknown.is_empty() { LookedOutcome::Answer } else { LookedOutcome::Escalate };
        let mut left = None;
        if !unknown.is_empty() {
            // The sentence about the case is added by whoever opens it.
            decided.rest = Some(unknown.join(" "));
        } else if let Some((question, _)) = others.first() {
            let question = crate::compose::shortened(question, crate::compose::ECHO_SHOWN);
            left = Some(self.say(lang, "left-unsure", &[("question", (&question).into())]));
            decided.outcome = LookedOutcome::Choices;
        }
        decided.body = Some(Body::Answer { parts, left });
        decided
    }

    /// What was found as part of an answer.
    pub(crate) fn part(&self, lang: Lang, passage: &Passage) -> Option<AnswerPart> {
        match &passage.found {
            Found::Entry(entry) => self.entry(lang, entry),
            Found::Fact(fact) => Some(self.fact(lang, fact)),
            Found::Page(section) => Some(self.page(lang, section)),
            Found::Record(record) => Some(self.record_part(lang, record)),
        }
    }

    fn record_part(&self, lang: Lang, record: &Record) -> AnswerPart {
        AnswerPart {
            question: None,
            text: self.line(lang, record).text,
            source: self.say(lang, "source-record", &[]),
            url: record.url.clone(),
        }
    }

    /// A list of records, what its numbers stand for, and the search to go on with.
    pub(crate) fn records(
        &self,
        lang: Lang,
        words: &str,
        records: &[&Arc<Record>],
        skipped: usize,
        total: usize,
        relaxed: bool,
    ) -> (Body, Vec<Offer>, Search) {
        let lead = self.say(lang, if relaxed { "records-maybe" } else { "records-found" }, &[]);
        let items = records.iter().map(|record| self.line(lang, record)).collect();
        let offers = records.iter().map(|record| Offer::Record(record.id.clone())).collect();
        let shown = skipped + records.len();
        let more = total.saturating_sub(shown);
        let more = (more > 0).then(|| self.say(lang, "records-more", &[("count", more.into())]));
        let search = Search { words: words.to_owned(), shown };
        (Body::List { lead, first: skipped + 1, items, more }, offers, search)
    }

    fn choices(&self, lang: Lang, passages: &[&Passage]) -> (Body, Vec<Offer>) {
        let mut choices = Vec::new();
        let mut offers = Vec::new();
        for passage in passages {
            let (words, offer) = match &passage.found {
                Found::Entry(entry) => {
                    let words = entry.questions.first().map_or(entry.id.as_str(), String::as_str);
                    (words.to_owned(), Offer::Entry(entry.id.clone()))
                }
                Found::Page(section) => {
                    (self.page_choice(lang, section), Offer::Page(section.id.clone()))
                }
                Found::Record(record) => {
                    (self.record_choice(lang, record), Offer::Record(record.id.clone()))
                }
                Found::Fact(fact) if fact.topic == Topic::Hours => {
                    let words = self.say(lang, "choice-hours", &[]);
                    (words, Offer::Hours(fact.branches.clone()))
                }
                Found::Fact(_) => continue,
            };
            choices.push(words);
            offers.push(offer);
        }
        let lead = if choices.len() == 1 { "choices-one" } else { "choices" };
        (Body::Choices { lead: self.say(lang, lead, &[]), choices }, offers)
    }
}

fn record_of(passage: &Passage) -> Option<&Arc<Record>> {
    match &passage.found {
        Found::Record(record) => Some(record),
        Found::Entry(_) | Found::Fact(_) | Found::Page(_) => None,
    }
}
