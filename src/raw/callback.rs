//! A waiter that is a callback: its place in the queue, and the callback, in one allocation.
//!
//! ```text
//!  Registration, the handle            Callback, in an Arc            List
//!  ┌───────┐                     ┌──────────────────┐
//!  │ place ├────────────────────►│ node             │◄────────── head
//!  └───────┘                 ┌──►│  └ waker ──┐     │
//!                            │   │ callback   │     │
//!                            │   └────────────┼─────┘
//!                            └────────────────┘ while PARKED
//! ```
//! While the node is PARKED, its waker owns the allocation that the node is in: a link keeps its place
//! when its handle has gone. Whoever ends that has the waker in hand, and so the last word:
//!
//! | who                     | has the node                 | does with the waker   | the callback |
//! |-------------------------|------------------------------|-----------------------|--------------|
//! | `set`, `pulse`          | popped, locked               | wakes it, unlocked    | runs         |
//! | the handle              | removed, locked              | drops it, unlocked    | never runs   |
//! | the drop of the queue   | popped                       | drops it              | never runs   |
//!
//! One node, one lock, so exactly one of them: `unlink` says true if and only if the callback never
//! runs. And it waits for nobody: whether a callback that was taken has begun or ended, it does not ask.
//!
//! # Invariants
//! **A Callback Stays In Its Arc.** A [`Callback`] is made in an `Arc`, and nobody takes it out or
//! reaches it by `&mut` before the last count is gone: its node is pinned.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::task::Waker;

use crate::raw::list::{Node, Status};
use crate::raw::queue::Queue;
use crate::sync::Lock;

/// A handle's hold on its callback; it owns the node, as a future owns its own.
pub(crate) struct Registration {
    place: Option<Arc<dyn Place>>,
}

/// A callback in the queue.
struct Callback<F> {
    node: Node,
    /// Taken out by the one who runs it.
    run: Lock<Option<F>>,
}

/// A [`Callback`], whatever it calls. Nothing else is one.
trait Place: Send + Sync {
    fn node(&self) -> &Node;
}

// === impl Registration ===

impl Registration {
    /// Puts `callback` into the queue, or runs it at once if the event is set.
    ///
    /// # Panics
    /// With the panic of a callback that runs at once.
    pub(crate) fn new<F: FnOnce() + Send + 'static>(queue: &Queue, callback: F) -> Self {
        let Some(node) = queue.link_node() else {
            callback();
            return Self { place: None };
        };
        let callback = Arc::new(Callback { node, run: Lock::new(Some(callback)) });
        let waker = Waker::from(Arc::clone(&callback));
        let place: Arc<dyn Place> = callback;
        // SAFETY: we own the node, it is not linked, and only this queue's list ever sees it. The
        // waker keeps it alive until it is popped or removed.
        if let Some(released) = unsafe { queue.park(pinned(&place), waker) } {
            // Set since we looked.
            released.wake();
            return Self { place: None };
        }
        Self { place: Some(place) }
    }

    /// Takes the callback out of `queue`, which is that of `new`, and drops it. False if it was taken
    /// to run.
    pub(crate) fn unlink(&mut self, queue: &Queue) -> bool {
        let Some(place) = self.place.take() else { return false };
        // Taken, and never put back: no lock for that.
        if place.node().status() != Status::Parked {
            return false;
        }
        // SAFETY: we own the node, and only this queue's list ever sees it.
        let waker = unsafe { queue.remove(pinned(&place)) };
        // Dropped here, unlocked: the waker, and with the last count the callback.
        waker.is_some()
    }

    /// Leaves the callback where it is, for good.
    pub(crate) fn detach(&mut self) {
        self.place = None;
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.node().status() == Status::Parked)
    }
}

// Through a handle nobody sees the callback: it is run once or dropped whole, by whoever has its waker.
impl UnwindSafe for Registration {}
impl RefUnwindSafe for Registration {}

// === impl Callback ===

impl<F: FnOnce() + Send + 'static> Wake for Callback<F> {
    fn wake(self: Arc<Self>) {
        // Taken out locked, run unlocked.
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
