//! async-lock's `OnceCell`, of nothing: an `event_listener::Event` for those who wait, which boxes each.
//!
//! It is set once: it has no answer where something is cleared.

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
        // An error where it is set already.
        let _ = self.try_set(());
    }

    #[inline]
    async fn wait(&self) {
        OnceCell::wait(self).await;
    }
}
