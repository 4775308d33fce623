//! What one person alone is shown. Of a long answer one message at a time, with a button that shows the
//! next. Of an answer in a place that others read, when neither a command of theirs nor their direct chat
//! takes it: a private thread, else a word that calls them, with a button that shows it to nobody else.

use crate::event::{HIDDEN, Id};
use crate::failure::Failed;
use crate::menu::texts;
use crate::render::{Part, folded, is_shareable, one_button, share_button};
use crate::rest::Channel;
use crate::speak::{Saying, Speaker, Spot, message_id};
use bot::{MessageId, Reply, Sentences};
use contract::LinkError;
use jiff::Timestamp;
use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::{ChannelId, UserId};

/// The kind of a thread that its members alone see, and minutes until Discord puts it away.
const PRIVATE_THREAD: u8 = 12;
const QUIET_MINUTES: u32 = 10_080;
/// What the code of the button begins with that shows an answer, and of the one that shows how it goes on.
const READ: &str = "read.";
const READ_ON: &str = "rest.";

impl Speaker {
    /// The first message of an answer that one person alone is shown, with a button that shows it to
    /// everybody where it is the library's own words. The messages in which it goes on are kept for that
    /// person.
    pub(crate) async fn shown_alone(
        &self,
        user: Id,
        key: &str,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Part, LinkError> {
        let sentences = Sentences::new(reply.lang, texts(reply.lang));
        let mut parts = folded(reply);
        if parts.len() == 1 && is_shareable(reply) {
            parts[0].rows.push(share_button(&sentences.say("share-here", &[])));
        }
        let code = |number: usize| format!("{READ_ON}{key}.{number}");
        let mut next: Option<String> = None;
        for (number, mut part) in parts.into_iter().enumerate().rev() {
            if let Some(code) = next.replace(code(number)) {
                part.rows.push(one_button(&code, &sentences.say("read-on", &[])));
            }
            if number == 0 {
                return Ok(part);
            }
            self.kept.put_for(user, &code(number), &part.change(), now).await?;
        }
        Ok(Part::default())
    }

    /// Says something to one person beside what others read.
    pub(crate) async fn say_aside(
        &self,
        channel: Id,
        user: Id,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        match self.private_thread(channel, user, saying).await {
            Ok(thread) => {
                let spot = Spot::Channel { channel: thread, answers: None };
                self.say(&spot, saying).await
            }
            Err(LinkError::Refused(_)) => self.call(channel, user, saying).await,
            Err(error) => Err(error),
        }
    }

    /// A thread with this person alone. One that was made for the same words before is found again.
    async fn private_thread(
        &self,
        channel: Id,
        user: Id,
        saying: Saying<'_>,
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
        self.kept.put_for(user, &kept, &thread, saying.now).await?;
        Ok(thread)
    }

    /// Calls somebody, without a word of what it is about: a button shows it to them.
    async fn call(
        &self,
        channel: Id,
        user: Id,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        let code = format!("{READ}{}", saying.key);
        let part = self.shown_alone(user, saying.key, saying.reply, saying.now).await?;
        self.kept.put_for(user, &code, &part.change(), saying.now).await?;
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

    /// What a button shows whom it was put there for; `None` for everybody else, for what is kept no
    /// more, and for other buttons.
    pub(crate) async fn aside(&self, user: Id, code: &str) -> Result<Option<Value>, LinkError> {
        if said_instead(code).is_none() {
            return Ok(None);
        }
        let mut said = self.kept.of::<Value>(user, code).await?;
        if let Some(said) = &mut said {
            said["flags"] = HIDDEN.into();
        }
        Ok(said)
    }
}

/// What is said where a button that shows somebody their answer shows nothing; `None` for other buttons.
pub(crate) fn said_instead(code: &str) -> Option<&'static str> {
    if code.starts_with(READ_ON) {
        return Some("answer-gone");
    }
    code.starts_with(READ).then_some("not-your-answer")
}
