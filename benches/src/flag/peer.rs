//! What every peer must offer.

/// A flag that one wait takes: `set` is remembered until then.
///
/// **One Waiter A Flag.** No row has two waits of one flag at a time, since some peers have room for
/// one only.
pub trait Peer: Send + Sync + Sized + 'static {
    /// Bytes of what a user puts into a struct of his own to have one flag.
    const BYTES: usize;
    fn new() -> Self;
    fn set(&self);
    /// Takes a set without waiting, by the cheapest means there is; tells whether there was one.
    fn take(&self) -> bool;
    /// Unboxed, and to be spawned: an executor may move its task between threads.
    fn wait(&self) -> impl Future<Output = ()> + Send;
}
