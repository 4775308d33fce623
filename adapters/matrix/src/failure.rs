//! What goes wrong on the network, as the driver's next step.

use contract::LinkError;
use matrix_sdk::ruma::api::error::{ErrorKind, RetryAfter};
use matrix_sdk::{Error, HttpError};
use std::time::{Duration, SystemTime};

/// How long to wait if the homeserver says only that one is to.
const WAIT: Duration = Duration::from_secs(5);

/// What is said of a token that does not hold any more.
pub(crate) const LOGGED_OUT: &str = "the homeserver has logged the bot out: somebody has ended its session, or its token is not good any \
     more; if that was not you, change the account's password, then start the program anew with it";

/// What an error means for what was to be said. Saying it again under the same key shows once, so
/// whatever may have arrived is uncertain and nothing worse.
pub(crate) fn saying(error: &Error) -> LinkError {
    match http(error) {
        Some(error) => of_http(error),
        None => local(error),
    }
}

/// What an error means where nothing was to be said: nothing is uncertain then.
pub(crate) fn asking(error: &Error) -> LinkError {
    match saying(error) {
        LinkError::Uncertain(words) => LinkError::Lost(words),
        error @ (LinkError::Lost(_) | LinkError::Limited { .. } | LinkError::Refused(_)) => error,
    }
}

/// What an error means while the link listens: a token that does not hold ends it.
pub(crate) fn listening(error: &Error) -> LinkError {
    if is_logged_out(error) { LinkError::Refused(LOGGED_OUT.to_owned()) } else { asking(error) }
}

/// Whether the homeserver does not know the bot's token any more.
pub(crate) fn is_logged_out(error: &Error) -> bool {
    matches!(kind(error), Some(ErrorKind::UnknownToken(_) | ErrorKind::MissingToken))
}

/// Whether there is no such thing, or none that the bot may see.
pub(crate) fn is_missing(error: &Error) -> bool {
    matches!(kind(error), Some(ErrorKind::NotFound | ErrorKind::Forbidden))
}

/// The homeserver's own code of an error.
pub(crate) fn kind(error: &Error) -> Option<&ErrorKind> {
    error.client_api_error_kind()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all others happen on this side of the wire")]
fn http(error: &Error) -> Option<&HttpError> {
    match error {
        Error::Http(error) => Some(error),
        _ => None,
    }
}

fn of_http(error: &HttpError) -> LinkError {
    match error {
        HttpError::Reqwest(source) if source.is_connect() => {
            LinkError::Lost("the homeserver cannot be reached".to_owned())
        }
        HttpError::Cached(error) => of_http(error),
        HttpError::Api(_) => of_api(error),
        HttpError::Reqwest(_) | HttpError::IntoHttp(_) | HttpError::RefreshToken(_) => {
            LinkError::Uncertain(error.to_string())
        }
    }
}

fn of_api(error: &HttpError) -> LinkError {
    let Some(api) = error.as_client_api_error() else {
        // An answer that is none of Matrix's: of a proxy in between, say.
        return LinkError::Uncertain(error.to_string());
    };
    match error.client_api_error_kind() {
        Some(ErrorKind::LimitExceeded(limit)) => {
            LinkError::Limited { after: wait(limit.retry_after.as_ref()), everywhere: true }
        }
        // What is to be said waits for a session that holds.
        Some(ErrorKind::UnknownToken(_) | ErrorKind::MissingToken) => {
            LinkError::Lost(LOGGED_OUT.to_owned())
        }
        Some(_) | None if api.status_code.is_server_error() => {
            LinkError::Uncertain(error.to_string())
        }
        Some(_) => LinkError::Refused(error.to_string()),
        None => LinkError::Uncertain(error.to_string()),
    }
}

/// What went wrong before anything was sent.
fn local(error: &Error) -> LinkError {
    LinkError::Lost(error.to_string())
}

fn wait(after: Option<&RetryAfter>) -> Duration {
    match after {
        Some(RetryAfter::Delay(wait)) => *wait,
        Some(RetryAfter::DateTime(until)) => {
            until.duration_since(SystemTime::now()).unwrap_or(WAIT)
        }
        None => WAIT,
    }
}
