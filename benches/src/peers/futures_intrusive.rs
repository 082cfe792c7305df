//! futures-intrusive's `ManualResetEvent`, as it comes.
//!
//! Everything, even `is_set`, goes through one parking_lot mutex. `set` wakes under that lock: an
//! executor that polls immediately on another thread waits for it.

use futures_intrusive::sync::ManualResetEvent;

use crate::peer::Peer;

impl Peer for ManualResetEvent {
    const EVENT_BYTES: usize = size_of::<Self>();

    #[inline]
    fn new() -> Self {
        ManualResetEvent::new(false)
    }

    #[inline]
    fn is_set(&self) -> bool {
        ManualResetEvent::is_set(self)
    }

    #[inline]
    fn set(&self) {
        ManualResetEvent::set(self);
    }

    #[inline]
    fn clear(&self) {
        self.reset();
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        ManualResetEvent::wait(self)
    }
}
