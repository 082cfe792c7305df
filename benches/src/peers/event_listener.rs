//! An `event_listener::Event` beside a flag, in the loop of its documentation.
//!
//! `listener!` keeps the listener inside the future; `Event::listen` would box it. The event
//! allocates its list once, when first used. `notify` runs the wakers under the lock of that list,
//! and waking up locks again, as does dropping the listener.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use event_listener::listener;

use crate::peer::Peer;

#[derive(Debug)]
pub(crate) struct Event {
    set: AtomicBool,
    changed: event_listener::Event,
}

impl Peer for Event {
    /// Without the list on the heap.
    const EVENT_BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), changed: event_listener::Event::new() }
    }

    #[inline]
    fn is_set(&self) -> bool {
        // ORDERING: Acquire, from the Release in `set`.
        self.set.load(Acquire)
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the Acquire in `is_set`. `notify` and `listen` lock the same list:
        // the second one sees the listener, or the flag, of the first.
        self.set.store(true, Release);
        self.changed.notify(usize::MAX);
    }

    #[inline]
    fn clear(&self) {
        // ORDERING: Release, as in `set`.
        self.set.store(false, Release);
    }

    #[inline]
    async fn wait(&self) {
        while !self.is_set() {
            listener!(self.changed => listener);
            if self.is_set() {
                return;
            }
            listener.await;
        }
    }
}
