//! A conversation that grows longer: it goes on in a thread, where one can be begun.

use crate::library::{Library, thread};
use crate::{ANSWER, PATIENCE, QUESTION, UNKNOWN};
use peers::discord::{ChannelId, Discord, Message, Permissions, Saying, UserId};

/// Somebody asks by the bot's name in a channel, and is answered there.
fn asks_and_is_answered(library: &Library, who: UserId) -> Message {
    let hall = library.town.hall;
    let asked = library.peer().say(who, hall, &library.called(QUESTION));
    let answer = library.hears(hall, ANSWER);
    assert_eq!(answer.reply_to, Some(asked));
    answer
}

/// Somebody answers a message of the bot's: the thread that may begin from what they say.
fn answers(library: &Library, who: UserId, to: &Message, text: &str) -> ChannelId {
    let saying = Saying::text(text).reply_to(to.id);
    ChannelId(library.peer().post(who, to.channel, saying).0)
}

#[test]
fn whoever_answers_the_bot_in_a_channel_goes_on_in_a_thread() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let answer = asks_and_is_answered(&library, ana);
    let talk = answers(&library, ana, &answer, UNKNOWN);
    let opened = library.hears(talk, "librarian");
    assert_eq!(opened.reply_to, None, "the thread hangs from the question");
    // What is said in the thread belongs to the same conversation, and is answered there.
    let again = library.peer().say(ana, talk, &library.called(QUESTION));
    let answer = library.hears(talk, ANSWER);
    assert_eq!(answer.reply_to, Some(again));
    let case = library.has_thread("case 1 ·");
    library.fills_in(library.town.mira, &case, "reply.1", "Yes, two of them.");
    library.hears(talk, "Yes, two of them.");
    library.has_taken_all_in();
    assert_eq!(library.texts(hall).len(), 1, "the channel stays as it was");
    library.assert_content();
}

#[test]
fn the_talk_in_a_thread_goes_on_after_the_program_was_started_again() {
    let mut library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let answer = asks_and_is_answered(&library, ana);
    let talk = answers(&library, ana, &answer, UNKNOWN);
    library.hears(talk, "librarian");
    let sessions = library.sessions();
    library.process.stop().unwrap();
    library.process.kill().unwrap();
    library.process.wait().unwrap();
    library.process.start_again().unwrap();
    library.listens(sessions);
    let case = library.has_thread("case 1 ·");
    library.fills_in(library.town.mira, &case, "reply.1", "Yes, two of them.");
    library.hears(talk, "Yes, two of them.");
    library.peer().say(ana, talk, &library.called(QUESTION));
    library.hears(talk, ANSWER);
    assert_eq!(library.texts(hall).len(), 1, "the channel stays as it was");
    library.assert_content();
}

#[test]
fn where_no_thread_may_begin_all_is_said_in_the_channel() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let everybody = library.town.guild.0;
    let threads = Permissions::CREATE_PUBLIC_THREADS;
    library.peer().set_overwrite(hall, everybody, Permissions::NONE, threads);
    let answer = asks_and_is_answered(&library, ana);
    let talk = answers(&library, ana, &answer, UNKNOWN);
    let opened = library.hears(hall, "librarian");
    assert_eq!(opened.reply_to.map(|id| id.0), Some(talk.0));
    assert!(library.peer().channel(talk).is_none());
    library.assert_content();
}

#[test]
fn where_a_thread_was_taken_away_the_answer_goes_to_the_channel() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let answer = asks_and_is_answered(&library, ana);
    let talk = answers(&library, ana, &answer, UNKNOWN);
    library.hears(talk, "librarian");
    let case = library.has_thread("case 1 ·");
    library.peer().delete_channel(talk);
    library.fills_in(library.town.mira, &case, "reply.1", "Yes, two of them.");
    let said = library.hears(hall, "Yes, two of them.");
    assert_eq!(said.reply_to.map(|id| id.0), Some(talk.0), "below what was asked");
    assert_ne!(thread(&said), talk);
    library.assert_content();
}

#[test]
fn the_first_answer_of_the_list_is_meant_in_the_thread_too() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    library.peer().say(ana, hall, &library.called("/find woolf"));
    let so = |peer: &Discord| !peer.from_bot(hall).is_empty();
    assert!(library.peer().wait_until(PATIENCE, so), "it is answered");
    let list = library.peer().from_bot(hall).remove(0);
    let talk = answers(&library, ana, &list, "1");
    library.hears(talk, "Woolf");
    library.assert_content();
}
