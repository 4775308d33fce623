//! Recognises a question about a fact: hours, address, telephone, e-mail, which branches there are.
//!
//! A question is one about a fact only if all of its words are: each must stand in the word lists
//! (`words/*.toml`), be a number, or name a branch. "When do you open?" is one, "can I open an
//! account?" is not, because "account" means something else. So the first unknown word ends the
//! look, and most questions cost a few look-ups in a table.

mod lexicon;
mod moments;
mod tokens;

use crate::{Branches, FactAsked, Lang, Topic, When};
use lexicon::{Lexicon, Meant, Sense};
use moments::Moments;
use tokens::Tokens;

/// The word lists, by language; a text of no known language is tried in this order.
const LANGS: [(Lang, &str); 2] =
    [(Lang::EN, include_str!("words/en.toml")), (Lang::FR, include_str!("words/fr.toml"))];

/// How sure it is when the fact is named outright ("opening hours", "phone number").
const NAMED: f32 = 0.97;

/// How sure it is when the fact is meant by words that could mean another ("where are you?").
const MEANT: f32 = 0.85;

/// Recognises questions about facts; prepared once from the library's branches.
#[derive(Debug)]
pub struct Recogniser {
    ids: Vec<String>,
    lexicons: Vec<(Lang, Lexicon)>,
}

impl Recogniser {
    /// Prepares the words and the branches' names.
    pub fn new(branches: &Branches) -> Recogniser {
        let lexicon = |file| Lexicon::new(file, branches).unwrap_or_default();
        Recogniser {
            ids: branches.iter().map(|branch| branch.id.clone()).collect(),
            lexicons: LANGS.map(|(lang, file)| (lang, lexicon(file))).into(),
        }
    }

    /// Adds a name of the library as a whole ("Linden Town Library"), so that a question may name
    /// it.
    #[must_use]
    pub fn called(mut self, name: &str) -> Recogniser {
        self.lexicons.iter_mut().for_each(|(_, lexicon)| lexicon.add_library(name));
        self
    }

    /// The fact that a text asks for, and how sure that is, 0 to 1; `None` if it asks for none, and
    /// where there is no branch to have facts. `lang` is the language of the text where it is known:
    /// it is tried first.
    pub fn recognise(&self, text: &str, lang: Option<Lang>) -> Option<(FactAsked, f32)> {
        if self.ids.is_empty() {
            return None;
        }
        let tokens = Tokens::new(text)?;
        let first = self.lexicons.iter().filter(|(of, _)| lang == Some(*of));
        let then = self.lexicons.iter().filter(|(of, _)| lang != Some(*of));
        first.chain(then).find_map(|(_, lexicon)| self.fact(&lexicon.senses(&tokens)?))
    }

    /// The fact that a text with these senses asks for.
    fn fact(&self, senses: &[Meant<'_>]) -> Option<(FactAsked, f32)> {
        let said = Said::new(senses)?;
        let (topic, confidence) = said.topic()?;
        let timed = matches!(topic, Topic::Hours);
        let branches = self.ids.iter().enumerate();
        let branches = branches.filter(|(at, _)| said.all || said.branches.contains(at));
        let fact = FactAsked {
            topic,
            branches: match topic {
                Topic::Branches => Vec::new(),
                Topic::Hours | Topic::Closures | Topic::Address | Topic::Phone | Topic::Email => {
                    branches.map(|(_, id)| id.clone()).collect()
                }
            },
            when: if timed { said.moments.when } else { When::Unsaid },
            at: said.moments.at.filter(|_| timed),
            part: said.moments.part.filter(|_| timed && !said.ask_when),
        };
        Some((fact, confidence))
    }
}

/// What the words of a text say together.
#[derive(Default)]
struct Said {
    /// The fact that is named outright first.
    named: Option<Topic>,
    closures: bool,
    branch_list: bool,
    hours_if_timed: bool,
    closures_of_library: bool,
    place: bool,
    phone_of_library: bool,
    library: bool,
    all: bool,
    ask_when: bool,
    branches: Vec<usize>,
    moments: Moments,
}

impl Said {
    /// Gathers what is said. `None` if it cannot be a question about a fact.
    fn new(senses: &[Meant<'_>]) -> Option<Said> {
        let mut said = Said { moments: Moments::new(senses)?, ..Said::default() };
        for meant in senses {
            if let Meant::Sense(sense) = meant {
                said.take(sense)?;
            }
        }
        Some(said)
    }

    /// Takes in one sense; `None` if it rules a fact out.
    fn take(&mut self, sense: &Sense) -> Option<()> {
        match sense {
            Sense::Never => return None,
            Sense::Hours => self.name(Topic::Hours),
            Sense::HowLate => {
                self.name(Topic::Hours);
                self.ask_when = true;
            }
            Sense::Address => self.name(Topic::Address),
            Sense::Phone => self.name(Topic::Phone),
            Sense::Email => self.name(Topic::Email),
            Sense::Closures => self.closures = true,
            Sense::Branches => self.branch_list = true,
            Sense::HoursIfTimed => self.hours_if_timed = true,
            Sense::ClosuresOfLibrary => self.closures_of_library = true,
            Sense::Where => self.place = true,
            Sense::PhoneOfLibrary => self.phone_of_library = true,
            Sense::Library => self.library = true,
            Sense::All => self.all = true,
            Sense::AskWhen => self.ask_when = true,
            Sense::Branch(at) => {
                self.library = true;
                self.branches.push(*at);
            }
            Sense::Filler
            | Sense::When(_)
            | Sense::Part(_)
            | Sense::PartOfToday(_)
            | Sense::Month(_)
            | Sense::At
            | Sense::Before
            | Sense::Until
            | Sense::Am
            | Sense::Pm
            | Sense::Clock
            | Sense::DaysBeside(_)
            | Sense::MinutesPast(_)
            | Sense::AndMinutes(_)
            | Sense::Number(_)
            | Sense::Hour(_) => {}
        }
        Some(())
    }

    fn name(&mut self, topic: Topic) {
        self.named.get_or_insert(topic);
    }

    /// The fact that is asked for, and how sure that is.
    fn topic(&self) -> Option<(Topic, f32)> {
        let timed = self.moments.at.is_some() || self.moments.when != When::Unsaid;
        let library = self.library || self.all || self.branch_list;
        let hours = self.named.is_none_or(|topic| topic == Topic::Hours);
        let of_library = self.closures_of_library && (library || self.named == Some(Topic::Hours));
        if (self.hours_if_timed || self.named == Some(Topic::Hours)) && self.moments.around {
            return Some((Topic::Closures, MEANT));
        }
        if (self.closures || of_library) && hours && !timed {
            return Some((Topic::Closures, if self.closures { NAMED } else { MEANT }));
        }
        if let Some(topic) = self.named {
            return Some((topic, NAMED));
        }
        if self.hours_if_timed && (self.ask_when || timed) {
            return Some((Topic::Hours, MEANT));
        }
        // "Which branches are there?" names them all and asks for nothing else.
        if self.branch_list || (self.all && !self.place && !self.phone_of_library) {
            return (!timed).then_some((Topic::Branches, MEANT));
        }
        if self.place && library && !timed {
            return Some((Topic::Address, MEANT));
        }
        (self.phone_of_library && library && !timed).then_some((Topic::Phone, MEANT))
    }
}

#[cfg(test)]
mod tests;
