//! One waker a waiter, as an executor with one task a waiter would have it.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Wake, Waker};

/// A task that only counts how often it was woken.
#[derive(Debug)]
pub(crate) struct Task {
    wakes: Arc<Wakes>,
    /// Its own `Arc`, not shared with any other task.
    pub(crate) waker: Waker,
}

#[derive(Debug)]
struct Wakes(AtomicU32);

// === impl Task ===

impl Task {
    pub(crate) fn new() -> Self {
        let wakes = Arc::new(Wakes(AtomicU32::new(0)));
        Self { waker: Waker::from(Arc::clone(&wakes)), wakes }
    }

    pub(crate) fn many(count: usize) -> Vec<Self> {
        (0..count).map(|_| Self::new()).collect()
    }

    /// How often it was woken since the last call.
    pub(crate) fn take_wakes(&self) -> u32 {
        // ORDERING: Relaxed: a count that hands over no other memory.
        self.wakes.0.swap(0, Relaxed)
    }
}

// === impl Wakes ===

impl Wake for Wakes {
    #[inline]
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    #[inline]
    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: Relaxed: a count that hands over no other memory.
        self.0.fetch_add(1, Relaxed);
    }
}
