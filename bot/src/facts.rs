//! Facts in plain words: hours by branch, closures, addresses, telephone numbers.

use crate::compose::Composer;
use crate::reply::AnswerPart;
use jiff::ToSpan as _;
use jiff::civil::{Date, Time, time};
use knowledge::{Branch, ByLang, Day, FactAsked, Lang, PartOfDay, Span, State, Topic, When};

/// How many branches are told of at once when none is named: the rest is a question more.
const BRANCHES_SHOWN: usize = 6;
/// How many closures and special days are told.
const CLOSURES_SHOWN: usize = 6;
/// How far ahead the hours of a week also tell of closures, in days.
const CLOSURES_AHEAD: i64 = 21;

impl Composer<'_> {
    /// A fact as an answer: a line for each branch that is meant.
    pub(crate) fn fact(&self, lang: Lang, fact: &FactAsked) -> AnswerPart {
        let named: Vec<&Branch> =
            fact.branches.iter().filter_map(|id| self.branches.get(id)).collect();
        let meant: Vec<&Branch> = if named.is_empty() {
            self.branches.iter().take(BRANCHES_SHOWN).collect()
        } else {
            named
        };
        let text = match (fact.topic, meant.as_slice()) {
            (_, []) => self.say(lang, "no-branches", &[]),
            (Topic::Branches, _) => self.branch_list(lang),
            (topic, branches) => branches
                .iter()
                .map(|branch| self.fact_of(lang, topic, fact, branch))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        let url = match meant.as_slice() {
            [only] => only.url.clone(),
            _ => None,
        };
        let source = self.facts_source(lang, &meant);
        AnswerPart { question: None, text, source, url }
    }

    /// Where the facts of these branches are from.
    pub(crate) fn facts_source(&self, lang: Lang, branches: &[&Branch]) -> String {
        // The oldest date is the honest one for all of them; one without a date makes it undated.
        let verified: Option<Vec<Date>> = branches.iter().map(|branch| branch.verified).collect();
        match verified.and_then(|dates| dates.into_iter().min()) {
            Some(date) => {
                let date = self.voice.date(lang, date);
                self.say(lang, "source-facts-dated", &[("date", (&date).into())])
            }
            None => self.say(lang, "source-facts", &[]),
        }
    }

    fn fact_of(&self, lang: Lang, topic: Topic, fact: &FactAsked, branch: &Branch) -> String {
        match topic {
            Topic::Hours => self.hours(lang, fact, branch),
            Topic::Closures => self.closures(lang, branch),
            Topic::Address => {
                self.value(lang, branch, &branch.address, "address", "address-unknown")
            }
            Topic::Phone => self.value(lang, branch, &branch.phone, "phone", "phone-unknown"),
            Topic::Email => self.value(lang, branch, &branch.email, "email", "email-unknown"),
            Topic::Branches => self.branch_list(lang),
        }
    }

    fn value(
        &self,
        lang: Lang,
        branch: &Branch,
        value: &Option<String>,
        known: &str,
        unknown: &str,
    ) -> String {
        let name = name(branch, lang);
        match value {
            Some(value) => {
                self.say(lang, known, &[("branch", name.into()), ("value", value.into())])
            }
            None => self.say(lang, unknown, &[("branch", name.into())]),
        }
    }

    fn branch_list(&self, lang: Lang) -> String {
        let names: Vec<String> = self
            .branches
            .iter()
            .map(|branch| match &branch.address {
                Some(address) => format!("{} ({address})", name(branch, lang)),
                None => name(branch, lang).to_owned(),
            })
            .collect();
        let count = names.len();
        let names = self.voice.list(lang, &names);
        self.say(
            lang,
            "branches-list",
            &[
                ("library", self.library(lang).into()),
                ("count", count.into()),
                ("names", (&names).into()),
            ],
        )
    }

    /// The hours of a branch, as they were asked for.
    fn hours(&self, lang: Lang, fact: &FactAsked, branch: &Branch) -> String {
        let now = self.now.to_zoned_datetime(branch.zone.clone());
        let today = now.date();
        if !branch.day(today).known {
            return self.say(lang, "hours-unknown", &[("branch", name(branch, lang).into())]);
        }
        // A feast of which nobody knows when it is here: the announced days tell.
        let Some(days) = fact.when.days(today, &branch.zone) else {
            return self.closures(lang, branch);
        };
        match (&fact.when, fact.at) {
            (When::Now, None) => self.hours_now(lang, branch),
            (When::Unsaid, None) => {
                let week = self.week(lang, branch, *days.start(), *days.end());
                let mut said = vec![self.hours_now(lang, branch), week];
                let soon = today.saturating_add(CLOSURES_AHEAD.days());
                said.extend(self.special_days(lang, branch, today, soon));
                said.join(" ")
            }
            (When::Unsaid | When::Now, Some(time)) => self.hours_at(lang, branch, today, time),
            (When::NextWeek, None) => self.week(lang, branch, *days.start(), *days.end()),
            (_, Some(time)) => self.hours_at(lang, branch, *days.start(), time),
            (_, None) => {
                let mut said = Vec::new();
                let mut date = *days.start();
                while date <= *days.end() {
                    said.push(self.hours_on_part(lang, branch, date, fact.part));
                    let Ok(next) = date.tomorrow() else { break };
                    date = next;
                }
                said.join(" ")
            }
        }
    }

    /// Whether it is open at this moment, until when or from when on.
    pub(crate) fn hours_now(&self, lang: Lang, branch: &Branch) -> String {
        let branch_name = name(branch, lang);
        let args = [("branch", branch_name.into())];
        match branch.state(self.now) {
            State::Open { until: Some(until) } => {
                let time = self.voice.time(lang, until.time());
                let args = [("branch", branch_name.into()), ("time", (&time).into())];
                self.say(lang, "hours-open-now", &args)
            }
            State::Open { until: None } => self.say(lang, "hours-open-now-always", &args),
            State::Closed { opens: Some(opens), .. } => {
                let today = self.now.to_zoned_datetime(branch.zone.clone()).date();
                let names = [
                    "hours-closed-now-today",
                    "hours-closed-now-tomorrow",
                    "hours-closed-now-weekday",
                    "hours-closed-now-date",
                ];
                self.opens(lang, today, opens.datetime(), names, &args)
            }
            State::Closed { opens: None, .. } => self.say(lang, "hours-closed-now", &args),
            State::Unknown => self.say(lang, "hours-unknown", &args),
        }
    }

    /// The hours of one day, or of a part of it: that it is closed then is said first, and of a
    /// day that is over already that it is closed now.
    fn hours_on_part(
        &self,
        lang: Lang,
        branch: &Branch,
        date: Date,
        part: Option<PartOfDay>,
    ) -> String {
        let day = branch.day(date);
        if day.open.is_empty() {
            return self.hours_on(lang, branch, date);
        }
        let (label, spans) = (self.day_label(lang, branch, date), self.spans(lang, &day));
        let args = [
            ("branch", name(branch, lang).into()),
            ("day", (&label).into()),
            ("spans", (&spans).into()),
        ];
        let now = self.now.to_zoned_datetime(branch.zone.clone());
        let over = date == now.date() && day.open.iter().all(|span| is_over(span, now.time()));
        if over && matches!(branch.state(self.now), State::Closed { .. }) {
            let said = self.say(lang, "hours-day-over", &args);
            return format!("{} {said}", self.hours_now(lang, branch));
        }
        match part.filter(|part| !day.open.iter().any(|span| reaches(span, *part))) {
            None => self.say(lang, "hours-day", &args),
            Some(part) => {
                let [branch, day, spans] = args;
                let args = [branch, day, ("part", part_word(part).into()), spans];
                self.say(lang, "hours-part-closed", &args)
            }
        }
    }

    /// The hours of one day.
    fn hours_on(&self, lang: Lang, branch: &Branch, date: Date) -> String {
        let day = branch.day(date);
        let label = self.day_label(lang, branch, date);
        let branch = name(branch, lang);
        if !day.open.is_empty() {
            let spans = self.spans(lang, &day);
            let args =
                [("branch", branch.into()), ("day", (&label).into()), ("spans", (&spans).into())];
            return self.say(lang, "hours-day", &args);
        }
        match day.closed_because.as_ref().and_then(|reason| reason.get(lang)) {
            Some(reason) => self.say(
                lang,
                "hours-day-closed-because",
                &[("branch", branch.into()), ("day", (&label).into()), ("reason", reason.into())],
            ),
            None => {
                let args = [("branch", branch.into()), ("day", (&label).into())];
                self.say(lang, "hours-day-closed", &args)
            }
        }
    }

    /// Whether it is open on a day at a time.
    fn hours_at(&self, lang: Lang, branch: &Branch, date: Date, time: Time) -> String {
        let day = branch.day(date);
        if day.open.is_empty() {
            return self.hours_on(lang, branch, date);
        }
        let open = day.open.iter().any(|span| holds(span, time));
        let (label, spans) = (self.day_label(lang, branch, date), self.spans(lang, &day));
        let time = self.voice.time(lang, time);
        self.say(
            lang,
            if open { "hours-at-open" } else { "hours-at-closed" },
            &[
                ("branch", name(branch, lang).into()),
                ("day", (&label).into()),
                ("time", (&time).into()),
                ("spans", (&spans).into()),
            ],
        )
    }

    /// The hours of up to seven days, Monday first, equal neighbours together.
    fn week(&self, lang: Lang, branch: &Branch, from: Date, to: Date) -> String {
        let mut days = Vec::new();
        let mut date = from;
        while date <= to && days.len() < 7 {
            days.push(branch.day(date));
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        days.sort_by_key(|day| day.date.weekday().to_monday_zero_offset());
        let mut groups: Vec<Vec<&Day>> = Vec::new();
        for day in &days {
            match groups.last_mut() {
                Some(group) if group[0].open == day.open => group.push(day),
                _ => groups.push(vec![day]),
            }
        }
        let said: Vec<String> = groups.iter().map(|group| self.week_group(lang, group)).collect();
        let said = said.join(if lang == Lang::FR { " ; " } else { "; " });
        self.say(
            lang,
            "hours-week",
            &[("branch", name(branch, lang).into()), ("days", (&said).into())],
        )
    }

    fn week_group(&self, lang: Lang, group: &[&Day]) -> String {
        let weekday = |day: &Day| self.voice.weekday(lang, day.date.weekday());
        let days = match group {
            [first, second] => self.voice.list(lang, &[weekday(first), weekday(second)]),
            [first, .., last] => {
                let (from, to) = (weekday(first), weekday(last));
                self.say(lang, "hours-range", &[("from", (&from).into()), ("to", (&to).into())])
            }
            [] => String::new(),
            [only] => weekday(only),
        };
        match group.first() {
            Some(day) if !day.open.is_empty() => {
                let spans = self.spans(lang, day);
                let args = [("days", (&days).into()), ("spans", (&spans).into())];
                self.say(lang, "hours-week-days", &args)
            }
            _ => self.say(lang, "hours-week-closed", &[("days", (&days).into())]),
        }
    }

    /// The closures and special days that are announced.
    fn closures(&self, lang: Lang, branch: &Branch) -> String {
        let today = self.now.to_zoned_datetime(branch.zone.clone()).date();
        let days = self.special_days(lang, branch, today, Date::MAX);
        if days.is_empty() {
            let args = [("branch", name(branch, lang).into())];
            return self.say(lang, "hours-no-closures", &args);
        }
        days.join(" ")
    }

    /// The closures and special days between two dates, by date.
    fn special_days(&self, lang: Lang, branch: &Branch, from: Date, to: Date) -> Vec<String> {
        let closures = branch.closures.iter().map(|c| (c.from, c.to, &c.reason, false));
        let exceptions =
            branch.exceptions.iter().map(|e| (e.from, e.to, &e.reason, e.hours.is_some()));
        let mut all: Vec<_> = closures
            .chain(exceptions)
            .filter(|(first, last, ..)| *last >= from && *first <= to)
            .collect();
        all.sort_by_key(|(first, last, ..)| (*first, *last));
        all.dedup_by_key(|(first, last, ..)| (*first, *last));
        all.into_iter()
            .take(CLOSURES_SHOWN)
            .map(|(first, last, reason, open)| {
                self.special_day(lang, branch, first, last, reason, open)
            })
            .collect()
    }

    fn special_day(
        &self,
        lang: Lang,
        branch: &Branch,
        first: Date,
        last: Date,
        reason: &ByLang,
        open: bool,
    ) -> String {
        let range = self.range(lang, first, last);
        let branch_name = name(branch, lang);
        if open {
            let spans = self.spans(lang, &branch.day(first));
            return self.say(
                lang,
                "hours-special",
                &[
                    ("branch", branch_name.into()),
                    ("day", (&range).into()),
                    ("spans", (&spans).into()),
                ],
            );
        }
        match reason.get(lang) {
            Some(reason) => self.say(
                lang,
                "hours-closure",
                &[
                    ("branch", branch_name.into()),
                    ("range", (&range).into()),
                    ("reason", reason.into()),
                ],
            ),
            None => {
                let args = [("branch", branch_name.into()), ("range", (&range).into())];
                self.say(lang, "hours-closure-bare", &args)
            }
        }
    }

    fn range(&self, lang: Lang, first: Date, last: Date) -> String {
        let from = self.voice.date(lang, first);
        if first == last {
            return self.say(lang, "range-day", &[("from", (&from).into())]);
        }
        let to = self.voice.date(lang, last);
        self.say(lang, "range-days", &[("from", (&from).into()), ("to", (&to).into())])
    }

    /// "today", "tomorrow", "on Sunday 29 November".
    fn day_label(&self, lang: Lang, branch: &Branch, date: Date) -> String {
        let today = self.now.to_zoned_datetime(branch.zone.clone()).date();
        if date == today {
            return self.say(lang, "day-today", &[]);
        }
        if today.tomorrow().is_ok_and(|tomorrow| tomorrow == date) {
            return self.say(lang, "day-tomorrow", &[]);
        }
        let weekday = self.voice.weekday(lang, date.weekday());
        let date = self.voice.date_short(lang, date);
        self.say(lang, "day-weekday", &[("weekday", (&weekday).into()), ("date", (&date).into())])
    }

    /// The opening times of a day, with the reason if they are special.
    fn spans(&self, lang: Lang, day: &Day) -> String {
        let spans: Vec<String> = day
            .open
            .iter()
            .map(|span| {
                let (from, to) = (self.voice.time(lang, span.from), self.voice.time(lang, span.to));
                self.say(lang, "hours-span", &[("from", (&from).into()), ("to", (&to).into())])
            })
            .collect();
        let spans = self.voice.list(lang, &spans);
        match day.hours_because.as_ref().and_then(|reason| reason.get(lang)) {
            Some(reason) => format!("{spans} ({reason})"),
            None => spans,
        }
    }
}

fn name(branch: &Branch, lang: Lang) -> &str {
    branch.name.get(lang).unwrap_or(&branch.id)
}

/// Whether a stretch has ended at this time of the day on which it began.
fn is_over(span: &Span, now: Time) -> bool {
    !span.passes_midnight() && span.to <= now
}

/// Whether a stretch has some of a part of the day.
fn reaches(span: &Span, part: PartOfDay) -> bool {
    const NOON: Time = time(12, 0, 0, 0);
    const SIX: Time = time(18, 0, 0, 0);
    let ends_after = |time| span.passes_midnight() || span.to > time;
    match part {
        PartOfDay::Morning => span.from < NOON,
        PartOfDay::Afternoon => span.from < SIX && ends_after(NOON),
        PartOfDay::Evening => ends_after(SIX),
    }
}

fn part_word(part: PartOfDay) -> &'static str {
    match part {
        PartOfDay::Morning => "morning",
        PartOfDay::Afternoon => "afternoon",
        PartOfDay::Evening => "evening",
    }
}

/// Whether a time of day lies in a stretch that begins on that day.
fn holds(span: &Span, time: Time) -> bool {
    if span.passes_midnight() { time >= span.from } else { span.from <= time && time < span.to }
}
