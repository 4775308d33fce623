//! Commands.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::command::Command;
use crate::compose::{ECHO_SHOWN, shortened};
use crate::conversation::Outcome;
use crate::deep_link::DeepLink;
use crate::event::Attachment;
use crate::look::LookedOutcome;
use crate::personal::Personal;
use crate::reply::{Body, Reply};
use crate::understand;
use crate::verdict::Decided;
use knowledge::{FactAsked, Findings, Found, Topic, When};

impl Deciding<'_> {
    pub(super) fn command(
        &mut self,
        visit: &mut Visit,
        command: &Command,
        attachments: &[Attachment],
        findings: &Findings,
    ) {
        let lang = visit.lang;
        match command {
            Command::Start(Some(link)) if let Some(offer) = link.offer() => {
                let reply = self.opened(visit, &offer, findings);
                self.tell(visit, reply);
            }
            Command::Start(Some(DeepLink::LinkWith(code))) => {
                let args = [("code", code.as_str().into())];
                let reply = self.say.notice(lang, "link-confirm", &args, &[]);
                self.tell_alone(visit, reply, Personal::Link);
            }
            // The words of /ask are read like any others before this.
            Command::Help | Command::Start(_) | Command::Ask(_) => {
                self.tell_notice(visit, "help", &[Act::AskPerson(0)])
            }
            Command::Hours(_) => {
                let reply = self.hours_command(visit, findings);
                self.tell(visit, reply);
            }
            Command::Find(words) => {
                self.find_command(visit, &understand::clean(words), findings);
            }
            Command::Person(question) => {
                let question = understand::clean(question);
                let reply = if understand::has_words(&question) {
                    let message = visit.message.clone();
                    let turn = visit.talk.begin(message, &question, lang, self.now());
                    self.hand_on(visit, turn, &question, attachments, "passed-on")
                } else {
                    self.ask_person(visit, 0)
                };
                self.tell(visit, reply);
            }
            Command::Privacy => {
                let reply = self.privacy(visit);
                self.tell_alone(visit, reply, Personal::Privacy);
            }
            Command::MyData => {
                let reply = self.my_data(visit);
                self.tell_alone(visit, reply, Personal::MyData);
            }
            Command::Forget => {
                let reply = self.forget_question(visit);
                self.tell_alone(visit, reply, Personal::Forget);
            }
            Command::Settings(words) => {
                let reply = self.settings(visit, &understand::clean(words));
                self.tell_alone(visit, reply, Personal::Settings);
            }
            // A code that others read would be anybody's.
            Command::Link(_) if self.alone(visit).is_none() => {
                let how = self.only_directly(visit, Personal::Link);
                self.tell(visit, how);
            }
            Command::Link(words) => {
                let reply = self.link(visit, &understand::clean(words));
                self.tell_alone(visit, reply, Personal::Link);
            }
            Command::Unlink => {
                let reply = self.unlink(visit);
                self.tell_alone(visit, reply, Personal::Settings);
            }
        }
    }

    /// The hours of the branches that the words name, of all without any.
    pub(super) fn hours_command(&self, visit: &Visit, findings: &Findings) -> Reply {
        let asked =
            findings.parts.iter().flat_map(|part| &part.passages).find_map(
                |passage| match &passage.found {
                    Found::Fact(fact) if fact.topic == Topic::Hours => Some(fact.clone()),
                    Found::Fact(_) | Found::Entry(_) | Found::Page(_) | Found::Record(_) => None,
                },
            );
        let fact = asked.unwrap_or(FactAsked {
            topic: Topic::Hours,
            branches: Vec::new(),
            when: When::Unsaid,
            at: None,
            part: None,
        });
        let part = self.say.fact(visit.lang, &fact);
        let body = Body::Answer { parts: vec![part], left: None };
        self.with_banner(self.say.reply(visit.lang, body, &[]))
    }

    fn find_command(&mut self, visit: &mut Visit, words: &str, findings: &Findings) {
        if !understand::has_words(words) {
            return self.tell_notice(visit, "find-what", &[]);
        }
        let turn = visit.talk.begin(visit.message.clone(), words, visit.lang, self.now());
        let reply = self.search(visit, turn, words, 0, findings);
        self.tell_of_turn(visit, turn, reply);
    }

    /// A stretch of a search's records; `skipped` were shown before.
    pub(super) fn search(
        &mut self,
        visit: &mut Visit,
        turn: u32,
        words: &str,
        skipped: usize,
        findings: &Findings,
    ) -> Reply {
        let lang = visit.lang;
        let passages = findings.parts.iter().flat_map(|part| &part.passages);
        let records: Vec<_> = passages
            .filter_map(|passage| match &passage.found {
                Found::Record(record) => Some(record),
                Found::Entry(_) | Found::Fact(_) | Found::Page(_) => None,
            })
            .collect();
        if records.is_empty() {
            let name = if skipped == 0 { "records-none" } else { "records-end" };
            let words = shortened(words, ECHO_SHOWN);
            let args = [("words", (&words).into())];
            if let Some(turn) = visit.talk.turn_mut(turn) {
                turn.outcome = Outcome::Answered;
            }
            return self.say.notice(lang, name, &args, &[Act::AskPerson(turn)]);
        }
        let (total, relaxed) = (findings.total(), findings.relaxed());
        let (body, offers, search) =
            self.say.records(lang, words, &records, skipped, total, relaxed);
        let decided = Decided {
            body: None,
            offers,
            search: Some(search),
            rest: None,
            parts: Vec::new(),
            outcome: LookedOutcome::Choices,
            is_list: true,
        };
        let reply = self.with_choices(lang, turn, body, &decided, false);
        if let Some(turn) = visit.talk.turn_mut(turn) {
            // Numbers on other pages still mean what they meant.
            let mut choices = match std::mem::replace(&mut turn.outcome, Outcome::Talk) {
                Outcome::Offered { choices, search: Some(_) } => choices,
                Outcome::Offered { .. } | Outcome::Answered | Outcome::Case(_) | Outcome::Talk => {
                    Vec::new()
                }
            };
            for (at, offer) in (skipped..).zip(decided.offers) {
                match choices.get_mut(at) {
                    Some(known) => *known = offer,
                    None => choices.push(offer),
                }
            }
            turn.outcome = Outcome::Offered { choices, search: decided.search };
        }
        reply
    }

    fn privacy(&self, visit: &Visit) -> Reply {
        let lang = visit.lang;
        let args =
            [("library", self.say.library(lang).into()), ("days", self.say.days_kept().into())];
        let mut text = self.say.say(lang, "privacy", &args);
        if let Some(url) = &self.say.settings.privacy_url {
            text.push('\n');
            text.push_str(&self.say.say(lang, "privacy-more", &[("url", url.into())]));
        }
        self.say.reply(lang, Body::Notice { text }, &[])
    }
}
