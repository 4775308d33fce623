//! Transactions that write, and the shorter ones of them.

use super::SqliteStore;
use super::failure::Failure;
use super::read::item;
use super::shelves::brought;
use crate::times::{NOT_AT_ALL, micros};
use bot::{Network, Place, SendId};
use contract::{Arrival, Cursor, InboxItem, OutboxState, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Connection, Row, Sqlite};
use std::collections::BTreeMap;
use tokio::sync::MutexGuard;

pub(super) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// The connection that writes.
///
/// Transactions are begun and ended by statements of its own, not by sqlx: SQLite itself rolls back
/// when the disk is full, and sqlx would then wait for ever for an end that has already been.
#[derive(Debug)]
pub(super) struct Writer {
    connection: SqliteConnection,
    /// Whether a transaction was begun and not seen to end: it failed, or its future was dropped.
    begun: bool,
}

/// A transaction that writes, the epoch checked. Dropped before [`Write::finish`], it leaves
/// nothing behind.
pub(super) struct Write<'a> {
    writer: MutexGuard<'a, Writer>,
    operation: &'static str,
}

impl Writer {
    pub(super) fn new(connection: SqliteConnection) -> Writer {
        Writer { connection, begun: false }
    }

    /// The connection, for what is no transaction.
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    pub(super) async fn close(mut self) -> Result<(), StoreError> {
        self.undo().await;
        self.connection.close().await.during("closes")
    }

    /// Ends what was begun, with nothing of it left. If SQLite has already done so, its complaint
    /// says just that.
    async fn undo(&mut self) {
        if self.begun && sqlx::query("ROLLBACK").execute(&mut self.connection).await.is_err() {
            tracing::debug!("the transaction had already been rolled back");
        }
        self.begun = false;
    }
}

impl SqliteStore {
    /// Begins to write. `operation` is a verb, as in "while it opens".
    pub(super) async fn begin(&self, operation: &'static str) -> Result<Write<'_>, StoreError> {
        let mut writer = self.writer.lock().await;
        writer.undo().await;
        writer.begun = true;
        let held = sqlx::query("BEGIN IMMEDIATE; SELECT epoch FROM meta")
            .fetch_one(&mut writer.connection)
            .await
            .and_then(|row| row.try_get::<i64, _>(0));
        let held = match held {
            Ok(held) => held,
            Err(error) => {
                writer.undo().await;
                return Err(error).during(operation);
            }
        };
        if held.cast_unsigned() != self.epoch.0 {
            writer.undo().await;
            return Err(StoreError::Superseded);
        }
        Ok(Write { writer, operation })
    }
}

impl<'a> Write<'a> {
    /// Carries out a statement; returns how many rows it changed.
    pub(super) async fn run(&mut self, query: Query<'_>) -> Result<u64, StoreError> {
        let done = query.execute(&mut self.writer.connection).await;
        self.or_undo(done).await.map(|done| done.rows_affected())
    }

    /// Carries out a statement that returns rows.
    pub(super) async fn fetch(&mut self, query: Query<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        let done = query.fetch_all(&mut self.writer.connection).await;
        self.or_undo(done).await
    }

    async fn or_undo<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        if done.is_err() {
            self.writer.undo().await;
        }
        done.during(self.operation)
    }

    /// Makes all of it last.
    pub(super) async fn finish(self) -> Result<(), StoreError> {
        self.finish_and_keep().await.map(drop)
    }

    /// Makes all of it last and gives back the connection, still locked, for what cannot be done
    /// within a transaction.
    pub(super) async fn finish_and_keep(mut self) -> Result<MutexGuard<'a, Writer>, StoreError> {
        self.run(sqlx::query("COMMIT")).await?;
        self.writer.begun = false;
        Ok(self.writer)
    }

    /// What is done: a verb, as in "while it opens".
    pub(super) fn operation(&self) -> &'static str {
        self.operation
    }

    /// A list as JSON, for `json_each`.
    pub(super) fn json(&self, list: &impl Serialize) -> Result<String, StoreError> {
        serde_json::to_string(list).during(self.operation)
    }
}

/// A reference to arrivals that lie one behind the other in one blob: key, where, how long.
type Slice<'a> = (&'a str, usize, usize);

pub(super) async fn accept(
    mut write: Write<'_>,
    now: Timestamp,
    network: &Network,
    arrivals: &[Arrival],
    cursor: Option<&Cursor>,
) -> Result<Vec<InboxItem>, StoreError> {
    // First, as long as the inbox does not know what is new.
    write.put(network, &brought(arrivals)).await?;
    let mut raw = Vec::with_capacity(arrivals.iter().map(|arrival| arrival.raw.len()).sum());
    let mut slices: Vec<Slice<'_>> = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        slices.push((&arrival.key, raw.len(), arrival.raw.len()));
        raw.extend_from_slice(&arrival.raw);
    }
    let slices = write.json(&slices)?;
    // `ORDER BY` because the order of arrival is the order of the numbers.
    let new = write
        .fetch(
            sqlx::query(
                "INSERT INTO inbox (network, key, raw, at)
                 SELECT ?1, value ->> 0, coalesce(substr(?2, (value ->> 1) + 1, value ->> 2), x''), ?3
                 FROM json_each(?4) WHERE true ORDER BY json_each.key
                 ON CONFLICT (network, key) DO NOTHING RETURNING id, network, raw, at",
            )
            .bind(&network.0)
            .bind(raw)
            .bind(micros(now))
            .bind(slices),
        )
        .await?;
    if let Some(cursor) = cursor {
        write
            .run(
                sqlx::query(
                    "INSERT INTO cursors (network, cursor) VALUES (?1, ?2)
                     ON CONFLICT (network) DO UPDATE SET cursor = excluded.cursor",
                )
                .bind(&network.0)
                .bind(cursor),
            )
            .await?;
    }
    let operation = write.operation();
    let new: Result<Vec<_>, _> = new.iter().map(|row| item(row, operation)).collect();
    let mut new = new?;
    // SQLite does not promise in which order it returns them.
    new.sort_unstable_by_key(|item| item.id);
    write.finish().await?;
    Ok(new)
}

pub(super) async fn hasten(
    mut write: Write<'_>,
    now: Timestamp,
    network: &Network,
    place: Option<&Place>,
) -> Result<(), StoreError> {
    let now = micros(now);
    match place {
        Some(place) => {
            let query = sqlx::query(
                "UPDATE outbox SET due_at = ?1 WHERE waits = 1 AND place = ?2 AND due_at > ?1",
            );
            write.run(query.bind(now).bind(place.to_string())).await?;
        }
        None => {
            let query = sqlx::query(
                "UPDATE outbox SET due_at = ?1 WHERE waits = 1 AND network = ?2 AND due_at > ?1",
            );
            write.run(query.bind(now).bind(&network.0)).await?;
        }
    }
    write.finish().await
}

/// What `settle` does, by statement; of several states for one number the last counts.
#[derive(Default)]
struct Outcomes {
    /// Number and marks.
    said: Vec<(i64, String)>,
    /// Number, when, and whether it may have been delivered.
    later: Vec<(i64, i64, bool)>,
    dropped: Vec<i64>,
}

pub(super) async fn settle(
    mut write: Write<'_>,
    now: Timestamp,
    states: &[(SendId, OutboxState)],
) -> Result<(), StoreError> {
    let states: BTreeMap<SendId, &OutboxState> =
        states.iter().map(|(send, state)| (*send, state)).collect();
    let mut outcomes = Outcomes::default();
    for (send, state) in states {
        let send = send.0.cast_signed();
        match state {
            OutboxState::Said(sent) => outcomes.said.push((send, write.json(sent)?)),
            OutboxState::Later { at, uncertain } => {
                outcomes.later.push((send, micros(*at), *uncertain));
            }
            OutboxState::Dropped => outcomes.dropped.push(send),
        }
    }
    write.settle_said(now, &outcomes).await?;
    write.settle_later(&outcomes).await?;
    write.finish().await
}

impl Write<'_> {
    async fn settle_said(&mut self, now: Timestamp, outcomes: &Outcomes) -> Result<(), StoreError> {
        if outcomes.said.is_empty() && outcomes.dropped.is_empty() {
            return Ok(());
        }
        let said = self.json(&outcomes.said)?;
        let query = sqlx::query(
            "DELETE FROM outbox WHERE send IN
             (SELECT value FROM json_each(?1)
              UNION ALL
              SELECT said.send FROM json_each(?2) CROSS JOIN outbox said
              ON said.send = (value ->> 0) AND said.changeable_until = ?3)
             AND waits = 1",
        );
        let dropped = self.json(&outcomes.dropped)?;
        self.run(query.bind(dropped).bind(said.clone()).bind(NOT_AT_ALL)).await?;
        let query = sqlx::query(
            "UPDATE outbox
             SET waits = 0, reply = '', sent = marks, tries = 0, uncertain = 0, queued = ?2
             FROM (SELECT value ->> 0 AS number, value ->> 1 AS marks FROM json_each(?1))
             WHERE outbox.send = number AND waits = 1",
        );
        self.run(query.bind(said).bind(micros(now))).await?;
        Ok(())
    }

    async fn settle_later(&mut self, outcomes: &Outcomes) -> Result<(), StoreError> {
        if outcomes.later.is_empty() {
            return Ok(());
        }
        let later = self.json(&outcomes.later)?;
        let query = sqlx::query(
            "UPDATE outbox SET due_at = at, tries = tries + 1, uncertain = max(uncertain, maybe)
             FROM (SELECT value ->> 0 AS number, value ->> 1 AS at, value ->> 2 AS maybe
                   FROM json_each(?1))
             WHERE outbox.send = number AND waits = 1",
        );
        self.run(query.bind(later)).await?;
        Ok(())
    }
}
