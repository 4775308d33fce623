//! What the bot did on Telegram, as lines of a transcript.

use super::super::typing::case_of;
use super::NETWORK;
use crate::place::PlaceName;
use crate::stage::{BotLine, Pressable, StageError};
use bot::{CaseId, PlaceKind};
use peers::telegram::{Button, ChatId, Content, Deed, Message, Press};
use std::collections::BTreeMap;

/// A message longer than this, in UTF-16 units, that has no buttons may be the first part of one
/// that is longer than Telegram takes.
const PART_MIN: usize = 3_000;

/// What the link puts behind `@` in groups, so that nobody is pinged.
const WORD_JOINER: &str = "@\u{2060}";

/// A chat, and a topic of it.
type Spot = (ChatId, Option<i64>);

/// What people have been shown.
#[derive(Default)]
pub(super) struct Shown {
    places: BTreeMap<ChatId, PlaceName>,
    /// The messages that a line is, by its id, in order: several, where it is longer than Telegram
    /// takes.
    lines: BTreeMap<String, Vec<Message>>,
    /// The line that was last said in each spot.
    last: BTreeMap<Spot, String>,
    /// The same as it was when the program died, without the spots in which something has been said
    /// since.
    before_death: BTreeMap<Spot, String>,
    /// The lines that may be said again because of a death.
    repeats: Vec<String>,
    /// The topic of each case and the first message in it.
    topics: BTreeMap<CaseId, (i64, i64)>,
    seen: Vec<BotLine>,
    /// The bot has spoken where nobody of the script is.
    astray: Option<ChatId>,
}

impl Shown {
    pub(super) fn is_desk(&mut self, chat: ChatId) {
        self.places.insert(chat, PlaceName::desk());
    }

    pub(super) fn is_direct(&mut self, chat: ChatId, who: &str) {
        let network = Some(NETWORK.to_owned());
        let place = PlaceName { network, id: format!("dm-{who}"), kind: PlaceKind::Direct };
        self.places.insert(chat, place);
    }

    pub(super) fn is_room(&mut self, chat: ChatId, place: &PlaceName) {
        self.places.insert(chat, place.clone());
    }

    /// The program has died: the last message in each spot may be said once more, as Telegram gives
    /// it no means to find out whether it was said.
    pub(super) fn died(&mut self) {
        self.before_death = self.last.clone();
    }

    /// The lines that read like the last one in their spot before a death and came first after it.
    pub(super) fn repeats(&self) -> &[String] {
        &self.repeats
    }

    /// Takes a deed of the bot's.
    pub(super) fn take(&mut self, deed: Deed) {
        match deed {
            Deed::Sent(message) => self.sent(message),
            Deed::Edited(message) => self.edited(message),
            Deed::Deleted { chat, message } => self.deleted(chat, message),
            Deed::Answered(_)
            | Deed::Offered(_)
            | Deed::Acted { .. }
            | Deed::Topic { .. }
            | Deed::LeftChat(_) => {}
        }
    }

    fn sent(&mut self, message: Message) {
        if matches!(message.content, Content::Media(_)) {
            // A patron's file, shown to staff below the line that names it.
            return;
        }
        let spot = (message.chat, message.thread);
        let id = format!("{}.{}", message.chat.0, message.id);
        if self.was_said_before_death(&spot, &message) {
            self.repeats.push(id.clone());
        }
        self.opens_topic(&message);
        if let Some(id) = self.last.get(&spot).filter(|id| self.goes_on(id)).cloned() {
            self.lines.entry(id.clone()).or_default().push(message);
            self.show(&id, false);
            return;
        }
        self.last.insert(spot, id.clone());
        self.lines.insert(id.clone(), vec![message]);
        self.show(&id, false);
    }

    /// Whether a message says again what was said last in its spot before a death.
    fn was_said_before_death(&mut self, spot: &Spot, message: &Message) -> bool {
        let Some(id) = self.before_death.remove(spot) else { return false };
        let [before] = self.lines.get(&id).map(Vec::as_slice).unwrap_or_default() else {
            return false;
        };
        before.text() == message.text() && before.keyboard == message.keyboard
    }

    fn opens_topic(&mut self, message: &Message) {
        let Some(thread) = message.thread else { return };
        if self.topics.values().any(|(known, _)| *known == thread) {
            return;
        }
        if let Some(case) = case_of(message.text()) {
            self.topics.insert(case, (thread, message.id));
        }
    }

    /// Whether a line was cut where Telegram takes no more.
    fn goes_on(&self, id: &str) -> bool {
        let last = self.lines.get(id).and_then(|messages| messages.last());
        let unread = self.seen.iter().any(|line| line.id == id);
        unread
            && last.is_some_and(|last| {
                last.keyboard.is_empty() && last.text().encode_utf16().count() > PART_MIN
            })
    }

    fn edited(&mut self, message: Message) {
        let (chat, number) = (message.chat, message.id);
        let Some(id) = self.line_of(chat, number) else {
            self.sent(message);
            return;
        };
        for part in self.lines.entry(id.clone()).or_default() {
            if part.id == number {
                part.clone_from(&message);
            }
        }
        self.show(&id, true);
    }

    /// A line has become shorter by a message.
    fn deleted(&mut self, chat: ChatId, number: i64) {
        let Some(id) = self.line_of(chat, number) else { return };
        let parts = self.lines.entry(id.clone()).or_default();
        if parts.len() > 1 {
            parts.retain(|part| part.id != number);
            self.show(&id, true);
        }
    }

    fn line_of(&self, chat: ChatId, number: i64) -> Option<String> {
        let is = |message: &Message| message.chat == chat && message.id == number;
        self.lines.iter().find(|(_, parts)| parts.iter().any(is)).map(|(id, _)| id.clone())
    }

    /// Shows a line as it reads now. One of several messages is shown once for all of them.
    fn show(&mut self, id: &str, changes: bool) {
        let Some(parts) = self.lines.get(id) else { return };
        let Some(last) = parts.last() else { return };
        let Some(place) = self.places.get(&last.chat).cloned() else {
            self.astray = Some(last.chat);
            return;
        };
        let text: Vec<&str> = parts.iter().map(Message::text).collect();
        let mut text = text.join("\n");
        if last.chat.is_shared() {
            text = text.replace(WORD_JOINER, "@");
        }
        let line = BotLine {
            place,
            id: id.to_owned(),
            changes,
            only_for: None,
            text,
            buttons: last.keyboard.iter().flatten().map(pressable).collect(),
            reply: None,
        };
        let whole = parts.len() > 1;
        match self.seen.iter_mut().find(|seen| whole && seen.id == id && seen.changes == changes) {
            Some(seen) => *seen = line,
            None => self.seen.push(line),
        }
    }

    /// What has been shown since this was last asked.
    pub(super) fn seen(&mut self) -> Result<Vec<BotLine>, StageError> {
        match self.astray {
            Some(chat) => Err(StageError(format!("the bot spoke in {}, where nobody is", chat.0))),
            None => Ok(std::mem::take(&mut self.seen)),
        }
    }

    /// The message that a line is, the last one of several.
    pub(super) fn message(&self, id: &str) -> Result<i64, StageError> {
        Ok(self.whole(id)?.id)
    }

    /// The message with a button, and what is written on it.
    pub(super) fn button(&self, id: &str, code: &str) -> Result<(i64, String), StageError> {
        let message = self.whole(id)?;
        let mut buttons = message.keyboard.iter().flatten().map(pressable);
        let button = buttons.find(|button| button.code == code);
        let button =
            button.ok_or_else(|| StageError(format!("the message {id} has no button {code}")))?;
        Ok((message.id, button.label))
    }

    fn whole(&self, id: &str) -> Result<&Message, StageError> {
        let last = self.lines.get(id).and_then(|messages| messages.last());
        last.ok_or_else(|| StageError(format!("the bot said nothing called {id}")))
    }

    /// The topic of a case, and the bot's first message in it.
    pub(super) fn topic(&self, case: CaseId) -> Option<(i64, i64)> {
        self.topics.get(&case).copied()
    }
}

fn pressable(button: &Button) -> Pressable {
    let code = match &button.press {
        Press::Data(data) => data.clone(),
        Press::Url(url) => url.clone(),
        other @ (Press::SwitchInline(_)
        | Press::SwitchInlineHere(_)
        | Press::SwitchInlineChosen(_)
        | Press::Copy(_)) => format!("{other:?}"),
    };
    Pressable { label: button.text.clone(), code }
}
