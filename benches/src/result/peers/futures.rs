//! futures' `Shared`, of a oneshot channel's receiver: every waiter has a clone, and gets a clone.
//!
//! The first of the woken clones to be polled runs the inner future, and wakes the rest.

use futures::FutureExt;
use futures::channel::oneshot::{Receiver, Sender, channel};
use futures::future::Shared;

use crate::result::peer::Peer;

pub(crate) struct Oneshot(Shared<Receiver<u64>>);

impl Peer for Oneshot {
    const BYTES: usize = size_of::<Self>();
    const GETS: bool = true;
    type Setter = Sender<u64>;

    fn new() -> (Self, Sender<u64>) {
        let (sender, receiver) = channel();
        (Self(receiver.shared()), sender)
    }

    #[inline]
    fn set(&self, sender: Sender<u64>, value: u64) {
        assert!(sender.send(value).is_ok());
    }

    /// A value once a clone was polled to completion, which the row does.
    #[inline]
    fn get(&self) -> Option<u64> {
        self.0.peek().and_then(|outcome| outcome.as_ref().ok().copied())
    }

    #[inline]
    async fn wait(&self) -> u64 {
        self.0.clone().await.expect("the sender was not dropped")
    }
}
