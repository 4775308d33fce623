//! What is due. Only the first of each place can be, and those are kept in a table of their own:
//! five thousand that wait cost no more than one.

use super::failure::{Failure, unreadable};
use super::outbox;
use super::read::names;
use crate::times::{micros, time};
use bot::Place;
use contract::{OutboxItem, StoreError};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqlitePool;

const LOOKS: &str = "looks what is due";

pub(super) async fn due(
    readers: &SqlitePool,
    now: Timestamp,
    busy: &[Place],
    limit: usize,
) -> Result<Vec<OutboxItem>, StoreError> {
    let rows = sqlx::query(
        "SELECT outbox.send, envelope, reply, sent, tries, uncertain, queued
         FROM (SELECT send, urgency FROM heads
               WHERE due_at <= ?1 AND place NOT IN (SELECT value FROM json_each(?2))
               ORDER BY urgency, send LIMIT ?3) AS head
         CROSS JOIN outbox ON outbox.send = head.send
         ORDER BY head.urgency, head.send",
    )
    .bind(micros(now))
    .bind(names(busy, LOOKS)?)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(readers)
    .await
    .during(LOOKS)?;
    rows.iter().map(outbox::item).collect()
}

pub(super) async fn next_due(
    readers: &SqlitePool,
    busy: &[Place],
) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query(
        "SELECT due_at FROM heads WHERE place NOT IN (SELECT value FROM json_each(?1))
         ORDER BY due_at LIMIT 1",
    )
    .bind(names(busy, LOOKS)?)
    .fetch_optional(readers)
    .await
    .during(LOOKS)?;
    row.map(|row| time(row.try_get(0).during(LOOKS)?).map_err(|error| unreadable("a time", error)))
        .transpose()
}
