//! What waits to be said, and in which order.

use super::sample::{at, changeable, direct, network, room, sending, sent};
use super::{Broken, Library, same};
use bot::{Place, PlaceKind, SendId, Sending, Urgency};
use contract::{Commit, OutboxItem, OutboxState, Store, StoreError};
use jiff::Timestamp;

/// More than any check puts there.
const ALL: usize = 1000;

pub(super) async fn what_is_sent_is_due_at_once_and_whole(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let full = Sending {
        case: Some(bot::CaseId(4)),
        only_for: Some("b\"en".to_owned()),
        urgency: Urgency::News,
        ..changeable(u64::MAX, room("hall \0\"\u{1F41D}' \\"), 50)
    };
    same("nothing at first", &store.next_due(&[]).await?, &None)?;
    send(&*store, [full.clone()]).await?;
    let right = OutboxItem { sending: full, sent: None, tries: 0, uncertain: false, queued: at(0) };
    same("before", &store.due(at(-1), &[], ALL).await?, &Vec::new())?;
    same("at once", &store.due(at(0), &[], ALL).await?, &vec![right])?;
    same("its time", &store.next_due(&[]).await?, &Some(at(0)))?;
    same("still there", &store.due(at(0), &[], ALL).await?.len(), &1)
}

pub(super) async fn at_most_one_a_place_is_due(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    // The kind of a place is not part of its name.
    let hall = Place { kind: PlaceKind::Desk, ..room("hall") };
    let abroad = Place { network: network("other"), ..room("hall") };
    let to = [room("hall"), hall, direct("ben"), direct("ben"), abroad];
    send(&*store, to.into_iter().zip(1..).map(|(to, number)| sending(number, to))).await?;
    same("one a place", &numbers(&*store, at(0)).await?, &vec![1, 3, 5])?;
    store.settle(at(1), &[(SendId(1), OutboxState::Said(sent("m")))]).await?;
    same("then the next", &numbers(&*store, at(1)).await?, &vec![2, 3, 5])
}

pub(super) async fn the_most_urgent_goes_first_then_the_lowest_number(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let as_urgent =
        |number: u64, place: &str, urgency| Sending { urgency, ..sending(number, room(place)) };
    let sendings = [
        as_urgent(1, "a", Urgency::Reminder),
        as_urgent(2, "a", Urgency::News),
        as_urgent(9, "a", Urgency::Answer),
        as_urgent(4, "b", Urgency::Reminder),
        as_urgent(5, "c", Urgency::News),
        as_urgent(6, "d", Urgency::Answer),
    ];
    send(&*store, sendings).await?;
    same("over places", &numbers(&*store, at(0)).await?, &vec![6, 9, 5, 4])?;
    let mut of_a = Vec::new();
    for _ in 0..3 {
        let item = store.due(at(0), &["b", "c", "d"].map(room), ALL).await?;
        let number = item.first().map_or(0, |item| item.sending.send.0);
        store.settle(at(0), &[(SendId(number), OutboxState::Dropped)]).await?;
        of_a.push(number);
    }
    same("within a place", &of_a, &vec![9, 2, 1])
}

pub(super) async fn busy_places_are_passed_over(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let to = ["a", "b", "c"].map(room);
    send(&*store, to.into_iter().zip(1..).map(|(to, number)| sending(number, to))).await?;
    let busy = [room("b"), room("nobody is here")];
    let due = store.due(at(0), &busy, ALL).await?;
    same("without b", &due.iter().map(|item| item.sending.send.0).collect(), &vec![1, 3])
}

pub(super) async fn the_limit_is_kept(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, (1..=20).map(|number| sending(number, room(&number.to_string())))).await?;
    let due = store.due(at(0), &[], 3).await?;
    same("three", &due.iter().map(|item| item.sending.send.0).collect(), &vec![1, 2, 3])?;
    same("none", &store.due(at(0), &[], 0).await?, &Vec::new())
}

pub(super) async fn nothing_overtakes_in_its_place(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a")), sending(2, room("a")), sending(3, room("b"))]).await?;
    let later = OutboxState::Later { at: at(60), uncertain: false };
    store.settle(at(1), &[(SendId(1), later)]).await?;
    send(&*store, [Sending { urgency: Urgency::News, ..sending(4, room("a")) }]).await?;
    same("a waits", &numbers(&*store, at(59)).await?, &vec![3])?;
    same("then its first", &numbers(&*store, at(60)).await?, &vec![1, 3])
}

pub(super) async fn something_more_urgent_does_not_wait_behind(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [Sending { urgency: Urgency::Reminder, ..sending(1, room("a")) }]).await?;
    let later = OutboxState::Later { at: at(60), uncertain: false };
    store.settle(at(1), &[(SendId(1), later)]).await?;
    send(&*store, [sending(2, room("a"))]).await?;
    same("the answer goes", &numbers(&*store, at(1)).await?, &vec![2])?;
    store.settle(at(1), &[(SendId(2), OutboxState::Said(sent("m")))]).await?;
    same("the reminder waits", &store.next_due(&[]).await?, &Some(at(60)))
}

pub(super) async fn a_later_try_counts_and_remembers_doubt(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a"))]).await?;
    for (uncertain, tries, doubt) in [(false, 1, false), (true, 2, true), (false, 3, true)] {
        let later = OutboxState::Later { at: at(10 + i64::from(tries)), uncertain };
        store.settle(at(1), &[(SendId(1), later)]).await?;
        let due = store.due(at(99), &[], ALL).await?;
        let found: Vec<_> =
            due.iter().map(|item| (item.tries, item.uncertain, item.queued)).collect();
        same("tries and doubt", &found, &vec![(tries, doubt, at(0))])?;
    }
    same("due then", &store.next_due(&[]).await?, &Some(at(13)))
}

pub(super) async fn what_expired_is_still_given_out(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [Sending { expires: at(5), ..sending(1, room("a")) }]).await?;
    same("given out", &numbers(&*store, at(500)).await?, &vec![1])
}

pub(super) async fn what_was_said_does_not_wait(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a")), changeable(2, room("b"), 100)]).await?;
    let said = |number| (SendId(number), OutboxState::Said(sent("m")));
    store.settle(at(1), &[said(1), said(2)]).await?;
    same("nothing", &numbers(&*store, at(99)).await?, &Vec::new())?;
    same("never", &store.next_due(&[]).await?, &None)
}

pub(super) async fn what_is_dropped_is_gone(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a")), changeable(2, room("b"), 100)]).await?;
    let dropped = [1, 2].map(|number| (SendId(number), OutboxState::Dropped));
    store.settle(at(1), &dropped).await?;
    same("nothing", &numbers(&*store, at(99)).await?, &Vec::new())?;
    let change = vec![(SendId(2), super::sample::reply("new"))];
    store.commit(at(2), &Commit { change, ..Commit::default() }).await?;
    same("no marks either", &numbers(&*store, at(99)).await?, &Vec::new())
}

pub(super) async fn what_does_not_wait_is_not_settled(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [changeable(1, room("a"), 100)]).await?;
    let said = |id| (SendId(1), OutboxState::Said(sent(id)));
    store.settle(at(1), &[said("m-1")]).await?;
    let later = OutboxState::Later { at: at(5), uncertain: true };
    for state in [later, OutboxState::Dropped, OutboxState::Said(sent("m-2"))] {
        store.settle(at(2), &[(SendId(1), state.clone()), (SendId(77), state)]).await?;
    }
    same("nothing waits", &store.next_due(&[]).await?, &None)?;
    let change = vec![(SendId(1), super::sample::reply("new"))];
    store.commit(at(3), &Commit { change, ..Commit::default() }).await?;
    let marks: Vec<_> =
        store.due(at(3), &[], ALL).await?.into_iter().map(|item| item.sent).collect();
    same("the first marks", &marks, &vec![Some(sent("m-1"))])
}

pub(super) async fn hastening_reaches_a_place_or_a_network(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let abroad = Place { network: network("other"), ..room("a") };
    send(&*store, [sending(1, room("a")), sending(2, room("b")), sending(3, abroad)]).await?;
    let later = |number| (SendId(number), OutboxState::Later { at: at(60), uncertain: false });
    store.settle(at(1), &[later(1), later(2), later(3)]).await?;
    store.hasten(at(5), &network("net"), Some(&room("b"))).await?;
    same("a place", &numbers(&*store, at(5)).await?, &vec![2])?;
    same("from then on", &store.next_due(&[]).await?, &Some(at(5)))?;
    store.hasten(at(6), &network("net"), None).await?;
    same("a network", &numbers(&*store, at(6)).await?, &vec![1, 2])?;
    same("what was due stays due", &store.next_due(&[]).await?, &Some(at(5)))?;
    same("tries stay", &store.due(at(6), &[], 1).await?.first().map(|item| item.tries), &Some(1))
}

pub(super) async fn the_next_due_is_that_of_a_free_place(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, room("a")), sending(2, room("a")), sending(3, room("b"))]).await?;
    let later = |number, seconds| {
        (SendId(number), OutboxState::Later { at: at(seconds), uncertain: false })
    };
    store.settle(at(1), &[later(1, 30), later(3, 60)]).await?;
    // What is behind the first of a place is not due, though its own time has come.
    same("the first of a", &store.next_due(&[]).await?, &Some(at(30)))?;
    same("a is busy", &store.next_due(&[room("a")]).await?, &Some(at(60)))?;
    same("all are busy", &store.next_due(&[room("a"), room("b")]).await?, &None)
}

/// Commits messages at second 0.
pub(super) async fn send(
    store: &dyn Store,
    sendings: impl IntoIterator<Item = Sending> + Send,
) -> Result<(), StoreError> {
    let send = sendings.into_iter().collect();
    store.commit(at(0), &Commit { send, ..Commit::default() }).await
}

/// The numbers of what is due, in order.
pub(super) async fn numbers(store: &dyn Store, now: Timestamp) -> Result<Vec<u64>, StoreError> {
    let due = store.due(now, &[], ALL).await?;
    Ok(due.iter().map(|item| item.sending.send.0).collect())
}
