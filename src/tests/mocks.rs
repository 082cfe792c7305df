//! What stands for the system in a model: processes, the descriptor on which the courier sleeps, and std's
//! `OnceLock`.
//!
//! Each has what the real one has of orderings, and no more; each is made of loom's atomics, so that
//! loom objects to whoever reaches it without having seen it made.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::io;

use crate::sync::{AtomicBool, AtomicUsize, Cell};

/// [`crate::raw::fork::Process`], in a model.
pub(crate) struct Process {
    forks: AtomicUsize,
}

/// [`crate::raw::fd::WakeFd`], in a model: it does not sleep.
pub(crate) struct WakeFd {
    rung: AtomicBool,
}

/// `std::sync::OnceLock`, for setters that hold a lock of their own.
pub(crate) struct OnceLock<T> {
    is_there: AtomicBool,
    value: Cell<Option<T>>,
}

loom::lazy_static! {
    static ref FORKS: AtomicUsize = AtomicUsize::new(0);
}

/// From now on this is a child of the process that it was.
pub(crate) fn fork() {
    FORKS.fetch_add(1, Relaxed);
}

// === impl Process ===

impl Process {
    #[expect(clippy::unnecessary_wraps, reason = "as the real one")]
    pub(crate) fn this() -> io::Result<Self> {
        Ok(Self { forks: AtomicUsize::new(FORKS.load(Relaxed)) })
    }

    pub(crate) fn is_this(&self) -> bool {
        FORKS.load(Relaxed) == self.forks.load(Relaxed)
    }
}

// === impl WakeFd ===

impl WakeFd {
    #[expect(clippy::unnecessary_wraps, reason = "as the real one")]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { rung: AtomicBool::new(false) })
    }

    pub(crate) fn ring(&self) {
        // The kernel's `write` and `read` order as strongly.
        self.rung.swap(true, AcqRel);
    }

    pub(crate) fn wait(&self) {
        self.rung.swap(false, AcqRel);
    }

    pub(crate) fn was_rung(&self) -> bool {
        self.rung.load(Relaxed)
    }
}

// === impl OnceLock ===

impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self { is_there: AtomicBool::new(false), value: Cell::new(None) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        let is_there = self.is_there.load(Acquire);
        // SAFETY: once it is there, nobody writes the cell any more.
        let value = || self.value.with(|value| unsafe { &*value });
        if is_there { value().as_ref() } else { None }
    }

    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        if self.get().is_some() {
            return Err(value);
        }
        // SAFETY: nobody reads the cell yet, and who else would write it waits for our lock.
        self.value.with_mut(|cell| unsafe { *cell = Some(value) });
        self.is_there.store(true, Release);
        Ok(())
    }
}

// SAFETY: as of `std::sync::OnceLock`: the cell is written once, before `is_there` says so.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}
