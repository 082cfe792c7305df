//! A flag's slot: what of a flag outlives it, and may be touched from a signal handler.
//!
//! A flag that has ever parked someone has a slot: its wait list under its lock, and a link in the
//! courier's stack. Slots are never freed, only pooled, so a slot that is still in the stack when its
//! flag is dropped harms nobody: the courier finds a list that is empty, or another flag's, whose
//! head it wakes for nothing.
//!
//! ```text
//!  Stack                 Slot                 Slot
//!  ┌─────┐               ┌────────┐           ┌────────┐
//!  │ top ├──────────────►│ next   ├──────────►│ next   ├──► null
//!  └─────┘               │ queued │           │ queued │
//!  push by exchange,     │ list   │           │ list   │
//!  all taken by swap     └────────┘           └────────┘
//! ```
//!
//! # A slot's way
//! | queued | who     | does                                              | queued |
//! |:------:|---------|---------------------------------------------------|:------:|
//! |   0    | setter  | swap 1; it was 0, so push                         |   1    |
//! |   1    | setter  | swap 1; it was 1, so the courier has yet to look  |   1    |
//! |   1    | courier | has taken the stack; reads `next`, then swaps 0   |   0    |
//!
//! # Invariants
//! **Queued Owns The Link.** `next` is written by the setter that made `queued` 1, until its push has
//! succeeded, and read by whoever took the stack, until it makes `queued` 0. So a slot is in the stack
//! once at most.
//!
//! **Slots Live For Ever.** A slot is leaked, so a pointer to one that was once made is good.
//!
//! # Why a setter that finds `queued` 1 may go
//! Its swap comes before the courier's, in the order of the word's changes, so the courier's Acquire
//! takes over what the setter did: the flag is set. The courier looks for a waiter after that.
//!
//! # Why there is no ABA
//! A push compares the top with what it has just stored as its slot's `next`. If the top was taken and
//! the same slot pushed anew in between, `next` still names the top. Nobody pops a single slot.

use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::raw::list::List;
use crate::sync::{AtomicBool, AtomicPtr, Lock, const_fn};

/// A flag's wait list, and its place in the courier's stack.
pub(crate) struct Slot {
    pub(crate) list: Lock<List>,
    queued: AtomicBool,
    next: AtomicPtr<Slot>,
}

/// Slots whose flags have been set, last in first.
pub(crate) struct Stack {
    top: AtomicPtr<Slot>,
}

/// Slots taken from a stack, in the order in which they were pushed.
struct Taken {
    next: *mut Slot,
}

// === impl Slot ===

impl Slot {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self {
                list: Lock::new(List::new()),
                queued: AtomicBool::new(false),
                next: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }
}

// === impl Stack ===

impl Stack {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { top: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    /// The setter's side: pushes the slot, then rings. Callable from signal handlers, as `ring` is.
    #[inline]
    pub(crate) fn send(&self, slot: &'static Slot, ring: impl FnOnce()) {
        if self.push(slot) {
            ring();
        }
    }

    /// The courier's side: drains the bell, then delivers to each slot that is there.
    pub(crate) fn round(&self, drain: impl FnOnce(), deliver: impl FnMut(&'static Slot)) {
        drain();
        self.take().for_each(deliver);
    }

    /// Puts a slot on the stack; false if it is there already.
    fn push(&self, slot: &'static Slot) -> bool {
        // ORDERING: Release gives the setting of the flag to the courier's swap, also if it is 1
        // already. Acquire, from that swap: the courier has read `next`, and we may write it.
        if slot.queued.swap(true, AcqRel) {
            return false;
        }
        // ORDERING: Relaxed. A guess; the exchange tells.
        let mut top = self.top.load(Relaxed);
        loop {
            // ORDERING: Relaxed. Queued Owns The Link; the exchange below publishes it.
            slot.next.store(top, Relaxed);
            // ORDERING: Release gives `next` to `take`. A push only passes the slots below it on,
            // and as a read-modify-write keeps their release sequences.
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
    fn take(&self) -> Taken {
        // ORDERING: Acquire, for the `next` of each slot that was pushed.
        let mut rest = self.top.swap(ptr::null_mut(), Acquire);
        // Turned about: first pushed, first served.
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

impl Iterator for Taken {
    type Item = &'static Slot;

    /// A slot that may be pushed again from now on.
    fn next(&mut self) -> Option<&'static Slot> {
        let slot = as_slot(self.next)?;
        // ORDERING: Relaxed. Queued Owns The Link, until the next line.
        self.next = slot.next.load(Relaxed);
        // ORDERING: Acquire takes over what each setter did before its swap. Release gives our read
        // of `next` to the setter that writes it next.
        slot.queued.swap(false, AcqRel);
        Some(slot)
    }
}

fn as_slot(slot: *mut Slot) -> Option<&'static Slot> {
    // SAFETY: Slots Live For Ever. It is null, or came from a `&'static Slot`.
    unsafe { slot.as_ref() }
}
