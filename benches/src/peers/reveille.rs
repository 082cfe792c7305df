//! reveille's own `Event`, as it comes.

use reveille::Event;

use crate::peer::Peer;

impl Peer for Event {
    const EVENT_BYTES: usize = size_of::<Self>();

    #[inline]
    fn new() -> Self {
        Event::new()
    }

    #[inline]
    fn is_set(&self) -> bool {
        Event::is_set(self)
    }

    #[inline]
    fn set(&self) {
        Event::set(self);
    }

    #[inline]
    fn clear(&self) {
        Event::clear(self);
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        Event::wait(self)
    }
}
