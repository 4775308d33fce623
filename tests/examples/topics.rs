//! Prints how well topics are guessed, and what cases that staff have settled add to it.
//!
//! `cargo run --release -p tests --example topics -- QUESTIONS.jsonl`: a line is `{"text", "intent"}`, the first
//! words of a patron and their topic. Half of them teach, the others are asked; `out_of_scope` and
//! `human_handoff` are the topics of what a library has no entry for.
#![expect(clippy::print_stdout, reason = "it prints")]
#![expect(clippy::unwrap_used, reason = "whoever measures sees what is wrong with the set")]

use bot::Topics;
use knowledge::index::{self, Rebuild};
use knowledge::{Encoding, Knowledge, Part, Query, Words};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The phrasings that an entry may have; of more, some are left to another one.
const PHRASINGS_MAX: usize = 1_000;
/// The topics of what goes to a person in any case.
const FOR_A_PERSON: [&str; 2] = ["out_of_scope", "human_handoff"];
/// From which chance on a topic is said.
const SAID: f32 = 0.6;
/// How much of what is guessed must be right for the coverage to count.
const PRECISION: f32 = 0.9;

/// A first question, and what it is about.
struct Opener {
    text: String,
    topic: String,
}

/// What a guess came to.
struct Guess {
    right: bool,
    sure: f32,
    /// How likely it is that it goes to a person in any case, and whether it does.
    person: (f32, bool),
}

fn main() {
    let file = std::env::args().nth(1).unwrap();
    let (teaching, asked): (Vec<Opener>, Vec<Opener>) =
        openers(&file).into_iter().partition(|opener| hash(&opener.text).is_multiple_of(2));
    println!("{} teach, {} are asked", teaching.len(), asked.len());
    println!(
        "| entries | cases settled | top-1 | AUROC for a person | covered at 90 % right | said from 0.6 on: share, right |"
    );
    println!("|---|---|---|---|---|---|");
    for phrasings in [5, 20, usize::MAX] {
        let (knowledge, _folder) = library(&teaching, phrasings);
        let find = |opener: &Opener| about(&knowledge, &opener.text);
        let asked: Vec<(&Opener, Part)> =
            asked.iter().map(|opener| (opener, find(opener))).collect();
        let taught: Vec<(&Opener, Part)> =
            teaching.iter().map(|opener| (opener, find(opener))).collect();
        let name = match phrasings {
            usize::MAX => "all".to_owned(),
            some => some.to_string(),
        };
        for cases in [0, 2, 10, usize::MAX] {
            let mut topics = Topics::new();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for (opener, part) in &taught {
                let count = counts.entry(&opener.topic).or_default();
                if *count < cases {
                    *count += 1;
                    topics.learn(&opener.topic, &part.own_words);
                }
            }
            let settled = match cases {
                usize::MAX => "all".to_owned(),
                some => format!("{some} a topic"),
            };
            println!("| {name} | {settled} | {} |", told(&guesses(&topics, &asked)));
        }
    }
}

fn openers(file: &str) -> Vec<Opener> {
    let text = std::fs::read_to_string(file).unwrap();
    let opener = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let of = |key: &str| row[key].as_str().unwrap().to_owned();
        Opener { text: of("text"), topic: of("intent") }
    };
    text.lines().map(opener).collect()
}

/// A library whose entries are the topics, with so many openers each as their phrasings.
fn library(teaching: &[Opener], phrasings: usize) -> (Knowledge, tempfile::TempDir) {
    let mut by_topic: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for opener in teaching {
        let texts = by_topic.entry(&opener.topic).or_default();
        if texts.len() < phrasings {
            texts.push(&opener.text);
        }
    }
    let mut lines = String::new();
    for (topic, texts) in by_topic {
        for (number, questions) in texts.chunks(PHRASINGS_MAX).enumerate() {
            let id = format!("{topic}-{number}");
            let entry = json!({ "id": id, "questions": questions, "lang": "en", "tags": [topic] });
            lines.push_str(&format!("{entry}\n"));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("faq")).unwrap();
    std::fs::write(folder.path().join("faq/topics.jsonl"), lines).unwrap();
    let data = folder.path().join("data");
    let report =
        index::build(folder.path(), &data, Rebuild::Changed, &Encoding::Shipped, &|_| {}).unwrap();
    assert!(report.refused.is_empty(), "{} entries are refused", report.refused.len());
    (Knowledge::open(folder.path(), &data).unwrap(), folder)
}

fn about(knowledge: &Knowledge, text: &str) -> Part {
    let words = Words { text: text.to_owned(), ..Words::default() };
    knowledge.find(&Query::Topics(words)).parts.remove(0)
}

fn guesses(topics: &Topics, asked: &[(&Opener, Part)]) -> Vec<Guess> {
    let guess = |(opener, part): &(&Opener, Part)| {
        let likely = topics.guess(part, std::iter::empty());
        let person = likely.iter().filter(|(topic, _)| FOR_A_PERSON.contains(&topic.as_str()));
        let (first, sure) = &likely[0];
        Guess {
            right: *first == opener.topic,
            sure: *sure,
            person: (
                person.map(|(_, sure)| sure).sum(),
                FOR_A_PERSON.contains(&opener.topic.as_str()),
            ),
        }
    };
    asked.iter().map(guess).collect()
}

fn told(guesses: &[Guess]) -> String {
    let all = guesses.len() as f32;
    let right = guesses.iter().filter(|guess| guess.right).count() as f32;
    let said: Vec<&Guess> = guesses.iter().filter(|guess| guess.sure >= SAID).collect();
    let said_right = said.iter().filter(|guess| guess.right).count() as f32;
    format!(
        "{:.3} | {:.3} | {:.3} | {:.3}, {:.3}",
        right / all,
        auroc(guesses),
        coverage(guesses),
        said.len() as f32 / all,
        said_right / (said.len() as f32).max(1.0)
    )
}

/// The chance that of two, one for a person and one not, the first is the likelier for a person.
fn auroc(guesses: &[Guess]) -> f32 {
    let (for_person, others): (Vec<&Guess>, Vec<&Guess>) =
        guesses.iter().partition(|guess| guess.person.1);
    let mut won = 0.0;
    for one in &for_person {
        for other in &others {
            won += match one.person.0.total_cmp(&other.person.0) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    won / (for_person.len() * others.len()) as f32
}

/// The largest share of all that is guessed, the surest first, while enough of it is right.
fn coverage(guesses: &[Guess]) -> f32 {
    let mut sorted: Vec<&Guess> = guesses.iter().collect();
    sorted.sort_by(|a, b| b.sure.total_cmp(&a.sure));
    let (mut right, mut covered) = (0, 0);
    for (count, guess) in (1..).zip(&sorted) {
        right += usize::from(guess.right);
        if right as f32 >= PRECISION * count as f32 {
            covered = count;
        }
    }
    covered as f32 / guesses.len() as f32
}

/// A number of a text (FNV-1a): which half it belongs to.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
