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
    pub(super) middle: f32,
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
        [self.words, self.covered, self.covers, self.best, self.middle, self.text]
    }

    /// Its exponential is as its chance.
    pub(super) fn score(&self) -> f32 {
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

/// The best `most` answers, the best first; equal ones by number. Those of one `group` are no rivals of
/// each other.
pub(super) fn ranked(
    seen: &[Seen],
    question: &Question,
    most: usize,
    group: impl Fn(usize) -> u32,
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
    let groups = || (0..seen.len()).map(&group);
    let words = Two::of(groups().zip(seen.iter().map(|seen| seen.words)));
    let nearest = Two::of(groups().zip(seen.iter().map(|seen| seen.best)));
    let one = |&at: &usize| {
        let (seen, score) = (&seen[at], scores[at]);
        let mut rivals = best.iter().filter(|rival| **rival != at && group(**rival) != group(at));
        let (rival, third) = (rivals.next(), rivals.next());
        let score_of = |at: Option<&usize>| at.map_or(none, |at| scores[*at]);
        let own = (score - highest).exp();
        let standing = Standing {
            chance: own.ln() - (all + (none - highest).exp()).ln(),
            over_none: score - none,
            any: all.ln() - (all + (none - highest).exp()).ln(),
            over_rival: score - score_of(rival),
            over_third: score - score_of(third),
            words_ahead: seen.words - words.other(group(at)),
            best_ahead: seen.best - nearest.other(group(at)),
            exact: seen.is_exact(),
        };
        Ranked { at, score, confidence: standing.confidence() }
    };
    best.iter().map(one).collect()
}

/// The highest of some values, and the highest of another group than its.
struct Two {
    group: u32,
    first: f32,
    second: f32,
}

impl Two {
    fn of(values: impl Iterator<Item = (u32, f32)>) -> Two {
        let mut two = Two { group: u32::MAX, first: f32::MIN, second: f32::MIN };
        for (group, value) in values {
            if group == two.group {
                two.first = two.first.max(value);
            } else if value > two.first {
                two = Two { group, first: value, second: two.first };
            } else {
                two.second = two.second.max(value);
            }
        }
        // Where there is no other, it is ahead of nothing.
        two.second = if two.second == f32::MIN { 0.0 } else { two.second };
        two
    }

    /// The highest of the other groups.
    fn other(&self, group: u32) -> f32 {
        if self.group == group { self.second } else { self.first }
    }
}
