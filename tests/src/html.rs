//! Reads a line of a page back: the words that a person sees, and the buttons.

use crate::stage::Pressable;
use scraper::{ElementRef, Html, Node, Selector};

/// A line of a conversation, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// Its name on the page.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// Whether the person of the page said it.
    pub said: bool,
    /// The words, as `contract::plain` has them.
    pub text: String,
    /// The buttons, in order.
    pub buttons: Vec<Pressable>,
}

/// The lines of a page, or of a part of one.
pub fn lines(html: &str) -> Vec<ShownLine> {
    let page = Html::parse_fragment(html);
    page.select(&selector("li.line")).map(line).collect()
}

/// The value of an attribute of the first element that fits; `None` without one.
pub fn attribute(html: &str, fits: &str, name: &str) -> Option<String> {
    let page = Html::parse_document(html);
    let element = page.select(&selector(fits)).next()?;
    element.value().attr(name).map(str::to_owned)
}

/// The text of the first element that fits; `None` without one.
pub fn text(html: &str, fits: &str) -> Option<String> {
    let page = Html::parse_document(html);
    let element = page.select(&selector(fits)).next()?;
    Some(element.text().collect::<String>())
}

fn selector(fits: &str) -> Selector {
    Selector::parse(fits).expect("a selector of a test's own is one")
}

fn line(element: ElementRef<'_>) -> ShownLine {
    let attr = |name: &str| element.value().attr(name).unwrap_or_default();
    let bubble = element.select(&selector(".bubble")).next();
    let mut rows = Vec::new();
    let mut buttons = Vec::new();
    if let Some(bubble) = bubble {
        blocks(bubble, &mut rows);
        for button in bubble.select(&selector("button[name=act]")) {
            let attr = |name: &str| button.value().attr(name).unwrap_or_default().to_owned();
            buttons.push(Pressable { label: attr("data-label"), code: attr("value") });
        }
    }
    ShownLine {
        id: attr("id").to_owned(),
        version: attr("data-version").parse().unwrap_or_default(),
        said: element.value().classes().any(|class| class == "said"),
        text: rows.join("\n"),
        buttons,
    }
}

/// The blocks of an element as rows: paragraphs, and the numbered lines of lists. What is not the
/// bot's words (buttons below, tools of the page) is passed over.
fn blocks(element: ElementRef<'_>, rows: &mut Vec<String>) {
    for child in element.child_elements() {
        let is_tool = child.value().attr("data-chrome").is_some()
            || child.value().classes().any(|class| class == "acts");
        match child.value().name() {
            _ if is_tool => {}
            "p" => rows.push(inline(child)),
            "ol" => {
                let start = child.value().attr("start").and_then(|start| start.parse().ok());
                for (number, item) in (start.unwrap_or(1)..).zip(child.child_elements()) {
                    rows.push(format!("{number}. {}", inline(item)));
                }
            }
            _ => blocks(child, rows),
        }
    }
}

/// The words of a block; a link is read as its address.
fn inline(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for child in element.children() {
        match child.value() {
            Node::Text(words) => text.push_str(words),
            Node::Element(one) if one.name() == "a" => {
                text.push_str(one.attr("href").unwrap_or_default());
            }
            Node::Element(_) => {
                if let Some(child) = ElementRef::wrap(child) {
                    text.push_str(&inline(child));
                }
            }
            Node::Document
            | Node::Fragment
            | Node::Doctype(_)
            | Node::Comment(_)
            | Node::ProcessingInstruction(_) => {}
        }
    }
    text
}
