//! What a question is about: how near it is to each of the library's topics, which are the tags of
//! its entries, and which of its words are the library's own.

use super::meant::Meaning;
use super::ranked::Seen;
use super::{Asked, Knowledge};
use crate::text::greeting::past_greeting;
use crate::text::split;
use crate::{Entry, Findings, Lang, Part, TopicShare, Words};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Topics whose shares differ by less than this are equally near: the one written first comes first.
const SAME_SHARE: f32 = 0.01;

impl Knowledge {
    /// What a text is about, and nothing else of it.
    pub(super) fn find_topics(&self, words: &Words) -> Findings {
        let text = past_greeting(super::bounded(&words.text));
        let asked = Asked::new(text);
        let lang = asked.shown.or(words.lang);
        // Where the text is a story, its sentence that asks is what is meant.
        let alone = split::alone(text).map(|sentence| (sentence, Asked::new(sentence)));
        let (meant, of) = alone.as_ref().map_or((text, &asked), |(text, asked)| (*text, asked));
        let meaning = match of.words.is_empty() {
            true => None,
            false => self.entries.meaning(meant, &of.words, &self.records.words),
        };
        let part = Part { question: text.to_owned(), ..Part::default() };
        let part = self.with_topics(part, meaning.as_ref(), lang);
        Findings { lang: None, parts: vec![part] }
    }

    /// A part, with what its question is about.
    pub(super) fn with_topics(
        &self,
        part: Part,
        meaning: Option<&Meaning>,
        lang: Option<Lang>,
    ) -> Part {
        let asked = Asked::new(&part.question);
        let (own, other) = (&self.entries.words, &self.records.words);
        let entries = &self.entries.entries;
        let (seen, known) = entries.all_seen(&asked.words, meaning, lang, own, other);
        let topics = match self.entries.tags.tags.is_empty() {
            true => Vec::new(),
            false => self.entries.tags.shares(&seen.iter().map(Seen::score).collect::<Vec<_>>()),
        };
        Part { topics, own_words: own_words(known), ..part }
    }
}

/// Of the question's words that the library's entries have too, those that are words; each once.
/// Whatever else a patron writes, a name above all, is not among them.
fn own_words(known: Vec<String>) -> Vec<String> {
    let mut own: Vec<String> = Vec::with_capacity(known.len());
    for stem in known {
        if stem.chars().any(char::is_alphabetic) && !own.contains(&stem) {
            own.push(stem);
        }
    }
    own
}

/// The tags of a generation's entries.
#[derive(Default)]
pub(super) struct Tags {
    /// Each once, as it is written first.
    tags: Vec<Arc<str>>,
    /// The different lists of tags that entries carry, by the tags' numbers.
    lists: Vec<Vec<usize>>,
    /// By entry: the number of its list, and that of its language.
    entries: Vec<(usize, usize)>,
    /// How many languages there are, none counted as one.
    langs: usize,
}

impl Tags {
    /// Takes the entries of a generation, in their order.
    pub(super) fn of(all: &[Arc<Entry>]) -> Tags {
        let mut tags = Tags::default();
        let mut numbers: FxHashMap<String, usize> = FxHashMap::default();
        let mut lists: FxHashMap<Vec<usize>, usize> = FxHashMap::default();
        let mut langs: Vec<Option<Lang>> = Vec::new();
        for entry in all {
            let mut list: Vec<usize> = Vec::with_capacity(entry.tags.len());
            for tag in &entry.tags {
                let number = *numbers.entry(tag.to_lowercase()).or_insert_with(|| {
                    tags.tags.push(tag.as_str().into());
                    tags.tags.len() - 1
                });
                if !list.contains(&number) {
                    list.push(number);
                }
            }
            let next = lists.len();
            let number = *lists.entry(list).or_insert_with_key(|list| {
                tags.lists.push(list.clone());
                next
            });
            let lang = langs.iter().position(|lang| *lang == entry.lang).unwrap_or_else(|| {
                langs.push(entry.lang);
                langs.len() - 1
            });
            tags.entries.push((number, lang));
        }
        tags.langs = langs.len();
        tags
    }

    /// For each tag the share of chance of the entries that carry it, among all entries; the nearest
    /// first. `scores` are those of the entries: their exponentials are as their chances. An entry
    /// that stands in several languages carries the same tags in each, so of the entries with the
    /// same tags those of one language count, whichever has more chance.
    fn shares(&self, scores: &[f32]) -> Vec<TopicShare> {
        let highest = scores.iter().copied().fold(f32::MIN, f32::max);
        let mut chances = vec![0.0_f32; self.lists.len() * self.langs];
        for (&(list, lang), score) in self.entries.iter().zip(scores) {
            chances[list * self.langs + lang] += (score - highest).exp();
        }
        let of_list = |list: usize| {
            let by_lang = &chances[list * self.langs..][..self.langs];
            by_lang.iter().copied().fold(0.0, f32::max)
        };
        let mut best: Vec<(f32, &Vec<usize>)> =
            self.lists.iter().enumerate().map(|(at, list)| (of_list(at), list)).collect();
        let all: f32 = best.iter().map(|(chance, _)| chance).sum::<f32>().max(f32::MIN_POSITIVE);
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut shares: Vec<(usize, f32)> = Vec::with_capacity(self.tags.len());
        for (chance, list) in best {
            for tag in list {
                match shares.iter_mut().find(|(known, _)| known == tag) {
                    Some((_, share)) => *share += chance / all,
                    None => shares.push((*tag, chance / all)),
                }
            }
        }
        shares.sort_by_key(|(_, share)| std::cmp::Reverse((share / SAME_SHARE).round() as u32));
        let named = |(tag, share): (usize, f32)| TopicShare {
            topic: self.tags[tag].clone(),
            share: share.min(1.0),
        };
        shares.into_iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(lang: Option<Lang>, tags: &[&str]) -> Arc<Entry> {
        Arc::new(Entry {
            id: String::new(),
            questions: Vec::new(),
            answer: None,
            lang,
            url: None,
            source: None,
            verified: None,
            review_by: None,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        })
    }

    /// The shares as "rooms 75".
    fn shares(entries: &[(Option<Lang>, &[&str], f32)]) -> Vec<String> {
        let all: Vec<Arc<Entry>> =
            entries.iter().map(|(lang, tags, _)| entry(*lang, tags)).collect();
        let scores: Vec<f32> = entries.iter().map(|(_, _, chance)| chance.ln()).collect();
        let shares = Tags::of(&all).shares(&scores);
        shares.iter().map(|near| format!("{} {:.0}", near.topic, near.share * 100.0)).collect()
    }

    #[test]
    fn a_topic_has_the_chances_of_its_entries_and_entries_without_one_have_theirs() {
        let two =
            shares(&[(None, &["rooms"], 1.0), (None, &["fees"], 2.0), (None, &["rooms"], 2.0)]);
        assert_eq!(two, ["rooms 60", "fees 40"]);
        assert_eq!(shares(&[(None, &["rooms"], 1.0), (None, &[], 3.0)]), ["rooms 25"]);
        assert!(shares(&[(None, &[], 1.0)]).is_empty() && shares(&[]).is_empty());
    }

    #[test]
    fn an_entry_in_two_languages_counts_once() {
        let (en, fr) = (Some(Lang::EN), Some(Lang::FR));
        let both = shares(&[(en, &["rooms"], 3.0), (fr, &["Rooms"], 1.0), (en, &["fees"], 1.0)]);
        assert_eq!(both, ["rooms 75", "fees 25"]);
    }

    #[test]
    fn of_an_entrys_tags_the_first_one_comes_first() {
        let tied = shares(&[(None, &["b"], 0.001), (None, &["a", "b", "a"], 1.0)]);
        assert_eq!(tied, ["a 100", "b 100"]);
        assert_eq!(shares(&[(None, &["b"], 1.0), (None, &["a", "b"], 2.0)]), ["b 100", "a 67"]);
    }
}
