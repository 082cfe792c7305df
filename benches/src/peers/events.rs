//! folo's `events::ManualResetEvent`, embedded.
//!
//! The embedded form is the fast one: `boxed` counts references in every wait. Its `poll` clones
//! the waker first, whether it will park or not, and its `set` locks anew for every waiter.

use std::pin::Pin;

use events::{EmbeddedManualResetEvent, EmbeddedManualResetEventRef, ManualResetEvent};

use crate::peer::Peer;

/// **Place Outlives Handle.** The box is never replaced, and waits borrow the struct.
pub(crate) struct Event {
    handle: EmbeddedManualResetEventRef,
    _place: Pin<Box<EmbeddedManualResetEvent>>,
}

impl Peer for Event {
    /// The place alone: the handle is a pointer to it.
    const EVENT_BYTES: usize = size_of::<EmbeddedManualResetEvent>();

    fn new() -> Self {
        let place = Box::pin(EmbeddedManualResetEvent::new());
        // SAFETY: Place Outlives Handle, and `wait` below ties each future to a borrow of `self`.
        let handle = unsafe { ManualResetEvent::embedded(place.as_ref()) };
        Self { handle, _place: place }
    }

    #[inline]
    fn is_set(&self) -> bool {
        self.handle.try_wait()
    }

    #[inline]
    fn set(&self) {
        self.handle.set();
    }

    #[inline]
    fn clear(&self) {
        self.handle.reset();
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.handle.wait()
    }
}
