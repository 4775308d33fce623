//! From text to the numbers of pieces, as the encoders' own programs do it.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::pieces::Pieces;

/// How an encoder takes text apart.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pieces: Pieces,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// BERT's: lower case without accents, the longest piece first.
    Wordpiece,
    /// SentencePiece's: of all ways to take a word apart the one with the best sum of scores.
    Unigram { scores: Vec<f32>, unknown: f32 },
}

/// Bytes of a text that are looked at: more than enough for [`crate::MAX_TOKENS`] pieces.
const MAX_BYTES: usize = 4 * 1024;

/// Characters of a word that WordPiece takes apart; a longer one is unknown to it.
pub(crate) const MAX_WORD: usize = 100;

/// How much worse than the worst piece a character is that no piece has.
const UNKNOWN_COST: f32 = 10.0;

/// What SentencePiece puts before a word.
pub(crate) const WORD_START: char = '\u{2581}';

impl Vocabulary {
    pub(crate) fn wordpiece(pieces: Pieces) -> Self {
        Vocabulary { pieces, kind: Kind::Wordpiece }
    }

    /// Takes the pieces with a score each.
    pub(crate) fn unigram(pieces: Pieces, scores: Vec<f32>) -> Self {
        let unknown = scores.iter().fold(0.0_f32, |worst, score| worst.min(*score)) - UNKNOWN_COST;
        Vocabulary { pieces, kind: Kind::Unigram { scores, unknown } }
    }

    /// Returns the text's pieces between those of begin and end, at most `most` of them.
    pub(crate) fn tokens(&self, text: &str, most: usize) -> Vec<u32> {
        let text = &text[..text.floor_char_boundary(MAX_BYTES)];
        let room = most.saturating_sub(2);
        let mut tokens = vec![self.begin()];
        match &self.kind {
            Kind::Wordpiece => {
                for word in words(text) {
                    self.longest_pieces(&word, &mut tokens);
                    if tokens.len() > room {
                        break;
                    }
                }
            }
            Kind::Unigram { scores, unknown } => {
                for word in cleaned(text).split(' ').filter(|word| !word.is_empty()) {
                    self.best_pieces(word, scores, *unknown, &mut tokens);
                    if tokens.len() > room {
                        break;
                    }
                }
            }
        }
        tokens.truncate(room + 1);
        tokens.push(self.begin() + 1);
        tokens
    }

    fn begin(&self) -> u32 {
        self.pieces.len() as u32
    }

    fn unknown(&self) -> u32 {
        self.begin() + 2
    }

    fn longest_pieces(&self, word: &str, tokens: &mut Vec<u32>) {
        let before = tokens.len();
        if word.chars().count() > MAX_WORD {
            return tokens.push(self.unknown());
        }
        // A piece inside a word begins with two signs that no word has.
        let mut rest = word.to_owned();
        while !rest.is_empty() && rest != "##" {
            let signs = if tokens.len() > before { 2 } else { 0 };
            let Some((length, piece)) =
                self.pieces.starts_of(rest.as_bytes()).filter(|(length, _)| *length > signs).last()
            else {
                tokens.truncate(before);
                return tokens.push(self.unknown());
            };
            tokens.push(piece);
            rest = format!("##{}", &rest[length..]);
        }
    }

    fn best_pieces(&self, word: &str, scores: &[f32], unknown: f32, tokens: &mut Vec<u32>) {
        let word = format!("{WORD_START}{word}");
        // For each place: the best score of a way to it, where its last piece begins, and which it is.
        let mut best = vec![(f32::MIN, 0, 0); word.len() + 1];
        best[0].0 = 0.0;
        for (at, character) in word.char_indices() {
            let so_far = best[at].0;
            let mut offer = |length: usize, score: f32, piece| {
                let there = &mut best[at + length];
                if so_far + score > there.0 {
                    *there = (so_far + score, at, piece);
                }
            };
            for (length, piece) in self.pieces.starts_of(&word.as_bytes()[at..]) {
                offer(length, scores[piece as usize], piece);
            }
            offer(character.len_utf8(), unknown, self.unknown());
        }
        let before = tokens.len();
        let mut at = word.len();
        while at > 0 {
            let (_, from, piece) = best[at];
            // What is unknown side by side counts once.
            if piece != self.unknown() || tokens[before..].last() != Some(&piece) {
                tokens.push(piece);
            }
            at = from;
        }
        tokens[before..].reverse();
    }
}

/// Returns a text's words in lower case without accents; each sign of punctuation and each Chinese character is one.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    // Marks that take up room, as vowels of Hindi do, are no accents and stay.
    let is_accent =
        |character: &char| character.general_category() == GeneralCategory::NonspacingMark;
    for character in text.nfd().filter(|character| !is_accent(character)) {
        if is_nothing(character) {
        } else if character.is_whitespace() {
            end(&mut word);
        } else if is_punctuation(character) || is_chinese(character) {
            end(&mut word);
            word.push(character);
            end(&mut word);
        } else {
            word.extend(character.to_lowercase());
        }
    }
    end(&mut word);
    words
}

/// Returns a text in its compatible composed form with single spaces between words.
fn cleaned(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len() + 8);
    for character in text.nfkc() {
        match character {
            '\t' | '\n' | '\u{c}' | '\r' | WORD_START => cleaned.push(' '),
            '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffd}' => {
                cleaned.push(' ');
            }
            '\u{b}' => {}
            character if character.is_whitespace() => cleaned.push(' '),
            character if character.is_control() => {}
            character => cleaned.push(character),
        }
    }
    cleaned
}

/// Tells whether BERT drops a character: controls, marks of direction, what is for private use.
fn is_nothing(character: char) -> bool {
    character == '\u{fffd}'
        || !character.is_ascii_graphic()
            && !matches!(character, ' ' | '\t' | '\n' | '\r')
            && character.general_category_group() == GeneralCategoryGroup::Other
            && character.general_category() != GeneralCategory::Unassigned
}

fn is_punctuation(character: char) -> bool {
    character.is_ascii_punctuation()
        || !character.is_ascii()
            && character.general_category_group() == GeneralCategoryGroup::Punctuation
}

/// Tells whether BERT takes a character as a word of its own: the blocks of Chinese characters, not kana nor hangul.
fn is_chinese(character: char) -> bool {
    matches!(
        character,
        '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{2a6df}'
            | '\u{2a700}'..='\u{2ceaf}'
            | '\u{2f800}'..='\u{2fa1f}'
    )
}
