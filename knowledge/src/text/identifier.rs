//! Identifiers in one form, so that ISBN 10 and 13, with and without hyphens, are one.

/// Longer identifiers are no identifiers; a URL with its query may be.
const IDENTIFIER_BYTES_MAX: usize = 200;

/// The form under which an identifier is indexed and asked: an ISBN in its 13 digits, an ARK from
/// its name on, anything else in its letters and digits alone. `None` where it has none, or where
/// it is too long to be one.
pub(crate) fn form(identifier: &str) -> Option<String> {
    if identifier.len() > IDENTIFIER_BYTES_MAX {
        return None;
    }
    let is_plain = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase();
    let may_be_labelled = identifier.len() == 10 || identifier.starts_with(['i', 'u']);
    if !identifier.is_empty() && !may_be_labelled && identifier.bytes().all(is_plain) {
        return Some(identifier.to_owned());
    }
    let lower = identifier.trim().to_lowercase();
    let ark = lower.find("ark:").map(|at| lower[at..].split(['?', '#']).next().unwrap_or_default());
    let rest = ark.unwrap_or_else(|| without_label(&lower));
    let plain: String = rest.chars().filter(|c| c.is_alphanumeric()).collect();
    if plain.is_empty() { None } else { Some(isbn(&plain).unwrap_or(plain)) }
}

/// Takes a label off: "ISBN 0-14-…", "urn:issn:…".
fn without_label(identifier: &str) -> &str {
    let mut rest = identifier;
    for label in ["urn:", "isbn-13", "isbn-10", "isbn", "issn", "id:", "#", ":"] {
        rest = rest.strip_prefix(label).unwrap_or(rest).trim_start();
    }
    // "0141182636 (pbk.)"
    match rest.split_once('(') {
        Some((number, _)) if number.bytes().any(|b| b.is_ascii_digit()) => number,
        _ => rest,
    }
}

/// The 13 digits of an ISBN whose check digit is right.
fn isbn(plain: &str) -> Option<String> {
    let digits: Vec<u32> = plain
        .chars()
        .enumerate()
        .map(|(at, c)| if c == 'x' && at == 9 { Some(10) } else { c.to_digit(10) })
        .collect::<Option<_>>()?;
    match digits.len() {
        13 => (plain.starts_with("978") || plain.starts_with("979")).then(|| plain.to_owned()),
        10 => {
            let sum: u32 = digits.iter().zip((1..=10).rev()).map(|(digit, by)| digit * by).sum();
            if !sum.is_multiple_of(11) {
                return None;
            }
            let mut all = format!("978{}", &plain[..9]);
            let weighted =
                |(at, b): (usize, u8)| u32::from(b - b'0') * if at % 2 == 0 { 1 } else { 3 };
            let sum: u32 = all.bytes().enumerate().map(weighted).sum();
            all.push(char::from(b'0' + ((10 - sum % 10) % 10) as u8));
            Some(all)
        }
        _ => None,
    }
}

/// How many words in a row may be one identifier ("PR 6045 .O72 M7").
const WORDS_MAX: usize = 5;

/// The stretches of a text that could be identifiers, in their one form: up to [`WORDS_MAX`]
/// words in a row with a digit among them, longest first.
pub(crate) fn candidates(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for len in (1..=WORDS_MAX.min(words.len())).rev() {
        for stretch in words.windows(len) {
            let text = stretch.join(" ");
            if found.len() < CANDIDATES_MAX && looks_like_one(&text) {
                found.extend(form(text.trim_matches(['?', '!', '.', ',', ';', '"', '(', ')'])));
            }
        }
    }
    found
}

/// Each candidate is a look-up in the index.
const CANDIDATES_MAX: usize = 20;

/// Whether a text could be an identifier: digits enough, or letters and digits mixed, or a label.
/// A year or a small number is none.
fn looks_like_one(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let labelled =
        text.starts_with('#') || text.to_lowercase().contains("id:") || text.contains("ark:");
    digits > 0 && (labelled || digits >= 7 || (letters > 0 && digits >= 2 && letters <= digits + 4))
}

#[cfg(test)]
mod tests {
    use super::{candidates, form};

    #[test]
    fn one_identifier_has_one_form() {
        for (identifier, expected) in [
            ("0-14-118263-6", "9780141182636"),
            ("ISBN 0141182636 (pbk.)", "9780141182636"),
            ("978-0-14-118263-6", "9780141182636"),
            ("urn:isbn:9780141182636", "9780141182636"),
            ("080442957X", "9780804429573"),
            ("ISSN 0317-8471", "03178471"),
            ("PR6045.O72 M7", "pr6045o72m7"),
            ("https://gallica.bnf.fr/ark:/12148/bpt6k1512248m?rk=1", "ark12148bpt6k1512248m"),
            ("ark:/12148/bpt6k1512248m", "ark12148bpt6k1512248m"),
            ("#2130", "2130"),
            ("oai:example.org:17", "oaiexampleorg17"),
            ("2130", "2130"),
            ("isbn0141182636", "9780141182636"),
            ("bpt6k1512248m", "bpt6k1512248m"),
            ("---", "-"),
            ("", "-"),
        ] {
            assert_eq!(form(identifier).unwrap_or("-".to_owned()), expected, "{identifier}");
        }
    }

    #[test]
    fn what_could_be_an_identifier_is_found_in_a_text() {
        let has = |text: &str, form: &str| candidates(text).iter().any(|found| found == form);
        assert!(has("do you have 978-0-14-118263-6?", "9780141182636"));
        assert!(has("isbn 0 14 118263 6", "9780141182636"));
        assert!(has("where is PR 6045 .O72 M7", "pr6045o72m7"));
        assert!(has("#17", "17"));
        for text in ["1984", "catch 22", "the 39 steps", "open on 14 july?", "fahrenheit 451"] {
            assert!(!has(text, text.split(' ').next_back().unwrap()), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_bounded_number_of_candidates(text: String) {
            assert!(candidates(&text).len() <= super::CANDIDATES_MAX);
            let _ = form(&text);
        }
    }
}
