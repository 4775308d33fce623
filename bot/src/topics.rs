//! What a question is about: guessed from the library's entries, and from what earlier cases were about.

use crate::settings::Settings;
use knowledge::{Findings, Part, TopicShare};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many topics are counted at most: more than any desk tells apart.
const TOPICS_MAX: usize = 64;
/// How many words are counted of each at most: with fewer, cases teach less of topics that have many.
/// With these bounds the row stays below 300 KiB; of a library with 40 topics it has about 50.
const WORDS_MAX: usize = 300;

// The following were chosen by `tests/examples/topics.rs`, so that many cases tell much and the first
// few, which are few words of many topics, do no harm.

/// How many words of cases it takes until they say as much of a topic as the words of all others.
const SMOOTHING: f32 = 300.0;
/// As if so many words of other topics had been counted before the first, each of as many as patrons
/// use in all: one case alone is to tell something.
const ANY_WORDS: f32 = 300.0;
const WORDS_OF_ALL: f32 = 500.0;
/// What the words of cases count beside the entries: the words of a question repeat each other.
const WEIGHT: f32 = 0.4;
/// How many cases of each topic it takes until how many there were says something.
const CASES: f32 = 10.0;
/// What the entries give a topic at least, so that cases can teach one that no entry is near to; and
/// what one is given that no entry carries at all, once a case has been about it.
const SHARE_MIN: f32 = 0.002;
const SHARE_OF_OTHERS: f32 = 0.05;

/// From which chance on a guess is said: about three of four that are said are right then.
const SURE_OF_TOPIC: f32 = 0.6;

/// What the cases were about that staff have settled, in counts of the library's own words. Nothing
/// in it says who asked, nor what anybody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topics {
    topics: BTreeMap<String, Counted>,
}

/// What was counted of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    /// The cases.
    cases: u32,
    /// The words of their questions.
    words: BTreeMap<String, u32>,
}

impl Topics {
    /// Nothing counted yet.
    pub const fn new() -> Topics {
        Topics { topics: BTreeMap::new() }
    }

    /// What a question is about, if that can be told from what was found for it.
    pub(crate) fn of(
        &self,
        question: &str,
        findings: &Findings,
        settings: &Settings,
    ) -> Option<String> {
        let others = || settings.topics.keys().map(String::as_str);
        let parts = findings.parts.iter().filter(|part| question.contains(part.question.trim()));
        let likeliest = parts.filter_map(|part| self.guess(part, others()).into_iter().next());
        let likeliest = likeliest.max_by(|a, b| a.1.total_cmp(&b.1));
        likeliest.filter(|(_, chance)| *chance >= SURE_OF_TOPIC).map(|(topic, _)| topic)
    }

    /// The topics that a question may be about, each with how likely that is, 0 to 1, the likeliest
    /// first; equal ones in the order of the part. `others` are those that no entry may carry.
    pub fn guess<'a>(
        &self,
        part: &Part,
        others: impl Iterator<Item = &'a str>,
    ) -> Vec<(String, f32)> {
        let near = |TopicShare { topic, share }: &TopicShare| (topic.to_string(), *share);
        let mut topics: Vec<(String, f32)> = part.topics.iter().map(near).collect();
        for other in others {
            if topics.iter().all(|(topic, _)| !is_same(topic, other)) {
                let share = if self.topics.contains_key(other) { SHARE_OF_OTHERS } else { 0.0 };
                topics.push((other.to_owned(), share));
            }
        }
        let shared: f32 = topics.iter().map(|(_, share)| share).sum();
        // What entries have that carry no tag.
        let untagged = (1.0 - shared).max(0.0);
        let teaching = Teaching::of(self, topics.len());
        let weight = |(topic, share): (String, f32)| {
            let taught = teaching.evidence(self.topics.get(&topic), &part.own_words);
            (topic, share.max(SHARE_MIN) * taught.exp())
        };
        let mut weights: Vec<(String, f32)> = topics.into_iter().map(weight).collect();
        let all: f32 = weights.iter().map(|(_, weight)| weight).sum::<f32>() + untagged;
        // Where nothing was counted, a topic is as likely as its share: those of one entry's several
        // tags take nothing from each other.
        let scale = (shared + untagged) / all.max(f32::MIN_POSITIVE);
        for (_, weight) in &mut weights {
            *weight = (*weight * scale).min(1.0);
        }
        weights.sort_by(|a, b| b.1.total_cmp(&a.1));
        weights
    }

    /// A case with these words was about a topic.
    pub fn learn(&mut self, topic: &str, words: &[String]) {
        if words.is_empty() {
            return;
        }
        if !self.topics.contains_key(topic) {
            self.make_room();
        }
        let counted = self.topics.entry(topic.to_owned()).or_default();
        counted.cases = counted.cases.saturating_add(1);
        counted.make_room(words);
        for word in words.iter().take(WORDS_MAX) {
            let count = counted.words.entry(word.clone()).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// It was about another one.
    pub fn unlearn(&mut self, topic: &str, words: &[String]) {
        let Some(counted) = self.topics.get_mut(topic).filter(|_| !words.is_empty()) else {
            return;
        };
        counted.cases = counted.cases.saturating_sub(1);
        for word in words {
            if let Some(count) = counted.words.get_mut(word) {
                *count = count.saturating_sub(1);
            }
        }
        counted.words.retain(|_, count| *count > 0);
        if counted.cases == 0 {
            self.topics.remove(topic);
        }
    }

    /// Drops the topic with the fewest cases, once there are many.
    fn make_room(&mut self) {
        if self.topics.len() < TOPICS_MAX {
            return;
        }
        let fewest = self.topics.iter().min_by_key(|(_, counted)| counted.cases);
        if let Some(topic) = fewest.map(|(topic, _)| topic.clone()) {
            self.topics.remove(&topic);
        }
    }
}

impl Counted {
    /// How many words its cases had in all.
    fn length(&self) -> f32 {
        self.words.values().map(|count| *count as f32).sum()
    }

    /// Drops the rarest words, once there are many, for new ones to be counted.
    fn make_room(&mut self, words: &[String]) {
        let new = words.iter().filter(|word| !self.words.contains_key(*word)).count();
        while !self.words.is_empty() && self.words.len() + new > WORDS_MAX {
            let rarest = self.words.iter().min_by_key(|(_, count)| **count);
            if let Some(word) = rarest.map(|(word, _)| word.clone()) {
                self.words.remove(&word);
            }
        }
    }
}

/// What all cases tell of a topic: multinomial naive Bayes, each topic against all others.
struct Teaching<'t> {
    /// How often each word stands in the cases of all topics.
    words: BTreeMap<&'t str, f32>,
    length: f32,
    /// How many cases a topic has in the mean.
    cases: f32,
}

impl<'t> Teaching<'t> {
    /// Of so many topics.
    fn of(topics: &'t Topics, count: usize) -> Teaching<'t> {
        let mut words: BTreeMap<&str, f32> = BTreeMap::new();
        for (word, count) in topics.topics.values().flat_map(|counted| &counted.words) {
            *words.entry(word).or_default() += *count as f32;
        }
        let cases: f32 = topics.topics.values().map(|counted| counted.cases as f32).sum();
        Teaching { length: words.values().sum(), words, cases: cases / count.max(1) as f32 }
    }

    /// How much likelier a case with these words is about this topic than about one of the others, as
    /// a logarithm; 0 where nothing is counted of any.
    fn evidence(&self, counted: Option<&Counted>, words: &[String]) -> f32 {
        let cases = counted.map_or(0.0, |counted| counted.cases as f32);
        let often = ((cases + CASES) / (self.cases + CASES)).ln();
        let Some(counted) = counted else { return often };
        let length = counted.length();
        let others = self.length - length;
        let one = |word: &String| {
            let own = counted.words.get(word).map_or(0.0, |count| *count as f32);
            let all = self.words.get(word.as_str()).copied().unwrap_or_default();
            let elsewhere = (all - own + ANY_WORDS / WORDS_OF_ALL) / (others + ANY_WORDS);
            ((own + SMOOTHING * elsewhere) / ((length + SMOOTHING) * elsewhere)).ln()
        };
        often + WEIGHT * words.iter().map(one).sum::<f32>()
    }
}

/// Whether two words name the same topic.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn part(topics: &[(&str, f32)], text: &str) -> Part {
        let share =
            |(topic, share): &(&str, f32)| TopicShare { topic: (*topic).into(), share: *share };
        let topics = topics.iter().map(share).collect();
        Part { topics, own_words: words(text), ..Part::default() }
    }

    /// The likeliest topics as "rooms 75".
    fn guess(topics: &Topics, part: &Part, others: &[&str]) -> Vec<String> {
        let guessed = topics.guess(part, others.iter().copied());
        guessed.iter().map(|(topic, share)| format!("{topic} {:.0}", share * 100.0)).collect()
    }

    #[test]
    fn before_anything_is_counted_the_entries_alone_tell() {
        let none = Topics::default();
        assert_eq!(guess(&none, &part(&[("a", 0.7), ("b", 0.3)], "x"), &[]), ["a 70", "b 30"]);
        assert_eq!(guess(&none, &part(&[("a", 0.2)], "x"), &[]), ["a 20"], "the rest is untagged");
        let both = part(&[("a", 0.9), ("b", 0.9)], "x");
        assert_eq!(guess(&none, &both, &[]), ["a 90", "b 90"], "tags of one entry are no rivals");
        assert_eq!(guess(&none, &part(&[("a", 1.0)], "x"), &["A", "c"]), ["a 100", "c 0"]);
    }

    #[test]
    fn what_staff_corrected_once_or_twice_is_guessed_better() {
        let mut topics = Topics::default();
        let asked = part(&[("a", 0.6), ("b", 0.3), ("c", 0.1)], "projector screen");
        assert_eq!(guess(&topics, &asked, &[])[0], "a 60");
        topics.learn("b", &words("projector screen cable"));
        topics.learn("b", &words("projector"));
        assert!(
            guess(&topics, &asked, &[])[0].starts_with("b "),
            "{:?}",
            guess(&topics, &asked, &[])
        );
        let other = part(&[("a", 0.6), ("b", 0.3), ("c", 0.1)], "fines");
        assert!(guess(&topics, &other, &[])[0].starts_with("a "));
        topics.unlearn("b", &words("projector screen cable"));
        topics.unlearn("b", &words("projector"));
        assert_eq!(topics, Topics::default());
    }

    #[test]
    fn a_topic_that_no_entry_carries_is_learnt_from_cases() {
        let mut topics = Topics::default();
        for _ in 0..4 {
            topics.learn("events", &words("concert ticket evening"));
        }
        let asked = part(&[("a", 0.6), ("b", 0.4)], "concert ticket evening");
        assert!(guess(&topics, &asked, &["events"])[0].starts_with("events "));
    }

    #[test]
    fn what_is_counted_has_bounds() {
        let mut topics = Topics::default();
        topics.learn("often", &words("w"));
        for number in 0..TOPICS_MAX + 5 {
            topics.learn("often", &words(&format!("w n{number}")));
            topics.learn(&format!("topic {number:03}"), &words("w"));
        }
        for number in 0..WORDS_MAX * 2 {
            topics.learn("often", &words(&format!("w m{number:03}")));
        }
        assert_eq!(topics.topics.len(), TOPICS_MAX);
        let often = &topics.topics["often"].words;
        assert!(often.len() == WORDS_MAX && often["w"] > 200 && often.contains_key("m599"));
        let many: Vec<String> = (0..WORDS_MAX * 3).map(|number| format!("x{number}")).collect();
        topics.learn("often", &many);
        assert_eq!(topics.topics["often"].words.len(), WORDS_MAX);
    }
}
