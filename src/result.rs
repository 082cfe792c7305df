//! [`AsyncResult`]: a value or an error that is set once and read by many, by reference.
//!
//! # How an outcome reaches a waiter
//! ```text
//! set()      ─► SET? ── yes ──────────────────────► return the value
//!                │ no                                     ▲
//!                └──► locked: SET? ── yes ────────────────┘
//!                              │ no
//!                              └──► write outcome ─► SET ─► unlock ─► wake the waiters
//! ```
//! The lock is that of the event's list, and the waiters are the event's: see
//! [`queue`](crate::raw::queue).
//!
//! # Invariants
//! **Set Means Written.** Until SET is 1, only the holder of the lock accesses `outcome`. A setter
//! writes it once, and sets SET before it unlocks. SET is never cleared. Once code has read SET
//! with Acquire, that write has happened before, and no other write follows: `outcome` is a plain
//! shared value from then on, until the result is dropped or consumed.
//!
//! # Why exactly one setter succeeds, and the others can read the outcome
//! Setters write under one lock, and only if SET is 0: the first sets SET, and the others find it
//! set. Each of the others has read SET with Acquire before it returns its value, so the outcome is
//! written before that.

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

/// A value or an error that is set once, and for which any number of tasks and threads can wait.
///
/// Waiters get references, so `T` and `E` need be neither `Clone` nor `Debug`. The outcome stays
/// until the result is dropped. To send one value after another, use a `ValueEvent`. To set the
/// result even if the producer is dropped or panics, use [`set_from`](AsyncResult::set_from).
///
/// # If you come from gevent
/// - In gevent, a second `set` replaces the value, and a second `set_exception` the exception, even
///   for waiters that have not read it yet. After one of each, `get` returns the value, whichever
///   came first. Here the first outcome stays, and a second setter gets its value back in an error.
/// - In gevent, `get` blocks. Here it never blocks, and corresponds to `get_nowait`. To wait, use
///   [`wait`](AsyncResult::wait) or `wait_blocking`.
/// - In gevent, `get` raises the exception, or `Timeout`. Here a wait returns an `Err`, or `None`.
/// - In place of `greenlet.link(result)`, use [`set_from`](AsyncResult::set_from). In place of
///   `rawlink`, use `link_owned`.
///
/// # After `fork`
/// A child must neither use nor drop a result that another thread of its parent was using or
/// waiting for. See [`Event`](crate::Event#after-fork).
///
/// # Examples
///
/// ```
/// use reveille::AsyncResult;
///
/// static ANSWER: AsyncResult<u32, String> = AsyncResult::new();
///
/// let task = smol::spawn(ANSWER.wait());
/// let thread = std::thread::spawn(|| ANSWER.wait_blocking());
/// ANSWER.set(42).unwrap();
/// assert_eq!(smol::block_on(task), Ok(&42));
/// assert_eq!(thread.join().unwrap(), Ok(&42));
/// ```
#[doc(alias = "gevent.event.AsyncResult")]
#[doc(alias = "asyncio.Future")]
#[doc(alias = "SetOnce")]
#[doc(alias = "OnceCell")]
#[doc(alias = "oneshot")]
pub struct AsyncResult<T, E> {
    /// Only `put` sets it, and it is never cleared.
    pub(crate) event: Event,
    outcome: Cell<Option<Result<T, E>>>,
}

pin_project! {
    /// The future returned by [`AsyncResult::wait`], which borrows the result, and by
    /// `AsyncResult::wait_owned`, which keeps it alive.
    ///
    /// `H` is `&AsyncResult<T, E>` or `Arc<AsyncResult<T, E>>`. A wait that is polled after it was
    /// ready is ready again. It takes at most 64 bytes on 64-bit targets.
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

    /// Sets the result to `Ok(value)`, permanently, and wakes all waiters.
    ///
    /// `set` synchronizes with every wait that it completes: what the caller did before is visible
    /// after the wait. If several callers race to set a result, exactly one succeeds; the others
    /// get their value back in [`AlreadySet`].
    ///
    /// Waiters are woken on the calling thread, in the order in which they registered, with no lock
    /// held. `set` takes the lock once to store the value; to wake waiters costs as much as in
    /// [`Event::set`](crate::Event::set). If the result is already set, `set` costs one load.
    ///
    /// # Errors
    /// [`AlreadySet`] with the value, if the result is already set. The outcome can then be read
    /// immediately, although the successful setter may still be waking the waiters.
    ///
    /// # Callable from
    /// Tasks and threads; without std, interrupts that the critical section masks, too. Not from
    /// signal handlers: it runs wakers and callbacks.
    ///
    /// # Panics
    /// If a waker or a callback panics, the first panic propagates out of `set` after all other
    /// waiters have been woken. The result is set then. If the thread is already unwinding, the
    /// panic stops here, because a second one would abort the process. Without std, a second panic
    /// aborts.
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

    /// Sets the result to `Err(error)`, permanently, and wakes all waiters.
    ///
    /// It has the guarantees and the cost of [`set`](AsyncResult::set).
    ///
    /// # Errors
    /// [`AlreadySet`] with the error, if the result is already set.
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

    /// Sets the result to `outcome`, a value or an error, permanently, and wakes all waiters.
    ///
    /// It has the guarantees and the cost of [`set`](AsyncResult::set).
    ///
    /// # Errors
    /// [`AlreadySet`] with the outcome, if the result is already set.
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
            // SAFETY: Set Means Written: we hold the lock, and SET is 0. The value that this
            // overwrites is `None`, which needs no drop.
            self.outcome.with_mut(|cell| unsafe { cell.write(outcome) });
        };
        self.event.queue.set_with(value, publish).map_err(AlreadySet)
    }
}

// === impl AsyncResult: look ===

impl<T, E> AsyncResult<T, E> {
    /// Returns the outcome, or `None` if the result is not set.
    ///
    /// It never blocks, and costs one load.
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

    /// Returns whether the result is set, to a value or to an error.
    ///
    /// Costs one load.
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

    /// Returns whether the result is set to a value.
    ///
    /// Costs one load.
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

    /// Returns the value, or `None` if the result is not set or is set to an error.
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

    /// Returns the error, or `None` if the result is not set or is set to a value.
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

    /// Consumes the result and returns the outcome, or `None` if the result is not set.
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
        // SAFETY: Set Means Written: `is_set` has read SET with Acquire.
        self.is_set().then(|| unsafe { self.written() })
    }

    /// Returns the outcome without reading SET: with that load, completing a wait took 1.7 times as
    /// long.
    ///
    /// # Safety
    /// The caller has read SET with Acquire, or has polled a wait of `self.event` that was ready: the
    /// event is never cleared, so the only `set` has released the wait, and it happens before every
    /// wait that it completes. (A wait that the drop of the event took out of the list cannot be
    /// polled: its handle keeps the event alive.)
    #[inline]
    unsafe fn written(&self) -> &Result<T, E> {
        // SAFETY: Set Means Written.
        let outcome = self.outcome.with(|cell| unsafe { &*cell });
        // SAFETY: Set Means Written, as above.
        unsafe { outcome.as_ref().unwrap_unchecked() }
    }
}

// === impl AsyncResult: wait ===

impl<T, E> AsyncResult<T, E> {
    /// Waits until the result is set, or completes immediately if it is set already.
    ///
    /// # Cancel safety
    /// Strict: dropping the future and waiting again loses only the place in the queue.
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
    /// use reveille::AsyncResult;
    ///
    /// static LOADED: AsyncResult<u32, ()> = AsyncResult::new();
    ///
    /// let task = smol::spawn(LOADED.wait());
    /// LOADED.set(1).unwrap();
    /// assert_eq!(smol::block_on(task), Ok(&1));
    /// ```
    #[inline]
    pub fn wait(&self) -> ResultWait<&Self> {
        ResultWait::new(self)
    }
}

// === impl AsyncResult: traits ===

// SAFETY: only `outcome` keeps `AsyncResult` from being Sync by itself. By Set Means Written, this
// is all that threads can do to it through a shared `&AsyncResult`:
// - One thread writes it, once, under the lock and before SET. That moves a `T` or an `E` in from
//   the setter's thread. The owner of the result moves it out or drops it in the end, perhaps on
//   another thread. So both must be Send. A value that is returned to a setter has not left its
//   thread.
// - After SET, any number of threads read it at the same time, and keep `&T` and `&E` for as long
//   as they borrow the result. So both must be Sync. The write happens before each of these reads:
//   SET is released after it and acquired before them. There is no write after SET.
// - Before SET, only `into_inner` and drop read it. They own the result, so no other thread shares
//   it, and they find `None`.
//
// `Event` is Sync. Sending a whole result moves `T` and `E` with it; a result is Send by itself.
unsafe impl<T: Send + Sync, E: Send + Sync> Sync for AsyncResult<T, E> {}

// The outcome is written whole, and readers get plain references to it.
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

// SAFETY: A Handle Names One Object: a result has one event, in place, and never replaces it.
unsafe impl<T, E> HasQueue for AsyncResult<T, E> {
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

    /// Polls the wait, and returns its handle once the result is set.
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
