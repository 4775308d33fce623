//! What is done with an event of a room: whether it is for the bot, and what must be found out about it
//! before it is handed in, so that a repeat means the same.

use crate::desk::Desk;
use crate::event::{self, RoomEvent};
use crate::render;
use crate::settings::Settings;
use crate::speak::Speaker;
use crate::translate::{About, AtDesk, Raw, desk_act, meant};
use crate::words::Names;
use bot::{Act, CaseId, DeskAct, PlaceKind};
use contract::{Arrival, Flood, Flow, Intake, LinkError, Who};
use matrix_sdk::Room;
use matrix_sdk::ruma::{EventId, OwnedEventId, OwnedRoomId};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where events come in.
pub(crate) struct Door {
    pub(crate) settings: Settings,
    pub(crate) speaker: Arc<Speaker>,
    /// What the bot is called.
    pub(crate) names: Names,
    pub(crate) intake: Intake,
    /// The staff's room, as it is settled.
    pub(crate) staff_room: Option<OwnedRoomId>,
    flood: Flood,
    /// How many messages were counted so far.
    counted: AtomicI64,
}

/// What a room is to the bot.
pub(crate) struct Whereabouts {
    pub(crate) kind: PlaceKind,
    /// The room that it was when its first conversation began.
    place: String,
}

impl Door {
    pub(crate) fn new(
        settings: Settings,
        speaker: Arc<Speaker>,
        names: Names,
        intake: Intake,
        staff_room: Option<OwnedRoomId>,
    ) -> Door {
        let (flood, counted) = (Flood::default(), AtomicI64::new(0));
        Door { settings, speaker, names, intake, staff_room, flood, counted }
    }

    /// Looks an event over; `None` for what says nothing to the bot.
    ///
    /// # Errors
    /// [`LinkError`] if something had to be asked and could not: the event is to come again.
    pub(crate) async fn take(
        &self,
        room: &Room,
        raw: &RawValue,
    ) -> Result<Option<Arrival>, LinkError> {
        let Some(event) = RoomEvent::parse(raw.get()) else { return Ok(None) };
        let (Some(id), Some(sender)) = (event.id(), event.sender()) else { return Ok(None) };
        if sender == self.names.user {
            return Ok(None);
        }
        let at = self.whereabouts(room).await?;
        let about = match at.kind {
            PlaceKind::Desk => self.at_desk(room, &event).await?,
            PlaceKind::Direct | PlaceKind::Shared => self.elsewhere(room, &event, at.kind).await?,
        };
        if event.is_written()
            && let Ok(id) = OwnedEventId::try_from(id)
        {
            self.speaker.note(id, &event, &self.names);
        }
        let Some(about) = about else { return Ok(None) };
        let mut arrival = self.arrival(room, &at, about, raw, id);
        if at.kind == PlaceKind::Direct {
            let room = room.room_id().to_owned();
            let now = self.intake.inside().now();
            arrival.keepsake = self.speaker.kept.direct_keepsake(sender, &room, now).await?;
        }
        Ok(Some(arrival))
    }

    /// That a message cannot be read: told once for all messages under one key, and only where it is
    /// certain that the bot is meant.
    pub(crate) async fn unreadable(
        &self,
        room: &Room,
        raw: &RawValue,
        session: &str,
    ) -> Result<Option<Arrival>, LinkError> {
        let at = self.whereabouts(room).await?;
        if at.kind != PlaceKind::Direct {
            tracing::warn!(
                network = crate::NETWORK,
                "a message in {} is passed over: its key has not come",
                room.room_id()
            );
            return Ok(None);
        }
        let about = About { unreadable: true, ..About::default() };
        let key = format!("unreadable {} {session}", room.room_id());
        Ok(Some(self.arrival(room, &at, about, raw, &key)))
    }

    fn arrival(
        &self,
        room: &Room,
        at: &Whereabouts,
        about: About,
        event: &RawValue,
        key: &str,
    ) -> Arrival {
        let (room, bot) = (room.room_id().as_str(), self.names.clone());
        let raw = Raw { room, place: &at.place, kind: at.kind, bot, about, event };
        Arrival::new(key, raw.encode())
    }

    /// What a room is to the bot: a room in which somebody is alone with it, and which nobody enters
    /// unasked, is a direct chat.
    pub(crate) async fn whereabouts(&self, room: &Room) -> Result<Whereabouts, LinkError> {
        let place = self.speaker.kept.before(room.room_id().as_str()).await?;
        let is_staffs = self.staff_room.as_ref().is_some_and(|staff| *staff == place);
        let kind = match (is_staffs, room.is_public()) {
            (true, _) => PlaceKind::Desk,
            (false, Some(false)) if self.speaker.company.is_alone(room).await? => PlaceKind::Direct,
            (false, _) => PlaceKind::Shared,
        };
        Ok(Whereabouts { kind, place })
    }

    /// What is found out about an event in front of the desk; `None` if it is not for the bot.
    async fn elsewhere(
        &self,
        room: &Room,
        event: &RoomEvent,
        kind: PlaceKind,
    ) -> Result<Option<About>, LinkError> {
        let mut about = About::default();
        if event.redacts().is_some() {
            return Ok(Some(about));
        }
        if event.reaction().is_some() {
            about.act = self.pressed(room, event, kind).await?;
            let told = about.act.is_some() && self.flow(event) == Flow::Fits;
            return Ok(told.then_some(about));
        }
        if !event.is_written() {
            return Ok(None);
        }
        if event.relations().replaces.is_some() {
            return Ok((self.flow(event) == Flow::Fits).then_some(about));
        }
        if kind == PlaceKind::Direct
            && let Some(act) = self.typed(room, event)
        {
            about.act = Some(act.code());
            return Ok((self.flow(event) == Flow::Fits).then_some(about));
        }
        about.answers_bot = self.answers_bot(room, event).await?;
        if kind == PlaceKind::Shared {
            about.goes_on = self.goes_on(room, event).await?;
            if !(about.answers_bot || about.goes_on || meant(event, &self.names).called) {
                return Ok(None);
            }
        }
        Ok(match self.flow(event) {
            Flow::Fits => Some(about),
            Flow::FirstOver => Some(About { flooded: true, ..about }),
            Flow::Over => None,
        })
    }

    /// The button that a message types out, of those that the core does not know by their words.
    fn typed(&self, room: &Room, event: &RoomEvent) -> Option<Act> {
        let act = self.speaker.typed(room.room_id(), event::words(event.content()))?;
        match act {
            Act::Forget
            | Act::Keep
            | Act::Speak(_)
            | Act::Link
            | Act::Unlink
            | Act::OpenDirect(_) => Some(act),
            Act::Helpful(_)
            | Act::NotHelpful(_)
            | Act::AskPerson(_)
            | Act::Choose { .. }
            | Act::More(_)
            | Act::Back(_)
            | Act::Withdraw(_)
            | Act::Claim(_)
            | Act::Release(_)
            | Act::Show(_)
            | Act::Close(_) => None,
        }
    }

    fn flow(&self, event: &RoomEvent) -> Flow {
        let number = self.counted.fetch_add(1, Ordering::Relaxed) + 1;
        self.flood.of(event.sender().unwrap_or_default(), number, self.intake.inside().now())
    }

    /// Whether a message answers one of the bot's: as its server has it, and not as its words say.
    async fn answers_bot(&self, room: &Room, event: &RoomEvent) -> Result<bool, LinkError> {
        let Some(answered) = event.relations().answers else { return Ok(false) };
        let glance = self.speaker.glance(room, answered, &self.names).await?;
        Ok(glance.is_some_and(|glance| glance.sender == self.names.user))
    }

    /// Whether a message goes on in a thread that its author began by speaking to the bot, and speaks
    /// to nobody else.
    async fn goes_on(&self, room: &Room, event: &RoomEvent) -> Result<bool, LinkError> {
        let relations = event.relations();
        let (Some(root), None) = (relations.root, relations.answers) else { return Ok(false) };
        if event.mentions().is_some_and(|people| !people.is_empty()) {
            return Ok(false);
        }
        let glance = self.speaker.glance(room, root, &self.names).await?;
        Ok(glance.is_some_and(|root| root.calls && Some(root.sender.as_str()) == event.sender()))
    }

    /// What the button stands for that a reaction presses; `None` if it presses none. In a room only
    /// whoever asked presses what stands under the answer.
    async fn pressed(
        &self,
        room: &Room,
        event: &RoomEvent,
        kind: PlaceKind,
    ) -> Result<Option<String>, LinkError> {
        let Some((under, sign)) = event.reaction() else { return Ok(None) };
        let Some(own) = self.speaker.own(room, under).await? else { return Ok(None) };
        if kind == PlaceKind::Shared {
            let question = own.content()["m.relates_to"]["m.in_reply_to"]["event_id"].as_str();
            let asked = match question {
                Some(question) => self.speaker.glance(room, question, &self.names).await?,
                None => None,
            };
            if asked.is_some_and(|asked| Some(asked.sender.as_str()) != event.sender()) {
                return Ok(None);
            }
        }
        Ok(render::act(own.newest(), sign).map(|act| act.code()))
    }

    /// What is found out about an event at the desk; `None` if nothing is done there.
    async fn at_desk(&self, room: &Room, event: &RoomEvent) -> Result<Option<About>, LinkError> {
        let relations = event.relations();
        let mut about = About::default();
        let desk = Desk { speaker: &self.speaker, settings: &self.settings, room: room.clone() };
        let mut answered = None;
        if event.reaction().is_some() {
            about.act = self.pressed(room, event, PlaceKind::Desk).await?;
        } else if let Some(id) = relations.answers
            && let Some(own) = self.speaker.own(room, id).await?
        {
            about.answers_bot = true;
            let by_thread =
                desk.case_of(Some(id).and_then(|id| <&EventId>::try_from(id).ok())).await?;
            let by_button = render::acts(own.newest()).find_map(|act| DeskAct::of(act)?.about());
            answered = by_thread.or(by_button);
        }
        let root = relations.root.and_then(|root| <&EventId>::try_from(root).ok());
        let case = desk.case_of(root).await?;
        let number = |case: Option<CaseId>| case.map(|case| case.0);
        let (case, answered) = (number(case), number(answered));
        if desk_act(event, &self.names, &about, case, answered).is_none() {
            return Ok(None);
        }
        let who = desk.who(event.sender().unwrap_or_default()).await?;
        if about.act.is_some() && matches!(who, Who::Other(_)) {
            // The room's own reactions stay what they are; nothing is pressed by them.
            return Ok(None);
        }
        about.desk = Some(AtDesk { case, answered, who });
        Ok(Some(about))
    }
}
