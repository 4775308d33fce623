//! The fields of a MARC record, however it was written.

use super::coding::Coding;
use super::{LEADER, SUBFIELD};
use crate::read::tidy;

/// A record's leader and the fields that are of use here.
#[derive(Debug, Default)]
pub(in crate::read) struct Fields {
    leader: Vec<u8>,
    fields: Vec<Field>,
}

/// One field: a control field has a text alone, a data field subfields alone.
#[derive(Debug)]
pub(in crate::read) struct Field {
    pub(super) tag: [u8; 3],
    pub(super) indicators: [u8; 2],
    pub(super) text: String,
    pub(super) subfields: Vec<(u8, String)>,
}

/// Whether a field with this tag says anything that a record keeps.
pub(in crate::read) fn is_wanted(tag: &[u8; 3]) -> bool {
    match tag[0] {
        b'1' | b'6' => true,
        b'0' => matches!(
            tag,
            b"001"
                | b"008"
                | b"010"
                | b"020"
                | b"022"
                | b"024"
                | b"035"
                | b"041"
                | b"050"
                | b"082"
                | b"090"
                | b"099"
        ),
        b'2' => matches!(tag, b"200" | b"240" | b"245" | b"246" | b"260" | b"264"),
        b'4' => tag == b"490",
        b'5' => matches!(tag, b"500" | b"505" | b"520"),
        b'7' => matches!(tag, b"700" | b"710" | b"711"),
        b'8' => matches!(tag, b"830" | b"852" | b"856" | b"880"),
        b'9' => tag == b"952",
        _ => false,
    }
}

impl Fields {
    pub(in crate::read) fn new(leader: &[u8]) -> Fields {
        Fields { leader: leader.to_vec(), fields: Vec::new() }
    }

    /// Takes a field as the binary format has it.
    pub(super) fn push_raw(&mut self, tag: [u8; 3], bytes: &[u8], coding: Coding) {
        if tag.starts_with(b"00") {
            return self.push_control(tag, coding.decode(bytes));
        }
        let mut parts = bytes.split(|&byte| byte == SUBFIELD);
        let indicators = parts.next().unwrap_or_default();
        let indicator = |at: usize| indicators.get(at).copied().unwrap_or(b' ');
        self.push_data(tag, [indicator(0), indicator(1)]);
        for part in parts {
            if let Some((&code, text)) = part.split_first() {
                self.push_subfield(code, coding.decode(text));
            }
        }
    }

    /// Takes the leader, where it comes on its own.
    pub(in crate::read) fn set_leader(&mut self, leader: &[u8]) {
        self.leader = leader.iter().copied().take(LEADER).collect();
    }

    /// Whether nothing was taken.
    pub(in crate::read) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether a subfield would belong to a field.
    pub(in crate::read) fn takes_subfields(&self) -> bool {
        self.fields.last().is_some_and(|field| !field.tag.starts_with(b"00"))
    }

    /// Takes a control field.
    pub(in crate::read) fn push_control(&mut self, tag: [u8; 3], text: String) {
        self.fields.push(Field { tag, indicators: [b' '; 2], text, subfields: Vec::new() });
    }

    /// Takes a data field, which the subfields that follow belong to.
    pub(in crate::read) fn push_data(&mut self, tag: [u8; 3], indicators: [u8; 2]) {
        self.fields.push(Field { tag, indicators, text: String::new(), subfields: Vec::new() });
    }

    /// Takes a subfield of the data field that was taken last, its text cleaned: marks of the
    /// writing direction would hide the punctuation.
    pub(in crate::read) fn push_subfield(&mut self, code: u8, text: String) {
        if let Some(field) = self.fields.last_mut() {
            field.subfields.push((code, tidy::line(text)));
        }
    }

    /// A position of the leader; a space where the leader is too short.
    pub(super) fn leader(&self, at: usize) -> u8 {
        debug_assert!(at < LEADER, "a leader has {LEADER} positions");
        self.leader.get(at).copied().unwrap_or(b' ')
    }

    pub(super) fn all<'a>(&'a self, tag: &'a [u8; 3]) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.tag == *tag)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter()
    }

    /// The text of the first control field with a tag.
    pub(super) fn control(&self, tag: &[u8; 3]) -> Option<&str> {
        self.fields.iter().find(|field| field.tag == *tag).map(|field| field.text.as_str())
    }
}

impl Field {
    /// The texts of all subfields with one of these codes, in the field's order.
    pub(super) fn texts<'a>(&'a self, codes: &'a [u8]) -> impl Iterator<Item = &'a str> {
        self.subfields
            .iter()
            .filter(move |(code, _)| codes.contains(code))
            .map(|(_, text)| text.as_str())
            .filter(|text| !text.is_empty())
    }

    /// The text of the first subfield with this code.
    pub(super) fn first(&self, code: u8) -> Option<&str> {
        self.subfields
            .iter()
            .find(|(found, text)| *found == code && !text.is_empty())
            .map(|(_, text)| text.as_str())
    }

    /// The tag of the field that this one repeats in another script, for a field 880.
    pub(super) fn linked(&self) -> Option<[u8; 3]> {
        self.first(b'6')?.as_bytes().get(..3)?.try_into().ok()
    }
}
