//! Blocking waits, for threads that run no executor. The mechanism is in
//! [`block`](crate::raw::block).

use core::pin::pin;
use core::time::Duration;
use std::time::Instant;

use crate::event::Event;
use crate::flag::ThreadSafeFlag;
use crate::raw::block::{Deadline, block_on};
use crate::result::AsyncResult;
use crate::value::{ValueEvent, cloned, cloned_from, in_round};

/// Blocking waits, for threads that run no executor.
///
/// They do not exist on wasm, where the thread of a page must not block.
///
/// Blocked threads and tasks wait in one queue. A thread's first blocking wait allocates about 30
/// bytes, which the thread keeps for the next.
impl Event {
    /// Blocks the calling thread until the event is set.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| event.set());
    ///     event.wait_blocking();
    /// });
    /// assert!(event.is_set());
    /// ```
    pub fn wait_blocking(&self) {
        self.block(|| Deadline::NEVER);
    }

    /// Blocks the calling thread until the event is set, or until `timeout` has elapsed; returns
    /// whether the event was set in time.
    ///
    /// With [`Duration::ZERO`] it never blocks; a timeout too large for the clock never elapses.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let event = reveille::Event::new();
    /// assert!(!event.wait_blocking_timeout(Duration::from_millis(1)));
    /// event.set();
    /// assert!(event.wait_blocking_timeout(Duration::ZERO));
    /// ```
    #[must_use = "unused result: `false` means the wait timed out"]
    pub fn wait_blocking_timeout(&self, timeout: Duration) -> bool {
        if timeout.is_zero() {
            return self.is_set();
        }
        self.block(|| Deadline::after(timeout))
    }

    /// Blocks the calling thread until the event is set, or until `deadline`; returns whether the
    /// event was set in time.
    ///
    /// With a deadline that has passed it never blocks.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let event = reveille::Event::new();
    /// assert!(!event.wait_blocking_deadline(Instant::now() + Duration::from_millis(1)));
    /// ```
    #[must_use = "unused result: `false` means the wait timed out"]
    pub fn wait_blocking_deadline(&self, deadline: Instant) -> bool {
        self.block(|| Deadline::at(deadline))
    }

    fn block(&self, deadline: impl FnOnce() -> Deadline) -> bool {
        // The wait is made before the look: a `set` and `clear` in between releases it. The look
        // spares a thread that need not block the parker.
        let wait = pin!(self.wait());
        self.is_set() || block_on(wait, deadline()).is_some()
    }
}

/// Blocking waits, for threads that run no executor.
///
/// They do not exist on wasm, where the thread of a page must not block.
///
/// Blocked threads and tasks wait in one queue.
impl ThreadSafeFlag {
    /// Blocks the calling thread until the flag is set, and consumes the set.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Panics
    /// As [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// let flag = reveille::ThreadSafeFlag::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| flag.set());
    ///     flag.wait_blocking();
    /// });
    /// assert!(!flag.is_set());
    /// ```
    pub fn wait_blocking(&self) {
        self.block(|| Deadline::NEVER);
    }

    /// Blocks the calling thread until the flag is set, and consumes the set, or until `timeout`
    /// has elapsed; returns whether it consumed a set.
    ///
    /// With [`Duration::ZERO`] it never blocks, and consumes a set only if there is no other
    /// waiter; a timeout too large for the clock never elapses.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Panics
    /// As [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let flag = reveille::ThreadSafeFlag::new();
    /// assert!(!flag.wait_blocking_timeout(Duration::from_millis(1)));
    /// flag.set();
    /// assert!(flag.wait_blocking_timeout(Duration::ZERO));
    /// ```
    #[must_use = "unused result: `false` means the wait timed out"]
    pub fn wait_blocking_timeout(&self, timeout: Duration) -> bool {
        self.block(|| Deadline::after(timeout))
    }

    /// Blocks the calling thread until the flag is set, and consumes the set, or until `deadline`;
    /// returns whether it consumed a set.
    ///
    /// With a deadline that has passed it never blocks, and consumes a set only if there is no
    /// other waiter.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Panics
    /// As [`wait`](ThreadSafeFlag::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let flag = reveille::ThreadSafeFlag::new();
    /// assert!(!flag.wait_blocking_deadline(Instant::now() + Duration::from_millis(1)));
    /// ```
    #[must_use = "unused result: `false` means the wait timed out"]
    pub fn wait_blocking_deadline(&self, deadline: Instant) -> bool {
        self.block(|| Deadline::at(deadline))
    }

    fn block(&self, deadline: impl FnOnce() -> Deadline) -> bool {
        if self.queue.take_unless_others_wait() {
            return true;
        }
        let deadline = deadline();
        // Past the deadline there is no point in parking: there was no set for a newcomer.
        !deadline.has_passed() && block_on(pin!(self.wait()), deadline).is_some()
    }
}

/// Blocking waits, for threads that run no executor.
///
/// They do not exist on wasm, where the thread of a page must not block.
///
/// Blocked threads and tasks wait in one queue.
impl<T, E> AsyncResult<T, E> {
    /// Blocks the calling thread until the result is set.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let result = reveille::AsyncResult::<u32, ()>::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| result.set(1));
    ///     assert_eq!(result.wait_blocking(), Ok(&1));
    /// });
    /// ```
    #[doc(alias = "get")]
    #[doc(alias = "result")]
    pub fn wait_blocking(&self) -> Result<&T, &E> {
        self.block(|| Deadline::NEVER).unwrap_or_else(|| unreachable!("there is no deadline"))
    }

    /// Blocks the calling thread until the result is set, or until `timeout` has elapsed; returns
    /// `None` if it timed out.
    ///
    /// With [`Duration::ZERO`] it never blocks; a timeout too large for the clock never elapses.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let result = reveille::AsyncResult::<u32, ()>::new();
    /// assert_eq!(result.wait_blocking_timeout(Duration::from_millis(1)), None);
    /// result.set(1).unwrap();
    /// assert_eq!(result.wait_blocking_timeout(Duration::ZERO), Some(Ok(&1)));
    /// ```
    #[must_use = "unused result: `None` means the wait timed out"]
    pub fn wait_blocking_timeout(&self, timeout: Duration) -> Option<Result<&T, &E>> {
        if timeout.is_zero() {
            return self.get();
        }
        self.block(|| Deadline::after(timeout))
    }

    /// Blocks the calling thread until the result is set, or until `deadline`; returns `None` if it
    /// timed out.
    ///
    /// With a deadline that has passed it never blocks.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let result = reveille::AsyncResult::<u32, ()>::new();
    /// assert_eq!(result.wait_blocking_deadline(Instant::now() + Duration::from_millis(1)), None);
    /// ```
    #[must_use = "unused result: `None` means the wait timed out"]
    pub fn wait_blocking_deadline(&self, deadline: Instant) -> Option<Result<&T, &E>> {
        self.block(|| Deadline::at(deadline))
    }

    fn block(&self, deadline: impl FnOnce() -> Deadline) -> Option<Result<&T, &E>> {
        // The look spares a thread that need not block the parker.
        self.get().or_else(|| block_on(pin!(self.wait()), deadline()))
    }
}

/// Blocking waits, for threads that run no executor.
///
/// They do not exist on wasm, where the thread of a page must not block.
///
/// Blocked threads and tasks of a round wait in one queue.
impl<T: Clone, E: Clone> ValueEvent<T, E> {
    /// Blocks the calling thread until an outcome is sent in the current round.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::ValueEvent::<u32, ()>::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| event.send(1));
    ///     assert_eq!(event.wait_blocking(), Ok(1));
    /// });
    /// ```
    pub fn wait_blocking(&self) -> Result<T, E> {
        in_round(self.round(), |round| cloned(round.wait_blocking()))
    }

    /// Blocks the calling thread until an outcome is sent in the current round, or until `timeout`
    /// has elapsed; returns `None` if it timed out.
    ///
    /// With [`Duration::ZERO`] it never blocks; a timeout too large for the clock never elapses.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let event = reveille::ValueEvent::<u32, ()>::new();
    /// assert_eq!(event.wait_blocking_timeout(Duration::from_millis(1)), None);
    /// event.send(1).unwrap();
    /// assert_eq!(event.wait_blocking_timeout(Duration::ZERO), Some(Ok(1)));
    /// ```
    #[must_use = "unused result: `None` means the wait timed out"]
    pub fn wait_blocking_timeout(&self, timeout: Duration) -> Option<Result<T, E>> {
        if timeout.is_zero() {
            return self.get();
        }
        cloned_from(self.round(), |round| round.wait_blocking_timeout(timeout))
    }

    /// Blocks the calling thread until an outcome is sent in the current round, or until
    /// `deadline`; returns `None` if it timed out.
    ///
    /// With a deadline that has passed it never blocks.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let event = reveille::ValueEvent::<u32, ()>::new();
    /// assert_eq!(event.wait_blocking_deadline(Instant::now() + Duration::from_millis(1)), None);
    /// ```
    #[must_use = "unused result: `None` means the wait timed out"]
    pub fn wait_blocking_deadline(&self, deadline: Instant) -> Option<Result<T, E>> {
        cloned_from(self.round(), |round| round.wait_blocking_deadline(deadline))
    }
}
