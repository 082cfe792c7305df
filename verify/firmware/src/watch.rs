//! Sees to it that a lost wake-up becomes a message: whoever waits is given a number of ticks.
//!
//! SysTick ticks while everyone is asleep. What runs says so by [`progress`]; if it does not for
//! [`PATIENCE`] ticks, the handler panics, and says what has been waited for.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many ticks may pass without progress.
pub const PATIENCE: u32 = 50;

static TICKS: AtomicU32 = AtomicU32::new(0);
static TICKS_AT_PROGRESS: AtomicU32 = AtomicU32::new(0);

/// Called by the task that is waited for, each time it runs.
pub fn progress() {
    TICKS_AT_PROGRESS.store(TICKS.load(Relaxed), Relaxed);
}

/// Called by SysTick's handler.
///
/// # Panics
/// If `awaited` has been waited for too long.
pub fn tick(awaited: &str) {
    let ticks = TICKS.load(Relaxed) + 1;
    TICKS.store(ticks, Relaxed);
    let waited = ticks - TICKS_AT_PROGRESS.load(Relaxed);
    assert!(waited <= PATIENCE, "lost wake-up: {waited} ticks, and nobody was woken: {awaited}");
}

/// How many there have been.
pub fn ticks() -> u32 {
    TICKS.load(Relaxed)
}

/// What a handler does for those who wait; nothing if it is deaf.
#[inline(always)]
pub fn signal(set: impl FnOnce()) {
    if !cfg!(feature = "silent") {
        set();
    }
}
