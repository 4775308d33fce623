//! Where a request comes from.

use crate::site::Site;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

/// The other end of the connection: a client, or a proxy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// The client's address, as far as it can be believed: what a proxy says counts only if the settings
/// name that proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address.
    pub(crate) address: IpAddr,
}

impl Client {
    /// What bounds are counted by: of IPv6 the network, since one household has a whole one.
    pub(crate) fn bounded_as(self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => IpAddr::V4(address),
                None => {
                    let mut octets = address.octets();
                    octets[8..].fill(0);
                    IpAddr::V6(octets.into())
                }
            },
        }
    }
}

impl FromRequestParts<Arc<Site>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Client, Infallible> {
        let peer = parts.extensions.get::<Peer>();
        let peer = peer.map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |peer| peer.0);
        let address = believed(peer, &parts.headers, |proxy| site.settings.is_proxy(proxy));
        Ok(Client { address })
    }
}

/// The client's address: from the right of `X-Forwarded-For`, where each proxy adds whom it heard,
/// the first that is no proxy of ours. What stands left of it anybody may have written.
fn believed(peer: IpAddr, headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let named = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.rsplit(','));
    let mut believed = peer;
    for name in named {
        if !is_proxy(believed) {
            break;
        }
        match name.trim().parse() {
            Ok(address) => believed = address,
            Err(_) => break,
        }
    }
    believed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let is_proxy = |address: IpAddr| address.to_string().starts_with("10.");
        believed(peer.parse().unwrap(), &headers, is_proxy).to_string()
    }

    #[test]
    fn only_proxies_that_are_named_are_believed() {
        assert_eq!(client("192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[""]), "10.0.0.1");
    }

    #[test]
    fn a_household_of_addresses_counts_as_one() {
        let bounded = |text: &str| Client { address: text.parse().unwrap() }.bounded_as();
        assert_eq!(bounded("2001:db8:1:2:3::1"), bounded("2001:db8:1:2:9::9"));
        assert_ne!(bounded("2001:db8:1:2::1"), bounded("2001:db8:1:3::1"));
        assert_eq!(bounded("::ffff:192.0.2.1"), bounded("192.0.2.1"));
    }
}
