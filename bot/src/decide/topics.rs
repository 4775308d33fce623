//! What cases are about: guessed when they are opened, settled by staff, learnt from both.

use super::Deciding;
use super::desk::{NAME_SHOWN, QueueShown, Refusal};
use crate::case::{Case, CaseId, CaseTopic};
use crate::compose::shortened;
use crate::effect::Urgency;
use crate::event::DeskAct;
use crate::place::Place;
use crate::reply::Body;
use crate::topics::is_same;
use crate::understand;
use knowledge::Findings;

/// How many topics are named at once: a page of a chat.
const TOPICS_NAMED: usize = 40;

impl Deciding<'_> {
    /// What a question is about that becomes a case, if that can be told.
    pub(super) fn guess(&self, question: &str) -> Option<CaseTopic> {
        let name = self.memory.topics().of(question, self.findings, self.say.settings)?;
        Some(CaseTopic { name, settled: false })
    }

    /// A question says something else now: what it is about is guessed anew, unless staff said it.
    pub(super) fn guess_again(&self, case: &mut Case) {
        if case.topic.as_ref().is_none_or(|topic| !topic.settled) {
            case.topic = self.guess(&case.question);
        }
    }

    /// Staff say what a case is about, or ask what it can be about.
    pub(super) fn settle_topic(
        &mut self,
        desk: &Place,
        id: CaseId,
        staff: &str,
        topic: &str,
    ) -> Result<(), Refusal> {
        let mut case = self.case_at_desk(id)?;
        let topic = understand::clean(topic);
        if topic.is_empty() {
            let said = self.topics_to_choose()?;
            let number = id.to_string();
            let args = [("case", (&number).into()), ("topics", (&said).into())];
            self.tell_here(desk, Some(id), "desk-topics", &args);
            return Ok(());
        }
        let settled = if topic == DeskAct::NO_TOPIC { None } else { Some(self.topic(&topic)?) };
        self.forget_topic(&mut case);
        let said = if settled.is_some() { "desk-topic-set" } else { "desk-topic-none" };
        let name = settled.clone().unwrap_or_default();
        case.topic = settled.map(|name| CaseTopic { name, settled: false });
        self.learn_topic(&mut case);
        let (lang, number) = (self.say.settings.desk_lang, id.to_string());
        let args = [("case", (&number).into()), ("staff", staff.into()), ("topic", (&name).into())];
        let text = self.say.with_whom(self.say.say(lang, said, &args), &case);
        let reply = self.say.reply(lang, Body::Notice { text }, &[]);
        self.tell_desks(id, &reply, Urgency::News);
        self.memory.keep_case(case);
        Ok(())
    }

    /// The waiting cases of a topic.
    pub(super) fn queue_of(&mut self, desk: &Place, topic: &str) -> Result<(), Refusal> {
        let topic = self.topic(&understand::clean(topic))?;
        let is_of = |case: &Case| case.topic.as_ref().is_some_and(|of| is_same(&of.name, &topic));
        self.show_queue(desk, &QueueShown { lead: "desk-queue-of", topic: &topic }, is_of);
        Ok(())
    }

    /// Counts the words of a case for its topic, which is settled from then on.
    pub(super) fn learn_topic(&mut self, case: &mut Case) {
        let Some(topic) = case.topic.as_mut().filter(|topic| !topic.settled) else { return };
        topic.settled = true;
        self.memory.count_topics().learn(&topic.name, &own_words(self.findings));
    }

    /// A case is about nothing any more, and what was counted of it is taken off.
    fn forget_topic(&mut self, case: &mut Case) {
        if let Some(topic) = case.topic.take().filter(|topic| topic.settled) {
            self.memory.count_topics().unlearn(&topic.name, &own_words(self.findings));
        }
    }

    /// The topic of this name, as the library writes it.
    fn topic(&self, name: &str) -> Result<String, Refusal> {
        let topics = self.say.settings.topics(self.findings);
        if let Some(topic) = topics.into_iter().find(|topic| is_same(topic, name)) {
            return Ok(topic);
        }
        let topics = self.topics_to_choose()?;
        let name = shortened(name, NAME_SHOWN);
        Err(Refusal::new("desk-no-topic", &[("topic", &name), ("topics", &topics)]))
    }

    /// The topics that there are, in words.
    fn topics_to_choose(&self) -> Result<String, Refusal> {
        let mut topics = self.say.settings.topics(self.findings);
        if topics.is_empty() {
            return Err(Refusal::new("desk-no-topics", &[]));
        }
        topics.truncate(TOPICS_NAMED);
        Ok(self.say.voice.list(self.say.settings.desk_lang, &topics))
    }
}

/// The library's own words in the question of a case.
fn own_words(findings: &Findings) -> Vec<String> {
    findings.parts.iter().flat_map(|part| part.own_words.iter().cloned()).collect()
}
