//! The words of a text, folded so that "Où" and "ou", "Café" and "cafe" are one.

use std::ops::Range;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Words of a text that are looked at: who asks for a fact needs far fewer.
const MAX_TOKENS: usize = 40;

/// Bytes of a text that are looked at, whatever they hold.
const MAX_BYTES: usize = 600;

/// A text's words: lower case, without diacritics, in order.
pub(super) struct Tokens {
    folded: String,
    words: Vec<Range<usize>>,
}

impl Tokens {
    /// Takes a text apart; `None` if it is empty, or longer than any question about a fact.
    ///
    /// A mark of `: . / -` between two digits stays in its word, so that "18:30" and "24/12" are
    /// one word; every other mark parts words, the apostrophe too.
    pub(super) fn new(text: &str) -> Option<Tokens> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut tokens = Tokens { folded: String::with_capacity(text.len()), words: Vec::new() };
        let mut start = None;
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let after_digit = tokens.folded.ends_with(|c: char| c.is_ascii_digit());
            let joins = matches!(letter, ':' | '.' | '/' | '-')
                && after_digit
                && letters.peek().is_some_and(char::is_ascii_digit);
            if letter.is_alphanumeric() || is_combining_mark(letter) || (joins && start.is_some()) {
                start.get_or_insert(tokens.folded.len());
                tokens.fold(letter);
            } else if !is_invisible(letter) {
                tokens.end(start.take());
                tokens.folded.push(' ');
            }
        }
        tokens.end(start);
        (1..=MAX_TOKENS).contains(&tokens.words.len()).then_some(tokens)
    }

    /// The words.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|range| &self.folded[range.clone()])
    }

    fn fold(&mut self, letter: char) {
        match letter {
            'œ' | 'Œ' => self.folded.push_str("oe"),
            'æ' | 'Æ' => self.folded.push_str("ae"),
            ascii if ascii.is_ascii() => self.folded.push(ascii.to_ascii_lowercase()),
            other => decompose_canonical(other, |part| {
                if !is_combining_mark(part) {
                    self.folded.extend(part.to_lowercase());
                }
            }),
        }
    }

    fn end(&mut self, start: Option<usize>) {
        if let Some(start) = start
            && start < self.folded.len()
        {
            self.words.push(start..self.folded.len());
        }
    }
}

/// Marks that are written inside words and not seen: soft hyphen, zero-width space and joiners.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::Tokens;

    #[test]
    fn words_are_folded_and_parted() {
        let words = |text: &str| {
            Tokens::new(text).map(|t| t.iter().map(str::to_owned).collect::<Vec<_>>().join("|"))
        };
        assert_eq!(words("Où êtes-vous ?").unwrap(), "ou|etes|vous");
        assert_eq!(
            words("What’s open at 18:30, on 24/12?").unwrap(),
            "what|s|open|at|18:30|on|24/12"
        );
        assert_eq!(words("e\u{301}te\u{301} 7.30pm.").unwrap(), "ete|7.30pm");
        assert_eq!(words("o\u{200b}pen").unwrap(), "open");
        assert_eq!(words(" ?! "), None);
        assert_eq!(words(&"open ".repeat(41)), None);
    }
}
