//! A reply as Discord messages: Markdown, escaped here and nowhere else, in parts that the network takes.

use crate::translate::Form;
use bot::{Act, Body, Button, Card, CaseSheet, Reply};
use contract::plain::{Block, Role, blocks, pieces};
use serde_json::{Value, json};

/// What the content of a message may be long, in UTF-16 units at the most
/// (developers/resources/message, "Create Message").
const CONTENT_MAX: usize = 2_000;
/// What embeds may be long: each of these, and all of them together ("Embed Limits").
const TITLE_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 4_096;
const FOOTER_MAX: usize = 2_048;
const EMBEDS_MAX: usize = 6_000;
/// A button's label (developers/components/reference, "Button").
const LABEL_MAX: usize = 80;
/// Buttons in a row, and rows under a message ("Action Row").
const ROW_MAX: usize = 5;
const ROWS_MAX: usize = 5;
/// No previews of pages that are named (developers/resources/message, "Message Flags").
const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// The styles of buttons.
const SECONDARY: u8 = 2;
const DANGER: u8 = 4;

/// The code of the button that shows an answer to everybody.
pub(crate) const SHARE: &str = "share";

/// One message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Part {
    /// Its words, with markup.
    pub(crate) content: String,
    /// What stands framed below them.
    pub(crate) embeds: Vec<Value>,
    /// Its rows of buttons; those of a reply stand under its last part.
    pub(crate) rows: Vec<Value>,
}

impl Part {
    /// The message as a body of a call: nobody is pinged by it, and no page that it names is shown
    /// with it.
    pub(crate) fn body(&self) -> Value {
        let mut body = self.change();
        if self.embeds.is_empty() {
            body["flags"] = SUPPRESS_EMBEDS.into();
        }
        body
    }

    /// The same for a message that is there already.
    pub(crate) fn change(&self) -> Value {
        json!({
            "content": self.content,
            "embeds": self.embeds,
            "components": self.rows,
            "allowed_mentions": { "parse": [] },
        })
    }
}

/// A reply as messages, one at least.
pub(crate) fn parts(reply: &Reply) -> Vec<Part> {
    let card = if let Body::Card(card) = &reply.body { framed(card) } else { None };
    let words = match (&card, &reply.body) {
        (Some(_), Body::Card(card)) => blocks(&above(reply, card)),
        _ => blocks(reply),
    };
    let words = words.into_iter().filter(|block| !block.text.is_empty() || card.is_none());
    let mut parts = vec![Part::default()];
    for piece in words.flat_map(|block| pieces(&block, fitting)) {
        let text = marked(&piece);
        let last = parts.last().map_or("", |part| part.content.as_str());
        if !last.is_empty() && units(last) + 1 + units(&text) > CONTENT_MAX {
            parts.push(Part::default());
        }
        if let Some(part) = parts.last_mut() {
            if !part.content.is_empty() {
                part.content.push('\n');
            }
            part.content.push_str(&text);
        }
    }
    if let Some(last) = parts.last_mut() {
        last.embeds.extend(card);
        last.rows = rows(reply);
    }
    parts
}

/// A reply for one person alone, in messages of which each is shown when it is asked for: what is too
/// long for the words of one stands framed below them, and goes on in the next. The buttons stand below
/// the first.
pub(crate) fn folded(reply: &Reply) -> Vec<Part> {
    let mut folded: Vec<Part> = Vec::new();
    let mut left = 0;
    for part in parts(reply) {
        let framed = json!({ "description": part.content });
        let whole = units(&part.content) + part.embeds.iter().map(embed_units).sum::<usize>();
        match folded.last_mut().filter(|_| whole <= left) {
            Some(last) => {
                left -= whole;
                let framed = Some(framed).filter(|_| !part.content.is_empty());
                last.embeds.extend(framed.into_iter().chain(part.embeds));
            }
            None => {
                left = EMBEDS_MAX - part.embeds.iter().map(embed_units).sum::<usize>();
                folded.push(Part { rows: Vec::new(), ..part });
            }
        }
    }
    if let Some(first) = folded.first_mut() {
        first.rows = rows(reply);
    }
    folded
}

/// Whether an answer that one person is shown may be shown to everybody: the library's own words.
pub(crate) fn is_shareable(reply: &Reply) -> bool {
    match &reply.body {
        Body::Answer { left, .. } => left.is_none(),
        Body::Card(_) => true,
        Body::Choices { .. }
        | Body::List { .. }
        | Body::Notice { .. }
        | Body::FromStaff { .. }
        | Body::Case(_) => false,
    }
}

/// A button that shows an answer to everybody, below its others.
pub(crate) fn share_button(label: &str) -> Value {
    row(vec![button(SHARE, label, SECONDARY)])
}

/// What stands above a record that is framed.
fn above(reply: &Reply, card: &Card) -> Reply {
    let text = card.lead.clone().unwrap_or_default();
    Reply { body: Body::Notice { text }, ..reply.clone() }
}

/// A record framed; `None` if it is too long for that.
fn framed(card: &Card) -> Option<Value> {
    let lines = [&card.about, &card.subjects, &card.summary];
    let lines: Vec<String> =
        lines.into_iter().filter(|line| !line.is_empty()).map(|line| escaped(line)).collect();
    let (title, description) = (escaped(&card.title), lines.join("\n"));
    let mut embed = json!({ "title": title, "footer": { "text": card.source } });
    if !description.is_empty() {
        embed["description"] = description.as_str().into();
    }
    if let Some(url) = &card.url {
        embed["url"] = url.as_str().into();
    }
    let fits = units(&title) <= TITLE_MAX
        && units(&description) <= DESCRIPTION_MAX
        && units(&card.source) <= FOOTER_MAX
        && embed_units(&embed) <= EMBEDS_MAX
        && !card.title.trim().is_empty()
        && !card.source.trim().is_empty();
    fits.then_some(embed)
}

fn embed_units(embed: &Value) -> usize {
    let text = |value: &Value| value.as_str().map_or(0, units);
    text(&embed["title"]) + text(&embed["description"]) + text(&embed["footer"]["text"])
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A text of at most so many units, with a sign where something is missing.
fn cut(text: &str, most: usize) -> String {
    if units(text) <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = most.saturating_sub(1);
    for c in text.chars() {
        if c.len_utf16() > left {
            break;
        }
        left -= c.len_utf16();
        short.push(c);
    }
    let short = short.trim_end();
    if short.is_empty() { String::new() } else { format!("{short}…") }
}

/// How many bytes of a text fit a message once it is marked.
fn fitting(text: &str) -> usize {
    // A mark stands before each line at most, or around all of it.
    let room = CONTENT_MAX - 8;
    if units(text) * 2 + 3 * text.lines().count() <= room {
        return text.len();
    }
    let whole = |end: usize| units(&escaped(&text[..end])) + 3 * text[..end].lines().count();
    if whole(text.len()) <= room {
        return text.len();
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    // Longer beginnings are never shorter once marked.
    let fits = ends.partition_point(|end| whole(*end) <= room);
    ends.get(fits.saturating_sub(1)).copied().unwrap_or(text.len())
}

fn marked(block: &Block) -> String {
    let text = escaped(&block.text);
    let around =
        |mark: &str| if text.is_empty() { String::new() } else { format!("{mark}{text}{mark}") };
    match block.role {
        Role::Text => text,
        Role::Title | Role::Banner => around("**"),
        Role::Preface | Role::Source => {
            text.lines().map(|line| format!("-# {line}")).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Text that says what it says: every sign that Discord would take for markup is escaped, but in the
/// addresses of pages, which have to stay what they are.
pub(crate) fn escaped(text: &str) -> String {
    text.split('\n').map(escaped_line).collect::<Vec<_>>().join("\n")
}

fn escaped_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut begins = true;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if begins_address(rest, out.chars().last()) {
            let end = rest.find(|c: char| c.is_whitespace() || c == '<' || c == '>');
            let end = end.unwrap_or(rest.len());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            begins = false;
            continue;
        }
        let numbered = c == '.' && !out.is_empty() && out.chars().all(|c| c.is_ascii_digit());
        let at_start = begins && "#->+".contains(c);
        if r"\*_~`|<[]".contains(c) || at_start || numbered {
            out.push('\\');
        }
        out.push(c);
        begins = begins && c.is_whitespace();
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn begins_address(text: &str, before: Option<char>) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && before.is_none_or(|c| !c.is_alphanumeric())
}

/// The buttons: those that stand for a choice one a row, numbers and words beside each other.
fn rows(reply: &Reply) -> Vec<Value> {
    let alone = |button: &Button| {
        matches!(button.act, Act::Choose { .. }) && matches!(reply.body, Body::Choices { .. })
    };
    let is_number = |button: &Button| matches!(button.act, Act::Choose { .. });
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut last: Option<(bool, bool)> = None;
    let mut add = |kind: (bool, bool), shown: Value| {
        match rows.last_mut() {
            Some(row) if last == Some(kind) && !kind.0 && row.len() < ROW_MAX => row.push(shown),
            Some(_) | None => rows.push(vec![shown]),
        }
        last = Some(kind);
    };
    for one in &reply.buttons {
        let style = if one.act == Act::Forget { DANGER } else { SECONDARY };
        add((alone(one), is_number(one)), button(&one.act.code(), &one.label, style));
    }
    rows.truncate(ROWS_MAX);
    rows.into_iter().map(row).collect()
}

/// The buttons that open a form about a case, for staff.
pub(crate) fn forms(sheet: &CaseSheet, reply: &str, note: &str) -> Value {
    let code = |form: Form| form.code();
    row(vec![
        button(&code(Form::Reply(sheet.case)), reply, SECONDARY),
        button(&code(Form::Note(sheet.case)), note, SECONDARY),
    ])
}

/// A row of one button.
pub(crate) fn one_button(code: &str, label: &str) -> Value {
    row(vec![button(code, label, SECONDARY)])
}

fn row(buttons: Vec<Value>) -> Value {
    json!({ "type": 1, "components": buttons })
}

fn button(code: &str, label: &str, style: u8) -> Value {
    json!({ "type": 2, "style": style, "label": cut(label, LABEL_MAX), "custom_id": code })
}

#[cfg(test)]
mod tests {
    use super::*;
    use knowledge::Lang;

    fn notice(text: &str) -> Reply {
        let body = Body::Notice { text: text.to_owned() };
        Reply { lang: Lang::EN, preface: None, banner: None, body, buttons: Vec::new() }
    }

    #[test]
    fn markup_is_words_and_addresses_stay() {
        let evil = "*a* _b_ ~~c~~ `d` ||e|| <@1> [f](http://g.example) \\";
        let safe = r"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\| \<@1> \[f\](http://g.example) \\";
        assert_eq!(escaped(evil), safe);
        assert_eq!(escaped("# a\n- b\n> c\n12. d"), "\\# a\n\\- b\n\\> c\n12\\. d");
        let page = "see https://a.example/x_y_*z*?q=1 and a_b";
        assert_eq!(escaped(page), r"see https://a.example/x_y_*z*?q=1 and a\_b");
    }

    #[test]
    fn long_words_are_cut_and_lose_nothing() {
        let long = "The reading_room is open until nine, and *tea* is served. ".repeat(200);
        let all = parts(&notice(&long));
        assert!(all.len() > 3);
        assert!(all.iter().all(|part| units(&part.content) <= CONTENT_MAX));
        let joined: Vec<&str> = all.iter().map(|part| part.content.as_str()).collect();
        assert_eq!(joined.join(" "), escaped(long.trim_end()));
        let marks = "*".repeat(5_000);
        let all = parts(&notice(&marks));
        assert!(all.iter().all(|part| units(&part.content) <= CONTENT_MAX));
        assert_eq!(
            all.iter().map(|part| part.content.as_str()).collect::<String>(),
            escaped(&marks)
        );
    }

    #[test]
    fn what_one_person_is_shown_is_one_message_at_a_time() {
        let long = "The reading_room is open until nine in the evening, and tea is served. ";
        for times in [1, 60, 100, 120, 900] {
            let said = long.repeat(times).trim_end().to_owned();
            let all = folded(&notice(&said));
            let framed = |part: &Part| part.embeds.iter().map(embed_units).sum::<usize>();
            assert!(all.iter().all(|part| units(&part.content) <= CONTENT_MAX));
            assert!(all.iter().all(|part| framed(part) <= EMBEDS_MAX));
            assert_eq!(all.len() > 1, times > 100, "{times}");
            let texts = |part: &Part| {
                let framed = part.embeds.iter().filter_map(|e| e["description"].as_str());
                [part.content.as_str()].into_iter().chain(framed).map(str::to_owned).collect()
            };
            let whole: Vec<String> =
                all.iter().flat_map(|part| -> Vec<String> { texts(part) }).collect();
            assert_eq!(whole.join(" "), escaped(&said));
        }
    }
}
