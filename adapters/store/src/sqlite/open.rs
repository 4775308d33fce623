//! Opening: the file, its settings, its migrations, its epoch.

use super::SqliteStore;
use super::failure::{Failure, io};
use super::write::Writer;
use contract::{Epoch, StoreError};
use sqlx::ConnectOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;

/// How the tables came to be; every step is kept, so that any older store can be opened.
pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The form of the JSON in the tables. It rises when this program could not read what it wrote
/// before; a store of a higher one is too new.
pub(super) const FORMAT: i64 = 1;

/// How long a connection waits for another one: far longer than any transaction takes, short
/// enough that a patron still waits.
const BUSY: Duration = Duration::from_secs(5);

/// How many connections read: one for the driver's rounds and one for what is due.
const READERS: u32 = 2;

/// What a page takes; SQLite's own default, named because the largest size is counted in pages.
const PAGE: u32 = 4096;

const OPENS: &str = "opens";

pub(super) async fn open(path: &Path, at_most: Option<u64>) -> Result<SqliteStore, StoreError> {
    make(path).map_err(|error| io(OPENS, error))?;
    let mut writing = writing(path);
    if let Some(bytes) = at_most {
        writing = writing.pragma("max_page_count", (bytes / u64::from(PAGE)).max(1).to_string());
    }
    let mut connection = writing.connect().await.during(OPENS)?;
    migrate(&mut connection).await?;
    let epoch = take_epoch(&mut connection).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .min_connections(0)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(reading(path));
    let writer = Mutex::new(Writer::new(connection));
    Ok(SqliteStore { path: path.to_owned(), epoch, writer, readers })
}

/// The settings of a connection that only reads an existing store.
pub(super) fn reading(path: &Path) -> SqliteConnectOptions {
    common(path).read_only(true)
}

/// The settings of a connection that writes. Deleted content is overwritten, and what SQLite puts
/// aside while it works stays in memory: nothing that was forgotten may lie in another file.
pub(super) fn writing(path: &Path) -> SqliteConnectOptions {
    common(path)
        .page_size(PAGE)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "ON")
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(BUSY)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

/// Makes the file, so that it is its owner's alone from the first byte; SQLite gives the files
/// beside it the same mode.
fn make(path: &Path) -> std::io::Result<()> {
    match private().open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// A new file that only its owner can read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    // Migrations come first: if the store is newer, not even its `meta` may be understood.
    match MIGRATIONS.run_direct(None, &mut *connection, false).await {
        Ok(()) => {}
        Err(MigrateError::VersionMissing(_)) => return Err(StoreError::TooNew),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            return Err(error).during(OPENS);
        }
        Err(error) => return Err(StoreError::Damaged { what: error.to_string() }),
    }
    let format: i64 =
        sqlx::query_scalar("SELECT format FROM meta").fetch_one(connection).await.during(OPENS)?;
    if format > FORMAT { Err(StoreError::TooNew) } else { Ok(()) }
}

/// Takes the next epoch; a statement by itself is a transaction.
async fn take_epoch(connection: &mut SqliteConnection) -> Result<Epoch, StoreError> {
    let query = "UPDATE meta SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch";
    let epoch: i64 = sqlx::query_scalar(query).fetch_one(connection).await.during(OPENS)?;
    Ok(Epoch(epoch.cast_unsigned()))
}
