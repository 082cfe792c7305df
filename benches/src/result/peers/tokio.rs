//! tokio's `SetOnce`, and its `watch` with a receiver for each waiter.

use tokio::sync::{SetOnce, watch};

use crate::result::peer::{Peer, Rounds};

pub(crate) struct Watch<T>(watch::Sender<T>);

impl Peer for SetOnce<u64> {
    const BYTES: usize = size_of::<Self>();
    const GETS: bool = true;
    type Setter = ();

    fn new() -> (Self, ()) {
        (SetOnce::new(), ())
    }

    #[inline]
    fn set(&self, (): (), value: u64) {
        assert!(SetOnce::set(self, value).is_ok());
    }

    #[inline]
    fn get(&self) -> Option<u64> {
        SetOnce::get(self).copied()
    }

    #[inline]
    async fn wait(&self) -> u64 {
        *SetOnce::wait(self).await
    }
}

impl Peer for Watch<Option<u64>> {
    const BYTES: usize = size_of::<Self>();
    const GETS: bool = true;
    type Setter = ();

    fn new() -> (Self, ()) {
        (Self(watch::Sender::new(None)), ())
    }

    #[inline]
    fn set(&self, (): (), value: u64) {
        self.0.send_replace(Some(value));
    }

    #[inline]
    fn get(&self) -> Option<u64> {
        *self.0.borrow()
    }

    #[inline]
    async fn wait(&self) -> u64 {
        let mut receiver = self.0.subscribe();
        let value = receiver.wait_for(Option::is_some).await.expect("the sender is there");
        value.expect("it is some")
    }
}

impl Rounds for Watch<u64> {
    fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    #[inline]
    async fn wait(&self) -> u64 {
        let mut receiver = self.0.subscribe();
        receiver.changed().await.expect("the sender is there");
        *receiver.borrow_and_update()
    }

    #[inline]
    fn send(&self, value: u64) {
        self.0.send_replace(value);
    }

    fn reset(&self) {}
}
