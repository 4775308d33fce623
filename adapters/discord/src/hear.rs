//! How events come in: what the gateway tells goes into the inbox together with where its sessions stand,
//! in one transaction, and is told again after a crash from there.

use crate::acknowledge::Reception;
use crate::arrive::Door;
use crate::event::{Id, Interaction};
use crate::failure::Failed;
use crate::gateway::{Session, Shard, Told, intents, with_version};
use crate::missed::missed;
use contract::{Cursor, LinkError};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serenity::http::Route;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};

/// Events that wait for the disk; while there are so many, no more are read.
const WAITING_MAX: usize = 1_000;
/// Events that are kept in one go.
const AT_ONCE: usize = 100;
/// Events that say nothing to the bot before it is written down that they came.
const UNKEPT_MAX: usize = 500;
/// Between two sessions that begin (developers/events/gateway, "Rate Limiting"); several at once are
/// allowed to large bots alone. Discord counts five seconds from what reaches it, so that what takes
/// longer on its way the first time must not make the second come too early.
const BETWEEN: Duration = Duration::from_millis(5_500);
/// Sessions that may begin in a day: Discord resets the token of a bot that begins more than a thousand.
const A_DAY_MAX: usize = 900;
/// Sessions that begin within ten minutes without a pause.
const IN_A_ROW_MAX: usize = 10;
const PAUSE: Duration = Duration::from_secs(60);
/// Where it is written down when sessions began.
const SHELF: &str = "identified";
const KEY: &str = "log";

/// What the gateway advises (developers/events/gateway, "Get Gateway Bot").
#[derive(Deserialize)]
struct Advice {
    url: String,
    #[serde(default = "one")]
    shards: usize,
    session_start_limit: StartLimit,
}

#[derive(Deserialize)]
struct StartLimit {
    remaining: usize,
    #[serde(default)]
    reset_after: u64,
}

fn one() -> usize {
    1
}

/// Where the sessions stand, one a shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    shards: Vec<Option<Session>>,
    /// The latest thing that was handed in: numbers rise with time.
    #[serde(default)]
    heard: u64,
}

impl Standing {
    /// As it was kept, if the guilds are still shared out so.
    fn of(cursor: Option<Cursor>, shards: usize) -> Standing {
        let kept = cursor.and_then(|cursor| serde_json::from_str::<Standing>(&cursor).ok());
        let kept = kept.map(|mut kept| {
            if kept.shards.len() != shards {
                kept.shards = vec![None; shards];
            }
            kept
        });
        kept.unwrap_or_else(|| Standing { shards: vec![None; shards], heard: 0 })
    }

    fn cursor(&self) -> Cursor {
        // It holds no map whose keys could not be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Listens until an error or the end of the intake.
pub(crate) async fn listen(
    door: &Door,
    reception: &Arc<Reception>,
    cursor: Option<Cursor>,
) -> Result<(), LinkError> {
    let advice: Advice =
        door.speaker.rest.get(Route::GatewayBot).await.map_err(Failed::listening)?;
    let shards = advice.shards.clamp(1, 1_000);
    let standing = Standing::of(cursor, shards);
    let (tell, told) = mpsc::channel(WAITING_MAX);
    let settled: Vec<AtomicU64> = standing
        .shards
        .iter()
        .map(|session| AtomicU64::new(session.as_ref().map_or(0, |session| session.seq)))
        .collect();
    let mut asks = intents::GUILDS | intents::GUILD_MESSAGES | intents::DIRECT_MESSAGES;
    if door.settings.message_content {
        asks |= intents::MESSAGE_CONTENT;
    }
    let beginning = Beginning { door, limit: advice.session_start_limit, turn: Mutex::new(()) };
    let address = with_version(&advice.url);
    let connections = settled.iter().enumerate().map(|(number, settled)| {
        let shard = Shard {
            number,
            of: shards,
            token: &door.settings.token,
            intents: asks,
            address: &address,
            tell: tell.clone(),
            settled,
        };
        let session = standing.shards[number].clone();
        let beginning = &beginning;
        async move {
            let receive = |interaction: Interaction| reception.receive(interaction);
            shard.listen(session, || beginning.permit(), receive).await
        }
    });
    let connections = try_join_all(connections);
    tokio::select! {
        ended = connections => ended.map(|_| ()),
        ended = keep(door, standing.clone(), told, &settled) => ended,
    }
}

/// Hands in what was told, in its order.
async fn keep(
    door: &Door,
    mut standing: Standing,
    mut told: mpsc::Receiver<Told>,
    settled: &[AtomicU64],
) -> Result<(), LinkError> {
    let mut unkept = 0;
    while let Some(first) = told.recv().await {
        let mut batch = vec![first];
        while batch.len() < AT_ONCE
            && let Ok(next) = told.try_recv()
        {
            batch.push(next);
        }
        unkept += batch.len();
        let (mut arrivals, mut waits, mut begins) = (Vec::new(), Vec::new(), false);
        for told in batch {
            if told.begins.is_some() && standing.heard > 0 {
                // What came while there was no session is told to nobody.
                arrivals.extend(missed(door, Id(standing.heard)).await);
            }
            let taken = door.take(&told.kind, &told.event).await?;
            if taken.arrival.is_some() {
                standing.heard = standing.heard.max(number_of(&told.event));
            }
            arrivals.extend(taken.arrival);
            waits.extend(taken.waits_in);
            if let Some((thread, case)) = taken.offers {
                door.offer_form(thread, case);
            }
            begins |= told.begins.is_some();
            let Some(session) = standing.shards.get_mut(told.shard) else { continue };
            match (told.begins, session) {
                (Some(new), session) => *session = Some(new),
                (None, Some(session)) => session.seq = told.seq,
                (None, None) => {}
            }
        }
        // What says nothing costs no writing: told again, it says nothing again.
        if begins || !arrivals.is_empty() || unkept >= UNKEPT_MAX {
            if door.intake.accept(arrivals, Some(standing.cursor())).await.is_err() {
                return Ok(());
            }
            unkept = 0;
        }
        for (settled, session) in settled.iter().zip(&standing.shards) {
            settled.store(session.as_ref().map_or(0, |session| session.seq), Ordering::SeqCst);
        }
        waits.into_iter().for_each(|channel| door.acknowledge(channel));
    }
    Ok(())
}

/// The number of what an event tells of.
fn number_of(event: &RawValue) -> u64 {
    #[derive(Deserialize)]
    struct Numbered {
        id: Id,
    }
    serde_json::from_str::<Numbered>(event.get()).map_or(0, |numbered| numbered.id.0)
}

/// Whether a session may begin: Discord allows so many a day and resets the token of a bot that takes
/// more, so it is written down when each began.
struct Beginning<'a> {
    door: &'a Door,
    limit: StartLimit,
    turn: Mutex<()>,
}

impl Beginning<'_> {
    /// Waits until a session may begin, and writes down that it does.
    async fn permit(&self) -> Result<(), LinkError> {
        let _turn = self.turn.lock().await;
        if self.limit.remaining == 0 {
            let minutes = self.limit.reset_after / 60_000 + 1;
            return Err(LinkError::Lost(format!(
                "Discord lets no new session begin for {minutes} minutes: too many have today"
            )));
        }
        let shelves = self.door.speaker.kept.shelves();
        let kept = shelves.all(SHELF).await?.into_iter().find(|(key, _)| key == KEY);
        let began =
            kept.and_then(|(_, value)| serde_json::from_slice::<Vec<Timestamp>>(&value).ok());
        let now = self.door.intake.inside().now();
        let mut began = began.unwrap_or_default();
        began.retain(|at| now.duration_since(*at) < SignedDuration::from_hours(24));
        if began.len() >= A_DAY_MAX {
            return Err(LinkError::Lost(format!(
                "{A_DAY_MAX} sessions have begun within a day; no more do before some are a day old, \
                 for Discord would reset the bot's token"
            )));
        }
        if self.door.settings.paced {
            tokio::time::sleep(pause(&began, now)).await;
        }
        began.push(self.door.intake.inside().now());
        shelves.put(SHELF, KEY, &began, now, SignedDuration::from_hours(24)).await
    }
}

/// How long the next session waits, after those that began within a day.
fn pause(began: &[Timestamp], now: Timestamp) -> Duration {
    let since = |at: &Timestamp| now.duration_since(*at);
    let recent = began.iter().filter(|at| since(at) < SignedDuration::from_mins(10)).count();
    let least = if recent >= IN_A_ROW_MAX { PAUSE } else { BETWEEN };
    let last = began.iter().map(|at| since(at).unsigned_abs()).min();
    last.map_or(Duration::ZERO, |last| least.saturating_sub(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_begin_with_pauses_between_them() {
        let now: Timestamp = "2026-03-10T10:00:00Z".parse().unwrap();
        let ago = |seconds| now.saturating_sub(SignedDuration::from_secs(seconds)).unwrap();
        assert_eq!(pause(&[], now), Duration::ZERO);
        assert_eq!(pause(&[ago(60)], now), Duration::ZERO);
        assert_eq!(pause(&[ago(60), ago(2)], now), Duration::from_millis(3_500));
        let many: Vec<Timestamp> = (1..=10).map(|n| ago(n * 20)).collect();
        assert_eq!(pause(&many, now), Duration::from_secs(40));
    }

    #[test]
    fn where_it_stands_reads_back_unless_shards_changed() {
        let session = Session { id: "a".to_owned(), address: "wss://b".to_owned(), seq: 7 };
        let standing = Standing { shards: vec![Some(session)], heard: 9 };
        assert_eq!(Standing::of(Some(standing.cursor()), 1), standing);
        let shared_out = Standing::of(Some(standing.cursor()), 2);
        assert_eq!((shared_out.shards.as_slice(), shared_out.heard), ([None, None].as_slice(), 9));
        assert_eq!(Standing::of(Some("?".to_owned()), 1).shards, [None]);
        assert_eq!(Standing::of(None, 1).shards, [None]);
    }
}
