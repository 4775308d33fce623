//! Ranks answers by their words and by their meaning together, and says how sure the best ones are.
//!
//! First each answer, and that there is none, gets a score such that their exponentials are as their
//! chances. Then the chance of the best is judged anew from how it stands among the others, since
//! being ahead of them says more of it than the scores alone.

use super::confidence::{NO_ANSWER, RANK, Standing};

/// What is seen of one answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Its words' score over the most that the question could reach.
    pub(super) words: f32,
    /// The share of the question's weight that its best phrasing has.
    pub(super) covered: f32,
    /// The share of that phrasing's weight that the question has.
    pub(super) covers: f32,
    /// How near its meaning is, as [`crate::meaning::near::Nearness`].
    pub(super) best: f32,
    pub(super) mean: f32,
    pub(super) text: f32,
}

/// What is seen of the question.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Question {
    /// The share of its weight that is in words nobody knows.
    pub(super) unknown: f32,
    /// The number of its words that say something, as a logarithm.
    pub(super) length: f32,
    /// The number of answers, as a logarithm.
    pub(super) answers: f32,
    /// The number of headings an answer, as a logarithm.
    pub(super) headings: f32,
}

/// An answer that was ranked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    /// Its number.
    pub(super) at: usize,
    /// Its score.
    pub(super) score: f32,
    /// The probability that it is the one that was asked for.
    pub(super) confidence: f32,
}

impl Seen {
    pub(super) fn values(&self) -> [f32; RANK.len()] {
        [self.words, self.covered, self.covers, self.best, self.mean, self.text]
    }

    fn score(&self) -> f32 {
        RANK.iter().zip(self.values()).map(|(by, value)| by * value).sum()
    }

    fn is_exact(&self) -> bool {
        self.covered > 0.999 && self.covers > 0.999
    }
}

impl Question {
    pub(super) fn values(&self) -> [f32; NO_ANSWER.len() - 1] {
        [self.unknown, self.length, self.answers, self.headings]
    }

    /// The score of there being no answer.
    fn score(&self) -> f32 {
        let [bias, by @ ..] = NO_ANSWER;
        bias + by.iter().zip(self.values()).map(|(by, value)| by * value).sum::<f32>()
    }
}

/// The best `most` answers, the best first; equal ones by number. `apart` is how much less of a rival
/// the second is to the first.
pub(super) fn ranked(
    seen: &[Seen],
    question: &Question,
    most: usize,
    apart: impl Fn(usize, usize) -> f32,
) -> Vec<Ranked> {
    let scores: Vec<f32> = seen.iter().map(Seen::score).collect();
    let none = question.score();
    let order = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
    let mut best: Vec<usize> = (0..seen.len()).collect();
    if best.len() > most {
        best.select_nth_unstable_by(most, order);
        best.truncate(most);
    }
    best.sort_unstable_by(order);
    let Some(&first) = best.first() else { return Vec::new() };
    let highest = scores[first].max(none);
    let all: f32 = scores.iter().map(|score| (score - highest).exp()).sum();
    let words = Two::of(seen.iter().map(|seen| seen.words));
    let nearest = Two::of(seen.iter().map(|seen| seen.best));
    let score_of = |place: usize| best.get(place).map(|at| scores[*at]);
    let one = |(place, &at): (usize, &usize)| {
        let (seen, score) = (&seen[at], scores[at]);
        let rival = if place == 0 { 1 } else { 0 };
        let less = best.get(rival).map_or(0.0, |rival| apart(at, *rival));
        let own = (score - highest).exp();
        let standing = Standing {
            chance: own.ln() - (all + (none - highest).exp()).ln(),
            over_none: score - none,
            over_rival: score - score_of(rival).map_or(none, |rival| rival - less),
            over_third: score - score_of(2).unwrap_or(none),
            others: ((all - own).max(f32::MIN_POSITIVE) / own).ln().max(OTHERS_MIN),
            text: seen.text,
            words_ahead: seen.words - words.other(at),
            best_ahead: seen.best - nearest.other(at),
            exact: seen.is_exact(),
        };
        Ranked { at, score, confidence: standing.confidence() }
    };
    best.iter().enumerate().map(one).collect()
}

/// Where there are no others to speak of, their weight counts as this.
const OTHERS_MIN: f32 = -12.0;

/// The two highest of some values.
struct Two {
    first: (usize, f32),
    second: f32,
}

impl Two {
    fn of(values: impl Iterator<Item = f32>) -> Two {
        let mut two = Two { first: (usize::MAX, 0.0), second: 0.0 };
        for (at, value) in values.enumerate() {
            if two.first.0 == usize::MAX || value > two.first.1 {
                two.second = if two.first.0 == usize::MAX { 0.0 } else { two.first.1 };
                two.first = (at, value);
            } else if at == 1 || value > two.second {
                two.second = value;
            }
        }
        two
    }

    /// The highest of the others.
    fn other(&self, at: usize) -> f32 {
        if self.first.0 == at { self.second } else { self.first.1 }
    }
}
