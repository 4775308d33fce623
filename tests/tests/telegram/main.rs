//! Telegram and input that is wrong or meant badly: a clear answer each, nothing lost. In real time
//! and within Telegram's limits, so that keeping to them is tested too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

mod library;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use library::{Library, Way, peer, prepare, staged};
use peers::telegram::{
    Content, Deed, Fault, Media, Membership, Rights, Saying, Settings, Telegram, Trouble, UserId,
};
use serde_json::json;
use std::time::Duration;
use tests::http::{self, RUNTIME};
use tests::program::Process;

/// Questions that the library's FAQ answers, and the answers' beginnings.
const QUESTION: &str = "is there wifi?";
const ANSWER: &str = "Wifi is free at both branches";
/// One that nothing answers.
const UNKNOWN: &str = "do you lend sewing machines?";
/// Longer than anything takes on a loaded machine, pauses of the program's own included.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most that Telegram's clients send at once, in UTF-16 units.
const LONGEST: usize = 4096;

#[test]
fn a_revoked_token_stops_telegram_alone_and_the_log_says_what_to_do() {
    let mut library = Library::open(Way::Polled);
    library.answers();
    library.peer.revoke_token();
    // The poll that hangs still brings this; the next one is refused.
    let ben = library.somebody("ben");
    library.says(ben, QUESTION);
    assert!(library.process.says("BotFather"), "the log names who gives another token");
    library.page_answers();
    assert_eq!(library.metric("pollen_link_up{network=\"telegram\"}"), 0);
    assert_eq!(library.metric("pollen_link_up{network=\"web\"}"), 1);
    assert!(library.process.runs());
    let asked = library.peer.calls_of("getUpdates").len();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(library.peer.calls_of("getUpdates").len(), asked, "it does not knock again");
}

#[test]
fn a_wrong_token_at_the_start_stops_telegram_alone() {
    let (peer, desk, _) = peer(Settings::default());
    let started = Process::start_in_real_time(staged(), |folder| {
        prepare(folder, &peer, desk, Way::Polled)?;
        std::fs::write(folder.join("telegram-token"), "1:AAF-nobody_knows_this_token_01234567890\n")
    });
    let mut process = started.unwrap();
    assert!(process.says("BotFather"));
    let address = process.address();
    let page = RUNTIME.block_on(http::send(address, http::get(address, "/", &[]))).unwrap();
    assert_eq!(page.status, StatusCode::OK);
    assert!(process.runs());
}

#[test]
fn a_forged_delivery_is_refused_and_rubbish_is_told_so() {
    let library = Library::open(Way::Brought);
    library.answers();
    let set = library.peer.calls_of("setWebhook").pop().unwrap().parameters;
    let secret = set["secret_token"].as_str().unwrap().to_owned();
    assert!(secret.len() >= 32, "nobody guesses it");
    let path = set["url"].as_str().unwrap().rsplit_once(library.process.address()).unwrap().1;
    let deliver = |secret: Option<&str>, body: Bytes| {
        let address = library.process.address();
        let mut request = Request::post(path).header("host", address);
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let request = request.header("content-type", "application/json").body(Full::new(body));
        RUNTIME.block_on(http::send(address, request.unwrap()))
    };
    let ben = library.somebody("ben");
    let forged = json!({"update_id": 900_000_001, "message": {
        "message_id": 1, "date": 1_780_000_000, "text": QUESTION,
        "chat": {"id": ben.0, "type": "private", "first_name": "ben"},
        "from": {"id": ben.0, "is_bot": false, "first_name": "ben"},
    }});
    let forged = Bytes::from(forged.to_string());
    let before = library.metric("pollen_arrivals_accepted_total");
    let almost = format!("{}x", &secret[..secret.len() - 1]);
    for wrong in [None, Some(""), Some("x"), Some(almost.as_str()), Some(&secret[1..])] {
        let answer = deliver(wrong, forged.clone()).unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong:?}");
        assert!(!answer.text().contains(&secret));
    }
    let rubbish: [&[u8]; 6] = [b"", b"{", b"[]", b"\xff\xfe", b"null", b"{\"update_id\":\"x\"}"];
    for body in rubbish {
        let answer = deliver(Some(&secret), Bytes::from_static(body)).unwrap();
        assert!(answer.status.is_client_error(), "{body:?}: {}", answer.status);
        assert!(!answer.text().trim().is_empty(), "{body:?} is told what it is");
    }
    let nothing = deliver(Some(&secret), Bytes::from_static(b"{\"update_id\":900000002}")).unwrap();
    assert_eq!(nothing.status, StatusCode::OK, "an update of a kind that is not known yet");
    let huge = Bytes::from(vec![b' '; 10 * 1024 * 1024]);
    // A client that goes on writing may see the connection reset before it reads the answer.
    if let Ok(answer) = deliver(Some(&secret), huge.clone()) {
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
    if let Ok(answer) = deliver(None, huge) {
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    assert_eq!(library.metric("pollen_arrivals_accepted_total"), before, "nothing was taken in");
    assert_eq!(library.peer.from_bot(ben.chat()), []);
    library.answers();
    library.peer.assert_content();
}

#[test]
fn forged_and_old_presses_are_answered_and_do_nothing() {
    let library = Library::open(Way::Polled);
    let ben = library.somebody("ben");
    library.has_case(ben, ben.chat(), UNKNOWN);
    let message = library.peer.from_bot(ben.chat()).pop().unwrap();
    let said = library.texts(ben.chat()).len();
    let at_desk = library.texts(library.desk).len();
    let (long, split) = ("x".repeat(64), "é".repeat(32));
    // Those of the desk, from somebody who is not at it, are nothing here.
    for data in ["nonsense", "h.01", "c.1", "\0", &long, &split, "dc.1", "ds.1", "dx.1"] {
        library.peer.press_data(ben, ben.chat(), message.id, data);
    }
    library.has_taken_all_in();
    library.has_answered_presses();
    // Somebody else's case, and a turn that nobody remembers.
    let eva = library.somebody("eva");
    library.says(eva, QUESTION);
    let answer = library.hears(eva.chat(), ANSWER);
    library.peer.press_data(eva, eva.chat(), answer.id, "w.1");
    library.hears(eva.chat(), "no question of yours");
    library.peer.press_data(eva, eva.chat(), answer.id, "c.4000000000.1");
    library.hears(eva.chat(), "too old");
    library.has_answered_presses();
    assert_eq!(library.texts(ben.chat()).len(), said, "{:#?}", library.texts(ben.chat()));
    assert_eq!(library.texts(library.desk).len(), at_desk, "{:#?}", library.texts(library.desk));
    library.peer.say(library.mira, library.desk, "queue");
    library.hears(library.desk, "One case waits");
    library.peer.assert_content();
}

/// Texts of at most the length that clients send, each of one kind of nastiness.
fn nasty() -> Vec<String> {
    let pieces = [
        "<b><i>&amp;&lt;\"'></b></u><script>alert(1)</script><a href=\"tg://user?id=1\">x</a> ",
        "@everyone @channel @here @library_test_bot @mira_k ",
        "\u{202e}\u{2066}abc\u{2069}\u{200f}\u{202c} ",
        "\0\u{1}\u{7f}\u{feff}\u{200b}wifi\u{ad} ",
        "👩‍👩‍👧‍👦🏳️‍🌈😀",
        "*_`[x](http://example.org)~||```",
        "https://example.org/?q=<&> tg://resolve?domain=x mailto:a@b.example ",
        "a\u{301}\u{302}\u{303}\u{304}\u{305}",
        "{$name} { $case } %s %n ${jndi:ldap://x} '; DROP TABLE cases; -- ",
        "\n\n\t \n",
    ];
    let fill = |piece: &str| {
        let mut text = String::from("x");
        let units = piece.encode_utf16().count();
        while text.encode_utf16().count() + units < LONGEST {
            text.push_str(piece);
        }
        text + "x"
    };
    pieces.iter().map(|piece| fill(piece)).collect()
}

#[test]
fn the_nastiest_texts_are_answered_and_come_out_as_they_went_in() {
    let library = Library::open(Way::Polled);
    let everybody: Vec<(UserId, String)> = nasty()
        .into_iter()
        .enumerate()
        .map(|(i, text)| (library.somebody(&format!("person{i}")), text))
        .collect();
    for (who, text) in &everybody {
        library.says(*who, text);
    }
    for (who, text) in &everybody {
        let heard = |peer: &Telegram| !peer.from_bot(who.chat()).is_empty();
        assert!(library.peer.wait_until(PATIENCE, heard), "{text:.60} is not answered");
    }
    library.answers();
    library.peer.assert_content();
}

#[test]
fn nasty_words_go_to_staff_and_back_as_they_were_written() {
    // Twenty messages a minute are too few for this test, and keeping to them is another's.
    let library = Library::open_with_standing_clock();
    for (i, text) in nasty().into_iter().enumerate() {
        let who = library.somebody(&format!("person{i}"));
        let short: String = text.chars().take(600).collect();
        library.says(who, &format!("/person {short}"));
        let first = library.hears(library.desk, &format!("case {} ·", i + 1));
        let shown = first.text().replace("@\u{2060}", "@");
        assert!(shown.starts_with(&format!("case {} ·", i + 1)), "{shown}");
        let pings = first.entities().iter().any(|entity| entity.kind == "mention");
        assert!(!pings, "nobody is pinged: {shown}");
        let reply: String = text.chars().take(900).collect();
        library.peer.reply(library.mira, library.desk, first.id, &reply);
        let heard = library.hears(who.chat(), "mira of Linden Library");
        assert!(seen(heard.text()).starts_with(&seen(&reply)), "{}\n{reply}", heard.text());
    }
    library.peer.assert_content();
}

/// What of a text can be seen: what turns lines round or hides in them is left out on the way.
fn seen(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().filter(|c| !hidden(*c)).collect()
}

#[test]
fn updates_of_a_kind_that_is_not_known_are_passed_over() {
    for way in [Way::Polled, Way::Brought] {
        let library = Library::open(way);
        for i in 0..3 {
            library.peer.tell("telepathy", json!({"thought": i, "from": {"id": "nobody"}}));
            // One that is known, with what no version had in it.
            library.peer.tell("message", json!({"message_id": i, "date": "soon", "chat": 7}));
        }
        library.answers();
        library.has_taken_all_in();
        library.peer.assert_content();
    }
}

#[test]
fn a_file_of_a_patrons_stands_in_the_topic_of_its_case() {
    let library = Library::open(Way::Polled);
    let ben = library.somebody("ben");
    let file = Media::document("<b>\u{202e}gpj.exe", "text/html", 3_000_000_000).caption(UNKNOWN);
    library.peer.post(ben, ben.chat(), Saying::media(file));
    let first = library.hears(library.desk, "case 1 ·");
    let shown = |peer: &Telegram| {
        let mut messages = peer.from_bot(library.desk).into_iter();
        messages.any(|m| m.thread == first.thread && matches!(m.content, Content::Media(_)))
    };
    assert!(library.peer.wait_until(PATIENCE, shown), "{:#?}", library.texts(library.desk));
    // The other way it does not go, and neither do the words below it.
    let map = Media::document("map.pdf", "application/pdf", 9).caption("It is on this map.");
    let answer = Saying::media(map).reply_to(first.id).in_topic(first.thread.unwrap());
    library.peer.post(library.mira, library.desk, answer);
    let told = library.hears(library.desk, "nothing was sent for case 1");
    assert_eq!(told.thread, first.thread);
    assert_eq!(library.count(ben.chat(), "map"), 0);
    library.peer.assert_content();
}

#[test]
fn only_staff_do_what_staff_do() {
    let library = Library::open(Way::Polled);
    let ben = library.somebody("ben");
    let first = library.has_case(ben, ben.chat(), UNKNOWN);
    let topic = first.thread.unwrap();
    let eva = library.somebody("eva");
    // Each of them is a question in a direct chat, or an unknown command.
    for text in ["close 1", "/close 1", "reply 1 Yes."] {
        library.says(eva, text);
    }
    library.peer.join(eva, library.desk);
    for text in ["close 1", "@library_test_bot close 1", "reply 1 Never."] {
        library.peer.say(eva, library.desk, text);
    }
    library.peer.post(eva, library.desk, Saying::text("close").in_topic(topic));
    library.peer.reply(eva, library.desk, first.id, "Never.");
    library.peer.press(eva, library.desk, first.id, "Close");
    library.has_taken_all_in();
    library.has_answered_presses();
    library.peer.say(library.mira, library.desk, "queue");
    library.hears(library.desk, "1. case 1 ·");
    assert_eq!(library.count(library.desk, "closed by"), 0, "{:#?}", library.texts(library.desk));
    assert_eq!(library.count(ben.chat(), "Never."), 0);
    library.peer.reply(library.mira, library.desk, first.id, "Yes, at the Riverside branch.");
    library.hears(ben.chat(), "Yes, at the Riverside branch.");
    library.peer.assert_content();
}

#[test]
fn a_button_below_somebody_elses_answer_does_nothing_and_says_so() {
    let library = Library::open(Way::Polled);
    let (ben, eva) = (library.somebody("ben"), library.somebody("eva"));
    let hall = library.peer.add_supergroup("Hall", &[ben, eva]);
    library.peer.add_bot(ben, hall);
    let name = Settings::default().username;
    library.peer.say(ben, hall, &format!("@{name} {QUESTION}"));
    let answer = library.hears(hall, ANSWER);
    library.peer.press(eva, hall, answer.id, "Ask a person");
    library.has_answered_presses();
    let told = |deed: &Deed| matches!(deed, Deed::Answered(answered) if answered.alert);
    assert!(library.peer.read().iter().any(told), "eva is told");
    library.peer.press(ben, hall, answer.id, "Ask a person");
    library.hears(library.desk, "case 1 ·");
    library.peer.assert_content();
}

#[test]
fn who_is_no_administrator_any_more_is_staff_no_more() {
    let library = Library::open(Way::Polled);
    let tom = library.somebody("tom");
    library.peer.member_is(
        library.mira,
        library.desk,
        tom,
        Membership::Administrator(Rights::all()),
    );
    let ben = library.somebody("ben");
    let first = library.has_case(ben, ben.chat(), UNKNOWN);
    let topic = first.thread.unwrap();
    library.peer.press(tom, library.desk, first.id, "Claim");
    library.hears(library.desk, "case 1 is tom’s");
    library.peer.member_is(library.mira, library.desk, tom, Membership::Member);
    library.peer.reply(tom, library.desk, first.id, "Never.");
    library.hears(library.desk, "tom is not on the list of staff");
    library.peer.post(library.mira, library.desk, Saying::text("assign to mira").in_topic(topic));
    library.hears(library.desk, "case 1 is mira’s");
    library.peer.reply(library.mira, library.desk, first.id, "Yes, at the Riverside branch.");
    library.hears(ben.chat(), "Yes, at the Riverside branch.");
    assert_eq!(library.count(ben.chat(), "Never."), 0);
    library.peer.assert_content();
}

#[test]
fn a_thousand_messages_of_one_person_hold_nobody_else_up() {
    let library = Library::open(Way::Polled);
    let (ben, eva) = (library.somebody("ben"), library.somebody("eva"));
    for _ in 0..1_000 {
        library.says(ben, QUESTION);
    }
    library.says(eva, QUESTION);
    library.hears(eva.chat(), ANSWER);
    library.has_taken_all_in();
    let answered = library.texts(ben.chat()).len();
    assert!(answered < 25, "{answered}: eva did not wait for all of ben's");
    // A minute's fill of ben's, that he writes too fast, and eva's.
    assert_eq!(library.metric("pollen_arrivals_accepted_total"), 32);
    library.peer.assert_content();
}

#[test]
fn who_writes_a_thousand_messages_at_once_is_told_and_then_read_again() {
    let library = Library::open_with_standing_clock();
    let ben = library.somebody("ben");
    for _ in 0..1_000 {
        library.says(ben, QUESTION);
    }
    library.hears(ben.chat(), "You write faster than I can read.");
    library.has_taken_all_in();
    assert_eq!(library.count(ben.chat(), ANSWER), 30);
    assert_eq!(library.count(ben.chat(), "You write faster"), 1);
    library.peer.advance(Duration::from_secs(61));
    library.says(ben, QUESTION);
    library.peer.wait_until(PATIENCE, |_| library.count(ben.chat(), ANSWER) > 30);
    assert_eq!(library.count(ben.chat(), ANSWER), 31, "and none of them twice");
    library.peer.assert_content();
}

#[test]
fn another_program_with_the_same_token_is_named_and_outlived() {
    let mut library = Library::open(Way::Polled);
    library.answers();
    library.peer.fault(Fault::new(Trouble::Conflict).on("getUpdates").times(2));
    let ben = library.somebody("ben");
    library.says(ben, QUESTION);
    assert!(library.process.says("another program"), "the log says what is so");
    library.hears(ben.chat(), ANSWER);
    assert_eq!(library.count(ben.chat(), ANSWER), 1);
    library.answers();
    library.peer.assert_content();
}

#[test]
fn who_is_told_to_wait_waits() {
    let library = Library::open(Way::Polled);
    library.peer.fault(Fault::new(Trouble::TooMany(3)).on("sendMessage"));
    let ben = library.somebody("ben");
    library.says(ben, QUESTION);
    library.hears(ben.chat(), ANSWER);
    assert_eq!(library.count(ben.chat(), ANSWER), 1);
    assert_eq!(library.peer.answered_with(429), 1);
    library.peer.fault(Fault::new(Trouble::TooMany(2)).on("getUpdates"));
    library.says(ben, "is there wifi in the library?");
    library.answers();
    library.peer.assert_content();
}

#[test]
fn a_server_in_trouble_is_asked_again_and_nothing_is_said_twice() {
    let library = Library::open(Way::Polled);
    // None of these has been carried out.
    let troubles = [Trouble::BadGateway, Trouble::ServerError, Trouble::BadGatewayPage];
    for trouble in &troubles {
        library.peer.fault(Fault::new(trouble.clone()).on("getUpdates"));
        library.peer.fault(Fault::new(trouble.clone()).on("sendMessage"));
    }
    library.peer.fault(Fault::new(Trouble::DropBefore).on("getUpdates"));
    let people = ["ben", "ana", "leo"].map(|name| library.somebody(name));
    for who in people {
        library.says(who, QUESTION);
    }
    for who in people {
        library.hears(who.chat(), ANSWER);
    }
    library.answers();
    assert!(library.peer.wait_until(PATIENCE, |peer| peer.faults_left() == 0));
    for who in people {
        assert_eq!(library.count(who.chat(), ANSWER), 1);
    }
    library.peer.assert_content();
}

#[test]
fn what_may_have_arrived_is_said_once_more_at_most_and_staff_are_told() {
    let library = Library::open(Way::Polled);
    let ben = library.somebody("ben");
    let first = library.has_case(ben, ben.chat(), UNKNOWN);
    // The reply, what the desk is told of it, and each of the two once more.
    library.peer.fault(Fault::new(Trouble::DropAfter).on("sendMessage").times(4));
    library.peer.reply(library.mira, library.desk, first.id, "Yes, at the Riverside branch.");
    library.hears(ben.chat(), "Yes, at the Riverside branch.");
    library.hears(library.desk, "nobody knows whether the answer arrived");
    library.answers();
    assert_eq!(library.peer.faults_left(), 0);
    assert_eq!(library.count(ben.chat(), "Yes, at the Riverside branch."), 2);
    library.peer.assert_content();
}

#[test]
fn staff_are_told_when_a_reply_cannot_be_delivered() {
    let library = Library::open(Way::Polled);
    let ben = library.somebody("ben");
    let first = library.has_case(ben, ben.chat(), UNKNOWN);
    library.peer.block(ben);
    library.peer.reply(library.mira, library.desk, first.id, "Yes, at the Riverside branch.");
    library.hears(library.desk, "could not be delivered");
    library.peer.unblock(ben);
    library.says(ben, QUESTION);
    library.hears(ben.chat(), ANSWER);
    library.peer.assert_content();
}

#[test]
fn a_group_that_becomes_a_supergroup_keeps_its_conversations() {
    let library = Library::open(Way::Polled);
    let ana = library.somebody("ana");
    let group = library.peer.add_group("Hall", &[ana]);
    library.peer.add_bot(ana, group);
    let asked = format!("@library_test_bot {UNKNOWN}");
    let first = library.has_case(ana, group, &asked);
    let new = library.peer.migrate(group);
    library.peer.reply(library.mira, library.desk, first.id, "Yes, at the Riverside branch.");
    let reply = library.hears(new, "Yes, at the Riverside branch.");
    library.peer.reply(ana, new, reply.id, "And in summer?");
    // It is added to her case, or opens it again.
    library.hears(library.desk, "And in summer?");
    library.peer.say(ana, new, &format!("@library_test_bot {QUESTION}"));
    library.hears(new, ANSWER);
    library.peer.assert_content();
}
