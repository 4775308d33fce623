//! The desk's page: what waits on one side, a case on the other, what happens below.

use super::queue::{Beside, Queue};
use super::session::Staff;
use crate::chat::{Acts, line};
use crate::line::DESK;
use crate::page::{Page, mark};
use crate::seal::chance;
use crate::server::{Asked, Refused};
use crate::site::Site;
use crate::words::In;
use axum::extract::{Query, State};
use bot::{Case, CaseState};
use maud::{Markup, html};
use std::sync::Arc;

/// How many of the desk's last lines its page shows.
const LINES_SHOWN: usize = 30;

/// What staff can do under the desk's lines.
pub(super) fn acts<'a>(site: &'a Site, staff: &Staff) -> Acts<'a> {
    Acts {
        words: site.words.of(site.settings.desk_lang),
        press: "/desk/press".to_owned(),
        own: None,
        token: staff.token.clone(),
        link: None,
    }
}

/// The page without a case.
pub(super) async fn queue(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Query(beside): Query<Beside>,
    asked: Asked,
) -> Result<Markup, Refused> {
    let words = site.words.of(site.settings.desk_lang);
    let nothing = html! { div .empty { (mark()) p { (words.say("desk-choose")) } } };
    let cases = site.open_cases().await.map_err(|error| asked.trouble(&error))?;
    let queue = Queue { cases, beside: Beside { open: None, ..beside } };
    whole(&site, &staff, &queue, nothing, &asked).await
}

/// The queue, to take the place of the one on the page.
pub(super) async fn queue_alone(
    State(site): State<Arc<Site>>,
    _: Staff,
    Query(beside): Query<Beside>,
    asked: Asked,
) -> Result<Markup, Refused> {
    let cases = site.open_cases().await.map_err(|error| asked.trouble(&error))?;
    Ok(Queue { cases, beside }.render(site.words.of(site.settings.desk_lang)))
}

/// The page with something in its middle.
pub(super) async fn whole(
    site: &Site,
    staff: &Staff,
    queue: &Queue,
    middle: Markup,
    asked: &Asked,
) -> Result<Markup, Refused> {
    let lines = site.lines(DESK).await.map_err(|error| asked.trouble(&error))?;
    let (lang, words) = (site.settings.desk_lang, site.words.of(site.settings.desk_lang));
    let title = words.with("desk-title", &[("library", site.settings.name(lang).into())]);
    let last = lines.iter().map(|placed| placed.version.0).max().unwrap_or_default();
    let older = lines.len().saturating_sub(LINES_SHOWN);
    let acts = acts(site, staff);
    let open = queue.open();
    let body = html! {
        a .skip href=(if open.is_some() { "#case" } else { "#queue" }) { (words.say("desk-skip")) }
        header .top {
            h1 { (mark()) a href="/desk" { (title) } }
            (signed_in(words, staff))
        }
        main #desk .(if open.is_some() { "with-case" } else { "no-case" })
            data-events=(format!("/desk/events?after={last}")) data-lost=(words.say("lost"))
            data-back=(words.say("connected-again")) data-failed=(words.say("not-sent"))
            data-waits=(words.say("sent-when-back")) {
            nav #queue aria-label=(words.say("desk-queue")) hx-get=(queue.refresh())
                hx-trigger="desk-news from:body" hx-swap="innerHTML" tabindex="-1" {
                (queue.render(words))
            }
            section #case tabindex="-1" aria-label=(words.say("desk-case")) { (middle) }
            section #feed aria-labelledby="feed-title" {
                h2 #feed-title { (words.say("desk-lately")) }
                div .happened.scrolls role="log" aria-live="polite" tabindex="0"
                    aria-label=(words.say("desk-lately")) {
                    ol #lines { @for placed in &lines[older..] { (line(site, placed, Some(&acts))) } }
                }
                form .words method="post" action="/desk/say" hx-post="/desk/say" hx-swap="none"
                    data-clears {
                    input type="hidden" name="token" value=(staff.token);
                    input type="hidden" name="key" value=(chance::<10>().unwrap_or_default());
                    label .unseen for="desk-words" { (words.say("desk-words")) }
                    input #desk-words name="text" required autocomplete="off" maxlength="4000"
                        placeholder=(words.say("desk-words-placeholder"));
                    button { (words.say("desk-words-button")) }
                }
            }
        }
        p #notice role="status" aria-live="polite" {}
    };
    Ok(Page { lang, title: &title, kind: "desk", body }.render())
}

fn signed_in(words: In<'_>, staff: &Staff) -> Markup {
    html! {
        form .signed-in method="post" action="/desk/sign-out" {
            input type="hidden" name="token" value=(staff.token);
            b { (staff.name) }
            button .quiet { (words.say("sign-out-button")) }
        }
    }
}

/// The question, or that its words have been erased.
pub(super) fn question(words: In<'_>, case: &Case) -> String {
    match case.question.is_empty() {
        true => words.say("desk-erased"),
        false => case.question.clone(),
    }
}

/// Where a case stands, in words.
pub(super) fn state(words: In<'_>, case: &Case) -> Markup {
    let class = match &case.state {
        CaseState::Open => "open",
        CaseState::Claimed { .. } => "claimed",
        CaseState::Answered { .. } => "answered",
        CaseState::Closed { .. } => "closed",
    };
    html! { span .state.(class) { (state_words(words, case)) } }
}

fn state_words(words: In<'_>, case: &Case) -> String {
    match &case.state {
        CaseState::Open => words.say("state-open"),
        CaseState::Claimed { by } => words.with("state-claimed", &[("staff", by.into())]),
        CaseState::Answered { by, .. } => words.with("state-answered", &[("staff", by.into())]),
        CaseState::Closed { .. } => words.say("state-closed"),
    }
}
