//! async-lock's `OnceCell<()>`: waits use an `event_listener::Event`, which boxes each listener.
//!
//! It is set once: it has no answer in the cases that clear.

use async_lock::OnceCell;

use crate::peer::Peer;

impl Peer for OnceCell<()> {
    /// Without the list on the heap.
    const EVENT_BYTES: usize = size_of::<Self>();
    const CLEARS: bool = false;

    fn new() -> Self {
        OnceCell::new()
    }

    #[inline]
    fn is_set(&self) -> bool {
        self.is_initialized()
    }

    #[inline]
    fn set(&self) {
        // An error if it is already set.
        let _ = self.try_set(());
    }

    #[inline]
    async fn wait(&self) {
        OnceCell::wait(self).await;
    }
}
