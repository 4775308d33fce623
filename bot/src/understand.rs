//! What needs no look-up: greetings, thanks, "are you a robot?", a wish for a person, second
//! thoughts; and how alike two questions are. The words stand in `words/`, one file a language.

use knowledge::Lang;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The languages that there are word lists for.
const WORDS: [(Lang, &str); 2] =
    [(Lang::EN, include_str!("../words/en.txt")), (Lang::FR, include_str!("../words/fr.txt"))];

/// Longer messages are questions, whatever they begin with: the longest line of the lists has
/// eight words.
const SAYING_WORDS_MAX: usize = 10;

/// Something said that is no question for the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Saying {
    Hello,
    Thanks,
    Bye,
    Robot,
    How,
    Insult,
    Sorry,
    Fine,
    Help,
    NeverMind,
    Person,
}

struct Lists {
    sayings: BTreeMap<String, (Saying, Lang)>,
    question_begins: BTreeSet<String>,
    little: BTreeSet<String>,
    insults: BTreeMap<String, Lang>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists {
        sayings: BTreeMap::new(),
        question_begins: BTreeSet::new(),
        little: BTreeSet::new(),
        insults: BTreeMap::new(),
    };
    for (lang, text) in WORDS {
        let mut section = "";
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
            } else {
                lists.add(section, line, lang);
            }
        }
    }
    lists
});

impl Lists {
    fn add(&mut self, section: &str, line: &str, lang: Lang) {
        let saying = match section {
            "hello" => Saying::Hello,
            "thanks" => Saying::Thanks,
            "bye" => Saying::Bye,
            "robot" => Saying::Robot,
            "how" => Saying::How,
            "insult" => Saying::Insult,
            "sorry" => Saying::Sorry,
            "fine" => Saying::Fine,
            "help" => Saying::Help,
            "never mind" => Saying::NeverMind,
            "person" => Saying::Person,
            "insult words" => {
                self.insults.insert(line.to_owned(), lang);
                return;
            }
            "question begins" => {
                self.question_begins.insert(line.to_owned());
                return;
            }
            _ => {
                self.little.insert(line.to_owned());
                return;
            }
        };
        self.sayings.insert(line.to_owned(), (saying, lang));
    }
}

/// What a message says, if it is one of the sayings, and the language that it is in.
pub(crate) fn saying(text: &str) -> Option<(Saying, Lang)> {
    // A cheap look at the length first: most messages are questions.
    if text.len() > 120 || text.split_whitespace().count() > SAYING_WORDS_MAX {
        return None;
    }
    let words = folded(text);
    let mut words = words.as_slice();
    let known = |words: &[String]| LISTS.sayings.get(&words.join(" ")).copied();
    if let Some(found) = known(words) {
        return Some(found);
    }
    // "please", "s'il vous plaît" and a greeting before or after it change nothing.
    const POLITE: [&str; 6] = ["please", "plait", "vous", "il", "s", "te"];
    while let [rest @ .., last] = words
        && POLITE.contains(&last.as_str())
        && !rest.is_empty()
    {
        words = rest;
    }
    known(words).or_else(|| insult(words)).or_else(|| match words {
        [first, rest @ ..]
            if matches!(known(std::slice::from_ref(first)), Some((Saying::Hello, _))) =>
        {
            known(rest)
        }
        _ => None,
    })
}

/// Whether a few words insult the bot: one of the words for it, said to it.
fn insult(words: &[String]) -> Option<(Saying, Lang)> {
    const AT_IT: [&str; 8] = ["you", "bot", "machine", "robot", "this", "tu", "vous", "t"];
    let at_it = words.iter().any(|word| AT_IT.contains(&word.as_str()));
    let lang = words.iter().find_map(|word| LISTS.insults.get(word)).filter(|_| at_it)?;
    (words.len() <= 6).then_some((Saying::Insult, *lang))
}

/// Whether a text is a number too small for an identifier or a year: a choice that nobody offered.
pub(crate) fn is_small_number(text: &str) -> bool {
    text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text is a command that does not exist: `/` and one word.
pub(crate) fn is_command(text: &str) -> bool {
    text.strip_prefix('/')
        .is_some_and(|word| word.len() > 1 && word.chars().all(|c| c.is_alphabetic() || c == '_'))
}

/// Whether a message reads like a question rather than an addition to one.
pub(crate) fn asks(text: &str) -> bool {
    if text.contains(['?', '？', '؟']) {
        return true;
    }
    let words = folded(text);
    let mut begins = words.iter().take(2);
    let Some(first) = begins.next() else { return false };
    let two = begins.next().map(|second| format!("{first} {second}"));
    LISTS.question_begins.contains(first)
        || two.is_some_and(|two| LISTS.question_begins.contains(&two))
}

/// Whether a text has a letter or digit at all.
pub(crate) fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// How alike two questions are, 0 to 1: the share of the words that both have among the words of
/// either (Jaccard), words being cut to a stem of sorts and little words left out.
pub(crate) fn alike(a: &str, b: &str) -> f32 {
    let (a, b) = (content(a), content(b));
    let both = a.intersection(&b).count();
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { both as f32 / either as f32 }
}

fn content(text: &str) -> BTreeSet<String> {
    /// Enough of a word to tell it from others, with most endings cut: "machine", "machines".
    const STEM_CHARS: usize = 6;
    let words = folded(text).into_iter().filter(|word| !LISTS.little.contains(word));
    words
        .map(|word| {
            let word = word.strip_suffix('s').unwrap_or(&word);
            word.chars().take(STEM_CHARS).collect()
        })
        .collect()
}

/// The words of a text in lower case without diacritics or punctuation.
fn folded(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase().map(unaccented));
        } else if !matches!(c, '\u{300}'..='\u{36f}') && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A Latin letter without its diacritic, for the languages that have word lists.
fn unaccented(c: char) -> char {
    match c {
        'à' | 'â' | 'ä' | 'á' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'û' | 'ù' | 'ü' | 'ú' => 'u',
        'ç' => 'c',
        c => c,
    }
}

/// The text without what cannot be seen or could mislead: control characters (line ends and tabs
/// become spaces where they stand alone), zero-width characters and marks that turn the direction
/// of the text around.
pub(crate) fn clean(text: &str) -> String {
    let kept = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' => Some(if c == '\n' { '\n' } else { ' ' }),
        c if c.is_control() => None,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c => Some(c),
    });
    kept.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sayings_are_known_with_their_frills_and_questions_are_not() {
        let table = [
            ("Hello!", Some(Saying::Hello)),
            ("Are you a robot?", Some(Saying::Robot)),
            ("hi, are you human", Some(Saying::Robot)),
            ("Thank you so much :-)", Some(Saying::Thanks)),
            ("Êtes-vous un robot ?", Some(Saying::Robot)),
            ("Je voudrais parler à une personne, s'il vous plaît", Some(Saying::Person)),
            ("can I speak to a librarian please", Some(Saying::Person)),
            ("Never mind.", Some(Saying::NeverMind)),
            ("J’ai trouvé, merci", Some(Saying::NeverMind)),
            ("hello, can I renew my books?", None),
            ("who is the librarian", None),
            ("thanks for the fish, douglas adams", None),
            ("please", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(saying(text).map(|(saying, _)| saying), expected, "{text}");
        }
    }

    #[test]
    fn questions_that_ask_the_same_are_alike() {
        assert!(alike("do you lend sewing machines?", "Can I borrow a sewing machine") > 0.4);
        assert!(alike("do you lend sewing machines?", "do you lend laptops?") < 0.4);
        assert_eq!(alike("???", ""), 0.0);
    }

    #[test]
    fn what_cannot_be_seen_is_dropped() {
        assert_eq!(clean("a\u{0}b\u{200b}c\u{202e}d\u{feff} \r\n e"), "abcd  \n e");
        assert!(!has_words(&clean("\u{200b}\u{0}")));
        assert!(asks("where is it") && asks("Y a-t-il des cabines") && !asks("for Saturday"));
    }
}
