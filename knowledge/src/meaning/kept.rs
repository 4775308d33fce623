//! The meanings of a generation's texts on disk: a line that says what made them, then by text its
//! key, its scale and its numbers in 8 bit. Keys are of the content, so that the next generation
//! takes over what did not change.

use crate::Error;
use encoder::{Encoder, Side, Vector};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const MEANINGS: &str = "meanings.bin";

/// The beginning of a text that is encoded, in characters: what a question may find is said there,
/// and time grows with length.
const HEADING_CHARS_MAX: usize = 160;
const TEXT_CHARS_MAX: usize = 300;

/// How many texts are encoded between two reports of the progress.
const REPORTED_EVERY: usize = 50;

/// A text to encode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text<'a> {
    /// A question of an entry, a heading of a section.
    Heading(&'a str),
    /// A passage of what answers.
    Answer(&'a str),
}

impl Text<'_> {
    fn beginning(&self) -> &str {
        let (text, most) = match self {
            Text::Heading(text) => (text, HEADING_CHARS_MAX),
            Text::Answer(text) => (text, TEXT_CHARS_MAX),
        };
        text.char_indices().nth(most).map_or(*text, |(at, _)| &text[..at])
    }
}

/// The meanings of texts, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    pub(crate) width: usize,
    /// By text, `width` numbers each.
    pub(crate) numbers: Vec<i8>,
    /// What the numbers of a text are multiplied by.
    pub(crate) scales: Vec<f32>,
    keys: Vec<Key>,
}

type Key = [u8; 16];

#[derive(Serialize, Deserialize)]
struct Header {
    encoder: String,
    width: usize,
    texts: usize,
}

/// Leaves meanings in a folder, as a file of them that was written elsewhere.
pub(crate) fn leave(folder: &Path, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(MEANINGS);
    std::fs::write(&path, bytes).map_err(|source| Error::io(&path, source))
}

/// Takes away what was left.
pub(crate) fn take_away(folder: &Path) {
    // One that stays is taken for what it is the next time.
    let _ = std::fs::remove_file(folder.join(MEANINGS));
}

/// Writes the meanings of texts into a folder of a generation; those that a folder of `before` has
/// of the same encoder are taken over. `progress` is told how many of how many were encoded.
pub(crate) fn write(
    folder: &Path,
    encoder: &Encoder,
    texts: &[Text<'_>],
    before: &[&Path],
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(), Error> {
    let before = before.iter().filter_map(|folder| read(folder, encoder.identity()).ok());
    let before: Vec<Meanings> = before.collect();
    let mut known: FxHashMap<Key, (&Meanings, usize)> = FxHashMap::default();
    for meanings in &before {
        let numbered = meanings.keys.iter().enumerate();
        known.extend(numbered.map(|(at, key)| (*key, (meanings, at))));
    }
    let keys: Vec<Key> = texts.iter().map(|text| key(text.beginning())).collect();
    let mut new: Vec<usize> =
        (0..texts.len()).filter(|at| !known.contains_key(&keys[*at])).collect();
    let mut seen = FxHashMap::default();
    new.retain(|at| seen.insert(keys[*at], *at).is_none());
    let mut fresh = encoded(encoder, &new, texts, progress);
    fresh.sort_unstable_by_key(|(at, _)| *at);
    let fresh: FxHashMap<Key, Eighth> =
        fresh.into_iter().map(|(at, eighth)| (keys[at], eighth)).collect();
    let path = folder.join(MEANINGS);
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        let (width, count) = (encoder.width(), texts.len());
        let header = Header { encoder: encoder.identity().to_owned(), width, texts: count };
        serde_json::to_writer(&mut file, &header)?;
        file.write_all(b"\n")?;
        for key in &keys {
            file.write_all(key)?;
        }
        let row = |key: &Key| match (fresh.get(key), known.get(key)) {
            (Some(eighth), _) => (eighth.scale, eighth.numbers.as_slice()),
            (None, Some((meanings, at))) => (meanings.scales[*at], meanings.row(*at)),
            (None, None) => (0.0, &[][..]),
        };
        for key in &keys {
            file.write_all(&row(key).0.to_le_bytes())?;
        }
        for key in &keys {
            let bytes: Vec<u8> = row(key).1.iter().map(|number| number.cast_unsigned()).collect();
            file.write_all(&bytes)?;
        }
        file.into_inner().map_err(|error| error.into_error())?.sync_all()
    };
    write().map_err(|source| Error::io(&path, source))
}

/// Encodes some of the texts, on all cores.
fn encoded(
    encoder: &Encoder,
    new: &[usize],
    texts: &[Text<'_>],
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Vec<(usize, Eighth)> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(&at) = new.get(number) else { return done };
            if number.is_multiple_of(REPORTED_EVERY) {
                progress(number, new.len());
            }
            let vector = encoder.encode(texts[at].beginning(), Side::Passage);
            done.push((at, Eighth::of(&vector)));
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            // A panic in one is a panic of all.
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// Reads the meanings of a folder, if this encoder has made them.
pub(crate) fn read(folder: &Path, encoder: &str) -> Result<Meanings, Error> {
    let path = folder.join(MEANINGS);
    let damaged = |reason: &str| Error::Damaged {
        folder: folder.to_path_buf(),
        reason: format!("{MEANINGS} {reason}"),
    };
    let io = |source| Error::io(&path, source);
    let mut file = BufReader::new(File::open(&path).map_err(io)?);
    let mut line = Vec::new();
    file.read_until(b'\n', &mut line).map_err(io)?;
    let header: Header =
        serde_json::from_slice(&line).map_err(|_| damaged("does not say what made it"))?;
    if header.encoder != encoder {
        return Err(damaged("was made by another encoder"));
    }
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).map_err(io)?;
    let Header { width, texts, .. } = header;
    if rest.len() != texts * (size_of::<Key>() + size_of::<f32>() + width) {
        return Err(damaged("has another length"));
    }
    let (keys, rest) = rest.split_at(texts * size_of::<Key>());
    let (scales, numbers) = rest.split_at(texts * size_of::<f32>());
    Ok(Meanings {
        width,
        numbers: numbers.iter().map(|byte| byte.cast_signed()).collect(),
        scales: scales.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        keys: keys.as_chunks().0.to_vec(),
    })
}

impl Meanings {
    /// Those of vectors, as a file would have them.
    #[cfg(test)]
    pub(crate) fn of(vectors: &[Vector]) -> Meanings {
        let eighths: Vec<Eighth> = vectors.iter().map(Eighth::of).collect();
        Meanings {
            width: vectors[0].numbers().len(),
            scales: eighths.iter().map(|eighth| eighth.scale).collect(),
            numbers: eighths.into_iter().flat_map(|eighth| eighth.numbers).collect(),
            keys: Vec::new(),
        }
    }

    /// The numbers of a text.
    pub(crate) fn row(&self, at: usize) -> &[i8] {
        &self.numbers[at * self.width..(at + 1) * self.width]
    }

    /// How many texts.
    pub(crate) fn len(&self) -> usize {
        self.scales.len()
    }
}

/// A vector in 8 bit.
pub(crate) struct Eighth {
    pub(crate) scale: f32,
    pub(crate) numbers: Vec<i8>,
}

impl Eighth {
    pub(crate) fn of(vector: &Vector) -> Eighth {
        let most = vector.numbers().iter().fold(0.0_f32, |most, number| most.max(number.abs()));
        let scale = (most / f32::from(i8::MAX)).max(f32::MIN_POSITIVE);
        let numbers = vector.numbers().iter().map(|number| (number / scale).round() as i8);
        Eighth { scale, numbers: numbers.collect() }
    }
}

fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.as_bytes());
    let mut key = Key::default();
    key.copy_from_slice(&digest[..16]);
    key
}
