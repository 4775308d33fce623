//! A script: a conversation as plain text, one behaviour a file.
//!
//! `tests/README.md` documents the format. Reading a script takes the bot's lines out of it;
//! [`Script::with`] puts others in, so that what a stage did can be compared with the file, or
//! take its place.

use crate::place::PlaceName;
use crate::words;
use bot::Location;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use knowledge::Lang;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// A script that was read.
#[derive(Clone, Debug)]
pub struct Script {
    /// The behaviour's name: the file's name without its ending.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Its first line, without the `#`.
    pub about: String,
    /// When it begins, in the library's own time.
    pub start: DateTime,
    /// The languages that people's platforms are set to, by their names.
    pub speaks: BTreeMap<String, Lang>,
    /// The stages that perform it; empty: all.
    pub stages: Vec<String>,
    /// The file's text, as it stands.
    pub text: String,
    items: Vec<Item>,
}

/// A stretch of the file that is not the bot's.
#[derive(Clone, Debug)]
enum Item {
    /// A comment, a header or an empty line, kept as it is.
    Kept(String),
    /// A step, as it is written and as it is understood.
    Step(String, Step),
}

/// Something that is done to the bot.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The line of the file, from 1.
    pub line: usize,
    /// What is done.
    pub deed: Deed,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// `PLACE WHO: TEXT`, and `PLACE WHO replies[ to "BEGINNING"]: TEXT`.
    Says {
        /// Where.
        place: PlaceName,
        /// Who.
        who: String,
        /// What, with all escapes resolved.
        text: String,
        /// The bot's message that it answers, if it answers one.
        answers: Option<Which>,
    },
    /// `PLACE WHO edits[ "BEGINNING"]: TEXT`.
    Edits {
        /// Where.
        place: PlaceName,
        /// Who.
        who: String,
        /// Which of their own messages.
        which: Which,
        /// The new text.
        text: String,
    },
    /// `PLACE WHO deletes[ "BEGINNING"]`.
    Deletes {
        /// Where.
        place: PlaceName,
        /// Who.
        who: String,
        /// Which of their own messages.
        which: Which,
    },
    /// `PLACE WHO presses [LABEL]`: on the latest message of the place that has such a button.
    Presses {
        /// Where.
        place: PlaceName,
        /// Who.
        who: String,
        /// What the button says.
        label: String,
    },
    /// `PLACE WHO shares LAT,LON[ in reply]`.
    Shares {
        /// Where.
        place: PlaceName,
        /// Who.
        who: String,
        /// Where they are, on the map.
        location: Location,
        /// The bot's message that it answers, if it answers one.
        answers: Option<Which>,
    },
    /// `PLACE WHO attaches "NAME"[: TEXT]`.
    Attaches {
        /// Where.
        place: PlaceName,
        /// Who.
        who: String,
        /// What the file is called.
        name: String,
        /// The words that come with it; may be empty.
        text: String,
    },
    /// `wait 30m`: time passes, and what is due happens at its time.
    Wait(SignedDuration),
    /// `wait until 2026-03-11 09:00`, in the library's own time.
    WaitUntil(DateTime),
    /// `restart`: the program is stopped and started again.
    Restart,
    /// `cut NETWORK`: nothing that the bot says on it arrives until it is restored.
    Cut(String),
    /// `restore NETWORK`.
    Restore(String),
    /// `refuse PLACE`: from now on the network refuses what the bot says there.
    Refuse(PlaceName),
}

/// One of several messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The last one.
    Last,
    /// The last one that begins with this.
    Beginning(String),
}

/// A script that cannot be read: the file, the line and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {what}", path.display())]
pub struct ScriptError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// The start where a script names none: a Tuesday at ten, when the desks are open.
const START: DateTime = jiff::civil::datetime(2026, 3, 10, 10, 0, 0, 0);

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// A line that is none of those known, a file without a sentence at its top, without a step or
    /// without a line of the bot's.
    pub fn read(path: &Path, text: &str) -> Result<Script, ScriptError> {
        let name = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let mut script = Script {
            name,
            path: path.to_owned(),
            about: String::new(),
            start: START,
            speaks: BTreeMap::new(),
            stages: Vec::new(),
            text: text.to_owned(),
            items: Vec::new(),
        };
        script.take_in(text).map_err(|(line, what)| ScriptError {
            path: path.to_owned(),
            line,
            what,
        })?;
        Ok(script)
    }

    /// The steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.items.iter().filter_map(|item| match item {
            Item::Kept(_) => None,
            Item::Step(_, step) => Some(step),
        })
    }

    /// The networks that its places name, `any` not among them.
    pub fn networks(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .steps()
            .filter_map(|step| match &step.deed {
                Deed::Cut(network) | Deed::Restore(network) => Some(network.clone()),
                Deed::Wait(_) | Deed::WaitUntil(_) | Deed::Restart => None,
                Deed::Says { place, .. }
                | Deed::Edits { place, .. }
                | Deed::Deletes { place, .. }
                | Deed::Presses { place, .. }
                | Deed::Shares { place, .. }
                | Deed::Attaches { place, .. }
                | Deed::Refuse(place) => place.network.clone(),
            })
            .filter(|name| name != ANY)
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The file as it would stand if the bot had said these lines after each step: one list a
    /// step, each line as [`crate::transcript`] writes it.
    pub fn with(&self, said: &[Vec<String>]) -> String {
        let mut lines: Vec<&str> = Vec::new();
        let mut said = said.iter();
        for item in &self.items {
            match item {
                Item::Kept(raw) => lines.push(raw),
                Item::Step(raw, _) => {
                    lines.push(raw);
                    lines.extend(said.next().into_iter().flatten().map(String::as_str));
                }
            }
        }
        lines.join("\n") + "\n"
    }

    fn take_in(&mut self, text: &str) -> Result<(), (usize, String)> {
        let lines: Vec<&str> = text.lines().collect();
        let about = lines.first().and_then(|line| line.strip_prefix("# "));
        self.about = about
            .map(str::trim)
            .filter(|about| about.ends_with('.'))
            .ok_or((1, "the first line must be `# ` and a sentence".to_owned()))?
            .to_owned();
        let (mut bot, mut in_bot) = (0, false);
        for (i, &raw) in lines.iter().enumerate() {
            let at = |what: String| (i + 1, what);
            if raw.starts_with("  ") || (raw.is_empty() && in_bot && goes_on(&lines[i..])) {
                if !in_bot {
                    return Err(at("an indented line must follow a line of the bot's".to_owned()));
                }
                continue;
            }
            in_bot = is_bots(raw);
            if in_bot {
                bot += 1;
            } else if raw.trim().is_empty() || raw.starts_with('#') {
                self.items.push(Item::Kept(raw.to_owned()));
            } else if self.header(raw).map_err(at)? {
                if self.steps().next().is_some() {
                    return Err(at("this belongs above the first step".to_owned()));
                }
                self.items.push(Item::Kept(raw.to_owned()));
            } else {
                let step = Step { line: i + 1, deed: deed(raw).map_err(at)? };
                self.items.push(Item::Step(raw.to_owned(), step));
            }
        }
        let last = lines.len();
        if self.steps().next().is_none() {
            return Err((last, "this script does nothing: it needs a step".to_owned()));
        }
        if bot == 0 && !words::updating() {
            let what =
                "this script shows nothing: it needs a line of the bot's (UPDATE=1 writes it)";
            return Err((last, what.to_owned()));
        }
        Ok(())
    }

    /// Takes a header line in; false if it is none.
    fn header(&mut self, raw: &str) -> Result<bool, String> {
        let words: Vec<&str> = raw.split(' ').collect();
        match words.as_slice() {
            ["at", day, time] => self.start = words::moment(day, time)?,
            ["on", stages @ ..] if !stages.is_empty() => {
                self.stages = stages.iter().map(|name| (*name).to_owned()).collect();
            }
            [who, "speaks", lang] => {
                let lang =
                    Lang::parse(lang).ok_or_else(|| format!("`{lang}` is no language code"))?;
                self.speaks.insert((*who).to_owned(), lang);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// The network that stands for each network of a stage in turn.
pub const ANY: &str = "any";

/// Whether an empty line is inside a message of the bot's: the next line with words is indented.
fn goes_on(rest: &[&str]) -> bool {
    rest.iter().find(|line| !line.is_empty()).is_some_and(|line| line.starts_with("  "))
}

/// Whether a line is the bot's: `PLACE bot: `, `PLACE bot changes: `, `PLACE bot to WHO: `.
fn is_bots(raw: &str) -> bool {
    let mut words = raw.split(' ');
    let place = words.next().unwrap_or_default();
    let who = words.next().unwrap_or_default();
    PlaceName::parse(place).is_ok() && (who == "bot" || who == "bot:")
}

/// Understands a step.
fn deed(raw: &str) -> Result<Deed, String> {
    let (first, rest) = raw.split_once(' ').unwrap_or((raw, ""));
    match (first, rest) {
        ("restart", "") => return Ok(Deed::Restart),
        ("wait", rest) => {
            return match rest.strip_prefix("until ") {
                Some(when) => {
                    let (day, time) = when.split_once(' ').unwrap_or((when, "00:00"));
                    words::moment(day, time).map(Deed::WaitUntil)
                }
                None => words::span(rest).map(Deed::Wait),
            };
        }
        ("cut", network) if is_name(network) => return Ok(Deed::Cut(network.to_owned())),
        ("restore", network) if is_name(network) => return Ok(Deed::Restore(network.to_owned())),
        ("refuse", place) => return PlaceName::parse(place).map(Deed::Refuse),
        _ => {}
    }
    let place = PlaceName::parse(first)?;
    let end = rest.find(|c: char| !is_name_char(c)).unwrap_or(rest.len());
    let (who, tail) = rest.split_at(end);
    if who.is_empty() {
        return Err("after the place comes who speaks".to_owned());
    }
    spoken(place, who.to_owned(), tail)
}

/// Understands what somebody does, from behind their name on.
fn spoken(place: PlaceName, who: String, tail: &str) -> Result<Deed, String> {
    if let Some(text) = said(tail) {
        return Ok(Deed::Says { place, who, text: words::unfold(text)?, answers: None });
    }
    let (verb, rest) = match tail.strip_prefix(' ').map(|t| t.split_at(name_end(t))) {
        Some(parts) => parts,
        None => ("", tail),
    };
    match verb {
        "replies" => {
            let (which, rest) = match rest.strip_prefix(" to") {
                Some(rest) => quoted(rest)?,
                None => (Which::Last, rest),
            };
            let text = words::unfold(said(rest).ok_or(WORDS_MISSING)?)?;
            Ok(Deed::Says { place, who, text, answers: Some(which) })
        }
        "edits" => {
            let (which, rest) = quoted(rest)?;
            let text = words::unfold(said(rest).ok_or(WORDS_MISSING)?)?;
            Ok(Deed::Edits { place, who, which, text })
        }
        "deletes" => match quoted(rest)? {
            (which, "") => Ok(Deed::Deletes { place, who, which }),
            (_, more) => Err(format!("`{more}` is too much")),
        },
        "presses" => {
            let label = rest.strip_prefix(" [").and_then(|rest| rest.strip_suffix(']'));
            let label = label.ok_or("`presses` needs a button: presses [Helpful]")?.to_owned();
            Ok(Deed::Presses { place, who, label })
        }
        "shares" => {
            let (location, answers) = match rest.strip_suffix(" in reply") {
                Some(rest) => (rest, Some(Which::Last)),
                None => (rest, None),
            };
            let location = words::location(location.trim_start())?;
            Ok(Deed::Shares { place, who, location, answers })
        }
        "attaches" => {
            let (Which::Beginning(name), rest) = quoted(rest)? else {
                return Err("`attaches` needs a file: attaches \"torn.jpg\"".to_owned());
            };
            let text = if rest.is_empty() { "" } else { said(rest).ok_or(WORDS_MISSING)? };
            Ok(Deed::Attaches { place, who, name, text: words::unfold(text)? })
        }
        _ => Err(format!(
            "`{who}{tail}`: somebody says something (`{who}: words`), or replies, edits, deletes, \
             presses, shares or attaches"
        )),
    }
}

const WORDS_MISSING: &str = "a colon and the words are missing at its end";

/// The words behind a colon; an empty message is a colon with nothing behind it.
fn said(tail: &str) -> Option<&str> {
    let words = tail.strip_prefix(':')?;
    if words.is_empty() { Some(words) } else { words.strip_prefix(' ') }
}

/// Reads ` "beginning of a message"` if it is there.
fn quoted(rest: &str) -> Result<(Which, &str), String> {
    match rest.strip_prefix(" \"") {
        Some(rest) => {
            let (quote, rest) = rest.split_once('"').ok_or("a quotation mark is missing")?;
            Ok((Which::Beginning(words::unfold(quote)?), rest))
        }
        None => Ok((Which::Last, rest)),
    }
}

fn name_end(text: &str) -> usize {
    text.find(|c: char| !is_name_char(c)).unwrap_or(text.len())
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_char)
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Last => f.write_str("the last message"),
            Which::Beginning(text) => write!(f, "a message that begins with \"{text}\""),
        }
    }
}
