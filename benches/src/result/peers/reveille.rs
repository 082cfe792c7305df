//! reveille's own `AsyncResult` and `ValueEvent`, as they come.

use reveille::{AsyncResult, Cancelled, ValueEvent};

use crate::result::peer::{Peer, Rounds};

impl Peer for AsyncResult<u64, Cancelled> {
    const BYTES: usize = size_of::<Self>();
    const GETS: bool = true;
    type Setter = ();

    fn new() -> (Self, ()) {
        (AsyncResult::new(), ())
    }

    #[inline]
    fn set(&self, (): (), value: u64) {
        assert!(AsyncResult::set(self, value).is_ok());
    }

    #[inline]
    fn get(&self) -> Option<u64> {
        self.ok().copied()
    }

    #[inline]
    async fn wait(&self) -> u64 {
        *AsyncResult::wait(self).await.expect("it is never cancelled")
    }
}

impl Rounds for ValueEvent<u64, Cancelled> {
    fn new() -> Self {
        ValueEvent::new()
    }

    #[inline]
    async fn wait(&self) -> u64 {
        ValueEvent::wait(self).await.expect("no error is sent")
    }

    #[inline]
    fn send(&self, value: u64) {
        assert!(ValueEvent::send(self, value).is_ok());
    }

    #[inline]
    fn reset(&self) {
        assert!(ValueEvent::reset(self));
    }
}
