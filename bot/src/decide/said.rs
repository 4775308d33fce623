//! Somebody says something.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::case::{Case, CaseState, Closing};
use crate::command::Command;
use crate::compose::shortened;
use crate::conversation::{Conversation, Offer, Outcome, attach};
use crate::event::{Attachment, Said, Wish};
use crate::look::LookedOutcome;
use crate::reply::{Body, Button, Reply};
use crate::understand::{self, Saying};
use crate::verdict::Decided;
use crate::voice::Voice;
use jiff::SignedDuration;
use knowledge::{Findings, Lang};

/// The longest question that is taken: longer ones are nobody's typing, and no platform but the
/// web lets them through.
pub(crate) const QUESTION_MAX: usize = 4_000;

/// How alike a question must be to one that waits for it to count as asked again.
const ASKED_AGAIN: f32 = 0.8;
/// Files that come within this time of something were sent with it.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(3);
/// How long files wait for the words that say what they are about.
const FILES_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// What a message is, before anything is looked up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reading {
    /// Nothing at all.
    Empty,
    /// Emoji and signs alone.
    Wordless,
    /// Longer than [`QUESTION_MAX`].
    TooLong,
    /// A button's number or label, typed.
    Press(Act),
    /// A number that stands for nothing; there are this many choices.
    NoSuchNumber(usize),
    /// Small talk, second thoughts, a wish for a person.
    Saying(Saying, Lang),
    /// A question that staff were promised ("Ask a person" was pressed before).
    ForStaff,
    /// Everything else.
    Question,
}

/// Reads a message, cleaned, in its conversation.
pub(crate) fn read(voice: &Voice, talk: Option<&Conversation>, text: &str) -> Reading {
    if text.is_empty() {
        return Reading::Empty;
    }
    if text.len() > QUESTION_MAX && text.chars().count() > QUESTION_MAX {
        return Reading::TooLong;
    }
    if let Some(reading) = talk.and_then(|talk| typed_press(voice, talk, text)) {
        return reading;
    }
    if !understand::has_words(text) || understand::is_small_number(text) {
        return Reading::Wordless;
    }
    if understand::is_command(text) {
        return Reading::Saying(Saying::Help, voice.own());
    }
    let saying = understand::saying(text);
    if let Some((saying @ (Saying::NeverMind | Saying::Person), lang)) = saying {
        return Reading::Saying(saying, lang);
    }
    if talk.is_some_and(|talk| talk.asking_staff) {
        return Reading::ForStaff;
    }
    saying.map_or(Reading::Question, |(saying, lang)| Reading::Saying(saying, lang))
}

/// The button of the last turn that a message types out.
fn typed_press(voice: &Voice, talk: &Conversation, text: &str) -> Option<Reading> {
    /// No label of ours is longer.
    const LABEL_MAX: usize = 30;
    if text.len() > LABEL_MAX {
        return None;
    }
    // Small talk in between, a number that was not offered among it, takes no choices away.
    let turn = talk.turns.iter().rev().find(|turn| turn.outcome != Outcome::Talk)?;
    if let (Outcome::Offered { choices, .. }, Ok(number)) = (&turn.outcome, text.parse::<u16>()) {
        let offered = (1..=choices.len()).contains(&usize::from(number));
        return Some(if offered {
            Reading::Press(Act::Choose { turn: turn.id, number })
        } else {
            Reading::NoSuchNumber(choices.len())
        });
    }
    let labels = [
        ("button-more", Act::More(turn.id)),
        ("button-back", Act::Back(turn.id)),
        ("button-helpful", Act::Helpful(turn.id)),
        ("button-not-helpful", Act::NotHelpful(turn.id)),
    ];
    let same = |name: &str| voice.say(turn.lang, name, &[]).to_lowercase() == text.to_lowercase();
    let (_, act) = labels.into_iter().find(|(name, _)| same(name))?;
    let pages = matches!(act, Act::More(_) | Act::Back(_));
    (!pages || turn.outcome.search().is_some()).then_some(Reading::Press(act))
}

impl Deciding<'_> {
    pub(super) fn said(&mut self, said: Said, findings: &Findings) {
        if !said.addressed {
            return;
        }
        let (place, speaker) = (&said.place, &said.speaker);
        let text = match &said.wish {
            Wish::Command(Command::Ask(text)) => understand::clean(text),
            Wish::Command(command) => {
                let mut visit = self.visit(place, speaker, Some(&said.message), None);
                self.command(&mut visit, &command.meant(), &said.attachments, findings);
                return self.leave(visit);
            }
            Wish::Location(location) => {
                let mut visit = self.visit(place, speaker, Some(&said.message), None);
                self.located(&mut visit, *location);
                return self.leave(visit);
            }
            Wish::Words(text) => understand::clean(text),
        };
        let reading = read(self.say.voice, self.memory.talk(&speaker.person, place), &text);
        let shown = match reading {
            Reading::Saying(Saying::Help, _) => None,
            Reading::Saying(_, lang) => Some(lang),
            // One word alone shows no language: "wifi" and a title are the same in many.
            Reading::Empty
            | Reading::Wordless
            | Reading::TooLong
            | Reading::Press(_)
            | Reading::NoSuchNumber(_)
            | Reading::ForStaff
            | Reading::Question => findings.lang.filter(|_| text.contains(char::is_whitespace)),
        };
        let mut visit = self.visit(place, speaker, Some(&said.message), shown);
        visit.replies = said.replies_to.is_some();
        if let Reading::Press(act) = reading {
            self.press(&mut visit, act, findings);
            return self.leave(visit);
        }
        let files = said.attachments;
        if reading == Reading::Empty && !files.is_empty() && self.goes_on(&mut visit, &files) {
            return self.leave(visit);
        }
        let kept = if reading == Reading::TooLong { "" } else { text.as_str() };
        let files = [self.files_before(&visit), files].concat();
        let turn = visit.talk.begin(Some(said.message), kept, visit.lang, self.now());
        if let Some(turn) = visit.talk.turn_mut(turn) {
            attach(&mut turn.attachments, &files);
        }
        let reply = self.respond(&mut visit, turn, &text, reading, &files, findings);
        self.tell_of_turn(&mut visit, turn, reply);
        self.leave(visit);
    }

    /// What a message of the patron's is answered, and what becomes of its turn. Serves a message
    /// that is new and one that was changed.
    pub(super) fn respond(
        &mut self,
        visit: &mut Visit,
        turn: u32,
        text: &str,
        reading: Reading,
        attachments: &[Attachment],
        findings: &Findings,
    ) -> Reply {
        let lang = visit.lang;
        match reading {
            Reading::Empty if !attachments.is_empty() => self.attached(visit, attachments),
            Reading::Empty | Reading::Wordless | Reading::TooLong | Reading::NoSuchNumber(_) => {
                self.say.no_question(lang, reading)
            }
            Reading::Saying(saying, _) => self.small_talk(visit, turn, saying),
            Reading::ForStaff => self.for_staff(visit, turn, text, attachments),
            Reading::Press(_) | Reading::Question => {
                self.question(visit, turn, text, attachments, findings)
            }
        }
    }

    fn small_talk(&mut self, visit: &mut Visit, turn: u32, saying: Saying) -> Reply {
        let about = self.question_before(visit, turn).unwrap_or(0);
        match saying {
            Saying::NeverMind => self.never_mind(visit),
            Saying::Person => self.ask_person(visit, about),
            Saying::Hello
            | Saying::Thanks
            | Saying::Bye
            | Saying::Robot
            | Saying::How
            | Saying::Sorry
            | Saying::Fine
            | Saying::Help
            | Saying::Insult => self.say.small_talk(visit.lang, saying, about),
        }
    }

    /// The question that "Ask a person" asked for: it goes on with the case that was answered here,
    /// or opens one.
    fn for_staff(
        &mut self,
        visit: &mut Visit,
        turn: u32,
        text: &str,
        attachments: &[Attachment],
    ) -> Reply {
        let answered = self.memory.cases().rev().find(|case| {
            case.is_of(&visit.talk) && matches!(case.state, CaseState::Answered { .. })
        });
        match answered.cloned() {
            Some(case) => self.follow_up(visit, turn, case, text, attachments),
            None => self.hand_on(visit, turn, text, attachments, "passed-on"),
        }
    }

    /// The last question before this turn, unless it was handed to staff already.
    fn question_before(&self, visit: &Visit, turn: u32) -> Option<u32> {
        let turns = visit.talk.turns.iter().rev().filter(|other| other.id < turn);
        let last = turns.into_iter().next()?;
        let asked = matches!(last.outcome, Outcome::Answered | Outcome::Offered { .. });
        (asked && !last.said.is_empty()).then_some(last.id)
    }

    /// A question: answered, offered choices, or handed to staff.
    fn question(
        &mut self,
        visit: &mut Visit,
        turn: u32,
        text: &str,
        attachments: &[Attachment],
        findings: &Findings,
    ) -> Reply {
        let decided = self.say.decide(visit.lang, text, findings);
        if decided.outcome != LookedOutcome::Answer
            && let Some(case) = self.continued(visit, text)
        {
            return self.follow_up(visit, turn, case, text, attachments);
        }
        self.count(|day| day.questions += 1);
        let Some(body) = decided.body.clone() else {
            visit.talk.misses = visit.talk.misses.saturating_add(1);
            return self.hand_on(visit, turn, text, attachments, "asked-librarian");
        };
        self.found(visit, turn, body, decided, attachments)
    }

    /// Something was found: says it, with what can be done next.
    fn found(
        &mut self,
        visit: &mut Visit,
        turn: u32,
        body: Body,
        decided: Decided,
        attachments: &[Attachment],
    ) -> Reply {
        let offered = !decided.offers.is_empty();
        let unsure = offered && !decided.is_list;
        if unsure {
            visit.talk.misses = visit.talk.misses.saturating_add(1);
            self.count(|day| day.offered += 1);
        } else {
            visit.talk.misses = 0;
            self.count(|day| day.answered += 1);
        }
        let person_first = unsure && visit.talk.misses >= 2;
        let mut reply = self.with_choices(visit.lang, turn, body, &decided, person_first);
        if let Some(rest) = &decided.rest {
            let case = self.open_case(visit, turn, rest, attachments);
            let said = self.say.left_to_a_person(visit.lang, rest);
            if let Body::Answer { left, .. } = &mut reply.body {
                *left = Some(said);
            }
            reply.buttons.push(Button {
                act: Act::Withdraw(case),
                label: self.say.say(visit.lang, "button-withdraw", &[]),
            });
        }
        if let Some(turn) = visit.talk.turn_mut(turn) {
            turn.outcome = if offered {
                Outcome::Offered { choices: decided.offers, search: decided.search }
            } else {
                Outcome::Answered
            };
        }
        self.with_banner(reply)
    }

    /// A body with the buttons that belong under it.
    pub(super) fn with_choices(
        &self,
        lang: Lang,
        turn: u32,
        body: Body,
        decided: &Decided,
        person_first: bool,
    ) -> Reply {
        /// Long enough to know a question by, short enough for a phone.
        const LABEL_MAX: usize = 60;
        if decided.offers.is_empty() {
            let acts = [Act::Helpful(turn), Act::NotHelpful(turn), Act::AskPerson(turn)];
            return self.say.reply(lang, body, &acts);
        }
        // A choice is a button with its words; the lines of a list are too long for that and may
        // read the same, so their buttons say their numbers.
        let mut pages = Vec::new();
        let (first, labels): (usize, Vec<String>) = match &body {
            Body::Choices { choices, .. } => {
                (1, choices.iter().map(|choice| shortened(choice, LABEL_MAX)).collect())
            }
            Body::List { first, items, more, .. } => {
                pages.extend((*first > 1).then_some(Act::Back(turn)));
                pages.extend(more.is_some().then_some(Act::More(turn)));
                (*first, (*first..).take(items.len()).map(|number| number.to_string()).collect())
            }
            Body::Answer { .. }
            | Body::Card(_)
            | Body::Notice { .. }
            | Body::FromStaff { .. }
            | Body::Case(_) => (1, Vec::new()),
        };
        let mut buttons: Vec<Button> = (first..)
            .zip(labels)
            .filter_map(|(number, label)| {
                let number = u16::try_from(number).ok()?;
                Some(Button { act: Act::Choose { turn, number }, label })
            })
            .collect();
        let mut reply = self.say.reply(lang, body, &[Act::AskPerson(turn)]);
        let person = reply.buttons.pop();
        buttons.extend(pages.into_iter().map(|act| self.say.button(lang, act)));
        if person_first {
            buttons.splice(0..0, person);
        } else {
            buttons.extend(person);
        }
        reply.buttons = buttons;
        reply
    }

    /// The case that a message without an answer goes on with, if it goes on with one.
    fn continued(&self, visit: &Visit, text: &str) -> Option<Case> {
        // Whoever replies to a message of the bot's goes on with what that was about.
        let asks = understand::asks(text) && !visit.replies;
        let last_case = visit.talk.turns.iter().rev().nth(1).and_then(|turn| match turn.outcome {
            Outcome::Case(case) => Some(case),
            Outcome::Answered | Outcome::Offered { .. } | Outcome::Talk => None,
        });
        let here = self.memory.cases().rev().filter(|case| case.is_of(&visit.talk));
        here.into_iter()
            .find(|case| match &case.state {
                CaseState::Open | CaseState::Claimed { .. } => {
                    (!asks && last_case == Some(case.id))
                        || understand::alike(&case.question, text) >= ASKED_AGAIN
                }
                CaseState::Answered { .. } => true,
                CaseState::Closed { how: Closing::Quiet | Closing::Staff } => {
                    !asks && last_case == Some(case.id)
                }
                CaseState::Closed { how: Closing::Withdrawn } => false,
            })
            .cloned()
    }

    /// Files without a word: they belong to the case that waits, if there is one.
    fn attached(&mut self, visit: &mut Visit, attachments: &[Attachment]) -> Reply {
        match self.waiting_here(visit, |_| true) {
            Some(case) => {
                let turn = visit.talk.last_turn;
                self.follow_up(visit, turn, case, "", attachments)
            }
            None => self.say.notice(visit.lang, "talk-empty", &[], &[]),
        }
    }

    /// Files without words that come right after something belong to it: several that are sent at
    /// once arrive one by one. Returns whether they did; then nothing more is said.
    fn goes_on(&mut self, visit: &mut Visit, files: &[Attachment]) -> bool {
        let now = self.now();
        let last = visit.talk.turns.last_mut();
        let Some(last) = last.filter(|last| now.duration_since(last.at) <= AT_ONCE) else {
            return false;
        };
        attach(&mut last.attachments, files);
        let (turn, outcome) = (last.id, last.outcome.clone());
        // The case may be about the whole of it, or about a part that was left to a person.
        let waiting = self.waiting_here(visit, |case| {
            outcome == Outcome::Case(case.id) || case.asker.turn == turn
        });
        if let Some(case) = waiting {
            self.add_to_case(visit, case, "", files, "desk-added");
        }
        true
    }

    /// The last case of this conversation that waits and is such.
    fn waiting_here(&self, visit: &Visit, such: impl Fn(&Case) -> bool) -> Option<Case> {
        let mut cases = self.memory.cases().rev();
        cases.find(|case| case.waits() && case.is_of(&visit.talk) && such(case)).cloned()
    }

    /// Files without words that the bot has asked about: the next words are about them.
    fn files_before(&self, visit: &Visit) -> Vec<Attachment> {
        let last = visit.talk.turns.last().filter(|last| {
            let asked = last.said.is_empty() && last.outcome == Outcome::Talk;
            asked && self.now().duration_since(last.at) <= FILES_WAIT
        });
        last.map(|last| last.attachments.clone()).unwrap_or_default()
    }
}

impl Offer {
    /// What must be looked up to show it; `None` for what the core knows itself.
    pub(crate) fn asked(&self) -> Option<knowledge::Asked> {
        match self {
            Offer::Entry(id) => Some(knowledge::Asked::Entry(id.clone())),
            Offer::Page(id) => Some(knowledge::Asked::Page(id.clone())),
            Offer::Record(id) => Some(knowledge::Asked::Record(id.clone())),
            Offer::Hours(_) => None,
        }
    }
}
