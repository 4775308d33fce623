//! What a network's adapter and a store must be, so that the driver can carry out what the core
//! decides. No platform is known here.
//!
//! In reading order: [`Link`], one network's adapter; [`Arrival`] and [`Parcel`], what it hands in
//! and is handed; [`Inside`], what it may ask of the library; [`Store`], where everything is kept.
//!
//! What several links need alike: [`Shelves`], what a link keeps for itself, and [`CaseThreads`],
//! where staff work on which case, and [`Who`] they are; [`Flood`], a bound for each person; [`Busy`], who waits for an answer; [`Finding`],
//! what one finds when it looks its network over; [`plain`], a reply as plain
//! text; [`samples`], a reply of each form, for the adapters' tests.

mod inside;
mod link;
mod store;

mod busy;
mod finding;
mod flood;
pub mod plain;
pub mod samples;
mod shelves;
mod who;

pub use busy::Busy;
pub use finding::Finding;
pub use flood::{Flood, Flow};
pub use inside::{Counts, Health, Inside, LinkState};
pub use link::{
    Arrival, Batch, Cursor, Heard, Intake, IntakeClosed, Keepsake, Link, LinkError, Parcel,
    Pseudonyms, Sent, Translate,
};
pub use shelves::{CaseThreads, Shelves};
pub use store::{
    Commit, Epoch, InboxId, InboxItem, OnShelf, OutboxItem, OutboxState, SHELF_MAX, Store,
    StoreError, Version,
};
pub use who::Who;
