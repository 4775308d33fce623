use super::lexicon::Lexicon;
use super::{LANGS, Recogniser};
use crate::{Branch, Branches, ByLang, FactAsked, Lang, Topic, When};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Of all cases so many in a hundred must come out as written.
const RIGHT_OF_HUNDRED: usize = 95;

fn branches() -> Branches {
    let named = |id: &str, en: &str, fr: &str, also: &[&str]| Branch {
        name: ByLang::new(BTreeMap::from([(Lang::EN, en.into()), (Lang::FR, fr.into())])),
        also_called: also.iter().map(|name| (*name).into()).collect(),
        main: id == "central",
        ..Branch::new(id, en, TimeZone::UTC)
    };
    Branches::new(vec![
        named("central", "Central Library", "Bibliothèque centrale", &["Main Library"]),
        named("riverside", "Riverside Branch", "Annexe de la Rive", &[]),
    ])
}

/// A fact as the cases write it.
fn written(fact: Option<&FactAsked>) -> String {
    let Some(fact) = fact else { return "none".into() };
    let topic = match fact.topic {
        Topic::Hours => "hours",
        Topic::Closures => "closures",
        Topic::Address => "address",
        Topic::Phone => "phone",
        Topic::Email => "email",
        Topic::Branches => "branches",
    };
    let when = match &fact.when {
        When::Unsaid => String::new(),
        When::Now => "now".into(),
        When::Today => "today".into(),
        When::Tomorrow => "tomorrow".into(),
        When::DayAfterTomorrow => "day-after-tomorrow".into(),
        When::Weekend => "weekend".into(),
        When::NextWeek => "next-week".into(),
        When::Day(weekday) => weekday_name(*weekday).into(),
        When::DayOfMonth(day) => format!("day-{day}"),
        When::DayOfYear { month, day } => format!("{month:02}-{day:02}"),
        When::Feast(feast) => format!("{feast:?}").to_lowercase(),
        When::Date(date) => date.to_string(),
        When::Beside(other, days) => format!("{other:?} {days}"),
    };
    let at = fact.at.map(|at| format!("at {}", at.strftime("%H:%M"))).unwrap_or_default();
    let parts = [topic.to_owned(), fact.branches.join(" "), when, at];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

/// Goes through a file of cases, with the language known and unknown.
fn check(file: &str, lang: Lang) {
    let recogniser = Recogniser::new(&branches());
    let (mut all, mut wrong, mut fired) = (0, Vec::new(), 0);
    for line in file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (text, expected) = line.rsplit_once(" = ").unwrap();
        for lang in [Some(lang), None] {
            let found = recogniser.recognise(text, lang).map(|(fact, _)| fact);
            all += 1;
            fired += usize::from(expected == "none" && found.is_some());
            if written(found.as_ref()) != expected {
                wrong.push(format!("{text}: {}, not {expected}", written(found.as_ref())));
            }
        }
    }
    let right = all - wrong.len();
    println!("{lang}: {right} of {all} right; no fact, but taken for one: {fired}; {wrong:#?}");
    assert!(right * 100 >= all * RIGHT_OF_HUNDRED, "{wrong:#?}");
}

#[test]
fn english_questions() {
    check(include_str!("cases/en.txt"), Lang::EN);
}

#[test]
fn french_questions() {
    check(include_str!("cases/fr.txt"), Lang::FR);
}

#[test]
fn the_word_lists_can_be_read() {
    for (lang, file) in LANGS {
        Lexicon::new(file, &branches()).unwrap_or_else(|error| panic!("{lang}: {error}"));
    }
}

#[test]
fn the_library_s_own_name_may_be_said() {
    let asked = "what are the opening hours of Linden Town Library?";
    let plain = Recogniser::new(&branches());
    assert_eq!(plain.recognise(asked, None), None);
    let fact = plain.called("Linden Town Library").recognise(asked, None).map(|(fact, _)| fact);
    assert_eq!(written(fact.as_ref()), "hours");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(open|at|until|à|le|24|7pm|24/12|2026-02-30|december|the|h|99999|1er|\\PC| ){0,12}",
    ) {
        let _ = Recogniser::new(&Branches::default()).recognise(&text, None);
    }
}
