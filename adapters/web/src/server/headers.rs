//! What every answer says about itself.

use crate::site::Site;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Nothing but the page's own files runs or is shown in it, and it sends nothing elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";

/// Sites that may show the page: set on the answers of pages that may be shown elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct ShownBy(pub(crate) String);

pub(super) async fn add(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    site.metrics.answered(response.status());
    let shown_by = response.extensions_mut().remove::<ShownBy>();
    let shown_by = shown_by.as_ref().map_or("'none'", |shown_by| &shown_by.0);
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(format!("{POLICY}{shown_by}")) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Addresses hold secret links and case numbers: no other site is told them.
    set(headers, header::REFERRER_POLICY, "no-referrer");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(
        headers,
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    // Pages hold what people say: no cache keeps them.
    set(headers, header::CACHE_CONTROL, "no-store");
    response
}

/// Sets a header that the answer has not set itself.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
