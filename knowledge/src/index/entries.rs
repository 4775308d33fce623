//! Builds the index of the entries.
//!
//! Entries are few: the index is made anew whenever a file of them changes, but only the changed
//! files are read; the entries of the others are taken from the last generation, `entries.jsonl`.

use super::current::{self, Kept, Part, Source, Stamp};
use super::reading::Reading;
use super::{WRITER_BYTES, schema, words};
use crate::read::{self, Item, SourceFile};
use crate::text::analyse::{Counts, marked};
use crate::text::guess::guess;
use crate::{Entry, Error};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use tantivy::TantivyDocument;

const ENTRIES: &str = "entries.jsonl";

/// An FAQ of more entries than this is no FAQ: they are all held in memory, 1 to 2 kB each.
pub(crate) const ENTRIES_MAX: usize = 50_000;

/// An entry as the generation keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// The number of its file among the part's sources.
    file: usize,
    /// The number of the entry in its file, from 1.
    item: u64,
    /// Whether it is found; false for one whose id an earlier one has.
    live: bool,
    entry: Entry,
}

/// Builds the entries' part of a generation in a new folder; the last part where no file changed.
/// What was refused across files is added to `refused`.
pub(super) fn build(
    reading: &Reading<'_>,
    files: &[SourceFile],
    last: Option<&Part>,
    refused: &mut Vec<Kept>,
) -> Result<Part, Error> {
    let stamps: Vec<Stamp> = files.iter().map(|file| Stamp::of(&file.path)).collect();
    let unchanged = |at: usize, source: &Source| {
        source.file == files[at].shown && source.stamp == stamps[at] && !reading.all
    };
    let mut before = match last {
        Some(last) => by_file(&reading.index.join(&last.folder), last)?,
        None => FxHashMap::default(),
    };
    let (mut sources, mut lines) = (Vec::new(), Vec::new());
    for (at, file) in files.iter().enumerate() {
        let known = last.and_then(|last| last.sources.iter().find(|s| s.file == file.shown));
        let earlier = before.remove(file.shown.as_str()).unwrap_or_default();
        let (source, entries) = match known {
            Some(source) if unchanged(at, source) => (source.clone(), earlier),
            _ => read_file(reading, file, stamps[at], earlier),
        };
        lines.extend(entries.into_iter().map(|(item, entry)| Line {
            file: at,
            item,
            live: true,
            entry,
        }));
        sources.push(source);
    }
    refuse_twins(&mut lines, &sources, refused);
    write(reading, sources, &lines)
}

/// Whether these files are still those that the part was built from.
pub(super) fn is_current(files: &[SourceFile], part: &Part) -> bool {
    files.len() == part.sources.len()
        && files.iter().zip(&part.sources).all(|(file, source)| {
            file.shown == source.file && Stamp::of(&file.path) == source.stamp
        })
}

/// Reads the entries that a generation finds, in the order of their ids: an entry's place is the
/// number under which the index knows it.
pub(crate) fn load(folder: &Path) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> =
        lines(folder)?.into_iter().filter(|line| line.live).map(|line| line.entry).collect();
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(entries)
}

type Numbered = Vec<(u64, Entry)>;

/// Reads one file. One that has nothing but refusals could not be read as a whole: the entries of
/// its last good version stay.
fn read_file(
    reading: &Reading<'_>,
    file: &SourceFile,
    stamp: Stamp,
    earlier: Numbered,
) -> (Source, Numbered) {
    let (mut entries, mut refused) = (Vec::new(), super::Refusals::default());
    reading.begins(file);
    for (item, found) in (1..).zip(read::items(file)) {
        match found {
            Ok(Item::Entry(entry)) => entries.push((item, entry)),
            Ok(Item::Record(_) | Item::Deleted(_)) => {}
            Err(bad) => refused.add(bad.into()),
        }
        reading.took_one(file);
    }
    reading.ends(file);
    let keeps = entries.is_empty() && !refused.is_empty() && !earlier.is_empty();
    let entries = if keeps { earlier } else { entries };
    let source = Source {
        file: file.shown.clone(),
        stamp,
        items: entries.len() as u64,
        earlier: keeps,
        refused: refused.kept(&file.shown),
    };
    (source, entries)
}

/// Of two entries with one id the first is found and the second refused.
fn refuse_twins(lines: &mut [Line], sources: &[Source], refused: &mut Vec<Kept>) {
    let mut seen: FxHashMap<String, (usize, u64)> = FxHashMap::default();
    let mut refusals = super::Refusals::default();
    for (at, line) in lines.iter_mut().enumerate() {
        let place = (line.file, line.item);
        line.live = at < ENTRIES_MAX;
        if !line.live {
            refusals.add(Kept::new(
                &sources[line.file].file,
                format!("entry {}", line.item),
                format!("more than {ENTRIES_MAX} entries; take some out"),
            ));
        } else if let Some((file, item)) = seen.get(&line.entry.id) {
            line.live = false;
            refusals.add(Kept::new(
                &sources[line.file].file,
                format!("entry {}", line.item),
                format!(
                    "the id `{}` is taken by entry {item} of {}; give this one another id",
                    line.entry.id, sources[*file].file
                ),
            ));
        } else {
            seen.insert(line.entry.id.clone(), place);
        }
    }
    refused.extend(refusals.kept("faq"));
}

fn write(reading: &Reading<'_>, sources: Vec<Source>, lines: &[Line]) -> Result<Part, Error> {
    let (name, folder) = reading.folder("entries");
    let counts = Counts::default();
    let (schema, fields) = schema::entries();
    let index = schema::create(&folder, schema, &counts)?;
    let failed = |error| schema::written(&folder, error);
    let mut writer =
        index.writer_with_num_threads::<TantivyDocument>(1, WRITER_BYTES / 2).map_err(failed)?;
    let mut live: Vec<&Entry> = lines.iter().filter(|l| l.live).map(|l| &l.entry).collect();
    live.sort_by(|a, b| a.id.cmp(&b.id));
    for (number, entry) in (0..).zip(&live) {
        let lang = entry.lang.or_else(|| guess(&entry.questions.join(" ")));
        let texts = entry.questions.iter().map(|text| (fields.question, text));
        for (field, text) in texts.chain(entry.answer.iter().map(|text| (fields.answer, text))) {
            let mut document = TantivyDocument::default();
            document.add_text(field, marked(lang, text));
            document.add_u64(fields.of, number);
            writer.add_document(document).map_err(failed)?;
        }
    }
    writer.commit().map_err(failed)?;
    writer.wait_merging_threads().map_err(failed)?;
    drop(index);
    words::write(&folder, counted(&counts))?;
    write_lines(&folder, lines)?;
    let files = current::written(&folder)?;
    Ok(Part { folder: name, sources, count: live.len() as u64, hidden: Vec::new(), files })
}

fn counted(counts: &Counts) -> Vec<(Box<str>, u32)> {
    let mut counts = counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    counts.drain().collect()
}

fn write_lines(folder: &Path, lines: &[Line]) -> Result<(), Error> {
    let path = folder.join(ENTRIES);
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        for line in lines {
            serde_json::to_writer(&mut file, line)?;
            file.write_all(b"\n")?;
        }
        file.into_inner().map_err(|error| error.into_error())?.sync_all()
    };
    write().map_err(|source| Error::io(&path, source))
}

fn lines(folder: &Path) -> Result<Vec<Line>, Error> {
    let path = folder.join(ENTRIES);
    let file = File::open(&path).map_err(|source| Error::io(&path, source))?;
    let mut lines = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|source| Error::io(&path, source))?;
        lines.push(serde_json::from_str(&line).map_err(|error| Error::Damaged {
            folder: folder.to_path_buf(),
            reason: format!("{ENTRIES}: {error}"),
        })?);
    }
    Ok(lines)
}

/// The entries of the last generation by the file that they are from.
fn by_file(folder: &Path, last: &Part) -> Result<FxHashMap<String, Numbered>, Error> {
    let mut found: FxHashMap<String, Numbered> = FxHashMap::default();
    for line in lines(folder)? {
        if let Some(source) = last.sources.get(line.file) {
            found.entry(source.file.clone()).or_default().push((line.item, line.entry));
        }
    }
    Ok(found)
}
