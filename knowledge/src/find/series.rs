//! Finds the volumes of a series, in their order.

use super::asked::{Asked, Word};
use super::records::{FoundRecord, FoundRecords, Wanted};
use super::{ABOUT, ABOUT_MAYBE, Knowledge, SURE};
use crate::text::fold::Words;
use crate::text::lists::listed;
use crate::text::series::{Called, Series, volume_behind};
use crate::text::vocabulary::is_alike;
use crate::{Filter, Lang, Record};
use std::cmp::Reverse;
use std::ops::Range;

/// How many records are looked at for the volumes of a series, the best.
const SERIES_MAX: usize = 120;

/// How many volumes make a series of what may be something else, and how many where a part of its
/// name is all that is asked.
const SEVERAL: usize = 2;
const MANY: usize = 4;

/// Where the name of a series stands in a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the number of a volume; `whole` where it is all of what the series is called there.
    Numbered {
        volume: u16,
        whole: bool,
    },
    Creator,
    Subject,
    Title,
}

impl Knowledge {
    /// The volumes of the series that is asked for, all of them; `None` where there is none.
    pub(super) fn series(
        &self,
        asked: &Asked,
        series: &Series,
        lang: Option<Lang>,
        filter: &Filter,
    ) -> Option<FoundRecords> {
        let lang = lang.or(asked.shown);
        let find = |words: &[Word]| {
            let wanted = Wanted {
                text: "",
                words,
                lang,
                filter,
                skip: 0,
                limit: SERIES_MAX,
                all_words: true,
                asks: false,
                unfinished: false,
            };
            let found = self.records.find(&wanted, &self.entries.words);
            if found.relaxed { FoundRecords::default() } else { found }
        };
        let (name, whole) = (&asked.words[series.name.clone()], &asked.words[series.whole.clone()]);
        let may_be_title = series.called != Called::Series && series.volume.is_none();
        if may_be_title && name.len() < whole.len() {
            let mut of_whole = find(whole);
            let first = of_whole.records.first();
            if first.is_some_and(|first| is_title(whole, &first.record)) {
                return None;
            }
            if series.called == Called::Works
                && first.is_some_and(|first| stands(whole, &first.record.subjects))
            {
                // "Ghost stories" are what they are.
                of_whole.records.sort_by_key(|found| Reverse(speaks(&found.record, lang)));
                return Some(of_whole.listed_as(of_subject(whole)));
            }
        }
        volumes(name, series, find(name).records, lang)
    }

    /// The volumes of the series whose name alone is asked for by the words of `range`, where `found`,
    /// the best for these words, are such.
    pub(super) fn series_by_name(
        &self,
        asked: &Asked,
        range: Range<usize>,
        found: &FoundRecords,
        lang: Option<Lang>,
        filter: &Filter,
    ) -> Option<FoundRecords> {
        if !is_series(&asked.words[range.clone()], found) {
            return None;
        }
        let called = Called::Bare;
        let named = Series { name: range.clone(), whole: range, volume: None, called };
        self.series(asked, &named, lang, filter)
    }
}

/// Whether a series, whose name these words are, is asked for rather than the first of what was
/// found for them: several are its volumes, and the first is not called just that.
fn is_series(words: &[Word], found: &FoundRecords) -> bool {
    let first = found.records.first();
    let is_work = |first: &FoundRecord| first.confidence >= SURE && is_title(words, &first.record);
    if first.is_some_and(is_work) {
        return false;
    }
    let is_volume = |found: &&FoundRecord| {
        matches!(place(words, &found.record), Some(Place::Numbered { whole: true, .. }))
    };
    found.records.iter().filter(is_volume).take(SEVERAL).count() == SEVERAL
}

/// Of what was found for the name of a series, its volumes in their order, then what has no number,
/// in the patron's language first; or the volume alone that is asked for. `None` where that is no
/// series.
fn volumes(
    name: &[Word],
    series: &Series,
    found: Vec<FoundRecord>,
    lang: Option<Lang>,
) -> Option<FoundRecords> {
    let placed = found.into_iter().filter_map(|found| Some((place(name, &found.record)?, found)));
    let mut placed: Vec<(Place, FoundRecord)> = placed.collect();
    if let Some(asked) = series.volume {
        let is_it = |(place, _): &(Place, FoundRecord)| number(*place) == Some(asked);
        if placed.iter().any(is_it) {
            placed.retain(is_it);
            return Some(in_order(placed, ABOUT, lang));
        }
    }
    let count =
        |sought: fn(Place) -> bool| placed.iter().filter(|(place, _)| sought(*place)).count();
    let is_whole = |place| matches!(place, Place::Numbered { whole: true, .. });
    let is_numbered = |place| matches!(place, Place::Numbered { .. });
    let sure = match series.called {
        Called::Series => ABOUT,
        Called::Works | Called::Bare if series.volume.is_some() || placed.len() < SEVERAL => {
            return None;
        }
        Called::Works | Called::Bare if count(is_whole) > 0 => ABOUT,
        Called::Works if count(|place| place == Place::Creator) > 0 && count(is_numbered) == 0 => {
            // What somebody wrote, not what was written about them.
            placed.retain(|(place, _)| *place == Place::Creator);
            ABOUT
        }
        Called::Works if count(|place| place != Place::Title) > 0 => of_subject(name),
        Called::Bare if count(is_numbered) >= MANY => ABOUT_MAYBE,
        Called::Works | Called::Bare => return None,
    };
    (!placed.is_empty()).then(|| in_order(placed, sure, lang))
}

/// How sure the first work is whose subject these words are: several words together name something.
fn of_subject(words: &[Word]) -> f32 {
    let telling = words.iter().filter(|word| word.common == 0).count();
    if telling > 1 { ABOUT } else { ABOUT_MAYBE }
}

fn in_order(mut placed: Vec<(Place, FoundRecord)>, sure: f32, lang: Option<Lang>) -> FoundRecords {
    placed.sort_by_key(|(place, found)| {
        (number(*place).unwrap_or(u16::MAX), Reverse(speaks(&found.record, lang)))
    });
    let total = placed.len();
    let records = placed.into_iter().map(|(_, found)| found).collect();
    FoundRecords { records, total, relaxed: false }.listed_as(sure)
}

/// Whether a record is in a language, as far as it says.
fn speaks(record: &Record, lang: Option<Lang>) -> bool {
    let of_record = record.language.as_deref().and_then(Lang::parse);
    lang.is_none() || of_record.is_none() || of_record == lang
}

fn number(place: Place) -> Option<u16> {
    match place {
        Place::Numbered { volume, .. } => Some(volume),
        Place::Creator | Place::Subject | Place::Title => None,
    }
}

/// Whether a title is these words, but for what stands in brackets behind it.
fn is_title(words: &[Word], record: &Record) -> bool {
    let main = record.title.split('(').next().unwrap_or_default();
    let (mut of_title, mut word) = (Words::in_pairs(main), String::new());
    let mut asked = words.iter().filter(|word| word.common == 0);
    while of_title.next_into(&mut word).is_some() {
        if listed(&word).common == 0 && asked.next().is_none_or(|asked| asked.folded != word) {
            return false;
        }
    }
    asked.next().is_none()
}

/// Where the name stands in a record, the most telling place; `None` where its words are only
/// somewhere in it.
fn place(name: &[Word], record: &Record) -> Option<Place> {
    let texts = std::iter::once(&record.title).chain(&record.subjects);
    let numbered = texts.flat_map(|text| around(name, text)).filter_map(|(before, behind)| {
        Some(Place::Numbered { volume: volume_behind(behind)?, whole: begins(before) })
    });
    let whole_first = |place: &Place| {
        let whole = matches!(place, Place::Numbered { whole: true, .. });
        (!whole, number(*place))
    };
    if let Some(place) = numbered.min_by_key(whole_first) {
        return Some(place);
    }
    if stands(name, &record.creator) {
        return Some(Place::Creator);
    }
    if stands(name, &record.subjects) {
        return Some(Place::Subject);
    }
    stands(name, std::slice::from_ref(&record.title)).then_some(Place::Title)
}

/// Whether nothing stands before a name, or a bracket: it begins there.
fn begins(before: &str) -> bool {
    let (mut words, mut word) = (Words::in_pairs(before), String::new());
    let from = before.rfind(['(', '[', ';']).map_or(0, |at| at + 1);
    while let Some((at, _)) = words.next_into(&mut word) {
        if at >= from && listed(&word).common == 0 {
            return false;
        }
    }
    true
}

fn stands(name: &[Word], texts: &[String]) -> bool {
    texts.iter().any(|text| !around(name, text).is_empty())
}

/// What stands before the name and behind it in a text, wherever it stands there: its words together,
/// in any order, as names are turned round, and also written a little otherwise.
fn around<'t>(name: &[Word], text: &'t str) -> Vec<(&'t str, &'t str)> {
    let (mut cut, mut word) = (Words::in_pairs(text), String::new());
    let mut words: Vec<(String, (usize, usize))> = Vec::new();
    while let Some(at) = cut.next_into(&mut word) {
        if listed(&word).common == 0 {
            words.push((word.clone(), at));
        }
    }
    let asked: Vec<&str> =
        name.iter().filter(|word| word.common == 0).map(|word| word.folded.as_str()).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let same = |one: &str, other: &str| one == other || is_alike(one, other);
    let all = |stretch: &&[(String, (usize, usize))]| {
        asked.iter().all(|asked| stretch.iter().any(|(word, _)| same(asked, word)))
    };
    let stretches = words.windows(asked.len()).filter(all);
    let cut = |stretch: &[(String, (usize, usize))]| {
        let (from, to) = (stretch.first()?.1.0, stretch.last()?.1.1);
        Some((&text[..from], &text[to..]))
    };
    stretches.filter_map(cut).collect()
}
