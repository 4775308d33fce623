//! Rooms: threads, reactions, mentions, upgrades, direct chats that the bot opens.

use super::{ANSWER, QUESTION, UNKNOWN};
use crate::library::{Library, Manner, Somebody, body};
use serde_json::{Value, json};
use tests::http::RUNTIME;

fn relates(event: &Value) -> &Value {
    &event["content"]["m.relates_to"]
}

#[test]
fn in_a_room_answers_stand_in_a_thread_with_reactions_and_ping_nobody() {
    let library = Library::open(&Manner::default());
    let (mut ana, mut ben) = (library.newcomer("ana"), library.newcomer("ben"));
    library.shared(&mut [&mut ana, &mut ben]);
    let question = ben.says("@pollen is there wifi?");
    let answer = library.hears(&mut ben, ANSWER);
    assert_eq!(answer["content"]["msgtype"], "m.notice");
    assert_eq!(answer["content"]["m.mentions"], json!({}));
    let thread = json!({
        "rel_type": "m.thread", "event_id": question, "is_falling_back": true,
        "m.in_reply_to": { "event_id": question },
    });
    assert_eq!(*relates(&answer), thread);
    let id = answer["event_id"].as_str().unwrap().to_owned();
    let mut signs = Vec::new();
    library.waits("put reactions under it", || {
        ben.listens(&library.bot.user_id);
        let reactions = ben.heard.iter().filter(|(_, event)| event["type"] == "m.reaction");
        signs = reactions
            .filter(|(_, event)| relates(event)["event_id"] == id.as_str())
            .filter_map(|(_, event)| relates(event)["key"].as_str().map(str::to_owned))
            .collect();
        signs.len() == 3
    });
    assert_eq!(signs, ["👍", "👎", "🙋"]);
    // Somebody else's reaction presses nothing; the asker's does, in the thread.
    let others = RUNTIME.block_on(ana.member.react(&ana.room, &id, "🙋", "r1")).unwrap();
    library.takes_in(&others);
    RUNTIME.block_on(ben.member.react(&ben.room, &id, "👍🏽", "r2")).unwrap();
    let thanks = library.hears(&mut ben, "Thank");
    assert_eq!(relates(&thanks)["event_id"], question.as_str());
    // Whoever began the thread goes on in it without calling the bot.
    let content = json!({
        "msgtype": "m.text", "body": "How do I renew a book?",
        "m.relates_to": { "rel_type": "m.thread", "event_id": question, "is_falling_back": true,
                          "m.in_reply_to": { "event_id": id } },
    });
    let follow_up = library.sends_raw(&ben, "m.room.message", &content, "f");
    let more = library.hears(&mut ben, "Renew a book in your online account");
    assert_eq!(relates(&more)["event_id"], question.as_str());
    assert_eq!(relates(&more)["m.in_reply_to"]["event_id"], follow_up.as_str());
    // Others in the same thread speak with each other.
    let quiet = library.sends_raw(&ana, "m.room.message", &content, "q");
    library.takes_in(&quiet);
    let renewals = ben.count("Renew a book in your online account");
    library.answers_in_room(&mut ben);
    assert_eq!(ben.count("Renew a book in your online account"), renewals);
}

#[test]
fn a_persons_answer_is_a_text_that_tells_whoever_asked() {
    let library = Library::open(&Manner::default());
    let (mut ana, mut ben) = (library.newcomer("ana"), library.newcomer("ben"));
    library.shared(&mut [&mut ana, &mut ben]);
    let question = ben.says(&format!("@pollen {UNKNOWN}"));
    let mut mira = library.mira();
    let sheet = library.hears(&mut mira, "case 1 ·");
    assert_eq!(sheet["content"]["msgtype"], "m.text", "staff are told with a sound");
    let root = sheet["event_id"].as_str().unwrap();
    let content = json!({
        "msgtype": "m.text", "body": "Yes, at the Riverside branch.",
        "m.relates_to": { "rel_type": "m.thread", "event_id": root, "is_falling_back": false,
                          "m.in_reply_to": { "event_id": root } },
    });
    library.sends_raw(&mira, "m.room.message", &content, "reply");
    let answer = library.hears(&mut ben, "Yes, at the Riverside branch.");
    assert_eq!(answer["content"]["msgtype"], "m.text");
    assert_eq!(answer["content"]["m.mentions"], json!({ "user_ids": [ben.member.user()] }));
    assert_eq!(relates(&answer)["event_id"], question.as_str());
    let done = library.hears(&mut mira, "answered by mira");
    assert_eq!(relates(&done)["event_id"], root, "in the case's own thread");
}

#[test]
fn what_concerns_one_person_alone_is_said_in_a_direct_chat_that_the_bot_opens() {
    let library = Library::open(&Manner::default());
    let (mut ana, mut ben) = (library.newcomer("ana"), library.newcomer("ben"));
    let mut eva = library.newcomer("eva");
    library.shared(&mut [&mut ana, &mut ben, &mut eva]);
    ben.says("!pollen privacy");
    library.waits("open a direct chat", || {
        ben.listens(&library.bot.user_id);
        ben.heard.iter().any(|(room, event)| {
            *room != ben.room && body(event).contains("To answer, I use only what you write here")
        })
    });
    assert_eq!(ben.count("To answer, I use only"), 0);
    // The same room serves the next time.
    let rooms = |one: &Somebody| {
        let rooms: std::collections::BTreeSet<&String> =
            one.heard.iter().map(|(room, _)| room).filter(|room| **room != one.room).collect();
        rooms.len()
    };
    ben.says("!pollen mydata");
    library.waits("say it there", || {
        ben.listens(&library.bot.user_id);
        ben.heard.iter().any(|(room, event)| {
            *room != ben.room && body(event).contains("I have nothing about you")
        })
    });
    assert_eq!(rooms(&ben), 1);
}

#[test]
fn a_room_that_becomes_another_is_followed() {
    let library = Library::open(&Manner::default());
    let (mut ana, mut ben) = (library.newcomer("ana"), library.newcomer("ben"));
    let old = library.shared(&mut [&mut ana, &mut ben]);
    ben.says(&format!("@pollen {UNKNOWN}"));
    let mut mira = library.mira();
    library.hears(&mut mira, "case 1 ·");
    let path = format!("/_matrix/client/v3/rooms/{old}/upgrade");
    let asks = Some(json!({ "new_version": "11" }));
    let (status, new) =
        library.synapse.call("POST", &path, Some(ana.member.token()), asks).unwrap();
    assert_eq!(status, 200, "{new}");
    let new = new["replacement_room"].as_str().unwrap().to_owned();
    for one in [&mut ana, &mut ben] {
        one.room.clone_from(&new);
    }
    for user in [ben.member.user(), library.bot.user_id.as_str()] {
        let path = format!("/_matrix/client/v3/rooms/{new}/invite");
        let asks = Some(json!({ "user_id": user }));
        let _ = library.synapse.call("POST", &path, Some(ana.member.token()), asks).unwrap();
    }
    RUNTIME.block_on(ben.member.enter(&new)).unwrap();
    library.entered(&ana, &new);
    ana.listens(&library.bot.user_id);
    ben.listens(&library.bot.user_id);
    // What was asked in the old room is answered in the new one.
    mira.says("reply 1 Yes, at the Riverside branch.");
    library.hears(&mut ben, "Yes, at the Riverside branch.");
    library.answers_in_room(&mut ben);
    assert_eq!(ben.count("I am a program of"), 0, "it is the same place: ben is known in it");
}

#[test]
fn whoever_sees_no_reactions_types_the_words_beside_them() {
    let library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    library.answers(&mut ben);
    ben.says("!forget");
    let asked = library.hears(&mut ben, "Shall I erase everything");
    assert!(body(&asked).ends_with("🗑️ Erase all of it · 📌 Keep it"));
    ben.says("keep it");
    library.hears(&mut ben, "I have kept it");
    ben.says("!pollen forget");
    library.waits("ask again", || {
        ben.listens(&library.bot.user_id);
        ben.count("Shall I erase everything") == 2
    });
    ben.says("Erase all of it");
    library.hears(&mut ben, "Erased. I know nothing of you");
}

#[test]
fn a_note_in_answer_to_the_bot_stays_among_staff() {
    let library = Library::open(&Manner::default());
    let mut ben = library.somebody("ben");
    ben.says(UNKNOWN);
    let mut mira = library.mira();
    let sheet = library.hears(&mut mira, "case 1 ·");
    let root = sheet["event_id"].as_str().unwrap();
    let answers = |words: &str, key: &str| {
        let content = json!({
            "msgtype": "m.text", "body": words,
            // Clients tell whoever is answered.
            "m.mentions": { "user_ids": [library.bot.user_id] },
            "m.relates_to": { "rel_type": "m.thread", "event_id": root, "is_falling_back": false,
                              "m.in_reply_to": { "event_id": root } },
        });
        library.takes_in(&library.sends_raw(&mira, "m.room.message", &content, key));
    };
    answers("!pollen note she is cross", "n1");
    answers("/note he asked before", "n2");
    answers("note that we open at nine", "r1");
    library.hears(&mut ben, "note that we open at nine");
    assert_eq!(ben.count("cross") + ben.count("asked before"), 0);
}

impl Library {
    /// Somebody asks in a room what the FAQ answers, and is answered there.
    fn answers_in_room(&self, one: &mut Somebody) {
        one.listens(&self.bot.user_id);
        let before = one.count(ANSWER);
        one.says(&format!("@pollen {QUESTION}"));
        self.waits("answer", || {
            one.listens(&self.bot.user_id);
            one.count(ANSWER) > before
        });
    }
}
