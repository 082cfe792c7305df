//! An event that carries a value or an error, and can be reset to carry another.
//!
//! # Rounds
//! ```text
//!            first round               second round
//!          ┌─────────────┐           ┌─────────────┐
//!          │ AsyncResult │           │ AsyncResult │ ◄── ValueEvent, since the `reset`
//!          └──────▲──────┘           └──────▲──────┘
//!                 │                         │
//!     waits made before the reset   waits made since
//! ```
//! What is sent between two resets is a round, an [`AsyncResult`] behind an `Arc`. `reset` lets go
//! of a round and changes nothing in it, so a waiter that holds on to the one in which it was
//! created gets the value of that one and of no other. A round is made by the first who needs it:
//! no round is the same as one that nobody has touched.
//!
//! # Why each call takes effect at one instant
//! **Current Until Set.** The round in place is exchanged only by a `reset` that finds it set, and
//! stays set. So while a round is not set it is the current one.
//!
//! Every call looks the current round up under the lock, once. `send` then sets that round, or not:
//! - It sets it: the round was not set until then, hence current. That is the instant.
//! - It is refused: either the round was set when it was looked up, and that is the instant; or it
//!   was set since, and at that moment it was current: the instant is right after it.
//!
//! The same holds of `get` and `is_set` for a round that they find set; one that they find unset is
//! current, so they may say so. `reset` takes effect where it exchanges the round, or finds it
//! unset, locked.
//!
//! # What runs under the lock
//! Looking at the round, counting a reference, exchanging it. A round is allocated before the lock
//! is taken, and what is let go of is dropped after it: values are cloned and dropped unlocked.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use crate::error::AlreadySet;
use crate::raw::queue::HasRounds;
use crate::result::{AsyncResult, ResultWait};
use crate::sync::{Lock, const_fn};

/// An event that carries a value or an error to everyone who waits, and can be reset to carry
/// another.
///
/// Each waiter gets a clone. What is sent once between two resets is a *round*: a wait gets the
/// value of the round in which it was created, also if the event was reset, and something else
/// sent, before it was polled. For a single outcome, read by reference, use [`AsyncResult`].
///
/// A round is allocated when it is first waited for or sent, and shared by all who wait in it: so
/// `T` and `E` must be `Send + Sync` for the event to be either.
///
/// # If you come from eventlet
/// There, a value that was sent before two resets can still reach a wait made after them, and the
/// timer of a timed wait that has ended can end a later wait, without a value. Here neither
/// happens: a wait belongs to its round, and a timeout to its wait. A second `send` in one round,
/// which fails an assertion there, returns the value as an error; a `reset` with nothing sent,
/// which does too, returns false. A timed wait that ends without a value returns `None`, which no
/// value can be mistaken for. A waiter is resumed inside `send`, not later in a hub; what
/// `send_exception` raised in it is the `Err` that it gets.
///
/// # After `fork`
/// A child must neither use nor drop an event that another thread of its parent was using or
/// waiting for: see [`Event`](crate::Event#after-fork).
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
    /// `H` is `&ValueEvent<T, E>` or `Arc<ValueEvent<T, E>>`. Polled after it is ready, it is ready
    /// again, with another clone. 64 bytes at most on 64-bit targets.
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
        // A `Weak` of the event may still be upgraded, and sent through.
        event: H,
    }
}

// === impl ValueEvent: send, reset, look ===

impl<T, E> ValueEvent<T, E> {
    const_fn! {
        /// Creates an event of which nothing was sent.
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

    /// Sends `Ok(value)` to everyone who waits in this round, or will.
    ///
    /// What the caller did before happens before every wait that this completes. Of senders that
    /// race exactly one wins. Waiters are resumed in the order in which they first parked, on this
    /// thread, with no lock held.
    ///
    /// # Errors
    /// [`AlreadySet`] with the value, if something was sent since the last reset.
    ///
    /// # Callable from
    /// Tasks and threads; without std also interrupts that the critical section masks, if the allocator may
    /// be used there. Not from signal handlers, since wakers run in here.
    ///
    /// # Panics
    /// As [`AsyncResult::set`]: with the first panic of a waker, once the value is sent and
    /// everybody else has been woken.
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

    /// Sends `Err(error)`; otherwise as [`send`](ValueEvent::send).
    ///
    /// # Errors
    /// [`AlreadySet`] with the error, if something was sent since the last reset.
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

    /// Sends `outcome`, a value or an error; otherwise as [`send`](ValueEvent::send).
    ///
    /// # Errors
    /// [`AlreadySet`] with the outcome, if something was sent since the last reset.
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

    /// Begins a new round; false, and nothing changes, if nothing was sent in this one.
    ///
    /// Those who wait in this round get its value all the same, whenever they are polled. The value
    /// is dropped with the last of them.
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
        // What is dropped is dropped here, unlocked: perhaps a value, which is foreign.
        over.is_some()
    }

    /// Whether something was sent in this round, a value or an error.
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

    /// The current round, which is made if there is none.
    pub(crate) fn round(&self) -> Arc<AsyncResult<T, E>> {
        if let Some(round) = self.look() {
            return round;
        }
        // If it comes back, another thread was faster; it is dropped here, unlocked.
        let mut new = Some(Arc::new(AsyncResult::new()));
        self.round.with(|round| Arc::clone(round.get_or_insert_with(|| new.take().expect("once"))))
    }

    fn look(&self) -> Option<Arc<AsyncResult<T, E>>> {
        self.round.with(|round| round.clone())
    }
}

// === impl ValueEvent: wait, get ===

impl<T: Clone, E: Clone> ValueEvent<T, E> {
    /// A clone of what was sent in this round, if something was, be it a value or an error. Never blocks.
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

    /// Waits for what is sent in this round; complete at once if it was.
    ///
    /// The round is the one at *this call*: a `reset` and another `send` before the future is
    /// polled change nothing for it.
    ///
    /// # Cancel safety
    /// Dropping a wait gives up its place and costs nobody else anything. A value that it has not
    /// reported yet dies with it, if the event was reset meanwhile; hold the future across
    /// `select!` turns (`&mut`) to keep it.
    ///
    /// # Callable from
    /// Tasks of any executor.
    ///
    /// # Panics
    /// The future panics if it is polled after it was ready, and with a panic of the value's
    /// `clone` or the waker's.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::ValueEvent::<u32, ()>::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| event.send(1));
    ///     assert_eq!(pollster::block_on(event.wait()), Ok(1));
    /// });
    /// ```
    pub fn wait(&self) -> ValueWait<&Self> {
        ValueWait { round: self.round().wait_owned(), event: self }
    }

    /// [`wait`](ValueEvent::wait), with a future that keeps the event alive and can be spawned.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::ValueEvent;
    /// use std::sync::Arc;
    ///
    /// let event = Arc::new(ValueEvent::<u32, ()>::new());
    /// let waiting = std::thread::spawn({
    ///     let wait = event.clone().wait_owned();
    ///     || pollster::block_on(wait)
    /// });
    /// event.send(1).unwrap();
    /// assert_eq!(waiting.join().unwrap(), Ok(1));
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
        // Not under the lock: what a value's `fmt` does is its own affair.
        f.debug_struct("ValueEvent").field("round", &self.look()).finish()
    }
}

pub(crate) fn cloned<T: Clone, E: Clone>(outcome: Result<&T, &E>) -> Result<T, E> {
    outcome.cloned().map_err(E::clone)
}

/// Clones what `look` finds in a round, and lets go of the round.
pub(crate) fn cloned_from<T: Clone, E: Clone>(
    round: Arc<AsyncResult<T, E>>,
    look: impl FnOnce(&AsyncResult<T, E>) -> Option<Result<&T, &E>>,
) -> Option<Result<T, E>> {
    in_round(round, |round| look(round).map(cloned))
}

/// Does something in a round, and lets go of the round.
///
/// Explicitly, and with what came of it in a local: a clone, or a value that is refused. If the last
/// value of the round is dropped here, and panics, that is dropped too; at the end of the block it would
/// be in the place of the return value, and leak (rust-lang/rust#47949).
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
            // Past the panic hook, which would print it.
            resume_unwind(Box::new("from the value"));
        }
    }

    /// A `reset` may come while a sender is refused, who is then the last to hold the round.
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
        assert_eq!(Arc::strong_count(&refused), 1, "it leaked");
    }
}
