//! The fetch guard: which addresses may be connected to, asked at every resolution and every
//! redirect.
//!
//! Whoever can write the library's sitemap, or stands behind a redirect of it, must not be able to
//! have the program ask the machines behind the library's own wall. So a name is resolved here
//! ([`Guard`] is the client's resolver: what was looked at is what is connected to), a literal
//! address is looked at before it is asked ([`Allowed::check`]), and one private address among
//! several is enough to refuse all of them.

use crate::Settings;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::LazyLock;
use url::{Host, Url};

/// Ports that are asked without being named in the settings: those of HTTP and HTTPS.
const PORTS: [u16; 2] = [80, 443];

/// Longest address that is asked, in bytes: browsers and servers stop at about as much.
const LONGEST: usize = 2_048;

/// Why an address is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// It leads into a network that is not the public one.
    #[error("{host} is {what} ({ip}), and only public addresses are asked")]
    NotPublic {
        /// As it was written.
        host: String,
        /// What it leads to.
        ip: IpAddr,
        /// What that is.
        what: &'static str,
    },
    /// It is on another site.
    #[error(
        "{0} is not the sitemap's own host; name it in `hosts` under [pages] if it is the library's"
    )]
    OtherHost(String),
    /// It names a port that the settings do not.
    #[error("port {0} is asked only where `sitemap` or `hosts` under [pages] names it")]
    Port(u16),
    /// It is not encrypted.
    #[error("only https:// addresses are asked for it, and {0} is asked in the open")]
    Open(String),
    /// It names a port of its own.
    #[error("{0} is asked at the usual port alone, and not at {1}")]
    OwnPort(String, u16),
    /// It is neither http nor https.
    #[error("only http:// and https:// addresses are asked")]
    Scheme,
    /// It carries a name or a password.
    #[error("it carries a name or a password, which is sent nowhere; take it out of the address")]
    Credentials,
    /// It leads from an encrypted connection to an open one.
    #[error("it leads from https:// back to http://, where others could write along")]
    Downgrade,
    /// It is too long.
    #[error("it is longer than {LONGEST} bytes")]
    Long,
}

/// The hosts and ports that may be asked.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    /// Ports by host, beside the usual ones; `None`: any host, over https at its usual port.
    hosts: Option<BTreeMap<String, BTreeSet<u16>>>,
    /// The one private address that may be asked, in tests.
    local: Option<SocketAddr>,
}

impl Allowed {
    /// What the settings allow: the sitemap's own host, and those that they name.
    pub(crate) fn by(settings: &Settings) -> Allowed {
        let mut hosts: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
        let own = settings.sitemap.host_str().unwrap_or_default().to_owned();
        hosts.entry(own).or_default().extend(settings.sitemap.port());
        for host in &settings.hosts {
            hosts.entry(host.host.clone()).or_default().extend(host.port);
        }
        Allowed { hosts: Some(hosts), local: settings.local }
    }

    /// Any public host, over https: for files whose checksums are known, and which are handed on to
    /// machines that nobody names beforehand.
    pub(crate) fn encrypted(local: Option<SocketAddr>) -> Allowed {
        Allowed { hosts: None, local }
    }

    /// Whether an address may be asked, as far as it says so itself; `from` is the one that led to
    /// it. Names are looked at when they are resolved.
    pub(crate) fn check(&self, url: &Url, from: Option<&Url>) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if url.as_str().len() > LONGEST {
            return Err(Refusal::Long);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        if url.scheme() == "http" && from.is_some_and(|from| from.scheme() == "https") {
            return Err(Refusal::Downgrade);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_ip(IpAddr::V4(ip), port)?,
            Some(Host::Ipv6(ip)) => self.check_ip(IpAddr::V6(ip), port)?,
            Some(Host::Domain(_)) | None => {}
        }
        let host = url.host_str().unwrap_or_default();
        let Some(hosts) = &self.hosts else { return self.check_encrypted(url, host, port) };
        let Some(ports) = hosts.get(host) else {
            return Err(Refusal::OtherHost(host.to_owned()));
        };
        if PORTS.contains(&port) || ports.contains(&port) {
            Ok(())
        } else {
            Err(Refusal::Port(port))
        }
    }

    fn check_encrypted(&self, url: &Url, host: &str, port: u16) -> Result<(), Refusal> {
        if self.local.is_some_and(|local| host == local.ip().to_string() && port == local.port()) {
            Ok(())
        } else if url.scheme() != "https" {
            Err(Refusal::Open(host.to_owned()))
        } else if url.port().is_some() {
            Err(Refusal::OwnPort(host.to_owned(), port))
        } else {
            Ok(())
        }
    }

    fn check_ip(&self, ip: IpAddr, port: u16) -> Result<(), Refusal> {
        if self.local == Some(SocketAddr::new(ip, port)) {
            return Ok(());
        }
        check_public(&ip.to_string(), ip)
    }
}

/// The client's resolver: names that lead to anything but the public network are refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            for address in &found {
                check_public(name.as_str(), address.ip())?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn check_public(host: &str, ip: IpAddr) -> Result<(), Refusal> {
    match not_public(ip) {
        Some(what) => Err(Refusal::NotPublic { host: host.to_owned(), ip, what }),
        None => Ok(()),
    }
}

/// What an address is, if it is not one of the public network.
pub(crate) fn not_public(ip: IpAddr) -> Option<&'static str> {
    let held = |nets: &[(IpNet, &'static str)], ip: IpAddr| {
        nets.iter().find(|(net, _)| net.contains(&ip)).map(|(_, what)| *what)
    };
    match ip {
        IpAddr::V4(_) => held(&NETS.v4, ip),
        IpAddr::V6(v6) => match within(v6) {
            Some(v4) => held(&NETS.v4, IpAddr::V4(v4)),
            None if NETS.global.contains(&ip) => held(&NETS.v6, ip),
            None => Some(held(&NETS.v6, ip).unwrap_or("an address that is not given out")),
        },
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped (::ffff:0:0/96), compatible (::/96) or
/// translated (64:ff9b::/96, NAT64).
fn within(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = ip.segments();
    let stands_for = match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => true,
        // ::1 and :: are addresses of their own.
        [0, 0, 0, 0, 0, 0] => high > 0,
        _ => false,
    };
    let [x, y] = high.to_be_bytes();
    let [z, w] = low.to_be_bytes();
    stands_for.then(|| Ipv4Addr::new(x, y, z, w))
}

struct Nets {
    v4: Vec<(IpNet, &'static str)>,
    v6: Vec<(IpNet, &'static str)>,
    /// All that is given out of IPv6.
    global: IpNet,
}

const THIS_MACHINE: &str = "an address of this machine";
const PRIVATE: &str = "an address of a private network";
const LINK: &str = "an address of the local network's own link";
const METADATA: &str = "the address where a data centre tells its machines secrets";
const MANY: &str = "an address of many machines at once";
const EXAMPLE: &str = "an address for examples and measurements";
const SET_ASIDE: &str = "an address that is set aside";

/// IANA's registries of special addresses (RFC 6890 and what came after), and the addresses of
/// metadata services that stand outside them. The first that fits names it.
static NETS: LazyLock<Nets> = LazyLock::new(|| {
    let nets = |nets: &[(&str, &'static str)]| {
        let net = |(net, what): &(&str, &'static str)| Some((net.parse().ok()?, *what));
        let read: Vec<(IpNet, &'static str)> = nets.iter().filter_map(net).collect();
        // Below, and read by a test.
        assert_eq!(read.len(), nets.len(), "every network in the list is written as one");
        read
    };
    Nets {
        v4: nets(&[
            ("169.254.169.254/32", METADATA),
            ("169.254.170.2/32", METADATA),
            ("100.100.100.200/32", METADATA),
            ("168.63.129.16/32", METADATA),
            ("0.0.0.0/8", THIS_MACHINE),
            ("10.0.0.0/8", PRIVATE),
            ("100.64.0.0/10", "an address behind a provider's own wall"),
            ("127.0.0.0/8", THIS_MACHINE),
            ("169.254.0.0/16", LINK),
            ("172.16.0.0/12", PRIVATE),
            ("192.0.0.0/24", SET_ASIDE),
            ("192.0.2.0/24", EXAMPLE),
            ("192.88.99.0/24", SET_ASIDE),
            ("192.168.0.0/16", PRIVATE),
            ("198.18.0.0/15", EXAMPLE),
            ("198.51.100.0/24", EXAMPLE),
            ("203.0.113.0/24", EXAMPLE),
            ("224.0.0.0/4", MANY),
            ("240.0.0.0/4", SET_ASIDE),
        ]),
        v6: nets(&[
            ("fd00:ec2::254/128", METADATA),
            ("fd20:ce::254/128", METADATA),
            ("::/127", THIS_MACHINE),
            ("64:ff9b:1::/48", PRIVATE),
            ("100::/64", SET_ASIDE),
            ("2001::/23", SET_ASIDE),
            ("2001:db8::/32", EXAMPLE),
            ("2002::/16", SET_ASIDE),
            ("3fff::/20", EXAMPLE),
            ("fc00::/7", PRIVATE),
            ("fe80::/10", LINK),
            ("fec0::/10", PRIVATE),
            ("ff00::/8", MANY),
        ]),
        global: IpNet::V6(ipnet::Ipv6Net::new_assert(
            Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0),
            3,
        )),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_networks_that_are_not_public_are_refused() {
        for (ip, what) in [
            ("127.0.0.1", THIS_MACHINE),
            ("127.255.255.254", THIS_MACHINE),
            ("0.0.0.0", THIS_MACHINE),
            ("0.1.2.3", THIS_MACHINE),
            ("10.1.2.3", PRIVATE),
            ("172.16.0.1", PRIVATE),
            ("172.31.255.255", PRIVATE),
            ("192.168.1.1", PRIVATE),
            ("100.64.0.1", "an address behind a provider's own wall"),
            ("100.127.255.255", "an address behind a provider's own wall"),
            ("169.254.1.1", LINK),
            ("169.254.169.254", METADATA),
            ("169.254.170.2", METADATA),
            ("100.100.100.200", METADATA),
            ("168.63.129.16", METADATA),
            ("192.0.2.1", EXAMPLE),
            ("198.51.100.1", EXAMPLE),
            ("203.0.113.9", EXAMPLE),
            ("198.19.0.1", EXAMPLE),
            ("192.0.0.8", SET_ASIDE),
            ("224.0.0.1", MANY),
            ("239.255.255.255", MANY),
            ("240.0.0.1", SET_ASIDE),
            ("255.255.255.255", SET_ASIDE),
            ("::", THIS_MACHINE),
            ("::1", THIS_MACHINE),
            ("::127.0.0.1", THIS_MACHINE),
            ("::ffff:127.0.0.1", THIS_MACHINE),
            ("::ffff:10.0.0.1", PRIVATE),
            ("::ffff:169.254.169.254", METADATA),
            ("64:ff9b::7f00:1", THIS_MACHINE),
            ("64:ff9b::a9fe:a9fe", METADATA),
            ("64:ff9b:1::1", PRIVATE),
            ("fd12:3456::1", PRIVATE),
            ("fd00:ec2::254", METADATA),
            ("fe80::1", LINK),
            ("febf::1", LINK),
            ("fec0::1", PRIVATE),
            ("ff02::1", MANY),
            ("2001:db8::1", EXAMPLE),
            ("3fff::1", EXAMPLE),
            ("2001::1", SET_ASIDE),
            ("2001:2::1", SET_ASIDE),
            ("2002:7f00:1::", SET_ASIDE),
            ("100::1", SET_ASIDE),
            ("4000::1", "an address that is not given out"),
            ("5f00::1", "an address that is not given out"),
        ] {
            assert_eq!(not_public(ip.parse().unwrap()), Some(what), "{ip}");
        }
    }

    #[test]
    fn addresses_of_the_public_network_are_asked() {
        for ip in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "223.255.255.255",
            "2606:4700::1",
            "2001:200::1",
            "2a00::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert_eq!(not_public(ip.parse().unwrap()), None, "{ip}");
        }
    }

    fn allowed(sitemap: &str, hosts: &[&str], local: Option<&str>) -> Allowed {
        let settings = Settings {
            hosts: hosts.iter().filter_map(|host| crate::AlsoHost::parse(host)).collect(),
            local: local.map(|local| local.parse().unwrap()),
            ..Settings::new(Url::parse(sitemap).unwrap())
        };
        Allowed::by(&settings)
    }

    fn refusal(allowed: &Allowed, url: &str, from: Option<&str>) -> String {
        let from = from.map(|from| Url::parse(from).unwrap());
        let checked = allowed.check(&Url::parse(url).unwrap(), from.as_ref());
        checked.err().map(|refusal| refusal.to_string()).unwrap_or_default()
    }

    #[test]
    fn only_the_sitemaps_host_and_those_named_are_asked() {
        let allowed =
            allowed("https://a.example:8443/s.xml", &["b.example", "c.example:8080"], None);
        for good in [
            "https://a.example/x",
            "http://a.example/x",
            "https://a.example:8443/x",
            "https://b.example/",
            "http://c.example:8080/",
            "https://A.EXAMPLE/",
        ] {
            assert_eq!(refusal(&allowed, good, None), "", "{good}");
        }
        for (bad, said) in [
            ("https://sub.a.example/", "sub.a.example is not the sitemap's own host"),
            ("https://a.example.evil.example/", "is not the sitemap's own host"),
            ("https://b.example:8443/", "port 8443 is asked only where"),
            ("https://a.example:22/", "port 22"),
            ("ftp://a.example/", "only http:// and https://"),
            ("file:///etc/passwd", "only http:// and https://"),
            ("https://me:secret@a.example/", "carries a name or a password"),
            ("https://me@a.example/", "carries a name or a password"),
            ("http://127.0.0.1/", "127.0.0.1 is an address of this machine"),
            ("http://2130706433/", "127.0.0.1 is an address of this machine"),
            ("http://0x7f.1/", "127.0.0.1 is an address of this machine"),
            ("http://[::ffff:10.0.0.1]/", "is an address of a private network"),
            ("http://169.254.169.254/latest/meta-data", "tells its machines secrets"),
        ] {
            let refusal = refusal(&allowed, bad, None);
            assert!(refusal.contains(said), "{bad}: {refusal}");
        }
        let long = format!("https://a.example/{}", "x".repeat(LONGEST));
        assert!(refusal(&allowed, &long, None).contains("longer than"));
    }

    #[test]
    fn a_redirect_goes_up_to_https_and_never_back() {
        let allowed = allowed("https://a.example/s.xml", &[], None);
        assert_eq!(refusal(&allowed, "https://a.example/", Some("http://a.example/")), "");
        let back = refusal(&allowed, "http://a.example/", Some("https://a.example/"));
        assert!(back.contains("back to http://"), "{back}");
    }

    #[test]
    fn the_address_for_tests_is_that_one_alone() {
        let sitemap = "http://127.0.0.1:4000/s.xml";
        let none = allowed(sitemap, &[], None);
        assert!(refusal(&none, sitemap, None).contains("an address of this machine"));
        let one = allowed(sitemap, &["127.0.0.2", "127.0.0.1:4001"], Some("127.0.0.1:4000"));
        assert_eq!(refusal(&one, sitemap, None), "");
        for other in ["http://127.0.0.1:4001/", "http://127.0.0.1/", "http://127.0.0.2/"] {
            assert!(refusal(&one, other, None).contains("this machine"), "{other}");
        }
    }
}
