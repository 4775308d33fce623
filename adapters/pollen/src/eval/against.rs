//! What changed since an earlier run.

use super::explained::Explained;
use super::metrics::Scores;
use anyhow::Context;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

/// Changed questions that are named each way; of the others the number is told.
const NAMED_MAX: usize = 20;

/// An earlier run as `--json` printed it: what of it is compared.
#[derive(Debug, Deserialize)]
pub(crate) struct Earlier {
    top1: Option<f64>,
    recall3: Option<f64>,
    recall5: Option<f64>,
    mrr: Option<f64>,
    auroc: Option<f64>,
    coverage_at_p95: Option<f64>,
    /// One a question, if the run was told to explain.
    #[serde(default)]
    asked: Vec<Explained>,
}

/// Reads an earlier run.
///
/// # Errors
/// If the file cannot be read, or is not what `pollen eval --json` prints.
pub(crate) fn read(path: &Path) -> anyhow::Result<Earlier> {
    let file = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    serde_json::from_str(&text).with_context(|| {
        format!("{file} is no earlier run; write one by `pollen eval --json --explain`")
    })
}

/// The figures of then and now, and which questions came out otherwise.
pub(crate) fn told(earlier: &Earlier, scores: &Scores, asked: &[Explained]) -> String {
    let mut text = String::from("\nAgainst the earlier run:\n");
    for (name, then, now) in [
        ("top1", earlier.top1, scores.top1),
        ("recall3", earlier.recall3, scores.recall3),
        ("recall5", earlier.recall5, scores.recall5),
        ("mrr", earlier.mrr, scores.mrr),
        ("auroc", earlier.auroc, scores.auroc),
        ("coverage_at_p95", earlier.coverage_at_p95, scores.coverage_at_p95),
    ] {
        if let (Some(then), Some(now)) = (then, now) {
            let _ = writeln!(text, "  {name:<16} {then:.3} -> {now:.3}  {:+.3}", now - then);
        }
    }
    if earlier.asked.is_empty() {
        text.push_str("  It was run without --explain, so its questions are not known.\n");
        return text;
    }
    let before: HashMap<(&str, Option<&str>), &Explained> =
        earlier.asked.iter().map(|one| (key(one), one)).collect();
    let known: Vec<(&Explained, &Explained)> =
        asked.iter().filter_map(|now| Some((*before.get(&key(now))?, now))).collect();
    for (title, better) in [("Better now", true), ("Worse now", false)] {
        let changed: Vec<&(&Explained, &Explained)> = known
            .iter()
            .filter(|(then, now)| {
                let (then, now) = (worth(then), worth(now));
                if better { now > then } else { now < then }
            })
            .collect();
        let _ = writeln!(text, "\n{title}: {}", changed.len());
        for (then, now) in changed.iter().take(NAMED_MAX) {
            let _ = writeln!(text, "  {}  (was: {})", now.line(), then.outcome);
        }
        if let more @ 1.. = changed.len().saturating_sub(NAMED_MAX) {
            let _ = writeln!(text, "  … and {more} more");
        }
    }
    text
}

/// A question with what answers it: the same text may be asked twice.
fn key(one: &Explained) -> (&str, Option<&str>) {
    (&one.text, one.expected.as_deref())
}

/// How good an end a question came to: told rightly before standing first before standing near.
fn worth(one: &Explained) -> (bool, std::cmp::Reverse<usize>) {
    (one.right, std::cmp::Reverse(one.rank.unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::{Earlier, told};
    use crate::eval::explained::Explained;
    use crate::eval::metrics::Scores;

    fn asked(text: &str, right: bool, rank: Option<usize>) -> Explained {
        Explained {
            text: text.to_owned(),
            expected: Some("e".to_owned()),
            rank,
            outcome: if right { "answer" } else { "escalate" }.to_owned(),
            right,
            first: Vec::new(),
            expected_signals: None,
        }
    }

    #[test]
    fn what_became_better_and_worse_is_named() {
        let then = [asked("a", true, Some(1)), asked("b", false, None), asked("c", true, Some(1))];
        let earlier = serde_json::json!({"top1": 0.5, "asked": then}).to_string();
        let earlier: Earlier = serde_json::from_str(&earlier).unwrap();
        let now =
            [asked("a", false, Some(2)), asked("b", true, Some(1)), asked("c", true, Some(1))];
        let scores = Scores { top1: Some(0.75), ..Scores::default() };
        let text = told(&earlier, &scores, &now);
        assert!(text.contains("0.500 -> 0.750  +0.250"), "{text}");
        assert!(text.contains("Better now: 1\n  answer: “b”"), "{text}");
        assert!(text.contains("Worse now: 1\n  escalate: “a”"), "{text}");
    }

    #[test]
    fn an_earlier_run_may_know_no_questions() {
        let earlier: Earlier = serde_json::from_str("{\"questions\": 3}").unwrap();
        let text = told(&earlier, &Scores::default(), &[]);
        assert!(text.contains("without --explain"), "{text}");
    }
}
