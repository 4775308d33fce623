//! An answer for one person in a place that others read, when neither a command of theirs nor their direct
//! chat takes it: a private thread, else a word that calls them, with a button that shows it to nobody else.

use crate::event::{HIDDEN, Id};
use crate::failure::Failed;
use crate::menu::texts;
use crate::render::{folded, one_button};
use crate::rest::Channel;
use crate::speak::{Saying, Speaker, Spot, message_id};
use bot::{MessageId, Sentences};
use contract::LinkError;
use jiff::Timestamp;
use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::{ChannelId, UserId};

/// The kind of a thread that its members alone see, and minutes until Discord puts it away.
const PRIVATE_THREAD: u8 = 12;
const QUIET_MINUTES: u32 = 10_080;
/// What the code of the button begins with.
const READ: &str = "read.";

impl Speaker {
    /// Says something to one person beside what others read.
    pub(crate) async fn say_aside(
        &self,
        channel: Id,
        user: Id,
        saying: Saying<'_>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        match self.private_thread(channel, user, saying, now).await {
            Ok(thread) => {
                let spot = Spot::Channel { channel: thread, answers: None };
                self.say(&spot, saying).await
            }
            Err(LinkError::Refused(_)) => self.call(channel, user, saying, now).await,
            Err(error) => Err(error),
        }
    }

    /// A thread with this person alone. One that was made for the same words before is found again.
    async fn private_thread(
        &self,
        channel: Id,
        user: Id,
        saying: Saying<'_>,
        now: Timestamp,
    ) -> Result<Id, LinkError> {
        let kept = format!("thread.{}", saying.key);
        if let Some(thread) = self.kept.of(user, &kept).await? {
            return Ok(thread);
        }
        let lang = saying.reply.lang;
        let body = json!({
            "name": Sentences::new(lang, texts(lang)).say("aside-thread", &[]),
            "type": PRIVATE_THREAD,
            "auto_archive_duration": QUIET_MINUTES,
            "invitable": false,
        });
        let route = Route::ChannelThreads { channel_id: ChannelId::new(channel.0) };
        let thread = self.rest.post::<Channel>(route, &body).await.map_err(Failed::asking)?.id;
        let route = Route::ChannelThreadMember {
            channel_id: ChannelId::new(thread.0),
            user_id: UserId::new(user.0),
        };
        self.rest.put(route, &Value::Null).await.map_err(Failed::asking)?;
        self.kept.put_for(user, &kept, &thread, now).await?;
        Ok(thread)
    }

    /// Calls somebody, without a word of what it is about: a button shows it to them.
    async fn call(
        &self,
        channel: Id,
        user: Id,
        saying: Saying<'_>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        let code = format!("{READ}{}", saying.key);
        self.kept.put_for(user, &code, &folded(saying.reply).change(), now).await?;
        let lang = saying.reply.lang;
        let sentences = Sentences::new(lang, texts(lang));
        let body = json!({
            "content": format!("<@{user}> {}", sentences.say("answer-waits", &[])),
            "components": [one_button(&code, &sentences.say("read-answer", &[]))],
            // The one thing that pings: without it nobody would come.
            "allowed_mentions": { "users": [user] },
        });
        let posted = self.post(channel, body, saying.key).await.map_err(Failed::saying)?;
        Ok(vec![message_id(&posted)])
    }

    /// What the button shows whom it was put there for; `None` for everybody else, and for other
    /// buttons.
    pub(crate) async fn aside(&self, user: Id, code: &str) -> Result<Option<Value>, LinkError> {
        if !is_aside(code) {
            return Ok(None);
        }
        let mut said = self.kept.of::<Value>(user, code).await?;
        if let Some(said) = &mut said {
            said["flags"] = HIDDEN.into();
        }
        Ok(said)
    }
}

/// Whether a code is of a button that shows somebody their answer.
pub(crate) fn is_aside(code: &str) -> bool {
    code.starts_with(READ)
}
