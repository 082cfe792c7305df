//! What can go wrong with a value that is set once: it came too late, or nobody is left to send it.

use core::error::Error;
use core::fmt;

/// The value of a setter that came too late: another outcome is there already, and stays.
///
/// Returned by the setters of [`AsyncResult`](crate::AsyncResult) and of `ValueEvent`. Nothing is
/// asked of the value: it need not be `Debug` for the error to be.
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

/// Whoever was to set the result is gone: its future was dropped, or panicked.
///
/// [`AsyncResult::set_from`](crate::AsyncResult::set_from) makes an error of the result's
/// own type of it, so that type says how it is told apart.
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
    /// Takes the value back.
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
        f.write_str("it is set already")
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
        f.write_str("cancelled before there was an outcome")
    }
}
