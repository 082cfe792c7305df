//! maitake-sync's `WaitCell` beside a flag, by `wait_for`. It supports one waiter.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use maitake_sync::WaitCell;

use crate::flag::peer::Peer;

#[derive(Debug)]
pub(crate) struct Flag {
    set: AtomicBool,
    waiter: WaitCell,
}

impl Peer for Flag {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), waiter: WaitCell::new() }
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the exchange in `take`. `wake` and `subscribe` order the rest.
        self.set.store(true, Release);
        self.waiter.wake();
    }

    #[inline]
    fn take(&self) -> bool {
        // ORDERING: Acquire, from `set`. Relaxed: nothing was taken.
        self.set.compare_exchange(true, false, Acquire, Relaxed).is_ok()
    }

    /// `wait_for` would subscribe before its first check.
    #[inline]
    async fn wait(&self) {
        if !self.take() {
            self.waiter.wait_for(|| self.take()).await.expect("the cell is never closed");
        }
    }
}
