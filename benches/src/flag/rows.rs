//! The cases of flags.

use std::hint::black_box;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use crate::executor::Executor;
use crate::flag::parked;
use crate::flag::peer::Peer;
use crate::hop::{self, Receiver};
use crate::rounds::{self, Row, Took, nanoseconds};

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// No waiter, and the flag is not set: flag after flag.
    Set,
    /// No waiter; the flag is already set.
    SetTwice,
    /// No waiter; the set is consumed.
    SetTake,
    /// No waiter; a new wait consumes the set with its first poll.
    SetWait,
    /// So many flags with a waiter each, set one right after the other.
    Parked(usize),
    /// From a thread to a task.
    Hop(Executor),
    /// Two tasks set each other's flag in turn.
    PingPong(Executor),
}

/// In the order of the tables.
pub const CASES: [Case; 12] = [
    Case::Set,
    Case::SetTwice,
    Case::SetTake,
    Case::SetWait,
    Case::Parked(256),
    Case::Parked(1),
    Case::Hop(Executor::TokioMulti),
    Case::Hop(Executor::TokioCurrent),
    Case::Hop(Executor::Smol),
    Case::PingPong(Executor::TokioMulti),
    Case::PingPong(Executor::TokioCurrent),
    Case::PingPong(Executor::Smol),
];

/// After so long a wake-up counts as lost.
const LOST: Duration = Duration::from_secs(30);

/// The receiver of a hop.
struct Waiter<P>(Arc<P>);

// === impl Case ===

impl rounds::Case for Case {
    fn rows(self) -> Vec<Row> {
        let one = |name: &str, about| vec![Row::midmean(name.into(), about, self.iterations())];
        match self {
            Case::Set => one(
                "set, no waiter",
                "A `set` of a flag that has had no waiter yet, flag after flag. The floor: \
                 `AtomicWaker::wake` of an empty cell, with no flag beside it.",
            ),
            Case::SetTwice => {
                one("set, set already, no waiter", "A `set` of a flag that is set; no waiter.")
            }
            Case::SetTake => one(
                "set+take, no waiter",
                "A `set`, which is consumed without a wait, in the cheapest way there is.",
            ),
            Case::SetWait => one(
                "set+ready wait",
                "A `set`; a wait is created, consumes it with its first poll, and is dropped.",
            ),
            Case::Parked(1) => vec![Row::midmean(
                "set, one waiter (clock included)".into(),
                "A `set` of a flag with a registered waiter, until it returns; reading the clock \
                 is part of it.",
                1,
            )],
            Case::Parked(flags) => vec![Row::midmean(
                format!("set, a waiter each on {flags} flags: per set"),
                "A `set` of each of so many flags with a registered waiter each; one of them.",
                flags as u64,
            )],
            Case::Hop(executor) => Row::percentiles(
                &format!("thread to task, {executor}"),
                "A thread sets; until the task that waited runs. All threads of the executor \
                 slept.",
            )
            .into(),
            Case::PingPong(executor) => vec![Row::midmean(
                format!("ping-pong, task to task, {executor}: per hop"),
                "Two tasks of one executor set each other's flag in turn: from one to the other.",
                2 * self.iterations(),
            )],
        }
    }

    /// One run takes a few milliseconds at most, most of it for the threads to fall asleep.
    fn iterations(self) -> u64 {
        match self {
            Case::Set => 2_000,
            Case::SetTwice | Case::SetTake | Case::SetWait => 20_000,
            Case::Parked(256) => 2,
            Case::Parked(_) => 20,
            Case::Hop(_) => 30,
            Case::PingPong(_) => 100,
        }
    }
}

impl Case {
    /// Runs it with so many iterations.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Took {
        Some(vec![match self {
            Case::Set => vec![set::<P>(iterations)],
            Case::SetTwice => vec![set_twice::<P>(iterations)],
            Case::SetTake => vec![set_take::<P>(iterations)],
            Case::SetWait => vec![set_wait::<P>(iterations)],
            Case::Parked(flags) => parked::run::<P>(flags, iterations),
            Case::Hop(executor) => hop::<P>(executor, iterations),
            Case::PingPong(executor) => vec![ping_pong::<P>(executor, iterations)],
        }])
    }
}

// === impl Waiter ===

impl<P: Peer> Receiver for Waiter<P> {
    fn receive(&mut self) -> impl Future<Output = ()> + Send {
        self.0.wait()
    }
}

// === the rows ===

fn set<P: Peer>(iterations: u64) -> f64 {
    let flags: Vec<P> = (0..iterations).map(|_| P::new()).collect();
    let begin = Instant::now();
    for flag in &flags {
        black_box(flag).set();
    }
    let took = begin.elapsed();
    assert!(flags.iter().all(P::take), "a set was lost");
    nanoseconds(took, iterations)
}

fn set_twice<P: Peer>(iterations: u64) -> f64 {
    let flag = P::new();
    flag.set();
    let begin = Instant::now();
    for _ in 0..iterations {
        black_box(&flag).set();
    }
    let took = begin.elapsed();
    assert!(flag.take(), "a set was lost");
    assert!(!flag.take(), "several sets count as one");
    nanoseconds(took, iterations)
}

fn set_take<P: Peer>(iterations: u64) -> f64 {
    let flag = P::new();
    let mut taken = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        black_box(&flag).set();
        taken += u64::from(black_box(&flag).take());
    }
    let took = begin.elapsed();
    assert_eq!(taken, iterations, "a set was lost");
    assert!(!flag.take(), "a consumed set remained");
    nanoseconds(took, iterations)
}

fn set_wait<P: Peer>(iterations: u64) -> f64 {
    let flag = P::new();
    let mut cx = Context::from_waker(Waker::noop());
    let mut ready = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        black_box(&flag).set();
        let wait = pin!(black_box(&flag).wait());
        ready += u64::from(black_box(wait).poll(&mut cx).is_ready());
    }
    let took = begin.elapsed();
    assert_eq!(ready, iterations, "a set was lost");
    assert!(!flag.take(), "a consumed set remained");
    nanoseconds(took, iterations)
}

fn hop<P: Peer>(executor: Executor, hops: u64) -> Vec<f64> {
    let flag = Arc::new(P::new());
    let waiter = Waiter(Arc::clone(&flag));
    hop::run(executor, hops as usize, || waiter, || flag.set())
}

/// A lost set ends the run after [`LOST`].
fn ping_pong<P: Peer>(executor: Executor, iterations: u64) -> f64 {
    let both = Arc::new([P::new(), P::new()]);
    let (sender, over) = mpsc::channel();
    executor.spawn({
        let both = Arc::clone(&both);
        async move {
            let [ping, pong] = &*both;
            for _ in 0..=iterations {
                ping.wait().await;
                pong.set();
            }
        }
    });
    executor.spawn(async move {
        let [ping, pong] = &*both;
        ping.set();
        pong.wait().await; // The other task runs.
        let begin = Instant::now();
        for _ in 0..iterations {
            ping.set();
            pong.wait().await;
        }
        // The receiver is gone if the measuring thread has panicked.
        let _ = sender.send(begin.elapsed());
    });
    let took = over.recv_timeout(LOST).unwrap_or_else(|error| {
        panic!("a wake-up was lost: ping-pong on {executor}: {error}");
    });
    // There and back: two hops.
    nanoseconds(took, 2 * iterations)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;

    /// Remembers a set, and wakes no waiter.
    struct Forgetful(AtomicBool);

    impl Peer for Forgetful {
        const BYTES: usize = size_of::<Self>();
        fn new() -> Self {
            Self(AtomicBool::new(false))
        }
        fn set(&self) {
            // ORDERING: Relaxed: one thread.
            self.0.store(true, Relaxed);
        }
        fn take(&self) -> bool {
            false
        }
        fn wait(&self) -> impl Future<Output = ()> + Send {
            pending()
        }
    }

    #[test]
    #[should_panic(expected = "a set was lost")]
    fn peer_that_loses_a_set_panics() {
        let _ = Case::SetTake.run::<Forgetful>(1);
    }
}
