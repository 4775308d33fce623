//! The HTML that messages may be written in, read as strictly as the server reads it, and in two
//! points more strictly: a bare `&` or `>` is let through, as there, but complained about.

use super::entities::{Entity, units};
use super::keyboard::is_address;

/// A text that was written in HTML.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) text: String,
    pub(crate) entities: Vec<Entity>,
    /// What the server lets through although its documentation says otherwise.
    pub(crate) doubts: Vec<String>,
}

/// The tags that there are, with what they mean.
const TAGS: [(&str, &str); 16] = [
    ("b", "bold"),
    ("strong", "bold"),
    ("i", "italic"),
    ("em", "italic"),
    ("u", "underline"),
    ("ins", "underline"),
    ("s", "strikethrough"),
    ("strike", "strikethrough"),
    ("del", "strikethrough"),
    ("tg-spoiler", "spoiler"),
    ("span", "spoiler"),
    ("a", "text_link"),
    ("code", "code"),
    ("pre", "pre"),
    ("blockquote", "blockquote"),
    ("tg-emoji", "custom_emoji"),
];

struct Open {
    tag: String,
    kind: &'static str,
    offset: usize,
    detail: Option<String>,
}

/// Reads HTML.
///
/// # Errors
/// What stands after "can't parse entities: ".
pub(crate) fn parse(html: &str) -> Result<Parsed, String> {
    let mut out = Parsed::default();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(c) = html[at..].chars().next() {
        match c {
            '<' if html[at + 1..].starts_with('/') => at = end_tag(html, at, &mut open, &mut out)?,
            '<' => at = start_tag(html, at, &mut open, &mut out)?,
            '&' => {
                let (c, len) = reference(&html[at..]).unwrap_or_else(|| {
                    out.doubts.push(format!("a bare & at byte offset {at}"));
                    ('&', 1)
                });
                out.text.push(c);
                at += len;
            }
            _ => {
                if c == '>' {
                    out.doubts.push(format!("a bare > at byte offset {at}"));
                }
                out.text.push(c);
                at += c.len_utf8();
            }
        }
    }
    if let Some(open) = open.pop() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    out.entities.sort_by_key(|e| (e.offset, std::cmp::Reverse(e.length)));
    Ok(out)
}

fn start_tag(
    html: &str,
    at: usize,
    open: &mut Vec<Open>,
    out: &mut Parsed,
) -> Result<usize, String> {
    let unclosed = || format!("Unclosed start tag at byte offset {at}");
    let rest = &html[at + 1..];
    let name_end = rest.find(|c: char| c.is_whitespace() || c == '>').ok_or_else(unclosed)?;
    let tag = rest[..name_end].to_ascii_lowercase();
    let known = TAGS.iter().find(|(name, _)| *name == tag);
    let Some(&(_, kind)) = known else {
        return Err(format!("Unsupported start tag \"{tag}\" at byte offset {at}"));
    };
    let (attributes, end) = attributes(html, at + 1 + name_end, &tag)?;
    let attribute = |name: &str| attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let detail = match tag.as_str() {
        "a" => attribute("href"),
        "span" if attribute("class").as_deref() != Some("tg-spoiler") => {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"));
        }
        "tg-emoji" => attribute("emoji-id"),
        "code" => attribute("class").and_then(|c| Some(c.strip_prefix("language-")?.to_owned())),
        _ => None,
    };
    let kind = match attribute("expandable") {
        Some(_) if kind == "blockquote" => "expandable_blockquote",
        _ => kind,
    };
    let inside = |names: &[&str]| open.iter().any(|o| names.contains(&o.tag.as_str()));
    if (inside(&["code", "pre"]) && tag != "code") || (tag == "code" && inside(&["code"])) {
        out.doubts.push(format!("<{tag}> inside code at byte offset {at}"));
    }
    if tag == "blockquote" && inside(&["blockquote"]) {
        out.doubts.push(format!("a nested blockquote at byte offset {at}"));
    }
    open.push(Open { tag, kind, offset: units(&out.text), detail });
    Ok(end)
}

/// The attributes of a tag, and where it ends.
fn attributes(
    html: &str,
    mut at: usize,
    tag: &str,
) -> Result<(Vec<(String, String)>, usize), String> {
    let mut found = Vec::new();
    let unclosed = || format!("Unclosed start tag \"{tag}\"");
    loop {
        at += html[at..].len() - html[at..].trim_start().len();
        if html[at..].starts_with('>') {
            return Ok((found, at + 1));
        }
        let rest = &html[at..];
        let len =
            rest.find(|c: char| c.is_whitespace() || c == '=' || c == '>').ok_or_else(unclosed)?;
        if len == 0 {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {at}"));
        }
        let name = rest[..len].to_ascii_lowercase();
        at += len;
        let Some(rest) = html[at..].strip_prefix('=') else {
            found.push((name, String::new()));
            continue;
        };
        at += 1;
        let (value, used) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let end = rest[1..].find(quote).ok_or_else(unclosed)?;
                (&rest[1..=end], end + 2)
            }
            _ => {
                let end =
                    rest.find(|c: char| c.is_whitespace() || c == '>').ok_or_else(unclosed)?;
                (&rest[..end], end)
            }
        };
        found.push((name, unescaped(value)));
        at += used;
    }
}

fn end_tag(html: &str, at: usize, open: &mut Vec<Open>, out: &mut Parsed) -> Result<usize, String> {
    let rest = &html[at + 2..];
    let len = rest.find('>').ok_or_else(|| format!("Unclosed end tag at byte offset {at}"))?;
    let tag = rest[..len].trim_end().to_ascii_lowercase();
    let Some(begun) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {at}"));
    };
    if tag != begun.tag && !tag.is_empty() {
        return Err(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{}>\", found \"</{tag}>\"",
            begun.tag
        ));
    }
    close(begun, open, out);
    Ok(at + 2 + len + 1)
}

fn close(begun: Open, open: &mut [Open], out: &mut Parsed) {
    let length = units(&out.text) - begun.offset;
    if begun.kind == "code"
        && let Some(pre) = open.last_mut().filter(|o| o.tag == "pre" && o.offset == begun.offset)
    {
        // Code in pre is one block, with its language.
        pre.detail = begun.detail;
        return;
    }
    let mut entity = Entity::new(begun.kind, begun.offset, length);
    match begun.kind {
        "text_link" => {
            let url = begun.detail.unwrap_or_default();
            if !is_address(&url) {
                out.doubts.push(format!("a link that leads nowhere: {url:?}"));
                return;
            }
            entity.detail = Some(url);
        }
        "pre" | "custom_emoji" => entity.detail = begun.detail,
        _ => {}
    }
    if length > 0 {
        out.entities.push(entity);
    }
}

/// A character reference at the beginning of `rest`, and its length.
fn reference(rest: &str) -> Option<(char, usize)> {
    let end = rest.find(';').filter(|end| *end <= 10)?;
    let name = &rest[1..end];
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    };
    Some((c, end + 1))
}

fn unescaped(value: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(c) = value[at..].chars().next() {
        let (c, len) = reference(&value[at..]).filter(|_| c == '&').unwrap_or((c, c.len_utf8()));
        out.push(c);
        at += len;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_becomes_entities_in_utf_16_units() {
        let parsed =
            parse("😀 <b>Hours</b> &amp; <a href=\"https://a.example/?a=1&amp;b=2\">map</a>")
                .unwrap();
        assert_eq!(parsed.text, "😀 Hours & map");
        let mut link = Entity::new("text_link", 11, 3);
        link.detail = Some("https://a.example/?a=1&b=2".to_owned());
        assert_eq!(parsed.entities, [Entity::new("bold", 3, 5), link]);
        assert_eq!(parsed.doubts, [""; 0]);
    }

    #[test]
    fn what_the_server_refuses_is_refused_in_its_words() {
        for (html, error) in [
            ("<p>x</p>", "Unsupported start tag \"p\" at byte offset 0"),
            ("a <b>x", "Can't find end tag corresponding to start tag \"b\""),
            ("a < b", "Unsupported start tag \"\" at byte offset 2"),
            ("a <b", "Unclosed start tag at byte offset 2"),
            ("1 < 2 > 1", "Unsupported start tag \"\" at byte offset 2"),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            (
                "<b><i>x</b></i>",
                "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
            ),
            ("<span>x</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            assert_eq!(parse(html), Err(error.to_owned()), "{html}");
        }
    }

    #[test]
    fn what_the_server_lets_through_is_noticed() {
        assert_eq!(parse("Q & A").unwrap().doubts, ["a bare & at byte offset 2"]);
        assert_eq!(parse("a > b").unwrap().doubts, ["a bare > at byte offset 2"]);
        assert!(!parse("<code>a <b>b</b></code>").unwrap().doubts.is_empty());
        assert!(!parse("<a href=\"javascript:1\">x</a>").unwrap().doubts.is_empty());
    }

    #[test]
    fn code_in_pre_is_one_block() {
        let parsed = parse("<pre><code class=\"language-rust\">let x;</code></pre>").unwrap();
        let mut pre = Entity::new("pre", 0, 6);
        pre.detail = Some("rust".to_owned());
        assert_eq!(parsed.entities, [pre]);
    }
}
