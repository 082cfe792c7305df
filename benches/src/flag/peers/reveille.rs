//! reveille's own `ThreadSafeFlag`: by `set`, as it comes, and by `set_direct`.

use reveille::ThreadSafeFlag;

use crate::flag::peer::Peer;

/// What a thread that is no signal handler would use.
#[derive(Debug)]
pub(crate) struct Direct(ThreadSafeFlag);

impl Peer for ThreadSafeFlag {
    /// Without the slot that its first parked wait takes.
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        ThreadSafeFlag::new()
    }

    #[inline]
    fn set(&self) {
        ThreadSafeFlag::set(self);
    }

    #[inline]
    fn take(&self) -> bool {
        self.clear()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        ThreadSafeFlag::wait(self)
    }
}

impl Peer for Direct {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self(ThreadSafeFlag::new())
    }

    #[inline]
    fn set(&self) {
        self.0.set_direct();
    }

    #[inline]
    fn take(&self) -> bool {
        self.0.clear()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.0.wait()
    }
}
