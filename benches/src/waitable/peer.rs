//! What every peer must offer.

/// A loop that sleeps in the kernel until it is woken.
pub trait Peer: Send + Sized + 'static {
    /// What wakes it.
    type Waker: Send + Sync + 'static;

    fn new() -> (Self, Self::Waker);

    fn wake(waker: &Self::Waker);

    /// Sleeps until it is woken. False: something else came.
    fn sleep(&mut self) -> bool;

    /// Takes that back, where it is not gone with the report.
    fn take_back(&mut self) {}

    /// Takes it back by its waker alone, where there is a way; tells whether it was woken.
    fn clear(_waker: &Self::Waker) -> Option<bool> {
        None
    }
}
