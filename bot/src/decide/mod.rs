//! Decides what follows from an event. One file a kind of event; the reading order is that of a
//! question's life: said, found or handed on, answered at the desk, reminded of, forgotten.

mod cases;
mod changed;
mod commands;
mod desk;
mod forget;
mod late;
mod linking;
mod located;
mod mydata;
mod pressed;
mod privately;
mod said;
mod settings;
mod topics;
mod woke;

use crate::act::Act;
use crate::case::{Case, CaseId};
use crate::compose::Composer;
use crate::conversation::Conversation;
use crate::counts::DayCounts;
use crate::effect::{Effect, SendId, Sending, Urgency};
use crate::event::Event;
use crate::memory::Memory;
use crate::person::{Address, Person};
use crate::place::{MessageId, Network, Place, Speaker};
use crate::reply::{Body, Reply};
use crate::sentences::Args;
use jiff::{SignedDuration, Timestamp};
use knowledge::{Findings, Lang};

pub(crate) use desk::ALSO_MAX;
pub(crate) use pressed::offer;
pub(crate) use said::{QUESTION_MAX, Reading, read};
pub(crate) use woke::{case_wakes, sweep_at};

/// How long an answer is worth sending: after a day its asker has gone elsewhere.
const ANSWER_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// How long before an answered case closes its answer counts as undeliverable: staff hear of it
/// while the case is still theirs.
const UNDELIVERED_BEFORE_CLOSE: SignedDuration = SignedDuration::from_hours(1);
/// How long news for the desk are worth sending: a long holiday.
const NEWS_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// One event on its way to effects.
pub(crate) struct Deciding<'a> {
    pub(crate) say: Composer<'a>,
    /// Chance, for what nobody is to foresee.
    pub(crate) seed: u64,
    pub(crate) memory: &'a mut Memory,
    /// All that was looked up.
    pub(crate) findings: &'a Findings,
    pub(crate) effects: Vec<Effect>,
}

/// A person in a place, while an event of theirs is decided.
struct Visit {
    person: Person,
    talk: Conversation,
    user: String,
    message: Option<MessageId>,
    lang: Lang,
    /// Whether what is said replies to a message of the bot's.
    replies: bool,
}

impl Deciding<'_> {
    /// Decides; the effects are in `effects` afterwards, without the changed rows.
    pub(crate) fn event(&mut self, event: Event, findings: &Findings) {
        match event {
            Event::Said(said) => self.said(said, findings),
            Event::Edited { place, speaker, message, text } => {
                self.edited(&place, &speaker, &message, &text, findings);
            }
            Event::Deleted { place, person, message } => {
                self.deleted(&place, person.as_ref(), &message);
            }
            Event::Pressed { place, speaker, act, press } => {
                self.pressed(&place, &speaker, act, press.as_ref(), findings);
            }
            Event::Flooded { place, speaker, message } => {
                self.not_read(&place, &speaker, &message, "too-fast");
            }
            Event::Unreadable { place, speaker, message } => {
                self.not_read(&place, &speaker, &message, "unreadable");
            }
            Event::Desk { desk, staff, act } => self.desk(&desk, &staff, act),
            Event::Undelivered { send, to, why } => self.undelivered(send, &to, why),
            Event::LinkDown { network } => self.link_down(&network),
            Event::Woke => self.woke(),
        }
    }

    /// Somebody wrote something that is not read: they are told why.
    fn not_read(&mut self, place: &Place, speaker: &Speaker, message: &MessageId, why: &str) {
        let mut visit = self.visit(place, speaker, Some(message), None);
        self.tell_notice(&mut visit, why, &[]);
        self.leave(visit);
    }

    fn now(&self) -> Timestamp {
        self.say.now
    }

    /// Somebody comes: their rows, new ones if there are none. `shown` is the language that their
    /// words show; without it the one of their last words counts, then their platform's. One that
    /// they chose counts before all of these.
    fn visit(
        &self,
        place: &Place,
        speaker: &Speaker,
        message: Option<&MessageId>,
        shown: Option<Lang>,
    ) -> Visit {
        let keep_until = self.keep_until();
        let mut person = self.memory.person(&speaker.person).cloned().unwrap_or_else(|| Person {
            id: speaker.person.clone(),
            addresses: Vec::new(),
            lang: None,
            noticed: false,
            chosen: None,
            linked: Vec::new(),
            wrong_codes: None,
            keep_until,
        });
        person.keep_until = keep_until;
        person.wrong_codes = person.wrong_codes.filter(|wrong| self.counts_still(*wrong));
        let address = Address { network: place.network.clone(), user: speaker.user.clone() };
        person.addresses.retain(|known| known.network != address.network);
        person.addresses.push(address);
        let heard = self.say.voice.pick([shown, person.lang, speaker.locale]);
        if shown == Some(heard) {
            person.lang = shown;
        }
        let lang = self.say.voice.pick([person.chosen, Some(heard)]);
        let talk = self.memory.talk(&speaker.person, place).cloned();
        let mut talk = talk.unwrap_or_else(|| {
            Conversation::new(speaker.person.clone(), place.clone(), keep_until)
        });
        talk.keep_until = keep_until;
        Visit {
            person,
            talk,
            user: speaker.user.clone(),
            message: message.cloned(),
            lang,
            replies: false,
        }
    }

    /// The visit is over: its rows are kept.
    fn leave(&mut self, visit: Visit) {
        self.memory.keep_person(visit.person);
        self.memory.keep_talk(visit.talk);
    }

    fn keep_until(&self) -> Timestamp {
        self.now().saturating_add(self.say.settings.keep).unwrap_or(Timestamp::MAX)
    }

    /// Says something to the visitor where they are.
    fn tell(&mut self, visit: &mut Visit, reply: Reply) -> SendId {
        let here = visit.talk.place.clone();
        self.tell_at(visit, here, reply, false)
    }

    /// Says something to the visitor in a place; `alone`: to nobody else who is there.
    fn tell_at(&mut self, visit: &mut Visit, to: Place, mut reply: Reply, alone: bool) -> SendId {
        if !visit.person.noticed {
            reply.preface = Some(self.say.first_contact(visit.lang));
            visit.person.noticed = true;
        }
        let send = self.memory.next_send();
        self.effects.push(Effect::Send(Sending {
            send,
            about: visit.message.clone().filter(|_| to == visit.talk.place),
            to,
            reply,
            case: None,
            only_for: alone.then(|| visit.user.clone()),
            urgency: Urgency::Answer,
            expires: self.after(ANSWER_LASTS),
            changeable_until: Some(visit.talk.keep_until),
        }));
        send
    }

    /// Says a sentence to the visitor where they are.
    fn tell_notice(&mut self, visit: &mut Visit, name: &str, acts: &[Act]) {
        let reply = self.say.notice(visit.lang, name, &[], acts);
        self.tell(visit, reply);
    }

    /// Tells every desk something about a case.
    fn tell_desks(&mut self, case: CaseId, reply: &Reply, urgency: Urgency) -> Vec<SendId> {
        let desks = &self.say.settings.desks;
        desks.iter().map(|desk| self.tell_desk(desk, Some(case), reply.clone(), urgency)).collect()
    }

    /// Tells one desk something.
    fn tell_desk(
        &mut self,
        desk: &Place,
        case: Option<CaseId>,
        reply: Reply,
        urgency: Urgency,
    ) -> SendId {
        let send = self.memory.next_send();
        self.effects.push(Effect::Send(Sending {
            send,
            to: desk.clone(),
            reply,
            about: None,
            case,
            only_for: None,
            urgency,
            expires: self.after(NEWS_LASTS),
            changeable_until: None,
        }));
        send
    }

    /// Tells the desks that are elsewhere that a network will not have the bot any more.
    fn link_down(&mut self, network: &Network) {
        let lang = self.say.settings.desk_lang;
        let args = [("network", network.0.as_str().into())];
        let reply = self.say.notice(lang, "desk-link-down", &args, &[]);
        let desks = self.say.settings.desks.iter();
        for desk in desks.filter(|desk| desk.network != *network) {
            self.tell_desk(desk, None, reply.clone(), Urgency::News);
        }
    }

    /// Tells every desk a sentence about a case.
    fn desk_news(&mut self, case: &Case, name: &str, args: &Args<'_>) {
        self.desk_news_with(case, name, args, &[]);
    }

    /// The same, with what staff can do next.
    fn desk_news_with(&mut self, case: &Case, name: &str, args: &Args<'_>, acts: &[Act]) {
        let number = case.id.to_string();
        let mut all = vec![("case", number.as_str().into())];
        all.extend_from_slice(args);
        let reply = self.say.notice(self.say.settings.desk_lang, name, &all, acts);
        self.tell_desks(case.id, &reply, Urgency::News);
    }

    fn after(&self, time: SignedDuration) -> Timestamp {
        self.now().saturating_add(time).unwrap_or(Timestamp::MAX)
    }

    /// Counts something on this day, in the main branch's time.
    fn count(&mut self, what: impl FnOnce(&mut DayCounts)) {
        let zone = self.say.branches.main().map_or(jiff::tz::TimeZone::UTC, |b| b.zone.clone());
        what(self.memory.count(self.now().to_zoned_datetime(zone).date()));
    }

    /// The sentence, with what is to be said first today.
    fn with_banner(&self, mut reply: Reply) -> Reply {
        if matches!(reply.body, Body::Answer { .. }) {
            reply.banner = self.say.banner(reply.lang);
        }
        reply
    }
}
