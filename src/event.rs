//! A flag that tasks can wait for: set once, wakes everyone, stays set.
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

#[cfg(feature = "alloc")]
use alloc::sync::Arc;
use core::fmt;
use core::pin::Pin;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use crate::raw::batch::{self, Left};
use crate::raw::list::{List, Node, Status};
use crate::raw::state::{Generation, State};
use crate::sync::{AtomicUsize, Lock, const_fn};
#[cfg(all(feature = "std", not(target_family = "wasm"), not(all(test, reveille_loom))))]
use {
    crate::raw::block::{self, Deadline},
    core::{pin::pin, time::Duration},
    std::time::Instant,
};

/// A flag that tasks and threads can wait for: one [`set`](Event::set) resumes every waiter, and
/// the event stays set until it is cleared.
///
/// The event of Python's `asyncio`, `threading` and `gevent`, for any executor and for threads that
/// have none. It keeps to its waiters more closely than those do: a wait completes if and only if the event
/// was set at some instant since the wait was *created*, so `set(); clear();` back to back releases
/// everyone who was waiting, and a wait made before a check cannot miss a `set` made after it.
///
/// Its memory is 32 bytes at most on 64-bit targets. It never allocates; each waiter's place in the
/// queue is in its own future. Waiters are resumed in the order in which they first parked.
///
/// # Examples
///
/// A worker's loop: wait, clear, and only then look for work. What arrives after the `clear` sets
/// the event anew, so the next turn finds it.
///
/// ```
/// use reveille::Event;
/// use std::sync::Mutex;
///
/// static WORK: Event = Event::new();
/// static JOBS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
///
/// async fn next_jobs() -> Vec<u32> {
///     WORK.wait().await;
///     WORK.clear();
///     std::mem::take(&mut JOBS.lock().unwrap())
/// }
///
/// let producer = std::thread::spawn(|| {
///     JOBS.lock().unwrap().push(7);
///     WORK.set();
/// });
/// assert_eq!(pollster::block_on(next_jobs()), [7]);
/// # producer.join().unwrap();
/// ```
#[doc(alias = "asyncio.Event")]
#[doc(alias = "threading.Event")]
#[doc(alias = "gevent.event.Event")]
#[doc(alias = "ManualResetEvent")]
pub struct Event {
    state: AtomicUsize,
    pub(crate) list: Lock<List>,
}

pin_project! {
    /// The future of [`Event::wait`].
    ///
    /// Complete once the event has been set at some instant since this future was created. Polled
    /// after that, it is ready again. 64 bytes at most on 64-bit targets.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Wait<'a> {
        event: &'a Event,
        #[pin]
        node: Node,
    }

    impl PinnedDrop for Wait<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.event.cancel(this.node);
        }
    }
}

#[cfg(feature = "alloc")]
pin_project! {
    /// The future of [`Event::wait_owned`].
    ///
    /// A [`Wait`] that keeps its event alive, so it can be spawned.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WaitOwned {
        event: Arc<Event>,
        #[pin]
        node: Node,
    }

    impl PinnedDrop for WaitOwned {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.event.cancel(this.node);
        }
    }
}

// === impl Event ===

impl Event {
    const_fn! {
        /// Creates an event that is not set.
        ///
        /// # Examples
        ///
        /// ```
        /// static READY: reveille::Event = reveille::Event::new();
        /// assert!(!READY.is_set());
        /// ```
        pub const fn new() -> Self {
            Self { state: AtomicUsize::new(0), list: Lock::new(List::new()) }
        }
    }

    /// Sets the event and resumes everyone who waits for it; it stays set until it is cleared.
    ///
    /// What the caller did before happens before every wait that this completes. A `set` of a set
    /// event wakes nobody, but it counts: the [`clear`](Event::clear) that takes the set back sees
    /// what this caller did, too.
    ///
    /// Waiters are resumed in the order in which they first parked, on this thread, with no lock
    /// held. Whoever parks after this call took effect (the event was cleared meanwhile) is not
    /// resumed by it.
    ///
    /// Costs one atomic operation when nobody waits; else it takes a lock once for every 32 waiters.
    ///
    /// # Callable from
    /// Tasks and threads; not from signal handlers or interrupts, since wakers run in here.
    ///
    /// # Panics
    /// With the first panic of a waker, once everybody else has been woken. The event stays usable.
    /// (Without std, a second panic aborts.)
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// event.set();
    /// assert!(event.is_set());
    /// pollster::block_on(event.wait());
    /// ```
    #[doc(alias = "notify_all")]
    #[doc(alias = "notify_waiters")]
    #[inline]
    pub fn set(&self) {
        // ORDERING: Release gives the caller's writes to whoever reads SET or a later generation
        // (`poll`, `is_set`, `clear`), and to the owner of each node that we pop. Acquire takes
        // over the writes of earlier sets whose waiters we may pop. Also when SET is there already:
        // a redundant set continues the release sequence with its own writes, for `clear` to read.
        let before = State::from_bits(self.state.fetch_or(State::SET, AcqRel));
        if !before.is_set() && before.has_waiters() {
            self.release(before.generation());
        }
    }

    /// Makes the event not set; tells whether it was.
    ///
    /// What was done before every `set` that this takes back happens before this returns true. So a
    /// worker that clears first and looks for work after it loses nothing.
    ///
    /// Those whom the `set` released stay released, also if they have not been polled yet. Costs one
    /// atomic operation, or a load if the event is clear.
    ///
    /// # Callable from
    /// Anywhere: tasks, threads, interrupts and signal handlers.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// event.set();
    /// assert!(event.clear());
    /// assert!(!event.clear());
    /// ```
    #[doc(alias = "reset")]
    #[inline]
    pub fn clear(&self) -> bool {
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

    /// Sets and clears the event in one step: resumes everyone who waits now, leaves it clear.
    ///
    /// A wait created before is complete, one created after is not. Of a set event this is a
    /// [`clear`](Event::clear). Costs and guarantees are otherwise those of [`set`](Event::set).
    ///
    /// # Callable from
    /// Tasks and threads; not from signal handlers or interrupts, since wakers run in here.
    ///
    /// # Panics
    /// As [`set`](Event::set).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::task::{Context, Waker};
    ///
    /// let event = reveille::Event::new();
    /// let mut cx = Context::from_waker(Waker::noop());
    ///
    /// let mut before = pin!(event.wait());
    /// assert!(before.as_mut().poll(&mut cx).is_pending());
    /// event.pulse();
    /// assert!(before.poll(&mut cx).is_ready());
    /// assert!(pin!(event.wait()).poll(&mut cx).is_pending());
    /// ```
    #[doc(alias = "PulseEvent")]
    pub fn pulse(&self) {
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

    /// Whether the event is set.
    ///
    /// If it is, what was done before the `set` happens before this returns. Costs one load.
    ///
    /// # Callable from
    /// Anywhere: tasks, threads, interrupts and signal handlers.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// assert!(!event.is_set());
    /// event.set();
    /// assert!(event.is_set());
    /// ```
    #[doc(alias = "isSet")]
    #[doc(alias = "ready")]
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        // ORDERING: Acquire takes over the writes before each `set` that this reads.
        State::from_bits(self.state.load(Acquire)).is_set()
    }

    /// Waits until the event is set; complete at once if it is.
    ///
    /// Complete when polled if and only if the event has been set at some instant since *this call*,
    /// however short: it need not be set any more, and the future need not have been polled before.
    /// So make the wait first, check a condition, then await it: no `set` in between is missed.
    ///
    /// Each wait has its place in the queue from its first poll on. Neither parking nor dropping
    /// allocates, both are O(1). Re-polling takes no lock while the waker stays the same, nor does
    /// polling or dropping a wait that has been woken.
    ///
    /// (On 32-bit targets, a wait that was not polled even once may miss exactly k·2³⁰ clears.)
    ///
    /// # Cancel safety
    /// Dropping a wait gives up its place and costs nobody else anything. A release that it has not
    /// reported yet dies with it, if the event was cleared meanwhile; hold the future across
    /// `select!` turns (`&mut`) to keep it.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// Never by itself. A panic in the waker's `clone` or `drop` passes through the poll, and leaves
    /// the other waiters as they were.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    ///
    /// let event = Event::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| event.set());
    ///     pollster::block_on(event.wait());
    /// });
    /// ```
    #[inline]
    pub fn wait(&self) -> Wait<'_> {
        Wait { event: self, node: self.node() }
    }

    /// [`wait`](Event::wait), with a future that keeps the event alive and can be spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::Arc;
    ///
    /// let event = Arc::new(Event::new());
    /// let waiting = std::thread::spawn({
    ///     let wait = event.clone().wait_owned();
    ///     || pollster::block_on(wait)
    /// });
    /// event.set();
    /// waiting.join().unwrap();
    /// ```
    #[cfg(feature = "alloc")]
    #[cfg_attr(docsrs, doc(cfg(feature = "alloc")))]
    #[inline]
    pub fn wait_owned(self: Arc<Self>) -> WaitOwned {
        let node = self.node();
        WaitOwned { event: self, node }
    }
}

/// Blocking waits, for threads that belong to no executor.
///
/// A blocked thread stands in one queue with the tasks. Its first blocking wait allocates some
/// 100 bytes, which the thread keeps for the next.
#[cfg(all(feature = "std", not(target_family = "wasm"), not(all(test, reveille_loom))))]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
impl Event {
    /// Blocks this thread until the event is set.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| event.set());
    ///     event.wait_blocking();
    /// });
    /// assert!(event.is_set());
    /// ```
    pub fn wait_blocking(&self) {
        self.block(|| Deadline::NEVER);
    }

    /// Blocks this thread until the event is set, or for `timeout`; false if it timed out.
    ///
    /// With [`Duration::ZERO`] it never blocks; with one too large for the clock it never times out.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let event = reveille::Event::new();
    /// assert!(!event.wait_timeout(Duration::from_millis(1)));
    /// event.set();
    /// assert!(event.wait_timeout(Duration::ZERO));
    /// ```
    #[must_use = "false says that it timed out"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        if timeout.is_zero() {
            return self.is_set();
        }
        self.block(|| Deadline::after(timeout))
    }

    /// Blocks this thread until the event is set, or until `deadline`; false if it timed out.
    ///
    /// With a deadline that has passed it never blocks.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let event = reveille::Event::new();
    /// assert!(!event.wait_deadline(Instant::now() + Duration::from_millis(1)));
    /// ```
    #[must_use = "false says that it timed out"]
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.block(|| Deadline::at(deadline))
    }

    fn block(&self, deadline: impl FnOnce() -> Deadline) -> bool {
        // The wait first, then the look: a `set` and `clear` in between releases the wait.
        let wait = pin!(self.wait());
        self.is_set() || block::block_on(wait, deadline()).is_some()
    }
}

/// What the futures do, on the node that each carries.
impl Event {
    /// A waiter that is released by any `set` from now on, or is so already.
    #[inline]
    fn node(&self) -> Node {
        // ORDERING: Acquire. If the event is set, this is the only load that the wait makes.
        let state = State::from_bits(self.state.load(Acquire));
        Node::new(state.generation(), state.is_set())
    }

    #[inline]
    fn poll(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
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
    fn cancel(&self, node: Pin<&mut Node>) {
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

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ORDERING: Relaxed. A look from outside, which promises nothing.
        let state = State::from_bits(self.state.load(Relaxed));
        f.debug_struct("Event")
            .field("is_set", &state.is_set())
            .field("has_waiters", &state.has_waiters())
            .finish()
    }
}

// === impl Wait ===

impl Future for Wait<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.event.poll(this.node, cx)
    }
}

impl FusedFuture for Wait<'_> {
    fn is_terminated(&self) -> bool {
        self.node.status() == Status::Reported
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("status", &self.node).finish_non_exhaustive()
    }
}

// === impl WaitOwned ===

#[cfg(feature = "alloc")]
impl Future for WaitOwned {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.event.poll(this.node, cx)
    }
}

#[cfg(feature = "alloc")]
impl FusedFuture for WaitOwned {
    fn is_terminated(&self) -> bool {
        self.node.status() == Status::Reported
    }
}

#[cfg(feature = "alloc")]
impl fmt::Debug for WaitOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOwned").field("status", &self.node).finish_non_exhaustive()
    }
}
