//! The desk: a room of the staff's, a thread a case. Who is staff is asked at every act.

use crate::event::shown_again;
use crate::failure::{asking, is_missing};
use crate::kept::Thread;
use crate::render::{Voice, contents};
use crate::settings::Settings;
use crate::speak::{Speaker, Spot};
use bot::{Case, CaseId, MessageId, Reply};
use contract::{LinkError, Who};
use jiff::Timestamp;
use matrix_sdk::room::{IncludeRelations, RelationsOptions, RoomMember};
use matrix_sdk::ruma::api::Direction;
use matrix_sdk::ruma::events::relation::RelationType;
use matrix_sdk::ruma::events::room::power_levels::UserPowerLevel;
use matrix_sdk::ruma::{EventId, OwnedEventId, UserId};
use matrix_sdk::{Room, RoomMemberships};

/// The power from which on somebody is a moderator (Client-Server API, "m.room.power_levels": what
/// removing others' messages needs if nothing else is said).
const MODERATOR: i64 = 50;
/// Messages of a thread that are read at once when it is erased.
const PAGE: u32 = 100;
/// Pages of a thread that are read when it is erased: more than any case has.
const PAGES_MAX: usize = 50;

/// The staff's room.
pub(crate) struct Desk<'a> {
    pub(crate) speaker: &'a Speaker,
    pub(crate) settings: &'a Settings,
    pub(crate) room: Room,
}

impl Desk<'_> {
    /// Who somebody is at the desk, as the list or the room has it at this moment.
    pub(crate) async fn who(&self, user: &str) -> Result<Who, LinkError> {
        let Ok(id) = UserId::parse(user) else { return Ok(Who::Other(user.to_owned())) };
        let member = self.room.get_member(&id).await.map_err(|error| asking(&error))?;
        let Some(member) = member.filter(|m| RoomMemberships::JOIN.matches(m.membership())) else {
            return Ok(Who::Other(user.to_owned()));
        };
        if !self.settings.staff.is_empty() {
            let known = self.settings.staff.iter().find(|(_, account)| **account == id);
            return Ok(known.map_or_else(
                || Who::Other(member.name().to_owned()),
                |(name, _)| Who::Staff(name.clone()),
            ));
        }
        let moderates = match member.power_level() {
            UserPowerLevel::Infinite => true,
            UserPowerLevel::Int(level) => i64::from(level) >= MODERATOR,
            _ => false,
        };
        if !moderates {
            return Ok(Who::Other(member.name().to_owned()));
        }
        Ok(Who::Staff(shown(&member)))
    }

    /// Says something at the desk: what is about a case in its thread, the rest in the room itself.
    pub(crate) async fn say(
        &self,
        case: Option<CaseId>,
        reply: &Reply,
        key: &str,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, LinkError> {
        let mut spot = Spot::of(self.room.clone());
        let kept = &self.speaker.kept;
        let Some(id) = case else {
            return self.speaker.say(&spot, contents(reply, Voice::Notice), key).await;
        };
        let contents = contents(reply, Voice::Text);
        let thread = kept.thread(id).await?.filter(|thread| thread.room == self.room.room_id());
        let Some(case) = kept.case(id).await? else {
            // Its asker has erased it: what the thread shows of it goes too.
            if let Some(thread) = thread {
                self.remove(id, &thread, now).await?;
            }
            return self.speaker.say(&spot, contents, key).await;
        };
        spot.root = thread.as_ref().map(|thread| thread.root.clone());
        let said = self.speaker.say(&spot, contents, key).await?;
        let thread = match (thread, said.first().and_then(crate::speak::room_and_event)) {
            (Some(thread), _) => thread,
            (None, Some((_, root))) => {
                let thread = Thread { room: self.room.room_id().to_owned(), root, files: 0 };
                kept.keep_thread(id, Some(&thread), now).await?;
                thread
            }
            (None, None) => return Ok(said),
        };
        self.show_files(&case, thread, key, now).await;
        Ok(said)
    }

    /// Shows files of the patron's that came by Matrix and were not shown yet, as their server keeps
    /// them. Their names stand in the case: one that cannot be shown is no reason to say anything
    /// again.
    async fn show_files(&self, case: &Case, mut thread: Thread, key: &str, now: Timestamp) {
        if case.asker.place.network != crate::translate::network() {
            return;
        }
        let spot = Spot { root: Some(thread.root.clone()), ..Spot::of(self.room.clone()) };
        let before = thread.files;
        for (number, file) in case.attachments.iter().enumerate().skip(before) {
            let said = match shown_again(file) {
                Some(content) => {
                    self.speaker.say(&spot, vec![content], &format!("{key}.f{number}")).await
                }
                None => Ok(Vec::new()),
            };
            if said.is_err() {
                break;
            }
            thread.files += 1;
        }
        if thread.files > before {
            // What is not noted is shown once more, and that harms nobody.
            let _ = self.speaker.kept.keep_thread(case.id, Some(&thread), now).await;
        }
    }

    /// Removes what the bot has said in a thread, and what others have, where it may: all of it tells
    /// of a patron who is forgotten.
    async fn remove(&self, case: CaseId, thread: &Thread, now: Timestamp) -> Result<(), LinkError> {
        for message in self.messages_of(thread).await? {
            match self.room.redact(&message, None, None).await.map_err(Into::into) {
                Ok(_) => {}
                Err(error) if is_missing(&error) => {
                    tracing::warn!(
                        "a message about case {case}, which is erased, cannot be removed; let the bot \
                         remove messages in the staff's room, or remove it by hand: {error}"
                    );
                }
                Err(error) => return Err(asking(&error)),
            }
        }
        self.speaker.kept.keep_thread(case, None, now).await
    }

    /// All messages of a thread, the first last: without it the others could not be found again.
    async fn messages_of(&self, thread: &Thread) -> Result<Vec<OwnedEventId>, LinkError> {
        let mut messages = Vec::new();
        let mut from = None;
        for _ in 0..PAGES_MAX {
            let options = RelationsOptions {
                from,
                dir: Direction::Backward,
                limit: Some(PAGE.into()),
                include_relations: IncludeRelations::RelationsOfType(RelationType::Thread),
                recurse: false,
            };
            let page = match self.room.relations(thread.root.clone(), options).await {
                Ok(page) => page,
                Err(error) if is_missing(&error) => break,
                Err(error) => return Err(asking(&error)),
            };
            messages.extend(page.chunk.iter().filter_map(|event| event.event_id()));
            from = page.next_batch_token;
            if from.is_none() {
                break;
            }
        }
        messages.push(thread.root.clone());
        Ok(messages)
    }

    /// Removes the threads of cases of which nothing is kept any more.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<(), LinkError> {
        let kept = &self.speaker.kept;
        let threads = kept.threads().await?;
        let cases: Vec<CaseId> = threads.keys().copied().collect();
        for case in kept.gone(&cases).await? {
            if let Some(thread) = threads.get(&case) {
                self.remove(case, thread, now).await?;
            }
        }
        Ok(())
    }

    /// The case that one of the bot's messages here is about: by its thread, else by its buttons.
    pub(crate) async fn case_of(
        &self,
        root: Option<&EventId>,
    ) -> Result<Option<CaseId>, LinkError> {
        match root {
            Some(root) => self.speaker.kept.case_of(root.as_str()).await,
            None => Ok(None),
        }
    }
}

/// What the desk calls a moderator; namesakes are told apart by their whole names.
fn shown(member: &RoomMember) -> String {
    match member.name_ambiguous() {
        true => format!("{} ({})", member.name(), member.user_id()),
        false => member.name().to_owned(),
    }
}
