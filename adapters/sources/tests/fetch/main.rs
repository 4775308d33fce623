//! Whole rounds against a small website on this machine, and a hub of models.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod hub;
mod site;

use jiff::{SignedDuration, Timestamp};
use site::{Says, Site};
use sources::{AlsoHost, Error, Report, Settings};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::Url;

/// A website, and a library that fetches its pages.
struct Stage {
    site: Site,
    data: TempDir,
    settings: Settings,
}

impl Stage {
    async fn open() -> Stage {
        let site = Site::open().await;
        let settings = Settings {
            local: Some(site.address),
            pause: Duration::ZERO,
            ..Settings::new(Url::parse(&site.at("/sitemap.xml")).unwrap())
        };
        Stage { site, data: tempfile::tempdir().unwrap(), settings }
    }

    /// A site of two pages.
    async fn of_two() -> Stage {
        let stage = Stage::open().await;
        stage.site.put("/rooms", Says::page("Rooms", "Book a room."));
        stage.site.put("/cards", Says::page("Cards", "Bring proof of address."));
        stage.site.put_sitemap("/sitemap.xml", &["/rooms", "/cards"]);
        stage
    }

    async fn try_fetch(&self) -> Result<Report, Error> {
        sources::fetch(&self.settings, self.data.path(), &|_| {}).await
    }

    async fn fetch(&self) -> Report {
        self.try_fetch().await.unwrap()
    }

    /// Why the sitemap was not read.
    async fn reason(&self) -> String {
        match self.try_fetch().await {
            Err(Error::Sitemap { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// What is kept, each page's text below our line.
    fn pages(&self) -> Vec<String> {
        let mut pages: Vec<String> = files(self.data.path())
            .iter()
            .map(|path| std::fs::read_to_string(path).unwrap())
            .map(|text| text.split_once('\n').unwrap().1.to_owned())
            .collect();
        pages.sort();
        pages
    }
}

fn files(data: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(data.join("pages")).into_iter().flatten().flatten();
    files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|e| e == "html"))
        .collect()
}

fn refused(report: &Report) -> Vec<&str> {
    report.refused.iter().map(|left| left.reason.as_str()).collect()
}

fn counts(report: &Report) -> [usize; 5] {
    [report.kept, report.new, report.changed, report.unchanged, report.gone.len()]
}

#[tokio::test]
async fn the_pages_of_a_sitemap_are_kept_and_say_where_they_stand() {
    let stage = Stage::of_two().await;
    let report = stage.fetch().await;
    assert_eq!(counts(&report), [2, 2, 0, 0, 0], "{report:?}");
    assert_eq!((report.refused, report.failed), (vec![], vec![]));
    let text = std::fs::read_to_string(&files(stage.data.path())[0]).unwrap();
    assert!(text.contains(&format!("<link rel=\"canonical\" href=\"{}", stage.site.at("/"))));
    assert_eq!(stage.pages().len(), 2);
}

#[tokio::test]
async fn the_program_says_who_it_is_and_asks_one_thing_after_the_other() {
    let stage = Stage::of_two().await;
    stage.fetch().await;
    let requests = stage.site.requests();
    let paths: Vec<_> = requests.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/robots.txt", "/sitemap.xml", "/rooms", "/cards"]);
    let agent = &requests[0].headers["user-agent"];
    assert!(agent.starts_with("pollen/") && agent.contains(&stage.site.at("")), "{agent}");
    assert!(!requests.iter().any(|asked| asked.headers.contains_key("referer")));
}

#[tokio::test]
async fn a_pause_lies_between_two_requests_and_robots_may_ask_for_a_longer_one() {
    let mut stage = Stage::of_two().await;
    stage.settings.pause = Duration::from_millis(100);
    let started = Instant::now();
    stage.fetch().await;
    assert!(started.elapsed() >= Duration::from_millis(300), "{:?}", started.elapsed());
    stage.site.put("/robots.txt", Says::new(200, "text/plain", "User-agent: *\nCrawl-delay: 0.3"));
    let started = Instant::now();
    stage.fetch().await;
    assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let stage = Stage::of_two().await;
    stage.site.put("/rooms", Says::page("Rooms", "Book.").with("etag", "\"1\""));
    let day = "Wed, 04 Mar 2026 10:00:00 GMT";
    stage.site.put("/cards", Says::page("Cards", "Bring.").with("last-modified", day));
    stage.fetch().await;
    stage.site.requests();
    let report = stage.fetch().await;
    assert_eq!(counts(&report), [2, 0, 0, 2, 0], "{report:?}");
    let asked = stage.site.requests();
    let of = |path: &str| &asked.iter().find(|asked| asked.path == path).unwrap().headers;
    assert_eq!(of("/rooms")["if-none-match"], "\"1\"");
    assert_eq!(of("/cards")["if-modified-since"], day);
    // What has changed is.
    stage.site.put("/rooms", Says::page("Rooms", "Book two days ahead.").with("etag", "\"2\""));
    let report = stage.fetch().await;
    assert_eq!(counts(&report), [2, 0, 1, 1, 0], "{report:?}");
    assert!(stage.pages()[1].contains("two days ahead"));
    // A page whose file somebody has taken away is asked for as if it were new.
    for file in files(stage.data.path()) {
        std::fs::remove_file(file).unwrap();
    }
    let report = stage.fetch().await;
    assert_eq!(counts(&report), [2, 2, 0, 0, 0], "{report:?}");
}

#[tokio::test]
async fn a_page_that_the_sitemap_says_is_as_it_was_is_not_asked_for() {
    let stage = Stage::of_two().await;
    let (rooms, cards) = (stage.site.at("/rooms"), stage.site.at("/cards"));
    let sitemap = |rooms_changed: &str| {
        let text = format!(
            "<urlset><url><loc>{rooms}</loc><lastmod>{rooms_changed}</lastmod></url>\
             <url><loc>{cards}</loc><lastmod>2026-01-02</lastmod></url></urlset>"
        );
        stage.site.put("/sitemap.xml", Says::new(200, "text/xml", text));
    };
    sitemap("2026-01-02");
    stage.fetch().await;
    stage.site.requests();
    assert_eq!(counts(&stage.fetch().await), [2, 0, 0, 2, 0]);
    assert_eq!(stage.site.asked(), Vec::<String>::new());
    sitemap("2999-01-01");
    stage.fetch().await;
    assert_eq!(stage.site.asked(), ["/rooms"]);
}

#[tokio::test]
async fn an_index_of_packed_sitemaps_is_followed_and_one_that_names_itself_ends() {
    let stage = Stage::of_two().await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    write!(packed, "<urlset><url><loc>{}</loc></url></urlset>", stage.site.at("/rooms")).unwrap();
    stage
        .site
        .put("/sitemap-1.xml.gz", Says::new(200, "application/gzip", packed.finish().unwrap()));
    stage.site.put_sitemap("/sitemap-2.xml", &["/cards"]);
    let named: String = ["/sitemap-1.xml.gz", "/sitemap-2.xml", "/sitemap.xml"]
        .map(|path| format!("<sitemap><loc>{}</loc></sitemap>", stage.site.at(path)))
        .concat();
    let index = format!("<sitemapindex>{named}</sitemapindex>");
    stage.site.put("/sitemap.xml", Says::new(200, "application/xml", index));
    let report = stage.fetch().await;
    assert_eq!(counts(&report), [2, 2, 0, 0, 0], "{report:?}");
    // One of them cannot be read: what it listed is not taken for gone, however often.
    stage.site.put("/sitemap-2.xml", Says::nothing(500));
    for _ in 0..3 {
        let report = stage.fetch().await;
        assert_eq!(counts(&report), [2, 0, 0, 1, 0], "{report:?}");
        assert!(report.failed[0].reason.contains("the site is in trouble (500)"), "{report:?}");
        assert_eq!(report.missing, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_plain_list_will_do() {
    let stage = Stage::of_two().await;
    let list = format!("# pages\n{}\n{}\n", stage.site.at("/rooms"), stage.site.at("/cards"));
    stage.site.put("/sitemap.xml", Says::new(200, "text/plain", list));
    assert_eq!(stage.fetch().await.kept, 2);
}

#[tokio::test]
async fn robots_txt_is_kept() {
    let stage = Stage::of_two().await;
    assert_eq!(stage.fetch().await.kept, 2);
    let forbid = |path: &str| {
        let text = format!("User-agent: *\nDisallow: {path}\n");
        stage.site.put("/robots.txt", Says::new(200, "text/plain", text));
    };
    stage.site.requests();
    // What may not be read any more is not kept either.
    forbid("/rooms");
    let report = stage.fetch().await;
    assert_eq!((report.kept, report.gone), (1, vec![stage.site.at("/rooms")]));
    assert!(report.refused[0].reason.contains("/robots.txt forbids it; let it say"));
    assert_eq!(stage.site.asked(), ["/cards"]);
    forbid("/sitemap");
    assert!(stage.reason().await.contains("/robots.txt forbids it"));
    // A site that cannot say what it allows is not asked; what is there stays.
    stage.site.put("/robots.txt", Says::nothing(500));
    assert!(stage.reason().await.contains("robots.txt, which says what may be read, could not"));
    assert_eq!(stage.pages().len(), 1);
    // One without a robots.txt allows everything.
    stage.site.put("/robots.txt", Says::nothing(403));
    assert_eq!(stage.fetch().await.kept, 2);
}

#[tokio::test]
async fn this_machine_is_asked_only_where_a_test_says_so() {
    let mut stage = Stage::of_two().await;
    stage.settings.local = None;
    let reason = stage.reason().await;
    assert!(reason.starts_with("127.0.0.1 is an address of this machine"), "{reason}");
    assert_eq!(stage.site.requests().len(), 0);
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused_when_it_is_resolved() {
    let mut stage = Stage::of_two().await;
    // The port is the site's own, and the exception for tests does not count for names.
    let port = stage.site.address.port();
    stage.settings.sitemap = Url::parse(&format!("http://localhost:{port}/sitemap.xml")).unwrap();
    let reason = stage.reason().await;
    assert!(reason.contains("localhost is an address of this machine"), "{reason}");
    assert_eq!(stage.site.requests().len(), 0);
}

#[tokio::test]
async fn redirects_are_followed_within_the_site_and_refused_into_private_networks() {
    let mut stage = Stage::of_two().await;
    let port = stage.site.address.port();
    stage.settings.hosts.push(AlsoHost::parse(&format!("localhost:{port}")).unwrap());
    let site = &stage.site;
    site.put("/moved", Says::to("/new#top"));
    site.put("/new", Says::page("New", "Here."));
    site.put("/metadata", Says::to("http://169.254.169.254/latest/meta-data/"));
    site.put("/mapped", Says::to("http://[::ffff:10.0.0.1]/"));
    site.put("/named", Says::to(&format!("http://localhost:{port}/rooms")));
    site.put("/other", Says::to("https://elsewhere.example/"));
    site.put("/file", Says::to("file:///etc/passwd"));
    site.put("/secret", Says::to(&format!("http://me:pw@{}/rooms", site.address)));
    site.put("/loop", Says::to("/loop"));
    site.put("/nowhere", Says::nothing(301));
    let paths = [
        "/moved",
        "/metadata",
        "/mapped",
        "/named",
        "/other",
        "/file",
        "/secret",
        "/loop",
        "/nowhere",
    ];
    site.put_sitemap("/sitemap.xml", &paths);
    let report = stage.fetch().await;
    assert_eq!(report.kept, 1, "{report:?}");
    let text = std::fs::read_to_string(&files(stage.data.path())[0]).unwrap();
    assert!(text.contains(&format!("href=\"{}\"", stage.site.at("/new"))), "{text}");
    let reason = |path: &str| {
        let address = stage.site.at(path);
        let left = report.refused.iter().find(|left| left.address == address);
        left.map(|left| left.reason.clone()).unwrap_or_default()
    };
    for (path, said) in [
        ("/metadata", "where a data centre tells its machines secrets (169.254.169.254)"),
        ("/mapped", "an address of a private network"),
        ("/named", "localhost is an address of this machine"),
        (
            "/other",
            "it leads to https://elsewhere.example/: elsewhere.example is not the sitemap's",
        ),
        ("/file", "only http:// and https:// addresses are asked"),
        ("/secret", "it carries a name or a password"),
        ("/loop", "it leads on more than 5 times"),
        ("/nowhere", "it leads on and does not say where"),
    ] {
        assert!(reason(path).contains(said), "{path}: {} {report:?}", reason(path));
    }
}

#[tokio::test]
async fn only_web_pages_of_a_bounded_length_are_read() {
    let stage = Stage::of_two().await;
    let site = &stage.site;
    site.put("/endless", Says::endless());
    site.put("/long", Says::new(200, "text/html", vec![b' '; (4 << 20) + 1]));
    site.put("/leaflet.pdf", Says::new(200, "application/pdf", "%PDF"));
    site.put("/unsaid", Says::new(200, "", "<h1>x</h1>"));
    site.put("/staff", Says::nothing(401));
    site.put("/none", Says::nothing(404));
    let pages = ["/endless", "/long", "/leaflet.pdf", "/unsaid", "/staff", "/none", "/rooms"];
    site.put_sitemap("/sitemap.xml", &pages);
    let started = Instant::now();
    let report = stage.fetch().await;
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(report.kept, 1, "{report:?}");
    let mut said = refused(&report);
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "it is application/pdf, and only web pages are read",
            "it is longer than 4 MB",
            "it is longer than 4 MB",
            "it says not what it is, and only web pages are read",
            "nothing stands there (404)",
            "the site does not give it to everybody (401)",
        ]
    );
}

#[tokio::test]
async fn a_page_goes_when_it_has_been_gone_twice() {
    let stage = Stage::of_two().await;
    stage.site.put("/hours", Says::page("Hours", "Ten to five."));
    stage.site.put_sitemap("/sitemap.xml", &["/rooms", "/cards", "/hours"]);
    stage.fetch().await;
    // One stands nowhere any more, one is not listed any more.
    stage.site.remove("/rooms");
    stage.site.put_sitemap("/sitemap.xml", &["/rooms", "/hours"]);
    let report = stage.fetch().await;
    assert_eq!(counts(&report), [3, 0, 0, 1, 0], "{report:?}");
    assert_eq!(report.missing, [stage.site.at("/rooms"), stage.site.at("/cards")]);
    // It was there again in between.
    stage.site.put("/rooms", Says::page("Rooms", "Book a room."));
    let report = stage.fetch().await;
    assert_eq!(report.gone, [stage.site.at("/cards")]);
    assert_eq!(counts(&report), [2, 0, 0, 2, 1], "{report:?}");
    stage.site.remove("/rooms");
    assert_eq!(stage.fetch().await.missing, [stage.site.at("/rooms")]);
    assert_eq!(stage.fetch().await.gone, [stage.site.at("/rooms")]);
    assert_eq!(stage.pages().len(), 1);
}

#[tokio::test]
async fn a_round_that_fails_leaves_what_is_there() {
    let stage = Stage::of_two().await;
    stage.fetch().await;
    let text = |text: &str| Says::new(200, "text/html", text);
    for (says, said) in [
        (text("<html><h1>Not found</h1></html>"), "it is no sitemap but <html>, a web page"),
        (text("<urlset><url><loc>https://a.example/</url>"), "broken XML in line 1"),
        (text("<urlset></urlset>"), "it lists no page"),
        (Says::nothing(404), "nothing stands there (404); write its address"),
        (Says::nothing(500), "the site is in trouble (500); see that"),
    ] {
        stage.site.put("/sitemap.xml", says);
        let reason = stage.reason().await;
        assert!(reason.contains(said), "{reason}");
        assert_eq!(stage.pages().len(), 2);
    }
    // Pages in trouble stay as they were, and are told.
    stage.site.put_sitemap("/sitemap.xml", &["/rooms", "/cards"]);
    stage.site.put("/rooms", Says::nothing(500));
    for _ in 0..3 {
        let report = stage.fetch().await;
        assert_eq!(counts(&report), [2, 0, 0, 1, 0], "{report:?}");
        assert_eq!(report.failed[0].address, stage.site.at("/rooms"));
    }
}

#[tokio::test]
async fn a_site_that_is_down_or_asks_for_rest_is_left_alone() {
    let stage = Stage::of_two().await;
    let pages: Vec<String> = (0..20).map(|n| format!("/{n}")).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    stage.site.put_sitemap("/sitemap.xml", &pages);
    for page in &pages {
        stage.site.put(page, Says::nothing(500));
    }
    let report = stage.fetch().await;
    assert_eq!((report.failed.len(), report.waiting), (5, 15), "{report:?}");
    for page in &pages {
        stage.site.put(page, Says::nothing(429).with("retry-after", "0"));
    }
    stage.site.requests();
    let report = stage.fetch().await;
    assert_eq!((report.failed.len(), report.waiting), (1, 19), "{report:?}");
    assert_eq!(report.stopped.as_deref(), Some("the site asks to be left alone (429)"));
    assert_eq!(stage.site.asked().len(), 2);
}

#[tokio::test]
async fn what_a_round_has_no_time_for_is_the_first_of_the_next() {
    let mut stage = Stage::of_two().await;
    stage.settings.pause = Duration::from_millis(200);
    stage.settings.round = Duration::from_millis(300);
    let report = stage.fetch().await;
    assert_eq!((report.new, report.waiting), (1, 1), "{report:?}");
    assert_eq!(stage.site.asked(), ["/rooms"]);
    stage.fetch().await;
    assert_eq!(stage.site.asked(), ["/cards"]);
}

#[tokio::test]
async fn a_page_with_two_addresses_is_taken_once() {
    let stage = Stage::of_two().await;
    stage.site.put("/book", Says::to("/rooms"));
    stage.site.put("/copy", Says::page("Cards", "Bring proof of address."));
    stage.site.put_sitemap("/sitemap.xml", &["/rooms", "/cards", "/book", "/copy"]);
    for _ in 0..2 {
        let report = stage.fetch().await;
        assert_eq!(report.kept, 2, "{report:?}");
        let same = |page: &str| format!("it is the same page as {}", stage.site.at(page));
        assert_eq!(refused(&report), [same("/rooms"), same("/cards")]);
    }
}

#[tokio::test]
async fn another_sitemap_takes_the_pages_of_the_first_away() {
    let mut stage = Stage::of_two().await;
    stage.fetch().await;
    stage.site.put("/hours", Says::page("Hours", "Ten to five."));
    stage.site.put_sitemap("/sitemap-new.xml", &["/rooms", "/hours"]);
    stage.settings.sitemap = Url::parse(&stage.site.at("/sitemap-new.xml")).unwrap();
    let report = stage.fetch().await;
    assert_eq!(counts(&report), [2, 1, 0, 1, 1], "{report:?}");
    assert!(sources::forget(stage.data.path()).unwrap());
    assert!(!sources::forget(stage.data.path()).unwrap());
}

#[tokio::test]
async fn the_next_round_is_due_after_a_while_and_soon_after_one_that_failed() {
    let mut stage = Stage::of_two().await;
    let now = Timestamp::now();
    let due = |stage: &Stage, hours: i64| {
        let now = now + SignedDuration::from_hours(hours);
        sources::due(&stage.settings, stage.data.path(), now).as_secs() / 60
    };
    assert_eq!(due(&stage, 0), 0);
    stage.fetch().await;
    assert!((23 * 60..=24 * 60).contains(&due(&stage, 0)), "{}", due(&stage, 0));
    assert_eq!(due(&stage, 25), 0);
    // A clock that was set back puts nothing off for long.
    assert_eq!(due(&stage, -1_000), 24 * 60);
    stage.site.remove("/sitemap.xml");
    stage.reason().await;
    assert!((58..=60).contains(&due(&stage, 0)), "{}", due(&stage, 0));
    stage.settings.sitemap = Url::parse(&stage.site.at("/other.xml")).unwrap();
    assert_eq!(due(&stage, 0), 0);
}

#[tokio::test]
async fn a_look_says_what_is_wrong_and_fetches_no_page() {
    let stage = Stage::of_two().await;
    let listed = sources::look(&stage.settings).await.unwrap();
    assert_eq!(listed, format!("{} lists 2 pages", stage.site.at("/sitemap.xml")));
    assert_eq!(stage.site.asked(), Vec::<String>::new());
    stage.site.put_sitemap("/sitemap.xml", &["/rooms", "https://elsewhere.example/x"]);
    let wrong = sources::look(&stage.settings).await.unwrap_err();
    assert!(wrong.contains("lists 1 page that may be read, and 1 that may not"), "{wrong}");
    stage.site.remove("/sitemap.xml");
    let wrong = sources::look(&stage.settings).await.unwrap_err();
    assert!(wrong.contains("nothing stands there (404)"), "{wrong}");
}
