//! How SentencePiece brings characters to others, as far as it takes to know whether it is the usual way.
//!
//! A `precompiled_charsmap` is the length of a trie, the trie, and texts with a zero behind each. The trie is a double
//! array of Darts-clone, <https://github.com/s-yata/darts-clone>: a unit is 32 bit; a byte leads from one to the next, and
//! a unit with a leaf stands before one whose value is where in the texts the replacement begins.

/// What the usual way, `nmt_nfkc`, makes of some characters: compatible forms and spaces are brought to the plain ones, and
/// letters keep their case.
const USUAL: [(&str, &str); 6] = [
    ("\u{fb01}", "fi"),
    ("\u{ff21}", "A"),
    ("\u{2460}", "1"),
    ("\u{3000}", " "),
    ("\u{200b}", " "),
    ("\u{2028}", " "),
];

/// Characters that the usual way leaves alone.
const LEFT_ALONE: [&str; 4] = ["A", "z", "\u{e9}", "\u{c9}"];

/// Returns whether a map is, for all that can be told by what it makes of some characters, the usual one.
pub(super) fn is_usual(map: &[u8]) -> bool {
    let Some(map) = Charsmap::new(map) else { return false };
    USUAL.iter().all(|(from, to)| map.replacement(from.as_bytes()) == Some(to.as_bytes()))
        && LEFT_ALONE.iter().all(|kept| {
            map.replacement(kept.as_bytes()).is_none_or(|found| found == kept.as_bytes())
        })
}

struct Charsmap<'a> {
    units: Vec<u32>,
    texts: &'a [u8],
}

impl<'a> Charsmap<'a> {
    fn new(map: &'a [u8]) -> Option<Charsmap<'a>> {
        let (length, rest) = map.split_first_chunk::<4>()?;
        let (trie, texts) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let units = trie.as_chunks::<4>().0.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
        Some(Charsmap { units, texts })
    }

    /// What a character is brought to; `None` if it is left alone.
    fn replacement(&self, character: &[u8]) -> Option<&'a [u8]> {
        let mut at = offset(*self.units.first()?);
        let mut leaf = false;
        for byte in character {
            at ^= *byte as usize;
            let unit = *self.units.get(at)?;
            if unit & 0x8000_00ff != u32::from(*byte) {
                return None;
            }
            at ^= offset(unit);
            leaf = unit >> 8 & 1 == 1;
        }
        let value = leaf.then(|| self.units.get(at)).flatten()? & 0x7fff_ffff;
        self.texts.get(value as usize..)?.split(|byte| *byte == 0).next()
    }
}

/// How far it is from a unit to those that follow it.
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
}
