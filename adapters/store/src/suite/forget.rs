//! What is forgotten: people, and what is past its time.

use super::inbox::handle_all;
use super::outbox::{numbers, send};
use super::rows::{save, sorted};
use super::sample::{
    arrival, at, case, changeable, code, conversation, counters, direct, erasure, network, person,
    reply, room, sending, sent, who,
};
use super::{Broken, Library, same};
use bot::{CaseId, Erasure, LinkCode, RowKey, SendId, Sending, Wanted};
use contract::{Commit, InboxId, OutboxState, Store, StoreError};
use jiff::Timestamp;

pub(super) async fn a_persons_rows_go_and_others_stay(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let of_ida = vec![
        person("ida", 10),
        conversation("ida", room("hall"), "hello", 10),
        case(2, "ida", "when?", None),
        code(2, "ida", 10),
    ];
    let of_ben = [
        person("ben", 10),
        conversation("ben", room("hall"), "hello", 10),
        conversation("ben", direct("ben"), "hello", 10),
        case(1, "ben", "why?", Some(10)),
        code(1, "ben", 10),
    ];
    save(&*store, &[&of_ben[..], &of_ida[..], &[counters(1)]].concat()).await?;
    forget(&*store, erasure("ben")).await?;
    let codes = [1, 2].map(|seed| Wanted::Row(RowKey::Code(LinkCode::of(seed))));
    same("codes", &store.rows(&codes).await?, &vec![code(2, "ida", 10)])?;
    let both = ["ben", "ida"].map(|name| Wanted::OfPerson(who(name)));
    same("of both", &sorted(store.rows(&both).await?), &sorted(of_ida))?;
    same("of nobody", &store.rows(&[Wanted::Row(RowKey::Counters)]).await?.len(), &1)?;
    forget(&*store, erasure("nobody")).await?;
    same("live", &store.live_rows().await?.len(), &2)
}

pub(super) async fn what_waits_in_a_persons_places_goes(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let to = [direct("ben"), direct("ben"), direct("ida"), room("hall")];
    send(&*store, to.into_iter().zip(1..).map(|(to, number)| sending(number, to))).await?;
    forget(&*store, erasure("ben")).await?;
    same("others wait", &numbers(&*store, at(9)).await?, &vec![3, 4])
}

pub(super) async fn marks_in_a_persons_places_go(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [changeable(1, direct("ben"), 100), changeable(2, direct("ida"), 100)]).await?;
    say(&*store, [1, 2]).await?;
    forget(&*store, erasure("ben")).await?;
    same("of ida's", &marked(&*store, [1, 2]).await?, &vec![2])
}

pub(super) async fn what_is_for_a_person_only_goes(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let only = |number, place: &str, user: &str| Sending {
        only_for: Some(user.to_owned()),
        ..changeable(number, room(place), 100)
    };
    let mut abroad = only(4, "d", "ben");
    abroad.to.network = network("other");
    send(&*store, [only(1, "a", "ben"), only(2, "b", "ida"), only(3, "c", "ben"), abroad]).await?;
    send(&*store, [changeable(5, room("e"), 100)]).await?;
    say(&*store, [3]).await?;
    forget(&*store, erasure("ben")).await?;
    same("what waits", &numbers(&*store, at(9)).await?, &vec![2, 4, 5])?;
    same("no marks", &marked(&*store, [3]).await?, &vec![2, 4, 5])
}

pub(super) async fn what_waits_about_a_persons_case_goes(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[case(1, "ben", "why?", None), case(2, "ida", "when?", None)]).await?;
    let about = |number, case| Sending {
        case: Some(CaseId(case)),
        ..sending(number, room(&number.to_string()))
    };
    send(&*store, [about(1, 1), about(2, 2), about(3, 3), about(4, 1)]).await?;
    // Case 3 is not among the rows any more: it is named.
    let erasure = Erasure { cases: vec![CaseId(3)], ..erasure("ben") };
    forget(&*store, erasure).await?;
    same("about others", &numbers(&*store, at(9)).await?, &vec![2])
}

pub(super) async fn marks_about_a_persons_case_stay_elsewhere(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[case(1, "ben", "why?", None)]).await?;
    let sheet = |number, place: &str| Sending {
        case: Some(CaseId(1)),
        ..changeable(number, room(place), 100)
    };
    send(&*store, [sheet(1, "desk"), sheet(2, "other desk")]).await?;
    say(&*store, [1, 2]).await?;
    let change = vec![(SendId(2), reply("why?, he asks"))];
    store.commit(at(2), &Commit { change, ..Commit::default() }).await?;
    let commit = Commit {
        forget_people: vec![erasure("ben")],
        change: vec![(SendId(1), reply("erased"))],
        ..Commit::default()
    };
    store.commit(at(3), &commit).await?;
    same("only the new change waits", &numbers(&*store, at(9)).await?, &vec![1])?;
    same("both have marks", &marked(&*store, [1, 2]).await?, &vec![1, 2])
}

pub(super) async fn what_the_commit_itself_sends_stays(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    send(&*store, [sending(1, direct("ben"))]).await?;
    let commit = Commit {
        forget_people: vec![erasure("ben")],
        send: vec![sending(2, direct("ben"))],
        ..Commit::default()
    };
    store.commit(at(1), &commit).await?;
    same("the farewell", &numbers(&*store, at(9)).await?, &vec![2])
}

pub(super) async fn rows_past_their_time_go(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let kept = [
        person("ben", 10),
        case(1, "ben", "why?", None),
        conversation("ben", room("hall"), "hello", 11),
        code(2, "ben", 10),
    ];
    let over = [
        case(2, "ben", "when?", Some(9)),
        conversation("ben", room("den"), "hello", 2),
        code(1, "ben", 9),
    ];
    save(&*store, &[&kept[..], &over[..], &[counters(1)]].concat()).await?;
    forget_before(&*store, at(10)).await?;
    let of_ben = [Wanted::OfPerson(who("ben"))];
    same("until then and later", &sorted(store.rows(&of_ben).await?), &sorted(kept.to_vec()))?;
    same("for good", &store.rows(&[Wanted::Row(RowKey::Counters)]).await?, &vec![counters(1)])
}

pub(super) async fn marks_past_their_time_go(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let until = [(1, 9), (2, 10), (3, 5)];
    send(
        &*store,
        until.map(|(number, until)| changeable(number, room(&number.to_string()), until)),
    )
    .await?;
    say(&*store, [1, 2]).await?;
    forget_before(&*store, at(10)).await?;
    same("what waits stays", &numbers(&*store, at(10)).await?, &vec![3])?;
    same("marks", &marked(&*store, [1, 2]).await?, &vec![2, 3])
}

pub(super) async fn keys_past_their_time_go(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let net = network("net");
    store.accept(at(1), &net, &[arrival("a", "one")], None).await?;
    handle_all(&*store, Some(9)).await?;
    store.accept(at(1), &net, &[arrival("b", "two")], None).await?;
    handle_all(&*store, Some(10)).await?;
    store.accept(at(1), &net, &[arrival("c", "three")], None).await?;
    handle_all(&*store, None).await?;
    store.accept(at(1), &net, &[arrival("d", "four")], None).await?;
    forget_before(&*store, at(10)).await?;
    same("what waits stays", &store.inbox(InboxId::default(), 9).await?.len(), &1)?;
    let again = ["a", "b", "c", "d"].map(|key| arrival(key, "again"));
    same("only a is new", &store.accept(at(10), &net, &again, None).await?.len(), &1)
}

pub(super) async fn whether_all_is_wiped_is_known_at_the_next_start(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    same("it may not be at first", &store.unscrubbed().await?, &true)?;
    store.scrub().await?;
    same("scrubbed", &store.unscrubbed().await?, &false)?;
    save(&*store, &[person("ben", 10)]).await?;
    same("something kept", &store.unscrubbed().await?, &false)?;
    forget(&*store, erasure("ben")).await?;
    drop(store);
    let store = library.open().await?;
    same("forgotten", &store.unscrubbed().await?, &true)?;
    send(&*store, [sending(1, room("a"))]).await?;
    store.scrub().await?;
    same("a farewell waits", &store.unscrubbed().await?, &true)?;
    store.settle(at(1), &[(SendId(1), OutboxState::Said(sent("m")))]).await?;
    store.scrub().await?;
    drop(store);
    let store = library.open().await?;
    same("all wiped", &store.unscrubbed().await?, &false)?;
    let commit = Commit { forget_before: Some(at(5)), ..Commit::default() };
    store.commit(at(9), &commit).await?;
    same("forgotten by time", &store.unscrubbed().await?, &true)
}

pub(super) async fn wiping_keeps_what_is_there(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[counters(1), person("ben", 10)]).await?;
    send(&*store, [sending(1, room("a"))]).await?;
    store.accept(at(1), &network("net"), &[arrival("a", "one")], None).await?;
    forget(&*store, erasure("ben")).await?;
    store.scrub().await?;
    store.scrub().await?;
    save(&*store, &[counters(2)]).await?;
    same("rows", &store.live_rows().await?, &vec![counters(2)])?;
    same("messages", &numbers(&*store, at(9)).await?, &vec![1])?;
    same("arrivals", &store.inbox(InboxId::default(), 9).await?.len(), &1)
}

pub(super) async fn forget(store: &dyn Store, erasure: Erasure) -> Result<(), StoreError> {
    store.commit(at(1), &Commit { forget_people: vec![erasure], ..Commit::default() }).await
}

pub(super) async fn forget_before(store: &dyn Store, time: Timestamp) -> Result<(), StoreError> {
    store.commit(time, &Commit { forget_before: Some(time), ..Commit::default() }).await
}

async fn say<const N: usize>(store: &dyn Store, numbers: [u64; N]) -> Result<(), StoreError> {
    let said = numbers.map(|number| (SendId(number), OutboxState::Said(sent("m"))));
    store.settle(at(1), &said).await
}

/// What waits once these were changed: what had marks, besides what waited before.
async fn marked<const N: usize>(
    store: &dyn Store,
    sends: [u64; N],
) -> Result<Vec<u64>, StoreError> {
    let change = sends.map(|number| (SendId(number), reply("new"))).to_vec();
    store.commit(at(9), &Commit { change, ..Commit::default() }).await?;
    numbers(store, at(9)).await
}
