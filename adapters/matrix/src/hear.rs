//! How events come in.
//!
//! The client stores where it stands, and the keys that came, before anybody sees what arrived. A crash
//! between that and the inbox would lose it, and asking again from the older point can come back empty,
//! for the client knows that answer already. So our own cursor, kept with the events in one transaction,
//! is what counts: where the client is ahead of it after a start, what lies between is asked for past
//! the client.

use crate::arrive::Door;
use crate::failure::{asking, listening};
use crate::invite::Inviting;
use crate::waiting::Waiting;
use bot::PlaceKind;
use contract::{Arrival, Cursor, LinkError};
use matrix_sdk::config::SyncSettings;
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind};
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::OwnedEventId;
use matrix_sdk::ruma::api::client::filter::{FilterDefinition, RoomEventFilter, RoomFilter};
use matrix_sdk::ruma::api::client::sync::sync_events::v3;
use matrix_sdk::ruma::events::AnySyncTimelineEvent;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::store::StateStoreDataKey;
use matrix_sdk::sync::{JoinedRoomUpdate, State};
use matrix_sdk::{Client, Room, RoomState};
use std::time::Duration;

/// How long the homeserver may wait for news.
const WAITS: Duration = Duration::from_secs(30);
/// Events of one room that come at once; what is beyond is asked for.
const EVENTS_AT_ONCE: u32 = 100;
/// Pages that are asked for when much was missed: five thousand events of one room, of which the
/// oldest are then passed over.
const PAGES_MAX: usize = 50;
/// Pages that are asked for in a room that has just been entered: what was said since the invitation.
const PAGES_ON_ENTRY: usize = 2;

/// What listens.
pub(crate) struct Ears<'a> {
    pub(crate) client: &'a Client,
    pub(crate) door: &'a Door,
    pub(crate) waiting: &'a Waiting,
    pub(crate) inviting: &'a Inviting,
}

/// A part of a room's time line, oldest first.
struct Line {
    events: Vec<TimelineEvent>,
    /// Where to ask for what comes before, if something does.
    before: Option<String>,
}

impl Ears<'_> {
    /// Listens until an error or the end of the intake.
    pub(crate) async fn listen(&self, cursor: Option<Cursor>) -> Result<(), LinkError> {
        let mut since = self.catch_up(cursor).await?;
        self.inviting.look();
        loop {
            let settings = sync_settings().token(since.clone()).timeout(WAITS);
            let news = self.client.sync_once(settings).await.map_err(|e| listening(&e))?;
            self.door.speaker.courtesies.stir();
            let mut arrivals = Vec::new();
            let mut read = Vec::new();
            for (id, update) in news.rooms.joined {
                let Some(room) = self.client.get_room(&id) else { continue };
                if tells_of_members(&update) {
                    self.door.speaker.company.changed(&id).await;
                }
                let line = update.timeline;
                let before = line.prev_batch.filter(|_| line.limited);
                let line = Line { events: line.events, before };
                let last = self.take(&room, line, &since, &mut arrivals).await?;
                read.extend(last.map(|last| (room.clone(), last)));
                self.inviting.follow(&room);
            }
            if !news.rooms.invited.is_empty() {
                self.inviting.look();
            }
            let kept = self.door.intake.accept(arrivals, Some(news.next_batch.clone())).await;
            if kept.is_err() {
                return Ok(());
            }
            since = news.next_batch;
            for (room, last) in read {
                self.acknowledge(room, last).await;
            }
            if !news.to_device.is_empty() {
                self.waiting.try_again(self.client, self.door).await?;
            }
        }
    }

    /// Brings our cursor to where the client stands, with what lies between; returns that point.
    async fn catch_up(&self, cursor: Option<Cursor>) -> Result<Cursor, LinkError> {
        let known = match self.stands().await? {
            Some(known) => known,
            // It knows nothing yet. What was said before its time is nobody's question to it.
            None => {
                let first = sync_settings().token(matrix_sdk::config::SyncToken::NoToken);
                let first = self.client.sync_once(first).await.map_err(|e| listening(&e))?;
                first.next_batch
            }
        };
        let mut arrivals = Vec::new();
        match cursor {
            Some(cursor) if cursor == known => return Ok(known),
            Some(cursor) => self.missed(&cursor, &mut arrivals).await?,
            None => {}
        }
        let kept = self.door.intake.accept(arrivals, Some(known.clone())).await;
        kept.map_err(|closed| LinkError::Lost(closed.to_string()))?;
        Ok(known)
    }

    /// Where the client stands, as it has stored it.
    async fn stands(&self) -> Result<Option<Cursor>, LinkError> {
        let kept = self.client.state_store().get_kv_data(StateStoreDataKey::SyncToken).await;
        let kept = kept.map_err(|error| LinkError::Lost(error.to_string()))?;
        Ok(kept.and_then(|value| value.into_sync_token()))
    }

    /// What has come since a point, asked for past the client.
    async fn missed(&self, since: &str, arrivals: &mut Vec<Arrival>) -> Result<(), LinkError> {
        let mut request = v3::Request::new();
        request.since = Some(since.to_owned());
        request.filter = Some(filter());
        request.timeout = Some(Duration::ZERO);
        let news = self.client.send(request).await.map_err(|error| listening(&error.into()))?;
        for (id, update) in news.rooms.join {
            let Some(room) = self.client.get_room(&id).filter(|r| r.state() == RoomState::Joined)
            else {
                continue;
            };
            let line = update.timeline;
            let mut events = Vec::new();
            for event in line.events {
                events.push(decrypted(&room, event).await);
            }
            let line = Line { events, before: line.prev_batch.filter(|_| line.limited) };
            self.take(&room, line, since, arrivals).await?;
        }
        Ok(())
    }

    /// Takes a room's events; returns the last one that was handed in.
    async fn take(
        &self,
        room: &Room,
        line: Line,
        since: &str,
        arrivals: &mut Vec<Arrival>,
    ) -> Result<Option<OwnedEventId>, LinkError> {
        let mut last = None;
        for event in self.whole(room, line, since).await? {
            let arrival = match &event.kind {
                TimelineEventKind::UnableToDecrypt { event, utd_info } => {
                    let session = utd_info.session_id.as_deref().unwrap_or_default();
                    self.waiting.arrival(room, event.json(), session, self.door)
                }
                TimelineEventKind::Decrypted(_) | TimelineEventKind::PlainText { .. } => {
                    self.door.take(room, event.raw().json()).await?
                }
            };
            if let Some(arrival) = arrival {
                last = event.event_id();
                arrivals.push(arrival);
            }
        }
        Ok(last)
    }

    /// The events of a room since a point: those that came, those that were left out before them, and
    /// of a room that has just been entered what was said since the bot was invited.
    async fn whole(
        &self,
        room: &Room,
        line: Line,
        since: &str,
    ) -> Result<Vec<TimelineEvent>, LinkError> {
        let Line { mut events, mut before } = line;
        let own = room.own_user_id();
        let enters = entry(&events, own.as_str()).is_some();
        let pages = if enters { PAGES_ON_ENTRY } else { PAGES_MAX };
        for _ in 0..pages {
            let Some(from) = before.take() else { break };
            if enters && invitation(&events, own.as_str()).is_some() {
                break;
            }
            let mut options = MessagesOptions::backward();
            options.from = Some(from);
            options.limit = EVENTS_AT_ONCE.into();
            // A room that has just been entered has nothing at that point.
            options.to = (!enters).then(|| since.to_owned());
            let mut page = room.messages(options).await.map_err(|error| asking(&error))?;
            page.chunk.reverse();
            let is_last = page.chunk.is_empty();
            page.chunk.append(&mut events);
            events = page.chunk;
            before = page.end.filter(|_| !is_last);
        }
        if before.is_some() && !enters {
            tracing::warn!(
                network = crate::NETWORK,
                "more was said in {} while the bot was away than it reads; the oldest is passed over",
                room.room_id()
            );
        }
        let from = invitation(&events, own.as_str()).or(entry(&events, own.as_str()));
        if let Some(from) = from.filter(|_| enters) {
            events.drain(..=from);
        }
        Ok(events)
    }

    /// Shows people that what they wrote has been read. Whether it is seen changes nothing.
    async fn acknowledge(&self, room: Room, last: OwnedEventId) {
        let at = self.door.whereabouts(&room).await;
        if at.is_ok_and(|at| at.kind == PlaceKind::Direct) {
            let here = room.clone();
            self.door.speaker.busy.asked(room.room_id().to_string(), async move {
                let _ = here.typing_notice(true).await;
            });
        }
        self.door.speaker.courtesies.read(room, last);
    }
}

/// An event as it reads once it is decrypted, if it can be.
async fn decrypted(room: &Room, event: Raw<AnySyncTimelineEvent>) -> TimelineEvent {
    let encrypted = event.get_field::<String>("type").ok().flatten();
    if encrypted.as_deref() != Some("m.room.encrypted") {
        return TimelineEvent::from_plaintext(event);
    }
    match room.decrypt_event(event.cast_ref_unchecked(), None).await {
        Ok(event) => event,
        Err(_) => TimelineEvent::from_plaintext(event),
    }
}

/// Whether an update of a room may change who is in it.
fn tells_of_members(update: &JoinedRoomUpdate) -> bool {
    let is_member = |kind: Option<String>| kind.as_deref() == Some("m.room.member");
    let (State::Before(state) | State::After(state)) = &update.state;
    update.timeline.limited
        || state.iter().any(|event| is_member(event.get_field("type").ok().flatten()))
        || update
            .timeline
            .events
            .iter()
            .any(|event| is_member(event.raw().get_field("type").ok().flatten()))
}

/// Where in a time line the bot enters the room.
fn entry(events: &[TimelineEvent], own: &str) -> Option<usize> {
    events.iter().rposition(|event| {
        is_own_membership(event, own)
            .is_some_and(|(now, before)| now == "join" && before.as_deref() != Some("join"))
    })
}

/// Where in a time line the bot is invited.
fn invitation(events: &[TimelineEvent], own: &str) -> Option<usize> {
    events
        .iter()
        .rposition(|event| is_own_membership(event, own).is_some_and(|(now, _)| now == "invite"))
}

/// What an event says of the bot's own membership, and what it was before.
fn is_own_membership(event: &TimelineEvent, own: &str) -> Option<(String, Option<String>)> {
    let event = crate::event::RoomEvent::parse(event.raw().json().get())?;
    let is_own = event.state_key() == Some(own);
    let membership = event.membership().filter(|_| is_own)?.to_owned();
    Some((membership, event.membership_before().map(str::to_owned)))
}

/// What is asked for: no presence and nobody's typing, which would only wake us. Members come with
/// their room: to leave out the silent ones costs a homeserver more with every event than it saves.
fn filter() -> v3::Filter {
    let mut room = RoomFilter::default();
    room.timeline.limit = Some(EVENTS_AT_ONCE.into());
    room.ephemeral = RoomEventFilter::ignore_all();
    let mut all = FilterDefinition::default();
    all.room = room;
    all.presence = matrix_sdk::ruma::api::client::filter::Filter::ignore_all();
    v3::Filter::FilterDefinition(all)
}

fn sync_settings() -> SyncSettings {
    SyncSettings::new().filter(filter())
}
