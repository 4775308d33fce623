//! The words of staff at a desk of words.

use bot::{CaseId, DeskAct};

/// Reads what staff say at the desk.
pub(crate) fn parse(text: &str) -> DeskAct {
    let (word, rest) = head(text.trim());
    let act = match (word, rest) {
        ("queue", "") => Some(DeskAct::Queue),
        ("help", "") => Some(DeskAct::Help),
        ("show", _) => alone(rest).map(DeskAct::Show),
        ("claim", _) => alone(rest).map(DeskAct::Claim),
        ("release", _) => alone(rest).map(DeskAct::Release),
        ("close", _) => alone(rest).map(DeskAct::Close),
        ("assign", _) => assign(rest),
        ("note", _) => case(rest)
            .filter(|(_, text)| !text.is_empty())
            .map(|(case, text)| DeskAct::Note { case, text: text.to_owned() }),
        ("reply", _) => reply(rest),
        _ => None,
    };
    act.unwrap_or_else(|| DeskAct::Unclear(text.to_owned()))
}

fn assign(rest: &str) -> Option<DeskAct> {
    let (case, rest) = case(rest)?;
    let to = rest.strip_prefix("to ")?.trim();
    (!to.is_empty()).then(|| DeskAct::Assign { case, to: to.to_owned() })
}

fn reply(rest: &str) -> Option<DeskAct> {
    let (case, mut text) = case(rest)?;
    let mut also = Vec::new();
    while let Some(ticked) = head(text).0.strip_prefix('+').and_then(|n| n.parse().ok()) {
        also.push(CaseId(ticked));
        text = head(text).1;
    }
    (!text.is_empty()).then(|| DeskAct::Reply { case, also, text: text.to_owned() })
}

fn alone(rest: &str) -> Option<CaseId> {
    case(rest).filter(|(_, rest)| rest.is_empty()).map(|(case, _)| case)
}

fn case(text: &str) -> Option<(CaseId, &str)> {
    let (number, rest) = head(text);
    Some((CaseId(number.parse().ok()?), rest))
}

fn head(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}
