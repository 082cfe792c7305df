//! Turns a lost wake-up into a message: a waiter has a limited number of ticks.
//!
//! SysTick ticks while all tasks sleep. A task that runs calls [`progress`]; after [`PATIENCE`]
//! ticks without a call the handler panics, and names what the task is waiting for.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The number of ticks that may pass without progress.
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
    assert!(waited <= PATIENCE, "lost wake-up: no task was woken for {waited} ticks: {awaited}");
}

/// How many there have been.
pub fn ticks() -> u32 {
    TICKS.load(Relaxed)
}

/// Runs `set` in a handler, unless the handlers are to set nothing.
#[inline(always)]
pub fn signal(set: impl FnOnce()) {
    if !cfg!(feature = "silent") {
        set();
    }
}
