//! Finds entries, and sections of pages in the same way.

use super::asked::{self, Speaks, WORDS_MAX, Word};
use super::cells::{Document, EntryCell, SCORED, Scored};
use super::confidence::EntrySignals;
use super::meant::Meaning;
use super::ranked::{self, Question, Ranked, Seen};
use super::segments::{self, FieldOver, Segment, WORD_SCORE_MAX};
use super::topics::Tags;
use crate::index::current::Meant;
use crate::index::entries::{self as stored, Answering};
use crate::index::schema::{self, TextFields};
use crate::index::words;
use crate::meaning::GENERIC;
use crate::meaning::kept::{self, Meanings};
use crate::meaning::near::{Near, Nearness, Owned};
use crate::meaning::passages::passages;
use crate::text::vocabulary::Vocabulary;
use crate::{Entry, Error, Lang, Section};
use encoder::Encoder;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use tantivy::TantivyError;

/// How many entries, and how many sections, a look-up returns at most.
pub(super) const PASSAGES_MAX: usize = 10;

/// What a word that any sentence may have counts of its weight.
const COMMON_WEIGHT: f32 = 0.45;

/// What a corrected word counts of its weight: it may have been another.
const CORRECTED_WEIGHT: f32 = 0.8;

/// An entry's score: so much of its best phrasing, of the mean of its best few, of its answer.
/// An entry that several phrasings fit is right more often than one that a single one fits.
pub(super) const OF_BEST: f32 = 0.5;
pub(super) const OF_SEVERAL: f32 = 0.5;
pub(super) const OF_ANSWER: f32 = 0.5;

/// What another section of the same page counts as a rival: they share the page's title and what
/// it is about, and whoever is shown the one can read on to the other.
const OF_SIBLING: f32 = 0.7;

/// How sure the same answer in another language is beside the one in the question's.
const OF_TWIN: f32 = 0.2;

/// Fewer answers than this count as so many: the fewer a library has, the more is beyond them.
const FEW: f32 = 40.0;

/// An answer as near as this is about the question, though they may share no word.
const NEAR: f32 = 0.5;

/// What an entry in another language than the question's counts: the words that they share are
/// names and loans.
const OTHER_LANGUAGE: f32 = 0.9;

/// The entries and the pages of a generation.
pub(super) struct Entries {
    pub(super) entries: Answers<Entry>,
    pub(super) sections: Answers<Section>,
    pub(super) words: Vocabulary,
    pub(super) tags: Tags,
    /// What encodes questions as these were; `None` where words alone find them.
    pub(super) encoder: Option<Encoder>,
    _segments: Vec<Segment>,
}

impl Entries {
    /// Opens the entries' part of a generation, whose texts `meant` has encoded.
    pub(super) fn open(folder: &Path, meant: Option<&Meant>) -> Result<Entries, Error> {
        let stored::Loaded { entries, sections } = stored::load(folder)?;
        let (schema, fields) = schema::entries();
        let segments = segments::open(folder, &schema)?;
        let mut counts = Vec::new();
        words::read(folder, &mut counts)?;
        let failed = |error: TantivyError| segments::damaged(folder, &error);
        let mut all = Entries {
            entries: Answers::open(entries, &segments, fields.entries).map_err(failed)?,
            sections: Answers::open(sections, &segments, fields.sections).map_err(failed)?,
            words: Vocabulary::new(counts),
            tags: Tags::default(),
            encoder: None,
            _segments: segments,
        };
        all.tags = Tags::of(&all.entries.all);
        if let Some((encoder, meanings)) = meanings(folder, meant)? {
            let (entries, sections) = (all.entries.owned(), all.sections.owned());
            let (first, second) = (entries.len(), entries.len() + sections.len());
            if meanings.len() != second + GENERIC.len() {
                let reason = "its meanings are those of other texts".to_owned();
                return Err(Error::Damaged { folder: folder.to_path_buf(), reason });
            }
            let near = |range, owned| Near::new(&meanings, range, owned, second..meanings.len());
            all.entries.near = Some(near(0..first, entries));
            all.sections.near = Some(near(first..second, sections));
            all.encoder = Some(encoder);
        }
        Ok(all)
    }
}

/// The meanings of a folder, and what they were encoded by. An encoder of the library's own that
/// cannot be opened any more costs the meanings, not the answers.
fn meanings(folder: &Path, meant: Option<&Meant>) -> Result<Option<(Encoder, Meanings)>, Error> {
    let Some(meant) = meant else { return Ok(None) };
    match meant.encoding.open() {
        Ok(Some(encoder)) => {
            let meanings = kept::read(folder, encoder.identity())?;
            Ok(Some((encoder, meanings)))
        }
        Ok(None) => Ok(None),
        Err(error) => {
            tracing::warn!("questions are answered by their words alone: {error}");
            Ok(None)
        }
    }
}

/// What answers, of one kind: an entry with its questions and its answer, a section with its
/// headings and its text.
pub(super) struct Answers<T> {
    /// By id.
    pub(super) all: Vec<Arc<T>>,
    langs: Vec<Option<Lang>>,
    question: FieldOver,
    answer: FieldOver,
    /// By segment, by document: the entry that it belongs to and the weight of its words.
    documents: Vec<Vec<Document>>,
    /// By answer: how many headings it has.
    phrasings: Vec<usize>,
    pub(super) speaks: Speaks,
    near: Option<Near>,
    /// By answer: the number of the first of those that are no strangers to each other.
    groups: Vec<u32>,
}

/// An entry or a section that was found.
pub(super) struct FoundAnswer<T> {
    pub(super) answer: Arc<T>,
    /// Whether it has a word of the question that not any text may have.
    pub(super) telling: bool,
    pub(super) score: f32,
    pub(super) confidence: f32,
}

impl<T: Answering> Answers<T> {
    /// Opens the fields of one kind.
    fn open(
        all: Vec<T>,
        segments: &[Segment],
        fields: TextFields,
    ) -> Result<Answers<T>, TantivyError> {
        let langs: Vec<Option<Lang>> = all.iter().map(Answering::lang).collect();
        let phrasings: Vec<usize> = all.iter().map(|of| of.headings().len()).collect();
        let texts = all.iter().filter(|of| of.text().is_some()).count();
        let parts: Vec<&Segment> = segments.iter().collect();
        let headings = phrasings.iter().sum::<usize>() as u64;
        let question = FieldOver::open(&parts, fields.heading, headings)?;
        let answer = FieldOver::open(&parts, fields.text, texts as u64)?;
        let speaks = speaks(&langs);
        let documents = documents(segments, &question, &speaks.common_forms())?;
        let mut first: FxHashMap<&str, u32> = FxHashMap::default();
        let number = (0..).zip(&all).map(|(at, of)| *first.entry(of.group()).or_insert(at));
        let groups: Vec<u32> = number.collect();
        Ok(Answers {
            groups,
            speaks,
            phrasings,
            all: all.into_iter().map(Arc::new).collect(),
            langs,
            question,
            answer,
            documents,
            near: None,
        })
    }

    /// Whose the texts are that have a meaning, in their order.
    fn owned(&self) -> Vec<Owned> {
        let owned = |(by, of): (u32, &Arc<T>)| {
            let headings = std::iter::repeat_n(Owned { by, is_heading: true }, of.headings().len());
            let text = of.text().unwrap_or_default();
            let passages = passages(&text).map(|_| Owned { by, is_heading: false });
            headings.chain(passages).collect::<Vec<_>>()
        };
        (0..).zip(&self.all).flat_map(owned).collect()
    }

    /// The one of this id.
    pub(super) fn get(&self, id: &str) -> Option<Arc<T>> {
        Some(self.all[self.place(id)?].clone())
    }

    /// Finds those that fit, best first; equal ones by id. `known` are the words of entries and
    /// pages, `other` those of the records.
    pub(super) fn find(
        &self,
        words: &[Word],
        meaning: Option<&Meaning>,
        lang: Option<Lang>,
        known: &Vocabulary,
        other: &Vocabulary,
    ) -> Vec<FoundAnswer<T>> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let terms = self.terms(words, lang, known, other);
        let mut found =
            self.scored(&terms, |asked, scored| match self.near.as_ref().zip(meaning) {
                Some((near, meaning)) => {
                    let seen = self.seen(asked, lang, meaning.near::<T>(near), scored);
                    self.rank_by_both(asked, lang, &seen, scored)
                }
                None => self.rank(asked, lang, scored),
            });
        self.doubt_what_is_elsewhere(words, &mut found);
        found
    }

    /// Scores all by their words, and hands the scores on.
    fn scored<R>(&self, terms: &[Term], then: impl FnOnce(&Weights, &mut Scored) -> R) -> R {
        SCORED.with_borrow_mut(|scored| {
            scored.fit(&self.documents, self.all.len());
            for (at, term) in (1..).zip(terms) {
                self.score(at, term, scored);
            }
            self.gather(scored);
            let done = then(&Weights::of(terms), scored);
            scored.clear();
            done
        })
    }

    /// The question's words as terms, each once.
    fn terms(
        &self,
        words: &[Word],
        lang: Option<Lang>,
        known: &Vocabulary,
        other: &Vocabulary,
    ) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::with_capacity(words.len().min(WORDS_MAX));
        for word in words {
            if terms.len() == WORDS_MAX {
                break;
            }
            let mut term = self.term(word, &word.folded, lang);
            if terms.iter().any(|known| known.forms == term.forms) {
                continue;
            }
            if !term.known
                && let Some(meant) = asked::corrected(word, known, other)
            {
                term = self.term(word, meant, lang);
                term.weight *= CORRECTED_WEIGHT;
                term.corrected = true;
            }
            terms.push(term);
        }
        terms
    }

    fn term(&self, word: &Word, folded: &str, lang: Option<Lang>) -> Term {
        let forms = self.speaks.forms(folded);
        let in_questions: Vec<_> = forms.iter().map(|form| self.question.find(form)).collect();
        let in_answers: Vec<_> = forms.iter().map(|form| self.answer.find(form)).collect();
        let count = |found: &[segments::Found]| found.iter().map(|f| f.documents).sum::<u64>();
        let common = self.speaks.is_common(word, lang);
        let by = if common { COMMON_WEIGHT } else { 1.0 };
        Term {
            known: count(&in_questions) + count(&in_answers) > 0,
            weight: by * self.question.weight(count(&in_questions)),
            answer_weight: by * self.answer.weight(count(&in_answers)),
            in_questions,
            in_answers,
            forms,
            common,
            corrected: false,
        }
    }

    /// Adds what one term says.
    fn score(&self, number: u8, term: &Term, scored: &mut Scored) {
        for found in &term.in_questions {
            self.question.each(found, |segment, doc, score| {
                scored.add(segment, doc, (number, !term.common), term.weight, score * term.weight);
            });
        }
        for found in &term.in_answers {
            self.answer.each(found, |segment, doc, score| {
                scored.add(segment, doc, (number, !term.common), 0.0, score * term.answer_weight);
            });
        }
    }

    /// Puts the documents' scores together by entry.
    fn gather(&self, scored: &mut Scored) {
        for &(segment, doc) in &scored.touched {
            let document = self.documents[segment as usize][doc as usize];
            let cell = scored.cells[segment as usize][doc as usize];
            let entry = &mut scored.entries[document.entry as usize];
            if entry.best() == 0.0 && entry.answer == 0.0 {
                scored.found.push(document.entry);
            }
            entry.take(cell, document);
        }
    }

    /// What words and meaning show of each entry.
    fn seen(
        &self,
        asked: &Weights,
        lang: Option<Lang>,
        near: &[Nearness],
        scored: &Scored,
    ) -> Vec<Seen> {
        let most = asked.all * WORD_SCORE_MAX;
        let one = |(at, near): (usize, &Nearness)| {
            let cell = &scored.entries[at];
            Seen {
                words: self.words_score(at, lang, cell) / most,
                covered: asked.covered(cell),
                covers: cell.covers(),
                best: near.best,
                middle: near.middle,
                text: near.text,
            }
        };
        near.iter().enumerate().map(one).collect()
    }

    /// What is seen of every entry, in their order, of their meaning nothing without one; and those of
    /// the words that say something and are known here, as they stand in the index.
    pub(super) fn all_seen(
        &self,
        words: &[Word],
        meaning: Option<&Meaning>,
        lang: Option<Lang>,
        known: &Vocabulary,
        other: &Vocabulary,
    ) -> (Vec<Seen>, Vec<String>) {
        let near = self.near.as_ref().zip(meaning).map(|(near, meaning)| meaning.near::<T>(near));
        let near = near
            .map_or_else(|| Cow::Owned(vec![Nearness::default(); self.all.len()]), Cow::Borrowed);
        let terms = self.terms(words, lang, known, other);
        let seen = self.scored(&terms, |asked, scored| self.seen(asked, lang, &near, scored));
        let telling = terms.into_iter().filter(|term| term.known && !term.common);
        (seen, telling.filter_map(|term| term.forms.into_iter().next()).collect())
    }

    /// What is seen of every entry, and of the question.
    pub(super) fn fitted_to(
        &self,
        words: &[Word],
        meaning: &Meaning,
        lang: Option<Lang>,
        known: &Vocabulary,
        other: &Vocabulary,
    ) -> Option<(Vec<(String, Seen)>, Question)> {
        let near = meaning.near::<T>(self.near.as_ref()?);
        let terms = self.terms(words, lang, known, other);
        let (seen, question) = self.scored(&terms, |asked, scored| {
            (self.seen(asked, lang, near, scored), self.question(asked))
        });
        let ids = self.all.iter().map(|of| of.id().to_owned());
        Some((ids.zip(seen).collect(), question))
    }

    /// The best by words and meaning.
    fn rank_by_both(
        &self,
        asked: &Weights,
        lang: Option<Lang>,
        seen: &[Seen],
        scored: &Scored,
    ) -> Vec<FoundAnswer<T>> {
        let found = |ranked: Ranked| FoundAnswer {
            answer: self.all[ranked.at].clone(),
            telling: scored.entries[ranked.at].telling || seen[ranked.at].best > NEAR,
            score: ranked.score,
            confidence: ranked.confidence,
        };
        let ranked =
            ranked::ranked(seen, &self.question(asked), PASSAGES_MAX, |at| self.groups[at]);
        let mut found: Vec<_> = ranked.into_iter().map(found).collect();
        self.say_in(lang, &mut found);
        found
    }

    /// If the best answer is in another language than the question, and there is one that says the same
    /// in the question's, that one stands in its place.
    fn say_in(&self, lang: Option<Lang>, found: &mut Vec<FoundAnswer<T>>) {
        let (Some(lang), Some(near), Some(best)) = (lang, &self.near, found.first()) else {
            return;
        };
        let Some(at) = self.place(best.answer.id()) else { return };
        if self.langs[at].is_none_or(|own| own == lang) {
            return;
        }
        let Some(twin) = near.twin(at, |other| self.langs[other] == Some(lang)) else { return };
        let answer = self.all[twin].clone();
        found.retain(|other| other.answer.id() != answer.id());
        if let Some(best) = found.first_mut() {
            let other = FoundAnswer { answer: best.answer.clone(), ..*best };
            best.answer = answer;
            found.insert(1, FoundAnswer { confidence: other.confidence * OF_TWIN, ..other });
            found.truncate(PASSAGES_MAX);
        }
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.all.binary_search_by(|of| of.id().cmp(id)).ok()
    }

    fn question(&self, asked: &Weights) -> Question {
        let (answers, headings) =
            (self.all.len() as f32, self.phrasings.iter().sum::<usize>() as f32);
        Question {
            unknown: asked.unknown / asked.all,
            length: (1.0 + asked.telling).ln(),
            answers: answers.max(FEW).ln(),
            headings: (headings / answers.max(1.0)).max(1.0).ln(),
        }
    }

    /// The score of an entry's words.
    fn words_score(&self, at: usize, lang: Option<Lang>, cell: &EntryCell) -> f32 {
        let score = cell.score(T::PHRASED.then(|| self.phrasings[at]));
        let other = matches!((lang, self.langs[at]), (Some(a), Some(b)) if a != b);
        if other { score * OTHER_LANGUAGE } else { score }
    }

    /// The best by words alone.
    fn rank(
        &self,
        asked: &Weights,
        lang: Option<Lang>,
        scored: &mut Scored,
    ) -> Vec<FoundAnswer<T>> {
        let mut found: Vec<(f32, u32)> = scored
            .found
            .iter()
            .map(|&number| {
                let at = number as usize;
                (self.words_score(at, lang, &scored.entries[at]), number)
            })
            .collect();
        let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > PASSAGES_MAX {
            found.select_nth_unstable_by(PASSAGES_MAX, order);
            found.truncate(PASSAGES_MAX);
        }
        found.sort_unstable_by(order);
        let best = found.first().map_or(0.0, |(score, _)| *score);
        let second = self.second(&found);
        let entry = |(at, &(score, number)): (usize, &(f32, u32))| {
            let rival = if at == 0 { second } else { best };
            let cell = &scored.entries[number as usize];
            let confidence = asked.signals(cell, score, rival).confidence();
            let answer = self.all[number as usize].clone();
            FoundAnswer { answer, telling: cell.telling, score, confidence }
        };
        found.iter().enumerate().map(entry).collect()
    }

    /// The score that the best one is held against.
    fn second(&self, found: &[(f32, u32)]) -> f32 {
        let group = |number: u32| self.all[number as usize].group();
        let Some((&(_, best), others)) = found.split_first() else { return 0.0 };
        let rival = |&(score, number): &(f32, u32)| {
            if group(number) == group(best) { score * OF_SIBLING } else { score }
        };
        others.iter().map(rival).fold(0.0, f32::max)
    }
}

/// The languages of entries, the most frequent first.
fn speaks(langs: &[Option<Lang>]) -> Speaks {
    let mut counts: Vec<(usize, Lang)> = Vec::new();
    for lang in langs.iter().flatten() {
        match counts.iter_mut().find(|(_, known)| known == lang) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, *lang)),
        }
    }
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let order: Vec<Lang> = counts.into_iter().map(|(_, lang)| lang).collect();
    Speaks::new(&order, langs.iter().any(Option::is_none))
}

/// Which entry each document belongs to, and what the words of each phrasing weigh.
fn documents(
    segments: &[Segment],
    question: &FieldOver,
    common: &FxHashSet<String>,
) -> Result<Vec<Vec<Document>>, TantivyError> {
    let mut documents = Vec::new();
    for segment in segments {
        let of = segment.reader.fast_fields().u64("of")?;
        let entry = |doc| of.first(doc).unwrap_or_default() as u32;
        let all =
            (0..segment.reader.max_doc()).map(|doc| Document { entry: entry(doc), weight: 0.0 });
        documents.push(all.collect::<Vec<_>>());
    }
    let mut weights: FxHashMap<Box<[u8]>, f32> = FxHashMap::default();
    question.every(|term, segment, doc| {
        let weight = match weights.get(term) {
            Some(weight) => *weight,
            None => {
                let text = std::str::from_utf8(term).unwrap_or_default();
                let by = if common.contains(text) { COMMON_WEIGHT } else { 1.0 };
                let weight = by * question.weight(question.find(text).documents);
                weights.insert(term.into(), weight);
                weight
            }
        };
        documents[segment][doc as usize].weight += weight;
    })?;
    Ok(documents)
}

/// One word of the question in the index.
struct Term {
    forms: Vec<String>,
    in_questions: Vec<segments::Found>,
    in_answers: Vec<segments::Found>,
    weight: f32,
    answer_weight: f32,
    known: bool,
    common: bool,
    corrected: bool,
}

/// What a question's words weigh together.
struct Weights {
    all: f32,
    unknown: f32,
    corrected: f32,
    telling: f32,
}

impl Weights {
    fn of(terms: &[Term]) -> Weights {
        let sum = |of: &dyn Fn(&Term) -> bool| -> f32 {
            terms.iter().filter(|term| of(term)).map(|term| term.weight).sum()
        };
        Weights {
            all: sum(&|_| true).max(f32::MIN_POSITIVE),
            unknown: sum(&|term| !term.known),
            corrected: sum(&|term| term.corrected),
            telling: terms.iter().filter(|term| !term.common).count() as f32,
        }
    }

    /// The share of the question's weight that an entry's best phrasing has.
    fn covered(&self, entry: &EntryCell) -> f32 {
        (entry.matched / self.all).min(1.0)
    }

    fn signals(&self, entry: &EntryCell, score: f32, rival: f32) -> EntrySignals {
        let most = self.all * WORD_SCORE_MAX;
        let (covered, covers) = (self.covered(entry), entry.covers());
        EntrySignals {
            covered,
            covers,
            strength: score / most,
            margin: (score - rival) / score.max(rival).max(f32::MIN_POSITIVE),
            exact: if covered > 0.999 && covers > 0.999 { 1.0 } else { 0.0 },
            unknown: self.unknown / self.all,
            corrected: self.corrected / self.all,
            answer: entry.answer / most,
            shared: (1.0 + entry.matched).ln(),
            length: (1.0 + self.telling).ln(),
            empty: if self.telling == 0.0 { 1.0 } else { 0.0 },
        }
    }
}
