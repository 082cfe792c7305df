//! tokio's `SetOnce<()>`: a `Notify` beside a cell.
//!
//! It is set once: it has no answer in the cases that clear. `set` takes the lock.

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
        // An error if it is already set.
        let _ = SetOnce::set(self, ());
    }

    #[inline]
    async fn wait(&self) {
        SetOnce::wait(self).await;
    }
}
