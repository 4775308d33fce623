//! What patrons can show to others while they type: passages of the sample library, one by one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use bot::{Body, Bot, Looked, Moment, Settings, Shareable, Shown};
use contract::plain;
use jiff::Timestamp;
use knowledge::{Knowledge, Lang};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tests::folder;

/// A Tuesday on which both branches are open.
const NOW: &str = "2026-11-24T15:00:00Z";

fn look(text: &str) -> Looked {
    static SAMPLE: OnceLock<Arc<Knowledge>> = OnceLock::new();
    let knowledge = SAMPLE.get_or_init(|| {
        let sample = folder::root().join("../adapters/pollen/sample");
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sharing");
        folder::knowledge_of(&sample, &data).unwrap()
    });
    let settings = Settings::new("Linden Library", &[Lang::EN, Lang::FR]);
    let bot = Bot::new(settings, knowledge.branches(), Vec::new());
    let moment = Moment { time: NOW.parse::<Timestamp>().unwrap(), seed: 1 };
    bot.look(moment, text, &knowledge.find(&bot.query(text)))
}

fn shown(text: &str) -> Vec<Shown> {
    let shown = look(text).shown;
    for one in &shown {
        assert!(one.reply.buttons.is_empty(), "{text}: {one:?}");
        assert!(!one.title.is_empty() && !one.text.is_empty(), "{text}: {one:?}");
        assert!(!one.title.contains('\n') && !one.text.contains('\n'), "{text}: {one:?}");
        let source = match &one.reply.body {
            Body::Answer { parts, left: None } => parts.first().map(|part| &part.source),
            Body::Card(card) => Some(&card.source),
            Body::Answer { .. }
            | Body::Choices { .. }
            | Body::List { .. }
            | Body::Notice { .. }
            | Body::FromStaff { .. }
            | Body::Case(_) => None,
        };
        assert!(source.is_some_and(|source| !source.is_empty()), "{text}: {one:?}");
    }
    shown
}

fn records(text: &str) -> Vec<(String, String)> {
    let all = shown(text).into_iter();
    let records = all.filter(|one| matches!(one.what, Shareable::Record(_)));
    records.map(|one| (one.title, one.text)).collect()
}

#[test]
fn a_title_shows_its_record_as_a_card() {
    let all = shown("Middlemarch");
    let [one] = all.as_slice() else { panic!("{all:?}") };
    let Body::Card(card) = &one.reply.body else { panic!("{one:?}") };
    assert_eq!((one.title.as_str(), card.title.as_str()), ("Middlemarch", "Middlemarch"));
    assert!(one.text.starts_with("Eliot, George"), "{}", one.text);
    assert_eq!(one.reply.body, look("Middlemarch").reply.body);
    // One title begins the others: all of them can be picked, the one that was named first.
    let volumes = records("Les misérables");
    assert_eq!(volumes[0].0, "Les Misérables");
    assert!(volumes.iter().any(|(title, _)| title.contains("Tome I,")), "{volumes:?}");
}

#[test]
fn an_author_shows_the_works() {
    for (text, name, count) in [("jane austen", "Austen, Jane", 6), ("verne", "Verne, Jules", 9)] {
        let works = records(text);
        assert!(works.len() >= count, "{works:?}");
        assert!(works.iter().all(|(_, about)| about.starts_with(name)), "{works:?}");
    }
}

#[test]
fn a_question_shows_entries_and_pages_with_their_source() {
    let all = shown("late fee");
    assert_eq!(all[0].what, Shareable::Entry("late-fees".to_owned()));
    assert_eq!(all[0].reply.body, look("late fee").reply.body);
    let page = Shareable::Page("pages/policies.html#borrowing".to_owned());
    let page = all.iter().find(|one| one.what == page).unwrap();
    assert!(plain::text(&page.reply).contains("From the library’s page"), "{page:?}");
    let best = look("kids");
    let order: Vec<f32> = best.passages.iter().map(|passage| passage.confidence).collect();
    assert!(order.is_sorted_by(|a, b| a >= b) && best.shown.len() > 2, "{order:?}");
}

#[test]
fn facts_are_shown_as_they_are_now() {
    for (text, title) in [
        ("opening hours", "Opening hours"),
        ("quels sont les horaires ?", "Horaires d’ouverture"),
        ("where are you?", "Address"),
        ("what is your phone number", "Telephone number"),
    ] {
        let first = shown(text).remove(0);
        assert_eq!((first.what, first.title.as_str()), (Shareable::Fact, title), "{text}");
        assert_eq!(first.reply.body, look(text).reply.body, "{text}");
    }
}

#[test]
fn what_matches_nothing_shows_nothing() {
    for text in [
        "",
        " ",
        "??",
        "hello",
        "xyzzy",
        "qwertz uiop",
        "football",
        "what is the meaning of life",
        "the weather tomorrow in Paris",
        "quantum chromodynamics lecture notes",
    ] {
        assert_eq!(shown(text), Vec::new(), "{text}");
    }
}

#[test]
fn a_list_has_an_end_and_nothing_twice() {
    let many = "hours? phone? address? victor hugo? jules verne? jane austen? library card?";
    for text in [many, "the tale of", "book", "livre", "a", "fiction 1862"] {
        let all = shown(text);
        assert!(all.len() <= 20, "{text}: {}", all.len());
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{text}: {one:?}");
        }
    }
}
