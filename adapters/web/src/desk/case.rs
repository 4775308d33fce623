//! One case with its conversation, and the forms for what staff do with it.

use super::page::{question, state, whole};
use super::queue::{Beside, Queue};
use super::session::{Deed, Staff};
use crate::chat;
use crate::seal::chance;
use crate::server::{Asked, Fields, Refusal, Refused};
use crate::site::Site;
use crate::words::In;
use axum::extract::{Path, Query, RawQuery, State};
use axum::response::IntoResponse;
use bot::{Act, Body, Case, CaseId, CaseState, DeskAct, SameQuestion, Who};
use maud::{Markup, html};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A case, and those that are open, itself among them if it is.
struct Opened {
    site: Arc<Site>,
    case: Case,
    /// As the queue beside it is looked at.
    queue: Queue,
}

impl Opened {
    async fn new(site: &Arc<Site>, number: u32, asked: &Asked) -> Result<Opened, Refused> {
        let trouble = |error: contract::StoreError| asked.trouble(&error);
        let case = site.case(CaseId(number)).await.map_err(trouble)?;
        let case = case.ok_or_else(|| asked.refuse(Refusal::NotFound))?;
        let cases = site.open_cases().await.map_err(trouble)?;
        let beside = Beside { open: Some(number), topic: None };
        Ok(Opened { site: site.clone(), case, queue: Queue { cases, beside } })
    }

    fn words(&self) -> In<'_> {
        self.site.words.of(self.site.settings.desk_lang)
    }

    /// What the core says of it: who asked and when, and which cases ask the same.
    fn sheet(&self) -> (Vec<String>, Vec<SameQuestion>) {
        let sheet =
            self.site.intake().map(|intake| intake.inside().sheet(&self.case, &self.queue.cases));
        match sheet.map(|reply| reply.body) {
            Some(Body::Case(sheet)) => (sheet.details, sheet.same),
            Some(
                Body::Answer { .. }
                | Body::Choices { .. }
                | Body::Card(_)
                | Body::List { .. }
                | Body::Notice { .. }
                | Body::FromStaff { .. },
            )
            | None => (Vec::new(), Vec::new()),
        }
    }
}

/// The desk with a case open.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Path(number): Path<u32>,
    staff: Staff,
    Query(beside): Query<Beside>,
    asked: Asked,
) -> Result<Markup, Refused> {
    let mut opened = Opened::new(&site, number, &asked).await?;
    opened.queue.beside.topic = beside.topic;
    let at = format!("/desk/cases/{number}");
    let middle = html! {
        div #view tabindex="-1" hx-get=(format!("{at}/view")) hx-trigger="desk-news from:body"
            hx-swap="innerHTML" { (conversation(&opened, &staff)) }
        div .dock {
            (reply_form(&opened, &staff, &at))
            div .others { (other_forms(&opened, &staff, &at)) }
        }
    };
    whole(&site, &staff, &opened.queue, middle, &asked).await
}

/// The conversation, to take the place of the one on the page.
pub(super) async fn view(
    State(site): State<Arc<Site>>,
    Path(number): Path<u32>,
    staff: Staff,
    asked: Asked,
) -> Result<Markup, Refused> {
    let opened = Opened::new(&site, number, &asked).await?;
    Ok(conversation(&opened, &staff))
}

fn conversation(opened: &Opened, staff: &Staff) -> Markup {
    let (words, case) = (opened.words(), &opened.case);
    // Where it stands is said by its state already.
    let (details, _) = opened.sheet();
    html! {
        div .heading.over[case.is_closed()].waiting[case.waits()] {
            p .to-queue { a href="/desk" {
                (chat::icon("M19 12H5M11 6l-6 6 6 6")) (words.say("desk-to-queue"))
            } }
            h2 { (question(words, case)) }
            p .facts {
                (state(words, case))
                span .number { (words.with("desk-number", &[("case", (&case.id.to_string()).into())])) }
            }
            ul .details { @for detail in &details { li { (detail) } } }
            (buttons(words, case, staff))
        }
        ol .log aria-label=(words.say("desk-conversation")) {
            @for line in &case.log { (said(words, line)) }
        }
    }
}

fn said(words: In<'_>, line: &bot::Line) -> Markup {
    let (class, who) = match &line.who {
        Who::Patron => ("patron", words.say("desk-patron")),
        Who::Staff(name) => ("staff", name.clone()),
        Who::Note(name) => ("note", words.with("desk-note-by", &[("staff", name.into())])),
    };
    html! {
        li class=(class) {
            span .who { (who) }
            p .text {
                @if line.text.is_empty() { (words.say("desk-erased")) } @else { (line.text) }
            }
            time datetime=(line.at.to_string()) {}
        }
    }
}

/// What can be done with a case in one press.
fn buttons(words: In<'_>, case: &Case, staff: &Staff) -> Markup {
    let mine = matches!(&case.state, CaseState::Claimed { by } if *by == staff.name);
    let release = format!("/desk/cases/{}/release", case.id);
    let press = |act: Act, label: &str, class: Option<&str>| {
        html! { button class=[class] name="act" value=(act.code()) { (words.say(label)) } }
    };
    let close = match case.state {
        CaseState::Answered { .. } => "desk-close-answered",
        CaseState::Open | CaseState::Claimed { .. } | CaseState::Closed { .. } => "desk-close",
    };
    html! {
        div .acts {
            @if !case.is_closed() {
                form method="post" action="/desk/press" hx-post="/desk/press" hx-swap="none" {
                    input type="hidden" name="token" value=(staff.token);
                    @if matches!(case.state, CaseState::Open) {
                        (press(Act::Claim(case.id), "desk-claim", Some("send")))
                    }
                    (press(Act::Close(case.id), close, None))
                }
            }
            @if mine {
                form method="post" action=(release) hx-post=(release) hx-swap="none" {
                    input type="hidden" name="token" value=(staff.token);
                    button { (words.say("desk-release")) }
                }
            }
        }
    }
}

fn reply_form(opened: &Opened, staff: &Staff, at: &str) -> Markup {
    let words = opened.words();
    let (reply, preview) = (format!("{at}/reply"), format!("{at}/preview"));
    html! {
        form #reply .write method="post" action=(reply) hx-post=(reply) hx-swap="none" data-clears {
            input type="hidden" name="token" value=(staff.token);
            input type="hidden" name="key" value=(chance::<10>().unwrap_or_default());
            label for="reply-text" { (words.say("desk-reply-label")) }
            textarea #reply-text name="text" rows="3" required maxlength="4000" {}
            (ticks(opened, at, &BTreeSet::new()))
            div #preview aria-live="polite" {}
            div .acts {
                button .send { (words.say("desk-reply-button")) }
                button formaction=(preview) hx-post=(preview) hx-target="#preview"
                    hx-swap="innerHTML" { (words.say("desk-preview-button")) }
            }
        }
    }
}

/// The cases that ask the same, to be ticked; `ticked` are those that are.
fn ticks(opened: &Opened, at: &str, ticked: &BTreeSet<u32>) -> Markup {
    let words = opened.words();
    let (_, same) = opened.sheet();
    html! {
        fieldset #same hx-get=(format!("{at}/same")) hx-trigger="desk-news from:body"
            hx-include="#same" hx-swap="outerHTML" hidden[same.is_empty()] {
            legend { (words.say("desk-same")) }
            @for one in &same {
                label .tick {
                    input type="checkbox" name="also" value=(one.case)
                        checked[ticked.contains(&one.case.0)];
                    span { (one.question) " " span .number {
                        (words.with("desk-number", &[("case", (&one.case.to_string()).into())]))
                    } }
                }
            }
        }
    }
}

/// The ticks, to take the place of those on the page.
pub(super) async fn same(
    State(site): State<Arc<Site>>,
    Path(number): Path<u32>,
    RawQuery(query): RawQuery,
    _: Staff,
    asked: Asked,
) -> Result<Markup, Refused> {
    let opened = Opened::new(&site, number, &asked).await?;
    let fields = Fields::of(query.unwrap_or_default().as_bytes());
    let ticked = fields.all("also").filter_map(|number| number.parse().ok()).collect();
    Ok(ticks(&opened, &format!("/desk/cases/{number}"), &ticked))
}

/// A reply as the patron will read it.
pub(super) async fn preview(
    Path(number): Path<u32>,
    deed: Deed,
) -> Result<axum::response::Response, Refused> {
    let text = deed.text()?;
    let opened = Opened::new(&deed.site, number, &deed.asked).await?;
    let unavailable = || deed.asked.refuse(Refusal::Unavailable);
    let intake = deed.site.intake().ok_or_else(unavailable)?;
    let reply = intake.inside().preview(&opened.case, &deed.staff.name, &text);
    let words = opened.words();
    let shown = html! {
        p .hint { (words.say("desk-preview-hint")) }
        div .line.reply lang=(reply.lang) { (chat::reply(&reply, None)) }
    };
    if deed.by_script {
        return Ok(shown.into_response());
    }
    // Without a script the page is shown anew, with the words still in their place.
    let at = format!("/desk/cases/{number}");
    let middle = html! {
        div .preview { (shown) }
        form .write method="post" action=(format!("{at}/reply")) {
            input type="hidden" name="token" value=(deed.staff.token);
            textarea name="text" rows="4" aria-label=(words.say("desk-reply-label")) { (text) }
            @for case in deed.fields.all("also") { input type="hidden" name="also" value=(case); }
            button .send { (words.say("desk-reply-button")) }
        }
    };
    let page = whole(&deed.site, &deed.staff, &opened.queue, middle, &deed.asked).await?;
    Ok(page.into_response())
}

/// A note, handing the case to a colleague, and what it is about.
fn other_forms(opened: &Opened, staff: &Staff, at: &str) -> Markup {
    let words = opened.words();
    let (note, assign) = (format!("{at}/note"), format!("{at}/assign"));
    html! {
        details .more {
            summary { (words.say("desk-note-title")) }
            form .write method="post" action=(note) hx-post=(note) hx-swap="none" data-clears {
                input type="hidden" name="token" value=(staff.token);
                label { (words.say("desk-note-label"))
                    textarea name="text" rows="2" required maxlength="4000" {} }
                button { (words.say("desk-note-button")) }
            }
        }
        details .more.assign {
            summary { (words.say("desk-assign-title")) }
            form .write method="post" action=(assign) hx-post=(assign) hx-swap="none" data-clears {
                input type="hidden" name="token" value=(staff.token);
                label { (words.say("desk-assign-label"))
                    input name="to" required maxlength="32" autocapitalize="none"
                        spellcheck="false"; }
                button { (words.say("desk-assign-button")) }
            }
        }
        (topic_form(opened, staff, at))
    }
}

/// What the case is about, to be chosen from the library's topics; nothing where it has none.
fn topic_form(opened: &Opened, staff: &Staff, at: &str) -> Markup {
    let (words, action) = (opened.words(), format!("{at}/topic"));
    let topics = opened.site.intake().map_or_else(Vec::new, |intake| intake.inside().topics());
    let of = opened.case.topic.as_ref().map(|topic| topic.name.as_str());
    html! {
        @if !topics.is_empty() {
            details .more {
                summary { (words.say("desk-topic-title")) }
                form .write method="post" action=(action) hx-post=(action) hx-swap="none" {
                    input type="hidden" name="token" value=(staff.token);
                    label { (words.say("desk-topic-label"))
                        select name="topic" {
                            option value=(DeskAct::NO_TOPIC) { (words.say("desk-topic-none")) }
                            @for topic in &topics {
                                option value=(topic) selected[of == Some(topic.as_str())] { (topic) }
                            }
                        }
                    }
                    button { (words.say("desk-topic-button")) }
                }
            }
        }
    }
}
