//! Which files stand on which shelf, and which records are found.
//!
//! Each shelf is an index of its own, made anew when one of its files changes; the others stay as
//! they are. Searching takes its statistics over all shelves, so how files are shelved changes
//! nothing in what is found.

use super::current::{Current, Kept, Part, Stamp};
use super::reading::Reading;
use super::shelf::{self, Id};
use super::{Refusals, entries};
use crate::Error;
use crate::read::SourceFile;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Small files share a shelf up to this size: what is read again when one of them changes, a
/// fifth of a second.
const SHELF_BYTES: u64 = 4 << 20;

/// Above this many shelves each takes more: a look-up costs a little for each.
const SHELVES_MAX: u64 = 32;

/// How much a compressed catalogue grows, roughly.
const GZIP_RATIO: u64 = 5;

/// Builds the shelves of a generation: those that changed; `None` where none did.
pub(super) fn build(
    reading: &Reading<'_>,
    files: &[SourceFile],
    last: Option<&Current>,
    refused: &mut Vec<Kept>,
) -> Result<Option<Vec<Part>>, Error> {
    let last_shelves = last.map_or(&[][..], |last| &last.shelves);
    let shelved = shelve(files, last_shelves);
    let mut changed = last.is_none() || shelved.len() != last_shelves.len();
    let mut shelves = Vec::new();
    for (files, last) in &shelved {
        let last = last.map(|at| &last_shelves[at]);
        match last {
            Some(last) if !reading.all && is_current(files, last) => shelves.push(last.clone()),
            _ => {
                changed = true;
                let built = shelf::build(reading, files, last)?;
                shelves.push(built);
            }
        }
    }
    if !changed {
        return Ok(None);
    }
    hide(reading, &mut shelves, refused)?;
    Ok(Some(shelves))
}

fn is_current(files: &[&SourceFile], part: &Part) -> bool {
    let files: Vec<SourceFile> = files.iter().map(|file| (*file).clone()).collect();
    entries::is_current(&files, part)
}

/// Puts files on shelves, each with the shelf that it was before: files stay where they stood;
/// small new ones go where there is room.
fn shelve<'a>(files: &'a [SourceFile], last: &[Part]) -> Vec<(Vec<&'a SourceFile>, Option<usize>)> {
    let stood: FxHashMap<&str, usize> = (0..)
        .zip(last)
        .flat_map(|(at, part)| part.sources.iter().map(move |source| (source.file.as_str(), at)))
        .collect();
    let weigh =
        |file: &SourceFile| Stamp::of(&file.path).bytes * if file.gzip { GZIP_RATIO } else { 1 };
    let all: u64 = files.iter().map(weigh).sum();
    let room = SHELF_BYTES.max(all / SHELVES_MAX);
    let mut kept: BTreeMap<usize, (u64, Vec<&SourceFile>)> = BTreeMap::new();
    let mut fresh: Vec<(u64, Vec<&SourceFile>)> = Vec::new();
    let mut new = Vec::new();
    for file in files {
        match stood.get(file.shown.as_str()) {
            Some(at) => {
                let shelf = kept.entry(*at).or_default();
                shelf.0 += weigh(file);
                shelf.1.push(file);
            }
            None => new.push(file),
        }
    }
    for file in new {
        let weight = weigh(file);
        let mut shelves = kept.values_mut().chain(&mut fresh);
        match shelves.find(|shelf| shelf.0 + weight <= room) {
            Some(shelf) => {
                shelf.0 += weight;
                shelf.1.push(file);
            }
            None => fresh.push((weight, vec![file])),
        }
    }
    let kept = kept.into_iter().map(|(at, (_, files))| (files, Some(at)));
    let mut all: Vec<_> = kept.chain(fresh.into_iter().map(|(_, files)| (files, None))).collect();
    for (files, _) in &mut all {
        files.sort_by(|a, b| a.path.cmp(&b.path));
    }
    all
}

/// A record: its shelf, its place among the shelf's items, and its number among the records.
#[derive(Clone, Copy)]
struct Place {
    shelf: usize,
    at: usize,
    number: u32,
}

/// The items of one file.
struct Stretch {
    file: String,
    from: Place,
    to: usize,
}

/// Settles which records are found, over all shelves in the order of the files' paths: of two with
/// one id the first, and none that a later file says is deleted.
fn hide(reading: &Reading<'_>, shelves: &mut [Part], refused: &mut Vec<Kept>) -> Result<(), Error> {
    let (mut stretches, mut ids): (Vec<Stretch>, Vec<Vec<Id>>) = (Vec::new(), Vec::new());
    for (shelf, part) in shelves.iter().enumerate() {
        ids.push(shelf::ids(&reading.index.join(&part.folder))?);
        stretches.extend(by_file(&ids[shelf], shelf, part));
    }
    stretches.sort_by(|a, b| a.file.cmp(&b.file));
    let mut found: FxHashMap<u64, Place> = FxHashMap::default();
    let mut hidden: Vec<Vec<u32>> = vec![Vec::new(); shelves.len()];
    let mut twins = Refusals::default();
    let place_of = |place: Place| {
        let id = ids[place.shelf][place.at];
        (&shelves[place.shelf].sources[id.file()].file, id.item)
    };
    for Stretch { from, to, .. } in stretches {
        let mut place = from;
        while place.at < to {
            let id = ids[place.shelf][place.at];
            if id.deletes() {
                if let Some(gone) = found.remove(&id.hash) {
                    hidden[gone.shelf].push(gone.number);
                }
                place.at += 1;
                continue;
            }
            if let Some(first) = found.get(&id.hash) {
                hidden[place.shelf].push(place.number);
                twins.add_with(|| {
                    let ((file, item), (first, of)) = (place_of(place), place_of(*first));
                    let reason = format!(
                        "its id is taken by record {of} of {first}; give it another or take one out"
                    );
                    Kept::new(file, format!("record {item}"), reason)
                });
            } else {
                found.insert(id.hash, place);
            }
            place.at += 1;
            place.number += 1;
        }
    }
    refused.extend(twins.kept("collections"));
    for (shelf, part) in shelves.iter_mut().enumerate() {
        hidden[shelf].sort_unstable();
        let records = ids[shelf].iter().filter(|id| !id.deletes()).count();
        part.count = (records - hidden[shelf].len()) as u64;
        part.hidden = std::mem::take(&mut hidden[shelf]);
    }
    Ok(())
}

/// The stretches of a shelf's items, one a file.
fn by_file(ids: &[Id], shelf: usize, part: &Part) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut number = 0;
    for (at, id) in ids.iter().enumerate() {
        let starts = at == 0 || ids[at - 1].file() != id.file();
        if let (true, Some(source)) = (starts, part.sources.get(id.file())) {
            let from = Place { shelf, at, number };
            stretches.push(Stretch { file: source.file.clone(), from, to: at });
        }
        if let Some(stretch) = stretches.last_mut() {
            stretch.to = at + 1;
        }
        number += u32::from(!id.deletes());
    }
    stretches
}
