//! The desk: a group with topics, one a case. Who is staff is asked of Telegram at every act.

use crate::api::{self, Failed};
use crate::failure::link_error;
use crate::kept::{Kept, Topic};
use crate::render::{Form, parts};
use crate::settings::{Account, Settings};
use crate::speak::{Speaker, Spot};
use crate::translate::network;
use bot::{Case, CaseId, CaseState, MessageId, Reply};
use contract::{LinkError, Who};
use jiff::Timestamp;
use knowledge::Lang;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use teloxide::requests::Requester as _;
use teloxide::types::{ChatId, MessageId as Number, ThreadId};
use teloxide::{ApiError, RequestError};

/// Characters of a topic's name (Bot API, createForumTopic).
const NAME_MAX: usize = 128;

/// Somebody, as an update names them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) first_name: String,
    #[serde(default)]
    pub(crate) last_name: Option<String>,
    #[serde(default)]
    pub(crate) username: Option<String>,
    #[serde(default)]
    pub(crate) is_bot: bool,
    #[serde(default)]
    pub(crate) language_code: Option<String>,
}

impl User {
    /// The language to speak to them in, of those that are spoken.
    pub(crate) fn lang(&self, langs: &[Lang]) -> Lang {
        let own = langs.first().copied().unwrap_or(Lang::EN);
        let theirs = self.language_code.as_deref().and_then(Lang::parse);
        theirs.filter(|lang| langs.contains(lang)).unwrap_or(own)
    }
}

/// The staff's group.
pub(crate) struct Desk<'a> {
    pub(crate) speaker: &'a Arc<Speaker>,
    pub(crate) settings: &'a Settings,
    pub(crate) group: i64,
}

impl Desk<'_> {
    /// Who somebody is at the desk, as the list or the group has it at this moment.
    pub(crate) async fn who(&self, user: &User) -> Result<Who, LinkError> {
        if !self.settings.staff.is_empty() {
            let is = |account: &Account| match account {
                Account::Number(number) => *number == user.id,
                Account::Username(name) => {
                    user.username.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
                }
            };
            let known = self.settings.staff.iter().find(|(_, account)| is(account));
            return Ok(known.map_or_else(
                || Who::Other(user.first_name.clone()),
                |(name, _)| Who::Staff(name.clone()),
            ));
        }
        let asks = json!({ "chat_id": self.group });
        let all = api::call(&self.speaker.bot, "getChatAdministrators", &asks, api::AT_ONCE);
        let all: Vec<Member> = match all.await.map_err(Failed::asking) {
            Ok(all) => all,
            // The bot is not in the group any more, or the group is gone: nobody is staff in it.
            Err(LinkError::Refused(words)) if words != api::WRONG_TOKEN => {
                tracing::warn!("who is staff cannot be asked, so nobody is: {words}");
                return Ok(Who::Other(user.first_name.clone()));
            }
            Err(error) => return Err(error),
        };
        if !all.iter().any(|member| member.user.id == user.id) {
            return Ok(Who::Other(user.first_name.clone()));
        }
        let namesakes =
            all.iter().filter(|member| member.user.first_name == user.first_name).count();
        Ok(Who::Staff(match (&user.last_name, &user.username) {
            _ if namesakes < 2 => user.first_name.clone(),
            (Some(last), _) => format!("{} {last}", user.first_name),
            (None, Some(username)) => format!("{} (@{username})", user.first_name),
            (None, None) => format!("{} ({})", user.first_name, user.id),
        }))
    }

    /// Says something at the desk: what is about a case in its topic, the rest before all topics.
    pub(crate) async fn say(
        &self,
        case: Option<CaseId>,
        reply: &Reply,
        form: &Form<'_>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        let Some(id) = case else { return self.say_in(None, reply, form, now).await };
        let kept = &self.speaker.kept;
        let topic = kept.topics.get(id).await?;
        let Some(case) = kept.shelves.case(id).await? else {
            // Its asker has erased it: what the topic shows of it goes too.
            if let Some(topic) = topic {
                self.remove(id, &topic, now).await?;
            }
            return self.say_in(None, reply, form, now).await;
        };
        let Some(mut topic) = self.topic_for(&case, topic, now).await? else {
            return self.say_in(None, reply, form, now).await;
        };
        let said = match self.say_in(Some(topic.thread), reply, form, now).await {
            Err(LinkError::Refused(words)) if words.contains("thread not found") => {
                // Somebody has removed the topic: the case gets another.
                kept.topics.keep(id, None, now).await?;
                match self.topic_for(&case, None, now).await? {
                    Some(new) => {
                        topic = new;
                        self.say_in(Some(topic.thread), reply, form, now).await?
                    }
                    None => return self.say_in(None, reply, form, now).await,
                }
            }
            said => said?,
        };
        self.show_files(&case, &topic, now);
        self.close_when_over(&case, topic, now).await;
        Ok(said)
    }

    /// Shows files of the patron's that came by Telegram and were not shown yet, as the network keeps
    /// them. Their names stand in the case: one that cannot be shown is no reason to say anything
    /// again.
    fn show_files(&self, case: &Case, topic: &Topic, now: Timestamp) {
        let new = case.attachments.iter().skip(topic.files);
        if case.asker.place.network != network() || new.len() == 0 {
            return;
        }
        let spot = Spot { chat: self.group, thread: Some(topic.thread), about: None };
        let references: Vec<String> = new.map(|file| file.reference.clone()).collect();
        let (speaker, case) = (self.speaker.clone(), case.id);
        if !speaker.kept.begins_showing(case) {
            return;
        }
        // Each waits for its turn, and what is said meanwhile does not wait for them. Those that are
        // left when something breaks are shown with the next word about the case.
        tokio::spawn(async move {
            for reference in references {
                if !show(&speaker, spot, case, &reference).await {
                    break;
                }
                if let Ok(Some(mut topic)) = speaker.kept.topics.get(case).await {
                    topic.files += 1;
                    let _ = speaker.kept.topics.keep(case, Some(&topic), now).await;
                }
            }
            speaker.kept.ends_showing(case);
        });
    }

    async fn say_in(
        &self,
        thread: Option<i32>,
        reply: &Reply,
        form: &Form<'_>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        let spot = Spot { chat: self.group, thread, about: None };
        self.speaker.say(spot, parts(reply, form), now).await
    }

    /// The topic of a case, open and called as the case is now; `None` if the group has no topics or
    /// the bot may not open any.
    async fn topic_for(
        &self,
        case: &Case,
        topic: Option<Topic>,
        now: Timestamp,
    ) -> Result<Option<Topic>, LinkError> {
        let name = name_of(case);
        let Some(mut topic) = topic else { return self.open(case.id, name, now).await };
        let (bot, chat, thread) = (&self.speaker.bot, ChatId(self.group), thread_of(&topic));
        let before = topic.clone();
        if topic.closed && !case.is_closed() {
            // One that is open already is what is wished for.
            let _ = bot.reopen_forum_topic(chat, thread).await;
            topic.closed = false;
        }
        if topic.name != name {
            let mut rename = bot.edit_forum_topic(chat, thread);
            rename.name = Some(name.clone());
            // An old name is no reason to say nothing.
            let _ = rename.await;
            topic.name = name;
        }
        if topic != before {
            self.speaker.kept.topics.keep(case.id, Some(&topic), now).await?;
        }
        Ok(Some(topic))
    }

    async fn open(
        &self,
        case: CaseId,
        name: String,
        now: Timestamp,
    ) -> Result<Option<Topic>, LinkError> {
        let opened = self.speaker.bot.create_forum_topic(ChatId(self.group), name.clone()).await;
        let thread = match opened {
            Ok(topic) => topic.thread_id.0.0,
            Err(RequestError::Api(error)) if !is_servers(&error) => {
                tracing::warn!(
                    "no topic can be opened in the staff's group, so all is said in one; make the \
                     bot an administrator that may manage topics there: {error}"
                );
                return Ok(None);
            }
            Err(error) => return Err(link_error(&error)),
        };
        let topic = Topic { thread, name, closed: false, group: self.group, files: 0 };
        self.speaker.kept.topics.keep(case, Some(&topic), now).await?;
        Ok(Some(topic))
    }

    /// A topic whose case is over is closed, so that it leaves the list of those that wait. That it
    /// stays open is no reason to say anything again.
    async fn close_when_over(&self, case: &Case, mut topic: Topic, now: Timestamp) {
        if !matches!(case.state, CaseState::Closed { .. }) || topic.closed {
            return;
        }
        let chat = ChatId(self.group);
        if self.speaker.bot.close_forum_topic(chat, thread_of(&topic)).await.is_ok() {
            topic.closed = true;
            let _ = self.speaker.kept.topics.keep(case.id, Some(&topic), now).await;
        }
    }

    /// Removes a topic with all that stands in it.
    async fn remove(&self, case: CaseId, topic: &Topic, now: Timestamp) -> Result<(), LinkError> {
        let gone = self.speaker.bot.delete_forum_topic(ChatId(self.group), thread_of(topic)).await;
        match gone {
            Ok(_) => {}
            Err(RequestError::Api(error)) if error.to_string().contains("not found") => {}
            Err(RequestError::Api(error)) if !is_servers(&error) => {
                // It is tried again, until somebody lets the bot do it.
                tracing::warn!(
                    "the topic of case {case}, which is erased, cannot be deleted; let the bot \
                     delete messages in the staff's group, or delete the topic by hand: {error}"
                );
                return Ok(());
            }
            Err(error) => return Err(link_error(&error)),
        }
        self.speaker.kept.topics.keep(case, None, now).await
    }

    /// Removes the topics of cases of which nothing is kept any more.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<(), LinkError> {
        let kept: &Kept = &self.speaker.kept;
        let topics = kept.topics.all().await?;
        let cases: Vec<CaseId> = topics.keys().copied().collect();
        for case in kept.shelves.gone(&cases).await? {
            if let Some(topic) = topics.get(&case) {
                self.remove(case, topic, now).await?;
            }
        }
        Ok(())
    }
}

/// Shows a file; whether it is over with it.
async fn show(speaker: &Speaker, spot: Spot, case: CaseId, reference: &str) -> bool {
    loop {
        match speaker.file(spot, reference).await {
            Ok(()) => return true,
            Err(LinkError::Limited { after, .. }) => tokio::time::sleep(after).await,
            Err(error) => {
                tracing::warn!("a file of case {case} is not shown to staff: {error}");
                return matches!(error, LinkError::Refused(_));
            }
        }
    }
}

#[derive(Deserialize)]
struct Member {
    user: User,
}

fn thread_of(topic: &Topic) -> ThreadId {
    ThreadId(Number(topic.thread))
}

/// Whether it is the server's own trouble, and may pass.
fn is_servers(error: &ApiError) -> bool {
    crate::failure::is_servers_own(&error.to_string())
}

/// "1 · do you lend sewing machines?"
fn name_of(case: &Case) -> String {
    let words = case.question.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = format!("{} · {words}", case.id);
    if whole.chars().count() <= NAME_MAX {
        return whole.trim_end_matches([' ', '·']).to_owned();
    }
    let mut short: String = whole.chars().take(NAME_MAX - 1).collect();
    short.push('…');
    short
}
