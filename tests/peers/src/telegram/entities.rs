//! What is formatted in a text, and what is found in it.

use serde_json::{Value, json};

/// A stretch of a text that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What it is: `bold`, `text_link`, `bot_command`.
    pub kind: String,
    /// Where it begins, in UTF-16 units.
    pub offset: usize,
    /// How long it is, in UTF-16 units.
    pub length: usize,
    /// Where a `text_link` leads, or the language of `pre`.
    pub detail: Option<String>,
}

impl Entity {
    pub(crate) fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, detail: None }
    }

    /// The stretch of `text` that it marks.
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        let at = |units: usize| byte_at(text, units);
        text.get(at(self.offset)..at(self.offset + self.length)).unwrap_or_default()
    }

    fn end(&self) -> usize {
        self.offset + self.length
    }

    pub(crate) fn json(&self) -> Value {
        let mut out = json!({"type": self.kind, "offset": self.offset, "length": self.length});
        if let Some(detail) = &self.detail {
            let key = match self.kind.as_str() {
                "pre" => "language",
                "custom_emoji" => "custom_emoji_id",
                _ => "url",
            };
            out[key] = json!(detail);
        }
        out
    }
}

/// How long a text is for Telegram: in UTF-16 units.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn byte_at(text: &str, units: usize) -> usize {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += c.len_utf16();
    }
    text.len()
}

/// Commands, mentions, hashtags and addresses in a text, in order.
pub(crate) fn find(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut skip_to = 0;
    let mut offset = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if at >= skip_to
            && let Some((kind, len)) = begins(before, &text[at..])
        {
            found.push(Entity::new(kind, offset, units(&text[at..at + len])));
            skip_to = at + len;
        }
        offset += c.len_utf16();
        before = Some(c);
    }
    found
}

fn begins(before: Option<char>, rest: &str) -> Option<(&'static str, usize)> {
    let after_word = before.is_some_and(is_word);
    match rest.chars().next()? {
        '/' if !after_word && before != Some('/') && before != Some('<') => {
            Some(("bot_command", command(rest)?))
        }
        '@' if !after_word => {
            let len = name(&rest[1..]);
            (4..=32).contains(&len).then_some(("mention", 1 + len))
        }
        '#' if !after_word => {
            let word = rest[1..].find(|c: char| !is_word(c)).unwrap_or(rest.len() - 1);
            (word > 0).then_some(("hashtag", 1 + word))
        }
        'h' if !after_word => {
            let scheme = ["https://", "http://"].into_iter().find(|s| rest.starts_with(s))?;
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let url = rest[..end].trim_end_matches(['.', ',', '!', '?', ')', ';', ':', '"', '\'']);
            (url.len() > scheme.len()).then_some(("url", url.len()))
        }
        _ => None,
    }
}

/// The length of a command with its slash and, if there is one, the bot that it is meant for.
fn command(rest: &str) -> Option<usize> {
    let len = name(&rest[1..]);
    if len == 0 || len > 64 {
        return None;
    }
    let mut end = 1 + len;
    if let Some(tail) = rest[end..].strip_prefix('@') {
        let whom = name(tail);
        if (3..=32).contains(&whom) {
            end += 1 + whom;
        }
    }
    let next = rest[end..].chars().next();
    next.is_none_or(|c| !is_word(c) && c != '/' && c != '<').then_some(end)
}

fn name(rest: &str) -> usize {
    rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What is found in the text besides what is formatted, in order.
pub(crate) fn with_found(text: &str, mut formatted: Vec<Entity>) -> Vec<Entity> {
    // Nothing is looked for inside code and links.
    let covers = |kind: &str| matches!(kind, "code" | "pre" | "text_link");
    let blocks: Vec<(usize, usize)> =
        formatted.iter().filter(|e| covers(&e.kind)).map(|e| (e.offset, e.end())).collect();
    let free = |e: &Entity| blocks.iter().all(|&(from, to)| e.end() <= from || e.offset >= to);
    formatted.extend(find(text).into_iter().filter(free));
    formatted.sort_by_key(|e| (e.offset, std::cmp::Reverse(e.length)));
    formatted
}

/// The text without white space around it, and its entities moved along.
pub(crate) fn trimmed(text: &str, entities: Vec<Entity>) -> (String, Vec<Entity>) {
    let start = text.len() - text.trim_start().len();
    let cut = units(&text[..start]);
    let text = text.trim();
    let len = units(text);
    let moved = entities.into_iter().filter_map(|mut e| {
        let (from, to) = (e.offset.saturating_sub(cut), e.end().saturating_sub(cut).min(len));
        (e.offset, e.length) = (from, to.saturating_sub(from));
        (e.length > 0).then_some(e)
    });
    (text.to_owned(), moved.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        find(text).iter().map(|e| (e.kind.clone(), e.of(text).to_owned())).collect()
    }

    #[test]
    fn commands_and_mentions_are_found_where_they_are() {
        let is = |kind: &str, text: &str| (kind.to_owned(), text.to_owned());
        assert_eq!(found("/start abc"), [is("bot_command", "/start")]);
        assert_eq!(found("😀 /find@library_bot tea"), [is("bot_command", "/find@library_bot")]);
        assert_eq!(found("and/or 1/2 a@b /é"), []);
        assert_eq!(found("ask @library_bot, please"), [is("mention", "@library_bot")]);
        assert_eq!(
            found("see https://a.example/x?y=1. #tea"),
            [is("url", "https://a.example/x?y=1"), is("hashtag", "#tea")]
        );
        assert_eq!(find("😀 /start")[0].offset, 3, "in UTF-16 units");
    }

    #[test]
    fn white_space_around_a_text_goes() {
        let (text, entities) = trimmed("  ab ", vec![Entity::new("bold", 1, 4)]);
        assert_eq!((text.as_str(), entities), ("ab", vec![Entity::new("bold", 0, 2)]));
    }
}
