//! A wait that counts itself when it is registered.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Release;

/// Awaits `wait`, counted once it is parked, dropped as soon as it is over.
pub(crate) async fn once_parked(wait: impl Future<Output = ()>, parked: &AtomicUsize) {
    let mut wait = pin!(wait);
    let mut counted = false;
    poll_fn(|cx| {
        let poll = wait.as_mut().poll(cx);
        if poll.is_pending() && !counted {
            counted = true;
            // ORDERING: Release, to the Acquire of the measuring thread.
            parked.fetch_add(1, Release);
        }
        poll
    })
    .await;
}
