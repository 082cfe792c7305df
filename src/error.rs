//! [`AlreadySet`] and [`Cancelled`]: the errors of a value that is set once.

use core::error::Error;
use core::fmt;

/// The error of a setter that finds the outcome already set; it contains the rejected value.
///
/// It is returned by the setters of [`AsyncResult`](crate::AsyncResult) and of `ValueEvent`. The
/// value need not be `Debug`: the error is `Debug` without it.
///
/// # Examples
///
/// ```
/// use reveille::{AlreadySet, AsyncResult};
///
/// let result = AsyncResult::<_, ()>::new();
/// assert_eq!(result.set("first"), Ok(()));
/// assert_eq!(result.set("second"), Err(AlreadySet("second")));
/// assert_eq!(result.ok(), Some(&"first"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AlreadySet<V>(pub V);

/// The producer was dropped, or panicked, before it produced an outcome.
///
/// [`AsyncResult::set_from`](crate::AsyncResult::set_from) converts it into the result's error type
/// through `From<Cancelled>`.
///
/// # Examples
///
/// ```
/// use reveille::Cancelled;
///
/// #[derive(Debug, PartialEq)]
/// enum FetchError {
///     NotFound,
///     Aborted,
/// }
///
/// impl From<Cancelled> for FetchError {
///     fn from(_: Cancelled) -> Self {
///         FetchError::Aborted
///     }
/// }
///
/// let result = reveille::AsyncResult::<String, FetchError>::new();
/// drop(result.set_from(async { Err(FetchError::NotFound) }));
/// assert_eq!(result.err(), Some(&FetchError::Aborted));
/// ```
#[doc(alias = "CancelledError")]
#[doc(alias = "GreenletExit")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cancelled;

// === impl AlreadySet ===

impl<V> AlreadySet<V> {
    /// Returns the rejected value.
    ///
    /// # Examples
    ///
    /// ```
    /// let first = reveille::AsyncResult::<String, ()>::new();
    /// first.set("a".to_owned()).unwrap();
    /// let late = first.set("b".to_owned()).unwrap_err();
    /// assert_eq!(late.into_inner(), "b");
    /// ```
    #[must_use]
    pub fn into_inner(self) -> V {
        self.0
    }
}

impl<V> Error for AlreadySet<V> {}

impl<V> fmt::Display for AlreadySet<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value already set")
    }
}

impl<V> fmt::Debug for AlreadySet<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AlreadySet").finish_non_exhaustive()
    }
}

// === impl Cancelled ===

impl Error for Cancelled {}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("producer dropped before setting an outcome")
    }
}
