//! What every peer must offer.

/// A manual-reset event: tasks wait for it, and it stays set until it is cleared.
pub trait Peer: Send + Sync + Sized + 'static {
    /// Bytes of an event in the user's struct.
    const EVENT_BYTES: usize;
    /// Whether it can be cleared. If it cannot, it has no answer in the cases that clear; where one
    /// event has many cycles, it is a new one in each cycle, created outside the timed region.
    const CLEARS: bool = true;
    fn new() -> Self;
    fn is_set(&self) -> bool;
    fn set(&self);
    /// Never called unless it [clears](Self::CLEARS).
    fn clear(&self) {
        unreachable!("it cannot be cleared")
    }
    /// Unboxed, and `Send`: an executor may move its task between threads.
    fn wait(&self) -> impl Future<Output = ()> + Send;
}
