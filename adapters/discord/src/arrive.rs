//! What is done with an event: whether it is for the bot, and what is handed in.

use crate::acknowledge::is_anothers;
use crate::desk::who;
use crate::event::{Does, Id, Interaction, Message, User};
use crate::failure::Failed;
use crate::menu::texts;
use crate::render::{SHARE, one_button};
use crate::settings::Settings;
use crate::speak::Speaker;
use crate::translate::{AtDesk, Form, Raw, answered, done, written};
use bot::{Act, CaseId, Sentences};
use contract::{Arrival, Flood, Flow, Intake, LinkError, Who};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use serenity::http::Route;
use serenity::model::id::ChannelId;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a form that was offered in a thread needs not be offered there again.
const OFFERED_FOR: Duration = Duration::from_secs(10 * 60);

/// Where events come in.
pub(crate) struct Door {
    pub(crate) settings: Settings,
    pub(crate) speaker: Arc<Speaker>,
    pub(crate) bot: Id,
    pub(crate) intake: Intake,
    pub(crate) flood: Flood,
    /// The threads in which it was said of late that the bot cannot read what is written there.
    pub(crate) offered: Mutex<HashMap<Id, Instant>>,
}

/// An event that was looked at.
#[derive(Default)]
pub(crate) struct Taken {
    /// What is handed in; nothing for what says nothing to the bot.
    pub(crate) arrival: Option<Arrival>,
    /// The direct chat in which somebody waits for an answer.
    pub(crate) waits_in: Option<Id>,
    /// The thread in which staff wrote what the bot may not read, and its case.
    pub(crate) offers: Option<(Id, CaseId)>,
}

/// What names a channel.
#[derive(Deserialize)]
struct Numbered {
    channel_id: Id,
}

/// A channel with the people of a direct chat.
#[derive(Deserialize)]
struct DirectChat {
    #[serde(default)]
    recipients: Vec<User>,
}

impl Door {
    /// Looks an event over.
    ///
    /// # Errors
    /// [`LinkError`] if something had to be asked and could not: the event is to come again.
    pub(crate) async fn take(&self, kind: &str, event: &RawValue) -> Result<Taken, LinkError> {
        match kind {
            "MESSAGE_CREATE" => match self.parsed(kind, event) {
                Some(message) => self.message(&message, event).await,
                None => Ok(Taken::default()),
            },
            "MESSAGE_UPDATE" => match self.parsed(kind, event) {
                Some(message) => self.edited(&message, event).await,
                None => Ok(Taken::default()),
            },
            "MESSAGE_DELETE" => match self.parsed(kind, event) {
                Some(message) => self.deleted(&message, event).await,
                None => Ok(Taken::default()),
            },
            "MESSAGE_DELETE_BULK" => {
                let mut raw = self.raw("MESSAGE_DELETE_BULK", event);
                if let Ok(Numbered { channel_id }) = serde_json::from_str(event.get()) {
                    raw.channel = self.began_in(channel_id).await?;
                }
                let mut key = Sha256::new();
                key.update(event.get());
                let key =
                    key.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                Ok(taken(&raw, format!("b{key}")))
            }
            "INTERACTION_CREATE" => match self.parsed(kind, event) {
                Some(interaction) => self.interaction(&interaction, event).await,
                None => Ok(Taken::default()),
            },
            _ => Ok(Taken::default()),
        }
    }

    fn parsed<'a, T: Deserialize<'a>>(&self, kind: &str, event: &'a RawValue) -> Option<T> {
        match serde_json::from_str(event.get()) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                // Asked for again it would come again, and nothing behind it.
                tracing::warn!(network = crate::NETWORK, kind, "an event is passed over: {error}");
                None
            }
        }
    }

    async fn message(&self, message: &Message, event: &RawValue) -> Result<Taken, LinkError> {
        let Some(user) = message.by().filter(|_| message.is_written()) else {
            return Ok(Taken::default());
        };
        let mut raw = self.raw("MESSAGE_CREATE", event);
        if self.speaker.is_at_desk(&self.settings, message.channel_id).await? {
            let case = self.speaker.kept.case_of(message.channel_id).await?;
            if written(message, self.bot, case.map(|case| case.0)).is_none() {
                let blank = message.is_blank() && !self.settings.message_content;
                let offers = case.filter(|_| blank).map(|case| (message.channel_id, case));
                return Ok(Taken { offers, ..Taken::default() });
            }
            let who = who(user, message.member.as_ref(), &self.settings);
            raw.desk = Some(AtDesk { case: case.map(|case| case.0), who });
            return Ok(taken(&raw, format!("m{}", message.id)));
        }
        let direct = message.guild_id.is_none();
        // An answer to the bot that does not call it comes without its words.
        let answers = answered(message, self.bot).is_some() && !message.is_blank();
        if !direct && !answers && !message.calls(self.bot) {
            return Ok(Taken::default());
        }
        match self.flow(user.id, message.id) {
            Flow::Fits => {}
            Flow::FirstOver => raw.flooded = true,
            Flow::Over => return Ok(Taken::default()),
        }
        if !direct {
            raw.channel = self.began_in(message.channel_id).await?;
        }
        let mut taken = taken(&raw, format!("m{}", message.id));
        let (kept, now) = (&self.speaker.kept, self.intake.inside().now());
        if let Some(arrival) = &mut taken.arrival {
            let (id, channel) = (message.id, message.channel_id);
            arrival.keepsake = match direct {
                true => kept.direct_keepsake(user.id, channel, now),
                false if answers && raw.channel.is_none() => {
                    Some(kept.longer_keepsake(id, channel, now))
                }
                false => None,
            };
        }
        taken.waits_in = Some(message.channel_id).filter(|_| direct);
        Ok(taken)
    }

    async fn edited(&self, message: &Message, event: &RawValue) -> Result<Taken, LinkError> {
        // Discord tells of other changes, too: that a preview was added, say.
        let Some(edited) = &message.edited_timestamp else { return Ok(Taken::default()) };
        let Some(user) = message.by().filter(|_| !message.content.is_empty()) else {
            return Ok(Taken::default());
        };
        let at_desk = self.speaker.is_at_desk(&self.settings, message.channel_id).await?;
        if at_desk || self.flow(user.id, message.id) != Flow::Fits {
            return Ok(Taken::default());
        }
        let mut raw = self.raw("MESSAGE_UPDATE", event);
        if message.guild_id.is_some() {
            raw.channel = self.began_in(message.channel_id).await?;
        }
        Ok(taken(&raw, format!("e{}.{edited}", message.id)))
    }

    async fn deleted(&self, message: &Message, event: &RawValue) -> Result<Taken, LinkError> {
        let mut raw = self.raw("MESSAGE_DELETE", event);
        if message.guild_id.is_none() {
            raw.user = self.recipient(message.channel_id).await?;
        } else {
            raw.channel = self.began_in(message.channel_id).await?;
        }
        Ok(taken(&raw, format!("d{}", message.id)))
    }

    /// With whom a direct chat is.
    async fn recipient(&self, channel: Id) -> Result<Option<Id>, LinkError> {
        if let Some(user) = self.speaker.kept.user_of(channel) {
            return Ok(Some(user));
        }
        let route = Route::Channel { channel_id: ChannelId::new(channel.0) };
        match self.speaker.rest.get::<DirectChat>(route).await {
            Ok(chat) => Ok(chat.recipients.iter().find(|user| user.id != self.bot).map(|u| u.id)),
            Err(Failed::Refused { .. }) => Ok(None),
            Err(failed) => Err(failed.asking()),
        }
    }

    async fn interaction(
        &self,
        interaction: &Interaction,
        event: &RawValue,
    ) -> Result<Taken, LinkError> {
        let (Some(user), Some(channel)) = (interaction.by(), interaction.channel_id) else {
            return Ok(Taken::default());
        };
        let mut raw = self.raw("INTERACTION_CREATE", event);
        let key = format!("i{}", interaction.id);
        let code = interaction.data.custom_id.as_str();
        let is_staffs = done(interaction).is_some() || Form::of(code).is_some();
        let at_desk = self.speaker.is_at_desk(&self.settings, channel).await?;
        match interaction.does() {
            None | Some(Does::Types) => return Ok(Taken::default()),
            Some(Does::Presses | Does::Submits) if is_staffs => {
                // A form that is only opened, and whatever is not staff's to do, says nothing.
                let who = who(user, interaction.member.as_ref(), &self.settings);
                if !at_desk || done(interaction).is_none() || matches!(who, Who::Other(_)) {
                    return Ok(Taken::default());
                }
                let case = self.speaker.kept.case_of(channel).await?;
                raw.desk = Some(AtDesk { case: case.map(|case| case.0), who });
                return Ok(taken(&raw, key));
            }
            Some(Does::Submits) => return Ok(Taken::default()),
            Some(Does::Presses)
                if code == SHARE
                    || Act::parse(code).is_none()
                    || is_anothers(interaction, self.bot) =>
            {
                return Ok(Taken::default());
            }
            Some(Does::Presses | Does::Commands) => {}
        }
        if !interaction.is_direct() {
            raw.channel = self.began_in(channel).await?;
        }
        let keepsake = self.speaker.kept.token_keepsake(interaction, self.intake.inside().now());
        match self.flow(user.id, interaction.id) {
            Flow::Fits => {}
            Flow::FirstOver => raw.flooded = true,
            Flow::Over => {
                self.take_back(interaction);
                return Ok(Taken::default());
            }
        }
        let mut taken = taken(&raw, key);
        if let Some(arrival) = &mut taken.arrival {
            arrival.keepsake = Some(keepsake);
        }
        Ok(taken)
    }

    fn raw<'a>(&self, kind: &'a str, event: &'a RawValue) -> Raw<'a> {
        Raw { kind, bot: self.bot, desk: None, user: None, channel: None, flooded: false, event }
    }

    /// The channel whose conversation goes on in this thread, if one does.
    async fn began_in(&self, thread: Id) -> Result<Option<Id>, LinkError> {
        Ok(self.speaker.kept.longer(thread).await?.map(|longer| longer.channel))
    }

    fn flow(&self, user: Id, what: Id) -> Flow {
        let number = i64::try_from(what.0).unwrap_or(i64::MAX);
        self.flood.of(&user.to_string(), number, self.intake.inside().now())
    }

    /// Nothing will answer a command that is not read.
    fn take_back(&self, interaction: &Interaction) {
        let (speaker, id) = (self.speaker.clone(), interaction.id);
        tokio::spawn(async move {
            if let Ok(Some(token)) = speaker.kept.token(id).await {
                speaker.take_back(id, &token).await;
            }
        });
    }

    /// Somebody wrote into the thread of a case what the bot may not read: a button below it opens a
    /// form. What staff say to each other is none of its business, so it says so now and then.
    pub(crate) fn offer_form(&self, thread: Id, case: CaseId) {
        {
            // Every change is whole before anything in it can panic.
            let mut offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
            offered.retain(|_, at| at.elapsed() < OFFERED_FOR);
            if offered.contains_key(&thread) {
                return;
            }
            offered.insert(thread, Instant::now());
        }
        let lang = self.settings.desk_lang;
        let sentences = Sentences::new(lang, texts(lang));
        let body = json!({
            "content": sentences.say("cannot-read", &[]),
            "components": [one_button(
                &Form::Reply(case).code(),
                &sentences.say("button-reply", &[]),
            )],
            "allowed_mentions": { "parse": [] },
        });
        let speaker = self.speaker.clone();
        let nonce = format!("form.{}", thread.0 >> 8);
        tokio::spawn(async move {
            // That it could not be offered changes nothing: the buttons of the case stay.
            let _ = speaker.post(thread, body, &nonce).await;
        });
    }

    /// Shows in a direct chat that an answer is being looked for, if it takes longer than a glance.
    pub(crate) fn acknowledge(&self, channel: Id) {
        let speaker = self.speaker.clone();
        self.speaker.busy.asked(channel, async move {
            if !speaker.rest.is_quiet() {
                // It would take its turn from an answer.
                return;
            }
            let route = Route::ChannelTyping { channel_id: ChannelId::new(channel.0) };
            // Whether it is seen changes nothing.
            let _ = speaker.rest.tell(route, &serde_json::Value::Null).await;
        });
    }
}

fn taken(raw: &Raw<'_>, key: String) -> Taken {
    Taken { arrival: Some(Arrival::new(key, raw.encode())), ..Taken::default() }
}
