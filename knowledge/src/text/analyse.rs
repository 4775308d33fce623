//! The words of a text as the index holds them, for tantivy.

use super::fold::Words;
use super::stem::Stems;
use crate::Lang;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Before a text that is indexed stands its language between two of these.
const MARK: char = '\u{1}';

/// How many words an analyzer remembers the stems of before it hands its counts over and begins
/// anew: what bounds its memory, about 6 MB.
const REMEMBERED_MAX: usize = 50_000;

/// The words met while indexing, with how often.
pub(crate) type Counts = Arc<Mutex<FxHashMap<Box<str>, u32>>>;

/// Puts the language of a text before it, as [`Analyser`] reads it.
pub(crate) fn marked(lang: Option<Lang>, text: &str) -> String {
    let code = lang.as_ref().map_or("", Lang::as_str);
    let mut all = String::with_capacity(text.len() + 8);
    all.push(MARK);
    all.push_str(code);
    all.push(MARK);
    all.push_str(text);
    all
}

/// Cuts a marked text into stems, and counts the words that it met.
///
/// A word is stemmed once and remembered: that is what keeps indexing close to the speed of a
/// writer that does not stem. Each indexing thread has clones of its own.
pub(crate) struct Analyser {
    counts: Counts,
    by_language: Vec<(Option<Lang>, Option<Stems>, Remembered)>,
}

type Remembered = FxHashMap<Box<str>, (Box<str>, u32)>;

impl Analyser {
    /// Counts words into `counts`, by and by and at the latest when it is dropped.
    pub(crate) fn new(counts: Counts) -> Analyser {
        Analyser { counts, by_language: Vec::new() }
    }

    /// The index of a language's memory.
    fn memory(&mut self, lang: Option<Lang>) -> usize {
        match self.by_language.iter().position(|(known, ..)| *known == lang) {
            Some(at) => at,
            None => {
                self.by_language.push((lang, lang.and_then(Stems::of), FxHashMap::default()));
                self.by_language.len() - 1
            }
        }
    }

    fn hand_over(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for (_, _, remembered) in &mut self.by_language {
            for (word, (_, count)) in remembered.drain() {
                if counts.len() < super::vocabulary::WORDS_MAX || counts.contains_key(&word) {
                    *counts.entry(word).or_default() += count;
                }
            }
        }
    }
}

impl Clone for Analyser {
    fn clone(&self) -> Analyser {
        Analyser::new(self.counts.clone())
    }
}

impl Drop for Analyser {
    fn drop(&mut self) {
        self.hand_over();
    }
}

impl Tokenizer for Analyser {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        let (lang, text) = match text.strip_prefix(MARK).and_then(|rest| rest.split_once(MARK)) {
            Some((code, text)) => (Lang::parse(code), text),
            None => (None, text),
        };
        if self.by_language.iter().map(|(.., words)| words.len()).sum::<usize>() > REMEMBERED_MAX {
            self.hand_over();
        }
        let memory = self.memory(lang);
        let (_, stems, remembered) = &mut self.by_language[memory];
        let token = Token { position: usize::MAX, ..Token::default() };
        Stream { words: Words::new(text), word: String::new(), stems: *stems, remembered, token }
    }
}

/// The stems of one text.
pub(crate) struct Stream<'a> {
    words: Words<'a>,
    word: String,
    stems: Option<Stems>,
    remembered: &'a mut Remembered,
    token: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some((from, to)) = self.words.next_into(&mut self.word) else {
            return false;
        };
        let token = &mut self.token;
        token.text.clear();
        match self.remembered.get_mut(self.word.as_str()) {
            Some((stem, count)) => {
                *count += 1;
                token.text.push_str(stem);
            }
            None => {
                match self.stems {
                    Some(stems) => stems.stem(&self.word, &mut token.text),
                    None => token.text.push_str(&self.word),
                }
                let stem = token.text.as_str().into();
                self.remembered.insert(self.word.as_str().into(), (stem, 1));
            }
        }
        token.offset_from = from;
        token.offset_to = to;
        token.position = token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::{Analyser, Counts, marked};
    use crate::Lang;
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    #[test]
    fn a_text_is_stemmed_in_its_own_language_and_its_words_counted() {
        let counts = Counts::default();
        let mut analyser = Analyser::new(counts.clone());
        for (lang, text, expected) in [
            (Some(Lang::EN), "The Libraries' opening hours", "the librari open hour"),
            (Some(Lang::FR), "Les bibliothèques fermées", "le bibliothequ ferm"),
            (None, "Libraries", "libraries"),
        ] {
            let text = marked(lang, text);
            let mut stream = analyser.token_stream(&text);
            let mut found = Vec::new();
            while stream.advance() {
                found.push(stream.token().text.clone());
            }
            assert_eq!(found.join(" "), expected);
        }
        drop(analyser);
        let counts = counts.lock().unwrap();
        assert_eq!(counts.get("libraries"), Some(&2));
        assert_eq!(counts.get("bibliotheques"), Some(&1));
    }
}
