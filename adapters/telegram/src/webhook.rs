//! What arrives, by webhook: Telegram delivers to the library's own web server, and is told that a
//! delivery has arrived once it is on disk.

use crate::arrive::{Door, KINDS, Numbered};
use crate::failure::listening;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use contract::LinkError;
use serde_json::value::RawValue;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq as _;
use teloxide::payloads::SetWebhookSetters as _;
use teloxide::requests::Requester as _;

/// Where deliveries go, on the library's own site.
pub(crate) const PATH: &str = "/telegram/webhook";
/// The header that carries the secret (Bot API, setWebhook).
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// Bytes of a delivery: an update with the longest text and all its entities is a tenth of it.
const BODY_MAX: usize = 1 << 20;
/// Deliveries at once: what the inbox takes in one transaction.
const CONNECTIONS: u8 = 40;

/// The place of the door: it stands open while the link listens.
#[derive(Clone)]
pub(crate) struct Hook {
    secret: Arc<str>,
    door: Arc<Mutex<Option<Arc<Door>>>>,
}

impl Hook {
    /// `key` is this library's own: who does not know it cannot deliver.
    pub(crate) fn new(key: &[u8; 32]) -> Hook {
        let secret: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        Hook { secret: secret.into(), door: Arc::default() }
    }

    /// The routes, for the library's own web server.
    pub(crate) fn routes(&self) -> Router {
        Router::new()
            .route(PATH, post(deliver))
            .layer(DefaultBodyLimit::max(BODY_MAX))
            .with_state(self.clone())
    }

    /// Tells Telegram where to deliver, and takes in what comes until nothing is taken in any more.
    ///
    /// # Errors
    /// [`LinkError`], as [`contract::Link::listen`] says.
    pub(crate) async fn listen(&self, door: Arc<Door>, site: &str) -> Result<(), LinkError> {
        let address = format!("{}{PATH}", site.trim_end_matches('/'));
        let url = address.parse().map_err(|_| {
            LinkError::Refused(format!("`webhook` under [telegram] is no address: {site}"))
        })?;
        let allowed = serde_json::to_value(KINDS).and_then(serde_json::from_value);
        let allowed: Vec<_> = allowed.map_err(|error| LinkError::Refused(error.to_string()))?;
        let set = door
            .speaker
            .bot
            .set_webhook(url)
            .secret_token(&*self.secret)
            .max_connections(CONNECTIONS)
            .allowed_updates(allowed);
        self.place(Some(door.clone()));
        if let Err(error) = set.await {
            self.place(None);
            let error = listening(&error);
            let words = error.to_string();
            // A name that cannot be looked up now may be in a moment.
            return Err(if words.contains("resolve host") {
                LinkError::Lost(words)
            } else {
                error
            });
        }
        door.intake.closed().await;
        self.place(None);
        Ok(())
    }

    fn place(&self, door: Option<Arc<Door>>) {
        *self.door.lock().unwrap_or_else(PoisonError::into_inner) = door;
    }

    fn door(&self) -> Option<Arc<Door>> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One delivery. Whatever is not answered with 200 Telegram brings again.
async fn deliver(
    State(hook): State<Hook>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let given = headers.get(SECRET_HEADER).map_or(&b""[..], |value| value.as_bytes());
    if !bool::from(given.ct_eq(hook.secret.as_bytes())) {
        return (StatusCode::UNAUTHORIZED, "This is for Telegram alone.");
    }
    let Some(door) = hook.door() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "Nothing is taken in at present.");
    };
    let update = serde_json::from_slice::<&RawValue>(&body)
        .ok()
        .filter(|update| serde_json::from_str::<Numbered>(update.get()).is_ok());
    let Some(update) = update else {
        return (StatusCode::BAD_REQUEST, "This is no update.");
    };
    let mut taken = match door.take(update).await {
        Ok(taken) => taken,
        Err(error) => {
            tracing::warn!(network = crate::NETWORK, "a delivery is to come again: {error}");
            return (StatusCode::SERVICE_UNAVAILABLE, "Not taken in; it may come again.");
        }
    };
    if let Some(arrival) = taken.arrival.take()
        && door.intake.accept(vec![arrival], None).await.is_err()
    {
        return (StatusCode::SERVICE_UNAVAILABLE, "Nothing is taken in at present.");
    }
    door.acknowledge(taken);
    (StatusCode::OK, "")
}
