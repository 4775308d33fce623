//! The sections that come of a page.

use super::page::{Page, Piece};
use crate::read::input::Trouble;
use crate::read::{Item, tidy};
use crate::text::fold::Words;
use crate::{Lang, Section};
use rustc_hash::{FxHashMap, FxHashSet};

/// Most headings of one page: a hundred times those of a long one.
const MOST_SECTIONS: usize = 1_000;

/// From so much on nothing more of what stands below lower headings is taken along with a section,
/// in bytes, nor more than that of one: an answer shows less.
pub(super) const BELOW: usize = 2_000;

/// Longest anchor that is made of a heading, and longest of the page's own that goes into an id,
/// in bytes.
const LONGEST_ANCHOR: usize = 120;

/// The sections of a page, in its order, and what is refused of it.
pub(super) fn of(page: Page, file: &str) -> Vec<Result<Item, Trouble>> {
    let mut items = Vec::new();
    let verified = match tidy::date("verified", page.verified.or(page.fetched)) {
        Ok(verified) => verified,
        Err(reason) => {
            let reason = format!("{reason}; until then the page counts as not dated");
            items.push(Err(Trouble::Bad { position: "<meta name=\"verified\">".into(), reason }));
            None
        }
    };
    let first = page.pieces.iter().map(|piece| &piece.heading).find(|text| !text.is_empty());
    let title = if page.title.is_empty() { first.cloned() } else { Some(page.title) };
    let pieces = &page.pieces[..page.pieces.len().min(MOST_SECTIONS)];
    let about = About {
        title: title.unwrap_or_default(),
        lang: page.lang.as_deref().and_then(Lang::parse),
        url: page.canonical.and_then(|url| address(&url)),
        verified,
    };
    let mut ids = Ids { file, taken: FxHashSet::default(), tries: FxHashMap::default() };
    let mut read = 0;
    for (at, piece) in pieces.iter().enumerate() {
        let (text, own) = text(piece, &pieces[at + 1..]);
        if text.is_empty() {
            continue;
        }
        read += 1;
        let (heading, id) = match piece.level {
            0 => (about.title.clone(), ids.file.to_owned()),
            _ => (piece.heading.clone(), ids.next(piece)),
        };
        let section = tidy::section(Section {
            id,
            page: about.title.clone(),
            heading,
            text,
            own,
            lang: about.lang,
            url: about.url(piece.anchor.as_deref()),
            verified: about.verified,
        });
        items.push(section.map(Item::Section).map_err(|reason| {
            let heading = tidy::excerpt(&piece.heading);
            Trouble::Bad { position: format!("section \"{heading}\""), reason }
        }));
    }
    if read == 0 {
        items.push(Err(Trouble::file(
            "it has no text outside its menus, scripts and hidden parts; save the page as a \
             browser shows it, or take it out",
        )));
    }
    if page.pieces.len() > pieces.len() {
        items.push(Err(Trouble::file(format!(
            "it has more than {MOST_SECTIONS} headings; those after are left out, part it into \
             several pages"
        ))));
    }
    items
}

/// What holds for all sections of a page.
struct About {
    title: String,
    lang: Option<Lang>,
    url: Option<String>,
    verified: Option<jiff::civil::Date>,
}

impl About {
    /// The address of a section.
    fn url(&self, anchor: Option<&str>) -> Option<String> {
        let url = self.url.as_ref()?;
        Some(match anchor {
            Some(anchor) => format!("{url}#{}", escaped(anchor)),
            None => url.clone(),
        })
    }
}

/// What stands below a heading, and how much of it stands there directly.
fn text(piece: &Piece, after: &[Piece]) -> (String, usize) {
    let mut text = piece.text.clone();
    let own = text.len();
    if piece.level == 0 {
        return (text, own);
    }
    let mut says = own > 0;
    for below in after.iter().take_while(|below| below.level > piece.level) {
        if text.len() > own + BELOW {
            break;
        }
        for part in [&below.heading, &below.text].into_iter().filter(|part| !part.is_empty()) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&part[..part.floor_char_boundary(BELOW)]);
        }
        says |= !below.text.is_empty();
    }
    // Headings alone say nothing.
    if says { (text, own) } else { (String::new(), 0) }
}

/// The page's own address; none for one that is not whole.
fn address(url: &str) -> Option<String> {
    let url = tidy::line(url.to_owned());
    let (page, _) = url.split_once('#').unwrap_or((&url, ""));
    let is_whole = ["http://", "https://"]
        .iter()
        .any(|scheme| page.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)));
    is_whole.then(|| page.to_owned())
}

/// An anchor as it stands in an address.
fn escaped(anchor: &str) -> String {
    let mut escaped = String::with_capacity(anchor.len());
    for byte in anchor.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'`' | b'%' | b'#' => escaped += &format!("%{byte:02X}"),
            _ if byte.is_ascii_graphic() => escaped.push(char::from(byte)),
            _ => escaped += &format!("%{byte:02X}"),
        }
    }
    escaped
}

/// Gives sections their ids, each once.
struct Ids<'a> {
    file: &'a str,
    taken: FxHashSet<String>,
    /// How often each anchor was met.
    tries: FxHashMap<String, usize>,
}

impl Ids<'_> {
    fn next(&mut self, piece: &Piece) -> String {
        let own = piece.anchor.clone().filter(|anchor| anchor.len() <= LONGEST_ANCHOR);
        let anchor = own.unwrap_or_else(|| made_of(&piece.heading));
        let tries = self.tries.entry(anchor.clone()).or_default();
        loop {
            *tries += 1;
            let id = match *tries {
                1 => format!("{}#{anchor}", self.file),
                several => format!("{}#{anchor}-{several}", self.file),
            };
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// A heading as an anchor: its words in small letters without accents.
fn made_of(heading: &str) -> String {
    let (mut words, mut word) = (Words::new(heading), String::new());
    let mut anchor = String::new();
    while words.next_into(&mut word).is_some() && anchor.len() + word.len() < LONGEST_ANCHOR {
        if !anchor.is_empty() {
            anchor.push('-');
        }
        anchor.push_str(&word);
    }
    if anchor.is_empty() { "section".to_owned() } else { anchor }
}
