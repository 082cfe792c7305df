//! [`Event`]: a manual-reset event. The mechanism is in [`queue`](crate::raw::queue).

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use crate::raw::list::Node;
use crate::raw::queue::{HasQueue, Queue};
use crate::sync::const_fn;

/// A manual-reset event: one [`set`](Event::set) wakes all waiters, and the event stays set until
/// it is cleared.
///
/// It corresponds to the events of Python's `asyncio`, `threading` and `gevent`, for tasks of any
/// executor and for threads that run none. It gives its waiters a stronger guarantee than those do:
/// a wait completes if the event is set when the wait is *created*, or is set at any later time,
/// even if it is cleared again before the wait is polled. So `set(); clear();` releases all
/// waiters, and a wait that is created before a check cannot miss a `set` made after the check.
///
/// A waiter registers when its wait is first polled, and waiters are woken in the order in which
/// they registered. A waiter's place in the queue is stored in its own future, so waiting does not
/// allocate.
///
/// An event takes at most 32 bytes on 64-bit targets. (On Apple's systems with std it takes 40, and
/// the first waiter to register allocates, because the `Mutex` of std does so there.)
///
/// # After `fork`
/// `fork` is an `unsafe` function. In a process with several threads, its caller must ensure that
/// the child neither uses nor drops these:
/// - an event that another thread was using or waiting for, whether blocked or in an executor;
/// - a wait or a link of such an event.
///
/// Otherwise the behaviour is undefined: the list of waiters points to the stacks of threads that
/// the child does not have, and the C library reuses that memory. In the child, create new events.
/// Leave inherited events in their `static`, or [forget](core::mem::forget) them.
///
/// # Examples
///
/// A worker waits, clears the event, and only then looks for work. Work that arrives after the
/// `clear` sets the event again, so the next turn finds it.
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
/// let worker = smol::spawn(next_jobs());
/// JOBS.lock().unwrap().push(7);
/// WORK.set();
/// assert_eq!(smol::block_on(worker), [7]);
/// ```
#[doc(alias = "asyncio.Event")]
#[doc(alias = "threading.Event")]
#[doc(alias = "gevent.event.Event")]
#[doc(alias = "ManualResetEvent")]
#[doc(alias = "CancellationToken")]
#[doc(alias = "Condvar")]
#[doc(alias = "Latch")]
#[doc(alias = "Notify")]
pub struct Event {
    pub(crate) queue: Queue,
}

pin_project! {
    /// The future returned by [`Event::wait`], which borrows the event, and by `Event::wait_owned`,
    /// which keeps it alive.
    ///
    /// `H` is `&Event` or `Arc<Event>`. A wait that is polled after it was ready is ready again. It
    /// takes at most 64 bytes on 64-bit targets.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{Event, EventWait};
    ///
    /// let event = Event::new();
    /// let wait: EventWait<&Event> = event.wait();
    /// event.pulse();
    /// pollster::block_on(wait);
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct EventWait<H>
    where
        H: Deref<Target = Event>,
    {
        event: H,
        #[pin]
        node: Node,
    }

    impl<H> PinnedDrop for EventWait<H>
    where
        H: Deref<Target = Event>,
    {
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

    /// Sets the event and wakes all waiters; the event stays set until it is cleared.
    ///
    /// Waiters are woken on the calling thread, in the order in which they registered, with no lock
    /// held. A [linked](Event#method.link) callback runs in its turn. If the event is cleared
    /// meanwhile, this call does not wake a waiter that registers after the `clear`. If another
    /// `set` runs at the same time, or inside a waker, each of the two wakes some of the waiters,
    /// and their orders interleave.
    ///
    /// `set` synchronizes with every wait that it completes: what the caller did before is visible
    /// after the wait. A `set` of a set event wakes no waiter, but the [`clear`](Event::clear) that
    /// resets the event synchronizes with it, too.
    ///
    /// Costs one atomic operation if there is no waiter. Otherwise it takes a lock for each batch
    /// of up to 128 waiters (32 without std, and on 32-bit targets), for each link, and once more
    /// after the last link. A batch takes 2 KiB of stack (512 bytes without std, 256 on 32-bit targets), and as much again for
    /// each `set` that a waker calls.
    ///
    /// # Callable from
    /// Tasks and threads; without std, interrupts that the critical section masks, too. Not from
    /// signal handlers: it runs wakers and callbacks.
    ///
    /// # Panics
    /// If a waker or a callback panics, the first panic propagates out of `set` after all other
    /// waiters have been woken. The event stays usable. If the thread is already unwinding, the
    /// panic stops here, because a second one would abort the process. Without std, a second panic
    /// aborts.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// event.set();
    /// assert!(event.is_set());
    /// pollster::block_on(event.wait());
    /// ```
    #[doc(alias = "cancel")]
    #[inline]
    pub fn set(&self) {
        self.queue.set();
    }

    /// Clears the event; returns whether it was set.
    ///
    /// `clear` synchronizes with every `set` that it resets: what was done before those calls is
    /// visible once `clear` has returned `true`. A worker that clears the event and then looks for
    /// work misses nothing, even if its queue is lock-free.
    ///
    /// Waiters that `set` has released stay released, even if they have not been polled yet. Costs
    /// one atomic operation, or one load if the event is not set.
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

    /// Sets and clears the event in one step: wakes all current waiters, and leaves the event
    /// clear.
    ///
    /// A wait that was created before the pulse completes; a wait that is created after it does
    /// not. On a set event, `pulse` resets the event and wakes no waiter, but unlike
    /// [`clear`](Event::clear) it does not synchronize with the calls of `set` that it resets.
    /// Otherwise it has the cost and the guarantees of [`set`](Event::set).
    ///
    /// # Callable from
    /// Tasks and threads; without std, interrupts that the critical section masks, too. Not from
    /// signal handlers: it runs wakers and callbacks.
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
    #[doc(alias = "notify_all")]
    #[doc(alias = "notify_waiters")]
    pub fn pulse(&self) {
        self.queue.pulse();
    }

    /// Returns whether the event is set.
    ///
    /// If it is, what was done before the `set` is visible to the caller. Costs one load.
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

    /// Waits until the event is set, or completes immediately if it is set already.
    ///
    /// The wait begins with *this call*, not with the first poll. It completes if the event is set
    /// now, or is set at any later time, even if it is cleared again before the future is polled.
    /// To check a condition without missing a `set`, create the wait, check the condition, and then
    /// await the wait.
    ///
    /// A wait registers in the queue when it is first polled. Registering and dropping a wait are
    /// O(1), and neither allocates. Polling a pending wait again with the same waker takes no lock.
    /// Neither does polling or dropping a wait that has been woken.
    ///
    /// (On 32-bit targets, a wait that has never been polled misses a `set` if exactly a multiple
    /// of 2³⁰ clears come before its first poll.)
    ///
    /// # Cancel safety
    /// Dropping a wait gives up its place in the queue, and affects no other waiter. If the event
    /// has been cleared meanwhile, a release that the wait has not reported yet is lost with it. To
    /// keep the release, hold the future across the turns of a `select!` loop, and pass it as
    /// `&mut`.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// Never by itself. A panic in the waker's `clone` or `drop` propagates out of the poll or the
    /// drop that called it, and affects no other waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    ///
    /// static READY: Event = Event::new();
    ///
    /// let task = smol::spawn(READY.wait());
    /// READY.set();
    /// smol::block_on(task);
    /// ```
    #[doc(alias = "cancelled")]
    #[doc(alias = "listen")]
    #[inline]
    pub fn wait(&self) -> EventWait<&Self> {
        EventWait::new(self)
    }
}

// This holds where std's `Mutex` is one word, or where there is no std.
#[cfg(all(
    target_pointer_width = "64",
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        windows,
        not(feature = "std")
    ),
    not(reveille_loom)
))]
const _: () = assert!(size_of::<Event>() <= 32 && size_of::<EventWait<&Event>>() <= 64);

#[cfg(all(target_pointer_width = "32", not(feature = "std")))]
const _: () = assert!(size_of::<Event>() <= 12 && size_of::<EventWait<&Event>>() <= 32);

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

// SAFETY: A Handle Names One Object: an event has one queue, in place, and never replaces it.
unsafe impl HasQueue for Event {
    #[inline]
    fn queue(&self) -> &Queue {
        &self.queue
    }
}

// === impl EventWait ===

impl<H: Deref<Target = Event>> EventWait<H> {
    /// A Handle Names One Object: `event` is `&Event` or `Arc<Event>`.
    #[inline]
    pub(crate) fn new(event: H) -> Self {
        let node = event.queue.node();
        Self { event, node }
    }
}

impl<H: Deref<Target = Event>> Future for EventWait<H> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        this.event.queue.poll(this.node, cx)
    }
}

impl<H: Deref<Target = Event>> FusedFuture for EventWait<H> {
    fn is_terminated(&self) -> bool {
        self.node.is_terminated()
    }
}

impl<H: Deref<Target = Event>> fmt::Debug for EventWait<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWait").field("status", &self.node).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(reveille_loom)))]
mod wrap;
