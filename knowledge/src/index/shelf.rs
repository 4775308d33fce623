//! Builds one shelf: the index over the records of one big file, or of several small ones.

use super::current::{self, Part, Source, Stamp};
use super::reading::Reading;
use super::schema::{self, RecordFields};
use super::{Refusals, WRITER_BYTES, WRITER_THREADS, words};
use crate::read::{self, Item, SourceFile};
use crate::text::analyse::Counts;
use crate::text::identifier;
use crate::{Error, Lang, Record};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::ops::Range;
use std::path::Path;
use tantivy::indexer::LogMergePolicy;
use tantivy::schema::Value;
use tantivy::{Index, IndexWriter, TantivyDocument};

const IDS: &str = "ids";

/// One item of a shelf, in reading order: 16 bytes a record, by which ids met twice are found
/// without an index over all of them. Among a million records two ids share a hash once in 37
/// million catalogues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    /// The hash of the record's id.
    pub(super) hash: u64,
    /// The number of its file among the shelf's sources; the highest bit says that the item is no
    /// record but a deletion.
    file: u32,
    /// The number of the item in its file, from 1.
    pub(super) item: u32,
}

const DELETION: u32 = 1 << 31;

impl Id {
    pub(super) fn file(self) -> usize {
        (self.file & !DELETION) as usize
    }

    pub(super) fn deletes(self) -> bool {
        self.file & DELETION != 0
    }
}

/// Builds a shelf in a new folder. A file that has nothing but refusals could not be read as a
/// whole: the records of its last good version, in `last`, are taken over.
pub(super) fn build(
    reading: &Reading<'_>,
    files: &[&SourceFile],
    last: Option<&Part>,
) -> Result<Part, Error> {
    let (name, folder) = reading.folder("records");
    let (schema, fields) = schema::records();
    let index = schema::create(&folder, schema, &Counts::default())?;
    let failed = |error| schema::written(&folder, error);
    let writer = index.writer_with_num_threads(WRITER_THREADS, WRITER_BYTES).map_err(failed)?;
    writer.set_merge_policy(Box::new(merge_policy()));
    let mut filling = Filling { fields, writer, ids: Vec::new(), number: 0, json: Vec::new() };
    let mut sources = Vec::new();
    for (at, file) in (0..).zip(files) {
        let stamp = Stamp::of(&file.path);
        let mut refused = Refusals::default();
        reading.begins(file);
        let before = filling.ids.len();
        for (item, found) in (1..).zip(read::items(file)) {
            match found {
                Ok(Item::Record(record)) => filling.add(&record, at, item).map_err(failed)?,
                Ok(Item::Deleted(id)) => filling.delete(&id, at, item),
                Ok(Item::Entry(_) | Item::Section(_)) => {}
                Err(bad) => refused.add(bad.into()),
            }
            reading.took_one(file);
        }
        reading.ends(file);
        let mut earlier = false;
        if filling.ids.len() == before
            && !refused.is_empty()
            && let Some(last) = last
        {
            earlier = take_over(&reading.index.join(&last.folder), last, file, at, &mut filling)?;
        }
        sources.push(Source {
            file: file.shown.clone(),
            stamp,
            items: (filling.ids.len() - before) as u64,
            earlier,
            refused: refused.kept(&file.shown),
        });
    }
    let Filling { mut writer, ids, number, .. } = filling;
    writer.commit().map_err(failed)?;
    writer.wait_merging_threads().map_err(failed)?;
    words::write(&folder, known(&index, &fields).map_err(failed)?)?;
    drop(index);
    write_ids(&folder, &ids)?;
    let files = current::written(&folder)?;
    Ok(Part {
        folder: name,
        sources,
        count: u64::from(number),
        hidden: Vec::new(),
        meant: None,
        files,
    })
}

/// Reads the ids of a shelf, in reading order.
pub(super) fn ids(folder: &Path) -> Result<Vec<Id>, Error> {
    let path = folder.join(IDS);
    let read = || -> std::io::Result<Vec<Id>> {
        let file = File::open(&path)?;
        let mut ids = Vec::with_capacity((file.metadata()?.len() / 16) as usize);
        let (mut file, mut id) = (BufReader::new(file), [0; 16]);
        while file.read_exact(&mut id).is_ok() {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = id;
            ids.push(Id {
                hash: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
                file: u32::from_le_bytes([i, j, k, l]),
                item: u32::from_le_bytes([m, n, o, p]),
            });
        }
        Ok(ids)
    };
    read().map_err(|source| Error::io(&path, source))
}

/// The hash of a record's id: FNV-1a, whose values stay what they are on disk.
pub(super) fn hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// A shelf being filled.
struct Filling {
    fields: RecordFields,
    writer: IndexWriter,
    ids: Vec<Id>,
    number: u32,
    /// Room for the JSON of a record.
    json: Vec<u8>,
}

impl Filling {
    fn add(&mut self, record: &Record, file: u32, item: u32) -> tantivy::Result<()> {
        let document = document(&self.fields, record, self.number, &mut self.json);
        self.writer.add_document(document)?;
        self.ids.push(Id { hash: hash(&record.id), file, item });
        self.number += 1;
        Ok(())
    }

    fn delete(&mut self, id: &str, file: u32, item: u32) {
        self.ids.push(Id { hash: hash(id), file: file | DELETION, item });
    }
}

/// What the index holds of a record; `json` is room to write it in.
fn document(
    fields: &RecordFields,
    record: &Record,
    number: u32,
    json: &mut Vec<u8>,
) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    document.add_text(fields.title, &record.title);
    for name in &record.creator {
        document.add_text(fields.creator, name);
    }
    for text in record.subjects.iter().chain(&record.summary) {
        document.add_text(fields.about, text);
    }
    for identifier in record.identifiers.iter().chain([&record.id]) {
        if let Some(form) = identifier::form(identifier).filter(|form| *form != record.id) {
            document.add_text(fields.identifier, form);
        }
    }
    document.add_text(fields.id, &record.id);
    let lang = record.language.as_deref().and_then(Lang::parse);
    document.add_u64(fields.language, schema::code(lang));
    if let Some(year) = record.date.as_deref().and_then(year) {
        document.add_i64(fields.year, year);
    }
    document.add_u64(fields.number, u64::from(number));
    json.clear();
    // Writing to memory cannot fail, and a record has no keys but names.
    let _ = serde_json::to_writer(&mut *json, record);
    document.add_bytes(fields.record, json);
    document
}

/// The words of a shelf with the number of fields of records that have them, sorted.
fn known(index: &Index, fields: &RecordFields) -> tantivy::Result<Vec<(Box<str>, u32)>> {
    let mut letters = String::new();
    // Where each word stands in the letters, sorted as a dictionary is.
    let mut words: Vec<(Range<usize>, u32)> = Vec::new();
    for segment in index.searchable_segments()? {
        let segment = tantivy::SegmentReader::open(&segment)?;
        for field in [fields.title, fields.creator, fields.about] {
            let inverted = segment.inverted_index(field)?;
            let mut terms = inverted.terms().stream()?;
            while let Some((term, info)) = terms.next() {
                let from = letters.len();
                letters.push_str(std::str::from_utf8(term).unwrap_or_default());
                words.push((from..letters.len(), info.doc_freq));
            }
        }
    }
    // The dictionaries are sorted each, which a stable sort makes use of.
    words.sort_by(|a, b| letters[a.0.clone()].cmp(&letters[b.0.clone()]));
    words.dedup_by(|later, kept| {
        let same = letters[later.0.clone()] == letters[kept.0.clone()];
        kept.1 += if same { later.1 } else { 0 };
        same
    });
    Ok(words.into_iter().map(|(word, count)| (letters[word].into(), count)).collect())
}

/// The first four digits in a row of a date as catalogued ("c1922.", "[1922?]", "1922-23").
fn year(date: &str) -> Option<i64> {
    let run = date.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() >= 4)?;
    run[..4].parse().ok()
}

/// Takes the records of a file over from the shelf that it stood on; whether there were any.
fn take_over(
    folder: &Path,
    last: &Part,
    file: &SourceFile,
    at: u32,
    filling: &mut Filling,
) -> Result<bool, Error> {
    let Some(of) = last.sources.iter().position(|source| source.file == file.shown) else {
        return Ok(false);
    };
    let (fields, mut records) = (schema::records().1, stored(folder)?);
    records.sort_unstable_by_key(|(number, ..)| *number);
    let mut records = records.into_iter();
    let before = filling.ids.len();
    for id in ids(folder)? {
        let found = if id.deletes() { None } else { records.next() };
        if id.file() != of {
            continue;
        }
        let Some((_, reader, doc)) = found else {
            filling.ids.push(Id { file: at | DELETION, ..id });
            continue;
        };
        let failed = |error| schema::written(folder, error);
        let document: TantivyDocument = reader.get(doc).map_err(failed)?;
        let bytes = document.get_first(fields.record).and_then(|value| value.as_bytes());
        let record: Record =
            serde_json::from_slice(bytes.unwrap_or_default()).map_err(|error| Error::Damaged {
                folder: folder.to_path_buf(),
                reason: error.to_string(),
            })?;
        filling.add(&record, at, id.item).map_err(failed)?;
    }
    Ok(filling.ids.len() > before)
}

type Stored = (u64, std::rc::Rc<tantivy::store::StoreReader>, u32);

/// Where each record of a shelf is stored, with its number.
fn stored(folder: &Path) -> Result<Vec<Stored>, Error> {
    let failed = |error| schema::written(folder, error);
    let index = Index::open_in_dir(folder).map_err(failed)?;
    let mut all = Vec::new();
    for segment in index.searchable_segments().map_err(failed)? {
        let segment = tantivy::SegmentReader::open(&segment).map_err(failed)?;
        let store = segment.get_store_reader(8).map_err(|error| Error::io(folder, error))?;
        let store = std::rc::Rc::new(store);
        let numbers = segment.fast_fields().u64("number").map_err(failed)?;
        for doc in 0..segment.max_doc() {
            let number = numbers.first(doc).unwrap_or_default();
            all.push((number, store.clone(), doc));
        }
    }
    Ok(all)
}

fn write_ids(folder: &Path, ids: &[Id]) -> Result<(), Error> {
    let path = folder.join(IDS);
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        for id in ids {
            file.write_all(&id.hash.to_le_bytes())?;
            file.write_all(&id.file.to_le_bytes())?;
            file.write_all(&id.item.to_le_bytes())?;
        }
        file.into_inner().map_err(|error| error.into_error())?.sync_all()
    };
    write().map_err(|source| Error::io(&path, source))
}

/// Merges while there are many segments: a look-up costs a little for each.
fn merge_policy() -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(4);
    policy
}

#[cfg(test)]
mod tests {
    use super::{hash, year};

    #[test]
    fn the_year_is_the_first_four_digits() {
        for (date, expected) in
            [("1922", 1922), ("c1922.", 1922), ("[ca. 1850?]", 1850), ("12 May 1999", 1999)]
        {
            assert_eq!(year(date), Some(expected), "{date}");
        }
        for date in ["", "19--", "n.d."] {
            assert_eq!(year(date), None, "{date}");
        }
    }

    #[test]
    fn ids_that_differ_have_hashes_that_differ() {
        let mut hashes: Vec<u64> = (0..200_000).map(|id| hash(&id.to_string())).collect();
        hashes.extend((0..200_000).map(|id| hash(&format!("oai:example.org:{id}"))));
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 400_000);
    }
}
