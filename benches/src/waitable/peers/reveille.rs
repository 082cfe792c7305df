//! reveille's `WaitableEvent`: in `poll(2)`, and in the pollers of its peers.

use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;

use mio::event::Source;
use mio::unix::SourceFd;
use polling::PollMode;
use reveille::WaitableEvent;

use crate::waitable::peer::Peer;
use crate::waitable::peers::eventfd::poll;

/// In `poll(2)`.
pub(crate) struct InPoll(Arc<WaitableEvent>);

/// In a [`mio::Poll`]. Without `CLEARS` it is never cleared: each write to an eventfd is an edge.
pub(crate) struct InMio<const CLEARS: bool> {
    poll: mio::Poll,
    events: mio::Events,
    event: Arc<WaitableEvent>,
}

/// In a [`polling::Poller`].
pub(crate) struct InPolling {
    poller: polling::Poller,
    events: polling::Events,
    event: Arc<WaitableEvent>,
}

fn event() -> Arc<WaitableEvent> {
    Arc::new(WaitableEvent::new().expect("a descriptor"))
}

impl Peer for InPoll {
    type Waker = Arc<WaitableEvent>;

    fn new() -> (Self, Self::Waker) {
        let event = event();
        (Self(Arc::clone(&event)), event)
    }

    #[inline]
    fn wake(waker: &Self::Waker) {
        waker.set();
    }

    #[inline]
    fn sleep(&mut self) -> bool {
        poll(self.0.as_fd())
    }

    #[inline]
    fn reset(&mut self) {
        self.0.clear();
    }

    #[inline]
    fn clear(waker: &Self::Waker) -> Option<bool> {
        Some(waker.clear())
    }
}

impl<const CLEARS: bool> Peer for InMio<CLEARS> {
    type Waker = Arc<WaitableEvent>;

    fn new() -> (Self, Self::Waker) {
        let (poll, event) = (mio::Poll::new().expect("a poller"), event());
        SourceFd(&event.as_raw_fd())
            .register(poll.registry(), mio::Token(0), mio::Interest::READABLE)
            .expect("a place in the poller");
        let events = mio::Events::with_capacity(8);
        (Self { poll, events, event: Arc::clone(&event) }, event)
    }

    #[inline]
    fn wake(waker: &Self::Waker) {
        waker.set();
    }

    #[inline]
    fn sleep(&mut self) -> bool {
        self.poll.poll(&mut self.events, None).is_ok() && !self.events.is_empty()
    }

    #[inline]
    fn reset(&mut self) {
        if CLEARS {
            self.event.clear();
        }
    }
}

impl Peer for InPolling {
    type Waker = Arc<WaitableEvent>;

    fn new() -> (Self, Self::Waker) {
        let (poller, event) = (polling::Poller::new().expect("a poller"), event());
        let readable = polling::Event::readable(0);
        // SAFETY: the event is dropped after the poller.
        unsafe { poller.add_with_mode(&*event, readable, PollMode::Level) }
            .expect("a place in the poller");
        (Self { poller, events: polling::Events::new(), event: Arc::clone(&event) }, event)
    }

    #[inline]
    fn wake(waker: &Self::Waker) {
        waker.set();
    }

    #[inline]
    fn sleep(&mut self) -> bool {
        self.events.clear();
        self.poller.wait(&mut self.events, None).is_ok() && !self.events.is_empty()
    }

    #[inline]
    fn reset(&mut self) {
        self.event.clear();
    }
}
