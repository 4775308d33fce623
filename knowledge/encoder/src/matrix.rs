//! Matrices in 8 or 4 bit, and how tokens are multiplied with them.
//!
//! The products are whole numbers: a token is brought to 13 to 16 bit, which loses nothing that could be seen beside what
//! the matrix has lost, and a sum of [`CHUNK`] products stays inside an `i32` whatever the numbers are.

use std::borrow::Cow;

use crate::lanes::{Dot, LANES, Lanes, ROWS, Work, nearest, widest};

/// Bytes of a file: of the program's own, or read from elsewhere.
pub(crate) type Bytes = Cow<'static, [u8]>;

/// Numbers that share one step in a matrix of 4 bit.
pub(crate) const BLOCK: usize = LANES;

/// The most numbers that are added up as whole numbers; a token has a scale of its own for each chunk.
const CHUNK: usize = 512;

/// Tokens that are multiplied with a few rows before the next rows' turn: what they need lies in the fastest memory.
const TOKENS: usize = 48;

/// A matrix: what it was made from is `codes × scale of the row`.
#[derive(Debug)]
pub(crate) struct Matrix {
    pub(crate) codes: Codes,
    pub(crate) scales: Vec<f32>,
    pub(crate) columns: usize,
}

/// The numbers of a matrix, row by row.
#[derive(Debug)]
pub(crate) enum Codes {
    /// One signed byte a number.
    Eight(Bytes),
    /// Half a byte a number: of 32, the first 16 in the lower halves. Each is eight too large, and is to be multiplied
    /// with the step of its 32, a signed byte.
    Four { nibbles: Bytes, steps: Bytes },
}

/// Tokens as they are multiplied: whole numbers with a scale for each chunk.
#[derive(Default)]
pub(crate) struct Tokens {
    lanes: Vec<Lanes>,
    scales: Vec<f32>,
}

impl Matrix {
    /// Returns how many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.scales.len()
    }

    /// Writes one row as it was, and nothing for a row that there is not.
    pub(crate) fn row(&self, row: usize, into: &mut [f32]) {
        if row < self.rows() {
            widest(Row { matrix: self, row, into });
        }
    }

    /// Multiplies tokens (one after another, `columns` numbers each) with the matrix and adds the shift.
    pub(crate) fn multiply(
        &self,
        tokens: &[f32],
        with: &mut Tokens,
        shift: &[f32],
        into: &mut [f32],
    ) {
        widest(Multiply { matrix: self, tokens, with, shift, into });
    }

    /// Writes a row's numbers from a chunk's first on.
    #[inline(always)]
    fn expand<D: Dot>(&self, dot: D, row: usize, from: usize, into: &mut [Lanes]) {
        let first = row * self.columns + from;
        let count = into.len() * LANES;
        match &self.codes {
            Codes::Eight(bytes) => {
                let bytes = bytes[first..first + count].as_chunks::<LANES>().0;
                for (lanes, bytes) in into.iter_mut().zip(bytes) {
                    *lanes = dot.bytes(*bytes);
                }
            }
            Codes::Four { nibbles, steps } => {
                let nibbles = nibbles[first / 2..(first + count) / 2].as_chunks().0;
                let steps = &steps[first / BLOCK..(first + count) / BLOCK];
                for ((lanes, nibbles), step) in into.iter_mut().zip(nibbles).zip(steps) {
                    *lanes = dot.halves(*nibbles, i16::from(step.cast_signed()));
                }
            }
        }
    }

    /// Returns the largest whole number that a token may have, so that no sum of a chunk leaves an `i32`.
    fn largest(&self, chunk: usize) -> f32 {
        let code = match self.codes {
            Codes::Eight(_) => 128,
            Codes::Four { .. } => 8 * 128,
        };
        let largest = i32::MAX as usize / (chunk * code);
        largest.min(i16::MAX as usize) as f32
    }
}

/// Returns the largest chunk that divides the columns; whole blocks, which the reader of files has seen to.
fn chunk(columns: usize) -> usize {
    let blocks = columns / BLOCK;
    let most = (CHUNK / BLOCK).min(blocks);
    (1..=most).rev().find(|chunk| blocks.is_multiple_of(*chunk)).unwrap_or(1) * BLOCK
}

struct Row<'a> {
    matrix: &'a Matrix,
    row: usize,
    into: &'a mut [f32],
}

impl Work for Row<'_> {
    #[inline(always)]
    fn run<D: Dot>(self, dot: D) {
        let Row { matrix, row, into } = self;
        let scale = matrix.scales[row];
        let mut lanes = [[0; LANES]; 1];
        for (at, into) in into.chunks_exact_mut(BLOCK).enumerate() {
            matrix.expand(dot, row, at * BLOCK, &mut lanes);
            for (number, code) in into.iter_mut().zip(lanes.as_flattened()) {
                *number = f32::from(*code) * scale;
            }
        }
    }
}

struct Multiply<'a> {
    matrix: &'a Matrix,
    tokens: &'a [f32],
    with: &'a mut Tokens,
    shift: &'a [f32],
    into: &'a mut [f32],
}

impl Work for Multiply<'_> {
    #[inline(always)]
    fn run<D: Dot>(self, dot: D) {
        let Multiply { matrix, tokens, with, shift, into } = self;
        let chunk = chunk(matrix.columns);
        with.take(tokens, chunk, matrix.largest(chunk));
        let rows = matrix.rows();
        for token in into.chunks_exact_mut(rows) {
            token.copy_from_slice(shift);
        }

        let chunks = matrix.columns / chunk;
        let lanes = matrix.columns / LANES;
        let width = chunk / LANES;
        let mut expanded = [[[0_i16; LANES]; CHUNK / LANES]; ROWS];
        let parts = with.lanes.chunks(TOKENS * lanes).zip(with.scales.chunks(TOKENS * chunks));
        for ((part, scales), into) in parts.zip(into.chunks_mut(TOKENS * rows)) {
            let count = part.len() / lanes;
            for row in (0..rows).step_by(ROWS) {
                let weights: &[f32; ROWS] = &matrix.scales[row..].as_chunks().0[0];
                for at in 0..chunks {
                    for (next, lanes) in expanded.iter_mut().enumerate() {
                        matrix.expand(dot, row + next, at * chunk, &mut lanes[..width]);
                    }
                    let mut now: [&[Lanes]; ROWS] = [&[]; ROWS];
                    for (now, lanes) in now.iter_mut().zip(&expanded) {
                        *now = &lanes[..width];
                    }
                    let mut tile =
                        Tile { part, scales, lanes, width, chunks, at, weights, rows, row, into };
                    let mut token = 0;
                    // Two tokens: the sums of more would not fit into the registers of AVX2.
                    while token + 2 <= count {
                        tile.multiply::<D, 2>(dot, now, token);
                        token += 2;
                    }
                    if token < count {
                        tile.multiply::<D, 1>(dot, now, token);
                    }
                }
            }
        }
    }
}

/// Some rows' chunk, and where the tokens and what comes of them lie.
struct Tile<'a> {
    part: &'a [Lanes],
    scales: &'a [f32],
    lanes: usize,
    width: usize,
    chunks: usize,
    at: usize,
    weights: &'a [f32; ROWS],
    rows: usize,
    row: usize,
    into: &'a mut [f32],
}

impl Tile<'_> {
    /// Adds the products of some tokens.
    #[inline(always)]
    fn multiply<D: Dot, const T: usize>(&mut self, dot: D, rows: [&[Lanes]; ROWS], token: usize) {
        let mut tokens: [&[Lanes]; T] = [&[]; T];
        for (next, lanes) in tokens.iter_mut().enumerate() {
            *lanes = &self.part[(token + next) * self.lanes + self.at * self.width..][..self.width];
        }
        let sums = dot.tile(rows, tokens);
        for (next, sums) in sums.iter().enumerate() {
            let scale = self.scales[(token + next) * self.chunks + self.at];
            let out = &mut self.into[(token + next) * self.rows + self.row..].as_chunks_mut().0[0];
            let mut sum: [f32; ROWS] = *out;
            for row in 0..ROWS {
                sum[row] += sums[row] as f32 * (self.weights[row] * scale);
            }
            *out = sum;
        }
    }
}

impl Tokens {
    /// Takes tokens as whole numbers of at most `largest`.
    #[inline(always)]
    fn take(&mut self, tokens: &[f32], chunk: usize, largest: f32) {
        self.scales.clear();
        self.lanes.resize(tokens.len() / LANES, [0; LANES]);
        let into = self.lanes.chunks_exact_mut(chunk / LANES);
        for (numbers, into) in tokens.chunks_exact(chunk).zip(into) {
            let mut tops = [0.0_f32; LANES];
            for numbers in numbers.as_chunks::<LANES>().0 {
                for lane in 0..LANES {
                    tops[lane] = tops[lane].max(numbers[lane].abs());
                }
            }
            let top = tops.iter().fold(0.0_f32, |top, lane| top.max(*lane));
            let scale = if top > 0.0 { top / largest } else { 1.0 };
            let per = 1.0 / scale;
            for (numbers, into) in numbers.as_chunks::<LANES>().0.iter().zip(into) {
                for lane in 0..LANES {
                    into[lane] = nearest(numbers[lane] * per).0 as i16;
                }
            }
            self.scales.push(scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look like chance and are the same each time.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(next).collect()
    }

    fn bytes(count: usize, seed: u32) -> Bytes {
        numbers(count, seed).into_iter().map(|number| (number * 127.0) as i8 as u8).collect()
    }

    #[test]
    fn multiplies_as_the_rows_say() {
        for columns in [96, 384, 1536] {
            for tokens in [1, 2, 3, 7, 50] {
                let rows = 8;
                let four = Codes::Four {
                    nibbles: bytes(rows * columns / 2, 5),
                    steps: bytes(rows * columns / BLOCK, 6),
                };
                for codes in [Codes::Eight(bytes(rows * columns, 3)), four] {
                    let matrix = Matrix { codes, scales: numbers(rows, 9), columns };
                    let input = numbers(tokens * columns, 11);
                    let shift = numbers(rows, 12);
                    let mut found = vec![0.0; tokens * rows];
                    matrix.multiply(&input, &mut Tokens::default(), &shift, &mut found);
                    let mut row = vec![0.0; columns];
                    for at in 0..rows {
                        matrix.row(at, &mut row);
                        for token in 0..tokens {
                            let numbers = &input[token * columns..][..columns];
                            let sum: f32 = numbers.iter().zip(&row).map(|(a, b)| a * b).sum();
                            let norm: f32 =
                                row.iter().map(|number| number * number).sum::<f32>().sqrt();
                            let off = (found[token * rows + at] - sum - shift[at]).abs() / norm;
                            assert!(off < 0.01, "{columns} columns, {tokens} tokens: off by {off}");
                        }
                    }
                }
            }
        }
    }
}
