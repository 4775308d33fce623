//! What a button stands for. The code of an act outlives restarts: it travels with the message.

use crate::case::CaseId;
use crate::personal::Personal;
use knowledge::Lang;
use serde::{Deserialize, Serialize};

/// What pressing a button means. `turn` counts the questions of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Act {
    /// "Helpful", under an answer.
    Helpful(u32),
    /// "Not helpful", under an answer.
    NotHelpful(u32),
    /// "Ask a person" about a turn; turn 0 is no question in particular.
    AskPerson(u32),
    /// One of the choices or of a list, counted from 1.
    Choose {
        /// The turn that offered them.
        turn: u32,
        /// Which one.
        number: u16,
    },
    /// "More" under a list: its next page.
    More(u32),
    /// "Back" under a list: the page before.
    Back(u32),
    /// "Never mind": the patron takes a case back.
    Withdraw(CaseId),
    /// "Erase all of it", after /forget.
    Forget,
    /// "Keep it", after /forget.
    Keep,
    /// A language to be answered in from now on; `None`: the one that one writes in.
    Speak(Option<Lang>),
    /// "Link another account": a code, please.
    Link,
    /// "Unlink".
    Unlink,
    /// Open the direct chat with the bot and do this there. Where a platform's buttons can open
    /// something, it is an address; elsewhere pressing it does it.
    OpenDirect(Personal),
    /// Desk: take a case.
    Claim(CaseId),
    /// Desk: give a case back to the queue.
    Release(CaseId),
    /// Desk: show a case with its conversation.
    Show(CaseId),
    /// Desk: close a case.
    Close(CaseId),
}

impl Act {
    /// The act as at most 24 bytes of ASCII letters, digits and `.`, fit for every platform's
    /// button payload.
    pub fn code(&self) -> String {
        match *self {
            Act::Helpful(turn) => format!("h.{turn}"),
            Act::NotHelpful(turn) => format!("n.{turn}"),
            Act::AskPerson(turn) => format!("p.{turn}"),
            Act::Choose { turn, number } => format!("c.{turn}.{number}"),
            Act::More(turn) => format!("m.{turn}"),
            Act::Back(turn) => format!("b.{turn}"),
            Act::Withdraw(case) => format!("w.{}", case.0),
            Act::Forget => "f".to_owned(),
            Act::Keep => "k".to_owned(),
            Act::Speak(None) => "l".to_owned(),
            Act::Speak(Some(lang)) => format!("l.{lang}"),
            Act::Link => "a".to_owned(),
            Act::Unlink => "u".to_owned(),
            Act::OpenDirect(personal) => format!("o.{}", personal.word()),
            Act::Claim(case) => format!("dc.{}", case.0),
            Act::Release(case) => format!("dr.{}", case.0),
            Act::Show(case) => format!("ds.{}", case.0),
            Act::Close(case) => format!("dx.{}", case.0),
        }
    }

    /// The turn that it is about, if it is about one.
    pub(crate) fn turn(self) -> Option<u32> {
        match self {
            Act::Helpful(turn)
            | Act::NotHelpful(turn)
            | Act::AskPerson(turn)
            | Act::Choose { turn, .. }
            | Act::More(turn)
            | Act::Back(turn) => Some(turn),
            Act::Withdraw(_)
            | Act::Forget
            | Act::Keep
            | Act::Speak(_)
            | Act::Link
            | Act::Unlink
            | Act::OpenDirect(_)
            | Act::Claim(_)
            | Act::Release(_)
            | Act::Show(_)
            | Act::Close(_) => None,
        }
    }

    /// Reads a code; `None` for anything that `code` does not make.
    pub fn parse(code: &str) -> Option<Act> {
        if let Some(lang) = code.strip_prefix("l.").and_then(Lang::parse) {
            return Some(Act::Speak(Some(lang))).filter(|act| act.code() == code);
        }
        if let Some(word) = code.strip_prefix("o.") {
            return Personal::from_word(word).map(Act::OpenDirect);
        }
        let mut words = code.split('.');
        let kind = words.next()?;
        let numbers: Vec<u32> =
            words.map(|word| word.parse().ok()).collect::<Option<Vec<u32>>>()?;
        let act = match (kind, numbers.as_slice()) {
            ("h", [turn]) => Act::Helpful(*turn),
            ("n", [turn]) => Act::NotHelpful(*turn),
            ("p", [turn]) => Act::AskPerson(*turn),
            ("c", [turn, number]) => {
                Act::Choose { turn: *turn, number: u16::try_from(*number).ok()? }
            }
            ("m", [turn]) => Act::More(*turn),
            ("b", [turn]) => Act::Back(*turn),
            ("w", [case]) => Act::Withdraw(CaseId(*case)),
            ("f", []) => Act::Forget,
            ("k", []) => Act::Keep,
            ("l", []) => Act::Speak(None),
            ("a", []) => Act::Link,
            ("u", []) => Act::Unlink,
            ("dc", [case]) => Act::Claim(CaseId(*case)),
            ("dr", [case]) => Act::Release(CaseId(*case)),
            ("ds", [case]) => Act::Show(CaseId(*case)),
            ("dx", [case]) => Act::Close(CaseId(*case)),
            _ => return None,
        };
        // Only the one spelling that `code` makes: "h.01" or "h.+1" came from elsewhere.
        (act.code() == code).then_some(act)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_nothing_else_does() {
        let acts = [
            Act::Helpful(1),
            Act::NotHelpful(u32::MAX),
            Act::AskPerson(0),
            Act::Choose { turn: u32::MAX, number: u16::MAX },
            Act::More(7),
            Act::Back(7),
            Act::Withdraw(CaseId(u32::MAX)),
            Act::Forget,
            Act::Keep,
            Act::Speak(None),
            Act::Speak(Some(Lang::FR)),
            Act::Link,
            Act::Unlink,
            Act::Claim(CaseId(3)),
            Act::Release(CaseId(3)),
            Act::Show(CaseId(3)),
            Act::Close(CaseId(3)),
        ];
        for act in acts.into_iter().chain(Personal::ALL.map(Act::OpenDirect)) {
            assert_eq!(Act::parse(&act.code()), Some(act));
            assert!(act.code().len() <= 24);
        }
        let wrong = [
            "",
            "h",
            "h.",
            "h.x",
            "h.01",
            "h.+1",
            "c.1",
            "c.1.65536",
            "f.1",
            "zz.1",
            "h.1.1",
            "l.",
            "l.fr-CA",
            "l.1",
            "a.1",
            "u.1",
            "o.",
            "o.help",
            "dr",
        ];
        for code in wrong {
            assert_eq!(Act::parse(code), None, "{code}");
        }
    }
}
