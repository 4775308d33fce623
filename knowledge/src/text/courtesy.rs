//! What is said around a question for courtesy alone.

use super::fold::Words;
use super::lists::{BEYOND_COURTESY, COURTESIES, listed};
use super::split::sentences;
use std::borrow::Cow;

/// A text without the sentences that are courtesies: the text itself, where there are none or nothing
/// would be left. A sentence that `tells` something stays, whatever it begins with: "Thanks, please renew my loan."
pub(crate) fn without_courtesies(text: &str, tells: impl Fn(&str) -> bool) -> Cow<'_, str> {
    let (mut kept, mut left_out): (Vec<&str>, bool) = (Vec::new(), false);
    for (from, to) in sentences(text) {
        let sentence = text[from..to].trim();
        if is_courtesy(sentence) && !tells(sentence) {
            left_out = true;
        } else if !sentence.is_empty() {
            kept.push(sentence);
        }
    }
    let says_something = kept.iter().any(|sentence| !words(sentence).is_empty());
    if left_out && says_something { Cow::Owned(kept.join(" ")) } else { Cow::Borrowed(text) }
}

/// Whether a sentence asks nothing and begins with a courtesy, words that any sentence may have left
/// aside; and has no word with which it would say more.
fn is_courtesy(sentence: &str) -> bool {
    if sentence.ends_with(['?', '؟', '？']) {
        return false;
    }
    let words = words(sentence);
    let begins = |from: usize| {
        let longest = words.len().min(from + COURTESIES.longest);
        (from + 1..=longest)
            .any(|to| COURTESIES.phrases.contains(words[from..to].join(" ").as_str()))
    };
    let first = words.iter().take_while(|word| listed(word).common != 0).count();
    (0..=first.min(words.len())).any(begins)
        && !words.iter().any(|word| BEYOND_COURTESY.contains(word.as_str()))
}

fn words(sentence: &str) -> Vec<String> {
    let (mut cut, mut word, mut words) = (Words::new(sentence), String::new(), Vec::new());
    while cut.next_into(&mut word).is_some() {
        words.push(word.clone());
    }
    words
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
            ("Renew it, thanks. It is due.", "Renew it, thanks. It is due."),
            (
                "Thanks, please renew my loan. It is due.",
                "Thanks, please renew my loan. It is due.",
            ),
            ("Where can I print?", "Where can I print?"),
            ("", ""),
        ] {
            let tells = |sentence: &str| sentence.contains("loan");
            assert_eq!(without_courtesies(text, tells), expected, "{text}");
        }
    }
}
