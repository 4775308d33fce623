//! The desk: a channel of the staff's, a thread a case. Who is staff stands in every event, as the roles
//! that somebody has at that moment.

use crate::event::{Id, Member, User, shown_name};
use crate::failure::{Failed, code};
use crate::kept::Thread;
use crate::menu::texts;
use crate::render::forms;
use crate::rest::Channel;
use crate::settings::Settings;
use crate::speak::{Saying, Speaker, Spot, message_route};
use crate::translate::{Reference, network};
use bot::{Body, Case, CaseId, CaseState, MessageId, Sentences};
use contract::{LinkError, Who};
use jiff::Timestamp;
use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::ChannelId;

/// Characters of a thread's name (developers/resources/channel, "Start Thread from Message").
const NAME_MAX: usize = 100;
/// Minutes after which Discord puts a quiet thread away; it comes back when somebody writes.
const QUIET_MINUTES: u32 = 10_080;

/// The staff's channel.
pub(crate) struct Desk<'a> {
    pub(crate) speaker: &'a Speaker,
    pub(crate) settings: &'a Settings,
    pub(crate) channel: Id,
}

impl Desk<'_> {
    /// Says something at the desk: what is about a case in its thread, the rest in the channel.
    pub(crate) async fn say(
        &self,
        case: Option<CaseId>,
        saying: Saying<'_>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        let kept = &self.speaker.kept;
        let Some(id) = case else { return self.say_in(self.channel, saying).await };
        let thread = kept.threads.get(id).await?;
        let Some(case) = kept.case(id).await? else {
            // Its asker has erased it: what the thread shows of it goes too.
            if let Some(thread) = thread {
                self.remove(id, &thread, now).await?;
            }
            return self.say_in(self.channel, saying).await;
        };
        let mut thread = match thread {
            Some(thread) if thread.began != saying.key => thread,
            Some(_) | None => return self.open(&case, saying, now).await,
        };
        self.rename(&case, &mut thread, now).await?;
        let said = match self.say_in(thread.thread, saying).await {
            Err(LinkError::Refused(words)) if self.is_gone(thread.thread).await => {
                tracing::info!("the thread of case {id} is gone, it gets another: {words}");
                kept.threads.keep(id, None, now).await?;
                return self.open(&case, saying, now).await;
            }
            said => said?,
        };
        self.show_files(&case, &mut thread, now).await;
        self.put_away_when_over(&case, &thread).await;
        Ok(said)
    }

    async fn say_in(&self, channel: Id, saying: Saying<'_>) -> Result<Vec<MessageId>, LinkError> {
        self.speaker.say(&Spot::Channel { channel, answers: None }, saying).await
    }

    /// Says the first thing about a case in the channel, and begins a thread with it: Discord lets a
    /// message have one, so nothing comes of doing it again.
    async fn open(
        &self,
        case: &Case,
        saying: Saying<'_>,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        let said = self.say_in(self.channel, saying).await?;
        let Some(Reference::Message { channel, message }) = said.first().and_then(Reference::of)
        else {
            return Ok(said);
        };
        let name = name_of(case);
        let began = saying.key.to_owned();
        let further = said.iter().skip(1).filter_map(Reference::of).filter_map(Reference::message);
        let further = further.collect();
        let mut thread =
            Thread { channel, thread: message, name: name.clone(), began, further, files: 0 };
        // Known before it is there: what staff write in it at once is written at the desk.
        self.speaker.kept.threads.keep(case.id, Some(&thread), now).await?;
        match self.speaker.begin_thread(channel, message, &name, QUIET_MINUTES).await {
            Ok(()) => {}
            Err(failed @ Failed::Refused { .. }) => {
                tracing::warn!(
                    "no thread can be begun in the staff's channel, so all is said in it; let the \
                     bot create public threads there and send messages in them: {failed:?}"
                );
                self.speaker.kept.threads.keep(case.id, None, now).await?;
                return Ok(said);
            }
            Err(failed) => return Err(failed.saying()),
        }
        self.show_files(case, &mut thread, now).await;
        Ok(said)
    }

    /// A thread is called as its case is now. An old name is no reason to say nothing.
    async fn rename(
        &self,
        case: &Case,
        thread: &mut Thread,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        let name = name_of(case);
        if thread.name == name {
            return Ok(());
        }
        let known = !thread.name.is_empty();
        thread.name.clone_from(&name);
        self.speaker.kept.threads.keep(case.id, Some(thread), now).await?;
        if known {
            let _ = self.edit(thread.thread, &json!({ "name": name })).await;
        }
        Ok(())
    }

    /// Names files of the patron's that came by Discord and were not shown yet, as the network keeps
    /// them. Their names stand in the case: one that cannot be shown is no reason to say anything again.
    async fn show_files(&self, case: &Case, thread: &mut Thread, now: Timestamp) {
        if case.asker.place.network != network() {
            return;
        }
        for (number, file) in case.attachments.iter().enumerate().skip(thread.files) {
            let body = json!({ "content": file.reference, "allowed_mentions": { "parse": [] } });
            let nonce = format!("file.{}.{number}", case.id);
            if let Err(failed) = self.speaker.post(thread.thread, body, &nonce).await {
                let error = failed.saying();
                tracing::warn!("a file of case {} is not shown to staff: {error}", case.id);
                return;
            }
            thread.files = number + 1;
            let _ = self.speaker.kept.threads.keep(case.id, Some(thread), now).await;
        }
    }

    /// A thread whose case is over is put away, so that it leaves the list of those that wait.
    async fn put_away_when_over(&self, case: &Case, thread: &Thread) {
        if matches!(case.state, CaseState::Closed { .. }) {
            // That it stays is no reason to say anything again.
            let _ = self.edit(thread.thread, &json!({ "archived": true })).await;
        }
    }

    async fn edit(&self, channel: Id, change: &Value) -> Result<(), Failed> {
        let route = Route::Channel { channel_id: ChannelId::new(channel.0) };
        self.speaker.rest.patch::<Channel>(route, change).await.map(|_| ())
    }

    async fn is_gone(&self, thread: Id) -> bool {
        let route = Route::Channel { channel_id: ChannelId::new(thread.0) };
        let asked = self.speaker.rest.get::<Channel>(route).await;
        asked.is_err_and(|failed| failed.is(code::UNKNOWN_CHANNEL))
    }

    /// Removes a thread with all that stands in it, and the messages that it began with.
    async fn remove(&self, case: CaseId, thread: &Thread, now: Timestamp) -> Result<(), LinkError> {
        let route = Route::Channel { channel_id: ChannelId::new(thread.thread.0) };
        match self.speaker.rest.delete(route).await {
            Ok(()) => {}
            Err(failed) if failed.is(code::UNKNOWN_CHANNEL) => {}
            Err(failed @ Failed::Refused { .. }) => {
                // It is tried again, until somebody lets the bot do it.
                tracing::warn!(
                    "the thread of case {case}, which is erased, cannot be deleted; let the bot \
                     manage threads in the staff's channel, or delete it by hand: {failed:?}"
                );
                return Ok(());
            }
            Err(failed) => return Err(failed.asking()),
        }
        for message in [thread.thread].iter().chain(&thread.further) {
            match self.speaker.rest.delete(message_route(thread.channel, *message)).await {
                Ok(()) | Err(Failed::Refused { .. }) => {}
                Err(failed) => return Err(failed.asking()),
            }
        }
        self.speaker.kept.threads.keep(case, None, now).await
    }

    /// Removes the threads of cases of which nothing is kept any more.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<(), LinkError> {
        let kept = &self.speaker.kept;
        let threads = kept.all_threads().await?;
        let cases: Vec<CaseId> = threads.keys().copied().collect();
        for case in kept.shelves().gone(&cases).await? {
            if let Some(thread) = threads.get(&case) {
                self.remove(case, thread, now).await?;
            }
        }
        Ok(())
    }

    /// The buttons that a case has on Discord beside those of every desk: what staff write in a form
    /// needs no right to read messages.
    pub(crate) fn forms(&self, body: &Body) -> Option<Value> {
        let Body::Case(sheet) = body else { return None };
        let sentences = Sentences::new(self.settings.desk_lang, texts(self.settings.desk_lang));
        let (reply, note) = (sentences.say("button-reply", &[]), sentences.say("button-note", &[]));
        Some(forms(sheet, &reply, &note))
    }
}

/// Who somebody is at the desk: staff, if they have its role.
pub(crate) fn who(user: &User, member: Option<&Member>, settings: &Settings) -> Who {
    let name = shown_name(user, member);
    let roles = member.map(|member| member.roles.as_slice()).unwrap_or_default();
    match settings.staff_role.is_some_and(|role| roles.contains(&Id(role))) {
        true => Who::Staff(name),
        false => Who::Other(name),
    }
}

/// "1 · do you lend sewing machines?"
fn name_of(case: &Case) -> String {
    let words = case.question.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = format!("{} · {words}", case.id);
    if whole.chars().count() <= NAME_MAX {
        return whole.trim_end_matches([' ', '·']).to_owned();
    }
    whole.chars().take(NAME_MAX - 1).chain(['…']).collect()
}
