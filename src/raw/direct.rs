//! Stands for [`courier`](crate::raw::courier) in builds that have none: a flag keeps its waiters
//! itself, and `set` wakes the first on the calling thread. `raw/courier/waiter_slot.rs` has the
//! table of both.

use crate::raw::list::{List, wake_front};
use crate::sync::{Lock, const_fn};

/// A flag's wait list.
pub(crate) struct WaiterSlot {
    list: Lock<List>,
}

/// Does nothing: there is no courier to start.
#[cfg(feature = "std")]
pub(crate) fn start() -> std::io::Result<()> {
    Ok(())
}

// === impl WaiterSlot ===

impl WaiterSlot {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { list: Lock::new(List::new()) }
        }
    }

    pub(crate) fn open(&self, _has_waiters: impl Fn() -> bool) -> &Lock<List> {
        &self.list
    }

    pub(crate) fn list(&self) -> Option<&Lock<List>> {
        Some(&self.list)
    }

    pub(crate) fn notify(&self) {
        self.notify_direct();
    }

    pub(crate) fn notify_direct(&self) {
        wake_front(&self.list);
    }
}
