//! The client's own sentences, from its Fluent files.

use crate::protocol::Why;
use bot::Sentences;
use knowledge::Lang;

/// A sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Welcome,
    WelcomeRoom,
    WelcomeDesk,
    Connecting,
    Lost,
    Back,
    NothingSaid,
    EditHow,
    TooLong,
    TooManyWait,
    NotUnderstood,
    BadName,
    BadPlace,
    NotStaff,
    Full,
    Unsent,
    Changed,
    OnlyYou,
}

/// The sentences of one language.
pub(super) struct Words {
    sentences: Sentences,
}

/// What stands in a sentence.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Given<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    pub(super) count: usize,
}

impl Words {
    /// The sentences for a language tag: French for French, English for any other.
    pub(super) fn new(tag: Option<&str>) -> Words {
        Words {
            sentences: match tag.and_then(Lang::parse) {
                Some(Lang::FR) => Sentences::new(Lang::FR, include_str!("fr.ftl")),
                Some(_) | None => Sentences::new(Lang::EN, include_str!("en.ftl")),
            },
        }
    }

    /// A sentence.
    pub(super) fn say(&self, word: Word, given: Given<'_>) -> String {
        let Given { name, place, count } = given;
        let args = [("name", name.into()), ("place", place.into()), ("count", count.into())];
        self.sentences.say(word.key(), &args)
    }
}

impl Word {
    /// What is told of a line that the program did not take.
    pub(super) fn refused(why: Why) -> Word {
        match why {
            Why::TooLong => Word::TooLong,
            Why::NotUnderstood => Word::NotUnderstood,
            Why::BadName => Word::BadName,
            Why::BadPlace => Word::BadPlace,
            Why::NotStaff => Word::NotStaff,
            Why::Full => Word::Full,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Word::Welcome => "welcome",
            Word::WelcomeRoom => "welcome-room",
            Word::WelcomeDesk => "welcome-desk",
            Word::Connecting => "connecting",
            Word::Lost => "lost",
            Word::Back => "back",
            Word::NothingSaid => "nothing-said",
            Word::EditHow => "edit-how",
            Word::TooLong => "too-long",
            Word::TooManyWait => "too-many-wait",
            Word::NotUnderstood => "not-understood",
            Word::BadName => "bad-name",
            Word::BadPlace => "bad-place",
            Word::NotStaff => "not-staff",
            Word::Full => "full",
            Word::Unsent => "unsent",
            Word::Changed => "changed",
            Word::OnlyYou => "only-you",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Word; 18] = [
        Word::Welcome,
        Word::WelcomeRoom,
        Word::WelcomeDesk,
        Word::Connecting,
        Word::Lost,
        Word::Back,
        Word::NothingSaid,
        Word::EditHow,
        Word::TooLong,
        Word::TooManyWait,
        Word::NotUnderstood,
        Word::BadName,
        Word::BadPlace,
        Word::NotStaff,
        Word::Full,
        Word::Unsent,
        Word::Changed,
        Word::OnlyYou,
    ];

    #[test]
    fn every_sentence_is_there_in_both_languages() {
        for tag in ["en", "fr_FR.UTF-8"] {
            let words = Words::new(Some(tag));
            for word in ALL {
                for count in [1, 2] {
                    let given = Given { name: "ben", place: "room-hall", count };
                    let said = words.say(word, given);
                    assert_ne!(said, word.key());
                    assert!(!said.contains('{'), "{said}");
                }
            }
        }
        let english = Words::new(Some("de")).say(Word::Changed, Given::default());
        assert_eq!(english, "(changed)");
    }
}
