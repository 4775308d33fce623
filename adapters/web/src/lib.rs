//! The library's web page: a chat for patrons, a desk for staff.
//!
//! A browser has no memory that lasts and no ear while its page is closed, so what was said in a
//! conversation lies on a shelf of the store ([`contract::Keepsake`]) for as long as a conversation
//! is kept, and a page is a view of its shelf: it shows what lies there and follows what is put
//! there, by server-sent events. A reload, another tab, a lost connection and a restart of the
//! program are the same case: the page says which version it saw last.
//!
//! ```text
//! POST /say ──arrival + its line, one transaction──▶ inbox, shelf ──▶ driver, bot
//!                                                                        │ outbox
//! GET /events ◀── follows ── shelf ◀── a line ── Link::send ◀────────────┘
//! ```
//!
//! In reading order: [`Web`], the link; `line`, what lies on a shelf; `translate`, what arrives;
//! `server`, connections, limits and addresses; `chat` and `desk`, the pages; `page` and `words`,
//! what they have in common; `seal`, cookies, form tokens and links.
//!
//! TLS is a proxy's work: this server speaks plain HTTP/1.1 and is to stand behind one.

mod chat;
mod desk;
mod line;
mod link;
mod metrics;
mod open;
mod page;
mod seal;
mod server;
mod settings;
mod site;
mod translate;
mod words;

#[cfg(test)]
mod tests;

pub use axum::Router;
pub use desk::{hash_password, is_password_hash};
pub use ipnet::IpNet;
pub use link::{OpenError, Web};
pub use settings::Settings;

/// The network's name in settings, places and scripts.
pub const NETWORK: &str = "web";
