//! The word lists in `words/`, by language: plain files, so that a language is added without code.

use crate::Lang;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// The languages that have lists, in the order of their bits in a [`Languages`].
pub(crate) const LISTED: [&str; 7] = ["en", "fr", "de", "es", "it", "pt", "nl"];

/// A set of listed languages, one bit each.
pub(crate) type Languages = u8;

/// What the lists say of a word.
#[derive(Clone, Copy, Default)]
pub(crate) struct Listed {
    /// The languages in which almost any sentence may have it.
    pub(crate) common: Languages,
    /// The languages that it shows, though not any sentence has it.
    pub(crate) shows: Languages,
    /// The languages in which titles are made of it too: alone it does not show them.
    pub(crate) slight: Languages,
    /// Whether it is the same in many languages.
    pub(crate) neutral: bool,
    /// The languages in which a question begins with it.
    pub(crate) starts: Languages,
    /// The languages in which it names what stands in collections.
    pub(crate) things: Languages,
    /// The languages in which it names what other houses are for.
    pub(crate) elsewhere: Languages,
}

/// Looks a folded word up; all empty for a word on no list.
pub(crate) fn listed(word: &str) -> Listed {
    WORDS.get(word).copied().unwrap_or_default()
}

/// The words that are common in some language, and in which.
pub(crate) fn common_words() -> impl Iterator<Item = (&'static str, Languages)> {
    WORDS.iter().map(|(word, listed)| (*word, listed.common)).filter(|(_, common)| *common != 0)
}

/// The language of a bit's number.
pub(crate) fn language(bit: usize) -> Option<Lang> {
    LISTED.get(bit).and_then(|code| Lang::parse(code))
}

/// The phrases around what is wanted in "do you have …": at the start, and at the end of a text.
/// Each is folded; the longest come first.
pub(crate) struct Asking {
    pub(crate) before: Vec<&'static str>,
    /// Those that may be a title's own beginning, and are taken off after another only.
    pub(crate) then: Vec<&'static str>,
    pub(crate) after: Vec<&'static str>,
    /// Those before a subject.
    pub(crate) about: Vec<&'static str>,
    /// Those that name the language that it is to be in, at the end of a text.
    pub(crate) languages: Vec<(&'static str, Lang)>,
}

/// The phrases of all languages that have them.
pub(crate) static ASKING: LazyLock<Asking> = LazyLock::new(|| {
    let lines = || ASKING_FILES.iter().flat_map(|file| lines(file));
    let with = |mark: &str| longest_first(lines(), mark);
    let language = |line: &'static str| {
        let (code, phrase) = line.split_once(' ')?;
        Some((phrase, Lang::parse(code)?))
    };
    let languages = with("@ ").into_iter().filter_map(language).collect();
    Asking { before: with("^ "), then: with("+ "), after: with("$ "), about: with("~ "), languages }
});

/// The phrases of the lines with a mark.
fn longest_first(lines: impl Iterator<Item = &'static str>, mark: &str) -> Vec<&'static str> {
    let mut found: Vec<_> = lines.filter_map(|line| line.strip_prefix(mark)).collect();
    found.sort_by_key(|phrase| (std::cmp::Reverse(phrase.len()), *phrase));
    found
}

/// Phrases of some words, each folded.
pub(crate) struct Phrases {
    pub(crate) phrases: FxHashSet<&'static str>,
    /// How many words the longest has.
    pub(crate) longest: usize,
}

/// The greetings of all languages.
pub(crate) static GREETINGS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::of(include_str!("words/greetings.txt")));

/// What people say around a question for courtesy alone, in all languages.
pub(crate) static COURTESIES: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(COURTESIES_FILE));

/// The words with which a sentence says more than a courtesy.
pub(crate) static BEYOND_COURTESY: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let with = lines(COURTESIES_FILE).filter_map(|line| line.strip_prefix("- "));
    with.flat_map(str::split_whitespace).collect()
});

/// The words by which a series is asked for, or one of its volumes. Each phrase is folded; the
/// longest come first.
pub(crate) struct SeriesWords {
    /// Those that name a series, before its name or after it.
    pub(crate) named: Vec<&'static str>,
    /// What a series is made of: before its name, and after it.
    pub(crate) made_of_before: Vec<&'static str>,
    pub(crate) made_of_after: Vec<&'static str>,
    /// One volume.
    pub(crate) volume: Vec<&'static str>,
    /// Between a volume and its series.
    pub(crate) between: Vec<&'static str>,
    /// Before any of these.
    pub(crate) before: Vec<&'static str>,
    /// "third", and "three", with their numbers.
    pub(crate) ordinals: FxHashMap<&'static str, u16>,
    pub(crate) counts: FxHashMap<&'static str, u16>,
}

/// The words of all languages that have them.
pub(crate) static SERIES: LazyLock<SeriesWords> = LazyLock::new(|| {
    let with = |mark: &str| longest_first(lines(SERIES_FILE), mark);
    let (mut ordinals, mut counts) = (FxHashMap::default(), FxHashMap::default());
    for line in lines(SERIES_FILE) {
        let Some((number, words)) = line.split_once(' ') else { continue };
        let Ok(number) = number.parse() else { continue };
        let (ordinal, count) = words.split_once('/').unwrap_or((words, ""));
        ordinals.extend(ordinal.split_whitespace().map(|word| (word, number)));
        counts.extend(count.split_whitespace().map(|word| (word, number)));
    }
    SeriesWords {
        named: with("* "),
        made_of_before: with("^ "),
        made_of_after: with("$ "),
        volume: with("- "),
        between: with("+ "),
        before: with(". "),
        ordinals,
        counts,
    }
});

const SERIES_FILE: &str = include_str!("words/series.txt");

const COURTESIES_FILE: &str = include_str!("words/courtesies.txt");

impl Phrases {
    fn of(file: &'static str) -> Phrases {
        let phrases: FxHashSet<&str> = lines(file).filter(|line| !line.starts_with('-')).collect();
        let longest = phrases.iter().map(|phrase| phrase.split(' ').count()).max().unwrap_or(0);
        Phrases { phrases, longest }
    }
}

const ASKING_FILES: [&str; 2] =
    [include_str!("words/asking.en.txt"), include_str!("words/asking.fr.txt")];

const COMMON: [(&str, &str); 7] = [
    ("en", include_str!("words/common.en.txt")),
    ("fr", include_str!("words/common.fr.txt")),
    ("de", include_str!("words/common.de.txt")),
    ("es", include_str!("words/common.es.txt")),
    ("it", include_str!("words/common.it.txt")),
    ("pt", include_str!("words/common.pt.txt")),
    ("nl", include_str!("words/common.nl.txt")),
];

const SHOWN: [(&str, &str); 7] = [
    ("en", include_str!("words/shown.en.txt")),
    ("fr", include_str!("words/shown.fr.txt")),
    ("de", include_str!("words/shown.de.txt")),
    ("es", include_str!("words/shown.es.txt")),
    ("it", include_str!("words/shown.it.txt")),
    ("pt", include_str!("words/shown.pt.txt")),
    ("nl", include_str!("words/shown.nl.txt")),
];

const SLIGHT: [(&str, &str); 7] = [
    ("en", include_str!("words/slight.en.txt")),
    ("fr", include_str!("words/slight.fr.txt")),
    ("de", include_str!("words/slight.de.txt")),
    ("es", include_str!("words/slight.es.txt")),
    ("it", include_str!("words/slight.it.txt")),
    ("pt", include_str!("words/slight.pt.txt")),
    ("nl", include_str!("words/slight.nl.txt")),
];

const NEUTRAL: &str = include_str!("words/neutral.txt");

const STARTING: [(&str, &str); 2] =
    [("en", include_str!("words/starting.en.txt")), ("fr", include_str!("words/starting.fr.txt"))];

const THINGS: [(&str, &str); 2] =
    [("en", include_str!("words/things.en.txt")), ("fr", include_str!("words/things.fr.txt"))];

const ELSEWHERE: [(&str, &str); 2] = [
    ("en", include_str!("words/elsewhere.en.txt")),
    ("fr", include_str!("words/elsewhere.fr.txt")),
];

static WORDS: LazyLock<FxHashMap<&'static str, Listed>> = LazyLock::new(|| {
    let mut words: FxHashMap<&'static str, Listed> = FxHashMap::default();
    let mut take = |files: &[(&str, &'static str)], add: fn(&mut Listed, Languages)| {
        for (code, file) in files {
            let bit = LISTED.iter().position(|listed| listed == code).unwrap_or_default();
            for word in lines(file).flat_map(str::split_whitespace) {
                add(words.entry(word).or_default(), 1 << bit);
            }
        }
    };
    take(&COMMON, |listed, lang| listed.common |= lang);
    take(&SHOWN, |listed, lang| listed.shows |= lang);
    take(&SLIGHT, |listed, lang| listed.slight |= lang);
    take(&STARTING, |listed, lang| listed.starts |= lang);
    take(&THINGS, |listed, lang| listed.things |= lang);
    take(&ELSEWHERE, |listed, lang| listed.elsewhere |= lang);
    for word in lines(NEUTRAL).flat_map(str::split_whitespace) {
        words.entry(word).or_default().neutral = true;
    }
    words
});

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::{
        ASKING, COMMON, COURTESIES, ELSEWHERE, GREETINGS, NEUTRAL, SERIES, SHOWN, SLIGHT, STARTING,
        THINGS, lines,
    };
    use crate::text::fold::folded;

    #[test]
    fn every_listed_word_stands_in_its_folded_form() {
        for (lang, file) in COMMON
            .iter()
            .chain(&SHOWN)
            .chain(&SLIGHT)
            .chain(&STARTING)
            .chain(&THINGS)
            .chain(&ELSEWHERE)
            .chain(&[("", NEUTRAL)])
        {
            for word in lines(file).flat_map(str::split_whitespace) {
                assert_eq!(folded(word), *word, "{lang}");
            }
        }
        let asking = ASKING.before.iter().chain(&ASKING.then).chain(&ASKING.after);
        let languages = ASKING.languages.iter().map(|(phrase, _)| phrase);
        let series = [
            &SERIES.named,
            &SERIES.made_of_before,
            &SERIES.made_of_after,
            &SERIES.volume,
            &SERIES.between,
            &SERIES.before,
        ];
        for phrase in asking
            .chain(series.into_iter().flatten())
            .chain(SERIES.ordinals.keys())
            .chain(SERIES.counts.keys())
            .chain(&ASKING.about)
            .chain(languages)
            .chain(&GREETINGS.phrases)
            .chain(&COURTESIES.phrases)
        {
            assert_eq!(folded(phrase), *phrase);
        }
    }
}
