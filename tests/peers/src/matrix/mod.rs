//! A real Matrix homeserver for tests, and a proxy that watches what a bot says to it.
//!
//! ```no_run
//! use peers::matrix::{Limits, Proxy, Synapse};
//! use serde_json::json;
//! use std::time::Duration;
//!
//! let synapse = Synapse::start(Limits::none()).unwrap();
//! let proxy = Proxy::start(&synapse.address()).unwrap();
//! let bot = synapse.register("pollen", "secret", "BOT").unwrap();
//! // The bot: it knows `proxy.address()` as its homeserver; people talk with `synapse` directly.
//! let ana = synapse.register("ana", "secret", "PHONE").unwrap();
//! let room = json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [bot.user_id]});
//! let call = synapse.call("POST", "/_matrix/client/v3/createRoom", Some(&ana.access_token), Some(room));
//! let (_, made) = call.unwrap();
//! let room = made["room_id"].as_str().unwrap();
//! assert!(proxy.wait_until(Duration::from_secs(5), |proxy| proxy.invited(room)));
//! ```
//!
//! In reading order: the homeserver ([`Synapse`], [`Account`]) and how much it lets one do
//! ([`Limits`]); the proxy ([`Proxy`]), what it has seen, and what goes wrong on demand; what can
//! keep either from doing as asked ([`PeerError`]).
//!
//! # What is true to a homeserver in the world
//! Everything that Synapse does, for it is Synapse: a process of its own with a database on disk,
//! which can be killed and started again. It stands alone: no federation, no TLS, no presence, no
//! pushes (and so no counts of what is unread), no directory of people, no search. Passwords are
//! hashed cheaply, and whoever asks is registered.

mod synapse;

mod limits;

mod proxy;

mod error;

mod aside;
mod exchange;
mod folder;
mod process;

pub use error::PeerError;
pub use limits::Limits;
pub use proxy::Proxy;
pub use synapse::{Account, SYNAPSE_VARIABLE, Synapse};
