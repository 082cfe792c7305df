//! The queue of an event: state word, list of waiters and batch, put together.
//!
//! # How a `set` reaches a waiter
//! ```text
//! set() ─► State ── WAITERS? ─► List ──────► Batch ─────► Waker::wake (a task's, a thread's parker,
//!          1 RMW      0: done   locked       unlocked                  a link's callback)
//!                               up to 128 at a time, a link alone, until a node with a newer stamp
//! ```
//! [`Queue::wake_released`] is that path, from the list to the wakers. [`State`] has the table of
//! the word's transitions, [`list`](crate::raw::list) that of a node's status.
//!
//! # Why no wake-up is lost
//! `set` and a parking wait each make one read-modify-write on one word, so one of them is first.
//! `set` first: the wait reads SET, or a newer generation, and does not park. The wait first: `set`
//! reads WAITERS and looks into the list; it gets the lock after the parking wait has put itself in
//! the list. There is one word, so no SeqCst is needed.
//!
//! A parking wait that reads WAITERS = 1 need not write. It holds the lock, and only lock holders
//! change WAITERS, so the bit stays until the node is in the list. A `set` whose change of the word
//! follows the value that this load reads therefore reads 1, and looks into the list after us. A
//! `set` whose change precedes it is either seen by the load, so that the wait does not park, or has
//! yet to take the lock, and will find the node: had it held the lock before us, the lock would
//! show us its change.
//!
//! # Why `set` stops, and wakes its own waiters only
//! Each wait that parks has read its stamp as the generation of the word while it held the lock,
//! and what one holder reads is never older than what the holder before it read: stamps in the list
//! never decrease. A `set` in generation *g* pops from the head until it meets a stamp newer than
//! *g*: that waiter came after a `clear`, so after this `set` took effect. Two `set`s that drain at
//! the same time share the nodes; each node is popped by one of them. So a drain is bounded by the
//! waiters that were there, whatever comes and goes meanwhile.
//!
//! "Newer" is a difference modulo the word, and is reversed when half its range passes during one
//! drain: 2²⁹ clears with 32 bits. So a drain also checks that the current word releases the stamp.
//!
//! # Why a link is taken alone
//! A callback may unlink another. A callback that is still in the list has not started, and leaves
//! it under the lock; one that was taken is about to run. So a callback finds the rest of the
//! waiters in the list, and all waiters before it have been woken: of two that unlink each other
//! exactly one runs, unless another `set` drains at the same time, or inside a callback.
//!
//! A callback may also set another event, whose callback sets a third. The batch is in a frame of
//! its own, [`Queue::wake_to_next_link`], which has returned when a callback runs: each level of
//! such a chain takes a small frame.
//!
//! # Why what happened before `set` is visible after the wait
//! Every change of the word is a read-modify-write, so each `set` heads a release sequence that
//! later ones continue. Of each generation there is one `set` (or `pulse`) that found it clear, and
//! it is the one that releases the waits of that generation. A wait reads of it in one of three
//! ways:
//! - by the word, loaded with Acquire: it reads that `set`, or a successor;
//! - by WOKEN, loaded with Acquire from the `set` that popped it: the one that released it, or a
//!   later one, which has loaded the word with Acquire before;
//! - by the lock, when it changes its waker and has been popped: the `set` that popped it held that
//!   lock before.
//!
//! # Invariants
//! **A Handle Names One Object.** A future holds its primitive by a handle, and reaches the queue
//! in which its node is through `Deref` each time. So every `deref` must return the same primitive
//! for as long as the future lives. The handle is `&X` or `Arc<X>`, and both do: the futures are
//! made by `wait` and `wait_owned` (`stream`, `set_from` and their owned forms) alone, since their
//! fields are private and their constructors are `pub(crate)`; none is `Clone`, and none gives its
//! handle away. Code outside the crate can name `EventWait<MyHandle>`, but cannot make one.

use core::ops::ControlFlow::{self, Break, Continue};
use core::pin::Pin;
use core::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};
use core::task::{Context, Poll, Waker};

use crate::raw::batch::{Batch, CAPACITY};
use crate::raw::list::{List, Node, Status};
use crate::raw::panics::{Panics, despite_panics};
use crate::raw::state::{Generation, State};
use crate::sync::{AtomicUsize, Lock, const_fn};

/// The state of an event and its waiters.
#[expect(
    missing_debug_implementations,
    reason = "`pub` for `HasQueue` alone: its module is private"
)]
pub struct Queue {
    state: AtomicUsize,
    pub(crate) list: Lock<List>,
}

/// A primitive whose waiters are in a [`Queue`]. Sealed: the module is private.
///
/// # Safety
/// `queue` returns the same queue each time: A Handle Names One Object.
pub unsafe trait HasQueue {
    fn queue(&self) -> &Queue;
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
        // ORDERING: Release gives the caller's writes to whatever reads SET or a later generation
        // (`poll`, `is_set`, `clear`). Even if SET is 1 already: a redundant set continues the
        // release sequence with its own writes, for `clear` to read. No Acquire: what earlier sets
        // released to the waiters that we may pop, `take_released` acquires. WAITERS and
        // generation are of the moment of the set: read later, they may be those of waiters that
        // came after a `clear`, which the `set` that releases them then finds gone and not yet
        // woken.
        let before = State::from_bits(self.state.fetch_or(State::SET, Release));
        self.wake_after(before);
    }

    /// Sets an event that is never cleared, for good: `publish` writes `value` first, in a place
    /// that may be read once the event is set. Returns the value if the event is set already.
    ///
    /// `publish` runs locked, in one caller only. So it runs no foreign code, and does not panic.
    ///
    /// # Panics
    /// As `wake_released`. The event is set then.
    pub(crate) fn set_with<V>(&self, value: V, publish: impl FnOnce(V)) -> Result<(), V> {
        if self.is_set() {
            return Err(value);
        }
        let before = self.list.with(|_| {
            // Looked at again: SET is set under this lock.
            if self.is_set() {
                return Err(value);
            }
            publish(value);
            // ORDERING: Release gives what `publish` wrote, and the caller before it, to whatever
            // reads SET. No Acquire, as in `set`.
            Ok(State::from_bits(self.state.fetch_or(State::SET, Release)))
        })?;
        self.wake_after(before);
        Ok(())
    }

    #[inline]
    pub(crate) fn clear(&self) -> bool {
        // ORDERING: Acquire synchronizes with every `set` in the release sequence that this
        // ends. No Release: `clear` promises nothing of its caller's writes, and as a
        // read-modify-write it leaves the sets before it readable for later looks. Relaxed to look:
        // whether it reads SET only decides if the exchange, which acquires, is tried.
        self.update(Acquire, Relaxed, State::cleared).is_ok()
    }

    pub(crate) fn pulse(&self) {
        // ORDERING: Release, as in `set`: the waits that this releases read the generation with
        // Acquire. Relaxed to look: a guess for the exchange.
        if let Ok(before) = self.update(Release, Relaxed, |state| Some(state.pulsed())) {
            self.wake_after(before);
        }
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // ORDERING: Acquire synchronizes with each `set` that this reads.
        self.load(Acquire).is_set()
    }

    /// The word, for diagnosis.
    pub(crate) fn state(&self) -> State {
        // ORDERING: Relaxed. A look from outside.
        self.load(Relaxed)
    }

    #[inline]
    fn load(&self, order: Ordering) -> State {
        // ORDERING: the caller's.
        State::from_bits(self.state.load(order))
    }

    /// Makes one transition of the word: `Ok` with the word before it, or `Err` with a word for
    /// which `next` has no transition.
    #[inline]
    fn update(
        &self,
        success: Ordering,
        look: Ordering,
        next: impl Fn(State) -> Option<State>,
    ) -> Result<State, State> {
        let next = |bits| next(State::from_bits(bits)).map(State::bits);
        // ORDERING: the caller's.
        let before = self.state.fetch_update(success, look, next);
        before.map(State::from_bits).map_err(State::from_bits)
    }
}

// === impl Queue: from a set to the wakers ===

impl Queue {
    /// Wakes the waiters that a `set` or `pulse` released when it changed the word from `before`.
    #[inline]
    fn wake_after(&self, before: State) {
        if !before.is_set() && before.has_waiters() {
            self.wake_released(before.generation());
        }
    }

    /// Wakes all waiters in the list that a `set` in generation `set` released, first to last.
    ///
    /// # Panics
    /// With the first panic of a waker, after all the others have been woken: see
    /// [`despite_panics`].
    #[inline(never)]
    fn wake_released(&self, set: Generation) {
        despite_panics(|panics| {
            while let Some(link) = self.wake_to_next_link(set, panics) {
                panics.contain(|| link.wake());
            }
        });
    }

    /// Wakes the released tasks and threads before the next released link, takes that link, and
    /// returns its waker; `None` if no link follows.
    #[inline(never)]
    fn wake_to_next_link(&self, set: Generation, panics: &mut Panics) -> Option<Waker> {
        let mut batch = Batch::new();
        loop {
            let end = self.list.with(|list| self.take_released(list, set, &mut batch));
            batch.wake(panics);
            if let Break(link) = end {
                return link;
            }
        }
    }

    /// Locked: moves wakers of released waiters into the batch, until it is full or a link follows.
    /// `Break` if there are no more, or with a link, which is taken if no waker was moved before
    /// it.
    #[inline]
    fn take_released(
        &self,
        list: &mut List,
        set: Generation,
        batch: &mut Batch,
    ) -> ControlFlow<Option<Waker>> {
        // ORDERING: Acquire synchronizes with every `set` so far: whichever of them released the
        // nodes that we pop, WOKEN passes its writes to their owners.
        let now = self.load(Acquire);
        let is_released = |node: &&Node| set.covers(node.stamp()) && now.releases(node.stamp());
        let mut has_more = false;
        let mut front = list.front();
        batch.fill(|count| {
            let first = front.peek().filter(is_released)?;
            has_more = first.is_link() || count == CAPACITY;
            if has_more { None } else { front.pop() }
        });
        if has_more {
            // Only a link leaves the batch empty.
            return if batch.is_empty() { Break(front.pop()) } else { Continue(()) };
        }
        drop(front);
        self.clear_waiters_if_empty(list);
        Break(None)
    }

    /// Locked: clears WAITERS if the last node has left the list.
    #[inline]
    fn clear_waiters_if_empty(&self, list: &List) {
        if list.is_empty() {
            // ORDERING: Relaxed. Only a parking wait relies on it, and that holds the lock.
            self.state.fetch_and(!State::WAITERS, Relaxed);
        }
    }

    /// Takes all waiters out of the list and drops their wakers, one at a time: a drop may drop
    /// another event.
    #[cold]
    fn discard_waiters(&mut self) {
        despite_panics(|panics| {
            while let Some(waker) = self.list.with(|list| list.front().pop()) {
                panics.contain(|| drop(waker));
            }
        });
    }
}

// === impl Queue: what a wait does, with the node that it holds ===

impl Queue {
    /// A waiter that any `set` from now on releases, or that is released already.
    #[inline]
    pub(crate) fn node(&self) -> Node {
        // ORDERING: Acquire. If the event is set, this is the only load that the wait makes.
        let state = self.load(Acquire);
        Node::new(state.generation(), state.is_set())
    }

    #[inline]
    pub(crate) fn poll(&self, node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
        if node.status() == Status::Woken {
            node.mark(Status::Terminated);
            return Poll::Ready(());
        }
        self.poll_not_woken(node, cx)
    }

    /// A function of its own, so that what is inlined is small.
    fn poll_not_woken(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
        let is_released = match node.status() {
            Status::Woken | Status::Terminated => true,
            // An event pops its waiters and notifies none.
            Status::Parked | Status::Notified => self.poll_parked(node.as_mut(), cx),
            Status::Fresh => self.poll_fresh(node.as_mut(), cx),
        };
        if !is_released {
            return Poll::Pending;
        }
        node.mark(Status::Terminated);
        Poll::Ready(())
    }

    /// Parks a waiter, unless it is released; returns whether it is.
    fn poll_fresh(&self, node: Pin<&mut Node>, cx: &Context<'_>) -> bool {
        if self.has_released(&node) {
            return true;
        }
        let waker = cx.waker().clone();
        // SAFETY: Listed Means Pinned. We own the node, it is in no list, only this event's list
        // ever holds it, and dropping its future calls `cancel`.
        let unneeded = unsafe { self.park(node.as_ref(), waker) };
        // A waker that is not needed is dropped here, unlocked: foreign code.
        unneeded.is_some()
    }

    /// Polls a waiter that was PARKED a moment ago; returns whether it is released.
    fn poll_parked(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> bool {
        if self.has_released(&node) {
            // The `set` has not reached this node yet, and need not.
            self.cancel(node);
            return true;
        }
        if node.as_mut().will_wake(cx.waker()) {
            return false;
        }
        let waker = cx.waker().clone();
        // SAFETY: One Owner: we own the node, and only this event's list ever holds it.
        let unneeded = self.list.with(|list| unsafe { list.replace(node.as_ref(), waker) });
        // `Err`: popped meanwhile. The waker that is not needed is dropped here, unlocked: foreign
        // code.
        unneeded.is_err()
    }

    /// Takes a waiter out of the queue, if it is in there.
    #[inline]
    pub(crate) fn cancel(&self, node: Pin<&mut Node>) {
        if node.status() != Status::Parked {
            return;
        }
        // SAFETY: One Owner: we own the node, and only this event's list ever holds it.
        let waker = unsafe { self.remove(node.as_ref()) };
        // Unlocked: foreign code.
        drop(waker);
    }

    /// Whether the word releases `node`.
    #[inline]
    fn has_released(&self, node: &Node) -> bool {
        // ORDERING: Acquire synchronizes with the `set` that releases it: this reads
        // that `set`, or a later change of the word, which continues its release sequence.
        self.load(Acquire).releases(node.stamp())
    }

    /// Locked: makes WAITERS 1 for `node`, which is about to enter the list; `false` if it must
    /// not, since it is released.
    #[inline]
    fn announce_waiter(&self, node: &Node) -> bool {
        // ORDERING: Relaxed on success. A `set` that reads WAITERS takes the lock before it looks
        // at anything else, and gets it after us. Acquire to look, as in `has_released`.
        let now = self.update(Relaxed, Acquire, |state| state.announced(node.stamp()));
        // `Err`: another waiter is in the list, or `node` is released.
        !now.is_err_and(|state| state.releases(node.stamp()))
    }
}

// === impl Queue: what a link does, too, with the node beside its callback ===

impl Queue {
    /// The node of a link; `None` if the event is set.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(crate) fn link_node(&self) -> Option<Node> {
        // ORDERING: Acquire, as in `is_set`: the callback runs immediately.
        let state = self.load(Acquire);
        if state.is_set() { None } else { Some(Node::of_link(state.generation())) }
    }

    /// Puts `node` at the end of the queue; or returns `waker` if the node is released.
    ///
    /// # Safety
    /// As [`List::push_back`], with [`remove`](Self::remove) for its `remove`.
    #[inline]
    pub(crate) unsafe fn park(&self, node: Pin<&Node>, waker: Waker) -> Option<Waker> {
        self.list.with(|list| {
            if !self.announce_waiter(&node) {
                return Some(waker);
            }
            // SAFETY: One Owner, and the rest of what `push_back` requires, is the caller's
            // promise.
            unsafe { list.push_back(node, waker) };
            None
        })
    }

    /// Takes `node` out of the queue and returns its waker, to be dropped unlocked; `None` if it is
    /// not in there.
    ///
    /// # Safety
    /// As [`List::remove`].
    pub(crate) unsafe fn remove(&self, node: Pin<&Node>) -> Option<Waker> {
        self.list.with(|list| {
            // SAFETY: One Owner, the caller's promise.
            let waker = unsafe { list.remove(node) }?;
            self.clear_waiters_if_empty(list);
            Some(waker)
        })
    }
}

/// Drops the wakers of the waiters that are still in the list, and wakes none: detached links, and
/// futures that were leaked, whose memory is never freed since they were pinned.
impl Drop for Queue {
    #[inline]
    fn drop(&mut self) {
        if self.state().has_waiters() {
            self.discard_waiters();
        }
    }
}

#[cfg(all(test, not(reveille_loom)))]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::task::Wake;

    use super::*;

    impl Queue {
        /// A queue whose word wraps after this number of clears: with 32 bits it would take 2³⁰ of
        /// them.
        pub(crate) fn before_the_wrap(clears: usize) -> Self {
            let state = AtomicUsize::new(State::before_the_wrap(clears).bits());
            Self { state, list: Lock::new(List::new()) }
        }

        /// Counts this number of clears; modulo the word.
        pub(crate) fn pass(&self, clears: usize) {
            let change = State::before_the_wrap(clears).bits().wrapping_neg();
            // ORDERING: Relaxed. For tests of one thread.
            self.state.fetch_add(change, Relaxed);
        }
    }

    /// Woken in the middle of a drain, lets half of all generations pass, and parks a wait.
    struct Eternity {
        queue: Queue,
        late: Mutex<Option<Pin<Box<Node>>>>,
    }

    const fn half_of_all_generations() -> usize {
        1 << (usize::BITS - 3)
    }

    impl Wake for Eternity {
        fn wake(self: Arc<Self>) {
            assert!(self.queue.clear());
            self.queue.pass(half_of_all_generations());
            *self.late.lock().unwrap() = Some(park(&self.queue, Waker::noop()));
        }
    }

    fn park(queue: &Queue, waker: &Waker) -> Pin<Box<Node>> {
        let mut node = Box::pin(queue.node());
        assert!(queue.poll(node.as_mut(), &Context::from_waker(waker)).is_pending());
        node
    }

    #[test]
    fn drain_that_sees_half_of_all_generations_pass_releases_no_later_waiter() {
        let eternity = Arc::new(Eternity { queue: Queue::new(), late: Mutex::new(None) });
        let queue = &eternity.queue;
        let mut nodes = vec![park(queue, &Waker::from(Arc::clone(&eternity)))];
        // So many that the drain comes back for another batch.
        nodes.extend((0..CAPACITY + 8).map(|_| park(queue, Waker::noop())));
        queue.set();
        assert!(nodes.iter().all(|node| node.status() == Status::Woken));
        let late = eternity.late.lock().unwrap().take().expect("it was woken");
        assert_eq!(late.status(), Status::Parked, "released without a set since it was created");
        for node in nodes.iter_mut().map(Pin::as_mut).chain([late].iter_mut().map(Pin::as_mut)) {
            queue.cancel(node);
        }
    }
}
