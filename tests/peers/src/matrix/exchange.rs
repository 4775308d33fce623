//! One request and its answer, over a connection of their own.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::io;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// Asks a server, named by host and port. If the future is dropped, so is the connection.
///
/// A connection is never used twice: the server closes idle ones when it likes, and what is written
/// into one of those is lost without anybody having been told.
pub(crate) async fn exchange(
    server: &str,
    request: Request<Full<Bytes>>,
) -> io::Result<Response<Bytes>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let _driven = Abort(tokio::spawn(connection));
    let (head, body) = sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
    Ok(Response::from_parts(head, body.collect().await.map_err(io::Error::other)?.to_bytes()))
}

/// Host and port of an address such as `http://127.0.0.1:4711`.
pub(crate) fn host(address: &str) -> String {
    address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/').to_owned()
}

/// Ends a task when dropped.
struct Abort<T>(JoinHandle<T>);

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
