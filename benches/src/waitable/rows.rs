//! The cases of waitable events.

use std::hint::black_box;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Release;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;

use crate::hop;
use crate::rounds::{self, Row, Took, nanoseconds};
use crate::waitable::peer::Peer;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// No loop sleeps.
    SetClear,
    /// One thread sets, and then makes a turn of its loop, which does not sleep.
    Turn,
    /// One thread sets, and another, which sleeps in its loop, wakes.
    Hop,
}

/// In the order of the tables.
pub const CASES: [Case; 3] = [Case::SetClear, Case::Turn, Case::Hop];

// === impl Case ===

impl rounds::Case for Case {
    fn rows(self) -> Vec<Row> {
        let one = |name: &str, about| vec![Row::midmean(name.into(), about, self.iterations())];
        match self {
            Case::SetClear => one("set+clear", "A `set`, then a `clear`; no loop sleeps."),
            Case::Turn => one(
                "set, and a turn of the loop",
                "A `set`; then the loop that was set calls its poller, which does not sleep, and \
                 clears.",
            ),
            Case::Hop => Row::percentiles(
                "thread to a loop asleep",
                "A thread sets; until the loop that slept in its poller is awake.",
            )
            .into(),
        }
    }

    /// One run takes a few milliseconds at most.
    fn iterations(self) -> u64 {
        match self {
            Case::SetClear | Case::Turn => 1_000,
            Case::Hop => 30,
        }
    }
}

impl Case {
    /// Runs it with so many iterations.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Took {
        Some(vec![match self {
            Case::SetClear => vec![set_clear::<P>(iterations)?],
            Case::Turn => vec![turn::<P>(iterations)],
            Case::Hop => hop::<P>(iterations as usize),
        }])
    }
}

// === the rows ===

fn set_clear<P: Peer>(iterations: u64) -> Option<f64> {
    let (_poller, waker) = P::new();
    let mut taken = 0;
    P::clear(&waker)?;
    let begin = Instant::now();
    for _ in 0..iterations {
        P::wake(black_box(&waker));
        taken += u64::from(P::clear(black_box(&waker)) == Some(true));
    }
    let took = begin.elapsed();
    assert_eq!(taken, iterations, "a set was lost");
    assert_eq!(P::clear(&waker), Some(false), "a set remained after `clear`");
    Some(nanoseconds(took, iterations))
}

/// Hangs if a set is lost.
fn turn<P: Peer>(iterations: u64) -> f64 {
    let (mut poller, waker) = P::new();
    let mut turns = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        P::wake(black_box(&waker));
        turns += u64::from(black_box(&mut poller).sleep());
        poller.reset();
    }
    let took = begin.elapsed();
    assert_eq!(turns, iterations, "a loop was woken for something else");
    nanoseconds(took, iterations)
}

/// The loop stops the clock when it wakes. What it does then is part of [`Case::Turn`].
fn hop<P: Peer>(hops: usize) -> Vec<f64> {
    let (mut poller, waker) = P::new();
    let asleep = Arc::new(AtomicUsize::new(0));
    let (sender, woken) = mpsc::channel();
    let sleeper = thread::spawn({
        let asleep = Arc::clone(&asleep);
        move || {
            for _ in 0..hops {
                // ORDERING: Release, to the Acquire in `hop::measure`.
                asleep.fetch_add(1, Release);
                while !poller.sleep() {}
                let end = Instant::now();
                poller.reset();
                if sender.send(end).is_err() {
                    return; // The measuring thread has panicked.
                }
            }
        }
    });

    let took = hop::measure(hops, &asleep, &woken, || P::wake(&waker));
    sleeper.join().expect("the loop has ended");
    took
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wakes no loop, and has nothing to clear.
    struct Forgetful;

    impl Peer for Forgetful {
        type Waker = ();
        fn new() -> (Self, ()) {
            (Self, ())
        }
        fn wake((): &()) {}
        fn sleep(&mut self) -> bool {
            false
        }
        fn clear((): &()) -> Option<bool> {
            Some(false)
        }
    }

    #[test]
    #[should_panic(expected = "a set was lost")]
    fn peer_that_loses_a_set_panics() {
        let _ = Case::SetClear.run::<Forgetful>(1);
    }

    #[test]
    #[should_panic(expected = "a loop was woken for something else")]
    fn peer_that_does_not_wake_the_loop_panics() {
        let _ = Case::Turn.run::<Forgetful>(1);
    }
}
