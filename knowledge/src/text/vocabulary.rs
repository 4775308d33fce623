//! The words that an index knows, and the one that a misspelt word was meant to be.
//!
//! A fuzzy query over the index costs many times an exact one, so a word that is not known is
//! corrected here and then asked exactly. All words of one length stand together with a signature
//! each, a bit a letter: most of them are ruled out by comparing two numbers.

use rustc_hash::FxHashMap;

/// Words shorter than this are never corrected: too many words are one letter away.
const ONE_EDIT_FROM: usize = 4;

/// Words from this length on may be two edits away.
const TWO_EDITS_FROM: usize = 8;

/// How many words an index keeps; what is rarest goes. A million words of ten letters take 26 MB.
pub(crate) const WORDS_MAX: usize = 1_000_000;

/// The words of an index.
#[derive(Default)]
pub(crate) struct Vocabulary {
    /// All words, one after the other, by length in characters, then by letters.
    letters: String,
    words: Vec<Known>,
    signatures: Vec<u64>,
    /// Where the words of each length begin; one more at the end.
    lengths: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Known {
    from: u32,
    len: u8,
    count: u32,
}

impl Vocabulary {
    /// Takes words with the number of times that each occurs.
    pub(crate) fn new(counts: FxHashMap<Box<str>, u32>) -> Vocabulary {
        let mut all: Vec<(usize, Box<str>, u32)> =
            counts.into_iter().map(|(word, count)| (word.chars().count(), word, count)).collect();
        if all.len() > WORDS_MAX {
            all.sort_unstable_by(|a, b| (b.2, &a.1).cmp(&(a.2, &b.1)));
            all.truncate(WORDS_MAX);
        }
        all.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let mut vocabulary = Vocabulary::default();
        for (length, word, count) in all {
            while vocabulary.lengths.len() <= length {
                vocabulary.lengths.push(vocabulary.words.len());
            }
            let Ok(from) = u32::try_from(vocabulary.letters.len()) else { break };
            vocabulary.signatures.push(signature(&word));
            vocabulary.letters.push_str(&word);
            vocabulary.words.push(Known { from, len: word.len() as u8, count });
        }
        vocabulary.lengths.push(vocabulary.words.len());
        vocabulary
    }

    /// How often a word occurs; 0 for one that is not known.
    pub(crate) fn count(&self, word: &str) -> u32 {
        let (from, to) = self.of_length(word.chars().count());
        match self.words[from..to].binary_search_by(|known| self.text(*known).cmp(word)) {
            Ok(at) => self.words[from + at].count,
            Err(_) => 0,
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
            if letters.len() < TWO_EDITS_FROM { None } else { self.nearest(&letters, word, 2, true) }
        })
    }

    /// The best word within so many edits.
    fn nearest(&self, letters: &[char], word: &str, edits: usize, first_same: bool) -> Option<&str> {
        let signature = signature(word);
        let first = word.as_bytes().first();
        let mut best: Option<(u32, &str)> = None;
        let (from, _) = self.of_length(letters.len() - edits);
        let (_, to) = self.of_length(letters.len() + edits);
        for (at, other) in self.signatures[from..to].iter().enumerate() {
            if (signature ^ other).count_ones() as usize > 2 * edits {
                continue;
            }
            let known = self.words[from + at];
            let text = self.text(known);
            if best.is_some_and(|(count, _)| known.count <= count)
                || (first_same && text.as_bytes().first() != first)
                || !within(letters, text, edits)
            {
                continue;
            }
            best = Some((known.count, text));
        }
        best.map(|(_, text)| text)
    }

    /// The stretch of words that have so many characters.
    fn of_length(&self, length: usize) -> (usize, usize) {
        let end = self.words.len();
        let at = |length: usize| self.lengths.get(length).copied().unwrap_or(end);
        (at(length), at(length + 1))
    }

    fn text(&self, known: Known) -> &str {
        let from = known.from as usize;
        &self.letters[from..from + usize::from(known.len)]
    }
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
    use super::Vocabulary;

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
