//! Products of vectors that are kept in 8 bit.

use crate::lanes::{Dot, LANES, Lanes, ROWS, Work, widest};

/// Returns the scalar products of a vector with each of those that stand one after the other in `rows`, all in 8 bit and of
/// one length: a multiple of 32, as encoders' vectors are; what is over is cut.
pub fn products(one: &[i8], rows: &[i8]) -> Vec<i32> {
    let mut into = Vec::with_capacity(rows.len() / one.len().max(1));
    widest(Products { one, rows, into: &mut into });
    into
}

struct Products<'a> {
    one: &'a [i8],
    rows: &'a [i8],
    into: &'a mut Vec<i32>,
}

impl Work for Products<'_> {
    #[inline(always)]
    fn run<D: Dot>(self, dot: D) {
        let Products { one, rows, into } = self;
        let width = one.len() / LANES;
        let mut token = vec![[0; LANES]; width];
        expand(dot, one, &mut token);
        let mut expanded = [(); ROWS].map(|()| vec![[0; LANES]; width]);
        for some in rows.chunks(ROWS * one.len().max(1)) {
            let mut count = 0;
            for (row, lanes) in some.chunks_exact(one.len().max(1)).zip(&mut expanded) {
                expand(dot, row, lanes);
                count += 1;
            }
            let [first, second, third, fourth] = &expanded;
            let [sums] = dot.tile([first, second, third, fourth], [token.as_slice()]);
            for sum in &sums[..count] {
                into.push(*sum);
            }
        }
    }
}

#[inline(always)]
fn expand<D: Dot>(dot: D, numbers: &[i8], into: &mut [Lanes]) {
    for (numbers, lanes) in numbers.as_chunks::<LANES>().0.iter().zip(into) {
        *lanes = dot.bytes(bytemuck::cast(*numbers));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_as_the_numbers_say() {
        let number = |at: usize| ((at * 89 + 31) % 255) as i32 - 127;
        let numbers = |from: usize, count: usize| -> Vec<i8> {
            (from..from + count).map(|at| number(at) as i8).collect()
        };
        let one = numbers(5, 96);
        for count in [0, 1, 3, 4, 9] {
            let rows = numbers(1_000, count * 96);
            let plain = |row: &[i8]| -> i32 {
                row.iter().zip(&one).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
            };
            let expected: Vec<i32> = rows.chunks(96).map(plain).collect();
            assert_eq!(products(&one, &rows), expected);
        }
    }
}
