//! What is settled of the topics of cases.

use super::STAFF_MAX;
use super::reader::{Reader, Table};
use bot::DeskAct;
use std::collections::BTreeMap;

/// Topics that are read: more than any desk tells apart.
const TOPICS_MAX: usize = 64;
/// Characters of a topic: a word or three, that staff write and read in a line.
const TOPIC_CHARS_MAX: usize = 60;

/// Reads the table `[desk.topics]`: who works at each topic; nobody where it only is to be one.
pub(super) fn read<'a>(reader: &mut Reader<'a>, desk: &Table<'a>) -> BTreeMap<String, Vec<String>> {
    let table = reader.table(desk, "topics");
    let names = table.keys();
    if names.len() > TOPICS_MAX {
        let reason =
            format!("[desk.topics] names {} topics and at most {TOPICS_MAX} are read", names.len());
        reader.wrong(desk, "topics", reason);
    }
    let mut topics: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in names.iter().take(TOPICS_MAX) {
        let staff = reader.texts(&table, name, STAFF_MAX);
        if !is_topic(name) {
            let reason = format!(
                "a topic must be a word or some, of at most {TOPIC_CHARS_MAX} characters: rooms = [\"mira\"], \"local history\" = [\"ana\"]"
            );
            reader.wrong(&table, name, reason);
        } else if topics.keys().any(|known| known.to_lowercase() == name.to_lowercase()) {
            let reason = format!(
                "the topic `{name}` is there already, written otherwise; take one of them out"
            );
            reader.wrong(&table, name, reason);
        } else {
            topics.insert(name.clone(), staff);
        }
    }
    topics
}

fn is_topic(name: &str) -> bool {
    let fits = (1..=TOPIC_CHARS_MAX).contains(&name.chars().count());
    fits && name.trim() == name && name != DeskAct::NO_TOPIC && !name.chars().any(char::is_control)
}
