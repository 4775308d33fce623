//! The words by which facts are asked for in one language, with the branches' names among them.

use super::tokens::Tokens;
use crate::{Branches, Feast, PartOfDay, When};
use jiff::civil::Weekday;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Letters of a word from which on a slip in it is forgiven: shorter words have too many
/// neighbours that mean something else ("hours", "house").
const LETTERS_FOR_A_SLIP: usize = 6;

/// The same for a word of a branch's name, which is rarer.
const LETTERS_FOR_A_SLIP_IN_A_NAME: usize = 5;

/// What a word or phrase says about the question that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sense {
    /// Nothing: it may stand in any question.
    Filler,
    /// The library, or a branch of it, without naming one.
    Library,
    /// A branch, by its place among the branches.
    Branch(usize),
    /// Each branch.
    All,
    /// Asks when.
    AskWhen,
    /// Opening hours.
    Hours,
    /// Until when it is open.
    HowLate,
    /// Opening hours, if a time is named or asked for.
    HoursIfTimed,
    /// The address.
    Address,
    /// The address, if the library is named.
    Where,
    /// The telephone number.
    Phone,
    /// The telephone number, if the library is named.
    PhoneOfLibrary,
    /// The e-mail address.
    Email,
    /// Which branches there are.
    Branches,
    /// Days on which it is closed or keeps other hours.
    Closures,
    /// The same, if opening or the library is named.
    ClosuresOfLibrary,
    /// Another question, whatever else it says.
    Never,
    /// A day or several.
    When(When),
    /// A part of a day.
    Part(PartOfDay),
    /// A part of today.
    PartOfToday(PartOfDay),
    /// A month, 1 to 12.
    Month(i8),
    /// A time of day may follow.
    At,
    /// A time of day may follow up to which something is: it is not asked about itself.
    Before,
    /// A time of day may follow, rather a late one.
    Until,
    /// So many days after the day that follows, before it where negative.
    DaysBeside(i8),
    /// The hour before it is of the morning.
    Am,
    /// The hour before it is of the afternoon or evening.
    Pm,
    /// The number before it is an hour.
    Clock,
    /// Noon or midnight, as the hour.
    Hour(i8),
    /// So many minutes after the hour that follows ("half past"); before it where negative.
    MinutesPast(i8),
    /// So many minutes after the hour that stands before ("et demie").
    AndMinutes(i8),
    /// A number in words, in digits.
    Number(Box<str>),
}

/// The words of one language.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: FxHashMap<Box<str>, u32>,
    /// By the first word: the words that follow it, and the sense; the longest first.
    phrases: Vec<Vec<(Box<[u32]>, Sense)>>,
    /// Words with one letter left out, to the words that they come from.
    slips: FxHashMap<Box<str>, Vec<Box<str>>>,
}

/// A language's file: under each sense its words and phrases, with commas between them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordFile {
    senses: BTreeMap<String, String>,
    weekdays: BTreeMap<String, String>,
    months: BTreeMap<String, String>,
    days: BTreeMap<String, String>,
    feasts: BTreeMap<String, String>,
    numbers: BTreeMap<String, String>,
    misspelt: BTreeMap<String, String>,
}

impl Lexicon {
    /// Reads a language's words and adds the branches' names. The error is for the project's own
    /// tests: the files are part of the program.
    pub(super) fn new(file: &str, branches: &Branches) -> Result<Lexicon, String> {
        let file: WordFile = toml::from_str(file).map_err(|error| error.to_string())?;
        let mut lexicon = Lexicon::default();
        for (name, phrases) in &file.senses {
            let sense = sense(name).ok_or_else(|| format!("unknown sense `{name}`"))?;
            lexicon.add_all(phrases, &sense);
        }
        for (name, phrases) in &file.weekdays {
            let day = weekday(name).ok_or_else(|| format!("unknown weekday `{name}`"))?;
            lexicon.add_all(phrases, &Sense::When(When::Day(day)));
        }
        for (number, phrases) in &file.months {
            let month = number.parse().map_err(|_| format!("unknown month `{number}`"))?;
            lexicon.add_all(phrases, &Sense::Month(month));
        }
        for (date, phrases) in &file.days {
            let parsed = date.split_once('-').map(|(m, d)| (m.parse(), d.parse()));
            let Some((Ok(month), Ok(day))) = parsed else { return Err(format!("`{date}`?")) };
            lexicon.add_all(phrases, &Sense::When(When::DayOfYear { month, day }));
        }
        for (name, phrases) in &file.feasts {
            let feast = feast(name).ok_or_else(|| format!("unknown feast `{name}`"))?;
            lexicon.add_all(phrases, &Sense::When(When::Feast(feast)));
        }
        for (number, phrases) in &file.numbers {
            lexicon.add_all(phrases, &Sense::Number(number.as_str().into()));
        }
        lexicon.add_names(branches);
        for (right, wrong) in &file.misspelt {
            let word = lexicon.word(right);
            let wrong = wrong.split(',').filter_map(Tokens::new);
            wrong.flat_map(|w| w.iter().map(Box::from).collect::<Vec<_>>()).for_each(|w| {
                lexicon.words.entry(w).or_insert(word);
            });
        }
        Ok(lexicon)
    }

    /// Adds a name of the library as a whole.
    pub(super) fn add_library(&mut self, name: &str) {
        self.add_name(name, &Sense::Library);
    }

    /// The senses of a text, in order. `None` if a word of it has none: then it asks for something
    /// that is no fact.
    pub(super) fn senses<'t>(&'t self, tokens: &'t Tokens) -> Option<Vec<Meant<'t>>> {
        let mut words: Vec<(Option<u32>, &str)> = Vec::with_capacity(16);
        for token in tokens.iter() {
            let word = self.find(token);
            if word.is_none() && !token.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            words.push((word, token));
        }
        let mut senses = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let (word, token) = words[at];
            match word.and_then(|word| self.longest(word, &words[at + 1..])) {
                Some((sense, length)) => {
                    senses.push(if let Sense::Number(digits) = sense {
                        Meant::Number(digits)
                    } else {
                        Meant::Sense(sense.clone())
                    });
                    at += length;
                }
                None if token.starts_with(|c: char| c.is_ascii_digit()) => {
                    senses.push(Meant::Number(token));
                    at += 1;
                }
                None => return None,
            }
        }
        Some(senses)
    }

    /// The longest phrase that begins with this word, and its length in words.
    fn longest(&self, first: u32, rest: &[(Option<u32>, &str)]) -> Option<(&Sense, usize)> {
        let phrases = self.phrases.get(usize::try_from(first).ok()?)?;
        let fits = |tail: &[u32]| {
            tail.len() <= rest.len() && tail.iter().zip(rest).all(|(a, (b, _))| Some(*a) == *b)
        };
        phrases.iter().find(|(tail, _)| fits(tail)).map(|(tail, sense)| (sense, tail.len() + 1))
    }

    /// The word that a token is, a slip forgiven.
    fn find(&self, token: &str) -> Option<u32> {
        if let Some(word) = self.words.get(token) {
            return Some(*word);
        }
        if !token.is_ascii() || token.len() < LETTERS_FOR_A_SLIP_IN_A_NAME {
            return None;
        }
        let shorter = (0..token.len()).map(|at| [&token[..at], &token[at + 1..]].concat());
        let tried = std::iter::once(token.to_owned()).chain(shorter);
        let near = tried.filter_map(|try_| self.slips.get(try_.as_str())).flatten();
        let mut near = near.filter(|word| strsim::osa_distance(token, word) == 1);
        near.next().and_then(|word| self.words.get(word)).copied()
    }

    fn add_all(&mut self, phrases: &str, sense: &Sense) {
        for phrase in phrases.split(',').filter(|phrase| !phrase.trim().is_empty()) {
            self.add(phrase, sense);
        }
        let kept = matches!(
            sense,
            Sense::Filler | Sense::Never | Sense::Library | Sense::At | Sense::Number(_)
        );
        if !kept {
            let words = phrases.split([',', ' ', '\n']).filter(|w| w.len() >= LETTERS_FOR_A_SLIP);
            words.for_each(|word| self.forgive(word));
        }
    }

    fn add(&mut self, phrase: &str, sense: &Sense) {
        let Some(tokens) = Tokens::new(phrase) else { return };
        let words: Vec<u32> = tokens.iter().map(|word| self.word(word)).collect();
        let Some((first, tail)) = words.split_first() else { return };
        let Some(phrases) = usize::try_from(*first).ok().and_then(|at| self.phrases.get_mut(at))
        else {
            return;
        };
        if let Some((_, known)) = phrases.iter_mut().find(|(known, _)| **known == *tail) {
            // "Main library" is any library's, unless a branch is called so.
            if *known == Sense::Library {
                *known = sense.clone();
            }
            return;
        }
        phrases.push((tail.into(), sense.clone()));
        phrases.sort_by_key(|(tail, _)| std::cmp::Reverse(tail.len()));
    }

    /// Lets a word be found with one slip in it.
    fn forgive(&mut self, word: &str) {
        if !word.is_ascii() {
            return;
        }
        let shorter = (0..word.len()).map(|at| [&word[..at], &word[at + 1..]].concat());
        for slip in std::iter::once(word.to_owned()).chain(shorter) {
            let words = self.slips.entry(slip.into()).or_default();
            if !words.iter().any(|known| **known == *word) {
                words.push(word.into());
            }
        }
    }

    fn add_names(&mut self, branches: &Branches) {
        for (at, branch) in branches.iter().enumerate() {
            let names = branch.name.iter().map(|(_, name)| name);
            for name in names.chain(branch.also_called.iter().map(String::as_str)) {
                self.add_name(name, &Sense::Branch(at));
            }
            self.add_name(&branch.id.replace(['-', '_'], " "), &Sense::Branch(at));
        }
    }

    /// Adds a name, whole and without the general words around it: "Riverside Branch" is called
    /// "Riverside" too.
    fn add_name(&mut self, name: &str, sense: &Sense) {
        let Some(tokens) = Tokens::new(name) else { return };
        let tokens: Vec<String> = tokens.iter().map(str::to_owned).collect();
        let general = |word: &String| {
            let phrases = self.words.get(word.as_str()).and_then(|w| self.phrases.get(*w as usize));
            phrases.is_some_and(|all| {
                all.iter().any(|(tail, sense)| {
                    tail.is_empty() && matches!(sense, Sense::Filler | Sense::Library | Sense::At)
                })
            })
        };
        let from = tokens.iter().position(|word| !general(word)).unwrap_or(tokens.len());
        let to = tokens.iter().rposition(|word| !general(word)).map_or(0, |at| at + 1);
        if from >= to {
            return;
        }
        self.add(&tokens[from..to].join(" "), sense);
        if to - from < tokens.len() {
            self.add(&tokens.join(" "), sense);
        }
        for word in &tokens[from..to] {
            if word.len() >= LETTERS_FOR_A_SLIP_IN_A_NAME {
                self.forgive(word);
            }
        }
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some(known) = self.words.get(word) {
            return *known;
        }
        let number = u32::try_from(self.phrases.len()).unwrap_or(u32::MAX);
        self.phrases.push(Vec::new());
        self.words.insert(word.into(), number);
        number
    }
}

/// What a stretch of a text means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meant<'t> {
    /// A word or phrase of the lexicon.
    Sense(Sense),
    /// A word that begins with a digit: part of a date or a time of day.
    Number(&'t str),
}

/// The sense of a key under `[senses]`.
fn sense(name: &str) -> Option<Sense> {
    Some(match name {
        "filler" => Sense::Filler,
        "library" => Sense::Library,
        "all" => Sense::All,
        "ask_when" => Sense::AskWhen,
        "hours" => Sense::Hours,
        "how_late" => Sense::HowLate,
        "hours_if_timed" => Sense::HoursIfTimed,
        "address" => Sense::Address,
        "where" => Sense::Where,
        "phone" => Sense::Phone,
        "phone_of_library" => Sense::PhoneOfLibrary,
        "email" => Sense::Email,
        "branches" => Sense::Branches,
        "closures" => Sense::Closures,
        "closures_of_library" => Sense::ClosuresOfLibrary,
        "never" => Sense::Never,
        "now" => Sense::When(When::Now),
        "today" => Sense::When(When::Today),
        "this_morning" => Sense::PartOfToday(PartOfDay::Morning),
        "this_afternoon" => Sense::PartOfToday(PartOfDay::Afternoon),
        "tonight" => Sense::PartOfToday(PartOfDay::Evening),
        "morning" => Sense::Part(PartOfDay::Morning),
        "afternoon" => Sense::Part(PartOfDay::Afternoon),
        "evening" => Sense::Part(PartOfDay::Evening),
        "tomorrow" => Sense::When(When::Tomorrow),
        "day_after_tomorrow" => Sense::When(When::DayAfterTomorrow),
        "weekend" => Sense::When(When::Weekend),
        "next_week" => Sense::When(When::NextWeek),
        "at" => Sense::At,
        "before" => Sense::Before,
        "until" => Sense::Until,
        "am" => Sense::Am,
        "pm" => Sense::Pm,
        "clock" => Sense::Clock,
        "noon" => Sense::Hour(12),
        "midnight" => Sense::Hour(0),
        "day_after" => Sense::DaysBeside(1),
        "day_before" => Sense::DaysBeside(-1),
        "half_past" => Sense::MinutesPast(30),
        "quarter_past" => Sense::MinutesPast(15),
        "quarter_to" => Sense::MinutesPast(-15),
        "and_half" => Sense::AndMinutes(30),
        "and_quarter" => Sense::AndMinutes(15),
        _ => return None,
    })
}

fn feast(name: &str) -> Option<Feast> {
    Some(match name {
        "good_friday" => Feast::GoodFriday,
        "easter" => Feast::Easter,
        "easter_monday" => Feast::EasterMonday,
        "ascension" => Feast::Ascension,
        "whit_sunday" => Feast::WhitSunday,
        "whit_monday" => Feast::WhitMonday,
        "labour_day" => Feast::LabourDay,
        "thanksgiving" => Feast::Thanksgiving,
        "national_day" => Feast::NationalDay,
        "martin_luther_king" => Feast::MartinLutherKing,
        "presidents" => Feast::Presidents,
        "family" => Feast::Family,
        "victoria" => Feast::Victoria,
        "memorial" => Feast::Memorial,
        "columbus" => Feast::Columbus,
        _ => return None,
    })
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}
