//! A reply as the content of events: plain text and HTML beside each other, escaped here and nowhere
//! else. Of the tags that clients show (Client-Server API, "m.room.message msgtypes") it uses `strong`,
//! `em` and `br`, and nothing that anybody writes becomes one.

use crate::event::BUTTONS;
use crate::words::typed;
use bot::{Act, Body, Button, Reply};
use contract::plain::{Block, Role, blocks};
use serde_json::{Value, json};

/// Bytes of HTML in one event. With its text beside it, and made longer by encryption, it stays under
/// the 65,536 that an event may have (Client-Server API, "Size limits").
const HTML_MAX: usize = 16_000;

/// What a message is for those who read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A program's own words, of which nobody is told with a sound.
    Notice,
    /// Words that somebody waits for: a person's, or what staff are to do.
    Text,
}

impl Voice {
    /// How a reply is said to patrons.
    pub(crate) fn of(reply: &Reply) -> Voice {
        match reply.body {
            Body::FromStaff { .. } => Voice::Text,
            Body::Answer { .. }
            | Body::Choices { .. }
            | Body::Card(_)
            | Body::List { .. }
            | Body::Notice { .. }
            | Body::Case(_) => Voice::Notice,
        }
    }

    fn msgtype(self) -> &'static str {
        match self {
            Voice::Notice => "m.notice",
            Voice::Text => "m.text",
        }
    }
}

/// A reply as contents of events, one at least: more only where it is longer than an event. The
/// buttons stand in the last.
pub(crate) fn contents(reply: &Reply, voice: Voice) -> Vec<Value> {
    let mut parts: Vec<(String, String)> = vec![(String::new(), String::new())];
    let own_words = matches!(reply.body, Body::Notice { .. });
    for piece in blocks(reply).into_iter().map(|block| named(block, own_words)).flat_map(pieces) {
        let marked = marked(&piece);
        match parts.last_mut() {
            Some((text, html)) if text.is_empty() || html.len() + marked.len() < HTML_MAX => {
                if !text.is_empty() {
                    text.push('\n');
                    html.push_str("<br>");
                }
                text.push_str(&piece.text);
                html.push_str(&marked);
            }
            Some(_) | None => parts.push((piece.text, marked)),
        }
    }
    if let Some((text, html)) = parts.last_mut()
        && let Some(line) = words_beside(reply)
    {
        text.push_str(&format!("\n\n{line}"));
        html.push_str(&format!("<br><br>{}", escaped(&line)));
    }
    let mut contents: Vec<Value> = parts
        .into_iter()
        .map(|(body, html)| {
            json!({
                "msgtype": voice.msgtype(),
                "body": body,
                "format": "org.matrix.custom.html",
                "formatted_body": html,
                "m.mentions": {},
            })
        })
        .collect();
    if let Some(last) = contents.last_mut()
        && !reply.buttons.is_empty()
    {
        last[BUTTONS] = reply.buttons.iter().map(described).collect();
    }
    contents
}

/// The bot's own sentences name its commands as they are typed here; other words stay as they are.
fn named(block: Block, own_words: bool) -> Block {
    let own = block.role == Role::Preface || (block.role == Role::Text && own_words);
    if own { Block { text: typed(&block.text), ..block } } else { block }
}

/// A block in pieces that fit an event, cut at the end of a line, else of a word.
fn pieces(block: Block) -> Vec<Block> {
    let mut rest = block.text.as_str();
    let mut pieces = Vec::new();
    while let Some(fits) = too_long(rest) {
        let end = rest[..fits].rfind('\n').or_else(|| rest[..fits].rfind(' '));
        let cut = end.filter(|at| *at > 0).unwrap_or(fits);
        pieces.push(Block { role: block.role, text: rest[..cut].trim_end().to_owned() });
        rest = rest[cut..].trim_start();
    }
    let rest = if pieces.is_empty() { rest } else { rest.trim_end() };
    pieces.push(Block { role: block.role, text: rest.to_owned() });
    pieces
}

/// How many bytes of a text fit an event, if not all do.
fn too_long(text: &str) -> Option<usize> {
    let mut html = 0;
    text.char_indices().find_map(|(at, c)| {
        html += escape(c).map_or(c.len_utf8(), str::len);
        (html > HTML_MAX).then_some(at)
    })
}

fn marked(block: &Block) -> String {
    let text = escaped(&block.text);
    match block.role {
        Role::Text => text,
        Role::Title | Role::Banner => format!("<strong>{text}</strong>"),
        Role::Preface | Role::Source => format!("<em>{text}</em>"),
    }
}

/// Text that says what it says.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(escape) => out.push_str(escape),
            None => out.push(c),
        }
    }
    out
}

fn escape(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\n' => "<br>",
        _ => return None,
    })
}

/// The reaction that stands for a button.
fn sign(act: Act) -> String {
    let sign = match act {
        Act::Helpful(_) => "👍",
        Act::NotHelpful(_) => "👎",
        Act::AskPerson(_) => "🙋",
        Act::Choose { number, .. } => return number_sign(number),
        Act::More(_) => "➡️",
        Act::Back(_) => "⬅️",
        Act::Withdraw(_) => "↩️",
        Act::Forget => "🗑️",
        Act::Keep => "📌",
        Act::Speak(lang) => {
            return lang.map_or_else(|| "🌐".to_owned(), |lang| lang.as_str().to_uppercase());
        }
        Act::Link => "🔗",
        Act::Unlink => "✂️",
        Act::OpenDirect(_) => "💬",
        Act::Claim(_) => "✋",
        Act::Release(_) => "👐",
        Act::Show(_) => "👀",
        Act::Close(_) => "✅",
    };
    sign.to_owned()
}

/// `3️⃣` up to ten; higher numbers are a text, which a reaction may be as well.
fn number_sign(number: u16) -> String {
    match number {
        1..=9 => format!("{number}\u{fe0f}\u{20e3}"),
        10 => "🔟".to_owned(),
        number => number.to_string(),
    }
}

/// The words that stand beside the reactions, for a button each: "👍 Helpful · 👎 Not helpful". Choices
/// and lists have their numbers before their lines.
fn words_beside(reply: &Reply) -> Option<String> {
    let numbered = matches!(reply.body, Body::Choices { .. } | Body::List { .. });
    let words: Vec<String> = reply
        .buttons
        .iter()
        .filter(|button| !(numbered && matches!(button.act, Act::Choose { .. })))
        .map(|button| format!("{} {}", sign(button.act), button.label))
        .collect();
    (!words.is_empty()).then(|| words.join(" · "))
}

/// A button in the bot's own field: its reaction, what it stands for, and its words.
fn described(button: &Button) -> Value {
    json!({ "key": sign(button.act), "act": button.act.code(), "label": button.label })
}

/// The reactions that stand for the buttons of a message of the bot's.
pub(crate) fn signs(content: &Value) -> Vec<&str> {
    let buttons = content[BUTTONS].as_array();
    buttons.into_iter().flatten().filter_map(|button| button["key"].as_str()).collect()
}

/// What a reaction under a message of the bot's stands for. Keyboards write the same sign with and
/// without marks of presentation and of skin.
pub(crate) fn act(content: &Value, reaction: &str) -> Option<Act> {
    let buttons = content[BUTTONS].as_array()?;
    let is =
        |button: &&Value| button["key"].as_str().is_some_and(|key| bare(key) == bare(reaction));
    Act::parse(buttons.iter().find(is)?["act"].as_str()?)
}

/// All that the buttons of a message of the bot's stand for.
pub(crate) fn acts(content: &Value) -> impl Iterator<Item = Act> + '_ {
    let buttons = content[BUTTONS].as_array();
    buttons.into_iter().flatten().filter_map(|button| Act::parse(button["act"].as_str()?))
}

/// What the buttons of a message of the bot's say, and what they stand for.
pub(crate) fn labels(content: &Value) -> Vec<(String, Act)> {
    let buttons = content[BUTTONS].as_array().into_iter().flatten();
    let read = |button: &Value| {
        Some((button["label"].as_str()?.to_owned(), Act::parse(button["act"].as_str()?)?))
    };
    buttons.filter_map(read).collect()
}

fn bare(sign: &str) -> String {
    let is_mark =
        |c: char| c == '\u{fe0e}' || c == '\u{fe0f}' || ('\u{1f3fb}'..='\u{1f3ff}').contains(&c);
    sign.chars().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::plain;
    use knowledge::Lang;

    fn notice(text: &str) -> Reply {
        let body = Body::Notice { text: text.to_owned() };
        Reply { lang: Lang::EN, preface: None, banner: None, body, buttons: Vec::new() }
    }

    fn shown(html: &str) -> String {
        let text = html.replace("<br>", "\n");
        let mut out = String::new();
        let mut inside = false;
        for c in text.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        let out = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        out.replace("&amp;", "&")
    }

    #[test]
    fn what_is_said_is_what_is_shown() {
        let evil = "<b>Tom & \"Jerry\"</b>\n<script>&amp;</script> @room <a href=\"x\">";
        let reply = Reply {
            preface: Some("<i>".to_owned()),
            banner: Some("a < b".to_owned()),
            body: Body::FromStaff { text: evil.to_owned(), signature: "M & Co".to_owned() },
            ..notice("")
        };
        let [content] = contents(&reply, Voice::of(&reply)).try_into().unwrap();
        assert_eq!(shown(content["formatted_body"].as_str().unwrap()), plain::text(&reply));
        assert_eq!(content["body"], plain::text(&reply));
        assert_eq!(content["msgtype"], "m.text");
        assert_eq!(content["m.mentions"], json!({}), "nobody is pinged");
        assert!(content.get(BUTTONS).is_none());
    }

    #[test]
    fn a_reaction_is_a_button_however_a_keyboard_writes_it() {
        let button = |act, label: &str| Button { act, label: label.to_owned() };
        let buttons = vec![
            button(Act::Helpful(3), "Helpful"),
            button(Act::Choose { turn: 3, number: 2 }, "2"),
            button(Act::Speak(Some(Lang::FR)), "Français"),
        ];
        let reply = Reply { buttons, ..notice("x") };
        let content = contents(&reply, Voice::Notice).remove(0);
        for (reaction, code) in [
            ("👍", Some("h.3")),
            ("👍🏽", Some("h.3")),
            ("👍\u{fe0f}", Some("h.3")),
            ("2\u{20e3}", Some("c.3.2")),
            ("2️⃣", Some("c.3.2")),
            ("fr", Some("l.fr")),
            ("❤️", None),
            ("", None),
        ] {
            let act = act(&content, reaction).map(|act| act.code());
            assert_eq!(act.as_deref(), code, "{reaction}");
        }
        let words = "👍 Helpful · 2️⃣ 2 · FR Français";
        assert_eq!(content["body"], format!("x\n\n{words}"));
        assert_eq!(signs(&content), ["👍", "2️⃣", "FR"]);
        assert_eq!(act(&json!({ BUTTONS: [{ "key": "👍", "act": "zz" }, 7] }), "👍"), None);
    }

    #[test]
    fn long_words_are_several_events_that_fit_and_lose_nothing() {
        let sentence = "The reading room is open until nine in the evening, & tea is served. ";
        let long = sentence.repeat(1_000);
        let all = contents(&notice(&long), Voice::Notice);
        assert!(all.len() > 3);
        // A third more for encryption, and room for what stands around it.
        assert!(all.iter().all(|content| content.to_string().len() * 4 / 3 + 2_000 < 65_536));
        let joined: Vec<&str> = all.iter().filter_map(|content| content["body"].as_str()).collect();
        assert!(joined.join(" ") == long.trim_end());
        for signs in ["😀".repeat(20_000), "\"".repeat(20_000)] {
            let all = contents(&notice(&signs), Voice::Notice);
            assert!(all.iter().all(|one| one.to_string().len() * 4 / 3 + 2_000 < 65_536));
            let joined: String = all.iter().filter_map(|one| one["body"].as_str()).collect();
            assert!(joined == signs);
        }
    }

    #[test]
    fn sentences_name_commands_as_they_are_typed_and_the_librarys_words_stay() {
        let text =
            |reply: &Reply| contents(reply, Voice::Notice)[0]["body"].as_str().unwrap().to_owned();
        assert_eq!(text(&notice("/privacy says more.")), "!pollen privacy says more.");
        let body =
            Body::FromStaff { text: "see /privacy".to_owned(), signature: "mira".to_owned() };
        let reply = Reply { body, preface: Some("/help".to_owned()), ..notice("") };
        assert_eq!(text(&reply), "!pollen help\nsee /privacy\nmira");
    }
}
