//! Stems of words, by language.

use crate::Lang;
use frostem::{Algorithm, Stemmer};

/// A language that has stems here.
#[derive(Clone, Copy)]
pub(crate) struct Stems {
    stemmer: Stemmer,
    french: bool,
}

impl Stems {
    /// The stems of a language; `None` for one whose words are taken as they are.
    pub(crate) fn of(lang: Lang) -> Option<Stems> {
        let algorithm = match lang.as_str() {
            "da" => Algorithm::Danish,
            "de" => Algorithm::German,
            "en" => Algorithm::English,
            "es" => Algorithm::Spanish,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "nl" => Algorithm::Dutch,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "sv" => Algorithm::Swedish,
            _ => return None,
        };
        Some(Stems { stemmer: Stemmer::new(algorithm), french: lang == Lang::FR })
    }

    /// Puts the stem of a folded word into `stem`. Words with digits, and those of one or two
    /// letters, are their own stems.
    pub(crate) fn stem(self, word: &str, stem: &mut String) {
        stem.clear();
        if word.len() <= 2 || word.bytes().any(|b| b.is_ascii_digit()) {
            stem.push_str(word);
            return;
        }
        // The French algorithm knows `ée` and `é` by their accents, which are folded away here.
        let word = if self.french { without_participle(word) } else { word };
        stem.push_str(&self.stemmer.stem(word));
        if stem.is_empty() {
            stem.push_str(word);
        }
    }
}

/// "fermees", "fermee", "fermes" and "ferme" are one word in four genders and numbers.
fn without_participle(word: &str) -> &str {
    for ending in ["ees", "ee", "es", "er"] {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() >= 3
        {
            return &word[..stem.len() + usize::from(ending != "er")];
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::Stems;
    use crate::Lang;

    #[test]
    fn words_of_one_family_share_a_stem() {
        for (lang, family) in [
            ("en", &["renew", "renewed", "renewing", "renews"][..]),
            ("en", &["library", "libraries"]),
            ("fr", &["fermé", "fermée", "fermées", "ferme", "fermer"]),
            ("fr", &["bibliothèque", "bibliothèques"]),
            ("fr", &["réserver", "réservé", "réservée"]),
            ("de", &["buch", "buches"]),
            ("es", &["libro", "libros"]),
        ] {
            let stems = Stems::of(Lang::parse(lang).unwrap()).unwrap();
            let (mut first, mut stem) = (String::new(), String::new());
            for word in family {
                stems.stem(&crate::text::fold::folded(word), &mut stem);
                if first.is_empty() {
                    first.clone_from(&stem);
                }
                assert_eq!(stem, first, "{word}");
            }
        }
    }

    #[test]
    fn short_words_and_numbers_are_their_own_stems() {
        let stems = Stems::of(Lang::EN).unwrap();
        for word in ["it", "is", "19", "b2b", "1984s"] {
            let mut stem = String::new();
            stems.stem(word, &mut stem);
            assert_eq!(stem, word);
        }
    }
}
