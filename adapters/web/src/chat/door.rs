//! Who comes in, and by which door: the library's own page, or one within another site's.

use crate::seal::{Use, chance};
use crate::site::Site;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use knowledge::Lang;
use std::convert::Infallible;
use std::sync::Arc;

/// The way by which somebody looks at the chat. Each has a cookie of its own: a browser keeps those
/// of a page within another site's apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// The library's own page.
    Own,
    /// Within another site's page.
    Embedded,
}

/// A person, by their cookie alone.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    pub(super) user: String,
    pub(super) door: Door,
    pub(super) lang: Lang,
}

/// The most that is read of a header that clients write.
const HEADER_MAX: usize = 4 * 1024;

impl Door {
    /// Who it is; `None` without a cookie that this library has made.
    fn guest(self, site: &Site, headers: &HeaderMap, lang: Lang) -> Option<Guest> {
        let user = cookies(headers, self.cookie()).find_map(|value| {
            let (user, seal) = value.split_once('.')?;
            site.seal.fits(Use::Person, user, seal).then(|| user.to_owned())
        })?;
        Some(Guest { user, door: self, lang })
    }

    /// The language of a page: what its address says, else what the browser is set to.
    pub(crate) fn lang(site: &Site, query: Option<&str>, headers: &HeaderMap) -> Lang {
        let named = query.and_then(|query| parameter(query, "lang"));
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let accepted = accepted.filter(|value| value.len() <= HEADER_MAX).unwrap_or_default();
        let named = named.as_deref().and_then(Lang::parse);
        site.settings.pick(named.into_iter().chain(by_weight(accepted)))
    }

    /// An address of the chat with what it must remember.
    pub(super) fn address(self, path: &str, lang: Lang) -> String {
        match self {
            Door::Own => format!("{path}?lang={lang}"),
            Door::Embedded if path == "/" => format!("/embed?in=embed&lang={lang}"),
            Door::Embedded => format!("{path}?in=embed&lang={lang}"),
        }
    }

    fn cookie(self) -> &'static str {
        match self {
            Door::Own => "pollen",
            Door::Embedded => "pollen-embedded",
        }
    }
}

impl Guest {
    /// The cookie that makes the browser this person's: a pseudonym and its seal, nothing else, for
    /// as long as a conversation is kept.
    pub(super) fn cookie(&self, site: &Site) -> Option<HeaderValue> {
        let (name, user) = (self.door.cookie(), &self.user);
        let seal = site.seal.of(Use::Person, user);
        let seconds = site.settings.keep.as_secs();
        let https = site.settings.is_https();
        let kept_to = match (self.door, https) {
            // A page within another site's gets no cookie without these (CHIPS).
            (Door::Embedded, true) => "SameSite=None; Secure; Partitioned",
            (Door::Own, true) => "SameSite=Lax; Secure",
            (Door::Own | Door::Embedded, false) => "SameSite=Lax",
        };
        let cookie =
            format!("{name}={user}.{seal}; Path=/; Max-Age={seconds}; HttpOnly; {kept_to}");
        HeaderValue::try_from(cookie).ok()
    }
}

/// How somebody comes in.
#[derive(Clone, Debug)]
pub(super) struct Entrance {
    pub(super) door: Door,
    /// The language of their page.
    pub(super) lang: Lang,
    /// Who it is, if the library has met them.
    pub(super) guest: Option<Guest>,
}

impl Entrance {
    pub(super) fn new(
        site: &Site,
        door: Door,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Entrance {
        let lang = Door::lang(site, query, headers);
        Entrance { door, lang, guest: door.guest(site, headers, lang) }
    }

    /// Who it is, or somebody new; `None` if the system has no chance to give.
    pub(super) fn anybody(&self) -> Option<Guest> {
        // 80 bits: nobody finds another by trying.
        let stranger = || Some(Guest { user: chance::<10>()?, door: self.door, lang: self.lang });
        self.guest.clone().or_else(stranger)
    }
}

impl FromRequestParts<Arc<Site>> for Entrance {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        site: &Arc<Site>,
    ) -> Result<Entrance, Infallible> {
        let query = parts.uri.query();
        let embedded = query.and_then(|query| parameter(query, "in")).as_deref() == Some("embed");
        let door = if embedded { Door::Embedded } else { Door::Own };
        Ok(Entrance::new(site, door, query, &parts.headers))
    }
}

/// The values of a cookie; a browser may send several of one name.
pub(crate) fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

/// A parameter of an address.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The languages of an `Accept-Language` header, those wished for most first (RFC 9110, 12.5.4).
fn by_weight(header: &str) -> Vec<Lang> {
    let mut wished: Vec<(f32, Lang)> = header
        .split(',')
        .filter_map(|one| {
            let mut parts = one.split(';');
            let lang = Lang::parse(parts.next()?.trim())?;
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
            Some((weight.unwrap_or(1.0), lang))
        })
        .collect();
    // A stable sort: of equal ones the first stays first.
    wished.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    wished.into_iter().filter(|(weight, _)| *weight > 0.0).map(|(_, lang)| lang).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::site;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_person_is_whom_the_library_made_a_cookie_for() {
        let site = site();
        let ben = Entrance::new(&site, Door::Own, None, &HeaderMap::new()).anybody().unwrap();
        let cookie = ben.cookie(&site).unwrap().to_str().unwrap().to_owned();
        let sent = cookie.split(';').next().unwrap().to_owned();
        let known = |cookie: &str, door: Door| {
            let headers = headers(header::COOKIE, cookie);
            door.guest(&site, &headers, Lang::EN).map(|guest| guest.user)
        };
        assert_eq!(known(&sent, Door::Own), Some(ben.user.clone()));
        assert_eq!(known(&format!("a=b; {sent}; c=d"), Door::Own), Some(ben.user.clone()));
        assert_eq!(known(&format!("pollen=forged.00; {sent}"), Door::Own), Some(ben.user));
        assert_eq!(known(&sent, Door::Embedded), None);
        for forged in ["pollen=", "pollen=ben", "pollen=ben.", "pollen=ben.00", "pollen=.", ""] {
            assert_eq!(known(forged, Door::Own), None, "{forged}");
        }
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    }

    #[test]
    fn the_page_speaks_the_language_that_is_wished_for_most() {
        let site = site();
        let lang = |query: Option<&str>, accepted: &str| {
            Door::lang(&site, query, &headers(header::ACCEPT_LANGUAGE, accepted)).to_string()
        };
        assert_eq!(lang(None, "fr-CA,fr;q=0.9,en;q=0.8"), "fr");
        assert_eq!(lang(None, "en;q=0.5, fr;q=0.7"), "fr");
        assert_eq!(lang(None, "de, fr;q=0, *"), "en");
        assert_eq!(lang(Some("in=embed&lang=fr"), "en"), "fr");
        assert_eq!(lang(Some("lang=xx"), "fr"), "fr");
    }
}
