//! The benchmarks: `cargo measure DATA` prints them as a table.
//!
//! DATA is a folder with `sets/gutenberg` and `sets/covid-en`; `cargo measure DATA telegram`, `discord` or
//! `matrix` measures that network alone, and `everywhere` the memory of a program that is on all of them.
//! Matrix needs a Synapse, named by `SYNAPSE_PYTHON`. Both sides of a ratio take turns in one run, and the
//! figures are medians or quantiles over all rounds, since machines are noisy.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]
#![expect(clippy::unwrap_used, reason = "a measuring program that cannot measure may as well stop")]

mod bare;
mod deciding;
mod discord;
mod driving;
mod everywhere;
mod finding;
mod library;
mod matrix;
mod networks;
mod paging;
mod program;
mod table;
mod telegram;

use crate::networks::Commits;
use knowledge::index::{self, Rebuild};
use knowledge::{Encoding, Knowledge};
use std::path::Path;
use std::sync::Arc;

const ROUNDS: usize = 5;

fn main() {
    let mut named = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (data, part) = (named.next(), named.next());
    match data {
        // Cargo runs it in another folder: a relative one is meant from the workspace's.
        Some(data) => {
            let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(data);
            measure(&data, part.as_deref());
        }
        None => println!("cargo measure DATA: a folder with sets/gutenberg and sets/covid-en"),
    }
}

fn measure(data: &Path, part: Option<&str>) {
    let temporary = tempfile::tempdir().unwrap();
    if part == Some("everywhere") {
        return everywhere::measure(temporary.path(), data);
    }
    let records = ["gutenberg/records.jsonl.gz"];
    let records = library::library(temporary.path(), "records", data, &records);
    let both = ["gutenberg/records.jsonl.gz", "covid-en/faq.jsonl"];
    let library = library::library(temporary.path(), "both", data, &both);
    println!("{:<48} {:>12} {:>12} {:>7} {:>9}", "", "ours", "other", "ratio", "goal");
    index::build(&library, &library.join("data"), Rebuild::All, &Encoding::Without, &|_| {})
        .unwrap();
    if part.is_none() {
        finding::indexing(&records);
        program::measure(&library);
    }
    let knowledge = Arc::new(Knowledge::open(&library, &library.join("data")).unwrap());
    let questions = library::texts(&data.join("sets/covid-en/questions.jsonl"));
    if part == Some("matrix") {
        return matrix::measure(&library, &questions);
    }
    let known = library::texts(&data.join("sets/gutenberg/known-item.jsonl"));
    let entries = library::items(&library.join("faq")).0;
    deciding::measure(&knowledge, &entries, &questions);
    let commits = Commits::new(&temporary.path().join("commits.db"));
    match part {
        Some("telegram") => return telegram::measure(&library, &questions, knowledge, &commits),
        Some("discord") => return discord::measure(&library, &questions, knowledge, &commits),
        Some(_) | None => {}
    }
    let driving = temporary.path().join("driving.db");
    let lone_us = driving::measure(&driving, knowledge.clone(), &questions);
    let paging = temporary.path().join("paging.db");
    paging::measure(&paging, knowledge.clone(), &library, &questions, lone_us);
    finding::measure(&library, &knowledge, &questions, &known);
    telegram::measure(&library, &questions, knowledge.clone(), &commits);
    discord::measure(&library, &questions, knowledge, &commits);
    matrix::measure(&library, &questions);
    everywhere::measure(temporary.path(), data);
}
