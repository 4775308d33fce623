//! What is said: replies as messages, each under a key that makes saying it twice harmless.
//!
//! An interaction is answered by filling in what was promised, which can be repeated. What goes to a
//! channel carries a nonce that Discord knows for a few minutes; what may have been said before that is
//! looked for in the channel before it is said again.

use crate::acknowledge::Acknowledgements;
use crate::event::{HIDDEN, Id, LOADING};
use crate::failure::Failed;
use crate::kept::{Kept, Token};
use crate::render::{Part, parts};
use crate::rest::{Channel, Posted, Rest};
use crate::settings::Settings;
use crate::translate::Reference;
use bot::{MessageId, Reply};
use contract::{Busy, LinkError};
use jiff::Timestamp;
use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::{ApplicationId, ChannelId, InteractionId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The longest pause in the middle of a message of several parts: rather than leave it half said.
const PAUSE_MAX: Duration = Duration::from_secs(20);
/// Messages of a channel that are read back.
const READ_BACK: u64 = 100;
/// Answered interactions that are remembered at once.
const ANSWERED_MAX: usize = 10_000;

/// Says things.
pub(crate) struct Speaker {
    pub(crate) rest: Rest,
    pub(crate) kept: Kept,
    pub(crate) busy: Busy<Id>,
    pub(crate) acknowledgements: Acknowledgements,
    /// Which thing that was said has filled in what an interaction was promised, by its key.
    answered: Mutex<HashMap<Id, String>>,
}

/// Where messages go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spot {
    /// A channel, a thread or a direct chat.
    Channel {
        channel: Id,
        /// The message that is answered.
        answers: Option<Id>,
    },
    /// The thread in which a channel's conversation goes on.
    Thread {
        /// The channel.
        channel: Id,
        /// The thread, and the message of the channel that it begins from: they have one number.
        thread: Id,
        /// The message in the thread that is answered.
        answers: Option<Id>,
    },
    /// To an interaction.
    Interaction { id: Id, channel: Id, user: Id, hidden: bool, token: Token },
}

/// Something to say, as it goes out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saying<'a> {
    pub(crate) reply: &'a Reply,
    /// At most 24 letters, the same at each try.
    pub(crate) key: &'a str,
    /// Whether an earlier try may have said it.
    pub(crate) maybe_said: bool,
    /// Buttons below its own.
    pub(crate) row: Option<&'a Value>,
    /// About when it is said.
    pub(crate) now: Timestamp,
}

impl Saying<'_> {
    pub(crate) fn parts(&self) -> Vec<Part> {
        with_row(parts(self.reply), self.row)
    }
}

impl Speaker {
    pub(crate) fn new(rest: Rest, kept: Kept) -> Speaker {
        Speaker {
            rest,
            kept,
            busy: Busy::default(),
            acknowledgements: Acknowledgements::default(),
            answered: Mutex::default(),
        }
    }

    /// Whether staff work in a channel: it is theirs, or the thread of a case.
    pub(crate) async fn is_at_desk(
        &self,
        settings: &Settings,
        channel: Id,
    ) -> Result<bool, LinkError> {
        let Some(staffs) = settings.staff_channel else { return Ok(false) };
        Ok(channel.0 == staffs || self.kept.case_of(channel).await?.is_some())
    }

    /// The channel of somebody's direct chat, opened if there is none yet.
    pub(crate) async fn direct(&self, user: Id) -> Result<Id, LinkError> {
        if let Some(channel) = self.kept.direct(user).await? {
            return Ok(channel);
        }
        let body = json!({ "recipient_id": user });
        let opened = self.rest.post::<Channel>(Route::UserMeDmChannels, &body).await;
        let channel = opened.map_err(Failed::asking)?.id;
        self.kept.remember_direct(user, channel);
        Ok(channel)
    }

    /// Says a reply; returns what its messages are called.
    pub(crate) async fn say(
        &self,
        spot: &Spot,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        match spot {
            Spot::Channel { channel, answers } => {
                self.busy.said(channel);
                self.post_all(*channel, *answers, saying.parts(), saying).await
            }
            Spot::Thread { channel, thread, answers } => {
                self.say_in_thread((*channel, *thread), *answers, saying).await
            }
            Spot::Interaction { id, channel, user, hidden, token } => {
                self.acknowledgements.wait(*id).await;
                let at = Promise { id: *id, channel: *channel, user: *user, token };
                match hidden {
                    true => self.answer_hidden(at, saying).await,
                    false => self.answer_openly(at, saying).await,
                }
            }
        }
    }

    /// Answers so that nobody else is shown it: one message, for there is no way to know whether a
    /// second was said. What does not fit it is shown when it is asked for.
    async fn answer_hidden(
        &self,
        at: Promise<'_>,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        let part = self.shown_alone(at.user, saying.key, saying.reply, saying.now).await?;
        let filled_in =
            Reference::Interaction { id: at.id, channel: at.channel, user: at.user, hidden: true };
        let said = match self.is_first(at, &part, saying).await? {
            Place::There => Ok(filled_in.id()),
            Place::First => self.fill_in(at, &part, HIDDEN).await.map(|_| filled_in.id()),
            Place::Further => {
                let posted = self.follow_up(at, &part).await;
                return self
                    .or_directly(at, posted.map(|posted| message_id(&posted)), saying)
                    .await;
            }
        };
        if said.is_ok() {
            self.note_answered(at.id, saying.key);
        }
        self.or_directly(at, said, saying).await
    }

    /// What was said to a command, or else, where it can be answered no more, says it directly.
    async fn or_directly(
        &self,
        at: Promise<'_>,
        said: Result<MessageId, Failed>,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        match said {
            Ok(id) => Ok(vec![id]),
            Err(failed) if failed.is_over() => {
                // Nobody can be shown it there any more: the direct chat is where else they are
                // told something alone.
                let channel = self.direct(at.user).await?;
                self.post_all(channel, None, saying.parts(), saying).await
            }
            Err(failed) => Err(failed.saying()),
        }
    }

    async fn answer_openly(
        &self,
        at: Promise<'_>,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        let mut all = saying.parts();
        let first = all.remove(0);
        let mut said = match self.is_first(at, &first, saying).await? {
            Place::Further => {
                all.insert(0, first);
                Vec::new()
            }
            Place::First | Place::There => match self.fill_in(at, &first, 0).await {
                Ok(posted) => {
                    self.note_answered(at.id, saying.key);
                    vec![message_id(&posted)]
                }
                Err(failed) if failed.is_over() => {
                    all.insert(0, first);
                    Vec::new()
                }
                Err(failed) => return Err(failed.saying()),
            },
        };
        if all.is_empty() {
            return Ok(said);
        }
        said.extend(self.post_all(at.channel, None, all, saying).await?);
        Ok(said)
    }

    /// What place something has among what is said to an interaction.
    async fn is_first(
        &self,
        at: Promise<'_>,
        part: &Part,
        saying: Saying<'_>,
    ) -> Result<Place, LinkError> {
        let known = self.with_answered(|answered| answered.get(&at.id).cloned());
        match known {
            Some(key) if key == saying.key => return Ok(Place::First),
            Some(_) => return Ok(Place::Further),
            None if self.kept.is_fresh(at.id) => return Ok(Place::First),
            None => {}
        }
        // It came before the program began, which may have answered it then.
        match self.rest.get::<Posted>(at.original()).await {
            Ok(posted) if posted.flags & LOADING != 0 => Ok(Place::First),
            Ok(posted) if posted.content == part.content => Ok(Place::There),
            Ok(_) => Ok(Place::Further),
            Err(failed) if failed.is_over() => Ok(Place::First),
            Err(failed) => Err(failed.asking()),
        }
    }

    /// Fills in what an interaction was promised; if nothing was promised yet, it is answered so.
    async fn fill_in(&self, at: Promise<'_>, part: &Part, flags: u64) -> Result<Posted, Failed> {
        match self.rest.patch::<Posted>(at.original(), &part.change()).await {
            Err(failed) if failed.is_over() => {
                let mut data = part.change();
                data["flags"] = flags.into();
                let interaction_id = InteractionId::new(at.id.0);
                let route = Route::InteractionResponse { interaction_id, token: &at.token.token };
                self.rest.tell(route, &json!({ "type": 4, "data": data })).await?;
                self.rest.get::<Posted>(at.original()).await
            }
            done => done,
        }
    }

    async fn follow_up(&self, at: Promise<'_>, part: &Part) -> Result<Posted, Failed> {
        let mut body = part.change();
        body["flags"] = HIDDEN.into();
        let application_id = ApplicationId::new(at.token.application.0);
        let token = at.token.token.as_str();
        let route = Route::WebhookFollowupMessages { application_id, token };
        self.rest.post(route, &body).await
    }

    /// Takes back what an interaction was promised: nothing will be said to it.
    pub(crate) async fn take_back(&self, id: Id, token: &Token) {
        self.acknowledgements.wait(id).await;
        let at = Promise { id, channel: id, user: id, token };
        // Whether it goes changes nothing: it would end by itself.
        let _ = self.rest.delete(at.original()).await;
    }

    /// Says parts in a channel one after the other.
    pub(crate) async fn post_all(
        &self,
        channel: Id,
        answers: Option<Id>,
        parts: Vec<Part>,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        let there = if saying.maybe_said { self.read_back(channel).await? } else { Vec::new() };
        let mut said: Vec<MessageId> = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let nonce = nonce(saying.key, number);
            if let Some(posted) = there.iter().find(|posted| posted.nonce == nonce.as_str()) {
                said.push(message_id(posted));
                continue;
            }
            let mut body = part.body();
            // The last one has the buttons: whose question they are about is told by what it answers.
            let ends = number == 0 || number + 1 == parts.len();
            if let Some(answers) = answers.filter(|_| ends) {
                body["message_reference"] =
                    json!({ "message_id": answers, "fail_if_not_exists": false });
            }
            let mut posted = self.post(channel, body.clone(), &nonce).await;
            if matches!(posted, Err(Failed::Refused { .. }))
                && body.as_object_mut().and_then(|body| body.remove("message_reference")).is_some()
            {
                // What answers a message needs the right to read what was said before, words alone do
                // not: better they stand by themselves than nowhere.
                posted = self.post(channel, body.clone(), &nonce).await;
            }
            let posted = match posted {
                Err(Failed::Limited(wait)) if !said.is_empty() && wait.after <= PAUSE_MAX => {
                    tokio::time::sleep(wait.after).await;
                    self.post(channel, body, &nonce).await
                }
                posted => posted,
            };
            match posted {
                Ok(posted) => said.push(message_id(&posted)),
                Err(failed) if said.is_empty() => return Err(failed.saying()),
                // The beginning was read; said again, it is known by its nonce.
                Err(failed) => return Err(LinkError::Uncertain(failed.saying().to_string())),
            }
        }
        Ok(said)
    }

    /// Says something in a channel under a nonce.
    pub(crate) async fn post(
        &self,
        channel: Id,
        mut body: Value,
        nonce: &str,
    ) -> Result<Posted, Failed> {
        body["nonce"] = nonce.into();
        body["enforce_nonce"] = true.into();
        self.rest.post(messages(channel), &body).await
    }

    /// What was said last in a channel. One that may not be read is said in as if nothing had been.
    async fn read_back(&self, channel: Id) -> Result<Vec<Posted>, LinkError> {
        let params = vec![("limit", READ_BACK.to_string())];
        match self.rest.get_with(messages(channel), params).await {
            Ok(posted) => Ok(posted),
            Err(Failed::Refused { .. }) => Ok(Vec::new()),
            Err(failed) => Err(failed.saying()),
        }
    }

    /// Says messages differently, part for part; what is left over of the old ones goes, and new words
    /// beyond them are cut: said beside them they would be said again at each try.
    pub(crate) async fn change(
        &self,
        sent: &[MessageId],
        saying: Saying<'_>,
    ) -> Result<(), LinkError> {
        let references: Vec<Reference> = sent.iter().filter_map(Reference::of).collect();
        if let Some(Reference::Interaction { id, channel, user, .. }) = references.first() {
            let over = || LinkError::Refused("it can be changed no more".to_owned());
            let token = self.kept.token(*id).await?.ok_or_else(over)?;
            self.acknowledgements.wait(*id).await;
            let at = Promise { id: *id, channel: *channel, user: *user, token: &token };
            let part = self.shown_alone(*user, saying.key, saying.reply, saying.now).await?;
            let changed = self.rest.patch::<Posted>(at.original(), &part.change()).await;
            return changed.map(|_| ()).map_err(Failed::saying);
        }
        let mut parts = cut_to(saying.parts(), references.len()).into_iter();
        for reference in references {
            let Reference::Message { channel, message } = reference else { continue };
            let route = message_route(channel, message);
            match parts.next() {
                Some(part) => {
                    let changed = self.rest.patch::<Posted>(route, &part.change()).await;
                    changed.map_err(Failed::saying)?;
                }
                None => {
                    // One that is gone already is what was wished for.
                    let _ = self.rest.delete(route).await;
                }
            }
        }
        Ok(())
    }

    fn note_answered(&self, interaction: Id, key: &str) {
        self.with_answered(|answered| {
            if answered.len() >= ANSWERED_MAX {
                answered.clear();
            }
            answered.insert(interaction, key.to_owned());
        });
    }

    fn with_answered<T>(&self, what: impl FnOnce(&mut HashMap<Id, String>) -> T) -> T {
        // Every change is whole before anything in it can panic.
        what(&mut self.answered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What an interaction was promised.
#[derive(Clone, Copy)]
struct Promise<'a> {
    id: Id,
    channel: Id,
    user: Id,
    token: &'a Token,
}

impl Promise<'_> {
    fn original(&self) -> Route<'_> {
        let application_id = ApplicationId::new(self.token.application.0);
        Route::WebhookOriginalInteractionResponse { application_id, token: &self.token.token }
    }
}

/// What place something has among what is said to an interaction.
enum Place {
    /// It fills in what was promised.
    First,
    /// It has done so before.
    There,
    /// Something else has.
    Further,
}

/// The messages of a channel.
pub(crate) fn messages(channel: Id) -> Route<'static> {
    Route::ChannelMessages { channel_id: ChannelId::new(channel.0) }
}

/// A message of a channel.
pub(crate) fn message_route(channel: Id, message: Id) -> Route<'static> {
    Route::ChannelMessage {
        channel_id: ChannelId::new(channel.0),
        message_id: serenity::model::id::MessageId::new(message.0),
    }
}

/// What a message in a channel is called.
pub(crate) fn message_id(posted: &Posted) -> MessageId {
    Reference::Message { channel: posted.channel_id, message: posted.id }.id()
}

/// What Discord knows a part by: 25 letters at most (developers/resources/message, "Create Message").
fn nonce(key: &str, part: usize) -> String {
    match u8::try_from(part) {
        Ok(0) => key.to_owned(),
        Ok(part) if part <= 26 => format!("{key}{}", char::from(b'A' + part - 1)),
        Ok(_) | Err(_) => format!("{key}{}", '_'),
    }
}

fn with_row(mut parts: Vec<Part>, row: Option<&Value>) -> Vec<Part> {
    if let Some(last) = parts.last_mut() {
        last.rows.extend(row.cloned());
    }
    parts
}

/// Parts in so many messages; the last tells where words are missing, and has the buttons.
fn cut_to(mut parts: Vec<Part>, most: usize) -> Vec<Part> {
    let rows = parts.last().map(|part| part.rows.clone()).unwrap_or_default();
    if parts.len() > most {
        parts.truncate(most);
        if let Some(last) = parts.last_mut() {
            last.content.push('…');
            last.rows = rows;
        }
    }
    parts
}
