//! What is said differently, or not at all.

use super::outbox::{numbers, send};
use super::sample::{at, changeable, reply, room, sending, sent};
use super::{Broken, Library, same};
use bot::{Reply, SendId, Sending, Urgency};
use contract::{Commit, OutboxItem, OutboxState, Store, StoreError};

pub(super) async fn what_waits_gets_new_words_and_keeps_its_turn(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a")), sending(2, room("a"))]).await?;
    let later = OutboxState::Later { at: at(30), uncertain: true };
    store.settle(at(1), &[(SendId(1), later)]).await?;
    change(&*store, 5, [(1, reply("new"))]).await?;
    same("its time stays", &store.next_due(&[]).await?, &Some(at(30)))?;
    let right = OutboxItem {
        sending: Sending { reply: reply("new"), ..sending(1, room("a")) },
        sent: None,
        tries: 1,
        uncertain: true,
        queued: at(5),
    };
    same("the new words", &store.due(at(30), &[], 9).await?, &vec![right])
}

pub(super) async fn what_was_said_is_changed_by_its_marks(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let first = Sending { urgency: Urgency::News, ..changeable(1, room("a"), 100) };
    send(&*store, [first.clone()]).await?;
    let later = OutboxState::Later { at: at(2), uncertain: true };
    store.settle(at(1), &[(SendId(1), later)]).await?;
    store.settle(at(2), &[(SendId(1), OutboxState::Said(sent("m-1")))]).await?;
    drop(store);
    let store = library.open().await?;
    change(&*store, 9, [(1, reply("new"))]).await?;
    let right = OutboxItem {
        sending: Sending { reply: reply("new"), ..first },
        sent: Some(sent("m-1")),
        tries: 0,
        uncertain: false,
        queued: at(9),
    };
    same("due now", &store.next_due(&[]).await?, &Some(at(9)))?;
    same("as a change", &store.due(at(9), &[], 9).await?, &vec![right])
}

pub(super) async fn what_left_no_marks_is_not_changed(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a"))]).await?;
    store.settle(at(1), &[(SendId(1), OutboxState::Said(sent("m-1")))]).await?;
    change(&*store, 2, [(1, reply("new")), (50, reply("of nothing"))]).await?;
    same("nothing waits", &store.next_due(&[]).await?, &None)
}

pub(super) async fn of_several_changes_the_last_counts(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a")), sending(2, room("b"))]).await?;
    let changes = [(1, reply("once")), (2, reply("other")), (1, reply("twice"))];
    change(&*store, 1, changes).await?;
    let due = store.due(at(1), &[], 9).await?;
    let words: Vec<_> = due.into_iter().map(|item| item.sending.reply).collect();
    same("the last words", &words, &vec![reply("twice"), reply("other")])
}

pub(super) async fn what_is_sent_can_be_changed_in_the_same_commit(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let commit = Commit {
        send: vec![sending(1, room("a")), sending(2, room("b"))],
        change: vec![(SendId(1), reply("new")), (SendId(2), reply("new"))],
        unsend: vec![SendId(2)],
        ..Commit::default()
    };
    store.commit(at(1), &commit).await?;
    let due = store.due(at(1), &[], 9).await?;
    let words: Vec<_> = due.into_iter().map(|item| item.sending.reply).collect();
    same("changed, and unsent", &words, &vec![reply("new")])
}

pub(super) async fn a_change_that_was_said_leaves_its_marks(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [changeable(1, room("a"), 100)]).await?;
    store.settle(at(1), &[(SendId(1), OutboxState::Said(sent("m-1")))]).await?;
    change(&*store, 2, [(1, reply("second"))]).await?;
    store.settle(at(3), &[(SendId(1), OutboxState::Said(sent("m-1")))]).await?;
    same("said", &store.next_due(&[]).await?, &None)?;
    change(&*store, 4, [(1, reply("third"))]).await?;
    let due = store.due(at(4), &[], 9).await?;
    let found: Vec<_> = due.into_iter().map(|item| (item.sending.reply, item.sent)).collect();
    same("changed again", &found, &vec![(reply("third"), Some(sent("m-1")))])
}

pub(super) async fn what_waits_is_unsent_and_what_was_said_is_not(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, (1..=3).map(|number| changeable(number, room(&number.to_string()), 100))).await?;
    let said = [2, 3].map(|number| (SendId(number), OutboxState::Said(sent("m"))));
    store.settle(at(1), &said).await?;
    change(&*store, 2, [(2, reply("new"))]).await?;
    let unsend = vec![SendId(1), SendId(2), SendId(3), SendId(4)];
    store.commit(at(3), &Commit { unsend, ..Commit::default() }).await?;
    same("a change still waits", &numbers(&*store, at(3)).await?, &vec![2])?;
    change(&*store, 4, [(1, reply("gone")), (3, reply("new"))]).await?;
    same("marks are still there", &numbers(&*store, at(4)).await?, &vec![2, 3])
}

async fn change(
    store: &dyn Store,
    seconds: i64,
    changes: impl IntoIterator<Item = (u64, Reply)> + Send,
) -> Result<(), StoreError> {
    let change = changes.into_iter().map(|(number, reply)| (SendId(number), reply)).collect();
    store.commit(at(seconds), &Commit { change, ..Commit::default() }).await
}
