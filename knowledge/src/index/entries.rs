//! Builds the index of the entries and of the pages' sections.
//!
//! They are few: the index is made anew whenever a file of them changes, but only the changed
//! files are read; what the others hold is taken from the last generation, `entries.jsonl`.

use super::current::{self, Kept, Part, Source, Stamp};
use super::reading::Reading;
use super::{Meaning, WRITER_BYTES, repeated, schema, words};
use crate::meaning::GENERIC;
use crate::meaning::kept::{self, Text};
use crate::meaning::passages::passages;
use crate::read::{self, Item, SourceFile};
use crate::text::analyse::{Counts, marked};
use crate::text::guess::guess;
use crate::{Entry, Error, Lang, Section};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use tantivy::TantivyDocument;
use tantivy::schema::Field;

const ENTRIES: &str = "entries.jsonl";

/// An FAQ of more entries than this is no FAQ: they are all held in memory, 1 to 2 kB each.
pub(crate) const ENTRIES_MAX: usize = 50_000;

/// Sections of pages are held in memory too, 1 to 4 kB each: ten thousand pages of five.
pub(crate) const SECTIONS_MAX: usize = 50_000;

/// What the index finds: an entry of the FAQ or a section of a page.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Held {
    Entry(Entry),
    Section(Section),
}

/// A text that answers what stands above it.
pub(crate) trait Answering {
    /// Whether its headings are phrasings of one question, so that one that several fit is right
    /// more often; else the best of them counts alone.
    const PHRASED: bool;

    /// What it is called, once among its kind.
    fn id(&self) -> &str;
    /// The questions or headings under which it is found, the one to show first.
    fn headings(&self) -> Vec<String>;
    /// The text by which it is found.
    fn text(&self) -> Option<Cow<'_, str>>;
    /// The language that it says it is in.
    fn said_lang(&self) -> Option<Lang>;

    /// What it has in common with others that stand beside it: those of one group are no strangers
    /// to each other.
    fn group(&self) -> &str {
        self.id()
    }

    /// The language that it is in: what it says, or what its headings show.
    fn lang(&self) -> Option<Lang> {
        self.said_lang().or_else(|| guess(&self.headings().join(" ")))
    }
}

impl Answering for Entry {
    const PHRASED: bool = true;

    fn id(&self) -> &str {
        &self.id
    }

    fn headings(&self) -> Vec<String> {
        self.questions.clone()
    }

    fn text(&self) -> Option<Cow<'_, str>> {
        self.answer.as_deref().map(Cow::Borrowed)
    }

    fn said_lang(&self) -> Option<Lang> {
        self.lang
    }
}

impl Answering for Section {
    const PHRASED: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    fn headings(&self) -> Vec<String> {
        self.headings()
    }

    fn group(&self) -> &str {
        self.id.split('#').next().unwrap_or_default()
    }

    fn text(&self) -> Option<Cow<'_, str>> {
        Some(self.words())
    }

    fn said_lang(&self) -> Option<Lang> {
        self.lang
    }
}

/// What a generation finds, each kind in the order of its ids: its place is the number under which
/// the index knows it.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) entries: Vec<Entry>,
    pub(crate) sections: Vec<Section>,
}

/// An entry or a section as the generation keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// The number of its file among the part's sources.
    file: usize,
    /// The number of the item in its file, from 1.
    item: u64,
    /// Whether it is found; false for one whose id an earlier one has.
    live: bool,
    held: Held,
}

/// Builds the entries' part of a generation in a new folder; the last part where no file changed.
/// What was refused across files is added to `refused`.
pub(super) fn build(
    reading: &Reading<'_>,
    files: &[SourceFile],
    last: Option<&Part>,
    meaning: Option<Meaning<'_>>,
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
        let (source, items) = match known {
            Some(source) if unchanged(at, source) => (source.clone(), earlier),
            _ => read_file(reading, file, stamps[at], earlier),
        };
        lines.extend(items.into_iter().map(|(item, held)| Line {
            file: at,
            item,
            live: true,
            held,
        }));
        sources.push(source);
    }
    refuse_twins(&mut lines, &sources, refused);
    let before = last.map(|last| reading.index.join(&last.folder));
    write(reading, sources, &lines, meaning, before.as_deref())
}

/// Whether these files are still those that the part was built from.
pub(super) fn is_current(files: &[SourceFile], part: &Part) -> bool {
    files.len() == part.sources.len()
        && files.iter().zip(&part.sources).all(|(file, source)| {
            file.shown == source.file && Stamp::of(&file.path) == source.stamp
        })
}

/// Reads what a generation finds.
pub(crate) fn load(folder: &Path) -> Result<Loaded, Error> {
    let mut loaded = Loaded::default();
    for line in lines(folder)?.into_iter().filter(|line| line.live) {
        match line.held {
            Held::Entry(entry) => loaded.entries.push(entry),
            Held::Section(section) => loaded.sections.push(section),
        }
    }
    loaded.entries.sort_by(|a, b| a.id.cmp(&b.id));
    loaded.sections.sort_by(|a, b| a.id.cmp(&b.id));
    // As when they were written: their places are their numbers.
    loaded.sections = repeated::without(loaded.sections);
    Ok(loaded)
}

type Numbered = Vec<(u64, Held)>;

/// Reads one file. One that has nothing but refusals could not be read as a whole: what its last
/// good version held stays.
fn read_file(
    reading: &Reading<'_>,
    file: &SourceFile,
    stamp: Stamp,
    earlier: Numbered,
) -> (Source, Numbered) {
    let (mut items, mut refused) = (Vec::new(), super::Refusals::default());
    reading.begins(file);
    for (item, found) in (1..).zip(read::items(file)) {
        match found {
            Ok(Item::Entry(entry)) => items.push((item, Held::Entry(entry))),
            Ok(Item::Section(section)) => items.push((item, Held::Section(section))),
            Ok(Item::Record(_) | Item::Deleted(_)) => {}
            Err(bad) => refused.add(bad.into()),
        }
        reading.took_one(file);
    }
    reading.ends(file);
    let keeps = items.is_empty() && !refused.is_empty() && !earlier.is_empty();
    let items = if keeps { earlier } else { items };
    let source = Source {
        file: file.shown.clone(),
        stamp,
        items: items.len() as u64,
        earlier: keeps,
        refused: refused.kept(&file.shown),
    };
    (source, items)
}

/// Of two entries with one id the first is found and the second refused; sections have their
/// file's name in theirs.
fn refuse_twins(lines: &mut [Line], sources: &[Source], refused: &mut Vec<Kept>) {
    let mut seen: FxHashMap<String, (usize, u64)> = FxHashMap::default();
    let mut refusals = super::Refusals::default();
    let (mut entries, mut sections) = (0, 0);
    for line in lines.iter_mut() {
        let (count, most, what) = match line.held {
            Held::Entry(_) => (&mut entries, ENTRIES_MAX, "entry"),
            Held::Section(_) => (&mut sections, SECTIONS_MAX, "section"),
        };
        *count += 1;
        line.live = *count <= most;
        if !line.live {
            refusals.add(Kept::new(
                &sources[line.file].file,
                format!("{what} {}", line.item),
                format!("there are more than {most} of its kind; take some out"),
            ));
        }
        let Held::Entry(entry) = &line.held else { continue };
        if !line.live {
            continue;
        }
        let place = (line.file, line.item);
        if let Some((file, item)) = seen.get(&entry.id) {
            line.live = false;
            refusals.add(Kept::new(
                &sources[line.file].file,
                format!("entry {}", line.item),
                format!(
                    "the id `{}` is taken by entry {item} of {}; give this one another id",
                    entry.id, sources[*file].file
                ),
            ));
        } else {
            seen.insert(entry.id.clone(), place);
        }
    }
    refused.extend(refusals.kept("faq"));
}

fn write(
    reading: &Reading<'_>,
    sources: Vec<Source>,
    lines: &[Line],
    meaning: Option<Meaning<'_>>,
    last: Option<&Path>,
) -> Result<Part, Error> {
    let (name, folder) = reading.folder("entries");
    let counts = Counts::default();
    let (schema, fields) = schema::entries();
    let index = schema::create(&folder, schema, &counts)?;
    let failed = |error| schema::written(&folder, error);
    let mut writer =
        index.writer_with_num_threads::<TantivyDocument>(1, WRITER_BYTES / 2).map_err(failed)?;
    let (mut entries, mut sections) = (Vec::new(), Vec::new());
    for line in lines.iter().filter(|line| line.live) {
        match &line.held {
            Held::Entry(entry) => entries.push(entry),
            Held::Section(section) => sections.push(section.clone()),
        }
    }
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    sections.sort_by(|a, b| a.id.cmp(&b.id));
    let sections = repeated::without(sections);
    let add = |document| writer.add_document(document).map(|_| ());
    for (number, entry) in (0..).zip(&entries) {
        documents(*entry, fields.entries, fields.of, number).try_for_each(add).map_err(failed)?;
    }
    for (number, section) in (0..).zip(&sections) {
        documents(section, fields.sections, fields.of, number).try_for_each(add).map_err(failed)?;
    }
    writer.commit().map_err(failed)?;
    writer.wait_merging_threads().map_err(failed)?;
    drop(index);
    words::write(&folder, counted(&counts))?;
    write_lines(&folder, lines)?;
    if let Some(meaning) = meaning {
        write_meanings(reading, &folder, (&entries, &sections), meaning, last)?;
    }
    let files = current::written(&folder)?;
    let count = entries.len() as u64;
    let meant = meaning.map(Meaning::meant);
    Ok(Part { folder: name, sources, count, hidden: Vec::new(), meant, files })
}

/// Writes what the texts mean: of each entry and each section its headings, then what answers; then the
/// generic questions.
fn write_meanings(
    reading: &Reading<'_>,
    folder: &Path,
    (entries, sections): (&[&Entry], &[Section]),
    meaning: Meaning<'_>,
    last: Option<&Path>,
) -> Result<(), Error> {
    let of_entries = entries.iter().map(|entry| (entry.headings(), entry.text()));
    let of_sections = sections.iter().map(|section| (section.headings(), Answering::text(section)));
    let all: Vec<(Vec<String>, Option<Cow<'_, str>>)> = of_entries.chain(of_sections).collect();
    let texts = all.iter().flat_map(|(headings, answer)| {
        let answer = answer.as_deref().into_iter().flat_map(passages).map(Text::Answer);
        headings.iter().map(|heading| Text::Heading(heading)).chain(answer)
    });
    let generic = GENERIC.iter().map(|text| Text::Heading(text));
    let texts: Vec<Text<'_>> = texts.chain(generic).collect();
    let progress = |done, all| reading.encoded(done, all);
    let before: Vec<&Path> = last.into_iter().chain([reading.index]).collect();
    kept::write(folder, meaning.encoder, &texts, &before, &progress)
}

/// The documents of an entry or a section: one a heading, one for the text.
fn documents(
    of: &impl Answering,
    fields: schema::TextFields,
    number_field: Field,
    number: u64,
) -> impl Iterator<Item = TantivyDocument> {
    let lang = of.lang();
    let headings = of.headings().into_iter().map(move |text| (fields.heading, text));
    let text = of.text().map(|text| (fields.text, text.into_owned()));
    headings.chain(text).map(move |(field, text)| {
        let mut document = TantivyDocument::default();
        document.add_text(field, marked(lang, &text));
        document.add_u64(number_field, number);
        document
    })
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

/// What the last generation holds, by the file that they are from.
fn by_file(folder: &Path, last: &Part) -> Result<FxHashMap<String, Numbered>, Error> {
    let mut found: FxHashMap<String, Numbered> = FxHashMap::default();
    for line in lines(folder)? {
        if let Some(source) = last.sources.get(line.file) {
            found.entry(source.file.clone()).or_default().push((line.item, line.held));
        }
    }
    Ok(found)
}
