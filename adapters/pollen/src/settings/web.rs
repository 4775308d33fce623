//! What is settled of the web page.

use super::STAFF_MAX;
use super::reader::{Reader, Table};
use std::net::{Ipv4Addr, SocketAddr};
use web::IpNet;

/// What is settled of the web page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Web {
    /// Whether `serve` opens it.
    pub(crate) enabled: bool,
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// The address that people know it by.
    pub(crate) address: Option<String>,
    /// Whose word about clients' addresses is believed.
    pub(crate) proxies: Vec<IpNet>,
    /// Sites that may show the chat.
    pub(crate) embed: Vec<String>,
    /// Messages of one person in a minute.
    pub(crate) per_person: u32,
    /// Messages from one address in a minute.
    pub(crate) per_address: u32,
    /// Who may stand at the desk; empty: whoever knows its password.
    pub(crate) staff: Vec<String>,
}

/// Sites and proxies: more is no list that anybody keeps by hand.
const LIST_MAX: usize = 50;
/// Above that there is no limit to speak of.
const A_MINUTE_MAX: u32 = 100_000;

impl Default for Web {
    fn default() -> Web {
        Web {
            enabled: false,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            address: None,
            proxies: Vec::new(),
            embed: Vec::new(),
            per_person: 20,
            per_address: 240,
            staff: Vec::new(),
        }
    }
}

/// Reads the table `[web]`.
pub(super) fn read<'a>(reader: &mut Reader<'a>, root: &Table<'a>) -> Web {
    let table = reader.table(root, "web");
    let known =
        ["enabled", "listen", "address", "proxies", "embed", "per_person", "per_address", "staff"];
    reader.only(&table, &known);
    let usual = Web::default();
    let listen = reader.parsed(&table, "listen", |text| text.parse().ok(), "an address of this machine with a port, like \"127.0.0.1:8080\"; \"0.0.0.0:8080\" is open to others");
    let address = reader.url(&table, "address").map(|url| url.trim_end_matches('/').to_owned());
    if address.as_deref().is_some_and(|address| !is_site(address)) {
        reader.wrong(&table, "address", "`address` must be a site without a path, like \"https://ask.library.example\": the pages know no other place".to_owned());
    }
    Web {
        enabled: reader.flag(&table, "enabled").unwrap_or(usual.enabled),
        listen: listen.unwrap_or(usual.listen),
        address,
        proxies: reader.parsed_list(
            &table,
            "proxies",
            LIST_MAX,
            net,
            "addresses or networks, like \"127.0.0.1\" or \"10.0.0.0/8\"",
        ),
        embed: reader.parsed_list(
            &table,
            "embed",
            LIST_MAX,
            site,
            "sites, like \"https://library.example\"; \"*\" is every site",
        ),
        per_person: reader.count(&table, "per_person", A_MINUTE_MAX).unwrap_or(usual.per_person),
        per_address: reader.count(&table, "per_address", A_MINUTE_MAX).unwrap_or(usual.per_address),
        staff: reader.texts(&table, "staff", STAFF_MAX),
    }
}

fn net(text: &str) -> Option<IpNet> {
    let address = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

fn site(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/');
    (text == "*" || is_site(text)).then(|| text.to_owned())
}

/// Whether this is `https://` or `http://`, a host and perhaps a port, and nothing that could end a
/// line of a policy.
fn is_site(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    host.is_some_and(|host| !host.is_empty() && host.chars().all(fits))
}
