//! The queue of an event: state word, wait list and wake batch, put together.
//!
//! # How a `set` reaches a waiter
//! ```text
//! set() ─► State ── WAITERS? ─► List ────► WakeBatch ─► Waker::wake
//!          1 RMW      0: done   locked      unlocked     (a task's, a thread's parker, a link's callback)
//!                               up to 128 at a time, a link alone, until a node with a newer stamp
//! ```
//! [`State`] has the table of the word, [`list`](crate::raw::list) that of a waiter's status.
//!
//! # Why no wake-up is lost
//! `set` and a parking wait each make one read-modify-write on one word, so one of them is first.
//! `set` first: the wait reads SET, or a newer generation, and does not park. The wait first: `set`
//! reads WAITERS and looks into the list; it gets the lock after the parking wait has linked itself.
//! One word, so no SeqCst.
//!
//! A parking wait that reads WAITERS = 1 need not write. It holds the lock, and only lock holders
//! change WAITERS, so the bit stays until the node is linked. A `set` that comes after this load, in
//! the order of the word's changes, therefore reads 1, and looks into the list after us. A `set` that
//! comes before it is either seen by the load, so that the wait does not park, or has yet to take the
//! lock, and will find the node: had it held the lock before us, the lock would show us its change.
//!
//! # Why `set` stops, and wakes only its own
//! Each wait that parks has read its stamp as the generation of the word while it held the lock, and
//! what one holder reads is never older than what the holder before it read: stamps in the list
//! never decrease. A `set` in generation *g* pops from the head until it meets a stamp newer than
//! *g*: that waiter came after a `clear`, so after this `set` took effect. Two `set`s that drain at
//! once share the nodes; each node is popped by one of them. So a drain is bounded by those who were
//! there, whoever comes and goes meanwhile.
//!
//! "Newer" is a difference modulo the word, and turns over when half its range passes during one
//! drain: 2²⁹ clears with 32 bits. So a drain asks the word as well whether the stamp is released.
//!
//! # Why a link is taken alone
//! A callback may unlink another. One that stands in the list still has not started, and leaves it under
//! the lock; one that was taken is about to run. So a callback finds those behind it in the list, and
//! whoever stands before it has been woken: of two that unlink each other exactly one runs.
//!
//! # Why what happened before `set` is visible after the wait
//! Every change of the word is a read-modify-write, so each `set` heads a release sequence that
//! later ones continue. Of each generation there is one `set` (or `pulse`) that found it clear, and it
//! is the one that releases the waits of that generation. A wait learns of it in one of three ways:
//! - by the word, loaded with Acquire: it reads that `set`, or a successor;
//! - by WOKEN, loaded with Acquire from the `set` that popped it: the one that released it, or a later
//!   one, which has loaded the word with Acquire before;
//! - by the lock, when it wants to change its waker and has been popped: whoever popped it held that
//!   lock before.

use core::pin::Pin;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::task::{Context, Poll, Waker};

use crate::raw::batch::{self, CAPACITY, Filling, Left};
use crate::raw::list::{List, Node, Status, Taker};
use crate::raw::state::{Generation, State};
use crate::sync::{AtomicUsize, Lock, const_fn};

/// The state of an event and its waiters.
pub(crate) struct Queue {
    state: AtomicUsize,
    pub(crate) list: Lock<List>,
}

/// Takes those whom a `set` released, a link alone.
struct Releasing<'a> {
    batch: Filling<'a>,
    /// The generation of the `set`.
    set: Generation,
    now: State,
    /// How many it takes at a time.
    most: usize,
    left: Left,
}

/// Takes everyone.
struct LetGo<'a> {
    batch: Filling<'a>,
}

// === impl Queue: set, clear, look ===

impl Queue {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { state: AtomicUsize::new(0), list: Lock::new(List::new()) }
        }
    }

    /// One whose word wraps after so many clears: with 32 bits the tests of that would take 2³⁰ of them.
    #[cfg(all(test, not(reveille_loom)))]
    pub(crate) fn before_the_wrap(clears: usize) -> Self {
        let state = AtomicUsize::new(State::before_the_wrap(clears).bits());
        Self { state, list: Lock::new(List::new()) }
    }

    /// Lets so many clears pass; modulo the word.
    #[cfg(all(test, not(reveille_loom)))]
    pub(crate) fn pass(&self, clears: usize) {
        let change = State::before_the_wrap(clears).bits().wrapping_neg();
        // ORDERING: Relaxed. For tests of one thread.
        self.state.fetch_add(change, Relaxed);
    }

    #[inline]
    pub(crate) fn set(&self) {
        // ORDERING: Release gives the caller's writes to whoever reads SET or a later generation
        // (`poll`, `is_set`, `clear`). Also when SET is there already: a redundant set continues the
        // release sequence with its own writes, for `clear` to read. No Acquire: what earlier sets
        // released to the waiters that we may pop, `release` takes over.
        // WAITERS and generation are of the moment of the set: read later, they may be those of waiters
        // that came after a `clear`, whom the `set` that is theirs then finds gone and not yet woken.
        let before = State::from_bits(self.state.fetch_or(State::SET, Release));
        if !before.is_set() && before.has_waiters() {
            self.release(before.generation());
        }
    }

    /// Sets an event that is never cleared, for good: has `publish` write `value` first, in a place
    /// that whoever finds the event set may read. The value comes back if it is set already.
    ///
    /// `publish` runs locked, in one caller only. So it runs nothing foreign, and does not panic.
    ///
    /// # Panics
    /// As `wake_in_batches`. The event is set then.
    pub(crate) fn set_with<V>(&self, value: V, publish: impl FnOnce(V)) -> Result<(), V> {
        if self.is_set() {
            return Err(value);
        }
        let before = self.list.with(|_| {
            // Looked at again: whoever has set it meanwhile did so under this lock.
            if self.is_set() {
                return Err(value);
            }
            publish(value);
            // ORDERING: Release gives what `publish` wrote, and the caller before it, to whoever
            // reads SET. No Acquire, as in `set`.
            Ok(State::from_bits(self.state.fetch_or(State::SET, Release)))
        })?;
        if before.has_waiters() {
            self.release(before.generation());
        }
        Ok(())
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
        // ORDERING: Release, as in `set`: those whom this releases read the generation with Acquire.
        while let Err(now) = self.state.compare_exchange_weak(
            state.bits(),
            state.next_generation().bits(),
            Release,
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

    /// The word, for those to whom it promises nothing.
    pub(crate) fn state(&self) -> State {
        // ORDERING: Relaxed. A look from outside.
        State::from_bits(self.state.load(Relaxed))
    }

    /// Wakes everyone in the list whom a `set` in `generation` released.
    #[inline(never)]
    fn release(&self, generation: Generation) {
        batch::wake_in_batches(|batch| {
            self.list.with(|list| {
                // ORDERING: Acquire takes over what every `set` so far released: whichever of them
                // released the nodes that we pop, it goes on to their owners with WOKEN.
                let now = State::from_bits(self.state.load(Acquire));
                let mut releasing = Releasing {
                    batch: batch.fill(),
                    set: generation,
                    now,
                    most: CAPACITY,
                    left: Left::None,
                };
                list.pop_front_while(&mut releasing);
                if releasing.left == Left::None {
                    self.clear_waiters_if_empty(list);
                }
                releasing.left
            })
        });
    }

    /// Takes everyone out of the list, and wakes nobody.
    #[cold]
    fn discard_waiters(&mut self) {
        batch::drop_in_batches(|batch| {
            self.list.with(|list| {
                list.pop_front_while(&mut LetGo { batch: batch.fill() });
                if list.is_empty() { Left::None } else { Left::Some }
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
    pub(crate) fn poll(&self, node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
        if node.status() == Status::Woken {
            node.report();
            return Poll::Ready(());
        }
        self.poll_not_woken(node, cx)
    }

    /// Apart, so that what is inlined is small.
    fn poll_not_woken(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
        let released = match node.status() {
            Status::Woken | Status::Terminated => true,
            // An event pops its waiters and calls none.
            Status::Parked | Status::Notified => self.poll_parked(node.as_mut(), cx),
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
        // SAFETY: Linked Means Pinned. We own the node, it is not linked, only this event's list
        // ever sees it, and dropping its future calls `cancel`.
        let unneeded = unsafe { self.park(node.as_ref(), waker) };
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
        // SAFETY: we own the node, and only this event's list ever sees it.
        let waker = unsafe { self.remove(node.as_ref()) };
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
    fn announce_waiter(&self, node: &Node) -> bool {
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
    fn clear_waiters_if_empty(&self, list: &List) {
        if list.is_empty() {
            // ORDERING: Relaxed. Only a parking wait relies on it, and that holds the lock.
            self.state.fetch_and(!State::WAITERS, Relaxed);
        }
    }
}

// === impl Queue: what a link does, too, on the node beside its callback ===

impl Queue {
    /// The node of a link; `None` if the event is set.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(crate) fn link_node(&self) -> Option<Node> {
        // ORDERING: Acquire, as in `is_set`: the callback runs at once.
        let state = State::from_bits(self.state.load(Acquire));
        if state.is_set() { None } else { Some(Node::of_link(state.generation())) }
    }

    /// Puts `node` at the end of the queue; or hands `waker` back if the node is released.
    ///
    /// # Safety
    /// That of [`List::push_back`]; `remove` is [`remove`](Self::remove).
    #[inline]
    pub(crate) unsafe fn park(&self, node: Pin<&Node>, waker: Waker) -> Option<Waker> {
        self.list.with(|list| {
            if !self.announce_waiter(&node) {
                return Some(waker);
            }
            // SAFETY: the caller's promise is ours.
            unsafe { list.push_back(node, waker) };
            None
        })
    }

    /// Takes `node` out of the queue and hands back its waker, to be dropped unlocked; `None` if it is
    /// not in there.
    ///
    /// # Safety
    /// That of [`List::remove`].
    pub(crate) unsafe fn remove(&self, node: Pin<&Node>) -> Option<Waker> {
        self.list.with(|list| {
            // SAFETY: the caller's promise is ours.
            let waker = unsafe { list.remove(node) }?;
            self.clear_waiters_if_empty(list);
            Some(waker)
        })
    }
}

impl Taker for Releasing<'_> {
    #[inline]
    fn wants(&mut self, first: &Node) -> bool {
        let taken = self.batch.len();
        if taken == self.most || (first.is_link() && taken > 0) {
            self.left = Left::Some;
            return false;
        }
        if first.is_link() {
            self.most = 1;
        }
        self.set.covers(first.stamp()) && self.now.releases(first.stamp())
    }

    #[inline]
    fn take(&mut self, waker: Waker) {
        self.batch.push(waker);
    }
}

impl Taker for LetGo<'_> {
    fn wants(&mut self, _: &Node) -> bool {
        self.batch.has_room()
    }

    fn take(&mut self, waker: Waker) {
        self.batch.push(waker);
    }
}

/// Whoever stands in the list still is let go, not woken: links that were detached, and futures that
/// were leaked, whose memory is there for good since they were pinned.
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
    fn drain_that_sees_half_of_all_generations_pass_releases_nobody_who_came_since() {
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
