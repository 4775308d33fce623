//! Cases on the patron's side: opened, added to, reopened, taken back.

use super::{Deciding, UNDELIVERED_BEFORE_CLOSE, Visit};
use crate::act::Act;
use crate::case::{Asker, Case, CaseId, CaseState, Closing, LOG_KEPT, Line, Way, Who};
use crate::conversation::{Outcome, attach};
use crate::effect::{Effect, SendId, Sending, Urgency};
use crate::event::Attachment;
use crate::place::{MessageId, Place};
use crate::reply::Reply;
use crate::understand;

/// How many cases of one person may wait at once: staff are not to be flooded by one.
const WAITING_MAX: usize = 5;

impl Deciding<'_> {
    /// Hands a question to staff, and says so in the sentence `name`.
    pub(super) fn hand_on(
        &mut self,
        visit: &mut Visit,
        turn: u32,
        question: &str,
        attachments: &[Attachment],
        name: &str,
    ) -> Reply {
        visit.talk.asking_staff = false;
        let waiting: Vec<&Case> = self
            .memory
            .cases()
            .filter(|case| case.waits() && case.asker.person == visit.person.id)
            .collect();
        if waiting.len() >= WAITING_MAX {
            let acts: Vec<Act> =
                waiting.iter().rev().take(1).map(|case| Act::Withdraw(case.id)).collect();
            let args = [("count", waiting.len().into())];
            return self.say.notice(visit.lang, "too-many-cases", &args, &acts);
        }
        let case = self.open_case(visit, turn, question, attachments);
        if let Some(turn) = visit.talk.turn_mut(turn) {
            turn.outcome = Outcome::Case(case);
        }
        self.expecting(visit, name, case)
    }

    /// A sentence about a case that waits, with the expectation and the way back.
    fn expecting(&self, visit: &Visit, name: &str, case: CaseId) -> Reply {
        let expectation = self.say.expectation(visit.lang);
        let args = [("expectation", (&expectation).into())];
        self.say.notice(visit.lang, name, &args, &[Act::Withdraw(case)])
    }

    /// Opens a case and tells the desks.
    pub(super) fn open_case(
        &mut self,
        visit: &Visit,
        turn: u32,
        question: &str,
        attachments: &[Attachment],
    ) -> CaseId {
        let id = self.memory.next_case();
        let mut case = Case {
            id,
            asker: Asker {
                person: visit.person.id.clone(),
                user: visit.user.clone(),
                place: visit.talk.place.clone(),
                message: visit.message.clone(),
                turn,
            },
            question: question.to_owned(),
            lang: visit.lang,
            topic: self.guess(question),
            state: CaseState::Open,
            opened: self.now(),
            log: Vec::new(),
            attachments: Vec::new(),
            reminders: 0,
            remind_at: Some(self.after(self.say.settings.remind_after)),
            sheets: Vec::new(),
            keep_until: None,
        };
        attach(&mut case.attachments, attachments);
        let sheet = self.sheet_reply(&case);
        case.sheets = self.tell_desks(id, &sheet, Urgency::News);
        self.memory.keep_case(case);
        self.count(|day| day.cases += 1);
        id
    }

    /// A case as the desk is shown it, with what staff can do.
    pub(super) fn sheet_reply(&self, case: &Case) -> Reply {
        self.say.sheet(case, self.memory.cases())
    }

    /// The patron goes on with a case: a repeat is told so, an addition or a follow-up reaches
    /// staff.
    pub(super) fn follow_up(
        &mut self,
        visit: &mut Visit,
        turn: u32,
        mut case: Case,
        text: &str,
        attachments: &[Attachment],
    ) -> Reply {
        visit.talk.asking_staff = false;
        if let Some(turn) = visit.talk.turn_mut(turn) {
            turn.outcome = Outcome::Case(case.id);
        }
        if case.waits() && understand::asks(text) && attachments.is_empty() {
            return self.expecting(visit, "already-asked", case.id);
        }
        let (to_patron, to_desk) = if case.waits() {
            ("added", "desk-added")
        } else {
            self.reopen(&mut case);
            ("reopened", "desk-follow-up")
        };
        let reply = self.expecting(visit, to_patron, case.id);
        self.add_to_case(visit, case, text, attachments, to_desk);
        reply
    }

    /// Adds words and files of the patron's to a case; the desk hears of it in the sentence `name`.
    pub(super) fn add_to_case(
        &mut self,
        visit: &Visit,
        mut case: Case,
        text: &str,
        attachments: &[Attachment],
        name: &str,
    ) {
        attach(&mut case.attachments, attachments);
        let files: Vec<&str> = attachments.iter().map(|file| file.name.as_str()).collect();
        let shown = [&[text], files.as_slice()].concat().join(" ").trim().to_owned();
        self.log(&mut case, Who::Patron, &shown, visit.message.clone());
        self.desk_news(&case, name, &[("text", (&shown).into())]);
        self.memory.keep_case(case);
    }

    /// A case that was answered or closed waits again, for whoever answered it if anybody did.
    pub(super) fn reopen(&self, case: &mut Case) {
        let last = case.log.iter().rev().find_map(|line| match &line.who {
            Who::Staff(staff) => Some(staff.clone()),
            Who::Patron | Who::Note(_) => None,
        });
        case.state = last.map_or(CaseState::Open, |by| CaseState::Claimed { by });
        case.reminders = 0;
        case.remind_at = Some(self.after(self.say.settings.remind_after));
        case.keep_until = None;
    }

    pub(super) fn log(&self, case: &mut Case, who: Who, text: &str, message: Option<MessageId>) {
        if case.log.len() >= LOG_KEPT {
            case.log.remove(0);
        }
        case.log.push(Line { at: self.now(), who, text: text.to_owned(), message });
    }

    /// "Ask a person" about a turn; 0 and one that is forgotten ask for the question first.
    pub(super) fn ask_person(&mut self, visit: &mut Visit, turn: u32) -> Reply {
        let about = visit.talk.turn(turn).cloned();
        match about {
            Some(about) if !about.said.is_empty() => match about.outcome {
                Outcome::Case(id) if self.memory.case(id).is_some_and(Case::waits) => {
                    self.expecting(visit, "already-asked", id)
                }
                Outcome::Answered | Outcome::Offered { .. } => {
                    let here = visit.message.take();
                    visit.message = about.message;
                    let reply =
                        self.hand_on(visit, turn, &about.said, &about.attachments, "passed-on");
                    visit.message = here;
                    reply
                }
                Outcome::Case(_) | Outcome::Talk => self.ask_for_question(visit, "ask-now"),
            },
            Some(_) => self.ask_for_question(visit, "ask-now"),
            None if turn == 0 => self.ask_for_question(visit, "ask-now"),
            None => self.ask_for_question(visit, "too-old"),
        }
    }

    fn ask_for_question(&mut self, visit: &mut Visit, name: &str) -> Reply {
        visit.talk.asking_staff = true;
        self.say.notice(visit.lang, name, &[], &[])
    }

    /// "Never mind": the last case that waits here, or whose answer is on its way, is taken back;
    /// without one, whatever was asked for last.
    pub(super) fn never_mind(&mut self, visit: &mut Visit) -> Reply {
        if std::mem::take(&mut visit.talk.asking_staff) {
            return self.say.notice(visit.lang, "talk-sorry", &[], &[]);
        }
        let here =
            self.memory.cases().rev().find(|case| !case.is_closed() && case.is_of(&visit.talk));
        match here.map(|case| case.id) {
            Some(case) => self.withdraw(visit, case),
            None => self.say.notice(visit.lang, "nothing-to-withdraw", &[], &[]),
        }
    }

    /// The patron takes a case of theirs back.
    pub(super) fn withdraw(&mut self, visit: &Visit, id: CaseId) -> Reply {
        let own = |case: &&Case| case.asker.person == visit.person.id && !case.is_closed();
        let Some(case) = self.memory.case(id).filter(own).cloned() else {
            return self.say.notice(visit.lang, "nothing-to-withdraw", &[], &[]);
        };
        self.close_withdrawn(case, "desk-withdrawn");
        self.say.notice(visit.lang, "withdrawn", &[], &[])
    }

    /// Closes a case that its patron took back; an answer that is on its way is stopped.
    pub(super) fn close_withdrawn(&mut self, mut case: Case, to_desk: &str) {
        if let CaseState::Answered { reply, .. } = case.state {
            self.effects.push(Effect::Unsend(reply));
        }
        self.close(&mut case, Closing::Withdrawn);
        self.desk_news(&case, to_desk, &[]);
        self.memory.keep_case(case);
    }

    pub(super) fn close(&self, case: &mut Case, how: Closing) {
        case.state = CaseState::Closed { how };
        case.remind_at = None;
        case.keep_until = Some(self.keep_until());
    }

    /// Sends staff's words to the patron, by one of the ways.
    pub(super) fn send_case_answer(
        &mut self,
        case: &Case,
        staff: &str,
        text: &str,
        way: Way,
    ) -> SendId {
        let reply = self.say.case_answer(case, staff, text);
        let asked_in = &case.asker.place;
        let to = match way {
            Way::Place | Way::Aside | Way::Linked | Way::Nowhere => asked_in.clone(),
            Way::Direct => Place::direct(&asked_in.network, &case.asker.user),
        };
        let alone = way == Way::Aside;
        self.send_reply_of(case, reply, to, alone)
    }

    /// Sends staff's words to a linked account of the patron's.
    pub(super) fn send_to_account(
        &mut self,
        case: &Case,
        staff: &str,
        text: &str,
        to: Place,
    ) -> SendId {
        let mut reply = self.say.case_answer(case, staff, text);
        // The turns of another conversation mean nothing there.
        reply.buttons = self.say.reply(case.lang, reply.body.clone(), &[Act::AskPerson(0)]).buttons;
        self.send_reply_of(case, reply, to, false)
    }

    fn send_reply_of(&mut self, case: &Case, reply: Reply, to: Place, alone: bool) -> SendId {
        let asked_in = &case.asker.place;
        let send = self.memory.next_send();
        self.effects.push(Effect::Send(Sending {
            send,
            about: case.asker.message.clone().filter(|_| to == *asked_in && !alone),
            to,
            reply,
            case: Some(case.id),
            only_for: alone.then(|| case.asker.user.clone()),
            urgency: Urgency::Answer,
            expires: self.after(self.say.settings.quiet.saturating_sub(UNDELIVERED_BEFORE_CLOSE)),
            changeable_until: Some(self.keep_until()),
        }));
        send
    }
}
