//! A `tokio::sync::Notify` beside a flag, in a future of its own.
//!
//! A `Notified` gets every `notify_waiters` from its creation on, parked or not, so looking at the
//! flag once more after creating it is enough: neither `enable` nor a loop is needed, and
//! `notify_one`, whose permits would upset this, is never called. Like ours, this wait is released
//! by any `set` since its creation, `Notify` wakes outside its lock, and a woken wait takes none.
//!
//! An `async fn` of the same does not have the first property and moves the `Notified` on its first
//! poll: measured, it takes an eighth more in the sum, and half the time in `ready wait`.

use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::peer::Peer;

#[derive(Debug)]
pub(crate) struct Event {
    set: AtomicBool,
    notify: Notify,
}

pin_project! {
    struct Wait<'a> {
        event: &'a Event,
        #[pin]
        notified: Notified<'a>,
        // The flag was looked at after `notified` was created.
        checked: bool,
    }
}

// === impl Event ===

impl Peer for Event {
    const EVENT_BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), notify: Notify::new() }
    }

    #[inline]
    fn is_set(&self) -> bool {
        // ORDERING: Acquire, from the Release in `set`.
        self.set.load(Acquire)
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the Acquire in `is_set`. A `Notified` that counted this
        // `notify_waiters` among the past ones acquired it, and so sees the flag.
        self.set.store(true, Release);
        self.notify.notify_waiters();
    }

    #[inline]
    fn clear(&self) {
        // ORDERING: Release, as in `set`.
        self.set.store(false, Release);
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        Wait { event: self, notified: self.notify.notified(), checked: false }
    }
}

// === impl Wait ===

impl Future for Wait<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if !*this.checked {
            if this.event.is_set() {
                return Poll::Ready(());
            }
            *this.checked = true;
        }
        this.notified.poll(cx)
    }
}
