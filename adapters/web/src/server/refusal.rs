//! What cannot be done, in words for whoever asked.

use super::limits::TooFast;
use crate::chat::Door;
use crate::page;
use crate::site::Site;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::StoreError;
use knowledge::Lang;
use std::convert::Infallible;
use std::sync::Arc;

/// Why something is not done, as the next step of whoever asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Wait, then send it again.
    TooFast(TooFast),
    /// Shorten it.
    TooLong {
        /// Bytes at most.
        most: usize,
    },
    /// Send less.
    TooBig,
    /// Send faster.
    Slow,
    /// Load the page again: cookie or form token are not of this library, or too old.
    Forged,
    /// Sign in first.
    SignedOut,
    /// Choose another name: it is no name of one word.
    BadName,
    /// See what the desk says: it was handled, and came to nothing.
    NotDone,
    /// There is nothing here.
    NotFound,
    /// What was looked for has been erased.
    Erased,
    /// Try again in a moment: the program is starting or stopping, or its store cannot be used.
    Unavailable,
    /// Try again later: too many people are here.
    Full,
}

/// A refusal as an answer.
pub(crate) struct Refused {
    refusal: Refusal,
    asked: Asked,
}

/// Who asked, as far as the answer's form depends on it.
#[derive(Clone)]
pub(crate) struct Asked {
    site: Arc<Site>,
    /// Whether a script of the page asked: it shows a sentence and no page.
    by_script: bool,
    lang: Lang,
}

impl Asked {
    pub(crate) fn refuse(&self, refusal: Refusal) -> Refused {
        Refused { refusal, asked: self.clone() }
    }

    /// The store could not be used.
    pub(crate) fn trouble(&self, error: &StoreError) -> Refused {
        tracing::error!("a page cannot be made: {error}");
        self.refuse(Refusal::Unavailable)
    }
}

impl FromRequestParts<Arc<Site>> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Asked, Infallible> {
        let at_desk = parts.uri.path().starts_with("/desk");
        let lang = match at_desk {
            true => site.settings.desk_lang,
            false => Door::lang(site, parts.uri.query(), &parts.headers),
        };
        Ok(Asked { site: site.clone(), by_script: is_by_script(&parts.headers), lang })
    }
}

/// Whether htmx asked.
pub(crate) fn is_by_script(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Refusal::TooFast(_) => StatusCode::TOO_MANY_REQUESTS,
            Refusal::TooLong { .. } | Refusal::TooBig => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
            Refusal::Forged => StatusCode::FORBIDDEN,
            Refusal::SignedOut => StatusCode::UNAUTHORIZED,
            Refusal::BadName => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::NotDone => StatusCode::CONFLICT,
            Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::Erased => StatusCode::GONE,
            Refusal::Unavailable | Refusal::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn words(&self, site: &Site, lang: Lang) -> String {
        let words = site.words.of(lang);
        match self {
            Refusal::TooFast(wait) => {
                let seconds = i64::try_from(wait.seconds).unwrap_or(i64::MAX);
                words.with("error-too-fast", &[("seconds", seconds.into())])
            }
            Refusal::TooLong { most } => words.with("error-too-long", &[("most", (*most).into())]),
            Refusal::TooBig => words.say("error-too-big"),
            Refusal::Slow => words.say("error-slow"),
            Refusal::Forged => words.say("error-forged"),
            Refusal::SignedOut => words.say("error-signed-out"),
            Refusal::BadName => words.say("sign-in-bad-name"),
            Refusal::NotDone => words.say("error-not-done"),
            Refusal::NotFound => words.say("error-not-found"),
            Refusal::Erased => words.say("error-erased"),
            Refusal::Unavailable => words.say("error-unavailable"),
            Refusal::Full => words.say("error-full"),
        }
    }

    /// When it is worth trying again, in seconds.
    fn after(&self) -> Option<u64> {
        match self {
            Refusal::TooFast(wait) => Some(wait.seconds),
            Refusal::Unavailable => Some(2),
            Refusal::Full => Some(30),
            Refusal::TooLong { .. }
            | Refusal::TooBig
            | Refusal::Slow
            | Refusal::Forged
            | Refusal::SignedOut
            | Refusal::BadName
            | Refusal::NotDone
            | Refusal::NotFound
            | Refusal::Erased => None,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Refused { refusal, asked } = self;
        let words = refusal.words(&asked.site, asked.lang);
        asked.site.metrics.refused(refusal.status());
        let mut response = if asked.by_script {
            (refusal.status(), words).into_response()
        } else {
            let page = page::sentence(&asked.site, asked.lang, &words);
            (refusal.status(), page).into_response()
        };
        if let Some(seconds) = refusal.after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // What a client goes on sending, a body that is too big say, is not read to its end.
        if matches!(refusal, Refusal::TooBig | Refusal::Slow) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}

pub(super) async fn not_found(_: State<Arc<Site>>, asked: Asked) -> Refused {
    asked.refuse(Refusal::NotFound)
}
