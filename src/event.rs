//! A flag that tasks can wait for: set once, wakes everyone, stays set.
//!
//! This page is the contract; how it is kept is told in [`queue`](crate::raw::queue).

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use crate::link::{HasQueue, Link, LinkOwned};
use crate::raw::list::{Node, Status};
use crate::raw::queue::Queue;
use crate::sync::const_fn;
#[cfg(all(feature = "std", not(target_family = "wasm"), not(all(test, reveille_loom))))]
use {
    crate::raw::block::{self, Deadline},
    core::{pin::pin, time::Duration},
    std::time::Instant,
};

#[cfg(all(test, not(reveille_loom)))]
mod wrap;

/// A flag that tasks and threads can wait for: one [`set`](Event::set) resumes every waiter, and
/// the event stays set until it is cleared.
///
/// The event of Python's `asyncio`, `threading` and `gevent`, for any executor and for threads that
/// have none. It keeps to its waiters more closely than those do: a wait completes if and only if the event
/// was set at some instant since the wait was *created*, so `set(); clear();` back to back releases
/// everyone who was waiting, and a wait made before a check cannot miss a `set` made after it.
///
/// Waiters are resumed in the order in which they first parked. Each waiter's place in the queue is in
/// its own future, so waiting does not allocate.
///
/// 32 bytes at most on 64-bit targets. (With std on Apple's systems 40, and the first wait that parks
/// allocates, since std's `Mutex` does there.)
///
/// # After `fork`
/// The caller of `fork` in a process with several threads must ensure that the child neither uses
/// nor drops an event that another thread was using or waiting for, blocked or in an executor, nor
/// a wait or a link of such an event. Otherwise the behaviour is undefined: the list of waiters
/// points to the stacks of threads that the child does not have, and the C library reuses that
/// memory. In the child, create new events; leave inherited ones in their `static`, or
/// [forget](core::mem::forget) them.
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
    pub(crate) queue: Queue,
}

pin_project! {
    /// The future of [`Event::wait`].
    ///
    /// Complete once the event has been set at some instant since this future was created. Polled
    /// after that, it is ready again. 64 bytes at most on 64-bit targets.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// let wait: reveille::Wait<'_> = event.wait();
    /// event.pulse();
    /// pollster::block_on(wait);
    /// ```
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
            this.event.queue.cancel(this.node);
        }
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pin_project! {
    /// The future of [`Event::wait_owned`].
    ///
    /// A [`Wait`] that keeps its event alive, so it can be spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let event = Arc::new(reveille::Event::new());
    /// let wait: reveille::WaitOwned = event.clone().wait_owned();
    /// let task = smol::spawn(wait);
    /// event.set();
    /// smol::block_on(task);
    /// ```
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
            this.event.queue.cancel(this.node);
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
            Self { queue: Queue::new() }
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
    /// resumed by it. A callback that was [linked](Event#method.link) runs in its turn.
    ///
    /// Costs one atomic operation when nobody waits; else it takes a lock for every 128 waiters (32 without
    /// std, and on 32 bits) and for every link, and 2 KiB of stack for their wakers (512, 256 bytes), as much again
    /// for each `set` inside a waker or a callback.
    ///
    /// # Callable from
    /// Tasks and threads; without std also interrupts that the critical section masks. Not from signal
    /// handlers, since wakers and callbacks run in here.
    ///
    /// # Panics
    /// With the first panic of a waker or callback, once everybody else has been woken. The event stays
    /// usable. (If the thread unwinds already, that panic ends here, since a second one would abort.
    /// Without std it does abort.)
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
        self.queue.set();
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
        self.queue.clear()
    }

    /// Sets and clears the event in one step: resumes everyone who waits now, leaves it clear.
    ///
    /// A wait created before is complete, one created after is not. Of a set event this is a
    /// [`clear`](Event::clear). Costs and guarantees are otherwise those of [`set`](Event::set).
    ///
    /// # Callable from
    /// Tasks and threads; without std also interrupts that the critical section masks. Not from signal
    /// handlers, since wakers and callbacks run in here.
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
        self.queue.pulse();
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
        self.queue.is_set()
    }

    /// Waits until the event is set; complete at once if it is.
    ///
    /// Complete when polled if and only if the event has been set at some instant since *this call*,
    /// however short: it need not be set any more, and the future need not have been polled before.
    /// So make the wait first, check a condition, then await it: no `set` in between is missed.
    ///
    /// Each wait has its place in the queue from its first poll on. Neither parking nor dropping
    /// allocates, both are O(1). While it is pending, polling again with the same waker takes no lock,
    /// nor does polling or dropping a wait that has been woken.
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
    /// Never by itself. A panic in the waker's `clone` or `drop` passes through the poll or the drop
    /// that called it, and leaves the other waiters as they were.
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
        Wait { event: self, node: self.queue.node() }
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
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[cfg_attr(docsrs, doc(cfg(feature = "alloc")))]
    #[inline]
    pub fn wait_owned(self: Arc<Self>) -> WaitOwned {
        let node = self.queue.node();
        WaitOwned { event: self, node }
    }
}

/// Links: callbacks that take their turn among the waiters.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
#[cfg_attr(docsrs, doc(cfg(feature = "alloc")))]
impl Event {
    /// Has the next [`set`](Event::set) or [`pulse`](Event::pulse) run `callback`; runs it at once if
    /// the event is set.
    ///
    /// A link is a waiter that is a callback. It stands in one queue with the tasks and the blocked
    /// threads, runs once, in its turn, on the thread that set the event, and is then gone. Dropping the
    /// returned [`Link`] unlinks it, so keep that, or take [`link_owned`](Event::link_owned) and detach it.
    ///
    /// The callback runs with no lock held, and may do anything: set and clear the event, link, unlink
    /// itself or another, drop its own `Link`. It holds up those behind it, so it should be short. `set`
    /// takes links one at a time, so a callback can still unlink a later one: of two that unlink each other
    /// exactly one runs. (Of two sets that drain at once, on two threads, each may have taken one: then
    /// both run, and `unlink` says so.)
    ///
    /// Costs one allocation, or none if the event is set.
    ///
    /// # If you come from gevent
    /// - gevent runs links later, in the hub; here they run inside `set`, before it returns, and at once
    ///   on the linking thread if the event is set. So a callback that links itself again while the event
    ///   stays set recurses: [`clear`](Event::clear) first. And a caller of `set` should hold no lock that
    ///   a callback takes.
    /// - gevent's `unlink` takes the callback. A callback that was linked twice runs once in each
    ///   notification there, and its second link may stay for the next one. Here each link is its
    ///   own and runs once, and `unlink` is a method of what `link` returned, which returns whether
    ///   it was in time.
    /// - The callback gets no argument: it captures what it needs. One that captures an [`Arc`] of the
    ///   event is dropped with its `Link`, so nothing leaks, unless it is
    ///   [detached](crate::LinkOwned::detach) and never runs.
    /// - gevent's hub reports what a callback raises; here the first panic goes on from `set`.
    ///
    /// # Callable from
    /// Tasks and threads; not from signal handlers or interrupts: it takes a lock and allocates.
    ///
    /// # Panics
    /// Never by itself. A panic of the callback goes on from here if it runs at once, else from the `set`
    /// that runs it, after all others have been woken or run.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::mpsc;
    ///
    /// let event = Event::new();
    /// let (sender, receiver) = mpsc::channel();
    /// let again = sender.clone();
    /// let link = event.link(move || sender.send("in its turn").unwrap());
    /// event.set();
    /// assert_eq!(receiver.try_recv(), Ok("in its turn"));
    /// assert!(!link.unlink(), "it ran");
    ///
    /// let _late = event.link(move || again.send("at once").unwrap());
    /// assert_eq!(receiver.try_recv(), Ok("at once"));
    /// ```
    #[doc(alias = "rawlink")]
    #[doc(alias = "add_done_callback")]
    pub fn link<F: FnOnce() + Send + 'static>(&self, callback: F) -> Link<'_> {
        Link::new(&self.queue, callback)
    }

    /// [`link`](Event::link), with a handle that keeps the event alive, and that can be
    /// [detached](crate::LinkOwned::detach).
    ///
    /// # Examples
    ///
    /// A callback that counts sets: it links itself anew each time, and captures a `Weak`, since a
    /// detached one that captured the event itself would keep it alive for as long as nobody sets it.
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// use std::sync::{Arc, Weak};
    ///
    /// static SETS: AtomicUsize = AtomicUsize::new(0);
    ///
    /// fn count(event: Weak<Event>) {
    ///     let Some(linked) = event.upgrade() else { return };
    ///     let link = linked.link_owned(move || {
    ///         SETS.fetch_add(1, Relaxed);
    ///         count(event);
    ///     });
    ///     link.detach();
    /// }
    ///
    /// let event = Arc::new(Event::new());
    /// count(Arc::downgrade(&event));
    /// event.pulse();
    /// event.pulse();
    /// assert_eq!(SETS.load(Relaxed), 2);
    /// ```
    #[doc(alias = "rawlink")]
    #[doc(alias = "add_done_callback")]
    pub fn link_owned<F: FnOnce() + Send + 'static>(self: Arc<Self>, callback: F) -> LinkOwned {
        LinkOwned::new(self, callback)
    }
}

/// Blocking waits, for threads that belong to no executor. On wasm there are none: a page's thread must not
/// block.
///
/// A blocked thread stands in one queue with the tasks. Its first blocking wait allocates some 30
/// bytes, which the thread keeps for the next.
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
        // The wait first, then the look: a `set` and `clear` in between releases the wait. The look
        // spares a thread that need not block the parker.
        let wait = pin!(self.wait());
        self.is_set() || block::block_on(wait, deadline()).is_some()
    }
}

// Where std's `Mutex` is a word of its own, or there is no std.
#[cfg(all(
    target_pointer_width = "64",
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        windows,
        not(feature = "std")
    ),
    not(all(test, reveille_loom))
))]
const _: () = assert!(size_of::<Event>() <= 32 && size_of::<Wait<'_>>() <= 64);

#[cfg(all(target_pointer_width = "32", not(feature = "std")))]
const _: () = assert!(size_of::<Event>() <= 12 && size_of::<Wait<'_>>() <= 32);

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.queue.state();
        f.debug_struct("Event")
            .field("is_set", &state.is_set())
            .field("has_waiters", &state.has_waiters())
            .finish()
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl HasQueue for Event {
    fn queue(&self) -> &Queue {
        &self.queue
    }
}

// === impl Wait ===

impl Future for Wait<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.event.queue.poll(this.node, cx)
    }
}

impl FusedFuture for Wait<'_> {
    fn is_terminated(&self) -> bool {
        self.node.status() == Status::Terminated
    }
}

impl fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("status", &self.node).finish_non_exhaustive()
    }
}

// === impl WaitOwned ===

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl Future for WaitOwned {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.event.queue.poll(this.node, cx)
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl FusedFuture for WaitOwned {
    fn is_terminated(&self) -> bool {
        self.node.status() == Status::Terminated
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl fmt::Debug for WaitOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOwned").field("status", &self.node).finish_non_exhaustive()
    }
}
