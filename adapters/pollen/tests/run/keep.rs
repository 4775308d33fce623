//! `doctor`, `backup` and `restore`.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use crate::program::{Patron, Running, run, sample, text};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The code and the words of a command: those on standard output, then those on standard error.
fn told(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = run(dir, args, b"");
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

/// How many cases are open, as the doctor counts them.
fn open_cases(library: &Path) -> String {
    let (code, words) = told(library, &["doctor"]);
    assert_eq!(code, Some(0), "{words}");
    let line = words.lines().find(|line| line.contains(" store ")).unwrap().to_owned();
    line.split(": ").nth(1).unwrap().split(',').next().unwrap().to_owned()
}

const NEW_QUESTION: &str = "who tunes quixotic zeppelins?";

#[test]
fn a_copy_is_made_while_serving_and_put_back_afterwards() {
    let library = sample();
    let (dir, elsewhere) = (library.path(), tempfile::tempdir().unwrap());
    let copy = elsewhere.path().join("copy.db");
    let copy = copy.to_str().unwrap();

    let served = Running::serve(dir);
    let mut patron = Patron::connect(dir);
    patron.ask(NEW_QUESTION);
    let (code, words) = told(dir, &["backup", copy]);
    assert_eq!(code, Some(0), "{words}");
    for file in [copy.to_owned(), format!("{copy}.key")] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read(format!("{copy}.key")).unwrap(), fs::read(dir.join("data/key")).unwrap());
    // After the copy nobody is kept as before.
    assert_eq!(open_cases(dir), "1 case open");
    Patron::connect(dir).ask("who polishes the marble lions?");
    let (code, words) = told(dir, &["restore", copy]);
    assert_eq!(code, Some(1));
    let pid = served.pid();
    assert!(
        words.contains(&format!("already being run by `pollen serve` (process {pid})")),
        "{words}"
    );
    assert_eq!(served.stop(Signal::TERM), Some(0));
    assert_eq!(open_cases(dir), "2 cases open");

    let (code, words) = told(dir, &["restore", copy]);
    assert_eq!((code, words.contains("with its key")), (Some(0), true), "{words}");
    assert_eq!(open_cases(dir), "1 case open");
    assert_eq!(Running::serve(dir).stop(Signal::TERM), Some(0));

    // On another machine: a folder with the same knowledge and nothing else.
    let other = sample();
    let (code, words) = told(other.path(), &["restore", copy]);
    assert_eq!(code, Some(0), "{words}");
    assert_eq!(
        fs::read(other.path().join("data/key")).unwrap(),
        fs::read(dir.join("data/key")).unwrap()
    );
    assert!(
        told(other.path(), &["index"]).0 == Some(0) && open_cases(other.path()) == "1 case open"
    );
}

#[test]
fn a_copy_overwrites_nothing() {
    let library = sample();
    let dir = library.path();
    let (code, words) = told(dir, &["backup", "copy.db"]);
    assert_eq!((code, words.contains("has no store yet")), (Some(1), true), "{words}");
    assert!(!dir.join("copy.db.key").exists());
    assert_eq!(Running::serve(dir).stop(Signal::TERM), Some(0));

    fs::write(dir.join("a.db"), "mine").unwrap();
    fs::write(dir.join("b.db.key"), "mine").unwrap();
    for (to, why) in [
        ("a.db", "a.db exists already"),
        ("b.db", "b.db.key exists already"),
        ("data", "data is a folder"),
        ("no/c.db", "there is no folder no"),
    ] {
        let (code, words) = told(dir, &["backup", to]);
        assert_eq!((code, words.contains(why)), (Some(2), true), "{to}: {words}");
    }
    assert_eq!(fs::read(dir.join("a.db")).unwrap(), b"mine");
    assert!(!dir.join("b.db").exists());
}

#[test]
fn a_copy_that_is_none_leaves_the_store_as_it_is() {
    let library = sample();
    let dir = library.path();
    assert_eq!(Running::serve(dir).stop(Signal::TERM), Some(0));
    let (store, key) = (dir.join("data/pollen.db"), dir.join("data/key"));
    let before = (fs::read(&store).unwrap(), fs::read(&key).unwrap());
    assert_eq!(told(dir, &["backup", "copy.db"]).0, Some(0));

    let whole = fs::read(dir.join("copy.db")).unwrap();
    let whole_key = fs::read(dir.join("copy.db.key")).unwrap();
    fs::write(dir.join("copy.db"), &whole[..whole.len() / 2]).unwrap();
    let (code, words) = told(dir, &["restore", "copy.db"]);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("copy.db is no whole copy of a store"), "{words}");
    fs::write(dir.join("copy.db"), &whole).unwrap();
    fs::write(dir.join("copy.db.key"), "short").unwrap();
    let (code, words) = told(dir, &["restore", "copy.db"]);
    assert_eq!((code, words.contains("5 bytes")), (Some(1), true), "{words}");
    assert_eq!(told(dir, &["restore", "gone.db"]).0, Some(2));
    assert_eq!((fs::read(&store).unwrap(), fs::read(&key).unwrap()), before);
    assert!(!dir.join("data/key.restoring").exists() && whole_key == before.1);

    // Without the key beside it: the library's own stays; a library that has none is asked first.
    fs::remove_file(dir.join("copy.db.key")).unwrap();
    assert_eq!(told(dir, &["restore", "copy.db"]).0, Some(0));
    assert_eq!(fs::read(&key).unwrap(), before.1);
    fs::remove_file(&key).unwrap();
    let (code, words) = told(dir, &["restore", "copy.db"]);
    assert_eq!((code, words.contains("--without-key")), (Some(1), true), "{words}");
    assert_eq!(told(dir, &["restore", "--without-key", "copy.db"]).0, Some(0));
}

#[test]
fn the_doctor_names_what_is_wrong_with_its_mend() {
    let library = sample();
    let dir = library.path();
    let (code, words) = told(dir, &["doctor"]);
    assert_eq!((code, words.contains("build it with `pollen index`")), (Some(1), true), "{words}");
    assert!(!dir.join("data").exists(), "it changes nothing");

    let served = Running::serve(dir);
    let (code, words) = told(dir, &["doctor"]);
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains(&format!("`pollen serve` (process {})", served.pid())), "{words}");
    assert!(words.ends_with("Nothing is wrong.\n"), "{words}");
    assert_eq!(served.stop(Signal::TERM), Some(0));

    let mode =
        |path: &str, mode| fs::set_permissions(dir.join(path), PermissionsExt::from_mode(mode));
    mode("data", 0o755).unwrap();
    mode("data/key", 0o644).unwrap();
    fs::write(dir.join("faq/broken.md"), "---\nid: [\n---\n").unwrap();
    fs::copy(dir.join("faq/renew.md"), dir.join("faq/again.md")).unwrap();
    fs::write(dir.join("branches/central.toml"), "nmae = 3\n").unwrap();
    fs::write(dir.join("pollen.toml"), "name = \"L\"\nkeeep = \"1 day\"\n").unwrap();
    fs::write(dir.join("data/index/current.json"), "{").unwrap();
    fs::write(dir.join("data/pollen.db"), "no store").unwrap();
    let (code, words) = told(dir, &["doctor"]);
    assert_eq!(code, Some(1));
    for wrong in [
        "pollen.toml, line 2: unknown key `keeep`",
        "close it with `chmod 700 data`",
        "close it with `chmod 600 data/key`",
        "faq/broken.md",
        "1 of the entries and records has an id that another has",
        "branches/central.toml, line 1",
        "build it anew with `pollen index`",
        "put a copy back with `pollen restore FILE`",
    ] {
        assert!(words.contains(wrong), "{wrong}: {words}");
    }
    fs::remove_file(dir.join("data/key")).unwrap();
    let (_, words) = told(dir, &["doctor"]);
    assert!(words.contains("data/key is missing"), "{words}");
    assert!(!dir.join("data/key").exists(), "it changes nothing");
}

#[test]
fn what_the_doctor_says_can_be_read_by_machines() {
    let library = sample();
    assert_eq!(told(library.path(), &["index"]).0, Some(0));
    let output = run(library.path(), &["doctor", "--json"], b"");
    let printed: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(printed["ok"], true, "{printed}");
    assert!(printed["findings"].as_array().unwrap().iter().all(|finding| finding["ok"] == true));
}
