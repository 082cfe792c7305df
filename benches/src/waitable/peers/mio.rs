//! mio's `Waker`. It is edge-triggered, and needs no reset after a report.

use mio::{Events, Poll, Token, Waker};

use crate::waitable::peer::Peer;

pub(crate) struct Loop {
    poll: Poll,
    events: Events,
}

impl Peer for Loop {
    type Waker = Waker;

    fn new() -> (Self, Self::Waker) {
        let poll = Poll::new().expect("a poller");
        let waker = Waker::new(poll.registry(), Token(0)).expect("a descriptor");
        (Self { poll, events: Events::with_capacity(8) }, waker)
    }

    #[inline]
    fn wake(waker: &Self::Waker) {
        waker.wake().expect("an eventfd that is open");
    }

    #[inline]
    fn sleep(&mut self) -> bool {
        self.poll.poll(&mut self.events, None).is_ok() && !self.events.is_empty()
    }
}
