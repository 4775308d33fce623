//! A greeting before what is said.

use super::fold::Words;
use super::lists::{GREETINGS, listed};

/// Greetings that follow each other, at most: "Hi there! Good morning, …".
const GREETINGS_MAX: usize = 2;

/// Before fewer words a greeting may be a title's own ("Hello, Dolly!").
const WORDS_MIN: usize = 3;

/// What a text says after its greeting: all of it, where there is none or little follows.
pub(crate) fn past_greeting(text: &str) -> &str {
    let mut rest = text;
    for _ in 0..GREETINGS_MAX {
        match after_greeting(rest) {
            Some(after) => rest = after,
            None => break,
        }
    }
    let (mut words, mut word) = (Words::new(rest), String::new());
    let follow = std::iter::from_fn(|| words.next_into(&mut word)).take(WORDS_MIN).count();
    if follow == WORDS_MIN { rest } else { text }
}

/// What follows the longest greeting that a text begins with. A mark ends it, or a word that any
/// sentence may have: "Hello Kitty" is no greeting.
fn after_greeting(text: &str) -> Option<&str> {
    let (mut words, mut word) = (Words::new(text), String::new());
    let (mut said, mut end) = (String::new(), None);
    for _ in 0..GREETINGS.longest {
        let Some((_, to)) = words.next_into(&mut word) else { break };
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(&word);
        if GREETINGS.phrases.contains(said.as_str()) {
            end = Some(to);
        }
    }
    let rest = text[end?..].trim_start();
    let marks = |c: char| matches!(c, ',' | '!' | '.' | '…' | ':' | ';' | '-' | '–' | '—');
    let after = rest.trim_start_matches(|c: char| marks(c) || c.is_whitespace());
    if after.len() < rest.len() {
        return Some(after);
    }
    Words::new(rest).next_into(&mut word)?;
    (listed(&word).common != 0).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::past_greeting;

    #[test]
    fn what_is_said_begins_after_the_greeting() {
        for (text, expected) in [
            ("hi, i'd like to join the library", "i'd like to join the library"),
            ("Hello there! Good morning, where do I print?", "where do I print?"),
            ("Bonjour, où sont les toilettes ?", "où sont les toilettes ?"),
            ("bonjour je cherche un livre", "je cherche un livre"),
            ("Hallo, habt ihr WLAN?", "habt ihr WLAN?"),
            ("hey do you lend tools", "do you lend tools"),
            ("Hello, Dolly!", "Hello, Dolly!"),
            ("Hello Kitty goes to school", "Hello Kitty goes to school"),
            ("Good Morning Vietnam on DVD", "Good Morning Vietnam on DVD"),
            ("hi", "hi"),
            ("Hi there!", "Hi there!"),
            ("", ""),
        ] {
            assert_eq!(past_greeting(text), expected, "{text}");
        }
    }
}
