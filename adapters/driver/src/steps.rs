//! Numbered steps: the points at which dying matters.
//!
//! Before and after every write to the store and every call of a link the driver passes a step. In
//! builds with the feature `control` each is counted, and the program can be told to die at one;
//! in all others a step is nothing.

/// Passes a step. `name` says what has just been done, or is about to be.
#[cfg(not(feature = "control"))]
#[inline(always)]
pub fn step(_name: &'static str) {}

#[cfg(feature = "control")]
pub use counted::{die_at, passed, step};

#[cfg(feature = "control")]
mod counted {
    use crate::shared::lock;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// How many names are remembered; the count goes on beyond it.
    const NAMES_KEPT: usize = 100_000;

    /// The number of the step at which the program dies; steps count from 1, 0 is none.
    static DIES_AT: AtomicU64 = AtomicU64::new(0);
    static PASSED: Mutex<(u64, Vec<&'static str>)> = Mutex::new((0, Vec::new()));

    /// Passes a step. `name` says what has just been done, or is about to be.
    pub fn step(name: &'static str) {
        let mut passed = lock(&PASSED);
        passed.0 += 1;
        if passed.1.len() < NAMES_KEPT {
            passed.1.push(name);
        }
        if passed.0 == DIES_AT.load(Ordering::SeqCst) {
            std::process::abort();
        }
    }

    /// Lets the program die, as if its power went, when it passes the step of this number,
    /// counted from 1 since it started; 0: not at all.
    pub fn die_at(step: u64) {
        DIES_AT.store(step, Ordering::SeqCst);
    }

    /// How many steps were passed since the program started, and their names in order.
    pub fn passed() -> (u64, Vec<&'static str>) {
        lock(&PASSED).clone()
    }
}
