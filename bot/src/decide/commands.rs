//! Commands.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::case::CaseState;
use crate::command::Command;
use crate::compose::{ECHO_SHOWN, shortened};
use crate::conversation::Outcome;
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
            // The words of /ask are read like any others before this.
            Command::Help | Command::Ask(_) => {
                self.tell_notice(visit, "help", &[Act::AskPerson(0)])
            }
            Command::Hours(_) => {
                let reply = self.hours_command(visit, findings);
                self.tell(visit, reply);
            }
            Command::Find(words) => {
                let words = understand::clean(words);
                let reply = self.find_command(visit, &words, findings);
                self.tell(visit, reply);
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
                let reply = self.say.notice(lang, "forget-ask", &[], &[Act::Forget, Act::Keep]);
                self.tell_alone(visit, reply, Personal::Forget);
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
        });
        let part = self.say.fact(visit.lang, &fact);
        let body = Body::Answer { parts: vec![part], left: None };
        self.with_banner(self.say.reply(visit.lang, body, &[]))
    }

    fn find_command(&mut self, visit: &mut Visit, words: &str, findings: &Findings) -> Reply {
        let lang = visit.lang;
        if !understand::has_words(words) {
            return self.say.notice(lang, "find-what", &[], &[]);
        }
        let turn = visit.talk.begin(visit.message.clone(), words, lang, self.now());
        self.search(visit, turn, words, 0, findings)
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
        let (total, relaxed) = (findings.total, findings.relaxed);
        let (body, offers, search) =
            self.say.records(lang, words, &records, skipped, total, relaxed);
        let decided = Decided {
            body: None,
            offers,
            search: Some(search),
            rest: None,
            parts: Vec::new(),
            outcome: LookedOutcome::Choices,
        };
        let reply = self.with_choices(lang, turn, body, &decided, false);
        if let Some(turn) = visit.talk.turn_mut(turn) {
            turn.outcome = Outcome::Offered { choices: decided.offers, search: decided.search };
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

    /// Everything that is kept of the visitor, in words.
    fn my_data(&self, visit: &Visit) -> Reply {
        let lang = visit.lang;
        let id = &visit.person.id;
        let mut turns: Vec<String> = Vec::new();
        for turn in self.memory.talks(id).flat_map(|talk| &talk.turns) {
            let zone = self.say.branches.main().map_or(jiff::tz::TimeZone::UTC, |b| b.zone.clone());
            let at = turn.at.to_zoned_datetime(zone);
            let (date, time) =
                (self.say.voice.date(lang, at.date()), self.say.voice.time(lang, at.time()));
            let name = if turn.said.is_empty() { "mydata-turn-erased" } else { "mydata-turn" };
            turns.push(self.say.say(
                lang,
                name,
                &[
                    ("date", (&date).into()),
                    ("time", (&time).into()),
                    ("text", (&turn.said).into()),
                ],
            ));
        }
        let cases = self.memory.cases().filter(|case| case.asker.person == *id).map(|case| {
            let state = match case.state {
                CaseState::Open | CaseState::Claimed { .. } => "waits",
                CaseState::Answered { .. } => "answered",
                CaseState::Closed { .. } => "closed",
            };
            let number = case.id.to_string();
            self.say.say(
                lang,
                "mydata-case",
                &[
                    ("case", (&number).into()),
                    ("state", state.into()),
                    ("text", (&case.question).into()),
                ],
            )
        });
        let cases: Vec<String> = cases.collect();
        if turns.is_empty() && cases.is_empty() && visit.person.lang.is_none() {
            return self.say.notice(lang, "mydata-nothing", &[], &[]);
        }
        let mut lines = vec![self.say.say(lang, "mydata", &[("pseudonym", id.short().into())])];
        if let Some(own) = visit.person.lang {
            let language = self.say.voice.language(lang, own);
            lines.push(self.say.say(lang, "mydata-language", &[("language", (&language).into())]));
        }
        lines.extend(turns);
        lines.extend(cases);
        let zone = self.say.branches.main().map_or(jiff::tz::TimeZone::UTC, |b| b.zone.clone());
        let until = visit.person.keep_until.to_zoned_datetime(zone).date();
        let until = self.say.voice.date(lang, until);
        lines.push(self.say.say(lang, "mydata-kept", &[("date", (&until).into())]));
        self.say.reply(lang, Body::Notice { text: lines.join("\n") }, &[Act::Forget])
    }
}
