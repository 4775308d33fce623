//! What staff write at a desk of words.

use crate::case::CaseId;
use crate::decide::ALSO_MAX;
use crate::event::DeskAct;

/// How much of a text that was not understood is said back.
const UNCLEAR_SHOWN: usize = 80;

impl DeskAct {
    /// Reads what staff wrote: `queue`, `show 1`, `claim 1`, `release 1`, `assign 1 to ana`,
    /// `reply 1 +3 the answer`, `note 1 text`, `close 1`, `help`. What cannot be read is
    /// [`DeskAct::Unclear`]: nothing is ever sent to a patron by guessing.
    pub fn parse(text: &str) -> DeskAct {
        DeskAct::parse_about(text, None)
    }

    /// The same where staff write in a case's own thread: the number may be left out there
    /// (`claim`, `assign ana`, `reply +3 the answer`). A number that is written counts, but before
    /// words that a patron would read: `reply 3 copies are left` may mean case 3 or three copies.
    pub fn parse_about(text: &str, about: Option<CaseId>) -> DeskAct {
        let text = text.trim();
        let unclear = || DeskAct::Unclear(text.chars().take(UNCLEAR_SHOWN).collect());
        let (word, rest) = split(text);
        let only_case = || case(rest, about).filter(|(_, rest)| rest.is_empty()).map(|(id, _)| id);
        match word.trim_start_matches('/').to_lowercase().as_str() {
            "queue" if rest.is_empty() => DeskAct::Queue,
            "help" if rest.is_empty() => DeskAct::Help,
            "show" => only_case().map_or_else(unclear, DeskAct::Show),
            "claim" => only_case().map_or_else(unclear, DeskAct::Claim),
            "release" => only_case().map_or_else(unclear, DeskAct::Release),
            "close" => only_case().map_or_else(unclear, DeskAct::Close),
            "assign" => assign(rest, about).unwrap_or_else(unclear),
            "reply" => reply(rest, about).unwrap_or_else(unclear),
            "note" => match case(rest, about) {
                Some((case, text)) => DeskAct::Note { case, text: text.to_owned() },
                None => unclear(),
            },
            _ => unclear(),
        }
    }
}

fn split(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

fn number(word: &str) -> Option<CaseId> {
    // `parse` alone would read "+3", which ticks a case.
    word.bytes().all(|b| b.is_ascii_digit()).then(|| word.parse().ok().map(CaseId)).flatten()
}

/// The case that is meant, and what comes behind its number; without a number it is the one that
/// the thread is about.
fn case(text: &str, about: Option<CaseId>) -> Option<(CaseId, &str)> {
    let (word, rest) = split(text);
    number(word).map(|case| (case, rest)).or(about.map(|case| (case, text)))
}

fn assign(text: &str, about: Option<CaseId>) -> Option<DeskAct> {
    let (case, rest) = case(text, about)?;
    let (to, name) = split(rest);
    let name = if to == "to" { name } else { rest };
    let one_word = !name.is_empty() && !name.contains(char::is_whitespace);
    one_word.then(|| DeskAct::Assign { case, to: name.to_owned() })
}

fn reply(text: &str, about: Option<CaseId>) -> Option<DeskAct> {
    if about.is_some() && number(split(text).0).is_some() {
        return None;
    }
    let (case, mut rest) = case(text, about)?;
    let mut also = Vec::new();
    loop {
        let (word, after) = split(rest);
        let Some(ticked) = word.strip_prefix('+').and_then(number) else { break };
        if also.len() == ALSO_MAX {
            return None;
        }
        also.push(ticked);
        rest = after;
    }
    Some(DeskAct::Reply { case, also, text: rest.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_are_understood_or_told_that_they_are_not() {
        let reply = |case, also: &[u32], text: &str| DeskAct::Reply {
            case: CaseId(case),
            also: also.iter().copied().map(CaseId).collect(),
            text: text.to_owned(),
        };
        assert_eq!(DeskAct::parse(" queue "), DeskAct::Queue);
        assert_eq!(DeskAct::parse("Show 12"), DeskAct::Show(CaseId(12)));
        assert_eq!(DeskAct::parse("reply 1 Yes.\nAt 5 +3."), reply(1, &[], "Yes.\nAt 5 +3."));
        assert_eq!(DeskAct::parse("reply 1 +3 +4 Yes."), reply(1, &[3, 4], "Yes."));
        assert_eq!(DeskAct::parse("reply 1"), reply(1, &[], ""));
        let to_ana = DeskAct::Assign { case: CaseId(1), to: "ana".to_owned() };
        assert_eq!(DeskAct::parse("assign 1 to ana"), to_ana);
        assert_eq!(DeskAct::parse("assign 1 ana"), to_ana);
        for text in
            ["", "reply Yes", "reply +3 Yes", "show", "show 1 2", "claim x", "yes", "assign 1"]
        {
            assert!(matches!(DeskAct::parse(text), DeskAct::Unclear(_)), "{text}");
        }
    }

    #[test]
    fn in_a_cases_own_thread_its_number_may_be_left_out() {
        let about = |text| DeskAct::parse_about(text, Some(CaseId(7)));
        let reply = |case, also: &[u32], text: &str| DeskAct::Reply {
            case: CaseId(case),
            also: also.iter().copied().map(CaseId).collect(),
            text: text.to_owned(),
        };
        let assign = |case, to: &str| DeskAct::Assign { case: CaseId(case), to: to.to_owned() };
        let note = |case, text: &str| DeskAct::Note { case: CaseId(case), text: text.to_owned() };
        for (text, act) in [
            ("claim", DeskAct::Claim(CaseId(7))),
            ("/Claim", DeskAct::Claim(CaseId(7))),
            ("claim 3", DeskAct::Claim(CaseId(3))),
            ("release", DeskAct::Release(CaseId(7))),
            ("show", DeskAct::Show(CaseId(7))),
            ("close", DeskAct::Close(CaseId(7))),
            ("assign ana", assign(7, "ana")),
            ("assign to ana", assign(7, "ana")),
            ("assign 3 to ana", assign(3, "ana")),
            ("note call back", note(7, "call back")),
            ("note 3 call back", note(3, "call back")),
            ("reply Yes, we do.\nTwo.", reply(7, &[], "Yes, we do.\nTwo.")),
            ("reply +3 +4 Yes.", reply(7, &[3, 4], "Yes.")),
            ("reply", reply(7, &[], "")),
            ("queue", DeskAct::Queue),
            ("help", DeskAct::Help),
        ] {
            assert_eq!(about(text), act, "{text}");
        }
        for text in [
            "",
            "yes",
            "claim it",
            "close 1 2",
            "assign",
            "assign 3",
            "assign a b",
            "reply 3 +4 Yes.",
            "reply 7 copies are left",
        ] {
            assert!(matches!(about(text), DeskAct::Unclear(_)), "{text}");
        }
    }
}
