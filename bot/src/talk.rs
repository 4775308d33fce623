//! What is said to what is no question.

use crate::act::Act;
use crate::compose::Composer;
use crate::decide::{QUESTION_MAX, Reading};
use crate::reply::Reply;
use crate::understand::Saying;
use knowledge::Lang;

impl Composer<'_> {
    /// What small talk is answered; `about` is the turn that a person would be asked about.
    pub(crate) fn small_talk(&self, lang: Lang, saying: Saying, about: u32) -> Reply {
        let library = [("library", self.library(lang).into())];
        match saying {
            Saying::Hello => self.notice(lang, "talk-hello", &library, &[]),
            Saying::Thanks => self.notice(lang, "talk-thanks", &[], &[]),
            Saying::Bye => self.notice(lang, "talk-bye", &[], &[]),
            Saying::Robot => self.notice(lang, "talk-robot", &library, &[Act::AskPerson(about)]),
            Saying::How => self.notice(lang, "talk-how", &[], &[]),
            Saying::Sorry => self.notice(lang, "talk-sorry", &[], &[]),
            Saying::Fine => self.notice(lang, "talk-fine", &[], &[]),
            Saying::Help => self.notice(lang, "help", &[], &[Act::AskPerson(0)]),
            Saying::Insult => self.notice(lang, "talk-insult", &[], &[Act::AskPerson(about)]),
            // Without a conversation there is nothing to take back or to ask about.
            Saying::NeverMind => self.notice(lang, "nothing-to-withdraw", &[], &[]),
            Saying::Person => self.notice(lang, "ask-now", &[], &[]),
        }
    }

    /// What a message is answered in which there is nothing to look up.
    pub(crate) fn no_question(&self, lang: Lang, reading: Reading) -> Reply {
        match reading {
            Reading::TooLong => {
                self.notice(lang, "talk-too-long", &[("count", QUESTION_MAX.into())], &[])
            }
            Reading::NoSuchNumber(count) => {
                self.notice(lang, "choose-number", &[("count", count.into())], &[])
            }
            Reading::Wordless => self.notice(lang, "talk-wordless", &[], &[]),
            Reading::Empty
            | Reading::Press(_)
            | Reading::Saying(..)
            | Reading::ForStaff
            | Reading::Question => self.notice(lang, "talk-empty", &[], &[]),
        }
    }
}
