//! What is wanted in "do you have …": the words without the phrases around them.

use super::lists::ASKING;

/// How many phrases are taken off one end: a greeting, the asking, "a book called".
const PHRASES_MAX: usize = 4;

/// The range of the folded words of a request that name what is wanted: all of them if they are
/// nothing but phrases. `words` are the folded words in their order.
pub(crate) fn wanted(words: &[&str]) -> std::ops::Range<usize> {
    let (mut from, mut to) = (0, words.len());
    for _ in 0..PHRASES_MAX {
        match longest(&ASKING.before, |phrase| begins(&words[from..to], phrase)) {
            Some(len) if from + len < to => from += len,
            _ => break,
        }
    }
    if from > 0
        && let Some(len) = longest(&ASKING.then, |phrase| begins(&words[from..to], phrase))
        && from + len < to
    {
        from += len;
    }
    for _ in 0..PHRASES_MAX {
        match longest(&ASKING.after, |phrase| ends(&words[from..to], phrase)) {
            Some(len) if from + len < to => to -= len,
            _ => break,
        }
    }
    from..to
}

/// How many words the longest phrase has that fits.
fn longest(phrases: &[&'static str], fits: impl Fn(&str) -> bool) -> Option<usize> {
    phrases.iter().find(|phrase| fits(phrase)).map(|phrase| phrase.split(' ').count())
}

fn begins(words: &[&str], phrase: &str) -> bool {
    let mut words = words.iter();
    phrase.split(' ').all(|part| words.next() == Some(&part))
}

fn ends(words: &[&str], phrase: &str) -> bool {
    let mut words = words.iter().rev();
    phrase.rsplit(' ').all(|part| words.next() == Some(&part))
}

#[cfg(test)]
mod tests {
    use super::wanted;
    use crate::text::fold::folded;

    #[test]
    fn what_stands_around_a_title_is_taken_off() {
        for (text, expected) in [
            ("Do you have Anna Karenina in stock?", "anna karenina"),
            (
                "Hi! I'm looking for a book called Middlemarch by George Eliot",
                "middlemarch by george eliot",
            ),
            ("do you have any copies of Utopia please", "utopia"),
            ("Bonjour, avez-vous le roman Madame Bovary ?", "madame bovary"),
            ("Je cherche L'Assommoir de Zola, merci", "assommoir de zola"),
            ("Est-ce que vous avez Germinal ?", "germinal"),
            ("Utopia More, Thomas", "utopia more thomas"),
            ("The Book of Tea", "the book of tea"),
            ("Do you have the book The Book of Tea?", "the book of tea"),
            ("it", "it"),
            ("do you have", "do you have"),
            ("", ""),
        ] {
            let folded = folded(text);
            let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
            assert_eq!(words[wanted(&words)].join(" "), expected, "{text}");
        }
    }
}
