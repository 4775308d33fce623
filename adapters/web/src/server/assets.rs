//! The pages' own files: a few, packed once, kept by browsers for as long as they do not change.

use super::Refusal;
use super::refusal::{Asked, Refused};
use crate::seal::fingerprint;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::sync::LazyLock;

/// A file of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asset {
    Style,
    Htmx,
    Live,
    Icon,
}

/// Where a file stands: its address holds what its bytes come to, so a new version has a new one.
pub(crate) fn asset(asset: Asset) -> &'static str {
    &FILES[asset as usize].path
}

struct File {
    asset: Asset,
    path: String,
    kind: &'static str,
    plain: &'static [u8],
    packed: Vec<u8>,
}

static FILES: LazyLock<[File; 4]> = LazyLock::new(|| {
    [
        file(Asset::Style, "page.css", "text/css", include_bytes!("../../assets/page.css")),
        file(Asset::Htmx, "htmx.js", "text/javascript", include_bytes!("../../assets/htmx.min.js")),
        file(Asset::Live, "live.js", "text/javascript", include_bytes!("../../assets/live.js")),
        file(Asset::Icon, "icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
    ]
});

static WIDGET: LazyLock<File> = LazyLock::new(|| {
    // Its address is written into other sites' pages, so it stays the same.
    file(Asset::Live, "widget.js", "text/javascript", include_bytes!("../../assets/widget.js"))
});

/// How many digits of what a file's bytes come to stand in its address.
const DIGITS: usize = 12;

fn file(asset: Asset, name: &str, kind: &'static str, plain: &'static [u8]) -> File {
    let digits = fingerprint(&String::from_utf8_lossy(plain));
    let path = format!("/assets/{}-{name}", &digits[..DIGITS]);
    let mut packing = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes all that it is given.
    let packed = packing.write_all(plain).and_then(|()| packing.finish()).unwrap_or_default();
    File { asset, path, kind, plain, packed }
}

impl File {
    fn response(&self, headers: &HeaderMap, keep: &'static str) -> Response {
        let takes_packed = headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(',').any(|one| one.trim().starts_with("gzip")));
        let mut response = match takes_packed && !self.packed.is_empty() {
            true => {
                let gzip = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                ([gzip], self.packed.clone()).into_response()
            }
            false => self.plain.into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        response
    }
}

const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const AN_HOUR: &str = "public, max-age=3600";

pub(super) async fn get(
    Path(name): Path<String>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Refused> {
    let file = FILES.iter().find(|file| file.path.strip_prefix("/assets/") == Some(&name));
    let file = file.ok_or_else(|| asked.refuse(Refusal::NotFound))?;
    Ok(file.response(&headers, FOR_GOOD))
}

/// The script that puts the chat into other sites' pages.
pub(super) async fn widget(headers: HeaderMap) -> Response {
    WIDGET.response(&headers, AN_HOUR)
}

pub(super) async fn icon(headers: HeaderMap) -> Response {
    let icon = FILES.iter().find(|file| file.asset == Asset::Icon);
    icon.map_or_else(|| ().into_response(), |icon| icon.response(&headers, AN_HOUR))
}

/// Conversations are for those in them; the page itself may be found.
pub(super) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /c/\nDisallow: /desk\nDisallow: /events\n"
}
