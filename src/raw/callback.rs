//! A waiter that is a callback: its node and the callback, in one allocation.
//!
//! ```text
//!  Registration, in a Link       Callback, in an Arc            List
//!  ┌───────┐                     ┌──────────────────┐
//!  │ place ├────────────────────►│ node             │◄────────── head
//!  └───────┘                 ┌──►│  └ waker ──┐     │
//!                            │   │ callback   │     │
//!                            │   └────────────┼─────┘
//!                            └────────────────┘ while PARKED
//! ```
//! While the node is PARKED, its waker owns the allocation that the node is in: a detached callback
//! stays in the queue when its handle is gone. The code that ends PARKED takes the waker, and so
//! decides what becomes of the callback:
//!
//! | code                    | takes the node out           | does with the waker   | the callback |
//! |-------------------------|------------------------------|-----------------------|--------------|
//! | `set`, `pulse`          | by `pop`, locked             | wakes it, unlocked    | runs         |
//! | the handle              | by `remove`, locked          | drops it, unlocked    | never runs   |
//! | the drop of the queue   | by `pop`, locked             | drops it, unlocked    | never runs   |
//!
//! There is one node and one lock, so exactly one of them takes it: `unlink` returns `true` if and
//! only if the callback never runs. `unlink` does not wait: it does not check whether a callback
//! that was taken has started or ended.
//!
//! # Invariants
//! **A Callback Stays In Its Arc.** A [`Callback`] is created in an `Arc`. No code takes it out or
//! accesses it by `&mut` before the last reference is gone, so its node is pinned.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::task::Waker;

use crate::raw::list::{Node, Status};
use crate::raw::queue::Queue;
use crate::sync::Lock;

/// A handle's reference to its callback; it is the owner of the node, as a future is of its own.
pub(crate) struct Registration {
    place: Option<Arc<dyn Place>>,
}

/// A callback in the queue.
struct Callback<F> {
    node: Node,
    /// `None` once it has been taken out to run.
    run: Lock<Option<F>>,
}

/// A [`Callback`] of any type. No other type implements it.
trait Place: Send + Sync {
    fn node(&self) -> &Node;
}

// === impl Registration ===

impl Registration {
    /// Puts `callback` into the queue, or runs it immediately if the event is set.
    ///
    /// # Panics
    /// With the panic of a callback that runs immediately.
    pub(crate) fn new<F: FnOnce() + Send + 'static>(queue: &Queue, callback: F) -> Self {
        let Some(node) = queue.link_node() else {
            callback();
            return Self { place: None };
        };
        let callback = Arc::new(Callback { node, run: Lock::new(Some(callback)) });
        let waker = Waker::from(Arc::clone(&callback));
        let place: Arc<dyn Place> = callback;
        // SAFETY: One Owner, and A Callback Stays In Its Arc. We own the node, it is in no list,
        // and only this queue's list ever holds it. The waker keeps it alive until it is popped or
        // removed.
        if let Some(released) = unsafe { queue.park(pinned(&place), waker) } {
            // The event has been set since `link_node`.
            released.wake();
            return Self { place: None };
        }
        Self { place: Some(place) }
    }

    /// Takes the callback out of `queue`, which is the queue of `new`, and drops it; returns
    /// `false` if it was taken to run.
    pub(crate) fn unlink(&mut self, queue: &Queue) -> bool {
        let Some(place) = self.place.take() else { return false };
        // A node that was taken is never put back, so this check needs no lock.
        if place.node().status() != Status::Parked {
            return false;
        }
        // SAFETY: One Owner: we own the node, and only this queue's list ever holds it.
        let waker = unsafe { queue.remove(pinned(&place)) };
        // The waker is dropped here, unlocked, and with the last reference the callback.
        waker.is_some()
    }

    /// Leaves the callback in the queue, permanently.
    pub(crate) fn detach(&mut self) {
        self.place = None;
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.node().status() == Status::Parked)
    }
}

// A handle gives no access to the callback, which is run once or dropped whole, by the owner of its
// waker.
impl UnwindSafe for Registration {}
impl RefUnwindSafe for Registration {}

// === impl Callback ===

impl<F: FnOnce() + Send + 'static> Wake for Callback<F> {
    fn wake(self: Arc<Self>) {
        // The callback is taken out locked, and runs unlocked: foreign code.
        let run = self.run.with(Option::take);
        if let Some(run) = run {
            run();
        }
    }
}

impl<F: Send> Place for Callback<F> {
    fn node(&self) -> &Node {
        &self.node
    }
}

fn pinned(place: &Arc<dyn Place>) -> Pin<&Node> {
    // SAFETY: A Callback Stays In Its Arc.
    unsafe { Pin::new_unchecked(place.node()) }
}
