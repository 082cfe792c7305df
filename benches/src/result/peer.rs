//! What every peer must offer.

/// A value that is set once and read by many.
pub trait Peer: Sized {
    /// Bytes of what a user puts into a struct of his own, without what that has on the heap.
    const BYTES: usize;
    /// Whether it can be looked at without waiting.
    const GETS: bool;
    /// What it is set with, where not everybody may.
    type Setter;
    fn new() -> (Self, Self::Setter);
    fn set(&self, setter: Self::Setter, value: u64);
    /// By the cheapest means there is; never asked where it has none.
    fn get(&self) -> Option<u64>;
    /// Unboxed, and to be spawned: an executor may move its task between threads. Every peer's is
    /// an `async fn` that makes the peer's own wait and awaits it, as a task would.
    fn wait(&self) -> impl Future<Output = u64> + Send;
}

/// One value after another, each for those who wait when it is sent.
pub trait Rounds: Sized {
    fn new() -> Self;
    fn wait(&self) -> impl Future<Output = u64> + Send;
    fn send(&self, value: u64);
    /// Makes it ready for the next value, where it must be.
    fn reset(&self);
}
