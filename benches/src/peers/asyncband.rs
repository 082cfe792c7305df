//! asyncband's `ManualResetEvent`, as it comes.
//!
//! Its waiters live in a growing arena inside the event: a wait is small, the event allocates now
//! and then, and keeps what it has got. `set` detaches all waiters under the lock first, with the
//! wakers beyond the 32nd in a new `Vec`, and wakes them after it. Waking up locks again.

use asyncband::event::ManualResetEvent;

use crate::peer::Peer;

impl Peer for ManualResetEvent {
    const EVENT_BYTES: usize = size_of::<Self>();

    #[inline]
    fn new() -> Self {
        ManualResetEvent::new()
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
