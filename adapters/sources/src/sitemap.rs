//! Reads a sitemap: the addresses of a site's pages, or of further sitemaps (sitemaps.org 0.9), or
//! a plain list with an address a line; each also packed.

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use std::io::Read;
use url::Url;

/// Longest sitemap, unpacked: 50,000 addresses, the most that a file may have, of 200 bytes.
pub(crate) const BYTES_MAX: usize = 10 << 20;

/// Addresses that are read of one file: those above are said to be left out.
pub(crate) const ADDRESSES_MAX: usize = 50_000;

/// Longest address, and longest day, that is read, in bytes.
const TEXT_MAX: usize = 2_048;

/// Deepest nesting; a sitemap has three levels, with extensions four.
const DEEPEST: usize = 32;

/// What a sitemap holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sitemap {
    /// Further sitemaps.
    Index(Vec<Listed>),
    /// Pages.
    Pages(Vec<Listed>),
}

/// An address, and when what stands there changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) address: String,
    pub(crate) changed: Option<Timestamp>,
}

/// Reads a sitemap as it came; the words say what is wrong with it.
pub(crate) fn read(bytes: &[u8]) -> Result<Sitemap, String> {
    let unpacked = unpacked(bytes, BYTES_MAX)?;
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii();
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "it is not UTF-8 text, which sitemaps must be".to_owned())?;
    if text.starts_with('<') { xml(text) } else { list(text) }
}

/// The bytes of what came packed (gzip); `None` if it did not.
pub(crate) fn unpacked(bytes: &[u8], most: usize) -> Result<Option<Vec<u8>>, String> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(None);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(most as u64 + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| format!("it is packed (gzip) and cannot be unpacked: {error}"))?;
    if unpacked.len() > most {
        return Err(format!("unpacked it is longer than {} MB", most >> 20));
    }
    Ok(Some(unpacked))
}

/// A plain list: an address a line, empty lines and lines with `#` passed over.
fn list(text: &str) -> Result<Sitemap, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut listed = Vec::new();
    for line in lines.filter(|line| !line.starts_with('#')).take(ADDRESSES_MAX + 1) {
        if line.len() > TEXT_MAX || Url::parse(line).is_err() {
            let shown: String = line.chars().take(60).collect();
            return Err(format!(
                "it is neither a sitemap nor a list with an address a line: \"{shown}\""
            ));
        }
        listed.push(Listed { address: line.to_owned(), changed: None });
    }
    Ok(Sitemap::Pages(listed))
}

/// What stands open in the file.
#[derive(Default)]
struct Open {
    /// Names of the open elements, without prefixes.
    names: Vec<String>,
    text: String,
    address: Option<String>,
    changed: Option<Timestamp>,
}

fn xml(text: &str) -> Result<Sitemap, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut open, mut listed, mut root) = (Open::default(), Vec::new(), None);
    loop {
        let at = reader.buffer_position();
        let broken = |what: String| {
            let line = 1 + text.as_bytes()[..(at as usize).min(text.len())]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            format!("it is broken XML in line {line} ({what}), and nothing of it is used")
        };
        match reader.read_event().map_err(|error| broken(error.to_string()))? {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                if open.names.is_empty() && root.replace(root_of(&name)?).is_some() {
                    return Err(broken("it begins twice".to_owned()));
                }
                if open.names.len() == DEEPEST {
                    return Err(broken(format!("its elements stand {DEEPEST} deep")));
                }
                open.names.push(name);
                open.text.clear();
            }
            Event::Text(words) => open.push(&words),
            Event::CData(words) => open.push(&words),
            Event::GeneralRef(name) => match referred(&name) {
                Some(letter) => open.push(letter.encode_utf8(&mut [0; 4])),
                None => return Err(broken("it names a letter that is not known".to_owned())),
            },
            Event::End(_) => {
                if let Some(one) = open.end().filter(|_| listed.len() <= ADDRESSES_MAX) {
                    listed.push(one);
                }
            }
            Event::Eof => break,
            Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
    if !open.names.is_empty() {
        return Err("it ends early, as if cut off, and nothing of it is used".to_owned());
    }
    match root {
        Some(Root::Index) => Ok(Sitemap::Index(listed)),
        Some(Root::Pages) => Ok(Sitemap::Pages(listed)),
        None => Err("it is empty".to_owned()),
    }
}

#[derive(Clone, Copy)]
enum Root {
    Index,
    Pages,
}

fn root_of(name: &str) -> Result<Root, String> {
    match name {
        "urlset" => Ok(Root::Pages),
        "sitemapindex" => Ok(Root::Index),
        other => {
            let shown: String = other.chars().take(40).collect();
            let mend = if other.eq_ignore_ascii_case("html") { ", a web page" } else { "" };
            Err(format!("it is no sitemap but <{shown}>{mend}; look for its address in robots.txt"))
        }
    }
}

impl Open {
    fn push(&mut self, text: &str) {
        if self.text.len() + text.len() <= TEXT_MAX {
            self.text.push_str(text);
        } else {
            // An address that is too long is none: this one cannot be asked.
            self.text.truncate(0);
            self.text.push(' ');
        }
    }

    /// Closes an element; gives the address that is whole with it.
    fn end(&mut self) -> Option<Listed> {
        let name = self.names.pop()?;
        let text = std::mem::take(&mut self.text);
        // `<image:loc>` and the like stand one level deeper.
        match (name.as_str(), self.names.len()) {
            ("loc", 2) => self.address = Some(text.trim().to_owned()),
            ("lastmod", 2) => self.changed = day(text.trim()),
            ("url" | "sitemap", 1) => {
                let changed = self.changed.take();
                let address = self.address.take().filter(|address| !address.is_empty())?;
                return Some(Listed { address, changed });
            }
            _ => {}
        }
        None
    }
}

fn referred(name: &BytesRef<'_>) -> Option<char> {
    if name.is_char_ref() {
        return name.resolve_char_ref().ok().flatten();
    }
    match name.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// A day or a time as W3C writes them; the end of what it names, so that a change within that day
/// is not missed. `None` for what cannot be read: then the page is asked.
fn day(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let end = |date: Date| -> Option<Timestamp> {
        Some(date.tomorrow().ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
    };
    if text.len() == 10
        && let Ok(date) = text.parse::<Date>()
    {
        return end(date);
    }
    // Without a zone: somewhere on that day.
    let time: DateTime = text.parse().ok()?;
    end(time.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn addresses(text: &str) -> Vec<String> {
        match read(text.as_bytes()).unwrap() {
            Sitemap::Pages(listed) => listed.into_iter().map(|one| one.address).collect(),
            Sitemap::Index(_) => panic!("an index"),
        }
    }

    const PAGES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://i.example/">
  <url><loc> https://a.example/rooms?a=1&amp;b=2 </loc><lastmod>2026-02-03</lastmod>
    <image:image><image:loc>https://a.example/x.png</image:loc></image:image></url>
  <url><loc><![CDATA[https://a.example/caf%C3%A9]]></loc><lastmod>2026-02-03T10:00:00+01:00</lastmod></url>
  <url><loc/></url><url/>
  <!-- <url><loc>https://a.example/no</loc></url> -->
  <url><lastmod>yesterday</lastmod><loc>https://a.example/&#x41;</loc></url>
</urlset>"#;

    #[test]
    fn pages_are_read_with_the_time_of_their_change() {
        let Sitemap::Pages(listed) = read(PAGES.as_bytes()).unwrap() else { panic!("an index") };
        let told: Vec<_> = listed
            .iter()
            .map(|one| (one.address.as_str(), one.changed.map(|time| time.to_string())))
            .collect();
        assert_eq!(
            told,
            [
                ("https://a.example/rooms?a=1&b=2", Some("2026-02-04T00:00:00Z".to_owned())),
                ("https://a.example/caf%C3%A9", Some("2026-02-03T09:00:00Z".to_owned())),
                ("https://a.example/A", None),
            ]
        );
    }

    #[test]
    fn a_packed_one_reads_the_same() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(PAGES.as_bytes()).unwrap();
        let mut packed = packed.finish().unwrap();
        assert_eq!(read(&packed), read(PAGES.as_bytes()));
        packed.truncate(packed.len() / 2);
        assert!(read(&packed).unwrap_err().contains("cannot be unpacked"));
    }

    #[test]
    fn one_that_unpacks_to_far_more_than_it_is_worth_is_refused() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&vec![b' '; BYTES_MAX + 1]).unwrap();
        let said = read(&packed.finish().unwrap()).unwrap_err();
        assert!(said.contains("longer than 10 MB"), "{said}");
    }

    #[test]
    fn an_index_names_further_sitemaps() {
        let text = "<sitemapindex><sitemap><loc>https://a.example/1.xml.gz</loc></sitemap>\
                    </sitemapindex>";
        let listed = Listed { address: "https://a.example/1.xml.gz".to_owned(), changed: None };
        assert_eq!(read(text.as_bytes()), Ok(Sitemap::Index(vec![listed])));
    }

    #[test]
    fn a_plain_list_has_an_address_a_line() {
        let text = "\u{feff}# pages\r\nhttps://a.example/1\r\n\n  https://a.example/2  \n";
        assert_eq!(addresses(text), ["https://a.example/1", "https://a.example/2"]);
        assert_eq!(addresses(""), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_sitemap_is_refused_as_a_whole() {
        let entity = "<!DOCTYPE urlset [<!ENTITY x \"https://a.example/\">]>\
                      <urlset><url><loc>&x;</loc></url></urlset>";
        let deep = "<urlset>".to_owned() + &"<a>".repeat(100);
        for (text, said) in [
            ("<html><body>Not found</body></html>", "no sitemap but <html>, a web page"),
            ("<rss></rss>", "no sitemap but <rss>"),
            ("<urlset><url><loc>https://a.example/1</loc></url>", "it ends early"),
            ("<urlset>\n<url><loc>https://a.example/1</url></urlset>", "broken XML in line 2"),
            ("<urlset></urlset><urlset></urlset>", "it begins twice"),
            ("<!-- nothing -->", "it is empty"),
            ("Not found", "neither a sitemap nor a list"),
            (entity, "names a letter that is not known"),
            (&deep, "32 deep"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(read(b"<urlset>\xE9</urlset>").unwrap_err().contains("not UTF-8"));
    }

    #[test]
    fn an_address_that_is_too_long_is_left_out() {
        let long = "x".repeat(TEXT_MAX + 1);
        let text = format!("<urlset><url><loc>{long}</loc></url><url><loc>y</loc></url></urlset>");
        assert_eq!(addresses(&text), ["y"]);
    }
}
