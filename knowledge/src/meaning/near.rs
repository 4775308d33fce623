//! How near a question's meaning is to what answers.

use super::kept::{Eighth, Meanings};
use encoder::{Vector, products};
use std::ops::Range;

/// How many headings the generic questions count as: a library that has written few takes from them
/// what all questions have in common.
const GENERIC_WEIGHT: f32 = 16.0;

/// Headings that point everywhere have no middle: their sum is held to be at least as long as this share of
/// what it would be if all pointed the same way.
const MIDDLE_MIN: f32 = 0.1;

/// Two questions as near as this, in two languages, are the same question.
const TWIN: f32 = 0.6;

/// So many headings of an answer are held against others' to find one that says the same.
const TWIN_HEADINGS_MAX: usize = 3;

/// A text of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    /// The number of the answer.
    pub(crate) by: u32,
    /// Whether it is one of its headings.
    pub(crate) is_heading: bool,
}

/// The meanings of answers' texts, ready to be held against a question's.
///
/// Vectors of questions have much in common that tells none from another. So their mean is taken off
/// before they are compared, which is what makes near and far differ.
#[derive(Debug)]
pub(crate) struct Near {
    width: usize,
    numbers: Vec<i8>,
    scales: Vec<f32>,
    owned: Vec<Owned>,
    /// By answer: the length of the sum of its headings' directions.
    middles: Vec<f32>,
    common: Vec<f32>,
    /// The squared length of `common`.
    squared: f32,
    /// By text: its product with `common`, and its length once that is taken off.
    with_common: Vec<f32>,
    lengths: Vec<f32>,
}

/// How near a question is to an answer: cosines, once what all have in common is taken off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Nearness {
    /// To the nearest of its headings.
    pub(crate) best: f32,
    /// To the middle of its headings: the mean of their directions.
    pub(crate) middle: f32,
    /// To the nearest passage of its text; 0 if it has none.
    pub(crate) text: f32,
}

impl Near {
    /// Takes those texts of a generation that stand in `range`, with whose they are, in their order;
    /// `generic` is where the generic questions stand.
    pub(crate) fn new(
        meanings: &Meanings,
        range: Range<usize>,
        owned: Vec<Owned>,
        generic: Range<usize>,
    ) -> Near {
        let width = meanings.width;
        let headings = range.clone().zip(&owned).filter(|(_, owned)| owned.is_heading);
        let (mut common, own) = sum(meanings, headings.map(|(at, _)| at));
        let (generic, count) = sum(meanings, generic);
        let weight = GENERIC_WEIGHT / f32::max(count, 1.0);
        for (sum, generic) in common.iter_mut().zip(generic) {
            *sum = (*sum + weight * generic) / (own + GENERIC_WEIGHT);
        }
        let squared = common.iter().map(|number| number * number).sum();
        let with = |at: usize| {
            let row = meanings.row(at).iter().zip(&common);
            row.map(|(a, b)| f32::from(*a) * b).sum::<f32>() * meanings.scales[at]
        };
        let with_common: Vec<f32> = range.clone().map(with).collect();
        let lengths: Vec<f32> = with_common.iter().map(|with| length(*with, squared)).collect();
        let middles = middles(meanings, range.start, &owned, &common, &lengths);
        Near {
            width,
            numbers: meanings.numbers[range.start * width..range.end * width].to_vec(),
            scales: meanings.scales[range].to_vec(),
            middles,
            owned,
            lengths,
            common,
            squared,
            with_common,
        }
    }

    /// How near a question is to each answer, by their numbers.
    pub(crate) fn to(&self, question: &Vector) -> Vec<Nearness> {
        let eighth = Eighth::of(question);
        let with: f32 = question.numbers().iter().zip(&self.common).map(|(a, b)| a * b).sum();
        let own = length(with, self.squared);
        let none = Nearness { best: -1.0, middle: 0.0, text: f32::MIN };
        let mut near = vec![none; self.middles.len()];
        for (at, product) in products(&eighth.numbers, &self.numbers).into_iter().enumerate() {
            let plain = product as f32 * eighth.scale * self.scales[at];
            let apart =
                (plain - with - self.with_common[at] + self.squared) / (own * self.lengths[at]);
            let Owned { by, is_heading } = self.owned[at];
            let near = &mut near[by as usize];
            if is_heading {
                near.best = near.best.max(apart);
                near.middle += apart;
            } else {
                near.text = near.text.max(apart);
            }
        }
        for (near, middle) in near.iter_mut().zip(&self.middles) {
            near.middle /= middle;
            near.text = if near.text == f32::MIN { 0.0 } else { near.text };
        }
        near
    }

    /// The answer that says the same as another, if one does of those that may be meant.
    pub(crate) fn twin(&self, of: usize, may_be: impl Fn(usize) -> bool) -> Option<usize> {
        let own: Vec<usize> = (0..self.owned.len())
            .filter(|at| self.owned[*at].by as usize == of && self.owned[*at].is_heading)
            .take(TWIN_HEADINGS_MAX)
            .collect();
        let mut nearest: Option<(f32, u32)> = None;
        for one in own {
            let row = &self.numbers[one * self.width..(one + 1) * self.width];
            for (at, product) in products(row, &self.numbers).into_iter().enumerate() {
                let Owned { by, is_heading } = self.owned[at];
                if !is_heading || !may_be(by as usize) {
                    continue;
                }
                let plain = product as f32 * self.scales[one] * self.scales[at];
                let near = (plain - self.with_common[one] - self.with_common[at] + self.squared)
                    / (self.lengths[one] * self.lengths[at]);
                if near >= TWIN && nearest.is_none_or(|(best, _)| near > best) {
                    nearest = Some((near, by));
                }
            }
        }
        nearest.map(|(_, by)| by as usize)
    }
}

/// By answer, the length of the sum of its headings' directions once what all have in common is taken off: what a sum of
/// cosines is divided by to be the cosine to that sum. 1 where there is no heading.
fn middles(
    meanings: &Meanings,
    first: usize,
    owned: &[Owned],
    common: &[f32],
    lengths: &[f32],
) -> Vec<f32> {
    let mut middles = vec![1.0; owned.last().map_or(0, |last| last.by as usize + 1)];
    let texts: Vec<(usize, &Owned)> =
        owned.iter().enumerate().filter(|(_, owned)| owned.is_heading).collect();
    for of_one in texts.chunk_by(|(_, one), (_, next)| one.by == next.by) {
        let mut sum = vec![0.0_f32; common.len()];
        for (at, _) in of_one {
            let (row, scale) = (meanings.row(first + at), meanings.scales[first + at]);
            for ((sum, number), common) in sum.iter_mut().zip(row).zip(common) {
                *sum += (f32::from(*number) * scale - common) / lengths[*at];
            }
        }
        let squared: f32 = sum.iter().map(|number| number * number).sum();
        if let Some((_, owned)) = of_one.first() {
            middles[owned.by as usize] = squared.sqrt().max(MIDDLE_MIN * of_one.len() as f32);
        }
    }
    middles
}

/// The sum of texts' meanings, and how many they are.
fn sum(meanings: &Meanings, texts: impl Iterator<Item = usize>) -> (Vec<f32>, f32) {
    let (mut all, mut count) = (vec![0.0; meanings.width], 0.0);
    for at in texts {
        for (sum, number) in all.iter_mut().zip(meanings.row(at)) {
            *sum += f32::from(*number) * meanings.scales[at];
        }
        count += 1.0;
    }
    (all, count)
}

/// The length of a unit vector once a vector is taken off with which it has this product, and which
/// has this squared length.
fn length(with: f32, squared: f32) -> f32 {
    (1.0 - 2.0 * with + squared).max(1e-4).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What three texts are near to, computed in plain arithmetic.
    #[test]
    fn what_all_have_in_common_is_taken_off() {
        let vector = |numbers: [f32; 4]| {
            let mut all = numbers.to_vec();
            all.resize(32, 0.0);
            Vector::new(all)
        };
        let texts = [
            [1.0, 0.2, 0.0, 0.0],
            [1.0, 0.0, 0.2, 0.0],
            [1.0, 0.0, 0.0, 0.3],
            [1.0, 0.1, 0.1, 0.1],
        ]
        .map(vector);
        let meanings = Meanings::of(&texts);
        let heading = |by| Owned { by, is_heading: true };
        let owned = vec![heading(0), heading(1), Owned { by: 1, is_heading: false }];
        let near = Near::new(&meanings, 0..3, owned, 3..4);
        let common: Vec<f32> = (0..4)
            .map(|at| {
                let of = |text: usize| texts[text].numbers()[at];
                (of(0) + of(1) + GENERIC_WEIGHT * of(3)) / (2.0 + GENERIC_WEIGHT)
            })
            .collect();
        let question = vector([1.0, 0.3, 0.0, 0.0]);
        let off = |vector: &Vector| -> Vec<f32> {
            vector.numbers().iter().zip(&common).map(|(a, b)| a - b).collect()
        };
        let cosine = |a: &[f32], b: &[f32]| {
            let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            product(a, b) / (product(a, a).sqrt() * product(b, b).sqrt())
        };
        let found = near.to(&question);
        assert_eq!(found.len(), 2);
        for (found, text) in
            [(found[0].best, 0), (found[1].best, 1), (found[1].middle, 1), (found[1].text, 2)]
        {
            let expected = cosine(&off(&question), &off(&texts[text]));
            assert!((found - expected).abs() < 0.05, "{found} for {expected}");
        }
        assert!(found[0].best > 0.9 && found[1].best < 0.0, "{found:?}");
    }
}
