//! Commits as a whole, and backups.

use super::outbox::{numbers, send};
use super::rows::{save, sorted};
use super::sample::{
    arrival, at, counters, direct, erasure, network, person, reply, room, sending, who,
};
use super::{Broken, Library, same};
use bot::{RowKey, SendId, Wanted};
use contract::{Commit, InboxId, StoreError};

pub(super) async fn a_commit_is_kept_across_a_restart(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    store.accept(at(1), &network("net"), &[arrival("a", "hello")], None).await?;
    let handled = store.inbox(InboxId::default(), 9).await?.iter().map(|item| item.id).collect();
    let commit = Commit {
        handled,
        save: vec![counters(1), person("ben", 10)],
        send: vec![sending(1, direct("ben"))],
        ..Commit::default()
    };
    store.commit(at(2), &commit).await?;
    drop(store);
    let store = library.open().await?;
    same("handled", &store.inbox(InboxId::default(), 9).await?, &Vec::new())?;
    same("rows", &store.live_rows().await?, &vec![counters(1)])?;
    same("messages", &numbers(&*store, at(2)).await?, &vec![1])
}

pub(super) async fn a_commit_that_fails_leaves_nothing(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    store.accept(at(1), &network("net"), &[arrival("a", "hello")], None).await?;
    let waiting = store.inbox(InboxId::default(), 9).await?;
    save(&*store, &[counters(1), person("ben", 10)]).await?;
    send(&*store, [sending(7, direct("ida"))]).await?;
    let commit = Commit {
        handled: waiting.iter().map(|item| item.id).collect(),
        forget_people: vec![erasure("ben"), erasure("ida")],
        forget: vec![RowKey::Counters],
        save: vec![person("ida", 10)],
        // The second number is taken: everything before it must be as if it had not been.
        send: vec![sending(6, room("hall")), sending(7, room("hall")), sending(7, room("hall"))],
        ..Commit::default()
    };
    let failed = store.commit(at(2), &commit).await;
    same("it fails", &matches!(failed, Err(StoreError::Damaged { .. })), &true)?;
    same("nothing handled", &store.inbox(InboxId::default(), 9).await?, &waiting)?;
    let people = ["ben", "ida"].map(|name| Wanted::OfPerson(who(name)));
    same("nothing forgotten or saved", &store.rows(&people).await?, &vec![person("ben", 10)])?;
    same("no live row gone", &store.live_rows().await?, &vec![counters(1)])?;
    same("nothing sent", &numbers(&*store, at(9)).await?, &vec![7])?;
    send(&*store, [sending(8, room("hall"))]).await?;
    same("it works again", &numbers(&*store, at(9)).await?, &vec![7, 8])
}

pub(super) async fn what_is_forgotten_goes_before_what_is_kept(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[counters(1), person("ben", 10), person("ida", 10)]).await?;
    let commit = Commit {
        forget_people: vec![erasure("ben")],
        forget: vec![RowKey::Counters],
        forget_before: Some(at(50)),
        save: vec![counters(2), person("ben", 11), person("ida", 12)],
        ..Commit::default()
    };
    store.commit(at(2), &commit).await?;
    let wanted =
        [Wanted::Row(RowKey::Counters), Wanted::OfPerson(who("ben")), Wanted::OfPerson(who("ida"))];
    same("what it saves stays", &sorted(store.rows(&wanted).await?), &sorted(commit.save))
}

pub(super) async fn an_empty_commit_changes_nothing(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[counters(1)]).await?;
    send(&*store, [sending(1, room("hall"))]).await?;
    store.commit(at(2), &Commit::default()).await?;
    let nothing = Commit {
        change: vec![(SendId(99), reply("words"))],
        unsend: vec![SendId(98)],
        forget: vec![RowKey::Person(who("nobody"))],
        ..Commit::default()
    };
    store.commit(at(2), &nothing).await?;
    store.settle(at(2), &[]).await?;
    same("rows", &store.live_rows().await?, &vec![counters(1)])?;
    same("messages", &numbers(&*store, at(2)).await?, &vec![1])
}

pub(super) async fn a_backup_is_made_once(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[counters(1)]).await?;
    let file = library.free_file();
    store.backup(&file).await?;
    let size = || std::fs::metadata(&file).map_or(0, |file| file.len());
    let before = size();
    same("there is something in it", &(before > 0), &true)?;
    same("it is not overwritten", &store.backup(&file).await.is_err(), &true)?;
    same("nor changed", &size(), &before)?;
    save(&*store, &[counters(2)]).await?;
    same("the store goes on", &store.live_rows().await?, &vec![counters(2)])
}
