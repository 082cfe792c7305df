//! An `event_listener::Event` beside a flag, in the loop of its documentation.
//!
//! `listener!` keeps the listener inside the future; `Event::listen` would box it.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use event_listener::{Event, listener};

use crate::flag::peer::Peer;

#[derive(Debug)]
pub(crate) struct Flag {
    set: AtomicBool,
    changed: Event,
}

impl Peer for Flag {
    /// Without the list on the heap.
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), changed: Event::new() }
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the exchange in `take`. `notify` orders it before its check for
        // listeners, as the documentation says.
        self.set.store(true, Release);
        self.changed.notify(1);
    }

    #[inline]
    fn take(&self) -> bool {
        // ORDERING: Acquire, from `set`. Relaxed: nothing was taken.
        self.set.compare_exchange(true, false, Acquire, Relaxed).is_ok()
    }

    #[inline]
    async fn wait(&self) {
        while !self.take() {
            listener!(self.changed => listener);
            if self.take() {
                return;
            }
            listener.await;
        }
    }
}
