//! The table, and how its figures are taken.

use std::time::{Duration, Instant};

pub(crate) fn time(run: impl FnOnce()) -> Duration {
    let started = Instant::now();
    run();
    started.elapsed()
}

/// The middle one.
pub(crate) fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A quantile in microseconds.
pub(crate) fn quantile(times: &mut [Duration], share: f64) -> f64 {
    times.sort();
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6
}

/// A row of the table; a ratio that is no number is left out.
pub(crate) fn row(name: &str, ours: f64, other: f64, ratio: f64, goal: &str) {
    let ratio = if ratio.is_finite() { format!("{ratio:.2}") } else { String::new() };
    let other = if other.is_finite() { format!("{other:.1}") } else { String::new() };
    println!("{name:<48} {ours:>12.1} {other:>12} {ratio:>7} {goal:>9}");
}
