//! Every form of a reply as Telegram shows it, in a file that people read: `UPDATE=1` rewrites it.

use crate::render::{Form, parts};
use bot::Reply;
use contract::samples;
use teloxide::types::InlineKeyboardButtonKind;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/replies.txt");

#[expect(clippy::wildcard_enum_match_arm, reason = "no other button is made")]
fn shown(name: &str, reply: &Reply, shared: bool) -> String {
    let form = Form { bot: "LindenBot", shared };
    let mut text = format!("== {name}{}\n", if shared { ", where several read" } else { "" });
    for part in parts(reply, &form) {
        text.push_str(&part.html.replace('\u{2060}', "{u2060}"));
        text.push('\n');
        for row in part.keyboard.iter().flat_map(|keyboard| &keyboard.inline_keyboard) {
            for button in row {
                let does = match &button.kind {
                    InlineKeyboardButtonKind::CallbackData(data) => data.clone(),
                    InlineKeyboardButtonKind::Url(url) => url.to_string(),
                    other => format!("{other:?}"),
                };
                text.push_str(&format!("[{} -> {does}] ", button.text));
            }
            text = text.trim_end().to_owned();
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_reply_looks_as_people_have_seen_it() {
    let samples = samples::replies();
    let mut all: Vec<String> =
        samples.iter().map(|(name, reply)| shown(name, reply, false)).collect();
    let shared = samples.iter().filter(|(name, _)| name.contains("staff") || name.contains("desk"));
    all.extend(shared.map(|(name, reply)| shown(name, reply, true)));
    let now = all.join("\n");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &now).unwrap();
    }
    let golden = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(now, golden, "UPDATE=1 writes it anew, for people to look at");
}
