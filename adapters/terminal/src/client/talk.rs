//! The client's side of a conversation as a value: what was typed and heard, and what follows.

use super::words::Word;
use crate::protocol::{FromClient, Role, Show};
use crate::translate::{Spoken, place};
use bot::{Act, Button, Reply};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Lines kept while the program cannot be reached: more than anybody types in that time.
const WAITING_MAX: usize = 1_000;

/// Messages whose buttons can be pressed: those further up have left the screen.
const OFFERED_MAX: usize = 32;

/// Names of printed messages that are remembered, so that a repeat is known: a program repeats
/// only what it was sending when it died.
const PRINTED_MAX: usize = 1_000;

/// A conversation.
pub(super) struct Talk {
    session: String,
    role: Role,
    place: String,
    last_id: u64,
    /// Said and not yet kept, oldest first.
    waiting: BTreeMap<u64, FromClient>,
    /// Said to the bot and not yet answered.
    unanswered: BTreeSet<u64>,
    /// Something was done whose answer does not name it: a button, an edit, a line at the desk.
    unseen: bool,
    /// The last line that was said, for `/edit` and `/delete`.
    said: Option<u64>,
    offered: VecDeque<Offered>,
    printed: VecDeque<String>,
}

/// A message's buttons, each under the number that is printed before it.
struct Offered {
    message: String,
    buttons: Vec<(usize, Button)>,
}

/// What follows from a typed line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Did {
    /// To be written to the program, now and after each new connection until it is kept.
    Say(FromClient),
    /// To be told to the person.
    Tell(Word),
    /// The person leaves.
    Quit,
    /// Nothing.
    Nothing,
}

impl Talk {
    pub(super) fn new(session: &str, role: Role, place: &str) -> Talk {
        Talk {
            session: session.to_owned(),
            role,
            place: place.to_owned(),
            last_id: 0,
            waiting: BTreeMap::new(),
            unanswered: BTreeSet::new(),
            unseen: false,
            said: None,
            offered: VecDeque::new(),
            printed: VecDeque::new(),
        }
    }

    /// A line was typed.
    pub(super) fn typed(&mut self, text: &str) -> Did {
        let text = text.trim();
        if text.is_empty() {
            return Did::Nothing;
        }
        if text == "/quit" {
            return Did::Quit;
        }
        if self.waiting.len() >= WAITING_MAX {
            return Did::Tell(Word::TooManyWait);
        }
        let (command, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let line = match (command, rest.trim(), self.said) {
            ("/edit" | "/delete", _, None) => return Did::Tell(Word::NothingSaid),
            ("/edit", "", Some(_)) => return Did::Tell(Word::EditHow),
            ("/edit", text, Some(message)) => {
                self.unseen = true;
                FromClient::Edit { id: self.next_id(), message, text: text.to_owned() }
            }
            ("/delete", _, Some(message)) => {
                self.said = None;
                self.unanswered.remove(&message);
                FromClient::Delete { id: self.next_id(), message }
            }
            _ => match self.button(text) {
                Some(code) => {
                    self.unseen = true;
                    FromClient::Press { id: self.next_id(), code }
                }
                None => self.say(text),
            },
        };
        if let Some(id) = line.id() {
            self.waiting.insert(id, line.clone());
        }
        Did::Say(line)
    }

    fn say(&mut self, text: &str) -> FromClient {
        let id = self.next_id();
        self.said = Some(id);
        match self.role {
            Role::Staff => self.unseen = true,
            Role::Patron => {
                if Spoken::read(text, place(&self.place).kind, None).addressed {
                    self.unanswered.insert(id);
                }
            }
        }
        FromClient::Say { id, text: text.to_owned(), replies_to: None }
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The code of the button that a line presses: the latest that has this number or label.
    fn button(&self, text: &str) -> Option<String> {
        let number = text.parse::<usize>().ok();
        let folded = text.to_lowercase();
        let pressed = |(n, button): &&(usize, Button)| {
            Some(*n) == number || button.label.to_lowercase() == folded
        };
        self.offered
            .iter()
            .rev()
            .find_map(|offered| offered.buttons.iter().find(pressed))
            .map(|(_, button)| button.act.code())
    }

    /// The line of this number is on the program's disk.
    pub(super) fn kept(&mut self, id: u64) {
        self.waiting.remove(&id);
    }

    /// The line of this number was refused.
    pub(super) fn refused(&mut self, id: u64) {
        self.waiting.remove(&id);
        self.unanswered.remove(&id);
        self.unseen = false;
    }

    /// Something is to be shown: whether it is printed, or was before.
    pub(super) fn shown(&mut self, show: &Show) -> bool {
        self.unseen = false;
        let about = show.about.as_deref().and_then(|about| {
            about.strip_prefix(self.session.as_str())?.strip_prefix('.')?.parse::<u64>().ok()
        });
        if let Some(id) = about {
            self.unanswered.remove(&id);
        }
        let repeat = self.printed.contains(&show.message);
        if repeat && !show.changed {
            return false;
        }
        if !repeat {
            keep(&mut self.printed, show.message.clone(), PRINTED_MAX);
        }
        self.offered.retain(|offered| offered.message != show.message);
        let buttons = numbered(&show.reply);
        if !buttons.is_empty() {
            keep(
                &mut self.offered,
                Offered { message: show.message.clone(), buttons },
                OFFERED_MAX,
            );
        }
        true
    }

    /// What was said and is not kept yet, oldest first.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &FromClient> {
        self.waiting.values()
    }

    /// How many lines are not kept yet.
    pub(super) fn unsent(&self) -> usize {
        self.waiting.len()
    }

    /// Whether an answer to something is still to come.
    pub(super) fn expects(&self) -> bool {
        !self.waiting.is_empty() || !self.unanswered.is_empty() || self.unseen
    }

    /// What has not been answered by now is not expected to be.
    pub(super) fn expect_nothing(&mut self) {
        self.unanswered.clear();
        self.unseen = false;
    }
}

/// A reply's buttons under the numbers that stand before them: a choice has the number that the
/// text gives it, the others follow.
pub(super) fn numbered(reply: &Reply) -> Vec<(usize, Button)> {
    let chosen = |button: &Button| match button.act {
        Act::Choose { number, .. } => Some(usize::from(number)),
        Act::Helpful(_)
        | Act::NotHelpful(_)
        | Act::AskPerson(_)
        | Act::More(_)
        | Act::Back(_)
        | Act::Withdraw(_)
        | Act::Forget
        | Act::Keep
        | Act::Speak(_)
        | Act::Link
        | Act::Unlink
        | Act::OpenDirect(_)
        | Act::Claim(_)
        | Act::Release(_)
        | Act::Show(_)
        | Act::Close(_) => None,
    };
    let mut last = reply.buttons.iter().filter_map(chosen).max().unwrap_or(0);
    let number = |button: &Button| {
        chosen(button).unwrap_or_else(|| {
            last += 1;
            last
        })
    };
    let numbers: Vec<usize> = reply.buttons.iter().map(number).collect();
    numbers.into_iter().zip(reply.buttons.iter().cloned()).collect()
}

fn keep<T>(list: &mut VecDeque<T>, item: T, max: usize) {
    if list.len() >= max {
        list.pop_front();
    }
    list.push_back(item);
}
