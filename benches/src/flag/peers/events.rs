//! folo's `events::AutoResetEvent`, embedded: `boxed` counts references in every wait.

use std::pin::Pin;

use events::{AutoResetEvent, EmbeddedAutoResetEvent, EmbeddedAutoResetEventRef};

use crate::flag::peer::Peer;

/// **Place Outlives Handle.** The box is never replaced, and waits borrow the struct.
pub(crate) struct Flag {
    handle: EmbeddedAutoResetEventRef,
    _place: Pin<Box<EmbeddedAutoResetEvent>>,
}

impl Peer for Flag {
    /// The place alone: the handle is a pointer to it.
    const BYTES: usize = size_of::<EmbeddedAutoResetEvent>();

    fn new() -> Self {
        let place = Box::pin(EmbeddedAutoResetEvent::new());
        // SAFETY: Place Outlives Handle, and `wait` below ties each future to a borrow of `self`.
        let handle = unsafe { AutoResetEvent::embedded(place.as_ref()) };
        Self { handle, _place: place }
    }

    #[inline]
    fn set(&self) {
        self.handle.set();
    }

    #[inline]
    fn take(&self) -> bool {
        self.handle.try_wait()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.handle.wait()
    }
}
