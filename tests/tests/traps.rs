//! The trap set: questions to the sample library whose honest answer is "no", "that branch is closed
//! then" or "we do not know". What the program does with each stands in `traps-today.txt`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use bot::{Bot, Moment, Settings};
use contract::plain;
use jiff::Timestamp;
use knowledge::index::{self, Progress, Rebuild};
use knowledge::{Encoding, Found, Knowledge, Lang, Query, Topic};
use serde::Deserialize;
use similar::TextDiff;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::folder;

/// When questions are asked that do not say: a Tuesday on which both branches are open.
const USUALLY: &str = "2026-11-24T15:00:00Z";

#[derive(Deserialize)]
struct Trap {
    text: String,
    lang: String,
    at: Option<String>,
    expect: String,
    id: Option<String>,
    #[serde(default)]
    not: Vec<String>,
    #[expect(dead_code, reason = "for whoever reads the file")]
    why: String,
}

/// What became of a trap.
struct Sprung {
    /// Whether it is what a librarian would do.
    met: bool,
    /// Whether something else was answered outright: the worst that can happen.
    wrong: bool,
    line: String,
}

#[test]
fn traps_do_what_they_did() {
    let sample = folder::root().join("../adapters/pollen/sample");
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traps");
    let knowledge = folder::knowledge_of(&sample, &data).unwrap();
    let settings = Settings::new("Linden Library", &[Lang::EN, Lang::FR]);
    let bot = Bot::new(settings, knowledge.branches(), Vec::new());

    let text = std::fs::read_to_string(folder::root().join("traps.jsonl")).unwrap();
    let traps: Vec<Trap> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sprung: Vec<Sprung> = traps.iter().map(|trap| spring(&bot, &knowledge, trap)).collect();
    let met = sprung.iter().filter(|one| one.met).count();
    let wrong = sprung.iter().filter(|one| one.wrong).count();
    let mut now =
        format!("{met} of {} traps are met; {wrong} get a wrong answer outright.\n\n", traps.len());
    for one in &sprung {
        now.push_str(&one.line);
        now.push('\n');
    }
    let path = folder::root().join("traps-today.txt");
    if tests::updating() {
        std::fs::write(&path, &now).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let diff = TextDiff::from_lines(before.as_str(), now.as_str());
    assert!(before == now, "UPDATE=1 rewrites it:\n{}", diff.unified_diff().context_radius(0));
}

/// The file of what the sample's texts mean, which the program brings along.
#[test]
fn the_program_knows_what_its_sample_means() {
    let pollen = folder::root().join("../adapters/pollen");
    let (sample, known) = (pollen.join("sample"), pollen.join("sample-meanings.bin"));
    let data = tempfile::tempdir().unwrap();
    if !tests::updating() {
        index::leave_meanings(data.path(), &std::fs::read(&known).unwrap()).unwrap();
    }
    let encoded = AtomicUsize::new(0);
    let progress = |step: Progress<'_>| {
        encoded.fetch_max(step.encoded.map_or(0, |(_, all)| all), Ordering::Relaxed);
    };
    index::build(&sample, data.path(), Rebuild::All, &Encoding::Shipped, &progress).unwrap();
    if tests::updating() {
        let folders = std::fs::read_dir(data.path().join("index")).unwrap();
        let files = folders.map(|folder| folder.unwrap().path().join("meanings.bin"));
        let file = files.into_iter().find(|file| file.exists()).unwrap();
        std::fs::copy(file, known).unwrap();
        return;
    }
    let encoded = encoded.into_inner();
    assert_eq!(encoded, 0, "texts of the sample are not in the file: UPDATE=1 writes it anew");
}

fn spring(bot: &Bot, knowledge: &Knowledge, trap: &Trap) -> Sprung {
    let mut query = bot.query(&trap.text);
    if let Query::Words(words) = &mut query {
        words.lang = Lang::parse(&trap.lang);
    }
    let findings = knowledge.find(&query);
    let time: Timestamp = trap.at.as_deref().unwrap_or(USUALLY).parse().unwrap();
    let looked = bot.look(Moment { time, seed: 0 }, &trap.text, &findings);
    let outcome = looked.outcome.word();
    let first = looked.passages.first().map(|passage| id(&passage.found));
    let first = first.unwrap_or_default();
    let answers = outcome == "answer";
    let wrong = answers && (trap.expect != "answer" || trap.not.contains(&first));
    let right_one = !answers || trap.id.as_ref().is_none_or(|id| *id == first);
    let met = outcome == trap.expect && right_one && !wrong;
    let mark = match (met, wrong) {
        (true, _) => "met   ",
        (false, true) => "WRONG ",
        (false, false) => "missed",
    };
    let mut line = format!("{mark} {} · {outcome}", trap.text);
    if answers {
        line.push_str(&format!(" {first}"));
    }
    if !met {
        line.push_str(&format!(" · expected {}", trap.expect));
        line.push_str(&trap.id.as_ref().map(|id| format!(" {id}")).unwrap_or_default());
    }
    if let Some(at) = &trap.at {
        let said = plain::text(&looked.reply).replace('\n', " / ");
        line.push_str(&format!(" · at {at}: {said}"));
    }
    Sprung { met, wrong: wrong || answers && !met, line }
}

/// What `pollen ask --json` calls a passage.
fn id(found: &Found) -> String {
    let fact = match found {
        Found::Entry(entry) => return entry.id.clone(),
        Found::Page(section) => return section.id.clone(),
        Found::Record(record) => return record.id.clone(),
        Found::Fact(fact) => fact,
    };
    let topic = match fact.topic {
        Topic::Hours => "hours",
        Topic::Closures => "closures",
        Topic::Address => "address",
        Topic::Phone => "phone",
        Topic::Email => "email",
        Topic::Branches => "branches",
    };
    match fact.branches.is_empty() {
        true => topic.to_owned(),
        false => format!("{topic}:{}", fact.branches.join(",")),
    }
}
