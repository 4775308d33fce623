//! Ten ways of asking the same, made by rule from a question: what a patron means does not change,
//! only how it is said. The same question always comes out the same.
//!
//! The words are in `words` (small words, abbreviations, sentences around a question) and `terms`
//! (library terms by other names, and in French and English).

mod terms;
mod words;

use super::gold::Question;
use knowledge::Lang;
use words::Words;

/// A way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The words that mean something, nothing else.
    Keywords,
    /// A long polite paragraph.
    Polite,
    /// Slips of the fingers.
    Typos,
    /// As one writes on a telephone.
    Sms,
    /// By somebody who is learning the language.
    NonNative,
    /// All in capitals.
    Capitals,
    /// With a term that the library does not use.
    WrongTerm,
    /// Inside a story.
    Story,
    /// With another question after it.
    TwoQuestions,
    /// Word by word in another language.
    OtherLanguage,
}

impl Voice {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Voice; 10] = [
        Voice::Keywords,
        Voice::Polite,
        Voice::Typos,
        Voice::Sms,
        Voice::NonNative,
        Voice::Capitals,
        Voice::WrongTerm,
        Voice::Story,
        Voice::TwoQuestions,
        Voice::OtherLanguage,
    ];

    /// Its name in the program's output.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Voice::Keywords => "keywords",
            Voice::Polite => "polite",
            Voice::Typos => "typos",
            Voice::Sms => "sms",
            Voice::NonNative => "non-native",
            Voice::Capitals => "capitals",
            Voice::WrongTerm => "wrong-term",
            Voice::Story => "story",
            Voice::TwoQuestions => "two-questions",
            Voice::OtherLanguage => "other-language",
        }
    }

    /// A question in this voice; `other` is the one that is asked with it. `None` where the voice
    /// cannot be made of it: no term in it has another name, or too few of its words are known in
    /// the other language.
    pub(crate) fn say(self, question: &Question, other: Option<&Question>) -> Option<Question> {
        let text = question.text.trim();
        let french = is_french(question);
        let words = if french { &words::FRENCH } else { &words::ENGLISH };
        let mut chance = Chance::new(text);
        let said = match self {
            Voice::Keywords => keywords(text, words)?,
            Voice::Polite => around(text, chance.pick(words.polite)),
            Voice::Typos => typos(text, &mut chance)?,
            Voice::Sms => sms(text, words),
            Voice::NonNative => non_native(text, words)?,
            Voice::Capitals => text.to_uppercase(),
            Voice::WrongTerm => terms::by_another_name(text, french)?,
            Voice::Story => around(text, chance.pick(words.stories)),
            Voice::TwoQuestions => format!("{} {}", asked(text), asked(other?.text.trim())),
            Voice::OtherLanguage => terms::in_another_language(text, french, words)?,
        };
        let lang = question.lang.filter(|_| self != Voice::OtherLanguage);
        (said != text).then(|| Question { text: said, right: question.right.clone(), lang })
    }
}

/// Whether a question is in French; any other language is treated as English is.
fn is_french(question: &Question) -> bool {
    match question.lang {
        Some(lang) => lang == Lang::FR,
        None => {
            let said = pieces(&question.text);
            let known = |words: &Words| said.iter().filter(|w| words.is_small(w)).count();
            known(&words::FRENCH) > known(&words::ENGLISH)
        }
    }
}

/// The words of a text in small letters, without the marks around them; "l'été" is two.
fn pieces(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
}

/// Key words that somebody types at most.
const KEYWORDS_MAX: usize = 5;

fn keywords(text: &str, words: &Words) -> Option<String> {
    let telling: Vec<String> = pieces(text).into_iter().filter(|w| !words.is_small(w)).collect();
    // The longest tell most.
    let mut by_length: Vec<usize> = (0..telling.len()).collect();
    by_length.sort_by_key(|at| (std::cmp::Reverse(telling[*at].chars().count()), *at));
    by_length.truncate(KEYWORDS_MAX);
    by_length.sort_unstable();
    let kept: Vec<&str> = by_length.into_iter().map(|at| telling[at].as_str()).collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// A text inside sentences: `frame` has a `{}` where it goes.
fn around(text: &str, frame: &str) -> String {
    frame.replacen("{}", &asked(text), 1)
}

/// A text that ends in a mark.
fn asked(text: &str) -> String {
    if text.ends_with(['?', '.', '!', '…', '？', '。']) {
        text.to_owned()
    } else {
        format!("{text}?")
    }
}

/// Letters from which on a word gets a slip.
const LETTERS_FOR_A_SLIP: usize = 5;

/// One slip in each third longer word, and in one at least.
fn typos(text: &str, chance: &mut Chance) -> Option<String> {
    let mut said: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let long =
        |word: &String| word.chars().filter(|c| c.is_alphabetic()).count() >= LETTERS_FOR_A_SLIP;
    let longer: Vec<usize> = (0..said.len()).filter(|at| long(&said[*at])).collect();
    let first = chance.below(longer.len().min(3))?;
    for at in longer.iter().skip(first).step_by(3) {
        said[*at] = slip(&said[*at], chance);
    }
    Some(said.join(" "))
}

/// A word with one slip within it: two letters changed about, one left out, one twice, or one
/// taken for its neighbour on the keyboard.
fn slip(word: &str, chance: &mut Chance) -> String {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let mut letters: Vec<char> = word.chars().collect();
    let inner: Vec<usize> = (1..letters.len().saturating_sub(1))
        .filter(|at| letters[*at].is_alphabetic() && letters[*at + 1].is_alphabetic())
        .collect();
    let Some(at) = chance.below(inner.len()).map(|at| inner[at]) else { return word.to_owned() };
    match chance.below(4) {
        Some(0) if letters[at] != letters[at + 1] => letters.swap(at, at + 1),
        Some(1) => {
            letters.remove(at);
        }
        Some(2) => letters.insert(at, letters[at]),
        _ => {
            let beside = ROWS.iter().find_map(|row| {
                let place = row.find(letters[at])?;
                row.chars().nth(place + 1).or(row.chars().nth(place.checked_sub(1)?))
            });
            match beside {
                Some(beside) => letters[at] = beside,
                None => letters.swap(at, at + 1),
            }
        }
    }
    letters.into_iter().collect()
}

fn sms(text: &str, words: &Words) -> String {
    let mut said = format!(" {} ", pieces(&plain(text)).join(" "));
    for (long, short) in words.short {
        said = said.replace(&format!(" {long} "), &format!(" {short} "));
    }
    said.trim().to_owned()
}

/// Without the accents that one leaves out in a hurry.
fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'É' | 'È' | 'Ê' => 'E',
        'À' | 'Â' => 'A',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Without articles and helping verbs.
fn non_native(text: &str, words: &Words) -> Option<String> {
    let said = pieces(text);
    let kept: Vec<&str> =
        said.iter().map(String::as_str).filter(|word| !words.left_out.contains(word)).collect();
    let mut kept: Vec<String> = kept.into_iter().map(str::to_owned).collect();
    kept.first()?;
    kept.insert(0, words.learner.to_owned());
    Some(format!("{}?", kept.join(" ")))
}

/// Chances that are the same for the same text (xorshift over an FNV-1a hash).
struct Chance(u64);

impl Chance {
    fn new(text: &str) -> Chance {
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Chance(hash | 1)
    }

    /// A number below `bound`; `None` if there is none.
    fn below(&mut self, bound: usize) -> Option<usize> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).ok()?.checked_rem(bound)
    }

    fn pick(&mut self, of: &'static [&'static str]) -> &'static str {
        self.below(of.len()).and_then(|at| of.get(at)).copied().unwrap_or("{}")
    }
}

#[cfg(test)]
mod tests {
    use super::Voice;
    use crate::eval::gold::{Question, Right};
    use knowledge::Lang;

    fn question(text: &str, lang: Lang) -> Question {
        let right = Right::Entry("e".to_owned());
        Question { text: text.to_owned(), right, lang: Some(lang) }
    }

    fn said(voice: Voice, text: &str, lang: Lang) -> String {
        let other = question("Is there wifi", lang);
        let said = voice.say(&question(text, lang), Some(&other));
        said.map_or("-".to_owned(), |question| question.text)
    }

    #[test]
    fn a_question_is_said_in_each_voice() {
        let en = "How do I renew a book that I borrowed?";
        for (voice, expected) in [
            (Voice::Keywords, "renew book borrowed"),
            (Voice::Sms, "how do i renew a book that i borrowed"),
            (Voice::NonNative, "please how i renew book that i borrowed?"),
            (Voice::Capitals, "HOW DO I RENEW A BOOK THAT I BORROWED?"),
            (Voice::WrongTerm, "How do I extend a book that I rented?"),
            (Voice::TwoQuestions, "How do I renew a book that I borrowed? Is there wifi?"),
            (Voice::OtherLanguage, "comment puis-je prolonger un livre que je emprunté"),
        ] {
            assert_eq!(said(voice, en, Lang::EN), expected, "{voice:?}");
        }
        let fr = "Où puis-je imprimer à la bibliothèque ?";
        for (voice, expected) in [
            (Voice::Keywords, "imprimer bibliothèque"),
            (Voice::Sms, "ou puis-je imprimer a la bibli"),
            (Voice::NonNative, "bonjour où puis-je imprimer à bibliothèque?"),
            (Voice::OtherLanguage, "where can i print at the library"),
        ] {
            assert_eq!(said(voice, fr, Lang::FR), expected, "{voice:?}");
        }
    }

    #[test]
    fn frames_hold_the_whole_question() {
        for (lang, text) in [(Lang::EN, "is there parking"), (Lang::FR, "y a-t-il un parking")] {
            for voice in [Voice::Polite, Voice::Story] {
                let said = said(voice, text, lang);
                assert!(said.contains(text) && said.len() > text.len() + 60, "{said}");
            }
        }
    }

    #[test]
    fn slips_are_few_and_always_the_same() {
        let text = "where can I return my overdue library books";
        let first = said(Voice::Typos, text, Lang::EN);
        assert_eq!(first, said(Voice::Typos, text, Lang::EN));
        assert_ne!(first, text);
        let words = first.split(' ').zip(text.split(' '));
        assert!((1..=3).contains(&words.filter(|(a, b)| a != b).count()), "{first}");
        assert_eq!(said(Voice::Typos, "is it on?", Lang::EN), "-", "no word is long enough");
    }

    #[test]
    fn a_voice_that_cannot_be_made_is_left_out() {
        assert_eq!(said(Voice::WrongTerm, "is there a piano", Lang::EN), "-");
        assert_eq!(said(Voice::OtherLanguage, "does quantum gravity matter", Lang::EN), "-");
        assert_eq!(said(Voice::Keywords, "what is it?", Lang::EN), "-");
        assert_eq!(said(Voice::Capitals, "", Lang::EN), "-");
    }
}
