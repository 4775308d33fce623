//! The store as a file: checked, copied, put back.

use super::failure::{Failure, io};
use super::open::{FORMAT, MIGRATIONS, private, reading, writing};
use contract::{Epoch, StoreError};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, Row};
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// How a store is, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The number of its last migration.
    pub version: i64,
    /// Who opened it last.
    pub epoch: Epoch,
    /// Arrivals that are not handled yet.
    pub arrivals_waiting: u64,
    /// Messages that wait to be said or changed.
    pub messages_waiting: u64,
    /// Marks of messages that were said and can still be changed.
    pub marks: u64,
    /// Cases that are not closed.
    pub cases_open: u64,
    /// All cases.
    pub cases: u64,
    /// People.
    pub people: u64,
    /// The size of its file, without the journal.
    pub bytes: u64,
}

/// Looks a store or a backup over, without changing it and without taking its epoch; while it is
/// in use, too.
///
/// # Errors
/// [`StoreError::Damaged`] with what is wrong, [`StoreError::TooNew`], or
/// [`StoreError::Unavailable`] if there is no such file or it cannot be read.
pub async fn check(path: &Path) -> Result<Condition, StoreError> {
    const CHECKS: &str = "is checked";
    exists(path, CHECKS)?;
    let mut connection = reading(path).connect().await.during(CHECKS)?;
    let condition = look_over(&mut connection, CHECKS).await;
    // It was only read: there is nothing that closing could lose.
    let _ = connection.close().await;
    condition
}

/// Writes a whole and consistent copy of the store to `to`, while it is in use; only its owner can
/// read it. Nothing is at `to` before the copy is complete.
///
/// # Errors
/// [`StoreError::Unavailable`] if `to` exists or cannot be written, [`StoreError::Full`],
/// [`StoreError::Damaged`] if the store cannot be read.
pub async fn backup(store: &Path, to: &Path) -> Result<(), StoreError> {
    const COPIES: &str = "is copied";
    if to.symlink_metadata().is_ok() {
        return Err(io(COPIES, Error::new(ErrorKind::AlreadyExists, "there is a file already")));
    }
    exists(store, COPIES)?;
    let part = beside(to, ".part");
    let copied = copy(store, &part, COPIES).await;
    let placed = copied.and_then(|()| place(&part, to).map_err(|error| io(COPIES, error)));
    if placed.is_err() {
        // A half copy is of no use to anybody; that it could not be made is what matters.
        let _ = std::fs::remove_file(&part);
    }
    placed
}

/// Puts a backup in the place of the store at `into`, or where there is none yet. Everything is
/// checked before the store is touched, and it is whole at every moment, the old one or the new.
///
/// # Errors
/// [`StoreError::Damaged`] or [`StoreError::TooNew`] if the backup cannot be used,
/// [`StoreError::Unavailable`] if another program has the store open or a file cannot be moved,
/// [`StoreError::Full`]. The store is then what it was.
pub async fn restore(backup: &Path, into: &Path) -> Result<(), StoreError> {
    const RESTORES: &str = "is restored";
    check(backup).await?;
    let part = beside(into, ".restoring");
    let aside = beside(into, ".before-restore");
    let copied = async {
        copy(backup, &part, RESTORES).await?;
        check(&part).await?;
        if into.exists() {
            seclude(into, &aside, RESTORES).await?;
        }
        std::fs::rename(&part, into)
            .and_then(|()| flush_folder(into))
            .map_err(|error| io(RESTORES, error))
    };
    let restored = copied.await;
    if restored.is_ok() {
        for end in ["", "-wal", "-shm"] {
            remove(&beside(&aside, end)).map_err(|error| io(RESTORES, error))?;
        }
    } else {
        // The half copy is of no use; what failed before is what matters.
        let _ = std::fs::remove_file(&part);
    }
    restored
}

/// Copies a store into a new file, without what was deleted from it, and down to the disk.
async fn copy(store: &Path, to: &Path, operation: &'static str) -> Result<(), StoreError> {
    // A half copy of an earlier try may lie there.
    remove(to).and_then(|()| private().open(to)).map_err(|error| io(operation, error))?;
    let name = to.to_str().ok_or_else(|| {
        io(operation, Error::new(ErrorKind::InvalidInput, "the file's name is not Unicode"))
    })?;
    let mut connection = reading(store).connect().await.during(operation)?;
    let copied =
        sqlx::query("VACUUM INTO ?1").bind(name).execute(&mut connection).await.during(operation);
    // It was only read: there is nothing that closing could lose.
    let _ = connection.close().await;
    copied?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| io(operation, error))
}

/// Moves a complete copy to its name, which nothing has.
fn place(part: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(part, to) {
        Ok(()) => std::fs::remove_file(part)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
        // Not every file system of a memory stick knows links.
        Err(_) => std::fs::rename(part, to)?,
    }
    flush_folder(to)
}

/// Gets the store ready to be replaced: nobody else has it open, its journal is in its file, and a
/// second name keeps it. A store that is too damaged for that keeps its journal beside that name.
async fn seclude(store: &Path, aside: &Path, operation: &'static str) -> Result<(), StoreError> {
    match fold(store, operation).await {
        Ok(()) => {}
        Err(StoreError::Damaged { .. }) => {
            for end in ["-wal", "-shm"] {
                // It may not be there, and go while this looks: whoever closes last takes it away.
                match std::fs::rename(beside(store, end), beside(aside, end)) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(io(operation, error));
                    }
                    Ok(()) | Err(_) => {}
                }
            }
        }
        Err(error) => return Err(error),
    }
    remove(aside)
        .and_then(|()| std::fs::hard_link(store, aside).or_else(|_| copy_file(store, aside)))
        .map_err(|error| io(operation, error))
}

/// Brings the journal into the file and does away with it, which SQLite does only for somebody who
/// is alone.
async fn fold(store: &Path, operation: &'static str) -> Result<(), StoreError> {
    let mut connection = writing(store).connect().await.during(operation)?;
    let folded = sqlx::query("PRAGMA journal_mode = DELETE")
        .fetch_one(&mut connection)
        .await
        .and_then(|row| row.try_get::<String, _>(0))
        .during(operation);
    connection.close().await.during(operation)?;
    if folded? == "delete" {
        return Ok(());
    }
    let source = Error::new(ErrorKind::ResourceBusy, "another program has it open");
    Err(io(operation, source))
}

async fn look_over(
    connection: &mut SqliteConnection,
    operation: &'static str,
) -> Result<Condition, StoreError> {
    let version: i64 = number(
        connection,
        "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success",
        operation,
    )
    .await?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if version > known || number(connection, "SELECT format FROM meta", operation).await? > FORMAT {
        return Err(StoreError::TooNew);
    }
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check(5)")
        .fetch_all(&mut *connection)
        .await
        .during(operation)?;
    if found != ["ok"] {
        return Err(StoreError::Damaged { what: found.join("; ") });
    }
    let row = sqlx::query(
        "SELECT (SELECT epoch FROM meta),
                (SELECT count(*) FROM inbox WHERE handled = 0),
                (SELECT count(*) FROM outbox WHERE waits = 1),
                (SELECT count(*) FROM outbox WHERE waits = 0),
                (SELECT count(*) FROM rows WHERE live = 1 AND kind = 'case'),
                (SELECT count(*) FROM rows WHERE kind = 'case'),
                (SELECT count(*) FROM rows WHERE kind = 'person'),
                (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)",
    )
    .fetch_one(&mut *connection)
    .await
    .during(operation)?;
    let count = |at: usize| row.try_get::<i64, _>(at).map(i64::cast_unsigned).during(operation);
    Ok(Condition {
        version,
        epoch: Epoch(count(0)?),
        arrivals_waiting: count(1)?,
        messages_waiting: count(2)?,
        marks: count(3)?,
        cases_open: count(4)?,
        cases: count(5)?,
        people: count(6)?,
        bytes: count(7)?,
    })
}

async fn number(
    connection: &mut SqliteConnection,
    query: &'static str,
    operation: &'static str,
) -> Result<i64, StoreError> {
    sqlx::query_scalar(query).fetch_one(connection).await.during(operation)
}

fn exists(path: &Path, operation: &'static str) -> Result<(), StoreError> {
    std::fs::metadata(path).map(drop).map_err(|error| io(operation, error))
}

/// The path with something added to its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut file = private().open(to)?;
    std::io::copy(&mut File::open(from)?, &mut file)?;
    file.sync_all()
}

/// Makes a new name in a folder last.
fn flush_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
