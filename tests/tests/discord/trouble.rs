//! Calls that are refused, broken off or answered late: each thing is shown once.

use crate::library::{Library, thread};
use crate::{ANSWER, PATIENCE, QUESTION, UNKNOWN, YES};
use peers::discord::{Discord, Fault, Permissions, Trouble};
use std::time::Duration;

const BUSY: Trouble = Trouble::TooMany { retry_after_ms: 3_000, global: false };
const BUSY_IN_ALL: Trouble = Trouble::TooMany { retry_after_ms: 2_000, global: true };

#[test]
fn who_is_told_to_wait_waits() {
    let library = Library::open();
    let (ben, leo) = (library.somebody("ben"), library.somebody("leo"));
    library.peer().fault(Fault::new(BUSY).on("create_message"));
    library.says(ben, QUESTION);
    let direct = library.peer().direct(ben);
    library.hears(direct, ANSWER);
    assert_eq!(library.count(direct, ANSWER), 1);
    assert_eq!(library.peer().answered_with(429), 1);
    library.peer().fault(Fault::new(BUSY_IN_ALL).on("create_message"));
    library.says(leo, QUESTION);
    library.hears(library.peer().direct(leo), ANSWER);
    assert_eq!(library.count(library.peer().direct(leo), ANSWER), 1);
    assert_eq!(library.peer().answered_with(429), 2);
    library.assert_content();
}

#[test]
fn more_messages_than_a_channel_takes_at_once_are_all_said() {
    let library = Library::open();
    let ben = library.somebody("ben");
    let direct = library.peer().direct(ben);
    (0..12).for_each(|_| library.says(ben, QUESTION));
    let all = |_: &Discord| library.count(direct, ANSWER) >= 12;
    assert!(library.peer().wait_until(PATIENCE, all), "{:#?}", library.texts(direct));
    assert_eq!(library.count(direct, ANSWER), 12);
    assert_eq!(library.peer().answered_with(429), 0, "it keeps to what Discord tells it");
    library.assert_content();
}

#[test]
fn a_server_in_trouble_is_asked_again_and_nothing_is_said_twice() {
    let library = Library::open();
    let people = ["ana", "ben", "leo", "eva"].map(|name| library.somebody(name));
    let troubles =
        [Trouble::ServerError, Trouble::DropBefore, Trouble::DropAfter, Trouble::DropAfter];
    for trouble in troubles {
        library.peer().fault(Fault::new(trouble).on("create_message"));
    }
    people.iter().for_each(|who| library.says(*who, QUESTION));
    for who in people {
        library.hears(library.peer().direct(who), ANSWER);
    }
    library.answers();
    assert!(library.peer().wait_until(PATIENCE, |peer| peer.faults_left() == 0));
    library.has_said_all();
    for who in people {
        assert_eq!(library.count(library.peer().direct(who), ANSWER), 1);
    }
    library.assert_content();
}

#[test]
fn a_command_is_answered_once_whatever_breaks() {
    let library = Library::open();
    let hall = library.town.hall;
    let troubles = [
        ("edit_original", Trouble::ServerError),
        ("edit_original", Trouble::DropBefore),
        ("edit_original", Trouble::DropAfter),
        ("edit_original", BUSY),
        ("respond", Trouble::DropAfter),
        ("respond", Trouble::Delay(Duration::from_secs(1))),
    ];
    for (number, (route, trouble)) in troubles.into_iter().enumerate() {
        let who = library.somebody(&format!("person{number}"));
        library.peer().fault(Fault::new(trouble.clone()).on(route));
        let answer = library.answered(library.asks(who, hall, QUESTION));
        assert_eq!(answer.only_for, Some(who));
        assert!(answer.content.contains(ANSWER), "{route} {trouble:?}: {}", answer.content);
        assert_eq!(library.peer().faults_left(), 0);
        library.has_said_all();
        let theirs = library.peer().from_bot(hall).into_iter();
        assert_eq!(theirs.filter(|message| message.only_for == Some(who)).count(), 1);
        assert_eq!(library.texts(library.peer().direct(who)), Vec::<String>::new());
    }
    library.assert_content();
}

#[test]
fn a_case_has_one_thread_whatever_breaks() {
    let library = Library::open();
    let ben = library.somebody("ben");
    let troubles = [
        ("create_message", Trouble::DropAfter),
        ("make_thread_from_message", Trouble::ServerError),
        ("make_thread_from_message", Trouble::DropAfter),
    ];
    for (route, trouble) in troubles {
        library.peer().fault(Fault::new(trouble).on(route));
    }
    let case = library.has_case(ben, UNKNOWN);
    assert!(library.peer().wait_until(PATIENCE, |peer| peer.faults_left() == 0));
    library.peer().press(library.town.mira, library.town.desk, case.id, "dc.1");
    library.hears(thread(&case), "case 1 is mira’s.");
    let direct = library.peer().direct(ben);
    library.peer().fault(Fault::new(Trouble::DropAfter).on("create_message").times(2));
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    library.hears(direct, YES);
    library.hears(thread(&case), "case 1 answered by mira.");
    library.has_said_all();
    assert_eq!(library.peer().threads(library.town.desk).len(), 1);
    assert_eq!(library.count(library.town.desk, "case 1 ·"), 1);
    assert_eq!(library.count(direct, YES), 1);
    assert_eq!(library.count(direct, "I do not know that yet"), 1);
    library.assert_content();
}

#[test]
fn a_right_that_is_missing_in_one_channel_holds_nobody_up() {
    let mut library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let bot = library.peer().bot().0;
    let may = |deny: Permissions| {
        library.peer().set_overwrite(hall, bot, Permissions::NONE, deny);
    };
    may(Permissions::SEND_MESSAGES);
    library.peer().say(ana, hall, &library.called(QUESTION));
    library.answers();
    // Commands need no right to send.
    let answer = library.answered(library.asks(ana, hall, QUESTION));
    assert!(answer.content.contains(ANSWER));
    may(Permissions::READ_MESSAGE_HISTORY);
    library.peer().say(ana, hall, &library.called("how do I renew a book?"));
    library.hears(hall, "Renew a book in your online account");
    assert!(library.process.runs());
    library.assert_content();
}

impl Library {
    /// Waits until the bot asks for nothing more: what it would say again it has said by then.
    fn has_said_all(&self) {
        let quiet = Duration::from_secs(3);
        loop {
            let before = self.peer().calls().len();
            if !self.peer().wait_until(quiet, |peer| peer.calls().len() > before) {
                return;
            }
        }
    }
}
