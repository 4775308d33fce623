//! Says what the outbox holds: one thing after the other at each place, at different places at once.

use crate::clock::later;
use crate::health::count;
use crate::links::jittered;
use crate::shared::{Mishap, Pauses, Shared, growing, lock};
use crate::steps::step;
use bot::{Network, Place, SendId, Sending, Undelivered};
use contract::{Link, LinkError, OutboxItem, OutboxState, Parcel, Sent, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};

/// How many places are spoken to at once: more than any network's limits let through in the time
/// that one call takes.
const IN_AIR_MAX: usize = 128;
/// How long a link may take to say something. After that it may have been said, and nobody knows.
const SAID_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// The first pause before a thing is tried again.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// The longest: an answer is not much later than the network that has come back.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// How long things that are being said are waited for when everything stops. What takes longer may
/// have been said, and counts so at the next start.
const LANDS_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct Outbox {
    shared: Arc<Shared>,
    links: BTreeMap<Network, Arc<dyn Link>>,
    air: JoinSet<Landed>,
    /// Which thing each task of `air` says: what is left of it should the link panic.
    tasks: HashMap<tokio::task::Id, OutboxItem>,
    /// What has become of things, not yet on disk.
    landed: Vec<(Place, SendId, OutboxState)>,
    /// Of these, what was put off because its try failed, with [`Shared::reached`] at its beginning.
    put_off: BTreeMap<SendId, u64>,
    /// Networks that asked to wait, and until when.
    limited: BTreeMap<Network, Timestamp>,
    /// How often something had been written to say when nothing else was known to wait than what
    /// waits for places that are spoken to.
    empty_at: Option<u64>,
    pauses: Pauses,
}

/// What became of a try.
struct Landed {
    item: OutboxItem,
    outcome: Result<Sent, LinkError>,
    /// [`Shared::reached`] when it was begun.
    reached: u64,
}

/// What is to be done about a try.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Settle(OutboxState),
    GiveUp(Undelivered),
}

impl Outbox {
    pub(crate) fn new(shared: Arc<Shared>, links: BTreeMap<Network, Arc<dyn Link>>) -> Outbox {
        Outbox {
            shared,
            links,
            air: JoinSet::new(),
            tasks: HashMap::new(),
            landed: Vec::new(),
            put_off: BTreeMap::new(),
            limited: BTreeMap::new(),
            empty_at: None,
            pauses: Pauses::default(),
        }
    }

    /// Says what is due until everything stops, and then waits for what is in the air.
    pub(crate) async fn run(mut self) {
        while !self.shared.is_stopping() {
            let looked = self.shared.outbox.look();
            let until = match self.turn().await {
                Ok(Turn::Again) => continue,
                Ok(Turn::Rest(until)) => until,
                Err(error) => {
                    self.shared.trouble(&error, "speaking");
                    self.pauses.failed(self.shared.clock.now());
                    self.pauses.until
                }
            };
            self.rest(looked, until).await;
        }
        // Whatever is not known in time may have been said, and counts so at the next start.
        let _ = tokio::time::timeout(LANDS_WITHIN, self.land_all()).await;
        self.air.abort_all();
        if let Err(error) = self.settle().await {
            self.shared.trouble(&error, "settling what was said");
        }
    }

    async fn rest(&mut self, looked: u64, until: Option<Timestamp>) {
        let Outbox { shared, air, .. } = self;
        let landed = tokio::select! {
            () = shared.outbox.rest(looked, &*shared.clock, until) => None,
            landed = air.join_next_with_id(), if !air.is_empty() => landed,
        };
        if let Some(landed) = landed {
            self.land(landed);
            // Others that land at the same time are settled in the same transaction.
            tokio::task::yield_now().await;
        }
    }

    /// One look around.
    async fn turn(&mut self) -> Result<Turn, StoreError> {
        let now = self.shared.clock.now();
        if let Some(until) = self.pauses.until.filter(|until| *until > now) {
            return Ok(Turn::Rest(Some(until)));
        }
        while let Some(landed) = self.air.try_join_next_with_id() {
            self.land(landed);
        }
        self.settle().await?;
        self.land_mishaps();
        // While handling pauses nothing new is said; it rings when it goes on.
        if self.shared.pause.borrow().is_some() {
            return Ok(Turn::Rest(None));
        }
        let turn = self.pick(now).await?;
        self.pauses.worked();
        Ok(if self.landed.is_empty() { turn } else { Turn::Again })
    }

    fn busy(&self) -> Vec<Place> {
        lock(&self.shared.in_air).keys().cloned().collect()
    }

    /// Sends off what is due, as far as there is room in the air; what is to be done next.
    async fn pick(&mut self, now: Timestamp) -> Result<Turn, StoreError> {
        let busy = self.busy();
        let room = IN_AIR_MAX.saturating_sub(busy.len());
        if room == 0 {
            // Whatever lands makes room, and is seen.
            return Ok(Turn::Rest(None));
        }
        let shared = self.shared.clone();
        let picking = shared.picking.lock().await;
        let (handed, times) = lock(&shared.to_say).take(self.empty_at.take());
        let handed = handed.map(|sendings| firsts(sendings, &busy, now));
        if let Some(due) = handed.filter(|due| due.len() <= room) {
            self.empty_at = times;
            due.into_iter().for_each(|item| self.begin(now, item));
            return Ok(Turn::Rest(None));
        }
        let due = shared.store.due(now, &busy, room).await?;
        let all = due.len() < room;
        due.into_iter().for_each(|item| self.begin(now, item));
        drop(picking);
        if !all {
            return Ok(Turn::Again);
        }
        let next = shared.store.next_due(&self.busy()).await?;
        *lock(&shared.next_send) = next;
        if next.is_none() {
            self.empty_at = times;
        }
        Ok(match next {
            Some(next) if next <= shared.clock.now() => Turn::Again,
            other => Turn::Rest(other),
        })
    }

    fn begin(&mut self, now: Timestamp, item: OutboxItem) {
        let place = item.sending.to.clone();
        lock(&self.shared.in_air).insert(place.clone(), item.sending.send);
        if item.sending.expires <= now && item.sent.is_none() {
            return self.close(item, Verdict::GiveUp(Undelivered::Expired));
        }
        if let Some(until) = self.limited.get(&place.network).filter(|until| **until > now) {
            let state = OutboxState::Later { at: *until, uncertain: item.uncertain };
            return self.close(item, Verdict::Settle(state));
        }
        let Some(link) = self.links.get(&place.network).cloned() else {
            let error = LinkError::Lost("there is no such network in the settings".to_owned());
            return self.judge(Landed { item, outcome: Err(error), reached: self.reached() });
        };
        let shared = self.shared.clone();
        let flying = item.clone();
        let reached = self.reached();
        let task = self.air.spawn(async move {
            let outcome = say(&shared, &*link, &flying).await;
            Landed { item: flying, outcome, reached }
        });
        self.tasks.insert(task.id(), item);
    }

    fn land(&mut self, landed: Result<(tokio::task::Id, Landed), JoinError>) {
        match landed {
            Ok((task, landed)) => {
                self.tasks.remove(&task);
                self.judge(landed);
            }
            Err(error) => {
                if let Some(item) = self.tasks.remove(&error.id()) {
                    let outcome = Err(LinkError::Uncertain("a bug broke it off".to_owned()));
                    self.judge(Landed { item, outcome, reached: self.reached() });
                }
            }
        }
    }

    fn judge(&mut self, landed: Landed) {
        let Landed { item, outcome, reached } = landed;
        let now = self.shared.clock.now();
        let network = item.sending.to.network.clone();
        if let Err(error) = &outcome {
            let send = item.sending.send.0;
            tracing::warn!(network = network.0, send, tries = item.tries, "not said: {error}");
            self.shared.words.error(format!("{network}: {error}"));
        }
        if let Err(LinkError::Limited { after, everywhere: true }) = &outcome {
            self.limited.insert(network.clone(), later(now, duration(*after)));
        }
        let knows_repeats = self.links.get(&network).is_some_and(|link| link.knows_repeats());
        let chance = self.shared.key.chance(&item.sending.send.to_string(), item.tries);
        // A limit holds whoever comes back.
        let limited = matches!(outcome, Err(LinkError::Limited { .. }));
        let send = item.sending.send;
        let verdict = verdict(&item, outcome, now, knows_repeats, chance);
        if matches!(verdict, Verdict::Settle(OutboxState::Later { .. })) && !limited {
            self.put_off.insert(send, reached);
        }
        self.close(item, verdict);
    }

    fn reached(&self) -> u64 {
        self.shared.reached.load(Ordering::SeqCst)
    }

    /// Notes what becomes of a thing, to be settled; what is given up is handled first, so that the
    /// core learns of it in the same transaction.
    fn close(&mut self, item: OutboxItem, verdict: Verdict) {
        let OutboxItem { sending, sent, .. } = item;
        let state = match verdict {
            Verdict::Settle(state) => state,
            // What was said stands; only its change is given up, and the core need not know.
            Verdict::GiveUp(_) if sent.is_some() => OutboxState::Dropped,
            Verdict::GiveUp(why) => {
                count(&self.shared.counts.dropped);
                let mishap = Mishap { send: sending.send, to: sending.to, why };
                lock(&self.shared.mishaps).push_back(mishap);
                return self.shared.rounds.ring();
            }
        };
        let counts = &self.shared.counts;
        count(match &state {
            OutboxState::Said(_) => &counts.sent,
            OutboxState::Later { .. } => &counts.retried,
            OutboxState::Dropped => &counts.dropped,
        });
        self.landed.push((sending.to, sending.send, state));
    }

    /// Brings to disk what has landed. Until then its places are not spoken to.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if self.landed.is_empty() {
            return Ok(());
        }
        let states: Vec<(SendId, OutboxState)> =
            self.landed.iter().map(|(_, send, state)| (*send, state.clone())).collect();
        step("before settling");
        self.shared.store.settle(self.shared.clock.now(), &states).await?;
        step("settled");
        self.settle_again(&states).await?;
        {
            let mut in_air = lock(&self.shared.in_air);
            self.empty_at = None;
            for (place, _, _) in self.landed.drain(..) {
                in_air.remove(&place);
            }
        }
        self.have_said(&states);
        // A round may wait for one of them to land before it changes it.
        self.shared.rounds.ring();
        Ok(())
    }

    /// Takes note of farewells among what has landed.
    fn have_said(&self, states: &[(SendId, OutboxState)]) {
        let over = states.iter().filter(|(_, state)| match state {
            OutboxState::Said(_) | OutboxState::Dropped => true,
            OutboxState::Later { .. } => false,
        });
        let mut farewells = lock(&self.shared.farewells);
        let said = over.filter(|(send, _)| farewells.remove(send)).count();
        if said > 0 {
            self.shared.farewell_said.store(true, Ordering::SeqCst);
        }
    }

    /// What was put off because its place was away, and came back before that was on disk, is due
    /// now: putting it off has undone the hastening. Whatever comes back after this look hastens
    /// later than it was put off.
    async fn settle_again(&mut self, states: &[(SendId, OutboxState)]) -> Result<(), StoreError> {
        let (now, reached) = (self.shared.clock.now(), self.reached());
        let back = |send: &SendId| self.put_off.get(send).is_some_and(|begun| *begun != reached);
        let due: Vec<(SendId, OutboxState)> = states
            .iter()
            .filter_map(|(send, state)| match state {
                OutboxState::Later { uncertain, .. } if back(send) => {
                    Some((*send, OutboxState::Later { at: now, uncertain: *uncertain }))
                }
                OutboxState::Later { .. } | OutboxState::Said(_) | OutboxState::Dropped => None,
            })
            .collect();
        if !due.is_empty() {
            self.shared.store.settle(now, &due).await?;
        }
        self.put_off.clear();
        Ok(())
    }

    /// What was given up has been handled: its places can be spoken to again.
    fn land_mishaps(&mut self) {
        let over = std::mem::take(&mut *lock(&self.shared.mishaps_over));
        if !over.is_empty() {
            self.empty_at = None;
            let mut in_air = lock(&self.shared.in_air);
            in_air.retain(|place, _| !over.contains(place));
            self.shared.rounds.ring();
        }
    }

    async fn land_all(&mut self) {
        while let Some(landed) = self.air.join_next_with_id().await {
            self.land(landed);
        }
    }
}

enum Turn {
    Again,
    Rest(Option<Timestamp>),
}

/// The first of each place that is free, the most urgent first, of what has just been written to say
/// while nothing else waits for those places.
fn firsts(mut sendings: Vec<Sending>, busy: &[Place], now: Timestamp) -> Vec<OutboxItem> {
    let mut spoken_to: BTreeSet<Place> = busy.iter().cloned().collect();
    sendings.sort_by_key(|sending| (sending.urgency, sending.send));
    sendings.retain(|sending| spoken_to.insert(sending.to.clone()));
    let item =
        |sending| OutboxItem { sending, sent: None, tries: 0, uncertain: false, queued: now };
    sendings.into_iter().map(item).collect()
}

/// What a network knows a thing by that it is told twice. The number alone will not do: a store that is
/// brought back from a backup gives its numbers out again, and what a network takes for a repeat is
/// never shown. When a thing expires tells when it was decided.
fn key_of(sending: &Sending) -> String {
    let expires = sending.expires.as_millisecond().unsigned_abs();
    // Together they have 24 letters at most.
    format!("{}.{}", in_letters(sending.send.0), in_letters(expires % EXPIRES_WITHIN))
}

/// Ten letters' worth of milliseconds: a hundred thousand years.
const EXPIRES_WITHIN: u64 = 36_u64.pow(10);

/// A number in digits and letters, as few as it takes.
fn in_letters(mut number: u64) -> String {
    let mut letters = Vec::new();
    loop {
        letters.extend(char::from_digit(u32::try_from(number % 36).unwrap_or_default(), 36));
        number /= 36;
        if number == 0 {
            return letters.into_iter().rev().collect();
        }
    }
}

/// Calls the link: once, and not for ever.
async fn say(shared: &Shared, link: &dyn Link, item: &OutboxItem) -> Result<Sent, LinkError> {
    if shared.is_cut(&item.sending.to.network) {
        return Err(LinkError::Lost("it is cut off".to_owned()));
    }
    let parcel = Parcel {
        key: key_of(&item.sending),
        maybe_said: item.uncertain || item.sending.send <= shared.sends_before,
        sending: item.sending.clone(),
    };
    step("before saying");
    let call = async {
        match &item.sent {
            Some(sent) => link.change(sent, &parcel).await.map(|()| sent.clone()),
            None => link.send(&parcel).await,
        }
    };
    let mut late = shared.clock.sleep_until(later(shared.clock.now(), SAID_WITHIN));
    let outcome = tokio::select! {
        outcome = call => outcome,
        () = &mut late => Err(LinkError::Uncertain("the network did not answer".to_owned())),
    };
    step("said");
    outcome
}

/// What is to be done about a try. `chance` is from 0 to 1.
fn verdict(
    item: &OutboxItem,
    outcome: Result<Sent, LinkError>,
    now: Timestamp,
    knows_repeats: bool,
    chance: f64,
) -> Verdict {
    let again = |uncertain| {
        let pause = jittered(growing(FIRST_PAUSE, LONGEST_PAUSE, item.tries), chance);
        Verdict::Settle(OutboxState::Later { at: later(now, pause), uncertain })
    };
    match outcome {
        Ok(sent) => Verdict::Settle(OutboxState::Said(sent)),
        Err(LinkError::Lost(_)) => again(item.uncertain),
        Err(LinkError::Limited { after, .. }) => Verdict::Settle(OutboxState::Later {
            at: later(now, duration(after)),
            uncertain: item.uncertain,
        }),
        Err(LinkError::Refused(_)) => Verdict::GiveUp(Undelivered::Refused),
        // Said twice is better than not at all, but said thrice is not.
        Err(LinkError::Uncertain(_)) if item.uncertain && !knows_repeats && item.sent.is_none() => {
            Verdict::GiveUp(Undelivered::Uncertain)
        }
        Err(LinkError::Uncertain(_)) => again(true),
    }
}

fn duration(after: Duration) -> SignedDuration {
    SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests;
