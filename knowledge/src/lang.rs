//! Languages, as the library's files and the platforms name them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A language: its two-letter ISO 639-1 code, or the three-letter ISO 639-3 code of one that has
/// no short one. Region and script are dropped: `fr-CA` is `fr`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lang([u8; 3]);

impl Lang {
    /// English.
    pub const EN: Lang = Lang(*b"en\0");
    /// French.
    pub const FR: Lang = Lang(*b"fr\0");

    /// A language by its two letters.
    pub(crate) const fn of_two(code: [u8; 2]) -> Lang {
        Lang([code[0], code[1], 0])
    }

    /// Reads a language tag: `en`, `fr-CA`, `pt_BR`, or MARC's three-letter codes (`eng`, `fre`).
    /// `None` if it is not two or three letters before the first `-` or `_`.
    pub fn parse(tag: &str) -> Option<Lang> {
        let code = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        if !code.bytes().all(|b| b.is_ascii_lowercase()) {
            return None;
        }
        match code.len() {
            2 => Some(Lang([code.as_bytes()[0], code.as_bytes()[1], 0])),
            3 => Some(match short(&code) {
                Some(two) => Lang([two.as_bytes()[0], two.as_bytes()[1], 0]),
                None => Lang([code.as_bytes()[0], code.as_bytes()[1], code.as_bytes()[2]]),
            }),
            _ => None,
        }
    }

    /// The code, `en` say.
    pub fn as_str(&self) -> &str {
        let len = if self.0[2] == 0 { 2 } else { 3 };
        std::str::from_utf8(&self.0[..len]).unwrap_or("und")
    }
}

/// The two-letter code of a three-letter one: ISO 639-2/B (what MARC uses) and 639-3, for the
/// languages that catalogues hold most of.
fn short(code: &str) -> Option<&'static str> {
    Some(match code {
        "eng" => "en",
        "fre" | "fra" => "fr",
        "ger" | "deu" => "de",
        "spa" => "es",
        "ita" => "it",
        "por" => "pt",
        "dut" | "nld" => "nl",
        "fin" => "fi",
        "swe" => "sv",
        "dan" => "da",
        "nor" => "no",
        "nob" => "nb",
        "rus" => "ru",
        "pol" => "pl",
        "cze" | "ces" => "cs",
        "slo" | "slk" => "sk",
        "hun" => "hu",
        "rum" | "ron" => "ro",
        "gre" | "ell" => "el",
        "tur" => "tr",
        "ara" => "ar",
        "heb" => "he",
        "per" | "fas" => "fa",
        "hin" => "hi",
        "chi" | "zho" => "zh",
        "jpn" => "ja",
        "kor" => "ko",
        "vie" => "vi",
        "ukr" => "uk",
        "lat" => "la",
        "cat" => "ca",
        "wel" | "cym" => "cy",
        "gle" => "ga",
        "ice" | "isl" => "is",
        "epo" => "eo",
        "tgl" => "tl",
        _ => return None,
    })
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Lang {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lang, D::Error> {
        let tag = String::deserialize(deserializer)?;
        Lang::parse(&tag).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{tag}` is not a language code; write one like `en` or `fr`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn one_language_has_one_value_however_it_is_written() {
        for tag in ["fr", "FR", "fr-CA", "fr_FR.UTF-8", "fre", "fra"] {
            assert_eq!(Lang::parse(tag), Some(Lang::FR), "{tag}");
        }
        assert_eq!(Lang::parse("grc").unwrap().as_str(), "grc");
        for tag in ["", "f", "français", "1a"] {
            assert_eq!(Lang::parse(tag), None, "{tag}");
        }
    }
}
