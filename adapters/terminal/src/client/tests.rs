//! Conversations between the client and a terminal, and between the client and its person.

use super::talk::numbered;
use super::*;
use crate::Terminal;
use crate::protocol::Show;
use crate::session::tests::take_all;
use bot::{Act, Body, Button, CaseId, Reply};
use contract::{Intake, Link};
use std::sync::{Arc, Mutex};

fn reply(text: &str, buttons: &[(Act, &str)]) -> Reply {
    Reply {
        lang: knowledge::Lang::EN,
        preface: None,
        banner: None,
        body: Body::Notice { text: text.to_owned() },
        buttons: buttons
            .iter()
            .map(|&(act, label)| Button { act, label: label.to_owned() })
            .collect(),
    }
}

fn show(message: &str, about: Option<&str>, reply: Reply) -> Show {
    Show {
        n: 1,
        message: message.to_owned(),
        reply,
        about: about.map(str::to_owned),
        changed: false,
        only_for: None,
    }
}

const ANSWER: [(Act, &str); 3] = [
    (Act::Helpful(1), "Helpful"),
    (Act::NotHelpful(1), "Not helpful"),
    (Act::AskPerson(1), "Ask a person"),
];

fn patron() -> Talk {
    Talk::new("abcdefgh", Role::Patron, "dm-ben")
}

fn press(id: u64, code: &str) -> Did {
    Did::Say(FromClient::Press { id, code: code.to_owned() })
}

fn say(id: u64, text: &str) -> Did {
    Did::Say(FromClient::Say { id, text: text.to_owned(), replies_to: None })
}

#[test]
fn a_number_or_a_label_presses_the_latest_button() {
    let mut talk = patron();
    talk.shown(&show("b1", None, reply("first", &ANSWER)));
    talk.shown(&show("b2", None, reply("second", &[(Act::AskPerson(2), "Ask a person")])));
    assert_eq!(talk.typed("1"), press(1, "p.2"));
    // The later message has no second button.
    assert_eq!(talk.typed(" 2 "), press(2, "n.1"));
    assert_eq!(talk.typed("ASK a person"), press(3, "p.2"));
    assert_eq!(talk.typed("helpful"), press(4, "h.1"));
    assert_eq!(talk.typed("9"), say(5, "9"));
    assert_eq!(talk.typed("helpful people"), say(6, "helpful people"));
}

#[test]
fn a_choice_has_the_number_that_the_text_gives_it() {
    let person = (Act::AskPerson(1), "Ask a person");
    let one = (Act::Choose { turn: 1, number: 1 }, "1");
    let two = (Act::Choose { turn: 1, number: 2 }, "2");
    let numbers = |buttons: &[(Act, &str)]| -> Vec<usize> {
        numbered(&reply("", buttons)).iter().map(|&(n, _)| n).collect()
    };
    assert_eq!(numbers(&[one, two, person]), [1, 2, 3]);
    assert_eq!(numbers(&[person, one, two]), [3, 1, 2]);
}

#[test]
fn a_changed_message_takes_its_buttons_along() {
    let mut talk = patron();
    talk.shown(&show("b1", None, reply("first", &ANSWER)));
    let mut later = show("b1", None, reply("thanks", &[]));
    later.changed = true;
    assert!(talk.shown(&later));
    assert_eq!(talk.typed("1"), say(1, "1"));
}

#[test]
fn a_repeat_is_not_printed() {
    let mut talk = patron();
    let one = show("b1", None, reply("first", &ANSWER));
    assert!(talk.shown(&one));
    assert!(!talk.shown(&one));
}

#[test]
fn what_was_said_can_be_edited_and_deleted() {
    let mut talk = patron();
    assert_eq!(talk.typed("/delete"), Did::Tell(Word::NothingSaid));
    assert_eq!(talk.typed("do you lend drills?"), say(1, "do you lend drills?"));
    assert_eq!(talk.typed("/edit"), Did::Tell(Word::EditHow));
    let edit = FromClient::Edit { id: 2, message: 1, text: "or saws?".to_owned() };
    assert_eq!(talk.typed("/edit  or saws? "), Did::Say(edit));
    assert_eq!(talk.typed("/delete"), Did::Say(FromClient::Delete { id: 3, message: 1 }));
    assert_eq!(talk.typed("/edit x"), Did::Tell(Word::NothingSaid));
    assert_eq!(talk.typed("/help"), say(4, "/help"));
    assert_eq!(talk.typed("   "), Did::Nothing);
    assert_eq!(talk.typed("/quit"), Did::Quit);
}

#[test]
fn answers_are_expected_from_a_bot_that_was_spoken_to() {
    let mut talk = patron();
    talk.typed("when?");
    talk.kept(1);
    assert!(talk.expects());
    talk.shown(&show("b1", Some("abcdefgh.1"), reply("now", &[])));
    assert!(!talk.expects());

    let mut room = Talk::new("abcdefgh", Role::Patron, "room-hall");
    room.typed("nobody spoke to the bot");
    room.kept(1);
    assert!(!room.expects());
    room.typed("@pollen when?");
    assert!(room.expects());
}

#[test]
fn what_others_say_is_harmless_when_printed() {
    let mut out = Vec::new();
    let mut screen = Screen::new(&mut out, false);
    screen.other("ann", "hi\u{1b}[2J\nmira: free cake").unwrap();
    let evil = reply("a\u{1b}]0;x\u{7}b\u{202e}c", &[(Act::Claim(CaseId(1)), "Cl\u{1b}aim")]);
    screen.show(&show("b1", None, evil), false, &Words::new(None)).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(
        text,
        "ann: hi\u{fffd}[2J mira: free cake\na\u{fffd}]0;x\u{fffd}bc\n[1 Cl\u{fffd}aim]\n\n"
    );
}

/// What a client has printed so far.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Runs a terminal whose inbox takes in everything; returns the keys that arrived once `until`
/// is done.
async fn serve(socket: &Path, until: impl Future<Output = ()>) -> Vec<String> {
    let terminal = Terminal::open(socket, &[]).unwrap();
    let (heard, hearing) = mpsc::channel(8);
    let mut keys = std::pin::pin!(take_all(hearing));
    let intake = Intake::new(terminal.network(), heard, Arc::new(crate::session::tests::Nobody));
    {
        let mut listening = terminal.listen(intake, None);
        tokio::select! {
            biased;
            done = &mut listening => panic!("{done:?}"),
            _ = &mut keys => panic!("nothing is left to take in"),
            () = until => {}
        }
    }
    keys.await
}

#[tokio::test]
async fn what_is_typed_while_the_program_is_away_is_sent_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        socket: folder.path().join("t.sock"),
        name: "ben".to_owned(),
        place: Some("room-hall".to_owned()),
        role: Role::Patron,
        lang: None,
    };
    let paper = Paper::default();
    let (to, typed) = mpsc::channel(8);
    let screen = Screen::new(paper.clone(), false);
    // A person who types on: lines are not held back until the one before is answered.
    let client = Client::new(&options, screen, typed, true).unwrap();
    let socket = options.socket.clone();
    let client = tokio::spawn(async move { client.run(&socket).await });

    to.send(Typed::Line("typed before it was there".to_owned())).await.unwrap();
    let printed = async |text: &str| {
        while !paper.text().contains(text) {
            tokio::task::yield_now().await;
        }
    };
    let keys = serve(&options.socket, printed("You are in room-hall as ben")).await;
    assert!(keys.len() <= 1);
    printed("The program has stopped answering").await;
    to.send(Typed::Line("typed while it was away".to_owned())).await.unwrap();
    to.send(Typed::Line("/quit".to_owned())).await.unwrap();
    let (done, left) = tokio::sync::oneshot::channel();
    let leaving = tokio::spawn(async move {
        let ended = client.await.unwrap().unwrap();
        done.send(()).unwrap();
        ended
    });
    let again = serve(&options.socket, async { left.await.unwrap() }).await;
    assert_eq!(leaving.await.unwrap(), Ended::Left);
    let mut all = [keys, again].concat();
    all.dedup();
    assert_eq!(all.len(), 2, "{all:?}");
}
