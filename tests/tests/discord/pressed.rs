//! Buttons that are old, forged, or somebody else's.

use crate::library::{Library, code};
use crate::{ANSWER, QUESTION, UNKNOWN};
use peers::discord::{Discord, Reply};

const UNKNOWN_BUTTON: &str = "I do not know this button any more.";

#[test]
fn buttons_that_nobody_knows_and_those_of_the_desk_do_nothing_elsewhere() {
    let library = Library::open();
    let (ben, hall) = (library.somebody("ben"), library.town.hall);
    let direct = library.peer().direct(ben);
    library.has_case(ben, UNKNOWN);
    let said = library.peer().from_bot(direct).pop().unwrap();
    let asked = library.answered(library.asks(ben, hall, QUESTION));
    library.peer().say(ben, hall, &library.called(QUESTION));
    let answer = |peer: &Discord| {
        let all = peer.from_bot(hall);
        all.into_iter().find(|message| message.only_for.is_none())
    };
    assert!(library.peer().wait_until(crate::PATIENCE, |peer| answer(peer).is_some()));
    let before = [direct, hall, library.town.desk].map(|channel| library.texts(channel).len());
    let long = "x".repeat(100);
    let unknown = ["nonsense", "h.01", "h.", "reply.x", "reply.01", "note.", "\0", "é", &long];
    let desks = ["dc.1", "dr.1", "ds.1", "dx.1", "reply.1", "note.1"];
    for code in unknown.into_iter().chain(desks) {
        for message in [&said, &asked, &answer(library.peer()).unwrap()] {
            let pressed = library.peer().press_code(ben, message.channel, message.id, code);
            library.told_alone(pressed, UNKNOWN_BUTTON);
        }
    }
    library.has_taken_all_in();
    let told = 15;
    let after = [direct, hall, library.town.desk].map(|channel| library.texts(channel).len());
    assert_eq!(after, [before[0] + told, before[1] + 2 * told, before[2]], "and nothing else");
    library.peer().say(library.town.mira, library.town.desk, &library.called("queue"));
    library.hears(library.town.desk, "One case waits");
    library.assert_content();
}

#[test]
fn buttons_that_are_too_old_or_forged_are_answered_and_do_nothing() {
    let library = Library::open();
    let (ben, eva) = (library.somebody("ben"), library.somebody("eva"));
    library.has_case(ben, UNKNOWN);
    library.says(eva, QUESTION);
    let direct = library.peer().direct(eva);
    let answer = library.hears(direct, ANSWER);
    // Somebody else's case, and a turn that nobody remembers.
    library.peer().press_code(eva, direct, answer.id, "w.1");
    library.hears(direct, "no question of yours");
    library.peer().press_code(eva, direct, answer.id, "c.4000000000.1");
    library.hears(direct, "too old");
    library.peer().say(library.town.mira, library.town.desk, &library.called("queue"));
    library.hears(library.town.desk, "One case waits");
    assert!(library.peer().wait_until(crate::PATIENCE, |peer| peer.unanswered().is_empty()));
    library.assert_content();
}

#[test]
fn forged_buttons_at_the_desk_are_answered() {
    let library = Library::open();
    let (ben, mira) = (library.somebody("ben"), library.town.mira);
    let case = library.has_case(ben, UNKNOWN);
    let desk = library.town.desk;
    let pressed = library.peer().press_code(mira, desk, case.id, "nonsense");
    library.told_alone(pressed, UNKNOWN_BUTTON);
    for number in ["dc.77", "dc.4294967295"] {
        let pressed = library.peer().press_code(mira, desk, case.id, number);
        assert!(matches!(library.replied(pressed), Reply::DeferredUpdate));
    }
    library.hears(desk, "There is no case 77.");
    let pressed = library.peer().press_code(mira, desk, case.id, "reply.77");
    assert!(matches!(library.replied(pressed), Reply::Modal(_)));
    library.peer().submit(pressed, &[("text", "Never.")]);
    library.has_taken_all_in();
    assert_eq!(library.count(library.peer().direct(ben), "Never."), 0);
    library.assert_content();
}

#[test]
fn a_button_below_somebody_elses_answer_does_nothing_and_says_so() {
    let library = Library::open();
    let (ben, eva, hall) = (library.somebody("ben"), library.somebody("eva"), library.town.hall);
    library.peer().say(ben, hall, &library.called(QUESTION));
    let answer = library.hears(hall, ANSWER);
    let person = code(&answer, "Ask a person");
    let pressed = library.peer().press(eva, hall, answer.id, &person);
    library.told_alone(pressed, "This is below somebody else’s question.");
    library.has_taken_all_in();
    assert_eq!(library.count(library.town.desk, "case 1 ·"), 0);
    library.peer().press(ben, hall, answer.id, &person);
    library.hears(library.town.desk, "case 1 ·");
    library.assert_content();
}
