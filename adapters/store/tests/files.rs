//! Backups, putting one back, and the look that `doctor` takes.

#![expect(clippy::unwrap_used, reason = "what these take for granted is not what they test")]

use contract::{Arrival, Commit, Epoch, OutboxState, Store, StoreError, Version};
use std::path::{Path, PathBuf};
use store::SqliteStore;
use store::suite::sample::{
    at, case, changeable, counters, keepsake, network, person, room, sending, sent,
};
use tempfile::TempDir;

#[tokio::test]
async fn a_backup_made_while_in_use_can_be_opened() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    let store = filled(&path, 1).await;
    store.backup(&copy).await.unwrap();
    store.commit(at(9), &numbered(2)).await.unwrap();
    assert_eq!(names(folder.path()), ["copy.db", "store.db", "store.db-shm", "store.db-wal"]);
    let copied = SqliteStore::open(&copy).await.unwrap();
    assert_eq!(copied.live_rows().await.unwrap()[1], counters(1));
    assert_eq!(copied.due(at(9), &[], 9).await.unwrap().len(), 1);
    assert_eq!(on_shelf(&copied).await, ["hello"]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let store = filled(&folder.path().join("store.db"), 1).await;
    store.backup(&folder.path().join("copy.db")).await.unwrap();
    for name in names(folder.path()) {
        let mode = std::fs::metadata(folder.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = filled(&path, 1).await;
    let error = store.backup(&path).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(store.backup(&folder.path().join("no/copy.db")).await.is_err());
    store.close().await.unwrap();
    assert_eq!(names(folder.path()), ["store.db"]);
    let (none, copy) = (folder.path().join("none.db"), folder.path().join("copy.db"));
    assert!(store::backup(&none, &copy).await.is_err());
    assert_eq!(names(folder.path()), ["store.db"]);
}

#[tokio::test]
async fn what_was_backed_up_is_put_back() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    let store = filled(&path, 1).await;
    store.backup(&copy).await.unwrap();
    store.commit(at(9), &numbered(2)).await.unwrap();
    store.close().await.unwrap();
    store::restore(&copy, &path).await.unwrap();
    assert_eq!(names(folder.path()), ["copy.db", "store.db"]);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.live_rows().await.unwrap()[1], counters(1));
    store.commit(at(9), &numbered(3)).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_put_where_there_was_nothing() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    filled(&path, 1).await.backup(&copy).await.unwrap();
    let fresh = folder.path().join("fresh.db");
    store::restore(&copy, &fresh).await.unwrap();
    assert_eq!(store::check(&fresh).await.unwrap().cases, 2);
}

#[tokio::test]
async fn a_backup_of_an_older_store_is_put_back_and_goes_on() {
    use sqlx::ConnectOptions;
    let folder = TempDir::new().unwrap();
    // As it was when there were no shelves.
    let migrations = folder.path().join("migrations");
    std::fs::create_dir(&migrations).unwrap();
    let first = "migrations/0001_library.sql";
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(first);
    std::fs::copy(kept, folder.path().join(first)).unwrap();
    let old = folder.path().join("old.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&old).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    let migrator = sqlx::migrate::Migrator::new(migrations.as_path()).await.unwrap();
    migrator.run_direct(None, &mut connection, false).await.unwrap();
    sqlx::query("UPDATE meta SET epoch = 7").execute(&mut connection).await.unwrap();
    drop(connection);

    assert_eq!(store::check(&old).await.unwrap().version, 1);
    let path = folder.path().join("store.db");
    store::restore(&old, &path).await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.epoch(), Epoch(8));
    store.keep(&network("net"), &[keepsake("talk", "line", "hello")]).await.unwrap();
    assert_eq!(on_shelf(&store).await, ["hello"]);
}

#[tokio::test]
async fn a_journal_that_was_left_behind_does_not_reach_what_is_put_back() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    let store = filled(&path, 1).await;
    store.backup(&copy).await.unwrap();
    store.commit(at(9), &numbered(2)).await.unwrap();
    // As a program leaves it that was killed.
    let killed = TempDir::new().unwrap();
    for name in ["store.db", "store.db-wal"] {
        std::fs::copy(folder.path().join(name), killed.path().join(name)).unwrap();
    }
    let path = killed.path().join("store.db");
    store::restore(&copy, &path).await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.live_rows().await.unwrap()[1], counters(1));
}

#[tokio::test]
async fn a_store_that_is_damaged_is_replaced() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    let store = filled(&path, 1).await;
    store.backup(&copy).await.unwrap();
    store.close().await.unwrap();
    std::fs::write(&path, "not a store at all ".repeat(999)).unwrap();
    std::fs::write(folder.path().join("store.db-wal"), "nor this").unwrap();
    store::restore(&copy, &path).await.unwrap();
    assert_eq!(names(folder.path()), ["copy.db", "store.db"]);
    assert_eq!(store::check(&path).await.unwrap().cases, 2);
}

#[tokio::test]
async fn a_store_in_use_is_not_replaced() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    let store = filled(&path, 1).await;
    store.backup(&copy).await.unwrap();
    store.commit(at(9), &numbered(2)).await.unwrap();
    let error = store::restore(&copy, &path).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    store.commit(at(9), &numbered(3)).await.unwrap();
    assert_eq!(store.live_rows().await.unwrap()[1], counters(3));
    store.close().await.unwrap();
    assert_eq!(names(folder.path()), ["copy.db", "store.db"]);
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_the_store_is_as_it_was() {
    let folder = TempDir::new().unwrap();
    let (path, copy) = (folder.path().join("store.db"), folder.path().join("copy.db"));
    let store = filled(&path, 1).await;
    store.backup(&copy).await.unwrap();
    store.close().await.unwrap();
    let good = std::fs::read(&copy).unwrap();
    let mut bent = good.clone();
    bent[good.len() / 2..].fill(0x5A);
    let half = good[..good.len() / 2].to_vec();
    for (what, bytes) in
        [("empty", Vec::new()), ("text", vec![b'x'; 9000]), ("bent", bent), ("half", half)]
    {
        let bad = folder.path().join("bad.db");
        std::fs::write(&bad, bytes).unwrap();
        let error = store::restore(&bad, &path).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error:?}");
        std::fs::remove_file(&bad).unwrap();
        assert_eq!(names(folder.path()), ["copy.db", "store.db"], "{what}");
    }
    assert!(store::restore(&folder.path().join("none.db"), &path).await.is_err());
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.live_rows().await.unwrap()[1], counters(1));
}

#[tokio::test]
async fn a_look_counts_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = filled(&path, 1).await;
    let found = store::check(&path).await.unwrap();
    assert_eq!(found.epoch, Epoch(1));
    assert_eq!((found.arrivals_waiting, found.messages_waiting, found.marks), (1, 1, 1));
    assert_eq!((found.cases_open, found.cases, found.people), (1, 2, 1));
    assert!(found.version >= 1 && found.bytes >= 4096, "{found:?}");
    store.commit(at(9), &numbered(2)).await.unwrap();
    store.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();
    store::check(&path).await.unwrap();
    assert_eq!(before, std::fs::read(&path).unwrap());
}

/// A store with something of everything; the counters say `number`.
async fn filled(path: &Path, number: u64) -> SqliteStore {
    let store = SqliteStore::open(path).await.unwrap();
    let keepsake = Some(keepsake("talk", "line", "hello"));
    let arrival = Arrival { keepsake, ..Arrival::new("key", "hello") };
    store.accept(at(0), &network("net"), &[arrival], None).await.unwrap();
    let commit = Commit {
        save: vec![
            counters(number),
            person("ben", 10),
            case(1, "ben", "why?", None),
            case(2, "ben", "when?", Some(10)),
        ],
        send: vec![sending(1, room("hall")), changeable(2, room("desk"), 10)],
        ..Commit::default()
    };
    store.commit(at(0), &commit).await.unwrap();
    let said = OutboxState::Said(sent("m"));
    store.settle(at(1), &[(bot::SendId(2), said)]).await.unwrap();
    store
}

async fn on_shelf(store: &SqliteStore) -> Vec<String> {
    let found = store.shelf(&network("net"), "talk", Version::default(), 9).await.unwrap();
    found.into_iter().map(|one| String::from_utf8(one.value).unwrap()).collect()
}

fn numbered(number: u64) -> Commit {
    Commit { save: vec![counters(number)], ..Commit::default() }
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = files.map(name).collect();
    names.sort();
    names
}
