//! What a question means: its vector, of its words as they were meant.

use super::asked::{self, Word};
use super::entries::Entries;
use crate::index::entries::Answering;
use crate::meaning::near::{Near, Nearness};
use crate::text::vocabulary::Vocabulary;
use encoder::{Encoder, Side, Vector};
use std::borrow::Cow;
use std::cell::OnceCell;

/// How much of a question is encoded: the time that this takes grows with it, and what means many
/// things is near to none.
pub(super) const MEANT_CHARS_MAX: usize = 120;

/// The pieces that the encoder sets around each text.
const FRAME: usize = 2;

/// What is taken into pieces of fewer letters in the mean is spelt rather than known.
const LETTERS_OF_PIECE: usize = 2;

/// What a question means, and how near that is to each answer once it was asked.
pub(super) struct Meaning {
    /// What was asked.
    pub(super) text: String,
    vector: Vector,
    to_entries: OnceCell<Vec<Nearness>>,
    to_sections: OnceCell<Vec<Nearness>>,
}

impl Meaning {
    fn new(text: &str, vector: Vector) -> Meaning {
        Meaning {
            text: text.to_owned(),
            vector,
            to_entries: OnceCell::new(),
            to_sections: OnceCell::new(),
        }
    }

    /// What a text means whose questions mean this.
    pub(super) fn together<'m>(
        text: &str,
        meanings: impl Iterator<Item = &'m Meaning>,
    ) -> Option<Meaning> {
        let vectors: Vec<Vector> = meanings.map(|meaning| meaning.vector.clone()).collect();
        Vector::together(&vectors).map(|vector| Meaning::new(text, vector))
    }

    /// How near it is to each answer, in their order; looked up once for each kind.
    pub(super) fn near<T: Answering>(&self, near: &Near) -> &[Nearness] {
        let known = if T::PHRASED { &self.to_entries } else { &self.to_sections };
        known.get_or_init(|| near.to(&self.vector))
    }
}

impl Entries {
    /// What a question of these words means, where that is of use; `other` are the words of the records.
    pub(super) fn meaning(
        &self,
        text: &str,
        words: &[Word],
        other: &Vocabulary,
    ) -> Option<Meaning> {
        let encoder = self.encoder.as_ref()?;
        if self.entries.all.is_empty() && self.sections.all.is_empty() {
            return None;
        }
        if self.is_noise(encoder, words) {
            return None;
        }
        let right = self.spelt_right(encoder, text, words, other);
        let end = right.char_indices().nth(MEANT_CHARS_MAX).map_or(right.len(), |(at, _)| at);
        Some(Meaning::new(text, encoder.encode(&quietly(&right[..end]), Side::Question)))
    }

    /// Whether all words are letters that make no word anywhere ("xyzzy"): the library knows none of
    /// them, and the encoder can but spell them. What they would be near to is chance.
    fn is_noise(&self, encoder: &Encoder, words: &[Word]) -> bool {
        let (mut letters, mut pieces) = (0, 0);
        for word in words {
            let folded = word.folded.as_str();
            if word.common != 0
                || !folded.bytes().all(|byte| byte.is_ascii_alphabetic())
                || self.words.count(folded) > 0
            {
                return false;
            }
            letters += folded.len();
            pieces += encoder.count(folded, Side::Question).saturating_sub(FRAME);
        }
        pieces > 0 && letters < pieces * LETTERS_OF_PIECE
    }

    /// A text with its misspelt words as they were meant. A word that the encoder knows better than
    /// what it is taken for is none of them.
    fn spelt_right<'t>(
        &self,
        encoder: &Encoder,
        text: &'t str,
        words: &[Word],
        other: &Vocabulary,
    ) -> Cow<'t, str> {
        let pieces = |word: &str| encoder.count(word, Side::Question);
        let (mut right, mut done) = (String::new(), 0);
        for word in words.iter().filter(|word| word.at.0 < text.len()) {
            let (from, to) = word.at;
            if from >= done
                && let Some(meant) = asked::corrected(word, &self.words, other)
                && pieces(meant) < pieces(&word.folded)
            {
                right.push_str(&text[done..from]);
                right.push_str(meant);
                done = to;
            }
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        right.push_str(&text[done..]);
        Cow::Owned(right)
    }
}

/// A text as it is meant: whoever writes all in capitals says nothing else by it.
fn quietly(text: &str) -> Cow<'_, str> {
    let (mut upper, mut lower) = (0, 0);
    for c in text.chars() {
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
    }
    if upper > 2 * lower { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }
}
