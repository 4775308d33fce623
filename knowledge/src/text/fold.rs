//! Cuts text into words, folded so that one word has one form: lower case, no diacritics, no
//! elided articles, no possessive endings.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A word longer than this is cut: it is noise, or a language written without spaces.
pub(crate) const WORD_BYTES_MAX: usize = 64;

/// The words of a text, one after the other.
pub(crate) struct Words<'a> {
    text: &'a str,
    at: usize,
    /// Whether signs that stand alone come in pairs too.
    in_pairs: bool,
    /// Where the sign begins that was given last, if a pair with the next one may be.
    pair_from: Option<usize>,
}

impl<'a> Words<'a> {
    /// Begins at the start of a text.
    pub(crate) fn new(text: &'a str) -> Words<'a> {
        Words { text, at: 0, in_pairs: false, pair_from: None }
    }

    /// The words as an index has them: in scripts that are written without spaces each sign comes
    /// alone and then with the one after it, so that what is asked meets words and not mere signs
    /// ("図書館": 図, 図書, 書, 書館, 館).
    pub(crate) fn in_pairs(text: &'a str) -> Words<'a> {
        Words { in_pairs: true, ..Words::new(text) }
    }

    /// Puts the next word into `word`, replacing what is there, and tells where it stands in the
    /// text, in bytes; `None` at the end. Words follow each other, but for a pair, which ends in
    /// the sign that comes next.
    pub(crate) fn next_into(&mut self, word: &mut String) -> Option<(usize, usize)> {
        word.clear();
        if let Some(from) = self.pair_from.take()
            && let Some(second) = self.text[self.at..].chars().next().filter(|c| is_own_word(*c))
        {
            let to = self.at + second.len_utf8();
            word.push_str(&self.text[from..to]);
            return Some((from, to));
        }
        if let Some(found) = self.next_plain(word) {
            return Some(found);
        }
        let mut start = self.at;
        let rest = self.text[self.at..].char_indices();
        let base = self.at;
        for (offset, c) in rest {
            let at = base + offset;
            let next = at + c.len_utf8();
            let was_empty = word.is_empty();
            if c.is_ascii_alphanumeric() {
                push(word, c.to_ascii_lowercase());
            } else if is_own_word(c) {
                if was_empty {
                    word.push(c);
                    self.pair_from = self.in_pairs.then_some(at);
                    self.at = next;
                    return Some((at, next));
                }
                self.at = at;
                return Some((start, at));
            } else if !c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c)) {
                fold(c, word);
            } else if is_invisible(c) {
                continue;
            } else if !was_empty {
                match self.inner(c, next, word) {
                    Inner::Joins => continue,
                    Inner::Elides => {
                        word.clear();
                        continue;
                    }
                    Inner::Ends(end) => {
                        self.at = end;
                        return Some((start, at));
                    }
                }
            }
            if was_empty && !word.is_empty() {
                start = at;
            }
        }
        self.at = self.text.len();
        (!word.is_empty()).then_some((start, self.text.len()))
    }

    /// The next word where it is letters and digits of ASCII between two spaces, as most are;
    /// `None`, and nothing done, where it may be more than that.
    fn next_plain(&mut self, word: &mut String) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let skipped =
            bytes[self.at..].iter().take_while(|b| matches!(b, b' ' | b',' | b'.')).count();
        let from = self.at + skipped;
        let len = bytes[from..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let to = from + len;
        let ends = bytes.get(to).is_none_or(|b| matches!(b, b' ' | b',' | b'.' | b'?' | b':'));
        if len == 0 || len > WORD_BYTES_MAX || !ends {
            return None;
        }
        word.push_str(&self.text[from..to]);
        word.make_ascii_lowercase();
        self.at = to;
        Some((from, to))
    }

    /// What a character that is no part of a word does after one: `next` is where it ends.
    fn inner(&self, c: char, next: usize, word: &str) -> Inner {
        let mut after = self.text[next..].chars();
        let follows = after.next().filter(|c| c.is_alphanumeric());
        match (c, follows) {
            ('\'' | '\u{2019}' | '\u{2bc}' | '\u{2018}' | '\u{60}' | '\u{b4}', Some(first)) => {
                let ends = !after.next().is_some_and(char::is_alphanumeric);
                if matches!(first, 's' | 'S') && ends && !is_elision(word) {
                    Inner::Ends(next + first.len_utf8())
                } else if is_elision(word) {
                    Inner::Elides
                } else {
                    Inner::Joins
                }
            }
            // "e-book" is "ebook"; longer parts are words of their own.
            ('-' | '\u{2010}' | '\u{2011}', Some(first))
                if word.len() == 1 && first.is_alphabetic() && word.as_bytes()[0] > b'9' =>
            {
                Inner::Joins
            }
            _ => Inner::Ends(next),
        }
    }
}

/// What stands between two letters.
enum Inner {
    /// The word goes on.
    Joins,
    /// What was read so far is an elided article or pronoun: the word begins after it.
    Elides,
    /// The word is over; reading goes on from there.
    Ends(usize),
}

/// Puts the folded words of a text together, one space between: equal for two texts that differ
/// in case, diacritics and punctuation alone.
pub(crate) fn folded(text: &str) -> String {
    let (mut words, mut word, mut all) = (Words::new(text), String::new(), String::new());
    while words.next_into(&mut word).is_some() {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(&word);
    }
    all
}

fn push(word: &mut String, c: char) {
    if word.len() + c.len_utf8() <= WORD_BYTES_MAX {
        word.push(c);
    }
}

/// Folds one character that is not ASCII.
fn fold(c: char, word: &mut String) {
    if is_diacritic(c) {
        return;
    }
    for c in c.to_lowercase() {
        match c {
            'ß' => word_push_str(word, "ss"),
            'œ' => word_push_str(word, "oe"),
            'æ' => word_push_str(word, "ae"),
            'þ' => word_push_str(word, "th"),
            'ø' => push(word, 'o'),
            'ł' => push(word, 'l'),
            'đ' | 'ð' => push(word, 'd'),
            'ħ' => push(word, 'h'),
            'ı' => push(word, 'i'),
            'ё' => push(word, 'е'),
            // Cyrillic and Hangul letters are letters, not a letter and a mark.
            '\u{400}'..='\u{52f}' | '\u{ac00}'..='\u{d7a3}' => push(word, c),
            _ => decompose_compatible(c, |c| {
                if !is_diacritic(c) {
                    for c in c.to_lowercase() {
                        push(word, c);
                    }
                }
            }),
        }
    }
}

fn word_push_str(word: &mut String, text: &str) {
    for c in text.chars() {
        push(word, c);
    }
}

/// The marks that may be left out when one types: those of the Latin, Greek, Hebrew and Arabic
/// scripts. In other scripts a mark is a vowel.
fn is_diacritic(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Characters that nobody sees and that nobody means: they part no words.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Scripts written without spaces: each sign stands alone.
fn is_own_word(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Articles and pronouns that lose their vowel before another, in French, Italian and Catalan.
fn is_elision(word: &str) -> bool {
    matches!(
        word,
        "l" | "d"
            | "j"
            | "m"
            | "t"
            | "s"
            | "n"
            | "c"
            | "qu"
            | "jusqu"
            | "lorsqu"
            | "puisqu"
            | "quoiqu"
            | "quelqu"
            | "dell"
            | "all"
            | "nell"
            | "sull"
            | "dall"
            | "quell"
            | "un"
    )
}

#[cfg(test)]
mod tests {
    use super::{Words, folded};

    #[test]
    fn one_word_has_one_form() {
        for (text, expected) in [
            ("", ""),
            ("  …  ", ""),
            ("Où est la Bibliothèque ?", "ou est la bibliotheque"),
            ("Straße, Œuvres, Ærø, Łódź", "strasse oeuvres aero lodz"),
            ("L’Assommoir d'Émile Zola", "assommoir emile zola"),
            ("qu'est-ce que c'est", "est ce que est"),
            ("aujourd'hui", "aujourdhui"),
            ("Love's Labour's Lost", "love labour lost"),
            ("don't O'Brien", "dont obrien"),
            ("e-book E‑mail well-known", "ebook email well known"),
            ("COVID-19", "covid 19"),
            ("ﬁne ＡＢＣ １２", "fine abc 12"),
            ("e\u{301}te\u{301}", "ete"),
            ("li\u{200b}bra\u{ad}ry", "library"),
            ("a\0b", "a b"),
            ("東京 library", "東 京 library"),
            ("Чайковский ещё", "чайковский еще"),
            ("שָׁלוֹם مُحَمَّد", "שלום محمد"),
            ("हिन्दी", "हिन्दी"),
            ("🎉🎉", ""),
            ("the cats' home", "the cats home"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn a_word_tells_where_it_stands() {
        let text = "  Où, l'Été!";
        let (mut words, mut word, mut found) = (Words::new(text), String::new(), Vec::new());
        while let Some((from, to)) = words.next_into(&mut word) {
            found.push(&text[from..to]);
        }
        assert_eq!(found, ["Où", "Été"]);
    }

    #[test]
    fn signs_without_spaces_come_alone_and_in_pairs() {
        for (text, expected) in [
            ("図書館は?", "図 図書 書 書館 館 館は は"),
            ("Wi-Fi 可以用吗", "wi fi 可 可以 以 以用 用 用吗 吗"),
            ("本, 紙", "本 紙"),
            ("東京library", "東 東京 京 library"),
            ("library", "library"),
        ] {
            let (mut words, mut word, mut found) = (Words::in_pairs(text), String::new(), vec![]);
            while let Some((from, to)) = words.next_into(&mut word) {
                assert!(from < to && text.is_char_boundary(from) && text.is_char_boundary(to));
                found.push(word.clone());
            }
            assert_eq!(found.join(" "), expected);
        }
    }

    #[test]
    fn an_endless_word_is_cut() {
        assert_eq!(folded(&"a".repeat(1_000)).len(), super::WORD_BYTES_MAX);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_within_its_bounds(text: String) {
            let (mut words, mut word, mut last) = (Words::new(&text), String::new(), 0);
            while let Some((from, to)) = words.next_into(&mut word) {
                assert!(!word.is_empty() && from >= last && to > from && to <= text.len());
                assert!(text.is_char_boundary(from) && text.is_char_boundary(to));
                last = to;
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "[a-zA-ZéÉœßñ '’-]{0,40}") {
            let once = folded(&text);
            // A lone letter before a folded word is no elision once the apostrophe is gone.
            assert_eq!(folded(&once), once);
        }
    }
}
