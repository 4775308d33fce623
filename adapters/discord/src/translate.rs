//! Raw events to the core's.

use crate::NETWORK;
use crate::event::{Does, Id, Interaction, Message, User};
use bot::{
    Act, Answered, CaseId, DeskAct, Event, MessageId, Network, Place, PlaceKind, Said, Speaker,
    Wish, Written,
};
use contract::{Pseudonyms, Translate, Who};
use knowledge::Lang;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;

/// An event as it lies in the inbox: as it came, and what was so when it came. Its form is kept: it may
/// have been written by an earlier version of the program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Raw<'a> {
    /// What kind of event, by the gateway's name of it.
    pub(crate) kind: &'a str,
    /// The bot's own number, for mentions of it.
    pub(crate) bot: Id,
    /// Who did it at the desk, if it was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) desk: Option<AtDesk>,
    /// With whom the direct chat is in which it happened, where the event does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<Id>,
    /// The channel whose conversation goes on in the thread in which it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<Id>,
    /// Whether it is the first of those that are not read, for whoever wrote it writes too fast.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) flooded: bool,
    /// As it came.
    #[serde(borrow)]
    pub(crate) event: &'a RawValue,
}

/// Something that somebody did at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AtDesk {
    /// The case in whose thread it was done.
    pub(crate) case: Option<u32>,
    /// Who did it.
    pub(crate) who: Who,
}

impl Raw<'_> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        // It holds no map whose keys could not be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What the core knows as the id of a message: one in a channel, or an interaction, whose answer needs
/// what stands here once its token is known no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A message in a channel.
    Message {
        /// The channel.
        channel: Id,
        /// Its number.
        message: Id,
    },
    /// An interaction, or the message that answers it.
    Interaction {
        /// Its number.
        id: Id,
        /// Where.
        channel: Id,
        /// Whose.
        user: Id,
        /// Whether nobody else is shown what answers it.
        hidden: bool,
    },
}

impl Reference {
    /// Reads what the core has as an id.
    pub(crate) fn of(id: &MessageId) -> Option<Reference> {
        let mut words = id.0.split('.');
        let mut next = || words.next()?.parse().ok().map(Id);
        if let Some(rest) = id.0.strip_prefix("i.") {
            let mut words = rest.split('.');
            let mut next = || words.next()?.parse().ok().map(Id);
            let (id, channel, user) = (next()?, next()?, next()?);
            return Some(Reference::Interaction {
                id,
                channel,
                user,
                hidden: rest.ends_with(".h"),
            });
        }
        Some(Reference::Message { channel: next()?, message: next()? })
    }

    /// An interaction, if it has all that one needs.
    pub(crate) fn of_interaction(interaction: &Interaction) -> Option<Reference> {
        Some(Reference::Interaction {
            id: interaction.id,
            channel: interaction.channel_id?,
            user: interaction.by()?.id,
            hidden: interaction.is_hidden(),
        })
    }

    /// The number of a message, if it is one.
    pub(crate) fn message(self) -> Option<Id> {
        match self {
            Reference::Message { message, .. } => Some(message),
            Reference::Interaction { .. } => None,
        }
    }

    pub(crate) fn id(self) -> MessageId {
        MessageId(self.to_string())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Message { channel, message } => write!(f, "{channel}.{message}"),
            Reference::Interaction { id, channel, user, hidden } => {
                let shown = if *hidden { "h" } else { "o" };
                write!(f, "i.{id}.{channel}.{user}.{shown}")
            }
        }
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

/// A channel.
fn shared(channel: Id) -> Place {
    Place { network: network(), id: channel.to_string(), kind: PlaceKind::Shared }
}

/// The pure half of the link.
pub(crate) struct Translator;

impl Translate for Translator {
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event> {
        let Ok(raw) = serde_json::from_slice::<Raw<'_>>(raw) else { return Vec::new() };
        if raw.kind == "MESSAGE_DELETE_BULK" {
            let bulk = serde_json::from_str::<Bulk>(raw.event.get());
            return bulk.map_or_else(|_| Vec::new(), |bulk| bulk.events(raw.channel));
        }
        let at = Translating { raw: &raw, pseudonyms };
        at.event().into_iter().collect()
    }
}

struct Translating<'a> {
    raw: &'a Raw<'a>,
    pseudonyms: &'a dyn Pseudonyms,
}

impl Translating<'_> {
    fn event(&self) -> Option<Event> {
        let json = self.raw.event.get();
        match self.raw.kind {
            "MESSAGE_CREATE" => self.message(&serde_json::from_str(json).ok()?),
            "MESSAGE_UPDATE" => self.edited(&serde_json::from_str(json).ok()?),
            "MESSAGE_DELETE" => Some(self.deleted(&serde_json::from_str(json).ok()?)),
            "INTERACTION_CREATE" => self.interaction(&serde_json::from_str(json).ok()?),
            _ => None,
        }
    }

    fn message(&self, message: &Message) -> Option<Event> {
        if let Some(at) = &self.raw.desk {
            return at_desk(written(message, self.raw.bot, at.case)?, at);
        }
        let user = message.by()?;
        let direct = message.guild_id.is_none();
        let place = self.place(user.id, direct, message.channel_id);
        let speaker = self.speaker(user, None);
        let id = Reference::Message { channel: message.channel_id, message: message.id }.id();
        if self.raw.flooded {
            return Some(Event::Flooded { place, speaker, message: id });
        }
        let answered = answered(message, self.raw.bot);
        let replies_to = answered.map(|answered| {
            Reference::Message { channel: message.channel_id, message: answered.id }.id()
        });
        Some(Event::Said(Said {
            addressed: direct || replies_to.is_some() || message.calls(self.raw.bot),
            wish: Wish::from_text(&without_name(&message.content, self.raw.bot)),
            attachments: message.files(),
            message: id,
            replies_to,
            speaker,
            place,
        }))
    }

    fn edited(&self, message: &Message) -> Option<Event> {
        let user = message.by()?;
        Some(Event::Edited {
            place: self.place(user.id, message.guild_id.is_none(), message.channel_id),
            speaker: self.speaker(user, None),
            message: Reference::Message { channel: message.channel_id, message: message.id }.id(),
            text: without_name(&message.content, self.raw.bot),
        })
    }

    fn interaction(&self, interaction: &Interaction) -> Option<Event> {
        if let Some(at) = &self.raw.desk {
            return at_desk(done(interaction)?, at);
        }
        let user = interaction.by()?;
        let place = self.place(user.id, interaction.is_direct(), interaction.channel_id?);
        let reference = Reference::of_interaction(interaction)?;
        let speaker = self.speaker(user, interaction.locale.as_deref());
        if self.raw.flooded {
            return Some(Event::Flooded { place, speaker, message: reference.id() });
        }
        match interaction.does()? {
            Does::Commands => {
                let target = interaction.target();
                let wish = match target {
                    Some(message) => Wish::Words(without_name(&message.content, self.raw.bot)),
                    None => {
                        let (name, given) = (&interaction.data.name, interaction.given());
                        Wish::from_text(&format!("/{name} {given}"))
                    }
                };
                Some(Event::Said(Said {
                    addressed: true,
                    wish,
                    attachments: target.map(Message::files).unwrap_or_default(),
                    message: reference.id(),
                    replies_to: None,
                    speaker,
                    place,
                }))
            }
            Does::Presses => {
                let act = Act::parse(&interaction.data.custom_id)?;
                // A button of the desk does nothing in front of it.
                if DeskAct::of(act).is_some() {
                    return None;
                }
                let press = interaction.is_hidden().then(|| reference.id());
                Some(Event::Pressed { place, speaker, act, press })
            }
            Does::Types | Does::Submits => None,
        }
    }

    /// Whose it was is not told.
    fn deleted(&self, message: &Message) -> Event {
        let place = match self.raw.user {
            Some(user) => self.place(user, true, message.channel_id),
            None => shared(self.raw.channel.unwrap_or(message.channel_id)),
        };
        let message = Reference::Message { channel: message.channel_id, message: message.id }.id();
        Event::Deleted { place, person: None, message }
    }

    /// A place: the direct chat with a user, or a channel.
    fn place(&self, user: Id, direct: bool, channel: Id) -> Place {
        match direct {
            true => Place::direct(&network(), &user.to_string()),
            false => shared(self.raw.channel.unwrap_or(channel)),
        }
    }

    fn speaker(&self, user: &User, locale: Option<&str>) -> Speaker {
        let id = user.id.to_string();
        Speaker {
            person: self.pseudonyms.person(&network(), &id),
            user: id,
            // "en-GB", "fr".
            locale: locale.and_then(|locale| Lang::parse(locale.split('-').next()?)),
        }
    }
}

fn at_desk(act: DeskAct, at: &AtDesk) -> Option<Event> {
    Some(match &at.who {
        Who::Staff(staff) => Event::Desk { desk: desk(), staff: staff.clone(), act },
        Who::Other(who) => {
            let act = DeskAct::NotStaff { who: who.clone() };
            Event::Desk { desk: desk(), staff: who.clone(), act }
        }
    })
}

/// Messages that a moderator took away at once.
#[derive(Deserialize)]
struct Bulk {
    ids: Vec<Id>,
    channel_id: Id,
}

impl Bulk {
    fn events(&self, channel: Option<Id>) -> Vec<Event> {
        let place = shared(channel.unwrap_or(self.channel_id));
        let gone = |message: &Id| Event::Deleted {
            place: place.clone(),
            person: None,
            message: Reference::Message { channel: self.channel_id, message: *message }.id(),
        };
        self.ids.iter().map(gone).collect()
    }
}

/// The bot's message that this one answers.
pub(crate) fn answered(message: &Message, bot: Id) -> Option<&Message> {
    message.referenced_message.as_deref().filter(|answered| answered.is_by(bot))
}

/// What somebody who wrote at the desk asks for; `None` for what people say to each other. `case` is
/// the one in whose thread it stands.
pub(crate) fn written(message: &Message, bot: Id, case: Option<u32>) -> Option<DeskAct> {
    message.by()?;
    let files = !message.attachments.is_empty();
    if message.content.is_empty() && !files {
        return None;
    }
    let answers = match answered(message, bot) {
        Some(answered) => case_of_buttons(answered).map_or(Answered::Bot, Answered::Case),
        None => Answered::Others,
    };
    DeskAct::written(&Written {
        words: &without_name(&message.content, bot),
        in_thread: case.map(CaseId),
        answers,
        called: message.calls(bot),
        files,
    })
}

/// What a button or a form of the desk asks for.
pub(crate) fn done(interaction: &Interaction) -> Option<DeskAct> {
    let code = interaction.data.custom_id.as_str();
    match interaction.does()? {
        Does::Presses => DeskAct::of(Act::parse(code)?),
        Does::Submits => {
            let text = interaction.written()?.trim().to_owned();
            Some(match Form::of(code)? {
                Form::Reply(case) => DeskAct::Reply { case, also: Vec::new(), text },
                Form::Note(case) => DeskAct::Note { case, text },
            })
        }
        Does::Commands | Does::Types => None,
    }
}

/// A form in which staff write something about a case: the code of its button, and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What the patron will read.
    Reply(CaseId),
    /// What only staff see.
    Note(CaseId),
}

impl Form {
    /// As a code that outlives a restart.
    pub(crate) fn code(self) -> String {
        match self {
            Form::Reply(case) => format!("reply.{case}"),
            Form::Note(case) => format!("note.{case}"),
        }
    }

    /// Reads a code.
    pub(crate) fn of(code: &str) -> Option<Form> {
        let (word, number) = code.split_once('.')?;
        let case = CaseId(number.parse().ok()?);
        let form = match word {
            "reply" => Form::Reply(case),
            "note" => Form::Note(case),
            _ => return None,
        };
        (form.code() == code).then_some(form)
    }
}

/// The case that the desk's buttons under a message are about.
fn case_of_buttons(message: &Message) -> Option<CaseId> {
    message.codes().find_map(|code| DeskAct::of(Act::parse(code)?)?.about())
}

/// The words without the bot's name before or behind them.
fn without_name(text: &str, bot: Id) -> String {
    let names = [format!("<@{bot}>"), format!("<@!{bot}>")];
    let mut text = text.trim();
    for name in &names {
        if let Some(rest) = text.strip_prefix(name.as_str()) {
            text = rest.trim_start_matches([',', ':']).trim_start();
        }
        let behind = text.trim_end_matches(|c: char| c.is_whitespace() || ".,;:!?".contains(c));
        if let Some(rest) = behind.strip_suffix(name.as_str()) {
            text = rest.trim_end().trim_end_matches(',');
        }
    }
    text.to_owned()
}
