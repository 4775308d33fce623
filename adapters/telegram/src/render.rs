//! A reply as Telegram messages: HTML, escaped here and nowhere else, in parts that the network takes.

use bot::{Act, Body, Button, Reply};
use contract::plain::{Block, Role, blocks, pieces};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};
use url::Url;

/// What a rendering depends on beside the reply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    /// The bot's own name, for links that open a chat with it.
    pub(crate) bot: &'a str,
    /// Whether several people read it: then nothing in it may ping anybody.
    pub(crate) shared: bool,
}

/// UTF-16 units of one message after its markup is read (Bot API, sendMessage).
const MESSAGE_MAX: usize = 4_096;
/// Characters of a button's label: longer ones are cut by every client.
const LABEL_MAX: usize = 60;
/// Buttons in one row: three short words fit a phone.
const ROW_MAX: usize = 3;

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// Its text, with markup.
    pub(crate) html: String,
    /// Its buttons; those of a reply stand under its last part.
    pub(crate) keyboard: Option<InlineKeyboardMarkup>,
}

/// A reply as messages, one at least.
pub(crate) fn parts(reply: &Reply, form: &Form<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut html, mut units) = (String::new(), 0);
    let blocks = blocks(reply).into_iter().map(|block| match form.shared {
        true => Block { text: defused(&block.text), ..block },
        false => block,
    });
    for piece in blocks.flat_map(|block| pieces(&block, fitting)) {
        let own = piece.text.encode_utf16().count();
        if !html.is_empty() && units + 1 + own > MESSAGE_MAX {
            parts.push(Part { html: std::mem::take(&mut html), keyboard: None });
            units = 0;
        }
        if !html.is_empty() {
            html.push('\n');
            units += 1;
        }
        html.push_str(&marked(&piece));
        units += own;
    }
    parts.push(Part { html, keyboard: keyboard(reply, form) });
    parts
}

/// How many bytes of a text fit a message.
fn fitting(text: &str) -> usize {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > MESSAGE_MAX {
            return at;
        }
    }
    text.len()
}

fn marked(block: &Block) -> String {
    let text = escaped(&block.text);
    match block.role {
        Role::Text => text,
        Role::Title | Role::Banner => format!("<b>{text}</b>"),
        Role::Preface | Role::Source => format!("<i>{text}</i>"),
    }
}

/// A text in which no name pings its owner: a sign without width stands between the `@` and it. In
/// addresses, of mail and of pages, an `@` names nobody.
fn defused(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        out.push(c);
        if c == '@' && !before.is_alphanumeric() && !"/._-+%".contains(before) {
            out.push('\u{2060}');
        }
        before = c;
    }
    out
}

/// Text that says what it says (Bot API, "HTML style").
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// The buttons: those that stand for a choice one a row, numbers and words beside each other.
pub(crate) fn keyboard(reply: &Reply, form: &Form<'_>) -> Option<InlineKeyboardMarkup> {
    if reply.buttons.is_empty() {
        return None;
    }
    let alone = |button: &Button| {
        matches!(button.act, Act::Choose { .. }) && matches!(reply.body, Body::Choices { .. })
    };
    let is_number = |button: &Button| matches!(button.act, Act::Choose { .. });
    let mut rows: Vec<Vec<InlineKeyboardButton>> = Vec::new();
    let mut last: Option<(bool, bool)> = None;
    for button in &reply.buttons {
        let kind = (alone(button), is_number(button));
        let most = if kind.1 { 2 * ROW_MAX } else { ROW_MAX };
        let shown = shown(button, form);
        match rows.last_mut() {
            Some(row) if last == Some(kind) && !kind.0 && row.len() < most => row.push(shown),
            Some(_) | None => rows.push(vec![shown]),
        }
        last = Some(kind);
    }
    Some(InlineKeyboardMarkup::new(rows))
}

fn shown(button: &Button, form: &Form<'_>) -> InlineKeyboardButton {
    let label = label(&button.label);
    let opens = if let Act::OpenDirect(personal) = button.act {
        start_link(form.bot, personal.word())
    } else {
        None
    };
    match opens {
        Some(url) => InlineKeyboardButton::url(label, url),
        None => InlineKeyboardButton::callback(label, button.act.code()),
    }
}

/// The address that opens a chat with the bot, with a word for it (core.telegram.org/bots/features,
/// "Deep linking").
pub(crate) fn start_link(bot: &str, word: &str) -> Option<Url> {
    format!("https://t.me/{bot}?start={word}").parse().ok()
}

fn label(label: &str) -> String {
    if label.chars().count() <= LABEL_MAX {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(LABEL_MAX - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::plain;
    use knowledge::Lang;

    const FORM: Form<'_> = Form { bot: "LindenBot", shared: false };

    fn notice(text: &str) -> Reply {
        let body = Body::Notice { text: text.to_owned() };
        Reply { lang: Lang::EN, preface: None, banner: None, body, buttons: Vec::new() }
    }

    fn shown(html: &str) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        text.replace("&amp;", "&")
    }

    #[test]
    fn what_is_said_is_what_is_shown() {
        let evil = "<b>Tom & \"Jerry\"</b> <script>&amp;</script> @everyone";
        let reply = Reply {
            preface: Some("<i>".to_owned()),
            banner: Some("a < b".to_owned()),
            body: Body::FromStaff { text: evil.to_owned(), signature: "M & Co".to_owned() },
            ..notice("")
        };
        let [part] = parts(&reply, &FORM).try_into().unwrap();
        assert_eq!(shown(&part.html), plain::text(&reply));
    }

    #[test]
    fn where_others_read_nobody_is_pinged() {
        let form = Form { shared: true, ..FORM };
        let [part] = parts(&notice("ask @mira or a@b.example"), &form).try_into().unwrap();
        assert_eq!(part.html, "ask @\u{2060}mira or a@b.example");
    }

    #[test]
    fn a_button_that_opens_a_chat_is_an_address() {
        let act = Act::OpenDirect(bot::Personal::MyData);
        let buttons = vec![Button { act, label: "Open our direct chat".to_owned() }];
        let reply = Reply { buttons, ..notice("only there") };
        let rows = keyboard(&reply, &FORM).unwrap().inline_keyboard;
        let url = "https://t.me/LindenBot?start=mydata".parse().unwrap();
        assert_eq!(rows[0][0], InlineKeyboardButton::url("Open our direct chat", url));
    }

    #[test]
    fn long_words_are_cut_at_sentences_and_lose_nothing() {
        let sentence = "The reading room is open until nine in the evening, and tea is served. ";
        let long = sentence.repeat(200);
        let all = parts(&notice(&long), &FORM);
        assert!(all.len() > 3);
        for part in &all {
            assert!(part.html.encode_utf16().count() <= MESSAGE_MAX);
            assert!(part.html.ends_with("served."), "{}", part.html);
        }
        let joined: Vec<&str> = all.iter().map(|part| part.html.as_str()).collect();
        assert_eq!(joined.join(" "), long.trim_end());
        // Two units each, and no place to cut.
        let smiles = "😀".repeat(5_000);
        let all = parts(&notice(&smiles), &FORM);
        assert!(all.iter().all(|part| part.html.encode_utf16().count() <= MESSAGE_MAX));
        assert_eq!(all.iter().map(|part| part.html.as_str()).collect::<String>(), smiles);
    }

    #[test]
    fn choices_stand_one_a_row_and_words_beside_each_other() {
        let button = |act, label: &str| Button { act, label: label.to_owned() };
        let choose = |number| Act::Choose { turn: 1, number };
        let buttons = vec![
            button(choose(1), "How do I renew a book?"),
            button(choose(2), &"long ".repeat(40)),
            button(Act::AskPerson(1), "Ask a person"),
        ];
        let choices = vec!["one".to_owned(), "two".to_owned()];
        let body = Body::Choices { lead: "Did you mean:".to_owned(), choices };
        let reply = Reply { body, buttons, ..notice("") };
        let rows = keyboard(&reply, &FORM).unwrap().inline_keyboard;
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
        assert!(rows[1][0].text.chars().count() <= LABEL_MAX);
    }
}
