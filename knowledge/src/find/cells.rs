//! The scores of a question's words, document by document and then entry by entry, kept from question to
//! question so that none begins by clearing a cell for each.

use super::entries::{OF_ANSWER, OF_BEST, OF_SEVERAL};
use crate::several::Several;
use std::cell::RefCell;

/// A phrasing or an answer, as the index has it.
#[derive(Clone, Copy, Default)]
pub(super) struct Document {
    pub(super) entry: u32,
    /// What all its words weigh; 0 for an answer.
    pub(super) weight: f32,
}

thread_local! {
    /// Scores of the question at hand: kept by a thread from question to question, all zero
    /// between two.
    pub(super) static SCORED: RefCell<Scored> = const { RefCell::new(Scored::new()) };
}

pub(super) struct Scored {
    pub(super) cells: Vec<Vec<Cell>>,
    pub(super) touched: Vec<(u32, u32)>,
    pub(super) entries: Vec<EntryCell>,
    pub(super) found: Vec<u32>,
}

/// What the words so far say of a document.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) score: f32,
    /// The weight of the words that it has.
    pub(super) matched: f32,
    /// What the last word added; another form of that word counts only by what it adds more.
    pub(super) last: f32,
    pub(super) word: u8,
    /// Whether one of them is a word that not any text may have.
    pub(super) telling: bool,
}

/// What the documents say of their entry.
#[derive(Clone, Copy)]
pub(super) struct EntryCell {
    /// The scores of the phrasings that fit best.
    several: Several,
    pub(super) answer: f32,
    /// Of the phrasing that is best.
    pub(super) matched: f32,
    pub(super) weight: f32,
    pub(super) telling: bool,
}

impl Default for EntryCell {
    fn default() -> EntryCell {
        let several = Several::new(0.0);
        EntryCell { several, answer: 0.0, matched: 0.0, weight: 0.0, telling: false }
    }
}

impl EntryCell {
    /// The score of the phrasing that fits best.
    pub(super) fn best(&self) -> f32 {
        self.several.best()
    }

    pub(super) fn take(&mut self, cell: Cell, document: Document) {
        self.telling |= cell.telling;
        if document.weight == 0.0 {
            self.answer = self.answer.max(cell.score);
            return;
        }
        if cell.score > self.best() {
            (self.matched, self.weight) = (cell.matched, document.weight);
        }
        self.several.take(cell.score);
    }

    /// The share of the best phrasing's weight that the question has.
    pub(super) fn covers(&self) -> f32 {
        (self.matched / self.weight.max(f32::MIN_POSITIVE)).min(1.0)
    }

    /// `phrasings` is their number, `None` where the best counts alone.
    pub(super) fn score(&self, phrasings: Option<usize>) -> f32 {
        let best = self.best();
        let several = phrasings.map_or(best, |number| self.several.mean(number));
        OF_BEST * best + OF_SEVERAL * several + OF_ANSWER * self.answer
    }
}

impl Scored {
    pub(super) const fn new() -> Scored {
        Scored { cells: Vec::new(), touched: Vec::new(), entries: Vec::new(), found: Vec::new() }
    }

    /// Makes room for the documents and entries of an index.
    pub(super) fn fit(&mut self, documents: &[Vec<Document>], entries: usize) {
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

    /// Adds what a word says of a document: its number, and whether not any text may have it.
    pub(super) fn add(
        &mut self,
        segment: usize,
        doc: u32,
        (word, telling): (u8, bool),
        weight: f32,
        score: f32,
    ) {
        let cell = &mut self.cells[segment][doc as usize];
        cell.telling |= telling;
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

    pub(super) fn clear(&mut self) {
        for (segment, doc) in self.touched.drain(..) {
            self.cells[segment as usize][doc as usize] = Cell::default();
        }
        for entry in self.found.drain(..) {
            self.entries[entry as usize] = EntryCell::default();
        }
    }
}
