//! What is said: replies as messages, at the pace that Telegram allows.

use crate::api::{self, Failed};
use crate::kept::Kept;
use crate::pace::Pace;
use crate::render::Part;
use bot::MessageId;
use contract::{Busy, LinkError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use teloxide::Bot;
use teloxide::requests::Requester as _;
use teloxide::types::{ChatId, LinkPreviewOptions, MessageId as Number};

/// The longest pause in the middle of a message of several parts: rather than leave it half said.
const PAUSE_MAX: Duration = Duration::from_secs(20);

/// Where messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The chat.
    pub(crate) chat: i64,
    /// The topic of a forum.
    pub(crate) thread: Option<i32>,
    /// The message that is answered.
    pub(crate) about: Option<i32>,
}

/// Says things.
pub(crate) struct Speaker {
    pub(crate) bot: Bot,
    pub(crate) kept: Arc<Kept>,
    pub(crate) busy: Busy<i64>,
    /// None where a test's clock stands.
    pub(crate) pace: Option<Pace>,
}

/// As much of a message that was sent as is looked at.
#[derive(Deserialize)]
struct Said {
    message_id: i32,
}

impl Speaker {
    /// Says a reply in its parts, the first as an answer; returns what the messages are called.
    pub(crate) async fn say(
        &self,
        spot: Spot,
        parts: Vec<Part>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        let mut spot = Spot { chat: self.kept.now_at(spot.chat).await?, ..spot };
        let mut said: Vec<MessageId> = Vec::new();
        // Room for all parts is made before the first is said.
        self.wait_for_turn(spot.chat, parts.len()).await?;
        for part in parts {
            if !said.is_empty() && self.pace.is_some() {
                tokio::time::sleep(crate::pace::CHAT).await;
            }
            let number = match self.call(spot, &part).await {
                Err(Failed::Moved(new)) => {
                    self.kept.keep_move(spot.chat, new, now).await?;
                    spot.chat = new;
                    self.call(spot, &part).await
                }
                Err(Failed::Limited(wait)) if !said.is_empty() && wait <= PAUSE_MAX => {
                    self.told_to_wait(spot.chat, wait);
                    tokio::time::sleep(wait).await;
                    self.call(spot, &part).await
                }
                other => other,
            };
            match number {
                Ok(number) => said.push(message_id(spot.chat, number)),
                Err(failed) if said.is_empty() => return Err(self.meaning(spot.chat, failed)),
                // The beginning was read: what failed may not be said as a whole again.
                Err(failed) => {
                    let words = self.meaning(spot.chat, failed).to_string();
                    return Err(LinkError::Uncertain(words));
                }
            }
            spot.about = None;
        }
        Ok(said)
    }

    /// What a failure means for the driver; whoever is told to wait waits from now on.
    fn meaning(&self, chat: i64, failed: Failed) -> LinkError {
        if let Failed::Limited(after) = failed {
            let everywhere = self.told_to_wait(chat, after);
            return LinkError::Limited { after, everywhere };
        }
        failed.saying()
    }

    async fn wait_for_turn(&self, chat: i64, messages: usize) -> Result<(), LinkError> {
        let Some(pace) = &self.pace else { return Ok(()) };
        match pace.turn(chat, messages, Instant::now()) {
            Ok(wait) if wait.is_zero() => Ok(()),
            Ok(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(after) => Err(LinkError::Limited { after, everywhere: false }),
        }
    }

    fn told_to_wait(&self, chat: i64, wait: Duration) -> bool {
        self.pace.as_ref().is_some_and(|pace| pace.hold(chat, wait, Instant::now()))
    }

    async fn call(&self, spot: Spot, part: &Part) -> Result<i32, Failed> {
        self.busy.said(&spot.chat);
        let mut asks = words(spot.chat, part);
        if let Some(thread) = spot.thread {
            asks["message_thread_id"] = thread.into();
        }
        if let Some(about) = spot.about {
            asks["reply_parameters"] =
                json!({ "message_id": about, "allow_sending_without_reply": true });
        }
        let said: Said = api::call(&self.bot, "sendMessage", &asks, api::AT_ONCE).await?;
        Ok(said.message_id)
    }

    /// Sends a file again that somebody sent before, by the reference that was kept of it.
    pub(crate) async fn file(&self, spot: Spot, reference: &str) -> Result<(), LinkError> {
        let unknown = || LinkError::Refused("it is no file that can be shown".to_owned());
        let (kind, id) = reference.split_once(' ').ok_or_else(unknown)?;
        let method = match kind {
            "document" => "sendDocument",
            "photo" => "sendPhoto",
            "voice" => "sendVoice",
            "video" => "sendVideo",
            "audio" => "sendAudio",
            _ => return Err(unknown()),
        };
        self.wait_for_turn(spot.chat, 1).await?;
        let mut asks = json!({ "chat_id": spot.chat, kind: id });
        if let Some(thread) = spot.thread {
            asks["message_thread_id"] = thread.into();
        }
        let sent = api::call::<serde::de::IgnoredAny>(&self.bot, method, &asks, api::AT_ONCE).await;
        sent.map(|_| ()).map_err(|failed| self.meaning(spot.chat, failed))
    }

    /// Says messages differently, part for part; what is left over of the old ones goes, and new words
    /// beyond them are cut: said beside them they would be said again at each try.
    pub(crate) async fn change(
        &self,
        spot: Spot,
        numbers: &[i32],
        parts: Vec<Part>,
    ) -> Result<(), LinkError> {
        let chat = self.kept.now_at(spot.chat).await?;
        if chat != spot.chat {
            // The old group's messages cannot be reached any more.
            return Err(LinkError::Refused("the group has another number now".to_owned()));
        }
        let mut parts = cut_to(parts, numbers.len()).into_iter();
        for number in numbers {
            match parts.next() {
                Some(part) => self.edit(chat, *number, &part).await?,
                None => {
                    // One that is gone already is what was wished for.
                    let _ = self.bot.delete_message(ChatId(chat), Number(*number)).await;
                }
            }
        }
        Ok(())
    }

    async fn edit(&self, chat: i64, number: i32, part: &Part) -> Result<(), LinkError> {
        let mut asks = words(chat, part);
        asks["message_id"] = number.into();
        let edits =
            api::call::<serde::de::IgnoredAny>(&self.bot, "editMessageText", &asks, api::AT_ONCE);
        match edits.await {
            Ok(_) => Ok(()),
            // It says this already: the change was made before.
            Err(Failed::Refused(words)) if words.contains("message is not modified") => Ok(()),
            Err(failed) => Err(self.meaning(chat, failed)),
        }
    }
}

/// What a message says, as sendMessage and editMessageText take it.
fn words(chat: i64, part: &Part) -> Value {
    let mut asks = json!({
        "chat_id": chat,
        "text": part.html,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
    });
    if let Some(keyboard) = &part.keyboard {
        // A keyboard holds no map whose keys could not be written.
        asks["reply_markup"] = serde_json::to_value(keyboard).unwrap_or_default();
    }
    asks
}

/// Parts in so many messages; the last tells where words are missing, and has the buttons.
fn cut_to(mut parts: Vec<Part>, most: usize) -> Vec<Part> {
    let keyboard = parts.last().and_then(|part| part.keyboard.clone());
    if parts.len() > most {
        parts.truncate(most);
        if let Some(last) = parts.last_mut() {
            last.html.push('…');
            last.keyboard = keyboard;
        }
    }
    parts
}

/// What a message is called: its number counts within its chat alone.
pub(crate) fn message_id(chat: i64, message: i32) -> MessageId {
    MessageId(format!("{chat}.{message}"))
}

/// The number of a message in its chat.
pub(crate) fn number_of(message: &MessageId) -> Option<i32> {
    message.0.rsplit_once('.')?.1.parse().ok()
}

pub(crate) fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}
