//! Runs a future on behalf of a result: its outcome becomes the result's, and its death is an
//! outcome, too.
//!
//! # What becomes of the result
//! | the future                                    | a result that is unset then becomes |
//! |-----------------------------------------------|-------------------------------------|
//! | ends                                          | what it ended with                  |
//! | panics                                        | `Err(Cancelled.into())`             |
//! | is dropped before its end, polled or not      | `Err(Cancelled.into())`             |
//!
//! A result that is set then keeps what it has. A panic counts when it passes through the poll, for
//! an executor may catch it there and keep the future.
//!
//! # In which order
//! A future that is dropped has gone, with all that it held, before its readers are told: whoever
//! reads `Cancelled` and tries anew finds what the first try held free again, and a destructor in
//! the future may still set a better error. So `future` stands before `guard` in the structs below:
//! fields are dropped in that order, the second also if the first panics.
//!
//! `Cancelled.into()` is foreign code. It runs unlocked, and only if the result is unset.

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
    /// It ends when its future does, with [`AlreadySet`] if the result was set before. Polled after
    /// that, or after a panic, it panics. `H` is `&AsyncResult<T, E>` or `Arc<AsyncResult<T, E>>`.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, reveille::Cancelled>::new();
    /// pollster::block_on(result.set_from(async { Ok(7) })).unwrap();
    /// assert_eq!(result.get(), Some(Ok(&7)));
    /// ```
    #[must_use = "dropping it immediately cancels the result; `.await`, poll or spawn it"]
    pub struct SetFrom<H, F>
    where
        H: Deref,
    {
        #[pin]
        future: F,
        guard: Guard<H>,
    }
}

/// Cancels the result when it is dropped, unless it has ended.
struct Guard<H: Deref> {
    result: H,
    /// `None`: it has ended. A pointer, so that `E: From<Cancelled>` is required where a guard is
    /// made and nowhere else.
    cancel: Option<fn(&H::Target)>,
}

/// Cancels the result when the future's poll unwinds.
struct Unwinding<'a, H: Deref>(&'a mut Guard<H>);

// === impl AsyncResult ===

impl<T, E> AsyncResult<T, E> {
    /// Runs `future` and sets the result to its outcome, or, if that never comes, to [`Cancelled`].
    ///
    /// If the returned future is dropped before its end, even before its first poll, or if `future`
    /// panics, the result becomes `Err(Cancelled.into())`, unless it is set: no reader hangs
    /// because the task that was to produce the outcome was aborted or panicked. A future that is
    /// dropped has gone, with all that it held, before its readers are told. A future that is
    /// leaked ([`mem::forget`]) sets nothing.
    ///
    /// The future runs to its end also if somebody else sets the result meanwhile.
    ///
    /// # If you come from gevent
    /// This is `greenlet.link(result)`. There, a greenlet that is killed sets the result to a value, a
    /// `GreenletExit`; here a future that is dropped sets it to an error.
    ///
    /// # Errors
    /// [`AlreadySet`] with the future's outcome, if the result was set before the future ended.
    ///
    /// # Cancel safety
    /// Dropping it is an outcome, as told above. Hold it across `select!` turns (`&mut`).
    ///
    /// # Panics
    /// The returned future panics as `future` does, and as [`set`](AsyncResult::set) does once the
    /// outcome is there; and when it is polled after its end. Its drop panics as `Cancelled.into()`
    /// does, which leaves the result unset, and as [`set_err`](AsyncResult::set_err). (If
    /// `Cancelled.into()` panics while a panic of `future` unwinds, the process aborts.)
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AsyncResult, Cancelled};
    ///
    /// let result = AsyncResult::<u32, Cancelled>::new();
    /// assert_eq!(pollster::block_on(result.set_from(async { Ok(1) })), Ok(()));
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
            // If it comes back, it was set while it was made: that outcome stays.
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
        // Before the wakers run, which may panic.
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
