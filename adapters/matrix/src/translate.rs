//! Raw events to the core's.

use crate::NETWORK;
use crate::event::{self, RoomEvent, attachment, location};
use crate::speak::message_id;
use crate::words::{Meant, Names, behind_prefix};
use bot::{
    Act, Answered, Attachment, CaseId, DeskAct, Event, MessageId, Network, Place, PlaceKind, Said,
    Speaker, Wish, Written,
};
use contract::{Pseudonyms, Translate, Who};
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// An event as it lies in the inbox: as it came, decrypted, and what was so when it came. Its form is
/// kept: it may have been written by an earlier version of the program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Raw<'a> {
    /// The room that it came in.
    pub(crate) room: &'a str,
    /// The room that this one was when its first conversation began: its place goes by that.
    pub(crate) place: &'a str,
    /// What kind of place the room is.
    pub(crate) kind: PlaceKind,
    /// What the bot is called.
    pub(crate) bot: Names,
    /// What was found out about it.
    pub(crate) about: About,
    /// As it came.
    #[serde(borrow)]
    pub(crate) event: &'a RawValue,
}

/// What was found out about an event before it was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct About {
    /// Whether it answers one of the bot's messages.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) answers_bot: bool,
    /// Whether it goes on in a thread that its author began by speaking to the bot.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) goes_on: bool,
    /// What the button stands for that a reaction presses, or words type out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<String>,
    /// Who did it at the desk, if it was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) desk: Option<AtDesk>,
    /// Whether it is the first of those that are not read, for whoever wrote it writes too fast.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) flooded: bool,
    /// Whether its key has not come.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) unreadable: bool,
}

/// Something that somebody did at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AtDesk {
    /// The case in whose thread it was done.
    pub(crate) case: Option<u32>,
    /// The case that the message which it answers is about, by its buttons.
    #[serde(default)]
    pub(crate) answered: Option<u32>,
    /// Who did it.
    pub(crate) who: Who,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Raw<'_> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        // It holds no map whose keys could not be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn place(&self, sender: &str) -> Place {
        match self.kind {
            PlaceKind::Direct => Place::direct(&network(), sender),
            PlaceKind::Shared => {
                Place { network: network(), id: self.place.to_owned(), kind: PlaceKind::Shared }
            }
            PlaceKind::Desk => desk(),
        }
    }

    fn message(&self, event: &str) -> Option<MessageId> {
        let room = OwnedRoomId::try_from(self.room).ok()?;
        Some(message_id(&room, &OwnedEventId::try_from(event).ok()?))
    }
}

/// The network.
pub(crate) fn network() -> Network {
    Network(NETWORK.to_owned())
}

/// The desk.
pub(crate) fn desk() -> Place {
    Place { network: network(), id: "desk".to_owned(), kind: PlaceKind::Desk }
}

/// The pure half of the link.
pub(crate) struct Translator;

impl Translate for Translator {
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event> {
        let Ok(raw) = serde_json::from_slice::<Raw<'_>>(raw) else { return Vec::new() };
        let Some(event) = RoomEvent::parse(raw.event.get()) else { return Vec::new() };
        let happened = match &raw.about.desk {
            Some(at) => at_desk(&event, &raw, at),
            None => elsewhere(&event, &raw, pseudonyms),
        };
        happened.into_iter().collect()
    }
}

fn elsewhere(event: &RoomEvent, raw: &Raw<'_>, pseudonyms: &dyn Pseudonyms) -> Option<Event> {
    let (sender, about) = (event.sender()?, &raw.about);
    let (place, message) = (raw.place(sender), raw.message(event.id()?)?);
    let speaker = Speaker {
        person: pseudonyms.person(&network(), sender),
        user: sender.to_owned(),
        locale: None,
    };
    if about.flooded {
        return Some(Event::Flooded { place, speaker, message });
    }
    if about.unreadable {
        return Some(Event::Unreadable { place, speaker, message });
    }
    if let Some(gone) = event.redacts() {
        return Some(Event::Deleted { place, person: None, message: raw.message(gone)? });
    }
    if event.reaction().is_some() || about.act.is_some() {
        let act = Act::parse(about.act.as_deref()?).filter(|act| DeskAct::of(*act).is_none())?;
        return Some(Event::Pressed { place, speaker, act, press: None });
    }
    if !event.is_written() {
        return None;
    }
    if let Some(changed) = event.relations().replaces {
        let content = &event.content()["m.new_content"];
        let words = Meant::read(event::words(content), &raw.bot, true).words.into_owned();
        let message = raw.message(changed)?;
        return Some(Event::Edited { place, speaker, message, text: words });
    }
    let content = event.content();
    let meant = meant(event, &raw.bot);
    let wish = location(content).map_or_else(|| Wish::from_text(&meant.words), Wish::Location);
    Some(Event::Said(Said {
        speaker,
        replies_to: event
            .relations()
            .answers
            .filter(|_| about.answers_bot)
            .and_then(|id| raw.message(id)),
        addressed: place.kind == PlaceKind::Direct
            || about.answers_bot
            || about.goes_on
            || meant.called,
        wish,
        attachments: files(content),
        place,
        message,
    }))
}

/// What somebody means by a message.
pub(crate) fn meant<'a>(event: &'a RoomEvent, bot: &Names) -> Meant<'a> {
    let mentioned = event.mentions().is_some_and(|people| people.contains(&bot.user.as_str()));
    Meant::read(event::words(event.content()), bot, mentioned)
}

fn files(content: &Value) -> Vec<Attachment> {
    attachment(content).into_iter().collect()
}

fn at_desk(event: &RoomEvent, raw: &Raw<'_>, at: &AtDesk) -> Option<Event> {
    let act = desk_act(event, &raw.bot, &raw.about, at.case, at.answered)?;
    Some(match &at.who {
        Who::Staff(staff) => Event::Desk { desk: desk(), staff: staff.clone(), act },
        Who::Other(who) => {
            let act = DeskAct::NotStaff { who: who.clone() };
            Event::Desk { desk: desk(), staff: who.clone(), act }
        }
    })
}

/// What an event in the staff's room asks for at the desk; `None` for what people say to each other.
/// `case` is the one in whose thread it stands, `answered` the one of the message that it answers.
pub(crate) fn desk_act(
    event: &RoomEvent,
    bot: &Names,
    about: &About,
    case: Option<u32>,
    answered: Option<u32>,
) -> Option<DeskAct> {
    if event.reaction().is_some() {
        return DeskAct::of(Act::parse(about.act.as_deref()?)?);
    }
    if !event.is_written() || event.relations().replaces.is_some() {
        return None;
    }
    let files = !files(event.content()).is_empty();
    // Whoever answers the bot is told of by their client: their words alone say whether they call it.
    let text = event::words(event.content());
    let meant = Meant::read(text, bot, false);
    let command = behind_prefix(text).map(|rest| format!("/{}", rest.trim_start_matches('/')));
    let words = command.as_deref().unwrap_or(&meant.words).trim();
    if words.is_empty() && !files {
        return None;
    }
    let written = Written {
        words,
        in_thread: case.map(CaseId),
        answers: match (about.answers_bot, answered) {
            (true, Some(case)) => Answered::Case(CaseId(case)),
            (true, None) => Answered::Bot,
            (false, _) => Answered::Others,
        },
        called: meant.called || words.starts_with('/'),
        files,
    };
    DeskAct::written(&written)
}
