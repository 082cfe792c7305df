//! maitake-sync's `WaitQueue` beside a flag, by `wait_for`; with feature `std`, so that its lock is
//! std's.
//!
//! `wake_all` takes the lock even without waiters, and wakes outside of it, in batches. A woken
//! `wait_for` subscribes once more before it checks.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use maitake_sync::WaitQueue;

use crate::peer::Peer;

#[derive(Debug)]
pub(crate) struct Event {
    set: AtomicBool,
    queue: WaitQueue,
}

impl Peer for Event {
    const EVENT_BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), queue: WaitQueue::new() }
    }

    #[inline]
    fn is_set(&self) -> bool {
        // ORDERING: Acquire, from the Release in `set`.
        self.set.load(Acquire)
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the Acquire in `is_set`. `wake_all` and `subscribe` change one
        // word.
        self.set.store(true, Release);
        self.queue.wake_all();
    }

    #[inline]
    fn clear(&self) {
        // ORDERING: Release, as in `set`.
        self.set.store(false, Release);
    }

    /// `wait_for` would subscribe before its first check.
    #[inline]
    async fn wait(&self) {
        if !self.is_set() {
            self.queue.wait_for(|| self.is_set()).await.expect("the queue is never closed");
        }
    }
}
