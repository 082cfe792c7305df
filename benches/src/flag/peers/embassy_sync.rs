//! embassy-sync's `Signal<()>`. It supports one waiter.
//!
//! Its mutex is the critical section, which with std is one lock for the whole process; `signal`
//! wakes under it.

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;

use crate::flag::peer::Peer;

// So that the section has an implementation: its feature `std`.
use critical_section as _;

pub(crate) type Signal = embassy_sync::signal::Signal<CriticalSectionRawMutex, ()>;

impl Peer for Signal {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Signal::new()
    }

    #[inline]
    fn set(&self) {
        self.signal(());
    }

    #[inline]
    fn take(&self) -> bool {
        self.try_take().is_some()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        Signal::wait(self)
    }
}
