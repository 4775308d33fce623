//! A reply as plain text: what the terminal shows and what scripts compare; and as blocks, from which
//! networks with a little markup make theirs.

use bot::{AnswerPart, Body, Card, CaseSheet, Item, Reply};

/// A block of a reply: one line, or several that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is to its reader.
    pub role: Role,
    /// Its words.
    pub text: String,
}

/// What a block is to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Words of the reply's own.
    Text,
    /// Said once at first contact.
    Preface,
    /// A warning.
    Banner,
    /// A title, or the question that what follows answers.
    Title,
    /// Where what stands above is from.
    Source,
}

/// The reply as lines of plain text without its buttons. An empty line stands between parts.
pub fn text(reply: &Reply) -> String {
    blocks(reply).into_iter().map(|block| block.text).collect::<Vec<_>>().join("\n")
}

/// The reply block for block, without its buttons; joined by line breaks they are [`text`].
pub fn blocks(reply: &Reply) -> Vec<Block> {
    let mut blocks = Blocks(Vec::new());
    blocks.optional(Role::Preface, reply.preface.as_deref());
    blocks.optional(Role::Banner, reply.banner.as_deref());
    blocks.body(&reply.body);
    blocks.0
}

/// The buttons' labels, as `[Helpful] [Not helpful]`; empty if there are none.
pub fn buttons(reply: &Reply) -> String {
    reply.buttons.iter().map(|b| format!("[{}]", b.label)).collect::<Vec<_>>().join(" ")
}

/// A block in pieces that fit a message, cut at the end of a sentence, else of a word. `fitting` tells
/// how many bytes of a text fit, at a boundary between characters and one character at least.
pub fn pieces(block: &Block, fitting: impl Fn(&str) -> usize) -> Vec<Block> {
    let mut rest = block.text.as_str();
    let mut pieces = Vec::new();
    loop {
        let fits = fitting(rest);
        if fits >= rest.len() {
            break;
        }
        let cut = end_of_sentence(&rest[..fits]).unwrap_or(fits);
        pieces.push(Block { role: block.role, text: rest[..cut].trim_end().to_owned() });
        rest = rest[cut..].trim_start();
    }
    let rest = if pieces.is_empty() { rest } else { rest.trim_end() };
    pieces.push(Block { role: block.role, text: rest.to_owned() });
    pieces
}

/// Where the last sentence of a text ends, else its last word; `None` in the middle of one word.
fn end_of_sentence(text: &str) -> Option<usize> {
    let ends = [". ", "? ", ".\n", "?\n", "\n"];
    let sentence = ends.iter().filter_map(|end| text.rfind(end).map(|at| at + end.len())).max();
    sentence.or_else(|| text.rfind(' ').map(|at| at + 1)).filter(|at| *at > 0)
}

struct Blocks(Vec<Block>);

impl Blocks {
    fn push(&mut self, role: Role, text: impl Into<String>) {
        self.0.push(Block { role, text: text.into() });
    }

    fn optional(&mut self, role: Role, text: Option<&str>) {
        if let Some(text) = text {
            self.push(role, text);
        }
    }

    fn filled(&mut self, role: Role, text: &str) {
        if !text.is_empty() {
            self.push(role, text);
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Answer { parts, left } => {
                parts.iter().for_each(|part| self.answer(part));
                self.optional(Role::Text, left.as_deref());
            }
            Body::Choices { lead, choices } => {
                self.push(Role::Text, lead);
                self.numbered(1, choices.iter().cloned());
            }
            Body::Card(card) => self.record(card),
            Body::List { lead, first, items, more } => {
                self.push(Role::Text, lead);
                self.numbered(*first, items.iter().map(item));
                self.optional(Role::Text, more.as_deref());
            }
            Body::Notice { text } => self.push(Role::Text, text),
            Body::FromStaff { text, signature } => {
                self.push(Role::Text, text);
                self.push(Role::Source, signature);
            }
            Body::Case(sheet) => self.case(sheet),
        }
    }

    fn answer(&mut self, part: &AnswerPart) {
        self.optional(Role::Title, part.question.as_deref());
        self.push(Role::Text, &part.text);
        self.push(Role::Source, with_url(&part.source, part.url.as_deref()));
    }

    fn record(&mut self, card: &Card) {
        self.filled(Role::Text, card.lead.as_deref().unwrap_or_default());
        self.filled(Role::Title, &card.title);
        for line in [&card.about, &card.subjects, &card.summary] {
            self.filled(Role::Text, line);
        }
        self.filled(Role::Source, &with_url(&card.source, card.url.as_deref()));
    }

    fn case(&mut self, sheet: &CaseSheet) {
        self.push(Role::Title, &sheet.headline);
        sheet.details.iter().for_each(|line| self.push(Role::Source, line));
        self.optional(Role::Source, sheet.standing.as_deref());
        sheet.log.iter().for_each(|line| self.push(Role::Text, line));
        for same in &sheet.same {
            self.push(Role::Text, format!("[ ] {} · {}", same.case, same.question));
        }
    }

    fn numbered(&mut self, first: usize, lines: impl Iterator<Item = String>) {
        for (number, line) in (first..).zip(lines) {
            self.push(Role::Text, format!("{number}. {line}"));
        }
    }
}

fn item(item: &Item) -> String {
    with_url(&item.text, item.url.as_deref())
}

fn with_url(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("{text} · {url}"),
        None => text.to_owned(),
    }
}
