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

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
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
    /// The future of [`AsyncResult::resolve_with`].
    ///
    /// Ends when its future does, with [`AlreadySet`] if the outcome came too late. Polled after
    /// that, or after a panic, it panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, reveille::Cancelled>::new();
    /// pollster::block_on(result.resolve_with(async { Ok(7) })).unwrap();
    /// assert_eq!(result.get(), Some(Ok(&7)));
    /// ```
    #[must_use = "dropping it at once cancels the result; `.await` or poll it"]
    pub struct Resolve<'a, T, E, F> {
        #[pin]
        future: F,
        guard: Guard<&'a AsyncResult<T, E>, T, E>,
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pin_project! {
    /// The future of [`AsyncResult::resolve_with_owned`].
    ///
    /// A [`Resolve`] that keeps its result alive, so it can be spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AsyncResult, Cancelled};
    /// use std::sync::Arc;
    ///
    /// let result = Arc::new(AsyncResult::<u32, Cancelled>::new());
    /// let task = smol::spawn(result.clone().resolve_with_owned(async { Ok(7) }));
    /// assert_eq!(smol::block_on(result.wait()), Ok(&7));
    /// smol::block_on(task).unwrap();
    /// ```
    #[must_use = "dropping it at once cancels the result; `.await`, poll or spawn it"]
    pub struct ResolveOwned<T, E, F> {
        #[pin]
        future: F,
        guard: Guard<Arc<AsyncResult<T, E>>, T, E>,
    }
}

/// Cancels the result when it is dropped, unless it is over.
struct Guard<P: Deref<Target = AsyncResult<T, E>>, T, E> {
    result: P,
    /// `None`: it is over. A pointer, so that `E: From<Cancelled>` is asked for where a guard is
    /// made and nowhere else.
    cancel: Option<fn(&AsyncResult<T, E>)>,
}

/// Cancels the result when the future's poll unwinds.
struct Unwinding<'a, P: Deref<Target = AsyncResult<T, E>>, T, E>(&'a mut Guard<P, T, E>);

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
    /// does, which leaves the result unset, and as [`set_error`](AsyncResult::set_error). (If
    /// `Cancelled.into()` panics while a panic of `future` unwinds, the process aborts.)
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AsyncResult, Cancelled};
    ///
    /// let result = AsyncResult::<u32, Cancelled>::new();
    /// assert_eq!(pollster::block_on(result.resolve_with(async { Ok(1) })), Ok(()));
    /// assert_eq!(result.get(), Some(Ok(&1)));
    ///
    /// let result = AsyncResult::<u32, Cancelled>::new();
    /// drop(result.resolve_with(std::future::pending()));
    /// assert_eq!(result.get(), Some(Err(&Cancelled)));
    /// ```
    #[doc(alias = "__call__")]
    #[doc(alias = "set_result")]
    pub fn resolve_with<F>(&self, future: F) -> Resolve<'_, T, E, F>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Cancelled>,
    {
        Resolve { guard: Guard::new(self), future }
    }

    /// [`resolve_with`](AsyncResult::resolve_with), with a future that keeps the result alive and
    /// can be spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AsyncResult, Cancelled};
    /// use std::sync::Arc;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let result = Arc::new(AsyncResult::<u32, Cancelled>::new());
    /// let producer = tokio::spawn(result.clone().resolve_with_owned(std::future::pending()));
    /// producer.abort();
    /// assert_eq!(result.wait().await, Err(&Cancelled));
    /// # }
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[cfg_attr(docsrs, doc(cfg(feature = "alloc")))]
    pub fn resolve_with_owned<F>(self: Arc<Self>, future: F) -> ResolveOwned<T, E, F>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Cancelled>,
    {
        ResolveOwned { guard: Guard::new(self), future }
    }

    fn cancel(&self)
    where
        E: From<Cancelled>,
    {
        if !self.is_set() {
            // If it comes back, it was set while it was made: that outcome stays.
            let _ = self.set_error(Cancelled.into());
        }
    }
}

// === impl Guard ===

impl<P: Deref<Target = AsyncResult<T, E>>, T, E> Guard<P, T, E> {
    fn new(result: P) -> Self
    where
        E: From<Cancelled>,
    {
        Self { result, cancel: Some(AsyncResult::cancel) }
    }

    /// Polls the future that this guards.
    fn poll<F: Future<Output = Result<T, E>>>(
        &mut self,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
        name: &str,
    ) -> Poll<Result<(), AlreadySet<F::Output>>> {
        assert!(!self.is_over(), "{name} polled after its end");
        let unwinding = Unwinding(self);
        let poll = future.poll(cx);
        mem::forget(unwinding);
        let outcome = ready!(poll);
        // Before the wakers run, which may panic.
        self.cancel = None;
        Poll::Ready(self.result.complete(outcome))
    }

    fn end(&mut self) {
        if let Some(cancel) = self.cancel.take() {
            cancel(&self.result);
        }
    }

    fn is_over(&self) -> bool {
        self.cancel.is_none()
    }
}

impl<P: Deref<Target = AsyncResult<T, E>>, T, E> Drop for Guard<P, T, E> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<P: Deref<Target = AsyncResult<T, E>>, T, E> Drop for Unwinding<'_, P, T, E> {
    fn drop(&mut self) {
        self.0.end();
    }
}

// === impl Resolve ===

impl<T, E, F: Future<Output = Result<T, E>>> Future for Resolve<'_, T, E, F> {
    type Output = Result<(), AlreadySet<Result<T, E>>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.guard.poll(this.future, cx, "Resolve")
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> FusedFuture for Resolve<'_, T, E, F> {
    fn is_terminated(&self) -> bool {
        self.guard.is_over()
    }
}

impl<T, E, F> fmt::Debug for Resolve<'_, T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolve").field("is_over", &self.guard.is_over()).finish_non_exhaustive()
    }
}

// === impl ResolveOwned ===

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<T, E, F: Future<Output = Result<T, E>>> Future for ResolveOwned<T, E, F> {
    type Output = Result<(), AlreadySet<Result<T, E>>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.guard.poll(this.future, cx, "ResolveOwned")
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<T, E, F: Future<Output = Result<T, E>>> FusedFuture for ResolveOwned<T, E, F> {
    fn is_terminated(&self) -> bool {
        self.guard.is_over()
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<T, E, F> fmt::Debug for ResolveOwned<T, E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolveOwned")
            .field("is_over", &self.guard.is_over())
            .finish_non_exhaustive()
    }
}
