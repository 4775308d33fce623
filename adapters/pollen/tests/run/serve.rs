//! `pollen serve`: one program a folder, changed files, and the end.

use crate::program::{Patron, Running, run, sample, text, write_entry};
use rustix::process::Signal;
use std::fs;

const RENEW: &str = "You can renew an item twice";
const QUESTION: &str = "How do I renew a book?";

fn entry(answer: &str) -> String {
    format!(
        "---\nid: renew\nlang: en\nquestions:\n  - How do I renew a book?\nsource: Borrowing \
         policy\nverified: 2026-10-15\n---\n{answer}\n"
    )
}

#[test]
fn a_second_program_on_the_folder_is_refused_and_a_conversation_joins() {
    let library = sample();
    let served = Running::serve(library.path());
    let output = run(library.path(), &["serve"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        format!(
            "pollen: the library in this folder is already being run by `pollen serve` (process \
             {}); stop that one first\n",
            served.pid()
        )
    );
    let output = run(library.path(), &["chat"], QUESTION.as_bytes());
    assert!(output.status.success());
    assert!(text(&output.stdout).contains(RENEW), "{output:?}");
}

#[test]
fn it_stops_when_it_is_asked_to_and_can_be_started_again() {
    let library = sample();
    for signal in [Signal::TERM, Signal::INT] {
        let served = Running::serve(library.path());
        let mut patron = Patron::connect(library.path());
        assert!(patron.ask(QUESTION).contains(RENEW));
        assert_eq!(served.stop(signal), Some(0));
        assert!(!library.path().join("data/terminal.sock").exists());
    }
    // What a program leaves that had no time to stop does not keep the next one from starting.
    Running::serve(library.path()).stop(Signal::KILL);
    assert!(library.path().join("data/terminal.sock").exists());
    assert_eq!(Running::serve(library.path()).stop(Signal::TERM), Some(0));
}

#[test]
fn an_edited_file_is_live_and_a_broken_one_is_named() {
    let library = sample();
    let served = Running::serve(library.path());
    let mut patron = Patron::connect(library.path());
    assert!(patron.ask(QUESTION).contains(RENEW));

    write_entry(library.path(), &entry("Renew by carrier pigeon."));
    served.says("changed files are live");
    let answer = patron.ask(QUESTION);
    assert!(answer.contains("carrier pigeon"), "{answer}");

    write_entry(library.path(), "---\nid: renew\nquestions: [How do I\n---\nBroken.\n");
    let warning = served.says("faq/renew.md");
    assert!(warning.contains("line "), "{warning}");
    assert!(warning.contains("the last good version goes on answering"), "{warning}");
    let answer = patron.ask(QUESTION);
    assert!(answer.contains("carrier pigeon"), "{answer}");

    write_entry(library.path(), &entry("Renew by telegraph."));
    served.says("faq/renew.md is in order again");
    served.says("changed files are live");
    let answer = patron.ask(QUESTION);
    assert!(answer.contains("telegraph"), "{answer}");
}

#[test]
fn a_new_folder_and_new_settings_are_noticed() {
    let library = sample();
    fs::remove_dir_all(library.path().join("faq")).unwrap();
    let served = Running::serve(library.path());
    fs::create_dir(library.path().join("faq")).unwrap();
    write_entry(library.path(), &entry("Renew by carrier pigeon."));
    served.says("changed files are live");
    let answer = Patron::connect(library.path()).ask(QUESTION);
    assert!(answer.contains("carrier pigeon"), "{answer}");

    let settings = library.path().join("pollen.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text + "\n# A note.\n").unwrap();
    served.says("pollen.toml has changed; it applies once the program is started anew");
}

#[test]
fn a_damaged_index_is_built_anew() {
    let library = sample();
    assert_eq!(Running::serve(library.path()).stop(Signal::TERM), Some(0));
    fs::write(library.path().join("data/index/current.json"), "{\"format\":").unwrap();
    let served = Running::start(library.path(), &["serve"]);
    served.says("damaged");
    served.says("ready: ");
    let answer = Patron::connect(library.path()).ask(QUESTION);
    assert!(answer.contains(RENEW), "{answer}");
}

#[test]
fn several_libraries_are_served_by_one_program() {
    let (one, two) = (sample(), sample());
    write_entry(two.path(), &entry("Renew by carrier pigeon."));
    let here = tempfile::tempdir().unwrap();
    let dirs = [one.path().to_str().unwrap(), two.path().to_str().unwrap()];
    let served = Running::start(here.path(), &["serve", "-L", dirs[0], "-L", dirs[1]]);
    served.says("ready: ");
    served.says("ready: ");
    assert!(Patron::connect(one.path()).ask(QUESTION).contains(RENEW));
    assert!(Patron::connect(two.path()).ask(QUESTION).contains("carrier pigeon"));
    assert_eq!(served.stop(Signal::TERM), Some(0));

    let output = run(here.path(), &["serve", "-L", dirs[0], "-L", dirs[0]], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("already being run by"), "{output:?}");
}

#[test]
fn logs_hold_no_words_of_patrons() {
    let library = sample();
    let served = Running::start(library.path(), &["--verbose", "--log", "json", "serve"]);
    served.says("ready: ");
    let mut patron = Patron::connect(library.path());
    patron.ask("is the quixotic zeppelin manual on your shelves?");
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(i32::try_from(served.pid()).unwrap()).unwrap(),
        Signal::TERM,
    )
    .unwrap();
    for line in served.rest() {
        serde_json::from_str::<serde_json::Value>(&line).unwrap();
        assert!(!line.contains("zeppelin"), "{line}");
    }
}
