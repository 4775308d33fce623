//! What is read without a transaction that writes.

use super::failure::{Failure, unreadable};
use crate::times::time;
use bot::{Network, Place, Row as CoreRow, Wanted};
use contract::{Cursor, InboxId, InboxItem, StoreError};
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};

pub(super) async fn cursor(
    readers: &SqlitePool,
    network: &Network,
) -> Result<Option<Cursor>, StoreError> {
    const READS: &str = "reads a cursor";
    let row = sqlx::query("SELECT cursor FROM cursors WHERE network = ?1")
        .bind(&network.0)
        .fetch_optional(readers)
        .await
        .during(READS)?;
    row.map(|row| row.try_get(0).during(READS)).transpose()
}

pub(super) async fn unwiped(readers: &SqlitePool) -> Result<bool, StoreError> {
    const READS: &str = "reads whether all is wiped";
    let count: i64 =
        sqlx::query_scalar("SELECT unwiped FROM meta").fetch_one(readers).await.during(READS)?;
    Ok(count > 0)
}

pub(super) async fn inbox(
    readers: &SqlitePool,
    after: InboxId,
    limit: usize,
) -> Result<Vec<InboxItem>, StoreError> {
    const READS: &str = "reads the inbox";
    let rows = sqlx::query(
        "SELECT id, network, raw, at FROM inbox
         WHERE handled = 0 AND id > ?1 ORDER BY id LIMIT ?2",
    )
    .bind(after.0)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(readers)
    .await
    .during(READS)?;
    rows.iter().map(|row| item(row, READS)).collect()
}

/// An arrival with the columns `id, network, raw, at`.
pub(super) fn item(row: &SqliteRow, operation: &'static str) -> Result<InboxItem, StoreError> {
    Ok(InboxItem {
        id: InboxId(row.try_get(0).during(operation)?),
        network: Network(row.try_get(1).during(operation)?),
        raw: row.try_get(2).during(operation)?,
        at: time(row.try_get(3).during(operation)?)
            .map_err(|error| unreadable("a time in the inbox", error))?,
    })
}

pub(super) async fn live_rows(readers: &SqlitePool) -> Result<Vec<CoreRow>, StoreError> {
    let rows = sqlx::query("SELECT kind, body FROM rows WHERE live = 1 ORDER BY kind, key")
        .fetch_all(readers)
        .await
        .during("reads what is open")?;
    rows.iter().map(body).collect()
}

pub(super) async fn rows(
    readers: &SqlitePool,
    wanted: &[Wanted],
) -> Result<Vec<CoreRow>, StoreError> {
    const READS: &str = "reads what is known";
    let (mut keys, mut people, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for wanted in wanted {
        match wanted {
            Wanted::Row(key) => keys.push(key.texts()),
            Wanted::OfPerson(person) => people.push(person),
            Wanted::InPlace(place) => places.push(place.to_string()),
        }
    }
    let rows = sqlx::query(
        "SELECT kind, body FROM rows WHERE id IN
         (SELECT one.id FROM json_each(?1) CROSS JOIN rows one
          ON one.kind = (value ->> 0) AND one.key = (value ->> 1)
          UNION
          SELECT one.id FROM json_each(?2) CROSS JOIN rows one
          ON one.person = value AND one.person <> ''
          UNION
          SELECT one.id FROM json_each(?3) CROSS JOIN rows one
          ON one.place = value AND one.place <> '')
         ORDER BY kind, key",
    )
    .bind(serde_json::to_string(&keys).during(READS)?)
    .bind(serde_json::to_string(&people).during(READS)?)
    .bind(serde_json::to_string(&places).during(READS)?)
    .fetch_all(readers)
    .await
    .during(READS)?;
    rows.iter().map(body).collect()
}

/// The names of places as JSON, for `json_each`.
pub(super) fn names(places: &[Place], operation: &'static str) -> Result<String, StoreError> {
    let names: Vec<String> = places.iter().map(Place::to_string).collect();
    serde_json::to_string(&names).during(operation)
}

/// A row with the columns `kind, body`.
fn body(row: &SqliteRow) -> Result<CoreRow, StoreError> {
    // Only the kind is named: keys are people.
    let kind: &str = row.try_get(0).map_err(|error| unreadable("a row", error))?;
    let what = format!("a row of kind {kind}");
    let body: &str = row.try_get(1).map_err(|error| unreadable(&what, error))?;
    serde_json::from_str(body).map_err(|error| unreadable(&what, error))
}
