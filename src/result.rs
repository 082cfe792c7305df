//! A value or an error that is set once and read by many, by reference.
//!
//! # How an outcome reaches a waiter
//! ```text
//! set()      ─► SET? ── yes ──────────────────────► the value comes back
//!                │ no                                     ▲
//!                └──► locked: SET? ── yes ────────────────┘
//!                              │ no
//!                              └──► write outcome ─► SET ─► unlock ─► release the waiters
//! ```
//! The lock is that of the event's wait list, and the waiters are the event's: see
//! [`queue`](crate::raw::queue).
//!
//! # Invariants
//! **Set Means Written.** Until SET is there, `outcome` is reached by the holder of the lock alone,
//! and is written once, by the one that then sets SET before it unlocks. SET is never cleared. So
//! whoever has read SET, with Acquire, has `outcome` written before it, and nobody writes it again:
//! it is a plain shared value from then on, until the result is dropped or consumed.
//!
//! # Why exactly one setter wins, and a loser finds the outcome at once
//! Setters write under one lock, and only if SET is not there: the first leaves SET, the others
//! find it. Each of them has read it with Acquire before it is refused, so for it the outcome is
//! written.

use core::fmt;
use core::ops::Deref;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use crate::error::AlreadySet;
use crate::event::Event;
use crate::raw::list::Node;
use crate::raw::queue::{HasQueue, Queue};
use crate::sync::{Cell, const_fn};

/// A value or an error that is set once, and that any number of tasks and threads wait for.
///
/// Readers get references, so nothing is asked of `T` and `E`: neither `Clone` nor `Debug`. The
/// outcome stays until the result is dropped. To send one value after another use a `ValueEvent`;
/// to set the result even if the producer is dropped or panics, use
/// [`set_from`](AsyncResult::set_from).
///
/// # If you come from gevent
/// There, a second `set` replaces the value, and a second `set_exception` the exception, for the
/// waiters that have not read it yet, too. After both, `get` returns the value, whichever came
/// first. Here the first outcome stays, and a second setter gets its value back in an error. `get`
/// there blocks; here it never does (it is `get_nowait`), and what blocks or waits is
/// [`wait`](AsyncResult::wait) or `wait_blocking`; what it raises there is the `Err` here, and a
/// time-out is `None`. What gevent links to a greenlet (`greenlet.link(result)`) is
/// [`set_from`](AsyncResult::set_from); what it links to the result (`rawlink`) is
/// `link_owned`.
///
/// # After `fork`
/// A child must neither use nor drop a result that another thread of its parent was using or
/// waiting for: see [`Event`](crate::Event#after-fork).
///
/// # Examples
///
/// ```
/// use reveille::AsyncResult;
/// use std::thread;
///
/// static ANSWER: AsyncResult<u32, String> = AsyncResult::new();
///
/// let task = thread::spawn(|| pollster::block_on(ANSWER.wait()));
/// let blocked = thread::spawn(|| ANSWER.wait_blocking());
/// ANSWER.set(42).unwrap();
/// assert_eq!(task.join().unwrap(), Ok(&42));
/// assert_eq!(blocked.join().unwrap(), Ok(&42));
/// ```
#[doc(alias = "gevent.event.AsyncResult")]
#[doc(alias = "asyncio.Future")]
#[doc(alias = "SetOnce")]
#[doc(alias = "OnceCell")]
pub struct AsyncResult<T, E> {
    /// Set by `put` alone, and never cleared.
    pub(crate) event: Event,
    outcome: Cell<Option<Result<T, E>>>,
}

pin_project! {
    /// The future returned by [`AsyncResult::wait`], which borrows the result, and by
    /// `AsyncResult::wait_owned`, which keeps it alive.
    ///
    /// `H` is `&AsyncResult<T, E>` or `Arc<AsyncResult<T, E>>`. Polled after it is ready, it is ready
    /// again. 64 bytes at most on 64-bit targets.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AsyncResult, ResultWait};
    ///
    /// let result = AsyncResult::<u32, ()>::new();
    /// let wait: ResultWait<&AsyncResult<u32, ()>> = result.wait();
    /// result.set(7).unwrap();
    /// assert_eq!(pollster::block_on(wait), Ok(&7));
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ResultWait<H>
    where
        H: Deref,
        H::Target: HasQueue,
    {
        result: H,
        #[pin]
        node: Node,
    }

    impl<H> PinnedDrop for ResultWait<H>
    where
        H: Deref,
        H::Target: HasQueue,
    {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.result.queue().cancel(this.node);
        }
    }
}

// === impl AsyncResult: set ===

impl<T, E> AsyncResult<T, E> {
    const_fn! {
        /// Creates a result that is not set.
        ///
        /// # Examples
        ///
        /// ```
        /// static RESULT: reveille::AsyncResult<u32, ()> = reveille::AsyncResult::new();
        /// assert!(!RESULT.is_set());
        /// ```
        pub const fn new() -> Self {
            Self { event: Event::new(), outcome: Cell::new(None) }
        }
    }

    /// Sets the result to `Ok(value)`, for good, and resumes everyone who waits for it.
    ///
    /// What the caller did before happens before every wait that this completes. Of setters that
    /// race exactly one wins.
    ///
    /// Waiters are resumed in the order in which they first parked, on this thread, with no lock
    /// held. Takes the lock once, and once more for every 128 waiters, as
    /// [`Event::set`](crate::Event::set) does. A `set` that comes too late costs one load.
    ///
    /// # Errors
    /// [`AlreadySet`] with the value, if the result is set. Then its outcome can be read at once,
    /// although whoever set it may still be resuming the waiters.
    ///
    /// # Callable from
    /// Tasks and threads; without std also interrupts that the critical section masks. Not from signal
    /// handlers, since wakers and callbacks run in here.
    ///
    /// # Panics
    /// With the first panic of a waker or callback, once everybody else has been woken; the result is set.
    /// (While the thread unwinds because of another panic, a waker's goes no further than this.
    /// Without std, a second panic aborts.)
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AlreadySet, AsyncResult};
    ///
    /// let result = AsyncResult::<u32, String>::new();
    /// assert_eq!(result.set(1), Ok(()));
    /// assert_eq!(result.set(2), Err(AlreadySet(2)));
    /// assert_eq!(result.get(), Some(Ok(&1)));
    /// ```
    pub fn set(&self, value: T) -> Result<(), AlreadySet<T>> {
        self.put(value, Ok)
    }

    /// Sets the result to `Err(error)`; otherwise as [`set`](AsyncResult::set).
    ///
    /// # Errors
    /// [`AlreadySet`] with the error, if the result is set.
    ///
    /// # Panics
    /// As [`set`](AsyncResult::set).
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, &str>::new();
    /// result.set_err("out of reach").unwrap();
    /// assert_eq!(result.get(), Some(Err(&"out of reach")));
    /// ```
    #[doc(alias = "set_exception")]
    pub fn set_err(&self, error: E) -> Result<(), AlreadySet<E>> {
        self.put(error, Err)
    }

    /// Sets the result to `outcome`; otherwise as [`set`](AsyncResult::set).
    ///
    /// # Errors
    /// [`AlreadySet`] with the outcome, if the result is set.
    ///
    /// # Panics
    /// As [`set`](AsyncResult::set).
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::new();
    /// result.set_result("17".parse::<u32>()).unwrap();
    /// assert_eq!(result.ok(), Some(&17));
    /// ```
    pub fn set_result(&self, outcome: Result<T, E>) -> Result<(), AlreadySet<Result<T, E>>> {
        self.put(outcome, |outcome| outcome)
    }

    fn put<V>(&self, value: V, outcome: fn(V) -> Result<T, E>) -> Result<(), AlreadySet<V>> {
        let publish = |value| {
            let outcome = Some(outcome(value));
            // SAFETY: Set Means Written: we hold the lock, and SET is not there. What is
            // overwritten is `None`, which needs no drop.
            self.outcome.with_mut(|cell| unsafe { cell.write(outcome) });
        };
        self.event.queue.set_with(value, publish).map_err(AlreadySet)
    }
}

// === impl AsyncResult: look ===

impl<T, E> AsyncResult<T, E> {
    /// The outcome, if there is one. Never blocks.
    ///
    /// Costs one load.
    ///
    /// # Callable from
    /// Anywhere: tasks, threads, interrupts and signal handlers.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, ()>::new();
    /// assert_eq!(result.get(), None);
    /// result.set(1).unwrap();
    /// assert_eq!(result.get(), Some(Ok(&1)));
    /// ```
    #[doc(alias = "get_nowait")]
    #[doc(alias = "try_get")]
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<Result<&T, &E>> {
        self.outcome().map(Result::as_ref)
    }

    /// Whether there is an outcome, a value or an error. Costs one load.
    ///
    /// # Callable from
    /// Anywhere: tasks, threads, interrupts and signal handlers.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, &str>::new();
    /// assert!(!result.is_set());
    /// result.set_err("gone").unwrap();
    /// assert!(result.is_set());
    /// ```
    #[doc(alias = "ready")]
    #[doc(alias = "done")]
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.event.is_set()
    }

    /// Whether the outcome is there, and is a value. Costs one load.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, ()>::new();
    /// assert!(!result.is_ok());
    /// result.set(1).unwrap();
    /// assert!(result.is_ok());
    /// ```
    #[doc(alias = "successful")]
    #[inline]
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.ok().is_some()
    }

    /// The value, if the outcome is there and is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, &str>::new();
    /// assert_eq!(result.ok(), None);
    /// result.set(7).unwrap();
    /// assert_eq!(result.ok(), Some(&7));
    /// ```
    #[doc(alias = "value")]
    #[inline]
    #[must_use]
    pub fn ok(&self) -> Option<&T> {
        self.get()?.ok()
    }

    /// The error, if the outcome is there and is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, &str>::new();
    /// result.set_err("gone").unwrap();
    /// assert_eq!((result.ok(), result.err()), (None, Some(&"gone")));
    /// ```
    #[doc(alias = "exception")]
    #[doc(alias = "exc_info")]
    #[inline]
    #[must_use]
    pub fn err(&self) -> Option<&E> {
        self.get()?.err()
    }

    /// Takes the outcome out, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<String, ()>::new();
    /// result.set("mine".to_owned()).unwrap();
    /// assert_eq!(result.into_inner(), Some(Ok("mine".to_owned())));
    /// ```
    #[must_use]
    pub fn into_inner(self) -> Option<Result<T, E>> {
        self.outcome.into_inner()
    }

    #[inline]
    pub(crate) fn outcome(&self) -> Option<&Result<T, E>> {
        // SAFETY: `is_set` has read SET with Acquire.
        self.is_set().then(|| unsafe { self.written() })
    }

    /// The outcome, without a look at SET: with one, resuming a waiter took 1.7 times as long.
    ///
    /// # Safety
    /// The caller has read SET with Acquire, or a wait of `self.event` has been ready: the event is never
    /// cleared, so what released it is the one set that there is, which happens before all that it completes.
    #[inline]
    unsafe fn written(&self) -> &Result<T, E> {
        // SAFETY: Set Means Written.
        let outcome = self.outcome.with(|cell| unsafe { &*cell });
        // SAFETY: as above.
        unsafe { outcome.as_ref().unwrap_unchecked() }
    }
}

// === impl AsyncResult: wait ===

impl<T, E> AsyncResult<T, E> {
    /// Waits for the outcome; complete at once if it is there.
    ///
    /// # Cancel safety
    /// Strict: drop it and wait again, and nothing is lost but the place in the queue.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// Never by itself. A panic in the waker's `clone` or `drop` passes through the poll or the
    /// drop that called it, and leaves the other waiters as they were.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, ()>::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| result.set(1));
    ///     assert_eq!(pollster::block_on(result.wait()), Ok(&1));
    /// });
    /// ```
    #[inline]
    pub fn wait(&self) -> ResultWait<&Self> {
        ResultWait::new(self)
    }
}

// === impl AsyncResult: traits ===

// SAFETY: only `outcome` keeps `AsyncResult` from being Sync by itself. This is all that threads
// can do to it through a shared `&AsyncResult`, by Set Means Written:
// - One of them writes it, once, under the lock and before SET. That moves a `T` or an `E` in from
//   the setter's thread. It is moved out, or dropped, by whoever owns the result in the end, which
//   may be another thread. So both must be Send. What a setter too late gets back has not left its
//   thread.
// - After SET any number of them read it, at the same time, and keep `&T` and `&E` for as long as
//   they borrow the result. So both must be Sync. The write happened before each of these reads:
//   SET was released after it and is acquired before them. There is no write after SET.
// - Before SET nobody reads it, but for `into_inner` and drop, which own the result: then nobody
//   shares it, and they find `None`.
//
// `Event` is Sync. Sending a whole result moves `T` and `E` with it; that is Send by itself.
unsafe impl<T: Send + Sync, E: Send + Sync> Sync for AsyncResult<T, E> {}

// The outcome is written whole, and what is read of it are plain references to it.
impl<T, E> RefUnwindSafe for AsyncResult<T, E>
where
    T: RefUnwindSafe + UnwindSafe,
    E: RefUnwindSafe + UnwindSafe,
{
}

impl<T, E> Default for AsyncResult<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for AsyncResult<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncResult")
            .field("outcome", &self.get())
            .field("has_waiters", &self.event.queue.state().has_waiters())
            .finish()
    }
}

impl<T, E> HasQueue for AsyncResult<T, E> {
    #[inline]
    fn queue(&self) -> &Queue {
        &self.event.queue
    }
}

// === impl ResultWait ===

impl<H: Deref<Target: HasQueue>> ResultWait<H> {
    /// A Handle Names One Object: `result` is `&AsyncResult` or `Arc<AsyncResult>`.
    #[inline]
    pub(crate) fn new(result: H) -> Self {
        let node = result.queue().node();
        Self { result, node }
    }

    /// Polls the wait, and returns its result once that is set.
    #[inline]
    pub(crate) fn poll_set(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&H> {
        let this = self.project();
        this.result.queue().poll(this.node, cx).map(|()| &*this.result)
    }
}

impl<'a, T, E> Future for ResultWait<&'a AsyncResult<T, E>> {
    type Output = Result<&'a T, &'a E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result: &'a AsyncResult<T, E> = ready!(self.poll_set(cx));
        // SAFETY: Set Means Written: a wait of its event has been ready.
        Poll::Ready(unsafe { result.written() }.as_ref())
    }
}

impl<H: Deref<Target: HasQueue>> FusedFuture for ResultWait<H>
where
    Self: Future,
{
    fn is_terminated(&self) -> bool {
        self.node.is_terminated()
    }
}

impl<H: Deref<Target: HasQueue>> fmt::Debug for ResultWait<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultWait").field("status", &self.node).finish_non_exhaustive()
    }
}
