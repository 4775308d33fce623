//! Messages that cannot be read yet: they wait for their key, on a shelf of the store, and when it does
//! not come their author is told.

use crate::arrive::Door;
use contract::{Arrival, Keepsake, LinkError};
use jiff::{SignedDuration, Timestamp};
use matrix_sdk::deserialized_responses::TimelineEventKind;
use matrix_sdk::ruma::{OwnedRoomId, serde::Raw};
use matrix_sdk::{Client, Room};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a message waits for its key: devices that were out of reach send it when they come back.
const WAITS: SignedDuration = SignedDuration::from_mins(5);
/// How long it lies on its shelf at most, if nobody looks.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How often it is looked whether a key has come or the time is over.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The shelf.
const SHELF: &str = "undecrypted";

/// The messages that wait.
#[derive(Default)]
pub(crate) struct Waiting {
    /// By the ids of the events.
    messages: Mutex<BTreeMap<String, Message>>,
}

/// A message that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Message {
    room: OwnedRoomId,
    /// The session whose key is missing.
    session: String,
    since: Timestamp,
    /// As it came.
    event: Box<RawValue>,
}

impl Waiting {
    /// Reads what waited when the program ended.
    pub(crate) async fn load(&self, door: &Door) -> Result<(), LinkError> {
        for (id, value) in door.speaker.kept.shelves().all(SHELF).await? {
            if let Ok(message) = serde_json::from_slice::<Message>(&value) {
                self.messages().insert(id, message);
            }
        }
        Ok(())
    }

    /// Lets a message wait: what is handed in says nothing yet, and keeps it.
    pub(crate) fn arrival(
        &self,
        room: &Room,
        event: &RawValue,
        session: &str,
        door: &Door,
    ) -> Option<Arrival> {
        let parsed = crate::event::RoomEvent::parse(event.get())?;
        let id = parsed.id()?;
        let since = door.intake.inside().now();
        let (room, session) = (room.room_id().to_owned(), session.to_owned());
        let message = Message { room, session, since, event: event.to_owned() };
        let value = serde_json::to_vec(&message).ok()?;
        self.messages().insert(id.to_owned(), message);
        let keepsake = Keepsake {
            shelf: SHELF.to_owned(),
            key: id.to_owned(),
            cases: Vec::new(),
            value,
            keep_until: since.saturating_add(KEPT).unwrap_or(Timestamp::MAX),
        };
        let arrival = Arrival::new(format!("waiting {id}"), Vec::new());
        Some(Arrival { keepsake: Some(keepsake), ..arrival })
    }

    /// Looks now and then.
    pub(crate) async fn watch(&self, client: &Client, door: &Door) -> LinkError {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(error) = self.try_again(client, door).await {
                return error;
            }
        }
    }

    /// Tries all of them once more: those that can be read are handed in, and those whose time is over
    /// are told of.
    pub(crate) async fn try_again(&self, client: &Client, door: &Door) -> Result<(), LinkError> {
        let now = door.intake.inside().now();
        let messages = self.messages().clone();
        for (id, message) in messages {
            let arrival = match client.get_room(&message.room) {
                None => None,
                Some(room) => match readable(&room, &message.event).await {
                    Some(event) => door.take(&room, &event).await?,
                    None if now.duration_since(message.since) >= WAITS => {
                        door.unreadable(&room, &message.event, &message.session).await?
                    }
                    None => continue,
                },
            };
            if let Some(arrival) = arrival
                && door.intake.accept(vec![arrival], None).await.is_err()
            {
                return Ok(());
            }
            self.messages().remove(&id);
            // The line of a message that waits no more stays for a moment, and says nothing.
            let shelves = door.speaker.kept.shelves();
            shelves.put(SHELF, &id, &(), now, SignedDuration::ZERO).await?;
        }
        Ok(())
    }

    fn messages(&self) -> MutexGuard<'_, BTreeMap<String, Message>> {
        // Every change above is whole before anything in it can panic.
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event as it reads with its key, if that has come.
async fn readable(room: &Room, event: &RawValue) -> Option<Box<RawValue>> {
    let event = Raw::from_json(event.to_owned());
    let event = room.decrypt_event(&event, None).await.ok()?;
    match &event.kind {
        TimelineEventKind::Decrypted(_) => Some(event.raw().json().to_owned()),
        TimelineEventKind::UnableToDecrypt { .. } | TimelineEventKind::PlainText { .. } => None,
    }
}
