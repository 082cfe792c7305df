//! asyncband's `AutoResetEvent`, as it comes. Everything goes through one mutex.

use asyncband::event::AutoResetEvent;

use crate::flag::peer::Peer;

impl Peer for AutoResetEvent {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        AutoResetEvent::new()
    }

    #[inline]
    fn set(&self) {
        AutoResetEvent::set(self);
    }

    #[inline]
    fn take(&self) -> bool {
        self.try_wait()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        AutoResetEvent::wait(self)
    }
}
