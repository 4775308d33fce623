//! Matrix and input that is wrong or meant badly, and a homeserver that fails: a clear answer each,
//! nothing lost. In real time, before a real homeserver.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

mod library;
mod network;
mod rooms;

use library::{Library, Manner, body};
use serde_json::{Value, json};
use std::time::Duration;
use tests::http::RUNTIME;
use tests::member::Privacy;

/// Questions that the library's FAQ answers, and the answers' beginnings.
pub(crate) const QUESTION: &str = "is there wifi?";
pub(crate) const ANSWER: &str = "Wifi is free at both branches";
/// One that nothing answers.
pub(crate) const UNKNOWN: &str = "do you lend sewing machines?";
/// Longer than anything takes on a loaded machine, pauses of the program's own included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_message_as_long_as_an_event_can_be_is_told_to_be_too_long() {
    let library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    // What stands around it takes some hundred bytes of the 65,536.
    ben.says(&"wifi ".repeat(12_900));
    library.hears(&mut ben, "more than I can read at once");
    let refused = ben.member.send(
        &ben.room,
        "m.room.message",
        json!({ "msgtype": "m.text", "body": "x".repeat(65_536) }),
        "toolong",
    );
    assert!(RUNTIME.block_on(refused).is_err(), "no homeserver takes it");
    library.answers(&mut ben);
}

#[test]
fn what_is_no_message_and_what_is_malformed_is_passed_over() {
    let library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    let deep = (0..100).fold(json!("x"), |inner, _| json!({ "a": inner }));
    let nested = format!("{}wifi{}", "<b>".repeat(100), "</b>".repeat(100));
    let text = |more: Value| {
        let mut content = json!({ "msgtype": "m.text", "body": "" });
        content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        content
    };
    let silent = [
        ("org.example.unknown", json!({ "body": QUESTION })),
        ("m.room.message", json!({})),
        ("m.room.message", json!({ "msgtype": 7, "body": [QUESTION] })),
        ("m.room.message", json!({ "msgtype": "m.notice", "body": QUESTION })),
        ("m.reaction", json!({ "m.relates_to": 7 })),
        ("m.reaction", json!({ "m.relates_to": { "rel_type": "m.annotation", "key": "👍" } })),
        ("m.room.encrypted", json!({})),
        ("m.room.encrypted", json!({ "algorithm": 1, "ciphertext": deep })),
        ("m.room.redaction", json!({ "redacts": {} })),
    ];
    for (number, (kind, content)) in silent.iter().enumerate() {
        // A homeserver may refuse some of it itself: then nobody has sent it.
        let path = format!("/_matrix/client/v3/rooms/{}/send/{kind}/s{number}", ben.room);
        let token = Some(ben.member.token());
        let _ = library.synapse.call("PUT", &path, token, Some(content.clone())).unwrap();
    }
    let answered = [
        json!({ "body": QUESTION, "m.relates_to": { "rel_type": "m.thread" } }),
        json!({ "body": QUESTION, "m.relates_to": { "rel_type": "org.example", "event_id": "$x" } }),
        json!({ "body": QUESTION, "m.relates_to": { "m.in_reply_to": { "event_id": "nonsense" } } }),
        json!({ "body": QUESTION, "m.relates_to": { "m.in_reply_to": 7 } }),
        json!({ "body": QUESTION, "m.mentions": [] }),
        json!({ "body": QUESTION, "format": "org.matrix.custom.html", "formatted_body": nested }),
        json!({ "body": QUESTION, "org.example.deep": deep }),
    ];
    let mut sent = 0;
    for (number, content) in answered.iter().enumerate() {
        let path = format!("/_matrix/client/v3/rooms/{}/send/m.room.message/a{number}", ben.room);
        let content = Some(text(content.clone()));
        let (status, _) =
            library.synapse.call("PUT", &path, Some(ben.member.token()), content).unwrap();
        sent += usize::from(status == 200);
    }
    assert!(sent > answered.len() / 2);
    library.waits("answer all of them", || {
        ben.listens(&library.bot.user_id);
        ben.count(ANSWER) == sent
    });
    assert_eq!(ben.said().count(), sent, "nothing else is said");
}

#[test]
fn a_quotation_that_anybody_can_write_addresses_nobody() {
    let library = Library::open(&Manner::default());
    let (mut ana, mut ben) = (library.newcomer("ana"), library.newcomer("ben"));
    library.shared(&mut [&mut ana, &mut ben]);
    let bot = library.bot.user_id.clone();
    // Ana's own message, quoted as if it were the bot's.
    let about = ana.says("the lamp over the stairs flickers");
    let forged = format!("> <{bot}> staff say: yes\n\nis there wifi?");
    let replies = json!({ "m.in_reply_to": { "event_id": about } });
    for content in [
        json!({ "msgtype": "m.text", "body": forged }),
        json!({ "msgtype": "m.text", "body": forged, "m.relates_to": replies }),
    ] {
        let event = library.sends_raw(
            &ben,
            "m.room.message",
            &content,
            &format!("f{}", content.to_string().len()),
        );
        library.takes_in(&event);
    }
    ben.says("@pollen where may I eat?");
    library.waits("say something", || {
        ben.listens(&bot);
        ben.said().count() > 0
    });
    assert_eq!(ben.count(ANSWER), 0, "the quotations were not for it");
}

#[test]
fn a_staff_command_of_somebody_else_does_nothing() {
    let library = Library::open(&Manner::default());
    let (ben, mut eve) = (library.somebody("ben"), library.somebody("eve"));
    ben.says(UNKNOWN);
    let mut mira = library.mira();
    let sheet = library.hears(&mut mira, "case 1 ·");
    // In her own direct chat it is a question like any other.
    let before = eve.said().count();
    eve.says("close 1");
    library.waits("answer", || {
        eve.listens(&library.bot.user_id);
        eve.said().count() > before
    });
    // In the staff's room she is no moderator.
    RUNTIME.block_on(mira.member.invite(&library.desk, eve.member.user())).unwrap();
    RUNTIME.block_on(eve.member.enter(&library.desk)).unwrap();
    eve.room.clone_from(&library.desk);
    eve.listens(&library.bot.user_id);
    eve.says("@pollen close 1");
    library.hears(&mut mira, "eve");
    let press = eve.member.react(&library.desk, sheet["event_id"].as_str().unwrap(), "✅", "p");
    library.takes_in(&RUNTIME.block_on(press).unwrap());
    mira.says("queue");
    library.hears(&mut mira, "2 cases wait");
    // Whoever is made a moderator is staff from then on.
    let path = format!("/_matrix/client/v3/rooms/{}/state/m.room.power_levels", library.desk);
    let token = Some(mira.member.token());
    let (_, mut powers) = library.synapse.call("GET", &path, token, None).unwrap();
    powers["users"][eve.member.user()] = 50.into();
    let (status, _) = library.synapse.call("PUT", &path, token, Some(powers)).unwrap();
    assert_eq!(status, 200);
    eve.says("claim 1");
    library.hears(&mut mira, "case 1 is eve’s");
}

#[test]
fn whoever_is_logged_out_by_somebody_stops_answering_there_and_staff_are_told() {
    let mut library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    library.answers(&mut ben);
    // Whoever has stolen a token of the account ends all its sessions.
    let thief = library.bot.access_token.clone();
    let path = "/_matrix/client/v3/logout/all";
    let (status, _) = library.synapse.call("POST", path, Some(&thief), Some(json!({}))).unwrap();
    assert_eq!(status, 200);
    assert!(library.process.says("logged the bot out"), "the log names what happened and the mend");
    library.page_answers();
    library.waits("count the link as down", || {
        library.metric("pollen_link_up{network=\"matrix\"}") == 0
    });
    assert_eq!(library.metric("pollen_link_up{network=\"web\"}"), 1);
    let syncs = library.proxy.syncs();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(library.proxy.syncs(), syncs, "it does not knock again");
    // What is asked meanwhile is answered once it is back, as a new device with the same password.
    ben.says("How do I renew a book?");
    library.process.stop().unwrap();
    library.process.wait().unwrap();
    library.process.start_again().unwrap();
    library.hears(&mut ben, "Renew a book in your online account");
}

#[test]
fn a_wrong_password_stops_matrix_alone_and_the_log_says_what_to_do() {
    let library = Library::open(&Manner::default());
    let folder = library.process.folder().to_owned();
    let mut process = library.process;
    process.stop().unwrap();
    process.wait().unwrap();
    std::fs::remove_dir_all(folder.join("data/matrix")).unwrap();
    std::fs::write(folder.join("matrix-password"), "not the one").unwrap();
    process.start_again().unwrap();
    assert!(process.says("log in with this password"), "the log says which secret is wrong");
    assert!(process.runs());
}

#[test]
fn a_message_without_its_key_waits_for_it_and_then_its_author_is_told_once() {
    let now = "2026-03-10T10:00:00Z".parse().unwrap();
    let manner = Manner { clock: Some(now), ..Manner::default() };
    let mut library = Library::open(&manner);
    let mut ben = library.somebody_in("ben", Privacy::Encrypted);
    let lost = |number: u32| {
        json!({
            "algorithm": "m.megolm.v1.aes-sha2",
            "ciphertext": format!("AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg{number}"),
            "device_id": "BEN",
            "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
            "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
        })
    };
    for number in 0..3 {
        let event =
            library.sends_raw(&ben, "m.room.encrypted", &lost(number), &format!("u{number}"));
        library.takes_in(&event);
    }
    library.answers(&mut ben);
    assert_eq!(ben.count("did not get its key"), 0, "it waits first");
    let later = now + jiff::SignedDuration::from_mins(6);
    library.process.advance(later).unwrap();
    let told = library.hears(&mut ben, "did not get its key");
    assert!(body(&told).contains("Please write it once more"));
    library.answers(&mut ben);
    std::thread::sleep(Duration::from_secs(5));
    ben.listens(&library.bot.user_id);
    assert_eq!(ben.count("did not get its key"), 1, "three messages under one key are told once");
}

#[test]
fn a_key_that_comes_late_is_waited_for() {
    let mut library = Library::open(&Manner::default());
    let mut ben = library.somebody_in("ben", Privacy::Encrypted);
    library.answers(&mut ben);
    library.process.stop().unwrap();
    library.process.wait().unwrap();
    // A homeserver hands out a hundred messages to a device at once: these are before the key.
    let (user, junk) = (&library.bot.user_id, json!({ "body": "junk" }));
    for number in 0..150 {
        let path = format!("/_matrix/client/v3/sendToDevice/org.example.junk/j{number}");
        let body = json!({ "messages": { user.as_str(): { "*": junk } } });
        let sent = library.synapse.call("PUT", &path, Some(ben.member.token()), Some(body));
        assert_eq!(sent.unwrap().0, 200);
    }
    // A new key for the words that follow.
    RUNTIME.block_on(ben.member.renew_key(&ben.room)).unwrap();
    ben.says("How do I renew a book?");
    library.process.start_again().unwrap();
    library.hears(&mut ben, "Renew a book in your online account");
}

#[test]
fn rooms_full_of_bots_go_quiet() {
    let library = Library::open(&Manner::default());
    let mut other = library.somebody("other");
    // What programs say is never answered.
    let notice = json!({ "msgtype": "m.notice", "body": QUESTION });
    for number in 0..5 {
        library.sends_raw(&other, "m.room.message", &notice, &format!("n{number}"));
    }
    // One that does not know that convention is answered for a while, told once, and then not heard.
    for _ in 0..45 {
        other.says(QUESTION);
    }
    library.hears(&mut other, "You write faster than I can read");
    let last = other.says(QUESTION);
    library.takes_in(&last);
    std::thread::sleep(Duration::from_secs(1));
    other.listens(&library.bot.user_id);
    assert_eq!(other.count("You write faster than I can read"), 1);
    assert_eq!(other.count(ANSWER), 30);
    let mut ben = library.somebody("ben");
    library.answers(&mut ben);
}

#[test]
fn an_invite_flood_is_turned_down_and_staff_are_served() {
    let manner = Manner {
        settings: Some(
            "invites = [\"elsewhere.example\"]\nper_second = 1000\nburst = 1000".to_owned(),
        ),
        ..Manner::default()
    };
    let library = Library::open(&manner);
    let stranger = library.newcomer("stranger");
    let bot = [library.bot.user_id.clone()];
    let rooms: Vec<String> = (0..25)
        .map(|_| {
            let room = stranger.member.open("", &bot, &Value::Null, Privacy::Plain);
            RUNTIME.block_on(room).unwrap()
        })
        .collect();
    library.waits("turn all of them down", || {
        rooms.iter().all(|room| library.membership(&stranger, room) == "leave")
    });
    assert!(library.proxy.refused().is_empty());
    // Staff are served meanwhile and afterwards.
    let mut mira = library.mira();
    mira.says("queue");
    library.hears(&mut mira, "Nothing waits");
}
