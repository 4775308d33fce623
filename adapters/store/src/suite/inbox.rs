//! The inbox.

use super::sample::{arrival, at, network};
use super::{Broken, Library, same};
use contract::{Arrival, Commit, InboxId, InboxItem, Store, StoreError};

pub(super) async fn arrivals_are_kept_in_order_and_read_in_pages(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    let first = [arrival("a", "one"), arrival("b", "two"), arrival("c", "three")];
    let new = store.accept(at(1), &net, &first, None).await?;
    same("what was new", &store.inbox(InboxId::default(), 9).await?, &new)?;
    words("in order", &new, &["one", "two", "three"])?;
    store.accept(at(2), &network("other"), &[arrival("d", "four")], None).await?;
    words(
        "what waits",
        &store.inbox(InboxId::default(), 9).await?,
        &["one", "two", "three", "four"],
    )?;
    let page = store.inbox(InboxId::default(), 2).await?;
    words("the first page", &page, &["one", "two"])?;
    let last = page.last().map_or(InboxId::default(), |item| item.id);
    let rest = store.inbox(last, 9).await?;
    words("the next page", &rest, &["three", "four"])?;
    same("its network", &rest.last().map(|item| item.network.clone()), &Some(network("other")))?;
    same("its time", &rest.last().map(|item| item.at), &Some(at(2)))?;
    same("no page", &store.inbox(InboxId::default(), 0).await?, &Vec::new())
}

pub(super) async fn a_key_counts_once_for_each_network(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    let twice = [arrival("a", "first"), arrival("a", "again"), arrival("b", "second")];
    let new = store.accept(at(1), &net, &twice, None).await?;
    words("twice in a batch", &new, &["first", "second"])?;
    same("in a later one", &store.accept(at(2), &net, &twice, None).await?.len(), &0)?;
    same("elsewhere", &store.accept(at(2), &network("other"), &twice[..1], None).await?.len(), &1)?;
    words("what waits", &store.inbox(InboxId::default(), 9).await?, &["first", "second", "first"])
}

pub(super) async fn a_key_counts_once_after_it_was_handled(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    store.accept(at(1), &net, &[arrival("a", "words")], None).await?;
    handle_all(&*store, Some(100)).await?;
    same("again", &store.accept(at(2), &net, &[arrival("a", "words")], None).await?.len(), &0)?;
    drop(store);
    let store = library.open().await?;
    same("restarted", &store.accept(at(3), &net, &[arrival("a", "words")], None).await?.len(), &0)?;
    same("what waits", &store.inbox(InboxId::default(), 9).await?, &Vec::new())
}

pub(super) async fn the_cursor_is_kept_with_its_batch(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let (net, other) = (network("net"), network("other"));
    same("none at first", &store.cursor(&net).await?, &None)?;
    store.accept(at(1), &net, &[arrival("a", "words")], Some(&"5".to_owned())).await?;
    store.accept(at(1), &net, &[arrival("b", "words")], None).await?;
    same("kept without a new one", &store.cursor(&net).await?, &Some("5".to_owned()))?;
    store.accept(at(1), &net, &[], Some(&"6".to_owned())).await?;
    same("kept without arrivals", &store.cursor(&net).await?, &Some("6".to_owned()))?;
    same("of another network", &store.cursor(&other).await?, &None)?;
    drop(store);
    let store = library.open().await?;
    same("restarted", &store.cursor(&net).await?, &Some("6".to_owned()))
}

pub(super) async fn any_bytes_and_any_text_come_back(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("a \"network\" 'of' \u{1F41D}, \\ and [");
    let raw: Vec<Vec<u8>> = vec![Vec::new(), (0..=255).collect(), vec![0; 3], vec![7; 300_000]];
    let arrivals: Vec<Arrival> = raw
        .iter()
        .enumerate()
        .map(|(n, raw)| Arrival::new(format!("{n} \0\"'\\\u{7f}é{n}"), raw.clone()))
        .collect();
    same(
        "how many were new",
        &store.accept(at(1), &net, &arrivals, None).await?.len(),
        &raw.len(),
    )?;
    let found = store.inbox(InboxId::default(), 9).await?;
    let found: Vec<_> = found.into_iter().map(|item| (item.network, item.raw)).collect();
    let right: Vec<_> = raw.into_iter().map(|raw| (net.clone(), raw)).collect();
    same("what came back is what came", &(found == right), &true)?;
    same("again", &store.accept(at(2), &net, &arrivals, None).await?.len(), &0)
}

pub(super) async fn what_was_handled_is_gone_from_the_inbox(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let three = [arrival("a", "one"), arrival("b", "two"), arrival("c", "three")];
    store.accept(at(1), &network("net"), &three, None).await?;
    let second = store.inbox(InboxId::default(), 9).await?.iter().map(|item| item.id).nth(1);
    // A number that is not there is passed over, and so is one that was handled before.
    let handled = second.into_iter().chain([InboxId(9_999)]).collect();
    let commit = Commit { handled, keys_until: Some(at(9)), ..Commit::default() };
    store.commit(at(2), &commit).await?;
    store.commit(at(3), &commit).await?;
    words("what waits", &store.inbox(InboxId::default(), 9).await?, &["one", "three"])
}

pub(super) async fn numbers_of_arrivals_are_not_used_twice(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    store.accept(at(1), &network("net"), &[arrival("a", "one")], None).await?;
    let first = handle_all(&*store, Some(5)).await?;
    let commit = Commit { forget_before: Some(at(9)), ..Commit::default() };
    store.commit(at(9), &commit).await?;
    store.accept(at(10), &network("net"), &[arrival("b", "two")], None).await?;
    let second = store.inbox(InboxId::default(), 9).await?.iter().map(|item| item.id).next();
    same("the number rises", &(second > first), &true)
}

/// Handles all that waits, the keys kept for so many seconds; returns the last number.
pub(super) async fn handle_all(
    store: &dyn Store,
    kept: Option<i64>,
) -> Result<Option<InboxId>, StoreError> {
    let items = store.inbox(InboxId::default(), usize::MAX).await?;
    let handled: Vec<InboxId> = items.iter().map(|item| item.id).collect();
    let last = handled.last().copied();
    let commit = Commit { handled, keys_until: kept.map(at), ..Commit::default() };
    store.commit(at(1), &commit).await?;
    Ok(last)
}

fn words(what: &str, found: &[InboxItem], right: &[&str]) -> Result<(), Broken> {
    let found = found.iter().map(|item| String::from_utf8_lossy(&item.raw)).collect();
    same(what, &found, &right.iter().map(|&word| word.into()).collect::<Vec<_>>())
}
