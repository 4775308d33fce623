//! What waits at the desk: all of it, or the cases of one topic.

use super::page::{question, state};
use crate::words::In;
use bot::{Case, CaseId};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The queue as it is looked at.
pub(super) struct Queue {
    /// The cases that are open, oldest first.
    pub(super) cases: Vec<Case>,
    pub(super) beside: Beside,
}

/// What is shown beside the queue, and what of it.
#[derive(Default, Deserialize)]
pub(super) struct Beside {
    /// The case that is open.
    pub(super) open: Option<u32>,
    /// The topic whose cases are shown alone.
    pub(super) topic: Option<String>,
}

impl Queue {
    /// The case that is open beside it.
    pub(super) fn open(&self) -> Option<CaseId> {
        self.beside.open.map(CaseId)
    }

    /// Where it is shown anew.
    pub(super) fn refresh(&self) -> String {
        let open = self.beside.open.map(|open| ("open", open.to_string()));
        address("/desk/queue", open, self.beside.topic.as_deref())
    }

    /// Whether a case is shown.
    fn shows(&self, case: &Case) -> bool {
        let Some(wanted) = &self.beside.topic else { return true };
        case.topic.as_ref().is_some_and(|topic| topic.name == *wanted)
    }

    pub(super) fn render(&self, words: In<'_>) -> Markup {
        let all = self.cases.iter().filter(|case| case.waits()).count();
        let shown = self.cases.iter().filter(|case| self.shows(case));
        let (waiting, answered): (Vec<&Case>, Vec<&Case>) = shown.partition(|case| case.waits());
        html! {
            h2 data-waiting=(all) {
                (words.with("desk-waiting", &[("count", waiting.len().into())]))
            }
            (self.topics(words))
            @if waiting.is_empty() { p .hint { (words.say("desk-none-wait")) } }
            ol .cases { @for case in waiting { (self.row(words, case)) } }
            @if !answered.is_empty() {
                h2 { (words.say("desk-answered")) }
                ol .cases { @for case in answered { (self.row(words, case)) } }
            }
        }
    }

    /// The topics of what is open, to choose one of; nothing where no case has one.
    fn topics(&self, words: In<'_>) -> Markup {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for topic in self.cases.iter().filter_map(|case| case.topic.as_ref()) {
            *counts.entry(&topic.name).or_default() += 1;
        }
        let chosen = self.beside.topic.as_deref();
        if let Some(chosen) = chosen {
            counts.entry(chosen).or_default();
        }
        let is = |topic: Option<&str>| (topic == chosen).then_some("true");
        html! {
            @if !counts.is_empty() {
                p #topics aria-label=(words.say("desk-topics")) role="group" {
                    a href=(address("/desk", None, None)) aria-current=[is(None)] {
                        (words.say("desk-topics-all"))
                    }
                    @for (&topic, count) in &counts {
                        a href=(address("/desk", None, Some(topic))) aria-current=[is(Some(topic))] {
                            (topic) " " span .count { (count) }
                        }
                    }
                }
            }
        }
    }

    fn row(&self, words: In<'_>, case: &Case) -> Markup {
        let current = (self.open() == Some(case.id)).then_some("page");
        let at = format!("/desk/cases/{}", case.id);
        html! {
            // The name keeps the focus where it is when the queue is shown anew.
            li { a #{"row-" (case.id)} href=(address(&at, None, self.beside.topic.as_deref()))
                aria-current=[current] {
                span .question { (question(words, case)) }
                span .facts {
                    (state(words, case))
                    @if let Some(topic) = &case.topic { span .topic { (topic.name) } }
                    span .number {
                        (words.with("desk-number", &[("case", (&case.id.to_string()).into())]))
                    }
                    time datetime=(case.opened.to_string()) {}
                }
            } }
        }
    }
}

/// An address of the desk that keeps the topic which is looked at.
fn address(path: &str, first: Option<(&str, String)>, topic: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some((name, value)) = first {
        query.append_pair(name, &value);
    }
    if let Some(topic) = topic {
        query.append_pair("topic", topic);
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_topic_stays_looked_at_whatever_it_is_called() {
        assert_eq!(address("/desk", None, None), "/desk");
        let both = address("/desk/queue", Some(("open", "3".to_owned())), Some("études & co"));
        assert_eq!(both, "/desk/queue?open=3&topic=%C3%A9tudes+%26+co");
    }
}
