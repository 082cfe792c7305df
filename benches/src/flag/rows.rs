//! The questions, and how each is answered.

use std::fmt;
use std::hint::black_box;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use crate::executor::Executor;
use crate::flag::hop::{self, Receiver};
use crate::flag::parked;
use crate::flag::peer::Peer;
use crate::rounds::Row;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Nobody waits, and it is not set: flag after flag.
    Set,
    /// Nobody waits; it is set once more.
    SetTwice,
    /// Nobody waits; the set is taken back.
    SetTake,
    /// Nobody waits; a new wait takes the set with its first poll.
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

/// What a hop's task waits for.
struct Waiter<P>(Arc<P>);

// === impl Case ===

impl Case {
    #[must_use]
    pub fn rows(self) -> Vec<Row> {
        let name = self.to_string();
        let batch = match self {
            Case::Parked(flags) => flags as u64,
            Case::PingPong(_) => 2 * self.iterations(),
            _ => self.iterations(),
        };
        match self {
            Case::Hop(_) => Row::percentiles(&name, self.about()).into(),
            _ => vec![Row::midmean(name, self.about(), batch)],
        }
    }

    /// What it measures.
    fn about(self) -> &'static str {
        match self {
            Case::Set => {
                "A `set` of a flag that nobody has waited for yet, flag after flag. The floor: \
                          `AtomicWaker::wake` of an empty cell, with no flag beside it."
            }
            Case::SetTwice => "A `set` of a flag that is set; nobody waits.",
            Case::SetTake => {
                "A `set`, and it is taken back without a wait, by the cheapest means there is."
            }
            Case::SetWait => {
                "A `set`; a wait is made, takes it with its first poll, and is dropped."
            }
            Case::Parked(1) => {
                "A `set` of a flag for which one polled by hand has parked, until it returns; a look \
                                at the clock is in it."
            }
            Case::Parked(_) => {
                "A `set` of each of so many flags, a parked waiter each, until the last returns; \
                                one of them."
            }
            Case::Hop(_) => {
                "A thread sets, and the clock runs until the task that waited runs; everybody was asleep."
            }
            Case::PingPong(_) => {
                "Two tasks of one executor set each other's flag in turn: from one to the other."
            }
        }
    }

    /// So many that one run takes a few milliseconds at most, most of it for the threads to settle.
    #[must_use]
    pub fn iterations(self) -> u64 {
        match self {
            Case::Set => 2_000,
            Case::SetTwice | Case::SetTake | Case::SetWait => 20_000,
            Case::Parked(256) => 2,
            Case::Parked(_) => 20,
            Case::Hop(_) => 30,
            Case::PingPong(_) => 100,
        }
    }

    /// Runs it so often: nanoseconds of one iteration, any number of samples.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Vec<f64> {
        match self {
            Case::Set => vec![set::<P>(iterations)],
            Case::SetTwice => vec![set_twice::<P>(iterations)],
            Case::SetTake => vec![set_take::<P>(iterations)],
            Case::SetWait => vec![set_wait::<P>(iterations)],
            Case::Parked(flags) => parked::run::<P>(flags, iterations),
            Case::Hop(executor) => hop::<P>(executor, iterations),
            Case::PingPong(executor) => vec![ping_pong::<P>(executor, iterations)],
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Case::Set => f.write_str("set, no waiter"),
            Case::SetTwice => f.write_str("set, set already, no waiter"),
            Case::SetTake => f.write_str("set+take, no waiter"),
            Case::SetWait => f.write_str("set+ready wait"),
            Case::Parked(1) => f.write_str("set, one waiter (clock included)"),
            Case::Parked(flags) => write!(f, "set, a waiter each on {flags} flags: per set"),
            Case::Hop(executor) => write!(f, "thread to task, {executor}"),
            Case::PingPong(executor) => write!(f, "ping-pong, task to task, {executor}: per hop"),
        }
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
    took.as_secs_f64() * 1e9 / iterations as f64
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
    assert!(!flag.take(), "several sets are one");
    took.as_secs_f64() * 1e9 / iterations as f64
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
    assert!(!flag.take(), "a set was taken, and stayed");
    took.as_secs_f64() * 1e9 / iterations as f64
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
    assert!(!flag.take(), "a set was taken, and stayed");
    took.as_secs_f64() * 1e9 / iterations as f64
}

fn hop<P: Peer>(executor: Executor, hops: u64) -> Vec<f64> {
    let flag = Arc::new(P::new());
    let waiter = Waiter(Arc::clone(&flag));
    hop::run(executor, hops as usize, || waiter, || flag.set())
}

/// A set that is lost would be a game without an end.
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
        pong.wait().await; // The other one is there.
        let begin = Instant::now();
        for _ in 0..iterations {
            ping.set();
            pong.wait().await;
        }
        // Nobody listens once the measuring thread has given up, and said why.
        let _ = sender.send(begin.elapsed());
    });
    let took = over.recv_timeout(LOST).unwrap_or_else(|error| {
        panic!("a wake-up was lost: ping-pong on {executor}: {error}");
    });
    // There and back: two hops.
    took.as_secs_f64() * 1e9 / (2 * iterations) as f64
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;
    use crate::flag::SUBJECTS;

    /// Remembers a set, and wakes nobody.
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
    fn every_subject_passes_every_case() {
        for case in CASES {
            for subject in &SUBJECTS {
                let answers = !(subject.run)(case, 3).is_empty();
                assert!(answers || subject.column.is_floor(), "{case}, {subject:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "a set was lost")]
    fn a_peer_that_loses_a_set_is_an_error() {
        let _ = Case::SetTake.run::<Forgetful>(1);
    }
}
