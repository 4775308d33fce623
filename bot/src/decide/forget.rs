//! /forget: everything of a person is erased, of all their linked accounts.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::case::Case;
use crate::effect::{Effect, Erasure, Sending, Urgency};
use crate::person::Person;
use crate::place::{Place, PlaceKind};
use crate::reply::Reply;

impl Deciding<'_> {
    /// Asks once more; whoever has linked accounts is told that they are meant too.
    pub(super) fn forget_question(&self, visit: &Visit) -> Reply {
        let lang = visit.lang;
        let linked = self.linked_accounts(&visit.person);
        let accounts = self.accounts(lang, &linked);
        let args = [("accounts", (&accounts).into())];
        let name = if linked.is_empty() { "forget-ask" } else { "forget-ask-linked" };
        self.say.notice(lang, name, &args, &[Act::Forget, Act::Keep])
    }

    /// Erases everything of the visitor and of their linked accounts, takes their cases back, and
    /// says so. Nothing of the visit is kept.
    pub(super) fn forget(&mut self, visit: Visit) {
        // Where nobody else reads it; that is known only as long as the person is.
        let (to, alone) = self.alone(&visit).unwrap_or((visit.talk.place.clone(), false));
        let mut people: Vec<Person> =
            self.memory.linked(&visit.person).into_iter().cloned().collect();
        people.push(visit.person);
        let mut cases = Vec::new();
        for person in people {
            cases.extend(self.erase(person));
        }
        // What is said of an erasure is said after all of them: each takes back what was to be said
        // before it.
        for case in cases.iter().filter(|case| !case.is_closed()) {
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

    /// Erases everything of one person; returns the cases that are gone.
    fn erase(&mut self, person: Person) -> Vec<Case> {
        let id = person.id;
        let own: Vec<Case> =
            self.memory.cases().filter(|case| case.asker.person == id).cloned().collect();
        let mut places: Vec<Place> = self
            .memory
            .talks(&id)
            .map(|talk| talk.place.clone())
            .filter(|place| place.kind == PlaceKind::Direct)
            .collect();
        places.extend(person.addresses.iter().map(|at| Place::direct(&at.network, &at.user)));
        places.sort();
        places.dedup();
        self.memory.forget_person(&id);
        self.effects.push(Effect::ForgetPerson(Erasure {
            person: id,
            places,
            users: person.addresses,
            cases: own.iter().map(|case| case.id).collect(),
        }));
        own
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
