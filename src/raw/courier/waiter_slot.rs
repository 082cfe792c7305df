//! Where a flag keeps its waiters, and which thread wakes the first of them.
//!
//! | build                               | the list is          | the head is woken by              |
//! |-------------------------------------|----------------------|-----------------------------------|
//! | Unix with std                       | in a slot, `'static` | the courier; `set_direct`: caller |
//! | no std; Windows, wasm; Miri         | in the flag          | the caller of `set`               |
//!
//! This file is the first row; `raw/direct.rs` is the second. Miri takes the second, since it
//! reports a leak when a thread outlives `main`; with `--cfg reveille_courier`, and told to ignore
//! leaks, it takes the first. The loom models take the first, and run the courier's rounds
//! themselves.
//!
//! In a child of `fork` a slot that the parent left is of no use: its lock may be locked for good,
//! and its list names threads that do not exist. If the flag had no waiter, it takes another slot.
//! If it had one, it cannot be waited for in the child, and a poll panics.
//!
//! # Invariants
//! **A Flag's Slot Is Leaked.** The pointer in a [`WaiterSlot`] is null, or that of a slot from a
//! station: Slots Live For Ever (see [`slot`](super::slot)).

use core::ptr;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::slot::Slot;
use super::station::Station;
use crate::raw::list::{List, wake_front};
use crate::sync::{AtomicPtr, Lock, const_fn};

/// A flag's slot, once it has had a waiter.
pub(crate) struct WaiterSlot {
    slot: AtomicPtr<Slot<Station>>,
}

// === impl WaiterSlot ===

impl WaiterSlot {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { slot: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    /// Returns the list; the first time, takes a slot and starts the courier for it.
    ///
    /// `has_waiters` returns, with Acquire, whether a waiter is linked.
    ///
    /// # Panics
    /// If the courier cannot be started; in a child of `fork`, if the parent left a waiter in the
    /// list.
    pub(crate) fn open(&self, has_waiters: impl Fn() -> bool) -> &Lock<List> {
        match self.list() {
            Some(list) => list,
            None => self.take_slot(has_waiters),
        }
    }

    /// Returns the list that a linked node is in; none if a parent process left it.
    pub(crate) fn list(&self) -> Option<&Lock<List>> {
        self.own_slot().map(|slot| &slot.list)
    }

    /// Has the courier wake the first waiter. Callable from anywhere.
    pub(crate) fn notify(&self) {
        if let Some(slot) = self.slot() {
            slot.station.send(slot);
        }
    }

    /// Wakes the first waiter on this thread.
    pub(crate) fn notify_direct(&self) {
        if let Some(list) = self.list() {
            wake_front(list);
        }
    }

    fn slot(&self) -> Option<&'static Slot<Station>> {
        // ORDERING: Acquire, from the exchange in `take_slot`.
        let slot = self.slot.load(Acquire);
        // SAFETY: A Flag's Slot Is Leaked.
        unsafe { slot.as_ref() }
    }

    /// Returns the slot, unless a parent process left it.
    fn own_slot(&self) -> Option<&'static Slot<Station>> {
        self.slot().filter(|slot| slot.station.is_of_this_process())
    }

    #[cold]
    fn take_slot(&self, has_waiters: impl Fn() -> bool) -> &Lock<List> {
        loop {
            // ORDERING: Relaxed. Only the address is used.
            let found = self.slot.load(Relaxed);
            if let Some(list) = self.list() {
                return list;
            }
            // ORDERING: Relaxed. A waiter parked after another slot was published, or before the
            // fork. If it parked after another slot was published, the Acquire of `has_waiters`
            // makes that slot visible here.
            let left_behind = has_waiters() && ptr::eq(self.slot.load(Relaxed), found);
            assert!(!left_behind, "reveille: this flag had waiters when the process was forked");
            let station = match Station::started() {
                Ok(station) => station,
                Err(error) => panic!("reveille: the courier cannot be started: {error}"),
            };
            let fresh = station.take_slot();
            let new = ptr::from_ref(fresh).cast_mut();
            // ORDERING: Release publishes the slot to threads that load the pointer.
            if self.slot.compare_exchange(found, new, Release, Relaxed).is_err() {
                station.give_back(fresh);
            }
        }
    }
}

impl Drop for WaiterSlot {
    fn drop(&mut self) {
        if let Some(slot) = self.own_slot() {
            // Futures that were leaked stay linked for good; they keep their memory, and their
            // wakers with it.
            slot.list.with(|list| *list = List::new());
            slot.station.give_back(slot);
        }
    }
}
