//! What arrives, whichever way it comes: what is handed in, and what is answered at once.

use crate::desk::{Desk, User};
use crate::inline;
use crate::menu;
use crate::readable;
use crate::settings::Settings;
use crate::speak::Speaker;
use crate::translate::{self, AtDesk, Raw};
use bot::Sentences;
use contract::{Arrival, Flood, Flow, Intake, LinkError, Who};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use teloxide::payloads::AnswerCallbackQuerySetters as _;
use teloxide::requests::Requester as _;
use teloxide::types::{CallbackQueryId, ChatAction, ChatId};
use tokio::sync::Semaphore;

/// The kinds of updates that are asked for: all that are read here.
pub(crate) const KINDS: [&str; 4] = ["message", "edited_message", "callback_query", "inline_query"];

/// An update's number: what has none is no update.
#[derive(Deserialize)]
pub(crate) struct Numbered {
    pub(crate) update_id: i64,
}

/// How long an inline query waits to be looked up.
const LOOK_WAITS: Duration = Duration::from_secs(2);

/// As much of an update as is looked at before it is handed in.
#[derive(Default, Deserialize)]
pub(crate) struct Glance {
    pub(crate) update_id: i64,
    message: Option<GlanceAtMessage>,
    edited_message: Option<GlanceAtMessage>,
    callback_query: Option<GlanceAtPress>,
    inline_query: Option<inline::Asked>,
}

#[derive(Deserialize)]
struct GlanceAtMessage {
    chat: GlanceAtChat,
    #[serde(default)]
    from: Option<User>,
    /// The group itself, for administrators who speak as it.
    #[serde(default)]
    sender_chat: Option<GlanceAtChat>,
    #[serde(default)]
    author_signature: Option<String>,
    #[serde(default)]
    message_thread_id: Option<i32>,
    /// When it was written: what waited for hours was not written at once.
    #[serde(default)]
    date: i64,
    #[serde(default)]
    migrate_to_chat_id: Option<i64>,
    #[serde(default)]
    reply_to_message: Option<GlanceAtReply>,
}

/// The message that another one answers.
#[derive(Deserialize)]
struct GlanceAtReply {
    #[serde(default)]
    from: Option<User>,
}

#[derive(Deserialize)]
struct GlanceAtChat {
    id: i64,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct GlanceAtPress {
    id: String,
    from: User,
    #[serde(default)]
    message: Option<GlanceAtMessage>,
}

/// Where updates come in.
pub(crate) struct Door {
    pub(crate) settings: Settings,
    pub(crate) speaker: Arc<Speaker>,
    /// The bot's own name.
    pub(crate) name: String,
    pub(crate) intake: Intake,
    pub(crate) flood: Flood,
    /// Room for inline queries to be looked up.
    pub(crate) looks: Arc<Semaphore>,
}

/// An update that was looked at.
pub(crate) struct Taken {
    /// What is handed in; nothing for what says nothing to the bot.
    pub(crate) arrival: Option<Arrival>,
    pub(crate) glance: Glance,
    /// Why a press does nothing, if it does not.
    forbidden: Option<Forbidden>,
}

/// Why somebody may not press a button.
#[derive(Clone, Copy)]
enum Forbidden {
    /// It is the desk's, and they are not staff.
    StaffOnly,
    /// It stands below the answer to somebody else's question.
    NotYours,
}

impl Forbidden {
    /// The sentence that says so.
    fn sentence(self) -> &'static str {
        match self {
            Forbidden::StaffOnly => "staff-only",
            Forbidden::NotYours => "not-yours",
        }
    }
}

impl Door {
    /// Looks an update over.
    ///
    /// # Errors
    /// [`LinkError`] if something had to be asked and could not: the update is to come again.
    pub(crate) async fn take(&self, update: &RawValue) -> Result<Taken, LinkError> {
        let glance = glance(update)?;
        let mut taken = Taken { arrival: None, glance, forbidden: None };
        let glance = &taken.glance;
        if let Some((message, new)) =
            glance.message.as_ref().and_then(|m| Some((m, m.migrate_to_chat_id?)))
        {
            let now = self.intake.inside().now();
            self.speaker.kept.keep_move(message.chat.id, new, now).await?;
            return Ok(taken);
        }
        let Some(chat) = glance.chat() else {
            // A press under a message sent through inline mode says nothing here; an inline query
            // is answered beside all this.
            return Ok(taken);
        };
        let mut raw = Raw { bot: &self.name, desk: None, moved: None, flooded: false, update };
        if Some(chat.id) == self.settings.staff_group {
            raw.desk = self.at_desk(glance, update).await?;
            let Some(desk) = &raw.desk else { return Ok(taken) };
            if matches!(desk.who, Who::Other(_)) && glance.callback_query.is_some() {
                taken.forbidden = Some(Forbidden::StaffOnly);
                return Ok(taken);
            }
        } else if glance.is_anothers() {
            taken.forbidden = Some(Forbidden::NotYours);
            return Ok(taken);
        } else {
            raw.moved = self.speaker.kept.before(chat.id).await?;
            match self.flow(glance, chat) {
                Flow::Fits => {}
                Flow::FirstOver if glance.callback_query.is_none() => raw.flooded = true,
                Flow::FirstOver | Flow::Over => return Ok(taken),
            }
        }
        taken.arrival = Some(Arrival::new(glance.update_id.to_string(), raw.encode()));
        Ok(taken)
    }

    /// Whether somebody writes too fast; in a group the bot may be sent what is said to others, too.
    fn flow(&self, glance: &Glance, chat: &GlanceAtChat) -> Flow {
        match glance.user() {
            Some(user) if chat.r#type == "private" => {
                self.flood.of(&user.id.to_string(), glance.update_id, self.written(glance))
            }
            Some(_) | None => Flow::Fits,
        }
    }

    fn written(&self, glance: &Glance) -> Timestamp {
        let message = glance.message.as_ref().and_then(|m| Timestamp::from_second(m.date).ok());
        message.unwrap_or_else(|| self.intake.inside().now())
    }

    /// Who does something at the desk, about which case; `None` if nothing is done.
    async fn at_desk(
        &self,
        glance: &Glance,
        update: &RawValue,
    ) -> Result<Option<AtDesk>, LinkError> {
        let Some(group) = self.settings.staff_group else { return Ok(None) };
        let case = match glance.thread() {
            Some(thread) => self.speaker.kept.case_of(thread).await?,
            None => None,
        };
        let case = case.map(|case| case.0);
        let Some(whole) = readable::read(update) else { return Ok(None) };
        if translate::desk_act(&whole, &self.name, case).is_none() {
            return Ok(None);
        }
        let desk = Desk { speaker: &self.speaker, settings: &self.settings, group };
        let who = match (glance.anonymous(), glance.user()) {
            // Only administrators can speak as the group; a list of staff names people.
            (Some(signature), _) if self.settings.staff.is_empty() => Who::Staff(signature),
            (Some(signature), _) => Who::Other(signature),
            (None, Some(user)) => desk.who(user).await?,
            (None, None) => return Ok(None),
        };
        Ok(Some(AtDesk { case, who }))
    }

    /// Answers at once what is waited for with an open hand: a press has arrived, an answer is being
    /// looked for. Called when the update is on disk.
    pub(crate) fn acknowledge(&self, taken: Taken) {
        let Taken { glance, forbidden, .. } = taken;
        if let Some(press) = glance.callback_query {
            let speaker = self.speaker.clone();
            let lang = match forbidden {
                Some(Forbidden::StaffOnly) => self.settings.desk_lang,
                Some(Forbidden::NotYours) | None => press.from.lang(&self.settings.langs),
            };
            tokio::spawn(async move {
                let mut answer = speaker.bot.answer_callback_query(CallbackQueryId(press.id));
                if let Some(why) = forbidden {
                    let sentences = Sentences::new(lang, menu::texts(lang));
                    let words = sentences.say(why.sentence(), &[]);
                    answer = answer.text(words).show_alert(true);
                }
                // One that nobody waits for any more needs no answer.
                let _ = answer.await;
            });
        } else if let Some(asked) = glance.inline_query {
            let (speaker, intake) = (self.speaker.clone(), self.intake.clone());
            let (name, langs) = (self.name.clone(), self.settings.langs.clone());
            let looks = self.looks.clone();
            tokio::spawn(async move {
                // Whoever types on has asked again meanwhile.
                let room = tokio::time::timeout(LOOK_WAITS, looks.acquire_owned()).await;
                if let Ok(Ok(_room)) = room {
                    inline::answer(&speaker.bot, &intake, &name, &langs, asked).await;
                }
            });
        } else if let Some(message) = glance.message
            && message.chat.r#type == "private"
        {
            let (bot, chat) = (self.speaker.bot.clone(), message.chat.id);
            self.speaker.busy.asked(chat, async move {
                // Whether it is seen changes nothing.
                let _ = bot.send_chat_action(ChatId(chat), ChatAction::Typing).await;
            });
        }
    }
}

/// Reads an update as far as it can be read. One whose rest is unreadable is passed over: asked for
/// again it would come again, and nothing behind it.
fn glance(update: &RawValue) -> Result<Glance, LinkError> {
    let error = match serde_json::from_str(update.get()) {
        Ok(glance) => return Ok(glance),
        Err(error) => error,
    };
    let Numbered { update_id } = serde_json::from_str(update.get())
        .map_err(|_| LinkError::Lost("what came is no update".to_owned()))?;
    tracing::warn!(network = crate::NETWORK, update_id, "an update is passed over: {error}");
    Ok(Glance { update_id, ..Glance::default() })
}

impl Glance {
    fn on(&self) -> Option<&GlanceAtMessage> {
        let pressed = self.callback_query.as_ref().and_then(|press| press.message.as_ref());
        self.message.as_ref().or(self.edited_message.as_ref()).or(pressed)
    }

    /// Whether somebody has pressed a button below an answer to somebody else's question: what it
    /// stands for counts among that other person's questions.
    fn is_anothers(&self) -> bool {
        let Some(press) = &self.callback_query else { return false };
        let asked = press.message.as_ref().and_then(|message| message.reply_to_message.as_ref());
        let asker = asked.and_then(|question| question.from.as_ref());
        asker.is_some_and(|asker| !asker.is_bot && asker.id != press.from.id)
    }

    fn chat(&self) -> Option<&GlanceAtChat> {
        self.on().map(|message| &message.chat)
    }

    fn thread(&self) -> Option<i32> {
        self.on().and_then(|message| message.message_thread_id)
    }

    fn user(&self) -> Option<&User> {
        match &self.callback_query {
            Some(press) => Some(&press.from),
            None => self.on().and_then(|message| message.from.as_ref()),
        }
    }

    /// What an administrator is called who speaks as the group.
    fn anonymous(&self) -> Option<String> {
        if self.callback_query.is_some() {
            return None;
        }
        let message = self.on()?;
        let sender = message.sender_chat.as_ref().filter(|sender| sender.id == message.chat.id)?;
        Some(message.author_signature.clone().unwrap_or_else(|| sender.title.clone()))
    }
}
