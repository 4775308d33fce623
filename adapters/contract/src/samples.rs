//! Sample replies, for people who look at how an adapter shows them.

use bot::{
    Act, AnswerPart, Body, Button, Card, CaseId, CaseSheet, Item, Personal, Reply, SameQuestion,
};
use knowledge::Lang;

/// One of each form, for the golden files of the adapters, with its name: each body, and each kind
/// of button that networks show differently.
pub fn replies() -> Vec<(&'static str, Reply)> {
    let rate: [(Act, &str); 3] = [
        (Act::Helpful(1), "Helpful"),
        (Act::NotHelpful(1), "Not helpful"),
        (Act::AskPerson(1), "Ask a person"),
    ];
    let wifi = "There is wifi in all rooms: \"Linden & Co\", no password <none>.";
    let url = Some("https://library.linden.example/wifi?a=1&b=2");
    let answer = |parts, left: Option<&str>| Body::Answer { parts, left: left.map(str::to_owned) };
    let choose = |number| Act::Choose { turn: 2, number };
    let lines = ["Do you lend telescopes?", "Can I borrow a projector?"].map(str::to_owned);
    let item = |text: &str| Item { text: text.to_owned(), url: None, case: None };
    let case = |act: fn(CaseId) -> Act| act(CaseId(7));
    let mut first = reply(answer(vec![part(None, wifi, url)], None), &rate);
    first.preface = Some("I am a program of Linden Library, not a person.".to_owned());
    first.banner = Some("Central is closed on 3 March.".to_owned());
    let both = vec![part(Some("is there wifi?"), wifi, None), part(Some("and tea?"), "Yes.", None)];
    vec![
        ("an answer at first contact, with a warning", first),
        (
            "two questions, and one left to a person",
            reply(answer(both, Some("You also asked: …")), &[(case(Act::Withdraw), "Never mind")]),
        ),
        (
            "choices",
            reply(
                Body::Choices { lead: "Did you mean:".to_owned(), choices: lines.to_vec() },
                &[
                    (choose(1), &lines[0]),
                    (choose(2), &lines[1]),
                    (Act::AskPerson(2), "Ask a person"),
                ],
            ),
        ),
        ("a record", reply(Body::Card(card()), &rate)),
        (
            "a list",
            reply(
                Body::List {
                    lead: "Found in the collections:".to_owned(),
                    first: 1,
                    items: vec![
                        item("Middlemarch · George Eliot · 1871"),
                        item("Romola · George Eliot · 1863"),
                    ],
                    more: Some("and 12 more".to_owned()),
                },
                &[
                    (choose(1), "1"),
                    (choose(2), "2"),
                    (Act::More(2), "More"),
                    (Act::AskPerson(2), "Ask a person"),
                ],
            ),
        ),
        (
            "a notice with a button that opens a chat",
            reply(
                Body::Notice { text: "I answer this only in a direct chat.".to_owned() },
                &[(Act::OpenDirect(Personal::MyData), "Open our direct chat")],
            ),
        ),
        (
            "staff's words",
            reply(
                Body::FromStaff {
                    text: "Yes, at Riverside.\nAsk @mira there.".to_owned(),
                    signature: "mira, Linden Library, to your question: “do you lend drills?”"
                        .to_owned(),
                },
                &rate,
            ),
        ),
        (
            "a case at the desk",
            reply(Body::Case(sheet()), &[(case(Act::Claim), "Claim"), (case(Act::Close), "Close")]),
        ),
    ]
}

fn reply(body: Body, acts: &[(Act, &str)]) -> Reply {
    let buttons = acts.iter().map(|(act, label)| Button { act: *act, label: (*label).to_owned() });
    let buttons = buttons.collect();
    Reply { lang: Lang::EN, preface: None, banner: None, body, buttons }
}

fn part(question: Option<&str>, text: &str, url: Option<&str>) -> AnswerPart {
    AnswerPart {
        question: question.map(str::to_owned),
        text: text.to_owned(),
        source: "From the library's FAQ, verified on 2 March 2026".to_owned(),
        url: url.map(str::to_owned),
    }
}

fn card() -> Card {
    Card {
        lead: Some("In the collections:".to_owned()),
        title: "Middlemarch".to_owned(),
        about: "George Eliot · 1871 · English".to_owned(),
        subjects: "England; married people".to_owned(),
        summary: "A study of provincial life.".to_owned(),
        source: "From the library's catalogue".to_owned(),
        url: Some("https://www.gutenberg.org/ebooks/145".to_owned()),
    }
}

fn sheet() -> CaseSheet {
    CaseSheet {
        case: CaseId(7),
        headline: "case 7 · do you lend @drills & saws?".to_owned(),
        details: vec![
            "asked by tns0 on telegram, in English, on 10 March 2026 at 10:00".to_owned(),
        ],
        standing: Some("mira has it".to_owned()),
        log: vec!["patron: it is <urgent>".to_owned(), "note by mira: ask Tom".to_owned()],
        same: vec![SameQuestion { case: CaseId(9), question: "drills?".to_owned() }],
    }
}
