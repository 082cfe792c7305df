//! An `async_event::Event` beside a flag, by `wait_until`.
//!
//! Each notifier is boxed, and stays with its wait. `notify_all` runs the wakers under the lock of
//! its list, by reference; fences in it and in `wait_until` order the flag.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use crate::peer::Peer;

pub(crate) struct Event {
    set: AtomicBool,
    changed: async_event::Event,
}

impl Peer for Event {
    const EVENT_BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), changed: async_event::Event::new() }
    }

    #[inline]
    fn is_set(&self) -> bool {
        // ORDERING: Acquire, from the Release in `set`.
        self.set.load(Acquire)
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the Acquire in `is_set`.
        self.set.store(true, Release);
        self.changed.notify_all();
    }

    #[inline]
    fn clear(&self) {
        // ORDERING: Release, as in `set`.
        self.set.store(false, Release);
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.changed.wait_until(|| self.is_set().then_some(()))
    }
}
