//! The chat's page, and the secret link that leads back to it.

use super::door::{Door, Entrance, Guest, parameter};
use super::render::{Acts, OwnActs, line};
use super::{link_of, user_of};
use crate::line::Placed;
use crate::page::{Page, mark};
use crate::seal::{Use, chance};
use crate::server::{Asked, Client, Refusal, Refused, ShownBy};
use crate::site::Site;
use crate::translate::chat;
use crate::words::In;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use contract::Version;
use knowledge::Lang;
use maud::{Markup, html};
use std::sync::Arc;

/// How many lines of a conversation its page shows: what is older has scrolled away for good.
const LINES_SHOWN: usize = 200;

/// The library's own page.
pub(super) async fn own(
    State(site): State<Arc<Site>>,
    entrance: Entrance,
    uri: Uri,
    asked: Asked,
) -> Result<Response, Refused> {
    show(&site, &entrance, &uri, &asked).await
}

/// The page as other sites show it.
pub(super) async fn embedded(
    State(site): State<Arc<Site>>,
    uri: Uri,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Refused> {
    let entrance = Entrance::new(&site, Door::Embedded, uri.query(), &headers);
    let mut response = show(&site, &entrance, &uri, &asked).await?;
    let by = if site.settings.embed.is_empty() {
        "'self'".to_owned()
    } else {
        site.settings.embed.join(" ")
    };
    response.extensions_mut().insert(ShownBy(by));
    Ok(response)
}

async fn show(
    site: &Arc<Site>,
    entrance: &Entrance,
    uri: &Uri,
    asked: &Asked,
) -> Result<Response, Refused> {
    let unavailable = || asked.refuse(Refusal::Unavailable);
    let guest = entrance.anybody().ok_or_else(unavailable)?;
    let lines = match entrance.guest {
        Some(_) => {
            let lines = site.lines(&chat(&guest.user).id).await;
            lines.map_err(|error| asked.trouble(&error))?
        }
        None => Vec::new(),
    };
    let cookie = guest.cookie(site).ok_or_else(unavailable)?;
    let answers = uri.query().and_then(|query| parameter(query, "answers"));
    let mut response = page(site, &guest, &lines, &answers.unwrap_or_default()).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// What a patron can do under the lines of their page.
pub(super) fn acts<'a>(site: &'a Site, guest: &Guest) -> Acts<'a> {
    let at = |path: &str| guest.door.address(path, guest.lang);
    Acts {
        words: site.words.of(guest.lang),
        press: at("/press"),
        own: Some(OwnActs { edit: at("/edit"), delete: at("/delete"), answer: at("/") }),
        token: site.seal.of(Use::Form, &guest.user),
        link: Some(link_of(site, &guest.user)),
    }
}

fn page(site: &Site, guest: &Guest, lines: &[Placed], answers: &str) -> Markup {
    let (lang, words, acts) = (guest.lang, site.words.of(guest.lang), acts(site, guest));
    let name = site.settings.name(lang);
    let title = words.with("chat-title", &[("library", name.into())]);
    let last = lines.iter().map(|placed| placed.version).max().unwrap_or_default();
    let older = lines.len().saturating_sub(LINES_SHOWN);
    // Another address each time: a browser that is led to the one where it is loads nothing.
    let drawn = chance::<4>().unwrap_or_default();
    let again = format!("{}&again={drawn}#end", guest.door.address("/", lang));
    let body = html! {
        a .skip href="#text" { (words.say("skip")) }
        header .top {
            h1 { (mark()) (name) }
            div .tools {
                (languages(site, guest))
                @if guest.door == Door::Embedded {
                    // The page around it shows a button of its own until this one is there.
                    button #leave type="button" hidden {
                        span .unseen { (words.say("leave")) } (icon("M6 6l12 12M18 6 6 18"))
                    }
                }
            }
        }
        main #chat .scrolls data-events=(events(guest, last)) data-lost=(words.say("lost"))
            data-back=(words.say("connected-again")) data-failed=(words.say("not-sent"))
            data-waits=(words.say("sent-when-back")) {
            @if lines.is_empty() { (welcome(guest, words, &acts.token, name)) }
            div .talk role="log" aria-live="polite"
                aria-label=(words.with("chat-label", &[("library", name.into())])) {
                ol #lines { @for placed in &lines[older..] { (line(site, placed, Some(&acts))) } }
            }
            p #typing hidden { (words.with("typing", &[("library", name.into())])) }
            noscript { p .again #end { a href=(again) { (words.say("look-again")) } } }
        }
        (compose(guest, words, &acts.token, answers))
    };
    let kind = match guest.door {
        Door::Own => "chat",
        Door::Embedded => "chat embedded",
    };
    Page { lang, title: &title, kind, body }.render()
}

fn events(guest: &Guest, last: Version) -> String {
    format!("{}&after={}", guest.door.address("/events", guest.lang), last.0)
}

/// Before anything has been said: what this is, and what can be had without words.
fn welcome(guest: &Guest, words: In<'_>, token: &str, library: &str) -> Markup {
    html! {
        section #welcome {
            (mark())
            p .lead { (words.with("welcome", &[("library", library.into())])) }
            p .about { (words.say("welcome-program")) }
            div .acts { @for command in &COMMANDS[..FIRST] {
                (press(guest, words, token, command))
            } }
        }
    }
}

/// The page in the library's other languages.
fn languages(site: &Site, guest: &Guest) -> Markup {
    let others = site.settings.langs.iter().filter(|lang| **lang != guest.lang);
    html! {
        nav .languages { @for lang in others {
            a href=(guest.door.address("/", *lang)) lang=(lang) hreflang=(lang) {
                (site.words.of(*lang).say("language-name"))
            }
        } }
    }
}

/// Where one writes, with the commands that need no words beside it.
fn compose(guest: &Guest, words: In<'_>, token: &str, answers: &str) -> Markup {
    let say = guest.door.address("/say", guest.lang);
    // Without a script a second press of the same page is the same message.
    let key = chance::<10>().unwrap_or_default();
    html! {
        footer .compose {
            p #notice role="status" aria-live="polite" {}
            button #newer type="button" hidden { (words.say("newer")) }
            div .bar {
                details .menu {
                    summary {
                        span .unseen { (words.say("commands")) }
                        (icon("M4 7h16M4 12h16M4 17h10"))
                    }
                    nav aria-label=(words.say("commands")) {
                        @for command in &COMMANDS { (press(guest, words, token, command)) }
                    }
                }
                form #say method="post" action=(say) hx-post=(say) hx-swap="none" {
                    input type="hidden" name="token" value=(token);
                    input type="hidden" name="key" value=(key);
                    input type="hidden" name="answers" value=(answers);
                    p #answering hidden[answers.is_empty()] {
                        span { (words.say("answering")) }
                        button .plain-button type="reset" { (words.say("answering-not")) }
                    }
                    label .unseen for="text" { (words.say("say-label")) }
                    textarea #text name="text" rows="1" required autocomplete="off"
                        maxlength="16000" enterkeyhint="send" aria-describedby="say-hint"
                        placeholder=(words.say("say-placeholder")) {}
                    button .send {
                        span { (words.say("say-button")) }
                        (icon("M12 20V5M5.5 11.5 12 5l6.5 6.5"))
                    }
                    p #say-hint .unseen { (words.say("say-hint")) }
                }
            }
        }
    }
}

/// A command, as the button that says it.
fn press(guest: &Guest, words: In<'_>, token: &str, (text, label): &(&str, &str)) -> Markup {
    let say = guest.door.address("/say", guest.lang);
    html! {
        form .command method="post" action=(say) hx-post=(say) hx-swap="none" {
            input type="hidden" name="token" value=(token);
            button name="text" value=(text) { (words.say(label)) }
        }
    }
}

/// A drawing of lines beside words that say the same.
pub(crate) fn icon(path: &str) -> Markup {
    html! {
        svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" { path d=(path) {} }
    }
}

/// What needs no words, and what its button says.
const COMMANDS: [(&str, &str); 6] = [
    ("/hours", "command-hours"),
    ("/person", "command-person"),
    ("/help", "command-help"),
    ("/privacy", "command-privacy"),
    ("/mydata", "command-mydata"),
    ("/forget", "command-forget"),
];

/// How many of them are offered before anything has been said.
const FIRST: usize = 3;

/// The secret link. Whoever already has another conversation in this browser is asked first.
pub(super) async fn link(
    State(site): State<Arc<Site>>,
    Path(link): Path<String>,
    entrance: Entrance,
    client: Client,
    asked: Asked,
) -> Result<Response, Refused> {
    let user = follow(&site, &link, client, &asked).await?;
    match &entrance.guest {
        Some(guest) if guest.user != user && has_lines(&site, &guest.user, &asked).await? => {
            let (lang, words) = (entrance.lang, site.words.of(entrance.lang));
            let name = site.settings.name(lang);
            let body = html! {
                main {
                    (mark())
                    h1 { (name) }
                    p { (words.say("link-other")) }
                    form method="post" { button { (words.say("link-take")) } }
                    p { a .on href="/" { (words.say("link-stay")) } }
                }
            };
            Ok(Page { lang, title: name, kind: "plain", body }.render().into_response())
        }
        Some(_) | None => become_them(&site, user, entrance.lang, &asked),
    }
}

/// The secret link, taken although this browser has another conversation.
pub(super) async fn take_link(
    State(site): State<Arc<Site>>,
    Path(link): Path<String>,
    entrance: Entrance,
    client: Client,
    asked: Asked,
) -> Result<Response, Refused> {
    let user = follow(&site, &link, client, &asked).await?;
    become_them(&site, user, entrance.lang, &asked)
}

/// Whose conversation a link leads to.
async fn follow(site: &Site, link: &str, client: Client, asked: &Asked) -> Result<String, Refused> {
    let user = user_of(site, link).ok_or_else(|| asked.refuse(Refusal::NotFound))?;
    let fast = site.limits.says(&user, client);
    fast.map_err(|wait| asked.refuse(Refusal::TooFast(wait)))?;
    match has_lines(site, &user, asked).await? {
        true => Ok(user),
        false => Err(asked.refuse(Refusal::Erased)),
    }
}

async fn has_lines(site: &Site, user: &str, asked: &Asked) -> Result<bool, Refused> {
    let lines = site.lines_after(&chat(user).id, Version::default(), 1).await;
    lines.map(|lines| !lines.is_empty()).map_err(|error| asked.trouble(&error))
}

/// The browser is this person's from now on.
fn become_them(site: &Site, user: String, lang: Lang, asked: &Asked) -> Result<Response, Refused> {
    let guest = Guest { user, door: Door::Own, lang };
    let cookie: Option<HeaderValue> = guest.cookie(site);
    let cookie = cookie.ok_or_else(|| asked.refuse(Refusal::Unavailable))?;
    let mut response = Redirect::to(&guest.door.address("/", lang)).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
