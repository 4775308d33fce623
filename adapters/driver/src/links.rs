//! Keeps links listening.

use crate::clock::later;
use crate::health::count;
use crate::shared::{Pauses, Shared, growing, lock};
use bot::Network;
use contract::{Cursor, Heard, Intake, Link, LinkError, LinkState};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The first pause before a link is started again.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// The longest: a network that comes back is noticed within it, and a token refused by mistake is
/// not asked for more than a few hundred times a day.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// A link that listened this long has worked; its next pause is the first again.
const WORKED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// How long links may take to stop listening, once intake has closed.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// Lets one link listen, and starts it again when it stops, until everything stops.
pub(crate) async fn run(shared: Arc<Shared>, link: Arc<dyn Link>, heard: mpsc::Sender<Heard>) {
    let network = link.network();
    let mut tries = 0;
    loop {
        let Some(cursor) = cursor(&shared, &network).await else { break };
        shared.words.link(&network, LinkState::Listening);
        let started = shared.clock.now();
        let error = match listen(&shared, &link, heard.clone(), cursor).await {
            Ok(()) => LinkError::Lost("it stopped listening".to_owned()),
            Err(error) => error,
        };
        if shared.is_stopping() {
            break;
        }
        let now = shared.clock.now();
        if later(started, WORKED_FOR) <= now {
            tries = 0;
        }
        let Some(at) = again(&shared, &network, &error, now, tries) else {
            down(&shared, &network, &error);
            return;
        };
        tries = tries.saturating_add(1);
        tracing::warn!(network = network.0, %at, "a link is started again: {error}");
        shared.words.error(format!("{network}: {error}"));
        shared.words.link(&network, LinkState::Restarting { at, why: error.to_string() });
        count(&shared.counts.links_restarted);
        if !pause(&shared, at).await {
            break;
        }
    }
    shared.words.link(&network, LinkState::Stopped);
}

/// Where the network's stream stands; `None` if everything stops first.
async fn cursor(shared: &Shared, network: &Network) -> Option<Option<Cursor>> {
    let mut pauses = Pauses::default();
    loop {
        match shared.store.cursor(network).await {
            Ok(cursor) => return Some(cursor),
            Err(error) => {
                shared.trouble(&error, "reading a cursor");
                pauses.failed(shared.clock.now());
            }
        }
        if let Some(until) = pauses.until
            && !pause(shared, until).await
        {
            return None;
        }
    }
}

/// Listens in a task of its own, so that a panic in a link ends that task alone.
async fn listen(
    shared: &Arc<Shared>,
    link: &Arc<dyn Link>,
    heard: mpsc::Sender<Heard>,
    cursor: Option<Cursor>,
) -> Result<(), LinkError> {
    let listening = link.clone();
    let intake = Intake::new(link.network(), heard, shared.clone());
    let mut task = tokio::spawn(async move { listening.listen(intake, cursor).await });
    let ended = tokio::select! {
        ended = &mut task => ended,
        () = shared.stopped() => match tokio::time::timeout(STOPS_WITHIN, &mut task).await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::warn!(network = link.network().0, "a link did not stop by itself");
                task.abort();
                return Ok(());
            }
        },
    };
    ended.unwrap_or_else(|_| Err(LinkError::Lost("a bug ended it".to_owned())))
}

/// When the link is started again; `None`: not.
fn again(
    shared: &Shared,
    network: &Network,
    error: &LinkError,
    now: Timestamp,
    tries: u32,
) -> Option<Timestamp> {
    let pause = match error {
        LinkError::Refused(_) => return None,
        LinkError::Limited { after, .. } => {
            SignedDuration::try_from(*after).unwrap_or(LONGEST_PAUSE)
        }
        LinkError::Lost(_) | LinkError::Uncertain(_) => {
            let longest = growing(FIRST_PAUSE, LONGEST_PAUSE, tries);
            jittered(longest, shared.key.chance(&network.0, tries))
        }
    };
    Some(later(now, pause))
}

/// Between half of a pause and all of it, so that what broke at the same time is not tried again at
/// the same time. `chance` is from 0 to 1.
pub(crate) fn jittered(pause: SignedDuration, chance: f64) -> SignedDuration {
    let half = pause / 2;
    SignedDuration::try_from_secs_f64(half.as_secs_f64() * chance)
        .map_or(pause, |more| half.saturating_add(more))
}

fn down(shared: &Shared, network: &Network, error: &LinkError) {
    tracing::error!(network = network.0, "a link stays down: {error}");
    shared.words.error(format!("{network}: {error}"));
    shared.words.link(network, LinkState::Down { why: error.to_string() });
    lock(&shared.downs).push(network.clone());
    shared.rounds.ring();
}

/// Sleeps; false if everything stops first.
async fn pause(shared: &Shared, until: Timestamp) -> bool {
    let mut sleep = shared.clock.sleep_until(until);
    let slept = tokio::select! {
        () = &mut sleep => true,
        () = shared.stopped() => false,
    };
    drop(sleep);
    shared.resting.notify_waiters();
    slept
}
