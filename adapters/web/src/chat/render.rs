//! A line of a conversation, a reply above all, as HTML. The only place where their text becomes
//! HTML: maud escapes all of it.
//!
//! The blocks of a reply are those of [`contract::plain`], line for line; a test reads them back.

use crate::line::{Line, Placed};
use crate::site::Site;
use crate::words::In;
use bot::{AnswerPart, Body, Button, Card, CaseSheet, Item, Reply};
use jiff::Timestamp;
use maud::{Markup, html};

/// What the buttons under a reply need, where they can be pressed.
pub(crate) struct Acts<'a> {
    pub(crate) words: In<'a>,
    /// Where a press goes.
    pub(crate) press: String,
    /// Where a changed and a taken-back line go, and the page on which a line is answered; `None`
    /// where there are no such lines.
    pub(crate) own: Option<OwnActs>,
    /// The page's form token.
    pub(crate) token: String,
    /// The secret link back to the conversation; `None` where there is none.
    pub(crate) link: Option<String>,
}

/// Where what a patron does with the lines of their page goes.
pub(crate) struct OwnActs {
    pub(crate) edit: String,
    pub(crate) delete: String,
    /// To be completed by the line's name.
    pub(crate) answer: String,
}

/// A line.
pub(crate) fn line(site: &Site, placed: &Placed, acts: Option<&Acts<'_>>) -> Markup {
    let words = acts.map_or_else(|| site.words.of(site.settings.desk_lang), |acts| acts.words);
    let (id, version) = (&placed.id, placed.version.0);
    match &placed.line {
        Line::Said { at, text, changed } => html! {
            li id=(id) .line.said data-version=(version) {
                span .who { (words.say("you")) }
                div .bubble { p .text { (text) } }
                (below(words, *at, *changed, acts.map(|acts| own(acts, id, text))))
            }
        },
        Line::TakenBack { at } => html! {
            li id=(id) .line.said.gone data-version=(version) {
                div .bubble { p .text { (words.say("taken-back")) } }
                (below(words, *at, false, None))
            }
        },
        Line::Reply { at, reply: said, changed } => html! {
            li id=(id) .line.reply data-version=(version) lang=(said.lang) {
                span .who { (site.settings.name(said.lang)) }
                (reply(said, acts))
                (below(words, *at, *changed, acts.map(|acts| answering(acts, id, said))))
            }
        },
    }
}

/// Under a line: when, whether it was changed, what its author can do with it.
fn below(words: In<'_>, at: Timestamp, changed: bool, more: Option<Markup>) -> Markup {
    html! {
        div .below {
            time datetime=(at.to_string()) {}
            @if changed { span { (words.say("changed")) } }
            @if let Some(more) = more { (more) }
        }
    }
}

/// What a patron can do with a line of their own.
fn own(acts: &Acts<'_>, id: &str, text: &str) -> Markup {
    let Some(OwnActs { edit, delete, .. }) = &acts.own else { return html! {} };
    let words = acts.words;
    html! {
        details .own {
            summary { (words.say("own-line")) }
            form method="post" action=(edit) hx-post=(edit) hx-swap="none" {
                input type="hidden" name="token" value=(acts.token);
                input type="hidden" name="line" value=(id);
                label { (words.say("edit-label"))
                    textarea name="text" rows="2" required maxlength="16000" { (text) } }
                div .acts {
                    button .send { (words.say("edit-button")) }
                    button formaction=(delete) hx-post=(delete) hx-swap="none" formnovalidate {
                        (words.say("delete-button"))
                    }
                }
            }
        }
    }
}

/// Staff's words can be answered, so that it is clear what a follow-up follows.
fn answering(acts: &Acts<'_>, id: &str, said: &Reply) -> Markup {
    match (&acts.own, &said.body) {
        (Some(OwnActs { answer, .. }), Body::FromStaff { .. }) => html! {
            a .answer href=(format!("{answer}&answers={id}#text")) data-answers=(id)
                { (acts.words.say("answer")) }
        },
        _ => html! {},
    }
}

/// A reply with its buttons; without `acts` they cannot be pressed.
pub(crate) fn reply(reply: &Reply, acts: Option<&Acts<'_>>) -> Markup {
    let (first, choices, rest) = by_place(reply);
    let takes_back = |button: &Button| matches!(button.act, bot::Act::Withdraw(_));
    let link = acts.filter(|_| reply.buttons.iter().any(takes_back));
    let shown = html! { (blocks(reply, &row(first), choices)) (row(rest)) };
    html! {
        div .bubble {
            @match acts {
                Some(acts) if !reply.buttons.is_empty() => {
                    form method="post" action=(acts.press) hx-post=(acts.press) hx-swap="none" {
                        input type="hidden" name="token" value=(acts.token);
                        (shown)
                    }
                }
                Some(_) => { (shown) }
                None => { fieldset disabled { (shown) } }
            }
            @if let Some((acts, link)) = link.and_then(|acts| Some((acts, acts.link.as_ref()?))) {
                p .back-link data-chrome {
                    a href=(link) target="_blank" rel="noopener" data-copied=(acts.words.say("link-copied")) {
                        (acts.words.say("link-back"))
                    }
                }
            }
        }
    }
}

/// A reply's buttons by where they stand: before its list, as the lines of its list, below it. A
/// person is offered first after two misses.
fn by_place(reply: &Reply) -> (&[Button], &[Button], &[Button]) {
    let is_choice = |button: &Button| matches!(button.act, bot::Act::Choose { .. });
    let lines = match &reply.body {
        Body::Choices { choices, .. } => choices.len(),
        Body::List { items, .. } => items.len(),
        Body::Answer { .. }
        | Body::Card(_)
        | Body::Notice { .. }
        | Body::FromStaff { .. }
        | Body::Case(_) => 0,
    };
    let from = reply.buttons.iter().position(is_choice).filter(|_| lines > 0).unwrap_or(0);
    let (first, others) = reply.buttons.split_at(from);
    let stand_for = others.iter().take(lines).take_while(|button| is_choice(button)).count();
    let (choices, rest) = others.split_at(stand_for);
    (first, choices, rest)
}

/// Buttons beside each other; nothing if there are none.
fn row(buttons: &[Button]) -> Markup {
    html! { @if !buttons.is_empty() {
        div .acts { @for button in buttons { (press(button, &button.label, "act")) } }
    } }
}

/// What a reply says, block for block. `choices` stand for the lines of its list, `first` before
/// them.
fn blocks(reply: &Reply, first: &Markup, choices: &[Button]) -> Markup {
    html! {
        @if let Some(preface) = &reply.preface { p .preface { (preface) } }
        @if let Some(banner) = &reply.banner { p .banner { (banner) } }
        @match &reply.body {
            Body::Answer { parts, left } => {
                @for part in parts { (answer(part)) }
                @if let Some(left) = left { p { (left) } }
            }
            Body::Choices { lead, choices: lines } => {
                p { (lead) }
                (first)
                ol .choices { @for (i, line) in lines.iter().enumerate() {
                    li { (choice(choices.get(i), line)) }
                } }
            }
            Body::Card(card) => { (record(card)) }
            Body::List { lead, first: number, items, more } => {
                p { (lead) }
                (first)
                ol .list start=[(*number > 1).then_some(number)] { @for (i, item) in items.iter().enumerate() {
                    li { (choice(choices.get(i), &item.text)) (beside(item)) }
                } }
                @if let Some(more) = more { p { (more) } }
            }
            Body::Notice { text } => { p .text { (text) } }
            Body::FromStaff { text, signature } => {
                p .text { (text) }
                p .source { (signature) }
            }
            Body::Case(sheet) => { (case(sheet)) }
        }
    }
}

fn answer(part: &AnswerPart) -> Markup {
    html! {
        @if let Some(question) = &part.question { p .asked { (question) } }
        p .text { (part.text) }
        p .source { (part.source) (link(part.url.as_deref())) }
    }
}

fn record(card: &Card) -> Markup {
    let lead = card.lead.as_deref().unwrap_or_default();
    html! {
        @if !lead.is_empty() { p { (lead) } }
        p .title { (card.title) }
        @for line in [&card.about, &card.subjects, &card.summary] {
            @if !line.is_empty() { p { (line) } }
        }
        @if !card.source.is_empty() { p .source { (card.source) (link(card.url.as_deref())) } }
    }
}

fn case(sheet: &CaseSheet) -> Markup {
    html! {
        p .title { (sheet.headline) }
        @for detail in sheet.details.iter().chain(&sheet.standing) { p .source { (detail) } }
        @for line in &sheet.log { p .text { (line) } }
        @for same in &sheet.same { p { "[ ] " (same.case) " · " (same.question) } }
    }
}

/// A line of a list, as the button that stands for it where there is one.
fn choice(button: Option<&Button>, text: &str) -> Markup {
    match button {
        Some(button) => press(button, text, "choice"),
        None => html! { (text) },
    }
}

fn press(button: &Button, text: &str, class: &str) -> Markup {
    html! { button class=(class) name="act" value=(button.act.code()) data-label=(button.label) { (text) } }
}

fn beside(item: &Item) -> Markup {
    let link = link(item.url.as_deref());
    html! { @if item.url.is_some() { span .beside { (link) } } }
}

/// ` · library.example`, if the address is one that a browser may follow.
fn link(url: Option<&str>) -> Markup {
    let Some(url) = url else { return html! {} };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) => {
            let site = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            html! { span .dot { " · " } a href=(url) rel="noopener noreferrer" target="_blank" { (site) } }
        }
        // Anything else, a script above all, is shown and not followed.
        None => html! { span .dot { " · " } span { (url) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::Act;
    use knowledge::Lang;

    #[test]
    fn choices_are_the_lines_of_their_list_wherever_a_person_is_offered() {
        let button = |act, label: &str| Button { act, label: label.to_owned() };
        let person = button(Act::AskPerson(1), "Ask a person");
        let one = button(Act::Choose { turn: 1, number: 1 }, "One?");
        let body =
            Body::Choices { lead: "Did you mean:".to_owned(), choices: vec!["One?".to_owned()] };
        for buttons in [vec![one.clone(), person.clone()], vec![person.clone(), one.clone()]] {
            let (lang, body) = (Lang::EN, body.clone());
            let reply = Reply { lang, preface: None, banner: None, body, buttons: buttons.clone() };
            let html = super::reply(&reply, None).into_string();
            assert!(html.contains("<li><button class=\"choice\""), "{html}");
            // They are read in the order in which they are offered.
            let at = |button: &Button| html.find(&format!("value=\"{}\"", button.act.code()));
            assert!(at(&buttons[0]) < at(&buttons[1]), "{html}");
        }
    }
}
