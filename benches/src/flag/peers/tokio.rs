//! A `tokio::sync::Notify`, as it comes. A wait is the only way to consume a permit.

use std::pin::pin;
use std::task::{Context, Waker};

use tokio::sync::Notify;

use crate::flag::peer::Peer;

impl Peer for Notify {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Notify::new()
    }

    #[inline]
    fn set(&self) {
        self.notify_one();
    }

    #[inline]
    fn take(&self) -> bool {
        pin!(self.notified()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.notified()
    }
}
