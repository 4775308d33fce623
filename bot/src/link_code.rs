//! One-time codes, by which somebody shows that two accounts are theirs.

use crate::place::PersonId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long a code is good for: enough to pick up another device, and no longer.
pub(crate) const CODE_LASTS: SignedDuration = SignedDuration::from_mins(15);
/// The length of a code: 36 bits, so that guessing for its quarter of an hour, even from thousands
/// of accounts, comes to nothing.
const CODE_CHARS: usize = 8;
/// Letters and digits of which none looks like another, `B` and `8` or `O` and `0` say.
const ALPHABET: &[u8; 23] = b"34679ACDEFHJKMNPQRTVWXY";

/// A one-time code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkCode(String);

/// A code that was given out and not used yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenCode {
    /// The code.
    pub code: LinkCode,
    /// To whom.
    pub person: PersonId,
    /// Good until then, and dropped afterwards.
    pub keep_until: Timestamp,
}

impl LinkCode {
    /// The code of a seed. Seeds that nobody can foresee give codes that nobody can.
    pub fn of(seed: u64) -> LinkCode {
        let base = ALPHABET.len() as u64;
        let digits = std::iter::successors(Some(seed), |rest| Some(rest / base));
        let letter = |rest: u64| char::from(ALPHABET[(rest % base) as usize]);
        LinkCode(digits.map(letter).take(CODE_CHARS).collect())
    }

    /// Reads a code as people write it: in small letters, with spaces or hyphens. `None` for what
    /// cannot be one.
    pub fn parse(text: &str) -> Option<LinkCode> {
        let written = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let code: String = written.map(|c| c.to_ascii_uppercase()).take(CODE_CHARS + 1).collect();
        let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
        (code.len() == CODE_CHARS && known).then_some(LinkCode(code))
    }

    /// The code, as it is told.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_seeds_read_back_and_differ() {
        let seeds = [0, 1, 22, 23, u64::MAX, 0x0123_4567_89ab_cdef];
        let codes = seeds.map(LinkCode::of);
        for code in &codes {
            assert_eq!(LinkCode::parse(code.as_str()).as_ref(), Some(code));
            let written = format!(" {}-{} ", &code.0[..4].to_lowercase(), &code.0[4..]);
            assert_eq!(LinkCode::parse(&written).as_ref(), Some(code));
        }
        let mut different = codes.to_vec();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), codes.len());
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for text in ["", "3333333", "333333333", "3333333O", "33333338", "é3333333", "/link"] {
            assert_eq!(LinkCode::parse(text), None, "{text}");
        }
    }
}
