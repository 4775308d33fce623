//! For whoever runs the program: is it alive, is it ready, what happens.

use super::refusal::{Asked, Refused};
use super::{Client, Refusal};
use crate::site::Site;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The form of metrics (OpenMetrics 1.0.0, section "Overall structure").
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The program answers.
pub(super) async fn health() -> &'static str {
    "alive\n"
}

/// What arrives is taken in and handled.
pub(super) async fn ready(State(site): State<Arc<Site>>) -> Response {
    let health = site.intake().map(|intake| intake.inside().health());
    match health {
        Some(health) if health.ready => "ready\n".into_response(),
        Some(health) => {
            let why = health.paused.unwrap_or_else(|| "it is stopping".to_owned());
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response()
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, "not ready: it is starting\n").into_response(),
    }
}

/// Counts, for this machine and those that the settings name as proxies; others are told that there
/// is nothing.
pub(super) async fn metrics(
    State(site): State<Arc<Site>>,
    client: Client,
    asked: Asked,
) -> Result<Response, Refused> {
    let may = client.address.is_loopback() || site.settings.is_proxy(client.address);
    if !may {
        return Err(asked.refuse(Refusal::NotFound));
    }
    let health = site.intake().map(|intake| intake.inside().health());
    let text = site.metrics.text(health.as_ref(), site.pages.count());
    Ok(([(header::CONTENT_TYPE, METRICS)], text).into_response())
}
