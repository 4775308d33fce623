//! The rows that are in memory, and which of them have changed.

use crate::case::{Case, CaseId};
use crate::conversation::Conversation;
use crate::counts::DayCounts;
use crate::effect::{Effect, SendId};
use crate::link_code::{GivenCode, LinkCode};
use crate::person::Person;
use crate::place::{PersonId, Place};
use crate::rows::{Counters, Row, RowKey, Wanted};
use crate::topics::Topics;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// How many people are kept in memory at least; at most twice as many. Those who were quiet
/// longest are dropped first and come back from the store when they speak. At about 1 KiB a
/// person this is a few MiB.
const PEOPLE_KEPT: usize = 2_000;

static NOTHING_COUNTED: Topics = Topics::new();

/// The state in memory.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) counters: Counters,
    /// `None` until something is counted.
    topics: Option<Topics>,
    /// Every case that is not closed, and the closed ones of the people in memory.
    cases: BTreeMap<CaseId, Case>,
    days: BTreeMap<Date, DayCounts>,
    /// The codes of the people in memory, and those that an event has asked for.
    codes: BTreeMap<LinkCode, GivenCode>,
    /// People who spoke of late, and those who spoke before them.
    recent: BTreeMap<PersonId, Known>,
    earlier: BTreeMap<PersonId, Known>,
    changed: BTreeSet<RowKey>,
}

/// All that is known of a person.
#[derive(Default)]
struct Known {
    person: Option<Person>,
    talks: BTreeMap<Place, Conversation>,
}

impl Memory {
    /// Takes a row in, unless there is one already: that one is newer.
    pub(crate) fn bring(&mut self, row: Row) {
        match row {
            Row::Counters(counters) => {
                if counters.send >= self.counters.send {
                    self.counters = counters;
                }
            }
            Row::Case(case) => {
                self.cases.entry(case.id).or_insert(case);
            }
            Row::Day(day) => {
                self.days.entry(day.date).or_insert(day);
            }
            Row::Code(given) => {
                self.codes.entry(given.code.clone()).or_insert(given);
            }
            Row::Topics(topics) => {
                self.topics.get_or_insert(topics);
            }
            Row::Person(person) => {
                self.known(&person.id.clone()).person.get_or_insert(person);
            }
            Row::Conversation(talk) => {
                let known = self.known(&talk.person.clone());
                known.talks.entry(talk.place.clone()).or_insert(talk);
            }
        }
    }

    /// Whether everything of this person is in memory.
    pub(crate) fn has(&self, person: &PersonId) -> bool {
        let known = self.recent.get(person).or_else(|| self.earlier.get(person));
        known.is_some_and(|known| known.person.is_some())
    }

    pub(crate) fn person(&self, id: &PersonId) -> Option<&Person> {
        self.recent.get(id).or_else(|| self.earlier.get(id))?.person.as_ref()
    }

    /// Keeps a person.
    pub(crate) fn keep_person(&mut self, person: Person) {
        self.changed.insert(RowKey::Person(person.id.clone()));
        let id = person.id.clone();
        self.known(&id).person = Some(person);
    }

    pub(crate) fn talk(&self, person: &PersonId, place: &Place) -> Option<&Conversation> {
        self.recent.get(person).or_else(|| self.earlier.get(person))?.talks.get(place)
    }

    /// The conversations of a person, by place.
    pub(crate) fn talks(&self, person: &PersonId) -> impl Iterator<Item = &Conversation> {
        let known = self.recent.get(person).or_else(|| self.earlier.get(person));
        known.into_iter().flat_map(|known| known.talks.values())
    }

    /// The conversations in memory that take place there.
    pub(crate) fn talks_in(&self, place: &Place) -> impl Iterator<Item = &Conversation> {
        let all = self.recent.values().chain(self.earlier.values());
        all.filter_map(move |known| known.talks.get(place))
    }

    /// Keeps a conversation.
    pub(crate) fn keep_talk(&mut self, talk: Conversation) {
        self.changed.insert(RowKey::Conversation(talk.person.clone(), talk.place.clone()));
        let person = talk.person.clone();
        self.known(&person).talks.insert(talk.place.clone(), talk);
    }

    pub(crate) fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// The cases in memory, by number.
    pub(crate) fn cases(&self) -> impl DoubleEndedIterator<Item = &Case> {
        self.cases.values()
    }

    /// Keeps a case.
    pub(crate) fn keep_case(&mut self, case: Case) {
        self.changed.insert(RowKey::Case(case.id));
        self.cases.insert(case.id, case);
    }

    /// A code that was given out.
    pub(crate) fn code(&self, code: &LinkCode) -> Option<&GivenCode> {
        self.codes.get(code)
    }

    /// The codes in memory.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &GivenCode> {
        self.codes.values()
    }

    /// Keeps a code.
    pub(crate) fn keep_code(&mut self, given: GivenCode) {
        self.changed.insert(RowKey::Code(given.code.clone()));
        self.codes.insert(given.code.clone(), given);
    }

    /// Drops a code; its row must be forgotten too.
    pub(crate) fn drop_code(&mut self, code: &LinkCode) -> RowKey {
        let key = RowKey::Code(code.clone());
        self.codes.remove(code);
        self.changed.remove(&key);
        key
    }

    /// What is not in memory of a person.
    pub(crate) fn wants(&self, person: &PersonId) -> Vec<Wanted> {
        let missing = !self.has(person);
        missing.then(|| Wanted::OfPerson(person.clone())).into_iter().collect()
    }

    /// What is not in memory of a person and their linked accounts. Which those are only the
    /// person's row tells, so it takes two rounds.
    pub(crate) fn wants_linked(&self, person: &PersonId) -> Vec<Wanted> {
        let mut wanted = self.wants(person);
        if let Some(known) = self.person(person) {
            wanted.extend(known.linked.iter().flat_map(|other| self.wants(&other.person)));
        }
        wanted
    }

    /// What is not in memory of a code and the account that it was given to, with those linked.
    pub(crate) fn wants_code(&self, code: &LinkCode) -> Vec<Wanted> {
        match self.codes.get(code) {
            Some(given) => self.wants_linked(&given.person),
            None => vec![Wanted::Row(RowKey::Code(code.clone()))],
        }
    }

    /// The linked accounts of a person, oldest first: those that are still there and name this
    /// person too. Whoever was dropped or erased is linked with nobody.
    pub(crate) fn linked(&self, person: &Person) -> Vec<&Person> {
        let there = person.linked.iter().filter_map(|other| self.person(&other.person));
        there.filter(|other| other.linked.iter().any(|back| back.person == person.id)).collect()
    }

    /// The day's counts, to count something.
    pub(crate) fn count(&mut self, date: Date) -> &mut DayCounts {
        self.changed.insert(RowKey::Day(date.to_string()));
        self.days.entry(date).or_insert_with(|| DayCounts::new(date))
    }

    /// What cases were about.
    pub(crate) fn topics(&self) -> &Topics {
        self.topics.as_ref().unwrap_or(&NOTHING_COUNTED)
    }

    /// What cases were about, to count one.
    pub(crate) fn count_topics(&mut self) -> &mut Topics {
        self.changed.insert(RowKey::Topics);
        self.topics.get_or_insert_default()
    }

    /// The next number of a thing to say.
    pub(crate) fn next_send(&mut self) -> SendId {
        self.changed.insert(RowKey::Counters);
        self.counters.send += 1;
        SendId(self.counters.send)
    }

    /// The next number of a case.
    pub(crate) fn next_case(&mut self) -> CaseId {
        self.changed.insert(RowKey::Counters);
        self.counters.case += 1;
        CaseId(self.counters.case)
    }

    /// The counters have changed.
    pub(crate) fn keep_counters(&mut self) {
        self.changed.insert(RowKey::Counters);
    }

    /// Drops everything of a person, changes included.
    pub(crate) fn forget_person(&mut self, id: &PersonId) {
        self.recent.remove(id);
        self.earlier.remove(id);
        let cases = &mut self.cases;
        cases.retain(|_, case| case.asker.person != *id);
        self.codes.retain(|_, given| given.person != *id);
        let codes = &self.codes;
        self.changed.retain(|key| match key {
            RowKey::Person(person) | RowKey::Conversation(person, _) => person != id,
            RowKey::Case(case) => cases.contains_key(case),
            RowKey::Code(code) => codes.contains_key(code),
            RowKey::Counters | RowKey::Day(_) | RowKey::Topics => true,
        });
    }

    /// Drops what is past its time of keeping.
    pub(crate) fn drop_before(&mut self, now: Timestamp) {
        self.cases.retain(|_, case| case.keep_until.is_none_or(|until| until >= now));
        self.codes.retain(|_, given| given.keep_until >= now);
        for known in [&mut self.recent, &mut self.earlier] {
            known.retain(|_, known| known.person.as_ref().is_none_or(|p| p.keep_until >= now));
            for one in known.values_mut() {
                one.talks.retain(|_, talk| talk.keep_until >= now);
            }
        }
    }

    /// The changed rows, as effects; from then on they count as unchanged.
    pub(crate) fn save(&mut self) -> Vec<Effect> {
        let changed = std::mem::take(&mut self.changed);
        changed.iter().filter_map(|key| self.row(key)).map(Effect::Save).collect()
    }

    fn row(&self, key: &RowKey) -> Option<Row> {
        Some(match key {
            RowKey::Counters => Row::Counters(self.counters.clone()),
            RowKey::Person(person) => Row::Person(self.person(person)?.clone()),
            RowKey::Conversation(person, place) => {
                Row::Conversation(self.talk(person, place)?.clone())
            }
            RowKey::Case(case) => Row::Case(self.cases.get(case)?.clone()),
            RowKey::Day(date) => Row::Day(self.days.get(&date.parse().ok()?)?.clone()),
            RowKey::Code(code) => Row::Code(self.codes.get(code)?.clone()),
            RowKey::Topics => Row::Topics(self.topics.clone()?),
        })
    }

    /// The place for what is known of a person, who now counts as recent.
    fn known(&mut self, id: &PersonId) -> &mut Known {
        if !self.recent.contains_key(id) {
            let known = self.earlier.remove(id).unwrap_or_default();
            self.recent.insert(id.clone(), known);
        }
        self.recent.entry(id.clone()).or_default()
    }

    /// Drops the people who were quiet longest, once there are many, with their closed cases.
    pub(crate) fn shed(&mut self) {
        if self.recent.len() < PEOPLE_KEPT {
            return;
        }
        self.earlier = std::mem::take(&mut self.recent);
        let earlier = &self.earlier;
        self.cases.retain(|_, case| !case.is_closed() || earlier.contains_key(&case.asker.person));
        self.codes.retain(|_, given| earlier.contains_key(&given.person));
    }
}
