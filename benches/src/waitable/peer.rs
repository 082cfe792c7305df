//! What every peer must offer.

/// A loop that sleeps in the kernel until it is woken.
pub trait Peer: Send + Sized + 'static {
    /// What wakes it.
    type Waker: Send + Sync + 'static;

    fn new() -> (Self, Self::Waker);

    fn wake(waker: &Self::Waker);

    /// Sleeps until it is woken; returns `false` if there was another reason.
    fn sleep(&mut self) -> bool;

    /// Resets it after a report, if the poller does not.
    fn reset(&mut self) {}

    /// Resets it by its waker alone, if there is a way; returns whether it was woken.
    fn clear(_waker: &Self::Waker) -> Option<bool> {
        None
    }
}
