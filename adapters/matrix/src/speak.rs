//! What is said: contents as events, each under a key that makes saying it twice harmless, at the pace
//! that the homeserver allows.

use crate::company::Company;
use crate::courtesy::Courtesies;
use crate::event::RoomEvent;
use crate::failure::{asking, is_missing, saying};
use crate::kept::Kept;
use crate::pace::Pace;
use crate::render::{labels, signs};
use crate::translate::meant;
use crate::words::Names;
use bot::{Act, MessageId};
use contract::{Busy, LinkError};
use matrix_sdk::Room;
use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, TransactionId};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Messages that are remembered at once; others are looked up.
const GLANCES_MAX: usize = 20_000;

/// Rooms whose buttons are remembered at once.
const OFFERED_MAX: usize = 10_000;

/// Where an event goes.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The room.
    pub(crate) room: Room,
    /// The root of the thread.
    pub(crate) root: Option<OwnedEventId>,
    /// The message that is answered.
    pub(crate) answers: Option<OwnedEventId>,
    /// Who is to be told of it.
    pub(crate) tells: Vec<OwnedUserId>,
}

impl Spot {
    /// A room's own time line.
    pub(crate) fn of(room: Room) -> Spot {
        Spot { room, root: None, answers: None, tells: Vec::new() }
    }

    /// What a content stands in relation to.
    fn relations(&self) -> Option<Value> {
        let root = self.root.as_ref()?;
        // For clients that know no threads it reads as an answer.
        let answers = self.answers.as_ref().unwrap_or(root);
        Some(json!({
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": true,
            "m.in_reply_to": { "event_id": answers },
        }))
    }
}

/// Says things.
pub(crate) struct Speaker {
    pub(crate) kept: Kept,
    /// Rooms in which somebody waits for an answer.
    pub(crate) busy: Busy<String>,
    /// None where a test's clock stands.
    pub(crate) pace: Option<Pace>,
    /// What may as well be left out.
    pub(crate) courtesies: Courtesies,
    /// Who is in the rooms.
    pub(crate) company: Company,
    /// The buttons of the last message in each room that has some, by their words.
    offered: Mutex<HashMap<OwnedRoomId, Vec<(String, Act)>>>,
    /// What messages are, by their ids.
    glances: Mutex<HashMap<OwnedEventId, Glance>>,
}

/// As much of a message as others refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Who wrote it.
    pub(crate) sender: String,
    /// The root of the thread that it stands in.
    pub(crate) root: Option<OwnedEventId>,
    /// Whether a thread can begin with it: what relates to another message in any other way than
    /// answering it can be no root (Client-Server API, "Threading").
    pub(crate) begins: bool,
    /// Whether it speaks to the bot.
    pub(crate) calls: bool,
}

impl Speaker {
    pub(crate) fn new(kept: Kept, pace: Option<Pace>) -> Speaker {
        Speaker {
            kept,
            busy: Busy::default(),
            pace,
            courtesies: Courtesies::default(),
            company: Company::default(),
            offered: Mutex::default(),
            glances: Mutex::default(),
        }
    }

    /// Says contents one after the other, and puts the reactions that stand for buttons under the
    /// last; returns what the events are called.
    pub(crate) async fn say(
        &self,
        spot: &Spot,
        contents: Vec<Value>,
        key: &str,
    ) -> Result<Vec<MessageId>, LinkError> {
        self.wait_for_turn(contents.len()).await?;
        let room = spot.room.room_id();
        let mut said = Vec::new();
        for (number, mut content) in contents.into_iter().enumerate() {
            if let Some(relations) = spot.relations() {
                content["m.relates_to"] = relations;
            }
            if !spot.tells.is_empty() {
                content["m.mentions"] = json!({ "user_ids": spot.tells });
            }
            let buttons: Vec<String> = signs(&content).into_iter().map(str::to_owned).collect();
            self.offer(room, labels(&content));
            let event =
                self.send(&spot.room, "m.room.message", content, &part(key, number)).await?;
            let sender = spot.room.own_user_id().to_string();
            let (root, begins) = (spot.root.clone(), spot.root.is_none());
            let glance = Glance { sender, root, begins, calls: false };
            self.remember(event.clone(), glance);
            self.courtesies.react(&spot.room, &event, buttons, key);
            said.push(message_id(room, &event));
        }
        self.hush(&spot.room);
        Ok(said)
    }

    /// Says messages differently, part for part; what is left over of the old ones goes, and new
    /// words beyond them are cut: said beside them they would be said again at each try.
    pub(crate) async fn change(
        &self,
        room: &Room,
        messages: &[OwnedEventId],
        contents: Vec<Value>,
        maybe_done: bool,
    ) -> Result<(), LinkError> {
        self.wait_for_turn(messages.len()).await?;
        let mut contents = cut_to(contents, messages.len()).into_iter();
        for message in messages {
            let Some(content) = contents.next() else {
                let gone = room.redact(message, None, None).await.map_err(Into::into);
                match gone {
                    // One that is gone already is what was wished for.
                    Err(error) if !is_missing(&error) => return Err(self.meaning(&error)),
                    Ok(_) | Err(_) => continue,
                }
            };
            if maybe_done && self.says_already(room, message, &content).await? {
                continue;
            }
            let buttons: Vec<String> = signs(&content).into_iter().map(str::to_owned).collect();
            let mut event = content.clone();
            event["body"] = format!("* {}", content["body"].as_str().unwrap_or_default()).into();
            event["m.new_content"] = content;
            event["m.relates_to"] = json!({ "rel_type": "m.replace", "event_id": message });
            let key = TransactionId::new();
            self.send(room, "m.room.message", event, key.as_str()).await?;
            self.courtesies.react(room, message, buttons, key.as_str());
        }
        Ok(())
    }

    /// Whether a message of the bot's says this now.
    async fn says_already(
        &self,
        room: &Room,
        message: &EventId,
        content: &Value,
    ) -> Result<bool, LinkError> {
        let own = self.own(room, message.as_str()).await?;
        Ok(own.is_some_and(|own| {
            own.newest()["body"] == content["body"] && signs(own.newest()) == signs(content)
        }))
    }

    async fn send(
        &self,
        room: &Room,
        kind: &str,
        content: Value,
        key: &str,
    ) -> Result<OwnedEventId, LinkError> {
        self.courtesies.stir();
        let key = <&TransactionId>::from(key);
        let sent = room.send_raw(kind, content).with_transaction_id(key).await;
        sent.map(|sent| sent.response.event_id).map_err(|error| self.meaning(&error))
    }

    /// What a failure means for the driver; whoever is told to wait waits from now on.
    fn meaning(&self, error: &matrix_sdk::Error) -> LinkError {
        let meaning = saying(error);
        if let (LinkError::Limited { after, .. }, Some(pace)) = (&meaning, &self.pace) {
            pace.hold(*after, Instant::now());
        }
        meaning
    }

    async fn wait_for_turn(&self, events: usize) -> Result<(), LinkError> {
        let Some(pace) = &self.pace else { return Ok(()) };
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        match pace.turn(events, Instant::now()) {
            Ok(wait) if wait.is_zero() => Ok(()),
            Ok(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(after) => Err(LinkError::Limited { after, everywhere: true }),
        }
    }

    /// Remembers what the last message in a room offers.
    fn offer(&self, room: &RoomId, labels: Vec<(String, Act)>) {
        let mut offered = lock(&self.offered);
        if labels.is_empty() {
            offered.remove(room);
            return;
        }
        if offered.len() >= OFFERED_MAX {
            offered.clear();
        }
        offered.insert(room.to_owned(), labels);
    }

    /// The button of the last message in a room whose words somebody types.
    pub(crate) fn typed(&self, room: &RoomId, words: &str) -> Option<Act> {
        let words = words.trim().to_lowercase();
        let offered = lock(&self.offered);
        let mut labels = offered.get(room)?.iter();
        labels.find(|(label, _)| label.to_lowercase() == words).map(|(_, act)| *act)
    }

    /// Nobody waits in a room any more.
    fn hush(&self, room: &Room) {
        if self.busy.said(&room.room_id().to_string()) {
            let room = room.clone();
            // A sign that stays goes by itself within seconds.
            tokio::spawn(async move { room.typing_notice(false).await });
        }
    }

    /// A message of the bot's own, as its server has it; `None` if it is another's, or gone.
    pub(crate) async fn own(
        &self,
        room: &Room,
        message: &str,
    ) -> Result<Option<RoomEvent>, LinkError> {
        let event = self.event(room, message).await?;
        Ok(event.filter(|event| event.sender() == Some(room.own_user_id().as_str())))
    }

    /// A message as its server has it; `None` if there is none that the bot may see.
    pub(crate) async fn event(
        &self,
        room: &Room,
        message: &str,
    ) -> Result<Option<RoomEvent>, LinkError> {
        let Ok(id) = OwnedEventId::try_from(message) else { return Ok(None) };
        match room.event(&id, None).await {
            Ok(event) => Ok(RoomEvent::parse(event.raw().json().get())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => match asking(&error) {
                // An id of a strange form is refused by servers: nothing is called so.
                LinkError::Refused(_) => Ok(None),
                error @ (LinkError::Lost(_)
                | LinkError::Limited { .. }
                | LinkError::Uncertain(_)) => Err(error),
            },
        }
    }

    /// What is known of a message; `None` if there is none that the bot may see.
    pub(crate) async fn glance(
        &self,
        room: &Room,
        message: &str,
        names: &Names,
    ) -> Result<Option<Glance>, LinkError> {
        let Ok(id) = OwnedEventId::try_from(message) else { return Ok(None) };
        if let Some(glance) = self.glances().get(&id) {
            return Ok(Some(glance.clone()));
        }
        let Some(event) = self.event(room, message).await? else { return Ok(None) };
        Ok(Some(self.note(id, &event, names)))
    }

    /// Remembers what a message is.
    pub(crate) fn note(&self, id: OwnedEventId, event: &RoomEvent, names: &Names) -> Glance {
        let root = event.relations().root.and_then(|root| OwnedEventId::try_from(root).ok());
        let glance = Glance {
            sender: event.sender().unwrap_or_default().to_owned(),
            root,
            begins: !event.relates(),
            calls: event.is_written() && meant(event, names).called,
        };
        self.remember(id, glance.clone());
        glance
    }

    fn remember(&self, id: OwnedEventId, glance: Glance) {
        let mut glances = self.glances();
        if glances.len() >= GLANCES_MAX {
            glances.clear();
        }
        glances.insert(id, glance);
    }

    fn glances(&self) -> MutexGuard<'_, HashMap<OwnedEventId, Glance>> {
        lock(&self.glances)
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change above is whole before anything in it can panic.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

fn part(key: &str, number: usize) -> String {
    format!("{key}.{number}")
}

/// Contents in so many messages; the last tells where words are missing, and has the buttons.
fn cut_to(mut contents: Vec<Value>, most: usize) -> Vec<Value> {
    let buttons = contents.last().and_then(|last| last.get(crate::event::BUTTONS)).cloned();
    if contents.len() > most {
        contents.truncate(most);
        if let Some(last) = contents.last_mut() {
            for field in ["body", "formatted_body"] {
                last[field] = format!("{}…", last[field].as_str().unwrap_or_default()).into();
            }
            if let Some(buttons) = buttons {
                last[crate::event::BUTTONS] = buttons;
            }
        }
    }
    contents
}

/// What a message is called: its room's id and its own.
pub(crate) fn message_id(room: &RoomId, event: &EventId) -> MessageId {
    MessageId(format!("{room} {event}"))
}

/// The room and the event of a message.
pub(crate) fn room_and_event(message: &MessageId) -> Option<(&str, OwnedEventId)> {
    let (room, event) = message.0.rsplit_once(' ')?;
    Some((room, OwnedEventId::try_from(event).ok()?))
}
