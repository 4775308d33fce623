//! `pollen init` and `pollen chat`, as a new user calls them.

use crate::program::{Running, run, sample, text};
use std::fs;

const RENEW: &str = "You can renew an item twice";

#[test]
fn a_question_in_a_pipe_is_answered() {
    let library = sample();
    let output = run(library.path(), &["chat"], b"How do I renew a book?\n");
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains(RENEW), "{said}");
    assert!(said.contains("[1 "), "no buttons: {said}");
    assert!(!said.contains('\u{1b}'), "colours in a pipe: {said:?}");
    assert_eq!(text(&output.stderr), "", "nothing else is said");
}

#[test]
fn a_question_for_staff_disturbs_nobody_while_the_desk_is_empty() {
    let library = sample();
    let question = b"Who tunes quixotic zeppelins?\n/person where are the zeppelins?\n";
    let output = run(library.path(), &["chat"], question);
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
    // What waits for the desk is shown to whoever comes there, also in another run.
    let output = run(library.path(), &["chat", "--as", "staff", "--name", "mira"], b"queue");
    assert!(text(&output.stdout).contains("where are the zeppelins?"), "{output:?}");
}

#[test]
fn each_line_of_a_pipe_waits_for_the_one_before_it() {
    let library = sample();
    // "1" can press a button only once there is one.
    let output = run(library.path(), &["chat"], b"How do I renew a book?\n1\nIs there wifi?");
    let said = text(&output.stdout);
    assert!(output.status.success());
    let renew = said.find(RENEW).unwrap();
    let wifi = said.find("Linden-Library").unwrap();
    assert!(renew < wifi, "{said}");
}

#[test]
fn no_input_harms_the_conversation() {
    let library = sample();
    let mut input = b"\xff\xfe\x00\n\n \n@everyone <b>*hi*</b>\n".to_vec();
    input.extend(b"x".repeat(1_000_000));
    input.extend("\n\u{202e}\u{200b}\n🙂\nמה שלומך\nHow do I renew a book?".as_bytes());
    let output = run(library.path(), &["chat"], &input);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains("That is too long"), "{said}");
    assert!(said.contains(RENEW), "{said}");
}

#[test]
fn a_second_conversation_joins_the_first() {
    let library = sample();
    let first = Running::start(library.path(), &["-v", "chat"]);
    first.says("ready: ");
    let output = run(library.path(), &["chat", "--name", "ann"], b"How do I renew a book?");
    assert!(text(&output.stdout).contains(RENEW), "{output:?}");
    let output = run(library.path(), &["chat", "--as", "staff", "--name", "mira"], b"help");
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("claim"), "{output:?}");
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c", "d", "e"] {
        fs::write(folder.path().join(name), "mine").unwrap();
    }
    let output = run(folder.path(), &["init", "."], b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "pollen: . is not empty: a, b, c, d and 1 more; nothing was written, name a new or an \
         empty folder\n"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
}

#[test]
fn a_bare_library_has_folders_and_settings_alone() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["init", "--bare", "mine"], b"");
    assert!(output.status.success());
    let library = folder.path().join("mine");
    for name in ["branches", "faq", "collections", "pages"] {
        assert_eq!(fs::read_dir(library.join(name)).unwrap().count(), 0, "{name}");
    }
    let settings = fs::read_to_string(library.join("pollen.toml")).unwrap();
    assert!(settings.contains("name = \"Our Library\"\n"), "{settings}");
    let output = run(&library, &["chat"], b"How do I renew a book?");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!output.stdout.is_empty());
}

#[test]
fn a_wrong_call_is_told_with_its_mend() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = |args: &[&str]| {
        let output = run(folder.path(), args, b"");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        text(&output.stderr)
    };
    assert_eq!(
        wrong(&["chat"]),
        "pollen: this folder is no library: it has neither pollen.toml nor a folder faq; go into \
         the library's folder, name it with -L, or make one with `pollen init DIR`\n"
    );
    assert_eq!(
        wrong(&["chat", "-L", "nowhere"]),
        "pollen: there is no folder nowhere; name a library's with -L\n"
    );
    assert!(wrong(&["chta"]).contains("'chat'"));
}

#[test]
fn settings_are_refused_with_file_line_and_mend() {
    let library = sample();
    let settings = "name = \"Linden\"\n\n[desk]\nremind_afer = \"30m\"\n[answers]\nsure = \"x\"\n";
    fs::write(library.path().join("pollen.toml"), settings).unwrap();
    let output = run(library.path(), &["chat"], b"hello");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "pollen: pollen.toml, line 4: unknown key `remind_afer`; did you mean `remind_after`?\n        \
         pollen.toml, line 6: `sure` must be a number from 0 to 1, like 0.75, without quotation marks\n"
    );
}
