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
    /// The future returned by [`Event::wait`], which borrows the event, and by `Event::wait_owned`,
    /// which keeps it alive.
    ///
    /// `H` is `&Event` or `Arc<Event>`. Polled after it is ready, it is ready again. 64 bytes at most
    /// on 64-bit targets.
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
    pub fn wait(&self) -> EventWait<&Self> {
        EventWait::new(self)
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

impl HasQueue for Event {
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
