//! A full disk, a damaged file and other mishaps: an error that says what to do, nothing half done,
//! and the store goes on.

#![expect(clippy::unwrap_used, reason = "what these take for granted is not what they test")]

use bot::{Row, RowKey, Wanted};
use contract::{Arrival, Commit, InboxId, Store, StoreError, Version};
use std::path::Path;
use store::suite::sample::{at, case, counters, keepsake, network, person, room, sending, who};
use store::{MemoryStore, SqliteStore};
use tempfile::TempDir;

/// Room for the tables and a little more.
const SMALL: u64 = 256 * 1024;

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_left_behind() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open_at_most(&path, SMALL).await.unwrap();
    store.commit(at(0), &save(vec![counters(1), person("ben", 10)])).await.unwrap();

    let big = "words ".repeat(100_000);
    let commit = Commit {
        forget: vec![RowKey::Counters],
        save: vec![case(1, "ben", &big, None)],
        send: vec![sending(1, room("hall"))],
        ..Commit::default()
    };
    let arrival = Arrival::new("key", big.clone().into_bytes());
    let line = keepsake("talk", "line", "words");
    let keepsakes = [line.clone(), keepsake("talk", "long", &big)];
    for _ in 0..3 {
        let full = store.commit(at(1), &commit).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        let full = store.keep(&network("net"), &keepsakes).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
        let batch = [Arrival { keepsake: Some(line.clone()), ..arrival.clone() }];
        let cursor = "9".to_owned();
        let full = store.accept(at(1), &network("net"), &batch, Some(&cursor)).await;
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    }
    assert_eq!(store.live_rows().await.unwrap(), [counters(1)]);
    assert_eq!(store.cursor(&network("net")).await.unwrap(), None);
    assert_eq!(store.next_due(&[]).await.unwrap(), None);
    assert_eq!(store.inbox(InboxId::default(), 9).await.unwrap(), []);
    let shelf = store.shelf(&network("net"), "talk", Version::default(), 9).await.unwrap();
    assert_eq!(shelf, []);

    // What still fits is kept, and after a restart with more room everything is.
    store.commit(at(2), &save(vec![counters(2)])).await.unwrap();
    drop(store);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.live_rows().await.unwrap(), [counters(2)]);
    store.commit(at(3), &commit).await.unwrap();
    assert_eq!(store.due(at(3), &[], 9).await.unwrap().len(), 1);
    store.keep(&network("net"), &keepsakes).await.unwrap();
    let shelf = store.shelf(&network("net"), "talk", Version::default(), 9).await.unwrap();
    assert_eq!(shelf.len(), 2);
}

#[tokio::test]
async fn a_disk_that_fills_up_bit_by_bit_keeps_what_was_committed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open_at_most(&path, SMALL).await.unwrap();
    let mut kept = 0;
    while store.commit(at(0), &save(vec![numbered(kept + 1)])).await.is_ok() {
        kept += 1;
    }
    assert!(kept > 10, "{kept} fitted");
    let rows = store.rows(&[Wanted::OfPerson(who("ben"))]).await.unwrap();
    assert_eq!(rows.len(), kept as usize);
    // Room is made by forgetting, and is used again.
    let forget = (1..=5).map(|number| numbered(number).key()).collect();
    store.commit(at(1), &Commit { forget, ..Commit::default() }).await.unwrap();
    store.commit(at(2), &save(vec![numbered(kept + 1)])).await.unwrap();
    store.scrub().await.unwrap();
}

#[tokio::test]
async fn a_future_that_is_dropped_in_the_middle_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).await.unwrap();
    // However far it came before it was dropped: it is there whole or not at all.
    for polls in 1..12 {
        let commit =
            Commit { send: vec![sending(polls, room("hall"))], ..save(vec![counters(polls)]) };
        {
            let mut doing = std::pin::pin!(store.commit(at(0), &commit));
            for _ in 0..polls {
                tokio::select! { biased; _ = &mut doing => break, () = tokio::task::yield_now() => {} }
            }
        }
        store.commit(at(0), &save(vec![person("ben", 10)])).await.unwrap();
        let rows = store.live_rows().await.unwrap();
        let sent = store.due(at(0), &[], 1).await.unwrap().len();
        assert_eq!(rows.len(), sent, "after {polls} polls");
        store
            .commit(
                at(0),
                &Commit {
                    unsend: vec![bot::SendId(polls)],
                    forget: vec![RowKey::Counters],
                    ..Commit::default()
                },
            )
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_no_store_is_named_as_damaged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, "this is not a store. ".repeat(500)).unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("file is not a database"), "{error}");
}

#[tokio::test]
async fn pages_that_were_overwritten_are_named_as_damaged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let rows = (1..200).map(numbered).collect();
    store.commit(at(0), &save(rows)).await.unwrap();
    store.close().await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8192..].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let error = match SqliteStore::open(&path).await {
        Ok(store) => store.rows(&[Wanted::OfPerson(who("ben"))]).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    let error = store::check(&path).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named_as_unreachable() {
    let folder = TempDir::new().unwrap();
    let error = SqliteStore::open(&folder.path().join("no/store.db")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { operation: "opens", .. }), "{error:?}");
    let error = store::check(&folder.path().join("store.db")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(!folder.path().join("store.db").exists(), "looking makes nothing");
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_not_touched() {
    for change in [
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
        "UPDATE meta SET format = 9",
    ] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("store.db");
        SqliteStore::open(&path).await.unwrap().close().await.unwrap();
        by_hand(&path, change).await;
        let error = SqliteStore::open(&path).await.unwrap_err();
        assert!(matches!(error, StoreError::TooNew), "{error:?}");
        let error = store::check(&path).await.unwrap_err();
        assert!(matches!(error, StoreError::TooNew), "{error:?}");
        let error = store::restore(&path, &folder.path().join("other.db")).await.unwrap_err();
        assert!(matches!(error, StoreError::TooNew), "{error:?}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_without_its_words() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.commit(at(0), &save(vec![person("ben", 10)])).await.unwrap();
    by_hand(&path, "UPDATE rows SET body = '{\"Secret\": 1}'").await;
    let error = store.rows(&[Wanted::OfPerson(who("ben"))]).await.unwrap_err();
    assert!(error.to_string().contains("a row of kind person cannot be read"), "{error}");
    assert!(!error.to_string().contains("ben"), "{error}");
}

#[tokio::test]
async fn the_store_in_memory_fails_when_it_is_told_to() {
    let store = MemoryStore::new();
    store.commit(at(0), &save(vec![counters(1)])).await.unwrap();
    store.fail_next(StoreError::Full);
    let failed = store.commit(at(1), &save(vec![counters(2)])).await;
    assert!(matches!(failed, Err(StoreError::Full)), "{failed:?}");
    assert_eq!(store.live_rows().await.unwrap(), [counters(1)]);
    store.commit(at(1), &save(vec![counters(2)])).await.unwrap();
    assert_eq!(store.open_again().live_rows().await.unwrap(), [counters(2)]);
}

fn save(save: Vec<Row>) -> Commit {
    Commit { save, ..Commit::default() }
}

/// A case of three thousand characters.
fn numbered(number: u32) -> Row {
    case(number, "ben", &"why? ".repeat(600), None)
}

/// Changes a store as nobody should.
async fn by_hand(path: &Path, statement: &'static str) {
    use sqlx::ConnectOptions;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = options.connect().await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
}
