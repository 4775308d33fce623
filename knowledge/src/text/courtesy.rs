//! What is said around a question for courtesy alone.

use super::fold::Words;
use super::lists::{BEYOND_COURTESY, COURTESIES, Phrases};
use super::split::sentences;
use std::borrow::Cow;

/// A text without the sentences that are courtesies: the text itself, where there are none or nothing
/// would be left.
pub(crate) fn without_courtesies(text: &str) -> Cow<'_, str> {
    let mut kept: Vec<&str> = Vec::new();
    let mut all = true;
    for (from, to) in sentences(text) {
        let sentence = text[from..to].trim();
        if sentence.is_empty() {
            continue;
        }
        match is_courtesy(sentence) {
            true => all = false,
            false => kept.push(sentence),
        }
    }
    let says_something =
        kept.iter().any(|sentence| Words::new(sentence).next_into(&mut String::new()).is_some());
    if all || !says_something { Cow::Borrowed(text) } else { Cow::Owned(kept.join(" ")) }
}

/// Whether a sentence asks nothing, has a courtesy, and no word with which it would say more.
fn is_courtesy(sentence: &str) -> bool {
    let asks = sentence.ends_with(['?', '؟', '？']);
    !asks && has_phrase(sentence, &COURTESIES) && !says_more(sentence)
}

fn says_more(sentence: &str) -> bool {
    let (mut words, mut word) = (Words::new(sentence), String::new());
    while words.next_into(&mut word).is_some() {
        if BEYOND_COURTESY.contains(word.as_str()) {
            return true;
        }
    }
    false
}

/// Whether some of the words that follow each other are one of the phrases.
fn has_phrase(sentence: &str, phrases: &Phrases) -> bool {
    let (mut words, mut word) = (Words::new(sentence), String::new());
    let mut last: Vec<String> = Vec::new();
    while words.next_into(&mut word).is_some() {
        if last.len() == phrases.longest {
            last.remove(0);
        }
        last.push(word.clone());
        let mut said = String::new();
        for word in last.iter().rev() {
            said = if said.is_empty() { word.clone() } else { format!("{word} {said}") };
            if phrases.phrases.contains(said.as_str()) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::without_courtesies;

    #[test]
    fn courtesies_are_left_out() {
        for (text, expected) in [
            (
                "I lost my card. What now? Thank you very much in advance.",
                "I lost my card. What now?",
            ),
            ("I have a small question. Where can I print?", "Where can I print?"),
            ("Where can I print? Kind regards, Margaret", "Where can I print?"),
            ("Où imprimer ? Merci d’avance.", "Où imprimer ?"),
            ("Thank you!", "Thank you!"),
            ("Thank you! Bye thanks", "Thank you! Bye thanks"),
            ("Can I thank you?", "Can I thank you?"),
            ("Thanks but how do I renew a book", "Thanks but how do I renew a book"),
            (
                "I have a question about fines. I owe 5 dollars.",
                "I have a question about fines. I owe 5 dollars.",
            ),
            (
                "It is lost. Thanks, but how do I renew it",
                "It is lost. Thanks, but how do I renew it",
            ),
            ("Where can I print?", "Where can I print?"),
            ("", ""),
        ] {
            assert_eq!(without_courtesies(text), expected, "{text}");
        }
    }
}
