//! A record while its elements come in.

use crate::Record;
use crate::read::marc::{Fields, Found, ark, is_wanted, item};
use crate::read::{Item, tidy};
use quick_xml::events::BytesStart;

/// Longest record, in bytes of text and of what each of its elements takes: ten times the longest
/// that MARC's binary format can hold.
const LONGEST_RECORD: usize = 1024 * 1024;

/// What an element takes beside its text.
const ELEMENT: usize = 64;

/// See the module.
pub(super) struct Draft {
    /// See [`Draft::depth`].
    depth: usize,
    /// Whether it must have OAI-PMH's header.
    oai: bool,
    /// Whether the record before it was refused and never closed, so that this one may be inside
    /// it.
    after_a_bad_one: bool,
    refused: Option<String>,
    header: Header,
    /// The name of the element in `metadata`.
    format: Option<String>,
    marc: Fields,
    core: Vec<(Term, String)>,
    /// The error's code, where this is no record but an error response.
    error: Option<String>,
    leaf: Option<Leaf>,
    text: String,
    size: usize,
}

#[derive(Default)]
struct Header {
    identifier: String,
    deleted: bool,
}

/// An element whose text is of use.
enum Leaf {
    Identifier,
    Leader,
    Control([u8; 3]),
    Subfield(u8),
    Core(Term),
    Error,
}

/// What an element of Dublin Core, or of DOAJ's articles, says.
#[derive(Clone, Copy, PartialEq)]
enum Term {
    Title,
    Creator,
    Contributor,
    Subject,
    Description,
    Date,
    Language,
    Identifier,
    Address,
}

impl Draft {
    pub(super) fn new(depth: usize, oai: bool) -> Draft {
        Draft {
            depth,
            oai,
            after_a_bad_one: false,
            refused: None,
            header: Header::default(),
            format: None,
            marc: Fields::new(&[]),
            core: Vec::new(),
            error: None,
            leaf: None,
            text: String::new(),
            size: 0,
        }
    }

    /// An error response, which is taken in as a record is and then refused.
    pub(super) fn error(start: &BytesStart<'_>, depth: usize) -> Draft {
        let code = attribute(start, "code").unwrap_or_default();
        let leaf = Some(Leaf::Error);
        Draft { error: Some(code), leaf, ..Draft::new(depth, true) }
    }

    /// Says that the record before it was refused and never closed.
    pub(super) fn after_a_bad_one(self) -> Draft {
        Draft { after_a_bad_one: true, ..self }
    }

    /// Whether a `record` element that begins inside these open elements is the next record and
    /// not a part of this one, which then was not closed. OAI-PMH and SRU have MARCXML's records
    /// inside theirs, but none has fields around a record, or one right inside the other.
    pub(super) fn is_over(&self, open: &[String]) -> bool {
        self.refused.is_some() || !self.marc.is_empty() || open.len() == self.depth
    }

    /// How many elements were open when it began, itself included; at least 1.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Why it is refused, if it is.
    pub(super) fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Refuses it; the first reason counts.
    pub(super) fn refuse(&mut self, reason: String) {
        self.refused.get_or_insert(reason);
    }

    /// An element begins; `open` are the open elements, this one the last.
    pub(super) fn start(&mut self, start: &BytesStart<'_>, open: &[String]) {
        self.grow(ELEMENT);
        if self.refused.is_some() {
            return;
        }
        let name = start.local_name();
        let name: &str = name.as_ref();
        let inside = open.get(self.depth..).unwrap_or_default();
        self.text.clear();
        self.leaf = None;
        match (inside, name) {
            ([_], "header") => {
                self.header.deleted = attribute(start, "status").as_deref() == Some("deleted")
            }
            ([header, _], "identifier") if header == "header" => self.leaf = Some(Leaf::Identifier),
            ([metadata, _], _) if metadata == "metadata" => self.format = Some(name.to_owned()),
            (_, "leader") => self.leaf = Some(Leaf::Leader),
            (_, "controlfield") => self.leaf = tag(start).map(Leaf::Control),
            (_, "datafield") => self.datafield(start),
            (_, "subfield") => self.leaf = self.subfield(start),
            (inside, _) => self.leaf = self.term(inside, name).map(Leaf::Core),
        }
    }

    /// An element inside it ends.
    pub(super) fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        let Some(leaf) = self.leaf.take() else { return };
        match leaf {
            Leaf::Identifier => self.header.identifier = text.trim().to_owned(),
            Leaf::Leader => self.marc.set_leader(text.as_bytes()),
            Leaf::Control(tag) if is_wanted(&tag) => self.marc.push_control(tag, text),
            Leaf::Subfield(code) => self.marc.push_subfield(code, text),
            Leaf::Core(term) => self.core.push((term, text)),
            Leaf::Control(_) | Leaf::Error => {}
        }
    }

    /// A piece of text inside it.
    pub(super) fn text(&mut self, text: &str) {
        if self.leaf.is_some() && self.refused.is_none() {
            self.grow(text.len());
            self.text.push_str(text);
        }
    }

    /// Makes an item of it, or says what is wrong with it. `None` for the rest of a record that
    /// was refused before.
    pub(super) fn finish(self) -> Result<Option<Item>, String> {
        if let Some(code) = self.error {
            let (code, text) = (tidy::excerpt(&code), tidy::excerpt(self.text.trim()));
            return Err(format!(
                "the server answered with the error {code} ({text}); harvest it again"
            ));
        }
        if let Some(reason) = self.refused {
            return Err(reason);
        }
        if !self.oai && self.header.identifier.is_empty() {
            return item(&self.marc, Found::Alone).map(Some);
        }
        let id = self.header.identifier;
        if id.is_empty() && self.after_a_bad_one {
            return Ok(None);
        }
        if id.is_empty() {
            return Err("its header has no identifier; harvest it again".to_owned());
        }
        if self.header.deleted {
            return Ok(Some(Item::Deleted(tidy::line(id))));
        }
        if !self.marc.is_empty() {
            return item(&self.marc, Found::Under(&id)).map(Some);
        }
        match self.format {
            Some(format) if self.core.is_empty() && !is_core(&format) => Err(format!(
                "its metadata are `{}`; harvest with metadataPrefix oai_dc or marc21",
                tidy::excerpt(&format)
            )),
            Some(_) => record(id, self.core).map(Some),
            None => Err("it has no metadata; harvest with metadataPrefix oai_dc".to_owned()),
        }
    }

    fn grow(&mut self, by: usize) {
        self.size += by;
        if self.size > LONGEST_RECORD {
            self.refuse(format!("it is longer than {LONGEST_RECORD} bytes; split it"));
        }
    }

    fn datafield(&mut self, start: &BytesStart<'_>) {
        let indicator = |name| {
            let value = attribute(start, name);
            value.and_then(|value| value.bytes().next()).unwrap_or(b' ')
        };
        // A field that is not wanted is taken under a tag that says nothing, so that its
        // subfields have somewhere to go.
        let tag = tag(start).filter(is_wanted).unwrap_or(*b"---");
        self.marc.push_data(tag, [indicator("ind1"), indicator("ind2")]);
    }

    fn subfield(&self, start: &BytesStart<'_>) -> Option<Leaf> {
        if !self.marc.takes_subfields() {
            return None;
        }
        attribute(start, "code")?.bytes().next().map(Leaf::Subfield)
    }

    /// What an element of the metadata says.
    fn term(&self, inside: &[String], name: &str) -> Option<Term> {
        let format = self.format.as_deref()?;
        if !is_core(format) {
            return None;
        }
        let term = match name {
            "title" | "alternative" => Term::Title,
            "creator" => Term::Creator,
            "contributor" => Term::Contributor,
            "subject" | "keyword" => Term::Subject,
            "description" | "abstract" => Term::Description,
            "date" | "issued" | "publicationDate" => Term::Date,
            "language" => Term::Language,
            "identifier" | "issn" | "eissn" | "doi" => Term::Identifier,
            "fullTextUrl" => Term::Address,
            "name" if inside.iter().any(|open| open == "author") => Term::Creator,
            _ => return None,
        };
        Some(term)
    }
}

/// The formats whose elements [`Term`] names: Dublin Core, and the Directory of Open Access
/// Journals' own, which names the same things.
fn is_core(format: &str) -> bool {
    matches!(format, "dc" | "qualifieddc" | "qdc" | "doajArticle")
}

fn record(id: String, core: Vec<(Term, String)>) -> Result<Item, String> {
    let mut texts = core;
    texts.retain(|(_, text)| !text.trim().is_empty());
    let all = |wanted: Term| {
        let texts = texts.iter().filter(move |(term, _)| *term == wanted);
        texts.map(|(_, text)| text.trim().to_owned())
    };
    let is_address = |text: &String| text.starts_with("http://") || text.starts_with("https://");
    let addresses = || all(Term::Address).chain(all(Term::Identifier).filter(is_address));
    let identifiers = all(Term::Identifier).filter_map(|text| match ark(&text) {
        Some(ark) => Some(ark.to_owned()),
        None => (!is_address(&text)).then_some(text),
    });
    let description = all(Term::Description).collect::<Vec<_>>().join(" ");
    tidy::record(Record {
        id,
        title: all(Term::Title).collect::<Vec<_>>().join(" = "),
        creator: all(Term::Creator).chain(all(Term::Contributor)).collect(),
        subjects: all(Term::Subject).collect(),
        date: all(Term::Date).next(),
        language: all(Term::Language).next(),
        identifiers: identifiers.collect(),
        summary: Some(description),
        url: addresses().next(),
    })
    .map(Item::Record)
}

/// An attribute's value, by its local name.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let mut sound = attributes.with_checks(false).flatten();
    let found = sound.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let version = quick_xml::XmlVersion::Implicit1_0;
    found.normalized_value(version).ok().map(|value| value.into_owned())
}

fn tag(start: &BytesStart<'_>) -> Option<[u8; 3]> {
    attribute(start, "tag")?.trim().as_bytes().try_into().ok()
}
