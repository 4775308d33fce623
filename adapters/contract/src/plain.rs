//! A reply as plain text: what the terminal shows and what scripts compare.

use bot::{AnswerPart, Body, Card, CaseSheet, Item, Reply};

/// The reply as lines of plain text without its buttons. An empty line stands between parts.
pub fn text(reply: &Reply) -> String {
    let mut blocks: Vec<String> = Vec::new();
    blocks.extend(reply.preface.clone());
    blocks.extend(reply.banner.clone());
    body(&reply.body, &mut blocks);
    blocks.join("\n")
}

/// The buttons' labels, as `[Helpful] [Not helpful]`; empty if there are none.
pub fn buttons(reply: &Reply) -> String {
    reply.buttons.iter().map(|b| format!("[{}]", b.label)).collect::<Vec<_>>().join(" ")
}

fn body(body: &Body, blocks: &mut Vec<String>) {
    match body {
        Body::Answer { parts, left } => {
            blocks.extend(parts.iter().map(answer));
            blocks.extend(left.clone());
        }
        Body::Choices { lead, choices } => {
            blocks.push(lead.clone());
            blocks.extend(numbered(choices.iter().map(String::as_str)));
        }
        Body::Card(card) => blocks.push(record(card)),
        Body::List { lead, items, more } => {
            blocks.push(lead.clone());
            let lines: Vec<String> = items.iter().map(item).collect();
            blocks.extend(numbered(lines.iter().map(String::as_str)));
            blocks.extend(more.clone());
        }
        Body::Notice { text } => blocks.push(text.clone()),
        Body::FromStaff { text, signature } => {
            blocks.push(text.clone());
            blocks.push(signature.clone());
        }
        Body::Case(sheet) => blocks.push(case(sheet)),
    }
}

fn answer(part: &AnswerPart) -> String {
    let question = part.question.iter().map(|question| format!("{question}\n")).collect::<String>();
    format!("{question}{}\n{}", part.text, with_url(&part.source, part.url.as_deref()))
}

fn record(card: &Card) -> String {
    let source = with_url(&card.source, card.url.as_deref());
    let lines = [
        card.lead.as_deref().unwrap_or_default(),
        &card.title,
        &card.about,
        &card.subjects,
        &card.summary,
        &source,
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn item(item: &Item) -> String {
    with_url(&item.text, item.url.as_deref())
}

fn case(sheet: &CaseSheet) -> String {
    let mut lines = vec![sheet.headline.clone()];
    lines.extend(sheet.details.iter().cloned());
    lines.extend(sheet.standing.clone());
    lines.extend(sheet.log.iter().cloned());
    lines.extend(sheet.same.iter().map(|same| format!("[ ] {} · {}", same.case, same.question)));
    lines.join("\n")
}

fn numbered<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    lines.enumerate().map(|(i, line)| format!("{}. {line}", i + 1)).collect()
}

fn with_url(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("{text} · {url}"),
        None => text.to_owned(),
    }
}
