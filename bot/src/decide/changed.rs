//! Somebody changes or deletes what they had said.

use super::{Deciding, Visit, read};
use crate::case::{Case, CaseState, Who};
use crate::conversation::{Outcome, Turn};
use crate::effect::{Effect, SendId};
use crate::place::{MessageId, PersonId, Place, Speaker};
use crate::reply::Reply;
use crate::understand;
use jiff::Timestamp;
use knowledge::Findings;

impl Deciding<'_> {
    /// A message says something else now. Its answer changes with it; a case that waits asks the
    /// new question; one that was answered is opened again.
    pub(super) fn edited(
        &mut self,
        place: &Place,
        speaker: &Speaker,
        message: &MessageId,
        text: &str,
        findings: &Findings,
    ) {
        let text = understand::clean(text);
        let mut visit = self.visit(place, speaker, Some(message), findings.lang);
        match visit.talk.turn_of(message).cloned() {
            Some(turn) if turn.said == text => {}
            Some(turn) => {
                self.edited_turn(&mut visit, &turn, &text, findings);
                self.leave(visit);
            }
            None => {}
        }
    }

    fn edited_turn(&mut self, visit: &mut Visit, turn: &Turn, text: &str, findings: &Findings) {
        if let Some(known) = visit.talk.turn_mut(turn.id) {
            known.said = text.to_owned();
        }
        if let Outcome::Case(id) = turn.outcome
            && let Some(case) = self.memory.case(id).cloned()
            && self.edited_case(visit, turn, case, text, findings)
        {
            return;
        }
        let others = visit.talk.clone();
        let mut earlier = others;
        // Numbers and labels mean the turn before this one, which is not the last any more.
        earlier.turns.retain(|other| other.id < turn.id);
        let reading = read(self.say.voice, Some(&earlier), text);
        if let Some(known) = visit.talk.turn_mut(turn.id) {
            known.outcome = Outcome::Talk;
        }
        let reply = self.respond(visit, turn.id, text, reading, &turn.attachments, findings);
        match self.changeable(visit, turn.id) {
            Some(send) => self.effects.push(Effect::Change { send, reply }),
            None => {
                // What has not been said yet is said in its new words alone.
                self.effects.extend(turn.reply.map(Effect::Unsend));
                self.tell_of_turn(visit, turn.id, reply);
            }
        }
    }

    /// The reply of a turn, if what it says can be changed where it stands.
    pub(super) fn changeable(&self, visit: &Visit, turn: u32) -> Option<SendId> {
        let networks = &self.say.settings.networks;
        let edits = networks.get(&visit.talk.place.network).is_none_or(|network| network.edits);
        let turn = visit.talk.turn(turn)?;
        // As long as it was promised to be when it was said.
        let kept = turn.at.saturating_add(self.say.settings.keep).unwrap_or(Timestamp::MAX);
        turn.reply.filter(|_| edits && self.now() < kept)
    }

    /// Says the reply of a turn, and remembers that it is.
    pub(super) fn tell_of_turn(&mut self, visit: &mut Visit, turn: u32, reply: Reply) {
        let send = self.tell(visit, reply);
        if let Some(turn) = visit.talk.turn_mut(turn) {
            turn.reply = Some(send);
        }
    }

    /// The question of a case says something else. Returns whether that is all there is to do;
    /// if not, the message is answered like a new one.
    fn edited_case(
        &mut self,
        visit: &mut Visit,
        turn: &Turn,
        mut case: Case,
        text: &str,
        findings: &Findings,
    ) -> bool {
        let added = case.log.iter_mut().find(|line| line.message == turn.message);
        if let Some(line) = added {
            text.clone_into(&mut line.text);
            self.desk_news(&case, "desk-added", &[("text", text.into())]);
            self.memory.keep_case(case);
            return true;
        }
        match case.state {
            CaseState::Open | CaseState::Claimed { .. } => {
                let decided = self.say.decide(visit.lang, text, findings);
                if decided.outcome == crate::look::LookedOutcome::Answer {
                    self.close_withdrawn(case, "desk-found");
                    return false;
                }
                text.clone_into(&mut case.question);
                self.guess_again(&mut case);
                self.desk_news(&case, "desk-edited", &[("text", text.into())]);
            }
            CaseState::Answered { reply, .. } => {
                // An answer to the old question that is still on its way would mislead.
                self.effects.push(Effect::Unsend(reply));
                text.clone_into(&mut case.question);
                self.guess_again(&mut case);
                self.reopen(&mut case);
                self.desk_news(&case, "desk-follow-up", &[("text", text.into())]);
            }
            CaseState::Closed { .. } => return false,
        }
        self.memory.keep_case(case);
        true
    }

    /// A message is gone: its words go from memory, an answer that is on its way is stopped, and a
    /// case that waits for nobody's question any more is closed.
    pub(super) fn deleted(
        &mut self,
        place: &Place,
        person: Option<&PersonId>,
        message: &MessageId,
    ) {
        let talk = match person {
            Some(person) => self.memory.talk(person, place).cloned(),
            None => {
                self.memory.talks_in(place).find(|talk| talk.turn_of(message).is_some()).cloned()
            }
        };
        let Some(mut talk) = talk else { return };
        let Some(turn) = talk.turn_of(message).cloned() else { return };
        if let Some(known) = talk.turn_mut(turn.id) {
            known.said.clear();
            known.attachments.clear();
        }
        self.effects.extend(turn.reply.map(Effect::Unsend));
        if let Outcome::Case(id) = turn.outcome
            && let Some(case) = self.memory.case(id).cloned()
        {
            self.deleted_from_case(case, message);
        }
        self.memory.keep_talk(talk);
    }

    fn deleted_from_case(&mut self, mut case: Case, message: &MessageId) {
        if let Some(line) = case.log.iter_mut().find(|line| line.message.as_ref() == Some(message))
        {
            line.text.clear();
            self.memory.keep_case(case);
            return;
        }
        case.question.clear();
        case.topic = None;
        for line in case.log.iter_mut().filter(|line| line.who == Who::Patron) {
            line.text.clear();
        }
        case.attachments.clear();
        self.unsend_sheets(&mut case);
        if case.is_closed() {
            self.memory.keep_case(case);
        } else {
            self.close_withdrawn(case, "desk-withdrawn");
        }
    }
}
