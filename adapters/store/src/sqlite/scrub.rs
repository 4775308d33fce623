//! Wiping what was deleted.

use super::SqliteStore;
use super::failure::Failure;
use super::open::writing;
use contract::StoreError;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, Row};
use std::io;
use std::time::Duration;

/// How often the journal is asked to be emptied while somebody reads from it: a backup of a large
/// store takes seconds.
const TRUNCATE_TRIES: u32 = 20;
/// How long each of these tries waits for readers. Nothing is written meanwhile, so it is short.
const TRUNCATE_WAIT: Duration = Duration::from_millis(100);
/// How long others can write between two tries.
const TRUNCATE_PAUSE: Duration = Duration::from_millis(50);

const WIPES: &str = "wipes what was deleted";

impl SqliteStore {
    /// Writes the whole file anew, then empties the journal into it.
    ///
    /// `secure_delete` overwrites what is deleted, but not the copies that stay behind when SQLite
    /// moves rows from page to page; only a file that is written anew has none.
    pub(super) async fn wipe(&self) -> Result<(), StoreError> {
        let mut write = self.begin(WIPES).await?;
        let state =
            sqlx::query("SELECT unwiped, EXISTS (SELECT 1 FROM outbox WHERE waits = 1) FROM meta");
        let state = write.fetch(state).await?;
        let number = |column: usize| state.first().map(|row| row.try_get::<i64, _>(column));
        let unwiped = number(0).transpose().during(WIPES)?;
        let waits = number(1).transpose().during(WIPES)? != Some(0);
        let mut writer = write.finish_and_keep().await?;
        sqlx::query("VACUUM").execute(writer.connection()).await.during(WIPES)?;
        drop(writer);
        // A connection of its own, because it has less patience.
        let options = writing(&self.path).busy_timeout(TRUNCATE_WAIT);
        let mut connection = options.connect().await.during(WIPES)?;
        let emptied = self.empty_journal(&mut connection).await;
        // All is on disk: there is nothing that closing could lose.
        let _ = connection.close().await;
        emptied?;
        if waits {
            return Ok(());
        }
        let mut write = self.begin(WIPES).await?;
        // Unless something has been forgotten meanwhile.
        let query = sqlx::query("UPDATE meta SET unwiped = 0 WHERE unwiped = ?1").bind(unwiped);
        write.run(query).await?;
        write.finish().await
    }

    async fn empty_journal(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        for _ in 0..TRUNCATE_TRIES {
            {
                let _nobody_writes = self.writer.lock().await;
                if emptied(connection).await.during(WIPES)? {
                    return Ok(());
                }
            }
            tokio::time::sleep(TRUNCATE_PAUSE).await;
        }
        let source = io::Error::new(io::ErrorKind::ResourceBusy, "somebody is reading from it");
        Err(StoreError::Unavailable { operation: WIPES, source: Box::new(source) })
    }
}

/// Empties the journal; `false` if somebody was still reading from it.
async fn emptied(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}
