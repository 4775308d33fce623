//! How sure a finding is: small models over what was seen while scoring.

/// What is seen of an entry that was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EntrySignals {
    /// The share of the question's weight that its best phrasing has.
    pub(super) covered: f32,
    /// The share of that phrasing's weight that the question has.
    pub(super) covers: f32,
    /// Its score over the most that the question could reach.
    pub(super) strength: f32,
    /// Its lead over the best other entry, over the higher of both.
    pub(super) margin: f32,
    /// Whether question and phrasing are the same words.
    pub(super) exact: f32,
    /// The share of the question's weight that is in words nobody knows.
    pub(super) unknown: f32,
    /// The share of the question's weight that is in corrected words.
    pub(super) corrected: f32,
    /// The answer's own score over the most that the question could reach.
    pub(super) answer: f32,
    /// The weight that question and phrasing share, as a logarithm.
    pub(super) shared: f32,
    /// The number of words that say something, as a logarithm.
    pub(super) length: f32,
    /// Whether all of the question's words are common ones.
    pub(super) empty: f32,
}

impl EntrySignals {
    /// The signals as the model takes them.
    pub(super) fn values(&self) -> [f32; ENTRY_SIGNALS] {
        [
            self.covered,
            self.covers,
            self.strength,
            self.margin,
            self.exact,
            self.unknown,
            self.corrected,
            self.answer,
            self.shared,
            self.length,
            self.empty,
        ]
    }

    /// The probability that this is the entry that was asked for.
    pub(super) fn confidence(&self) -> f32 {
        logistic(ENTRY_BIAS, &ENTRY_MODEL, &self.values())
    }
}

const ENTRY_SIGNALS: usize = 11;

// Fitted by logistic regression (a little L2 on standardised signals) on the best entry of every
// question in half of the rows of four public sets together: CLINC150 with five utterances an
// intent, BANKING77 with five and a sixth of the intents withheld, and the Quebec COVID FAQs in
// English and French with a fifth of their entries withheld. Each set weighs as the root of its
// number of rows. On the other half the model was as well calibrated and as precise.
const ENTRY_BIAS: f32 = -4.57;
const ENTRY_MODEL: [f32; ENTRY_SIGNALS] =
    [1.36, 2.15, -2.26, 4.87, 1.14, -0.18, -1.28, 4.72, 1.06, -0.01, -1.45];

// The models of words and meaning together, fitted by `knowledge/fit/fit.py` to half of the rows of
// five public sets, each with the same weight: CLINC150 and BANKING77 with five utterances an intent
// and a sixth of BANKING77's intents withheld, the Quebec COVID FAQs in English and French with a
// fifth of their entries withheld, and what patrons write first to a library's chat, with half of it as
// the phrasings of 36 topics (`openers.py`); and to parts of them of 12 and 25 entries, as small
// libraries are.

/// What an answer's words and meaning count, as [`super::ranked::Seen`] has them.
pub(super) const RANK: [f32; 6] = [2.711, 1.185, 0.897, 5.245, 5.614, 5.280];

/// The score of there being no answer: by itself, then by what is seen of the question.
pub(super) const NO_ANSWER: [f32; 5] = [6.286, -1.267, -0.403, 0.399, -0.376];

/// How the best answer stands among the others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// Its chance among all and none, as a logarithm.
    pub(super) chance: f32,
    /// Its score over that of none.
    pub(super) over_none: f32,
    /// The chance that there is any answer, as a logarithm.
    pub(super) any: f32,
    /// Its score over its rival's: the second's, or the first's for any other.
    pub(super) over_rival: f32,
    /// Its score over the third's.
    pub(super) over_third: f32,
    /// Its words' score over the highest of the others.
    pub(super) words_ahead: f32,
    /// How much nearer its best heading is than the best of the others.
    pub(super) best_ahead: f32,
    /// Whether question and phrasing are the same words.
    pub(super) exact: bool,
}

const STANDING_SIGNALS: usize = 7;
const STANDING_BIAS: f32 = -0.283;
const STANDING_MODEL: [f32; STANDING_SIGNALS] = [0.333, 0.129, 0.453, 0.275, 0.075, 0.527, 0.529];

/// How sure it is at least of an answer to a question in the very words of one of its phrasings.
const EXACTLY: f32 = 0.97;

impl Standing {
    /// The signals as the model takes them.
    fn values(&self) -> [f32; STANDING_SIGNALS] {
        [
            self.chance,
            self.over_none,
            self.any,
            self.over_rival,
            self.over_third,
            self.words_ahead,
            self.best_ahead,
        ]
    }

    /// The probability that this is what was asked for.
    pub(super) fn confidence(&self) -> f32 {
        let sure = logistic(STANDING_BIAS, &STANDING_MODEL, &self.values());
        if self.exact && self.over_rival > 0.0 { sure.max(EXACTLY) } else { sure }
    }
}

/// What is seen of a record that was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RecordSignals {
    /// The share of the words' weight that title and creators have.
    pub(super) covered: f32,
    /// The share of the title's words, its subtitle left out, that were asked.
    pub(super) title: f32,
    /// Whether words stand in the creators, and the share of the main creator's name that was
    /// asked.
    pub(super) creator: f32,
    /// Its lead over the best other record, over the higher of both.
    pub(super) margin: f32,
    /// The share of the words that no record knows.
    pub(super) unknown: f32,
    /// The number of words that say something, as a logarithm.
    pub(super) length: f32,
    /// Whether the text asks a question ("how", "can I") rather than names something.
    pub(super) asks: f32,
    /// Whether the whole title, with or without the creator, is what was asked.
    pub(super) exact: f32,
    /// Whether the creator alone is what was asked.
    pub(super) by: f32,
}

impl RecordSignals {
    /// The signals as the model takes them.
    pub(super) fn values(&self) -> [f32; RECORD_SIGNALS] {
        [
            self.covered,
            self.title,
            self.creator,
            self.margin,
            self.unknown,
            self.length,
            self.asks,
            self.exact,
            self.by,
        ]
    }

    /// The probability that this is a record that was asked for.
    pub(super) fn confidence(&self) -> f32 {
        logistic(RECORD_BIAS, &RECORD_MODEL, &self.values())
    }
}

/// How sure a record is whose identifier was asked: as good as certain, were it not for identifiers
/// that look like something else.
pub(super) const IDENTIFIED: f32 = 0.99;

const RECORD_SIGNALS: usize = 9;
// Fitted in the same way on the best record for half of 880 known titles with their authors, the
// same titles alone, the authors alone, and 2,450 questions of the sets above that no record
// answers, over Project Gutenberg's catalogue.
const RECORD_BIAS: f32 = -9.01;
const RECORD_MODEL: [f32; RECORD_SIGNALS] = [5.9, 0.6, 3.01, 2.98, -3.92, 1.2, -1.49, 3.35, 2.07];

fn logistic<const N: usize>(bias: f32, model: &[f32; N], values: &[f32; N]) -> f32 {
    let sum: f32 = bias + model.iter().zip(values).map(|(by, value)| by * value).sum::<f32>();
    1.0 / (1.0 + (-sum).exp())
}
