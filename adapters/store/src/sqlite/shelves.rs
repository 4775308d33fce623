//! What links keep for themselves.

use super::failure::{Failure, unreadable};
use super::write::Write;
use crate::times::{micros, time};
use bot::{Erasure, Network};
use contract::{Arrival, Keepsake, OnShelf, SHELF_MAX, StoreError, Version};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use std::collections::BTreeSet;

/// A keepsake, and the key of the arrival that brings it, if one does: the keepsake counts only if
/// the inbox does not know that key.
pub(super) type Brought<'a> = (&'a Keepsake, Option<&'a str>);

/// A keepsake as one row of the JSON that an `INSERT` reads: shelf, key, cases, until when it is
/// kept, where its value begins among all of them, how long that is, the key of its arrival.
type Columns<'a> = (&'a str, &'a str, String, i64, usize, usize, Option<&'a str>);

/// The keepsakes that arrivals bring. Of several arrivals with one key only the first is new.
pub(super) fn brought(arrivals: &[Arrival]) -> Vec<Brought<'_>> {
    if arrivals.iter().all(|arrival| arrival.keepsake.is_none()) {
        return Vec::new();
    }
    let mut keys = BTreeSet::new();
    let first = arrivals.iter().filter(|arrival| keys.insert(&arrival.key));
    first
        .filter_map(|arrival| Some((arrival.keepsake.as_ref()?, Some(arrival.key.as_str()))))
        .collect()
}

pub(super) async fn keep(
    mut write: Write<'_>,
    network: &Network,
    keepsakes: &[Keepsake],
) -> Result<(), StoreError> {
    let brought: Vec<_> = keepsakes.iter().map(|keepsake| (keepsake, None)).collect();
    write.put(network, &brought).await?;
    write.finish().await
}

pub(super) async fn shelf(
    readers: &SqlitePool,
    network: &Network,
    shelf: &str,
    after: Version,
    limit: usize,
) -> Result<Vec<OnShelf>, StoreError> {
    const READS: &str = "reads a shelf";
    let rows = sqlx::query(
        "SELECT first, version, key, value, keep_until FROM shelves
         WHERE network = ?1 AND shelf = ?2 AND version > ?3 ORDER BY version LIMIT ?4",
    )
    .bind(&network.0)
    .bind(shelf)
    .bind(after.0)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(readers)
    .await
    .during(READS)?;
    let on_shelf = |row: &SqliteRow| {
        Ok(OnShelf {
            first: Version(row.try_get(0).during(READS)?),
            version: Version(row.try_get(1).during(READS)?),
            key: row.try_get(2).during(READS)?,
            value: row.try_get(3).during(READS)?,
            keep_until: time(row.try_get(4).during(READS)?)
                .map_err(|error| unreadable("a time on a shelf", error))?,
        })
    };
    rows.iter().map(on_shelf).collect()
}

pub(super) async fn names(
    readers: &SqlitePool,
    network: &Network,
    prefix: &str,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    const READS: &str = "reads the names of shelves";
    let rows = sqlx::query(
        "SELECT shelf FROM shelves WHERE network = ?1 AND substr(shelf, 1, length(?2)) = ?2
         GROUP BY shelf ORDER BY max(version) DESC LIMIT ?3",
    )
    .bind(&network.0)
    .bind(prefix)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(readers)
    .await
    .during(READS)?;
    rows.iter().map(|row: &SqliteRow| row.try_get(0).during(READS)).collect()
}

impl Write<'_> {
    /// Puts keepsakes on their shelves, in this order. Nothing is done if there are none.
    pub(super) async fn put(
        &mut self,
        network: &Network,
        brought: &[Brought<'_>],
    ) -> Result<(), StoreError> {
        if brought.is_empty() {
            return Ok(());
        }
        let put = self.lay(network, brought).await?;
        if put == 0 {
            return Ok(());
        }
        let query = sqlx::query("UPDATE meta SET shelved = shelved + ?1 WHERE id = 1");
        self.run(query.bind(put.cast_signed())).await?;
        self.clear_away(network, brought).await
    }

    /// Returns how many counted; their versions follow on the last one.
    async fn lay(&mut self, network: &Network, brought: &[Brought<'_>]) -> Result<u64, StoreError> {
        let mut values = Vec::with_capacity(brought.iter().map(|(one, _)| one.value.len()).sum());
        let mut columns: Vec<Columns<'_>> = Vec::with_capacity(brought.len());
        for &(keepsake, arrival) in brought {
            let Keepsake { shelf, key, cases, value, keep_until } = keepsake;
            let cases = if cases.is_empty() { String::new() } else { self.json(cases)? };
            let until = micros(*keep_until);
            columns.push((shelf, key, cases, until, values.len(), value.len(), arrival));
            values.extend_from_slice(value);
        }
        let columns = self.json(&columns)?;
        // `ORDER BY` because of two with one name the later stays, and the number of the first.
        let query = sqlx::query(
            "INSERT INTO shelves (network, shelf, key, cases, keep_until, value, first, version)
             SELECT ?1, shelf, name, cases, keep_until, value, last + turn, last + turn
             FROM (SELECT value ->> 0 AS shelf, value ->> 1 AS name, value ->> 2 AS cases,
                          value ->> 3 AS keep_until,
                          coalesce(substr(?2, (value ->> 4) + 1, value ->> 5), x'') AS value,
                          (SELECT shelved FROM meta) AS last,
                          row_number() OVER (ORDER BY one.key) AS turn
                   FROM json_each(?3) AS one
                   WHERE value ->> 6 IS NULL OR NOT EXISTS
                         (SELECT 1 FROM inbox WHERE network = ?1 AND inbox.key = value ->> 6))
             WHERE true ORDER BY turn
             ON CONFLICT (network, shelf, key) DO UPDATE
             SET cases = excluded.cases, keep_until = excluded.keep_until,
                 value = excluded.value, version = excluded.version",
        );
        self.run(query.bind(&network.0).bind(values).bind(columns)).await
    }

    /// Takes from these shelves what is too much for them. What is on a shelf is counted along an
    /// index and only as far as the limit: no row is read for it.
    async fn clear_away(
        &mut self,
        network: &Network,
        brought: &[Brought<'_>],
    ) -> Result<(), StoreError> {
        let shelves: BTreeSet<&str> = brought.iter().map(|(one, _)| one.shelf.as_str()).collect();
        let shelves = self.json(&shelves)?;
        let query = sqlx::query(
            "DELETE FROM shelves WHERE first IN
             (SELECT one.first FROM json_each(?2) AS full CROSS JOIN shelves AS one
              ON one.network = ?1 AND one.shelf = full.value AND one.first <=
                 (SELECT first FROM shelves WHERE network = ?1 AND shelf = full.value
                  ORDER BY first DESC LIMIT 1 OFFSET ?3))",
        );
        let most = i64::try_from(SHELF_MAX).unwrap_or(i64::MAX);
        self.run(query.bind(&network.0).bind(shelves).bind(most)).await?;
        Ok(())
    }

    /// Drops what is on shelves called as places of a person's own, and what tells of a case of
    /// theirs; before their rows go, which say what their cases are.
    pub(super) async fn forget_keepsakes(&mut self, erasure: &Erasure) -> Result<(), StoreError> {
        let places: Vec<_> = erasure.places.iter().map(|at| (&at.network, &at.id)).collect();
        let places = self.json(&places)?;
        let query = sqlx::query(
            "DELETE FROM shelves WHERE (network, shelf) IN
             (SELECT value ->> 0, value ->> 1 FROM json_each(?1))",
        );
        self.run(query.bind(places)).await?;
        let cases = self.json(&erasure.cases)?;
        let query = sqlx::query(
            "DELETE FROM shelves WHERE first IN
             (SELECT one.first FROM shelves AS one CROSS JOIN json_each(one.cases) AS about
              WHERE one.cases <> '' AND about.value IN
              (SELECT value FROM json_each(?1) UNION
               SELECT CAST(key AS INTEGER) FROM rows WHERE person = ?2 AND kind = 'case'))",
        );
        self.run(query.bind(cases).bind(&erasure.person.0)).await?;
        Ok(())
    }

    /// Drops what was kept until before a time.
    pub(super) async fn forget_keepsakes_before(
        &mut self,
        before: Timestamp,
    ) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM shelves WHERE keep_until < ?1");
        self.run(query.bind(micros(before))).await?;
        Ok(())
    }
}
