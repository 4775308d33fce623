//! The words of a text as an index holds them, for tantivy.
//!
//! Entries are few: their words stand in the index as stems, in the language of each entry. Records
//! are many: their words stand in it as they are, folded, which costs a writer next to nothing,
//! and a word that is asked is looked up with its family instead ([`super::vocabulary`]).

use super::fold::Words;
use super::stem::Stems;
use crate::Lang;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Before a text that is stemmed stands its language between two of these.
const MARK: char = '\u{1}';

/// The words met while indexing, with how often.
pub(crate) type Counts = Arc<Mutex<FxHashMap<Box<str>, u32>>>;

/// Puts the language of a text before it, as [`Stemmed`] reads it.
pub(crate) fn marked(lang: Option<Lang>, text: &str) -> String {
    let code = lang.as_ref().map_or("", Lang::as_str);
    format!("{MARK}{code}{MARK}{text}")
}

/// Cuts a marked text into stems, and counts the words that it met.
#[derive(Clone)]
pub(crate) struct Stemmed {
    counts: Counts,
}

impl Stemmed {
    /// Counts words into `counts`.
    pub(crate) fn new(counts: Counts) -> Stemmed {
        Stemmed { counts }
    }
}

impl Tokenizer for Stemmed {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        let marked = text.strip_prefix(MARK).and_then(|rest| rest.split_once(MARK));
        let (code, text) = marked.unwrap_or(("", text));
        let stems = Lang::parse(code).and_then(Stems::of);
        Stream { counts: Some(&self.counts), stems, ..Stream::new(text) }
    }
}

/// Cuts a text into its words.
#[derive(Clone)]
pub(crate) struct Plain;

impl Tokenizer for Plain {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream::new(text)
    }
}

/// The words of one text.
pub(crate) struct Stream<'a> {
    words: Words<'a>,
    word: String,
    counts: Option<&'a Counts>,
    stems: Option<Stems>,
    token: Token,
}

impl<'a> Stream<'a> {
    fn new(text: &'a str) -> Stream<'a> {
        let token = Token { position: usize::MAX, ..Token::default() };
        Stream {
            words: Words::in_pairs(text),
            word: String::new(),
            counts: None,
            stems: None,
            token,
        }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let token = &mut self.token;
        token.position = token.position.wrapping_add(1);
        let Some(counts) = self.counts else {
            return self.words.next_into(&mut token.text).is_some();
        };
        if self.words.next_into(&mut self.word).is_none() {
            return false;
        }
        match self.stems {
            Some(stems) => stems.stem(&self.word, &mut token.text),
            None => token.text.clone_from(&self.word),
        }
        let mut counts = counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match counts.get_mut(self.word.as_str()) {
            Some(count) => *count += 1,
            None => {
                counts.insert(self.word.as_str().into(), 1);
            }
        }
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
    use super::{Counts, Plain, Stemmed, marked};
    use crate::Lang;
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    #[test]
    fn a_text_is_stemmed_in_its_own_language_and_its_words_counted() {
        let counts = Counts::default();
        let mut stemmed = Stemmed::new(counts.clone());
        for (lang, text, expected) in [
            (Some(Lang::EN), "The Libraries' opening hours", "the librari open hour"),
            (Some(Lang::FR), "Les bibliothèques fermées", "le bibliothequ ferm"),
            (None, "Libraries", "libraries"),
        ] {
            assert_eq!(cut(&mut stemmed, &marked(lang, text)), expected);
        }
        let counts = counts.lock().unwrap();
        assert_eq!(counts.get("libraries"), Some(&2));
        assert_eq!(counts.get("bibliotheques"), Some(&1));
        assert_eq!(cut(&mut Plain, "Les Bibliothèques"), "les bibliotheques");
    }

    fn cut(tokenizer: &mut impl Tokenizer, text: &str) -> String {
        let mut stream = tokenizer.token_stream(text);
        let mut found = Vec::new();
        while stream.advance() {
            found.push(stream.token().text.clone());
        }
        found.join(" ")
    }
}
