//! /link and /unlink: accounts that somebody shows to be theirs by a one-time code.
//!
//! Each account stays a person of its own, with conversations of its own; a row names the others.
//! Accounts that are linked are so each with each.

use super::{ANSWER_LASTS, Deciding, Visit};
use crate::act::Act;
use crate::effect::{Effect, Sending, Urgency};
use crate::link_code::{CODE_LASTS, GivenCode, LinkCode};
use crate::person::{Linked, Person, WrongCodes};
use crate::place::{PersonId, Place};
use crate::reply::Reply;
use crate::understand;
use jiff::{SignedDuration, Timestamp};
use knowledge::Lang;

/// How many accounts may be linked: a page, a telephone and two networks. Whatever concerns one of
/// them brings the rows of all.
const LINKED_MAX: usize = 4;
/// After how many wrong codes a person must wait: nobody mistypes more often, and whoever guesses
/// has no chance worth naming.
const WRONG_CODES_MAX: u8 = 5;
/// How long wrong codes count.
const WRONG_CODES_COUNT: SignedDuration = SignedDuration::from_hours(1);

impl Deciding<'_> {
    /// /link: a code without words, and with a code the other account.
    pub(super) fn link(&mut self, visit: &mut Visit, words: &str) -> Reply {
        if understand::has_words(words) {
            self.link_with(visit, LinkCode::parse(words))
        } else {
            self.give_code(visit)
        }
    }

    /// A new code; one that was given before is good no more.
    fn give_code(&mut self, visit: &Visit) -> Reply {
        let lang = visit.lang;
        let person = &visit.person.id;
        self.drop_codes(person);
        if self.memory.linked(&visit.person).len() + 1 >= LINKED_MAX {
            return self.too_many_linked(lang);
        }
        let code = LinkCode::of(self.seed);
        let keep_until = self.after(CODE_LASTS);
        let time = self.time(lang, keep_until);
        let args = [("code", code.as_str().into()), ("time", (&time).into())];
        let reply = self.say.notice(lang, "link-code", &args, &[]);
        self.memory.keep_code(GivenCode { code, person: person.clone(), keep_until });
        reply
    }

    /// Links the visitor with whoever was given this code.
    fn link_with(&mut self, visit: &mut Visit, code: Option<LinkCode>) -> Reply {
        let lang = visit.lang;
        let over = |wrong: &WrongCodes| wrong.since.saturating_add(WRONG_CODES_COUNT);
        if let Some(wrong) = visit.person.wrong_codes.filter(|w| w.count >= WRONG_CODES_MAX) {
            let time = self.time(lang, over(&wrong).unwrap_or(Timestamp::MAX));
            return self.say.notice(lang, "link-wait", &[("time", (&time).into())], &[]);
        }
        let given = code.and_then(|code| self.memory.code(&code).cloned());
        let given = given.filter(|given| given.keep_until > self.now());
        let owner = given.and_then(|given| self.memory.person(&given.person).cloned());
        let Some(owner) = owner else {
            let before = visit.person.wrong_codes;
            let first = WrongCodes { count: 0, since: self.now() };
            let WrongCodes { count, since } = before.unwrap_or(first);
            visit.person.wrong_codes = Some(WrongCodes { count: count.saturating_add(1), since });
            return self.say.notice(lang, "link-wrong", &[], &[]);
        };
        if owner.id == visit.person.id {
            return self.say.notice(lang, "link-own", &[], &[]);
        }
        self.drop_codes(&owner.id);
        let own: Vec<Person> = self.memory.linked(&visit.person).into_iter().cloned().collect();
        if own.iter().any(|other| other.id == owner.id) {
            return self.say.notice(lang, "link-already", &[], &[Act::Unlink]);
        }
        let theirs: Vec<Person> = self.memory.linked(&owner).into_iter().cloned().collect();
        let others = [own, vec![owner], theirs].concat();
        if others.len() + 1 > LINKED_MAX {
            return self.too_many_linked(lang);
        }
        self.join(visit, others)
    }

    /// Links the visitor and these with one another, and tells everybody.
    fn join(&mut self, visit: &mut Visit, mut others: Vec<Person>) -> Reply {
        let all: Vec<Linked> =
            std::iter::once(&visit.person).chain(&others).filter_map(as_linked).collect();
        let chosen = visit.person.chosen.or_else(|| others.iter().find_map(|one| one.chosen));
        for person in std::iter::once(&mut visit.person).chain(&mut others) {
            name_all(person, &all);
            person.chosen = person.chosen.or(chosen);
        }
        visit.lang = self.say.voice.pick([visit.person.chosen, Some(visit.lang)]);
        for person in others {
            let lang = self.lang_of(&person);
            let accounts = self.accounts(lang, &person.linked);
            let args = [("accounts", (&accounts).into())];
            let reply = self.say.notice(lang, "linked-elsewhere", &args, &[Act::Unlink]);
            self.tell_account(&person, reply);
            self.memory.keep_person(person);
        }
        let accounts = self.accounts(visit.lang, &visit.person.linked);
        self.say.notice(visit.lang, "linked", &[("accounts", (&accounts).into())], &[Act::Unlink])
    }

    /// Takes the visitor's account out of those that it is linked with, and tells everybody. What
    /// is kept of each stays as it is.
    pub(super) fn unlink(&mut self, visit: &mut Visit) -> Reply {
        let lang = visit.lang;
        let others: Vec<Person> = self.memory.linked(&visit.person).into_iter().cloned().collect();
        visit.person.linked.clear();
        if others.is_empty() {
            return self.say.notice(lang, "settings-alone", &[], &[Act::Link]);
        }
        let gone: Vec<Linked> = as_linked(&visit.person).into_iter().collect();
        for mut person in others {
            person.linked.retain(|other| other.person != visit.person.id);
            let lang = self.lang_of(&person);
            let account = self.accounts(lang, &gone);
            let args = [("account", (&account).into())];
            let reply = self.say.notice(lang, "unlinked-elsewhere", &args, &[]);
            self.tell_account(&person, reply);
            self.memory.keep_person(person);
        }
        self.say.notice(lang, "unlinked", &[], &[])
    }

    fn too_many_linked(&self, lang: Lang) -> Reply {
        self.say.notice(lang, "link-too-many", &[("count", LINKED_MAX.into())], &[])
    }

    /// Whether wrong codes are recent enough to count.
    pub(super) fn counts_still(&self, wrong: WrongCodes) -> bool {
        wrong.since.saturating_add(WRONG_CODES_COUNT).is_ok_and(|over| over > self.now())
    }

    /// The codes that a person was given are good no more.
    fn drop_codes(&mut self, person: &PersonId) {
        let theirs = self.memory.codes().filter(|given| given.person == *person);
        let codes: Vec<LinkCode> = theirs.map(|given| given.code.clone()).collect();
        for code in codes {
            let key = self.memory.drop_code(&code);
            self.effects.push(Effect::Forget(key));
        }
    }

    /// Accounts in words: the network of each, and the name that /mydata tells it by.
    pub(super) fn accounts(&self, lang: Lang, accounts: &[Linked]) -> String {
        let name = |account: &Linked| {
            let network = account.address.network.0.as_str().into();
            let pseudonym = account.person.short().into();
            self.say.say(lang, "account", &[("network", network), ("pseudonym", pseudonym)])
        };
        let names: Vec<String> = accounts.iter().map(name).collect();
        self.say.voice.list(lang, &names)
    }

    /// The linked accounts of a person that are still there.
    pub(super) fn linked_accounts(&self, person: &Person) -> Vec<Linked> {
        self.memory.linked(person).into_iter().filter_map(as_linked).collect()
    }

    /// A time of day, in the main branch's zone.
    pub(super) fn time(&self, lang: Lang, at: Timestamp) -> String {
        let zone = self.say.branches.main().map_or(jiff::tz::TimeZone::UTC, |b| b.zone.clone());
        self.say.voice.time(lang, at.to_zoned_datetime(zone).time())
    }

    /// The language to write in to somebody who has not just said something.
    fn lang_of(&self, person: &Person) -> Lang {
        self.say.voice.pick([person.chosen, person.lang])
    }

    /// Says something in the direct chat of somebody who is elsewhere.
    fn tell_account(&mut self, person: &Person, reply: Reply) {
        let Some(to) = person.addresses.last().map(|at| Place::direct(&at.network, &at.user))
        else {
            return;
        };
        let send = self.memory.next_send();
        self.effects.push(Effect::Send(Sending {
            send,
            to,
            reply,
            about: None,
            case: None,
            only_for: None,
            urgency: Urgency::Answer,
            expires: self.after(ANSWER_LASTS),
            changeable_until: None,
        }));
    }
}

/// Lets a person name all of these but themselves: those whom they name already first.
fn name_all(person: &mut Person, all: &[Linked]) {
    person.linked.retain(|known| all.iter().any(|one| one.person == known.person));
    let is_new = |one: &&Linked| {
        one.person != person.id && person.linked.iter().all(|known| known.person != one.person)
    };
    let new: Vec<Linked> = all.iter().filter(is_new).cloned().collect();
    person.linked.extend(new);
}

/// A person as those name them that they are linked with. Whoever has said something has an
/// address.
fn as_linked(person: &Person) -> Option<Linked> {
    let address = person.addresses.last()?.clone();
    Some(Linked { person: person.id.clone(), address })
}
