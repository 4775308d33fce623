//! Nothing that was forgotten is left in any file of the store's folder.
//!
//! Canaries go through every table, in rows that grow, shrink and move between pages; then they are
//! forgotten, the store is scrubbed, and every byte of the folder is looked at.

#![expect(clippy::unwrap_used, reason = "what these take for granted is not what they test")]

use bot::{CaseId, Erasure, RowKey, SendId, Sending};
use contract::{Arrival, Commit, InboxId, Keepsake, OutboxState, Store, Version};
use std::path::{Path, PathBuf};
use store::SqliteStore;
use store::suite::sample::{
    address, at, case, changeable, conversation, direct, keepsake, network, person, reply, room,
    sent, who,
};
use tempfile::TempDir;

/// In everything that is forgotten, and in nothing else.
const CANARY: &str = "CANARY";
/// How many people there are; every second one is forgotten.
const PEOPLE: u32 = 120;
/// How often each of them speaks.
const ROUNDS: u32 = 6;

#[tokio::test]
async fn nothing_of_forgotten_people_is_left() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("store.db")).await.unwrap();
    live(&store).await;
    forget_people(&store).await;
    store.scrub().await.unwrap();
    assert_eq!(traces(folder.path()), Vec::<PathBuf>::new());
    assert!(holds(folder.path(), "kept-71"), "what is kept is still there");
}

#[tokio::test]
async fn nothing_is_left_when_the_program_died_before_the_scrub() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("store.db")).await.unwrap();
    live(&store).await;
    forget_people(&store).await;
    // The files of a program that was killed: the journal is full, nobody has closed anything.
    let after = TempDir::new().unwrap();
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        std::fs::copy(folder.path().join(name), after.path().join(name)).unwrap();
    }
    assert_ne!(traces(after.path()), Vec::<PathBuf>::new(), "before the scrub it is there");
    let store = SqliteStore::open(&after.path().join("store.db")).await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(traces(after.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn nothing_is_left_of_what_was_past_its_time() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("store.db")).await.unwrap();
    live(&store).await;
    // Everybody's; what still waits is said or given up first.
    let sends = 1..=u64::from(PEOPLE * ROUNDS * 3);
    let dropped: Vec<_> = sends.map(|send| (SendId(send), OutboxState::Dropped)).collect();
    store.settle(at(1), &dropped).await.unwrap();
    handle_all(&store).await;
    let commit = Commit {
        forget_before: Some(at(9_999_999)),
        forget: (1..=PEOPLE).map(|n| RowKey::Case(CaseId(n))).collect(),
        ..Commit::default()
    };
    store.commit(at(9_999_999), &commit).await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(traces(folder.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_backup_holds_nothing_that_was_deleted() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("store.db")).await.unwrap();
    live(&store).await;
    forget_people(&store).await;
    let backups = TempDir::new().unwrap();
    store.backup(&backups.path().join("backup.db")).await.unwrap();
    assert_eq!(traces(backups.path()), Vec::<PathBuf>::new());
    assert!(holds(backups.path(), "kept-71"), "what is kept is in it");
}

#[tokio::test]
async fn words_are_gone_once_they_are_said_and_handled() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("store.db")).await.unwrap();
    let raw = format!("{CANARY} raw").into_bytes();
    let arrival = Arrival::new("key", raw);
    store.accept(at(0), &network("net"), &[arrival], None).await.unwrap();
    let words = Sending { reply: reply(CANARY), ..changeable(1, room("hall"), 100) };
    store.commit(at(0), &Commit { send: vec![words], ..Commit::default() }).await.unwrap();
    handle_all(&store).await;
    store.settle(at(1), &[(SendId(1), OutboxState::Said(sent("m")))]).await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(traces(folder.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn what_gave_way_on_a_shelf_is_gone() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("store.db")).await.unwrap();
    let net = network("net");
    let put = |n: u32, words: &str| keepsake("talk", &format!("line {n}"), &words.repeat(90));
    // One gives way to newer ones, one is put again with other words.
    store.keep(&net, &[put(0, CANARY), put(1, CANARY)]).await.unwrap();
    let newer: Vec<Keepsake> = (1..=500).map(|n| put(n, "kept")).collect();
    store.keep(&net, &newer).await.unwrap();
    let left = store.shelf(&net, "talk", Version::default(), 999).await.unwrap();
    assert_eq!((left.len(), left[0].key.as_str()), (500, "line 1"));
    store.scrub().await.unwrap();
    assert_eq!(traces(folder.path()), Vec::<PathBuf>::new());
    assert!(holds(folder.path(), "line 500"), "what is kept is still there");
}

#[tokio::test]
async fn a_scrub_says_when_somebody_reads_and_succeeds_afterwards() {
    use sqlx::{ConnectOptions, Connection};
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let commit = Commit { save: vec![person(CANARY, 10)], ..Commit::default() };
    store.commit(at(0), &commit).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).read_only(true);
    let mut reader = options.connect().await.unwrap();
    let mut reading = reader.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM rows").fetch_one(&mut *reading).await.unwrap();

    let commit = Commit { forget: vec![RowKey::Person(who(CANARY))], ..Commit::default() };
    store.commit(at(1), &commit).await.unwrap();
    let error = store.scrub().await.unwrap_err();
    assert!(matches!(error, contract::StoreError::Unavailable { .. }), "{error:?}");
    store.commit(at(2), &Commit::default()).await.unwrap();
    reading.rollback().await.unwrap();
    store.scrub().await.unwrap();
    assert_eq!(traces(folder.path()), Vec::<PathBuf>::new());
}

/// Fills every table: each person has rows that are saved again and again at different lengths, so
/// that SQLite moves them about, and messages that wait, were tried, said and changed.
async fn live(store: &SqliteStore) {
    let mut send = 0;
    for round in 0..ROUNDS {
        for n in 1..=PEOPLE {
            let name = name(n);
            let words = format!("{name} says {}", name.repeat(length(n, round)));
            let raw = format!("{words} raw").into_bytes();
            let line = keepsake(&direct(&name).id, &format!("{name} line {}", round % 4), &words);
            let arrival =
                Arrival { keepsake: Some(line), ..Arrival::new(format!("key {n} {round}"), raw) };
            store.accept(at(0), &network("net"), &[arrival], None).await.unwrap();
            let mut sendings = Vec::new();
            for to in [direct(&name), room("hall"), room("desk")] {
                send += 1;
                let only_for = (to == room("hall")).then(|| name.clone());
                let case = (to == room("desk")).then_some(CaseId(n));
                let reply = reply(&words);
                sendings.push(Sending { reply, only_for, case, ..changeable(send, to, 100) });
            }
            let commit = Commit {
                save: vec![
                    person(&name, 100),
                    conversation(&name, direct(&name), &words, 100),
                    conversation(&name, room("hall"), &words, 100),
                    case(n, &name, &words, None),
                ],
                send: sendings,
                change: vec![(SendId(send - 1), reply(&format!("{words} again")))],
                ..Commit::default()
            };
            store.commit(at(0), &commit).await.unwrap();
        }
        let sheets: Vec<Keepsake> = (1..=PEOPLE).map(|n| sheet(n, round)).collect();
        store.keep(&network("net"), &sheets).await.unwrap();
        let due = store.due(at(9), &[], 40).await.unwrap();
        let states: Vec<_> = due.iter().map(|item| (item.sending.send, outcome(item))).collect();
        store.settle(at(9), &states).await.unwrap();
    }
    // What waits in the inbox is not known by person: the driver handles it before it forgets.
    handle_all(store).await;
}

/// What a desk without a memory of its own keeps of a person's case.
fn sheet(n: u32, round: u32) -> Keepsake {
    let words = format!("{} asks {}", name(n), name(n).repeat(length(n, round)));
    Keepsake { cases: vec![CaseId(n)], ..keepsake("desk", &format!("case of {}", name(n)), &words) }
}

fn outcome(item: &contract::OutboxItem) -> OutboxState {
    match item.sending.send.0 % 3 {
        0 => OutboxState::Later { at: at(10), uncertain: true },
        1 => OutboxState::Said(sent(&format!("mark of {}", item.sending.to))),
        _ => OutboxState::Dropped,
    }
}

/// A name that only the forgotten have, or one that stays.
fn name(n: u32) -> String {
    if n.is_multiple_of(2) { format!("{CANARY}-{n}") } else { format!("kept-{n}") }
}

/// From a few bytes to several pages, another one each time.
fn length(n: u32, round: u32) -> usize {
    let step = n.wrapping_mul(2_654_435_761).wrapping_add(round.wrapping_mul(40_503)) >> 7;
    [1, 9, 60, 200, 900][step as usize % 5]
}

async fn forget_people(store: &SqliteStore) {
    for n in (2..=PEOPLE).step_by(2) {
        let name = name(n);
        let erasure = Erasure {
            person: who(&name),
            places: vec![direct(&name)],
            users: vec![address(&name)],
            cases: vec![CaseId(n)],
        };
        let commit = Commit { forget_people: vec![erasure], ..Commit::default() };
        store.commit(at(20), &commit).await.unwrap();
    }
}

async fn handle_all(store: &SqliteStore) {
    let items = store.inbox(InboxId::default(), usize::MAX).await.unwrap();
    let handled = items.iter().map(|item| item.id).collect();
    let commit = Commit { handled, keys_until: Some(at(50)), ..Commit::default() };
    store.commit(at(5), &commit).await.unwrap();
}

/// The files of a folder in which a canary is.
fn traces(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| contains(file, CANARY)).collect()
}

fn holds(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|file| contains(&file.unwrap().path(), text))
}

fn contains(file: &Path, text: &str) -> bool {
    std::fs::read(file).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes())
}
