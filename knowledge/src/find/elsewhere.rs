//! Questions about what other houses are for: a bank's card, a driving licence, a table at a restaurant.

use super::asked::Word;
use super::entries::{Answers, FoundAnswer};
use crate::index::entries::Answering;
use crate::text::fold::Words;

/// How sure an answer is at most that does not mention what the question names: not sure enough to be
/// said outright.
const OF_ELSEWHERE: f32 = 0.75;

impl<T: Answering> Answers<T> {
    /// Doubts those answers that do not mention what a question names of other houses. What it means
    /// tells little there: "my credit card was stolen" is near to a library's lost card, but for one word.
    pub(super) fn doubt_what_is_elsewhere(&self, words: &[Word], found: &mut [FoundAnswer<T>]) {
        for word in words.iter().filter(|word| word.elsewhere) {
            let forms = self.speaks.forms(&word.folded);
            for found in &mut *found {
                if !self.mentions(&*found.answer, &forms) {
                    found.confidence = found.confidence.min(OF_ELSEWHERE);
                }
            }
        }
    }

    fn mentions(&self, answer: &T, forms: &[String]) -> bool {
        let has = |text: &str| {
            let (mut words, mut word) = (Words::new(text), String::new());
            while words.next_into(&mut word).is_some() {
                if self.speaks.forms(&word).iter().any(|form| forms.contains(form)) {
                    return true;
                }
            }
            false
        };
        answer.headings().iter().any(|heading| has(heading))
            || answer.text().is_some_and(|text| has(&text))
    }
}
