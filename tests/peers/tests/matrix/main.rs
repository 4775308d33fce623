//! The homeserver that tests start, and the proxy before it.
//!
//! `SYNAPSE_PYTHON` must name a python that has Synapse; tests/run installs one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

mod client;

mod faults;
mod proxy;
mod synapse;
