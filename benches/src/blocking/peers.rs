//! The peers, each used as its documentation says.
//!
//! `events` and asyncband have no blocking wait; tokio's `Notify` has none outside an executor.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Condvar, Mutex, PoisonError};

use event_listener::{Listener, listener};
use rsevents::{AutoResetEvent, Awaitable, EventState};

use crate::blocking::peer::Peer;

/// Ours; the waiter clears it.
impl Peer for reveille::Event {
    fn new() -> Self {
        Self::new()
    }

    fn set(&self) {
        Self::set(self);
    }

    fn wait(&self) {
        self.wait_blocking();
        self.clear();
    }
}

/// Ours, as from a signal handler: the courier wakes the thread.
impl Peer for reveille::ThreadSafeFlag {
    fn new() -> Self {
        Self::new()
    }

    fn set(&self) {
        Self::set(self);
    }

    fn wait(&self) {
        self.wait_blocking();
    }
}

/// Ours, as from a thread.
pub(super) struct Direct(reveille::ThreadSafeFlag);

impl Peer for Direct {
    fn new() -> Self {
        Self(reveille::ThreadSafeFlag::new())
    }

    fn set(&self) {
        self.0.set_direct();
    }

    fn wait(&self) {
        self.0.wait_blocking();
    }
}

/// An `event_listener::Event` beside a flag, in the loop of its documentation.
pub(super) struct Listened {
    set: AtomicBool,
    changed: event_listener::Event,
}

impl Listened {
    fn take(&self) -> bool {
        // ORDERING: Acquire, from `set`. Relaxed: nothing was taken.
        self.set.compare_exchange(true, false, Acquire, Relaxed).is_ok()
    }
}

impl Peer for Listened {
    fn new() -> Self {
        Self { set: AtomicBool::new(false), changed: event_listener::Event::new() }
    }

    fn set(&self) {
        // ORDERING: Release, to the exchange in `take`. `notify` orders it before its check for
        // listeners, as the documentation says.
        self.set.store(true, Release);
        self.changed.notify(1);
    }

    fn wait(&self) {
        while !self.take() {
            listener!(self.changed => listener);
            if self.take() {
                return;
            }
            listener.wait();
        }
    }
}

/// std's `Condvar` with its `Mutex` of a bool; notified after the lock is released.
pub(super) struct Std {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Peer for Std {
    fn new() -> Self {
        Self { set: Mutex::new(false), changed: Condvar::new() }
    }

    fn set(&self) {
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }

    fn wait(&self) {
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        while !*set {
            set = self.changed.wait(set).unwrap_or_else(PoisonError::into_inner);
        }
        *set = false;
    }
}

/// rsevents' `AutoResetEvent`, as it comes: parking_lot's parking, under one byte.
impl Peer for AutoResetEvent {
    fn new() -> Self {
        Self::new(EventState::Unset)
    }

    fn set(&self) {
        Self::set(self);
    }

    fn wait(&self) {
        Awaitable::wait(self);
    }
}
