//! Every form of a reply as Matrix shows it, in a file that people read: `UPDATE=1` rewrites it.

use crate::event::BUTTONS;
use crate::render::{Voice, contents};
use bot::{Body, Reply};
use contract::samples;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/replies.txt");

fn shown(name: &str, reply: &Reply) -> String {
    let voice = match reply.body {
        Body::Case(_) => Voice::Text,
        Body::Answer { .. }
        | Body::Choices { .. }
        | Body::Card(_)
        | Body::List { .. }
        | Body::Notice { .. }
        | Body::FromStaff { .. } => Voice::of(reply),
    };
    let mut text = format!("== {name}\n");
    for content in contents(reply, voice) {
        let field = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
        text.push_str(&format!("{}\n{}\n", field("msgtype"), field("body")));
        text.push_str(&format!("-- html\n{}\n", field("formatted_body").replace("<br>", "<br>\n")));
        for button in content[BUTTONS].as_array().into_iter().flatten() {
            let field = |name: &str| button[name].as_str().unwrap_or_default();
            text.push_str(&format!("[{} {} -> {}]\n", field("key"), field("label"), field("act")));
        }
    }
    text
}

#[test]
fn every_reply_looks_as_people_have_seen_it() {
    let all: Vec<String> =
        samples::replies().iter().map(|(name, reply)| shown(name, reply)).collect();
    let now = all.join("\n");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &now).unwrap();
    }
    let golden = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(now, golden, "UPDATE=1 writes it anew, for people to look at");
}
