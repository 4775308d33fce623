//! What a library settles of its web page.

use ipnet::IpNet;
use jiff::SignedDuration;
use knowledge::Lang;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// What a library settles of its web page.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The address that people know it by, from `https://` on and without a `/` at the end; where it
    /// listens if there is none.
    pub address: Option<String>,
    /// Proxies whose word about their clients' addresses is believed.
    pub proxies: Vec<IpNet>,
    /// Sites that may show the chat, as `https://library.example`; with `*` all may.
    pub embed: Vec<String>,
    /// Messages that one person may write in a minute.
    pub per_person: u32,
    /// Messages and presses that may come from one address in a minute, all people behind it
    /// together.
    pub per_address: u32,
    /// The library's name, by language.
    pub name: BTreeMap<Lang, String>,
    /// The languages of the page, the library's own first; never empty.
    pub langs: Vec<Lang>,
    /// The language of the desk.
    pub desk_lang: Lang,
    /// How long a conversation is kept.
    pub keep: SignedDuration,
    /// The desk's password as argon2 hash, in PHC form; without one nobody can sign in.
    pub desk_password: Option<String>,
    /// Who may stand at the desk, by name; empty: whoever knows the password.
    pub staff: Vec<String>,
}

impl Settings {
    /// Whether people reach it by https, so that cookies may be kept to that.
    pub(crate) fn is_https(&self) -> bool {
        self.address.as_ref().is_some_and(|address| address.starts_with("https://"))
    }

    /// The library's name.
    pub(crate) fn name(&self, lang: Lang) -> &str {
        let names = &self.name;
        let name = names.get(&lang).or_else(|| names.get(&self.langs[0]));
        name.or_else(|| names.values().next()).map_or("", String::as_str)
    }

    /// Whether what this address says about its clients is believed.
    pub(crate) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(&address))
    }

    /// Whether somebody of this name may stand at the desk.
    pub(crate) fn may_stand_at_desk(&self, name: &str) -> bool {
        self.staff.is_empty() || self.staff.iter().any(|known| known == name)
    }

    /// The first of the languages wished for that the page has, else the library's own.
    pub(crate) fn pick(&self, wished: impl IntoIterator<Item = Lang>) -> Lang {
        wished.into_iter().find(|lang| self.langs.contains(lang)).unwrap_or(self.langs[0])
    }
}
