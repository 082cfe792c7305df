//! A self-clearing flag: set from anywhere, also from a signal handler; one set, one waiter.
//!
//! This page is the contract; how it is kept is told in [`relay`](crate::raw::flag_queue), and on Unix in
//! `courier` and `slot` beside it.

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::{FusedFuture, FusedStream, Stream};
use pin_project_lite::pin_project;

use crate::raw::flag_queue::FlagQueue;
use crate::raw::list::{Node, Status};
use crate::sync::const_fn;
#[cfg(all(feature = "std", not(target_family = "wasm"), not(all(test, reveille_loom))))]
use {
    crate::raw::block::{self, Deadline},
    core::{pin::pin, time::Duration},
    std::time::Instant,
};

/// A flag that one waiter at a time takes: [`set`](ThreadSafeFlag::set) is remembered until a wait
/// consumes it, and may be called from threads, tasks, **signal handlers** and **interrupts**.
///
/// The flag of MicroPython's `asyncio.ThreadSafeFlag`, for any executor and for threads that have
/// none. Where that allows one waiter, here any number may wait: first come, first served, and no two
/// get one set. Several sets before a wait takes them are one.
///
/// Every type of this crate is thread-safe; this one is interrupt-safe too.
///
/// # What `set` does, and where
/// | where | what `set` does |
/// |---|---|
/// | Unix with std: threads, tasks, **signal handlers** | a few atomic operations, and, only if someone waits, one `write(2)`; `errno` is kept. No lock, no allocation, no waker code, no panic. The courier, a small background thread, wakes the waiter. |
/// | no std: **any interrupt that the critical section masks**, any core | the same atomics, then the first waiter's waker, as embedded executors expect. Not from an NMI or a zero-latency interrupt. On a Unix target without feature `std`, not from signal handlers. |
/// | Windows, wasm, other std | as [`set_direct`](ThreadSafeFlag::set_direct): these have no handlers that interrupt a thread |
///
/// A signal handler may also [`clear`](ThreadSafeFlag::clear) the flag and call
/// [`is_set`](ThreadSafeFlag::is_set). It must do nothing else with a flag: `set_direct`, waiting,
/// and the drop of a flag or of a wait take locks.
///
/// # The courier
/// On Unix the wake-up is delivered by one thread per process, `reveille-courier`, which starts when
/// the first task parks on a flag, or by `start_courier`. It blocks all signals but those that a fault
/// raises, and sleeps until a `set` has something for it. Wakers of tasks that wait for a flag must not
/// block: one that does stalls the courier. A waker that panics there is reported by the panic hook; its
/// wait stays the first in the queue until it is polled or dropped.
///
/// The courier costs one switch of threads more. Where a runtime has a reactor and microseconds count, a
/// `WaitableEvent` in that (tokio's `AsyncFd`, `smol::Async`) is set by signal handlers, too, and does without.
///
/// After `fork(3)`, a flag that had no waiters at that moment works in the child, with a courier of
/// the child's own; the parent's is unaffected. A flag that had waiters can be set, cleared and
/// dropped in the child, and so can its waits, but it cannot be waited for: a poll panics with a
/// message. A child made without the C library's `fork` (`_Fork`, a bare `clone`) is not noticed
/// and must leave flags alone; so must a child's handlers of `pthread_atfork`, though a `set` there
/// does no more than wake the parent's courier for nothing.
///
/// # Memory
/// 16 bytes at most on 64-bit Unix, 40 elsewhere; 12 on 32-bit microcontrollers. On Unix a flag's first
/// wait that parks allocates a slot of about 64 bytes, which goes to another flag when this one is dropped;
/// slots are never freed, so that a handler may touch them at any time.
///
/// # Examples
///
/// ```
/// use reveille::ThreadSafeFlag;
///
/// static TICK: ThreadSafeFlag = ThreadSafeFlag::new();
///
/// let ticking = std::thread::spawn(|| TICK.set());
/// pollster::block_on(TICK.wait());
/// assert!(!TICK.is_set());
/// # ticking.join().unwrap();
/// ```
#[doc(alias = "asyncio.ThreadSafeFlag")]
#[doc(alias = "AutoResetEvent")]
#[doc(alias = "Signal")]
pub struct ThreadSafeFlag {
    pub(crate) relay: FlagQueue,
}

pin_project! {
    /// The future of [`ThreadSafeFlag::wait`].
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// let wait: reveille::FlagWait<'_> = flag.wait();
    /// flag.set();
    /// pollster::block_on(wait);
    /// assert!(!flag.is_set());
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct FlagWait<'a> {
        flag: &'a ThreadSafeFlag,
        #[pin]
        node: Node,
    }

    impl PinnedDrop for FlagWait<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.flag.relay.cancel(this.node);
        }
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pin_project! {
    /// The future of [`ThreadSafeFlag::wait_owned`].
    ///
    /// A [`FlagWait`] that keeps its flag alive, so it can be spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let flag = Arc::new(reveille::ThreadSafeFlag::new());
    /// let wait: reveille::FlagWaitOwned = flag.clone().wait_owned();
    /// let task = smol::spawn(wait);
    /// flag.set();
    /// smol::block_on(task);
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct FlagWaitOwned {
        flag: Arc<ThreadSafeFlag>,
        #[pin]
        node: Node,
    }

    impl PinnedDrop for FlagWaitOwned {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.flag.relay.cancel(this.node);
        }
    }
}

pin_project! {
    /// The stream of [`ThreadSafeFlag::stream`]: an item for each set that it takes; it never ends.
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
    #[must_use = "streams do nothing unless polled"]
    pub struct FlagStream<'a> {
        flag: &'a ThreadSafeFlag,
        #[pin]
        node: Node,
    }

    impl PinnedDrop for FlagStream<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.flag.relay.cancel(this.node);
        }
    }
}

/// Starts the courier, the thread that wakes tasks on behalf of signal handlers, if it does not run yet.
///
/// The first task that parks on a flag starts it anyway, and panics if that fails; this lets a program
/// find out early. Where there is no courier (all but Unix) it returns `Ok(())` at once.
///
/// # Errors
/// The system's, if there is no descriptor or no thread left. Nothing is leaked, and the next attempt
/// tries again.
///
/// # Callable from
/// Tasks and threads.
///
/// # Examples
///
/// ```
/// reveille::start_courier()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[cfg(feature = "std")]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
pub fn start_courier() -> std::io::Result<()> {
    crate::raw::courier::start()
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
            Self { relay: FlagQueue::new() }
        }
    }

    /// Sets the flag: one wait will take it, the first in the queue if there is one.
    ///
    /// What the caller did before happens before the wait that takes this, also if the flag was set
    /// already. Several sets that no wait has taken are one.
    ///
    /// Costs one atomic read-modify-write if nobody waits or the flag is set already; otherwise, on Unix, at
    /// most two more and one `write(2)`.
    ///
    /// # Callable from
    /// Anywhere: see [the table above](ThreadSafeFlag#what-set-does-and-where). It must come to its end: a
    /// signal handler that interrupts it and leaves by `siglongjmp` may leave the flag deaf.
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
        self.relay.set();
    }

    /// [`set`](ThreadSafeFlag::set), and wakes the waiter on the spot instead of by the courier.
    ///
    /// Faster where there is a courier, and the same elsewhere.
    ///
    /// # Callable from
    /// Tasks and threads; without std also interrupts that the critical section masks. Not from
    /// signal handlers, since a waker runs in here.
    ///
    /// # Panics
    /// Never by itself; a panic in the waker passes through.
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
        self.relay.set_direct();
    }

    /// Takes back a set that no wait has taken; tells whether there was one.
    ///
    /// A waiter that was woken for it finds nothing, and keeps its place.
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
        self.relay.clear()
    }

    /// Whether there is a set that no wait has taken.
    ///
    /// If so, what was done before it happens before this returns. Costs one load.
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
        self.relay.is_set()
    }

    /// Waits for a set, and takes it.
    ///
    /// The set is taken when the future is polled, not before. It takes its place in the queue with
    /// its first poll; the first in the queue gets the set, and keeps those behind it waiting until
    /// it is polled or dropped. So do not hold a wait that you will not poll. A parked wait that is
    /// leaked ([`mem::forget`](core::mem::forget), a cycle of `Arc`s) keeps its place for ever:
    /// once it is the first, this flag releases no other waiter. That is memory-safe, and affects
    /// no other object.
    ///
    /// # Cancel safety
    /// Strict: dropping it and waiting again loses nothing but the place. A set that was for it goes to
    /// the next in the queue, which is woken from the drop, or stays. A panic of that waker goes on from
    /// the drop, unless the thread unwinds already.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// The poll that parks, if the courier cannot be started (Unix: no descriptor or no thread left); the
    /// next attempt tries again, and `start_courier` tells early. One in a child of `fork`, if somebody
    /// waited for the flag when it was forked. A poll after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// flag.set();
    /// pollster::block_on(flag.wait());
    /// assert!(!flag.is_set());
    /// ```
    #[doc(alias = "notified")]
    pub fn wait(&self) -> FlagWait<'_> {
        FlagWait { flag: self, node: FlagQueue::node() }
    }

    /// [`wait`](ThreadSafeFlag::wait), with a future that keeps the flag alive and can be spawned.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// As [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::ThreadSafeFlag;
    /// use std::sync::Arc;
    ///
    /// let flag = Arc::new(ThreadSafeFlag::new());
    /// let waiting = std::thread::spawn({
    ///     let wait = flag.clone().wait_owned();
    ///     || pollster::block_on(wait)
    /// });
    /// flag.set();
    /// waiting.join().unwrap();
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[cfg_attr(docsrs, doc(cfg(feature = "alloc")))]
    pub fn wait_owned(self: Arc<Self>) -> FlagWaitOwned {
        FlagWaitOwned { flag: self, node: FlagQueue::node() }
    }

    /// The sets as a stream: an item for each set that it takes. It never ends.
    ///
    /// After each item it goes to the end of the queue.
    ///
    /// # Cancel safety
    /// Strict, as that of [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// The poll that parks, as that of [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// let flag = reveille::ThreadSafeFlag::new();
    /// let mut sets = std::pin::pin!(flag.stream());
    /// flag.set();
    /// assert_eq!(pollster::block_on(sets.next()), Some(()));
    /// ```
    pub fn stream(&self) -> FlagStream<'_> {
        FlagStream { flag: self, node: FlagQueue::node() }
    }
}

/// Blocking waits, for threads that belong to no executor. On wasm there are none: a page's thread must not
/// block.
///
/// A blocked thread stands in one queue with the tasks.
#[cfg(all(feature = "std", not(target_family = "wasm"), not(all(test, reveille_loom))))]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
impl ThreadSafeFlag {
    /// Blocks this thread until there is a set, and takes it.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Panics
    /// As [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| flag.set());
    ///     flag.wait_blocking();
    /// });
    /// assert!(!flag.is_set());
    /// ```
    pub fn wait_blocking(&self) {
        self.block(|| Deadline::NEVER);
    }

    /// Blocks this thread until there is a set, and takes it, or for `timeout`; false if it timed out.
    ///
    /// With [`Duration::ZERO`] it never blocks, and takes a set only if nobody waits; with a timeout too
    /// large for the clock it never times out.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Panics
    /// As [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let flag = reveille::ThreadSafeFlag::new();
    /// assert!(!flag.wait_timeout(Duration::from_millis(1)));
    /// flag.set();
    /// assert!(flag.wait_timeout(Duration::ZERO));
    /// ```
    #[must_use = "false says that it timed out"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.block(|| Deadline::after(timeout))
    }

    /// Blocks this thread until there is a set, and takes it, or until `deadline`; false if it timed out.
    ///
    /// With a deadline that has passed it never blocks, and takes a set only if nobody waits.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Panics
    /// As [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let flag = reveille::ThreadSafeFlag::new();
    /// assert!(!flag.wait_deadline(Instant::now() + Duration::from_millis(1)));
    /// ```
    #[must_use = "false says that it timed out"]
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.block(|| Deadline::at(deadline))
    }

    fn block(&self, deadline: impl FnOnce() -> Deadline) -> bool {
        if self.relay.take_unless_others_wait() {
            return true;
        }
        let deadline = deadline();
        // Too late to stand in the queue: it has been seen that there is nothing for a newcomer.
        !deadline.has_passed() && block::block_on(pin!(self.wait()), deadline).is_some()
    }
}

#[cfg(all(target_pointer_width = "32", not(feature = "std")))]
const _: () = assert!(size_of::<ThreadSafeFlag>() <= 12 && size_of::<FlagWait<'_>>() <= 32);

impl Default for ThreadSafeFlag {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ThreadSafeFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadSafeFlag")
            .field("is_set", &self.relay.is_set_relaxed())
            .field("has_waiters", &self.relay.has_waiters())
            .finish()
    }
}

/// Polls a wait that ends with the set that it takes.
#[inline]
fn poll_once(
    flag: &ThreadSafeFlag,
    mut node: Pin<&mut Node>,
    cx: &Context<'_>,
    name: &str,
) -> Poll<()> {
    assert!(node.status() != Status::Terminated, "{name} polled after it was ready");
    let poll = flag.relay.poll(node.as_mut(), cx);
    if poll.is_ready() {
        node.report();
    }
    poll
}

// === impl FlagWait ===

impl Future for FlagWait<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        poll_once(this.flag, this.node, cx, "FlagWait")
    }
}

impl FusedFuture for FlagWait<'_> {
    fn is_terminated(&self) -> bool {
        self.node.status() == Status::Terminated
    }
}

impl fmt::Debug for FlagWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlagWait").field("status", &self.node).finish_non_exhaustive()
    }
}

// === impl FlagWaitOwned ===

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl Future for FlagWaitOwned {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        poll_once(this.flag, this.node, cx, "FlagWaitOwned")
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl FusedFuture for FlagWaitOwned {
    fn is_terminated(&self) -> bool {
        self.node.status() == Status::Terminated
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl fmt::Debug for FlagWaitOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlagWaitOwned").field("status", &self.node).finish_non_exhaustive()
    }
}

// === impl FlagStream ===

impl Stream for FlagStream<'_> {
    type Item = ();

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let mut this = self.project();
        let poll = this.flag.relay.poll(this.node.as_mut(), cx);
        if poll.is_ready() {
            this.node.renew();
        }
        poll.map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, None)
    }
}

impl FusedStream for FlagStream<'_> {
    fn is_terminated(&self) -> bool {
        false
    }
}

impl fmt::Debug for FlagStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlagStream").field("status", &self.node).finish_non_exhaustive()
    }
}
