//! What a network's adapter and a store must be, so that the driver can carry out what the core
//! decides. No platform is known here.
//!
//! In reading order: [`Link`], one network's adapter; [`Arrival`] and [`Parcel`], what it hands in
//! and is handed; [`Inside`], what it may ask of the library; [`Store`], where everything is kept;
//! [`plain`], a reply as plain text.

mod inside;
mod link;
pub mod plain;
mod store;

pub use inside::{Counts, Health, Inside, LinkState};
pub use link::{
    Arrival, Batch, Cursor, Heard, Intake, IntakeClosed, Keepsake, Link, LinkError, Parcel,
    Pseudonyms, Sent, Translate,
};
pub use store::{
    Commit, Epoch, InboxId, InboxItem, OnShelf, OutboxItem, OutboxState, SHELF_MAX, Store,
    StoreError, Version,
};
