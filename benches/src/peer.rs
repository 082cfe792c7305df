//! What every peer must offer.

/// A manual-reset event: a flag that tasks wait for, and that stays set until cleared.
pub trait Peer: Send + Sync + Sized + 'static {
    /// Bytes of what a user puts into a struct of his own to have one event.
    const EVENT_BYTES: usize;
    /// Whether it can be cleared. Where it cannot, it is asked nothing that needs that, and where many
    /// cycles are asked of one event, it is a new one each time, made outside the timed region.
    const CLEARS: bool = true;
    fn new() -> Self;
    fn is_set(&self) -> bool;
    fn set(&self);
    /// Never called where it [cannot be](Self::CLEARS).
    fn clear(&self) {
        unreachable!("it cannot be cleared")
    }
    /// Unboxed, and to be spawned: an executor may move its task between threads.
    fn wait(&self) -> impl Future<Output = ()> + Send;
}
