//! The chat: a patron's page, on its own or within another site's.

mod door;
mod events;
mod page;
mod render;

pub(crate) use door::{Door, cookies};
pub(crate) use events::{Following, follow, seen};
pub(crate) use page::icon;
pub(crate) use render::{Acts, line, reply};

use crate::line::Line;
use crate::seal::Use;
use crate::server::{Asked, Client, Fields, Refusal, Refused, is_by_script, is_key};
use crate::site::Site;
use crate::translate::{ByPatron, Raw, chat};
use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use contract::{Arrival, SHELF_MAX, StoreError, Version};
use door::{Entrance, Guest};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How long a page without a script waits for the reply: it is not told of one that comes later.
const REPLY_WAIT: Duration = Duration::from_millis(1500);
/// How often it looks for it.
const REPLY_LOOK: Duration = Duration::from_millis(25);

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(page::own))
        .route("/embed", get(page::embedded))
        .route("/events", get(events::chat))
        .route("/say", post(say))
        .route("/edit", post(edit))
        .route("/delete", post(delete))
        .route("/press", post(press))
        .route("/c/{link}", get(page::link).post(page::take_link))
}

/// Somebody who does something in the chat: their cookie and their page's token are this library's
/// own, and they are not too fast.
struct Visit {
    site: Arc<Site>,
    guest: Guest,
    asked: Asked,
    by_script: bool,
    fields: Fields,
}

impl FromRequest<Arc<Site>> for Visit {
    type Rejection = Refused;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Visit, Refused> {
        let (mut parts, body) = request.into_parts();
        let Ok(asked) = Asked::from_request_parts(&mut parts, site).await;
        let Ok(client) = Client::from_request_parts(&mut parts, site).await;
        let Ok(entrance) = Entrance::from_request_parts(&mut parts, site).await;
        let by_script = is_by_script(&parts.headers);
        let fields = Fields::from_request(Request::from_parts(parts, body), site).await?;
        let forged = || asked.refuse(Refusal::Forged);
        let guest = entrance.guest.ok_or_else(forged)?;
        if !site.seal.fits(Use::Form, &guest.user, fields.get("token")) {
            return Err(forged());
        }
        let fast = site.limits.says(&guest.user, client);
        fast.map_err(|wait| asked.refuse(Refusal::TooFast(wait)))?;
        Ok(Visit { site: site.clone(), guest, asked, by_script, fields })
    }
}

impl Visit {
    fn text(&self) -> Result<String, Refused> {
        self.fields.text().map_err(|refusal| self.asked.refuse(refusal))
    }

    fn key(&self) -> Result<String, Refused> {
        self.fields.key().map_err(|refusal| self.asked.refuse(refusal))
    }

    /// Takes in what they did, under a key of its own; `line` is what their page shows of it. A
    /// script hears of what follows by the events of its page, others are shown the page.
    async fn does(
        self,
        key: String,
        did: ByPatron,
        line: Option<(&str, Line)>,
    ) -> Result<Response, Refused> {
        let (user, shelf) = (&self.guest.user, chat(&self.guest.user).id);
        let is_answered = !matches!(did, ByPatron::Delete { .. });
        let trouble = |error: StoreError| self.asked.trouble(&error);
        let before = match self.by_script {
            true => Version::default(),
            false => self.last_reply(Version::default()).await.map_err(trouble)?,
        };
        let lang = self.guest.lang.to_string();
        let raw = Raw::Patron { user: user.clone(), lang, did };
        let keepsake = line.map(|(id, line)| line.kept(&shelf, id, self.site.settings.keep));
        let arrival = Arrival { keepsake, ..Arrival::new(format!("{user}.{key}"), raw.encode()) };
        let taken = self.site.take_in(arrival).await;
        taken.map_err(|_| self.asked.refuse(Refusal::Unavailable))?;
        if is_answered {
            self.site.pages.typing(&shelf);
        }
        if self.by_script {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        let deadline = tokio::time::Instant::now() + REPLY_WAIT;
        while is_answered
            && self.last_reply(before).await.map_err(trouble)? == before
            && tokio::time::Instant::now() < deadline
        {
            tokio::time::sleep(REPLY_LOOK).await;
        }
        let page = self.guest.door.address("/", self.guest.lang);
        Ok(Redirect::to(&format!("{page}#end")).into_response())
    }

    /// The version of the last reply after this one; this one if there is none.
    async fn last_reply(&self, after: Version) -> Result<Version, StoreError> {
        let shelf = chat(&self.guest.user).id;
        let lines = self.site.lines_after(&shelf, after, SHELF_MAX).await?;
        let replies = lines.iter().filter(|placed| matches!(placed.line, Line::Reply { .. }));
        Ok(replies.map(|placed| placed.version).max().unwrap_or(after))
    }

    /// The name of a line that they have said and that is still as `may` wants it. Only what stands
    /// in their own conversation can be changed.
    async fn own_line(&self, may: impl Fn(&Line) -> bool) -> Result<String, Refused> {
        let id = self.fields.get("line");
        if !id.strip_prefix("u-").is_some_and(is_key) {
            return Err(self.asked.refuse(Refusal::Forged));
        }
        let lines = self.site.lines(&chat(&self.guest.user).id).await;
        let lines = lines.map_err(|error| self.asked.trouble(&error))?;
        let is_there = lines.iter().any(|placed| placed.id == id && may(&placed.line));
        if is_there { Ok(id.to_owned()) } else { Err(self.asked.refuse(Refusal::NotFound)) }
    }

    /// The bot's line that they answer, if their page says so.
    fn answers(&self) -> Result<Option<String>, Refused> {
        let id = self.fields.get("answers");
        match id.strip_prefix("b-") {
            _ if id.is_empty() => Ok(None),
            Some(number) if number.parse::<u64>().is_ok() => Ok(Some(id.to_owned())),
            Some(_) | None => Err(self.asked.refuse(Refusal::Forged)),
        }
    }

    fn now(&self) -> Result<Timestamp, Refused> {
        let intake = self.site.intake();
        let intake = intake.ok_or_else(|| self.asked.refuse(Refusal::Unavailable))?;
        Ok(intake.inside().now())
    }
}

fn is_said(line: &Line) -> bool {
    matches!(line, Line::Said { .. })
}

async fn say(visit: Visit) -> Result<Response, Refused> {
    let (key, text) = (visit.key()?, visit.text()?);
    let id = format!("u-{key}");
    let line = Line::Said { at: visit.now()?, text: text.clone(), changed: false };
    let answers = visit.answers()?;
    let did = ByPatron::Say { id: id.clone(), text, answers };
    visit.does(key, did, Some((&id, line))).await
}

async fn edit(visit: Visit) -> Result<Response, Refused> {
    let (key, text, id) = (visit.key()?, visit.text()?, visit.own_line(is_said).await?);
    let line = Line::Said { at: visit.now()?, text: text.clone(), changed: true };
    visit.does(key, ByPatron::Edit { id: id.clone(), text }, Some((&id, line))).await
}

async fn delete(visit: Visit) -> Result<Response, Refused> {
    // Taken back once more, by a page that did not hear of the first time, it stays so.
    let may = |line: &Line| is_said(line) || matches!(line, Line::TakenBack { .. });
    let (key, id) = (visit.key()?, visit.own_line(may).await?);
    let line = Line::TakenBack { at: visit.now()? };
    visit.does(key, ByPatron::Delete { id: id.clone() }, Some((&id, line))).await
}

async fn press(visit: Visit) -> Result<Response, Refused> {
    let code = visit.fields.get("act").to_owned();
    if bot::Act::parse(&code).is_none() {
        return Err(visit.asked.refuse(Refusal::Forged));
    }
    // One form holds several buttons: each is a thing of its own.
    let key = format!("{}.{code}", visit.key()?);
    visit.does(key, ByPatron::Press { code }, None).await
}

/// The secret link that leads back to a conversation.
fn link_of(site: &Site, user: &str) -> String {
    format!("/c/{user}-{}", site.seal.of(Use::Link, user))
}

/// Whose conversation a secret link leads to.
fn user_of(site: &Site, link: &str) -> Option<String> {
    let (user, seal) = link.split_once('-')?;
    site.seal.fits(Use::Link, user, seal).then(|| user.to_owned())
}
