//! What every peer must offer.

/// A flag that one thread sets and another waits for, blocked, and takes.
pub trait Peer: Send + Sync + Sized + 'static {
    fn new() -> Self;
    fn set(&self);
    /// Blocks until it is set, and takes that back.
    fn wait(&self);
}
