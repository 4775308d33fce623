//! Every store keeps every promise.

#![expect(clippy::unwrap_used, reason = "what these take for granted is not what they test")]

use contract::{Store, StoreError};
use std::path::PathBuf;
use store::suite::{self, CHECKS, Library};
use store::{MemoryStore, SqliteStore};
use tempfile::TempDir;

struct OnDisk(TempDir);

#[async_trait::async_trait]
impl Library for OnDisk {
    async fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(SqliteStore::open(&self.0.path().join("store.db")).await?))
    }

    fn free_file(&self) -> PathBuf {
        self.0.path().join("backup.db")
    }
}

struct InMemory(MemoryStore, TempDir);

#[async_trait::async_trait]
impl Library for InMemory {
    async fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(self.0.open_again()))
    }

    fn free_file(&self) -> PathBuf {
        self.1.path().join("backup.txt")
    }
}

fn folder() -> TempDir {
    TempDir::new().unwrap()
}

#[tokio::test]
async fn the_store_in_sqlite_keeps_its_promises() {
    assert_eq!(suite::run(|| OnDisk(folder())).await, []);
}

#[tokio::test]
async fn the_store_in_memory_keeps_its_promises() {
    assert_eq!(suite::run(|| InMemory(MemoryStore::new(), folder())).await, []);
}

#[test]
fn each_promise_has_a_name_of_its_own() {
    let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CHECKS.len());
}
