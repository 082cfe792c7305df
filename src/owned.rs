//! Futures that keep their primitive alive by an [`Arc`]. They require the feature `alloc`.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use crate::error::Cancelled;
use crate::event::{Event, EventWait};
use crate::flag::{FlagStream, FlagWait, ThreadSafeFlag};
use crate::result::{AsyncResult, ResultWait};
use crate::set_from::SetFrom;

impl Event {
    /// Waits as [`wait`](Event::wait) does, with a future that keeps the event alive and can be
    /// spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::Arc;
    ///
    /// let event = Arc::new(Event::new());
    /// let task = smol::spawn(event.clone().wait_owned());
    /// event.set();
    /// smol::block_on(task);
    /// ```
    #[inline]
    pub fn wait_owned(self: Arc<Self>) -> EventWait<Arc<Self>> {
        EventWait::new(self)
    }
}

impl ThreadSafeFlag {
    /// Waits as [`wait`](ThreadSafeFlag::wait) does, with a future that keeps the flag alive and
    /// can be spawned.
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
    /// let task = smol::spawn(flag.clone().wait_owned());
    /// flag.set();
    /// smol::block_on(task);
    /// ```
    pub fn wait_owned(self: Arc<Self>) -> FlagWait<Arc<Self>> {
        FlagWait::new(self)
    }

    /// Yields an item for each set, as [`stream`](ThreadSafeFlag::stream) does, with a stream that
    /// keeps the flag alive and can be moved into a task.
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
    /// use smol::stream::StreamExt as _;
    /// use std::sync::Arc;
    ///
    /// let flag = Arc::new(ThreadSafeFlag::new());
    /// let mut sets = Box::pin(flag.clone().stream_owned());
    /// let task = smol::spawn(async move { sets.next().await });
    /// flag.set();
    /// assert_eq!(smol::block_on(task), Some(()));
    /// ```
    pub fn stream_owned(self: Arc<Self>) -> FlagStream<Arc<Self>> {
        FlagStream::new(self)
    }
}

impl<T, E> AsyncResult<T, E> {
    /// Waits as [`wait`](AsyncResult::wait) does, with a future that keeps the result alive and can
    /// be spawned.
    ///
    /// The [`Outcome`] that it returns keeps the result alive in turn.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::AsyncResult;
    /// use std::sync::Arc;
    ///
    /// let result = Arc::new(AsyncResult::<u32, ()>::new());
    /// let task = smol::spawn(result.clone().wait_owned());
    /// result.set(1).unwrap();
    /// assert_eq!(*smol::block_on(task), Ok(1));
    /// ```
    #[inline]
    pub fn wait_owned(self: Arc<Self>) -> ResultWait<Arc<Self>> {
        ResultWait::new(self)
    }

    /// Runs `future` as [`set_from`](AsyncResult::set_from) does, with a future that keeps the
    /// result alive and can be spawned.
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
    /// let producer = tokio::spawn(result.clone().set_from_owned(std::future::pending()));
    /// producer.abort();
    /// assert_eq!(result.wait().await, Err(&Cancelled));
    /// # }
    /// ```
    pub fn set_from_owned<F>(self: Arc<Self>, future: F) -> SetFrom<Arc<Self>, F>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Cancelled>,
    {
        SetFrom::new(self, future)
    }
}

/// The outcome of an [`AsyncResult`], which it keeps alive; returned by
/// [`AsyncResult::wait_owned`].
///
/// It dereferences to the `Result`. A clone is another handle to the same outcome.
///
/// # Examples
///
/// ```
/// use reveille::{AsyncResult, Outcome};
/// use std::sync::Arc;
///
/// let result = Arc::new(AsyncResult::<String, ()>::new());
/// let wait = result.clone().wait_owned();
/// result.set("done".to_owned()).unwrap();
/// drop(result);
/// let outcome: Outcome<String, ()> = pollster::block_on(wait);
/// assert_eq!(outcome.as_deref(), Ok("done"));
/// ```
pub struct Outcome<T, E>(Arc<AsyncResult<T, E>>);

// === impl ResultWait ===

impl<T, E> Future for ResultWait<Arc<AsyncResult<T, E>>> {
    type Output = Outcome<T, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.poll_set(cx));
        Poll::Ready(Outcome(Arc::clone(result)))
    }
}

// === impl Outcome ===

impl<T, E> Deref for Outcome<T, E> {
    type Target = Result<T, E>;

    #[inline]
    fn deref(&self) -> &Result<T, E> {
        self.0.outcome().expect("an `Outcome` exists only of a result that is set")
    }
}

impl<T, E> Clone for Outcome<T, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for Outcome<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outcome").field(&**self).finish()
    }
}
