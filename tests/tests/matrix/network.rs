//! A homeserver that restarts, is slow, refuses or loses answers, and an absence of an hour.

use super::{ANSWER, QUESTION};
use crate::library::{Library, Manner, Somebody};
use peers::matrix::Proxy;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Somebody has been answered once for each time that they asked, and stays so.
fn answered(library: &Library, one: &mut Somebody, times: usize) {
    library.waits("answer", || {
        one.listens(&library.bot.user_id);
        one.count(ANSWER) >= times
    });
    std::thread::sleep(Duration::from_secs(1));
    one.listens(&library.bot.user_id);
    assert_eq!(one.count(ANSWER), times, "each once");
}

#[test]
fn a_homeserver_that_restarts_loses_nothing() {
    let library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    library.answers(&mut ben);
    library.synapse.kill();
    std::thread::sleep(Duration::from_secs(2));
    library.synapse.restart().unwrap();
    ben.says(QUESTION);
    answered(&library, &mut ben, 2);
    // Killed in the middle of an answer.
    ben.says(QUESTION);
    library.synapse.kill();
    library.synapse.restart().unwrap();
    answered(&library, &mut ben, 3);
}

#[test]
fn what_is_refused_or_whose_answer_is_lost_is_said_once() {
    let library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    let sends = format!("PUT /_matrix/client/v3/rooms/{}/send/m.room.message", ben.room);
    let limited = json!({ "errcode": "M_LIMIT_EXCEEDED", "error": "slow", "retry_after_ms": 700 });
    library.proxy.fail(&sends, 429, limited, 2);
    ben.says(QUESTION);
    answered(&library, &mut ben, 1);
    library.proxy.fail(&sends, 502, json!("Bad Gateway"), 2);
    ben.says(QUESTION);
    answered(&library, &mut ben, 2);
    library.proxy.lose_answer(&sends, 2);
    ben.says(QUESTION);
    answered(&library, &mut ben, 3);
    library.proxy.delay(&sends, Duration::from_secs(3), 1);
    ben.says(QUESTION);
    answered(&library, &mut ben, 4);
    assert_eq!(library.proxy.faults_left(), 0, "each of them was met");
}

#[test]
fn news_that_cannot_be_fetched_are_fetched_later() {
    let library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    let fetches = |proxy: &Proxy, status: u16| {
        proxy.fail("GET /_matrix/client/v3/sync", status, json!({ "errcode": "M_UNKNOWN" }), 2);
    };
    for (number, status) in [502, 429, 500].into_iter().enumerate() {
        fetches(&library.proxy, status);
        ben.says(QUESTION);
        answered(&library, &mut ben, number + 1);
    }
    library.proxy.cut(true);
    ben.says(QUESTION);
    std::thread::sleep(Duration::from_secs(2));
    library.proxy.cut(false);
    answered(&library, &mut ben, 4);
}

#[test]
fn an_absence_with_more_than_comes_at_once_is_caught_up_with() {
    let mut library = Library::open(&Manner::default());
    let (mut ana, mut ben) = (library.newcomer("ana"), library.newcomer("ben"));
    library.shared(&mut [&mut ana, &mut ben]);
    library.process.stop().unwrap();
    library.process.wait().unwrap();
    ben.says(&format!("@pollen {QUESTION}"));
    for number in 0..250 {
        ana.says(&format!("something that is not for it, {number}"));
    }
    ben.says("@pollen How do I renew a book?");
    let pages = "GET /_matrix/client/v3/rooms";
    let before = library.proxy.calls(pages);
    library.process.start_again().unwrap();
    answered(&library, &mut ben, 1);
    library.hears(&mut ben, "Renew a book in your online account");
    assert!(library.proxy.calls(pages) >= before + 2, "it asked for what was left out");
    assert_eq!(ben.said().count(), 2);
}

#[test]
fn within_the_usual_limits_answers_come_first_and_none_is_lost() {
    let manner = Manner { settings: Some(String::new()), limited: true, ..Manner::default() };
    let library = Library::open(&manner);
    let mut ben = library.somebody("ben");
    // Ten may go at once, then one each five seconds.
    for _ in 0..8 {
        ben.says(QUESTION);
        library.waits("answer", || {
            ben.listens(&library.bot.user_id);
            ben.count(ANSWER) > 0
        });
    }
    answered(&library, &mut ben, 8);
    let refused = library.proxy.refused();
    let of_answers = refused.iter().filter(|line| line.contains("/send/")).count();
    assert!(of_answers <= 1, "whoever was told to wait waits: {refused:?}");
}

#[test]
fn a_client_that_is_ahead_of_the_store_is_caught_up_with_past_it() {
    let mut library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    library.answers(&mut ben);
    let stop = |library: &mut Library| {
        library.process.stop().unwrap();
        library.process.wait().unwrap();
    };
    // A store brought back from a backup is the same as one that had not yet taken in what its client
    // has seen already: asked again from there, the client answers nothing.
    stop(&mut library);
    let (data, backup) = (library.process.folder().join("data"), tempfile::tempdir().unwrap());
    let copies = |from: &Path, to: &Path| {
        for name in ["pollen.db", "pollen.db-wal", "pollen.db-shm"] {
            let _ = std::fs::remove_file(to.join(name));
            if from.join(name).exists() {
                std::fs::copy(from.join(name), to.join(name)).unwrap();
            }
        }
    };
    copies(&data, backup.path());
    library.process.start_again().unwrap();
    library.answers(&mut ben);
    stop(&mut library);
    copies(backup.path(), &data);
    library.process.start_again().unwrap();
    // It does not know that it has answered the second question, and says it under a key of its own.
    answered(&library, &mut ben, 3);
    library.answers(&mut ben);
    assert_eq!(ben.count(ANSWER), 4);
}

#[test]
fn whoever_writes_sees_that_it_has_been_read() {
    let library = Library::open(&Manner::default());
    let ben = library.somebody("ben");
    let question = ben.says(QUESTION);
    let path = "/_matrix/client/v3/sync?timeout=0&filter=%7B%22presence%22%3A%7B%22types%22%3A%5B%5D%7D%7D";
    library.waits("say that it has read it", || library.proxy.calls("/receipt/m.read/") > 0);
    std::thread::sleep(Duration::from_secs(1));
    // Asked once: a homeserver remembers what it answers to the same question.
    let (_, news) = library.synapse.call("GET", path, Some(ben.member.token()), None).unwrap();
    let ephemeral = &news["rooms"]["join"][ben.room.as_str()]["ephemeral"]["events"];
    let receipts = ephemeral.as_array().into_iter().flatten();
    let mut read = receipts.filter(|event| event["type"] == "m.receipt");
    assert!(read.any(|event| event["content"][question.as_str()]["m.read"].is_object()));
}

#[test]
fn without_the_staffs_room_patrons_are_answered_and_what_is_for_the_desk_waits() {
    let library = Library::open(&Manner { uninvited: true, ..Manner::default() });
    let mut ben = library.somebody("ben");
    library.answers(&mut ben);
    ben.says("do you lend sewing machines?");
    library.hears(&mut ben, "I have asked a librarian");
    let mut mira = library.mira();
    library.invites(&mira);
    library.hears(&mut mira, "case 1 ·");
}
