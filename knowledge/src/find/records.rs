//! Finds records.

use super::asked::{self, Speaks, WORDS_MAX, Word};
use super::confidence::{IDENTIFIED, RecordSignals};
use super::looked_at::{Weights, fit};
use super::scored::{At, Hit, SCORED, Scored};
use super::segments::{self, FieldOver, Found, Segment};
use super::shelved::{Shelved, place_ids, speaks};
use crate::index::current::Part;
use crate::index::schema::{self, RecordFields};
use crate::index::words;
use crate::text::identifier;
use crate::text::vocabulary::Vocabulary;
use crate::{Error, Filter, Lang, Record};
use std::path::Path;
use std::sync::Arc;
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{DocSet, TantivyDocument, TantivyError};

/// What a word that any text may have counts of its weight.
const COMMON_WEIGHT: f32 = 0.2;

/// What a word counts more in a title, or a creator's name, than in subjects and summary.
const IN_TITLE: f32 = 1.0;
const IN_CREATOR: f32 = 1.0;
const IN_ABOUT: f32 = 0.3;

/// From how many letters on a word may be the beginning of another.
const BEGINNING_MIN: usize = 2;

/// How many of the best are looked at whole, to order them by how much of their title and name
/// was asked.
const LOOKED_AT: usize = 24;

/// The records of a generation.
pub(super) struct Records {
    segments: Vec<Shelved>,
    title: FieldOver,
    creator: FieldOver,
    about: FieldOver,
    fields: RecordFields,
    speaks: Speaks,
    count: u64,
    pub(super) words: Vocabulary,
}

/// A record that was found.
pub(super) struct FoundRecord {
    pub(super) record: Arc<Record>,
    pub(super) score: f32,
    pub(super) confidence: f32,
}

/// What was found in the records.
#[derive(Default)]
pub(super) struct FoundRecords {
    /// Best first; equal ones by id.
    pub(super) records: Vec<FoundRecord>,
    /// How many match in all.
    pub(super) total: usize,
    /// Whether not all words match.
    pub(super) relaxed: bool,
}

/// How much less sure than the one before it each record of a list is.
const STEP: f32 = 0.001;

impl FoundRecords {
    /// As a list, whose first record is so sure: worth showing, no answer.
    pub(super) fn listed_as(mut self, sure: f32) -> FoundRecords {
        for (at, record) in (0_u8..).zip(&mut self.records) {
            record.confidence = sure - STEP * f32::from(at);
        }
        self
    }

    /// So many of them after the first ones that are skipped.
    pub(super) fn stretch(self, skip: usize, limit: usize) -> FoundRecords {
        let records = self.records.into_iter().skip(skip).take(limit).collect();
        FoundRecords { records, ..self }
    }
}

/// What is asked of the records.
pub(super) struct Wanted<'a> {
    /// The text, for identifiers.
    pub(super) text: &'a str,
    /// Its words.
    pub(super) words: &'a [Word],
    pub(super) lang: Option<Lang>,
    pub(super) filter: &'a Filter,
    pub(super) skip: usize,
    pub(super) limit: usize,
    /// Whether records that have all words are wanted alone, where there are any.
    pub(super) all_words: bool,
    /// Whether the text asks a question rather than names something.
    pub(super) asks: bool,
    /// Whether the last word may be the beginning of one.
    pub(super) unfinished: bool,
}

impl Records {
    /// Opens the shelves of a generation.
    pub(super) fn open(index: &Path, shelves: &[Part]) -> Result<Records, Error> {
        let (schema, fields) = schema::records();
        let (mut segments, mut counts) = (Vec::new(), Vec::new());
        for shelf in shelves {
            let folder = index.join(&shelf.folder);
            words::read(&folder, &mut counts)?;
            for segment in segments::open(&folder, &schema)? {
                let failed = |error: TantivyError| segments::damaged(&folder, &error);
                segments.push(Shelved::open(segment, &shelf.hidden).map_err(failed)?);
            }
        }
        let failed = |error: TantivyError| segments::damaged(index, &error);
        place_ids(&mut segments, fields.id).map_err(failed)?;
        let parts: Vec<&Segment> = segments.iter().map(|shelved| &shelved.segment).collect();
        let open = |field| FieldOver::open(&parts, field, 0).map_err(failed);
        let (title, creator, about) =
            (open(fields.title)?, open(fields.creator)?, open(fields.about)?);
        drop(parts);
        Ok(Records {
            speaks: speaks(&segments),
            count: shelves.iter().map(|shelf| shelf.count).sum(),
            words: Vocabulary::new(counts),
            segments,
            title,
            creator,
            about,
            fields,
        })
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The record of this id.
    pub(super) fn get(&self, id: &str) -> Option<Arc<Record>> {
        self.with_term(self.fields.id, id).first().and_then(|&at| self.load(at)).map(Arc::new)
    }

    /// Finds the records that fit. `other` are the words of the entries.
    pub(super) fn find(&self, wanted: &Wanted<'_>, other: &Vocabulary) -> FoundRecords {
        if self.is_empty() {
            return FoundRecords::default();
        }
        let identified = self.identified(wanted);
        let terms = self.terms(wanted, other);
        SCORED.with_borrow_mut(|scored| {
            scored.fit(self.segments.iter().map(|shelved| shelved.segment.reader.max_doc()));
            let found = self.score_and_rank(wanted, &terms, &identified, scored);
            scored.clear();
            found
        })
    }

    /// The documents whose identifier stands in the text.
    fn identified(&self, wanted: &Wanted<'_>) -> Vec<At> {
        let mut found = Vec::new();
        for form in identifier::candidates(wanted.text) {
            let here = self.with_term(self.fields.identifier, &form);
            let here = here.into_iter().chain(self.with_term(self.fields.id, &form));
            found.extend(here.filter(|at| self.passes(*at, wanted.filter)));
            if !found.is_empty() {
                break;
            }
        }
        found.sort_by_key(|at| self.place(*at));
        found
    }

    /// The documents that have a whole term, without those that are hidden.
    fn with_term(&self, field: Field, term: &str) -> Vec<At> {
        let mut found = Vec::new();
        for (segment, shelved) in (0..).zip(&self.segments) {
            let postings = shelved.segment.reader.inverted_index(field).and_then(|inverted| {
                let term = tantivy::Term::from_field_text(field, term);
                Ok(inverted.read_postings(&term, IndexRecordOption::Basic)?)
            });
            let Ok(Some(mut postings)) = postings else { continue };
            let mut doc = postings.doc();
            while doc != tantivy::TERMINATED && found.len() < LOOKED_AT {
                if shelved.hidden.binary_search(&doc).is_err() {
                    found.push(At { segment, doc });
                }
                doc = postings.advance();
            }
        }
        found
    }

    /// The words as terms, each once, the rarest first.
    fn terms(&self, wanted: &Wanted<'_>, other: &Vocabulary) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::with_capacity(wanted.words.len().min(WORDS_MAX));
        let last = wanted.words.len().saturating_sub(1);
        for (at, word) in wanted.words.iter().enumerate() {
            if terms.len() == WORDS_MAX {
                break;
            }
            if terms.iter().any(|known| known.folded == word.folded) {
                continue;
            }
            let begins = wanted.unfinished
                && at == last
                && word.at.1 == wanted.text.len()
                && word.folded.chars().count() >= BEGINNING_MIN;
            let mut term = match begins {
                true => self.beginning(word, wanted.lang),
                false => self.term(word, &word.folded, wanted.lang),
            };
            if term.documents == 0
                && let Some(meant) = asked::corrected(word, &self.words, other)
            {
                term = self.term(word, meant, wanted.lang);
            }
            terms.push(term);
        }
        let order =
            |a: &Term, b: &Term| a.documents.cmp(&b.documents).then(a.folded.cmp(&b.folded));
        terms.sort_by(|a, b| a.common.cmp(&b.common).then(order(a, b)));
        terms
    }

    fn term(&self, word: &Word, folded: &str, lang: Option<Lang>) -> Term {
        let common = self.speaks.is_common(word, lang);
        // A word that any text may have is no more than itself.
        let forms = if common {
            vec![folded.to_owned()]
        } else {
            self.speaks.family(folded, lang, &self.words)
        };
        self.term_of(folded, forms, &[folded.to_owned()], common)
    }

    /// A word that may go on.
    fn beginning(&self, word: &Word, lang: Option<Lang>) -> Term {
        let mut names = vec![word.folded.clone()];
        self.words.completions(&word.folded, &mut names);
        let mut forms = self.speaks.family(&word.folded, lang, &self.words);
        forms
            .extend(names.iter().filter(|name| !forms.contains(name)).cloned().collect::<Vec<_>>());
        self.term_of(&word.folded, forms, &names, false)
    }

    /// A word that stands in creators as one of `names`, elsewhere in one of its forms.
    fn term_of(&self, folded: &str, forms: Vec<String>, names: &[String], common: bool) -> Term {
        let by = if common { COMMON_WEIGHT } else { 1.0 };
        let find = |field: &FieldOver, boost: f32| -> In {
            let found: Vec<Found> = forms.iter().map(|form| field.find(form)).collect();
            let documents = found.iter().map(|found| found.documents).sum();
            In { weight: boost * by * field.weight(documents), found, documents }
        };
        let found: Vec<Found> = names.iter().map(|name| self.creator.find(name)).collect();
        let documents = found.iter().map(|found| found.documents).sum();
        let weight = IN_CREATOR * by * self.creator.weight(documents);
        let creator = In { weight, documents, found };
        let (title, about) = (find(&self.title, IN_TITLE), find(&self.about, IN_ABOUT));
        let documents = title.documents + creator.documents + about.documents;
        Term { folded: folded.to_owned(), forms, documents, common, title, creator, about }
    }

    fn score_and_rank(
        &self,
        wanted: &Wanted<'_>,
        terms: &[Term],
        identified: &[At],
        scored: &mut Scored,
    ) -> FoundRecords {
        let telling = terms.iter().filter(|term| !term.common).count();
        let needed = if telling == 0 { terms.len() } else { telling };
        let opening = if wanted.all_words { needed } else { opening(terms, needed) };
        for (number, term) in terms.iter().enumerate() {
            if number == opening {
                scored.opened();
            }
            scored.opens = number < opening;
            scored.bit = 1 << number;
            for (field, over) in [
                (&term.title, &self.title),
                (&term.creator, &self.creator),
                (&term.about, &self.about),
            ] {
                for found in &field.found {
                    if number < opening {
                        over.each(found, |segment, doc, score| {
                            scored.add(segment, doc, score * field.weight);
                        });
                    } else {
                        let touched = std::mem::take(&mut scored.touched);
                        over.among(found, &touched, |segment, doc, score| {
                            scored.add(segment, doc, score * field.weight);
                        });
                        scored.touched = touched;
                    }
                }
            }
        }
        let all = if needed == 64 { u64::MAX } else { (1 << needed) - 1 };
        let mut hits = Vec::new();
        let mut relaxed = false;
        if wanted.all_words {
            self.collect(wanted.filter, scored, |mask| mask & all == all, &mut hits);
            relaxed = hits.is_empty() && identified.is_empty();
        }
        if !wanted.all_words || relaxed {
            self.collect(wanted.filter, scored, |_| true, &mut hits);
        }
        for at in identified {
            hits.retain(|hit| hit.at != *at);
        }
        let total = hits.len() + identified.len();
        let records = self.best(wanted, terms, identified, hits);
        FoundRecords { records, total, relaxed: relaxed && total > 0 }
    }

    /// Gathers the documents that were scored and pass the filter.
    fn collect(
        &self,
        filter: &Filter,
        scored: &Scored,
        matches: impl Fn(u64) -> bool,
        hits: &mut Vec<Hit>,
    ) {
        for &at in &scored.touched {
            let cell = scored.cells[at.segment as usize][at.doc as usize];
            if matches(cell.mask) && self.passes(at, filter) {
                hits.push(Hit { score: cell.score, at });
            }
        }
    }

    fn passes(&self, at: At, filter: &Filter) -> bool {
        let shelved = &self.segments[at.segment as usize];
        if !shelved.hidden.is_empty() && shelved.hidden.binary_search(&at.doc).is_ok() {
            return false;
        }
        if let Some(lang) = filter.language
            && shelved.language.first(at.doc) != Some(schema::code(Some(lang)))
        {
            return false;
        }
        filter.years.is_none_or(|(from, to)| {
            let year = shelved.year.first(at.doc);
            year.is_some_and(|year| year >= i64::from(from) && year <= i64::from(to))
        })
    }

    /// The stretch of the best that is wanted: those with a wanted identifier, then by score.
    fn best(
        &self,
        wanted: &Wanted<'_>,
        terms: &[Term],
        identified: &[At],
        mut hits: Vec<Hit>,
    ) -> Vec<FoundRecord> {
        let last = wanted.skip.saturating_add(wanted.limit).saturating_sub(identified.len());
        self.keep_best(&mut hits, last.max(LOOKED_AT));
        let weights = Weights::new(terms);
        let load = |hit: &Hit| self.load(hit.at).map(|record| (hit.score, record));
        let mut looked: Vec<(f32, Record, RecordSignals)> = hits
            .iter()
            .take(LOOKED_AT)
            .filter_map(load)
            .map(|(score, record)| {
                let signals = weights.signals(&record, wanted.asks);
                (score * fit(&signals), record, signals)
            })
            .collect();
        looked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        let (best, second) = (score_at(&looked, 0), score_at(&looked, 1));
        for (at, (score, _, signals)) in looked.iter_mut().enumerate() {
            let rival = if at == 0 { second } else { best };
            signals.margin = (*score - rival) / score.max(rival).max(f32::MIN_POSITIVE);
        }
        let first = identified.iter().filter_map(|at| self.load(*at)).map(|record| FoundRecord {
            record: Arc::new(record),
            score: IDENTIFIED_SCORE,
            confidence: IDENTIFIED,
        });
        let looked = looked.into_iter().map(|(score, record, signals)| FoundRecord {
            record: Arc::new(record),
            score,
            confidence: signals.confidence(),
        });
        let rest = hits.iter().skip(LOOKED_AT).filter_map(load).map(|(score, record)| {
            FoundRecord { record: Arc::new(record), score, confidence: 0.0 }
        });
        first.chain(looked).chain(rest).skip(wanted.skip).take(wanted.limit).collect()
    }

    /// Keeps so many of the best in their order.
    fn keep_best(&self, hits: &mut Vec<Hit>, count: usize) {
        let order = |a: &Hit, b: &Hit| {
            b.score.total_cmp(&a.score).then_with(|| self.place(a.at).cmp(&self.place(b.at)))
        };
        if hits.len() > count && count > 0 {
            hits.select_nth_unstable_by(count - 1, order);
            hits.truncate(count);
        }
        hits.sort_unstable_by(order);
    }

    /// The place of a record's id among all.
    fn place(&self, at: At) -> u32 {
        self.segments[at.segment as usize].places[at.doc as usize]
    }

    fn load(&self, at: At) -> Option<Record> {
        let store = &self.segments[at.segment as usize].segment.store;
        let document: TantivyDocument = store.get(at.doc).ok()?;
        let bytes = document.get_first(self.fields.record)?.as_bytes()?;
        serde_json::from_slice(bytes).ok()
    }
}

/// How many known words of a patron's text find records, the rarest first; the others order what
/// these have found. A title has one of its own among them, and the long lists of what many
/// records have are not read to their end for a question that is about none.
const OPENING_MAX: usize = 3;

/// How many of the words, which come rarest first, find records: unknown ones find none.
fn opening(terms: &[Term], needed: usize) -> usize {
    let unknown = terms.iter().take(needed).filter(|term| term.documents == 0).count();
    needed.min(unknown + OPENING_MAX)
}

/// The score of a record whose identifier was asked: above what words reach.
const IDENTIFIED_SCORE: f32 = 1_000.0;

fn score_at(looked: &[(f32, Record, RecordSignals)], at: usize) -> f32 {
    looked.get(at).map_or(0.0, |(score, ..)| *score)
}

/// One word in the index.
pub(super) struct Term {
    pub(super) folded: String,
    /// The words of the index that it is looked for as, itself among them.
    pub(super) forms: Vec<String>,
    /// In how many fields of documents it stands.
    pub(super) documents: u64,
    pub(super) common: bool,
    pub(super) title: In,
    pub(super) creator: In,
    about: In,
}

/// A word in one field.
pub(super) struct In {
    found: Vec<Found>,
    documents: u64,
    pub(super) weight: f32,
}
