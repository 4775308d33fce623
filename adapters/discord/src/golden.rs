//! Every form of a reply as Discord shows it, in a file that people read: `UPDATE=1` rewrites it.

use crate::render::parts;
use bot::Reply;
use contract::samples;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/replies.txt");

fn shown(name: &str, reply: &Reply) -> String {
    let mut text = format!("== {name}\n");
    for part in parts(reply) {
        text.push_str(&part.content);
        text.push('\n');
        for embed in &part.embeds {
            text.push_str(&format!("{embed}\n"));
        }
        for row in &part.rows {
            let buttons = row["components"].as_array().into_iter().flatten();
            let buttons = buttons.map(|b| format!("[{} -> {}]", b["label"], b["custom_id"]));
            text.push_str(&buttons.collect::<Vec<_>>().join(" "));
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_reply_looks_as_people_have_seen_it() {
    let samples = samples::replies();
    let all: Vec<String> = samples.iter().map(|(name, reply)| shown(name, reply)).collect();
    let now = all.join("\n");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &now).unwrap();
    }
    let golden = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(now, golden, "UPDATE=1 writes it anew, for people to look at");
}
