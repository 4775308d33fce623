//! The transformer: from the numbers of pieces to a vector.

use crate::lanes::{Dot, Work, exp, gelu, product, sum, widest};
use crate::matrix::{Matrix, Tokens};

/// A BERT encoder, whose vector is the mean of what it makes of the pieces.
#[derive(Debug)]
pub(crate) struct Network {
    /// One row a piece.
    pub(crate) words: Matrix,
    /// What is added to the pieces by their places, one row a place.
    pub(crate) positions: Vec<f32>,
    /// What is added to every piece.
    pub(crate) kind: Vec<f32>,
    pub(crate) norm: Norm,
    pub(crate) layers: Vec<Layer>,
    /// Into how many parts a piece is taken apart where pieces look at each other.
    pub(crate) heads: usize,
    /// What weighs those directions less in which ways of asking the same differ.
    pub(crate) turn: Option<Dense>,
}

/// One layer.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Query, key and value in one.
    pub(crate) gather: Dense,
    pub(crate) mix: Dense,
    pub(crate) mixed: Norm,
    pub(crate) widen: Dense,
    pub(crate) narrow: Dense,
    pub(crate) done: Norm,
}

/// A matrix and what is added afterwards.
#[derive(Debug)]
pub(crate) struct Dense {
    pub(crate) matrix: Matrix,
    pub(crate) shift: Vec<f32>,
}

/// Brings numbers to mean 0 and variance 1, then to what was learnt.
#[derive(Debug)]
pub(crate) struct Norm {
    pub(crate) gain: Vec<f32>,
    pub(crate) shift: Vec<f32>,
    /// Keeps the division away from zero.
    pub(crate) epsilon: f32,
}

impl Network {
    /// Returns the length of a vector.
    pub(crate) fn width(&self) -> usize {
        self.kind.len()
    }

    /// Returns how many pieces there are places for.
    pub(crate) fn places(&self) -> usize {
        self.positions.len() / self.width()
    }

    /// Returns the unit vector of the pieces; more than there are places for are cut off.
    pub(crate) fn vector(&self, pieces: &[u32]) -> Vec<f32> {
        let width = self.width();
        let pieces = &pieces[..pieces.len().min(self.places())];
        let mut tokens = vec![0.0; pieces.len() * width];
        for ((piece, token), place) in pieces
            .iter()
            .zip(tokens.chunks_exact_mut(width))
            .zip(self.positions.chunks_exact(width))
        {
            self.words.row(*piece as usize, token);
            for ((number, place), kind) in token.iter_mut().zip(place).zip(&self.kind) {
                *number += place + kind;
            }
        }
        self.norm.apply(&mut tokens);

        let wide = self.layers.iter().map(|layer| layer.widen.shift.len()).max().unwrap_or(0);
        let mut gathered = vec![0.0; pieces.len() * 3 * width];
        let mut context = vec![0.0; pieces.len() * width];
        let mut change = vec![0.0; pieces.len() * width];
        let mut middle = vec![0.0; pieces.len() * wide];
        let mut scratch = Tokens::default();
        for layer in &self.layers {
            layer.gather.apply(&tokens, &mut scratch, &mut gathered);
            widest(Attention { gathered: &gathered, width, heads: self.heads, into: &mut context });
            layer.mix.apply(&context, &mut scratch, &mut change);
            add(&mut tokens, &change);
            layer.mixed.apply(&mut tokens);
            layer.widen.apply(&tokens, &mut scratch, &mut middle);
            widest(Bend(&mut middle));
            layer.narrow.apply(&middle, &mut scratch, &mut change);
            add(&mut tokens, &change);
            layer.done.apply(&mut tokens);
        }

        let mut vector = vec![0.0; width];
        for token in tokens.chunks_exact(width) {
            add(&mut vector, token);
        }
        if let Some(turn) = &self.turn {
            let mut turned = vec![0.0; width];
            turn.apply(&vector, &mut scratch, &mut turned);
            vector = turned;
        }
        unit(vector)
    }
}

/// Brings a vector to length 1; one of nothing but zeros stays.
pub(crate) fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|number| *number /= length);
    }
    vector
}

fn add(into: &mut [f32], numbers: &[f32]) {
    into.iter_mut().zip(numbers).for_each(|(into, number)| *into += number);
}

impl Dense {
    fn apply(&self, tokens: &[f32], scratch: &mut Tokens, into: &mut [f32]) {
        self.matrix.multiply(tokens, scratch, &self.shift, into);
    }
}

impl Norm {
    fn apply(&self, tokens: &mut [f32]) {
        widest(Normalise { norm: self, tokens });
    }
}

struct Normalise<'a> {
    norm: &'a Norm,
    tokens: &'a mut [f32],
}

impl Work for Normalise<'_> {
    #[inline(always)]
    fn run<D: Dot>(self, dot: D) {
        let Norm { gain, shift, epsilon } = self.norm;
        let width = gain.len() as f32;
        for token in self.tokens.chunks_exact_mut(gain.len()) {
            let mean = sum(token) / width;
            token.iter_mut().for_each(|number| *number -= mean);
            let per = 1.0 / (product(dot, token, token) / width + epsilon).sqrt();
            for ((number, gain), shift) in token.iter_mut().zip(gain).zip(shift) {
                *number = *number * per * gain + shift;
            }
        }
    }
}

struct Bend<'a>(&'a mut [f32]);

impl Work for Bend<'_> {
    #[inline(always)]
    fn run<D: Dot>(self, dot: D) {
        self.0.iter_mut().for_each(|number| *number = gelu(dot, *number));
    }
}

/// Each piece takes of the others what is like it, head by head.
struct Attention<'a> {
    /// Query, key and value of each piece.
    gathered: &'a [f32],
    width: usize,
    heads: usize,
    into: &'a mut [f32],
}

impl Work for Attention<'_> {
    #[inline(always)]
    fn run<D: Dot>(self, dot: D) {
        let Attention { gathered, width, heads, into } = self;
        let part = width / heads;
        let scale = 1.0 / (part as f32).sqrt();
        let count = into.len() / width;
        // Some room more, so that the exponents are taken eight at a time.
        let mut shares = vec![0.0_f32; count.next_multiple_of(8)];
        for head in 0..heads {
            let of = |token: usize, kind: usize| {
                &gathered[(token * 3 + kind) * width + head * part..][..part]
            };
            for token in 0..count {
                let query = of(token, 0);
                let mut top = f32::MIN;
                for (other, share) in shares[..count].iter_mut().enumerate() {
                    *share = product(dot, query, of(other, 1)) * scale;
                    top = top.max(*share);
                }
                shares[count..].fill(f32::MIN);
                shares.iter_mut().for_each(|share| *share = exp(dot, *share - top));
                shares[count..].fill(0.0);
                let per = 1.0 / sum(&shares);
                let out = &mut into[token * width + head * part..][..part];
                out.fill(0.0);
                for (other, share) in shares[..count].iter().enumerate() {
                    let share = share * per;
                    for (out, value) in out.iter_mut().zip(of(other, 2)) {
                        *out = dot.fused(share, *value, *out);
                    }
                }
            }
        }
    }
}
