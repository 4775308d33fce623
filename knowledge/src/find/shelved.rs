//! The segments of the shelves, with what records are filtered and ordered by.

use super::asked::Speaks;
use super::segments::Segment;
use crate::Lang;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use tantivy::TantivyError;
use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};

/// A segment of a shelf, with what results are filtered and ordered by: 4 bytes a record in memory.
pub(super) struct Shelved {
    pub(super) segment: Segment,
    /// By document: the place of its id among all.
    pub(super) places: Vec<u32>,
    pub(super) language: Column<u64>,
    pub(super) year: Column<i64>,
    /// Documents that are not found, sorted.
    pub(super) hidden: Vec<u32>,
}

impl Shelved {
    /// Opens what is needed of a segment; `hidden` are the numbers of records that are not found.
    pub(super) fn open(segment: Segment, hidden: &[u32]) -> Result<Shelved, TantivyError> {
        let fast = segment.reader.fast_fields();
        let (language, year) = (fast.u64("language")?, fast.i64("year")?);
        let mut docs = Vec::new();
        if !hidden.is_empty() {
            let numbers = fast.u64("number")?;
            let is_hidden = |doc: &u32| {
                let number = numbers.first(*doc).unwrap_or_default() as u32;
                hidden.binary_search(&number).is_ok()
            };
            docs = (0..segment.reader.max_doc()).filter(is_hidden).collect();
        }
        let places = vec![0; segment.reader.max_doc() as usize];
        Ok(Shelved { places, segment, language, year, hidden: docs })
    }
}

/// Gives each document the place of its record's id among all: the ids of a segment stand sorted
/// in its dictionary, so the segments are merged.
pub(super) fn place_ids(segments: &mut [Shelved], id: Field) -> Result<(), TantivyError> {
    let mut indexes = Vec::new();
    for shelved in &*segments {
        indexes.push(shelved.segment.reader.inverted_index(id)?);
    }
    let mut streams = Vec::new();
    let mut heap = BinaryHeap::new();
    for (at, index) in indexes.iter().enumerate() {
        let mut stream = index.terms().stream()?;
        if stream.advance() {
            heap.push(Reverse((stream.key().to_vec(), at)));
        }
        streams.push(stream);
    }
    let (mut place, mut last) = (0, Vec::new());
    while let Some(Reverse((key, at))) = heap.pop() {
        place += u32::from(key != last);
        let (stream, places) = (&mut streams[at], &mut segments[at].places);
        let block = indexes[at]
            .read_block_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)?;
        for doc in block.docs() {
            places[*doc as usize] = place;
        }
        last = key;
        if stream.advance() {
            heap.push(Reverse((stream.key().to_vec(), at)));
        }
    }
    Ok(())
}

/// The languages of the records, the most frequent first.
pub(super) fn speaks(segments: &[Shelved]) -> Speaks {
    let mut counts: FxHashMap<u64, u64> = FxHashMap::default();
    for shelved in segments {
        for code in shelved.language.values.iter() {
            *counts.entry(code).or_default() += 1;
        }
    }
    let mut order: Vec<(u64, u64)> = counts.into_iter().collect();
    order.sort_unstable_by_key(|&(code, count)| (Reverse(count), code));
    let lang = |(code, _): (u64, u64)| {
        let bytes = code.to_be_bytes();
        let code: String = bytes.iter().filter(|b| **b != 0).map(|b| char::from(*b)).collect();
        Lang::parse(&code)
    };
    let langs: Vec<Lang> = order.into_iter().filter_map(lang).collect();
    Speaks::new(&langs, true)
}
