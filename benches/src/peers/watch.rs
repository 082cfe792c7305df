//! tokio's `watch<bool>`, with a receiver for each waiter.
//!
//! The value is behind a read-write lock; the waiters are spread over eight `Notify`s.

use tokio::sync::watch::Sender;

use crate::peer::Peer;

impl Peer for Sender<bool> {
    /// Without what is shared, on the heap.
    const EVENT_BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Sender::new(false)
    }

    #[inline]
    fn is_set(&self) -> bool {
        *self.borrow()
    }

    #[inline]
    fn set(&self) {
        self.send_replace(true);
    }

    #[inline]
    fn clear(&self) {
        self.send_replace(false);
    }

    #[inline]
    async fn wait(&self) {
        self.subscribe().wait_for(|set| *set).await.expect("the sender is there");
    }
}
