//! What arrives, by long polling: a batch is on disk, with the next offset, before it is confirmed.

use crate::api::{self, Failed};
use crate::arrive::{Door, KINDS};
use contract::{Cursor, LinkError};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::Duration;
use teloxide::requests::Requester as _;

/// How long the server holds a question for updates while there are none.
const HOLDS: Duration = Duration::from_secs(50);
/// How long an answer is waited for beyond that before the connection counts as lost.
const GRACE: Duration = Duration::from_secs(15);
/// The most updates of one answer (Bot API, getUpdates).
const BATCH_MAX: u8 = 100;
/// After a week without updates the next number "will be chosen randomly" (Bot API, Update): an
/// offset older than this says nothing about it.
const OFFSET_HOLDS: SignedDuration = SignedDuration::from_hours(6 * 24);

/// The parameters of `getUpdates`.
#[derive(Serialize)]
struct Asks {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    timeout: u64,
    allowed_updates: [&'static str; KINDS.len()],
}

/// Where the stream of updates stands: the number that comes next, and when one came last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offset {
    next: i64,
    at: Timestamp,
}

impl Offset {
    fn read(cursor: &Cursor) -> Option<Offset> {
        let (next, at) = cursor.split_once(' ')?;
        let at = Timestamp::from_second(at.parse().ok()?).ok()?;
        Some(Offset { next: next.parse().ok()?, at })
    }

    fn cursor(self) -> Cursor {
        format!("{} {}", self.next, self.at.as_second())
    }
}

/// Listens until nothing is taken in any more.
///
/// # Errors
/// [`LinkError`], as [`contract::Link::listen`] says.
pub(crate) async fn listen(door: &Door, cursor: Option<Cursor>) -> Result<(), LinkError> {
    let bot = &door.speaker.bot;
    // What waits stays: only the way changes on which it comes.
    let unhooked = bot.delete_webhook().await;
    unhooked.map_err(|error| crate::failure::listening(&error))?;
    let mut offset = cursor.as_ref().and_then(Offset::read);
    loop {
        let now = door.intake.inside().now();
        let holds = |offset: &Offset| now.duration_since(offset.at) < OFFSET_HOLDS;
        let asks = Asks {
            offset: offset.filter(holds).map(|offset| offset.next),
            limit: BATCH_MAX,
            timeout: HOLDS.as_secs(),
            allowed_updates: KINDS,
        };
        let updates: Vec<Box<RawValue>> = tokio::select! {
            () = door.intake.closed() => return Ok(()),
            updates = api::call(bot, "getUpdates", &asks, HOLDS + GRACE) => {
                updates.map_err(Failed::asking)?
            }
        };
        let mut batch = Vec::with_capacity(updates.len());
        let mut trouble = None;
        for update in &updates {
            match door.take(update).await {
                Ok(taken) => {
                    offset = Some(Offset { next: taken.glance.update_id + 1, at: now });
                    batch.push(taken);
                }
                // It comes again, and what follows it; what stands before it is taken in.
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            }
        }
        let arrivals: Vec<_> = batch.iter_mut().filter_map(|taken| taken.arrival.take()).collect();
        if !arrivals.is_empty()
            && door.intake.accept(arrivals, offset.map(Offset::cursor)).await.is_err()
        {
            return Ok(());
        }
        batch.into_iter().for_each(|taken| door.acknowledge(taken));
        if let Some(error) = trouble {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_reads_back_and_nothing_else_does() {
        let offset =
            Offset { next: 100_000_001, at: Timestamp::from_second(1_780_000_000).unwrap() };
        assert_eq!(Offset::read(&offset.cursor()), Some(offset));
        for cursor in ["", "7", "7 ", " 7", "x 7"] {
            assert_eq!(Offset::read(&cursor.to_owned()), None, "{cursor}");
        }
    }
}
