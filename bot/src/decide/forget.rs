//! /forget: everything of a person is erased.

use super::{Deciding, Visit};
use crate::case::Case;
use crate::effect::{Effect, Erasure, Sending, Urgency};
use crate::place::{Place, PlaceKind};

impl Deciding<'_> {
    /// Erases everything of the visitor, takes their cases back, and says so. Nothing of the visit
    /// is kept.
    pub(super) fn forget(&mut self, visit: Visit) {
        let person = visit.person.id.clone();
        let own: Vec<Case> =
            self.memory.cases().filter(|case| case.asker.person == person).cloned().collect();
        let mut places: Vec<Place> = self
            .memory
            .talks(&person)
            .map(|talk| talk.place.clone())
            .filter(|place| place.kind == PlaceKind::Direct)
            .collect();
        places.extend(visit.person.addresses.iter().map(|at| Place::direct(&at.network, &at.user)));
        places.sort();
        places.dedup();
        // Where nobody else reads it; that is known only as long as the person is.
        let (to, alone) = self.alone(&visit).unwrap_or((visit.talk.place.clone(), false));
        self.memory.forget_person(&person);
        self.effects.push(Effect::ForgetPerson(Erasure {
            person,
            places,
            users: visit.person.addresses.clone(),
            cases: own.iter().map(|case| case.id).collect(),
        }));
        for case in own.iter().filter(|case| !case.is_closed()) {
            self.desk_news(case, "desk-erased", &[]);
        }
        self.sheets_again();
        let send = self.memory.next_send();
        self.effects.push(Effect::Send(Sending {
            send,
            to,
            reply: self.say.notice(visit.lang, "forgotten", &[], &[]),
            about: None,
            case: None,
            only_for: alone.then(|| visit.user.clone()),
            urgency: Urgency::Answer,
            expires: self.after(super::ANSWER_LASTS),
            changeable_until: None,
        }));
    }

    /// Sheets that wait to be shown at a desk may name a question that is gone now: they are made
    /// again.
    pub(super) fn sheets_again(&mut self) {
        let waiting: Vec<Case> = self.memory.cases().filter(|case| case.waits()).cloned().collect();
        for case in waiting {
            let reply = self.sheet_reply(&case);
            for send in &case.sheets {
                self.effects.push(Effect::Change { send: *send, reply: reply.clone() });
            }
        }
    }

    /// Sheets of a case that wait to be shown are not shown any more.
    pub(super) fn unsend_sheets(&mut self, case: &mut Case) {
        self.effects.extend(case.sheets.drain(..).map(Effect::Unsend));
    }
}
