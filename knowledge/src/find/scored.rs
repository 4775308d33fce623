//! The scores of a search in the records, kept from search to search so that none begins by
//! clearing a cell for each record.

use std::cell::RefCell;

/// A document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) segment: u32,
    pub(super) doc: u32,
}

/// A document and its score.
pub(super) struct Hit {
    pub(super) score: f32,
    pub(super) at: At,
}

thread_local! {
    /// Scores of the search at hand: kept by a thread from search to search, all zero between two.
    pub(super) static SCORED: RefCell<Scored> = const { RefCell::new(Scored::new()) };
}

/// The scores of one search, document by document.
pub(super) struct Scored {
    pub(super) cells: Vec<Vec<Cell>>,
    pub(super) touched: Vec<At>,
    /// Whether the word at hand adds documents, or only to those that are there.
    pub(super) opens: bool,
    /// The bit of the word at hand.
    pub(super) bit: u64,
}

/// What the words so far say of a document.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) mask: u64,
    pub(super) score: f32,
    /// What the last word added; in another field it counts only by what it adds more.
    last: f32,
}

impl Scored {
    const fn new() -> Scored {
        Scored { cells: Vec::new(), touched: Vec::new(), opens: false, bit: 0 }
    }

    /// Makes room for segments of so many documents each.
    pub(super) fn fit(&mut self, segments: impl ExactSizeIterator<Item = u32>) {
        if self.cells.len() < segments.len() {
            self.cells.resize_with(segments.len(), Vec::new);
        }
        for (cells, documents) in self.cells.iter_mut().zip(segments) {
            let documents = documents as usize;
            if cells.len() < documents {
                cells.resize(documents, Cell::default());
            }
        }
    }

    /// No more documents come: they are put into their order.
    pub(super) fn opened(&mut self) {
        self.touched.sort_unstable_by_key(|at| (at.segment, at.doc));
    }

    /// The word at hand stands in a document.
    pub(super) fn add(&mut self, segment: usize, doc: u32, score: f32) {
        let cell = &mut self.cells[segment][doc as usize];
        if cell.mask == 0 {
            if !self.opens {
                return;
            }
            self.touched.push(At { segment: segment as u32, doc });
        }
        if cell.mask & self.bit != 0 {
            cell.score += (score - cell.last).max(0.0);
            cell.last = cell.last.max(score);
            return;
        }
        cell.score += score;
        cell.last = score;
        cell.mask |= self.bit;
    }

    /// Everything is zero again.
    pub(super) fn clear(&mut self) {
        for at in self.touched.drain(..) {
            self.cells[at.segment as usize][at.doc as usize] = Cell::default();
        }
    }
}
