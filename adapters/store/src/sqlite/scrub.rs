//! Wiping what was deleted.

use super::failure::Failure;
use super::write::Write;
use contract::StoreError;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::io;

/// How often the journal is asked to be emptied; each time it waits for readers as long as any
/// connection waits for another.
const TRUNCATE_TRIES: u32 = 4;

/// Writes the whole file anew, then empties the journal into it.
///
/// `secure_delete` overwrites what is deleted, but not the copies that stay behind when SQLite
/// moves rows from page to page; only a file that is written anew has none.
pub(super) async fn scrub(write: Write<'_>) -> Result<(), StoreError> {
    let operation = write.operation();
    let mut writer = write.finish_and_keep().await?;
    let connection = writer.connection();
    sqlx::query("VACUUM").execute(&mut *connection).await.during(operation)?;
    for _ in 0..TRUNCATE_TRIES {
        if emptied(connection).await.during(operation)? {
            return Ok(());
        }
    }
    let source = io::Error::from(io::ErrorKind::ResourceBusy);
    Err(StoreError::Unavailable { operation, source: Box::new(source) })
}

/// Empties the journal; `false` if somebody was still reading from it.
async fn emptied(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}
