//! The questions of a text.

use super::fold::Words;
use super::lists::listed;

/// How many questions of one text are looked up; what comes after the last is looked up with it.
pub(crate) const QUESTIONS_MAX: usize = 3;

/// A question of fewer words is a remark on its neighbour ("and on Sundays?").
const WORDS_MIN: usize = 3;

/// Where a text was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// At the ends of sentences that are questions each.
    Sentences,
    /// Also within a sentence, at an "and": to be kept only if the halves find more than the whole.
    Within,
}

/// Cuts a text into its questions, in the text's order: one, the whole text, unless there are two
/// sentences or halves that ask on their own. What asks nothing (a greeting, the story before the
/// question) stays with the question that follows, else with the one before.
pub(crate) fn questions(text: &str) -> (Vec<&str>, Cut) {
    pieces(text, |_| false)
}

/// The same where a sentence that tells something of its own is a question too: "I want to renew my
/// card. What does printing cost?"
pub(crate) fn with_statements(text: &str, tells: impl Fn(&str) -> bool) -> Vec<&str> {
    pieces(text, tells).0
}

fn pieces(text: &str, tells: impl Fn(&str) -> bool) -> (Vec<&str>, Cut) {
    let mut cut = Cut::Sentences;
    let (mut found, mut story): (Vec<(usize, usize)>, Option<usize>) = (Vec::new(), None);
    let mut take = |from: usize, to: usize| {
        if asks(&text[from..to]) || tells(&text[from..to]) {
            found.push((story.take().unwrap_or(from), to));
        } else {
            story.get_or_insert(from);
        }
    };
    for (from, to) in sentences(text) {
        match halves(&text[from..to]) {
            Some((end, begin)) => {
                cut = Cut::Within;
                take(from, from + end);
                take(from + begin, to);
            }
            None => take(from, to),
        }
    }
    if found.len() < 2 {
        return (vec![text.trim()], Cut::Sentences);
    }
    let rest = found.len().min(QUESTIONS_MAX) - 1;
    found.truncate(QUESTIONS_MAX);
    found[rest].1 = text.len();
    (found.into_iter().map(|(from, to)| text[from..to].trim()).collect(), cut)
}

/// The one sentence of a text that asks, where there are others around it: a story, a greeting,
/// thanks. `None` for a sentence alone, and where several ask.
pub(crate) fn alone(text: &str) -> Option<&str> {
    let mut asking = sentences(text)
        .map(|(from, to)| text[from..to].trim())
        .filter(|sentence| sentence.ends_with(['?', '؟', '？']) && asks(sentence));
    let only = asking.next()?;
    (asking.next().is_none() && only.len() < text.trim().len()).then_some(only)
}

/// Where the sentences of a text stand.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while let Some((at, c)) = chars.next() {
            let followed = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
            // Scripts without spaces have none between sentences either.
            let ends = matches!(c, '\n' | '。' | '？' | '！');
            if ends || (matches!(c, '.' | '?' | '!' | '…' | '؟') && followed) {
                let sentence = (from, at + c.len_utf8());
                from = sentence.1;
                return Some(sentence);
            }
        }
        let last = (from < text.len()).then_some((from, text.len()));
        from = text.len();
        last
    })
}

/// Whether a piece of text asks on its own: it has some words, and a question mark or a word that
/// begins a question.
pub(crate) fn asks(piece: &str) -> bool {
    let (mut words, mut word) = (Words::new(piece), String::new());
    let (mut count, mut starts) = (0, false);
    while count < WORDS_MIN + 2 && words.next_into(&mut word).is_some() {
        if joins(&word) {
            continue;
        }
        count += 1;
        if count == 1 && word == "or" {
            return false;
        }
        starts |= count == 1 && listed(&word).starts != 0;
    }
    count >= WORDS_MIN && (starts || piece.trim_end().ends_with(['?', '؟', '？']))
}

/// Where a sentence falls into two questions: the end of the first half and the beginning of the
/// second, at an "and" that a question's first word follows.
fn halves(sentence: &str) -> Option<(usize, usize)> {
    let (mut words, mut word) = (Words::new(sentence), String::new());
    let mut joint: Option<usize> = None;
    let mut end = 0;
    while let Some((from, to)) = words.next_into(&mut word) {
        match joint {
            _ if joins(&word) => joint = joint.or(Some(end)),
            Some(end) if listed(&word).starts != 0 => {
                if asks(&sentence[..end]) && asks(&sentence[from..]) {
                    return Some((end, from));
                }
                joint = None;
            }
            Some(_) => joint = None,
            None => {}
        }
        end = to;
    }
    None
}

/// Words that join two questions.
fn joins(word: &str) -> bool {
    matches!(word, "and" | "also" | "et" | "aussi")
}

#[cfg(test)]
mod tests {
    use super::{Cut, questions, with_statements};

    #[test]
    fn a_statement_may_be_a_question_too() {
        let text = "Hello there. My card is lost. I would like a new one. When are you open?";
        let cut =
            |told: &str| with_statements(text, |sentence| sentence.contains(told)).join(" | ");
        assert_eq!(
            cut("new one"),
            "Hello there. My card is lost. I would like a new one. | When are you open?"
        );
        assert_eq!(cut("nothing"), text);
    }

    #[test]
    fn the_sentence_that_asks_is_found_in_a_story() {
        for (text, expected) in [
            ("It rained all day. Where can I print? Thank you very much.", "Where can I print?"),
            ("Where can I print?", "-"),
            ("Where can I print? And what does it cost me?", "-"),
            ("I want to print. Thank you.", "-"),
            ("Really? I did not know.", "-"),
        ] {
            assert_eq!(super::alone(text).unwrap_or("-"), expected, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_where_two_questions_meet() {
        for (text, expected) in [
            ("", ""),
            ("what are your hours", "what are your hours"),
            ("Is the library open on Sunday? Thanks!", "Is the library open on Sunday? Thanks!"),
            ("Hi. How do I renew a book?", "Hi. How do I renew a book?"),
            ("图书馆几点开门？我可以打印吗？", "图书馆几点开门？ | 我可以打印吗？"),
            (
                "What are your hours? Can I print in colour?",
                "What are your hours? | Can I print in colour?",
            ),
            (
                "What are your hours? I lost my card. How do I get a new one?",
                "What are your hours? | I lost my card. How do I get a new one?",
            ),
            ("I lost my card. How do I get a new one?", "I lost my card. How do I get a new one?"),
            ("Are you open on Saturday? And Sunday?", "Are you open on Saturday? And Sunday?"),
            (
                "Can I bring tea and coffee into the library?",
                "Can I bring tea and coffee into the library?",
            ),
            ("Where are the books on war and peace", "Where are the books on war and peace"),
            (
                "how do I renew a book and what are the hours",
                "how do I renew a book | what are the hours",
            ),
            (
                "How do I get a card and also can I print there?",
                "How do I get a card | can I print there?",
            ),
            (
                "Can I only pay by card? Or could I use cash?",
                "Can I only pay by card? Or could I use cash?",
            ),
            (
                "Quels sont les horaires ? Est-ce que je peux imprimer ?",
                "Quels sont les horaires ? | Est-ce que je peux imprimer ?",
            ),
            (
                "comment renouveler un livre et quels sont les horaires",
                "comment renouveler un livre | quels sont les horaires",
            ),
            ("Do you have Crime and Punishment?", "Do you have Crime and Punishment?"),
            ("Do you have the new Dr. Seuss book?", "Do you have the new Dr. Seuss book?"),
            ("Avez-vous Le Rouge et le Noir ?", "Avez-vous Le Rouge et le Noir ?"),
            (
                "Is there wifi? Is there a printer? Is there a scanner? Is there a cafe? Bye.",
                "Is there wifi? | Is there a printer? | Is there a scanner? Is there a cafe? Bye.",
            ),
        ] {
            assert_eq!(questions(text).0.join(" | "), expected);
        }
        assert_eq!(questions("how renew and what are the hours").1, Cut::Sentences);
        assert_eq!(questions("how do I renew it and what are the hours").1, Cut::Within);
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_lost(text: String) {
            let (found, _) = questions(&text);
            assert!(!found.is_empty() && found.len() <= super::QUESTIONS_MAX);
        }
    }
}
