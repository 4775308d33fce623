//! What staff write at a desk of words, and in a group of theirs where each case has a thread.

use crate::case::CaseId;
use crate::decide::ALSO_MAX;
use crate::event::DeskAct;

/// How much of a text that was not understood is said back.
const UNCLEAR_SHOWN: usize = 80;

/// A topic that staff ask for among themselves has so many words at most: "queue at the printer is
/// long" asks for nothing.
const TOPIC_WORDS_ASIDE: usize = 2;

impl DeskAct {
    /// What stands for none in the place of a topic.
    pub const NO_TOPIC: &str = "-";

    /// Reads what staff wrote: `queue`, `queue rooms`, `show 1`, `claim 1`, `release 1`,
    /// `assign 1 to ana`, `topic 1 rooms`, `reply 1 +3 the answer`, `note 1 text`, `close 1`, `help`.
    /// What cannot be read is [`DeskAct::Unclear`]: nothing is ever sent to a patron by guessing.
    pub fn parse(text: &str) -> DeskAct {
        DeskAct::parse_about(text, None)
    }

    /// The same where staff write in a case's own thread: the number may be left out there
    /// (`claim`, `assign ana`, `reply +3 the answer`). A number that is written counts, but before
    /// words that a patron would read: `reply 3 copies are left` may mean case 3 or three copies.
    pub fn parse_about(text: &str, about: Option<CaseId>) -> DeskAct {
        let text = text.trim();
        let unclear = || unclear(text);
        let (word, rest) = split(text);
        let only_case = || case(rest, about).filter(|(_, rest)| rest.is_empty()).map(|(id, _)| id);
        match word.trim_start_matches('/').to_lowercase().as_str() {
            "queue" if rest.is_empty() => DeskAct::Queue,
            "queue" => DeskAct::QueueOf(rest.to_owned()),
            "help" if rest.is_empty() => DeskAct::Help,
            "show" => only_case().map_or_else(unclear, DeskAct::Show),
            "claim" => only_case().map_or_else(unclear, DeskAct::Claim),
            "release" => only_case().map_or_else(unclear, DeskAct::Release),
            "close" => only_case().map_or_else(unclear, DeskAct::Close),
            "assign" => assign(rest, about).unwrap_or_else(unclear),
            "topic" => match case(rest, about) {
                Some((case, topic)) => DeskAct::Topic { case, topic: topic.to_owned() },
                None => unclear(),
            },
            "reply" => reply(rest, about).unwrap_or_else(unclear),
            "note" => match case(rest, about) {
                Some((case, text)) => DeskAct::Note { case, text: text.to_owned() },
                None => unclear(),
            },
            _ => unclear(),
        }
    }

    /// The act, if it is one that no patron reads.
    fn into_command(self) -> Option<DeskAct> {
        match self {
            DeskAct::Queue
            | DeskAct::QueueOf(_)
            | DeskAct::Show(_)
            | DeskAct::Claim(_)
            | DeskAct::Release(_)
            | DeskAct::Assign { .. }
            | DeskAct::Note { .. }
            | DeskAct::Topic { .. }
            | DeskAct::Close(_)
            | DeskAct::Help => Some(self),
            DeskAct::Reply { .. }
            | DeskAct::File(_)
            | DeskAct::Unclear(_)
            | DeskAct::NotStaff { .. } => None,
        }
    }

    /// Reads what staff wrote in their group; `None` for what they say to each other.
    pub fn written(written: &Written<'_>) -> Option<DeskAct> {
        let words = written.words.trim();
        let (answers, buttons) = match written.answers {
            Answered::Others => (false, None),
            Answered::Bot => (true, None),
            Answered::Case(case) => (true, Some(case)),
        };
        let case = written.in_thread.or(buttons);
        if let (true, Some(case)) = (answers, case) {
            if written.files {
                return Some(DeskAct::File(case));
            }
            // Whoever answers the bot in a case answers the patron: `note`, `close` and the like are
            // then words like any others, unless a `/` or the bot's name stands before them.
            if written.called
                && let Some(command) = DeskAct::parse_about(words, Some(case)).into_command()
            {
                return Some(command);
            }
            return Some(match words.chars().next() {
                Some('/') => DeskAct::parse_about(words, Some(case)),
                Some('+') => DeskAct::parse_about(&format!("reply {words}"), Some(case)),
                Some(_) | None => DeskAct::Reply { case, also: Vec::new(), text: words.to_owned() },
            });
        }
        let act = DeskAct::parse_about(words, case);
        if answers || written.called {
            return Some(act);
        }
        if matches!(act, DeskAct::Unclear(_)) || is_chat(&act) {
            return None;
        }
        // "Reply to her tomorrow, Tom": said among staff in a thread, it goes to nobody else.
        let to_patron = matches!(act, DeskAct::Reply { .. }) && written.in_thread.is_some();
        Some(if to_patron { unclear(words) } else { act })
    }
}

/// Something that staff wrote in a group of theirs where each case has a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// The words, without the bot's name; empty for a file alone.
    pub words: &'a str,
    /// The case in whose thread it stands.
    pub in_thread: Option<CaseId>,
    /// What it answers.
    pub answers: Answered,
    /// Whether it speaks to the bot, by its name or as a command; an answer to the bot does so anyway.
    pub called: bool,
    /// Whether files came along.
    pub files: bool,
}

/// What something that staff wrote answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Nothing, or what a colleague said.
    Others,
    /// A message of the bot's whose buttons are about no case.
    Bot,
    /// A message of the bot's whose buttons are about this case.
    Case(CaseId),
}

/// Whether staff who say this to each other ask for nothing, though it begins like it.
fn is_chat(act: &DeskAct) -> bool {
    let (DeskAct::QueueOf(topic) | DeskAct::Topic { topic, .. }) = act else { return false };
    topic.split_whitespace().nth(TOPIC_WORDS_ASIDE).is_some()
}

/// What cannot be read, as much of it as is said back.
fn unclear(text: &str) -> DeskAct {
    DeskAct::Unclear(text.chars().take(UNCLEAR_SHOWN).collect())
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

    const CASE: CaseId = CaseId(7);
    /// Said by staff to each other, in no thread.
    const ASIDE: Written<'_> = Written {
        words: "",
        in_thread: None,
        answers: Answered::Others,
        called: false,
        files: false,
    };

    fn reply(also: &[u32], text: &str) -> Option<DeskAct> {
        let also = also.iter().copied().map(CaseId).collect();
        Some(DeskAct::Reply { case: CASE, also, text: text.to_owned() })
    }

    fn unclear(text: &str) -> Option<DeskAct> {
        Some(DeskAct::Unclear(text.to_owned()))
    }

    #[test]
    fn staff_are_understood_or_told_that_they_are_not() {
        let reply = |case, also: &[u32], text: &str| DeskAct::Reply {
            case: CaseId(case),
            also: also.iter().copied().map(CaseId).collect(),
            text: text.to_owned(),
        };
        assert_eq!(DeskAct::parse(" queue "), DeskAct::Queue);
        assert_eq!(DeskAct::parse("Show 12"), DeskAct::Show(CaseId(12)));
        assert_eq!(DeskAct::parse("queue  Rooms"), DeskAct::QueueOf("Rooms".to_owned()));
        let topic = |topic: &str| DeskAct::Topic { case: CaseId(1), topic: topic.to_owned() };
        assert_eq!(DeskAct::parse("topic 1 local history"), topic("local history"));
        assert_eq!(DeskAct::parse("topic 1"), topic(""));
        assert_eq!(DeskAct::parse("reply 1 Yes.\nAt 5 +3."), reply(1, &[], "Yes.\nAt 5 +3."));
        assert_eq!(DeskAct::parse("reply 1 +3 +4 Yes."), reply(1, &[3, 4], "Yes."));
        assert_eq!(DeskAct::parse("reply 1"), reply(1, &[], ""));
        let to_ana = DeskAct::Assign { case: CaseId(1), to: "ana".to_owned() };
        assert_eq!(DeskAct::parse("assign 1 to ana"), to_ana);
        assert_eq!(DeskAct::parse("assign 1 ana"), to_ana);
        for text in [
            "",
            "reply Yes",
            "reply +3 Yes",
            "show",
            "show 1 2",
            "claim x",
            "yes",
            "assign 1",
            "topic",
        ] {
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
        let topic =
            |case, topic: &str| DeskAct::Topic { case: CaseId(case), topic: topic.to_owned() };
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
            ("topic rooms", topic(7, "rooms")),
            ("topic 3 rooms", topic(3, "rooms")),
            ("topic", topic(7, "")),
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

    #[test]
    fn who_answers_the_bot_in_a_case_answers_the_patron() {
        let by_buttons = Written { answers: Answered::Case(CASE), ..ASIDE };
        let in_thread = Written { answers: Answered::Bot, in_thread: Some(CASE), ..ASIDE };
        // The thread says which case it is, whatever the message's buttons are about.
        let both = Written { answers: Answered::Case(CaseId(9)), ..in_thread };
        for answer in [by_buttons, in_thread, both] {
            let act = |words| DeskAct::written(&Written { words, ..answer });
            assert_eq!(act(" Yes, we do.\nTwo. "), reply(&[], "Yes, we do.\nTwo."));
            assert_eq!(act("close the door behind you"), reply(&[], "close the door behind you"));
            assert_eq!(act("note"), reply(&[], "note"));
            assert_eq!(act("+3 +4 Yes."), reply(&[3, 4], "Yes."));
            assert_eq!(act("/close"), Some(DeskAct::Close(CASE)));
            assert_eq!(act("/claim 3"), Some(DeskAct::Claim(CaseId(3))));
            assert_eq!(act("/thanks"), unclear("/thanks"));
            assert_eq!(act(""), reply(&[], ""));
            let called = Written { words: "Yes.", called: true, ..answer };
            assert_eq!(DeskAct::written(&called), reply(&[], "Yes."));
        }
    }

    #[test]
    fn who_answers_a_case_with_a_file_answers_nothing() {
        let file = Written { files: true, ..ASIDE };
        assert_eq!(DeskAct::written(&file), None, "shown to colleagues");
        let in_thread = Written { in_thread: Some(CASE), ..file };
        assert_eq!(DeskAct::written(&in_thread), None, "shown to colleagues");
        for words in ["", "it is on this map", "/close"] {
            let answer = Written { words, answers: Answered::Bot, ..in_thread };
            assert_eq!(DeskAct::written(&answer), Some(DeskAct::File(CASE)), "nothing by halves");
            let by_buttons = Written { words, answers: Answered::Case(CASE), ..file };
            assert_eq!(DeskAct::written(&by_buttons), Some(DeskAct::File(CASE)));
        }
        let no_case = Written { answers: Answered::Bot, ..file };
        assert_eq!(DeskAct::written(&no_case), unclear(""));
    }

    #[test]
    fn what_staff_say_to_each_other_is_theirs() {
        let thread = Written { in_thread: Some(CASE), ..ASIDE };
        for aside in [ASIDE, thread] {
            let act = |words| DeskAct::written(&Written { words, ..aside });
            assert_eq!(act("who takes this one?"), None);
            assert_eq!(act(""), None);
            assert_eq!(act("queue"), Some(DeskAct::Queue));
            assert_eq!(act("queue at the printer is long"), None);
            assert_eq!(act("topic 2 is for the next meeting"), None);
            let rooms = DeskAct::QueueOf("local history".to_owned());
            assert_eq!(act("queue local history"), Some(rooms));
            assert_eq!(act("claim 3"), Some(DeskAct::Claim(CaseId(3))));
            let called = Written { words: "who takes it?", called: true, ..aside };
            assert_eq!(DeskAct::written(&called), unclear("who takes it?"));
        }
        let answer = Written { words: "thanks", answers: Answered::Bot, ..ASIDE };
        assert_eq!(DeskAct::written(&answer), unclear("thanks"));
        let note = DeskAct::Note { case: CASE, text: "call back".to_owned() };
        assert_eq!(DeskAct::written(&Written { words: "note call back", ..thread }), Some(note));
    }

    #[test]
    fn in_a_thread_a_patron_is_told_only_what_the_bot_was_told() {
        let thread =
            Written { words: "reply to her tomorrow, Tom", in_thread: Some(CASE), ..ASIDE };
        assert_eq!(DeskAct::written(&thread), unclear("reply to her tomorrow, Tom"));
        let called = Written { called: true, ..thread };
        assert_eq!(DeskAct::written(&called), reply(&[], "to her tomorrow, Tom"));
        // Before all threads it takes the number of the case to mean it.
        let before = Written { words: "reply 7 Yes.", in_thread: None, ..thread };
        assert_eq!(DeskAct::written(&before), reply(&[], "Yes."));
        let long = "reply ".repeat(40);
        let said_back: String = long.chars().take(UNCLEAR_SHOWN).collect();
        let long = Written { words: &long, ..thread };
        assert_eq!(DeskAct::written(&long), unclear(&said_back));
    }

    #[test]
    fn a_note_that_calls_the_bot_by_name_is_never_read_by_a_patron() {
        let answering = |words, called| {
            let answers = Answered::Case(CASE);
            DeskAct::written(&Written { words, called, answers, ..ASIDE })
        };
        let note = Some(DeskAct::Note { case: CASE, text: "she is cross".to_owned() });
        assert_eq!(answering("note she is cross", true), note);
        assert_eq!(answering("/note she is cross", false), note);
        assert_eq!(answering("note she is cross", false), reply(&[], "note she is cross"));
        assert_eq!(answering("show your card there", true), reply(&[], "show your card there"));
    }
}
