//! The fields of a form that was sent.

use super::{Refusal, Refused};
use crate::seal::chance;
use crate::site::Site;
use axum::extract::{FromRequest, FromRequestParts, Request};
use std::sync::Arc;
use std::time::Duration;

/// Bytes of a form: the longest text that is read, each byte of it written as `%00`, and room for
/// the fields beside it.
const BODY_MAX: usize = 64 * 1024;
/// Bytes of what is written at once: four times the longest message of the other networks.
const TEXT_MAX: usize = 16 * 1024;
/// Bytes of a name that a page draws.
const KEY_MAX: usize = 40;
/// How long a form may take to arrive.
const BODY_WAIT: Duration = Duration::from_secs(10);

/// The fields of a form, in order; a name may come several times.
#[derive(Debug)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a form as it is sent.
    pub(crate) fn of(bytes: &[u8]) -> Fields {
        Fields(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The first field of this name; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        let named = self.0.iter().find(|(field, _)| field == name);
        named.map_or("", |(_, value)| value)
    }

    /// What somebody wrote; refused if it is longer than anybody reads.
    pub(crate) fn text(&self) -> Result<String, Refusal> {
        let text = self.get("text");
        if text.len() > TEXT_MAX {
            return Err(Refusal::TooLong { most: TEXT_MAX });
        }
        // A form's line ends are CR LF (HTML, section "Constructing the entry list").
        Ok(text.replace("\r\n", "\n"))
    }

    /// The name of what somebody did: drawn by the page's script, or with the page itself, so that
    /// the same is not done twice however often it is sent; drawn here where there is none.
    pub(crate) fn key(&self) -> Result<String, Refusal> {
        match self.get("key") {
            "" => chance::<10>().ok_or(Refusal::Unavailable),
            key if is_key(key) => Ok(key.to_owned()),
            _ => Err(Refusal::Forged),
        }
    }

    /// All fields of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// Whether a page may have drawn this as a name.
pub(crate) fn is_key(key: &str) -> bool {
    (1..=KEY_MAX).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl FromRequest<Arc<Site>> for Fields {
    type Rejection = Refused;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Fields, Refused> {
        let (mut parts, body) = request.into_parts();
        let Ok(asked) = super::refusal::Asked::from_request_parts(&mut parts, site).await;
        let reading = axum::body::to_bytes(body, BODY_MAX);
        match tokio::time::timeout(BODY_WAIT, reading).await {
            Ok(Ok(bytes)) => Ok(Fields::of(&bytes)),
            // Longer than allowed, or broken off by a client that does not read the answer.
            Ok(Err(_)) => Err(asked.refuse(Refusal::TooBig)),
            Err(_) => Err(asked.refuse(Refusal::Slow)),
        }
    }
}
