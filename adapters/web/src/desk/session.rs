//! Who is signed in at the desk.

use super::name::is_name;
use crate::chat::cookies;
use crate::seal::{Use, chance, fingerprint};
use crate::server::{Asked, Fields, Refusal, Refused, is_by_script};
use crate::site::Site;
use crate::translate::network;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Redirect, Response};
use contract::{Keepsake, SHELF_MAX, Store, StoreError, Version};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The shelf of sessions. No place is called so.
const SHELF: &str = "sessions";
const COOKIE: &str = "pollen-desk";
/// How long a session lasts: a working day and its evening.
const LASTS: SignedDuration = SignedDuration::from_hours(12);

/// The sessions, by the fingerprints of their secrets; all of them are in the store too.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<String, Session>>);

/// A session. Its form is kept: it may have been written by an earlier version of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Session {
    staff: String,
    until: Timestamp,
}

impl Sessions {
    /// Reads them from the store.
    pub(crate) async fn load(&self, store: &dyn Store) -> Result<(), StoreError> {
        let kept = store.shelf(&network(), SHELF, Version::default(), SHELF_MAX).await?;
        let sessions = kept.into_iter().filter_map(|kept| {
            Some((kept.key, serde_json::from_slice::<Session>(&kept.value).ok()?))
        });
        *self.lock() = sessions.collect();
        Ok(())
    }

    /// Opens one; returns its secret.
    pub(super) async fn begin(
        &self,
        site: &Site,
        staff: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let Some(secret) = chance::<16>() else { return Ok(None) };
        let until = now.checked_add(LASTS).unwrap_or(Timestamp::MAX);
        let session = Session { staff: staff.to_owned(), until };
        self.keep(site, &fingerprint(&secret), &session).await?;
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.until > now);
        sessions.insert(fingerprint(&secret), session);
        Ok(Some(secret))
    }

    /// Ends one.
    pub(super) async fn end(
        &self,
        site: &Site,
        secret: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let over = Session { staff: String::new(), until: now };
        self.keep(site, &fingerprint(secret), &over).await?;
        self.lock().remove(&fingerprint(secret));
        Ok(())
    }

    async fn keep(&self, site: &Site, key: &str, session: &Session) -> Result<(), StoreError> {
        let keepsake = Keepsake {
            shelf: SHELF.to_owned(),
            key: key.to_owned(),
            cases: Vec::new(),
            // It holds no map whose keys could not be written.
            value: serde_json::to_vec(session).unwrap_or_default(),
            keep_until: session.until,
        };
        site.store.keep(&network(), &[keepsake]).await
    }

    /// Whose session it is, if it lasts.
    fn staff(&self, secret: &str, now: Timestamp) -> Option<String> {
        let sessions = self.lock();
        let session = sessions.get(&fingerprint(secret))?;
        (session.until > now).then(|| session.staff.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        // Every change above is whole before anything in it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cookie of a session, or the one that takes it away.
pub(super) fn cookie(site: &Site, secret: Option<&str>) -> Option<HeaderValue> {
    let secure = if site.settings.is_https() { "; Secure" } else { "" };
    let (value, seconds) = match secret {
        Some(secret) => (secret, LASTS.as_secs()),
        None => ("", 0),
    };
    let cookie = format!(
        "{COOKIE}={value}; Path=/desk; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    HeaderValue::try_from(cookie).ok()
}

/// A member of staff who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Staff {
    pub(super) name: String,
    pub(super) secret: String,
    /// The form token of their pages.
    pub(super) token: String,
}

impl Staff {
    fn of(site: &Site, headers: &HeaderMap) -> Option<Staff> {
        cookies(headers, COOKIE).find_map(|secret| {
            let name = signed_in(site, secret)?;
            let token = site.seal.of(Use::DeskForm, secret);
            Some(Staff { name, secret: secret.to_owned(), token })
        })
    }

    /// Whether their session still lasts.
    pub(super) fn is_signed_in(&self, site: &Site) -> bool {
        signed_in(site, &self.secret).is_some()
    }
}

/// Whose session it is, if it lasts and they may stand at the desk: the settings may name others by
/// now.
fn signed_in(site: &Site, secret: &str) -> Option<String> {
    let now = site.intake()?.inside().now();
    let name = site.sessions.staff(secret, now)?;
    (is_name(&name) && site.settings.may_stand_at_desk(&name)).then_some(name)
}

/// Whoever is not signed in is led to where one signs in, or told so where a script asks.
pub(super) enum SignedOut {
    Lead,
    Tell(Refused),
}

impl IntoResponse for SignedOut {
    fn into_response(self) -> Response {
        match self {
            SignedOut::Lead => Redirect::to("/desk/sign-in").into_response(),
            SignedOut::Tell(refused) => refused.into_response(),
        }
    }
}

impl FromRequestParts<Arc<Site>> for Staff {
    type Rejection = SignedOut;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Staff, SignedOut> {
        if let Some(staff) = Staff::of(site, &parts.headers) {
            return Ok(staff);
        }
        let looks = parts.method == Method::GET
            && !is_by_script(&parts.headers)
            && parts.uri.path() != "/desk/events";
        if looks {
            return Err(SignedOut::Lead);
        }
        let Ok(asked) = Asked::from_request_parts(parts, site).await;
        Err(SignedOut::Tell(asked.refuse(Refusal::SignedOut)))
    }
}

/// Something that a member of staff does: they are signed in, and the form is of their own page.
pub(super) struct Deed {
    pub(super) site: Arc<Site>,
    pub(super) staff: Staff,
    pub(super) fields: Fields,
    pub(super) asked: Asked,
    pub(super) by_script: bool,
}

impl FromRequest<Arc<Site>> for Deed {
    type Rejection = SignedOut;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Deed, SignedOut> {
        let (mut parts, body) = request.into_parts();
        let staff = Staff::from_request_parts(&mut parts, site).await?;
        let Ok(asked) = Asked::from_request_parts(&mut parts, site).await;
        let by_script = is_by_script(&parts.headers);
        let fields = Fields::from_request(Request::from_parts(parts, body), site).await;
        let fields = fields.map_err(SignedOut::Tell)?;
        if !site.seal.fits(Use::DeskForm, &staff.secret, fields.get("token")) {
            return Err(SignedOut::Tell(asked.refuse(Refusal::Forged)));
        }
        Ok(Deed { site: site.clone(), staff, fields, asked, by_script })
    }
}
