//! tokio-util's `CancellationToken`, as it comes: a `Notify` and a tree of tokens under a mutex.
//!
//! It is cancelled once: it has no answer in the cases that clear. `is_cancelled` takes the mutex.

use tokio_util::sync::CancellationToken;

use crate::peer::Peer;

impl Peer for CancellationToken {
    /// Without the node on the heap.
    const EVENT_BYTES: usize = size_of::<Self>();
    const CLEARS: bool = false;

    fn new() -> Self {
        CancellationToken::new()
    }

    #[inline]
    fn is_set(&self) -> bool {
        self.is_cancelled()
    }

    #[inline]
    fn set(&self) {
        self.cancel();
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.cancelled()
    }
}
