//! The innermost loops, for the instructions that the machine has.
//!
//! A [`Work`] is compiled twice on x86-64: for AVX2 and for what each such machine has; which of them runs is found out when
//! it runs. Elsewhere it is compiled once, and the compiler's own vectors have to do. AVX-512 was tried and brought nothing.
//!
//! A closure or an iterator that the compiler doesn't inline is compiled for the oldest machine, instructions and all; so
//! there are loops here, where the arithmetic is.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m128i, __m256i};

/// Numbers of a row or of a token, as they are multiplied.
pub(crate) type Lanes = [i16; LANES];

/// How many numbers are multiplied at once.
pub(crate) const LANES: usize = 32;

/// Rows of a matrix that are multiplied together, so that each number of a token is fetched once for all of them.
pub(crate) const ROWS: usize = 4;

/// Something to compute that gains from wide instructions.
pub(crate) trait Work {
    /// Must be `#[inline(always)]`, and so must all that it calls: what is not inlined is compiled for the oldest machine.
    fn run<D: Dot>(self, dot: D);
}

/// What there are instructions for.
pub(crate) trait Dot: Copy {
    /// Returns `left × right + more`, rounded once where the machine can do that as fast.
    fn fused(self, left: f32, right: f32, more: f32) -> f32;

    /// Returns signed bytes as they are.
    fn bytes(self, bytes: [u8; LANES]) -> Lanes;

    /// Returns the lower halves of bytes, then the higher ones, less eight and times the step.
    fn halves(self, bytes: [u8; LANES / 2], step: i16) -> Lanes;

    /// Returns the products of each token with each row; all have equally many lanes, and no sum may leave an `i32`.
    fn tile<const T: usize>(
        self,
        rows: [&[Lanes]; ROWS],
        tokens: [&[Lanes]; T],
    ) -> [[i32; ROWS]; T];
}

/// Does the work with the widest instructions that this machine has.
pub(crate) fn widest<W: Work>(work: W) {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = pulp::x86::V3::try_new() {
        return avx2.vectorize(Wide { work, avx2 });
    }
    work.run(Plain);
}

/// What the compiler makes of it.
#[derive(Clone, Copy)]
struct Plain;

impl Dot for Plain {
    #[inline(always)]
    fn fused(self, left: f32, right: f32, more: f32) -> f32 {
        // On an old x86 `mul_add` would be a call of the mathematical library.
        if cfg!(target_arch = "aarch64") { left.mul_add(right, more) } else { left * right + more }
    }

    #[inline(always)]
    fn bytes(self, bytes: [u8; LANES]) -> Lanes {
        bytes.map(|byte| i16::from(byte.cast_signed()))
    }

    #[inline(always)]
    fn halves(self, bytes: [u8; LANES / 2], step: i16) -> Lanes {
        let mut lanes = [0; LANES];
        let (low, high) = lanes.split_at_mut(LANES / 2);
        for ((low, high), both) in low.iter_mut().zip(high).zip(bytes) {
            *low = (i16::from(both & 15) - 8) * step;
            *high = (i16::from(both >> 4) - 8) * step;
        }
        lanes
    }

    #[inline(always)]
    fn tile<const T: usize>(
        self,
        rows: [&[Lanes]; ROWS],
        tokens: [&[Lanes]; T],
    ) -> [[i32; ROWS]; T] {
        tokens.map(|token| {
            rows.map(|row| {
                let products = row.as_flattened().iter().zip(token.as_flattened());
                products.map(|(left, right)| i32::from(*left) * i32::from(*right)).sum()
            })
        })
    }
}

#[cfg(target_arch = "x86_64")]
struct Wide<W> {
    work: W,
    avx2: pulp::x86::V3,
}

#[cfg(target_arch = "x86_64")]
impl<W: Work> pulp::NullaryFnOnce for Wide<W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.work.run(self.avx2);
    }
}

#[cfg(target_arch = "x86_64")]
impl Dot for pulp::x86::V3 {
    #[inline(always)]
    fn fused(self, left: f32, right: f32, more: f32) -> f32 {
        left.mul_add(right, more)
    }

    #[inline(always)]
    fn bytes(self, bytes: [u8; LANES]) -> Lanes {
        let [low, high]: [__m128i; 2] = bytemuck::cast(bytes);
        bytemuck::cast([self.avx2._mm256_cvtepi8_epi16(low), self.avx2._mm256_cvtepi8_epi16(high)])
    }

    #[inline(always)]
    fn halves(self, bytes: [u8; LANES / 2], step: i16) -> Lanes {
        let both = self.avx2._mm256_cvtepu8_epi16(bytemuck::cast(bytes));
        let low = self.avx2._mm256_and_si256(both, self.avx._mm256_set1_epi16(15));
        let high = self.avx2._mm256_srli_epi16::<4>(both);
        let eight = self.avx._mm256_set1_epi16(8);
        let step = self.avx._mm256_set1_epi16(step);
        let low = self.avx2._mm256_mullo_epi16(self.avx2._mm256_sub_epi16(low, eight), step);
        let high = self.avx2._mm256_mullo_epi16(self.avx2._mm256_sub_epi16(high, eight), step);
        bytemuck::cast([low, high])
    }

    #[inline(always)]
    fn tile<const T: usize>(
        self,
        rows: [&[Lanes]; ROWS],
        tokens: [&[Lanes]; T],
    ) -> [[i32; ROWS]; T] {
        let count = rows[0].len();
        let (rows, tokens) = (cut(rows, count), cut(tokens, count));
        let mut sums = [[self.avx._mm256_setzero_si256(); ROWS]; T];
        for at in 0..count {
            for half in 0..2 {
                for row in 0..ROWS {
                    let row_lanes: [__m256i; 2] = bytemuck::cast(rows[row][at]);
                    for token in 0..T {
                        let token_lanes: [__m256i; 2] = bytemuck::cast(tokens[token][at]);
                        let products =
                            self.avx2._mm256_madd_epi16(row_lanes[half], token_lanes[half]);
                        sums[token][row] = self.avx2._mm256_add_epi32(sums[token][row], products);
                    }
                }
            }
        }
        let mut found = [[0; ROWS]; T];
        for token in 0..T {
            found[token] = across(self, sums[token]);
        }
        found
    }
}

/// Returns the sum of each row's eight numbers.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn across(with: pulp::x86::V3, [one, two, three, four]: [__m256i; ROWS]) -> [i32; ROWS] {
    let low = with.avx2._mm256_hadd_epi32(one, two);
    let high = with.avx2._mm256_hadd_epi32(three, four);
    let [low, high]: [__m128i; 2] = bytemuck::cast(with.avx2._mm256_hadd_epi32(low, high));
    bytemuck::cast(with.sse2._mm_add_epi32(low, high))
}

/// Cuts slices to a length, so that the compiler knows that they have it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn cut<const N: usize>(mut slices: [&[Lanes]; N], length: usize) -> [&[Lanes]; N] {
    for slice in &mut slices {
        *slice = &slice[..length];
    }
    slices
}

/// Returns the sum of the numbers; a length that is no multiple of eight is cut.
#[inline(always)]
pub(crate) fn sum(numbers: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for numbers in numbers.as_chunks::<8>().0 {
        for lane in 0..8 {
            lanes[lane] += numbers[lane];
        }
    }
    lanes.iter().sum()
}

/// Returns the scalar product; a length that is no multiple of eight is cut.
#[inline(always)]
pub(crate) fn product<D: Dot>(dot: D, left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (left, right) in left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0) {
        for lane in 0..8 {
            lanes[lane] = dot.fused(left[lane], right[lane], lanes[lane]);
        }
    }
    lanes.iter().sum()
}

/// Returns the nearest whole number to one below four million, both as it is and as a float, without a call of the
/// mathematical library.
#[inline(always)]
pub(crate) fn nearest(number: f32) -> (i32, f32) {
    // A float of this size has no bits for a fraction.
    const WHOLE: f32 = 12_582_912.0;
    let shifted = number + WHOLE;
    (shifted.to_bits().cast_signed() - WHOLE.to_bits().cast_signed(), shifted - WHOLE)
}

/// Returns e to the power of a number that is not above zero, right to six digits.
#[inline(always)]
pub(crate) fn exp<D: Dot>(dot: D, number: f32) -> f32 {
    // Taylor's series; what it is taken of lies between -0.35 and 0.35.
    const SERIES: [f32; 7] = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    // Below this nothing is left that a softmax would see.
    let exponent = number.max(-87.0) * std::f32::consts::LOG2_E;
    let (power, whole) = nearest(exponent);
    let rest = (exponent - whole) * std::f32::consts::LN_2;
    polynomial(dot, SERIES, rest) * f32::from_bits(((power + 127) << 23).cast_unsigned())
}

/// The Gaussian error linear unit, by a rational approximation of the error function (Eigen's; right to six digits).
#[inline(always)]
pub(crate) fn gelu<D: Dot>(dot: D, number: f32) -> f32 {
    const OVER: [f32; 5] = [
        0.000_229_050_66,
        0.003_408_291,
        0.050_955_694,
        0.185_208_32,
        std::f32::consts::FRAC_2_SQRT_PI,
    ];
    const UNDER: [f32; 7] = [
        -1.179_160_3e-7,
        2.354_796_7e-5,
        0.001_017_962_5,
        0.014_070_47,
        0.110_985_05,
        0.497_469_25,
        1.0,
    ];
    let scaled = (number * std::f32::consts::FRAC_1_SQRT_2).clamp(-3.832_506, 3.832_506);
    let square = scaled * scaled;
    let over = polynomial(dot, OVER, square);
    let under = polynomial(dot, UNDER, square);
    0.5 * number * (1.0 + scaled * over / under)
}

/// Returns the value of a polynomial whose highest power comes first.
#[inline(always)]
fn polynomial<D: Dot, const N: usize>(dot: D, parts: [f32; N], number: f32) -> f32 {
    let mut sum = parts[0];
    for part in &parts[1..] {
        sum = dot.fused(sum, number, *part);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approximations_are_close() {
        for step in 20..=1740 {
            let number = -87.0 + step as f32 / 20.0;
            assert!((exp(Plain, number) / number.exp() - 1.0).abs() < 1e-5, "exp({number})");
        }
        // x, x/2 (1 + erf(x/√2))
        for (number, expected) in [
            (-6.0, 0.0),
            (-1.5, -0.100_210_8),
            (-0.5, -0.154_268_77),
            (0.0, 0.0),
            (0.3, 0.185_373_46),
            (1.0, 0.841_344_7),
            (2.0, 1.954_499_7),
            (5.0, 4.999_998_6),
        ] {
            assert!(
                (gelu(Plain, number) - expected).abs() < 2e-6,
                "gelu({number}) = {}",
                gelu(Plain, number)
            );
        }
    }

    #[test]
    fn both_ways_of_multiplying_agree() {
        struct Both<'a>(&'a mut Vec<([[i32; ROWS]; 2], Lanes, Lanes)>);
        impl Work for Both<'_> {
            fn run<D: Dot>(self, dot: D) {
                let rows: [Vec<Lanes>; ROWS] = std::array::from_fn(|row| {
                    (0..5)
                        .map(|at| {
                            std::array::from_fn(|i| {
                                ((row * 977 + at * 31 + i * 7) % 400) as i16 - 200
                            })
                        })
                        .collect()
                });
                let tokens: [Vec<Lanes>; 2] = std::array::from_fn(|token| {
                    (0..5)
                        .map(|at| {
                            std::array::from_fn(|i| {
                                ((token * 577 + at * 91 + i * 13) % 8000) as i16 - 4000
                            })
                        })
                        .collect()
                });
                let rows = std::array::from_fn(|row| &rows[row][..]);
                let sums = dot.tile(rows, std::array::from_fn(|token| &tokens[token][..]));
                let bytes: [u8; LANES] = std::array::from_fn(|at| (at * 37) as u8);
                let halves = dot.halves(std::array::from_fn(|at| bytes[at]), -127);
                self.0.push((sums, dot.bytes(bytes), halves));
            }
        }
        let mut found = Vec::new();
        widest(Both(&mut found));
        Both(&mut found).run(Plain);
        assert_eq!(found[0], found[1]);
    }
}
