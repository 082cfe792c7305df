//! [`SetFrom`]: runs a future and sets a result to its outcome, or to `Cancelled` if it has none.
//!
//! # What the result is set to
//! | the future                                    | an unset result is then set to      |
//! |-----------------------------------------------|-------------------------------------|
//! | completes                                     | the future's output                 |
//! | panics                                        | `Err(Cancelled.into())`             |
//! | is dropped before it completes, polled or not | `Err(Cancelled.into())`             |
//!
//! A result that is already set keeps its outcome. A panic counts when it propagates out of the
//! poll, because an executor may catch it there and keep the future.
//!
//! # In which order
//! When a `SetFrom` is dropped, its future is dropped first, with everything that it owns, and only
//! then is the result set. So a reader that gets `Cancelled` and tries again finds the resources of
//! the first try free, and a destructor in the future can still set a better error. Therefore
//! `future` stands before `guard` in the structs below: fields are dropped in that order, and the
//! second is dropped even if the drop of the first panics.
//!
//! `Cancelled.into()` is foreign code. It runs unlocked, and only if the result is not set.

use core::fmt;
use core::mem;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use crate::error::{AlreadySet, Cancelled};
use crate::result::AsyncResult;

pin_project! {
    /// The future returned by [`AsyncResult::set_from`], which borrows the result, and by
    /// `AsyncResult::set_from_owned`, which keeps it alive.
    ///
    /// It completes when its future does, and returns [`AlreadySet`] if the result was set before.
    /// A poll after it was ready, or after a panic, panics. `H` is `&AsyncResult<T, E>` or
    /// `Arc<AsyncResult<T, E>>`.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, reveille::Cancelled>::new();
    /// pollster::block_on(result.set_from(async { Ok(7) })).unwrap();
    /// assert_eq!(result.get(), Some(Ok(&7)));
    /// ```
    #[must_use = "dropping it sets the result to `Cancelled`; `.await`, poll or spawn it"]
    pub struct SetFrom<H, F>
    where
        H: Deref,
    {
        #[pin]
        future: F,
        guard: Guard<H>,
    }
}

/// Sets the result to `Cancelled` when it is dropped, unless the guard has ended.
struct Guard<H: Deref> {
    result: H,
    /// `None` once the guard has ended. A function pointer, so that only the creation of a guard
    /// requires `E: From<Cancelled>`.
    cancel: Option<fn(&H::Target)>,
}

/// Ends the guard when it is dropped: while a panic unwinds the future's poll.
struct Unwinding<'a, H: Deref>(&'a mut Guard<H>);

// === impl AsyncResult ===

impl<T, E> AsyncResult<T, E> {
    /// Runs `future` and sets the result to its outcome, or to [`Cancelled`] if it never completes.
    ///
    /// The result is set to `Err(Cancelled.into())`, unless it is already set, in two cases:
    /// - the returned future is dropped before it completes, even before its first poll;
    /// - `future` panics.
    ///
    /// So no reader hangs because the task that produces the outcome is aborted or panics. A
    /// dropped future is gone, with everything that it owned, before the readers get `Cancelled`. A
    /// future that is leaked ([`mem::forget`]) sets nothing.
    ///
    /// `future` runs to completion even if another caller sets the result meanwhile.
    ///
    /// # If you come from gevent
    /// This replaces `greenlet.link(result)`. There, a greenlet that is killed sets the result to a
    /// value, a `GreenletExit`. Here a future that is dropped sets it to an error.
    ///
    /// # Errors
    /// [`AlreadySet`] with the outcome of `future`, if the result was set before `future`
    /// completed.
    ///
    /// # Cancel safety
    /// Dropping the returned future sets the result, as described above. In a `select!` loop, hold
    /// the future across the turns, and pass it as `&mut`.
    ///
    /// # Panics
    /// A poll of the returned future panics in these cases:
    /// - `future` panics;
    /// - [`set`](AsyncResult::set) panics when it sets the outcome;
    /// - the future was ready before, or has panicked.
    ///
    /// Its drop panics in these cases:
    /// - `Cancelled.into()` panics, which leaves the result unset;
    /// - [`set_err`](AsyncResult::set_err) panics.
    ///
    /// If `Cancelled.into()` panics while a panic of `future` unwinds, the process aborts.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AsyncResult, Cancelled};
    ///
    /// let result = AsyncResult::<u32, Cancelled>::new();
    /// smol::block_on(result.set_from(async { Ok(1) })).unwrap();
    /// assert_eq!(result.get(), Some(Ok(&1)));
    ///
    /// let result = AsyncResult::<u32, Cancelled>::new();
    /// drop(result.set_from(std::future::pending()));
    /// assert_eq!(result.get(), Some(Err(&Cancelled)));
    /// ```
    #[doc(alias = "__call__")]
    pub fn set_from<F>(&self, future: F) -> SetFrom<&Self, F>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Cancelled>,
    {
        SetFrom::new(self, future)
    }

    fn cancel(&self)
    where
        E: From<Cancelled>,
    {
        if !self.is_set() {
            // `Err`: the result has been set since that check, and keeps its outcome.
            let _ = self.set_err(Cancelled.into());
        }
    }
}

// === impl Guard ===

impl<H: Deref<Target = AsyncResult<T, E>>, T, E: From<Cancelled>> Guard<H> {
    fn new(result: H) -> Self {
        Self { result, cancel: Some(AsyncResult::cancel) }
    }
}

impl<H: Deref> Guard<H> {
    fn end(&mut self) {
        if let Some(cancel) = self.cancel.take() {
            cancel(&self.result);
        }
    }

    fn has_ended(&self) -> bool {
        self.cancel.is_none()
    }
}

impl<H: Deref> Drop for Guard<H> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<H: Deref> Drop for Unwinding<'_, H> {
    fn drop(&mut self) {
        self.0.end();
    }
}

// === impl SetFrom ===

impl<H: Deref<Target = AsyncResult<T, E>>, T, E: From<Cancelled>, F> SetFrom<H, F> {
    pub(crate) fn new(result: H, future: F) -> Self {
        Self { future, guard: Guard::new(result) }
    }
}

impl<H, T, E, F> Future for SetFrom<H, F>
where
    H: Deref<Target = AsyncResult<T, E>>,
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<(), AlreadySet<Result<T, E>>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        assert!(!this.guard.has_ended(), "`SetFrom` polled after it was ready");
        let unwinding = Unwinding(this.guard);
        let poll = this.future.poll(cx);
        mem::forget(unwinding);
        let outcome = ready!(poll);
        // The guard ends before the wakers run, which may panic.
        this.guard.cancel = None;
        Poll::Ready(this.guard.result.set_result(outcome))
    }
}

impl<H, T, E, F> FusedFuture for SetFrom<H, F>
where
    H: Deref<Target = AsyncResult<T, E>>,
    F: Future<Output = Result<T, E>>,
{
    fn is_terminated(&self) -> bool {
        self.guard.has_ended()
    }
}

impl<H: Deref, F> fmt::Debug for SetFrom<H, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetFrom")
            .field("has_ended", &self.guard.has_ended())
            .finish_non_exhaustive()
    }
}
