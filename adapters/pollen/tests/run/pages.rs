//! The library's own web pages, fetched by their sitemap.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use crate::program::{Patron, Running, run, sample, text};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A website on this machine: pages by their paths, and a sitemap of them.
struct Site {
    address: SocketAddr,
    pages: Arc<Mutex<Vec<(String, String)>>>,
}

impl Site {
    fn open(pages: &[(&str, &str)]) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site { address, pages: Arc::default() };
        for (path, page) in pages {
            site.put(path, page);
        }
        let pages = site.pages.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                let _head = lines.map_while(Result::ok).find(|line| line.is_empty());
                let path = first.split(' ').nth(1).unwrap_or_default();
                let answer = answer(address, &pages.lock().unwrap(), path);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        site
    }

    fn put(&self, path: &str, page: &str) {
        let mut pages = self.pages.lock().unwrap();
        pages.retain(|(at, _)| at != path);
        pages.push((path.to_owned(), page.to_owned()));
    }

    fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Writes it into a library's settings, as one that may be asked or as one that may not.
    fn settle(&self, library: &Path, may_be_asked: bool) {
        let path = library.join("pollen.toml");
        let mut settings = fs::read_to_string(&path).unwrap();
        let table = format!("[pages]\nsitemap = \"{}\"\n", self.at("/sitemap.xml"));
        settings = settings.replace("[pages]\n", &table);
        if may_be_asked {
            let server = format!("[pages]\nserver = \"{}\"\n", self.address);
            settings = settings.replace("[pages]\n", &server);
        }
        fs::write(path, settings).unwrap();
    }
}

fn answer(address: SocketAddr, pages: &[(String, String)], path: &str) -> String {
    let page = pages.iter().find(|(at, _)| at == path).map(|(_, page)| page.clone());
    let listed = pages.iter().map(|(at, _)| format!("http://{address}{at}\n"));
    let (status, kind, body) = match (path, page) {
        ("/sitemap.xml", _) => ("200 OK", "text/plain", listed.collect()),
        (_, Some(page)) => ("200 OK", "text/html", page),
        (_, None) => ("404 Not Found", "text/plain", String::new()),
    };
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: {kind}\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

const KILN: &str = "<title>The kiln</title><main><h1>Firing the pottery kiln</h1>\
                    <p>The kiln is fired on Thursdays. <a href=/book>Book a shelf</a>.</main>";
const QUESTION: &str = "firing the pottery kiln";

#[test]
fn pages_are_fetched_and_answered_with_their_address() {
    let (library, site) = (sample(), Site::open(&[("/kiln", KILN)]));
    let dir = library.path();
    site.settle(dir, true);
    let before = run(dir, &["index", "--json"], b"");
    let before: Value = serde_json::from_slice(&before.stdout).unwrap();
    assert_eq!(before.get("fetched"), None);
    let printed = run(dir, &["index", "--fetch", "--json"], b"");
    assert!(printed.status.success(), "{}", text(&printed.stderr));
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed["pages"].as_u64(), before["pages"].as_u64().map(|pages| pages + 1));
    assert_eq!((&printed["fetched"]["new"], &printed["fetched"]["kept"]), (&1.into(), &1.into()));

    let asked = run(dir, &["ask", "--json", QUESTION], b"");
    let asked: Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(asked["passages"][0]["kind"], "page", "{asked}");
    assert_eq!(asked["passages"][0]["url"], site.at("/kiln"));
    assert!(asked["passages"][0]["verified"].is_string(), "{asked}");
    let book = format!("Book a shelf ({}).", site.at("/book"));
    assert!(asked["text"].as_str().unwrap().contains(&book), "{asked}");

    // Without a sitemap its pages go.
    let settings = fs::read_to_string(dir.join("pollen.toml")).unwrap();
    fs::write(dir.join("pollen.toml"), settings.replace("\nsitemap = ", "\n# sitemap = ")).unwrap();
    assert!(run(dir, &["index"], b"").status.success());
    assert!(!dir.join("data/pages").exists());
    let output = run(dir, &["index", "--fetch"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no sitemap is settled: write"), "{output:?}");
}

#[test]
fn a_site_on_a_private_address_is_refused_and_the_doctor_says_so() {
    let (library, site) = (sample(), Site::open(&[("/kiln", KILN)]));
    let dir = library.path();
    site.settle(dir, false);
    let said = "127.0.0.1 is an address of this machine";
    let output = run(dir, &["index", "--fetch"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains(said), "{output:?}");
    // The files are indexed all the same.
    assert!(text(&output.stdout).contains("In the indexes: "), "{output:?}");
    let output = run(dir, &["doctor"], b"");
    let words = text(&output.stdout);
    let line = words.lines().find(|line| line.contains("pages  ")).unwrap_or_default();
    assert!(line.starts_with("WRONG") && line.contains(said), "{words}");
}

#[test]
fn the_doctor_says_what_a_sitemap_lists() {
    let (library, site) = (sample(), Site::open(&[("/kiln", KILN)]));
    site.settle(library.path(), true);
    let words = text(&run(library.path(), &["doctor"], b"").stdout);
    let said = format!("{} lists 1 page", site.at("/sitemap.xml"));
    assert!(words.contains(&said), "{words}");
}

#[test]
fn a_served_library_fetches_what_is_due_and_answers_it() {
    let (library, site) = (sample(), Site::open(&[("/kiln", KILN)]));
    site.settle(library.path(), true);
    let served = Running::serve(library.path());
    let mut patron = Patron::connect(library.path());
    served.says("changed files are live");
    let answer = patron.ask(QUESTION);
    assert!(answer.contains("fired on Thursdays"), "{answer}");
    // Another program fetches what has changed since; this one takes it over.
    site.put("/kiln", &KILN.replace("Thursdays", "Mondays"));
    let output = run(library.path(), &["index", "--fetch"], b"");
    assert!(text(&output.stdout).contains("Fetched: 1 page from the site, 0 new, 1 changed"));
    served.says("are live");
    let answer = patron.ask(QUESTION);
    assert!(answer.contains("fired on Mondays"), "{answer}");
}
