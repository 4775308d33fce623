//! An index opened for reading, and the postings of a word in it.
//!
//! Words are scored one after the other over plain arrays instead of through tantivy's queries:
//! the statistics are taken over all segments and shelves, so that scores depend on neither, and
//! what a document has matched is known when its confidence is judged.

use super::scored::At;
use crate::Error;
use std::path::Path;
use std::sync::Arc;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::store::StoreReader;
use tantivy::{Index, InvertedIndexReader, SegmentReader, TantivyError};

/// How fast further occurrences of a word in one text stop to count (BM25's k1).
const SATURATION: f32 = 1.0;

/// How much longer texts are held back (BM25's b).
const LENGTH: f32 = 0.6;

/// The most that one word of weight 1 can add to a score.
pub(super) const WORD_SCORE_MAX: f32 = SATURATION + 1.0;

/// How many blocks of stored records each segment keeps unpacked: 16 kB each.
const STORE_BLOCKS_KEPT: usize = 4;

/// A segment of an index.
pub(super) struct Segment {
    pub(super) reader: SegmentReader,
    pub(super) store: StoreReader,
}

/// Opens all segments of an index.
pub(super) fn open(folder: &Path, schema: &Schema) -> Result<Vec<Segment>, Error> {
    let failed = |error| damaged(folder, &error);
    let index = Index::open_in_dir(folder).map_err(failed)?;
    crate::index::schema::checked(folder, &index, schema)?;
    let mut segments = Vec::new();
    for segment in index.searchable_segments().map_err(failed)? {
        let reader = SegmentReader::open(&segment).map_err(failed)?;
        let store = reader
            .get_store_reader(STORE_BLOCKS_KEPT)
            .map_err(|error| failed(TantivyError::IoError(Arc::new(error))))?;
        segments.push(Segment { reader, store });
    }
    Ok(segments)
}

/// What a failed opening means to the caller.
pub(super) fn damaged(folder: &Path, error: &TantivyError) -> Error {
    Error::Damaged { folder: folder.to_path_buf(), reason: error.to_string() }
}

/// One field over several segments.
pub(super) struct FieldOver {
    segments: Vec<(Arc<InvertedIndexReader>, Option<FieldNormReader>)>,
    documents: u64,
    /// By a text's length as tantivy keeps it: what stands below the fraction of BM25.
    held_back: Vec<f32>,
}

/// Where a word stands in a field.
pub(super) struct Found {
    /// By segment.
    infos: Vec<Option<TermInfo>>,
    /// In how many documents.
    pub(super) documents: u64,
}

impl FieldOver {
    /// Opens a field of segments in which `documents` have the field; 0 for all of them.
    pub(super) fn open(
        segments: &[&Segment],
        field: Field,
        documents: u64,
    ) -> Result<FieldOver, TantivyError> {
        let (mut opened, mut tokens, mut all) = (Vec::new(), 0, 0);
        for segment in segments {
            let inverted = segment.reader.inverted_index(field)?;
            tokens += inverted.total_num_tokens();
            all += u64::from(segment.reader.max_doc());
            let norms = segment.reader.fieldnorms_readers().get_field(field)?;
            opened.push((inverted, norms));
        }
        let documents = if documents == 0 { all } else { documents };
        let average = (tokens as f32 / documents.max(1) as f32).max(1.0);
        let held_back = (0..=u8::MAX)
            .map(|id| {
                let length = FieldNormReader::id_to_fieldnorm(id) as f32;
                SATURATION * (1.0 - LENGTH + LENGTH * length / average)
            })
            .collect();
        Ok(FieldOver { segments: opened, documents, held_back })
    }

    /// Looks a term up in all segments.
    pub(super) fn find(&self, term: &str) -> Found {
        let mut found = Found { infos: Vec::with_capacity(self.segments.len()), documents: 0 };
        for (inverted, _) in &self.segments {
            let info = inverted.terms().get(term).ok().flatten();
            found.documents += info.as_ref().map_or(0, |info| u64::from(info.doc_freq));
            found.infos.push(info);
        }
        found
    }

    /// How much a word says that stands in so many documents: the rarer the more.
    pub(super) fn weight(&self, documents: u64) -> f32 {
        let (all, with) = (self.documents as f32, documents.min(self.documents) as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    /// Visits each document that has the term: segment, document, and what a word of weight 1
    /// adds to its score.
    pub(super) fn each(&self, found: &Found, mut visit: impl FnMut(usize, u32, f32)) {
        for (at, (info, (inverted, norms))) in found.infos.iter().zip(&self.segments).enumerate() {
            let Some(info) = info else { continue };
            let option = IndexRecordOption::WithFreqs;
            let Ok(mut block) = inverted.read_block_postings_from_terminfo(info, option) else {
                continue;
            };
            visit_all(&mut block, |doc, count| {
                visit(at, doc, self.score(norms.as_ref(), doc, count));
            });
        }
    }

    /// As [`FieldOver::each`], of these documents alone, which are sorted: the stretches of a long
    /// list in which none of them stands are not read.
    pub(super) fn among(
        &self,
        found: &Found,
        documents: &[At],
        mut visit: impl FnMut(usize, u32, f32),
    ) {
        for in_segment in documents.chunk_by(|a, b| a.segment == b.segment) {
            let at = in_segment[0].segment as usize;
            let (Some(info), (inverted, norms)) = (&found.infos[at], &self.segments[at]) else {
                continue;
            };
            let option = IndexRecordOption::WithFreqs;
            let Ok(mut block) = inverted.read_block_postings_from_terminfo(info, option) else {
                continue;
            };
            for &At { doc, .. } in in_segment {
                let place = block.seek(doc);
                if block.docs().get(place) == Some(&doc) {
                    let count = block.freqs().get(place).copied().unwrap_or(1);
                    visit(at, doc, self.score(norms.as_ref(), doc, count));
                }
            }
        }
    }

    /// What a word of weight 1 that stands so often in a document adds to its score.
    fn score(&self, norms: Option<&FieldNormReader>, doc: u32, count: u32) -> f32 {
        // Where lengths are not kept, every text is as long as the average.
        let id = norms.map(|norms| usize::from(norms.fieldnorm_id(doc)));
        let below = id.map_or(SATURATION, |id| self.held_back[id]);
        let count = count as f32;
        count * (SATURATION + 1.0) / (count + below)
    }

    /// Visits every term of the field with the documents that have it.
    pub(super) fn every(
        &self,
        mut visit: impl FnMut(&[u8], usize, u32),
    ) -> Result<(), std::io::Error> {
        for (at, (inverted, _)) in self.segments.iter().enumerate() {
            let mut terms = inverted.terms().stream()?;
            while let Some((term, info)) = terms.next() {
                let option = IndexRecordOption::Basic;
                let mut block = inverted.read_block_postings_from_terminfo(info, option)?;
                visit_all(&mut block, |doc, _| visit(term, at, doc));
            }
        }
        Ok(())
    }
}

fn visit_all(block: &mut BlockSegmentPostings, mut visit: impl FnMut(u32, u32)) {
    loop {
        let (docs, counts) = (block.docs(), block.freqs());
        if docs.is_empty() {
            return;
        }
        for (at, doc) in docs.iter().enumerate() {
            visit(*doc, counts.get(at).copied().unwrap_or(1));
        }
        block.advance();
    }
}
