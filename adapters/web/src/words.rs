//! The pages' own sentences.

use bot::{Args, Sentences};
use knowledge::Lang;
use std::collections::BTreeMap;

/// The languages that there are sentences in, with their Fluent files.
const TEXTS: [(Lang, &str); 2] =
    [(Lang::EN, include_str!("../texts/en.ftl")), (Lang::FR, include_str!("../texts/fr.ftl"))];

/// The pages' own sentences.
pub(crate) struct Words {
    files: BTreeMap<Lang, Sentences>,
}

/// The sentences of one language.
#[derive(Clone, Copy)]
pub(crate) struct In<'a> {
    sentences: Option<&'a Sentences>,
}

impl Words {
    pub(crate) fn new() -> Words {
        let files = TEXTS.into_iter().map(|(lang, text)| (lang, Sentences::new(lang, text)));
        Words { files: files.collect() }
    }

    /// The sentences of a language; English ones for a language that has none.
    pub(crate) fn of(&self, lang: Lang) -> In<'_> {
        let sentences = self.files.get(&lang).or_else(|| self.files.get(&Lang::EN));
        In { sentences }
    }
}

impl In<'_> {
    /// A sentence.
    pub(crate) fn say(&self, name: &str) -> String {
        self.with(name, &[])
    }

    /// A sentence with something put into it.
    pub(crate) fn with(&self, name: &str, args: &Args<'_>) -> String {
        self.sentences.map_or_else(|| name.to_owned(), |sentences| sentences.say(name, args))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_whole() {
        for (lang, text) in TEXTS {
            assert_eq!(Sentences::mistakes(text), Vec::<String>::new(), "{lang}");
        }
    }
}
