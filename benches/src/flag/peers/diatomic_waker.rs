//! A `DiatomicWaker` beside a flag, by `wait_until`. It supports one waiter.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use diatomic_waker::DiatomicWaker;

use crate::flag::peer::Peer;

#[derive(Debug)]
pub(crate) struct Flag {
    set: AtomicBool,
    waiter: DiatomicWaker,
}

impl Peer for Flag {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), waiter: DiatomicWaker::new() }
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the exchange in `take`. `wait_until` and `notify` order the rest.
        self.set.store(true, Release);
        self.waiter.notify();
    }

    #[inline]
    fn take(&self) -> bool {
        // ORDERING: Acquire, from `set`. Relaxed: nothing was taken.
        self.set.compare_exchange(true, false, Acquire, Relaxed).is_ok()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        // SAFETY: One Waiter A Flag, so no other wait registers.
        unsafe { self.waiter.wait_until(|| self.take().then_some(())) }
    }
}
