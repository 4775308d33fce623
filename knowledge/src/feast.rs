//! Feasts whose day is another each year, or another in each country.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};

/// A feast that moves. One that has the same date everywhere is a day of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feast {
    /// The Friday before Easter.
    GoodFriday,
    /// Easter Sunday.
    Easter,
    /// The Monday after Easter.
    EasterMonday,
    /// Forty days of Easter: a Thursday.
    Ascension,
    /// Pentecost, a Sunday.
    WhitSunday,
    /// The Monday after Pentecost.
    WhitMonday,
    /// Labour Day.
    LabourDay,
    /// Thanksgiving.
    Thanksgiving,
    /// The country's own day.
    NationalDay,
    /// Martin Luther King's day.
    MartinLutherKing,
    /// Presidents' Day.
    Presidents,
    /// Family Day.
    Family,
    /// Victoria Day.
    Victoria,
    /// Memorial Day.
    Memorial,
    /// The day of Columbus, and of those who were there before him.
    Columbus,
}

/// What a time zone tells of a country: as much as its feasts need.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Country {
    Canada,
    Quebec,
    UnitedStates,
    France,
    OtherInEurope,
    Elsewhere,
}

impl Feast {
    /// The next such day, `today` included, where the clocks go by `zone`. `None` if it is not
    /// known for that country.
    pub fn next(self, today: Date, zone: &TimeZone) -> Option<Date> {
        let country = country(zone);
        let years = [today.year(), today.year().checked_add(1)?];
        years.into_iter().filter_map(|year| self.day(year, country)).find(|day| *day >= today)
    }

    /// Its day in a year.
    fn day(self, year: i16, country: Country) -> Option<Date> {
        use Country::{Canada, Elsewhere, France, OtherInEurope, Quebec, UnitedStates};
        let from_easter = |days: i64| easter(year)?.checked_add(days.days()).ok();
        match (self, country) {
            (Feast::GoodFriday, _) => from_easter(-2),
            (Feast::Easter, _) => from_easter(0),
            (Feast::EasterMonday, _) => from_easter(1),
            (Feast::Ascension, _) => from_easter(39),
            (Feast::WhitSunday, _) => from_easter(49),
            (Feast::WhitMonday, _) => from_easter(50),
            (Feast::LabourDay, Canada | Quebec | UnitedStates) => nth(year, 9, 1, Weekday::Monday),
            (Feast::LabourDay, France | OtherInEurope) => Date::new(year, 5, 1).ok(),
            (Feast::Thanksgiving, UnitedStates) => nth(year, 11, 4, Weekday::Thursday),
            (Feast::Thanksgiving | Feast::Columbus, Canada | Quebec)
            | (Feast::Columbus, UnitedStates) => nth(year, 10, 2, Weekday::Monday),
            (Feast::NationalDay, France) => Date::new(year, 7, 14).ok(),
            (Feast::NationalDay, Quebec) => Date::new(year, 6, 24).ok(),
            (Feast::NationalDay, UnitedStates) => Date::new(year, 7, 4).ok(),
            (Feast::MartinLutherKing, UnitedStates) => nth(year, 1, 3, Weekday::Monday),
            (Feast::Presidents, UnitedStates) | (Feast::Family, Canada) => {
                nth(year, 2, 3, Weekday::Monday)
            }
            (Feast::Victoria, Canada | Quebec) => {
                // The last Monday before 25 May.
                let first = Date::new(year, 5, 18).ok()?;
                let days = i64::from(first.weekday().until(Weekday::Monday));
                first.checked_add(days.days()).ok()
            }
            (Feast::Memorial, UnitedStates) => nth(year, 5, -1, Weekday::Monday),
            (
                Feast::LabourDay
                | Feast::Thanksgiving
                | Feast::NationalDay
                | Feast::MartinLutherKing
                | Feast::Presidents
                | Feast::Family
                | Feast::Victoria
                | Feast::Memorial
                | Feast::Columbus,
                Canada | Quebec | UnitedStates | France | OtherInEurope | Elsewhere,
            ) => None,
        }
    }
}

/// The n-th such weekday of a month; -1 is the last.
fn nth(year: i16, month: i8, n: i8, weekday: Weekday) -> Option<Date> {
    Date::new(year, month, 1).ok()?.nth_weekday_of_month(n, weekday).ok()
}

/// Easter Sunday of a year of the Gregorian calendar, after Meeus, Jones and Butcher.
fn easter(year: i16) -> Option<Date> {
    let year_long = i32::from(year);
    let (a, b, c) = (year_long % 19, year_long / 100, year_long % 100);
    let (d, e, g) = (b / 4, b % 4, (8 * b + 13) / 25);
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let day = h + l - 7 * m;
    Date::new(year, 3, 22).ok()?.checked_add(Span::new().days(i64::from(day))).ok()
}

fn country(zone: &TimeZone) -> Country {
    let name = zone.iana_name().unwrap_or_default();
    match name {
        "America/Montreal" => Country::Quebec,
        // Ottawa's zone is Quebec's too: what differs between the two is left to the library.
        "America/Toronto"
        | "America/Vancouver"
        | "America/Edmonton"
        | "America/Winnipeg"
        | "America/Halifax"
        | "America/Regina"
        | "America/St_Johns"
        | "America/Moncton"
        | "America/Whitehorse"
        | "America/Yellowknife"
        | "America/Iqaluit" => Country::Canada,
        "Europe/Paris" => Country::France,
        "America/New_York"
        | "America/Chicago"
        | "America/Denver"
        | "America/Los_Angeles"
        | "America/Phoenix"
        | "America/Anchorage"
        | "America/Detroit"
        | "America/Boise"
        | "America/Juneau"
        | "Pacific/Honolulu" => Country::UnitedStates,
        // Britain and Ireland have other days.
        "Europe/London" | "Europe/Dublin" => Country::Elsewhere,
        _ if name.starts_with("America/Indiana/") || name.starts_with("America/Kentucky/") => {
            Country::UnitedStates
        }
        _ if name.starts_with("Canada/") => Country::Canada,
        _ if name.starts_with("US/") => Country::UnitedStates,
        _ if name.starts_with("Europe/") => Country::OtherInEurope,
        _ => Country::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::Feast;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    #[test]
    fn a_feast_has_its_day() {
        let today = date(2026, 3, 1);
        for (feast, zone, expected) in [
            (Feast::GoodFriday, "Europe/London", Some(date(2026, 4, 3))),
            (Feast::Easter, "Asia/Tokyo", Some(date(2026, 4, 5))),
            (Feast::Ascension, "Europe/Paris", Some(date(2026, 5, 14))),
            (Feast::WhitMonday, "Europe/Paris", Some(date(2026, 5, 25))),
            (Feast::Thanksgiving, "America/Chicago", Some(date(2026, 11, 26))),
            (Feast::Thanksgiving, "America/Toronto", Some(date(2026, 10, 12))),
            (Feast::Thanksgiving, "Europe/Paris", None),
            (Feast::LabourDay, "America/New_York", Some(date(2026, 9, 7))),
            (Feast::LabourDay, "Europe/Paris", Some(date(2026, 5, 1))),
            (Feast::Memorial, "America/New_York", Some(date(2026, 5, 25))),
            (Feast::Victoria, "America/Toronto", Some(date(2026, 5, 18))),
            (Feast::MartinLutherKing, "America/New_York", Some(date(2027, 1, 18))),
            (Feast::NationalDay, "Europe/Paris", Some(date(2026, 7, 14))),
            (Feast::NationalDay, "Asia/Tokyo", None),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            assert_eq!(feast.next(today, &zone), expected, "{feast:?}");
        }
    }

    #[test]
    fn easter_is_where_the_calendars_have_it() {
        for (year, month, day) in
            [(2024, 3, 31), (2025, 4, 20), (2027, 3, 28), (2038, 4, 25), (2285, 3, 22)]
        {
            assert_eq!(super::easter(year), Some(date(year, month, day)));
        }
    }
}
