//! [`ThreadSafeFlag`]: an auto-reset flag that may be set from any context. The mechanism is in
//! [`flag_queue`](crate::raw::flag_queue), and on Unix in `raw/courier`.

use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedFuture, FusedStream, Stream};
use pin_project_lite::pin_project;

use crate::raw::flag_queue::FlagQueue;
use crate::raw::list::{Node, Status};
use crate::sync::const_fn;

/// An auto-reset flag that threads, tasks, **signal handlers** and **interrupts** may set: each
/// [`set`](ThreadSafeFlag::set) releases exactly one waiter, and is remembered until a wait
/// consumes it.
///
/// It corresponds to MicroPython's `asyncio.ThreadSafeFlag`, for tasks of any executor and for
/// threads that run none. MicroPython allows one waiter. Here any number may wait: they are served
/// in the order in which they registered, and no two waiters consume the same set. Several sets
/// before a wait consumes them count as one.
///
/// Every type of this crate is thread-safe; this one is interrupt-safe, too.
///
/// # What `set` does in each context
/// | context | what `set` does |
/// |---|---|
/// | Unix with std: threads, tasks, **signal handlers** | It makes a few atomic operations and, only if there is a waiter, one `write(2)`. It takes no lock, allocates nothing, runs no waker, does not panic, and keeps `errno`. The [courier](#the-courier), a background thread, wakes the waiter. |
/// | no std: **any interrupt that the critical section masks**, on any core | It makes the same atomic operations, and then wakes the first waiter, as embedded executors expect. It must not be called from an NMI or a zero-latency interrupt. On a Unix target without the feature `std`, it must not be called from a signal handler. |
/// | Windows, wasm, other systems with std | It is the same as [`set_direct`](ThreadSafeFlag::set_direct). These systems have no handlers that interrupt a thread. |
///
/// A signal handler may call [`clear`](ThreadSafeFlag::clear) and
/// [`is_set`](ThreadSafeFlag::is_set), too. It must do nothing else with a flag: `set_direct`, a
/// wait, and the drop of a flag or of a wait take locks. An interrupt that the critical section
/// masks may call `set`, `set_direct`, `clear` and `is_set`.
///
/// A `set` that finds the flag set relies on the first setter to wake the waiter. If that thread is
/// preempted in the middle of its `set`, the waiter is not woken before the thread runs again, even
/// if the second setter has a higher priority (*priority inversion*). The guide's chapter on
/// questions has ways to avoid that.
///
/// # The courier
/// On Unix with std, a background thread, the *courier*, wakes the waiters of flags. There is one
/// per process. The first waiter that registers with a flag starts it, unless
/// `Courier::start` has started it before.
///
/// - It is named `reveille-courier`, which `ps` shows as `reveille-courie`, its first 15
///   characters.
/// - It blocks all signals except those that a fault raises, and sleeps until a `set` has a waiter
///   for it to wake.
/// - A waker that blocks stalls it. So the wakers of tasks that wait for a flag must not block.
/// - If a waker panics on it, the panic hook reports the panic, and the courier continues. The wait
///   stays the first in the queue until it is polled or dropped.
/// - On Linux it inherits CPU affinity, scheduling policy, namespaces and seccomp filters from the
///   thread that starts it. To choose them, call `Courier::start` early, from a thread that has
///   them. The guide's chapter on signals has the details.
/// - It never ends. So if the main thread calls `pthread_exit`, the process does not exit when the
///   other threads have ended.
///
/// Going through the courier adds one context switch. If your runtime has a reactor and latency
/// matters, register a `WaitableEvent` with it instead (tokio's `AsyncFd`,
/// `smol::Async`): signal handlers can set it directly.
///
/// # After `fork`
/// - A flag that had no waiters at the fork works in the child, with a courier of the child's own.
///   The parent's courier is not affected.
/// - A flag that had waiters can be set, cleared and dropped in the child, and its waits can be
///   dropped. It cannot be waited for there: a poll panics.
/// - A child that is created without the C library's `fork` (by `_Fork` or a bare `clone`) is not
///   detected. It must not use flags, nor block on any object of this crate.
/// - A handler of `pthread_atfork` that runs in the child must not use flags. (A `set` there has no
///   effect except to wake the parent's courier once.)
/// - Without std, the list of waiters is in the flag. A child must neither use nor drop a flag that
///   another thread of its parent was using or waiting for. See [`Event`](crate::Event#after-fork).
///
/// # Memory
/// A flag takes at most 16 bytes on 64-bit Unix, 40 bytes on other 64-bit targets, and 12 bytes on
/// 32-bit microcontrollers. On Unix, the first waiter that registers with a flag allocates a slot
/// of about 64 bytes. When the flag is dropped, another flag reuses its slot. Slots are never
/// freed, so a signal handler may access them at any time.
///
/// # Examples
///
/// ```
/// use reveille::ThreadSafeFlag;
///
/// static TICK: ThreadSafeFlag = ThreadSafeFlag::new();
///
/// let task = smol::spawn(TICK.wait());
/// TICK.set();
/// smol::block_on(task);
/// assert!(!TICK.is_set());
/// ```
#[doc(alias = "asyncio.ThreadSafeFlag")]
#[doc(alias = "AutoResetEvent")]
#[doc(alias = "Notify")]
#[doc(alias = "Signal")]
pub struct ThreadSafeFlag {
    pub(crate) queue: FlagQueue,
}

pin_project! {
    /// The future returned by [`ThreadSafeFlag::wait`], which borrows the flag, and by
    /// `ThreadSafeFlag::wait_owned`, which keeps it alive.
    ///
    /// `H` is `&ThreadSafeFlag` or `Arc<ThreadSafeFlag>`. A wait that is polled after it was ready
    /// panics, because another poll would consume another set.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{FlagWait, ThreadSafeFlag};
    ///
    /// let flag = ThreadSafeFlag::new();
    /// let wait: FlagWait<&ThreadSafeFlag> = flag.wait();
    /// flag.set();
    /// pollster::block_on(wait);
    /// assert!(!flag.is_set());
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct FlagWait<H>
    where
        H: Deref<Target = ThreadSafeFlag>,
    {
        flag: H,
        #[pin]
        node: Node,
    }

    impl<H> PinnedDrop for FlagWait<H>
    where
        H: Deref<Target = ThreadSafeFlag>,
    {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.flag.queue.cancel(this.node);
        }
    }
}

pin_project! {
    /// The stream returned by [`ThreadSafeFlag::stream`], which borrows the flag, and by
    /// `ThreadSafeFlag::stream_owned`, which keeps it alive.
    ///
    /// It yields an item for each set that it consumes, and never ends. `H` is `&ThreadSafeFlag` or
    /// `Arc<ThreadSafeFlag>`.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{FlagStream, ThreadSafeFlag};
    /// use smol::stream::StreamExt as _;
    ///
    /// let flag = ThreadSafeFlag::new();
    /// let sets: FlagStream<&ThreadSafeFlag> = flag.stream();
    /// let mut sets = std::pin::pin!(sets);
    /// flag.set();
    /// assert_eq!(smol::block_on(sets.next()), Some(()));
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct FlagStream<H>
    where
        H: Deref<Target = ThreadSafeFlag>,
    {
        #[pin]
        wait: FlagWait<H>,
    }
}

// === impl ThreadSafeFlag ===

impl ThreadSafeFlag {
    const_fn! {
        /// Creates a flag that is not set.
        ///
        /// # Examples
        ///
        /// ```
        /// static FLAG: reveille::ThreadSafeFlag = reveille::ThreadSafeFlag::new();
        /// assert!(!FLAG.is_set());
        /// ```
        pub const fn new() -> Self {
            Self { queue: FlagQueue::new() }
        }
    }

    /// Sets the flag, which releases one waiter: the first in the queue, or the next to arrive.
    ///
    /// `set` synchronizes with the wait that consumes the set, even if the flag was set already:
    /// what the caller did before is visible after the wait. Several sets that no wait has consumed
    /// count as one.
    ///
    /// Costs one atomic read-modify-write if there is no waiter or the flag is set already.
    /// Otherwise it costs, on Unix, at most two more and one `write(2)`.
    ///
    /// # Callable from
    /// Every context in [the table above](ThreadSafeFlag#what-set-does-in-each-context). The call
    /// must return: if a signal handler interrupts it and leaves by `siglongjmp`, later sets may
    /// wake no waiter.
    ///
    /// # Panics
    /// Never on Unix with std. Elsewhere as [`set_direct`](ThreadSafeFlag::set_direct).
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// flag.set();
    /// flag.set();
    /// pollster::block_on(flag.wait());
    /// assert!(!flag.is_set());
    /// ```
    #[cfg_attr(reveille_rtsan, sanitize(realtime = "nonblocking"))]
    pub fn set(&self) {
        self.queue.set();
    }

    /// Sets the flag as [`set`](ThreadSafeFlag::set) does, and wakes the waiter on the calling
    /// thread.
    ///
    /// It is faster than `set` where there is a courier, and the same elsewhere.
    ///
    /// # Callable from
    /// Tasks and threads; without std, interrupts that the critical section masks, too. Not from
    /// signal handlers: it takes a lock and runs a waker.
    ///
    /// # Panics
    /// Never by itself. A panic of the waker propagates out of `set_direct`.
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| flag.set_direct());
    ///     flag.wait_blocking();
    /// });
    /// ```
    #[doc(alias = "notify_one")]
    pub fn set_direct(&self) {
        self.queue.set_direct();
    }

    /// Clears the flag; returns whether there was a set that no wait had consumed.
    ///
    /// A waiter that has been woken for that set finds the flag clear, and keeps its place in the
    /// queue. `clear` synchronizes with every `set` that it resets.
    ///
    /// # Callable from
    /// Anywhere: tasks, threads, interrupts and signal handlers.
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// flag.set();
    /// assert!(flag.clear());
    /// assert!(!flag.clear());
    /// ```
    pub fn clear(&self) -> bool {
        self.queue.clear()
    }

    /// Returns whether there is a set that no wait has consumed.
    ///
    /// If there is, what was done before the `set` is visible to the caller. Costs one load.
    ///
    /// # Callable from
    /// Anywhere: tasks, threads, interrupts and signal handlers.
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// assert!(!flag.is_set());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.queue.is_set()
    }

    /// Waits until the flag is set, and consumes the set.
    ///
    /// A wait consumes the set when it is polled, not before. It registers in the queue when it is
    /// first polled. Only the first waiter in the queue consumes a set, and the rest of the waiters
    /// wait until it is polled or dropped. So do not hold a wait that you will not poll.
    ///
    /// A registered wait that is leaked ([`mem::forget`](core::mem::forget), a cycle of `Arc`s)
    /// keeps its place for ever: once it is the first in the queue, the flag releases no other
    /// waiter. That is memory-safe, and affects no other object.
    ///
    /// # Cancel safety
    /// Strict: dropping the future and waiting again loses only the place in the queue. A set that
    /// was for the dropped wait goes to the next waiter, which the drop wakes, or stays in the
    /// flag. A panic of that waiter's waker propagates out of the drop, unless the thread is
    /// already unwinding.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// - The poll that registers panics if the courier cannot be started: on Unix, if there is no
    ///   descriptor or no thread left. The next attempt tries again. `Courier::start` returns the
    ///   error early.
    /// - A poll in a child of `fork` panics if the flag had waiters at the fork.
    /// - A poll after the wait was ready panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::ThreadSafeFlag;
    ///
    /// static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    ///
    /// let task = smol::spawn(FLAG.wait());
    /// FLAG.set();
    /// smol::block_on(task);
    /// assert!(!FLAG.is_set());
    /// ```
    #[doc(alias = "notified")]
    pub fn wait(&self) -> FlagWait<&Self> {
        FlagWait::new(self)
    }

    /// Returns a stream that yields an item for each set that it consumes, and never ends.
    ///
    /// After each item the stream goes to the end of the queue.
    ///
    /// # Cancel safety
    /// Strict, as that of [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// The poll that registers, as that of [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use smol::stream::StreamExt as _;
    ///
    /// let flag = reveille::ThreadSafeFlag::new();
    /// let mut sets = std::pin::pin!(flag.stream());
    /// flag.set();
    /// assert_eq!(smol::block_on(sets.next()), Some(()));
    /// ```
    pub fn stream(&self) -> FlagStream<&Self> {
        FlagStream::new(self)
    }
}

#[cfg(all(target_pointer_width = "32", not(feature = "std")))]
const _: () =
    assert!(size_of::<ThreadSafeFlag>() <= 12 && size_of::<FlagWait<&ThreadSafeFlag>>() <= 32);

impl Default for ThreadSafeFlag {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ThreadSafeFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadSafeFlag")
            .field("is_set", &self.queue.is_set_relaxed())
            .field("has_waiters", &self.queue.has_waiters())
            .finish()
    }
}

// === impl FlagWait ===

impl<H: Deref<Target = ThreadSafeFlag>> FlagWait<H> {
    /// A Handle Names One Object: `flag` is `&ThreadSafeFlag` or `Arc<ThreadSafeFlag>`.
    pub(crate) fn new(flag: H) -> Self {
        Self { flag, node: FlagQueue::node() }
    }
}

impl<H: Deref<Target = ThreadSafeFlag>> Future for FlagWait<H> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        assert!(!this.node.is_terminated(), "`FlagWait` polled after it was ready");
        ready!(this.flag.queue.poll(this.node.as_mut(), cx));
        this.node.mark(Status::Terminated);
        Poll::Ready(())
    }
}

impl<H: Deref<Target = ThreadSafeFlag>> FusedFuture for FlagWait<H> {
    fn is_terminated(&self) -> bool {
        self.node.is_terminated()
    }
}

impl<H: Deref<Target = ThreadSafeFlag>> fmt::Debug for FlagWait<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlagWait").field("status", &self.node).finish_non_exhaustive()
    }
}

// === impl FlagStream ===

impl<H: Deref<Target = ThreadSafeFlag>> FlagStream<H> {
    pub(crate) fn new(flag: H) -> Self {
        Self { wait: FlagWait::new(flag) }
    }
}

impl<H: Deref<Target = ThreadSafeFlag>> Stream for FlagStream<H> {
    type Item = ();

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let mut wait = self.project().wait.project();
        ready!(wait.flag.queue.poll(wait.node.as_mut(), cx));
        wait.node.mark(Status::Fresh);
        Poll::Ready(Some(()))
    }
}

impl<H: Deref<Target = ThreadSafeFlag>> FusedStream for FlagStream<H> {
    fn is_terminated(&self) -> bool {
        false
    }
}

impl<H: Deref<Target = ThreadSafeFlag>> fmt::Debug for FlagStream<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlagStream").field("status", &self.wait.node).finish_non_exhaustive()
    }
}
