//! A flag's slot: the part of a flag that outlives it, and that a signal handler may touch.
//!
//! A flag gets a slot when its first waiter parks: the wait list under its lock, and a link in the
//! courier's stack. Slots are never freed, only pooled. So a slot that is still in the stack when
//! its flag is dropped is harmless: the courier finds an empty list, or the list of another flag,
//! whose head it wakes unnecessarily.
//!
//! ```text
//!  Stack                 Slot                 Slot
//!  ┌─────┐               ┌─────────┐          ┌─────────┐
//!  │ top ├──────────────►│ next    ├─────────►│ next    ├──► null
//!  └─────┘               │ queued  │          │ queued  │
//!  push by exchange,     │ list    │          │ list    │
//!  all taken by swap     │ station │          │ station │
//!                        └─────────┘          └─────────┘
//! ```
//!
//! # How `queued` changes
//! | before | thread  | does                                                | after |
//! |:------:|---------|-----------------------------------------------------|:-----:|
//! |   0    | setter  | swap 1; it was 0, so push                           |   1   |
//! |   1    | setter  | swap 1; it was 1, so the courier has not looked yet |   1   |
//! |   1    | courier | has taken the stack; reads `next`, then swaps 0     |   0   |
//!
//! # Invariants
//! **Queued Owns The Link.** The setter that makes `queued` 1 owns `next` until its push has
//! succeeded. From then on the thread that takes the stack owns it, until that thread makes
//! `queued` 0. So a slot is in the stack at most once.
//!
//! **Slots Live For Ever.** A slot is leaked when it is created, so a pointer to it stays valid.
//!
//! # Why a setter that finds `queued` 1 may return
//! Its swap precedes the courier's in the modification order of `queued`, so the courier's Acquire
//! synchronizes with it: the courier sees that the flag is set. The courier looks for a waiter
//! after that.
//!
//! # Why there is no ABA
//! A push compares the top with the value that it has just stored as its slot's `next`. If the top
//! was taken and the same slot was pushed again in between, `next` still names the top. No thread
//! pops a single slot.

use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::raw::list::List;
use crate::sync::{AtomicBool, AtomicPtr, Lock};

/// A flag's wait list, and its place in the stack of the courier, whose station is `S`.
pub(crate) struct Slot<S: Sync + 'static> {
    pub(crate) list: Lock<List>,
    /// Whether the slot is in the stack, or about to be.
    queued: AtomicBool,
    next: AtomicPtr<Self>,
    pub(super) station: &'static S,
}

/// Slots whose flags have been set, last in first.
pub(crate) struct Stack<S: Sync + 'static> {
    top: AtomicPtr<Slot<S>>,
}

/// Slots taken from a stack, in the order in which they were pushed.
struct Taken<S: Sync + 'static> {
    next: *mut Slot<S>,
}

// === impl Slot ===

impl<S: Sync> Slot<S> {
    /// Creates a slot, which is never freed.
    pub(crate) fn leak(station: &'static S) -> &'static Self {
        Box::leak(Box::new(Self {
            list: Lock::new(List::new()),
            queued: AtomicBool::new(false),
            next: AtomicPtr::new(ptr::null_mut()),
            station,
        }))
    }
}

// === impl Stack ===

impl<S: Sync> Stack<S> {
    pub(crate) fn new() -> Self {
        Self { top: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The setter's side: pushes the slot, then calls `wake`, unless the slot is in the stack
    /// already. Callable from signal handlers if `wake` is.
    #[inline]
    pub(crate) fn send(&self, slot: &'static Slot<S>, wake: impl FnOnce()) {
        if self.push(slot) {
            wake();
        }
    }

    /// The courier's side: drains its descriptor, then delivers to each slot of the stack.
    pub(crate) fn round(&self, drain: impl FnOnce(), deliver: impl FnMut(&'static Slot<S>)) {
        drain();
        self.take().for_each(deliver);
    }

    /// Pushes a slot onto the stack; returns false if it is there already.
    fn push(&self, slot: &'static Slot<S>) -> bool {
        // ORDERING: Release publishes that the flag is set to the courier's swap, even if `queued`
        // is 1 already. Acquire pairs with that swap: the courier has read `next`, and we may write
        // it.
        if slot.queued.swap(true, AcqRel) {
            return false;
        }
        // ORDERING: Relaxed. A guess, which the exchange checks.
        let mut top = self.top.load(Relaxed);
        loop {
            // ORDERING: Relaxed. Queued Owns The Link; the exchange below publishes it.
            slot.next.store(top, Relaxed);
            // ORDERING: Release publishes `next` to `take`. A push does not read the slots below
            // its own, and as a read-modify-write it continues their release sequences.
            match self.top.compare_exchange_weak(
                top,
                ptr::from_ref(slot).cast_mut(),
                Release,
                Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => top = now,
            }
        }
    }

    /// Takes all slots.
    fn take(&self) -> Taken<S> {
        // ORDERING: Acquire, from the push of each slot: its `next`.
        let mut rest = self.top.swap(ptr::null_mut(), Acquire);
        // Reversed: first pushed, first delivered.
        let mut next = ptr::null_mut();
        while let Some(slot) = as_slot(rest) {
            // ORDERING: Relaxed. Queued Owns The Link: each is queued, so its link is ours.
            rest = slot.next.load(Relaxed);
            // ORDERING: Relaxed. As above.
            slot.next.store(next, Relaxed);
            next = ptr::from_ref(slot).cast_mut();
        }
        Taken { next }
    }
}

// === impl Taken ===

impl<S: Sync> Iterator for Taken<S> {
    type Item = &'static Slot<S>;

    /// Returns a slot that may be pushed again from now on.
    fn next(&mut self) -> Option<Self::Item> {
        let slot = as_slot(self.next)?;
        // ORDERING: Relaxed. Queued Owns The Link, until the next line.
        self.next = slot.next.load(Relaxed);
        // ORDERING: Acquire synchronizes with the swap of each setter: its flag is set. Release
        // hands `next`, which we have read, to the setter that writes it next.
        slot.queued.swap(false, AcqRel);
        Some(slot)
    }
}

fn as_slot<S: Sync>(slot: *mut Slot<S>) -> Option<&'static Slot<S>> {
    // SAFETY: Slots Live For Ever: it is null, or was made from a `&'static Slot`.
    unsafe { slot.as_ref() }
}
