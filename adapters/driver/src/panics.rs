//! What becomes of a bug: it costs what met it, not the program.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A panic that was caught. It carries no words: they may be a patron's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Runs something that may panic. Whatever it was changing cannot be trusted afterwards.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| Panicked)
}

/// From now on a panic logs where it happened and not what it says: the text that a slice was cut
/// from stands in its message, and that text may be a patron's. The program calls this once, before
/// anything else.
pub fn hush_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at = place, "a bug: something panicked");
    }));
}
