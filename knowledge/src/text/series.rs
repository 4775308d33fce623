//! What is wanted in "do you have the third book of …": a series' name without the words around it.

use super::lists::{SERIES, listed};
use super::wanted::{begins, ends, longest};
use std::ops::Range;

/// A series that is asked for, or one of its volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Series {
    /// The words of its name.
    pub(crate) name: Range<usize>,
    /// These with what they are called after them, which may be a part of the name: "stories".
    pub(crate) whole: Range<usize>,
    /// The volume that is asked for.
    pub(crate) volume: Option<u16>,
    pub(crate) called: Called,
}

/// How plainly a series is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// A series, by that word.
    Series,
    /// Books, stories: also what somebody wrote, and what is about something.
    Works,
    /// The same without a word that asks: "renew my books" is no series.
    Bare,
}

/// The series that is asked for by the words of `range`; `asked` where a phrase like "do you have"
/// stood before them.
pub(super) fn series(words: &[&str], range: Range<usize>, asked: bool) -> Option<Series> {
    let mut rest = Rest { words, range };
    let named = rest.take_first(&SERIES.before);
    let whole = rest.range.clone();
    let volume = match rest.volume() {
        Volume::Numbered(volume) => Some(volume),
        Volume::Not => None,
        Volume::Other => return None,
    };
    rest.take_first(&SERIES.before);
    let mut called = if asked || named { Called::Works } else { Called::Bare };
    if rest.take_first(&SERIES.named) {
        called = Called::Series;
        rest.take_first(&SERIES.between);
        rest.take_first(&SERIES.before);
    } else if rest.take_last(&SERIES.named) {
        called = Called::Series;
    } else if volume.is_none() {
        let made_of =
            rest.take_last(&SERIES.made_of_after) || rest.take_first(&SERIES.made_of_before);
        if !made_of {
            return None;
        }
    }
    let name = rest.range;
    let says = |word: &&str| listed(word).common == 0;
    words[name.clone()].iter().any(says).then_some(Series { name, whole, volume, called })
}

/// Whether a volume was named.
enum Volume {
    Numbered(u16),
    Not,
    /// There is a number of something else.
    Other,
}

/// The words that are left.
struct Rest<'w> {
    words: &'w [&'w str],
    range: Range<usize>,
}

impl Rest<'_> {
    /// Takes what names a volume off, at either end.
    fn volume(&mut self) -> Volume {
        let words = &self.words[self.range.clone()];
        if let Some(number) = words.first().and_then(|word| SERIES.ordinals.get(word)) {
            self.range.start += 1;
            // "the third book of …", "the third … book", "the third in …"
            let of = match self.take_first(&SERIES.volume) {
                true => self.take_first(&SERIES.between),
                false => self.take_last(&SERIES.volume) || self.take_first(&SERIES.between),
            };
            return if of { Volume::Numbered(*number) } else { Volume::Other };
        }
        if words.len() > 2
            && let Some(number) = number(words[1])
            && self.take_first(&SERIES.volume)
        {
            self.range.start += 1;
            self.take_first(&SERIES.between);
            return Volume::Numbered(number);
        }
        if words.len() > 2
            && let Some(number) = number(words[words.len() - 1])
        {
            self.range.end -= 1;
            if self.take_last(&SERIES.volume) {
                return Volume::Numbered(number);
            }
            self.range.end += 1;
        }
        Volume::Not
    }

    fn take_first(&mut self, phrases: &[&'static str]) -> bool {
        let words = &self.words[self.range.clone()];
        let length = longest(phrases, |phrase| begins(words, phrase));
        let length = length.filter(|length| *length < words.len());
        self.range.start += length.unwrap_or(0);
        length.is_some()
    }

    fn take_last(&mut self, phrases: &[&'static str]) -> bool {
        let words = &self.words[self.range.clone()];
        let length = longest(phrases, |phrase| ends(words, phrase));
        let length = length.filter(|length| *length < words.len());
        self.range.end -= length.unwrap_or(0);
        length.is_some()
    }
}

/// "3", "three".
fn number(word: &str) -> Option<u16> {
    word.parse().ok().or_else(|| SERIES.counts.get(word).copied())
}

/// Volumes are asked for by numbers up to this: more is a year, or something else.
const VOLUME_MAX: u16 = 999;

/// The number of a series' volume that stands behind its name in what a catalogue says, if one does:
/// "(Harry Potter, #3)", "Extraordinary voyages ; 11", "Blacksad, tome 2". `behind` is what follows the
/// name. Boxes of several volumes have none.
pub(crate) fn volume_behind(behind: &str) -> Option<u16> {
    let behind = behind.trim_start_matches([' ', ',', ';', ':', '.', '-', '–', '—', '/', '[', '(']);
    let letters = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
    let (word, rest) = behind.split_at(letters);
    let known = |word: &str| SHORT.contains(&word) || SERIES.volume.contains(&word);
    if !word.is_empty() && !known(&word.to_lowercase()) {
        return None;
    }
    let rest = rest.trim_start_matches(['.', '°', ' ', '#']);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, rest) = rest.split_at(digits);
    let several = rest.starts_with(['-', '–', '/', '.', '&']) && rest.len() > 1;
    number.parse().ok().filter(|volume| *volume <= VOLUME_MAX && !several)
}

/// What catalogues write before the number of a volume, beside the words that patrons say.
const SHORT: [&str; 9] = ["v", "bk", "bd", "band", "t", "n", "nr", "deel", "teil"];

#[cfg(test)]
mod tests {
    use super::{Called, series, volume_behind};
    use crate::text::fold::folded;

    #[test]
    fn a_series_is_told_from_what_is_no_series() {
        for (text, expected) in [
            ("the Harry Potter series", Some(("harry potter", None, Called::Series))),
            ("harry potter series", Some(("harry potter", None, Called::Series))),
            ("the whole series of Narnia", Some(("narnia", None, Called::Series))),
            ("the Sherlock Holmes stories", Some(("sherlock holmes", None, Called::Works))),
            ("the third Harry Potter book", Some(("harry potter", Some(3), Called::Works))),
            (
                "the 2nd book in the Hunger Games series",
                Some(("hunger games", Some(2), Called::Series)),
            ),
            ("the first of the Hunger Games", Some(("hunger games", Some(1), Called::Works))),
            ("book 3 of Narnia", Some(("narnia", Some(3), Called::Bare))),
            ("harry potter books", Some(("harry potter", None, Called::Bare))),
            ("narnia book three", Some(("narnia", Some(3), Called::Bare))),
            ("la série Arsène Lupin", Some(("arsene lupin", None, Called::Series))),
            ("le tome 2 de Blacksad", Some(("blacksad", Some(2), Called::Works))),
            ("le premier tome de la saga Fondation", Some(("fondation", Some(1), Called::Series))),
            ("les romans Arsène Lupin", Some(("arsene lupin", None, Called::Works))),
            ("renew my books", Some(("renew my", None, Called::Bare))),
            ("the second book that I asked for", None),
            ("the third floor", None),
            ("the books", None),
            ("series", None),
            ("Middlemarch", None),
        ] {
            let folded = folded(text);
            let words: Vec<&str> = folded.split(' ').collect();
            let found = series(&words, 0..words.len(), false);
            let found = found.map(|it| (words[it.name].join(" "), it.volume, it.called));
            let expected = expected.map(|(name, volume, called)| (name.to_owned(), volume, called));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn volumes_stand_behind_the_name() {
        for (behind, expected) in [
            (", #3)", Some(3)),
            (" #12; Death, #1)", Some(12)),
            (" ; 11", Some(11)),
            (" ; v. 4", Some(4)),
            (", tome 2", Some(2)),
            (" Bd. 7", Some(7)),
            (", #1-5)", None),
            (", #0.5)", None),
            (" and the Goblet of Fire", None),
            (" in 80 days", None),
            (" ; 1984-1999", None),
            (" 1984", None),
            ("", None),
        ] {
            assert_eq!(volume_behind(behind), expected, "{behind}");
        }
    }
}
