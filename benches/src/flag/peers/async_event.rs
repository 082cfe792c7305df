//! An `async_event::Event` beside a flag, by `wait_until`. Each notifier is boxed.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::flag::peer::Peer;

pub(crate) struct Flag {
    set: AtomicBool,
    changed: async_event::Event,
}

impl Peer for Flag {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), changed: async_event::Event::new() }
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the exchange in `take`. Fences in `notify_one` and `wait_until`
        // order the rest.
        self.set.store(true, Release);
        self.changed.notify_one();
    }

    #[inline]
    fn take(&self) -> bool {
        // ORDERING: Acquire, from `set`. Relaxed: nothing was taken.
        self.set.compare_exchange(true, false, Acquire, Relaxed).is_ok()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.changed.wait_until(|| self.take().then_some(()))
    }
}
