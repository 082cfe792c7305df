//! Mocks of the system: processes, the descriptor on which the courier sleeps, and its thread. In a
//! model they stand for `raw/courier/system.rs`.
//!
//! Each guarantees the orderings of the real one, and no more. Each is made of loom's atomics, so
//! that loom reports a thread that reaches one without synchronizing with its creation.

use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use std::io;

use crate::raw::courier::station::Station;
use crate::raw::kernel_fences::descriptor::{after_look, before_write};
use crate::sync::{AtomicBool, AtomicPtr, AtomicUsize};

/// [`crate::raw::fork::Process`], in a model.
pub(crate) struct Process {
    forks: AtomicUsize,
}

/// `WakeFd`, in a model: it does not sleep, and the word of the kernel is a relaxed atomic.
pub(crate) struct WakeFd {
    word: AtomicBool,
}

loom::lazy_static! {
    pub(crate) static ref STATION: AtomicPtr<Station> = AtomicPtr::new(ptr::null_mut());
    static ref FORKS: AtomicUsize = AtomicUsize::new(0);
}

/// Turns this process into a child of what it was.
pub(crate) fn fork() {
    FORKS.fetch_add(1, Relaxed);
}

/// Starts nothing: a model runs the courier's rounds itself.
pub(crate) fn spawn(_courier: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Ok(())
}

// === impl Process ===

impl Process {
    pub(crate) fn this() -> io::Result<Self> {
        Ok(Self { forks: AtomicUsize::new(FORKS.load(Relaxed)) })
    }

    pub(crate) fn is_this(&self) -> bool {
        FORKS.load(Relaxed) == self.forks.load(Relaxed)
    }
}

// === impl WakeFd ===

impl WakeFd {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { word: AtomicBool::new(false) })
    }

    pub(crate) fn wake(&self) {
        before_write();
        self.word.swap(true, Relaxed);
    }

    pub(crate) fn wait(&self) {
        self.word.swap(false, Relaxed);
        after_look();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.word.load(Relaxed)
    }
}
