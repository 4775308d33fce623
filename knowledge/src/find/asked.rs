//! A question's words as they are looked up.

use crate::Lang;
use crate::text::fold::Words;
use crate::text::guess::Votes;
use crate::text::lists::{LISTED, Languages, common_words, listed};
use crate::text::stem::Stems;
use crate::text::vocabulary::Vocabulary;
use crate::text::wanted::{Request, wanted};
use rustc_hash::FxHashSet;

/// How many different words of a question are looked up, the first ones: a bit each in a mask.
pub(super) const WORDS_MAX: usize = 64;

/// A text cut into words, and the language that it shows.
#[derive(Debug)]
pub(super) struct Asked {
    /// The folded words in their order, repeated ones too.
    pub(super) words: Vec<Word>,
    /// The language that they show.
    pub(super) shown: Option<Lang>,
}

/// One word of a question.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// The word in its folded form.
    pub(super) folded: String,
    /// The languages in which it is common.
    pub(super) common: Languages,
    /// Whether it names what other houses than libraries are for.
    pub(super) elsewhere: bool,
    /// Where it stands in the text, in bytes.
    pub(super) at: (usize, usize),
}

impl Asked {
    /// Cuts a text.
    pub(super) fn new(text: &str) -> Asked {
        let (mut cut, mut votes) = (Words::in_pairs(text), Votes::default());
        let (mut words, mut word) = (Vec::new(), String::new());
        while let Some(at) = cut.next_into(&mut word) {
            let listed = listed(&word);
            votes.add(listed);
            let (common, elsewhere) = (listed.common, listed.elsewhere != 0);
            words.push(Word { folded: word.clone(), common, elsewhere, at });
        }
        Asked { words, shown: votes.decide(text) }
    }

    /// What is left of the words once the asking around it is taken off.
    pub(super) fn request(&self) -> Request {
        let folded: Vec<&str> = self.words.iter().map(|word| word.folded.as_str()).collect();
        wanted(&folded)
    }
}

/// The languages of an index, and with that the stems under which a word may stand in it.
#[derive(Default)]
pub(super) struct Speaks {
    stems: Vec<Stems>,
    /// Whether some texts are indexed without stems.
    plain: bool,
    /// The languages as bits.
    listed: Languages,
}

/// More languages than this are not tried for each word of a question.
const LANGUAGES_MAX: usize = 4;

impl Speaks {
    /// Takes the languages of an index, the most frequent first; `plain` where some of its texts
    /// have none.
    pub(super) fn new(langs: &[Lang], plain: bool) -> Speaks {
        let mut speaks = Speaks { plain, ..Speaks::default() };
        for lang in langs.iter().take(LANGUAGES_MAX) {
            speaks.listed |= bit(*lang);
            match Stems::of(*lang) {
                Some(stems) => speaks.stems.push(stems),
                None => speaks.plain = true,
            }
        }
        speaks.plain |= speaks.stems.is_empty();
        speaks
    }

    /// The forms under which a word may stand in the index, each once.
    pub(super) fn forms(&self, folded: &str) -> Vec<String> {
        let mut forms = Vec::with_capacity(2);
        if self.plain {
            forms.push(folded.to_owned());
        }
        for stems in &self.stems {
            let mut stem = String::new();
            stems.stem(folded, &mut stem);
            if !forms.contains(&stem) {
                forms.push(stem);
            }
        }
        forms
    }

    /// The words of an index of plain words that are one family with a word: in the languages of
    /// the index, and in that of the question.
    pub(super) fn family(
        &self,
        folded: &str,
        lang: Option<Lang>,
        known: &Vocabulary,
    ) -> Vec<String> {
        let mut family = vec![folded.to_owned()];
        let asked = lang.filter(|lang| self.listed & bit(*lang) == 0).and_then(Stems::of);
        for stems in self.stems.iter().copied().chain(asked) {
            known.family(folded, stems, &mut family);
        }
        family
    }

    /// The forms that common words of the index's languages have in it.
    pub(super) fn common_forms(&self) -> FxHashSet<String> {
        let common = common_words().filter(|(_, languages)| languages & self.listed != 0);
        common.flat_map(|(word, _)| self.forms(word)).collect()
    }

    /// Whether a word says little: it is common in the language asked in, or where that is not
    /// known in one of the index.
    pub(super) fn is_common(&self, word: &Word, lang: Option<Lang>) -> bool {
        let languages = match lang.map(bit) {
            Some(bit) if bit != 0 => bit,
            _ => self.listed,
        };
        word.common & languages != 0
    }
}

/// The word that an unknown one was meant to be. A word that another index knows well is not
/// misspelt.
pub(super) fn corrected<'a>(
    word: &Word,
    own: &'a Vocabulary,
    other: &Vocabulary,
) -> Option<&'a str> {
    if word.common != 0 || own.count(&word.folded) > 0 || other.count(&word.folded) > RARE {
        return None;
    }
    own.correct(&word.folded)
}

/// A word that the other index has so often at most may be a misprint there.
const RARE: u32 = 2;

fn bit(lang: Lang) -> Languages {
    LISTED.iter().position(|code| *code == lang.as_str()).map_or(0, |at| 1 << at)
}
