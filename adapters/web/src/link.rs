//! The web page as the driver knows it.

use crate::line::{DESK, Line};
use crate::server;
use crate::settings::Settings;
use crate::site::Site;
use crate::translate::{Translator, network};
use axum::Router;
use bot::{Capabilities, MessageId, Network, PlaceKind};
use contract::{
    Cursor, Intake, Keepsake, Link, LinkError, Parcel, Sent, Store, StoreError, Translate,
};
use jiff::SignedDuration;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// The link of network `web`.
pub struct Web {
    listener: TcpListener,
    address: SocketAddr,
    site: Arc<Site>,
}

/// Why the page cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Something else listens there: stop it, or write another address.
    #[error(
        "something else listens at {0} already; stop it, or write another address for `listen` under [web] in pollen.toml"
    )]
    Taken(SocketAddr),
    /// The address cannot be listened at: write another.
    #[error("cannot listen at {0}; write another address for `listen` under [web] in pollen.toml")]
    Unusable(SocketAddr, #[source] std::io::Error),
    /// The password's hash cannot be read: make it anew.
    #[error(
        "the desk's password is no hash that can be read; set it anew with `pollen init --password DIR`"
    )]
    Password,
}

/// How long a page shows what the library keeps nothing of.
const FAREWELL_STAYS: SignedDuration = SignedDuration::from_hours(1);

impl Web {
    /// What the page can do.
    pub const CAPABILITIES: Capabilities = Capabilities {
        edits: true,
        ephemeral: true,
        buttons: true,
        opens_direct: true,
        buttons_max: 8,
    };

    /// Takes the address. `beside` are routes of others on the same server: another network's
    /// deliveries, say. `key` is this library's own, for this use alone.
    ///
    /// # Errors
    /// [`OpenError`], before anything has been changed.
    pub fn open(
        settings: Settings,
        beside: Router,
        store: Arc<dyn Store>,
        key: &[u8; 32],
    ) -> Result<Web, OpenError> {
        if settings
            .desk_password
            .as_deref()
            .is_some_and(|hash| !crate::desk::is_password_hash(hash))
        {
            return Err(OpenError::Password);
        }
        let listen = settings.listen;
        let unusable = |error: std::io::Error| {
            if error.kind() == std::io::ErrorKind::AddrInUse {
                OpenError::Taken(listen)
            } else {
                OpenError::Unusable(listen, error)
            }
        };
        let listener = TcpListener::bind(listen).map_err(unusable)?;
        listener.set_nonblocking(true).map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let site = Arc::new(Site::new(settings, beside, store, key));
        Ok(Web { listener, address, site })
    }

    /// Where it listens.
    pub fn listens_at(&self) -> SocketAddr {
        self.address
    }

    /// The address that people know it by.
    pub fn address(&self) -> String {
        self.site.settings.address.clone().unwrap_or_else(|| format!("http://{}", self.address))
    }

    /// Puts a message on the shelf of its place and tells the pages that show it.
    async fn put(&self, id: &str, parcel: &Parcel, changed: bool) -> Result<(), LinkError> {
        let Some(intake) = self.site.intake() else {
            return Err(LinkError::Lost("the server is not up".to_owned()));
        };
        let reply = parcel.reply().clone();
        let line = Line::Reply { at: intake.inside().now(), reply, changed };
        let to = &parcel.sending.to;
        let keep = match parcel.sending.changeable_until {
            Some(_) => self.site.settings.keep,
            // What nothing is to be kept of, a farewell to somebody who is forgotten.
            None => self.site.settings.keep.min(FAREWELL_STAYS),
        };
        let keepsake: Keepsake = match to.kind {
            PlaceKind::Desk => line.kept_at_desk(id, parcel.sending.case, keep),
            PlaceKind::Direct | PlaceKind::Shared => line.kept(&to.id, id, keep),
        };
        self.site.store.keep(&network(), &[keepsake]).await.map_err(lost_store)?;
        self.site.pages.ring(if to.kind == PlaceKind::Desk { DESK } else { &to.id });
        Ok(())
    }
}

/// Nothing was kept, for certain.
fn lost_store(error: StoreError) -> LinkError {
    LinkError::Lost(error.to_string())
}

#[async_trait::async_trait]
impl Link for Web {
    fn network(&self) -> Network {
        network()
    }

    fn capabilities(&self) -> Capabilities {
        Web::CAPABILITIES
    }

    fn knows_repeats(&self) -> bool {
        true
    }

    fn translator(&self) -> Arc<dyn Translate> {
        Arc::new(Translator)
    }

    async fn listen(&self, intake: Intake, _cursor: Option<Cursor>) -> Result<(), LinkError> {
        let lost = |error: std::io::Error| LinkError::Lost(error.to_string());
        let listener = self.listener.try_clone().map_err(lost)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(lost)?;
        self.site.sessions.load(&*self.site.store).await.map_err(lost_store)?;
        self.site.opens(intake.clone());
        intake.reachable(None).await;
        server::serve(listener, &self.site, &intake).await;
        Ok(())
    }

    async fn send(&self, parcel: &Parcel) -> Result<Sent, LinkError> {
        let id = format!("b-{}", parcel.sending.send);
        self.put(&id, parcel, false).await?;
        Ok(Sent { messages: vec![MessageId(id)] })
    }

    async fn change(&self, sent: &Sent, parcel: &Parcel) -> Result<(), LinkError> {
        let Some(message) = sent.messages.first() else {
            return Err(LinkError::Refused("no message to change".to_owned()));
        };
        self.put(&message.0, parcel, true).await
    }
}
