//! Finds entries.

use super::asked::{self, Speaks, WORDS_MAX, Word};
use super::confidence::EntrySignals;
use super::segments::{self, FieldOver, Segment, WORD_SCORE_MAX};
use crate::index::{entries as stored, schema, words};
use crate::text::guess::guess;
use crate::text::vocabulary::Vocabulary;
use crate::{Entry, Error, Lang};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use tantivy::TantivyError;

/// How many entries a look-up returns at most.
pub(super) const PASSAGES_MAX: usize = 10;

/// What a word that any sentence may have counts of its weight.
const COMMON_WEIGHT: f32 = 0.45;

/// What a corrected word counts of its weight: it may have been another.
const CORRECTED_WEIGHT: f32 = 0.8;

/// An entry's score: so much of its best phrasing, of the mean of its phrasings, of its answer.
/// An entry that several phrasings fit is right more often than one that a single one fits.
const OF_BEST: f32 = 0.5;
const OF_MEAN: f32 = 0.5;
const OF_ANSWER: f32 = 0.5;

/// What an entry in another language than the question's counts: the words that they share are
/// names and loans.
const OTHER_LANGUAGE: f32 = 0.9;

/// The entries of a generation.
pub(super) struct Entries {
    /// By id.
    all: Vec<Arc<Entry>>,
    langs: Vec<Option<Lang>>,
    question: FieldOver,
    answer: FieldOver,
    /// By segment, by document: the entry that it belongs to and the weight of its words.
    documents: Vec<Vec<Document>>,
    phrasings: Vec<f32>,
    speaks: Speaks,
    pub(super) words: Vocabulary,
    _segments: Vec<Segment>,
}

#[derive(Clone, Copy, Default)]
struct Document {
    entry: u32,
    /// What all its words weigh; 0 for an answer.
    weight: f32,
}

/// An entry that was found.
pub(super) struct FoundEntry {
    pub(super) entry: Arc<Entry>,
    pub(super) score: f32,
    pub(super) confidence: f32,
}

impl Entries {
    /// Opens the entries' part of a generation.
    pub(super) fn open(folder: &Path) -> Result<Entries, Error> {
        let all: Vec<Arc<Entry>> = stored::load(folder)?.into_iter().map(Arc::new).collect();
        let (schema, fields) = schema::entries();
        let segments = segments::open(folder, &schema)?;
        let mut counts = Vec::new();
        words::read(folder, &mut counts)?;
        let langs: Vec<Option<Lang>> = all
            .iter()
            .map(|entry| entry.lang.or_else(|| guess(&entry.questions.join(" "))))
            .collect();
        let failed = |error: TantivyError| segments::damaged(folder, &error);
        let phrasings: usize = all.iter().map(|entry| entry.questions.len()).sum();
        let answers = all.iter().filter(|entry| entry.answer.is_some()).count();
        let parts: Vec<&Segment> = segments.iter().collect();
        let question =
            FieldOver::open(&parts, fields.question, phrasings as u64).map_err(failed)?;
        let answer = FieldOver::open(&parts, fields.answer, answers as u64).map_err(failed)?;
        let speaks = speaks(&langs);
        let documents = documents(&segments, &question, &speaks.common_forms()).map_err(failed)?;
        Ok(Entries {
            speaks,
            phrasings: all.iter().map(|entry| entry.questions.len() as f32).collect(),
            words: Vocabulary::new(counts),
            _segments: segments,
            all,
            langs,
            question,
            answer,
            documents,
        })
    }

    /// The entry of this id.
    pub(super) fn get(&self, id: &str) -> Option<Arc<Entry>> {
        let at = self.all.binary_search_by(|entry| entry.id.as_str().cmp(id)).ok()?;
        Some(self.all[at].clone())
    }

    /// Finds the entries that fit, best first; equal ones by id. `other` are the words of the
    /// records.
    pub(super) fn find(
        &self,
        words: &[Word],
        lang: Option<Lang>,
        other: &Vocabulary,
    ) -> Vec<FoundEntry> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let terms = self.terms(words, lang, other);
        SCORED.with_borrow_mut(|scored| {
            scored.fit(&self.documents, self.all.len());
            for (at, term) in (1..).zip(&terms) {
                self.score(at, term, scored);
            }
            let found = self.rank(&terms, lang, scored);
            scored.clear();
            found
        })
    }

    /// The question's words as terms, each once.
    fn terms(&self, words: &[Word], lang: Option<Lang>, other: &Vocabulary) -> Vec<Term> {
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
                && let Some(meant) = asked::corrected(word, &self.words, other)
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
                scored.add(segment, doc, number, term.weight, score * term.weight);
            });
        }
        for found in &term.in_answers {
            self.answer.each(found, |segment, doc, score| {
                scored.add(segment, doc, number, 0.0, score * term.answer_weight);
            });
        }
    }

    /// Puts the documents' scores together by entry, and takes the best.
    fn rank(&self, terms: &[Term], lang: Option<Lang>, scored: &mut Scored) -> Vec<FoundEntry> {
        let sum = |of: &dyn Fn(&Term) -> bool| -> f32 {
            terms.iter().filter(|term| of(term)).map(|term| term.weight).sum()
        };
        let asked = Weights {
            all: sum(&|_| true).max(f32::MIN_POSITIVE),
            unknown: sum(&|term| !term.known),
            corrected: sum(&|term| term.corrected),
            telling: terms.iter().filter(|term| !term.common).count() as f32,
        };
        for &(segment, doc) in &scored.touched {
            let document = self.documents[segment as usize][doc as usize];
            let cell = scored.cells[segment as usize][doc as usize];
            let entry = &mut scored.entries[document.entry as usize];
            if entry.sum == 0.0 && entry.answer == 0.0 {
                scored.found.push(document.entry);
            }
            entry.take(cell, document);
        }
        let mut found: Vec<(f32, u32)> = scored
            .found
            .iter()
            .map(|&number| {
                let at = number as usize;
                let score = scored.entries[at].score(self.phrasings[at]);
                let other = matches!((lang, self.langs[at]), (Some(a), Some(b)) if a != b);
                (if other { score * OTHER_LANGUAGE } else { score }, number)
            })
            .collect();
        let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > PASSAGES_MAX {
            found.select_nth_unstable_by(PASSAGES_MAX, order);
            found.truncate(PASSAGES_MAX);
        }
        found.sort_unstable_by(order);
        let best = found.first().map_or(0.0, |(score, _)| *score);
        let second = found.get(1).map_or(0.0, |(score, _)| *score);
        let entry = |(at, &(score, number)): (usize, &(f32, u32))| {
            let rival = if at == 0 { second } else { best };
            let signals = asked.signals(&scored.entries[number as usize], score, rival);
            let entry = self.all[number as usize].clone();
            FoundEntry { entry, score, confidence: signals.confidence() }
        };
        found.iter().enumerate().map(entry).collect()
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
    fn signals(&self, entry: &EntryCell, score: f32, rival: f32) -> EntrySignals {
        let most = self.all * WORD_SCORE_MAX;
        let covered = (entry.matched / self.all).min(1.0);
        let covers = (entry.matched / entry.weight.max(f32::MIN_POSITIVE)).min(1.0);
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

thread_local! {
    /// Scores of the question at hand: kept by a thread from question to question, all zero
    /// between two.
    static SCORED: RefCell<Scored> = const { RefCell::new(Scored::new()) };
}

struct Scored {
    cells: Vec<Vec<Cell>>,
    touched: Vec<(u32, u32)>,
    entries: Vec<EntryCell>,
    found: Vec<u32>,
}

/// What the words so far say of a document.
#[derive(Clone, Copy, Default)]
struct Cell {
    score: f32,
    /// The weight of the words that it has.
    matched: f32,
    /// What the last word added; another form of that word counts only by what it adds more.
    last: f32,
    word: u8,
}

/// What the documents say of their entry.
#[derive(Clone, Copy, Default)]
struct EntryCell {
    best: f32,
    sum: f32,
    answer: f32,
    /// Of the phrasing that is best.
    matched: f32,
    weight: f32,
}

impl EntryCell {
    fn take(&mut self, cell: Cell, document: Document) {
        if document.weight == 0.0 {
            self.answer = self.answer.max(cell.score);
            return;
        }
        self.sum += cell.score;
        if cell.score > self.best {
            (self.best, self.matched, self.weight) = (cell.score, cell.matched, document.weight);
        }
    }

    fn score(&self, phrasings: f32) -> f32 {
        OF_BEST * self.best + OF_MEAN * self.sum / phrasings + OF_ANSWER * self.answer
    }
}

impl Scored {
    const fn new() -> Scored {
        Scored { cells: Vec::new(), touched: Vec::new(), entries: Vec::new(), found: Vec::new() }
    }

    /// Makes room for the documents and entries of an index.
    fn fit(&mut self, documents: &[Vec<Document>], entries: usize) {
        if self.cells.len() < documents.len() {
            self.cells.resize_with(documents.len(), Vec::new);
        }
        for (cells, documents) in self.cells.iter_mut().zip(documents) {
            if cells.len() < documents.len() {
                cells.resize(documents.len(), Cell::default());
            }
        }
        if self.entries.len() < entries {
            self.entries.resize(entries, EntryCell::default());
        }
    }

    fn add(&mut self, segment: usize, doc: u32, word: u8, weight: f32, score: f32) {
        let cell = &mut self.cells[segment][doc as usize];
        if cell.word == 0 {
            self.touched.push((segment as u32, doc));
        }
        if cell.word == word {
            cell.score += (score - cell.last).max(0.0);
            cell.last = cell.last.max(score);
            return;
        }
        cell.score += score;
        cell.matched += weight;
        cell.last = score;
        cell.word = word;
    }

    fn clear(&mut self) {
        for (segment, doc) in self.touched.drain(..) {
            self.cells[segment as usize][doc as usize] = Cell::default();
        }
        for entry in self.found.drain(..) {
            self.entries[entry as usize] = EntryCell::default();
        }
    }
}
