//! The desk: what waits, one case with its conversation, and what staff do.

mod case;
mod name;
mod page;
mod password;
mod queue;
mod session;
mod sign_in;

pub use password::{hash_password, is_password_hash};
pub(crate) use session::Sessions;

use crate::chat::{Following, follow, seen};
use crate::line::DESK;
use crate::open::Reader;
use crate::server::{Asked, Client, Refusal, Refused};
use crate::site::Site;
use crate::translate::{ByStaff, Raw};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bot::{Act, CaseId, DeskAct, Who};
use contract::Arrival;
use session::{Deed, Staff};
use std::sync::Arc;
use std::time::Duration;

/// How long to wait for what becomes of a reply before its form is answered without knowing.
const OUTCOME_WAIT: Duration = Duration::from_secs(3);
/// Bytes of a topic that the page's own list offers.
const TOPIC_BYTES_MAX: usize = 4_096;
/// How often to look for it.
const OUTCOME_LOOK: Duration = Duration::from_millis(25);

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/desk", get(page::queue))
        .route("/desk/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/desk/sign-out", post(sign_in::sign_out))
        .route("/desk/events", get(events))
        .route("/desk/queue", get(page::queue_alone))
        .route("/desk/say", post(say))
        .route("/desk/press", post(press))
        .route("/desk/cases/{case}", get(case::page))
        .route("/desk/cases/{case}/view", get(case::view))
        .route("/desk/cases/{case}/same", get(case::same))
        .route("/desk/cases/{case}/preview", post(case::preview))
        .route("/desk/cases/{case}/reply", post(reply))
        .route("/desk/cases/{case}/note", post(note))
        .route("/desk/cases/{case}/release", post(release))
        .route("/desk/cases/{case}/assign", post(assign))
        .route("/desk/cases/{case}/topic", post(topic))
}

/// What happens at the desk.
async fn events(
    State(site): State<Arc<Site>>,
    staff: Staff,
    client: Client,
    asked: Asked,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let open = site.pages.open(DESK, Reader::Staff, client.bounded_as());
    let open = open.ok_or_else(|| asked.refuse(Refusal::Full))?;
    let after = seen(&uri, &headers);
    let show = Box::new(move |site: &Site, placed: &crate::line::Placed| {
        // Whoever has signed out, or may not stand here any more, hears nothing further.
        staff
            .is_signed_in(site)
            .then(|| crate::chat::line(site, placed, Some(&page::acts(site, &staff))))
    });
    Ok(follow(Following { site, shelf: DESK.to_owned(), after, open, show }))
}

impl Deed {
    /// Takes it in.
    async fn does(&self, did: ByStaff) -> Result<(), Refused> {
        let key = self.fields.key().map_err(|refusal| self.asked.refuse(refusal))?;
        let raw = Raw::Staff { name: self.staff.name.clone(), did };
        let arrival = Arrival::new(format!("desk.{}.{key}", self.staff.name), raw.encode());
        let taken = self.site.take_in(arrival).await;
        taken.map_err(|_| self.asked.refuse(Refusal::Unavailable))
    }

    fn text(&self) -> Result<String, Refused> {
        self.fields.text().map_err(|refusal| self.asked.refuse(refusal))
    }

    /// The answer to what was taken in: a script hears of what follows by its events, others are
    /// shown the page again once it has been handled.
    async fn done(&self, back: &str) -> Response {
        if self.by_script {
            return StatusCode::NO_CONTENT.into_response();
        }
        let deadline = tokio::time::Instant::now() + OUTCOME_WAIT;
        while !self.is_all_handled() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(OUTCOME_LOOK).await;
        }
        Redirect::to(back).into_response()
    }

    /// Takes in words about a case, and waits until they stand in its conversation. If they come to
    /// nothing, the desk says why, and the form keeps them.
    async fn writes(&self, case: u32, did: ByStaff, who: Who) -> Result<Response, Refused> {
        let before = self.written(case, &who).await?;
        self.does(did).await?;
        let deadline = tokio::time::Instant::now() + OUTCOME_WAIT;
        loop {
            // Asked before the case is read: what was handled by then stands in it.
            let handled = self.is_all_handled();
            if self.written(case, &who).await? > before {
                return Ok(self.done(&format!("/desk/cases/{case}")).await);
            }
            if handled || tokio::time::Instant::now() >= deadline {
                return Err(self.asked.refuse(Refusal::NotDone));
            }
            tokio::time::sleep(OUTCOME_LOOK).await;
        }
    }

    /// Whether nothing that has arrived is still to be handled.
    fn is_all_handled(&self) -> bool {
        self.site.intake().is_none_or(|intake| intake.inside().health().inbox == 0)
    }

    /// When somebody last wrote in a case.
    async fn written(&self, case: u32, who: &Who) -> Result<Option<jiff::Timestamp>, Refused> {
        let case = self.site.case(CaseId(case)).await;
        let case = case.map_err(|error| self.asked.trouble(&error))?;
        let lines = case.iter().flat_map(|case| &case.log).filter(|line| line.who == *who);
        Ok(lines.map(|line| line.at).max())
    }
}

async fn say(deed: Deed) -> Result<Response, Refused> {
    let text = deed.text()?;
    deed.does(ByStaff::Say(text)).await?;
    Ok(deed.done("/desk").await)
}

async fn press(deed: Deed) -> Result<Response, Refused> {
    let code = deed.fields.get("act").to_owned();
    let act = Act::parse(&code).filter(|act| DeskAct::of(*act).is_some());
    let act = act.ok_or_else(|| deed.asked.refuse(Refusal::Forged))?;
    deed.does(ByStaff::Press(code)).await?;
    if let Act::Claim(case) | Act::Show(case) = act {
        return Ok(deed.done(&format!("/desk/cases/{case}")).await);
    }
    Ok(deed.done("/desk").await)
}

async fn reply(Path(case): Path<u32>, deed: Deed) -> Result<Response, Refused> {
    let text = deed.text()?;
    let also = deed.fields.all("also").filter_map(|number| number.parse().ok()).collect();
    let who = Who::Staff(deed.staff.name.clone());
    deed.writes(case, ByStaff::Reply { case, also, text }, who).await
}

async fn note(Path(case): Path<u32>, deed: Deed) -> Result<Response, Refused> {
    let text = deed.text()?;
    let who = Who::Note(deed.staff.name.clone());
    deed.writes(case, ByStaff::Note { case, text }, who).await
}

async fn release(Path(case): Path<u32>, deed: Deed) -> Result<Response, Refused> {
    deed.does(ByStaff::Release(case)).await?;
    Ok(deed.done(&format!("/desk/cases/{case}")).await)
}

async fn assign(Path(case): Path<u32>, deed: Deed) -> Result<Response, Refused> {
    let to = deed.fields.get("to").trim().to_owned();
    if !name::is_name(&to) {
        return Err(deed.asked.refuse(Refusal::BadName));
    }
    deed.does(ByStaff::Assign { case, to }).await?;
    Ok(deed.done(&format!("/desk/cases/{case}")).await)
}

async fn topic(Path(case): Path<u32>, deed: Deed) -> Result<Response, Refused> {
    let topic = deed.fields.get("topic").trim().to_owned();
    if topic.is_empty() || topic.len() > TOPIC_BYTES_MAX {
        return Err(deed.asked.refuse(Refusal::Forged));
    }
    deed.does(ByStaff::Topic { case, topic }).await?;
    Ok(deed.done(&format!("/desk/cases/{case}")).await)
}
