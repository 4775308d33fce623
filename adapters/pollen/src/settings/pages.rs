//! What is settled of the library's own web pages.

use super::reader::{Range, Reader, Table};
use super::{DAY, HOUR, SERVER};
use jiff::SignedDuration;
use sources::{AlsoHost, Url};
use std::net::SocketAddr;
use std::time::Duration;

/// What is settled of the library's own web pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pages {
    /// Where their sitemap stands; without one none are fetched.
    pub(crate) sitemap: Option<Url>,
    /// Hosts that are asked beside the sitemap's own.
    pub(crate) hosts: Vec<AlsoHost>,
    /// How many are fetched at most.
    pub(crate) most: usize,
    /// How often.
    pub(crate) every: SignedDuration,
    /// The one address of this machine that is asked, in tests.
    pub(crate) server: Option<SocketAddr>,
}

/// Hosts: more are no one library's.
const HOSTS_MAX: usize = 20;

/// More often than hourly is a burden, less often than monthly is out of date.
const EVERY: Range<SignedDuration> =
    Range { least: HOUR, most: DAY.saturating_mul(30), say: "from 1 hour to 30 days" };

impl Default for Pages {
    fn default() -> Pages {
        Pages { sitemap: None, hosts: Vec::new(), most: sources::PAGES, every: DAY, server: None }
    }
}

impl Pages {
    /// The settings as the fetching takes them; `None` where no sitemap is named.
    pub(crate) fn for_sources(&self) -> Option<sources::Settings> {
        let usual = sources::Settings::new(self.sitemap.clone()?);
        Some(sources::Settings {
            hosts: self.hosts.clone(),
            most: self.most,
            every: self.every,
            // A test's own site needs no rest.
            pause: if self.server.is_some() { Duration::ZERO } else { usual.pause },
            local: self.server,
            ..usual
        })
    }
}

/// Reads the table `[pages]`.
pub(super) fn read<'a>(reader: &mut Reader<'a>, root: &Table<'a>) -> Pages {
    let table = reader.table(root, "pages");
    reader.only(&table, &["sitemap", "hosts", "most", "every", "server"]);
    let usual = Pages::default();
    let sitemap = reader.url(&table, "sitemap").and_then(|url| {
        let url = Url::parse(&url).ok();
        if url.is_none() {
            let words = "`sitemap` must be a whole web address, from https:// on";
            reader.wrong(&table, "sitemap", words.to_owned());
        }
        url
    });
    let most = reader.count(&table, "most", sources::PAGES_MAX as u32);
    Pages {
        sitemap,
        hosts: reader.parsed_list(
            &table,
            "hosts",
            HOSTS_MAX,
            AlsoHost::parse,
            "hosts without https://, like \"www.library.example\"",
        ),
        most: most.map_or(usual.most, |most| most as usize),
        every: reader.duration(&table, "every", &EVERY).unwrap_or(usual.every),
        server: reader.parsed(&table, "server", |text| text.parse().ok(), SERVER),
    }
}
