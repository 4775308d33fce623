//! Records from XML: MARCXML, and OAI-PMH responses with Dublin Core or MARCXML in them.
//!
//! The elements are known by their local names, whatever their namespace's prefix. A record that
//! is not well-formed or otherwise bad is refused with its place, and reading goes on with the
//! next `record` element.

mod draft;
mod events;

use super::Item;
use super::input::{Input, NOT_UTF8, Trouble};
use draft::Draft;
use events::{Events, Next, Place};
use quick_xml::events::{BytesStart, Event};

/// Deepest nesting of elements that is followed: OAI-PMH with MARCXML in it needs seven.
const DEEPEST: usize = 64;

/// Root elements that hold records.
const ROOTS: [&str; 7] = [
    "collection",
    "record",
    "OAI-PMH",
    "ListRecords",
    "GetRecord",
    "records",
    "searchRetrieveResponse",
];

/// Answers of OAI-PMH that hold no records.
const NO_RECORDS: [&str; 4] = ["Identify", "ListSets", "ListIdentifiers", "ListMetadataFormats"];

/// Streams the records of an XML file.
pub(super) fn read(input: Input) -> Xml {
    Xml {
        events: Events::new(input),
        walk: Walk { open: Vec::new(), root: false, oai: false, said: false, draft: None },
        begun: false,
        ended: false,
    }
}

/// See [`read`].
pub(super) struct Xml {
    events: Events,
    walk: Walk,
    begun: bool,
    ended: bool,
}

impl Iterator for Xml {
    type Item = Result<Item, Trouble>;

    fn next(&mut self) -> Option<Result<Item, Trouble>> {
        if !self.begun {
            self.begun = true;
            if self.events.peek().is_ok_and(is_utf16) {
                self.ended = true;
                return Some(Err(Trouble::file(NOT_UTF8)));
            }
        }
        while !self.ended {
            let (place, next) = self.events.next();
            let step = match next {
                Next::Event(event) => self.walk.event(place, &event),
                Next::Bad(reason) => self.walk.bad(place, reason),
                Next::Broken(error) => {
                    self.ended = true;
                    return Some(Err(Trouble::Broken { position: place.said(), error }));
                }
            };
            match step {
                Step::On => {}
                Step::Item(item) => return Some(Ok(item)),
                Step::Bad(at, reason) => return Some(Err(bad(at, reason))),
                Step::End => self.ended = true,
                Step::Stop(at, reason) => {
                    self.ended = true;
                    return Some(Err(bad(at, reason)));
                }
            }
        }
        None
    }
}

fn bad(at: Place, reason: String) -> Trouble {
    Trouble::Bad { position: at.said(), reason }
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE")
        || bytes.starts_with(b"\xFE\xFF")
        || bytes.starts_with(b"<\0")
        || bytes.starts_with(b"\0<")
}

/// What an event came to.
enum Step {
    /// Nothing yet.
    On,
    /// A record is whole.
    Item(Item),
    /// Something is bad that begins here.
    Bad(Place, String),
    /// The file is read.
    End,
    /// The file is bad as a whole, or from here on.
    Stop(Place, String),
}

/// Where in the tree of elements reading stands.
struct Walk {
    /// The local names of the open elements, outermost first.
    open: Vec<String>,
    /// Whether the root element was seen.
    root: bool,
    /// Whether records have OAI-PMH's headers.
    oai: bool,
    /// Whether something bad outside of records was said, and no record has begun since.
    said: bool,
    draft: Option<(Place, Draft)>,
}

impl Walk {
    /// Something that is not XML.
    fn bad(&mut self, at: Place, reason: String) -> Step {
        match &mut self.draft {
            Some((_, draft)) => draft.refuse(reason),
            None if self.said => {}
            None => {
                self.said = true;
                return Step::Bad(at, reason);
            }
        }
        Step::On
    }

    fn event(&mut self, at: Place, event: &Event<'_>) -> Step {
        match event {
            Event::Start(start) => self.start(at, start),
            Event::Empty(start) => {
                let step = self.start(at, start);
                let ended = self.end(start.local_name().as_ref());
                if matches!(ended, Step::On) { step } else { ended }
            }
            Event::End(end) => self.end(end.local_name().as_ref()),
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(reference) => self.reference(reference),
            Event::DocType(_) => {
                let reason = "it has a DOCTYPE, through which a file can draw in others; export it \
                              without";
                Step::Stop(at, reason.to_owned())
            }
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !is_utf8(&name) => Step::Stop(at, NOT_UTF8.to_owned()),
                _ => Step::On,
            },
            Event::Comment(_) | Event::PI(_) => Step::On,
            Event::Eof => self.eof(at),
        }
    }

    fn start(&mut self, at: Place, start: &BytesStart<'_>) -> Step {
        let name = start.local_name();
        let name: &str = name.as_ref();
        if !self.root {
            self.root = true;
            if !ROOTS.contains(&name) {
                return Step::Stop(at, unknown_root(name));
            }
            self.oai = matches!(name, "OAI-PMH" | "ListRecords" | "GetRecord");
        }
        if name == "record"
            && let Some((began, draft)) = self.draft.take_if(|(_, draft)| draft.is_over(&self.open))
        {
            let reason = "it is not closed before the next one begins; export it again".to_owned();
            let reason = draft.refused().map_or(reason, str::to_owned);
            self.open.truncate(draft.depth() - 1);
            self.open.push(name.to_owned());
            let draft = Draft::new(self.open.len(), self.oai).after_a_bad_one();
            self.draft = Some((at, draft));
            return Step::Bad(began, reason);
        }
        let fits = self.open.len() < DEEPEST;
        if fits {
            self.open.push(name.to_owned());
        }
        match &mut self.draft {
            Some((_, draft)) if fits => draft.start(start, &self.open),
            Some((_, draft)) => {
                draft.refuse(format!(
                    "its elements are nested more than {DEEPEST} deep; export it again"
                ));
            }
            None if name == "record" => {
                self.said = false;
                self.draft = Some((at, Draft::new(self.open.len(), self.oai)));
            }
            None if !self.oai => {}
            None if NO_RECORDS.contains(&name) => {
                let reason = format!(
                    "it is the answer to {name}, which has no records; harvest with ListRecords"
                );
                return Step::Stop(at, reason);
            }
            None if name == "error" => {
                self.draft = Some((at, Draft::error(start, self.open.len())));
            }
            None => {}
        }
        Step::On
    }

    fn end(&mut self, name: &str) -> Step {
        let Some(depth) = self.open.iter().rposition(|open| open == name) else {
            if let Some((_, draft)) = &mut self.draft {
                draft.refuse(format!("it closes `{name}`, which is not open; export it again"));
            }
            return Step::On;
        };
        if depth + 1 < self.open.len()
            && let Some((_, draft)) = &mut self.draft
        {
            let unclosed = self.open[depth + 1..].join("`, `");
            draft.refuse(format!("it does not close `{unclosed}`; export it again"));
        }
        let ends = self.draft.as_ref().is_some_and(|(_, draft)| depth < draft.depth());
        if !ends && let Some((_, draft)) = &mut self.draft {
            draft.end();
        }
        self.open.truncate(depth);
        match self.draft.take_if(|_| ends) {
            Some((at, draft)) => match draft.finish() {
                Ok(Some(item)) => Step::Item(item),
                Ok(None) => Step::On,
                Err(reason) => Step::Bad(at, reason),
            },
            None => Step::On,
        }
    }

    fn text(&mut self, text: &str) -> Step {
        if let Some((_, draft)) = &mut self.draft {
            draft.text(text);
        }
        Step::On
    }

    /// A character reference or one of the five entities that XML has; no other is expanded.
    fn reference(&mut self, reference: &quick_xml::events::BytesRef<'_>) -> Step {
        let Some((_, draft)) = &mut self.draft else { return Step::On };
        let c = match reference.as_ref() {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        match c {
            Some(c) => draft.text(c.encode_utf8(&mut [0; 4])),
            None => {
                let name = super::tidy::excerpt(reference.as_ref());
                draft.refuse(format!("`&{name};` is not known; write the character itself"));
            }
        }
        Step::On
    }

    fn eof(&mut self, at: Place) -> Step {
        let cut = |what: &str| format!("the file ends inside {what}; fetch or export it again");
        if let Some((began, _)) = self.draft.take() {
            return Step::Stop(began, cut("this record"));
        }
        match self.open.last() {
            Some(open) if !self.said => Step::Stop(at, cut(&format!("`{open}`"))),
            None if !self.root => Step::Stop(at, "it has no XML in it; export it again".to_owned()),
            Some(_) | None => Step::End,
        }
    }
}

fn is_utf8(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn unknown_root(name: &str) -> String {
    let name = super::tidy::excerpt(name);
    let seems = match name.as_str() {
        "html" | "HTML" => " (a web page)",
        "rss" | "feed" | "RDF" => " (a feed)",
        "mods" | "modsCollection" => " (MODS)",
        "dc" => " (Dublin Core without OAI-PMH around it)",
        _ => "",
    };
    format!(
        "its outermost element is `{name}`{seems}; MARCXML (`collection`, `record`) and OAI-PMH \
         (`OAI-PMH`) are read here: export it as one of them"
    )
}

#[cfg(test)]
mod tests;
