//! Questions in free words that ask for a fact, or only look so, from the question to the words
//! of the answer: `facts/en.tsv` and `facts/fr.tsv`, each in a library of its own.
//! `facts/later-*.tsv` were written once the others had passed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]
#![expect(clippy::print_stdout, reason = "the figures are worth seeing")]

use bot::{Body, Bot, LookedOutcome, Moment, Settings};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use knowledge::{FactAsked, Findings, Found, Knowledge, Lang, Topic, When};
use std::path::Path;
use tests::folder;

/// Of all cases of a language so many in a hundred must come out as written.
const RIGHT_OF_HUNDRED: usize = 95;

/// A language, and what its answers say of a branch.
struct Language {
    lang: Lang,
    folder: &'static str,
    open: &'static [&'static str],
    closed: &'static [&'static str],
}

const ENGLISH: Language = Language {
    lang: Lang::EN,
    folder: "en",
    open: &["is open", "Yes."],
    closed: &["is closed", "is not open", "No."],
};

const FRENCH: Language = Language {
    lang: Lang::FR,
    folder: "fr",
    open: &["ouvert", "Oui."],
    closed: &["fermé", "pas ouvert", "Non."],
};

/// One line of a file.
struct Case<'l> {
    at: DateTime,
    question: &'l str,
    fact: &'l str,
    verdict: &'l str,
    words: &'l str,
}

impl<'l> Case<'l> {
    fn read(line: &'l str) -> Case<'l> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [at, question, fact, verdict, words] = columns.as_slice() else {
            panic!("not five columns: {line}")
        };
        let at = at.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
        Case { at, question, fact, verdict, words }
    }
}

#[test]
fn english_facts() {
    check(&ENGLISH, "en.tsv");
}

#[test]
fn french_facts() {
    check(&FRENCH, "fr.tsv");
}

#[test]
fn english_facts_of_later() {
    check(&ENGLISH, "later-en.tsv");
}

#[test]
fn french_facts_of_later() {
    check(&FRENCH, "later-fr.tsv");
}

/// Goes through a file.
fn check(language: &Language, file: &str) {
    let folder = folder::root().join("facts");
    // Tests of one language run side by side, so each has indexes of its own.
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("facts").join(file);
    let knowledge = folder::knowledge_of(&folder.join(language.folder), &data).unwrap();
    let mut settings = Settings::new("Linden Library", &[language.lang]);
    if language.lang != Lang::EN {
        settings = Settings::new("Linden Library", &[language.lang, Lang::EN]);
    }
    let bot = Bot::new(settings, knowledge.branches(), Vec::new());
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let (mut all, mut wrong, mut about_closures) = (0, Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let case = Case::read(line);
        let (fact, said) = ask(&knowledge, &bot, &case);
        // French has spaces that do not break before its marks and units.
        let said = said.replace(['\u{a0}', '\u{202f}'], " ");
        let verdict = verdict(language, &said);
        let right = fact == case.fact
            && (case.verdict == "-" || verdict == case.verdict)
            && said.contains(case.words);
        all += 1;
        if !right {
            wrong.push(format!("{line}\n    {fact}\t{verdict}\t{said}"));
        }
        let opposite = [("open", "closed"), ("closed", "open")].contains(&(case.verdict, verdict));
        if opposite {
            about_closures.push(line.to_owned());
        }
    }
    let right = all - wrong.len();
    println!("{file}: {right} of {all} right\n{}", wrong.join("\n"));
    assert!(about_closures.is_empty(), "{file}, wrong about a closure: {about_closures:#?}");
    assert!(right * 100 >= all * RIGHT_OF_HUNDRED, "{file}: {right} of {all}");
}

/// The fact that a question is answered by, and the words of the answer.
fn ask(knowledge: &Knowledge, bot: &Bot, case: &Case<'_>) -> (String, String) {
    let time = knowledge.branches().main().unwrap().zone.to_timestamp(case.at).unwrap();
    let findings = knowledge.find(&bot.query(case.question));
    let looked = bot.look(Moment { time, seed: 1 }, case.question, &findings);
    let Body::Answer { parts, .. } = &looked.reply.body else {
        return ("none".to_owned(), String::new());
    };
    if looked.outcome != LookedOutcome::Answer {
        return ("none".to_owned(), String::new());
    }
    let said = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n");
    (fact(&findings, case, knowledge), said)
}

/// The first fact that was found, as the files write it.
fn fact(findings: &Findings, case: &Case<'_>, knowledge: &Knowledge) -> String {
    let first = |part: &knowledge::Part| match &part.passages.first()?.found {
        Found::Fact(fact) => Some(fact.clone()),
        Found::Entry(_) | Found::Page(_) | Found::Record(_) => None,
    };
    let Some(fact) = findings.parts.iter().find_map(first) else { return "none".to_owned() };
    let topic = match fact.topic {
        Topic::Hours => "hours",
        Topic::Closures => "closures",
        Topic::Address => "address",
        Topic::Phone => "phone",
        Topic::Email => "email",
        Topic::Branches => "branches",
    };
    let at = fact.at.map(|at| format!("at {}", at.strftime("%H:%M"))).unwrap_or_default();
    let branches = knowledge.branches();
    let zone = &branches.main().unwrap().zone;
    let parts = [topic.to_owned(), fact.branches.join(" "), days(&fact, case, zone), at];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The days that a fact is about: each of up to two, first and last of more.
fn days(fact: &FactAsked, case: &Case<'_>, zone: &TimeZone) -> String {
    if fact.when == When::Unsaid && fact.at.is_none() {
        return String::new();
    }
    if fact.when == When::Now && fact.at.is_none() {
        return "now".to_owned();
    }
    if fact.when == When::Unsaid {
        return case.at.date().to_string();
    }
    let Some(days) = fact.when.days(case.at.date(), zone) else { return "unknown".to_owned() };
    let (first, last) = (*days.start(), *days.end());
    if first == last {
        return first.to_string();
    }
    if first.tomorrow().is_ok_and(|second| second == last) {
        return format!("{first} {last}");
    }
    format!("{first}..{last}")
}

/// What an answer's first sentence says of the branch that it names first.
fn verdict(language: &Language, said: &str) -> &'static str {
    let line = said.lines().next().unwrap_or_default();
    let line = line.split_inclusive(". ").next().unwrap_or_default();
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if says(language.closed) {
        "closed"
    } else if says(language.open) {
        "open"
    } else {
        "-"
    }
}
