//! What every peer must offer.

/// An auto-reset flag: a `set` is remembered until one wait consumes it.
///
/// **One Waiter A Flag.** No row has two waits of one flag at a time, since some peers support one
/// waiter only.
pub trait Peer: Send + Sync + Sized + 'static {
    /// Bytes of a flag in the user's struct.
    const BYTES: usize;
    fn new() -> Self;
    fn set(&self);
    /// Consumes a set without a wait, in the cheapest way there is; returns whether there was one.
    fn take(&self) -> bool;
    /// Unboxed, and `Send`: an executor may move its task between threads.
    fn wait(&self) -> impl Future<Output = ()> + Send;
}
