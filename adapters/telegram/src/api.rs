//! Calls whose answers are read here and not by teloxide: it refuses a whole answer for a part that it
//! does not know, drops updates that it cannot read, and waits ten seconds after any trouble of the
//! server's. What is said and what is asked for must not depend on that.

use contract::LinkError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;
use teloxide::Bot;

/// How long an answer is waited for that does not wait for anything itself.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(15);

/// Why a call has brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// It was not carried out, and may be later: the server was not reached, or had trouble of its
    /// own.
    Later(String),
    /// It may have been carried out: the connection broke, or the answer is none.
    Perhaps(String),
    /// Not before this time.
    Limited(Duration),
    /// The group has another number now.
    Moved(i64),
    /// The token is no bot's.
    Token,
    /// The server will not do it.
    Refused(String),
}

/// An answer as it came.
#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    result: Option<Box<RawValue>>,
    #[serde(default)]
    error_code: u16,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    #[serde(default)]
    retry_after: Option<u64>,
    #[serde(default)]
    migrate_to_chat_id: Option<i64>,
}

/// Calls a method and reads its result.
pub(crate) async fn call<T: serde::de::DeserializeOwned>(
    bot: &Bot,
    method: &str,
    parameters: &impl Serialize,
    within: Duration,
) -> Result<T, Failed> {
    let mut url = bot.api_url();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(&format!("bot{}", bot.token())).push(method);
    }
    let body =
        serde_json::to_vec(parameters).map_err(|error| Failed::Refused(error.to_string()))?;
    let request = bot
        .client()
        .post(url)
        .header("content-type", "application/json")
        .body(body)
        .timeout(within);
    // The address holds the token: no error says it.
    let response = request.send().await.map_err(|error| match error.is_connect() {
        true => Failed::Later(error.without_url().to_string()),
        false => Failed::Perhaps(error.without_url().to_string()),
    })?;
    let status = response.status().as_u16();
    let text = response.text().await;
    let text = text.map_err(|error| Failed::Perhaps(error.without_url().to_string()))?;
    let Ok(answer) = serde_json::from_str::<Answer>(&text) else {
        return Err(page(status));
    };
    if !answer.ok {
        return Err(refused(answer));
    }
    let result = answer.result.as_deref().map_or("null", RawValue::get);
    serde_json::from_str(result).map_err(|error| Failed::Perhaps(error.to_string()))
}

/// What a page in the stead of an answer means: it comes from a machine before the server. That the
/// server could not be reached it says with 502 and 503; at 504 the server was at work.
fn page(status: u16) -> Failed {
    let words = format!("a page came in the stead of an answer (HTTP {status})");
    match status {
        502 | 503 => Failed::Later(words),
        _ => Failed::Perhaps(words),
    }
}

fn refused(answer: Answer) -> Failed {
    let words = answer.description;
    if let Some(new) = answer.parameters.migrate_to_chat_id {
        return Failed::Moved(new);
    }
    match answer.error_code {
        401 | 404 if words == "Unauthorized" || words == "Not Found" => Failed::Token,
        409 => Failed::Later(format!("another program uses this bot at the same time ({words})")),
        429 => Failed::Limited(Duration::from_secs(answer.parameters.retry_after.unwrap_or(1))),
        500.. => Failed::Later(words),
        _ => Failed::Refused(words),
    }
}

impl Failed {
    /// What it means for something that was asked: nothing was to be said, so nothing is uncertain. A
    /// token that is wrong stays wrong until somebody writes another.
    pub(crate) fn asking(self) -> LinkError {
        match self {
            Failed::Later(words) | Failed::Perhaps(words) => LinkError::Lost(words),
            Failed::Limited(after) => LinkError::Limited { after, everywhere: true },
            Failed::Moved(chat) => LinkError::Refused(format!("the group is now {chat}")),
            Failed::Token => LinkError::Refused(WRONG_TOKEN.to_owned()),
            Failed::Refused(words) => LinkError::Refused(words),
        }
    }

    /// What it means for something that was to be said: it waits for a token that holds.
    pub(crate) fn saying(self) -> LinkError {
        match self {
            Failed::Later(words) => LinkError::Lost(words),
            Failed::Perhaps(words) => LinkError::Uncertain(words),
            Failed::Limited(after) => LinkError::Limited { after, everywhere: false },
            Failed::Moved(chat) => LinkError::Refused(format!("the group is now {chat}")),
            Failed::Token => LinkError::Lost(WRONG_TOKEN.to_owned()),
            Failed::Refused(words) => LinkError::Refused(words),
        }
    }
}

/// What is said of a token that the server does not know.
pub(crate) const WRONG_TOKEN: &str = "the token is no bot's, or not any more; ask @BotFather for the one that \
     holds and put it where the old one was (POLLEN_TELEGRAM_TOKEN or the file telegram-token)";
