//! What the models of `confidence` are fitted to.

use super::Knowledge;
use super::asked::Asked;

/// What is seen when a question is held against all entries.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Signals {
    /// By entry, in the order of their ids: the id, and what is seen of it.
    pub entries: Vec<(String, Vec<f32>)>,
    /// What is seen of the question.
    pub question: Vec<f32>,
}

impl Knowledge {
    /// What is seen when a question is held against all entries; `None` where it has no word, or
    /// meanings are not known.
    #[doc(hidden)]
    pub fn signals(&self, text: &str) -> Option<Signals> {
        let asked = Asked::new(text);
        let (own, other) = (&self.entries.words, &self.records.words);
        let meaning = self.entries.meaning(text, &asked.words, other)?;
        let entries = &self.entries.entries;
        let (seen, question) =
            entries.fitted_to(&asked.words, &meaning, asked.shown, own, other)?;
        let entries = seen.into_iter().map(|(id, seen)| (id, seen.values().to_vec()));
        Some(Signals { entries: entries.collect(), question: question.values().to_vec() })
    }
}
