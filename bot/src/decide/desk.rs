//! Staff at the desk.

use super::Deciding;
use crate::act::Act;
use crate::case::{Case, CaseId, CaseState, Closing, Way, Who};
use crate::compose::shortened;
use crate::effect::Urgency;
use crate::event::DeskAct;
use crate::place::Place;
use crate::reply::{Body, Item, Reply};
use crate::sentences::{Arg, Args};
use crate::understand;

/// How many cases the queue shows at once.
const QUEUE_SHOWN: usize = 20;
/// The longest text that staff can send: one message on most platforms.
const REPLY_MAX: usize = 4_000;
/// How much of a name is shown that anybody may have given themselves.
pub(super) const NAME_SHOWN: usize = 60;
/// How many cases may be sent the same text at once.
pub(crate) const ALSO_MAX: usize = 20;

/// What goes wrong at the desk: a sentence for the one who tried.
pub(super) struct Refusal {
    name: &'static str,
    args: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(name: &'static str, args: &[(&'static str, &str)]) -> Refusal {
        let args = args.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        Refusal { name, args }
    }
}

/// Which stretch of what waits is shown.
pub(super) struct QueueShown<'a> {
    /// The sentence before it.
    pub(super) lead: &'static str,
    /// The topic that the sentence names.
    pub(super) topic: &'a str,
}

impl Deciding<'_> {
    pub(super) fn desk(&mut self, desk: &Place, staff: &str, act: DeskAct) {
        let about = act.about();
        let done = match act {
            DeskAct::Queue => {
                self.show_queue(desk, &QueueShown { lead: "desk-queue", topic: "" }, |_| true);
                Ok(())
            }
            DeskAct::QueueOf(topic) => self.queue_of(desk, &topic),
            DeskAct::Show(case) => self.show(desk, case),
            DeskAct::Claim(case) => self.claim(case, staff),
            DeskAct::Release(case) => self.release(case, staff),
            DeskAct::Assign { case, to } => self.assign(case, staff, &to),
            DeskAct::Reply { case, also, text } => self.answer(case, &also, staff, &text),
            DeskAct::Note { case, text } => self.note(case, staff, &text),
            DeskAct::Topic { case, topic } => self.settle_topic(desk, case, staff, &topic),
            DeskAct::Close(case) => self.close_by_staff(case, staff),
            DeskAct::Help => {
                self.tell_here(desk, None, "desk-help", &[]);
                Ok(())
            }
            DeskAct::File(case) => Err(Refusal::new("desk-file", &[("case", &case.to_string())])),
            DeskAct::Unclear(text) => Err(Refusal::new("desk-unclear", &[("text", &text)])),
            DeskAct::NotStaff { who } => {
                let who = shortened(&understand::clean(&who), NAME_SHOWN);
                Err(Refusal::new("desk-not-staff", &[("who", &who)]))
            }
        };
        if let Err(refusal) = done {
            let args: Vec<(&'static str, Arg<'_>)> =
                refusal.args.iter().map(|(key, value)| (*key, value.into())).collect();
            let about = about.filter(|case| self.memory.case(*case).is_some());
            self.tell_here(desk, about, refusal.name, &args);
        }
    }

    /// Says a sentence at the desk where something was tried.
    pub(super) fn tell_here(
        &mut self,
        desk: &Place,
        case: Option<CaseId>,
        name: &str,
        args: &Args<'_>,
    ) {
        let reply = self.say.notice(self.say.settings.desk_lang, name, args, &[]);
        self.tell_desk(desk, case, reply, Urgency::Answer);
    }

    pub(super) fn case_at_desk(&self, id: CaseId) -> Result<Case, Refusal> {
        let missing = || Refusal::new("desk-no-case", &[("case", &id.to_string())]);
        self.memory.case(id).cloned().ok_or_else(missing)
    }

    fn open_case_at_desk(&self, id: CaseId) -> Result<Case, Refusal> {
        let case = self.case_at_desk(id)?;
        if case.is_closed() {
            return Err(Refusal::new("desk-case-over", &[("case", &id.to_string())]));
        }
        Ok(case)
    }

    /// A case that waits for this member of staff or for anybody.
    fn case_for(&self, id: CaseId, staff: &str) -> Result<Case, Refusal> {
        let case = self.open_case_at_desk(id)?;
        match &case.state {
            CaseState::Claimed { by } if by != staff => Err(Refusal::new(
                "desk-others",
                &[("case", &id.to_string()), ("owner", by), ("staff", staff)],
            )),
            CaseState::Open
            | CaseState::Claimed { .. }
            | CaseState::Answered { .. }
            | CaseState::Closed { .. } => Ok(case),
        }
    }

    /// Shows the waiting cases that are such.
    pub(super) fn show_queue(
        &mut self,
        desk: &Place,
        shown: &QueueShown<'_>,
        such: impl Fn(&Case) -> bool,
    ) {
        let lang = self.say.settings.desk_lang;
        let cases = self.memory.cases().filter(|case| case.waits());
        let waiting: Vec<&Case> = cases.filter(|case| such(case)).collect();
        let args = [("count", waiting.len().into()), ("topic", shown.topic.into())];
        let lead = self.say.say(lang, shown.lead, &args);
        let items: Vec<Item> = waiting
            .iter()
            .take(QUEUE_SHOWN)
            .map(|case| {
                let headline = self.say_headline(case);
                Item { text: headline, url: None, case: Some(case.id) }
            })
            .collect();
        let more = waiting.len().saturating_sub(QUEUE_SHOWN);
        let more =
            (more > 0).then(|| self.say.say(lang, "desk-queue-more", &[("count", more.into())]));
        let body = if items.is_empty() {
            Body::Notice { text: lead }
        } else {
            Body::List { lead, first: 1, items, more }
        };
        let reply = self.say.reply(lang, body, &[]);
        self.tell_desk(desk, None, reply, Urgency::Answer);
    }

    /// A case in one line, with who has it.
    fn say_headline(&self, case: &Case) -> String {
        let headline = self.say.headline(case);
        match &case.state {
            CaseState::Claimed { by } => {
                let lang = self.say.settings.desk_lang;
                let claimed = self.say.say(lang, "desk-claimed-by", &[("staff", by.into())]);
                format!("{headline} · {claimed}")
            }
            CaseState::Open | CaseState::Answered { .. } | CaseState::Closed { .. } => headline,
        }
    }

    fn show(&mut self, desk: &Place, id: CaseId) -> Result<(), Refusal> {
        let case = self.case_at_desk(id)?;
        let reply: Reply = self.sheet_reply(&case);
        self.tell_desk(desk, Some(id), reply, Urgency::Answer);
        Ok(())
    }

    fn claim(&mut self, id: CaseId, staff: &str) -> Result<(), Refusal> {
        let mut case = self.case_for(id, staff)?;
        if case.waits() {
            case.state = CaseState::Claimed { by: staff.to_owned() };
        }
        self.owner_news(&case, "desk-claimed", &[("staff", staff.into())]);
        self.memory.keep_case(case);
        Ok(())
    }

    fn release(&mut self, id: CaseId, staff: &str) -> Result<(), Refusal> {
        let mut case = self.case_for(id, staff)?;
        if case.waits() {
            case.state = CaseState::Open;
        }
        self.owner_news(&case, "desk-released", &[]);
        self.memory.keep_case(case);
        Ok(())
    }

    fn assign(&mut self, id: CaseId, staff: &str, to: &str) -> Result<(), Refusal> {
        let mut case = self.open_case_at_desk(id)?;
        if case.waits() {
            case.state = CaseState::Claimed { by: to.to_owned() };
        }
        self.owner_news(&case, "desk-assigned", &[("staff", staff.into()), ("to", to.into())]);
        self.memory.keep_case(case);
        Ok(())
    }

    /// Tells every desk whose a case is now, with what undoes it.
    fn owner_news(&mut self, case: &Case, name: &str, args: &Args<'_>) {
        let acts = match case.state {
            CaseState::Open => vec![Act::Claim(case.id)],
            CaseState::Claimed { .. } => vec![Act::Release(case.id), Act::Close(case.id)],
            CaseState::Answered { .. } | CaseState::Closed { .. } => Vec::new(),
        };
        self.desk_news_with(case, name, args, &acts);
    }

    /// Staff answer a case, and with the same words those ticked beside it. All or none: a case
    /// that does not wait any more stops the whole, so that nobody wonders who got what.
    fn answer(
        &mut self,
        id: CaseId,
        also: &[CaseId],
        staff: &str,
        text: &str,
    ) -> Result<(), Refusal> {
        let text = understand::clean(text);
        let number = id.to_string();
        if text.is_empty() {
            return Err(Refusal::new("desk-reply-empty", &[("case", &number)]));
        }
        if text.chars().count() > REPLY_MAX {
            return Err(Refusal::new("desk-too-long", &[("count", &REPLY_MAX.to_string())]));
        }
        let mut cases = vec![self.case_for(id, staff)?];
        for other in also.iter().filter(|other| **other != id) {
            let case = self.case_for(*other, staff)?;
            if !case.waits() {
                return Err(Refusal::new("desk-also-not", &[("case", &other.to_string())]));
            }
            if cases.iter().all(|known| known.id != case.id) {
                cases.push(case);
            }
        }
        // The words that were looked up are those of the first.
        self.learn_topic(&mut cases[0]);
        for case in cases.clone() {
            self.answer_one(case, staff, &text);
        }
        let others: Vec<String> = cases.iter().skip(1).map(|case| case.id.to_string()).collect();
        let lang = self.say.settings.desk_lang;
        let others = self.say.voice.list(lang, &others);
        if others.is_empty() {
            self.desk_news(&cases[0], "desk-answered", &[("staff", staff.into())]);
        } else {
            let args = [("staff", staff.into()), ("others", (&others).into())];
            self.desk_news(&cases[0], "desk-answered-also", &args);
        }
        Ok(())
    }

    fn answer_one(&mut self, mut case: Case, staff: &str, text: &str) {
        if case.waits() {
            self.count(|day| day.cases_answered += 1);
        }
        let reply = self.send_case_answer(&case, staff, text, Way::Place);
        self.log(&mut case, Who::Staff(staff.to_owned()), text, None);
        case.remind_at = None;
        case.state = CaseState::Answered {
            by: staff.to_owned(),
            reply,
            way: Way::Place,
            closes: self.after(self.say.settings.quiet),
        };
        self.memory.keep_case(case);
    }

    fn note(&mut self, id: CaseId, staff: &str, text: &str) -> Result<(), Refusal> {
        let text = understand::clean(text);
        if text.is_empty() {
            return Err(Refusal::new("desk-unclear", &[("text", &format!("note {id}"))]));
        }
        if text.chars().count() > REPLY_MAX {
            return Err(Refusal::new("desk-too-long", &[("count", &REPLY_MAX.to_string())]));
        }
        let mut case = self.case_at_desk(id)?;
        self.log(&mut case, Who::Note(staff.to_owned()), &text, None);
        self.desk_news(&case, "desk-noted", &[("staff", staff.into())]);
        self.memory.keep_case(case);
        Ok(())
    }

    fn close_by_staff(&mut self, id: CaseId, staff: &str) -> Result<(), Refusal> {
        let mut case = self.case_for(id, staff)?;
        self.close(&mut case, Closing::Staff);
        self.desk_news(&case, "desk-closed-by", &[("staff", staff.into())]);
        self.memory.keep_case(case);
        Ok(())
    }
}

impl DeskAct {
    /// The case that it is about, if it is about one; without those ticked beside it.
    pub fn about(&self) -> Option<CaseId> {
        match self {
            DeskAct::Show(case)
            | DeskAct::Claim(case)
            | DeskAct::Release(case)
            | DeskAct::Close(case)
            | DeskAct::File(case)
            | DeskAct::Assign { case, .. }
            | DeskAct::Topic { case, .. }
            | DeskAct::Reply { case, .. }
            | DeskAct::Note { case, .. } => Some(*case),
            DeskAct::Queue
            | DeskAct::QueueOf(_)
            | DeskAct::Help
            | DeskAct::Unclear(_)
            | DeskAct::NotStaff { .. } => None,
        }
    }

    /// The desk's meaning of a button; `None` for a patron's button.
    pub fn of(act: Act) -> Option<DeskAct> {
        match act {
            Act::Claim(case) => Some(DeskAct::Claim(case)),
            Act::Release(case) => Some(DeskAct::Release(case)),
            Act::Show(case) => Some(DeskAct::Show(case)),
            Act::Close(case) => Some(DeskAct::Close(case)),
            Act::Helpful(_)
            | Act::NotHelpful(_)
            | Act::AskPerson(_)
            | Act::Choose { .. }
            | Act::More(_)
            | Act::Back(_)
            | Act::Withdraw(_)
            | Act::Forget
            | Act::Keep
            | Act::Speak(_)
            | Act::Link
            | Act::Unlink
            | Act::OpenDirect(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Body, Bot, DeskAct, Effect, Event, Moment, Network, Place, PlaceKind, Settings};
    use jiff::Timestamp;
    use knowledge::{Branches, Findings, Lang};
    use std::sync::Arc;

    #[test]
    fn whoever_is_not_staff_is_named_and_does_nothing() {
        let network = Network("anywhere".to_owned());
        let desk = Place { network, id: "desk".to_owned(), kind: PlaceKind::Desk };
        for (lang, begins) in [(Lang::EN, "Eve Stone is not"), (Lang::FR, "Eve Stone ne figure")] {
            let mut settings = Settings::new("Linden Library", &[lang]);
            settings.desks = vec![desk.clone()];
            let mut bot = Bot::new(settings, Arc::new(Branches::default()), Vec::new());
            let act = DeskAct::NotStaff { who: "Eve\u{202e} Stone".to_owned() };
            let event = Event::Desk { desk: desk.clone(), staff: "eve".to_owned(), act };
            let moment = Moment { time: Timestamp::UNIX_EPOCH, seed: 1 };
            let effects = bot.handle(moment, event, Findings::default());
            let said: Vec<_> = (effects.iter())
                .filter_map(
                    |effect| if let Effect::Send(said) = effect { Some(said) } else { None },
                )
                .collect();
            let [said] = said.as_slice() else { panic!("{effects:?}") };
            let Body::Notice { text } = &said.reply.body else { panic!("{said:?}") };
            assert!(text.starts_with(begins) && said.to == desk, "{text}");
        }
    }
}
