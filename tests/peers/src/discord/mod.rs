//! Discord for tests: its REST API (version 10) and its gateway, on one port.

mod settings;

mod ids;
mod permissions;

mod cast;
mod interactions;
mod message;
mod play;

mod deeds;
mod watch;

mod faults;
mod limits;

mod body;
mod check;
mod description;
mod gateway;
mod refusal;
mod rest;
mod server;
mod socket;
mod world;

pub use crate::telegram::Clock;
pub use cast::{Channel, ChannelKind, User};
pub use deeds::{Call, Complaint, Deed};
pub use description::DescriptionError;
pub use faults::{Fault, Trouble};
pub use gateway::intents;
pub use ids::{ChannelId, GuildId, InteractionId, MessageId, RoleId, UserId};
pub use interactions::{Did, Interaction, Reply};
pub use limits::Limits;
pub use message::{Message, Pings};
pub use permissions::Permissions;
pub use play::Saying;
pub use settings::{DESCRIPTION_VARIABLE, Settings};

use description::Description;
use jiff::{SignedDuration, Timestamp};
use server::Shared;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;
use world::World;

/// The server, running until it is dropped.
///
/// Its methods may be called from anywhere, inside a runtime or not: it has one of its own. Those
/// that make people do things panic where a person could not do them: that is the test's mistake.
pub struct Discord {
    shared: Arc<Shared>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

/// The server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The machine gives no port or no thread.
    #[error("nothing can be served on this machine")]
    Machine(#[from] std::io::Error),
    /// The description of the API is not usable.
    #[error("the description of Discord's API is not usable")]
    Description(#[from] DescriptionError),
}

impl Discord {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Those of [`StartError`].
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let description = settings.description.as_deref().map(Description::read).transpose()?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let mut world = World::new(settings, description);
        world.host = address.to_string();
        let shared = Arc::new(Shared::new(world));
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("discord").enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        runtime.spawn(server::serve(Arc::clone(&shared), listener));
        Ok(Self { shared, address, runtime: Some(runtime) })
    }

    /// What client libraries take as a proxy: `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the gateway is, as the API tells it.
    pub fn gateway_address(&self) -> String {
        self.shared.lock().gateway_address()
    }

    /// The bot's token.
    pub fn token(&self) -> String {
        self.shared.lock().settings.token.clone()
    }

    /// The bot, which is its application too.
    pub fn bot(&self) -> UserId {
        self.shared.lock().me
    }

    /// What time it is for the peer.
    pub fn now(&self) -> Timestamp {
        self.shared.lock().settings.clock.now()
    }

    /// Lets time pass, for the peer alone.
    pub fn advance(&self, by: SignedDuration) {
        self.shared.lock().settings.clock.advance(by);
        self.shared.wake();
    }

    /// Sets the peer's time.
    pub fn set_time(&self, to: Timestamp) {
        self.shared.lock().settings.clock.set(to);
        self.shared.wake();
    }

    /// Changes how much may be asked.
    pub fn set_limits(&self, limits: Limits) {
        self.shared.lock().settings.limits = limits;
    }
}

impl Drop for Discord {
    /// Ends all connections.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it is not allowed inside another runtime.
            runtime.shutdown_background();
        }
    }
}
