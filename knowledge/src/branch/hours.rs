//! When a branch is open: closures over exceptions over regular hours.

use super::{Branch, ByLang, Exception};
use chrono::{Datelike as _, NaiveDate};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ZonedDateTime};
use opening_hours::{OpeningHours, RuleKind};

/// How many days ahead the next opening is looked for: a whole year, so that a branch with a
/// season, or under long repair, still knows its day.
pub const LOOK_AHEAD_DAYS: u32 = 366;

/// How many days ahead a closing is looked for, where one day's hours run on into the next: a
/// branch that is open for a fortnight on end is open night and day.
pub const OPEN_AHEAD_DAYS: u32 = 14;

/// Minutes of a day, by the clock on the wall.
const DAY_MINUTES: u16 = 24 * 60;

/// What one day at a branch is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day, in the branch's own time.
    pub date: Date,
    /// Whether the hours of this day are known. If not, `open` is empty and says nothing.
    pub known: bool,
    /// When it is open, in order; empty if it is closed all day.
    pub open: Vec<Span>,
    /// Why it is closed all day, where the library gives a reason.
    pub closed_because: Option<ByLang>,
    /// Why it keeps other hours than usual, where it is open and the library gives a reason.
    pub hours_because: Option<ByLang>,
    /// Whether an exception or a closure makes this day differ from the regular hours.
    pub special: bool,
}

/// A stretch of time in which a branch is open. It begins on the day that it belongs to and may
/// end on the next one, before 24 hours have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it opens.
    pub from: Time,
    /// When it closes: on the next day if this is not after `from` (midnight is 00:00, and 00:00 to
    /// 00:00 is the whole day).
    pub to: Time,
}

impl Span {
    /// Whether it ends on the day after, midnight included.
    pub fn passes_midnight(&self) -> bool {
        self.to <= self.from
    }
}

/// Whether a branch is open at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is open.
    Open {
        /// When it closes; `None` if it does not within [`OPEN_AHEAD_DAYS`].
        until: Option<ZonedDateTime>,
    },
    /// It is closed.
    Closed {
        /// When it opens next; `None` if it does not within [`LOOK_AHEAD_DAYS`].
        opens: Option<ZonedDateTime>,
        /// Why it is closed all day, where the library gives a reason.
        because: Option<ByLang>,
    },
    /// The library does not say.
    Unknown,
}

impl Branch {
    /// What this day is like here.
    pub fn day(&self, date: Date) -> Day {
        let mut day = self.day_alone(date);
        if let Some(last) = day.open.last_mut()
            && last.passes_midnight()
            && date.tomorrow().is_ok_and(|tomorrow| self.is_shut(tomorrow))
        {
            last.to = Time::midnight();
        }
        day
    }

    /// Whether the branch is open at this moment, until when, or from when on.
    pub fn state(&self, at: Timestamp) -> State {
        let now = at.to_zoned_datetime(self.zone.clone());
        let today = self.day(now.date());
        let yesterday = now.date().yesterday().ok().map(|date| self.day(date));
        for day in yesterday.iter().chain([&today]) {
            for span in &day.open {
                if self.stretch(day.date, span).is_some_and(|(from, to)| from <= now && now < to) {
                    return State::Open { until: self.closes(day.date, span) };
                }
            }
        }
        if !today.known {
            return State::Unknown;
        }
        State::Closed { opens: self.next_open(at), because: today.closed_because }
    }

    /// When the branch opens next, strictly after this moment. `None` if it does not within
    /// [`LOOK_AHEAD_DAYS`], or if its hours are not known.
    pub fn next_open(&self, at: Timestamp) -> Option<ZonedDateTime> {
        let now = at.to_zoned_datetime(self.zone.clone());
        let mut date = now.date();
        let last = date.saturating_add(jiff::Span::new().days(i64::from(LOOK_AHEAD_DAYS)));
        while date <= last {
            if let Some(closure) = self.closures.iter().find(|c| c.from <= date && date <= c.to) {
                date = closure.to.tomorrow().ok()?;
                continue;
            }
            for span in &self.day_alone(date).open {
                let (from, _) = self.stretch(date, span)?;
                if from > now && !self.continues_from_before(date, span) {
                    return Some(from);
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The day without regard to the one after it.
    fn day_alone(&self, date: Date) -> Day {
        let mut day = Day {
            date,
            known: true,
            open: Vec::new(),
            closed_because: None,
            hours_because: None,
            special: true,
        };
        if let Some(closure) = self.closures.iter().find(|c| c.from <= date && date <= c.to) {
            day.closed_because = told(&closure.reason);
        } else if let Some(exception) = self.exception(date) {
            day.open = exception.hours.as_ref().map_or_else(Vec::new, |hours| spans(hours, date));
            if day.open.is_empty() {
                day.closed_because = told(&exception.reason);
            } else {
                day.hours_because = told(&exception.reason);
            }
        } else {
            day.special = false;
            day.known = self.hours.is_some();
            day.open = self.hours.as_ref().map_or_else(Vec::new, |hours| spans(hours, date));
        }
        day
    }

    /// Whether a closure, or an exception that says so, shuts the branch on this day.
    fn is_shut(&self, date: Date) -> bool {
        self.closures.iter().any(|c| c.from <= date && date <= c.to)
            || self.exception(date).is_some_and(|exception| exception.hours.is_none())
    }

    fn exception(&self, date: Date) -> Option<&Exception> {
        self.exceptions.iter().find(|e| e.from <= date && date <= e.to)
    }

    /// The moments at which a day's span begins and ends. Where clocks change, a time that does not
    /// exist is the one that clocks show instead, and one that exists twice the first.
    fn stretch(&self, date: Date, span: &Span) -> Option<(ZonedDateTime, ZonedDateTime)> {
        let last = if span.passes_midnight() { date.tomorrow().ok()? } else { date };
        let from = date.to_datetime(span.from).to_zoned_datetime(self.zone.clone()).ok()?;
        let to = last.to_datetime(span.to).to_zoned_datetime(self.zone.clone()).ok()?;
        Some((from, to))
    }

    /// When it closes that is open in this span: its end, or that of a later one which begins where
    /// it ends. `None` if there is no end within [`OPEN_AHEAD_DAYS`].
    fn closes(&self, date: Date, span: &Span) -> Option<ZonedDateTime> {
        let (_, mut end) = self.stretch(date, span)?;
        for _ in 0..OPEN_AHEAD_DAYS {
            let mut days = [end.date().yesterday().ok(), Some(end.date())].into_iter().flatten();
            let further = days.find_map(|date| {
                let open = self.day(date).open;
                let stretches = open.iter().filter_map(|span| self.stretch(date, span));
                stretches.filter(|(from, to)| *from <= end && end < *to).map(|(_, to)| to).max()
            });
            match further {
                Some(later) => end = later,
                None => return Some(end),
            }
        }
        None
    }

    /// Whether the branch is already open when this span begins.
    fn continues_from_before(&self, date: Date, span: &Span) -> bool {
        let Ok(yesterday) = date.yesterday() else { return false };
        let open = self.day(yesterday).open;
        let last = open.last().filter(|last| last.passes_midnight());
        last.is_some_and(|last| last.to >= span.from)
    }
}

/// A reason, if there is one to tell.
fn told(reason: &ByLang) -> Option<ByLang> {
    (!reason.is_empty()).then(|| reason.clone())
}

/// The spans that begin on this day.
///
/// The crate cuts days at midnight. A stretch up to midnight and the one after it on the next day
/// are one span of the first day, unless they come to 24 hours or more.
fn spans(hours: &OpeningHours, date: Date) -> Vec<Span> {
    let mut own = cut(hours, date);
    if own.first().is_some_and(|(from, _)| *from == 0)
        && let Ok(yesterday) = date.yesterday()
        && let (Some(before), Some(first)) = (cut(hours, yesterday).last(), own.first())
        && is_one_night(*before, *first)
    {
        own.remove(0);
    }
    if let Some(last) = own.last_mut()
        && last.1 == DAY_MINUTES
        && let Ok(tomorrow) = date.tomorrow()
        && let Some(after) = cut(hours, tomorrow).first()
        && is_one_night(*last, *after)
    {
        last.1 += after.1;
    }
    own.into_iter().map(|(from, to)| Span { from: clock(from), to: clock(to) }).collect()
}

/// Whether a stretch of one day goes on in one of the next.
fn is_one_night(before: (u16, u16), after: (u16, u16)) -> bool {
    before.1 == DAY_MINUTES && after.0 == 0 && DAY_MINUTES - before.0 + after.1 < DAY_MINUTES
}

/// The stretches of a day in which it is surely open, in minutes from midnight to midnight;
/// stretches that touch are joined.
fn cut(hours: &OpeningHours, date: Date) -> Vec<(u16, u16)> {
    let day = NaiveDate::from_ymd_opt(
        i32::from(date.year()),
        date.month().unsigned_abs().into(),
        date.day().unsigned_abs().into(),
    );
    let mut open: Vec<(u16, u16)> = Vec::new();
    let Some(day) = day.filter(|day| day.year() >= 0) else { return open };
    for range in hours.schedule_at(day) {
        let from = range.range.start.mins_from_midnight().min(DAY_MINUTES);
        let to = range.range.end.mins_from_midnight().min(DAY_MINUTES);
        if range.kind != RuleKind::Open || from >= to {
            continue;
        }
        match open.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => open.push((from, to)),
        }
    }
    open
}

/// Minutes from midnight as a time of day.
fn clock(minutes: u16) -> Time {
    let minutes = i64::from(minutes % DAY_MINUTES);
    Time::midnight().wrapping_add(jiff::Span::new().minutes(minutes))
}

#[cfg(test)]
mod tests {
    use super::{Span, State};
    use crate::{Branch, ByLang, Closure, Exception};
    use jiff::civil::{Date, date, time};
    use jiff::tz::TimeZone;
    use jiff::{Timestamp, ToSpan as _};
    use proptest::prelude::*;

    /// A branch in London with a closure on 9 December 2026 and other hours on the 11th.
    fn branch(hours: &str) -> Branch {
        let (ninth, eleventh) = (date(2026, 12, 9), date(2026, 12, 11));
        Branch {
            hours: hours.parse().ok(),
            closures: vec![Closure { from: ninth, to: ninth, reason: ByLang::plain("training") }],
            exceptions: vec![Exception {
                from: eleventh,
                to: eleventh,
                hours: "12:00-20:00".parse().ok(),
                reason: ByLang::plain("late Friday"),
            }],
            ..Branch::new("central", "Central", TimeZone::get("Europe/London").unwrap())
        }
    }

    /// The state at a moment of London's, in words.
    fn state(branch: &Branch, at: &str) -> String {
        let at: jiff::civil::DateTime = at.parse().unwrap();
        let at = at.to_zoned_datetime(branch.zone.clone()).unwrap().timestamp();
        let shown = |at: Option<jiff::ZonedDateTime>| {
            at.map_or("never".to_owned(), |at| at.strftime("%m-%d %H:%M").to_string())
        };
        match branch.state(at) {
            State::Open { until } => format!("open until {}", shown(until)),
            State::Closed { opens, because: None } => format!("closed, opens {}", shown(opens)),
            State::Closed { opens, because: Some(why) } => {
                format!("closed ({}), opens {}", why.get(crate::Lang::EN).unwrap(), shown(opens))
            }
            State::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn the_state_of_hand_checked_moments() {
        const WEEK: &str = "Mo-Fr 09:00-18:00; Sa 10:00-16:00";
        const NIGHTS: &str = "Mo-Th 09:00-17:00; Fr,Sa 20:00-26:00";
        let table = [
            // 7 December 2026 is a Monday.
            (WEEK, "2026-12-07T08:59:59", "closed, opens 12-07 09:00"),
            (WEEK, "2026-12-07T09:00", "open until 12-07 18:00"),
            (WEEK, "2026-12-07T17:59:59", "open until 12-07 18:00"),
            (WEEK, "2026-12-07T18:00", "closed, opens 12-08 09:00"),
            (WEEK, "2026-12-12T16:00", "closed, opens 12-14 09:00"),
            (WEEK, "2026-12-13T12:00", "closed, opens 12-14 09:00"),
            // The closure, before and on its day, and the exception.
            (WEEK, "2026-12-08T20:00", "closed, opens 12-10 09:00"),
            (WEEK, "2026-12-09T10:00", "closed (training), opens 12-10 09:00"),
            (WEEK, "2026-12-11T10:00", "closed, opens 12-11 12:00"),
            (WEEK, "2026-12-11T19:00", "open until 12-11 20:00"),
            // Midnight belongs to the day before.
            (NIGHTS, "2026-12-05T01:59", "open until 12-05 02:00"),
            (NIGHTS, "2026-12-05T02:00", "closed, opens 12-05 20:00"),
            (NIGHTS, "2026-12-05T23:00", "open until 12-06 02:00"),
            ("Tu-We 20:00-26:00", "2026-12-08T23:00", "open until 12-09 00:00"),
            ("Tu-We 20:00-26:00", "2026-12-09T01:00", "closed (training), opens 12-11 12:00"),
            ("Mo-Su 10:00-24:00", "2026-12-07T23:59", "open until 12-08 00:00"),
            // Night and day: open until the closure, and again after it.
            ("24/7", "2026-12-07T03:00", "open until 12-09 00:00"),
            ("24/7", "2026-12-09T03:00", "closed (training), opens 12-10 00:00"),
            ("24/7", "2026-12-10T03:00", "open until 12-11 00:00"),
            ("24/7", "2026-12-12T03:00", "open until never"),
            (
                "Mo 08:00-24:00; Tu 00:00-24:00; We 00:00-20:00",
                "2026-12-14T09:00",
                "open until 12-16 20:00",
            ),
            // Clocks go back on 25 October 2026 at 02:00, forward on 28 March 2027 at 01:00.
            ("Sa 20:00-27:00", "2026-10-25T01:30", "open until 10-25 03:00"),
            ("Sa 20:00-25:30", "2027-03-27T23:00", "open until 03-28 02:30"),
            ("Su 01:30-05:00", "2027-03-28T00:59", "closed, opens 03-28 02:30"),
            ("Mo-Su 09:00-17:00", "2026-10-25T08:30", "closed, opens 10-25 09:00"),
            ("Mo-Su 09:00-17:00", "2027-03-28T08:30", "closed, opens 03-28 09:00"),
            // Seasons, and hours that say nothing.
            ("Apr-Sep Mo-Fr 10:00-16:00", "2026-10-01T12:00", "closed, opens 12-11 12:00"),
            ("Apr-Sep Mo-Fr 10:00-16:00", "2026-12-12T12:00", "closed, opens 04-01 10:00"),
            ("off", "2026-12-12T12:00", "closed, opens never"),
            ("Mo-Fr 09:00-12:00 unknown", "2026-12-14T10:00", "closed, opens never"),
        ];
        for (hours, at, expected) in table {
            assert_eq!(state(&branch(hours), at), expected, "{hours:?} at {at}");
        }
        let unknown = Branch { hours: None, ..branch("") };
        assert_eq!(state(&unknown, "2026-12-07T10:00"), "unknown");
        assert_eq!(state(&unknown, "2026-12-09T10:00"), "closed (training), opens 12-11 12:00");
    }

    #[test]
    fn a_day_tells_its_hours_and_why_they_differ() {
        let branch = branch("Mo-Fr 09:00-12:00,13:00-18:00; Fr 20:00-26:00");
        let span = |from: (i8, i8), to: (i8, i8)| Span {
            from: time(from.0, from.1, 0, 0),
            to: time(to.0, to.1, 0, 0),
        };
        let monday = branch.day(date(2026, 12, 7));
        assert_eq!(monday.open, [span((9, 0), (12, 0)), span((13, 0), (18, 0))]);
        assert!(!monday.special && monday.known);
        let friday = branch.day(date(2026, 12, 18));
        assert_eq!(friday.open, [span((20, 0), (2, 0))]);
        assert_eq!(branch.day(date(2026, 12, 19)).open, []);
        let late = branch.day(date(2026, 12, 11));
        assert_eq!(
            (late.open, late.hours_because),
            (vec![span((12, 0), (20, 0))], Some(ByLang::plain("late Friday")))
        );
        let shut = branch.day(date(2026, 12, 9));
        assert_eq!(
            (shut.open, shut.closed_because, shut.special),
            (vec![], Some(ByLang::plain("training")), true)
        );
    }

    #[test]
    fn the_branch_that_opens_first_is_named() {
        let early = Branch { id: "a".into(), ..branch("Mo-Fr 08:00-12:00") };
        let main = Branch { id: "b".into(), main: true, ..branch("Mo-Fr 09:00-18:00") };
        let branches = crate::Branches::new(vec![early, main]);
        let at: Timestamp = "2026-12-07T06:00Z".parse().unwrap();
        assert_eq!(branches.first_to_open(at).unwrap().0.id, "a");
        assert_eq!(branches.main().unwrap().id, "b");
        assert_eq!(
            branches.open_at(at + 10.hours()).map(|b| b.id.as_str()).collect::<Vec<_>>(),
            ["b"]
        );
    }

    /// Weeks made of plausible rules, midnight passing included.
    fn weeks() -> impl Strategy<Value = String> {
        let days = prop::sample::select(vec!["Mo-Fr", "Sa", "Su", "Mo,We", "Fr-Su", "Tu", "Mo-Su"]);
        let rule = (days, 0u8..24, 1u8..24, prop::sample::select(vec!["00", "30"]));
        let rule = rule.prop_map(|(days, from, long, min)| {
            format!("{days} {from:02}:{min}-{:02}:{min}", from + long)
        });
        prop::collection::vec(rule, 1..4).prop_map(|rules| rules.join("; "))
    }

    /// A branch with such a week, a closure and an exception around the change of clocks.
    fn any_branch() -> impl Strategy<Value = Branch> {
        let zones = vec!["Europe/London", "America/Toronto", "Australia/Lord_Howe", "UTC"];
        let day = || (0i64..60).prop_map(|n| date(2026, 10, 1).saturating_add(n.days()));
        let stretch = || (day(), 0i64..5).prop_map(|(d, n)| (d, d.saturating_add(n.days())));
        let zone = prop::sample::select(zones);
        (weeks(), weeks(), stretch(), stretch(), any::<bool>(), zone).prop_map(
            |(week, other, closed, except, shut, zone)| Branch {
                hours: week.parse().ok(),
                closures: vec![Closure { from: closed.0, to: closed.1, reason: ByLang::default() }],
                exceptions: vec![Exception {
                    from: except.0,
                    to: except.1,
                    hours: if shut { None } else { other.parse().ok() },
                    reason: ByLang::default(),
                }],
                ..Branch::new("x", "X", TimeZone::get(zone).unwrap())
            },
        )
    }

    /// Whether one of the two days that can reach this moment says that it is open.
    fn open_by_days(branch: &Branch, at: Timestamp) -> bool {
        let today = at.to_zoned_datetime(branch.zone.clone()).date();
        let holds = |day: Date| {
            branch.day(day).open.iter().any(|span| {
                let last = if span.passes_midnight() { day.tomorrow().unwrap() } else { day };
                let of = |day: Date, time| {
                    let moment = day.to_datetime(time).to_zoned_datetime(branch.zone.clone());
                    moment.unwrap().timestamp()
                };
                of(day, span.from) <= at && at < of(last, span.to)
            })
        };
        holds(today) || holds(today.yesterday().unwrap())
    }

    proptest! {
        #[test]
        fn state_agrees_with_the_days(branch in any_branch(), minutes in 0i64..60 * 24 * 60) {
            let at = Timestamp::from_second(1_790_812_800 + minutes * 60).unwrap();
            let today = at.to_zoned_datetime(branch.zone.clone()).date();
            match branch.state(at) {
                State::Open { until } => {
                    prop_assert!(open_by_days(&branch, at));
                    prop_assert!(!branch.closures.iter().any(|c| c.from <= today && today <= c.to));
                    if let Some(until) = until {
                        prop_assert!(until.timestamp() > at);
                        let open_still = matches!(branch.state(until.timestamp()), State::Open { .. });
                        prop_assert!(!open_still);
                        let last = until.timestamp() - 1.second();
                        let open_before = matches!(branch.state(last), State::Open { .. });
                        prop_assert!(open_before);
                    }
                }
                State::Closed { opens, .. } => {
                    prop_assert!(!open_by_days(&branch, at));
                    let opens = opens.expect("every week opens within a year").timestamp();
                    prop_assert!(opens > at);
                    let open_then = matches!(branch.state(opens), State::Open { .. });
                    prop_assert!(open_then);
                    let just_before = opens - 1.second();
                    prop_assert!(just_before <= at || !open_by_days(&branch, just_before));
                }
                State::Unknown => prop_assert!(false, "hours are known"),
            }
        }
    }
}
