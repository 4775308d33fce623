//! Prints how long a question is looked up in a large library, one after the other on one core.
//!
//! `cargo run --release -p knowledge --example times -- DATA`: a folder with `sets/*/questions.jsonl`, `sets/covid-en/faq.jsonl`,
//! `sets/gutenberg/records.jsonl.gz` and `intent_en_clinc150/train.jsonl`, whose first 10,000 texts are an entry each.
#![expect(clippy::print_stdout, reason = "it prints")]
#![expect(clippy::unwrap_used, reason = "a measuring program that cannot measure may as well stop")]

use knowledge::index::{self, Rebuild};
use knowledge::{Encoding, Knowledge, Query, Words};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Instant;

const ENTRIES: usize = 10_000;
/// How many questions of a set are looked up, and how often each.
const QUESTIONS: usize = 500;
const TIMES: usize = 3;
const SETS: [&str; 4] = ["clinc150", "banking77", "covid-en", "covid-fr"];

fn main() {
    let data = std::env::args().nth(1).unwrap();
    let data = Path::new(&data);
    let temporary = tempfile::tempdir().unwrap();
    let library = temporary.path();
    write(library, data);
    let index = library.join("data");
    let report = index::build(library, &index, Rebuild::All, &Encoding::Shipped, &|_| {}).unwrap();
    println!("{} entries, {} records", report.entries, report.records);
    println!("| questions | a second | p50, ms | p99, ms |\n|---|---|---|---|");
    let knowledge = Knowledge::open(library, &index).unwrap();
    for set in SETS {
        let questions = texts(&data.join("sets").join(set).join("questions.jsonl"));
        let mut times: Vec<f64> =
            questions.take(QUESTIONS).map(|text| looked_up(&knowledge, text)).collect();
        times.sort_by(f64::total_cmp);
        let a_second = 1e3 * times.len() as f64 / times.iter().sum::<f64>();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("| {set} | {a_second:.0} | {:.1} | {:.1} |", at(0.5), at(0.99));
    }
}

/// How long it takes, in milliseconds: the least of some times, which is what else a machine does not blur.
fn looked_up(knowledge: &Knowledge, text: String) -> f64 {
    let query = Query::Words(Words { text, ..Words::default() });
    let once = |_| {
        let began = Instant::now();
        std::hint::black_box(knowledge.find(&query));
        began.elapsed().as_secs_f64() * 1e3
    };
    (0..TIMES).map(once).fold(f64::INFINITY, f64::min)
}

fn write(library: &Path, data: &Path) {
    let (faq, collections) = (library.join("faq"), library.join("collections"));
    fs::create_dir_all(&faq).unwrap();
    fs::create_dir_all(&collections).unwrap();
    fs::copy(data.join("sets/covid-en/faq.jsonl"), faq.join("faq.jsonl")).unwrap();
    let records = "records.jsonl.gz";
    fs::copy(data.join("sets/gutenberg").join(records), collections.join(records)).unwrap();
    let entry = |(number, text): (usize, String)| {
        let answer = format!("This is what the library says of it: {text}");
        let id = format!("many-{number}");
        format!("{}\n", json!({ "id": id, "questions": [text], "answer": answer }))
    };
    let many = texts(&data.join("intent_en_clinc150/train.jsonl")).take(ENTRIES).enumerate();
    fs::write(faq.join("many.jsonl"), many.map(entry).collect::<String>()).unwrap();
}

fn texts(path: &Path) -> std::vec::IntoIter<String> {
    let lines = fs::read_to_string(path).unwrap();
    let text = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        row["text"].as_str().unwrap().to_owned()
    };
    lines.lines().map(text).collect::<Vec<_>>().into_iter()
}
