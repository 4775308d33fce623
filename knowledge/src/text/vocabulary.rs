//! The words that an index knows: the one that a misspelt word was meant to be, and the family of
//! a word.
//!
//! A fuzzy query over the index costs many times an exact one, so a word that is not known is
//! corrected here and then asked exactly. All words of one length stand together with a signature
//! each, a bit a letter: most of them are ruled out by comparing two numbers.

use super::stem::Stems;

/// Words shorter than this are never corrected: too many words are one letter away.
const ONE_EDIT_FROM: usize = 4;

/// Words from this length on may be two edits away.
const TWO_EDITS_FROM: usize = 8;

/// How many words an index keeps; what is rarest goes. A million words of ten letters take 32 MB.
const WORDS_MAX: usize = 1_000_000;

/// How many words that begin alike are looked at for a family, and how much longer than the word
/// its members are.
const RELATIVES_MAX: usize = 300;
const LONGER_MAX: usize = 6;

/// How many words of those that begin alike a word may be the beginning of.
const COMPLETIONS_MAX: usize = 16;

/// The words of an index.
#[derive(Default)]
pub(crate) struct Vocabulary {
    /// All words, one after the other, by letters.
    letters: String,
    words: Vec<Known>,
    /// The words by length in characters: their numbers, and their signatures.
    by_length: Vec<u32>,
    signatures: Vec<u64>,
    /// Where the words of each length begin in those two.
    lengths: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Known {
    from: u32,
    len: u8,
    count: u32,
}

impl Vocabulary {
    /// Takes words with the number of times that each occurs, in any order; those of several
    /// indexes may follow each other.
    pub(crate) fn new(mut all: Vec<(Box<str>, u32)>) -> Vocabulary {
        all.sort();
        all.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 = if same { kept.1.saturating_add(later.1) } else { kept.1 };
            same
        });
        if all.len() > WORDS_MAX {
            all.sort_unstable_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
            all.truncate(WORDS_MAX);
            all.sort_unstable();
        }
        let mut vocabulary = Vocabulary::default();
        let mut by_length: Vec<(usize, u32)> = Vec::with_capacity(all.len());
        for (number, (word, count)) in (0..).zip(&all) {
            let Ok(from) = u32::try_from(vocabulary.letters.len()) else { break };
            vocabulary.letters.push_str(word);
            vocabulary.words.push(Known { from, len: word.len() as u8, count: *count });
            by_length.push((word.chars().count(), number));
        }
        by_length.sort_unstable();
        for (length, number) in by_length {
            while vocabulary.lengths.len() <= length {
                vocabulary.lengths.push(vocabulary.by_length.len());
            }
            vocabulary.by_length.push(number);
            vocabulary.signatures.push(signature(&all[number as usize].0));
        }
        vocabulary
    }

    /// How often a word occurs; 0 for one that is not known.
    pub(crate) fn count(&self, word: &str) -> u32 {
        match self.words.binary_search_by(|known| self.text(*known).cmp(word)) {
            Ok(at) => self.words[at].count,
            Err(_) => 0,
        }
    }

    /// Adds the known words of one stem with a word to `family`, each once, itself included. They
    /// are looked for among those that begin as it does, which is where they are but for a few.
    pub(crate) fn family(&self, word: &str, stems: Stems, family: &mut Vec<String>) {
        let (mut stem, mut other) = (String::new(), String::new());
        stems.stem(word, &mut stem);
        let mut common = word.bytes().zip(stem.bytes()).take_while(|(a, b)| a == b).count();
        // "library" and "libraries" differ in the letter before the ending.
        common -= usize::from(common > 3);
        while !word.is_char_boundary(common) {
            common -= 1;
        }
        let beginning = &word[..common];
        let first = self.words.partition_point(|known| self.text(*known) < beginning);
        for known in self.words[first..].iter().take(RELATIVES_MAX) {
            let text = self.text(*known);
            if !text.starts_with(beginning) {
                break;
            }
            if text.len() > word.len() + LONGER_MAX || family.iter().any(|member| member == text) {
                continue;
            }
            stems.stem(text, &mut other);
            if other == stem {
                family.push(text.to_owned());
            }
        }
    }

    /// Adds the words that begin so to `family`, those that occur most, each once.
    pub(crate) fn completions(&self, beginning: &str, family: &mut Vec<String>) {
        let first = self.words.partition_point(|known| self.text(*known) < beginning);
        let from_there = self.words[first..].iter();
        let mut all: Vec<Known> = from_there
            .take_while(|known| self.text(**known).starts_with(beginning))
            .copied()
            .collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| self.text(*a).cmp(self.text(*b))));
        for known in all.into_iter().take(COMPLETIONS_MAX) {
            let text = self.text(known);
            if family.iter().all(|member| member != text) {
                family.push(text.to_owned());
            }
        }
    }

    /// The known word that a misspelt one was meant to be: the fewest edits, then the one that
    /// occurs most, then by letters. `None` for numbers, short words, and where nothing is near.
    pub(crate) fn correct(&self, word: &str) -> Option<&str> {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < ONE_EDIT_FROM || !letters.iter().all(|c| c.is_alphabetic()) {
            return None;
        }
        self.nearest(&letters, word, 1, false).or_else(|| {
            // Two edits and another first letter is another word.
            if letters.len() < TWO_EDITS_FROM {
                None
            } else {
                self.nearest(&letters, word, 2, true)
            }
        })
    }

    /// The best word within so many edits.
    fn nearest(
        &self,
        letters: &[char],
        word: &str,
        edits: usize,
        first_same: bool,
    ) -> Option<&str> {
        let signature = signature(word);
        let first = word.as_bytes().first();
        let mut best: Option<(u32, &str)> = None;
        let (from, to) = (self.begin(letters.len() - edits), self.begin(letters.len() + edits + 1));
        for (at, other) in self.signatures[from..to].iter().enumerate() {
            if (signature ^ other).count_ones() as usize > 2 * edits {
                continue;
            }
            let known = self.words[self.by_length[from + at] as usize];
            let text = self.text(known);
            if best.is_some_and(|(count, best)| (known.count, best) <= (count, text))
                || (first_same && text.as_bytes().first() != first)
                || !within(letters, text, edits)
            {
                continue;
            }
            best = Some((known.count, text));
        }
        best.map(|(_, text)| text)
    }

    /// Where the words of so many characters begin among those by length.
    fn begin(&self, length: usize) -> usize {
        self.lengths.get(length).copied().unwrap_or(self.by_length.len())
    }

    fn text(&self, known: Known) -> &str {
        let from = known.from as usize;
        &self.letters[from..from + usize::from(known.len)]
    }
}

/// Whether two words are one name in two ways of writing it: as near as a misspelt word and what was
/// meant by it, with the same first letter.
pub(crate) fn is_alike(one: &str, other: &str) -> bool {
    let letters: Vec<char> = one.chars().collect();
    let edits = match letters.len() {
        0..ONE_EDIT_FROM => return false,
        ONE_EDIT_FROM..TWO_EDITS_FROM => 1,
        _ => 2,
    };
    letters.first().copied() == other.chars().next() && within(&letters, other, edits)
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vocabulary({} words)", self.words.len())
    }
}

/// The letters of a word as a set. One edit changes at most two bits.
fn signature(word: &str) -> u64 {
    word.chars().fold(0, |bits, c| bits | 1 << (u32::from(c) % 64))
}

/// Whether a word is within so many edits: a letter more, less, another, or two swapped.
fn within(letters: &[char], other: &str, edits: usize) -> bool {
    let mut target = ['\0'; super::fold::WORD_BYTES_MAX + 1];
    let mut len = 0;
    for c in other.chars().take(target.len()) {
        target[len] = c;
        len += 1;
    }
    let target = &target[..len];
    if letters.len().abs_diff(target.len()) > edits {
        return false;
    }
    // What both begin and end with is settled.
    let same = letters.iter().zip(target).take_while(|(a, b)| a == b).count();
    let (a, b) = (&letters[same..], &target[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    distance(&a[..a.len() - same], &b[..b.len() - same]) <= edits
}

/// The edits between two words, swaps of neighbours counted as one.
fn distance(a: &[char], b: &[char]) -> usize {
    const WIDE: usize = super::fold::WORD_BYTES_MAX + 2;
    let (mut before, mut above, mut row) = ([0; WIDE], [0; WIDE], [0; WIDE]);
    for (at, cell) in above.iter_mut().enumerate() {
        *cell = at;
    }
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let other = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + other);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best;
        }
        before = above;
        above = row;
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Stems, Vocabulary};

    fn vocabulary(words: &[(&str, u32)]) -> Vocabulary {
        Vocabulary::new(words.iter().map(|(word, count)| ((*word).into(), *count)).collect())
    }

    #[test]
    fn a_misspelt_word_is_corrected_to_the_nearest_then_the_most_frequent() {
        let known = vocabulary(&[
            ("library", 50),
            ("libraries", 9),
            ("card", 40),
            ("cart", 3),
            ("renew", 20),
            ("shakespeare", 12),
            ("reservation", 5),
            ("été", 2),
            ("book", 90),
        ]);
        for (word, expected) in [
            ("libary", "library"),
            ("librray", "library"),
            ("liibrary", "library"),
            ("kibrary", "library"),
            ("carf", "card"),
            ("carx", "card"),
            ("rnew", "renew"),
            ("shakespere", "shakespeare"),
            ("shakspere", "shakespeare"),
            ("resrvatoin", "reservation"),
            // Short, a number, too far, or two edits with another first letter.
            ("car", "-"),
            ("2019", "-"),
            ("b00k", "-"),
            ("xhakespere", "-"),
            ("garden", "-"),
            ("", "-"),
        ] {
            assert_eq!(known.correct(word).unwrap_or("-"), expected, "{word}");
        }
    }

    #[test]
    fn counts_are_kept() {
        let known = vocabulary(&[("card", 40), ("cart", 3)]);
        assert_eq!((known.count("card"), known.count("cart"), known.count("carp")), (40, 3, 0));
        assert_eq!(vocabulary(&[]).count("card"), 0);
        assert_eq!(vocabulary(&[]).correct("card"), None);
    }

    #[test]
    fn a_family_is_the_words_of_one_stem() {
        let words =
            ["histories", "history", "historian", "hist", "whale", "whales", "whaling", "it"];
        let known = vocabulary(&words.map(|word| (word, 1)));
        let stems = Stems::of(crate::Lang::EN).unwrap();
        for (word, expected) in [
            ("history", "histories history"),
            ("whale", "whale whales whaling"),
            ("it", "it"),
            ("sea", ""),
        ] {
            let mut family = Vec::new();
            known.family(word, stems, &mut family);
            assert_eq!(family.join(" "), expected, "{word}");
        }
    }

    #[test]
    fn words_of_several_indexes_are_put_together() {
        let known = vocabulary(&[("card", 2), ("book", 1), ("card", 3)]);
        assert_eq!((known.count("card"), known.count("book")), (5, 1));
    }

    proptest::proptest! {
        #[test]
        fn a_word_with_one_edit_finds_its_way_back(
            word in "[a-z]{5,12}", at in 0usize..5, letter in "[a-z]", kind in 0u8..4,
        ) {
            let known = vocabulary(&[(&word, 1)]);
            let mut typed: Vec<char> = word.chars().collect();
            match kind {
                0 => typed[at] = letter.chars().next().unwrap(),
                1 => typed.insert(at, letter.chars().next().unwrap()),
                2 => { typed.remove(at); }
                _ => typed.swap(at, (at + 1) % word.len()),
            }
            let typed: String = typed.into_iter().collect();
            if typed.len() >= 4 && !(kind == 3 && at + 1 == word.len()) {
                assert_eq!(known.correct(&typed), Some(word.as_str()));
            }
        }
    }
}
