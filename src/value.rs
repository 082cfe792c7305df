//! [`ValueEvent`]: an event that carries a value or an error, and can be reset to carry another.
//!
//! # Rounds
//! ```text
//!            first round               second round
//!          ┌─────────────┐           ┌─────────────┐
//!          │ AsyncResult │           │ AsyncResult │ ◄── ValueEvent, since the `reset`
//!          └──────▲──────┘           └──────▲──────┘
//!                 │                         │
//!   waits created before the reset  waits created since
//! ```
//! A round is the time between two resets. Its outcome is in an [`AsyncResult`] behind an `Arc`.
//! `reset` drops its reference to the round and changes nothing in it. So a wait, which holds the
//! round in which it was created, gets the outcome of that round and of no other. A round is
//! allocated by the first call that needs it: no round and a round that no call has used are the
//! same.
//!
//! # Why each call takes effect at one instant
//! **Current Until Set.** Only a `reset` replaces the current round, and only if it finds that
//! round set. A round stays set. So a round that is not set is the current one.
//!
//! Every call looks up the current round once, under the lock. `send` then tries to set that round:
//! - It sets the round: until then the round was not set, hence current. That is the instant.
//! - It is refused: either the round was set when it was looked up, and that is the instant; or it
//!   has been set since, when it was current, and the instant is right after that.
//!
//! The same holds for `get` and `is_set` if they find the round set. If they find it unset, it is
//! current at that moment. `reset` takes effect where it replaces the round, or finds it unset,
//! locked.
//!
//! # What runs under the lock
//! Under the lock, code reads the round, counts a reference, or replaces the round. A round is
//! allocated before the lock is taken, and a reference is dropped after it is released. So values
//! are cloned and dropped unlocked.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use crate::error::AlreadySet;
use crate::raw::queue::HasQueue;
use crate::result::{AsyncResult, ResultWait};
use crate::sync::{Lock, const_fn};

/// An event that carries a value or an error to all waiters, and can be reset to carry another.
///
/// Each waiter gets a clone. A *round* is the time between two resets, and has one outcome. A wait
/// gets the outcome of the round in which it was created, even if the event is reset, and another
/// outcome sent, before the wait is polled. For a single outcome that is read by reference, use
/// [`AsyncResult`].
///
/// A round is allocated when it is first waited for or sent to, and all of its waiters share it. So
/// `T` and `E` must be `Send + Sync` for the event to be `Send` or `Sync`.
///
/// # If you come from eventlet
/// - In eventlet, a value that was sent before two resets can reach a wait that is created after
///   them. Here a wait belongs to its round.
/// - In eventlet, the timer of a timed wait that has ended can end a later wait, without a value.
///   Here a timeout belongs to its wait, and a wait that times out returns `None`.
/// - In eventlet, a second `send` in a round fails an assertion. Here it returns the value in an
///   error.
/// - In eventlet, a `reset` with nothing sent fails an assertion. Here it returns `false`.
/// - In eventlet, waiters resume later, in the hub. Here they are woken inside `send`.
/// - What `send_exception` raises in a waiter of eventlet, a waiter gets as an `Err` here.
///
/// # After `fork`
/// A child must neither use nor drop an event that another thread of its parent was using or
/// waiting for. See [`Event`](crate::Event#after-fork).
///
/// # Examples
///
/// ```
/// use reveille::ValueEvent;
///
/// let event = ValueEvent::<u32, String>::new();
/// let first = event.wait();
/// event.send(1).unwrap();
/// assert!(event.reset());
/// event.send(2).unwrap();
/// assert_eq!(pollster::block_on(first), Ok(1));
/// assert_eq!(pollster::block_on(event.wait()), Ok(2));
/// ```
#[doc(alias = "eventlet.event.Event")]
pub struct ValueEvent<T, E> {
    round: Lock<Option<Arc<AsyncResult<T, E>>>>,
}

pin_project! {
    /// The future returned by [`ValueEvent::wait`], which borrows the event, and by
    /// [`ValueEvent::wait_owned`], which keeps it alive.
    ///
    /// `H` is `&ValueEvent<T, E>` or `Arc<ValueEvent<T, E>>`. A wait that is polled after it was
    /// ready is ready again, with another clone. It takes at most 64 bytes on 64-bit targets.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{ValueEvent, ValueWait};
    ///
    /// let event = ValueEvent::<u32, ()>::new();
    /// let wait: ValueWait<&ValueEvent<u32, ()>> = event.wait();
    /// event.send(1).unwrap();
    /// event.reset();
    /// assert_eq!(pollster::block_on(wait), Ok(1));
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ValueWait<H>
    where
        H: Deref,
        H::Target: HasRounds,
    {
        #[pin]
        round: ResultWait<Arc<<H::Target as HasRounds>::Round>>,
        // Kept, so that a `Weak` of the event can still be upgraded, and an outcome sent through
        // it.
        event: H,
    }
}

/// A primitive whose waiters are in the queue of a round, which they keep alive. Sealed: the module
/// is private.
pub trait HasRounds {
    type Round: HasQueue;
}

// === impl ValueEvent: send, reset, look ===

impl<T, E> ValueEvent<T, E> {
    const_fn! {
        /// Creates an event in whose first round nothing has been sent.
        ///
        /// # Examples
        ///
        /// ```
        /// static NEWS: reveille::ValueEvent<u32, ()> = reveille::ValueEvent::new();
        /// assert!(!NEWS.is_set());
        /// ```
        pub const fn new() -> Self {
            Self { round: Lock::new(None) }
        }
    }

    /// Sends `Ok(value)` to all waiters of the current round, present and future.
    ///
    /// `send` synchronizes with every wait that it completes: what the caller did before is visible
    /// after the wait. If several callers race to send in a round, exactly one succeeds; the others
    /// get their value back in [`AlreadySet`]. Waiters are woken on the calling thread, in the
    /// order in which they registered, with no lock held.
    ///
    /// # Errors
    /// [`AlreadySet`] with the value, if something has been sent since the last reset.
    ///
    /// # Callable from
    /// Tasks and threads; without std, interrupts that the critical section masks, too, if the
    /// allocator may be used there. Not from signal handlers: it runs wakers.
    ///
    /// # Panics
    /// As [`AsyncResult::set`]: if a waker panics, the first panic propagates out of `send` after
    /// all other waiters have been woken. The value has been sent then.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::{AlreadySet, ValueEvent};
    ///
    /// let event = ValueEvent::<u32, ()>::new();
    /// assert_eq!(event.send(1), Ok(()));
    /// assert_eq!(event.send(2), Err(AlreadySet(2)));
    /// event.reset();
    /// assert_eq!(event.send(2), Ok(()));
    /// ```
    pub fn send(&self, value: T) -> Result<(), AlreadySet<T>> {
        in_round(self.round(), |round| round.set(value))
    }

    /// Sends `Err(error)` to all waiters of the current round, present and future.
    ///
    /// It has the guarantees of [`send`](ValueEvent::send).
    ///
    /// # Errors
    /// [`AlreadySet`] with the error, if something has been sent since the last reset.
    ///
    /// # Panics
    /// As [`send`](ValueEvent::send).
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::ValueEvent::<u32, &str>::new();
    /// event.send_err("no news").unwrap();
    /// assert_eq!(event.get(), Some(Err("no news")));
    /// ```
    #[doc(alias = "send_exception")]
    pub fn send_err(&self, error: E) -> Result<(), AlreadySet<E>> {
        in_round(self.round(), |round| round.set_err(error))
    }

    /// Sends `outcome`, a value or an error, to all waiters of the current round, present and
    /// future.
    ///
    /// It has the guarantees of [`send`](ValueEvent::send).
    ///
    /// # Errors
    /// [`AlreadySet`] with the outcome, if something has been sent since the last reset.
    ///
    /// # Panics
    /// As [`send`](ValueEvent::send).
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::ValueEvent::new();
    /// event.send_result("17".parse::<u32>()).unwrap();
    /// assert_eq!(event.get(), Some(Ok(17)));
    /// ```
    pub fn send_result(&self, outcome: Result<T, E>) -> Result<(), AlreadySet<Result<T, E>>> {
        in_round(self.round(), |round| round.set_result(outcome))
    }

    /// Begins a new round if something has been sent in the current one; returns whether it did.
    ///
    /// Waiters of the old round still get its outcome, whenever they are polled. The outcome is
    /// dropped with the last of their waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::ValueEvent::<u32, ()>::new();
    /// assert!(!event.reset());
    /// event.send(1).unwrap();
    /// assert!(event.reset());
    /// assert_eq!(event.get(), None);
    /// ```
    #[doc(alias = "clear")]
    pub fn reset(&self) -> bool {
        let over = self.round.with(|round| round.take_if(|round| round.is_set()));
        // The round is dropped here, unlocked, perhaps with a value: foreign code.
        over.is_some()
    }

    /// Returns whether a value or an error has been sent in the current round.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::ValueEvent::<u32, ()>::new();
    /// event.send(1).unwrap();
    /// assert!(event.is_set());
    /// event.reset();
    /// assert!(!event.is_set());
    /// ```
    #[doc(alias = "ready")]
    #[doc(alias = "has_result")]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.round.with(|round| round.as_ref().is_some_and(|round| round.is_set()))
    }

    /// Returns the current round, which is allocated if there is none.
    pub(crate) fn round(&self) -> Arc<AsyncResult<T, E>> {
        if let Some(round) = self.look() {
            return round;
        }
        // If another thread has put a round there first, this one is dropped here, unlocked.
        let mut new = Some(Arc::new(AsyncResult::new()));
        self.round.with(|round| {
            Arc::clone(round.get_or_insert_with(|| new.take().expect("the closure runs once")))
        })
    }

    fn look(&self) -> Option<Arc<AsyncResult<T, E>>> {
        self.round.with(|round| round.clone())
    }
}

// === impl ValueEvent: wait, get ===

impl<T: Clone, E: Clone> ValueEvent<T, E> {
    /// Returns a clone of the outcome of the current round, or `None` if nothing has been sent.
    ///
    /// It never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::ValueEvent::<u32, ()>::new();
    /// assert_eq!(event.get(), None);
    /// event.send(1).unwrap();
    /// assert_eq!(event.get(), Some(Ok(1)));
    /// ```
    #[doc(alias = "poll")]
    #[doc(alias = "poll_result")]
    #[doc(alias = "poll_exception")]
    #[doc(alias = "has_exception")]
    #[must_use]
    pub fn get(&self) -> Option<Result<T, E>> {
        cloned_from(self.look()?, AsyncResult::get)
    }

    /// Waits for the outcome of the current round, or completes immediately if it has been sent
    /// already.
    ///
    /// The round is the one that is current at *this call*: a `reset` and another `send` before the
    /// future is polled do not affect the wait.
    ///
    /// # Cancel safety
    /// Dropping a wait gives up its place in the queue, and affects no other waiter. If the event
    /// has been reset meanwhile, an outcome that the wait has not returned yet is lost with it. To
    /// keep the outcome, hold the future across the turns of a `select!` loop, and pass it as
    /// `&mut`.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// Never by itself. A panic in the `clone` of the outcome propagates out of the poll. A panic
    /// in the waker's `clone` or `drop` propagates out of the poll or the drop that called it, and
    /// affects no other waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::ValueEvent;
    ///
    /// static NEWS: ValueEvent<u32, ()> = ValueEvent::new();
    ///
    /// let task = smol::spawn(NEWS.wait());
    /// NEWS.send(1).unwrap();
    /// assert_eq!(smol::block_on(task), Ok(1));
    /// ```
    pub fn wait(&self) -> ValueWait<&Self> {
        ValueWait { round: self.round().wait_owned(), event: self }
    }

    /// Waits as [`wait`](ValueEvent::wait) does, with a future that keeps the event alive and can
    /// be spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::ValueEvent;
    /// use std::sync::Arc;
    ///
    /// let event = Arc::new(ValueEvent::<u32, ()>::new());
    /// let task = smol::spawn(event.clone().wait_owned());
    /// event.send(1).unwrap();
    /// assert_eq!(smol::block_on(task), Ok(1));
    /// ```
    pub fn wait_owned(self: Arc<Self>) -> ValueWait<Arc<Self>> {
        ValueWait { round: self.round().wait_owned(), event: self }
    }
}

impl<T, E> Default for ValueEvent<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for ValueEvent<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not under the lock: the `fmt` of a value is foreign code.
        f.debug_struct("ValueEvent").field("round", &self.look()).finish()
    }
}

pub(crate) fn cloned<T: Clone, E: Clone>(outcome: Result<&T, &E>) -> Result<T, E> {
    outcome.cloned().map_err(E::clone)
}

/// Clones what `look` finds in a round, and drops the reference to the round.
pub(crate) fn cloned_from<T: Clone, E: Clone>(
    round: Arc<AsyncResult<T, E>>,
    look: impl FnOnce(&AsyncResult<T, E>) -> Option<Result<&T, &E>>,
) -> Option<Result<T, E>> {
    in_round(round, |round| look(round).map(cloned))
}

/// Calls `act` with a round, and drops the reference to the round.
///
/// The drop is explicit, and the result of `act`, a clone or a value that is refused, is in a
/// local. If this drops the last reference, the drop of the round's outcome may panic; the local is
/// then dropped, too. At the end of the block the result would already be in the place of the
/// return value, and leak (rust-lang/rust#47949).
pub(crate) fn in_round<T, E, R>(
    round: Arc<AsyncResult<T, E>>,
    act: impl FnOnce(&AsyncResult<T, E>) -> R,
) -> R {
    let result = act(&round);
    drop(round);
    result
}

impl<T, E> HasRounds for ValueEvent<T, E> {
    type Round = AsyncResult<T, E>;
}

// === impl ValueWait ===

impl<H, T, E> Future for ValueWait<H>
where
    H: Deref<Target = ValueEvent<T, E>>,
    T: Clone,
    E: Clone,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let round: &Arc<AsyncResult<T, E>> = ready!(self.project().round.poll_set(cx));
        Poll::Ready(round.get().map(cloned).expect("a round that is set has an outcome"))
    }
}

impl<H, T, E> FusedFuture for ValueWait<H>
where
    H: Deref<Target = ValueEvent<T, E>>,
    T: Clone,
    E: Clone,
{
    fn is_terminated(&self) -> bool {
        self.round.is_terminated()
    }
}

impl<H: Deref<Target: HasRounds>> fmt::Debug for ValueWait<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueWait").field("round", &self.round).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "std", not(reveille_loom)))]
mod tests {
    use core::panic::AssertUnwindSafe;
    use std::panic::{catch_unwind, resume_unwind};

    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            // Without the panic hook, which would print it.
            resume_unwind(Box::new("from the value"));
        }
    }

    /// A `reset` may come while a `send` is refused, which then holds the last reference to the
    /// round.
    #[test]
    fn refused_value_does_not_leak_when_the_round_that_refused_it_panics_in_its_drop() {
        let event = ValueEvent::<Bomb, Arc<()>>::new();
        assert!(event.send(Bomb).is_ok());
        let refused = Arc::new(());
        let value = Arc::clone(&refused);
        let sent = catch_unwind(AssertUnwindSafe(|| {
            in_round(event.round(), |round| {
                assert!(event.reset());
                round.set_err(value)
            })
        }));
        assert_eq!(sent.unwrap_err().downcast_ref(), Some(&"from the value"));
        assert_eq!(Arc::strong_count(&refused), 1, "the refused value has leaked");
    }
}
