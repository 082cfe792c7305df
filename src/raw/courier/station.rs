//! The station: everything that belongs to the courier of one process.
//!
//! # Invariants
//! **Stations Live For Ever.** A station is leaked before it is published in [`STATION`], and so is
//! the descriptor that it publishes in `wake_fd`. A pointer that was loaded from either is null, or
//! stays valid.

use core::panic::AssertUnwindSafe;
use core::ptr;
use core::sync::atomic::Ordering::{Acquire, Release};
use std::{io, panic};

use super::slot::{Slot, Stack};
use super::system::{self, Process, WakeFd};
use crate::raw::list::wake_front;
use crate::sync::{AtomicPtr, Lock};

/// One process's courier, and the slots that it serves.
pub(crate) struct Station {
    process: Process,
    /// Null until the courier has been started; never changed after that.
    wake_fd: AtomicPtr<WakeFd>,
    stack: Stack<Self>,
    starting: Lock<()>,
    pool: Lock<Vec<&'static Slot<Self>>>,
}

/// This process's station. Before its first use it is null, or in a child the parent's.
#[cfg(not(reveille_loom))]
static STATION: AtomicPtr<Station> = AtomicPtr::new(ptr::null_mut());
#[cfg(reveille_loom)]
use crate::tests::mocks::STATION;

// === impl Station: its start ===

impl Station {
    /// Returns this process's station, with its courier running.
    ///
    /// # Errors
    /// Those of [`start`](super::start).
    pub(crate) fn started() -> io::Result<&'static Self> {
        let station = Self::of_this_process()?;
        station.start()?;
        Ok(station)
    }

    fn new() -> io::Result<Self> {
        Ok(Self {
            process: Process::this()?,
            wake_fd: AtomicPtr::new(ptr::null_mut()),
            stack: Stack::new(),
            starting: Lock::new(()),
            pool: Lock::new(Vec::new()),
        })
    }

    fn of_this_process() -> io::Result<&'static Self> {
        // ORDERING: Acquire, from the exchange that published it.
        let found = STATION.load(Acquire);
        // SAFETY: Stations Live For Ever.
        if let Some(station) = unsafe { found.as_ref() }.filter(|it| it.is_of_this_process()) {
            return Ok(station);
        }
        let fresh = Box::into_raw(Box::new(Self::new()?));
        // ORDERING: Release publishes the station to threads that load the pointer. No Acquire on
        // success: the old value is not used. Acquire on failure: another thread was first, and we
        // use its station.
        match STATION.compare_exchange(found, fresh, Release, Acquire) {
            // SAFETY: Stations Live For Ever.
            Ok(_) => Ok(unsafe { &*fresh }),
            Err(other) => {
                // SAFETY: Stations Live For Ever, but this one was not published, so it is ours
                // alone.
                drop(unsafe { Box::from_raw(fresh) });
                // SAFETY: Stations Live For Ever.
                Ok(unsafe { &*other })
            }
        }
    }

    /// Starts the courier, unless it runs already.
    fn start(&'static self) -> io::Result<()> {
        if self.wake_fd().is_some() {
            return Ok(());
        }
        self.starting.with(|()| {
            // Looked at again: a thread that has started it meanwhile did so under this lock.
            if self.wake_fd().is_some() {
                return Ok(());
            }
            let wake_fd = Box::new(WakeFd::new()?);
            system::spawn(|| self.run())?;
            // Last: a thread that finds the descriptor need not check that the courier runs.
            // ORDERING: Release publishes the descriptor to threads that load the pointer.
            self.wake_fd.store(Box::into_raw(wake_fd), Release);
            Ok(())
        })
    }

    /// The descriptor on which the courier sleeps, once it has been started.
    pub(crate) fn wake_fd(&self) -> Option<&'static WakeFd> {
        // ORDERING: Acquire, from the store in `start`.
        let wake_fd = self.wake_fd.load(Acquire);
        // SAFETY: Stations Live For Ever.
        unsafe { wake_fd.as_ref() }
    }

    pub(super) fn is_of_this_process(&self) -> bool {
        self.process.is_this()
    }
}

// === impl Station: what its thread does ===

impl Station {
    fn run(&self) {
        // The thread that has started this one holds the lock until it has stored the descriptor.
        self.starting.with(|()| ());
        while let (true, Some(wake_fd)) = (self.is_of_this_process(), self.wake_fd()) {
            self.round(wake_fd);
        }
    }

    /// Sleeps until the descriptor is set, and delivers to each slot that is in the stack then.
    pub(crate) fn round(&self, wake_fd: &WakeFd) {
        self.stack.round(
            || wake_fd.wait(),
            |slot| {
                // If a waker forks on this thread, the thread continues in the child too. There
                // neither the descriptor nor the slots that were taken already are ours.
                if self.is_of_this_process() {
                    deliver(slot);
                }
            },
        );
    }
}

/// Wakes the first of a slot's waiters; contains the panic of its waker.
fn deliver(slot: &'static Slot<Station>) {
    // The panic hook has reported it, and this thread has no caller to pass it on to.
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| wake_front(&slot.list))) {
        core::mem::forget(payload);
    }
}

// === impl Station: its slots ===

impl Station {
    /// Returns a slot with an empty list.
    pub(super) fn take_slot(&'static self) -> &'static Slot<Self> {
        self.pool.with(Vec::pop).unwrap_or_else(|| Slot::leak(self))
    }

    /// Returns a slot to the pool. Its list is empty.
    pub(super) fn give_back(&self, slot: &'static Slot<Self>) {
        self.pool.with(|pool| pool.push(slot));
    }

    /// Sends the courier to the first of the slot's waiters. Callable from signal handlers.
    pub(super) fn send(&self, slot: &'static Slot<Self>) {
        // The descriptor was stored before the slot was taken.
        if let (true, Some(wake_fd)) = (self.is_of_this_process(), self.wake_fd()) {
            self.stack.send(slot, || wake_fd.wake());
        }
    }
}
