//! What scored questions come to: counts, ranks, how well sureness tells right from wrong.

use serde::Serialize;
use std::cmp::Ordering;

/// The share of all that is answered which must be right for [`Scores::coverage_at_p95`], in
/// hundredths: compared in whole numbers, so that 19 of 20 is exactly enough.
const RIGHT_OF_100: usize = 95;

/// One question, scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    /// Whether anything answers it.
    pub(crate) in_scope: bool,
    /// At which place the right one stands among all that was found, from 1.
    pub(crate) rank: Option<usize>,
    /// How sure the first of them is, 0 to 1; 0 where nothing was found.
    pub(crate) confidence: f32,
    /// What a patron would be told.
    pub(crate) told: Told,
    /// How long it took, in microseconds.
    pub(crate) took_us: u64,
}

/// What a patron would be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// An answer.
    Answer {
        /// Whether it is the right one.
        right: bool,
    },
    /// Choices, or a list.
    Choices {
        /// Whether the right one is among them.
        with_right: bool,
    },
    /// That a person was asked.
    Escalated,
}

/// The scores of a number of questions; the keys are those of `pollen eval --json`. `None` where
/// there is no question of the kind that it is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Scores {
    /// All questions.
    pub(crate) questions: usize,
    /// Those that something answers.
    pub(crate) in_scope: usize,
    /// Those that nothing answers.
    pub(crate) out_of_scope: usize,
    /// Share of the in-scope questions whose right one stands first.
    pub(crate) top1: Option<f64>,
    /// Share of those whose right one stands among the first three.
    pub(crate) recall3: Option<f64>,
    /// Share of those whose right one stands among the first five.
    pub(crate) recall5: Option<f64>,
    /// Mean of one divided by the place of the right one; 0 where it was not found.
    pub(crate) mrr: Option<f64>,
    /// How often an in-scope question is surer than an out-of-scope one; half where equally sure.
    pub(crate) auroc: Option<f64>,
    /// The largest share of in-scope questions answered rightly while at least 95 % of all that is
    /// answered is right, over all lines that could be drawn.
    pub(crate) coverage_at_p95: Option<f64>,
    /// Answered at the product's own thresholds.
    pub(crate) answered: Answered,
    /// Offered choices there.
    pub(crate) choices: Choices,
    /// Handed to staff there.
    pub(crate) escalated: Escalated,
    /// Median time of a decision, in microseconds.
    pub(crate) p50_us: Option<u64>,
    /// The time within which 99 of 100 decisions are made, in microseconds.
    pub(crate) p99_us: Option<u64>,
}

/// Questions that were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Answered {
    pub(crate) right: usize,
    pub(crate) wrong: usize,
    pub(crate) out_of_scope: usize,
}

/// Questions that brought choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Choices {
    pub(crate) with_right: usize,
    pub(crate) without: usize,
    pub(crate) out_of_scope: usize,
}

/// Questions that went to staff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Escalated {
    pub(crate) in_scope: usize,
    pub(crate) out_of_scope: usize,
}

impl Scores {
    /// Scores questions.
    pub(crate) fn of(scored: &[Scored]) -> Scores {
        let in_scope = scored.iter().filter(|one| one.in_scope).count();
        let mut scores = Scores {
            questions: scored.len(),
            in_scope,
            out_of_scope: scored.len() - in_scope,
            top1: within(scored, 1),
            recall3: within(scored, 3),
            recall5: within(scored, 5),
            mrr: mean(scored, |rank| 1.0 / rank as f64),
            auroc: auroc(scored),
            coverage_at_p95: coverage(scored),
            p50_us: percentile(scored, 50),
            p99_us: percentile(scored, 99),
            ..Scores::default()
        };
        for one in scored {
            scores.count(one);
        }
        scores
    }

    fn count(&mut self, one: &Scored) {
        let counter = match (one.told, one.in_scope) {
            (Told::Answer { right: true }, true) => &mut self.answered.right,
            (Told::Answer { right: false }, true) => &mut self.answered.wrong,
            (Told::Answer { .. }, false) => &mut self.answered.out_of_scope,
            (Told::Choices { with_right: true }, true) => &mut self.choices.with_right,
            (Told::Choices { with_right: false }, true) => &mut self.choices.without,
            (Told::Choices { .. }, false) => &mut self.choices.out_of_scope,
            (Told::Escalated, true) => &mut self.escalated.in_scope,
            (Told::Escalated, false) => &mut self.escalated.out_of_scope,
        };
        *counter += 1;
    }
}

fn within(scored: &[Scored], places: usize) -> Option<f64> {
    mean(scored, |rank| if rank <= places { 1.0 } else { 0.0 })
}

/// The mean over the in-scope questions; one whose right answer was not found counts as 0.
fn mean(scored: &[Scored], worth: impl Fn(usize) -> f64) -> Option<f64> {
    let ranks: Vec<_> = scored.iter().filter(|one| one.in_scope).map(|one| one.rank).collect();
    let sum: f64 = ranks.iter().flatten().map(|rank| worth(*rank)).sum();
    (!ranks.is_empty()).then(|| sum / ranks.len() as f64)
}

/// The area under the curve of in-scope against out-of-scope by confidence, counted in pairs:
/// each in-scope question against all out-of-scope ones less sure, and half of those equally sure.
fn auroc(scored: &[Scored]) -> Option<f64> {
    let (mut pairs, mut outs_above, mut ins) = (0.0, 0, 0);
    let outs_all = scored.iter().filter(|one| !one.in_scope).count();
    for equal in by_confidence(scored).chunk_by(same) {
        let ins_here = equal.iter().filter(|one| one.in_scope).count();
        let outs_here = equal.len() - ins_here;
        let below = outs_all - outs_above - outs_here;
        pairs += ins_here as f64 * (below as f64 + outs_here as f64 / 2.0);
        outs_above += outs_here;
        ins += ins_here;
    }
    (ins > 0 && outs_all > 0).then(|| pairs / (ins as f64 * outs_all as f64))
}

/// See [`Scores::coverage_at_p95`]. Equally sure questions are answered together or not at all: no
/// threshold could part them. Where nothing was found nothing can be answered.
fn coverage(scored: &[Scored]) -> Option<f64> {
    let in_scope = scored.iter().filter(|one| one.in_scope).count();
    let (mut answered, mut right, mut best) = (0, 0, 0);
    let sorted = by_confidence(scored);
    for equal in sorted.chunk_by(same).filter(|equal| equal[0].confidence > 0.0) {
        answered += equal.len();
        right += equal.iter().filter(|one| one.in_scope && one.rank == Some(1)).count();
        if right * 100 >= answered * RIGHT_OF_100 {
            best = right;
        }
    }
    (in_scope > 0).then(|| best as f64 / in_scope as f64)
}

/// The surest first.
fn by_confidence(scored: &[Scored]) -> Vec<Scored> {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    sorted
}

fn same(a: &Scored, b: &Scored) -> bool {
    a.confidence.total_cmp(&b.confidence) == Ordering::Equal
}

/// The smallest time that so many of a hundred do not exceed.
fn percentile(scored: &[Scored], of_100: usize) -> Option<u64> {
    let mut times: Vec<u64> = scored.iter().map(|one| one.took_us).collect();
    times.sort_unstable();
    let at = (times.len() * of_100).div_ceil(100);
    times.get(at.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(confidence: f32, rank: Option<usize>) -> Scored {
        Scored { in_scope: true, rank, confidence, told: Told::Escalated, took_us: 0 }
    }

    fn outside(confidence: f32) -> Scored {
        Scored { in_scope: false, ..inside(confidence, None) }
    }

    #[test]
    fn ranks_are_counted_over_the_in_scope_questions() {
        let ranks = [Some(1), Some(2), Some(4), Some(9), None];
        let mut scored: Vec<Scored> = ranks.into_iter().map(|rank| inside(0.5, rank)).collect();
        scored.push(outside(0.5));
        let scores = Scores::of(&scored);
        assert_eq!((scores.questions, scores.in_scope, scores.out_of_scope), (6, 5, 1));
        assert_eq!(scores.top1, Some(0.2));
        assert_eq!(scores.recall3, Some(0.4));
        assert_eq!(scores.recall5, Some(0.6));
        assert_eq!(scores.mrr, Some((1.0 + 0.5 + 0.25 + 1.0 / 9.0) / 5.0));
    }

    #[test]
    fn auroc_counts_pairs_and_half_of_the_equal_ones() {
        // In 0.9, 0.5, 0.3 against out 0.5, 0.1: 2 + (1 + 1/2) + 1 of 6 pairs.
        let scored = [
            inside(0.9, Some(1)),
            outside(0.5),
            inside(0.5, None),
            outside(0.1),
            inside(0.3, None),
        ];
        assert_eq!(Scores::of(&scored).auroc, Some(4.5 / 6.0));
        assert_eq!(auroc(&[inside(0.5, None), outside(0.5)]), Some(0.5));
        assert_eq!(auroc(&[inside(0.9, None), outside(0.5)]), Some(1.0));
        assert_eq!(auroc(&[inside(0.1, None), outside(0.5)]), Some(0.0));
    }

    #[test]
    fn coverage_is_the_largest_over_all_thresholds() {
        // One wrong on top: precision recovers to 19 of 20 with the nineteenth right one.
        let mut scored = vec![inside(0.99, Some(2))];
        scored.extend((0..19).map(|i| inside(0.9 - i as f32 * 0.01, Some(1))));
        assert_eq!(coverage(&scored), Some(19.0 / 20.0));
        // An out-of-scope question below stands beyond the line; above, it spoils all.
        scored.push(outside(0.2));
        assert_eq!(coverage(&scored), Some(19.0 / 20.0));
        scored.push(outside(0.95));
        assert_eq!(coverage(&scored), Some(0.0));
    }

    #[test]
    fn equally_sure_questions_are_answered_together() {
        let scored = [inside(0.9, Some(1)), inside(0.5, Some(1)), outside(0.5)];
        assert_eq!(coverage(&scored), Some(0.5));
        // Where nothing was found nothing is answered.
        let scored = [inside(0.9, Some(1)), inside(0.0, None), outside(0.0)];
        assert_eq!(coverage(&scored), Some(0.5));
    }

    #[test]
    fn what_there_is_no_question_for_has_no_score() {
        let scores = Scores::of(&[]);
        assert_eq!(scores, Scores::default());
        let scores = Scores::of(&[outside(0.5)]);
        assert_eq!((scores.top1, scores.mrr, scores.auroc), (None, None, None));
        assert_eq!(scores.coverage_at_p95, None);
        let scores = Scores::of(&[inside(0.5, Some(1))]);
        assert_eq!((scores.auroc, scores.coverage_at_p95), (None, Some(1.0)));
    }

    #[test]
    fn every_question_is_counted_once_by_what_was_told() {
        let told = [
            Told::Answer { right: true },
            Told::Answer { right: false },
            Told::Choices { with_right: true },
            Told::Choices { with_right: false },
            Told::Escalated,
        ];
        let each = |in_scope| told.map(|told| Scored { told, in_scope, ..inside(0.5, None) });
        let scores = Scores::of(&[each(true), each(false)].concat());
        assert_eq!(scores.answered, Answered { right: 1, wrong: 1, out_of_scope: 2 });
        assert_eq!(scores.choices, Choices { with_right: 1, without: 1, out_of_scope: 2 });
        assert_eq!(scores.escalated, Escalated { in_scope: 1, out_of_scope: 1 });
    }

    #[test]
    fn times_are_those_of_real_decisions() {
        let timed: Vec<Scored> =
            (1..=100).map(|us| Scored { took_us: us, ..inside(0.5, None) }).collect();
        assert_eq!((percentile(&timed, 50), percentile(&timed, 99)), (Some(50), Some(99)));
        assert_eq!(percentile(&timed[..1], 50), Some(1));
        assert_eq!(percentile(&timed[..3], 99), Some(3));
    }
}
