//! When a branch is open: closures over exceptions over regular hours.

use super::{Branch, ByLang, Exception};
use chrono::{Datelike as _, NaiveDate};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ZonedDateTime};
use opening_hours::{OpeningHours, RuleKind};

/// How many days ahead the next opening is looked for: a whole year, so that a branch with a
/// season, or under long repair, still knows its day.
pub const LOOK_AHEAD_DAYS: u32 = 366;

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
        /// When it closes; `None` if it does not within [`LOOK_AHEAD_DAYS`].
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
            for span in &self.day(date).open {
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
    /// it ends. `None` if there is no end within [`LOOK_AHEAD_DAYS`].
    fn closes(&self, date: Date, span: &Span) -> Option<ZonedDateTime> {
        let (_, mut end) = self.stretch(date, span)?;
        for _ in 0..LOOK_AHEAD_DAYS {
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
        let (Some((from, _)), Ok(yesterday)) = (self.stretch(date, span), date.yesterday()) else {
            return false;
        };
        let open = self.day(yesterday).open;
        open.last().and_then(|last| self.stretch(yesterday, last)).is_some_and(|(_, to)| to >= from)
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
