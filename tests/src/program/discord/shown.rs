//! What the bot did on Discord, as lines of a transcript.

use super::super::typing::case_of;
use crate::place::PlaceName;
use crate::stage::{BotLine, Pressable, StageError};
use bot::CaseId;
use peers::discord::{ChannelId, Deed, Message, MessageId, UserId};
use serde_json::Value;
use std::collections::BTreeMap;

/// A message longer than this that has no buttons may be the first part of one that is longer than
/// Discord takes.
const PART_MIN: usize = 1_400;

/// The codes of buttons that Discord alone has: those that open a form, and the one that shows an answer
/// to everybody.
const OF_DISCORD: [&str; 3] = ["reply.", "note.", "share"];

/// What people have been shown.
pub(super) struct Shown {
    desk: ChannelId,
    places: BTreeMap<ChannelId, PlaceName>,
    names: BTreeMap<UserId, String>,
    /// The messages that a line is, by its id, in order: several, where it is longer than Discord
    /// takes.
    lines: BTreeMap<String, Vec<Message>>,
    /// The line that was last said in each channel.
    last: BTreeMap<ChannelId, String>,
    /// The message that the thread of each case begins with.
    sheets: BTreeMap<CaseId, (ChannelId, MessageId)>,
    seen: Vec<BotLine>,
    /// The bot has spoken where nobody of the script is.
    astray: Option<ChannelId>,
}

impl Shown {
    pub(super) fn new(desk: ChannelId) -> Shown {
        Shown {
            desk,
            places: BTreeMap::from([(desk, PlaceName::desk())]),
            names: BTreeMap::new(),
            lines: BTreeMap::new(),
            last: BTreeMap::new(),
            sheets: BTreeMap::new(),
            seen: Vec::new(),
            astray: None,
        }
    }

    pub(super) fn is_at(&mut self, channel: ChannelId, place: PlaceName) {
        self.places.insert(channel, place);
    }

    pub(super) fn is_called(&mut self, user: UserId, who: &str) {
        self.names.insert(user, who.to_owned());
    }

    /// Takes a deed of the bot's.
    pub(super) fn take(&mut self, deed: Deed) {
        match deed {
            Deed::Sent(message) => self.sent(message),
            Deed::Edited(message) => self.edited(message),
            Deed::Deleted { message, .. } => self.deleted(message),
            Deed::Responded { reply, .. } => {
                if let peers::discord::Reply::Message(message) = reply {
                    self.sent(message);
                }
            }
            Deed::ThreadMade { parent, thread, .. } => {
                if let Some(place) = self.places.get(&parent).cloned() {
                    self.is_at(thread, place);
                }
            }
            Deed::Typing(_)
            | Deed::ThreadChanged { .. }
            | Deed::ThreadMember { .. }
            | Deed::ChannelDeleted(_)
            | Deed::Commands(_) => {}
        }
    }

    fn sent(&mut self, message: Message) {
        let nonce = message.nonce.as_ref().and_then(Value::as_str).unwrap_or_default();
        if nonce.starts_with("file.") {
            // A patron's file, shown to staff below the line that names it.
            return;
        }
        let id = message.id.to_string();
        if message.channel == self.desk
            && let Some(case) = case_of(&words(&message))
        {
            self.sheets.entry(case).or_insert((message.channel, message.id));
        }
        let channel = message.channel;
        if let Some(id) = self.last.get(&channel).filter(|id| self.goes_on(id)).cloned() {
            self.lines.entry(id.clone()).or_default().push(message);
            self.show(&id, false);
            return;
        }
        self.last.insert(channel, id.clone());
        self.lines.insert(id.clone(), vec![message]);
        self.show(&id, false);
    }

    /// Whether a line was cut where Discord takes no more.
    fn goes_on(&self, id: &str) -> bool {
        let last = self.lines.get(id).and_then(|messages| messages.last());
        let unread = self.seen.iter().any(|line| line.id == id);
        unread
            && last.is_some_and(|last| {
                last.components.is_empty() && last.content.encode_utf16().count() > PART_MIN
            })
    }

    fn edited(&mut self, message: Message) {
        // What was promised before is said now.
        let Some(id) = self.line_of(message.id) else { return self.sent(message) };
        for part in self.lines.entry(id.clone()).or_default() {
            if part.id == message.id {
                if is_same(part, &message) {
                    // Nobody sees that it was filled in once more.
                    return;
                }
                part.clone_from(&message);
            }
        }
        self.show(&id, true);
    }

    /// A line has become shorter by a message.
    fn deleted(&mut self, message: MessageId) {
        let Some(id) = self.line_of(message) else { return };
        let parts = self.lines.entry(id.clone()).or_default();
        if parts.len() > 1 {
            parts.retain(|part| part.id != message);
            self.show(&id, true);
        }
    }

    fn line_of(&self, message: MessageId) -> Option<String> {
        let is = |part: &Message| part.id == message;
        self.lines.iter().find(|(_, parts)| parts.iter().any(is)).map(|(id, _)| id.clone())
    }

    /// Shows a line as it reads now. One of several messages is shown once for all of them.
    fn show(&mut self, id: &str, changes: bool) {
        let Some(parts) = self.lines.get(id) else { return };
        let Some(last) = parts.last() else { return };
        let Some(place) = self.places.get(&last.channel).cloned() else {
            self.astray = Some(last.channel);
            return;
        };
        let only_for = last.only_for.and_then(|user| self.names.get(&user).cloned());
        let line = BotLine {
            place,
            id: id.to_owned(),
            changes,
            only_for,
            text: parts.iter().map(words).collect::<Vec<_>>().join("\n"),
            buttons: last.controls().iter().filter_map(pressable).collect(),
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
            Some(channel) => {
                Err(StageError(format!("the bot spoke in {channel}, where nobody is")))
            }
            None => Ok(std::mem::take(&mut self.seen)),
        }
    }

    /// The message that a line is, the last one of several.
    pub(super) fn message(&self, id: &str) -> Result<(ChannelId, MessageId), StageError> {
        let last = self.lines.get(id).and_then(|messages| messages.last());
        let last = last.ok_or_else(|| StageError(format!("the bot said nothing called {id}")))?;
        Ok((last.channel, last.id))
    }

    /// The message that the thread of a case begins with.
    pub(super) fn sheet(&self, case: CaseId) -> Option<(ChannelId, MessageId)> {
        self.sheets.get(&case).copied()
    }
}

fn is_same(one: &Message, other: &Message) -> bool {
    one.content == other.content && one.embeds == other.embeds && one.components == other.components
}

fn pressable(control: &Value) -> Option<Pressable> {
    let (label, code) = (control["label"].as_str()?, control["custom_id"].as_str()?);
    let own = OF_DISCORD.iter().any(|own| code.starts_with(own));
    (!own).then(|| Pressable { label: label.to_owned(), code: code.to_owned() })
}

/// What a message says to whoever reads it: its words as Discord shows them, and what is framed below
/// them.
fn words(message: &Message) -> String {
    let mut lines: Vec<String> = Vec::new();
    if !message.content.is_empty() {
        lines.push(rendered(&message.content));
    }
    for embed in &message.embeds {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        lines.extend(text(&embed["title"]).map(|title| rendered(&title)));
        lines.extend(text(&embed["description"]).map(|text| rendered(&text)));
        // A footer is shown as it is, and the title leads to the page.
        let footer = text(&embed["footer"]["text"]);
        lines.extend(footer.map(|footer| match embed["url"].as_str() {
            Some(url) => format!("{footer} · {url}"),
            None => footer,
        }));
    }
    lines.join("\n")
}

/// Markdown as Discord shows it, as far as the bot writes any: what is escaped is itself, a mark is not
/// seen.
fn rendered(text: &str) -> String {
    let line = |line: &str| {
        let line = line.strip_prefix("-# ").unwrap_or(line);
        let mut shown = String::new();
        let mut signs = line.chars().peekable();
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => shown.extend(signs.next_if(char::is_ascii_punctuation).or(Some('\\'))),
                '*' if signs.peek() == Some(&'*') => {
                    signs.next();
                }
                sign => shown.push(sign),
            }
        }
        shown
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
