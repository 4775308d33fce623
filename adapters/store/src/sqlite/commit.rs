//! What handling a number of events comes to, in one transaction.

use super::failure::Failure;
use super::outbox;
use super::read::names;
use super::write::Write;
use crate::times::{FOR_GOOD, micros};
use bot::{Erasure, Place, Row, RowKey, SendId, Sending};
use contract::{Commit, StoreError};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Carries it out, in the order that [`Commit`] promises.
pub(super) async fn commit(
    mut write: Write<'_>,
    now: Timestamp,
    commit: &Commit,
) -> Result<(), StoreError> {
    write.handled(commit).await?;
    for erasure in &commit.forget_people {
        write.forget_person(erasure).await?;
    }
    write.forget(&commit.forget).await?;
    if let Some(before) = commit.forget_before {
        write.forget_before(before).await?;
    }
    if !commit.forget_people.is_empty() || commit.forget_before.is_some() {
        write.run(sqlx::query("UPDATE meta SET unwiped = unwiped + 1")).await?;
    }
    write.save(now, &commit.save).await?;
    write.send(now, &commit.send).await?;
    write.change(now, commit).await?;
    write.unsend(&commit.unsend).await?;
    write.finish().await
}

/// A row of the core as one row of the JSON that an `INSERT` reads: kind, key, person, place, live,
/// until when it is kept, body.
type Columns<'a> = (&'static str, String, &'a str, String, bool, i64, String);

fn columns(row: &Row) -> Result<Columns<'_>, serde_json::Error> {
    let (kind, key) = row.key().texts();
    Ok((
        kind,
        key,
        row.person().map_or("", |person| &person.0),
        row.place().map(Place::to_string).unwrap_or_default(),
        row.live(),
        row.keep_until().map_or(FOR_GOOD, micros),
        serde_json::to_string(row)?,
    ))
}

impl Write<'_> {
    async fn handled(&mut self, commit: &Commit) -> Result<(), StoreError> {
        if commit.handled.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = commit.handled.iter().map(|id| id.0).collect();
        let ids = self.json(&ids)?;
        let query = sqlx::query(
            "UPDATE inbox SET raw = x'', handled = 1, keep_until = ?2
             WHERE id IN (SELECT value FROM json_each(?1)) AND handled = 0",
        );
        self.run(query.bind(ids).bind(commit.keys_until.map_or(FOR_GOOD, micros))).await?;
        Ok(())
    }

    async fn forget_person(&mut self, erasure: &Erasure) -> Result<(), StoreError> {
        self.forget_keepsakes(erasure).await?;
        let Erasure { person, places, users, cases } = erasure;
        let places = names(places, self.operation())?;
        let users: Vec<_> = users.iter().map(|at| (&at.network, &at.user)).collect();
        let users = self.json(&users)?;
        let query = sqlx::query(
            "DELETE FROM outbox WHERE place IN (SELECT value FROM json_each(?1))
             OR (only_for <> '' AND (network, only_for) IN
                 (SELECT value ->> 0, value ->> 1 FROM json_each(?2)))",
        );
        self.run(query.bind(places).bind(users)).await?;
        let cases = self.json(cases)?;
        let query = sqlx::query(
            "DELETE FROM outbox WHERE waits = 1 AND sent = '' AND case_no IN
             (SELECT value FROM json_each(?1) UNION
              SELECT CAST(key AS INTEGER) FROM rows WHERE person = ?2 AND kind = 'case')",
        );
        self.run(query.bind(cases.clone()).bind(&person.0)).await?;
        // A change that waits holds words of the person's too; the marks of what was said stay.
        let query = sqlx::query(
            "UPDATE outbox SET waits = 0, reply = '', tries = 0, uncertain = 0
             WHERE waits = 1 AND case_no IN
             (SELECT value FROM json_each(?1) UNION
              SELECT CAST(key AS INTEGER) FROM rows WHERE person = ?2 AND kind = 'case')",
        );
        self.run(query.bind(cases).bind(&person.0)).await?;
        let query = sqlx::query("DELETE FROM rows WHERE person = ?1 AND person <> ''");
        self.run(query.bind(&person.0)).await?;
        Ok(())
    }

    async fn forget(&mut self, keys: &[RowKey]) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = keys.iter().map(RowKey::texts).collect();
        let keys = self.json(&keys)?;
        let query = sqlx::query(
            "DELETE FROM rows WHERE id IN
             (SELECT one.id FROM json_each(?1) CROSS JOIN rows one
              ON one.kind = (value ->> 0) AND one.key = (value ->> 1))",
        );
        self.run(query.bind(keys)).await?;
        Ok(())
    }

    async fn forget_before(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.forget_keepsakes_before(before).await?;
        let before = micros(before);
        let query = sqlx::query(
            "DELETE FROM rows WHERE keep_until < ?1 AND keep_until < 9223372036854775807",
        );
        self.run(query.bind(before)).await?;
        let query = sqlx::query("DELETE FROM outbox WHERE waits = 0 AND changeable_until < ?1");
        self.run(query.bind(before)).await?;
        let query = sqlx::query("DELETE FROM inbox WHERE handled = 1 AND keep_until < ?1");
        self.run(query.bind(before)).await?;
        Ok(())
    }

    async fn save(&mut self, now: Timestamp, rows: &[Row]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows: Result<Vec<_>, _> = rows.iter().map(columns).collect();
        let rows = self.json(&rows.during(self.operation())?)?;
        let query = sqlx::query(
            "INSERT INTO rows (kind, key, person, place, live, keep_until, body, saved)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                    value ->> 6, ?2
             FROM json_each(?1) WHERE true
             ON CONFLICT (kind, key) DO UPDATE
             SET person = excluded.person, place = excluded.place, live = excluded.live,
                 keep_until = excluded.keep_until, body = excluded.body, saved = excluded.saved",
        );
        self.run(query.bind(rows).bind(micros(now))).await?;
        Ok(())
    }

    async fn send(&mut self, now: Timestamp, sendings: &[Sending]) -> Result<(), StoreError> {
        if sendings.is_empty() {
            return Ok(());
        }
        let sendings: Result<Vec<_>, _> = sendings.iter().map(outbox::columns).collect();
        let sendings = self.json(&sendings.during(self.operation())?)?;
        let query = sqlx::query(
            "INSERT INTO outbox (send, network, place, case_no, only_for, urgency,
                                 changeable_until, envelope, reply, due_at, queued)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
                    value ->> 6, value ->> 7, value ->> 8, ?2, ?2
             FROM json_each(?1)",
        );
        self.run(query.bind(sendings).bind(micros(now))).await?;
        Ok(())
    }

    async fn change(&mut self, now: Timestamp, commit: &Commit) -> Result<(), StoreError> {
        if commit.change.is_empty() {
            return Ok(());
        }
        // One number once, the last words: SQL says not which of several an update takes.
        let mut changes: BTreeMap<SendId, String> = BTreeMap::new();
        for (send, reply) in &commit.change {
            changes.insert(*send, self.json(reply)?);
        }
        let changes: Vec<_> =
            changes.iter().map(|(send, reply)| (send.0.cast_signed(), reply)).collect();
        let changes = self.json(&changes)?;
        let query = sqlx::query(
            "UPDATE outbox
             SET reply = words, queued = ?2, waits = 1,
                 due_at = CASE waits WHEN 1 THEN due_at ELSE ?2 END
             FROM (SELECT value ->> 0 AS number, value ->> 1 AS words FROM json_each(?1))
             WHERE outbox.send = number",
        );
        self.run(query.bind(changes).bind(micros(now))).await?;
        Ok(())
    }

    async fn unsend(&mut self, sends: &[SendId]) -> Result<(), StoreError> {
        if sends.is_empty() {
            return Ok(());
        }
        let sends: Vec<i64> = sends.iter().map(|send| send.0.cast_signed()).collect();
        let sends = self.json(&sends)?;
        let query = sqlx::query(
            "DELETE FROM outbox WHERE send IN (SELECT value FROM json_each(?1)) AND sent = ''",
        );
        self.run(query.bind(sends)).await?;
        Ok(())
    }
}
