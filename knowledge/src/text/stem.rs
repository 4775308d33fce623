//! Stems of words, by language.

use crate::Lang;
use frostem::{Algorithm, Stemmer};

/// A language that has stems here.
#[derive(Clone, Copy)]
pub(crate) struct Stems {
    stemmer: Stemmer,
    lang: Lang,
}

/// Words of libraries whose stem the algorithms miss, folded, and the word that they are a form of.
const IRREGULAR: [(Lang, &str, &str); 10] = [
    (Lang::EN, "children", "child"),
    (Lang::EN, "theses", "thesis"),
    (Lang::EN, "lent", "lend"),
    (Lang::EN, "lost", "lose"),
    (Lang::FR, "journaux", "journal"),
    (Lang::FR, "travaux", "travail"),
    (Lang::FR, "yeux", "oeil"),
    (ES, "prestamos", "prestamo"),
    (ES, "perdi", "perder"),
    (NL, "kinderen", "kind"),
];

const ES: Lang = Lang::of_two(*b"es");
const PT: Lang = Lang::of_two(*b"pt");
const NL: Lang = Lang::of_two(*b"nl");

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
        Some(Stems { stemmer: Stemmer::new(algorithm), lang })
    }

    /// Puts the stem of a folded word into `stem`. Words with digits, and those of one or two
    /// letters, are their own stems.
    pub(crate) fn stem(self, word: &str, stem: &mut String) {
        stem.clear();
        if word.len() <= 2 || word.bytes().any(|b| b.is_ascii_digit()) {
            stem.push_str(word);
            return;
        }
        let irregular =
            IRREGULAR.iter().find(|(lang, form, _)| *lang == self.lang && *form == word);
        let word = irregular.map_or(word, |(_, _, word)| word);
        // The French algorithm knows `ée` and `é` by their accents, which are folded away here.
        let word = if self.lang == Lang::FR { without_participle(word) } else { word };
        // And the Portuguese one "ão" and "ões" by their tildes.
        match word.strip_suffix("oes").or(word.strip_suffix("aes")).filter(|_| self.lang == PT) {
            Some(start) => stem.push_str(&self.stemmer.stem(&format!("{start}ao"))),
            None => stem.push_str(&self.stemmer.stem(word)),
        }
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
            ("en", &["child", "children"]),
            ("fr", &["fermé", "fermée", "fermées", "ferme", "fermer"]),
            ("fr", &["bibliothèque", "bibliothèques"]),
            ("fr", &["réserver", "réservé", "réservée"]),
            ("de", &["buch", "buches", "bücher"]),
            ("de", &["ausleihe", "ausleihen"]),
            ("es", &["libro", "libros"]),
            ("es", &["préstamo", "prestamos"]),
            ("es", &["renovar", "renovado", "renovando"]),
            ("es", &["renovación", "renovaciones"]),
            ("it", &["libro", "libri"]),
            ("it", &["rinnovare", "rinnovato", "rinnovando"]),
            ("it", &["orario", "orari"]),
            ("pt", &["livro", "livros"]),
            ("pt", &["renovação", "renovações"]),
            ("pt", &["renovar", "renovado"]),
            ("nl", &["boek", "boeken"]),
            ("nl", &["openingstijd", "openingstijden"]),
        ] {
            let stems = Stems::of(Lang::parse(lang).unwrap()).unwrap();
            let (mut first, mut stem) = (String::new(), String::new());
            for word in family {
                stems.stem(&crate::text::fold::folded(word), &mut stem);
                if first.is_empty() {
                    first.clone_from(&stem);
                }
                assert_eq!(stem, first, "{lang}: {word}");
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
