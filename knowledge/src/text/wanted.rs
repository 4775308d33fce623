//! What is wanted in "do you have …": the words without the phrases around them.

use super::lists::ASKING;
use super::series::{Series, series};
use crate::Lang;
use std::ops::Range;

/// How many phrases are taken off one end: a greeting, the asking, "a book called".
const PHRASES_MAX: usize = 4;

/// What is left of a request once the phrases are taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The words that name what is wanted: all of them if they are nothing but phrases.
    pub(crate) range: Range<usize>,
    /// What they name.
    pub(crate) sought: Sought,
    /// The language that it is to be in.
    pub(crate) language: Option<Lang>,
}

/// What the words of a request name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// A title, a creator, or both.
    Work,
    /// What it is to be about.
    Subject,
    /// A series, or what may be one.
    Series(Series),
}

/// What a request is for. `words` are its folded words in their order.
pub(crate) fn wanted(words: &[&str]) -> Request {
    between(words).unwrap_or_else(|| around(words))
}

/// What a request is for that names the language before the subject: "books in German about bees".
fn between(words: &[&str]) -> Option<Request> {
    for at in 1..words.len() {
        let named = |(phrase, _): &&(&'static str, Lang)| begins(&words[at..], phrase);
        let Some((phrase, lang)) = ASKING.languages.iter().find(named) else { continue };
        let left_out = count(phrase);
        let others: Vec<&str> = [&words[..at], &words[at + left_out..]].concat();
        let Request { range, sought, language } = around(&others);
        if sought == Sought::Subject && range.start > at && language.is_none() {
            let range = range.start + left_out..range.end + left_out;
            return Some(Request { range, sought, language: Some(*lang) });
        }
    }
    None
}

/// What a request is for, by the phrases at its two ends.
fn around(words: &[&str]) -> Request {
    let (mut from, mut to) = (0, words.len());
    for _ in 0..PHRASES_MAX {
        match longest(&ASKING.before, |phrase| begins(&words[from..to], phrase)) {
            Some(len) if from + len < to => from += len,
            _ => break,
        }
    }
    let asked = from;
    let about = longest(&ASKING.about, |phrase| begins(&words[from..to], phrase));
    let about = about.filter(|len| from + len < to);
    from += about.unwrap_or(0);
    let mut language = None;
    for _ in 0..PHRASES_MAX {
        if from > 0
            && language.is_none()
            && let Some((phrase, lang)) =
                ASKING.languages.iter().find(|(phrase, _)| ends(&words[from..to], phrase))
            && from + count(phrase) < to
        {
            language = Some(*lang);
            to -= count(phrase);
            continue;
        }
        match longest(&ASKING.after, |phrase| ends(&words[from..to], phrase)) {
            Some(len) if from + len < to => to -= len,
            _ => break,
        }
    }
    if about.is_some() {
        return Request { range: from..to, sought: Sought::Subject, language };
    }
    if let Some(series) = series(words, from..to, asked > 0) {
        return Request { range: series.whole.clone(), sought: Sought::Series(series), language };
    }
    if asked > 0
        && let Some(len) = longest(&ASKING.then, |phrase| begins(&words[from..to], phrase))
        && from + len < to
    {
        from += len;
    }
    Request { range: from..to, sought: Sought::Work, language }
}

/// How many words the longest phrase has that fits.
pub(super) fn longest(phrases: &[&'static str], fits: impl Fn(&str) -> bool) -> Option<usize> {
    phrases.iter().find(|phrase| fits(phrase)).map(|phrase| count(phrase))
}

fn count(phrase: &str) -> usize {
    phrase.split(' ').count()
}

pub(super) fn begins(words: &[&str], phrase: &str) -> bool {
    let mut words = words.iter();
    phrase.split(' ').all(|part| words.next() == Some(&part))
}

pub(super) fn ends(words: &[&str], phrase: &str) -> bool {
    let mut words = words.iter().rev();
    phrase.rsplit(' ').all(|part| words.next() == Some(&part))
}

#[cfg(test)]
mod tests {
    use super::{Sought, wanted};
    use crate::Lang;
    use crate::text::fold::folded;

    #[test]
    fn what_stands_around_a_title_is_taken_off() {
        for (text, expected) in [
            ("Do you have Anna Karenina in stock?", "anna karenina"),
            (
                "Hi! I'm looking for a book called Middlemarch by George Eliot",
                "middlemarch by george eliot",
            ),
            ("do you have any copies of Utopia please", "utopia"),
            ("Bonjour, avez-vous le roman Madame Bovary ?", "madame bovary"),
            ("Je cherche L'Assommoir de Zola, merci", "assommoir de zola"),
            ("Est-ce que vous avez Germinal ?", "germinal"),
            ("Utopia More, Thomas", "utopia more thomas"),
            ("The Book of Tea", "the book of tea"),
            ("Do you have the book The Book of Tea?", "the book of tea"),
            ("it", "it"),
            ("do you have", "do you have"),
            ("", ""),
        ] {
            let folded = folded(text);
            let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
            assert_eq!(words[wanted(&words).range].join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_subject_and_a_language_are_told_from_a_title() {
        for (text, expected, about, language) in [
            ("Do you have any books about beekeeping?", "beekeeping", true, None),
            (
                "books on the French Revolution in French, please",
                "the french revolution",
                true,
                Some("fr"),
            ),
            ("the one about the white whale", "the white whale", true, None),
            (
                "avez-vous des livres sur les abeilles en anglais ?",
                "les abeilles",
                true,
                Some("en"),
            ),
            ("any books in German about cooking?", "cooking", true, Some("de")),
            ("des livres en anglais sur les abeilles", "les abeilles", true, Some("en")),
            ("Do you have Les Misérables in French", "les miserables", false, Some("fr")),
            ("Lost in French", "lost in french", false, None),
            ("I need a book on hold", "on hold", false, None),
        ] {
            let folded = folded(text);
            let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
            let found = wanted(&words);
            assert_eq!(words[found.range.clone()].join(" "), expected, "{text}");
            assert_eq!(
                (found.sought == Sought::Subject, found.language),
                (about, language.and_then(Lang::parse)),
                "{text}"
            );
        }
    }
}
