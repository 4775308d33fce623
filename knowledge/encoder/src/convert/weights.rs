//! The numbers of a model, read row by row from a file of safetensors.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, Metadata};

use super::OTHER;
use crate::error::Error;
use crate::file::half;

/// What may stand before the names of the tensors: nothing, or what the classes call the encoder inside them.
const PREFIXES: [&str; 4] = ["", "bert.", "roberta.", "0.auto_model."];

/// Bytes of a header, at most: what the format's own library reads.
const HEADER_MAX: u64 = 100_000_000;

/// A file of numbers.
pub(super) struct Weights {
    file: File,
    path: PathBuf,
    tensors: Metadata,
    /// Where the first tensor begins.
    from: u64,
    prefix: &'static str,
}

/// A row of a matrix, or why it can't be read.
pub(super) type Row = Result<Vec<f32>, Error>;

impl Weights {
    pub(super) fn open(path: &Path) -> Result<Weights, Error> {
        let unread = |source| Error::Unread { path: path.to_path_buf(), source };
        let unfit =
            |met: String| Error::unfit(path, met, "fetch it again, or name another encoder");
        let mut file = File::open(path).map_err(unread)?;
        let bytes = file.metadata().map_err(unread)?.len();
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(unread)?;
        let length = u64::from_le_bytes(length);
        if length > HEADER_MAX.min(bytes) {
            return Err(unfit(format!("it says that its header has {length} bytes")));
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header).map_err(unread)?;
        let tensors: Metadata = serde_json::from_slice(&header)
            .map_err(|error| unfit(format!("its header cannot be read ({error})")))?;
        let from = 8 + length;
        let expected = from + tensors.data_len() as u64;
        if expected != bytes {
            return Err(unfit(format!("it has {bytes} bytes and says that they are {expected}")));
        }
        let word = "embeddings.word_embeddings.weight";
        let prefix =
            PREFIXES.into_iter().find(|prefix| tensors.info(&format!("{prefix}{word}")).is_some());
        let prefix = prefix.ok_or_else(|| unfit(format!("it has no tensor `{word}`")))?;
        Ok(Weights { file, path: path.to_path_buf(), tensors, from, prefix })
    }

    /// Returns how many rows a matrix has.
    pub(super) fn rows(&self, name: &str, columns: usize) -> Result<usize, Error> {
        self.matrix(name, columns).map(|matrix| matrix.rows)
    }

    /// Returns some rows of a matrix.
    pub(super) fn some<'a, I: Iterator<Item = usize>>(
        &'a self,
        name: &str,
        columns: usize,
        rows: I,
    ) -> Result<impl Iterator<Item = Row> + use<'a, I>, Error> {
        let matrix = self.matrix(name, columns)?;
        Ok(rows.map(move |row| matrix.row(row)))
    }

    /// Returns all rows of a matrix of a size that is known.
    pub(super) fn all<'a>(
        &'a self,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<impl Iterator<Item = Row> + use<'a>, Error> {
        let matrix = self.matrix(name, columns)?;
        if matrix.rows != rows {
            let met = format!("`{}` has {} rows, not {rows}", matrix.name, matrix.rows);
            return Err(self.unfit(met));
        }
        Ok((0..rows).map(move |row| matrix.row(row)))
    }

    /// Returns a vector of a length that is known.
    pub(super) fn vector(&self, name: &str, length: usize) -> Row {
        let name = format!("{}{name}", self.prefix);
        let (shape, kind, at) = self.tensor(&name)?;
        if shape != [length] {
            return Err(self.unfit(format!("`{name}` is {shape:?}, not [{length}]")));
        }
        Matrix { weights: self, name, kind, at, rows: 1, columns: length }.row(0)
    }

    fn matrix(&self, name: &str, columns: usize) -> Result<Matrix<'_>, Error> {
        let name = format!("{}{name}", self.prefix);
        let (shape, kind, at) = self.tensor(&name)?;
        match *shape {
            [rows, found] if found == columns => {
                Ok(Matrix { weights: self, name, kind, at, rows, columns })
            }
            _ => Err(self.unfit(format!("`{name}` is {shape:?}, not rows of {columns}"))),
        }
    }

    fn tensor(&self, name: &str) -> Result<(&[usize], Kind, u64), Error> {
        let info = self.tensors.info(name);
        let info = info.ok_or_else(|| self.unfit(format!("it has no tensor `{name}`")))?;
        let kind = Kind::of(info.dtype).ok_or_else(|| {
            let met = format!("`{name}` is {:?}, and F32, F16 and BF16 are known", info.dtype);
            self.unfit(met)
        })?;
        Ok((&info.shape, kind, self.from + info.data_offsets.0 as u64))
    }

    fn unfit(&self, met: String) -> Error {
        Error::unfit(&self.path, met, OTHER)
    }
}

/// A matrix that is not read yet.
struct Matrix<'a> {
    weights: &'a Weights,
    name: String,
    kind: Kind,
    /// Where in the file it begins.
    at: u64,
    rows: usize,
    columns: usize,
}

impl Matrix<'_> {
    fn row(&self, row: usize) -> Row {
        let Weights { file, path, .. } = self.weights;
        if row >= self.rows {
            let met = format!("`{}` has {} rows, and row {row} is asked for", self.name, self.rows);
            return Err(self.weights.unfit(met));
        }
        let mut bytes = vec![0; self.columns * self.kind.bytes()];
        file.read_exact_at(&mut bytes, self.at + (row * self.columns * self.kind.bytes()) as u64)
            .map_err(|source| Error::Unread { path: path.clone(), source })?;
        let numbers = self.kind.numbers(&bytes);
        match numbers.iter().find(|number| !number.is_finite()) {
            Some(number) => Err(self.weights.unfit(format!("`{}` holds {number}", self.name))),
            None => Ok(numbers),
        }
    }
}

/// How numbers are kept.
#[derive(Clone, Copy)]
enum Kind {
    /// 32 bit.
    Whole,
    /// 16 bit, of them 5 for the exponent.
    Half,
    /// The upper 16 bit of 32.
    Upper,
}

impl Kind {
    fn of(kind: Dtype) -> Option<Kind> {
        if kind == Dtype::F32 {
            Some(Kind::Whole)
        } else if kind == Dtype::F16 {
            Some(Kind::Half)
        } else if kind == Dtype::BF16 {
            Some(Kind::Upper)
        } else {
            None
        }
    }

    fn bytes(self) -> usize {
        match self {
            Kind::Whole => 4,
            Kind::Half | Kind::Upper => 2,
        }
    }

    fn numbers(self, bytes: &[u8]) -> Vec<f32> {
        let halves = || bytes.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes));
        match self {
            Kind::Whole => {
                bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
            }
            Kind::Half => halves().map(half).collect(),
            Kind::Upper => halves().map(|bits| f32::from_bits(u32::from(bits) << 16)).collect(),
        }
    }
}
