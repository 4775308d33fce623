//! Somebody presses a button.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::conversation::{Offer, Outcome};
use crate::effect::Effect;
use crate::personal::Personal;
use crate::place::{MessageId, Place, PlaceKind, Speaker};
use crate::reply::{Body, Reply};
use knowledge::{FactAsked, Findings, Found, Passage, Topic, When};

impl Deciding<'_> {
    pub(super) fn pressed(
        &mut self,
        place: &Place,
        speaker: &Speaker,
        act: Act,
        press: Option<&MessageId>,
        findings: &Findings,
    ) {
        let asked =
            act.turn().and_then(|turn| self.memory.talk(&speaker.person, place)?.turn(turn));
        // Where others read too, what comes of a press shows whose question it is about.
        let withdrawn = if let Act::Withdraw(case) = act { self.memory.case(case) } else { None };
        let withdrawn = withdrawn.filter(|case| {
            self.memory.talk(&speaker.person, place).is_some_and(|talk| case.is_of(talk))
        });
        let message = match withdrawn {
            Some(case) => case.asker.message.clone(),
            None => asked.and_then(|turn| turn.message.clone()),
        };
        let message = message.filter(|_| place.kind == PlaceKind::Shared);
        let message = press.cloned().or(message);
        let mut visit = self.visit(place, speaker, message.as_ref(), None);
        if act == Act::Forget {
            return self.forget(visit);
        }
        // Whoever turns a page finds it where they pressed.
        let page = if let Act::More(turn) | Act::Back(turn) = act { Some(turn) } else { None };
        match page.and_then(|turn| Some((turn, self.changeable(&visit, turn)?))) {
            Some((turn, send)) => {
                let reply = self.page(&mut visit, turn, act, findings);
                self.effects.push(Effect::Change { send, reply });
            }
            None => self.press(&mut visit, act, findings),
        }
        self.leave(visit);
    }

    /// What a press comes to, once it is known who pressed; serves typed labels too.
    pub(super) fn press(&mut self, visit: &mut Visit, act: Act, findings: &Findings) {
        let lang = visit.lang;
        let reply = match act {
            Act::Helpful(turn) => self.rated(visit, turn, true),
            Act::NotHelpful(turn) => self.rated(visit, turn, false),
            Act::AskPerson(turn) => self.ask_person(visit, turn),
            Act::Choose { turn, number } => self.chosen(visit, turn, number, findings),
            Act::More(turn) | Act::Back(turn) => {
                let reply = self.page(visit, turn, act, findings);
                return self.tell_of_turn(visit, turn, reply);
            }
            Act::Withdraw(case) => self.withdraw(visit, case),
            Act::Keep => {
                let reply = self.say.notice(lang, "forget-kept", &[], &[]);
                return self.tell_alone(visit, reply, Personal::Forget);
            }
            Act::Speak(lang) => {
                let reply = self.speak(visit, lang);
                return self.tell_alone(visit, reply, Personal::Settings);
            }
            Act::Link => {
                let reply = self.link(visit, "");
                return self.tell_alone(visit, reply, Personal::Link);
            }
            Act::Unlink => {
                let reply = self.unlink(visit);
                return self.tell_alone(visit, reply, Personal::Settings);
            }
            Act::OpenDirect(personal) => {
                return self.command(visit, &personal.command(), &[], findings);
            }
            // Erasing has no visit left to speak to; the desk's acts are no patron's.
            Act::Forget | Act::Claim(_) | Act::Release(_) | Act::Show(_) | Act::Close(_) => return,
        };
        self.tell(visit, reply);
    }

    fn rated(&mut self, visit: &mut Visit, id: u32, helpful: bool) -> Reply {
        let lang = visit.lang;
        let Some(turn) = visit.talk.turn_mut(id) else {
            return self.say.notice(lang, "too-old", &[], &[Act::AskPerson(0)]);
        };
        let before = turn.helpful.replace(helpful);
        let outcome = turn.outcome.clone();
        if before != Some(helpful) {
            self.count(|day| if helpful { day.helpful += 1 } else { day.not_helpful += 1 });
            if let (Outcome::Case(id), false) = (outcome, helpful)
                && let Some(case) = self.memory.case(id).cloned()
            {
                self.desk_news(&case, "desk-not-helpful", &[]);
            }
        }
        if helpful {
            return self.say.notice(lang, "rated-helpful", &[], &[]);
        }
        visit.talk.misses = visit.talk.misses.saturating_add(1);
        self.say.notice(lang, "rated-not-helpful", &[], &[Act::AskPerson(id)])
    }

    /// One of the things that were offered.
    fn chosen(&mut self, visit: &mut Visit, turn: u32, number: u16, findings: &Findings) -> Reply {
        let lang = visit.lang;
        let Some(offer) = offer(visit.talk.turn(turn).map(|turn| &turn.outcome), number) else {
            return self.say.notice(lang, "too-old", &[], &[Act::AskPerson(0)]);
        };
        match self.body_of(visit, &offer, findings) {
            Some(body) => self.chosen_reply(visit, turn, body),
            // The library has dropped the entry or the record in the meantime.
            None => self.say.notice(lang, "too-old", &[], &[Act::AskPerson(turn)]),
        }
    }

    /// Something of the library's that a deep link opens, as if it had been chosen.
    pub(super) fn opened(
        &mut self,
        visit: &mut Visit,
        offer: &Offer,
        findings: &Findings,
    ) -> Reply {
        let lang = visit.lang;
        let title = findings.parts.iter().flat_map(|part| &part.passages).next().map(title);
        match (self.body_of(visit, offer, findings), title) {
            (Some(body), Some(title)) => {
                let turn = visit.talk.begin(visit.message.clone(), &title, lang, self.now());
                if let Some(turn) = visit.talk.turn_mut(turn) {
                    turn.outcome = Outcome::Answered;
                }
                self.chosen_reply(visit, turn, body)
            }
            (_, None) | (None, _) => self.say.notice(lang, "too-old", &[], &[Act::AskPerson(0)]),
        }
    }

    /// What was offered, in words; `None` if it is not there any more.
    fn body_of(&self, visit: &Visit, offer: &Offer, findings: &Findings) -> Option<Body> {
        let lang = visit.lang;
        let known = findings.parts.iter().flat_map(|part| &part.passages).next();
        match (offer, known) {
            (Offer::Hours(branches), _) => {
                let fact = FactAsked {
                    topic: Topic::Hours,
                    branches: branches.clone(),
                    when: When::Unsaid,
                    at: None,
                    part: None,
                };
                Some(Body::Answer { parts: vec![self.say.fact(lang, &fact)], left: None })
            }
            (_, Some(Passage { found: Found::Record(record), .. })) => {
                Some(Body::Card(self.say.card(lang, record)))
            }
            (_, Some(passage)) => self
                .say
                .part(lang, passage)
                .map(|part| Body::Answer { parts: vec![part], left: None }),
            (_, None) => None,
        }
    }

    fn chosen_reply(&self, visit: &mut Visit, turn: u32, body: Body) -> Reply {
        visit.talk.misses = 0;
        let acts = [Act::Helpful(turn), Act::NotHelpful(turn), Act::AskPerson(turn)];
        self.with_banner(self.say.reply(visit.lang, body, &acts))
    }

    /// The page of a list before the one that is shown, or after it.
    fn page(&mut self, visit: &mut Visit, turn: u32, act: Act, findings: &Findings) -> Reply {
        let search = visit.talk.turn(turn).and_then(|turn| turn.outcome.search().cloned());
        let back = act == Act::Back(turn);
        match search {
            Some(search) => {
                let skipped = if back { search.page_before() } else { search.page_after() };
                self.search(visit, turn, &search.words, skipped, findings)
            }
            None => self.say.notice(visit.lang, "too-old", &[], &[Act::AskPerson(0)]),
        }
    }
}

/// What a number stands for in a turn.
pub(crate) fn offer(outcome: Option<&Outcome>, number: u16) -> Option<Offer> {
    match outcome? {
        Outcome::Offered { choices, .. } => {
            choices.get(usize::from(number).checked_sub(1)?).cloned()
        }
        Outcome::Answered | Outcome::Case(_) | Outcome::Talk => None,
    }
}

/// What something of the library's is called: what a librarian would be asked about.
fn title(passage: &Passage) -> String {
    match &passage.found {
        Found::Entry(entry) => entry.questions.first().unwrap_or(&entry.id).clone(),
        Found::Page(section) => section.heading.clone(),
        Found::Record(record) => record.title.clone(),
        Found::Fact(_) => String::new(),
    }
}
