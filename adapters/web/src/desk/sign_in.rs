//! Signing in and out.

use super::name::is_name;
use super::password::{PASSWORD_MAX, fits};
use super::session::{Deed, cookie};
use crate::page::{Page, mark};
use crate::server::{Asked, Client, Fields, Refusal, Refused};
use crate::site::Site;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use std::sync::Arc;

/// The page on which one signs in.
pub(super) async fn page(State(site): State<Arc<Site>>) -> Markup {
    let missing = site.settings.desk_password.is_none();
    form(&site, missing.then_some("sign-in-no-password"), "")
}

fn form(site: &Site, wrong: Option<&str>, name: &str) -> Markup {
    let (lang, words) = (site.settings.desk_lang, site.words.of(site.settings.desk_lang));
    let library = site.settings.name(lang);
    let title = words.with("desk-title", &[("library", library.into())]);
    let body = html! {
        main {
            (mark())
            h1 { (title) }
            @if let Some(wrong) = wrong { p .wrong role="alert" { (words.say(wrong)) } }
            form .sign-in method="post" action="/desk/sign-in" {
                label { (words.say("sign-in-name"))
                    input name="name" value=(name) required maxlength="32" autocomplete="username"
                        autocapitalize="none" spellcheck="false"; }
                p .hint { (words.say("sign-in-name-hint")) }
                label { (words.say("sign-in-password"))
                    input type="password" name="password" required maxlength="256"
                        autocomplete="current-password"; }
                button { (words.say("sign-in-button")) }
            }
        }
    };
    Page { lang, title: &title, kind: "plain", body }.render()
}

pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    client: Client,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Refused> {
    let fast = site.limits.signs_in(client);
    fast.map_err(|wait| asked.refuse(Refusal::TooFast(wait)))?;
    let (name, password) = (fields.get("name").trim(), fields.get("password"));
    let wrong = |what: &str| {
        let page = form(&site, Some(what), name);
        Ok((StatusCode::UNAUTHORIZED, page).into_response())
    };
    let Some(hash) = site.settings.desk_password.clone() else {
        return wrong("sign-in-no-password");
    };
    if !is_name(name) {
        return wrong("sign-in-bad-name");
    }
    let right = password.len() <= PASSWORD_MAX && fits(password.to_owned(), hash).await;
    // Whether it was the name or the password is nobody's business but staff's.
    if !right || !site.settings.may_stand_at_desk(name) {
        return wrong("sign-in-wrong");
    }
    let unavailable = || asked.refuse(Refusal::Unavailable);
    let now = site.intake().ok_or_else(unavailable)?.inside().now();
    let secret = site.sessions.begin(&site, name, now).await;
    let secret = secret.map_err(|error| asked.trouble(&error))?.ok_or_else(unavailable)?;
    let mut response = Redirect::to("/desk").into_response();
    response.headers_mut().extend(cookie(&site, Some(&secret)).map(|c| (header::SET_COOKIE, c)));
    Ok(response)
}

pub(super) async fn sign_out(deed: Deed) -> Result<Response, Refused> {
    let site = &deed.site;
    let intake = site.intake().ok_or_else(|| deed.asked.refuse(Refusal::Unavailable))?;
    let ended = site.sessions.end(site, &deed.staff.secret, intake.inside().now()).await;
    ended.map_err(|error| deed.asked.trouble(&error))?;
    let mut response = Redirect::to("/desk/sign-in").into_response();
    response.headers_mut().extend(cookie(site, None).map(|c| (header::SET_COOKIE, c)));
    Ok(response)
}
