//! The language that a text shows.

use super::fold::Words;
use super::lists::{LISTED, Languages, Listed, language, listed};
use crate::Lang;
use whatlang::{Detector, Script};

/// Below this many letters the letters alone say nothing about the language.
const LETTERS_MIN: usize = 24;

/// How sure the detector must be of its own answer: below this it was wrong about short texts in
/// English and French more often than right.
const DETECTOR_SURE: f64 = 0.6;

/// The language of a text; `None` where the text does not show it.
pub(crate) fn guess(text: &str) -> Option<Lang> {
    let (mut words, mut word, mut votes) = (Words::new(text), String::new(), Votes::default());
    while words.next_into(&mut word).is_some() {
        votes.add(listed(&word));
    }
    votes.decide(text)
}

/// What the words of a text say about its language, in half votes.
#[derive(Default)]
pub(crate) struct Votes {
    by_language: [u16; LISTED.len()],
}

impl Votes {
    /// Counts a word: one on the lists of a single language says more than one of several.
    pub(crate) fn add(&mut self, listed: Listed) {
        let of = listed.common | listed.shows;
        let weight = if of.count_ones() == 1 { 4 } else { 2 };
        for (bit, votes) in self.by_language.iter_mut().enumerate() {
            if has(of, bit) {
                *votes = votes.saturating_add(weight);
            }
        }
    }

    /// The language with the most votes if it leads clearly, else what script and letters show.
    pub(crate) fn decide(mut self, text: &str) -> Option<Lang> {
        self.add_letters(text);
        let mut order: Vec<usize> = (0..LISTED.len()).collect();
        order.sort_by_key(|&bit| std::cmp::Reverse(self.by_language[bit]));
        let (first, second) = (self.by_language[order[0]], self.by_language[order[1]]);
        // A lead of one word known in that language alone, and more where there are more votes.
        if first >= 4 && first - second >= 2.max(first / 4) {
            return language(order[0]);
        }
        detect(text)
    }

    /// Letters with diacritics that only some languages write.
    fn add_letters(&mut self, text: &str) {
        if text.is_ascii() {
            return;
        }
        for c in text.chars() {
            let of: &[usize] = match c.to_lowercase().next().unwrap_or(c) {
                'œ' | 'ù' | 'û' | 'î' | 'ë' | 'ï' => &[1],
                'é' | 'è' | 'ê' | 'ç' | 'à' | 'â' | 'ô' => &[1],
                'ß' | 'ä' => &[2],
                'ñ' | '¿' | '¡' => &[3],
                'ã' | 'õ' => &[5],
                _ => &[],
            };
            for &bit in of {
                self.by_language[bit] = self.by_language[bit].saturating_add(2);
            }
        }
    }
}

fn has(languages: Languages, bit: usize) -> bool {
    languages & (1 << bit) != 0
}

/// Asks whatlang: the script alone where it tells the language, else enough letters.
fn detect(text: &str) -> Option<Lang> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).take(LETTERS_MIN).count();
    if letters == 0 {
        return None;
    }
    let script = if text.is_ascii() { Script::Latin } else { whatlang::detect_script(text)? };
    if script == Script::Latin && letters < LETTERS_MIN {
        return None;
    }
    let detector = if script == Script::Latin {
        Detector::with_allowlist(LATIN.to_vec())
    } else {
        Detector::new()
    };
    let info = detector.detect(text)?;
    let sure = script != Script::Latin || info.confidence() >= DETECTOR_SURE;
    if sure { Lang::parse(info.lang().code()) } else { None }
}

/// The languages in Latin script that patrons of a library are likely to write.
const LATIN: [whatlang::Lang; 18] = [
    whatlang::Lang::Eng,
    whatlang::Lang::Fra,
    whatlang::Lang::Deu,
    whatlang::Lang::Spa,
    whatlang::Lang::Ita,
    whatlang::Lang::Por,
    whatlang::Lang::Nld,
    whatlang::Lang::Swe,
    whatlang::Lang::Dan,
    whatlang::Lang::Nob,
    whatlang::Lang::Fin,
    whatlang::Lang::Pol,
    whatlang::Lang::Ces,
    whatlang::Lang::Hun,
    whatlang::Lang::Ron,
    whatlang::Lang::Tur,
    whatlang::Lang::Vie,
    whatlang::Lang::Cat,
];

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn a_text_shows_its_language_or_none() {
        for (text, expected) in [
            ("what time do you open", "en"),
            ("how do I renew a book?", "en"),
            ("opening hours", "en"),
            ("is there wifi", "en"),
            ("my card is lost", "en"),
            ("do you have a café nearby", "en"),
            ("quels sont les horaires ?", "fr"),
            ("ouvert le dimanche", "fr"),
            ("horaires samedi", "fr"),
            ("comment renouveler un livre", "fr"),
            ("je cherche un roman", "fr"),
            ("est-ce que je peux imprimer", "fr"),
            ("bonjour", "fr"),
            ("wo ist die Bibliothek", "de"),
            ("dónde está la biblioteca", "es"),
            ("onde fica a biblioteca e como posso ir", "pt"),
            ("a che ora apre la biblioteca", "it"),
            ("hoe laat gaat de bibliotheek open", "nl"),
            ("во сколько открывается библиотека", "ru"),
            ("متى تفتح المكتبة", "ar"),
            ("מתי נפתחת הספרייה", "he"),
            ("図書館は何時に開きますか", "ja"),
            ("", "-"),
            ("🎉", "-"),
            ("1984", "-"),
            ("wifi", "en"),
            ("Utopia", "-"),
            ("Flaubert", "-"),
            ("\0\u{200b}", "-"),
        ] {
            let found = guess(text).map_or("-".to_owned(), |lang| lang.to_string());
            assert_eq!(found, expected, "{text}");
        }
    }
}
