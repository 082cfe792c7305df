//! The queue of an event: state word, wait list and wake batch, put together.
//!
//! # How a `set` reaches a waiter
//! ```text
//! set() ─► State ── WAITERS? ─► List ────► WakeBatch ─► Waker::wake
//!          1 RMW      0: done   locked      unlocked     (a task's, or a thread's parker)
//!                               up to 32 at a time, until a node with a newer stamp
//! ```
//! [`State`] has the table of the word, [`list`](crate::raw::list) that of a waiter's status.
//!
//! # Why no wake-up is lost
//! `set` and a parking wait each make one read-modify-write on one word, so one of them is first.
//! `set` first: the wait reads SET, or a newer generation, and does not park. The wait first: `set`
//! reads WAITERS and looks into the list; it gets the lock after the parking wait has linked itself.
//! One word, so no SeqCst.
//!
//! A wait that finds WAITERS there already leaves it at a load. It holds the lock, under which alone
//! WAITERS is written: it stands while the lock is held, and a `set` that this load does not see
//! will read it. (A `set` that has been in the list before made its change before that, too, and the
//! lock shows it to the load.)
//!
//! # Why `set` stops, and wakes only its own
//! A node is linked only while its stamp is the generation of the word, so stamps in the list never
//! decrease. A `set` in generation *g* pops from the head until it meets a stamp newer than *g*:
//! that waiter came after a `clear`, so after this `set` took effect. Two `set`s that drain at once
//! share the nodes; each node is popped by one of them.
//!
//! # Why what happened before `set` is visible after the wait
//! Every change of the word is a read-modify-write, so each `set` heads a release sequence that
//! later ones continue. A wait that completes by the word loads it with Acquire: it reads that
//! `set`, or a successor. A wait that was popped reads WOKEN with Acquire from the `set` that popped
//! it, which is the one that released it or a later one; the later one's Acquire took over what the
//! earlier one released.

use core::pin::Pin;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use core::task::{Context, Poll};

use crate::raw::batch::{self, Left};
use crate::raw::list::{List, Node, Status};
use crate::raw::state::{Generation, State};
use crate::sync::{AtomicUsize, Lock, const_fn};

/// The state of an event and its waiters.
pub(crate) struct Queue {
    state: AtomicUsize,
    pub(crate) list: Lock<List>,
}

// === impl Queue: set, clear, look ===

impl Queue {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { state: AtomicUsize::new(0), list: Lock::new(List::new()) }
        }
    }

    #[inline]
    pub(crate) fn set(&self) {
        // ORDERING: Release gives the caller's writes to whoever reads SET or a later generation
        // (`poll`, `is_set`, `clear`), and to the owner of each node that we pop. Acquire takes
        // over the writes of earlier sets whose waiters we may pop. Also when SET is there already:
        // a redundant set continues the release sequence with its own writes, for `clear` to read.
        let before = State::from_bits(self.state.fetch_or(State::SET, AcqRel));
        if !before.is_set() && before.has_waiters() {
            self.release(before.generation());
        }
    }

    #[inline]
    pub(crate) fn clear(&self) -> bool {
        // ORDERING: Relaxed. Whether it says SET decides only if we try; the exchange acquires.
        let mut state = State::from_bits(self.state.load(Relaxed));
        while state.is_set() {
            // ORDERING: Acquire takes over the writes of every `set` in the release sequence that
            // this ends. No Release: `clear` promises nothing of its caller's writes, and as a
            // read-modify-write it leaves the sets before it readable for those who look later.
            match self.state.compare_exchange_weak(
                state.bits(),
                state.next_generation().bits(),
                Acquire,
                Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => state = State::from_bits(now),
            }
        }
        false
    }

    pub(crate) fn pulse(&self) {
        // ORDERING: Relaxed. A guess for the exchange, which orders.
        let mut state = State::from_bits(self.state.load(Relaxed));
        // ORDERING: AcqRel for the reasons of `set`: those whom we release by the generation read
        // it with Acquire, and those whom we pop may have been released by a `set` before us.
        while let Err(now) = self.state.compare_exchange_weak(
            state.bits(),
            state.next_generation().bits(),
            AcqRel,
            Relaxed,
        ) {
            state = State::from_bits(now);
        }
        if !state.is_set() && state.has_waiters() {
            self.release(state.generation());
        }
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // ORDERING: Acquire takes over the writes before each `set` that this reads.
        State::from_bits(self.state.load(Acquire)).is_set()
    }

    /// The word, for whom it promises nothing.
    pub(crate) fn state(&self) -> State {
        // ORDERING: Relaxed. A look from outside.
        State::from_bits(self.state.load(Relaxed))
    }

    /// Wakes everyone in the list whom a `set` in `generation` released.
    #[inline(never)]
    fn release(&self, generation: Generation) {
        batch::wake_in_batches(|batch| {
            self.list.with(|list| {
                while batch.has_room() {
                    match list.pop_front_if(|stamp| generation.covers(stamp)) {
                        Some(waker) => batch.push(waker),
                        None => {
                            self.settle(list);
                            return Left::None;
                        }
                    }
                }
                Left::Some
            })
        });
    }
}

// === impl Queue: what a wait does, on the node that it carries ===

impl Queue {
    /// A waiter that is released by any `set` from now on, or is so already.
    #[inline]
    pub(crate) fn node(&self) -> Node {
        // ORDERING: Acquire. If the event is set, this is the only load that the wait makes.
        let state = State::from_bits(self.state.load(Acquire));
        Node::new(state.generation(), state.is_set())
    }

    #[inline]
    pub(crate) fn poll(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
        let released = match node.status() {
            Status::Woken | Status::Reported => true,
            Status::Parked => self.poll_parked(node.as_mut(), cx),
            Status::Fresh => self.poll_fresh(node.as_mut(), cx),
        };
        if !released {
            return Poll::Pending;
        }
        node.report();
        Poll::Ready(())
    }

    /// Parks a waiter, unless it is released; tells whether it is.
    fn poll_fresh(&self, node: Pin<&mut Node>, cx: &Context<'_>) -> bool {
        if self.has_released(&node) {
            return true;
        }
        let waker = cx.waker().clone();
        let unneeded = self.list.with(|list| {
            if !self.keep_waiters(&node) {
                return Some(waker);
            }
            // SAFETY: Linked Means Pinned. We own the node, it is not linked, only this event's
            // list ever sees it, and dropping its future calls `cancel`.
            unsafe { list.push_back(node.as_ref(), waker) };
            None
        });
        // What is dropped is dropped here, unlocked, and so it was cloned: foreign code.
        unneeded.is_some()
    }

    /// Polls a waiter that was PARKED a moment ago; tells whether it is released.
    fn poll_parked(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> bool {
        if self.has_released(&node) {
            // The `set` has not got here yet, and need not come.
            self.cancel(node);
            return true;
        }
        if node.as_mut().will_wake(cx.waker()) {
            return false;
        }
        let waker = cx.waker().clone();
        // SAFETY: we own the node, and only this event's list ever sees it.
        let unneeded = self.list.with(|list| unsafe { list.replace(node.as_ref(), waker) });
        // `Err`: popped meanwhile. Either way what is dropped is dropped here, unlocked.
        unneeded.is_err()
    }

    /// Takes a waiter out of the queue, if it is in there.
    #[inline]
    pub(crate) fn cancel(&self, node: Pin<&mut Node>) {
        if node.status() != Status::Parked {
            return;
        }
        let waker = self.list.with(|list| {
            // SAFETY: we own the node, and only this event's list ever sees it.
            let waker = unsafe { list.remove(node.as_ref()) };
            self.settle(list);
            waker
        });
        // Foreign code: unlocked.
        drop(waker);
    }

    /// Whether the word says that `node` is released.
    #[inline]
    fn has_released(&self, node: &Node) -> bool {
        // ORDERING: Acquire takes over the writes before the `set` that releases it: this reads
        // that `set`, or a later change of the word, which continues its release sequence.
        State::from_bits(self.state.load(Acquire)).releases(node.stamp())
    }

    /// Locked: makes WAITERS true for `node`, which is about to be linked; false if it must not be,
    /// since it is released.
    #[inline]
    fn keep_waiters(&self, node: &Node) -> bool {
        // ORDERING: Acquire, as in `has_released`.
        let mut state = State::from_bits(self.state.load(Acquire));
        while !state.releases(node.stamp()) {
            if state.has_waiters() {
                return true;
            }
            // ORDERING: Relaxed on success. A `set` that reads WAITERS takes the lock before it
            // looks at anything else, and gets it after us. Acquire on failure, as in
            // `has_released`.
            match self.state.compare_exchange_weak(
                state.bits(),
                state.with_waiters().bits(),
                Relaxed,
                Acquire,
            ) {
                Ok(_) => return true,
                Err(now) => state = State::from_bits(now),
            }
        }
        false
    }

    /// Locked: clears WAITERS if the last has left.
    #[inline]
    fn settle(&self, list: &List) {
        if list.is_empty() {
            // ORDERING: Relaxed. Only a parking wait relies on it, and that holds the lock.
            self.state.fetch_and(!State::WAITERS, Relaxed);
        }
    }
}
