//! A small website on this machine, that says what it is told to and notes what it was asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is said at a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Says {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Whether it never ends.
    endless: bool,
    /// After how many bytes of the body it breaks off.
    cut: Option<usize>,
}

impl Says {
    pub(crate) fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Says {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        Says { status, headers, body: body.into(), ..Says::default() }
    }

    pub(crate) fn page(title: &str, body: &str) -> Says {
        let page = format!("<title>{title}</title><main><h1>{title}</h1><p>{body}</main>");
        Says::new(200, "text/html; charset=utf-8", page)
    }

    pub(crate) fn to(location: &str) -> Says {
        Says::new(302, "text/plain", "").with("location", location)
    }

    pub(crate) fn nothing(status: u16) -> Says {
        Says::new(status, "text/plain", "no")
    }

    pub(crate) fn endless() -> Says {
        Says { endless: true, ..Says::new(200, "text/html", "<h1>On and on</h1>") }
    }

    /// Bytes, of which those are sent that are asked for.
    pub(crate) fn bytes(body: impl Into<Vec<u8>>) -> Says {
        Says::new(200, "application/octet-stream", body).with("accept-ranges", "bytes")
    }

    /// The same, but it breaks off after some bytes.
    pub(crate) fn cut(self, after: usize) -> Says {
        Says { cut: Some(after), ..self }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Says {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// The website.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    says: Arc<Mutex<BTreeMap<String, Says>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    pub(crate) async fn open() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site { address, says: Arc::default(), asked: Arc::default() };
        let here = site.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(here.clone().serve(stream));
            }
        });
        site
    }

    /// The address of a path.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn put(&self, path: &str, says: Says) {
        self.says.lock().unwrap().insert(path.to_owned(), says);
    }

    pub(crate) fn remove(&self, path: &str) {
        self.says.lock().unwrap().remove(path);
    }

    /// A sitemap of these paths of the site, or of whole addresses.
    pub(crate) fn put_sitemap(&self, path: &str, pages: &[&str]) {
        let url = |page: &&str| {
            let page = if page.starts_with('/') { self.at(page) } else { (*page).to_owned() };
            format!("<url><loc>{page}</loc></url>")
        };
        let pages: String = pages.iter().map(url).collect();
        self.put(path, Says::new(200, "application/xml", format!("<urlset>{pages}</urlset>")));
    }

    /// The paths that were asked for since the last look, without what is asked every time.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.requests().into_iter().map(|asked| asked.path);
        asked.filter(|path| path != "/robots.txt" && !path.starts_with("/sitemap")).collect()
    }

    /// The requests since the last look.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    async fn serve(self, mut stream: TcpStream) {
        while let Some(asked) = request(&mut stream).await {
            let says = self.says.lock().unwrap().get(&asked.path).cloned();
            let mut says = says.unwrap_or_else(|| Says::nothing(404));
            let header = |name: &str| {
                says.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
            };
            let from = header("accept-ranges").and_then(|_| {
                asked.headers.get("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
            });
            let same = header("etag")
                .is_some_and(|tag| asked.headers.get("if-none-match") == Some(&tag))
                || header("last-modified")
                    .is_some_and(|day| asked.headers.get("if-modified-since") == Some(&day));
            self.asked.lock().unwrap().push(asked);
            if same {
                (says.status, says.body) = (304, Vec::new());
            }
            if let Some(from) = from.filter(|from| *from < says.body.len()) {
                let all = says.body.len();
                says = says.with("content-range", &format!("bytes {from}-{}/{all}", all - 1));
                (says.status, says.body) = (206, says.body.split_off(from));
            }
            let mut head = format!("HTTP/1.1 {} x\r\n", says.status);
            for (name, value) in &says.headers {
                head += &format!("{name}: {value}\r\n");
            }
            match says.endless {
                true => head += "connection: close\r\n\r\n",
                false => head += &format!("content-length: {}\r\n\r\n", says.body.len()),
            }
            if let Some(after) = says.cut {
                says.body.truncate(after);
                let _ = stream.write_all(&[head.as_bytes(), &says.body].concat()).await;
                return;
            }
            if stream.write_all(&[head.as_bytes(), &says.body].concat()).await.is_err() {
                return;
            }
            if says.endless {
                return go_on(stream).await;
            }
        }
    }
}

/// Says more, for as long as anybody listens.
async fn go_on(mut stream: TcpStream) {
    let more = "on ".repeat(10_000);
    while stream.write_all(more.as_bytes()).await.is_ok() {}
}

async fn request(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    Some(Asked { path, headers })
}
