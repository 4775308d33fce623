//! A conversation that grows longer: who answers the bot in a channel goes on with it in a thread that
//! begins from their message, so that the channel stays what it was. Where no thread can be begun, all is
//! said in the channel.

use crate::event::Id;
use crate::failure::{Failed, code};
use crate::kept::Longer;
use crate::menu::texts;
use crate::rest::Channel;
use crate::speak::{Saying, Speaker, Spot};
use crate::translate::Reference;
use bot::{MessageId, Sentences};
use contract::LinkError;
use serde_json::json;
use serenity::http::Route;
use serenity::model::id::{ChannelId, MessageId as MessageNumber};

/// Minutes without a word until Discord puts the thread away; whoever writes in it fetches it back.
const QUIET_MINUTES: u32 = 1_440;

impl Speaker {
    /// Where in a channel a question is answered: in the thread in which it was asked or that is to
    /// begin from it, else in the channel, below the question.
    pub(crate) async fn where_asked(
        &self,
        channel: Id,
        about: Option<Reference>,
    ) -> Result<Spot, LinkError> {
        let Some(Reference::Message { channel: asked_in, message }) = about else {
            return Ok(Spot::Channel { channel, answers: None });
        };
        let (thread, answers) = match asked_in == channel {
            true => (message, None),
            false => (asked_in, Some(message)),
        };
        let goes_on = self.kept.longer(thread).await?.filter(|longer| longer.channel == channel);
        Ok(match goes_on {
            Some(_) => Spot::Thread { channel, thread, answers },
            None => {
                let answers = Some(message).filter(|_| asked_in == channel);
                Spot::Channel { channel, answers }
            }
        })
    }

    /// Says something in the thread of a longer conversation, else where that began.
    pub(crate) async fn say_in_thread(
        &self,
        (channel, thread): (Id, Id),
        answers: Option<Id>,
        saying: Saying<'_>,
    ) -> Result<Vec<MessageId>, LinkError> {
        let begun = self.begin_longer(channel, thread, saying).await;
        let said = match begun {
            Ok(()) => self.post_all(thread, answers, saying.parts(), saying).await,
            Err(failed) => Err(failed.asking()),
        };
        match said {
            Err(LinkError::Refused(_)) => {
                self.kept.remember_longer(thread, None);
                self.post_all(channel, Some(thread), saying.parts(), saying).await
            }
            said => said,
        }
    }

    /// The thread is there once this is done.
    async fn begin_longer(
        &self,
        channel: Id,
        thread: Id,
        saying: Saying<'_>,
    ) -> Result<(), Failed> {
        let known = self.kept.longer(thread).await.ok().flatten();
        if known.is_some_and(|longer| longer.is_begun) {
            return Ok(());
        }
        let lang = saying.reply.lang;
        let name = Sentences::new(lang, texts(lang)).say("longer-thread", &[]);
        self.begin_thread(channel, thread, &name, QUIET_MINUTES).await?;
        self.kept.remember_longer(thread, Some(Longer { channel, is_begun: true }));
        Ok(())
    }

    /// Begins a public thread from a message, whose number it has. Discord lets a message have one, so
    /// nothing comes of doing it again.
    pub(crate) async fn begin_thread(
        &self,
        channel: Id,
        message: Id,
        name: &str,
        quiet_minutes: u32,
    ) -> Result<(), Failed> {
        let route = Route::ChannelMessageThreads {
            channel_id: ChannelId::new(channel.0),
            message_id: MessageNumber::new(message.0),
        };
        let body = json!({ "name": name, "auto_archive_duration": quiet_minutes });
        match self.rest.post::<Channel>(route, &body).await {
            Err(failed) if !failed.is(code::THREAD_EXISTS) => Err(failed),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
