use std::ops::Range;

use crate::matrix::Bytes;

/// The pieces of words that an encoder knows, sorted by their bytes; a piece's number is its place among them.
///
/// They lie one after another in the file and are looked up there, so that opening an encoder costs nothing.
#[derive(Debug)]
pub(crate) struct Pieces {
    bytes: Bytes,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Pieces {
    /// Takes pieces; `None` if their ends don't go upwards or leave the bytes.
    pub(crate) fn new(bytes: Bytes, ends: Vec<u32>) -> Option<Self> {
        let inside = ends.last().is_none_or(|last| *last as usize <= bytes.len());
        (inside && ends.is_sorted()).then_some(Pieces { bytes, ends })
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns each piece that the text begins with, the shortest first: its length in bytes and its number.
    pub(crate) fn starts_of<'a>(
        &'a self,
        text: &'a [u8],
    ) -> impl Iterator<Item = (usize, u32)> + 'a {
        let mut range = 0..self.len();
        text.iter()
            .enumerate()
            .map_while(move |(depth, byte)| {
                range = self.narrowed(range.clone(), depth, *byte);
                if range.is_empty() {
                    return None;
                }
                // Of those that begin alike, the one that ends here stands first.
                let whole = self.piece(range.start).len() == depth + 1;
                Some(whole.then_some((depth + 1, range.start as u32)))
            })
            .flatten()
    }

    /// Returns those of a range, alike up to a depth, that have a byte there.
    fn narrowed(&self, range: Range<usize>, depth: usize, byte: u8) -> Range<usize> {
        let from = self.first(range.clone(), |piece| piece.get(depth) >= Some(&byte));
        let to = self.first(from..range.end, |piece| piece.get(depth) > Some(&byte));
        from..to
    }

    /// Returns the first of a range that is so, if all after it are.
    fn first(&self, range: Range<usize>, so: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low.midpoint(high);
            if so(self.piece(middle)) { high = middle } else { low = middle + 1 }
        }
        low
    }

    fn piece(&self, number: usize) -> &[u8] {
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[from as usize..self.ends[number] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_all_starts() {
        let pieces = ["a", "ab", "abcd", "b", "é"];
        let bytes = pieces.concat().into_bytes();
        let pieces = Pieces::new(bytes.into(), vec![1, 3, 7, 8, 10]).unwrap();
        let starts = |text: &str| pieces.starts_of(text.as_bytes()).collect::<Vec<_>>();
        assert_eq!(starts("abcde"), [(1, 0), (2, 1), (4, 2)]);
        assert_eq!(starts("abx"), [(1, 0), (2, 1)]);
        assert_eq!(starts("été"), [(2, 4)]);
        assert_eq!(starts("x"), []);
        assert_eq!(starts(""), []);
    }
}
