//! The store in SQLite and the one in memory say the same, whatever is done with them.

#![expect(clippy::unwrap_used, reason = "what these take for granted is not what they test")]

use bot::{CaseId, Erasure, LinkCode, Place, Row, RowKey, SendId, Sending, Urgency, Wanted};
use contract::{
    Arrival, Commit, InboxId, InboxItem, Keepsake, OutboxState, Store, StoreError, Version,
};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::path::Path;
use store::suite::sample::{
    address, arrival, at, case, changeable, code, conversation, counters, direct, keepsake,
    network, person, reply, room, sending, sent, who,
};
use store::{MemoryStore, SqliteStore};
use tempfile::TempDir;

/// How many stories are told; each is a store on disk of its own.
const STORIES: u32 = 48;
/// How many things happen in one.
const STEPS: usize = 40;

#[derive(Clone, Debug)]
enum Step {
    Accept(Vec<Arrival>, &'static str, Option<String>),
    Handle(usize, Option<i64>),
    Commit(Box<Commit>),
    /// Messages without their numbers, which count up.
    Send(Vec<Sending>),
    Settle(Vec<(SendId, OutboxState)>),
    Hasten(Option<Place>),
    Keep(Vec<Keepsake>, &'static str),
    Reopen,
    Scrub,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: STORIES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_say_the_same(steps in vec((step(), 0..40_i64), 1..STEPS)) {
        let folder = TempDir::new().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(tell(&folder.path().join("store.db"), steps))?;
    }
}

async fn tell(path: &Path, steps: Vec<(Step, i64)>) -> Result<(), TestCaseError> {
    let mut disk = SqliteStore::open(path).await.unwrap();
    let mut memory = MemoryStore::new();
    let mut next = 1;
    for (mut step, seconds) in steps {
        // Not a whole number of microseconds: both cut it off alike.
        let now = at(seconds) + SignedDuration::from_nanos(1_500);
        if let Step::Send(sendings) = &mut step {
            for sending in sendings {
                sending.send = SendId(next);
                next += 1;
            }
        }
        if matches!(step, Step::Reopen) {
            disk = SqliteStore::open(path).await.unwrap();
            memory = memory.open_again();
        }
        let (one, other) = (take(&disk, &step, now).await, take(&memory, &step, now).await);
        prop_assert_eq!(one, other, "after {:?}", step);
        let (one, other) = (seen(&disk, now).await, seen(&memory, now).await);
        for (one, other) in one.into_iter().zip(other) {
            prop_assert_eq!(one, other, "after {:?}", step);
        }
    }
    Ok(())
}

/// Takes a step; what is compared is what it says, an error by its kind.
async fn take(store: &dyn Store, step: &Step, now: Timestamp) -> String {
    let outcome = match step {
        Step::Accept(arrivals, name, cursor) => {
            let new = store.accept(now, &network(name), arrivals, cursor.as_ref()).await;
            // Each numbers in its own way.
            new.map(|new| format!("{:?}", new.iter().map(|item| &item.raw).collect::<Vec<_>>()))
        }
        Step::Handle(count, kept) => {
            let items = store.inbox(InboxId::default(), *count).await.unwrap();
            let handled = items.iter().map(|item| item.id).collect();
            let commit = Commit { handled, keys_until: kept.map(at), ..Commit::default() };
            done(store.commit(now, &commit).await)
        }
        Step::Commit(commit) => done(store.commit(now, commit).await),
        Step::Send(send) => {
            done(store.commit(now, &Commit { send: send.clone(), ..Commit::default() }).await)
        }
        Step::Settle(states) => done(store.settle(now, states).await),
        Step::Hasten(place) => done(store.hasten(now, &network("net"), place.as_ref()).await),
        Step::Keep(keepsakes, name) => done(store.keep(&network(name), keepsakes).await),
        Step::Reopen => Ok(store.epoch().0.to_string()),
        Step::Scrub => done(store.scrub().await),
    };
    match outcome {
        Ok(said) => said,
        Err(StoreError::Damaged { .. }) => "damaged".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn done(outcome: Result<(), StoreError>) -> Result<String, StoreError> {
    outcome.map(|()| "done".to_owned())
}

/// All that can be seen of a store.
async fn seen(store: &dyn Store, now: Timestamp) -> Vec<String> {
    let wanted: Vec<Wanted> = NAMES
        .iter()
        .map(|name| Wanted::OfPerson(who(name)))
        .chain([Wanted::Row(RowKey::Counters), Wanted::Row(RowKey::Case(CaseId(1)))])
        .collect();
    let busy = [room("hall")];
    let items = store.inbox(InboxId::default(), 999).await.unwrap();
    let second = items.get(1).map_or(InboxId::default(), |item| item.id);
    // Numbers of arrivals rise, but need not follow one on another.
    let what = |items: Vec<InboxItem>| -> Vec<_> {
        items.into_iter().map(|item| (item.network, item.raw, item.at)).collect()
    };
    let mut seen = shelves(store).await;
    seen.extend([
        format!("{:?}", what(store.inbox(second, 3).await.unwrap())),
        format!("{:?}", what(items)),
        format!("{:?}", store.cursor(&network("net")).await.unwrap()),
        format!("{:?}", sorted(store.live_rows().await.unwrap())),
        format!("{:?}", sorted(store.rows(&wanted).await.unwrap())),
        format!("{:?}", sorted(store.rows(&[Wanted::InPlace(room("hall"))]).await.unwrap())),
        format!("{:?}", store.due(now, &[], 999).await.unwrap()),
        format!("{:?}", store.due(now, &busy, 2).await.unwrap()),
        format!("{:?}", store.due(at(9_999), &[], 999).await.unwrap()),
        format!("{:?}", store.next_due(&[]).await.unwrap()),
        format!("{:?}", store.next_due(&busy).await.unwrap()),
    ]);
    seen
}

/// All that lies on shelves, and of each shelf a page that begins after its second. Both stores
/// count their versions alike, though no more is promised than that they rise.
async fn shelves(store: &dyn Store) -> Vec<String> {
    let mut seen = Vec::new();
    for net in NETWORKS {
        for shelf in shelf_names() {
            let net = network(net);
            let all = store.shelf(&net, &shelf, Version::default(), 999).await.unwrap();
            let second = all.get(1).map_or(Version::default(), |one| one.version);
            let page = store.shelf(&net, &shelf, second, 2).await.unwrap();
            seen.push(format!("{all:?} {page:?}"));
        }
    }
    seen
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(Row::key);
    rows
}

/// Few of everything, so that steps meet.
const NAMES: &[&str] = &["ben", "ida", "zoë"];
const NETWORKS: &[&str] = &["net", "other"];
const SENDS: std::ops::Range<u64> = 1..12;

fn step() -> impl Strategy<Value = Step> {
    let kept = || proptest::option::of(0..40_i64);
    prop_oneof![
        3 => (vec(arriving(), 0..4), select(NETWORKS), kept()).prop_map(
            |(arrivals, network, cursor)| {
                Step::Accept(arrivals, network, cursor.map(|cursor| cursor.to_string()))
            }
        ),
        3 => (vec(kept_thing(), 0..5), select(NETWORKS))
            .prop_map(|(keepsakes, network)| Step::Keep(keepsakes, network)),
        2 => (0..4_usize, kept()).prop_map(|(count, kept)| Step::Handle(count, kept)),
        6 => vec(message(), 0..4).prop_map(Step::Send),
        4 => commit().prop_map(|commit| Step::Commit(Box::new(commit))),
        5 => vec((SENDS.prop_map(SendId), state()), 0..4).prop_map(Step::Settle),
        1 => proptest::option::of(place()).prop_map(Step::Hasten),
        1 => Just(Step::Reopen),
        1 => Just(Step::Scrub),
    ]
}

fn arriving() -> impl Strategy<Value = Arrival> {
    (0..9_u8, select(NAMES), proptest::option::of(kept_thing()))
        .prop_map(|(key, raw, keepsake)| Arrival { keepsake, ..arrival(&key.to_string(), raw) })
}

/// A shelf of each person's own and one at a desk.
fn shelf_names() -> Vec<String> {
    NAMES.iter().map(|name| direct(name).id).chain(["desk".to_owned()]).collect()
}

fn kept_thing() -> impl Strategy<Value = Keepsake> {
    let cases = proptest::collection::vec(1..4_u32, 0..3);
    (select(shelf_names()), 0..4_u8, select(NAMES), cases, 0..40_i64).prop_map(
        |(shelf, key, value, cases, kept)| Keepsake {
            cases: cases.into_iter().map(CaseId).collect(),
            keep_until: at(kept) + SignedDuration::from_nanos(1_500),
            ..keepsake(&shelf, &key.to_string(), value)
        },
    )
}

fn commit() -> impl Strategy<Value = Commit> {
    let key = prop_oneof![
        Just(RowKey::Counters),
        (1..4_u32).prop_map(|number| RowKey::Case(CaseId(number))),
        select(NAMES).prop_map(|name| RowKey::Person(who(name))),
        (0..4_u64).prop_map(|seed| RowKey::Code(LinkCode::of(seed))),
    ];
    let change = (SENDS, select(NAMES)).prop_map(|(send, words)| (SendId(send), reply(words)));
    (
        proptest::option::weighted(0.2, erasure()),
        vec(key, 0..2),
        proptest::option::weighted(0.2, (0..40_i64).prop_map(at)),
        vec(row(), 0..4),
        vec(change, 0..3),
        vec(SENDS.prop_map(SendId), 0..2),
        // Taken, more often than not: then the whole commit must fail.
        proptest::option::weighted(0.1, SENDS.prop_map(|send| sending(send, room("hall")))),
    )
        .prop_map(|(erasure, forget, forget_before, save, change, unsend, send)| Commit {
            forget_people: erasure.into_iter().collect(),
            forget,
            forget_before,
            save,
            change,
            unsend,
            send: send.into_iter().collect(),
            ..Commit::default()
        })
}

fn erasure() -> impl Strategy<Value = Erasure> {
    (select(NAMES), vec(1..4_u32, 0..2)).prop_map(|(name, cases)| Erasure {
        person: who(name),
        places: vec![direct(name)],
        users: vec![address(name)],
        cases: cases.into_iter().map(CaseId).collect(),
    })
}

fn row() -> impl Strategy<Value = Row> {
    let kept = 0..40_i64;
    prop_oneof![
        (0..9_u64).prop_map(counters),
        (select(NAMES), kept.clone()).prop_map(|(name, kept)| person(name, kept)),
        (0..4_u64, select(NAMES), kept.clone())
            .prop_map(|(seed, name, kept)| code(seed, name, kept)),
        (select(NAMES), place(), kept.clone())
            .prop_map(|(name, place, kept)| conversation(name, place, "hello", kept)),
        (1..4_u32, select(NAMES), proptest::option::of(kept))
            .prop_map(|(number, name, closed)| case(number, name, "why?", closed)),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        select(NAMES).prop_map(direct),
        Just(room("hall")),
        Just(room("desk")),
        Just(Place { network: network("other"), ..room("hall") }),
    ]
}

fn message() -> impl Strategy<Value = Sending> {
    (
        place(),
        select(&[Urgency::Answer, Urgency::News, Urgency::Reminder][..]),
        proptest::option::of(0..40_i64),
        proptest::option::of(1..4_u32),
        proptest::option::weighted(0.3, select(NAMES)),
    )
        .prop_map(|(to, urgency, until, case, only_for)| Sending {
            urgency,
            changeable_until: until.map(at),
            case: case.map(CaseId),
            only_for: only_for.map(str::to_owned),
            ..changeable(0, to, 0)
        })
}

fn state() -> impl Strategy<Value = OutboxState> {
    prop_oneof![
        3 => (0..5_u8).prop_map(|id| OutboxState::Said(sent(&id.to_string()))),
        2 => (0..60_i64, any::<bool>())
            .prop_map(|(seconds, uncertain)| OutboxState::Later { at: at(seconds), uncertain }),
        1 => Just(OutboxState::Dropped),
    ]
}
