//! Calls of Discord's REST API, version 10.

use crate::event::Id;
use crate::failure::Failed;
use crate::pace::{Pace, Wait, seconds};
use crate::settings::Settings;
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serenity::http::{LightMethod, Request, Route};
use std::time::{Duration, Instant};

/// How long Discord may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A wait that is sat out rather than told.
const SHORT: Duration = Duration::from_millis(1_500);

/// What calls.
pub(crate) struct Rest {
    client: Client,
    /// As it stands in the header.
    token: String,
    /// Where calls go instead of to Discord itself.
    server: Option<String>,
    pace: Pace,
    /// Whether calls keep to the pace of real time.
    paced: bool,
}

/// What Discord says of an error.
#[derive(Default, Deserialize)]
struct Complaint {
    #[serde(default)]
    code: u64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Value,
}

/// What Discord says of a limit.
#[derive(Deserialize)]
struct TooMany {
    retry_after: f64,
    #[serde(default)]
    global: bool,
}

/// As much of a message that Discord has as is looked at.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Posted {
    pub(crate) id: Id,
    pub(crate) channel_id: Id,
    #[serde(default)]
    pub(crate) content: String,
    #[serde(default)]
    pub(crate) nonce: Value,
    #[serde(default)]
    pub(crate) flags: u64,
}

/// A channel that Discord has.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: Id,
}

impl Rest {
    /// What calls with the token of these settings.
    ///
    /// # Errors
    /// If the machine's certificates or resolver cannot be used.
    pub(crate) fn new(settings: &Settings) -> Result<Rest, reqwest::Error> {
        let client = Client::builder().use_rustls_tls().timeout(PATIENCE).build()?;
        Ok(Rest {
            client,
            token: format!("Bot {}", settings.token),
            server: settings.server.clone(),
            pace: Pace::default(),
            paced: settings.paced,
        })
    }

    /// Whether nothing waits for its turn to be asked.
    pub(crate) fn is_quiet(&self) -> bool {
        self.pace.is_quiet(Instant::now())
    }

    /// Asks for something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, route: Route<'_>) -> Result<T, Failed> {
        self.get_with(route, Vec::new()).await
    }

    /// Asks for something, in particular.
    pub(crate) async fn get_with<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        params: Vec<(&'static str, String)>,
    ) -> Result<T, Failed> {
        let params = (!params.is_empty()).then_some(params);
        let request = Request::new(route, LightMethod::Get).params(params);
        read(self.call(request).await?).await
    }

    /// Makes something.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        body: &Value,
    ) -> Result<T, Failed> {
        read(self.send(route, LightMethod::Post, body).await?).await
    }

    /// Makes something of which nothing is told.
    pub(crate) async fn tell(&self, route: Route<'_>, body: &Value) -> Result<(), Failed> {
        self.send(route, LightMethod::Post, body).await.map(|_| ())
    }

    /// Changes something.
    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        body: &Value,
    ) -> Result<T, Failed> {
        read(self.send(route, LightMethod::Patch, body).await?).await
    }

    /// Sets something.
    pub(crate) async fn put(&self, route: Route<'_>, body: &Value) -> Result<(), Failed> {
        self.send(route, LightMethod::Put, body).await.map(|_| ())
    }

    /// Takes something away.
    pub(crate) async fn delete(&self, route: Route<'_>) -> Result<(), Failed> {
        self.call(Request::new(route, LightMethod::Delete)).await.map(|_| ())
    }

    async fn send(
        &self,
        route: Route<'_>,
        method: LightMethod,
        body: &Value,
    ) -> Result<Response, Failed> {
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        self.call(Request::new(route, method).body(body)).await
    }

    async fn call(&self, request: Request<'_>) -> Result<Response, Failed> {
        let route = *request.route_ref();
        let (bucket, interaction) = (route.ratelimiting_bucket(), is_interactions(&route));
        if let Some(wait) = self.pace.wait(bucket, interaction, Instant::now()) {
            if wait.after > SHORT {
                return Err(Failed::Limited(wait));
            }
            tokio::time::sleep(wait.after).await;
        }
        if self.paced {
            let turn = self.pace.turn(interaction, Instant::now());
            // A timer of no length takes a millisecond all the same.
            if !turn.is_zero() {
                tokio::time::sleep(turn).await;
            }
        }
        let request = request.build(&self.client, &self.token, self.server.as_deref());
        let request = request.map_err(|error| Failed::Lost(error.to_string()))?;
        let response = request.send().await.map_err(|error| broken(&error))?;
        let (status, now) = (response.status(), Instant::now());
        self.pace.answered(bucket, response.headers(), now);
        if status.is_success() {
            return Ok(response);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let wait = told_to_wait(response).await;
            self.pace.hold(bucket, wait, now);
            return Err(Failed::Limited(wait));
        }
        Err(refused(status, response).await)
    }
}

/// Whether it is an endpoint of interactions, whose tokens are all that it needs.
fn is_interactions(route: &Route<'_>) -> bool {
    let path = route.path();
    path.contains("/webhooks/") || path.contains("/interactions/")
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failed> {
    // It was carried out; what became of it is not known.
    let unknown = |error: reqwest::Error| Failed::Unknown(error.without_url().to_string());
    response.json().await.map_err(unknown)
}

async fn told_to_wait(response: Response) -> Wait {
    let header = response.headers().get("retry-after").and_then(|after| after.to_str().ok());
    let header = header.and_then(|after| after.parse().ok());
    let told = response.json::<TooMany>().await.ok();
    let after = told.as_ref().map(|told| told.retry_after).or(header).unwrap_or(5.0);
    Wait { after: seconds(after), everywhere: told.is_some_and(|told| told.global) }
}

async fn refused(status: StatusCode, response: Response) -> Failed {
    let complaint: Complaint = response.json().await.unwrap_or_default();
    // With a code it is the token of an interaction that holds no more.
    if status == StatusCode::UNAUTHORIZED && complaint.code == 0 {
        return Failed::WrongToken;
    }
    let mut words = match complaint.message.as_str() {
        "" => status.to_string(),
        message => message.to_owned(),
    };
    if !complaint.errors.is_null() {
        words.push_str(&format!(" {}", complaint.errors));
    }
    match status.is_server_error() {
        true => Failed::Unknown(words),
        false => Failed::Refused { code: complaint.code, words },
    }
}

/// The address of a call can hold an interaction's token: no log and no error says it.
fn broken(error: &reqwest::Error) -> Failed {
    let words = match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => "the connection broke".to_owned(),
    };
    if error.is_connect() || error.is_builder() {
        Failed::Lost(words)
    } else {
        Failed::Unknown(words)
    }
}
