//! What came to the client by `/sync`, and how much of it the client has taken in.

use serde_json::Value;
use std::collections::BTreeMap;

/// The answers in their order, by what they were called and what was in them.
#[derive(Debug, Default)]
pub(crate) struct Syncs {
    /// How many answers there were.
    answers: usize,
    /// How many of them the client has behind it.
    taken: usize,
    /// The last answer that had this `next_batch`: the homeserver repeats one while nothing happens.
    batches: BTreeMap<String, usize>,
    /// The first answer that had this event, or this room's invitation, in it.
    contents: BTreeMap<String, usize>,
}

impl Syncs {
    /// The client gets this answer.
    pub(crate) fn answer(&mut self, body: &Value) {
        let Some(batch) = body.get("next_batch").and_then(Value::as_str) else { return };
        let number = self.answers;
        self.answers += 1;
        self.batches.insert(batch.to_owned(), number);
        let Some(rooms) = body.get("rooms") else { return };
        let mut contents = Vec::new();
        collect_events(rooms, &mut contents);
        let invited = rooms.get("invite").and_then(Value::as_object);
        contents.extend(invited.into_iter().flatten().map(|(room_id, _)| room_id.as_str()));
        for id in contents {
            self.contents.entry(id.to_owned()).or_insert(number);
        }
    }

    /// The client asks for what came after an answer.
    pub(crate) fn asked_since(&mut self, batch: &str) {
        if let Some(number) = self.batches.get(batch) {
            self.taken = self.taken.max(number + 1);
        }
    }

    pub(crate) fn delivered(&self, id: &str) -> bool {
        self.contents.contains_key(id)
    }

    pub(crate) fn taken_in(&self, id: &str) -> bool {
        self.contents.get(id).is_some_and(|number| *number < self.taken)
    }
}

/// The ids of all events in lists that are called `events`, however deep these lie. What lies in an
/// event is left alone: it names other events, which were not delivered by that.
fn collect_events<'a>(value: &'a Value, ids: &mut Vec<&'a str>) {
    for (name, below) in value.as_object().into_iter().flatten() {
        match below.as_array() {
            Some(events) if name == "events" => {
                let id = |event: &'a Value| event.get("event_id").and_then(Value::as_str);
                ids.extend(events.iter().filter_map(id));
            }
            _ => collect_events(below, ids),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(batch: &str, events: &[&str]) -> Value {
        let events: Vec<Value> = events
            .iter()
            .map(|id| json!({"event_id": id, "content": {"m.relates_to": {"event_id": "$other"}}}))
            .collect();
        json!({
            "next_batch": batch,
            "rooms": {
                "join": {"!a": {"timeline": {"events": events}}},
                "invite": {"!b": {"invite_state": {"events": [{"type": "m.room.member"}]}}},
            },
        })
    }

    #[test]
    fn asking_since_an_answer_takes_it_in_with_all_before_it() {
        let mut syncs = Syncs::default();
        syncs.answer(&answer("s1", &["$1"]));
        syncs.answer(&answer("s2", &["$2", "$3"]));
        syncs.answer(&answer("s3", &["$4"]));
        assert!(syncs.delivered("$4") && !syncs.taken_in("$1"));
        syncs.asked_since("s2");
        for (id, taken_in) in
            [("$1", true), ("$2", true), ("$3", true), ("!b", true), ("$4", false)]
        {
            assert_eq!(syncs.taken_in(id), taken_in, "{id}");
        }
        syncs.asked_since("s1");
        assert!(syncs.taken_in("$3"), "what was taken in stays so");
    }

    #[test]
    fn an_answer_that_was_not_heeded_is_taken_in_with_the_next_one_that_says_the_same() {
        let mut syncs = Syncs::default();
        syncs.answer(&answer("s1", &[]));
        syncs.answer(&answer("s2", &["$1"]));
        syncs.asked_since("s1");
        assert!(!syncs.taken_in("$1"));
        syncs.answer(&answer("s3", &["$1", "$2"]));
        syncs.asked_since("s3");
        assert!(syncs.taken_in("$1") && syncs.taken_in("$2"));
    }

    #[test]
    fn what_an_event_names_is_not_delivered() {
        let mut syncs = Syncs::default();
        syncs.answer(&answer("s1", &["$1"]));
        assert!(!syncs.delivered("$other") && !syncs.delivered("!a"));
        syncs.asked_since("s0");
        assert!(!syncs.taken_in("$1"), "that was never an answer of this server");
    }
}
