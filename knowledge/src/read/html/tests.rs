//! Pages as people and programs write them.

use super::read;
use crate::read::Item;
use crate::read::input::Trouble;
use crate::{Lang, Section};
use std::io::Cursor;

/// What a page comes to: its sections, and what is refused of it.
fn all(bytes: &[u8]) -> (Vec<Section>, Vec<String>) {
    let (mut sections, mut refused) = (Vec::new(), Vec::new());
    for item in read(Box::new(Cursor::new(bytes.to_vec())), "pages/p.html".to_owned()) {
        match item {
            Ok(Item::Section(section)) => sections.push(section),
            Ok(other) => panic!("{other:?}"),
            Err(Trouble::Bad { position, reason }) => {
                refused.push(format!("{position}: {reason}"));
            }
            Err(Trouble::Broken { error, .. }) => panic!("{error}"),
        }
    }
    (sections, refused)
}

/// The sections of a page of which nothing is refused.
fn sections(page: &str) -> Vec<Section> {
    let (sections, refused) = all(page.as_bytes());
    assert_eq!(refused, Vec::<String>::new(), "{page}");
    sections
}

/// Heading and own text of each section.
fn told(page: &str) -> Vec<(String, String)> {
    sections(page).into_iter().map(|s| (s.heading.clone(), s.text[..s.own].to_owned())).collect()
}

/// The whole text of a page that has one section.
fn text(body: &str) -> String {
    let page = format!("<title>T</title>{body}");
    let mut sections = sections(&page);
    assert_eq!(sections.len(), 1, "{body}: {sections:?}");
    sections.swap_remove(0).text
}

/// Why nothing of a page is taken in.
fn reason(bytes: &[u8]) -> String {
    let (sections, mut refused) = all(bytes);
    assert_eq!((sections.len(), refused.len()), (0, 1), "{sections:?} {refused:?}");
    refused.swap_remove(0)
}

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Joining – Linden Library</title>
<link rel="shortlink canonical" href="https://library.example/join#top">
<meta name="Verified" content="2026-02-03"><style>p { color: red }</style></head>
<body><header><h1>Linden Library</h1><nav><ul><li>Home</ul></nav></header>
<main><article><header><h1>Joining &amp; cards</h1></header><p>Anybody may join.
It is   <b>free</b>.</p>
<h2 id="bring">What to <em>bring</em></h2><ul><li>proof of address<li><p>a smile</p></ul>
<h3>Children</h3><p>A parent signs.</p>
<h2><a name="lost card"></a>Lost cards</h2><table><tr><th>Adults<td>2 coins<tr><td>Others:<td>free</table>
</article></main><aside><h2>News</h2>Today</aside><footer>Imprint</footer><script>if (a < b) { "<h2>no</h2>" }</script>
"#;

#[test]
fn a_page_becomes_its_sections_without_what_stands_around_them() {
    let found = sections(PAGE);
    let shown: Vec<_> = found.iter().map(|s| (s.id.as_str(), s.heading.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("pages/p.html#joining-cards", "Joining & cards"),
            ("pages/p.html#bring", "What to bring"),
            ("pages/p.html#children", "Children"),
            ("pages/p.html#lost card", "Lost cards"),
        ]
    );
    let own: Vec<_> = found.iter().map(Section::own_text).collect();
    assert_eq!(
        own,
        [
            "Anybody may join. It is free.",
            "- proof of address\n- a smile",
            "A parent signs.",
            "Adults, 2 coins\nOthers: free"
        ]
    );
    let urls: Vec<_> = found.iter().map(|s| s.url.as_deref().unwrap()).collect();
    assert_eq!(
        urls,
        [
            "https://library.example/join",
            "https://library.example/join#bring",
            "https://library.example/join",
            "https://library.example/join#lost%20card",
        ]
    );
    for section in &found {
        assert_eq!(section.page, "Joining & cards");
        assert_eq!(section.lang, Some(Lang::EN));
        assert_eq!(section.verified.unwrap().to_string(), "2026-02-03");
    }
}

#[test]
fn a_section_goes_up_to_the_next_heading_of_its_level_or_a_higher_one() {
    let found = sections("<h1>A</h1>a<h2>B</h2>b<h3>C</h3>c<h4>D</h4>d<h2>E</h2>e<h1>F</h1>f");
    let texts: Vec<_> = found.iter().map(|s| (s.text.as_str(), s.own)).collect();
    assert_eq!(
        texts,
        [
            ("a\nB\nb\nC\nc\nD\nd\nE\ne", 1),
            ("b\nC\nc\nD\nd", 1),
            ("c\nD\nd", 5),
            ("e", 1),
            ("f", 1)
        ]
    );
    // A heading with nothing of its own is found by what stands below it.
    let found = sections("<h1>Fees</h1><h2>Late</h2>20p<h2>Lost</h2>");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].own_text(), found[1].own_text()), ("Late\n20p\nLost", "20p"));
}

#[test]
fn what_stands_above_the_first_heading_goes_under_the_title() {
    let found = sections("<title> Rooms </title><p>Book one.<h2>Cost</h2>Free.");
    assert_eq!((found[0].id.as_str(), found[0].heading.as_str()), ("pages/p.html", "Rooms"));
    assert_eq!((found[0].text.as_str(), found[1].page.as_str()), ("Book one.", "Rooms"));
    assert_eq!(found[1].headings(), ["Cost", "Rooms Cost"]);
    assert_eq!((found[0].lang, found[0].verified, found[0].url.clone()), (None, None, None));
}

#[test]
fn awkward_pages_are_read_as_a_browser_shows_them() {
    for (body, expected) in [
        ("one<br>two<hr>three", "one\ntwo\nthree"),
        ("<p>one<p>two<div>three</p>four", "one\ntwo\nthree\nfour"),
        ("one <b>two</i> three", "one two three"),
        ("<p hidden>no<p>yes", "yes"),
        ("<div hidden><p>no<div>no</div></div>yes", "yes"),
        ("<ul><li hidden>no<ul><li>no</ul><li>yes</ul>", "- yes"),
        ("<span style='DISPLAY : none'>no</span>yes", "yes"),
        ("<div><span aria-hidden=true>no</div>yes", "yes"),
        ("<div hidden=until-found>yes</div>", "yes"),
        ("<div role=Navigation>no</div>yes", "yes"),
        ("<nav><nav>no</nav>no</nav>yes", "yes"),
        ("<svg><title>no</title><path/><g></svg>yes", "yes"),
        ("yes<svg/> too", "yes too"),
        ("<table><tr><td>a</div><td>b</table>c", "a, b\nc"),
        ("<!-- no --->yes<![CDATA[ no ]]>", "yes"),
        ("<noscript>no</noscript><template><p>no</template>yes", "yes"),
        ("<textarea><h1>no</h1></textarea>yes", "yes"),
        ("<dl><dt>When<dd>Now<dt>Where</dl>", "When\nNow\nWhere"),
        ("&lt;b&gt; &eacute;&#233;&#x1F600;&nbsp;&unknown; &#0;x", "<b> éé😀 &unknown; \u{fffd}x"),
        ("a\u{0}b\u{202e}c", "a bc"),
        ("<p>yes<p", "yes"),
        ("left<nav>no</nav>right", "left\nright"),
        ("<main>yes</main>no<div role=main>also</div>", "yes\nalso"),
        ("no<main>yes", "yes"),
    ] {
        assert_eq!(text(body), expected, "{body}");
    }
}

#[test]
fn links_say_where_they_lead() {
    let at = "<link rel=canonical href='https://a.example/rooms/?x=1'>";
    for (body, expected) in [
        ("<a href=/book>Book</a> now", "Book (https://a.example/book) now"),
        ("<a href='big'> the <b>big</b> one </a>.", "the big one (https://a.example/rooms/big)."),
        ("<a href='http://b.example/(1)'>b</a>", "b (http://b.example/%281%29)"),
        ("<a href='mailto:desk@a.example?subject=x'>Write</a>", "Write (desk@a.example)"),
        ("<a href='mailto:desk@a.example'>desk@A.example</a>", "desk@A.example"),
        ("<a href='https://www.b.example/'>b.example</a>", "b.example"),
        ("<a href='#cost'>Cost</a> <a href='?x=1#y'>here</a>", "Cost here"),
        ("<a href='tel:123'>123</a> <a href='javascript:x()'>x</a> <a name=y>y</a>", "123 x y"),
        ("<a href=/a>a <a href=/b>b</a>", "a b (https://a.example/b)"),
        ("<a href=/a><p>a</p><p>b</p></a>", "a (https://a.example/a)\nb"),
        ("<a href=/a><img alt=no></a>x", "x"),
        ("<nav><a href=/a>no</a></nav><a href=/b>b", "b (https://a.example/b)"),
        ("<base href=/fr/><a href=b>b</a>", "b (https://a.example/fr/b)"),
        ("<h4>On <a href=/a>a</a></h4>x", "On a (https://a.example/a)\nx"),
    ] {
        assert_eq!(text(&format!("{at}{body}")), expected, "{body}");
    }
    // A page that does not say where it stands has links of whole addresses alone.
    assert_eq!(
        text("<a href=/a>a</a> <a href=https://b.example/>b</a>"),
        "a b (https://b.example/)"
    );
    let long = format!("<a href='https://b.example/{}'>b</a>", "x".repeat(500));
    assert_eq!(text(&long), "b");
    let heading = sections("<title>T</title><h1><a href=https://b.example/>H</a></h1>x");
    assert_eq!(heading[0].heading, "H");
}

#[test]
fn menus_and_notices_are_known_by_what_they_are_called() {
    for (body, expected) in [
        ("<div id=Header>no</div>yes<div id=footer>no</div>", "yes"),
        ("<div class='col sidebar'>no</div>yes", "yes"),
        ("<ol class=breadcrumb><li>no</ol>yes", "yes"),
        ("<div id=onetrust-consent-sdk>no</div>yes", "yes"),
        ("<div class='cookie-notice is-open'>no</div>yes", "yes"),
        ("<section id=cookie_banner>no</section>yes", "yes"),
        ("<body class=cookie-notice>yes</body>", "yes"),
        ("<main id=sidebar class=navbar>yes</main>", "yes"),
        ("<article class=cookies><p class=header>Our cookies</p></article>", "Our cookies"),
        ("<div class=has-sidebar>yes</div>", "yes"),
        ("<section id=menu><h4 id=menu>Menu</h4>Soup</section>", "Menu\nSoup"),
        ("<a class=skip-link href=#main>no</a>yes", "yes"),
    ] {
        assert_eq!(text(body), expected, "{body}");
    }
}

#[test]
fn the_day_on_which_a_page_was_fetched_gives_way_to_a_librarians() {
    let day = |head: &str| {
        let page = format!("<meta name=fetched content=2026-03-04>{head}<h1>T</h1>x");
        sections(&page)[0].verified.map(|day| day.to_string()).unwrap_or_default()
    };
    assert_eq!(day(""), "2026-03-04");
    assert_eq!(day("<meta name=verified content=2026-01-02>"), "2026-01-02");
    // The line above a fetched page comes before what it says of its own address.
    let page = "<!DOCTYPE html><link rel=canonical href=https://a.example/1>\n                <html lang=fr><link rel=canonical href=https://b.example/2><h1>T</h1>x";
    let found = sections(page);
    assert_eq!(
        (found[0].url.as_deref(), found[0].lang),
        (Some("https://a.example/1"), Some(Lang::FR))
    );
}

#[test]
fn headings_are_found_however_they_are_written() {
    for (page, expected) in [
        ("<h2>One<h2>Two</h3>text", vec![("Two", "text")]),
        ("<h1>A<br>b <i>c</i></h1>x", vec![("A b c", "x")]),
        ("<h1>T</h1>x<h2><img alt=no></h2>y", vec![("T", "x\ny")]),
        ("<H1 ID=a>T</H1>x<h1 id=a>T</h1>y", vec![("T", "x"), ("T", "y")]),
        ("<h1>T <span hidden>no</span></h1>x", vec![("T", "x")]),
        ("<h1><div>T</div></h1>x", vec![("T", "x")]),
        ("<header><h1>Site</h1></header><h1>T</h1>x", vec![("T", "x")]),
        ("<h1>Hero</h1><main>x<h2>H</h2>y</main>", vec![("Hero", "x"), ("H", "y")]),
    ] {
        let expected: Vec<_> =
            expected.into_iter().map(|(h, t)| (h.to_owned(), t.to_owned())).collect();
        assert_eq!(told(page), expected, "{page}");
    }
    let same = sections("<h1>T</h1>x<h1>T</h1>y<h1 id=t-2>T</h1>z<h1>???</h1>w");
    let ids: Vec<_> = same.iter().map(|s| s.id.trim_start_matches("pages/p.html#")).collect();
    assert_eq!(ids, ["t", "t-2", "t-2-2", "section"]);
}

#[test]
fn other_encodings_are_read_where_they_are_declared() {
    let page = |head: &str, bytes: &[u8]| [head.as_bytes(), b"<h1>T</h1>", bytes].concat();
    let latin = b"caf\xE9 \x80";
    for bytes in [
        page("<meta charset=iso-8859-1>", latin),
        page("<META http-equiv=content-type content='text/html; charset=windows-1252'>", latin),
        page("<meta charset=utf-16>", "café €".as_bytes()),
        page("", "café €".as_bytes()),
        page("\u{feff}<meta charset=iso-8859-1>", "café €".as_bytes()),
        b"\xFF\xFE"
            .iter()
            .copied()
            .chain("<h1>T</h1>café €".encode_utf16().flat_map(u16::to_le_bytes))
            .collect(),
        page("<meta charset=shift_jis>", b"<!--\x83\x5C-->caf&eacute; &euro;"),
    ] {
        let (sections, refused) = all(&bytes);
        assert_eq!(refused, Vec::<String>::new());
        assert_eq!(sections[0].text, "café €");
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_mend() {
    let long = vec![b' '; super::LONGEST_PAGE as usize + 1];
    for (bytes, expected) in [
        (&b""[..], ": it has no text outside its menus"),
        (b"<title>T</title><div id=app></div><script>x</script>", ": it has no text outside"),
        (b"\x1f\x8b\x08\x00", "line 1: it is not UTF-8 text, and says no other encoding; save"),
        (b"<h1>a</h1>\n\xE9", "line 2: it is not UTF-8 text, and says no other"),
        (b"<meta charset=utf8>\xE9", "line 1: it is not UTF-8 text, as it says; save it as"),
        (b"<meta charset=klingon>x", ": it says that its encoding is \"klingon\", which no"),
        (b"just text", "section \"\": it has neither a heading nor a `<title>`"),
        (&long, ": it is longer than 8 MB"),
    ] {
        let reason = reason(bytes);
        assert!(reason.starts_with(expected), "{reason}");
    }
}

#[test]
fn a_wrong_date_is_named_and_the_page_is_read_undated() {
    let (sections, refused) = all(b"<meta name=verified content='3 May 2026'><h1>T</h1>x");
    assert_eq!((sections.len(), sections[0].verified), (1, None));
    assert!(refused[0].contains("\"3 May 2026\", which is not a date"), "{refused:?}");
}

#[test]
fn one_section_that_is_too_long_leaves_the_others_alone() {
    let long = "word ".repeat(30_000);
    let page = format!("<h1>T</h1>x<h2>Long</h2>{long}<h2>Next</h2>y<h2>{long}");
    let (sections, refused) = all(page.as_bytes());
    let told: Vec<_> = sections.iter().map(|s| s.heading.as_str()).collect();
    assert_eq!(told, ["T", "Next"]);
    assert!(sections[0].text.len() < 2 * super::sections::BELOW + 100);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].starts_with("section \"Long\": its text is longer than"), "{refused:?}");
}

#[test]
fn nesting_has_a_bound_and_a_hundred_deep_is_far_below_it() {
    let page = |deep: usize| format!("<h1>T</h1>{}x", "<div><b>".repeat(deep));
    assert_eq!(sections(&page(100))[0].text, "x");
    assert!(reason(page(600).as_bytes()).contains("1000 deep"));
    assert!(reason("<a href=x><div>".repeat(400_000).as_bytes()).contains("1000 deep"));
}

#[test]
fn pages_made_to_cost_much_cost_little() {
    let many = |piece: &str| piece.repeat(512 * 1024 / piece.len());
    for body in [
        many("<p>"),
        many("</b>"),
        many("<b></i></p></b>"),
        many("&amp;&lol9;"),
        many("<li><p><li>"),
        many("<h2>a</h2>b"),
        many("<h2></h2>"),
        many("<table><tr><td></table>"),
        many("<!--"),
        many("<"),
        many("<a b='"),
        format!("<!DOCTYPE html [ {} ]>&c;", many("<!ENTITY c \"&b;&b;&b;\">")),
        format!("<p {}>", many("a=1 b=2 ")),
    ] {
        let started = std::time::Instant::now();
        let (found, refused) = all(format!("<title>T</title>{body}").as_bytes());
        assert!(found.len() <= 1_000 && refused.len() <= 2, "{} {refused:?}", &body[..20]);
        let took = started.elapsed();
        assert!(took.as_secs() < 20, "{}: {took:?}", &body[..20]);
    }
}
