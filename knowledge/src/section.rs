//! Sections of the library's own web pages.

use crate::Lang;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One section of a page of the library's own website: a heading and the text below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The page's file, `#`, and the heading's anchor, or the heading as one where it has none; the
    /// file alone for what stands above the first heading. Unique among sections.
    pub id: String,
    /// The title of the page.
    pub page: String,
    /// The heading; that of the page for what stands above the first one.
    pub heading: String,
    /// The text up to the next heading of the same level or a higher one, in the library's own
    /// words: plain, a line for each paragraph, row and point of a list. Of what stands below
    /// lower headings, those included, only the beginning.
    pub text: String,
    /// How many bytes of `text` stand directly below the heading.
    pub own: usize,
    /// The language, where the page says it.
    pub lang: Option<Lang>,
    /// Where it stands on the web, where the page says it.
    pub url: Option<String>,
    /// The day on which a librarian last checked the page, or on which it was last seen on its site.
    pub verified: Option<Date>,
}

impl Section {
    /// Whether it stands on a page, which is called by its address or by its file.
    pub fn is_on(&self, page: &str) -> bool {
        let address = |url: &str| -> String {
            url.split('#').next().unwrap_or_default().trim_end_matches('/').to_owned()
        };
        let file = self.id.split('#').next();
        file == Some(page) || self.url.as_deref().is_some_and(|url| address(url) == address(page))
    }

    /// The text by which it is found: what stands directly below the heading; all of it where
    /// lower headings follow at once.
    pub fn own_text(&self) -> &str {
        match self.text.get(..self.own) {
            Some(own) if !own.is_empty() => own,
            Some(_) | None => &self.text,
        }
    }

    /// [`Section::own_text`] without the addresses that its links lead to: they are to be read, and
    /// nobody asks in their words.
    pub fn words(&self) -> Cow<'_, str> {
        without_addresses(self.own_text())
    }

    /// The headings under which it is found: its own, and with it that of its page, since "Fees"
    /// alone does not say whose.
    pub fn headings(&self) -> Vec<String> {
        if self.heading == self.page {
            return vec![self.heading.clone()];
        }
        vec![self.heading.clone(), format!("{} {}", self.page, self.heading)]
    }
}

/// What stands before an address that a link leads to; `)` ends it.
pub(crate) const BEFORE_ADDRESS: &str = " (http";

fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains(BEFORE_ADDRESS) {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split(BEFORE_ADDRESS);
    let mut words = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let address = piece.split([')', ' ', '\n']).next().unwrap_or_default();
        match piece[address.len()..].strip_prefix(')') {
            Some(after) if address.contains("://") => words.push_str(after),
            Some(_) | None => {
                words.push_str(BEFORE_ADDRESS);
                words.push_str(piece);
            }
        }
    }
    Cow::Owned(words)
}

#[cfg(test)]
mod tests {
    use super::{Section, without_addresses};

    #[test]
    fn a_page_is_called_by_its_address_or_its_file() {
        let section = Section {
            id: "pages/rooms.html#cost".to_owned(),
            page: String::new(),
            heading: String::new(),
            text: String::new(),
            own: 0,
            lang: None,
            url: Some("https://library.example/rooms/#cost".to_owned()),
            verified: None,
        };
        for page in
            ["pages/rooms.html", "https://library.example/rooms", "https://library.example/rooms/"]
        {
            assert!(section.is_on(page), "{page}");
        }
        for page in ["rooms.html", "https://library.example/", "https://library.example/rooms/cost"]
        {
            assert!(!section.is_on(page), "{page}");
        }
    }

    #[test]
    fn addresses_of_links_are_no_words() {
        for (text, words) in [
            ("Book a room (https://a.example/b) today.", "Book a room today."),
            ("a (http://a.example)\nb (https://b.example/?c=1#d), e", "a\nb, e"),
            (
                "see (http codes) and (https://a.example/x y)",
                "see (http codes) and (https://a.example/x y)",
            ),
            ("the end (https://a.example", "the end (https://a.example"),
            ("https://a.example/ stays", "https://a.example/ stays"),
        ] {
            assert_eq!(without_addresses(text), words);
        }
    }
}
