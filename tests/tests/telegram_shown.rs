//! What Telegram shows of the bot beside its answers: menus, inline mode, addresses that open
//! something, and what `pollen doctor` finds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use peers::telegram::{Deed, Limits, Offered, Telegram};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tests::beside::{Beside, on_telegram};
use tests::program::Staged;

/// Far longer than a loaded machine needs.
const PATIENCE: Duration = Duration::from_secs(60);
const PROGRAM: &str = env!("CARGO_BIN_EXE_pollen-staged");

/// The scripts' library with a bot that runs.
fn bot() -> Beside<Telegram> {
    let scratch = tempfile::tempdir().unwrap();
    let library = scratch.path().join("library");
    Staged::new(Path::new(PROGRAM), &library, terminal::NETWORK).unwrap();
    let mut bot = Beside::ours(Path::new(PROGRAM), &library, on_telegram(Limits::none())).unwrap();
    bot.start().unwrap();
    bot
}

fn offered(bot: &Beside<Telegram>) -> Offered {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if let Deed::Offered(offered) = bot.peer.next(left).unwrap() {
            return offered;
        }
    }
}

#[test]
fn an_answer_is_shared_through_inline_mode_and_leads_back_to_the_bot() {
    let bot = bot();
    let [ben, eva] = bot.people(2).try_into().unwrap();
    bot.peer.inline(ben, "is there wifi?", "");
    let found = offered(&bot);
    let first = found.results.first().unwrap();
    let text = first["input_message_content"]["message_text"].as_str().unwrap();
    assert!(text.contains("Wifi is free at both branches"), "{text}");
    let link = first["reply_markup"]["inline_keyboard"][0][0]["url"].as_str().unwrap();
    let (_, word) = link.split_once("?start=").unwrap();
    bot.peer.start_chat(eva, word);
    let answer = bot.peer.next_sent(PATIENCE).unwrap();
    assert!(answer.text().contains("Wifi is free at both branches"), "{}", answer.text());

    bot.peer.inline(ben, "Middlemarch", "");
    let found = offered(&bot);
    assert!(found.results.iter().any(|one| one["title"].as_str().unwrap().contains("Middlemarch")));
    bot.peer.inline(ben, "xyzzy qwrt", "");
    assert_eq!(offered(&bot).results, Vec::<serde_json::Value>::new());
    bot.peer.assert_content();
}

#[test]
fn commands_stand_in_the_menus_and_descriptions_say_what_it_is() {
    let bot = bot();
    let ben = bot.people(1)[0];
    let hall = bot.peer.add_supergroup("Hall", &[ben]);
    bot.peer.add_bot(ben, hall);
    let names = |chat| -> Vec<String> {
        bot.peer.menu(ben, chat).into_iter().map(|(name, _)| name).collect()
    };
    let direct = ["hours", "find", "person", "help", "settings", "link", "privacy", "mydata"];
    assert_eq!(names(ben.chat())[..direct.len()], direct);
    assert!(names(hall).contains(&"ask".to_owned()) && !names(hall).contains(&"mydata".to_owned()));
    assert!(!bot.peer.calls_of("setMyDescription").is_empty());
    bot.peer.assert_content();
}

#[test]
fn the_doctor_looks_the_bot_over_and_names_the_mend() {
    let bot = bot();
    let library = bot.library().unwrap();
    let doctor = || {
        let done = Command::new(PROGRAM).args(["doctor", "-L"]).arg(library).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    let told = doctor();
    for words in [
        "chmod 600",
        "the token is that of @library_test_bot",
        "privacy mode is on",
        "inline mode is on",
    ] {
        assert!(told.contains(words), "{words} is missing in:\n{told}");
    }
    let settings = std::fs::read_to_string(library.join("pollen.toml")).unwrap();
    let group = "staff_group = -1001234567890\n";
    std::fs::write(library.join("pollen.toml"), format!("{settings}{group}")).unwrap();
    assert!(doctor().contains("add the bot to it"), "{}", doctor());
    bot.peer.revoke_token();
    assert!(doctor().contains("@BotFather"), "{}", doctor());
}
