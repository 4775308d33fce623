//! The passages of a text that are encoded each for itself: a vector of much means little.

use crate::text::split::sentences;

/// How long a passage is at most, in characters; a longer sentence is one by itself. The time that
/// encoding takes grows with it.
const CHARS_MAX: usize = 240;

/// How many passages of a text are encoded at most: what comes after is found by its words.
const PASSAGES_MAX: usize = 8;

/// Cuts a text into passages, in its order: as many whole sentences each as fit.
pub(crate) fn passages(text: &str) -> impl Iterator<Item = &str> {
    let mut all =
        sentences(text).filter(|(from, to)| !text[*from..*to].trim().is_empty()).peekable();
    let next = move || {
        let (from, mut end) = all.next()?;
        while let Some((_, to)) =
            all.next_if(|(_, to)| text[from..*to].chars().count() <= CHARS_MAX)
        {
            end = to;
        }
        Some(text[from..end].trim())
    };
    std::iter::from_fn(next).take(PASSAGES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_stay_whole() {
        let long = "A sentence that is much too long goes on ".repeat(8);
        let text = format!("One. Two!\n\nThree? {long}. Four.");
        let all: Vec<&str> = passages(&text).collect();
        assert_eq!(all, ["One. Two!\n\nThree?", format!("{long}.").as_str(), "Four."]);
        let text = format!("{}。{}。", "图".repeat(200), "书".repeat(100));
        assert_eq!(passages(&text).count(), 2);
        assert_eq!(passages("\n \n").count(), 0);
        assert_eq!(passages(&"A few words of a sentence. ".repeat(200)).count(), PASSAGES_MAX);
    }
}
