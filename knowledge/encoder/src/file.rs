//! The files of encoders: safetensors with these tensors, made by `make/make.py`.
//!
//! | tensor | kind | what |
//! |---|---|---|
//! | `vocabulary.pieces`, `.ends`, `.scores` | U8, U32, F32 | see [`Pieces`]; scores for a unigram vocabulary alone |
//! | `words` | matrix | a row a piece, then begin, end and unknown |
//! | `positions`, `kind`, `norm.gain`, `norm.shift` | F16, F32 | what is added to the words |
//! | `N.gather`, `N.mix`, `N.widen`, `N.narrow` | matrix and `.shift` | the layers, from 0 |
//! | `N.mixed`, `N.done` | `.gain`, `.shift` | what follows `mix` and `narrow` |
//! | `turn` | matrix and `.shift` | what the vector is multiplied by in the end, if anything: `make/turn.py` |
//!
//! A matrix is `.bytes` (I8) or `.nibbles` (U8) and `.steps` (I8), and `.scale` (F32), as [`Matrix`] has them. The
//! metadata say `format`, `name`, `vocabulary`, `layers`, `heads`, `epsilon`, and the words that stand before a `question`
//! and before a `passage`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use crate::matrix::{BLOCK, Bytes, Codes, Matrix};
use crate::network::{Dense, Layer, Network, Norm};
use crate::pieces::Pieces;
use crate::tokens::Vocabulary;

/// What a file says.
pub(crate) struct Contents {
    pub(crate) name: String,
    pub(crate) question: String,
    pub(crate) passage: String,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) network: Network,
}

/// The version of the format that this program reads.
pub(crate) const FORMAT: &str = "pollen-encoder-1";

/// Layers and heads, at most: more than any encoder has.
pub(crate) const MOST_LAYERS: usize = 64;

/// Reads a file that ships with the program: nothing large is copied.
pub(crate) fn read_shipped(file: &'static [u8]) -> Result<Contents, String> {
    read(file, &Cow::Borrowed)
}

/// Reads a file from elsewhere.
pub(crate) fn read_opened(file: &[u8]) -> Result<Contents, String> {
    read(file, &|bytes| Cow::Owned(bytes.to_vec()))
}

/// `own` makes of a tensor's bytes what may be kept.
fn read<'f>(file: &'f [u8], own: &dyn Fn(&'f [u8]) -> Bytes) -> Result<Contents, String> {
    let (_, header) = SafeTensors::read_metadata(file).map_err(|error| error.to_string())?;
    let about = header.metadata().iter().flatten();
    let about = about.map(|(key, said)| (key.clone(), said.clone())).collect();
    let tensors = SafeTensors::deserialize(file).map_err(|error| error.to_string())?;
    let file = File { tensors, about, own };

    let format = file.said("format")?;
    if format != FORMAT {
        return Err(format!("its format is {format}, not {FORMAT}"));
    }
    let pieces =
        Pieces::new(file.bytes("vocabulary.pieces", Dtype::U8)?, file.counts("vocabulary.ends")?)
            .ok_or("the pieces of `vocabulary` end where they can't")?;
    let count = pieces.len();
    let vocabulary = match file.said("vocabulary")?.as_str() {
        "wordpiece" => Vocabulary::wordpiece(pieces),
        "unigram" => {
            let scores = file.numbers("vocabulary.scores", count)?;
            Vocabulary::unigram(pieces, scores)
        }
        other => return Err(format!("`vocabulary` is {other}, not wordpiece or unigram")),
    };

    let kind = file.numbers("kind", 0)?;
    let width = kind.len();
    let heads = file.number("heads")?;
    if !width.is_multiple_of(BLOCK) || width == 0 || heads == 0 || !width.is_multiple_of(heads * 8)
    {
        return Err(format!("{heads} heads don't go into a width of {width}"));
    }
    let epsilon = file.said("epsilon")?;
    let epsilon = epsilon.parse().map_err(|_| format!("`epsilon` is no number: {epsilon}"))?;
    let positions = file.numbers("positions", 0)?;
    if positions.len() < 8 * width || !positions.len().is_multiple_of(width) {
        return Err("`positions` is no multiple of `kind`".to_owned());
    }
    let words = file.matrix("words", width)?;
    if words.rows() != count + 3 {
        return Err(format!(
            "{count} pieces need {} rows of `words`, not {}",
            count + 3,
            words.rows()
        ));
    }
    let layers = file.number("layers")?.min(MOST_LAYERS);
    let layers = (0..layers).map(|at| file.layer(at, width, epsilon)).collect::<Result<_, _>>()?;
    let norm = file.norm("norm", width, epsilon)?;
    let turn = file.has("turn.shift").then(|| file.dense("turn", width, width)).transpose()?;
    Ok(Contents {
        name: file.said("name")?,
        question: file.said("question")?,
        passage: file.said("passage")?,
        vocabulary,
        network: Network { words, positions, kind, norm, layers, heads, turn },
    })
}

struct File<'f, 'o> {
    tensors: SafeTensors<'f>,
    about: BTreeMap<String, String>,
    own: &'o dyn Fn(&'f [u8]) -> Bytes,
}

impl<'f> File<'f, '_> {
    fn said(&self, key: &str) -> Result<String, String> {
        self.about.get(key).cloned().ok_or_else(|| format!("its metadata don't say `{key}`"))
    }

    fn number(&self, key: &str) -> Result<usize, String> {
        let said = self.said(key)?;
        said.parse().map_err(|_| format!("`{key}` is no number: {said}"))
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    fn raw(&self, name: &str, kind: Dtype) -> Result<&'f [u8], String> {
        let tensor = self.tensors.tensor(name).map_err(|_| format!("it has no `{name}`"))?;
        if tensor.dtype() != kind {
            return Err(format!("`{name}` is {:?}, not {kind:?}", tensor.dtype()));
        }
        Ok(tensor.data())
    }

    fn bytes(&self, name: &str, kind: Dtype) -> Result<Bytes, String> {
        self.raw(name, kind).map(self.own)
    }

    fn counts(&self, name: &str) -> Result<Vec<u32>, String> {
        let bytes = self.raw(name, Dtype::U32)?.as_chunks::<4>().0;
        Ok(bytes.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    /// Returns numbers of 32 or 16 bit, `count` of them; 0: however many there are.
    fn numbers(&self, name: &str, count: usize) -> Result<Vec<f32>, String> {
        let numbers: Vec<f32> = match self.raw(name, Dtype::F16) {
            Ok(bytes) => {
                bytes.as_chunks().0.iter().map(|bytes| half(u16::from_le_bytes(*bytes))).collect()
            }
            Err(_) => {
                let bytes = self.raw(name, Dtype::F32)?.as_chunks().0;
                bytes.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
            }
        };
        if count != 0 && numbers.len() != count {
            return Err(format!("`{name}` has {} numbers, not {count}", numbers.len()));
        }
        if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
            return Err(format!("`{name}` holds {number}"));
        }
        Ok(numbers)
    }

    fn matrix(&self, name: &str, columns: usize) -> Result<Matrix, String> {
        let scales = self.numbers(&format!("{name}.scale"), 0)?;
        let numbers = scales.len() * columns;
        let codes = if let Ok(bytes) = self.bytes(&format!("{name}.bytes"), Dtype::I8) {
            sized(name, &bytes, numbers)?;
            Codes::Eight(bytes)
        } else {
            let nibbles = self.bytes(&format!("{name}.nibbles"), Dtype::U8)?;
            sized(name, &nibbles, numbers / 2)?;
            let steps = self.bytes(&format!("{name}.steps"), Dtype::I8)?;
            sized(name, &steps, numbers / BLOCK)?;
            Codes::Four { nibbles, steps }
        };
        Ok(Matrix { codes, scales, columns })
    }

    fn dense(&self, name: &str, columns: usize, rows: usize) -> Result<Dense, String> {
        let matrix = self.matrix(name, columns)?;
        if rows != 0 && matrix.rows() != rows || !matrix.rows().is_multiple_of(BLOCK) {
            return Err(format!("`{name}` has {} rows", matrix.rows()));
        }
        let shift = self.numbers(&format!("{name}.shift"), matrix.rows())?;
        Ok(Dense { matrix, shift })
    }

    fn norm(&self, name: &str, width: usize, epsilon: f32) -> Result<Norm, String> {
        let gain = self.numbers(&format!("{name}.gain"), width)?;
        let shift = self.numbers(&format!("{name}.shift"), width)?;
        Ok(Norm { gain, shift, epsilon })
    }

    fn layer(&self, at: usize, width: usize, epsilon: f32) -> Result<Layer, String> {
        let widen = self.dense(&format!("{at}.widen"), width, 0)?;
        Ok(Layer {
            gather: self.dense(&format!("{at}.gather"), width, 3 * width)?,
            mix: self.dense(&format!("{at}.mix"), width, width)?,
            mixed: self.norm(&format!("{at}.mixed"), width, epsilon)?,
            narrow: self.dense(&format!("{at}.narrow"), widen.shift.len(), width)?,
            widen,
            done: self.norm(&format!("{at}.done"), width, epsilon)?,
        })
    }
}

fn sized(name: &str, bytes: &Bytes, expected: usize) -> Result<(), String> {
    if bytes.len() == expected {
        return Ok(());
    }
    Err(format!("`{name}` has {} bytes, not {expected}", bytes.len()))
}

/// Returns a number of 16 bit as one of 32.
pub(crate) fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10 & 0x1f);
    let fraction = u32::from(bits & 0x3ff);
    match exponent {
        // Too small for an exponent of its own: a multiple of 2^-24.
        0 => f32::from_bits(sign | 0x3f80_0000) * fraction as f32 / 16_777_216.0,
        31 => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read() {
        for (bits, number) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x8000, 0.0),
        ] {
            assert_eq!(half(bits), number);
        }
    }
}
