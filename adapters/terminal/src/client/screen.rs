//! What is printed: harmless, plain where nobody looks, with a prompt and colours on a terminal.

use super::talk::numbered;
use super::words::{Given, Word, Words};
use crate::neutral;
use crate::protocol::Show;
use bot::Reply;
use std::io::{self, Write};

/// Where the conversation is printed.
pub(super) struct Screen<W> {
    out: W,
    /// Whether a prompt is shown, and removed before something else is printed.
    interactive: bool,
    colours: bool,
}

const PROMPT: &str = "> ";
/// Goes to the beginning of the line and clears it.
const CLEAR: &str = "\r\u{1b}[K";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const CYAN: &str = "\u{1b}[36m";
const PLAIN: &str = "\u{1b}[0m";

impl<W: Write> Screen<W> {
    /// `interactive`: both sides are a terminal. Colours are left out where NO_COLOR asks for it,
    /// and on terminals that have none.
    pub(super) fn new(out: W, interactive: bool) -> Screen<W> {
        let colours = interactive
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Screen { out, interactive, colours }
    }

    /// Prints something that the bot says, and flushes it; `shared`: others are present.
    pub(super) fn show(&mut self, show: &Show, shared: bool, words: &Words) -> io::Result<()> {
        let mut text = String::new();
        // In a direct chat it goes without saying that nobody else sees it.
        let only_you = shared && show.only_for.is_some();
        for (word, applies) in [(Word::Changed, show.changed), (Word::OnlyYou, only_you)] {
            if applies {
                let note = words.say(word, Given::default());
                text.push_str(&self.coloured(DIM, &note));
                text.push('\n');
            }
        }
        text.push_str(&neutral::block(&contract::plain::text(&show.reply)));
        let buttons = buttons(&show.reply);
        if !buttons.is_empty() {
            text.push('\n');
            text.push_str(&self.coloured(CYAN, &buttons));
        }
        text.push('\n');
        self.print(&text)
    }

    /// Prints what somebody else in the place said.
    pub(super) fn other(&mut self, name: &str, text: &str) -> io::Result<()> {
        let name = self.coloured(BOLD, &format!("{}:", neutral::line(name)));
        self.print(&format!("{name} {}", neutral::line(text)))
    }

    /// Prints a word of the client's own.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        let text = self.coloured(DIM, &neutral::line(text));
        self.print(&text)
    }

    /// Prints the prompt anew, after a line was typed that prints nothing.
    pub(super) fn prompt(&mut self) -> io::Result<()> {
        if self.interactive {
            self.out.write_all(CLEAR.as_bytes())?;
            self.out.write_all(PROMPT.as_bytes())?;
        }
        self.out.flush()
    }

    /// Leaves the line of the prompt.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        if self.interactive {
            self.out.write_all(CLEAR.as_bytes())?;
        }
        self.out.flush()
    }

    fn print(&mut self, text: &str) -> io::Result<()> {
        if self.interactive {
            self.out.write_all(CLEAR.as_bytes())?;
            self.out.write_all(wrapped(text).as_bytes())?;
        } else {
            self.out.write_all(text.as_bytes())?;
        }
        self.out.write_all(b"\n")?;
        self.prompt()
    }

    fn coloured(&self, colour: &str, text: &str) -> String {
        if self.colours { format!("{colour}{text}{PLAIN}") } else { text.to_owned() }
    }
}

/// The text broken between words at the width of the terminal, where that is known. Words longer
/// than a line (addresses) stay whole, so that they can be clicked and copied.
fn wrapped(text: &str) -> String {
    match terminal_size::terminal_size() {
        Some((terminal_size::Width(width), _)) if usize::from(width) >= WIDTH_LEAST => {
            textwrap::fill(text, textwrap::Options::new(width.into()).break_words(false))
        }
        Some(_) | None => text.to_owned(),
    }
}

/// Columns below which breaking between words tears text apart more than it helps.
const WIDTH_LEAST: usize = 20;

/// The buttons, each with the number that presses it.
fn buttons(reply: &Reply) -> String {
    numbered(reply)
        .iter()
        .map(|(n, button)| match neutral::line(&button.label) {
            // The line of a list that it stands for has the same number.
            label if label == n.to_string() => format!("[{n}]"),
            label => format!("[{n} {label}]"),
        })
        .collect::<Vec<_>>()
        .join(" ")
}
