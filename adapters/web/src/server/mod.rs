//! The server: connections and their limits, and which page stands at which address.

mod address;
mod assets;
mod fields;
mod headers;
mod limits;
mod operations;
mod refusal;

pub(crate) use address::Client;
pub(crate) use assets::{Asset, asset};
pub(crate) use fields::{Fields, is_key};
pub(crate) use headers::ShownBy;
pub(crate) use limits::Limits;
pub(crate) use refusal::{Asked, Refusal, Refused, is_by_script};

use crate::site::Site;
use crate::{chat, desk};
use address::Peer;
use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::routing::get;
use contract::Intake;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// Connections at once: a page holds one for its events and now and then a second.
const CONNECTIONS_MAX: usize = 1_536;
/// How long a client may take to send the head of a request, or to begin the next one on the same
/// connection.
const HEAD_WAIT: Duration = Duration::from_secs(15);
/// Bytes of a request's head: cookies and languages take a tenth of it.
const HEAD_MAX: usize = 32 * 1024;
/// How long requests that are being answered may take once the server stops.
const STOPS_WITHIN: Duration = Duration::from_secs(3);
/// How long to wait when no connection can be accepted, because the system has no room for more.
const NO_ROOM: Duration = Duration::from_millis(200);

/// Serves until nothing is taken in any more; then no connection is accepted, and what is being
/// answered is answered.
pub(crate) async fn serve(listener: TcpListener, site: &Arc<Site>, intake: &Intake) {
    let router = router(site.clone());
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let held = tokio::select! {
            () = intake.closed() => break,
            // Beyond the bound the system's own queue waits.
            held = room.clone().acquire_owned() => held,
        };
        let (stream, peer) = tokio::select! {
            () = intake.closed() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!("a connection cannot be accepted: {error}");
                    tokio::time::sleep(NO_ROOM).await;
                    continue;
                }
            },
        };
        let connection = graceful.watch(connection(stream, peer, router.clone()));
        tokio::spawn(async move {
            // A client that breaks off has nobody left to tell.
            let _ = connection.await;
            drop(held);
        });
    }
    site.closes();
    if tokio::time::timeout(STOPS_WITHIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests that were being answered are broken off");
    }
}

/// One client's connection.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send {
    // Small answers go out at once; a stream that cannot be told so is merely slower.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        request.map(axum::body::Body::new)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
}

fn router(site: Arc<Site>) -> Router {
    Router::new()
        .merge(chat::routes())
        .merge(desk::routes())
        .route("/assets/{name}", get(assets::get))
        .route("/widget.js", get(assets::widget))
        .route("/favicon.ico", get(assets::icon))
        .route("/robots.txt", get(assets::robots))
        .route("/health", get(operations::health))
        .route("/ready", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .fallback(refusal::not_found)
        .layer(middleware::from_fn_with_state(site.clone(), headers::add))
        .with_state(site.clone())
        .merge(site.beside.clone())
}
