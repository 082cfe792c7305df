//! The questions, and how each is answered.

use std::fmt;
use std::hint::black_box;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::rounds::Row;
use crate::waitable::peer::Peer;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Nobody sleeps; what was set is taken back.
    SetClear,
    /// One thread sets, and then makes a turn of the loop, in which it need not sleep.
    Turn,
    /// One thread sets, another sleeps in its loop: until that is awake.
    Hop,
}

/// In the order of the tables.
pub const CASES: [Case; 3] = [Case::SetClear, Case::Turn, Case::Hop];

/// Long enough for a thread to fall asleep.
const SETTLE: Duration = Duration::from_micros(100);

/// After so long a wake-up counts as lost.
const LOST: Duration = Duration::from_secs(10);

// === impl Case ===

impl Case {
    #[must_use]
    pub fn rows(self) -> Vec<Row> {
        let name = self.to_string();
        let about = match self {
            Case::SetClear => "A `set`, then a `clear`; nobody sleeps.",
            Case::Turn => {
                "A `set`; then the loop that was set asks its poller, which need not sleep, and clears."
            }
            Case::Hop => {
                "A thread sets, and the clock runs until the loop that slept in its poller is awake."
            }
        };
        match self {
            Case::Hop => Row::percentiles(&name, about).into(),
            _ => vec![Row::midmean(name, about, self.iterations())],
        }
    }

    /// So many that one run takes a few milliseconds at most.
    #[must_use]
    pub fn iterations(self) -> u64 {
        match self {
            Case::SetClear | Case::Turn => 1_000,
            Case::Hop => 30,
        }
    }

    /// Runs it so often: nanoseconds of one iteration, any number of samples; none without a meaning.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Option<Vec<f64>> {
        match self {
            Case::SetClear => set_clear::<P>(iterations).map(|took| vec![took]),
            Case::Turn => Some(vec![turn::<P>(iterations)]),
            Case::Hop => Some(hop::<P>(iterations as usize)),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Case::SetClear => "set+clear",
            Case::Turn => "set, and a turn of the loop",
            Case::Hop => "thread to a loop asleep",
        })
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
    assert_eq!(P::clear(&waker), Some(false), "a set was taken back, and stayed");
    Some(took.as_secs_f64() * 1e9 / iterations as f64)
}

/// A set that is lost would be a turn without an end.
fn turn<P: Peer>(iterations: u64) -> f64 {
    let (mut poller, waker) = P::new();
    let mut turns = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        P::wake(black_box(&waker));
        turns += u64::from(black_box(&mut poller).sleep());
        poller.take_back();
    }
    let took = begin.elapsed();
    assert_eq!(turns, iterations, "a loop was woken for something else");
    took.as_secs_f64() * 1e9 / iterations as f64
}

/// The clock is stopped by the loop, when its sleep is over. What it does then is in the turn.
fn hop<P: Peer>(hops: usize) -> Vec<f64> {
    let (mut poller, waker) = P::new();
    let asleep = Arc::new(AtomicUsize::new(0));
    let (sender, woken) = mpsc::channel();
    let sleeper = thread::spawn({
        let asleep = Arc::clone(&asleep);
        move || {
            for _ in 0..hops {
                // ORDERING: Release, to the Acquire of the measuring thread.
                asleep.fetch_add(1, Release);
                while !poller.sleep() {}
                let end = Instant::now();
                poller.take_back();
                if sender.send(end).is_err() {
                    return; // The measuring thread has given up, and said why.
                }
            }
        }
    });

    let mut took = Vec::with_capacity(hops);
    for hop in 1..=hops {
        // ORDERING: Acquire, from the sleeper.
        while asleep.load(Acquire) < hop {
            thread::yield_now();
        }
        thread::sleep(SETTLE);
        assert!(woken.try_recv().is_err(), "a loop was woken for nothing");
        let begin = Instant::now();
        P::wake(&waker);
        let end = match woken.recv_timeout(LOST) {
            Ok(end) => end,
            Err(error) => panic!("a wake-up was lost: hop {hop}: {error}"),
        };
        let hop = end.checked_duration_since(begin).expect("a loop woken after its wake-up");
        took.push(hop.as_secs_f64() * 1e9);
    }
    sleeper.join().expect("the loop has ended");
    took
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waitable::SUBJECTS;

    /// Wakes nobody, and has nothing to take back.
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
    fn every_subject_passes_every_case() {
        for case in CASES {
            for subject in &SUBJECTS {
                let samples = (subject.run)(case, 3);
                assert!(samples.is_some() || case == Case::SetClear, "{case}, {subject:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "a set was lost")]
    fn a_peer_that_loses_a_set_is_an_error() {
        let _ = Case::SetClear.run::<Forgetful>(1);
    }

    #[test]
    #[should_panic(expected = "a loop was woken for something else")]
    fn a_peer_that_does_not_wake_is_an_error() {
        let _ = Case::Turn.run::<Forgetful>(1);
    }
}
