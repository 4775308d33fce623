//! What is said, as a value: each adapter gives it the form of its platform.

use crate::act::Act;
use crate::case::CaseId;
use knowledge::Lang;
use serde::{Deserialize, Serialize};

/// Something to say, complete and in the reader's language. All text is plain: the adapter escapes
/// it, and nothing in it may ping anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The language it is in.
    pub lang: Lang,
    /// Said once at first contact: a program, whose, what is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preface: Option<String>,
    /// A warning that comes before everything else: a closure, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banner: Option<String>,
    /// What it says.
    pub body: Body,
    /// What one can do next, in order.
    #[serde(default)]
    pub buttons: Vec<Button>,
}

/// The forms that a reply takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The library's own words, a part for each question.
    Answer {
        /// The parts, in the order in which they were asked.
        parts: Vec<AnswerPart>,
        /// What is left open: "You also asked: …".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<String>,
    },
    /// Up to three things that may be meant; each is also a button.
    Choices {
        /// "I am not sure I understood. Did you mean:"
        lead: String,
        /// In order; the button with the same number stands for it.
        choices: Vec<String>,
    },
    /// One record.
    Card(Card),
    /// Several records or branches.
    List {
        /// What they are: "Found in the collections:".
        lead: String,
        /// What number the first line has: beyond 1 it is a later page of the list.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        first: usize,
        /// One line each.
        items: Vec<Item>,
        /// How many more there are, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<String>,
    },
    /// A sentence or several, of the bot's own.
    Notice {
        /// The sentences.
        text: String,
    },
    /// A staff member's words to a patron.
    FromStaff {
        /// The words, as staff wrote them.
        text: String,
        /// Who wrote and to which question: "Mira, Linden Library, to your question: …".
        signature: String,
    },
    /// A case as the desk shows it.
    Case(CaseSheet),
}

/// One part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerPart {
    /// The question that it answers, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The answer.
    pub text: String,
    /// Where it is from and when it was verified, in words.
    pub source: String,
    /// Where it stands on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A record as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// A sentence before it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Title.
    pub title: String,
    /// Creators, date and language in one line.
    pub about: String,
    /// Subjects in one line; may be empty.
    pub subjects: String,
    /// Abstract; may be empty.
    pub summary: String,
    /// "From the library's catalogue, …"
    pub source: String,
    /// Where it can be seen or read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The line.
    pub text: String,
    /// Where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The case that it stands for, at a desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
}

/// A case as staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSheet {
    /// Its number.
    pub case: CaseId,
    /// "case 1 · do you lend sewing machines?"
    pub headline: String,
    /// Who asks, where, when, in which language; files that came along.
    pub details: Vec<String>,
    /// Where it stands, if it does not just wait: who has it, who answered it, closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<String>,
    /// The conversation, oldest first.
    pub log: Vec<String>,
    /// The open cases that ask the same, unticked.
    pub same: Vec<SameQuestion>,
}

/// An open case that asks the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SameQuestion {
    /// Its number.
    pub case: CaseId,
    /// Its question.
    pub question: String,
}

/// A button, or a word to type where there are no buttons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it stands for.
    pub act: Act,
    /// What it says.
    pub label: String,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_one(number: &usize) -> bool {
    *number == 1
}
