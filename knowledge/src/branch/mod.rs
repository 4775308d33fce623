//! Branches: where the library is, and when it is open.
//!
//! Nothing here reads a clock: whoever asks says at what moment. In reading order: the branch and
//! what is known of it (here), how far away it is (`distance`), when it is open (`hours`), how a
//! branch's file is read (`file`, `toml`), and what stands in for a broken one (`kept`).

mod distance;
mod file;
mod hours;
pub(crate) mod kept;
mod toml;

pub use file::read;
pub use hours::{Day, LOOK_AHEAD_DAYS, OPEN_AHEAD_DAYS, Span, State};

use crate::Lang;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use opening_hours::OpeningHours;
use std::collections::BTreeMap;

/// All branches of a library, the main one first, the others by id.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    all: Vec<Branch>,
}

impl Branches {
    /// Takes branches in. The main one is the one marked so, otherwise the first by id.
    pub fn new(mut all: Vec<Branch>) -> Branches {
        all.sort_by(|a, b| (!a.main, &a.id).cmp(&(!b.main, &b.id)));
        Branches { all }
    }

    /// The branches, the main one first.
    pub fn iter(&self) -> impl Iterator<Item = &Branch> {
        self.all.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether the library names no branch at all.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The main branch; `None` if the library names no branch at all.
    pub fn main(&self) -> Option<&Branch> {
        self.all.first()
    }

    /// The branch with this id.
    pub fn get(&self, id: &str) -> Option<&Branch> {
        self.all.iter().find(|branch| branch.id == id)
    }

    /// The branches that are open at this moment, the main one first.
    pub fn open_at(&self, at: Timestamp) -> impl Iterator<Item = &Branch> {
        self.all.iter().filter(move |branch| matches!(branch.state(at), State::Open { .. }))
    }

    /// The branch that opens first after this moment, and when; of several that open at the same
    /// time the one that stands first here. A branch that is open now counts with its next opening.
    pub fn first_to_open(&self, at: Timestamp) -> Option<(&Branch, ZonedDateTime)> {
        let openings = self.all.iter().filter_map(|b| b.next_open(at).map(|opens| (b, opens)));
        openings.min_by_key(|(_, opens)| opens.timestamp())
    }
}

/// One branch.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The file's name without its ending.
    pub id: String,
    /// Whether this is marked as the main branch.
    pub main: bool,
    /// What it is called; never empty.
    pub name: ByLang,
    /// Other names by which patrons call it.
    pub also_called: Vec<String>,
    /// The branch's own time zone; hours, exceptions and closures are in it.
    pub zone: TimeZone,
    /// Regular hours; `None` where they are not known.
    pub hours: Option<OpeningHours>,
    /// Days with hours of their own, the shortest stretch first: of several that hold a day, the
    /// first one counts.
    pub exceptions: Vec<Exception>,
    /// Days on which it is closed for a reason worth telling, whatever else is said of them.
    pub closures: Vec<Closure>,
    /// Street address in one line.
    pub address: Option<String>,
    /// Telephone number as the library writes it.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Its page on the web.
    pub url: Option<String>,
    /// Where it is.
    pub coordinates: Option<Coordinates>,
    /// The day on which these facts were last checked.
    pub verified: Option<Date>,
}

impl Branch {
    /// A branch of which nothing but its name and time zone is known.
    pub fn new(id: &str, name: &str, zone: TimeZone) -> Branch {
        Branch {
            id: id.to_owned(),
            main: false,
            name: ByLang::plain(name),
            also_called: Vec::new(),
            zone,
            hours: None,
            exceptions: Vec::new(),
            closures: Vec::new(),
            address: None,
            phone: None,
            email: None,
            url: None,
            coordinates: None,
            verified: None,
        }
    }
}

/// A stretch of days whose hours differ from the regular ones.
#[derive(Clone, Debug)]
pub struct Exception {
    /// First day.
    pub from: Date,
    /// Last day, `from` itself for one day.
    pub to: Date,
    /// The hours of these days; `None`: closed.
    pub hours: Option<OpeningHours>,
    /// Why; may be empty.
    pub reason: ByLang,
}

/// A stretch of days on which a branch is closed, whatever its hours say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    /// First day closed.
    pub from: Date,
    /// Last day closed, `from` itself for one day.
    pub to: Date,
    /// Why; may be empty.
    pub reason: ByLang,
}

/// A point on the map, in degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    /// North of the equator, -90 to 90.
    pub latitude: f64,
    /// East of Greenwich, -180 to 180.
    pub longitude: f64,
}

/// One text of the library's, in each language in which it was written; a text without a language
/// stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByLang {
    plain: Option<String>,
    by_lang: BTreeMap<Lang, String>,
}

impl ByLang {
    /// A text that says no language.
    pub fn plain(text: &str) -> ByLang {
        ByLang { plain: Some(text.to_owned()), by_lang: BTreeMap::new() }
    }

    /// A text in each of these languages.
    pub fn new(by_lang: BTreeMap<Lang, String>) -> ByLang {
        ByLang { plain: None, by_lang }
    }

    /// The text in this language; else the one that says no language, the English one, any other.
    /// `None` only if there is no text at all.
    pub fn get(&self, lang: Lang) -> Option<&str> {
        let in_lang = self.by_lang.get(&lang).or(self.plain.as_ref());
        let any = in_lang.or_else(|| self.by_lang.get(&Lang::EN));
        any.or_else(|| self.by_lang.values().next()).map(String::as_str)
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.plain.is_none() && self.by_lang.is_empty()
    }

    /// Each text, with its language where it says one.
    pub fn iter(&self) -> impl Iterator<Item = (Option<Lang>, &str)> {
        let plain = self.plain.iter().map(|text| (None, text.as_str()));
        plain.chain(self.by_lang.iter().map(|(lang, text)| (Some(*lang), text.as_str())))
    }
}
