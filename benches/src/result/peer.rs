//! What every peer must offer.

/// The value that every case sets.
pub(crate) const VALUE: u64 = 7;

/// A value that is set once and read by many.
pub trait Peer: Sized {
    /// Bytes in the user's struct, without memory on the heap.
    const BYTES: usize;
    /// Whether the value can be read without waiting.
    const GETS: bool;
    /// The handle that sets it, if there is one.
    type Setter;
    fn new() -> (Self, Self::Setter);
    fn set(&self, setter: Self::Setter, value: u64);
    /// Reads the value in the cheapest way there is; never called unless [`GETS`](Self::GETS).
    fn get(&self) -> Option<u64>;
    /// An `async fn` that creates the peer's own wait and awaits it, as a task would.
    fn wait(&self) -> impl Future<Output = u64> + Send;
}

/// One value after another, each for the waiters that are registered when it is sent.
pub trait Rounds: Sized {
    fn new() -> Self;
    fn wait(&self) -> impl Future<Output = u64> + Send;
    fn send(&self, value: u64);
    /// Prepares the next value, if that is necessary.
    fn reset(&self);
}
