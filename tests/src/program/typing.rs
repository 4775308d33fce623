//! What staff write where each case has a thread.

use bot::{CaseId, DeskAct};

/// What a line of a script for the desk is where each case has a thread.
pub(crate) enum Typing {
    /// Words in the thread of a case.
    InThread(CaseId, String),
    /// An answer to the bot's first message in the thread of a case.
    Answer(CaseId, String),
    /// Words for the whole desk.
    AsTyped,
    /// Words that speak to the bot by its name.
    ToTheBot,
}

impl Typing {
    /// What a line is.
    pub(crate) fn of(text: &str) -> Typing {
        match DeskAct::parse(text) {
            DeskAct::Reply { case, also, text } if also.is_empty() && !text.trim().is_empty() => {
                Typing::Answer(case, text)
            }
            DeskAct::Show(case)
            | DeskAct::Claim(case)
            | DeskAct::Release(case)
            | DeskAct::Close(case)
            | DeskAct::Assign { case, .. }
            | DeskAct::Note { case, .. }
            | DeskAct::Topic { case, .. } => Typing::InThread(case, without_number(text)),
            DeskAct::Reply { .. } | DeskAct::Queue | DeskAct::QueueOf(_) | DeskAct::Help => {
                Typing::AsTyped
            }
            DeskAct::File(_) | DeskAct::Unclear(_) | DeskAct::NotStaff { .. } => Typing::ToTheBot,
        }
    }
}

/// What staff write, without the number of the case: in its thread nobody needs it.
fn without_number(text: &str) -> String {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (_, rest) = rest.trim_start().split_once(char::is_whitespace).unwrap_or_default();
    format!("{word} {rest}").trim_end().to_owned()
}

/// The case that a message which opens a thread is about: "case 7 · …".
pub(crate) fn case_of(text: &str) -> Option<CaseId> {
    let number = text.strip_prefix("case ")?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok().map(CaseId)
}
