//! Finds what answers a query, and says how sure it is.
//!
//! In reading order: the handle (`knowledge`), a question's words (`asked`) and what it means (`meant`), postings and scores
//! (`segments`), entries and pages (`entries`, `ranked`, `elsewhere`), records (`records`,
//! `shelved`, `scored`, `looked_at`, `series`), how sure a finding is (`confidence`), what a question is about
//! (`topics`).

mod asked;
mod cells;
mod confidence;
mod elsewhere;
mod entries;
mod fitting;
mod knowledge;
mod looked_at;
mod meant;
mod ranked;
mod records;
mod scored;
mod segments;
mod series;
mod shelved;
mod topics;

pub use fitting::Signals;
pub use knowledge::Knowledge;

use crate::text::courtesy::without_courtesies;
use crate::text::greeting::past_greeting;
use crate::text::split::{self, Cut};
use crate::text::wanted::{Request, Sought};
use crate::text::{identifier, lists};
use crate::{Asked as Known, Filter, Findings, Found, Lang, Part, Passage, Query, Words};
use asked::Asked;
use meant::{MEANT_CHARS_MAX, Meaning};
use records::{FoundRecord, FoundRecords, Wanted};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// How much of a text is searched: more is a document, not a question.
pub(crate) const TEXT_CHARS_MAX: usize = 2_000;

/// How many records a patron's words bring beside the entries.
const RECORDS_MAX: usize = 10;

/// With an entry as sure as this a question about books is not looked up in the records.
const SURE: f32 = 0.8;

/// How sure a page is of what an entry with the same words would be sure of.
const OF_PAGE: f32 = 0.9;

/// A text of more words than this, the asking taken off, names no title.
const TITLE_WORDS_MAX: usize = 24;

/// How sure the first record is that has all words of a subject that was asked for, or is the first of
/// a series; and that has some of the words, or one that may be what it is about: worth a list, no answer.
const ABOUT: f32 = 0.6;
const ABOUT_MAYBE: f32 = 0.3;

/// A statement whose words are so sure of an answer may want one.
const TELLING: f32 = 0.6;

/// How much more a sentence that asks counts among those of a story.
const OF_ASKING: f32 = 2.0;

/// How many sentences of a story are looked at.
const SENTENCES_MAX: usize = 10;

/// Below this confidence a question found nothing.
const FOUND: f32 = 0.15;

/// A question of so many words is one though nothing was found for it.
const LONG_ENOUGH: usize = 4;

impl Knowledge {
    /// Looks a query up.
    pub fn find(&self, query: &Query) -> Findings {
        match query {
            Query::Words(words) => self.find_words(words),
            Query::Records { words, skip, limit, filter, lang } => {
                self.find_records(words, *skip, *limit, filter, *lang)
            }
            Query::Known(known) => self.find_known(known),
            Query::Topics(words) => self.find_topics(words),
        }
    }

    fn find_words(&self, words: &Words) -> Findings {
        let whole = bounded(&words.text);
        let shown = Asked::new(whole).shown;
        let lang = shown.or(words.lang);
        let text = past_greeting(whole);
        let tells = |sentence: &str| self.sure_by_words(sentence, lang) >= SURE;
        let text = match words.collections_only {
            true => Cow::Borrowed(text),
            false => without_courtesies(text, tells),
        };
        let text = text.as_ref();
        let (questions, cut) = split::questions(text);
        let asked = Asked::new(text);
        let mut parts: Vec<Looked> = Vec::with_capacity(questions.len());
        if questions.len() > 1 {
            let one = |text: &&str| self.part_in_story(text, &Asked::new(text), lang, words, &[]);
            parts.extend(questions.iter().map(one));
        }
        // Questions mean together what the whole does: encoding that, too, would take as long again.
        let meanings = || parts.iter().filter_map(|(_, meaning)| meaning.as_deref());
        let whole = || match Meaning::together(text, meanings()).map(Rc::new) {
            Some(meaning) => (self.part(text, &asked, Some(&meaning), lang, words), Some(meaning)),
            None => self.part_in_story(text, &asked, lang, words, &[]),
        };
        let found = OnceCell::new();
        let keep = parts.len() > 1
            && stand_alone(&parts)
            && (cut == Cut::Sentences || outdo(&parts, &found.get_or_init(whole).0));
        if !keep && !asked.words.is_empty() {
            parts = vec![found.into_inner().unwrap_or_else(whole)];
        }
        if !words.collections_only
            && let Some(told) = self.with_statements(text, &parts, lang, words)
        {
            parts = told;
        }
        let about = |(part, meaning): Looked| {
            // What is answered outright opens no case.
            match words.collections_only || best(&part) >= SURE {
                true => part,
                false => self.with_topics(part, meaning.as_deref(), lang),
            }
        };
        Findings { lang: shown, parts: parts.into_iter().map(about).collect() }
    }

    /// The questions of a text together with what it states and has an answer of its own: "I want to
    /// renew my card. What does printing cost?" `None` unless each statement is answered outright, and
    /// each question finds as much without it as it did with it.
    fn with_statements(
        &self,
        text: &str,
        found: &[Looked],
        lang: Option<Lang>,
        words: &Words,
    ) -> Option<Vec<Looked>> {
        // A sentence alone is the whole text.
        split::sentences(text).nth(1)?;
        let tells = |sentence: &str| self.sure_by_words(sentence, lang) >= TELLING;
        let pieces = split::with_statements(text, tells);
        if pieces.len() <= found.len() {
            return None;
        }
        let most = found.iter().map(|(part, _)| best(part)).fold(0.0, f32::max).min(SURE);
        let (questions, statements): (Vec<&str>, Vec<&str>) =
            pieces.iter().partition(|piece| split::asks(piece));
        let mut parts: Vec<Looked> = Vec::with_capacity(pieces.len());
        for (all, enough) in [(statements, SURE), (questions, most)] {
            for piece in all {
                let part = self.part_in_story(piece, &Asked::new(piece), lang, words, found);
                let known = parts.iter().any(|(other, _)| first(other) == first(&part.0));
                if best(&part.0) < enough || known {
                    return None;
                }
                parts.push(part);
            }
        }
        parts.sort_by_key(|(part, _)| pieces.iter().position(|piece| *piece == part.question));
        Some(parts)
    }

    /// Looks one question up, and where it stands in a story its sentence alone: what finds more. What
    /// texts mean that were looked up `before` is known.
    fn part_in_story(
        &self,
        text: &str,
        asked: &Asked,
        lang: Option<Lang>,
        words: &Words,
        before: &[Looked],
    ) -> Looked {
        let alone = split::alone(text).map(|sentence| (sentence, Asked::new(sentence)));
        // What a short text means, it means as a whole: "Your machine took my card. How do I get it back?"
        let meant = self.telling_sentence(text, lang);
        let (meant, of) = meant.as_ref().map_or((text, asked), |(text, asked)| (*text, asked));
        let alone = alone.as_ref().map(|(sentence, asked)| (*sentence, asked));
        let alone = alone.or((meant != text).then_some((meant, of)));
        let meaning = match words.collections_only {
            true => None,
            false => {
                let mut known = before.iter().filter_map(|(_, meaning)| meaning.as_ref());
                let known = known.find(|meaning| meaning.text == meant).cloned();
                let encoded =
                    || self.entries.meaning(meant, &of.words, &self.records.words).map(Rc::new);
                known.or_else(encoded)
            }
        };
        let whole = self.part(text, asked, meaning.as_deref(), lang, words);
        let Some((sentence, asked)) = alone else { return (whole, meaning) };
        let alone = self.part(sentence, asked, meaning.as_deref(), lang, words);
        if best(&alone) > best(&whole) {
            return (Part { question: whole.question, ..alone }, meaning);
        }
        (whole, meaning)
    }

    /// Of a text that is too long for what it means to be one thing, the sentence that alone asks, else
    /// the one whose words find most; and with it the one beside it where both find more. What stands
    /// around is a story. `None` for shorter texts.
    fn telling_sentence<'t>(&self, text: &'t str, lang: Option<Lang>) -> Option<(&'t str, Asked)> {
        text.char_indices().nth(MEANT_CHARS_MAX)?;
        let sentences: Vec<(usize, usize)> = split::sentences(text).take(SENTENCES_MAX).collect();
        let sure = |(from, to): (usize, usize)| {
            let sure = self.sure_by_words(&text[from..to], lang);
            let asks = text[from..to].trim_end().ends_with(['?', '؟', '？']);
            if asks { sure * OF_ASKING } else { sure }
        };
        let surest = |spans: &mut dyn Iterator<Item = (usize, usize)>| {
            let judged = spans.map(|span| (sure(span), span)).filter(|(sure, _)| *sure > 0.0);
            // Of those that find as much, the first.
            judged.reduce(|most, next| if next.0 > most.0 { next } else { most })
        };
        let whole = text.trim().len();
        let shorter = |(from, to): &(usize, usize)| text[*from..*to].trim().len() < whole;
        let asking = split::alone(text)
            .and_then(|only| sentences.iter().find(|(from, to)| text[*from..*to].trim() == only));
        let (most, one) = match asking {
            Some(span) => (sure(*span), *span),
            None => surest(&mut sentences.iter().copied().filter(shorter))?,
        };
        let beside = sentences.windows(2).map(|two| (two[0].0, two[1].1)).filter(|(from, to)| {
            let holds = *from == one.0 || *to == one.1;
            holds && text[*from..*to].trim().chars().count() <= MEANT_CHARS_MAX
        });
        let pair = surest(&mut beside.filter(shorter)).filter(|(sure, _)| *sure > most);
        let (from, to) = pair.map_or(one, |(_, pair)| pair);
        let told = text[from..to].trim();
        Some((told, Asked::new(told)))
    }

    /// Looks one question up.
    fn part(
        &self,
        text: &str,
        asked: &Asked,
        meaning: Option<&Meaning>,
        lang: Option<Lang>,
        words: &Words,
    ) -> Part {
        let mut passages = Vec::new();
        let lang = asked.shown.or(lang);
        if !words.collections_only {
            passages.extend(self.answering(asked, meaning, lang));
            passages.extend(self.facts.recognise(text, lang).map(|(fact, confidence)| Passage {
                found: Found::Fact(fact),
                confidence,
                score: confidence,
            }));
        }
        let sure = passages.iter().any(|passage| passage.confidence >= SURE);
        let (mut total, mut relaxed) = (0, false);
        if let Some(search) = self.worth_a_search(text, asked, sure, words) {
            let found = self.search(&search, text, lang, words.unfinished);
            (total, relaxed) = (found.total, found.relaxed);
            passages.extend(found.records.into_iter().map(as_passage));
        }
        passages.sort_by(|a, b| {
            b.confidence
                .total_cmp(&a.confidence)
                .then_with(|| order(&a.found).cmp(&order(&b.found)))
        });
        Part { question: text.to_owned(), passages, total, relaxed, ..Part::default() }
    }

    /// How sure the words of a sentence alone are of what answers it best.
    fn sure_by_words(&self, sentence: &str, lang: Option<Lang>) -> f32 {
        let found = self.answering(&Asked::new(sentence), None, lang);
        found.iter().map(|passage| passage.confidence).fold(0.0, f32::max)
    }

    /// The entries and the sections of pages that fit. An entry was written for the question, a
    /// page was not: it is a little less sure, and never surer than an entry that is sure.
    fn answering(
        &self,
        asked: &Asked,
        meaning: Option<&Meaning>,
        lang: Option<Lang>,
    ) -> Vec<Passage> {
        let (own, other) = (&self.entries.words, &self.records.words);
        let entries = self.entries.entries.find(&asked.words, meaning, lang, own, other);
        let most = entries.first().map(|best| best.confidence).filter(|best| *best >= SURE);
        let mut passages: Vec<Passage> = Vec::with_capacity(entries.len());
        passages.extend(entries.into_iter().map(|found| Passage {
            confidence: found.confidence,
            score: found.score,
            found: Found::Entry(found.answer),
        }));
        let sections = self.entries.sections.find(&asked.words, meaning, lang, own, other);
        // Words such as "do" and "you" stand in any long text.
        let sections = sections.into_iter().filter(|found| found.telling);
        passages.extend(sections.map(|found| Passage {
            confidence: (found.confidence * OF_PAGE).min(most.unwrap_or(1.0)),
            score: found.score,
            found: Found::Page(found.answer),
        }));
        passages
    }

    /// What to search the records for, if anything: what is quoted, or what is left of the text
    /// once the asking around it is taken off.
    fn worth_a_search<'a>(
        &self,
        text: &str,
        asked: &'a Asked,
        sure: bool,
        &Words { collections_only: only, .. }: &Words,
    ) -> Option<Search<'a>> {
        if self.records.is_empty() || asked.words.is_empty() {
            return None;
        }
        let quoted = quoted(text, asked);
        let request = asked.request();
        let wants = request.range.len() < asked.words.len() || quoted.is_some() || only;
        let filter = Filter { language: request.language, years: None };
        let (range, sought) = match quoted {
            Some(quoted) => (quoted, Sought::Work),
            None => (request.range, request.sought),
        };
        let words = &asked.words[range.clone()];
        let starts = lists::listed(&words[0].folded).starts != 0;
        let asks = !wants && (starts || text.trim_end().ends_with('?'));
        let may_help = || {
            let about_things =
                asked.words.iter().any(|word| lists::listed(&word.folded).things != 0);
            count_apart(words) <= TITLE_WORDS_MAX && (wants || !asks || (!sure && about_things))
        };
        if !only && !may_help() && identifier::candidates(text).is_empty() {
            return None;
        }
        Some(Search { asked, range, asks, sought, filter })
    }

    /// Searches the records. What is there about a subject is found as a whole, with how much it is.
    fn search(
        &self,
        search: &Search<'_>,
        text: &str,
        lang: Option<Lang>,
        unfinished: bool,
    ) -> FoundRecords {
        let (words, asks) = (&search.asked.words[search.range.clone()], search.asks);
        let find = |filter: &Filter, all_words: bool| {
            let (skip, limit) = (0, RECORDS_MAX);
            let wanted =
                Wanted { text, asks, unfinished, words, lang, filter, skip, limit, all_words };
            self.records.find(&wanted, &self.entries.words)
        };
        if let Sought::Series(series) = &search.sought
            && let Some(found) = self.series(search.asked, series, lang, &search.filter)
        {
            return found.stretch(0, RECORDS_MAX);
        }
        if search.sought == Sought::Subject {
            let found = find(&search.filter, true);
            if found.total > 0 {
                let sure = if found.relaxed { ABOUT_MAYBE } else { ABOUT };
                return found.listed_as(sure);
            }
        }
        let mut found = find(&search.filter, false);
        if search.filter != NO_FILTER && found.records.is_empty() {
            found = find(&NO_FILTER, false);
        }
        let range = search.range.clone();
        let named = || self.series_by_name(search.asked, range, &found, lang, &search.filter);
        if let Some(found) = (!asks).then(named).flatten() {
            return found.stretch(0, RECORDS_MAX);
        }
        FoundRecords { total: 0, ..found }
    }

    fn find_records(
        &self,
        words: &str,
        skip: usize,
        limit: usize,
        filter: &Filter,
        lang: Option<Lang>,
    ) -> Findings {
        let text = bounded(words);
        let asked = Asked::new(text);
        let find = |words: &[asked::Word], filter: &Filter, all_words: bool, skip, limit| {
            let (asks, unfinished, lang) = (false, false, lang.or(asked.shown));
            let wanted =
                Wanted { text, words, lang, filter, skip, limit, all_words, asks, unfinished };
            self.records.find(&wanted, &self.entries.words)
        };
        let Request { range, sought, language } = asked.request();
        let as_asked = Filter { language: filter.language.or(language), ..filter.clone() };
        let series = match &sought {
            Sought::Series(series) => self.series(&asked, series, lang, &as_asked),
            Sought::Work => {
                // As when it was asked first: the list goes on in its order.
                let best = find(&asked.words[range.clone()], &as_asked, false, 0, RECORDS_MAX);
                self.series_by_name(&asked, range.clone(), &best, lang, &as_asked)
            }
            Sought::Subject => None,
        };
        let found = series.map(|found| found.stretch(skip, limit)).unwrap_or_else(|| {
            let found = find(&asked.words, filter, true, skip, limit);
            if range.len() < asked.words.len() && (found.relaxed || found.total == 0) {
                // "books about bees in French", as it would be asked.
                let narrowed = find(&asked.words[range], &as_asked, true, skip, limit);
                if narrowed.total > 0 && (sought == Sought::Subject || !narrowed.relaxed) {
                    return narrowed;
                }
            }
            found
        });
        let passages = found.records.into_iter().map(as_passage);
        let (question, total) = (text.to_owned(), found.total);
        let relaxed = found.relaxed;
        let passages = passages.collect();
        let part = Part { question, passages, total, relaxed, ..Part::default() };
        let parts = if asked.words.is_empty() { Vec::new() } else { vec![part] };
        Findings { lang: asked.shown, parts }
    }

    fn find_known(&self, known: &[Known]) -> Findings {
        let found = known.iter().filter_map(|asked| match asked {
            Known::Entry(id) => self.entry(id).map(Found::Entry),
            Known::Page(id) => self.section(id).map(Found::Page),
            Known::Record(id) => self.record(id).map(Found::Record),
        });
        let passages: Vec<Passage> =
            found.map(|found| Passage { found, confidence: 1.0, score: 1.0 }).collect();
        let parts = vec![Part { passages, ..Part::default() }];
        Findings { lang: None, parts }
    }
}

/// What was found for a question, with what was taken for its meaning.
type Looked = (Part, Option<Rc<Meaning>>);

/// What to search the records for.
struct Search<'a> {
    asked: &'a Asked,
    /// Those of its words that name what is wanted.
    range: Range<usize>,
    /// Whether the text asks a question rather than names something.
    asks: bool,
    /// What they name.
    sought: Sought,
    filter: Filter,
}

fn as_passage(found: FoundRecord) -> Passage {
    let FoundRecord { record, score, confidence } = found;
    Passage { found: Found::Record(record), confidence, score }
}

/// How many words there are, each sign of a script without spaces counted once.
fn count_apart(words: &[asked::Word]) -> usize {
    let pairs = words.windows(2).filter(|two| two[0].at.0 == two[1].at.0).count();
    words.len() - pairs
}

static NO_FILTER: Filter = Filter { language: None, years: None };

/// The start of a text that is searched.
fn bounded(text: &str) -> &str {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

/// Whether each question of a text stands on its own: something was found for it, or it is long
/// enough to be a question nobody has an answer to; and they do not all have the same answer.
fn stand_alone(parts: &[Looked]) -> bool {
    let each = parts.iter().all(|(part, _)| {
        best(part) >= FOUND || part.question.split_whitespace().count() >= LONG_ENOUGH
    });
    each && parts.iter().any(|(part, _)| first(part).is_none() || first(part) != first(&parts[0].0))
}

/// What was found first.
fn first(part: &Part) -> Option<(u8, Arc<str>)> {
    part.passages.first().map(|passage| order(&passage.found))
}

/// Whether the questions of a text, each for itself, find more than the whole text.
fn outdo(parts: &[Looked], whole: &Part) -> bool {
    parts.iter().all(|(part, _)| best(part) >= best(whole))
}

fn best(part: &Part) -> f32 {
    part.passages.first().map_or(0.0, |passage| passage.confidence)
}

/// The order of findings that are equally sure: facts, entries, pages, records, each by id.
fn order(found: &Found) -> (u8, Arc<str>) {
    match found {
        Found::Fact(_) => (0, "".into()),
        Found::Entry(entry) => (1, entry.id.as_str().into()),
        Found::Page(section) => (2, section.id.as_str().into()),
        Found::Record(record) => (3, record.id.as_str().into()),
    }
}

/// The range of the words that stand in quotation marks.
fn quoted(text: &str, asked: &Asked) -> Option<Range<usize>> {
    const MARKS: [(char, char); 4] = [('"', '"'), ('“', '”'), ('«', '»'), ('„', '“')];
    for (open, close) in MARKS {
        let Some((before, rest)) = text.split_once(open) else { continue };
        let Some((inner, _)) = rest.split_once(close) else { continue };
        let from = before.len() + open.len_utf8();
        let to = from + inner.len();
        let inside = |word: &asked::Word| word.at.0 >= from && word.at.1 <= to;
        let first = asked.words.iter().position(inside)?;
        let count = asked.words[first..].iter().take_while(|word| inside(word)).count();
        return Some(first..first + count);
    }
    None
}
