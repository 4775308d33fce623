//! Which characters the bytes of a page are.

use super::page::{attribute, tokens};
use crate::read::input::Trouble;
use crate::read::tidy;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use html5gum::{StartTag, Token};
use std::borrow::Cow;

/// How far into a page its encoding may be declared, in bytes: the standard says 1,024, and pages
/// are found that begin with long comments.
const DECLARED_WITHIN: usize = 8 * 1024;

/// The page as text, in the encoding that its first bytes or its head declare; UTF-8 without.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Trouble> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return text(encoding, &bytes[mark..], true);
    }
    match declared(&bytes[..bytes.len().min(DECLARED_WITHIN)]) {
        Some(label) => match Encoding::for_label(label.as_bytes()) {
            // What could be read so far is no UTF-16, whatever it says of itself.
            Some(utf_16) if utf_16 == UTF_16BE || utf_16 == UTF_16LE => text(UTF_8, bytes, true),
            Some(encoding) => text(encoding, bytes, true),
            None => {
                let label = tidy::excerpt(&label);
                Err(Trouble::file(format!(
                    "it says that its encoding is \"{label}\", which no browser knows; save it as \
                     UTF-8 and write `<meta charset=\"utf-8\">` into its head"
                )))
            }
        },
        None => text(UTF_8, bytes, false),
    }
}

fn text<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
    is_declared: bool,
) -> Result<Cow<'a, str>, Trouble> {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(text);
    }
    let name = encoding.name();
    let mend = match is_declared {
        true => "save it as UTF-8 and declare that",
        false => "save it as UTF-8, or write its encoding into its head (`<meta charset=…>`)",
    };
    let said = if is_declared { "as it says" } else { "and says no other encoding" };
    let reason = format!("it is not {name} text, {said}; {mend}");
    match std::str::from_utf8(bytes) {
        Err(error) if encoding == UTF_8 => {
            let before = &bytes[..error.valid_up_to()];
            let line = 1 + memchr::memchr_iter(b'\n', before).count() as u64;
            Err(Trouble::line(line, reason))
        }
        Ok(_) | Err(_) => Err(Trouble::file(reason)),
    }
}

/// The label of the encoding that the head declares, if it does.
fn declared(head: &[u8]) -> Option<String> {
    tokens(head).find_map(|token| match token {
        Token::StartTag(tag) if tag.name == b"meta" => charset(&tag),
        Token::StartTag(_)
        | Token::EndTag(_)
        | Token::String(_)
        | Token::Comment(_)
        | Token::Doctype(_)
        | Token::Error(_) => None,
    })
}

/// `<meta charset=…>`, or `<meta http-equiv="Content-Type" content="text/html; charset=…">`.
fn charset(tag: &StartTag<()>) -> Option<String> {
    if let Some(label) = attribute(tag, "charset") {
        return Some(label.trim().to_owned());
    }
    let equivalent = attribute(tag, "http-equiv")?;
    if !equivalent.trim().eq_ignore_ascii_case("content-type") {
        return None;
    }
    let content = attribute(tag, "content")?.to_ascii_lowercase();
    let (_, label) = content.split_once("charset")?;
    let label = label.trim_start().strip_prefix('=')?.trim_start();
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find([';', '"', '\'', ' ']).unwrap_or(label.len());
    Some(label[..end].to_owned())
}
