//! Where everything is kept: one store in SQLite, one in memory, and the suite of checks that a
//! store must pass.
//!
//! In reading order: [`SqliteStore`], a library's store in one file; [`check`], [`backup`] and
//! [`restore`], what can be done with that file from outside; [`MemoryStore`], for simulations;
//! [`suite`], what every store promises, as checks.
//!
//! Other crates: sqlx speaks SQLite without blocking the runtime and keeps the migrations.

mod memory;
mod sqlite;
pub mod suite;
mod times;

pub use memory::MemoryStore;
pub use sqlite::{Condition, SqliteStore, backup, check, restore};
