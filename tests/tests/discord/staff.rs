//! Staff at work: who is, how they answer where the bot may read nothing, and where it may read all.

use crate::library::{Library, code, thread};
use crate::{ANSWER, QUESTION, UNKNOWN, YES};
use jiff::SignedDuration;
use peers::discord::{ChannelKind, Permissions, Reply, Saying, Settings};

#[test]
fn staff_answer_by_a_form_and_their_notes_stay_inside() {
    let library = Library::open();
    let (ben, mira) = (library.somebody("ben"), library.town.mira);
    let direct = library.peer().direct(ben);
    let case = library.has_case(ben, UNKNOWN);
    assert_eq!(code(&case, "Reply"), "reply.1");
    assert_eq!(code(&case, "Note"), "note.1");
    let noted = library.fills_in(mira, &case, "note.1", "ask Tom first");
    assert!(matches!(library.replied(noted), Reply::DeferredUpdate));
    library.hears(thread(&case), "case 1: note by mira kept.");
    let (pressed, form) = library.form(mira, &case, "reply.1");
    assert_eq!(form["title"], "Case 1: your answer");
    library.peer().submit(pressed, &[("text", YES)]);
    library.hears(direct, YES);
    library.hears(direct, "mira of Linden Library");
    assert_eq!(library.count(direct, "ask Tom"), 0);
    assert_eq!(library.count(direct, YES), 1);
    library.assert_content();
}

#[test]
fn only_whoever_has_the_role_does_what_staff_do() {
    let library = Library::open();
    let (ben, tom) = (library.somebody("ben"), library.somebody("tom"));
    let case = library.has_case(ben, UNKNOWN);
    let (desk, topic) = (library.town.desk, thread(&case));
    for code in ["reply.1", "note.1", "dc.1", "dx.1"] {
        let pressed = library.peer().press(tom, desk, case.id, code);
        library.told_alone(pressed, "Only staff can do this.");
    }
    library.peer().say(tom, topic, &library.called("reply 1 Never."));
    library.hears(desk, "tom is not on the list of staff, so nothing was done.");
    library.peer().post(tom, topic, Saying::text("Never.").reply_to(case_in(&library, &case)));
    library.has_taken_all_in();
    assert_eq!(library.count(topic, "by tom") + library.count(topic, "tom’s"), 0);
    case_waits(&library);
    assert_eq!(library.count(library.peer().direct(ben), "Never."), 0);
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    library.hears(library.peer().direct(ben), YES);
    library.assert_content();
}

/// A message of the bot's in the thread of a case.
fn case_in(library: &Library, case: &peers::discord::Message) -> peers::discord::MessageId {
    library.peer().from_bot(thread(case)).last().unwrap().id
}

/// Asks the desk what waits: the one case does.
fn case_waits(library: &Library) {
    let desk = library.town.desk;
    library.peer().say(library.town.mira, desk, &library.called("queue"));
    library.hears(desk, "One case waits");
}

#[test]
fn a_role_that_is_taken_away_while_a_form_is_filled_in_counts_no_more() {
    let library = Library::open();
    let (ben, tom) = (library.somebody("ben"), library.somebody("tom"));
    let (guild, role) = (library.town.guild, library.town.role);
    library.peer().set_role(guild, tom, role, true);
    let case = library.has_case(ben, UNKNOWN);
    let (reply, _) = library.form(tom, &case, "reply.1");
    let (note, _) = library.form(tom, &case, "note.1");
    library.peer().set_role(guild, tom, role, false);
    for form in [reply, note] {
        let sent = library.peer().submit(form, &[("text", "Never.")]);
        library.told_alone(sent, "Only staff can do this.");
    }
    library.has_taken_all_in();
    case_waits(&library);
    assert_eq!(library.count(library.peer().direct(ben), "Never."), 0);
    assert_eq!(library.count(thread(&case), "note by"), 0);
    library.assert_content();
}

#[test]
fn where_the_bot_may_not_read_staff_are_offered_a_form_once_and_not_below_each_message() {
    let library = Library::open();
    let (ben, mira) = (library.somebody("ben"), library.town.mira);
    let case = library.has_case(ben, UNKNOWN);
    let (topic, sign) = (thread(&case), "I cannot read what is written here");
    library.peer().say(mira, topic, YES);
    let offer = library.hears(topic, sign);
    library.peer().break_gateway();
    library.listens(1);
    library.has_taken_all_in();
    assert_eq!(library.count(topic, sign), 1);
    library.fills_in(mira, &offer, &code(&offer, "Reply"), YES);
    library.hears(library.peer().direct(ben), YES);
    library.peer().say(mira, topic, "and one more");
    library.has_taken_all_in();
    assert_eq!(library.count(topic, sign), 1, "what staff say to each other is their own");
    // What staff say in their channel is said to each other.
    library.peer().say(mira, library.town.desk, "who takes this?");
    library.has_taken_all_in();
    assert_eq!(library.count(library.town.desk, sign), 0);
    library.assert_content();
}

#[test]
fn staff_who_name_the_bot_or_answer_it_are_read_without_a_form() {
    let library = Library::open();
    let (ben, mira) = (library.somebody("ben"), library.town.mira);
    let case = library.has_case(ben, UNKNOWN);
    let topic = thread(&case);
    library.peer().say(mira, topic, &library.called("claim"));
    library.hears(topic, "case 1 is mira’s.");
    let last = case_in(&library, &case);
    library.peer().post(mira, topic, Saying::text(YES).reply_to(last));
    library.hears(library.peer().direct(ben), YES);
    assert_eq!(library.count(topic, "I cannot read"), 0);
    library.assert_content();
}

#[test]
fn where_the_bot_may_read_staff_write_as_they_do_elsewhere() {
    let library = Library::open_with(Settings { message_content: true, ..Settings::default() });
    let (ben, mira) = (library.somebody("ben"), library.town.mira);
    let case = library.has_case(ben, UNKNOWN);
    let topic = thread(&case);
    library.peer().say(mira, topic, "claim");
    library.hears(topic, "case 1 is mira’s.");
    library.peer().say(mira, topic, "I think we do, Tom knows");
    let last = case_in(&library, &case);
    let answer = Saying::text(YES).reply_to(last).without_ping();
    library.peer().post(mira, topic, answer);
    library.hears(library.peer().direct(ben), YES);
    assert_eq!(library.count(library.peer().direct(ben), "Tom knows"), 0);
    assert_eq!(library.count(topic, "I cannot read"), 0);
    library.assert_content();
}

#[test]
fn an_answer_for_whoever_has_closed_their_direct_chat_is_told_to_be_undelivered() {
    let library = Library::open();
    let ben = library.somebody("ben");
    let case = library.has_case(ben, UNKNOWN);
    library.peer().block(ben, true);
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    library.hears(thread(&case), "case 1: the answer could not be delivered.");
    library.answers();
    library.peer().block(ben, false);
    library.says(ben, QUESTION);
    library.hears(library.peer().direct(ben), ANSWER);
    library.assert_content();
}

#[test]
fn an_answer_to_a_command_whose_asker_takes_no_direct_messages_comes_in_a_private_thread() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    library.asks(ana, hall, UNKNOWN);
    let case = library.has_thread("case 1 ·");
    library.peer().block(ana, true);
    // The command can be answered no more.
    library.peer().advance(SignedDuration::from_mins(20));
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    library.hears(thread(&case), "so the answer goes to where it was asked, for them alone.");
    let private = |peer: &peers::discord::Discord| {
        let threads = peer.threads(hall).into_iter();
        threads
            .filter(|thread| thread.kind == ChannelKind::PrivateThread)
            .map(|thread| thread.id)
            .next()
    };
    assert!(library.peer().wait_until(crate::PATIENCE, |peer| private(peer).is_some()));
    let thread = private(library.peer()).unwrap();
    library.hears(thread, YES);
    assert!(library.peer().sees(ana, thread));
    assert!(!library.peer().sees(library.somebody("tom"), thread));
    library.pings_nobody();
}

#[test]
fn where_no_private_thread_can_be_made_a_button_shows_the_answer_to_its_asker_alone() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    library.asks(ana, hall, UNKNOWN);
    let case = library.has_thread("case 1 ·");
    library.peer().block(ana, true);
    let private = Permissions::CREATE_PRIVATE_THREADS;
    library.peer().set_overwrite(hall, library.town.guild.0, Permissions::NONE, private);
    library.peer().advance(SignedDuration::from_mins(20));
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    let call = library.hears(hall, "There is an answer for you.");
    assert!(call.pings.users.contains(&ana) && call.pings.users.len() == 1);
    assert!(!call.content.contains(YES), "what it is about is nobody else's");
    let button = code(&call, "Read my answer");
    let pressed = library.peer().press(library.somebody("tom"), hall, call.id, &button);
    library.told_alone(pressed, "This answer is for somebody else.");
    let pressed = library.peer().press(ana, hall, call.id, &button);
    let Reply::Message(shown) = library.replied(pressed) else { panic!("it is shown at once") };
    assert_eq!(shown.only_for, Some(ana));
    assert!(shown.content.contains(YES));
    library.pings_nobody();
}

#[test]
fn an_answer_for_a_channel_that_is_gone_goes_to_the_direct_chat() {
    let mut library = Library::open();
    let ana = library.somebody("ana");
    let yard = library.peer().add_channel(library.town.guild, "yard");
    library.peer().say(ana, yard, &library.called(UNKNOWN));
    let case = library.has_thread("case 1 ·");
    library.peer().delete_channel(yard);
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    library.hears(thread(&case), "so it goes to the patron’s direct chat.");
    library.hears(library.peer().direct(ana), YES);
    assert!(library.process.runs());
    library.peer().say(ana, library.town.hall, &library.called(QUESTION));
    library.hears(library.town.hall, ANSWER);
    library.assert_content();
}

#[test]
fn an_answer_for_a_server_that_has_thrown_the_bot_out_is_told_to_be_undelivered() {
    let mut library = Library::open();
    let ana = library.peer().add_user(peers::discord::User::new("ana"));
    let (annex, yard) = library.town.add_annex();
    library.peer().join(ana, annex);
    library.peer().say(ana, yard, &library.called(UNKNOWN));
    let case = library.has_thread("case 1 ·");
    library.peer().part(library.peer().bot(), annex);
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    library.hears(thread(&case), "case 1: the answer could not be delivered.");
    assert!(library.process.runs());
    library.answers();
    let ben = library.somebody("ben");
    library.peer().say(ben, library.town.hall, &library.called(QUESTION));
    library.hears(library.town.hall, ANSWER);
    // Whoever lets it in again is served again.
    library.peer().join(library.peer().bot(), annex);
    library.peer().say(ana, yard, &library.called(QUESTION));
    library.hears(yard, ANSWER);
    library.assert_content();
}

#[test]
fn a_thread_that_somebody_has_deleted_is_begun_anew() {
    let library = Library::open();
    let ben = library.somebody("ben");
    let case = library.has_case(ben, UNKNOWN);
    library.peer().delete_channel(thread(&case));
    let claimed = library.peer().press(library.town.mira, library.town.desk, case.id, "dc.1");
    assert!(matches!(library.replied(claimed), Reply::DeferredUpdate));
    let again = library.has_thread("case 1 is mira’s.");
    library.fills_in(library.town.mira, &case, "reply.1", YES);
    library.hears(library.peer().direct(ben), YES);
    library.hears(thread(&again), "case 1 answered by mira.");
    library.assert_content();
}
