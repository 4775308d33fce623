//! What stands in the two indexes: their fields, and how their texts are analysed.

use super::FORMAT;
use crate::text::analyse::{Counts, Plain, Stemmed};
use crate::{Error, Lang};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, TantivyError};

/// The names under which the analysers are known to tantivy.
const STEMMED: &str = "stemmed";
const PLAIN: &str = "plain";

/// The fields of the index of entries and pages. Each kind has its own: how rare a word is and
/// how long a text is are told within the kind, so that pages change nothing about entries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryFields {
    /// Those of the entries.
    pub(crate) entries: TextFields,
    /// Those of the pages' sections.
    pub(crate) sections: TextFields,
    /// The entry or section that the document belongs to: its number in the order of ids.
    pub(crate) of: Field,
}

/// The fields of one kind; a document has one of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextFields {
    /// A phrasing of the question, or a heading.
    pub(crate) heading: Field,
    /// The answer, or the text below the heading.
    pub(crate) text: Field,
}

/// The schema of the index of entries and pages.
pub(crate) fn entries() -> (Schema, EntryFields) {
    let mut schema = Schema::builder();
    let fields = EntryFields {
        entries: TextFields {
            heading: schema.add_text_field("question", words(STEMMED)),
            text: schema.add_text_field("answer", words(STEMMED)),
        },
        sections: TextFields {
            heading: schema.add_text_field("heading", words(STEMMED)),
            text: schema.add_text_field("text", words(STEMMED)),
        },
        of: schema.add_u64_field("of", FAST),
    };
    (schema.build(), fields)
}

/// The fields of a shelf's index: a document is a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordFields {
    /// Title with its subtitle.
    pub(crate) title: Field,
    /// Creators.
    pub(crate) creator: Field,
    /// Subjects and summary.
    pub(crate) about: Field,
    /// Identifiers in their one form, the record's own id among them where its form is another.
    pub(crate) identifier: Field,
    /// The record's id as it is.
    pub(crate) id: Field,
    /// The code of the language, see [`code`].
    pub(crate) language: Field,
    /// The year of publication.
    pub(crate) year: Field,
    /// The number of the record among the shelf's, in reading order.
    pub(crate) number: Field,
    /// The whole record, as JSON.
    pub(crate) record: Field,
}

/// The schema of a shelf's index.
pub(crate) fn records() -> (Schema, RecordFields) {
    let mut schema = Schema::builder();
    let fields = RecordFields {
        title: schema.add_text_field("title", words(PLAIN)),
        creator: schema.add_text_field("creator", words(PLAIN)),
        about: schema.add_text_field("about", headings()),
        identifier: schema.add_text_field("identifier", STRING),
        id: schema.add_text_field("id", STRING),
        language: schema.add_u64_field("language", FAST),
        year: schema.add_i64_field("year", FAST),
        number: schema.add_u64_field("number", FAST),
        record: schema.add_bytes_field("record", STORED),
    };
    (schema.build(), fields)
}

/// A language as a number, for filters and facets; 0 for none.
pub(crate) fn code(lang: Option<Lang>) -> u64 {
    lang.map_or(0, |lang| lang.as_str().bytes().fold(0, |code, b| code << 8 | u64::from(b)))
}

/// Creates an index in a new folder; words that are stemmed are counted into `counts`.
pub(crate) fn create(folder: &Path, schema: Schema, counts: &Counts) -> Result<Index, Error> {
    std::fs::create_dir(folder).map_err(|source| Error::io(folder, source))?;
    let index = Index::create_in_dir(folder, schema).map_err(|error| written(folder, error))?;
    index.tokenizers().register(STEMMED, TextAnalyzer::from(Stemmed::new(counts.clone())));
    index.tokenizers().register(PLAIN, TextAnalyzer::from(Plain));
    Ok(index)
}

/// What a failed write means to the caller. A thread of tantivy's that met a full disk does not say
/// so: the disk itself is asked.
pub(crate) fn written(folder: &Path, error: TantivyError) -> Error {
    if let Err(system) = room(folder)
        && let full @ Error::Full { .. } = Error::io(folder, system)
    {
        return full;
    }
    Error::Write { folder: folder.to_path_buf(), source: Box::new(error) }
}

/// How much is written to see whether there is room: more than a file system keeps back in its
/// last block.
const ROOM_BYTES: usize = 1 << 20;

/// Whether the disk still takes something.
fn room(folder: &Path) -> io::Result<()> {
    let path = folder.join("room");
    let tried = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![1; ROOM_BYTES])?;
        file.sync_all()
    });
    let _ = std::fs::remove_file(&path);
    tried
}

/// An index that was opened has these fields: another schema is another format.
pub(crate) fn checked(folder: &Path, index: &Index, schema: &Schema) -> Result<(), Error> {
    if index.schema() == *schema {
        return Ok(());
    }
    let reason = format!("its fields are not those of format {FORMAT}");
    Err(Error::Damaged { folder: folder.to_path_buf(), reason })
}

/// Text that is searched by its words: how often each occurs and how long the text is, no
/// positions.
fn words(analyser: &str) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(analyser)
        .set_index_option(IndexRecordOption::WithFreqs)
        .set_fieldnorms(true);
    TextOptions::default().set_indexing_options(indexing)
}

/// Text of which it counts alone which words it has.
fn headings() -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(PLAIN)
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    TextOptions::default().set_indexing_options(indexing)
}
