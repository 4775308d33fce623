//! A file of ours, whose size is known before its first number is.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::weights::Row;
use crate::error::Error;
use crate::file::FORMAT;

/// Rows of a matrix that are written at once: a megabyte of a wide one.
const ROWS: usize = 1_024;

/// The largest code of 8 bit; its opposite is the smallest, so that both sides have one scale.
const LARGEST: f32 = 127.0;

/// A tensor that is to be written.
#[derive(Clone, Debug)]
pub(super) struct Form {
    name: String,
    kind: &'static str,
    /// Bytes of a number.
    each: usize,
    shape: Vec<usize>,
}

impl Form {
    pub(super) fn bytes(name: &str, count: usize) -> Form {
        Form { name: name.to_owned(), kind: "U8", each: 1, shape: vec![count] }
    }

    pub(super) fn counts(name: &str, count: usize) -> Form {
        Form { name: name.to_owned(), kind: "U32", each: 4, shape: vec![count] }
    }

    pub(super) fn numbers(name: &str, count: usize) -> Form {
        Form { name: name.to_owned(), kind: "F32", each: 4, shape: vec![count] }
    }

    /// A matrix in 8 bit, with a scale for each row.
    pub(super) fn matrix(name: &str, rows: usize, columns: usize) -> [Form; 2] {
        let codes = format!("{name}.bytes");
        [
            Form { name: codes, kind: "I8", each: 1, shape: vec![rows, columns] },
            Form::numbers(&format!("{name}.scale"), rows),
        ]
    }

    pub(super) fn norm(name: &str, width: usize) -> [Form; 2] {
        ["gain", "shift"].map(|part| Form::numbers(&format!("{name}.{part}"), width))
    }

    fn length(&self) -> u64 {
        self.shape.iter().map(|side| *side as u64).product::<u64>() * self.each as u64
    }
}

/// The file while it is written.
pub(super) struct Writer<'p> {
    file: File,
    path: PathBuf,
    /// Where each tensor begins and how many bytes it has.
    places: BTreeMap<String, (u64, u64)>,
    done: Cell<u64>,
    of: u64,
    progress: &'p dyn Fn(u64, u64),
}

impl<'p> Writer<'p> {
    /// Makes the file with its header, and room for the tensors.
    pub(super) fn create(
        path: &Path,
        about: &[(&str, &str)],
        forms: &[Form],
        progress: &'p dyn Fn(u64, u64),
    ) -> Result<Writer<'p>, Error> {
        // The wider numbers come first, so that each stands where its width divides the place.
        let mut forms: Vec<&Form> = forms.iter().collect();
        forms.sort_by(|one, other| other.each.cmp(&one.each).then(one.name.cmp(&other.name)));
        let about: BTreeMap<&str, &str> =
            about.iter().copied().chain([("format", FORMAT)]).collect();
        let mut header = serde_json::Map::new();
        header.insert("__metadata__".to_owned(), serde_json::json!(about));
        let mut places = BTreeMap::new();
        let mut at = 0;
        for form in forms {
            let ends = at + form.length();
            let said = serde_json::json!({
                "dtype": form.kind, "shape": form.shape, "data_offsets": [at, ends],
            });
            header.insert(form.name.clone(), said);
            places.insert(form.name.clone(), (at, form.length()));
            at = ends;
        }
        let mut header = serde_json::Value::Object(header).to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        let from = 8 + header.len() as u64;
        places.values_mut().for_each(|(place, _)| *place += from);

        let unwritten = |source| Error::unwritten(path, source);
        let file = File::create(path).map_err(unwritten)?;
        let length = (header.len() as u64).to_le_bytes();
        file.write_all_at(&length, 0).map_err(unwritten)?;
        file.write_all_at(&header, 8).map_err(unwritten)?;
        file.set_len(from + at).map_err(unwritten)?;
        Ok(Writer { file, path: path.to_path_buf(), places, done: Cell::new(0), of: at, progress })
    }

    /// Writes a whole tensor.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.put(name, 0, bytes)
    }

    /// Writes a whole tensor of numbers.
    pub(super) fn numbers(&self, name: &str, numbers: &[f32]) -> Result<(), Error> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.write(name, &bytes)
    }

    /// Writes a matrix in 8 bit, row by row.
    pub(super) fn matrix(
        &self,
        name: &str,
        rows: &mut dyn Iterator<Item = Row>,
    ) -> Result<(), Error> {
        let codes = format!("{name}.bytes");
        let (mut scales, mut some, mut at) = (Vec::new(), Vec::new(), 0);
        for row in rows {
            scales.push(in_8_bit(&row?, &mut some));
            if scales.len().is_multiple_of(ROWS) {
                self.put(&codes, at, &some)?;
                at += some.len() as u64;
                some.clear();
            }
        }
        self.put(&codes, at, &some)?;
        self.numbers(&format!("{name}.scale"), &scales)
    }

    /// Brings the file to disk.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.file.sync_all().map_err(|source| Error::unwritten(&self.path, source))
    }

    fn put(&self, name: &str, from: u64, bytes: &[u8]) -> Result<(), Error> {
        let (at, length) = self.places.get(name).copied().unwrap_or_default();
        debug_assert!(from + bytes.len() as u64 <= length, "{name} has no room");
        self.file
            .write_all_at(bytes, at + from)
            .map_err(|source| Error::unwritten(&self.path, source))?;
        self.done.set(self.done.get() + bytes.len() as u64);
        (self.progress)(self.done.get(), self.of);
        Ok(())
    }
}

/// Adds the codes of a row and returns their scale.
fn in_8_bit(row: &[f32], codes: &mut Vec<u8>) -> f32 {
    let top = row.iter().fold(0.0_f32, |top, number| top.max(number.abs()));
    let scale = if top > 0.0 { top / LARGEST } else { 1.0 };
    let code = |number: &f32| {
        let code = (number / scale).round_ties_even().clamp(-LARGEST, LARGEST);
        (code as i8).cast_unsigned()
    };
    codes.extend(row.iter().map(code));
    scale
}
