//! What every peer must offer.

/// A flag that one thread sets, and that another waits for, blocked, and consumes.
pub trait Peer: Send + Sync + Sized + 'static {
    fn new() -> Self;
    fn set(&self);
    /// Blocks until the flag is set, and resets it.
    fn wait(&self);
}
