//! What goes wrong on the network, as the driver's next step.

use crate::api::WRONG_TOKEN;
use contract::LinkError;
use std::time::Duration;
use teloxide::{ApiError, RequestError};

/// What an error of a call means for what was to be said.
pub(crate) fn link_error(error: &RequestError) -> LinkError {
    match error {
        RequestError::RetryAfter(seconds) => LinkError::Limited {
            after: Duration::from_secs(seconds.seconds().into()),
            everywhere: false,
        },
        RequestError::MigrateToChatId(chat) => {
            LinkError::Refused(format!("the group is now the supergroup {chat}"))
        }
        RequestError::Network(source) if source.is_connect() => {
            LinkError::Lost(without_url(error.to_string()))
        }
        // Sent, and no answer that can be read: it may have arrived.
        RequestError::Network(_) | RequestError::Io(_) => {
            LinkError::Uncertain(without_url(error.to_string()))
        }
        RequestError::InvalidJson { .. } => {
            LinkError::Uncertain("the server answered with no answer of its own".to_owned())
        }
        RequestError::Api(api) => of_api(api),
    }
}

/// What went wrong, in words without the token.
pub(crate) fn told(error: &RequestError) -> String {
    link_error(error).to_string()
}

/// What an error means while the link begins to listen: nothing was to be said, so nothing is
/// uncertain.
pub(crate) fn listening(error: &RequestError) -> LinkError {
    if matches!(error, RequestError::Api(ApiError::InvalidToken)) {
        return LinkError::Refused(WRONG_TOKEN.to_owned());
    }
    match link_error(error) {
        LinkError::Uncertain(words) => LinkError::Lost(words),
        error @ (LinkError::Lost(_) | LinkError::Limited { .. } | LinkError::Refused(_)) => error,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it says, it was not done")]
fn of_api(error: &ApiError) -> LinkError {
    match error {
        // What is to be said waits for a token that holds.
        ApiError::InvalidToken => LinkError::Lost(WRONG_TOKEN.to_owned()),
        // A server that answers with its own trouble has not carried the call out.
        ApiError::Unknown(text) if is_servers_own(text) => LinkError::Lost(text.clone()),
        ApiError::Unknown(text) => LinkError::Refused(text.clone()),
        error => LinkError::Refused(error.to_string()),
    }
}

/// Whether a server speaks of trouble of its own, which may pass.
pub(crate) fn is_servers_own(text: &str) -> bool {
    ["Bad Gateway", "Internal Server Error", "Gateway Timeout", "Service Unavailable"]
        .iter()
        .any(|own| text.contains(own))
}

/// The address holds the bot's token: no log and no error says it.
fn without_url(words: String) -> String {
    match words.split_once("url (") {
        Some((before, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{before}the Bot API{after}")
        }
        None => words,
    }
}
