//! What every peer must offer.

/// A manual-reset event: a flag that tasks wait for, and that stays set until cleared.
pub trait Peer: Send + Sync + Sized + 'static {
    /// Bytes of what a user puts into a struct of his own to have one event.
    const EVENT_BYTES: usize;
    fn new() -> Self;
    fn is_set(&self) -> bool;
    fn set(&self);
    fn clear(&self);
    /// Unboxed, and to be spawned: an executor may move its task between threads.
    fn wait(&self) -> impl Future<Output = ()> + Send;
}
