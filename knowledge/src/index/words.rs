//! The words of an index on disk: `words.txt`, one a line with its count, sorted.

use crate::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

const WORDS: &str = "words.txt";

/// Writes words with how often each occurs.
pub(crate) fn write(folder: &Path, mut words: Vec<(Box<str>, u32)>) -> Result<(), Error> {
    let path = folder.join(WORDS);
    words.sort();
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        for (word, count) in words {
            file.write_all(word.as_bytes())?;
            writeln!(file, "\t{count}")?;
        }
        file.into_inner().map_err(|error| error.into_error())?.sync_all()
    };
    write().map_err(|source| Error::io(&path, source))
}

/// Adds the words of an index to `words`.
pub(crate) fn read(folder: &Path, words: &mut Vec<(Box<str>, u32)>) -> Result<(), Error> {
    let path = folder.join(WORDS);
    let failed = |source| Error::io(&path, source);
    let mut file = BufReader::new(File::open(&path).map_err(failed)?);
    let mut line = String::new();
    loop {
        line.clear();
        if file.read_line(&mut line).map_err(failed)? == 0 {
            return Ok(());
        }
        if let Some((word, count)) = line.trim_end().split_once('\t') {
            words.push((word.into(), count.parse().unwrap_or(1)));
        }
    }
}
