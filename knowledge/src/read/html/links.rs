//! Where the links of a page lead: the address goes behind the words of the link, so that an answer
//! that says "book here" says where.

use url::Url;

/// Links of one page whose addresses are kept: more stand in lists of everything, where the page's
/// own address serves better.
const MOST: usize = 200;

/// Longest address that is kept, in bytes: a longer one would bury the words.
const LONGEST: usize = 200;

/// The link that is open, and what its page says of addresses.
#[derive(Default)]
pub(super) struct Links {
    /// Where the page stands.
    page: Option<Url>,
    /// What addresses without a host begin from, if that is elsewhere.
    base: Option<Url>,
    open: Option<Link>,
    kept: usize,
}

struct Link {
    address: String,
    /// Where its words begin in the line.
    at: usize,
}

impl Links {
    /// The page says where it stands.
    pub(super) fn stand_at(&mut self, address: &str) {
        self.page = Url::parse(address.trim()).ok();
    }

    /// The page says what its addresses begin from.
    pub(super) fn start_from(&mut self, address: &str) {
        if self.base.is_none() {
            self.base = self.resolved(address);
        }
    }

    /// A link begins at this place of the line.
    pub(super) fn begin(&mut self, href: &str, at: usize) {
        let address = self.resolved(href).and_then(|url| self.shown(&url));
        self.open = address.map(|address| Link { address, at });
    }

    /// A line ends: a link that has words in it ends with it, one that has none yet goes on.
    pub(super) fn end_line(&mut self, line: &mut String) {
        match &mut self.open {
            Some(link) if line.get(link.at..).unwrap_or_default().trim().is_empty() => link.at = 0,
            Some(_) => self.end(line),
            None => {}
        }
    }

    /// A link ends.
    pub(super) fn end(&mut self, line: &mut String) {
        let Some(Link { address, at }) = self.open.take() else { return };
        let words = line.get(at..).unwrap_or_default().trim();
        let bare = |text: &str| {
            let text = text.trim_start_matches("https://").trim_start_matches("http://");
            text.trim_start_matches("www.").trim_end_matches('/').to_lowercase()
        };
        let says_it = bare(words).contains(&bare(&address));
        if words.is_empty() || says_it || self.kept == MOST {
            return;
        }
        self.kept += 1;
        line.truncate(line.trim_end().len());
        line.push_str(" (");
        line.push_str(&address);
        line.push(')');
    }

    /// What was begun is read no more.
    pub(super) fn forget(&mut self) {
        self.open = None;
    }

    fn resolved(&self, href: &str) -> Option<Url> {
        let href = href.trim();
        match self.base.as_ref().or(self.page.as_ref()) {
            Some(base) => base.join(href).ok(),
            None => Url::parse(href).ok(),
        }
    }

    /// An address as it is read; `None` where it leads nowhere else.
    fn shown(&self, url: &Url) -> Option<String> {
        let shown = match url.scheme() {
            "mailto" => url.path().to_owned(),
            "http" | "https" if self.is_this_page(url) => return None,
            // Parentheses stand around it.
            "http" | "https" => url.as_str().replace('(', "%28").replace(')', "%29"),
            _ => return None,
        };
        (!shown.is_empty() && shown.len() <= LONGEST).then_some(shown)
    }

    fn is_this_page(&self, url: &Url) -> bool {
        let without = |url: &Url| url[..url::Position::AfterQuery].to_owned();
        self.page.as_ref().is_some_and(|page| without(page) == without(url))
    }
}
