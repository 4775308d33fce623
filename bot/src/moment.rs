//! The time and the chance that an event brings along.

use jiff::Timestamp;

/// When something is handled, and a seed for one-time codes: the core has no clock and no chance
/// of its own, so the same moments give the same effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub time: Timestamp,
    /// Different for every event, unforeseeable to outsiders.
    pub seed: u64,
}
