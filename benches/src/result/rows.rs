//! The cases of results.
//!
//! A result is set once, so each iteration that sets one has one of its own, created and dropped
//! outside the timed region. One thread polls the waits, and drops them when they are ready: no
//! work of an executor is in these rows.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::fan_out;
use crate::heap;
use crate::result::peer::{Peer, Rounds, VALUE};
use crate::rounds::{self, Row, Took, nanoseconds};
use crate::rows::thousands;
use crate::slab::Slab;
use crate::task::Task;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// The result is set; its value is read.
    Get,
    /// The result is set; a new wait, polled once.
    ReadyWait,
    /// No waiter.
    Set,
    /// So many waiters register, are woken by one set, and read the value.
    Broadcast(usize),
    /// So many waiters register and read a value that is sent; then the next round begins.
    Round(usize),
}

/// In the order of the tables.
pub const CASES: [Case; 6] = [
    Case::Get,
    Case::ReadyWait,
    Case::Set,
    Case::Broadcast(100),
    Case::Broadcast(1_000),
    Case::Round(100),
];

/// The rows of a broadcast, and what they measure.
const PHASES: [(&str, &str); 5] = [
    (
        "register",
        "For each waiter a wait is created and polled, which registers it; each has its own waker, \
         an `Arc`.",
    ),
    ("set", "The result is set, which wakes all waiters."),
    ("resume", "Each wait is polled, reads the value, and is dropped."),
    ("set until resumed", "The last two together."),
    ("sum", "All three together, measured in the same cycles."),
];

// === impl Case ===

impl rounds::Case for Case {
    fn rows(self) -> Vec<Row> {
        let one = |name: &str, about| vec![Row::midmean(name.into(), about, self.iterations())];
        match self {
            Case::Get => one("get, set before", "The value of a result that is set is read."),
            Case::ReadyWait => one(
                "ready wait",
                "The result is set; a wait is created, polled once, reads the value, and is \
                 dropped.",
            ),
            Case::Set => one("set, no waiter", "A new result is set; no waiter."),
            Case::Broadcast(waiters) => PHASES
                .map(|(phase, about)| {
                    let name = format!("{phase}, {} waiters", thousands(waiters));
                    Row::midmean(name, about, self.iterations())
                })
                .into(),
            Case::Round(waiters) => vec![Row::midmean(
                format!("a round of {} waiters, and the next", thousands(waiters)),
                "So many waiters register, a value is sent, each reads it, and the next round \
                 begins.",
                1,
            )],
        }
    }

    /// One run takes a fraction of a millisecond.
    fn iterations(self) -> u64 {
        match self {
            Case::Get => 100_000,
            Case::ReadyWait => 20_000,
            Case::Set => 2_000,
            Case::Broadcast(waiters) => fan_out::events(waiters),
            Case::Round(waiters) => (5_000 / waiters as u64).max(1),
        }
    }
}

impl Case {
    /// Runs it with so many iterations.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Took {
        let took = match self {
            Case::Get if P::GETS => vec![get::<P>(iterations)],
            Case::Get | Case::Round(_) => return None,
            Case::ReadyWait => vec![ready_wait::<P>(iterations)],
            Case::Set => vec![set::<P>(iterations)],
            Case::Broadcast(waiters) => {
                fan_out::in_batches(fan_out::events(waiters), iterations, |results| {
                    broadcast::<P>(waiters, results)
                })
            }
        };
        Some(took.into_iter().map(|took| vec![nanoseconds(took, iterations)]).collect())
    }
}

// === short rows ===

/// Sets the subject, and reads its value so many times.
pub(crate) fn reads<S>(
    iterations: u64,
    subject: &S,
    set: impl FnOnce(&S),
    get: impl Fn(&S) -> Option<u64>,
) -> Duration {
    assert_eq!(get(subject), None);
    set(subject);
    let mut sum = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        sum += get(black_box(subject)).unwrap_or_default();
    }
    let took = begin.elapsed();
    assert_eq!(black_box(sum), iterations * VALUE);
    took
}

fn get<P: Peer>(iterations: u64) -> Duration {
    let (result, setter) = P::new();
    let set = |result: &P| {
        result.set(setter, VALUE);
        // Some have no value before a wait was polled.
        let mut cx = Context::from_waker(Waker::noop());
        assert!(pin!(result.wait()).poll(&mut cx).is_ready());
    };
    reads(iterations, &result, set, P::get)
}

fn ready_wait<P: Peer>(iterations: u64) -> Duration {
    let (result, setter) = P::new();
    let mut cx = Context::from_waker(Waker::noop());
    let mut sum = 0;
    result.set(setter, VALUE);
    let begin = Instant::now();
    for _ in 0..iterations {
        let wait = pin!(black_box(&result).wait());
        if let Poll::Ready(value) = black_box(wait).poll(&mut cx) {
            sum += value;
        }
    }
    let took = begin.elapsed();
    assert_eq!(sum, iterations * VALUE);
    took
}

fn set<P: Peer>(iterations: u64) -> Duration {
    let (results, setters): (Vec<P>, Vec<_>) = (0..iterations).map(|_| P::new()).unzip();
    let begin = Instant::now();
    for (result, setter) in results.iter().zip(setters) {
        black_box(result).set(setter, VALUE);
    }
    begin.elapsed()
}

// === many waiters ===

/// So many results with so many waiters each; see `fan_out`.
fn broadcast<P: Peer>(waiters: usize, results: usize) -> [Duration; PHASES.len()] {
    let tasks = Task::many(results * waiters);
    let cycle = || {
        let (results, setters): (Vec<P>, Vec<_>) = (0..results).map(|_| P::new()).unzip();
        let mut waits = Slab::with_capacity(tasks.len());
        let (mut pending, mut sum) = (0, 0);
        let begin = Instant::now();
        for (result, tasks) in results.iter().zip(tasks.chunks(waiters)) {
            pending += waits.park(tasks, || black_box(result).wait());
        }
        let registered = Instant::now();
        for (result, setter) in results.iter().zip(setters) {
            black_box(result).set(setter, VALUE);
        }
        let woken = Instant::now();
        waits.resume(&tasks, |value| sum += value);
        let resumed = Instant::now();

        check(&tasks, pending, sum);
        let phases = [begin..registered, registered..woken, woken..resumed];
        let [register, set, resume] = phases.map(|phase| phase.end - phase.start);
        [register, set, resume, resumed - registered, resumed - begin]
    };
    cycle(); // Warms the memory.
    cycle()
}

/// Allocations of a first cycle of so many waiters, a waiter.
pub(crate) fn allocations<P: Peer>(waiters: usize) -> f64 {
    let tasks = Task::many(waiters);
    let (result, setter) = P::new();
    let mut waits = Slab::with_capacity(waiters);
    let before = heap::allocations();
    let pending = waits.park(&tasks, || result.wait());
    let mut sum = 0;
    result.set(setter, VALUE);
    waits.resume(&tasks, |value| sum += value);
    let made = heap::allocations() - before;
    check(&tasks, pending, sum);
    made as f64 / waiters as f64
}

/// One round after another on one subject.
pub(crate) fn rounds<R: Rounds>(waiters: usize, iterations: u64) -> Duration {
    let tasks = Task::many(waiters);
    let subject = R::new();
    let mut waits = Slab::with_capacity(waiters);
    let mut took = Duration::ZERO;
    for cycle in 0..=iterations {
        let mut sum = 0;
        let begin = Instant::now();
        let pending = waits.park(&tasks, || black_box(&subject).wait());
        black_box(&subject).send(VALUE);
        waits.resume(&tasks, |value| sum += value);
        black_box(&subject).reset();
        let end = Instant::now();

        check(&tasks, pending, sum);
        if cycle > 0 {
            took += end - begin;
        }
    }
    took
}

fn check(tasks: &[Task], pending: usize, sum: u64) {
    assert_eq!(pending, tasks.len(), "a wait was ready too early");
    assert_eq!(sum, VALUE * tasks.len() as u64, "a woken wait was not ready");
    // `Shared` wakes some tasks twice; that costs time, and no wake-up is lost.
    assert!(tasks.iter().all(|task| task.take_wakes() > 0), "a task was not woken");
}
