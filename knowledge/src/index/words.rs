//! The words of an index on disk: `words.txt`, one a line with its count.

use crate::Error;
use crate::text::analyse::Counts;
use rustc_hash::FxHashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

const WORDS: &str = "words.txt";

/// Writes the words that were met while indexing.
pub(crate) fn write(folder: &Path, counts: &Counts) -> Result<(), Error> {
    let path = folder.join(WORDS);
    let counts = counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut words: Vec<_> = counts.iter().collect();
    words.sort_unstable();
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        for (word, count) in words {
            writeln!(file, "{word}\t{count}")?;
        }
        file.into_inner().map_err(|error| error.into_error())?.sync_all()
    };
    write().map_err(|source| Error::io(&path, source))
}

/// Adds the words of an index to `counts`.
pub(crate) fn read(folder: &Path, counts: &mut FxHashMap<Box<str>, u32>) -> Result<(), Error> {
    let path = folder.join(WORDS);
    let mut file =
        BufReader::new(File::open(&path).map_err(|source| Error::io(&path, source))?);
    let mut line = String::new();
    loop {
        line.clear();
        match file.read_line(&mut line) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(source) => return Err(Error::io(&path, source)),
        }
        if let Some((word, count)) = line.trim_end().split_once('\t') {
            *counts.entry(word.into()).or_default() += count.parse().unwrap_or(1);
        }
    }
}
