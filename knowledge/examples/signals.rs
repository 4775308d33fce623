//! Prints what is seen of every entry for each question of gold sets: what `knowledge/fit/fit.py` fits the models to.
//!
//! `cargo run --release -p knowledge --example signals -- LIBRARY QUESTIONS.jsonl …`; it builds the library's index.
#![expect(clippy::print_stdout, reason = "it prints")]
#![expect(clippy::unwrap_used, reason = "whoever fits a model sees what is wrong with the sets")]

use knowledge::index::{self, Rebuild};
use knowledge::{Encoding, Knowledge};
use serde_json::{Value, json};
use std::path::Path;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let library = arguments.next().unwrap();
    let library = Path::new(&library);
    let data = library.join("data");
    index::build(library, &data, Rebuild::Changed, &Encoding::Shipped, &|_| {}).unwrap();
    let knowledge = Knowledge::open(library, &data).unwrap();
    for file in arguments {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let text = row["text"].as_str().unwrap();
            let Some(signals) = knowledge.signals(text) else { continue };
            let right = signals.entries.iter().position(|(id, _)| row["entry"] == id.as_str());
            let seen: Vec<&[f32]> = signals.entries.iter().map(|(_, seen)| &seen[..]).collect();
            // Half of the rows are for fitting, the others for telling how well that went.
            let half = crc32fast::hash(text.as_bytes()) % 2;
            println!(
                "{}",
                json!({ "half": half, "right": right, "seen": seen, "question": signals.question })
            );
        }
    }
}
