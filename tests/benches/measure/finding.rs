//! Indexing and finding.

use crate::ROUNDS;
use crate::bare;
use crate::table::{median, quantile, row, time};
use knowledge::index::{self, Rebuild};
use knowledge::{Encoding, Filter, Found, Knowledge, Query, Words};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything about finding; `library` has an index.
pub(crate) fn measure(
    library: &Path,
    knowledge: &Knowledge,
    questions: &[String],
    known: &[String],
) {
    typos("typo in each word: entries", questions, |text| words(knowledge, text));
    typos("typo in each word: records", known, |text| records_alone(knowledge, text));
    long(knowledge);
    edits(library);
}

/// Records a second: all of a build (reading, unpacking, parsing, syncing to the disk included)
/// against a bare writer that gets the fields already parsed.
pub(crate) fn indexing(library: &Path) {
    let (_, records) = crate::library::items(&library.join("collections"));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let (mut our_ticks, mut bare_ticks) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut run = |first: bool| {
            let before = ticks();
            if first {
                bare.push(time(|| bare::writer(&records)));
                bare_ticks.push(Duration::from_millis(ticks() - before));
            } else {
                let data = library.join("data");
                let build = || {
                    index::build(library, &data, Rebuild::All, &Encoding::Without, &|_| {}).unwrap()
                };
                ours.push(time(|| drop(build())));
                our_ticks.push(Duration::from_millis(ticks() - before));
            }
        };
        run(round % 2 == 0);
        run(round % 2 != 0);
    }
    let rate = |times: &mut Vec<Duration>| records.len() as f64 / median(times).as_secs_f64();
    let (ours, bare) = (rate(&mut ours), rate(&mut bare));
    row("indexing, records/s", ours, bare, ours / bare, "≥ 0.70");
    let (ours, bare) = (rate(&mut our_ticks), rate(&mut bare_ticks));
    row("indexing, records a second of processor time", ours, bare, ours / bare, "");
}

/// The processor time that this process has used, in milliseconds: what a busy machine does not
/// blur.
fn ticks() -> u64 {
    const MS_A_TICK: u64 = 10;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields = after_name.split_whitespace().skip(11).take(2);
    fields.map(|ticks| ticks.parse::<u64>().unwrap_or(0) * MS_A_TICK).sum()
}

/// The same texts as they are, and with a mistake in each word of four letters or more.
fn typos(name: &str, texts: &[String], find: impl Fn(&str)) {
    let (mut typed, mut exact) = (Vec::new(), Vec::new());
    let wrong: Vec<String> = texts.iter().map(|text| mistyped(text)).collect();
    for round in 0..ROUNDS {
        for (at, (text, wrong)) in texts.iter().zip(&wrong).enumerate() {
            let mut run = |first: bool| {
                let (times, text) = if first { (&mut exact, text) } else { (&mut typed, wrong) };
                times.push(time(|| find(text)));
            };
            run((round + at) % 2 == 0);
            run((round + at) % 2 != 0);
        }
    }
    let (typed, exact) = (quantile(&mut typed, 0.95), quantile(&mut exact, 0.95));
    row(&format!("{name}, µs, p95"), typed, exact, typed / exact, "≤ 3.00");
}

/// A mistake in each word of four letters or more: a letter gone, doubled, swapped or another.
fn mistyped(text: &str) -> String {
    let wrong = |(at, word): (usize, &str)| {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.len() < 4 || !letters.iter().all(|c| c.is_alphabetic()) {
            return word.to_owned();
        }
        let middle = letters.len() / 2;
        match at % 4 {
            0 => drop(letters.remove(middle)),
            1 => letters.insert(middle, letters[middle]),
            2 => letters.swap(middle - 1, middle),
            _ => letters[middle] = if letters[middle] == 'x' { 'q' } else { 'x' },
        }
        letters.into_iter().collect()
    };
    text.split(' ').enumerate().map(wrong).collect::<Vec<_>>().join(" ")
}

/// A text of a megabyte.
fn long(knowledge: &Knowledge) {
    let text = "how can I renew a book? ".repeat(1 << 20).split_off(23 << 20);
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| time(|| words(knowledge, &text))).collect();
    row(
        "find for a text of 1 MB, ms",
        median(&mut times).as_secs_f64() * 1e3,
        20.0,
        f64::NAN,
        "≤ 20",
    );
}

/// How soon an edit is live: built and opened.
fn edits(library: &Path) {
    let live = |name: &str, path: PathBuf, text: &dyn Fn(usize) -> String| {
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            std::fs::write(&path, text(round)).unwrap();
            times.push(time(|| {
                index::build(
                    library,
                    &library.join("data"),
                    Rebuild::Changed,
                    &Encoding::Without,
                    &|_| {},
                )
                .unwrap();
                drop(Knowledge::open(library, &library.join("data")).unwrap());
            }));
        }
        row(name, median(&mut times).as_secs_f64() * 1e3, 1_000.0, f64::NAN, "< 1,000");
    };
    live("edited faq file of one entry, live after ms", library.join("faq/a.jsonl"), &|round| {
        format!("{{\"id\": \"new\", \"questions\": [\"what is new in round {round}?\"]}}\n")
    });
    live("edited faq file of 10,000 entries, ms", library.join("faq/b.jsonl"), &|round| {
        let entry = |at| {
            format!(
                "{{\"id\": \"e{at}\", \"questions\": [\"how do I get thing {at} of kind {} in round \
                 {round}?\", \"thing {at}\", \"may I see thing number {at}\"], \"answer\": \"Ask at \
                 desk {at} for the thing that you wish to see, and bring your card.\"}}\n",
                at % 97
            )
        };
        (0..10_000).map(entry).collect()
    });
    std::fs::remove_file(library.join("faq/b.jsonl")).unwrap();
    live(
        "edited small collection beside a big one, ms",
        library.join("collections/s.jsonl"),
        &|n| format!("{{\"id\": \"s1\", \"title\": \"A small collection, {n}\"}}\n"),
    );
}

fn words(knowledge: &Knowledge, text: &str) {
    let words =
        Words { text: text.to_owned(), lang: None, collections_only: false, unfinished: false };
    let findings = knowledge.find(&Query::Words(words));
    std::hint::black_box(&findings);
}

fn records_alone(knowledge: &Knowledge, text: &str) {
    let findings = knowledge.find(&Query::Records {
        words: text.to_owned(),
        skip: 0,
        limit: 10,
        filter: Filter::default(),
        lang: None,
    });
    let first = findings.parts.first().and_then(|part| part.passages.first());
    assert!(first.is_none_or(|passage| matches!(passage.found, Found::Record(_))));
}
