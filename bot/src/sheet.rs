//! Cases as the desk sees them, and staff's words as the patron will.

use crate::act::Act;
use crate::case::{Case, CaseState, Line, Who};
use crate::compose::{Composer, ECHO_SHOWN, shortened};
use crate::reply::{Body, CaseSheet, Reply, SameQuestion};
use crate::understand;

/// How alike two questions must be for the desk to name one beside the other.
const SAME_QUESTION: f32 = 0.4;
/// How many cases that ask the same are named.
const SAME_SHOWN: usize = 10;

impl Composer<'_> {
    /// A case as the desk is shown it, with what staff can do. `cases` are all that may ask the same.
    pub(crate) fn sheet<'c>(&self, case: &Case, cases: impl Iterator<Item = &'c Case>) -> Reply {
        let mut acts = Vec::new();
        if matches!(case.state, CaseState::Open) {
            acts.push(Act::Claim(case.id));
        }
        if !case.is_closed() {
            acts.push(Act::Close(case.id));
        }
        self.reply(self.settings.desk_lang, Body::Case(self.case_sheet(case, cases)), &acts)
    }

    fn case_sheet<'c>(&self, case: &Case, cases: impl Iterator<Item = &'c Case>) -> CaseSheet {
        let lang = self.settings.desk_lang;
        let same: Vec<SameQuestion> =
            if case.waits() { asking_the_same(case, cases) } else { Vec::new() };
        let mut details = vec![self.asked(case)];
        details.extend(self.case_topic(case));
        let by = |name: &str, staff: &str| self.say(lang, name, &[("staff", staff.into())]);
        let standing = match &case.state {
            CaseState::Open => None,
            CaseState::Claimed { by: staff } => Some(by("desk-claimed-by", staff)),
            CaseState::Answered { by: staff, .. } => Some(by("desk-answered-by", staff)),
            CaseState::Closed { .. } => Some(self.say(lang, "desk-closed", &[])),
        };
        details.extend(
            case.attachments
                .iter()
                .map(|file| self.say(lang, "desk-attachment", &[("name", (&file.name).into())])),
        );
        let mut log: Vec<String> = case.log.iter().map(|line| self.log_line(line)).collect();
        if let Some(first) = same.first() {
            let (case, other) = (case.id.to_string(), first.case.to_string());
            let args = [("case", (&case).into()), ("other", (&other).into())];
            log.push(self.say(lang, "desk-same", &args));
        }
        CaseSheet { case: case.id, headline: self.headline(case), details, standing, log, same }
    }

    /// "case 1 · do you lend sewing machines?"
    pub(crate) fn headline(&self, case: &Case) -> String {
        let lang = self.settings.desk_lang;
        let number = case.id.to_string();
        if case.question.is_empty() {
            return self.say(lang, "desk-case-erased", &[("case", (&number).into())]);
        }
        let args = [("case", (&number).into()), ("question", (&case.question).into())];
        self.say(lang, "desk-case", &args)
    }

    /// What a case is about, and for whom that is.
    fn case_topic(&self, case: &Case) -> Option<String> {
        let topic = case.topic.as_ref()?;
        let name = if topic.settled { "desk-topic" } else { "desk-topic-guessed" };
        let said = self.say(self.settings.desk_lang, name, &[("topic", (&topic.name).into())]);
        Some(self.with_whom(said, case))
    }

    /// A line about a case, with who works at its topic.
    pub(crate) fn with_whom(&self, line: String, case: &Case) -> String {
        let lang = self.settings.desk_lang;
        let topic = case.topic.as_ref();
        let staff = topic.map_or(&[][..], |topic| self.settings.who_works_at(&topic.name));
        if staff.is_empty() {
            return line;
        }
        let staff = self.voice.list(lang, staff);
        format!("{line} · {}", self.say(lang, "desk-for", &[("staff", (&staff).into())]))
    }

    /// Who asked, where, in which language and when, in the main branch's time.
    fn asked(&self, case: &Case) -> String {
        let lang = self.settings.desk_lang;
        let zone = self.branches.main().map_or(jiff::tz::TimeZone::UTC, |b| b.zone.clone());
        let opened = case.opened.to_zoned_datetime(zone);
        let language = self.voice.language(lang, case.lang);
        let date = self.voice.date(lang, opened.date());
        let time = self.voice.time(lang, opened.time());
        self.say(
            lang,
            "desk-asked",
            &[
                ("patron", case.asker.person.short().into()),
                ("network", case.asker.place.network.0.as_str().into()),
                ("language", (&language).into()),
                ("date", (&date).into()),
                ("time", (&time).into()),
            ],
        )
    }

    fn log_line(&self, line: &Line) -> String {
        let lang = self.settings.desk_lang;
        if line.text.is_empty() {
            return self.say(lang, "desk-line-erased", &[]);
        }
        let text = ("text", (&line.text).into());
        match &line.who {
            Who::Patron => self.say(lang, "desk-line-patron", &[text]),
            Who::Staff(staff) => {
                self.say(lang, "desk-line-staff", &[("staff", staff.into()), text])
            }
            Who::Note(staff) => self.say(lang, "desk-line-note", &[("staff", staff.into()), text]),
        }
    }

    /// Staff's words to the patron of a case.
    pub(crate) fn case_answer(&self, case: &Case, staff: &str, text: &str) -> Reply {
        let lang = case.lang;
        let question = shortened(&case.question, ECHO_SHOWN);
        let name = if question.is_empty() { "staff-signature-erased" } else { "staff-signature" };
        let signature = self.say(
            lang,
            name,
            &[
                ("staff", staff.into()),
                ("library", self.library(lang).into()),
                ("question", (&question).into()),
            ],
        );
        let turn = case.asker.turn;
        let body = Body::FromStaff { text: text.to_owned(), signature };
        let acts = [Act::Helpful(turn), Act::NotHelpful(turn), Act::AskPerson(turn)];
        self.reply(lang, body, &acts)
    }
}

/// The other cases that wait and ask the same, oldest first.
fn asking_the_same<'c>(case: &Case, cases: impl Iterator<Item = &'c Case>) -> Vec<SameQuestion> {
    cases
        .filter(|other| other.id != case.id && other.waits())
        .filter(|other| understand::alike(&other.question, &case.question) >= SAME_QUESTION)
        .take(SAME_SHOWN)
        .map(|other| SameQuestion {
            case: other.id,
            question: shortened(&other.question, ECHO_SHOWN),
        })
        .collect()
}
