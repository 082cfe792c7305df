//! async-lock's `OnceCell`, as it comes: an `event_listener::Event` for those who wait, which boxes
//! each.

use async_lock::OnceCell;

use crate::result::peer::Peer;

impl Peer for OnceCell<u64> {
    const BYTES: usize = size_of::<Self>();
    const GETS: bool = true;
    type Setter = ();

    fn new() -> (Self, ()) {
        (OnceCell::new(), ())
    }

    #[inline]
    fn set(&self, (): (), value: u64) {
        assert!(self.try_set(value).is_ok());
    }

    #[inline]
    fn get(&self) -> Option<u64> {
        OnceCell::get(self).copied()
    }

    #[inline]
    async fn wait(&self) -> u64 {
        *OnceCell::wait(self).await
    }
}
