//! What is answered at once, from a static table: whoever uses a command or a button is shown within a
//! moment that it was heard, whatever else is going on. It says nothing that is decided anywhere else.

use crate::aside::said_instead;
use crate::event::{Does, HIDDEN, Id, Interaction, Message, User};
use crate::failure::code;
use crate::menu::texts;
use crate::render::SHARE;
use crate::settings::Settings;
use crate::speak::Speaker;
use crate::translate::{Form, answered};
use bot::{Act, DeskAct, Sentences, Shareable};
use contract::{Intake, LinkError};
use knowledge::Lang;
use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::InteractionId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Kinds of answers to interactions (developers/interactions/receiving-and-responding).
const MESSAGE: u8 = 4;
const LATER: u8 = 5;
const STAYS: u8 = 6;
const CHOICES: u8 = 8;
const FORM: u8 = 9;
/// What is offered to somebody who types, at most, and how long each may be.
const CHOICES_MAX: usize = 25;
const CHOICE_MAX: usize = 100;
/// How long somebody who types waits.
const LOOK_WAITS: Duration = Duration::from_millis(1_500);
/// Look-ups for those who type at once: each letter is one.
const LOOKS_AT_ONCE: usize = 2;
/// How long what is said waits for the answer that it follows: after that there is none.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(4);
/// The longest name of a form, and what may be written into it.
const TITLE_MAX: usize = 45;
const WRITTEN_MAX: usize = 4_000;

/// Answers that are on their way, by interaction.
#[derive(Default)]
pub(crate) struct Acknowledgements {
    pending: Mutex<HashMap<Id, watch::Receiver<()>>>,
}

impl Acknowledgements {
    /// Waits until an interaction has been answered, if that is on its way.
    pub(crate) async fn wait(&self, interaction: Id) {
        let pending = self.with(|pending| pending.get(&interaction).cloned());
        if let Some(mut pending) = pending {
            // It ends with what answers, however that goes.
            let _ = tokio::time::timeout(ACKNOWLEDGED_WITHIN, pending.changed()).await;
        }
    }

    fn with<T>(&self, what: impl FnOnce(&mut HashMap<Id, watch::Receiver<()>>) -> T) -> T {
        // Every change is whole before anything in it can panic.
        what(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How an interaction is answered at once.
#[derive(Clone, Debug, PartialEq)]
enum Answer {
    /// It is being looked for.
    Later { hidden: bool },
    /// The message with the button stays as it is; what follows comes by itself.
    Stays,
    /// By a sentence, to nobody else.
    Says(&'static str),
    /// By what the message with the button says, to everybody.
    Shares(Value),
    /// By what was kept for them, to nobody else.
    Shows(Value),
    /// By a form.
    Form(Form),
    /// By what is found for what was typed.
    Choices(String),
}

/// What answers at once.
pub(crate) struct Reception {
    pub(crate) settings: Settings,
    pub(crate) speaker: Arc<Speaker>,
    pub(crate) intake: Intake,
    pub(crate) bot: Id,
    looks: Semaphore,
}

impl Reception {
    pub(crate) fn new(
        settings: Settings,
        speaker: Arc<Speaker>,
        intake: Intake,
        bot: Id,
    ) -> Reception {
        Reception { settings, speaker, intake, bot, looks: Semaphore::new(LOOKS_AT_ONCE) }
    }

    /// Answers an interaction, on its own.
    pub(crate) fn receive(self: &Arc<Reception>, interaction: Interaction) {
        let (tell, told) = watch::channel(());
        let id = interaction.id;
        self.speaker.acknowledgements.with(|pending| pending.insert(id, told));
        let reception = self.clone();
        tokio::spawn(async move {
            if let Err(error) = reception.answer(&interaction).await {
                tracing::debug!(network = crate::NETWORK, "a command has no answer yet: {error}");
            }
            reception.speaker.acknowledgements.with(|pending| pending.remove(&id));
            drop(tell);
        });
    }

    async fn answer(&self, interaction: &Interaction) -> Result<(), LinkError> {
        let at_desk = match interaction.channel_id {
            Some(channel) => self.speaker.is_at_desk(&self.settings, channel).await?,
            None => false,
        };
        let Some(mut answer) = answer(interaction, &self.settings, at_desk, self.bot) else {
            return Ok(());
        };
        if let (Some(Does::Presses), Some(user)) = (interaction.does(), interaction.by())
            && let Some(said) = self.speaker.aside(user.id, &interaction.data.custom_id).await?
        {
            answer = Answer::Shows(said);
        }
        let lang = self.lang(interaction, at_desk);
        let body = match answer {
            Answer::Later { hidden: true } => json!({ "type": LATER, "data": { "flags": HIDDEN } }),
            Answer::Later { hidden: false } => json!({ "type": LATER }),
            Answer::Stays => json!({ "type": STAYS }),
            Answer::Says(name) => {
                let words = Sentences::new(lang, texts(lang)).say(name, &[]);
                let data = json!({ "content": words, "flags": HIDDEN,
                    "allowed_mentions": { "parse": [] } });
                json!({ "type": MESSAGE, "data": data })
            }
            Answer::Shares(data) | Answer::Shows(data) => json!({ "type": MESSAGE, "data": data }),
            Answer::Form(form) => json!({ "type": FORM, "data": form_body(form, lang) }),
            Answer::Choices(words) => {
                json!({ "type": CHOICES, "data": { "choices": self.choices(words).await } })
            }
        };
        self.tell(interaction, &body).await
    }

    async fn tell(&self, interaction: &Interaction, body: &Value) -> Result<(), LinkError> {
        let interaction_id = InteractionId::new(interaction.id.0);
        let route = Route::InteractionResponse { interaction_id, token: &interaction.token };
        match self.speaker.rest.tell(route, body).await {
            // It came again after a crash, and was answered before it.
            Err(failed) if failed.is(code::ALREADY_ANSWERED) => Ok(()),
            told => told.map_err(crate::failure::Failed::asking),
        }
    }

    /// What somebody may mean who types.
    async fn choices(&self, words: String) -> Vec<Value> {
        let found = async {
            let _room = self.looks.acquire().await.ok()?;
            self.intake.inside().look(words.clone()).await
        };
        let found = tokio::time::timeout(LOOK_WAITS, found).await.ok().flatten();
        let own = (!words.trim().is_empty()).then(|| shortened(words.trim()));
        let shown = found.into_iter().flat_map(|looked| looked.shown);
        let records = shown.filter(|shown| matches!(shown.what, Shareable::Record(_)));
        let mut names: Vec<String> = own.into_iter().collect();
        for title in records.map(|shown| shortened(shown.title.trim())) {
            if !title.is_empty() && !names.contains(&title) && names.len() < CHOICES_MAX {
                names.push(title);
            }
        }
        names.into_iter().map(|name| json!({ "name": name, "value": name })).collect()
    }

    fn lang(&self, interaction: &Interaction, at_desk: bool) -> Lang {
        let own = self.settings.langs.first().copied().unwrap_or(Lang::EN);
        if at_desk {
            return self.settings.desk_lang;
        }
        let locale = interaction.locale.as_deref().and_then(|locale| locale.split('-').next());
        let theirs = locale.and_then(Lang::parse);
        theirs.filter(|lang| self.settings.langs.contains(lang)).unwrap_or(own)
    }
}

/// How an interaction is answered; `None` for what there was not when this was written.
fn answer(
    interaction: &Interaction,
    settings: &Settings,
    at_desk: bool,
    bot: Id,
) -> Option<Answer> {
    let hidden = interaction.is_hidden();
    let staff = at_desk && is_staff(interaction, settings);
    let staffs = |answer: Answer| match (at_desk, staff) {
        (true, true) => answer,
        (true, false) => Answer::Says("staff-only"),
        (false, _) => Answer::Says("unknown-button"),
    };
    let code = interaction.data.custom_id.as_str();
    Some(match interaction.does()? {
        Does::Commands => Answer::Later { hidden },
        Does::Types => Answer::Choices(interaction.typed().unwrap_or_default().to_owned()),
        Does::Submits if Form::of(code).is_some() => staffs(Answer::Stays),
        Does::Submits => Answer::Says("unknown-button"),
        Does::Presses if code == SHARE => match &interaction.message {
            Some(message) => Answer::Shares(shared(message)),
            None => Answer::Says("unknown-button"),
        },
        Does::Presses if let Some(words) = said_instead(code) => Answer::Says(words),
        Does::Presses => match (Form::of(code), Act::parse(code)) {
            (Some(form), _) => staffs(Answer::Form(form)),
            (None, Some(act)) if DeskAct::of(act).is_some() => staffs(Answer::Stays),
            (None, Some(_)) if is_anothers(interaction, bot) => Answer::Says("not-yours"),
            (None, Some(Act::More(_) | Act::Back(_))) => Answer::Stays,
            (None, Some(_)) if hidden => Answer::Later { hidden },
            (None, Some(_)) => Answer::Stays,
            (None, None) => Answer::Says("unknown-button"),
        },
    })
}

/// Whether somebody has the staff's role, as Discord has it at this moment.
pub(crate) fn is_staff(interaction: &Interaction, settings: &Settings) -> bool {
    let roles = interaction.member.as_ref().map(|member| member.roles.as_slice());
    let roles = roles.unwrap_or_default();
    settings.staff_role.is_some_and(|role| roles.contains(&Id(role)))
}

/// Whether somebody has pressed a button below an answer to somebody else's question: what it stands
/// for counts among that other person's questions.
pub(crate) fn is_anothers(interaction: &Interaction, bot: Id) -> bool {
    let (Some(message), Some(by)) = (&interaction.message, interaction.by()) else { return false };
    asker(message, bot).is_some_and(|asker| asker.id != by.id)
}

/// Whose question a message of the bot's answers, if Discord tells.
fn asker(message: &Message, bot: Id) -> Option<&User> {
    let cause = message.interaction_metadata.as_ref().and_then(|cause| cause.user.as_ref());
    // One that answers the bot is no question.
    let question =
        message.referenced_message.as_deref().filter(|_| answered(message, bot).is_none());
    cause.or(question.and_then(|question| question.author.as_ref())).filter(|asker| !asker.bot)
}

/// A message again, for everybody, without its buttons.
fn shared(message: &Message) -> Value {
    let kept = |embed: &Value| {
        let mut again = json!({});
        for key in ["title", "description", "url"] {
            if let Some(text) = embed[key].as_str() {
                again[key] = text.into();
            }
        }
        if let Some(text) = embed["footer"]["text"].as_str() {
            again["footer"] = json!({ "text": text });
        }
        again
    };
    let embeds: Vec<Value> = message.embeds.iter().map(kept).collect();
    json!({ "content": message.content, "embeds": embeds, "allowed_mentions": { "parse": [] } })
}

fn form_body(form: Form, lang: Lang) -> Value {
    let sentences = Sentences::new(lang, texts(lang));
    let (title, label, case) = match form {
        Form::Reply(case) => ("form-reply", "form-reply-field", case),
        Form::Note(case) => ("form-note", "form-note-field", case),
    };
    let case = case.to_string();
    let title: String =
        sentences.say(title, &[("case", (&case).into())]).chars().take(TITLE_MAX).collect();
    let label: String = sentences.say(label, &[]).chars().take(TITLE_MAX).collect();
    json!({
        "custom_id": form.code(),
        "title": title,
        "components": [{ "type": 1, "components": [{
            "type": 4, "custom_id": "text", "style": 2, "label": label, "required": true,
            "max_length": WRITTEN_MAX,
        }] }],
    })
}

fn shortened(text: &str) -> String {
    match text.chars().count() {
        0..=CHOICE_MAX => text.to_owned(),
        _ => text.chars().take(CHOICE_MAX - 1).chain(['…']).collect(),
    }
}
