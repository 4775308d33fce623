//! Discord for tests: its REST API (version 10) and its gateway, on one port; strict, and loud about
//! what it does not know.
//!
//! ```no_run
//! use peers::discord::{Discord, Reply, Settings, User};
//! use std::time::Duration;
//!
//! let peer = Discord::start(Settings::default()).unwrap();
//! // The bot: `HttpBuilder::new(peer.token()).proxy(peer.address()).ratelimiter_disabled(true)`.
//! let owner = peer.add_user(User::new("Owner"));
//! let guild = peer.add_guild("Library", owner);
//! let channel = peer.add_channel(guild, "help");
//! let ana = peer.add_user(User::new("Ana").locale("fr"));
//! peer.join(ana, guild);
//! assert!(peer.wait_until(Duration::from_secs(5), |peer| peer.is_connected()));
//! let asked = peer.command(ana, channel, "ask", &[("question", "hours?".into())]);
//! let answered = |peer: &Discord| peer.interaction(asked).reply.is_some();
//! assert!(peer.wait_until(Duration::from_secs(3), answered));
//! assert!(matches!(peer.interaction(asked).reply, Some(Reply::Deferred(_))));
//! peer.assert_content();
//! ```
//!
//! In reading order: how it is started ([`Settings`]); who is there ([`User`], [`Channel`],
//! [`Permissions`] and the methods `add_…` and `set_…`); what people do (`say`, `edit`, `command`,
//! `type_option`, `message_command`, `press`, `choose`, `submit`, `block`, …); what the bot did
//! ([`Deed`], [`Message`], [`Interaction`]); what goes wrong on demand ([`Fault`], `cut`,
//! `break_gateway`, `ask_to_reconnect`, `invalidate`); what was wrong ([`Complaint`]).
//!
//! # What can be known of what the bot has taken in
//! Discord has no acknowledgement of events. A heartbeat names the last sequence that the client's
//! library has read, whatever became of it; a resumption does too. [`Discord::pending`] counts the
//! events past that, [`Discord::undelivered`] those that no connection was given. A bot that has
//! kept nothing of an event that it has read does not hear of it again: it has to look for messages
//! over REST (`after=`), and interactions are lost. Events for which there is no session are lost
//! at once.
//!
//! # What is true to Discord
//! Sources: Discord's documentation (gateway, rate limits, receiving and responding to interactions,
//! application commands, messages, threads, permissions) and its published description of the API.
//! - **Gateway**: HELLO, IDENTIFY, READY with unavailable guilds, GUILD_CREATE for each; heartbeats;
//!   one identify in five seconds for each of `max_concurrency`, 1,000 a day, then the token is
//!   reset (REST refuses it too); RESUME tells all that was missed, then RESUMED; a client that
//!   closed with 1000 or 1001 cannot resume; privileged intents are closed with 4014; 120 payloads a
//!   minute; 4,096 bytes; shards by the guild's number, direct chats on shard 0.
//! - **Content** without its intent: direct chats, messages that mention the bot (replies that ping
//!   it too), its own, and what a message's menu hands over; over REST by the application's flag.
//! - **Permissions**: roles, then what a channel says of everyone, of roles, of a member; a thread
//!   has its channel's; private threads are for their members and who manages threads.
//! - **Interactions**: three seconds for the first answer, once; fifteen minutes for what follows;
//!   hidden or not is settled by the first answer, and the first follow-up to a deferral is the
//!   deferred answer. Their endpoints need no token of the bot and are not counted globally.
//! - **Bounds** of messages, embeds, rows, buttons, menus, forms, commands and their languages.
//! - **Rate limits** in headers and bodies as documented; 50 requests a second in all.
//!
//! # What it complains about
//! Unknown routes, unknown fields that say something, misshapen bodies, answers that are late, double or of the wrong
//! kind, asking before a `retry_after` is over, hiding what can no longer be hidden, too many or too
//! large payloads, a wrong token, identifying too often, heartbeats of what was never sent. With the
//! published description ([`Settings::description`]) also each body that does not fit it.
//!
//! # What is believed, but was not checked against a source
//! Five messages in five seconds a channel; how long a session can be resumed and a nonce is known
//! (settings); 4009 for a client that does not beat (here after one and a half intervals); that a
//! bot which cannot read the history gets an empty list; the statuses beside codes of locked and
//! archived threads, and of tokens that are too old; the words and codes inside `errors`; that a
//! nonce is looked up in the channel alone, and also finds a message that was deleted; that whoever
//! a message pings is brought into a private thread; that only what is shown to everybody makes
//! events. Numbers are snowflakes of the peer's clock; the bot's user and application are one.
//!
//! # What is not modelled
//! TLS, compression, encodings other than JSON; op 8, presences, voice (op 3 is taken and means
//! nothing); events of joining, typing and reactions; reactions, pins, polls, stickers, forums,
//! announcements, stages, forwarding, crossposts, webhooks that are not an interaction's; components
//! of the second version, text fields under labels; permissions of commands and who may use them;
//! bodies of files (all that is kept is their size, and nothing is served); invalid requests that
//! lead to a ban ([`Discord::answered_with`] counts them); limits of other routes; slow mode; threads
//! that fall asleep by themselves; time-outs of members; users who install the application.

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
