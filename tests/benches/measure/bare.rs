//! A bare tantivy, as the other side of the ratios.

use knowledge::{Entry, Record};
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{Field, STORED, STRING, Schema, TEXT, Value};
use tantivy::{Index, IndexReader, TantivyDocument};

const WRITER_BYTES: usize = 64 << 20;

/// Writes the fields of records, already parsed, with the default tokenizer.
pub(crate) fn writer(records: &[Record]) {
    let folder = tempfile::tempdir().unwrap();
    let mut schema = Schema::builder();
    let text = |schema: &mut tantivy::schema::SchemaBuilder, name| {
        schema.add_text_field(name, TEXT | STORED)
    };
    let (title, creator) = (text(&mut schema, "title"), text(&mut schema, "creator"));
    let (subjects, summary) = (text(&mut schema, "subjects"), text(&mut schema, "summary"));
    let word = |schema: &mut tantivy::schema::SchemaBuilder, name| {
        schema.add_text_field(name, STRING | STORED)
    };
    let (id, date) = (word(&mut schema, "id"), word(&mut schema, "date"));
    let (language, identifiers) = (word(&mut schema, "language"), word(&mut schema, "identifiers"));
    let url = schema.add_text_field("url", STORED);
    let index = Index::create_in_dir(folder.path(), schema.build()).unwrap();
    let mut writer = index.writer_with_num_threads(2, WRITER_BYTES).unwrap();
    for record in records {
        let mut document = TantivyDocument::default();
        let mut add = |field: Field, values: &[String]| {
            for value in values {
                document.add_text(field, value);
            }
        };
        add(id, std::slice::from_ref(&record.id));
        add(title, std::slice::from_ref(&record.title));
        add(creator, &record.creator);
        add(subjects, &record.subjects);
        add(summary, record.summary.as_slice());
        add(date, record.date.as_slice());
        add(language, record.language.as_slice());
        add(identifiers, &record.identifiers);
        add(url, record.url.as_slice());
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    writer.wait_merging_threads().unwrap();
}

/// The entries in a plain index with the default tokenizer.
pub(crate) struct Bare {
    reader: IndexReader,
    parser: QueryParser,
    id: Field,
}

impl Bare {
    pub(crate) fn new(entries: &[Entry]) -> Bare {
        let mut schema = Schema::builder();
        let question = schema.add_text_field("question", TEXT | STORED);
        let answer = schema.add_text_field("answer", TEXT | STORED);
        let id = schema.add_text_field("id", STRING | STORED);
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create_in_dir(folder.path(), schema.build()).unwrap();
        let mut writer = index.writer_with_num_threads(1, WRITER_BYTES).unwrap();
        for entry in entries {
            let mut document = TantivyDocument::default();
            document.add_text(id, &entry.id);
            for text in &entry.questions {
                document.add_text(question, text);
            }
            if let Some(text) = &entry.answer {
                document.add_text(answer, text);
            }
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        let parser = QueryParser::for_index(&index, vec![question, answer]);
        Bare { reader: index.reader().unwrap(), parser, id }
    }

    /// What one would write first: parse, the best ten, the document of the best.
    pub(crate) fn find(&self, text: &str) {
        let searcher = self.reader.searcher();
        let (query, _) = self.parser.parse_query_lenient(text);
        let top = searcher.search(&query, &TopDocs::with_limit(10).order_by_score()).unwrap();
        if let Some((_, at)) = top.first() {
            let document: TantivyDocument = searcher.doc(*at).unwrap();
            assert!(document.get_first(self.id).and_then(|id| id.as_str()).is_some());
        }
    }
}
