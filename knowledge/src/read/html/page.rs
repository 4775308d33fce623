//! A page as it is read, from its first tag to its last.

use super::links::Links;
use super::open::{Open, heading_level, is_block};
use crate::read::input::Trouble;
use crate::read::tidy;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};
use std::borrow::Cow;

/// Lowest level of a heading that opens a section; those below are lines of its text.
const LOWEST: u8 = 3;

/// What a page says.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Its first heading of the first level, else its `<title>`.
    pub(super) title: String,
    pub(super) lang: Option<String>,
    pub(super) canonical: Option<String>,
    /// The day that a librarian wrote into it.
    pub(super) verified: Option<String>,
    /// The day on which it was last seen on its site.
    pub(super) fetched: Option<String>,
    /// What stands above the first heading, then each heading with what stands below it.
    pub(super) pieces: Vec<Piece>,
}

/// A heading, and what stands below it up to the next one.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// 1 to [`LOWEST`]; 0 for what stands above the first heading.
    pub(super) level: u8,
    pub(super) heading: String,
    /// The heading's id.
    pub(super) anchor: Option<String>,
    pub(super) text: String,
}

/// Reads a page.
pub(super) fn read(text: &str) -> Result<Page, Trouble> {
    let mut reader = Reader::default();
    for token in tokens(text.as_bytes()) {
        match token {
            Token::StartTag(tag) => reader.start(tag)?,
            Token::EndTag(tag) => reader.end(&tag.name),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    Ok(reader.finish())
}

/// What a page is made of.
pub(super) fn tokens(page: &[u8]) -> impl Iterator<Item = Token> {
    let mut emitter = DefaultEmitter::default();
    // Scripts and styles are no tags.
    emitter.naively_switch_states(true);
    let tokens = Tokenizer::new_with_emitter(page, emitter);
    tokens.map(|token| match token {
        Ok(token) => token,
        Err(never) => match never {},
    })
}

/// The value of an attribute; empty for one that has none.
pub(super) fn attribute<'a>(tag: &'a StartTag<()>, name: &str) -> Option<Cow<'a, str>> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value))
}

#[derive(Default)]
struct Reader {
    page: Page,
    open: Open,
    /// What `<title>` says; a page has one.
    title: Option<String>,
    /// Whether the page has a main part: nothing else of it is read then.
    has_main: bool,
    /// The heading that is open, of which `text` comes later.
    heading: Option<Piece>,
    /// The line in the making.
    line: String,
    /// Whether the line is a point of a list.
    is_point: bool,
    links: Links,
}

impl Reader {
    fn start(&mut self, tag: StartTag<()>) -> Result<(), Trouble> {
        let name = tag.name.clone();
        self.open.imply(&name);
        self.after_closing();
        if !self.open.is_left_out() {
            self.note(&tag);
        }
        let level = heading_level(&name).filter(|level| *level <= LOWEST);
        let anchor = self.anchor(&tag);
        let href = attribute(&tag, "href").filter(|_| *name == *b"a").map(Cow::into_owned);
        let (was_in_main, was_in_heading) = (self.open.in_main(), self.open.in_heading());
        let was_left_out = self.open.is_left_out();
        self.open.start(tag)?;
        if self.open.is_left_out() {
            // A menu parts what stands before it from what stands behind.
            if !was_left_out && is_block(&name) {
                self.end_line();
            }
            return Ok(());
        }
        if self.open.in_main() && !was_in_main && !self.has_main {
            self.has_main = true;
            self.line.clear();
            self.links.forget();
            self.page.pieces.clear();
        }
        if let Some(level) = level.filter(|_| self.open.in_heading() && !was_in_heading) {
            self.end_line();
            self.heading = Some(Piece { level, anchor, ..Piece::default() });
        } else if let Some(heading) = &mut self.heading {
            heading.anchor = heading.anchor.take().or(anchor);
        }
        self.lay_out(&name);
        if let Some(href) = href.filter(|_| self.heading.is_none() && self.is_read()) {
            self.links.begin(&href, self.line.len());
        }
        Ok(())
    }

    fn end(&mut self, name: &[u8]) {
        let was_left_out = self.open.is_left_out();
        // `</p>` alone is an empty paragraph.
        let closes = self.open.end(name) || name == b"p";
        self.after_closing();
        if was_left_out || !closes {
            return;
        }
        if name == b"a" {
            self.links.end(&mut self.line);
        }
        if is_block(name) && !is_cell(name) {
            self.end_line();
        }
        if matches!(name, b"li" | b"ul" | b"ol") {
            self.is_point = false;
        }
    }

    /// What the page says of itself.
    fn note(&mut self, tag: &StartTag<()>) {
        match tag.name.as_slice() {
            b"html" if self.page.lang.is_none() => {
                self.page.lang = attribute(tag, "lang").map(Cow::into_owned);
            }
            b"link" if self.page.canonical.is_none() => {
                let rel = attribute(tag, "rel").unwrap_or_default();
                if rel.split_whitespace().any(|rel| rel.eq_ignore_ascii_case("canonical")) {
                    self.page.canonical = attribute(tag, "href").map(Cow::into_owned);
                    self.links.stand_at(self.page.canonical.as_deref().unwrap_or_default());
                }
            }
            b"base" => self.links.start_from(&attribute(tag, "href").unwrap_or_default()),
            b"meta" => {
                let name = attribute(tag, "name").unwrap_or_default();
                let day = match name.trim().to_ascii_lowercase().as_str() {
                    "verified" => &mut self.page.verified,
                    "fetched" => &mut self.page.fetched,
                    _ => return,
                };
                if day.is_none() {
                    *day = attribute(tag, "content").map(Cow::into_owned);
                }
            }
            _ => {}
        }
    }

    /// The anchor that a tag gives a heading: its own, or that of an `<a>` within it.
    fn anchor(&self, tag: &StartTag<()>) -> Option<String> {
        let of_link = || attribute(tag, "name").filter(|_| tag.name == b"a");
        let anchor = attribute(tag, "id").or_else(of_link)?;
        (!anchor.trim().is_empty()).then(|| anchor.trim().to_owned())
    }

    /// Ends lines and parts cells where an element begins.
    fn lay_out(&mut self, name: &[u8]) {
        if is_cell(name) {
            if self.line.chars().rfind(|c| !c.is_whitespace()).is_some_and(char::is_alphanumeric) {
                self.line.truncate(self.line.trim_end().len());
                self.line.push(',');
            }
            self.text(" ");
        } else if name == b"br" || is_block(name) {
            self.end_line();
        }
        if name == b"li" {
            self.is_point = true;
        }
    }

    fn text(&mut self, text: &str) {
        if self.open.is_left_out() {
            return;
        }
        if self.open.is_in(b"title") {
            self.title.get_or_insert_default().push_str(text);
        } else if let Some(heading) = &mut self.heading {
            heading.heading.push_str(text);
        } else if self.is_read() {
            self.line.push_str(text);
        }
    }

    /// Whether what stands here belongs to what the page says.
    fn is_read(&self) -> bool {
        !self.has_main || self.open.in_main()
    }

    fn end_line(&mut self) {
        if let Some(heading) = &mut self.heading {
            heading.heading.push(' ');
            return;
        }
        self.links.end_line(&mut self.line);
        let line = tidy::line(std::mem::take(&mut self.line));
        if line.is_empty() {
            return;
        }
        if self.page.pieces.is_empty() {
            self.page.pieces.push(Piece::default());
        }
        if let Some(piece) = self.page.pieces.last_mut() {
            if !piece.text.is_empty() {
                piece.text.push('\n');
            }
            if std::mem::take(&mut self.is_point) {
                piece.text.push_str("- ");
            }
            piece.text.push_str(&line);
        }
    }

    /// Takes up a heading that has been closed.
    fn after_closing(&mut self) {
        if self.open.in_heading() {
            return;
        }
        let Some(mut piece) = self.heading.take() else { return };
        piece.heading = tidy::line(piece.heading);
        if piece.heading.is_empty() {
            return;
        }
        if piece.level == 1 && self.page.title.is_empty() {
            self.page.title.clone_from(&piece.heading);
        }
        if self.is_read() {
            self.page.pieces.push(piece);
        }
    }

    fn finish(mut self) -> Page {
        self.open = Open::default();
        self.after_closing();
        self.has_main = false;
        self.end_line();
        if self.page.title.is_empty() {
            self.page.title = tidy::line(self.title.unwrap_or_default());
        }
        self.page
    }
}

fn is_cell(name: &[u8]) -> bool {
    matches!(name, b"td" | b"th")
}
