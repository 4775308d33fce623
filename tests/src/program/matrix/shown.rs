//! What the bot said in rooms, as lines of a transcript.

use super::super::typing::case_of;
use crate::place::PlaceName;
use crate::stage::{BotLine, Pressable, StageError};
use bot::{CaseId, Command};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The field of the bot's messages in which its buttons stand.
const BUTTONS: &str = "org.pollen.buttons";
/// What commands begin with on Matrix.
pub(super) const PREFIX: &str = "!pollen";
/// Bytes of a message that may be the first part of one that is longer than an event.
const PART_MIN: usize = 10_000;

/// What people have been shown.
#[derive(Default)]
pub(super) struct Shown {
    places: BTreeMap<String, PlaceName>,
    /// What the messages say now, by their ids.
    messages: BTreeMap<String, Message>,
    /// The messages that a line is, by its id.
    lines: BTreeMap<String, Vec<String>>,
    /// The line that was last said in each room.
    last: BTreeMap<String, String>,
    /// The root of the thread of each case; `None`: it is gone.
    threads: BTreeMap<CaseId, Option<String>>,
    /// Events that were taken: a room is read by several people.
    taken: BTreeSet<String>,
    seen: Vec<BotLine>,
    wrong: Vec<String>,
}

/// A message of the bot's.
#[derive(Clone, Debug)]
struct Message {
    room: String,
    /// The root of the thread that it stands in.
    root: Option<String>,
    content: Value,
    /// The reactions that stand, or stood, for its buttons.
    signs: BTreeSet<String>,
}

impl Shown {
    pub(super) fn is_at(&mut self, room: &str, place: PlaceName) {
        self.places.insert(room.to_owned(), place);
    }

    /// Takes an event of the bot's.
    pub(super) fn take(&mut self, room: &str, event: &Value) {
        let Some(id) = event["event_id"].as_str() else { return };
        if !self.taken.insert(id.to_owned()) {
            return;
        }
        let (kind, content) = (event["type"].as_str().unwrap_or_default(), &event["content"]);
        match kind {
            "m.room.message" => self.said(room, id, content),
            "m.reaction" => {
                let relates = &content["m.relates_to"];
                let (under, sign) = (relates["event_id"].as_str(), relates["key"].as_str());
                let message = under.and_then(|under| self.messages.get(under));
                let stands =
                    |message: &Message| sign.is_some_and(|sign| message.signs.contains(sign));
                if !message.is_some_and(stands) {
                    self.wrong.push(format!("{id} puts {sign:?} where no button is"));
                }
            }
            "m.room.redaction" => {
                let gone = content["redacts"].as_str().or(event["redacts"].as_str());
                for root in self.threads.values_mut().filter(|root| root.as_deref() == gone) {
                    *root = None;
                }
            }
            "m.room.encrypted" => self.wrong.push(format!("{id} of the bot's cannot be read")),
            _ => {}
        }
    }

    fn said(&mut self, room: &str, id: &str, content: &Value) {
        if content["msgtype"] != "m.notice" && content["msgtype"] != "m.text" {
            // A patron's file, shown to staff below the line that names it.
            return;
        }
        if !content["m.mentions"].is_object() {
            self.wrong.push(format!("{id} does not say whom it mentions"));
        }
        let relates = &content["m.relates_to"];
        if relates["rel_type"] == "m.replace" {
            let old = relates["event_id"].as_str().unwrap_or_default().to_owned();
            self.changed(room, &old, &content["m.new_content"]);
            return;
        }
        let root = relates["event_id"].as_str().filter(|_| relates["rel_type"] == "m.thread");
        let root = root.map(str::to_owned);
        if root.is_some() && relates["is_falling_back"] != true {
            self.wrong.push(format!("{id} stands in a thread and does not fall back"));
        }
        let body = content["body"].as_str().unwrap_or_default();
        if let Some(case) = case_of(body).filter(|_| root.is_none()) {
            self.threads.entry(case).or_insert_with(|| Some(id.to_owned()));
        }
        let signs = buttons(content).map(|(sign, _)| sign).collect();
        let message = Message { room: room.to_owned(), root, content: content.clone(), signs };
        self.messages.insert(id.to_owned(), message);
        let line = match self.last.get(room).filter(|line| self.goes_on(line)).cloned() {
            Some(line) => line,
            None => id.to_owned(),
        };
        self.lines.entry(line.clone()).or_default().push(id.to_owned());
        self.last.insert(room.to_owned(), line.clone());
        self.show(&line, false);
    }

    /// Whether a line was cut where an event takes no more.
    fn goes_on(&self, line: &str) -> bool {
        let last = self.lines.get(line).and_then(|all| self.messages.get(all.last()?));
        let unread = self.seen.iter().any(|seen| seen.id == line);
        unread
            && last.is_some_and(|last| {
                let body = last.content["body"].as_str().unwrap_or_default();
                last.content.get(BUTTONS).is_none() && body.len() > PART_MIN
            })
    }

    fn changed(&mut self, room: &str, old: &str, content: &Value) {
        let Some(message) = self.messages.get_mut(old) else {
            self.wrong.push(format!("the bot changes {old} in {room}, which it has not said"));
            return;
        };
        if message.content["body"] == content["body"]
            && message.content.get(BUTTONS) == content.get(BUTTONS)
        {
            // It says the same: nobody sees that it was changed again.
            return;
        }
        message.content = content.clone();
        message.signs.extend(buttons(content).map(|(sign, _)| sign));
        let line = self.lines.iter().find(|(_, all)| all.iter().any(|id| id == old));
        if let Some(line) = line.map(|(line, _)| line.clone()) {
            self.show(&line, true);
        }
    }

    /// Shows a line as it reads now. One of several messages is shown once for all of them.
    fn show(&mut self, id: &str, changes: bool) {
        let parts: Vec<Message> = self
            .lines
            .get(id)
            .into_iter()
            .flatten()
            .filter_map(|part| self.messages.get(part))
            .cloned()
            .collect();
        let Some(last) = parts.last() else { return };
        let Some(place) = self.places.get(&last.room).cloned() else {
            self.wrong.push(format!("the bot spoke in {}, where nobody is", last.room));
            return;
        };
        let bodies = parts.iter().map(|part| self.readable(&part.content));
        let text = as_scripts_name(&bodies.collect::<Vec<_>>().join("\n"));
        let line = BotLine {
            place,
            id: id.to_owned(),
            changes,
            only_for: None,
            text,
            buttons: buttons(&last.content).map(|(_, button)| button).collect(),
            reply: None,
        };
        let whole = parts.len() > 1;
        match self.seen.iter_mut().find(|seen| whole && seen.id == id && seen.changes == changes) {
            Some(seen) => *seen = line,
            None => self.seen.push(line),
        }
    }

    /// A message's words without those that stand for its buttons.
    fn readable(&self, content: &Value) -> String {
        let body = content["body"].as_str().unwrap_or_default();
        let Some((words, beside)) =
            body.rsplit_once("\n\n").filter(|_| content.get(BUTTONS).is_some())
        else {
            return body.to_owned();
        };
        let listed = buttons(content).all(|(key, button)| {
            beside.contains(&format!("{key} {}", button.label)) || button.code.starts_with("c.")
        });
        if listed { words.to_owned() } else { body.to_owned() }
    }

    /// What has been shown since this was last asked.
    pub(super) fn seen(&mut self) -> Result<Vec<BotLine>, StageError> {
        match self.wrong.is_empty() {
            true => Ok(std::mem::take(&mut self.seen)),
            false => Err(StageError(self.wrong.join("\n"))),
        }
    }

    /// The message that a line is, the last one of several, and the root of its thread.
    pub(super) fn message(&self, id: &str) -> Result<(String, Option<String>), StageError> {
        let last = self.lines.get(id).and_then(|all| all.last());
        let last = last.and_then(|last| Some((last.clone(), self.messages.get(last)?)));
        let (last, message) =
            last.ok_or_else(|| StageError(format!("the bot said nothing called {id}")))?;
        Ok((last, message.root.clone()))
    }

    /// The message with a button, and the reaction that stands for it.
    pub(super) fn button(&self, id: &str, code: &str) -> Result<(String, String), StageError> {
        let (message, _) = self.message(id)?;
        let content = self.messages.get(&message).map(|message| message.content.clone());
        let content = content.unwrap_or_default();
        let sign = buttons(&content).find(|(_, button)| button.code == code).map(|(sign, _)| sign);
        let sign = sign.ok_or_else(|| StageError(format!("{id} has no button {code}")))?;
        Ok((message, sign))
    }

    /// The root of the thread of a case.
    pub(super) fn thread(&self, case: CaseId) -> Option<&str> {
        self.threads.get(&case)?.as_deref()
    }
}

fn buttons(content: &Value) -> impl Iterator<Item = (String, Pressable)> + '_ {
    let text = |button: &Value, name: &str| button[name].as_str().unwrap_or_default().to_owned();
    content[BUTTONS].as_array().into_iter().flatten().map(move |button| {
        let (label, code) = (text(button, "label"), text(button, "act"));
        (text(button, "key"), Pressable { label, code })
    })
}

/// Words with the commands as scripts name them.
fn as_scripts_name(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(&format!("{PREFIX} ")) {
        out.push_str(before);
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        let command = format!("/{}", &behind[..end]);
        match Command::parse(&command) {
            Some(_) => out.push_str(&command),
            None => out.push_str(&format!("{PREFIX} {}", &behind[..end])),
        }
        rest = &behind[end..];
    }
    out.push_str(rest);
    out
}
