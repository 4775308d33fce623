//! Rows.

use super::sample::{
    at, case, code, conversation, counters, day, direct, person, room, topics, who,
};
use super::{Broken, Library, same};
use bot::{Place, PlaceKind, Row, RowKey, Wanted};
use contract::{Commit, Store, StoreError};

pub(super) async fn a_row_is_kept_and_replaced_by_its_key(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    save(&*store, &[counters(1), person("ben", 10)]).await?;
    save(&*store, &[counters(2)]).await?;
    let wanted = [Wanted::Row(RowKey::Counters), Wanted::Row(RowKey::Person(who("ben")))];
    same("as saved last", &store.rows(&wanted).await?, &vec![counters(2), person("ben", 10)])?;
    save(&*store, &[person("ben", 20), person("ben", 30)]).await?;
    same("of two, the last", &store.rows(&wanted[1..]).await?, &vec![person("ben", 30)])?;
    let commit = Commit { forget: vec![RowKey::Counters, RowKey::Counters], ..Commit::default() };
    store.commit(at(1), &commit).await?;
    same("forgotten", &store.rows(&wanted).await?, &vec![person("ben", 30)])
}

pub(super) async fn rows_are_found_by_key_person_and_place(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let talk = |name: &str, place: Place| conversation(name, place, "hello", 10);
    let rows = [
        person("ben", 10),
        person("ida", 10),
        talk("ben", room("hall")),
        talk("ben", direct("ben")),
        talk("ida", room("hall")),
        case(1, "ben", "why?", None),
        case(2, "ida", "when?", Some(10)),
        day(1, 7),
    ];
    save(&*store, &rows).await?;
    let by_key = [Wanted::Row(RowKey::Case(bot::CaseId(2))), Wanted::Row(RowKey::Day("x".into()))];
    same("by key", &sorted(store.rows(&by_key).await?), &sorted(rows[6..7].to_vec()))?;
    let bens = [&rows[..1], &rows[2..4], &rows[5..6]].concat();
    let of_ben = [Wanted::OfPerson(who("ben"))];
    same("of a person", &sorted(store.rows(&of_ben).await?), &sorted(bens))?;
    // A place is known by its name: who deletes a message does not know what kind of place it is.
    let hall = Place { kind: PlaceKind::Desk, ..room("hall") };
    let in_hall = vec![rows[2].clone(), rows[4].clone()];
    same("in a place", &sorted(store.rows(&[Wanted::InPlace(hall)]).await?), &sorted(in_hall))?;
    let nowhere = [Wanted::OfPerson(who("")), Wanted::InPlace(room(""))];
    same("of nobody", &store.rows(&nowhere).await?, &Vec::new())?;
    same("nothing", &store.rows(&[]).await?, &Vec::new())
}

pub(super) async fn a_row_that_is_wanted_twice_comes_once(
    library: &dyn Library,
) -> Result<(), Broken> {
    let store = library.open().await?;
    let talk = conversation("ben", room("hall"), "hello", 10);
    save(&*store, std::slice::from_ref(&talk)).await?;
    let wanted = [
        Wanted::Row(talk.key()),
        Wanted::Row(talk.key()),
        Wanted::OfPerson(who("ben")),
        Wanted::InPlace(room("hall")),
    ];
    same("once", &store.rows(&wanted).await?, &vec![talk])
}

pub(super) async fn live_rows_come_at_the_start(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let open = case(1, "ben", "why?", None);
    let counted = topics("projector");
    let rows = [
        counters(5),
        counted.clone(),
        open.clone(),
        case(2, "ben", "when?", Some(10)),
        person("ben", 10),
    ];
    save(&*store, &rows).await?;
    save(&*store, &[case(3, "ida", "who?", None)]).await?;
    save(&*store, &[case(3, "ida", "who?", Some(10))]).await?;
    drop(store);
    let store = library.open().await?;
    same("live", &sorted(store.live_rows().await?), &sorted(vec![counters(5), counted, open]))
}

pub(super) async fn every_kind_of_row_comes_back(library: &dyn Library) -> Result<(), Broken> {
    let store = library.open().await?;
    let name = "b\0 \"é\u{1F41D}' \\ [1, 2]";
    let rows = [
        case(u32::MAX, name, "\0 \"why\"?\n\u{202E}", None),
        code(u64::MAX, name, 10),
        conversation(name, direct(name), "\0{\"a\": 1.10}", 10),
        counters(u64::MAX),
        day(2, u64::MAX),
        person(name, 10),
        topics(name),
    ];
    save(&*store, &rows).await?;
    let wanted: Vec<Wanted> = rows.iter().map(|row| Wanted::Row(row.key())).collect();
    same("as they were", &store.rows(&wanted).await?, &rows.to_vec())
}

pub(super) async fn save(store: &dyn Store, rows: &[Row]) -> Result<(), StoreError> {
    store.commit(at(1), &Commit { save: rows.to_vec(), ..Commit::default() }).await
}

/// Rows in the order of their keys: a store promises none.
pub(super) fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(Row::key);
    rows
}
