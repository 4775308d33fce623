//! The language that a text shows.

use super::fold::Words;
use super::lists::{LISTED, Languages, Listed, language, listed};
use crate::Lang;
use whatlang::{Detector, Script};

/// Below this many letters the letters alone say nothing about the language.
const LETTERS_MIN: usize = 24;

/// The same where no word shows the language: so long a text is hardly a title.
const LETTERS_OF_A_TITLE: usize = 48;

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

/// What the words of a text say about its language.
#[derive(Default)]
pub(crate) struct Votes {
    /// Half votes.
    by_language: [u16; LISTED.len()],
    /// Words that show the language by themselves.
    telling: [u16; LISTED.len()],
    /// Words with a meaning of their own that the language has, those included.
    known: [u16; LISTED.len()],
    /// All words with a meaning of their own.
    content: u16,
}

impl Votes {
    /// Counts a word: one on the lists of a single language says more than one of several.
    pub(crate) fn add(&mut self, listed: Listed) {
        if listed.neutral {
            return;
        }
        let of = listed.common | listed.shows;
        let weight = if of.count_ones() == 1 { 4 } else { 2 };
        let own_meaning = u16::from(listed.common & listed.slight == 0);
        self.content = self.content.saturating_add(own_meaning);
        for bit in (0..LISTED.len()).filter(|&bit| has(of, bit)) {
            self.vote(bit, weight);
            self.known[bit] = self.known[bit].saturating_add(own_meaning);
            if !has(listed.slight, bit) {
                self.telling[bit] = self.telling[bit].saturating_add(1);
            }
        }
    }

    fn vote(&mut self, bit: usize, weight: u16) {
        self.by_language[bit] = self.by_language[bit].saturating_add(weight);
    }

    /// The language with the most votes if it leads clearly, else what script and letters show.
    /// What may as well be a title shows none: a patron asks for books in any language.
    pub(crate) fn decide(mut self, text: &str) -> Option<Lang> {
        self.add_letters(text);
        let mut order: Vec<usize> = (0..LISTED.len()).collect();
        order.sort_by_key(|&bit| std::cmp::Reverse(self.by_language[bit]));
        let best = order[0];
        let (first, second) = (self.by_language[best], self.by_language[order[1]]);
        let most = self.known[best] * 2 > self.content;
        let capitals = is_written_as_a_title(text);
        let shown = most || (self.telling[best] > 0 && !capitals);
        // A lead of one word known in that language alone, and more where there are more votes.
        if shown && first >= 4 && first - second >= 2.max(first / 4) {
            return language(best);
        }
        detect(text, self.telling[best] > 0, capitals)
    }

    /// Letters and marks that only some languages write.
    fn add_letters(&mut self, text: &str) {
        if text.is_ascii() {
            return;
        }
        // "C'è": the one word by which Italian asks for most things, which folding takes apart.
        let small = text.to_lowercase();
        if ["c'è", "c’è"].iter().any(|there_is| small.contains(there_is)) {
            self.vote(IT, 4);
            self.telling[IT] = self.telling[IT].saturating_add(1);
        }
        for c in small.chars() {
            match c {
                'œ' | 'ù' | 'û' | 'î' | 'ë' | 'ï' | 'è' | 'à' => self.vote(FR, 2),
                'é' => self.vote(FR, 1),
                'ê' | 'ç' | 'â' | 'ô' => {
                    self.vote(FR, 1);
                    self.vote(PT, 1);
                }
                'ß' | 'ä' | 'ö' | 'ü' => self.vote(DE, 2),
                'ñ' => self.vote(ES, 2),
                'á' | 'í' | 'ó' | 'ú' => {
                    self.vote(ES, 1);
                    self.vote(PT, 1);
                }
                'ã' | 'õ' => self.vote(PT, 2),
                '¿' | '¡' => {
                    self.vote(ES, 4);
                    self.telling[ES] = self.telling[ES].saturating_add(1);
                }
                _ => {}
            }
        }
    }
}

/// The places of some languages in [`LISTED`].
const FR: usize = 1;
const DE: usize = 2;
const ES: usize = 3;
const IT: usize = 4;
const PT: usize = 5;

/// Whether each longer word of a text begins with a capital, and there are several: a title, or a
/// name. A text all in capitals, and one that ends in a question mark, is neither.
fn is_written_as_a_title(text: &str) -> bool {
    /// Shorter words are written small in titles.
    const LETTERS: usize = 4;
    if text.trim_end().ends_with('?') || !text.chars().any(char::is_lowercase) {
        return false;
    }
    let longer = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().nth(LETTERS - 1).is_some());
    let (mut all, mut small) = (0, 0);
    for word in longer {
        all += 1;
        small += usize::from(word.starts_with(char::is_lowercase));
    }
    all >= 2 && small == 0
}

fn has(languages: Languages, bit: usize) -> bool {
    languages & (1 << bit) != 0
}

/// Asks whatlang: the script alone where it tells the language, else enough letters. `told`:
/// whether a word showed some language by itself.
fn detect(text: &str, told: bool, capitals: bool) -> Option<Lang> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).take(LETTERS_OF_A_TITLE).count();
    if letters == 0 {
        return None;
    }
    let script = if text.is_ascii() { Script::Latin } else { whatlang::detect_script(text)? };
    if matches!(script, Script::Mandarin | Script::Hiragana | Script::Katakana) {
        return Lang::parse(if is_japanese(text) { "ja" } else { "zh" });
    }
    if script == Script::Latin && (letters < LETTERS_MIN || capitals) {
        return None;
    }
    let detector = if script == Script::Latin {
        Detector::with_allowlist(LATIN.to_vec())
    } else {
        Detector::new()
    };
    let info = detector.detect(text)?;
    let lang = Lang::parse(info.lang().code())?;
    if script != Script::Latin {
        return Some(lang);
    }
    // In a language with word lists a question has words of them.
    let listed = LISTED.contains(&lang.as_str());
    let long = !listed || told || letters >= LETTERS_OF_A_TITLE;
    (long && info.confidence() >= DETECTOR_SURE).then_some(lang)
}

/// Whether a text in Han characters is Japanese: it has kana among them, or a character that is
/// written so in Japan alone.
fn is_japanese(text: &str) -> bool {
    const KANA: std::ops::RangeInclusive<char> = '\u{3041}'..='\u{30ff}';
    const IN_JAPAN: &str = "図読売駅検覧録実営帰円気様対発変広応単楽験済処込働歴関辺黒巻毎択拡拝権";
    text.chars().any(|c| KANA.contains(&c) || IN_JAPAN.contains(c))
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

    /// Of the table so many in a hundred must come out as written.
    const RIGHT_OF_HUNDRED: usize = 95;

    #[test]
    fn short_texts_show_their_language_or_none() {
        check(include_str!("cases/languages.txt"), RIGHT_OF_HUNDRED);
    }

    #[test]
    fn short_texts_of_later_do_mostly() {
        check(include_str!("cases/languages-later.txt"), RIGHT_OF_HUNDRED);
    }

    fn check(table: &str, right_of_hundred: usize) {
        let (mut all, mut wrong) = (0, Vec::new());
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (text, expected) = line.rsplit_once(" = ").unwrap();
            let found = guess(text).map_or("-".to_owned(), |lang| lang.to_string());
            all += 1;
            if found != expected {
                wrong.push(format!("{text}: {found}, not {expected}"));
            }
        }
        println!("{} of {all} right; {wrong:#?}", all - wrong.len());
        assert!((all - wrong.len()) * 100 >= all * right_of_hundred, "{wrong:#?}");
    }

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
            ("wifi", "-"),
            ("Utopia", "-"),
            ("Flaubert", "-"),
            ("\0\u{200b}", "-"),
        ] {
            let found = guess(text).map_or("-".to_owned(), |lang| lang.to_string());
            assert_eq!(found, expected, "{text}");
        }
    }
}
