//! The elements that are open at a point of a page: which of them are left out, and what closes
//! which where no end tag stands.

use html5gum::{HtmlString, StartTag};

use super::furniture::is_furniture;
use super::page::attribute;
use crate::read::input::Trouble;

/// Deepest nesting that is followed: browsers stop at 512.
const DEEPEST: usize = 1_000;

/// The open elements, the outermost first.
#[derive(Default)]
pub(super) struct Open {
    elements: Vec<Element>,
    /// Where the outermost element stands that is left out.
    left_out: Option<usize>,
    /// How many of them are the page's main part.
    mains: usize,
    /// Whether one of them is a heading.
    heading: bool,
}

struct Element {
    name: HtmlString,
    role: Role,
}

/// What an element is to the reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    LeftOut,
    Main,
    Heading,
}

impl Open {
    /// Whether text here is left out: in menus, scripts, hidden parts and the like.
    pub(super) fn is_left_out(&self) -> bool {
        self.left_out.is_some()
    }

    /// Whether this is the page's main part.
    pub(super) fn in_main(&self) -> bool {
        self.mains > 0
    }

    /// Whether this is a heading, of whatever level.
    pub(super) fn in_heading(&self) -> bool {
        self.heading
    }

    /// Whether the innermost element is this one.
    pub(super) fn is_in(&self, name: &[u8]) -> bool {
        self.elements.last().is_some_and(|element| *element.name == *name)
    }

    /// Closes what a start tag closes by itself: a paragraph by the next block, a point by the
    /// next point.
    pub(super) fn imply(&mut self, name: &[u8]) {
        if ends_paragraph(name) {
            self.close_up_to(&[b"p"], is_block);
        }
        match name {
            b"li" => self.close_up_to(&[b"li"], |name| {
                matches!(name, b"ul" | b"ol" | b"menu") || is_scope(name)
            }),
            b"dt" | b"dd" => {
                self.close_up_to(&[b"dt", b"dd"], |name| name == b"dl" || is_scope(name));
            }
            b"td" | b"th" => self.close_up_to(&[b"td", b"th"], |n| matches!(n, b"tr" | b"table")),
            b"tr" => self.close_up_to(&[b"tr"], |name| name == b"table"),
            b"tbody" | b"thead" | b"tfoot" => {
                self.close_up_to(&[b"tbody", b"thead", b"tfoot"], |name| name == b"table");
            }
            b"a" => self.close_up_to(&[b"a"], is_block),
            _ if heading_level(name).is_some() => {
                self.close_up_to(&[b"h1", b"h2", b"h3", b"h4", b"h5", b"h6"], is_block);
            }
            _ => {}
        }
    }

    /// Closes the innermost of these elements, unless one of the others stands within it.
    fn close_up_to(&mut self, names: &[&[u8]], stops: impl Fn(&[u8]) -> bool) {
        for (at, element) in self.elements.iter().enumerate().rev() {
            let name = element.name.as_slice();
            if names.contains(&name) {
                return self.truncate(at);
            }
            if stops(name) {
                return;
            }
        }
    }

    /// Opens an element.
    pub(super) fn start(&mut self, tag: StartTag<()>) -> Result<(), Trouble> {
        let name = tag.name.as_slice();
        // `<path/>` within a drawing ends itself; `<div/>` elsewhere does not.
        let ends = tag.self_closing && (self.is_left_out() || matches!(name, b"svg" | b"math"));
        if ends || is_void(name) {
            return Ok(());
        }
        if self.elements.len() == DEEPEST {
            return Err(Trouble::file(format!(
                "its elements stand {DEEPEST} deep in each other; close each where it ends"
            )));
        }
        let role = if self.is_left_out() { Role::Plain } else { self.role(&tag) };
        match role {
            Role::LeftOut => self.left_out = Some(self.elements.len()),
            Role::Main => self.mains += 1,
            Role::Heading => self.heading = true,
            Role::Plain => {}
        }
        self.elements.push(Element { name: tag.name, role });
        Ok(())
    }

    fn role(&self, tag: &StartTag<()>) -> Role {
        let name = tag.name.as_slice();
        let of = attribute(tag, "role").unwrap_or_default();
        let is_site_header = name == b"header" && !self.in_article();
        if is_hidden(tag) || is_aside(name, &of) || is_furniture(tag) || is_site_header {
            Role::LeftOut
        } else if name == b"main" || of.eq_ignore_ascii_case("main") {
            Role::Main
        } else if heading_level(name).is_some() {
            Role::Heading
        } else {
            Role::Plain
        }
    }

    /// Whether a header here is that of an article, and not that of the website.
    fn in_article(&self) -> bool {
        let is_one = |name: &[u8]| matches!(name, b"main" | b"article" | b"section");
        self.in_main() || self.elements.iter().any(|element| is_one(&element.name))
    }

    /// Closes an element by its end tag, and what is open within it; says whether there was one. An
    /// end tag closes nothing beyond the cell or the object that it stands in.
    pub(super) fn end(&mut self, name: &[u8]) -> bool {
        let is_heading = heading_level(name).is_some();
        let goes_far = is_scope(name)
            || matches!(name, b"tr" | b"tbody" | b"thead" | b"tfoot" | b"body" | b"html");
        for (at, element) in self.elements.iter().enumerate().rev() {
            let open = element.name.as_slice();
            if open == name || (is_heading && heading_level(open).is_some()) {
                self.truncate(at);
                return true;
            }
            if is_scope(open) && !goes_far {
                return false;
            }
        }
        false
    }

    fn truncate(&mut self, at: usize) {
        for element in self.elements.drain(at..) {
            match element.role {
                Role::Main => self.mains -= 1,
                Role::Heading => self.heading = false,
                Role::Plain | Role::LeftOut => {}
            }
        }
        if self.left_out.is_some_and(|left_out| left_out >= at) {
            self.left_out = None;
        }
    }
}

/// 1 to 6 for a heading.
pub(super) fn heading_level(name: &[u8]) -> Option<u8> {
    match name {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

/// Elements that stand on lines of their own.
pub(super) fn is_block(name: &[u8]) -> bool {
    ends_paragraph(name)
        || matches!(
            name,
            b"body"
                | b"caption"
                | b"head"
                | b"html"
                | b"legend"
                | b"option"
                | b"tbody"
                | b"tfoot"
                | b"thead"
                | b"tr"
                | b"td"
                | b"th"
                | b"title"
        )
}

/// Blocks before which an open paragraph ends.
fn ends_paragraph(name: &[u8]) -> bool {
    heading_level(name).is_some()
        || matches!(
            name,
            b"address"
                | b"article"
                | b"aside"
                | b"blockquote"
                | b"center"
                | b"dd"
                | b"details"
                | b"dialog"
                | b"dir"
                | b"div"
                | b"dl"
                | b"dt"
                | b"fieldset"
                | b"figcaption"
                | b"figure"
                | b"footer"
                | b"form"
                | b"header"
                | b"hgroup"
                | b"hr"
                | b"li"
                | b"main"
                | b"menu"
                | b"nav"
                | b"ol"
                | b"p"
                | b"pre"
                | b"search"
                | b"section"
                | b"summary"
                | b"table"
                | b"ul"
        )
}

/// Elements that hold end tags in.
fn is_scope(name: &[u8]) -> bool {
    matches!(name, b"button" | b"caption" | b"object" | b"table" | b"td" | b"template" | b"th")
}

/// Elements without content, and so without end.
fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
    )
}

/// Elements that are no part of what the page says: menus and the like, scripts, forms' own words.
fn is_aside(name: &[u8], role: &str) -> bool {
    let by_name = matches!(
        name,
        b"aside"
            | b"audio"
            | b"button"
            | b"canvas"
            | b"datalist"
            | b"del"
            | b"dialog"
            | b"footer"
            | b"iframe"
            | b"math"
            | b"nav"
            | b"noscript"
            | b"object"
            | b"rp"
            | b"script"
            | b"search"
            | b"select"
            | b"style"
            | b"svg"
            | b"template"
            | b"textarea"
            | b"video"
    );
    const ROLES: [&str; 6] =
        ["banner", "complementary", "contentinfo", "dialog", "navigation", "search"];
    by_name || ROLES.iter().any(|aside| role.eq_ignore_ascii_case(aside))
}

/// Whether an element says of itself that it is not shown. A page's search may open what is hidden
/// "until-found", so that is read.
fn is_hidden(tag: &StartTag<()>) -> bool {
    let hidden = attribute(tag, "hidden");
    let style: String = attribute(tag, "style")
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    hidden.is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || attribute(tag, "aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}
