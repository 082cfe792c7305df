//! `Poller::notify`. It ends a wait that then reports no event.

use std::sync::Arc;

use polling::{Events, Poller};

use crate::waitable::peer::Peer;

pub(crate) struct Loop {
    poller: Arc<Poller>,
    events: Events,
}

impl Peer for Loop {
    type Waker = Arc<Poller>;

    fn new() -> (Self, Self::Waker) {
        let poller = Arc::new(Poller::new().expect("a poller"));
        (Self { poller: Arc::clone(&poller), events: Events::new() }, poller)
    }

    #[inline]
    fn wake(waker: &Self::Waker) {
        waker.notify().expect("an eventfd that is open");
    }

    #[inline]
    fn sleep(&mut self) -> bool {
        self.events.clear();
        self.poller.wait(&mut self.events, None).is_ok()
    }
}
