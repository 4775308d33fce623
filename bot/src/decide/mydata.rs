//! /mydata: everything that is kept of a person, in words.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::case::CaseState;
use crate::person::{Linked, Person};
use crate::reply::{Body, Reply};
use knowledge::Lang;

impl Deciding<'_> {
    /// Everything that is kept of the visitor and of their linked accounts.
    pub(super) fn my_data(&self, visit: &Visit) -> Reply {
        let lang = visit.lang;
        let id = &visit.person.id;
        let linked = self.linked_accounts(&visit.person);
        let own = self.data_of(lang, &visit.person);
        if own.is_empty() && linked.is_empty() {
            return self.say.notice(lang, "mydata-nothing", &[], &[]);
        }
        let mut lines = vec![self.say.say(lang, "mydata", &[("pseudonym", id.short().into())])];
        lines.extend(own);
        lines.push(self.kept_until(lang, &visit.person));
        if !linked.is_empty() {
            let accounts = self.accounts(lang, &linked);
            lines.push(self.say.say(lang, "settings-linked", &[("accounts", (&accounts).into())]));
        }
        for account in &linked {
            lines.extend(self.data_of_account(lang, account));
        }
        self.say.reply(lang, Body::Notice { text: lines.join("\n") }, &[Act::Forget])
    }

    fn data_of_account(&self, lang: Lang, account: &Linked) -> Vec<String> {
        let Some(person) = self.memory.person(&account.person) else { return Vec::new() };
        let name = self.accounts(lang, std::slice::from_ref(account));
        let mut lines = vec![self.say.say(lang, "mydata-account", &[("account", (&name).into())])];
        lines.extend(self.data_of(lang, person));
        lines.push(self.kept_until(lang, person));
        lines
    }

    /// What is kept of one account; empty if that is no more than that it has spoken.
    fn data_of(&self, lang: Lang, person: &Person) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, language) in [("mydata-chosen", person.chosen), ("mydata-language", person.lang)]
        {
            if let Some(language) = language {
                let language = self.say.voice.language(lang, language);
                lines.push(self.say.say(lang, name, &[("language", (&language).into())]));
            }
        }
        lines.extend(self.turns_of(lang, person));
        lines.extend(self.cases_of(lang, person));
        let given = self.memory.codes().filter(|given| given.person == person.id);
        lines.extend(given.filter(|given| given.keep_until > self.now()).map(|given| {
            let time = self.time(lang, given.keep_until);
            self.say.say(lang, "mydata-code", &[("time", (&time).into())])
        }));
        lines.extend(person.wrong_codes.map(|wrong| {
            let time = self.time(lang, wrong.since);
            let args = [("count", i64::from(wrong.count).into()), ("time", (&time).into())];
            self.say.say(lang, "mydata-wrong-codes", &args)
        }));
        lines
    }

    fn turns_of(&self, lang: Lang, person: &Person) -> Vec<String> {
        let zone = self.say.branches.main().map_or(jiff::tz::TimeZone::UTC, |b| b.zone.clone());
        let turns = self.memory.talks(&person.id).flat_map(|talk| &talk.turns);
        let tell = |turn: &crate::conversation::Turn| {
            let at = turn.at.to_zoned_datetime(zone.clone());
            let (date, time) =
                (self.say.voice.date(lang, at.date()), self.say.voice.time(lang, at.time()));
            let files = turn.attachments.iter().map(|file| file.name.as_str());
            let said = Some(turn.said.as_str()).filter(|said| !said.is_empty());
            let text = said.into_iter().chain(files).collect::<Vec<_>>().join(" ");
            let name = if text.is_empty() { "mydata-turn-erased" } else { "mydata-turn" };
            self.say.say(
                lang,
                name,
                &[("date", (&date).into()), ("time", (&time).into()), ("text", (&text).into())],
            )
        };
        turns.map(tell).collect()
    }

    fn cases_of(&self, lang: Lang, person: &Person) -> Vec<String> {
        let cases = self.memory.cases().filter(|case| case.asker.person == person.id);
        let tell = |case: &crate::case::Case| {
            let topic = case.topic.as_ref().map_or("", |topic| topic.name.as_str());
            let state = match case.state {
                CaseState::Open | CaseState::Claimed { .. } => "waits",
                CaseState::Answered { .. } => "answered",
                CaseState::Closed { .. } => "closed",
            };
            let number = case.id.to_string();
            let args = [
                ("case", (&number).into()),
                ("state", state.into()),
                ("topic", topic.into()),
                ("text", (&case.question).into()),
            ];
            let name = if topic.is_empty() { "mydata-case" } else { "mydata-case-topic" };
            self.say.say(lang, name, &args)
        };
        cases.map(tell).collect()
    }

    fn kept_until(&self, lang: Lang, person: &Person) -> String {
        let zone = self.say.branches.main().map_or(jiff::tz::TimeZone::UTC, |b| b.zone.clone());
        let until = self.say.voice.date(lang, person.keep_until.to_zoned_datetime(zone).date());
        self.say.say(lang, "mydata-kept", &[("date", (&until).into())])
    }
}
