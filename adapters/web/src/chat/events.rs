//! What happens in a conversation, as server-sent events: the store's shelf, followed.
//!
//! Each line is an event `line` whose id is its version: a page that comes back says which it saw
//! last and gets what came after, whatever was restarted meanwhile. `typing` says that an answer is
//! being looked for.

use super::door::Entrance;
use super::{page, render};
use crate::line::Placed;
use crate::open::{News, OpenPage, Reader};
use crate::server::{Asked, Client, Refusal, Refused};
use crate::site::Site;
use crate::translate::chat as place_of;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use contract::Version;
use futures_util::Stream;
use futures_util::stream::unfold;
use maud::Markup;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// How many lines are read from a shelf at once.
const LINES_READ: usize = 50;
/// How often a stream on which nothing happens shows that it lives: proxies cut what is silent for
/// a minute.
const ALIVE: Duration = Duration::from_secs(20);

/// Shows a line; `None` once whoever looks may not see any more, which ends the stream.
pub(crate) type Show = Box<dyn Fn(&Site, &Placed) -> Option<Markup> + Send + Sync>;

/// A page that follows a shelf.
pub(crate) struct Following {
    pub(crate) site: Arc<Site>,
    pub(crate) shelf: String,
    /// The version that the page has seen.
    pub(crate) after: Version,
    pub(crate) open: OpenPage,
    /// Shows a line of it.
    pub(crate) show: Show,
}

/// The events of a patron's page.
pub(super) async fn chat(
    State(site): State<Arc<Site>>,
    entrance: Entrance,
    client: Client,
    asked: Asked,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let guest = entrance.guest.ok_or_else(|| asked.refuse(Refusal::Forged))?;
    let shelf = place_of(&guest.user).id;
    let open = site.pages.open(&shelf, Reader::Patron, client.bounded_as());
    let open = open.ok_or_else(|| asked.refuse(Refusal::Full))?;
    let after = seen(&uri, &headers);
    let show = Box::new(move |site: &Site, placed: &Placed| {
        Some(render::line(site, placed, Some(&page::acts(site, &guest))))
    });
    Ok(follow(Following { site, shelf, after, open, show }))
}

/// The version that a page saw last: the browser says it when it comes back by itself, the page's
/// address when it is new.
pub(crate) fn seen(uri: &Uri, headers: &HeaderMap) -> Version {
    let by_browser = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let by_page = uri.query().and_then(|query| super::door::parameter(query, "after"));
    let version = by_browser.map(str::to_owned).or(by_page).and_then(|text| text.parse().ok());
    version.map_or(Version::default(), Version)
}

/// Follows a shelf until the page is closed or the server stops.
pub(crate) fn follow(following: Following) -> Response {
    let streaming = Streaming::new(following);
    let events = unfold(streaming, |mut streaming| async {
        streaming.next().await.map(|event| (Ok::<_, Infallible>(event), streaming))
    });
    stream(events)
}

fn stream(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let alive = KeepAlive::new().interval(ALIVE);
    let mut response = Sse::new(events).keep_alive(alive).into_response();
    // A proxy that gathers an answer before it passes it on would hold the events back (nginx).
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

struct Streaming {
    following: Following,
    closing: tokio::sync::watch::Receiver<bool>,
    ready: VecDeque<Event>,
    told: News,
    /// Whether the shelf has been read since the page came.
    begun: bool,
}

impl Streaming {
    fn new(following: Following) -> Streaming {
        let closing = following.site.closing.subscribe();
        Streaming {
            following,
            closing,
            ready: VecDeque::new(),
            told: News::default(),
            begun: false,
        }
    }

    /// The next event; `None` once the server stops, or if the store cannot be read: the page comes
    /// back by itself.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let news = *self.following.open.news.borrow_and_update();
            if !self.begun || news.put != self.told.put {
                (self.begun, self.told.put) = (true, news.put);
                self.read().await?;
            } else if news.typing != self.told.typing {
                self.told.typing = news.typing;
                self.ready.push_back(Event::default().event("typing").data(""));
            } else {
                tokio::select! {
                    _ = self.closing.wait_for(|closing| *closing) => return None,
                    changed = self.following.open.news.changed() => changed.ok()?,
                }
            }
        }
    }

    /// Reads what is new on the shelf.
    async fn read(&mut self) -> Option<()> {
        let Following { site, shelf, after, show, .. } = &mut self.following;
        loop {
            let lines = site.lines_after(shelf, *after, LINES_READ).await;
            let lines = match lines {
                Ok(lines) => lines,
                Err(error) => {
                    tracing::error!("a conversation cannot be read: {error}");
                    return None;
                }
            };
            let Some(last) = lines.last() else { return Some(()) };
            *after = last.version;
            let more = lines.len() == LINES_READ;
            for placed in &lines {
                let html = show(site, placed)?.into_string();
                let event = Event::default().event("line").id(placed.version.0.to_string());
                self.ready.push_back(event.data(html));
            }
            if !more {
                return Some(());
            }
        }
    }
}
