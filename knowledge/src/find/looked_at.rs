//! Judges a record that is looked at whole: how much of it was asked, and how much of what was
//! asked it has.

use super::confidence::RecordSignals;
use super::records::Term;
use crate::Record;
use crate::text::fold::Words;
use crate::text::lists::listed;
use crate::text::vocabulary::is_alike;
use rustc_hash::FxHashMap;

/// What the words weigh together, to judge a record that is looked at whole.
pub(super) struct Weights {
    /// The forms under which each word is looked for, with the word's number, and whether the form
    /// is that word.
    forms: FxHashMap<String, (usize, bool)>,
    /// The words that say something, with their numbers: a name may be written otherwise.
    names: Vec<(usize, String)>,
    by_word: Vec<f32>,
    common: Vec<bool>,
    all: f32,
    unknown: f32,
    telling: f32,
}

impl Weights {
    /// Takes the words that were looked for.
    pub(super) fn new(terms: &[Term]) -> Weights {
        let weight = |term: &Term| term.title.weight.max(term.creator.weight);
        let mut forms: FxHashMap<String, (usize, bool)> = FxHashMap::default();
        for (number, term) in terms.iter().enumerate() {
            for form in &term.forms {
                let same = *form == term.folded;
                let known = forms.entry(form.clone()).or_insert((number, same));
                if same {
                    *known = (number, same);
                }
            }
        }
        let all: f32 = terms.iter().map(weight).sum();
        Weights {
            all: all.max(f32::MIN_POSITIVE),
            unknown: terms.iter().filter(|term| term.documents == 0).map(weight).sum(),
            telling: terms.iter().filter(|term| !term.common).count() as f32,
            forms,
            names: (0..)
                .zip(terms)
                .filter(|(_, term)| !term.common)
                .map(|(number, term)| (number, term.folded.clone()))
                .collect(),
            common: terms.iter().map(|term| term.common).collect(),
            by_word: terms.iter().map(weight).collect(),
        }
    }

    /// What is seen of a record.
    pub(super) fn signals(&self, record: &Record, asks: bool) -> RecordSignals {
        let mut asked = vec![0.0_f32; self.by_word.len()];
        let main = record.title.split([':', ';', '/']).next().unwrap_or_default();
        // "Catching Fire (The Hunger Games, #2)"
        let main = main.split(" (").next().unwrap_or_default();
        let title = self.share(main, false, &mut asked);
        self.share(&record.title, false, &mut asked);
        let (mut creator, mut by) = (0.0_f32, 0.0_f32);
        for name in &record.creator {
            let mut named = vec![0.0; asked.len()];
            creator = creator.max(self.share(name, true, &mut named));
            let telling = |word: &usize| !self.common[*word];
            if self.telling > 0.0 && (0..named.len()).filter(telling).all(|word| named[word] > 0.0)
            {
                by = 1.0;
            }
            asked.iter_mut().zip(named).for_each(|(asked, named)| *asked = asked.max(named));
        }
        let covered: f32 = asked.iter().zip(&self.by_word).map(|(asked, by)| asked * by).sum();
        let covered = (covered / self.all).min(1.0);
        // "The Iliad" is asked for where the title is "Iliad".
        let names = asked.iter().zip(&self.common);
        let named = names.filter(|(_, common)| !**common).all(|(asked, _)| *asked > WHOLE);
        let all_asked = if self.telling > 0.0 { named } else { covered > WHOLE };
        RecordSignals {
            covered,
            title,
            creator,
            margin: 0.0,
            unknown: self.unknown / self.all,
            length: (1.0 + self.telling).ln(),
            asks: if asks { 1.0 } else { 0.0 },
            exact: if title > WHOLE && all_asked { 1.0 } else { 0.0 },
            by,
        }
    }

    /// The share of a text's words that were asked; notes in `asked` how well each word is met. Words
    /// of a name are met by those that are nearly the same.
    fn share(&self, text: &str, is_name: bool, asked: &mut [f32]) -> f32 {
        let (mut words, mut word) = (Words::in_pairs(text), String::new());
        let (mut all, mut found) = (0.0, 0.0);
        while words.next_into(&mut word).is_some() {
            let weight = if listed(&word).common == 0 { 1.0 } else { COMMON_WEIGHT };
            all += weight;
            let known = self.forms.get(word.as_str());
            let met = known.map(|(number, same)| (*number, if *same { 1.0 } else { RELATIVE }));
            let alike = || {
                let alike = |(_, name): &&(usize, String)| is_alike(name, &word);
                self.names.iter().find(alike).map(|(number, _)| (*number, ALIKE))
            };
            if let Some((number, met)) = met.or_else(|| alike().filter(|_| is_name)) {
                found += weight * met;
                asked[number] = asked[number].max(met);
            }
        }
        if all == 0.0 { 0.0 } else { found / all }
    }
}

/// What a word that any text may have counts of a title.
const COMMON_WEIGHT: f32 = 0.3;

/// How well a word is met by another of its family.
const RELATIVE: f32 = 0.9;

/// How well a name is met by one that is written otherwise ("Tolstoi", "Tolstoy").
const ALIKE: f32 = 0.8;

/// All of it, but for rounding.
const WHOLE: f32 = 0.999;

/// How much a record's score counts for the way in which it fits: a title asked whole before one
/// of which words were asked, a creator's name beside it; and where a name alone is asked, what
/// that person wrote before what was written about them.
pub(super) fn fit(signals: &RecordSignals) -> f32 {
    let whole = match signals.by {
        by if by > 0.0 && signals.length > TWO_WORDS => BY_NAME,
        by => signals.title.max(by),
    };
    0.3 + 0.4 * whole + 0.3 * signals.covered
}

/// Names stand in many creators and in few titles, which makes them weigh less there.
const BY_NAME: f32 = 3.0;

/// One word alone ("Emma") is a title as likely as a name: [`RecordSignals::length`] of more.
const TWO_WORDS: f32 = 1.0;
