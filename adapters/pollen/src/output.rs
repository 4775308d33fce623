//! What a command prints: on standard output, whole or not at all.

use anyhow::Context;
use serde::Serialize;
use std::io::{self, ErrorKind, Write};

/// Prints a text. Whoever stops reading (`pollen find … | head`) has read enough: that is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.context("cannot write to standard output"),
    }
}

/// Prints one JSON object on a line of its own.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string(value).context("cannot write JSON")?;
    text.push('\n');
    print(&text)
}

/// Says something beside the output, on standard error.
pub(crate) fn note(text: &str) {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "pollen: {text}");
}

/// A duration in words that fit its size: "850 µs", "12 ms", "3.4 s".
pub(crate) fn took(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

/// A count and its noun: "1 entry", "2 entries".
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{number} {noun}")
}
