//! Blocks a thread on one of our futures.
//!
//! The thread is a task like any other: it polls the future with a waker of its own, so that it
//! stands in the same queue as the tasks, and sleeps between polls.
//!
//! # Why no wake-up is lost
//! A wake-up leaves a token, and a sleep ends by taking it. A token that was left before the sleep
//! ends it immediately, and the thread polls again. A wake-up that comes late, for a wait that is
//! over, at most costs the thread's next wait one more poll.
//!
//! # Why a parker of our own
//! `event-listener` unparks under its lock, which the thread that wakes up then contends for. std's
//! `park` has one token for all users of a thread, and a wait would take the token of others.
//! `parking` has no deadlines in a program that is built with `--cfg loom`. What remains is a token
//! behind std's `Mutex` and `Condvar`.
//!
//! # Ownership
//! A thread keeps its parker for its next wait: its first blocking wait allocates, later ones do
//! not. A waker holds the parker by `Arc`, since a thread that wakes another may still be inside
//! `wake` when the other has ended. Two waits create a parker instead of taking the one that the
//! thread keeps:
//! - a blocking wait inside another's poll, which finds the parker in use; it would take the
//!   other's token;
//! - the first wait in a child of `fork`: another thread may have been inside `wake` at that
//!   moment, and the parker's lock stays locked in the child.

use core::cell::Cell;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::time::Instant;

use crate::raw::fork::Process;

/// When a blocking wait gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

/// Where one thread sleeps until others wake it.
#[derive(Default)]
struct Bed {
    sleep: Mutex<Sleep>,
    token_left: Condvar,
}

#[derive(Default)]
struct Sleep {
    /// Whether the thread was woken since its last sleep.
    token: bool,
    /// Whether the thread waits for the condition variable.
    asleep: bool,
}

struct Parker {
    /// The process that created it; none if that is not known, and then it is not kept.
    process: Option<Process>,
    bed: Arc<Bed>,
    waker: Waker,
}

std::thread_local! {
    static PARKER: Cell<Option<Parker>> = const { Cell::new(None) };
}

/// Runs `future` to completion on this thread; returns `None` if the deadline passes first.
///
/// The future is polled once more after the deadline, so a release in time is never reported as a
/// timeout.
pub(crate) fn block_on<F: Future>(future: Pin<&mut F>, deadline: Deadline) -> Option<F::Output> {
    // A thread whose locals are being destroyed can still wait, with a parker that it does not
    // keep.
    let kept = PARKER.try_with(Cell::take).unwrap_or(None);
    let parker = kept.filter(Parker::is_ours).unwrap_or_else(Parker::new);
    let output = parker.block_on(future, deadline);
    let _ = PARKER.try_with(|kept| kept.set(Some(parker)));
    output
}

// === impl Deadline ===

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    pub(crate) const fn at(instant: Instant) -> Self {
        Self(Some(instant))
    }

    /// Returns the deadline `timeout` from now; `NEVER` if the clock cannot represent it.
    pub(crate) fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    pub(crate) fn has_passed(self) -> bool {
        self.left() == Some(Duration::ZERO)
    }

    /// Returns the time until then; zero once it has passed.
    fn left(self) -> Option<Duration> {
        self.0.map(|instant| instant.saturating_duration_since(Instant::now()))
    }
}

// === impl Bed ===

impl Bed {
    /// Sleeps until there is a token, and takes it; or until the deadline.
    fn sleep(&self, until: Deadline) {
        let mut sleep = self.lock();
        while !sleep.token {
            sleep.asleep = true;
            sleep = match until.left() {
                None => self.token_left.wait(sleep).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(left) => {
                    let woken = self.token_left.wait_timeout(sleep, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *sleep = Sleep::default();
    }

    /// Ignores poison: nothing panics while the lock is held.
    fn lock(&self) -> MutexGuard<'_, Sleep> {
        self.sleep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Bed {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut sleep = self.lock();
        sleep.token = true;
        let asleep = sleep.asleep;
        drop(sleep);
        // Unlocked, since the thread that this wakes takes the lock.
        if asleep {
            self.token_left.notify_one();
        }
    }
}

// === impl Parker ===

impl Parker {
    fn new() -> Self {
        let bed = Arc::<Bed>::default();
        let waker = Waker::from(Arc::clone(&bed));
        Self { process: Process::this().ok(), bed, waker }
    }

    fn is_ours(&self) -> bool {
        self.process.is_some_and(Process::is_this)
    }

    fn block_on<F: Future>(&self, mut future: Pin<&mut F>, until: Deadline) -> Option<F::Output> {
        let mut cx = Context::from_waker(&self.waker);
        let mut in_time = true;
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return Some(output);
            }
            if !in_time {
                return None;
            }
            self.bed.sleep(until);
            // The clock decides, not what ended the sleep: late wakes could come for ever.
            in_time = !until.has_passed();
        }
    }
}

#[cfg(test)]
mod tests {
    use core::future::poll_fn;
    use core::pin::pin;

    use super::*;

    const SOON: Duration = Duration::from_millis(1);

    /// Returns what `test` returns; none if it hangs, or panics.
    fn in_time<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (done, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(test()));
        ended.recv_timeout(Duration::from_secs(20)).ok()
    }

    #[test]
    fn wake_before_the_sleep_ends_it() {
        let polls = in_time(|| {
            let mut polls = 0;
            let woken = pin!(poll_fn(|cx| {
                polls += 1;
                cx.waker().wake_by_ref();
                if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
            }));
            block_on(woken, Deadline::NEVER).map(|()| polls)
        });
        assert_eq!(polls, Some(Some(3)), "the thread sleeps on");
    }

    #[test]
    fn wake_during_the_sleep_ends_it() {
        let woken = in_time(|| {
            let parker = Parker::new();
            let bed = Arc::clone(&parker.bed);
            // A thread that sees `asleep` has held the lock since: the other sleeps.
            let waking = std::thread::spawn(move || {
                while !bed.lock().asleep {
                    std::thread::yield_now();
                }
                bed.wake();
            });
            let mut polls = 0;
            let second = pin!(poll_fn(|_| {
                polls += 1;
                if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
            }));
            parker.block_on(second, Deadline::NEVER);
            waking.join().is_ok()
        });
        assert_eq!(woken, Some(true), "the thread sleeps on");
    }

    /// With the outer wait's parker the inner wait would take its token, and the outer wait would
    /// sleep for ever.
    #[test]
    fn nested_blocking_wait_has_a_parker_of_its_own() {
        let woken = in_time(|| {
            let mut polls = 0;
            let outer = pin!(poll_fn(|cx| {
                polls += 1;
                if polls == 2 {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                let never = pin!(poll_fn(|_| Poll::<()>::Pending));
                assert_eq!(block_on(never, Deadline::after(SOON)), None);
                Poll::Pending
            }));
            block_on(outer, Deadline::NEVER)
        });
        assert_eq!(woken, Some(Some(())), "the outer wait was not woken, or panicked");
    }

    #[test]
    #[cfg(all(unix, not(miri)))]
    fn parker_is_kept_for_the_next_wait_but_not_in_a_child() {
        let waker =
            || block_on(pin!(poll_fn(|cx| Poll::Ready(cx.waker().clone()))), Deadline::NEVER);
        let before = waker().expect("the future was polled");
        let is_kept = || waker().is_some_and(|waker| waker.will_wake(&before));
        assert!(is_kept());
        // SAFETY: the child polls once more, and ends by `_exit`.
        match unsafe { libc::fork() } {
            // SAFETY: as above.
            0 => unsafe { libc::_exit(is_kept().into()) },
            child => {
                let mut status = -1;
                // SAFETY: the child is ours, and so is `status`.
                assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
                assert_eq!(status, 0, "the child kept its parent's parker");
            }
        }
        assert!(is_kept());
    }

    #[test]
    fn future_is_polled_once_more_after_the_deadline() {
        let mut polls = 0;
        let future = pin!(poll_fn(|_| {
            polls += 1;
            if polls == 2 { Poll::Ready(()) } else { Poll::Pending }
        }));
        assert_eq!(block_on(future, Deadline::after(SOON)), Some(()));
    }

    #[test]
    fn late_wakes_do_not_keep_a_wait_from_timing_out() {
        let mut late = None;
        let over = pin!(poll_fn(|cx| {
            late = Some(cx.waker().clone());
            Poll::Ready(())
        }));
        block_on(over, Deadline::NEVER);
        let late = late.expect("the future was polled");
        let mut polls = 0_u32;
        let next = pin!(poll_fn(|_| {
            polls += 1;
            assert!(polls < 10_000_000, "the wait continues long after the deadline");
            late.wake_by_ref();
            Poll::<()>::Pending
        }));
        assert_eq!(block_on(next, Deadline::after(SOON)), None);
    }
}
