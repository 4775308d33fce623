//! Who holds the library.

use super::inbox::handle_all;
use super::outbox::numbers;
use super::rows::save;
use super::sample::{arrival, at, counters, keepsake, network, room, sending, sent};
use super::{Broken, Library, same};
use bot::SendId;
use contract::{Commit, InboxId, OutboxState, StoreError};

pub(super) async fn each_opening_takes_the_next_epoch(library: &dyn Library) -> Result<(), Broken> {
    let first = library.open().await?.epoch();
    let second = library.open().await?.epoch();
    let third = library.open().await?;
    same("it rises", &(first < second && second < third.epoch()), &true)?;
    same("the last one writes", &save(&*third, &[counters(1)]).await.is_ok(), &true)
}

pub(super) async fn a_superseded_store_writes_nothing(library: &dyn Library) -> Result<(), Broken> {
    let old = library.open().await?;
    let net = network("net");
    old.accept(at(1), &net, &[arrival("a", "one")], Some(&"1".to_owned())).await?;
    let commit = Commit {
        save: vec![counters(1)],
        send: vec![sending(1, room("hall"))],
        ..Commit::default()
    };
    old.commit(at(1), &commit).await?;
    let new = library.open().await?;
    let said = [(SendId(1), OutboxState::Said(sent("m")))];
    let tries = [
        ("accept", old.accept(at(2), &net, &[arrival("b", "two")], None).await.map(drop)),
        ("accept a cursor", old.accept(at(2), &net, &[], Some(&"2".to_owned())).await.map(drop)),
        ("commit", old.commit(at(2), &Commit::default()).await),
        ("commit rows", save(&*old, &[counters(2)]).await),
        ("handle", handle_all(&*old, None).await.map(drop)),
        ("settle", old.settle(at(2), &said).await),
        ("hasten", old.hasten(at(2), &net, None).await),
        ("keep", old.keep(&net, &[keepsake("shelf", "a", "one")]).await),
        ("keep nothing", old.keep(&net, &[]).await),
        ("scrub", old.scrub().await),
    ];
    for (what, outcome) in tries {
        same(what, &matches!(outcome, Err(StoreError::Superseded)), &true)?;
    }
    same("the inbox", &new.inbox(InboxId::default(), 9).await?.len(), &1)?;
    same("the cursor", &new.cursor(&net).await?, &Some("1".to_owned()))?;
    same("the rows", &new.live_rows().await?, &vec![counters(1)])?;
    same("the messages", &numbers(&*new, at(2)).await?, &vec![1])
}

pub(super) async fn a_superseded_store_can_be_read(library: &dyn Library) -> Result<(), Broken> {
    let old = library.open().await?;
    let new = library.open().await?;
    save(&*new, &[counters(3)]).await?;
    same("what the new one wrote", &old.live_rows().await?, &vec![counters(3)])
}
