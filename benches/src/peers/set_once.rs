//! tokio's `SetOnce`, of nothing: a `Notify` beside a cell.
//!
//! It is set once: it has no answer where something is cleared. `set` takes the lock.

use tokio::sync::SetOnce;

use crate::peer::Peer;

impl Peer for SetOnce<()> {
    const EVENT_BYTES: usize = size_of::<Self>();
    const CLEARS: bool = false;

    fn new() -> Self {
        SetOnce::new()
    }

    #[inline]
    fn is_set(&self) -> bool {
        self.initialized()
    }

    #[inline]
    fn set(&self) {
        // An error where it is set already.
        let _ = SetOnce::set(self, ());
    }

    #[inline]
    async fn wait(&self) {
        SetOnce::wait(self).await;
    }
}
