//! The day and the time of day that a question names.

use super::lexicon::{Meant, Sense};
use crate::{PartOfDay, When};
use jiff::civil::{Date, Time};

/// Hours of a day, of a half day, minutes of an hour.
const DAY: i8 = 24;
const HALF_DAY: i8 = 12;
const HOUR: i8 = 60;

/// The day and the time of day of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Moments {
    /// The day or days.
    pub(super) when: When,
    /// The time of day.
    pub(super) at: Option<Time>,
    /// The part of the day, where no time of day is named.
    pub(super) part: Option<PartOfDay>,
    /// Whether days before or after a named one are meant ("when do you reopen after Easter").
    pub(super) around: bool,
    /// Whether the half of the day was guessed.
    guessed: bool,
}

impl Moments {
    /// Reads them from a text's senses. `None` if a number is left over: then something else is
    /// asked ("how many books can I take for 3 weeks").
    pub(super) fn new(senses: &[Meant<'_>]) -> Option<Moments> {
        let mut moments = Moments::default();
        let mut at = 0;
        while at < senses.len() {
            let before = at.checked_sub(1).and_then(|at| senses.get(at));
            let unmoved = moments.when.clone();
            let length = moments.take(before, &senses[at..])?;
            if moments.when != unmoved {
                let mut last = senses[..at].iter().rev().take(2);
                moments.move_by(last.find(|meant| **meant != Meant::Sense(Sense::Filler)));
            }
            at += length;
        }
        moments.agree();
        Some(moments)
    }

    /// Moves the day that was named just now by the word before it.
    fn move_by(&mut self, before: Option<&Meant<'_>>) {
        match before {
            Some(Meant::Sense(Sense::DaysBeside(days))) => {
                self.when = When::Beside(Box::new(self.when.clone()), *days);
            }
            Some(Meant::Sense(Sense::Until | Sense::Before)) => self.around = true,
            Some(_) | None => {}
        }
    }

    /// Lets the part of the day tell which seven o'clock was meant.
    fn agree(&mut self) {
        let Some(at) = self.at else { return };
        let hour = match self.part {
            Some(PartOfDay::Morning) if at.hour() > HALF_DAY => at.hour() - HALF_DAY,
            Some(PartOfDay::Afternoon | PartOfDay::Evening) if at.hour() < HALF_DAY => {
                at.hour() + HALF_DAY
            }
            Some(PartOfDay::Morning | PartOfDay::Afternoon | PartOfDay::Evening) | None => {
                at.hour()
            }
        };
        if self.guessed {
            self.at = Time::new(hour, at.minute(), 0, 0).ok();
        }
        self.part = None;
    }

    /// Takes in what stands first here; how many of the senses it was.
    fn take(&mut self, before: Option<&Meant<'_>>, here: &[Meant<'_>]) -> Option<usize> {
        match here.first()? {
            Meant::Sense(Sense::When(when)) => self.name(when),
            Meant::Sense(Sense::Part(part)) => self.part = Some(*part),
            // "In the morning", after no hour.
            Meant::Sense(Sense::Am) => self.part = Some(PartOfDay::Morning),
            Meant::Sense(Sense::PartOfToday(part)) => {
                self.name(&When::Today);
                self.part = Some(*part);
            }
            Meant::Sense(Sense::Before)
                if matches!(here.get(1), Some(Meant::Sense(Sense::Hour(_)))) =>
            {
                return Some(2);
            }
            Meant::Sense(Sense::Hour(hour)) => self.at = Time::new(*hour, 0, 0, 0).ok(),
            Meant::Sense(Sense::Month(month)) => {
                let numbers = numbers(&here[1..], true);
                if let Some((day, length)) = numbers {
                    return self
                        .date(*month, day, &here[1 + length..])
                        .map(|more| 1 + length + more);
                }
            }
            Meant::Sense(_) => {}
            Meant::Number(number) => return self.number(number, before, here),
        }
        Some(1)
    }

    /// Takes in a number: a date, a day of the month or a time of day.
    fn number(
        &mut self,
        number: &str,
        before: Option<&Meant<'_>>,
        here: &[Meant<'_>],
    ) -> Option<usize> {
        if let Some(when) = date_in_digits(number) {
            self.name(&when);
            return Some(1);
        }
        let month = here[1..].iter().position(|meant| *meant != Meant::Sense(Sense::Filler));
        if let Some(gap) = month.filter(|gap| *gap <= 1)
            && let Meant::Sense(Sense::Month(month)) = &here[1 + gap]
            && let Some((day, 1)) = numbers(here, false)
        {
            return self.date(*month, day, &here[2 + gap..]).map(|more| 2 + gap + more);
        }
        if let Some(told) = time(before, here) {
            // "Before nine" asks about the hours up to nine: those of the day tell.
            if !matches!(before, Some(Meant::Sense(Sense::Before))) {
                self.at = Some(told.time);
                self.guessed = told.guessed;
            }
            return Some(told.length);
        }
        let (day, length) = numbers(here, false)?;
        let ordinal = !number.ends_with(|c: char| c.is_ascii_digit());
        let named = matches!(before, Some(Meant::Sense(Sense::When(When::Day(_)))))
            || matches!(before, Some(Meant::Sense(Sense::Filler)));
        (ordinal || named).then(|| self.name(&When::DayOfMonth(day)))?;
        Some(length)
    }

    /// Takes in a day of a month, and the year if it stands next; how many senses the year was.
    fn date(&mut self, month: i8, day: i8, rest: &[Meant<'_>]) -> Option<usize> {
        if let Some(Meant::Number(year)) = rest.first()
            && let Some(year) = year.parse::<i16>().ok().filter(|year| (1900..2200).contains(year))
        {
            self.name(&When::Date(Date::new(year, month, day).ok()?));
            return Some(1);
        }
        self.name(&day_of_year(month, day)?);
        Some(0)
    }

    /// Keeps the most exact day that is named: "Thursday the 24th of December" is a date.
    fn name(&mut self, when: &When) {
        if exactness(when) >= exactness(&self.when) {
            self.when = when.clone();
        }
    }
}

/// How exactly a day is named.
fn exactness(when: &When) -> u8 {
    match when {
        When::Unsaid => 0,
        When::Now => 1,
        When::Weekend | When::NextWeek => 2,
        When::Today | When::Tomorrow | When::DayAfterTomorrow | When::Day(_) => 3,
        When::DayOfMonth(_) => 4,
        When::DayOfYear { .. } | When::Feast(_) => 5,
        When::Date(_) => 6,
        When::Beside(..) => 7,
    }
}

/// The day of a month at the beginning, and how many senses it was. After a month
/// (`after_month`), words that say nothing may stand before it ("July the 4th").
fn numbers(here: &[Meant<'_>], after_month: bool) -> Option<(i8, usize)> {
    let skip = match here {
        [Meant::Sense(Sense::Filler), Meant::Number(_), ..] if after_month => 1,
        _ => 0,
    };
    let Some(Meant::Number(word)) = here.get(skip) else { return None };
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = &word[digits.len()..];
    let day: i8 = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
    ["", "st", "nd", "rd", "th", "er", "e", "eme"].contains(&suffix).then_some((day, skip + 1))
}

/// "2026-12-24", "24/12", "24/12/2026", "24.12.2026"; `None` where day and month could be either.
fn date_in_digits(word: &str) -> Option<When> {
    if let Ok(date) = word.parse::<Date>() {
        return Some(When::Date(date));
    }
    let mut parts = word.split(['/', '.', '-']).map(str::parse::<i16>);
    let (first, second) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let year = parts.next().transpose().ok()?;
    // A point between two numbers is more often a time of day ("7.30").
    if parts.next().is_some() || (year.is_none() && !word.contains('/')) {
        return None;
    }
    let (day, month) = match (first, second) {
        (day, month @ 1..=12) if day > 12 || day == month => (day, month),
        (month @ 1..=12, day) if day > 12 => (day, month),
        _ => return None,
    };
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    match year {
        None => day_of_year(month, day),
        Some(year) => {
            let year = if year < 100 { 2000 + year } else { year };
            Date::new(year, month, day).ok().map(When::Date)
        }
    }
}

/// A date without its year, if a calendar has it: 29 February counts.
fn day_of_year(month: i8, day: i8) -> Option<When> {
    /// A year with a 29 February.
    const LEAP_YEAR: i16 = 2028;
    Date::new(LEAP_YEAR, month, day).ok().map(|_| When::DayOfYear { month, day })
}

/// A time of day in a text.
struct Told {
    time: Time,
    /// How many senses it was.
    length: usize,
    /// Whether the half of the day was guessed.
    guessed: bool,
}

/// The time of day at the beginning. A bare number is one only after a word such as "at": then
/// hours up to seven are meant for the afternoon.
fn time(before: Option<&Meant<'_>>, here: &[Meant<'_>]) -> Option<Told> {
    let Some(Meant::Number(word)) = here.first() else { return None };
    let (hour, minute, marked) = clock(word)?;
    let mut length = 1;
    let past = match before {
        Some(Meant::Sense(Sense::MinutesPast(minutes))) => Some(*minutes),
        _ => None,
    };
    let mut minute = match here.get(1) {
        // "19 h 30", "19 heures 30".
        Some(Meant::Sense(Sense::Clock)) => {
            length = 2;
            match here.get(2) {
                Some(Meant::Number(more)) if minute == 0 => {
                    length = 3;
                    more.parse().ok().filter(|m| (0..HOUR).contains(m))?
                }
                _ => minute,
            }
        }
        _ => minute,
    };
    if let Some(Meant::Sense(Sense::AndMinutes(minutes))) = here.get(length)
        && minute == 0
    {
        minute = *minutes;
        length += 1;
    }
    let mut half = half_of(word);
    if half.is_none() {
        half = match here.get(length) {
            Some(Meant::Sense(Sense::Am)) => Some(false),
            Some(Meant::Sense(Sense::Pm)) => Some(true),
            _ => None,
        };
        length += usize::from(half.is_some());
    }
    let after = match before {
        Some(Meant::Sense(Sense::At | Sense::Before | Sense::MinutesPast(_))) => Some(false),
        Some(Meant::Sense(Sense::Until)) => Some(true),
        _ => None,
    };
    let said = marked || half.is_some() || length > 1;
    if !said && after.is_none() {
        return None;
    }
    let hour = match half {
        Some(false) => hour % HALF_DAY,
        Some(true) if hour <= HALF_DAY => hour % HALF_DAY + HALF_DAY,
        // Nobody asks a library about five in the morning, nor until when it is open at ten.
        None if !said && (hour <= 7 || (after == Some(true) && hour < HALF_DAY)) => hour + HALF_DAY,
        Some(true) | None => hour,
    };
    let (hour, minute) = match past {
        Some(past) if past < 0 && minute == 0 => (hour + DAY - 1, HOUR + past),
        Some(past) if minute == 0 => (hour, past),
        Some(_) | None => (hour, minute),
    };
    let time = Time::new(hour % DAY, minute, 0, 0).ok()?;
    Some(Told { time, length, guessed: half.is_none() && hour_may_be_either(word) })
}

/// Whether an hour is written without its half of the day: "7" and "7:30" are, "19:00" and
/// "07:30" are not.
fn hour_may_be_either(word: &str) -> bool {
    let hour = word.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    !hour.starts_with('0') && hour.parse().is_ok_and(|h: i8| h <= HALF_DAY)
}

/// Hour and minute of a word such as "7", "7pm", "19:30", "7.30pm", "19h", "18h30", and whether
/// the word alone tells that it is a time of day.
fn clock(word: &str) -> Option<(i8, i8, bool)> {
    let digits = word.trim_end_matches("pm").trim_end_matches("am");
    let marked = digits.len() < word.len();
    let (hour, minute) = match digits.split_once([':', '.', 'h']) {
        None => (digits, None),
        Some((hour, minute)) => (hour, Some(minute)),
    };
    let hour: i8 = hour.parse().ok().filter(|hour| (0..=DAY).contains(hour))?;
    let colon = minute.is_some();
    let minute = match minute {
        None | Some("") => 0,
        Some(minute) if minute.len() == 2 => {
            minute.parse().ok().filter(|m| (0..HOUR).contains(m))?
        }
        Some(_) => return None,
    };
    Some((hour, minute, marked || colon))
}

/// Whether the word itself says morning (`false`) or afternoon (`true`).
fn half_of(word: &str) -> Option<bool> {
    if word.ends_with("pm") {
        Some(true)
    } else if word.ends_with("am") {
        Some(false)
    } else {
        None
    }
}
