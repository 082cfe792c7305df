//! The questions, and how each is answered.
//!
//! A result is set once, so each iteration that sets one has one of its own, made and dropped
//! outside the timed region. Waits are polled by hand, by one thread, and dropped once they are
//! ready: no executor's work is in here.

use std::fmt;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::fan_out;
use crate::heap;
use crate::result::peer::{Peer, Rounds};
use crate::rounds::Row;
use crate::rows::thousands;
use crate::slab::Slab;
use crate::task::Task;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// It is set; a look.
    Get,
    /// It is set; a new wait, polled once.
    ReadyWait,
    /// Nobody waits.
    Set,
    /// So many waiters park, are woken by one set, and read the value.
    Broadcast(usize),
    /// So many waiters park, are sent a value, read it; then a new round is begun.
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

/// The rows of a broadcast; the goal is on the last but one.
const PHASES: [&str; 5] = ["register", "set", "resume", "set until resumed", "sum"];

/// What is set.
pub(crate) const VALUE: u64 = 7;

// === impl Case ===

impl Case {
    #[must_use]
    pub fn names(self) -> Vec<String> {
        match self {
            Case::Broadcast(_) => PHASES.iter().map(|phase| format!("{phase}, {self}")).collect(),
            _ => vec![self.to_string()],
        }
    }

    #[must_use]
    pub fn rows(self) -> Vec<Row> {
        let batch = if matches!(self, Case::Round(_)) { 1 } else { self.iterations() };
        let rows = self.names().into_iter().zip(self.about());
        rows.map(|(name, about)| Row::midmean(name, about, batch)).collect()
    }

    /// What each of its rows measures.
    fn about(self) -> &'static [&'static str] {
        match self {
            Case::Get => &["A look at a result that is set: its value is read."],
            Case::ReadyWait => {
                &["It is set; a wait is made, polled once, reads the value, and is dropped."]
            }
            Case::Set => &["A new result is set; nobody waits."],
            Case::Broadcast(_) => &[
                "A wait each is made and polled, which parks it; each has a waker of its own, an `Arc`.",
                "The result is set, and wakes them all.",
                "Each wait is polled, reads the value, and is dropped.",
                "The last two together.",
                "All three together, as they happened.",
            ],
            Case::Round(_) => &[
                "So many waiters park, a value is sent, each reads it, and the next round is begun.",
            ],
        }
    }

    /// So many that one run takes a fraction of a millisecond.
    #[must_use]
    pub fn iterations(self) -> u64 {
        match self {
            Case::Get => 100_000,
            Case::ReadyWait => 20_000,
            Case::Set => 2_000,
            Case::Broadcast(waiters) => fan_out::events(waiters),
            Case::Round(waiters) => (5_000 / waiters as u64).max(1),
        }
    }

    /// Runs it so often; what all iterations took together, one duration a row. Nothing where the
    /// peer has no answer.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Option<Vec<Duration>> {
        match self {
            Case::Get => P::GETS.then(|| vec![get::<P>(iterations)]),
            Case::ReadyWait => Some(vec![ready_wait::<P>(iterations)]),
            Case::Set => Some(vec![set::<P>(iterations)]),
            Case::Broadcast(waiters) => {
                Some(fan_out::in_batches(fan_out::events(waiters), iterations, |results| {
                    broadcast::<P>(waiters, results)
                }))
            }
            Case::Round(_) => None,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Case::Get => f.write_str("get, set before"),
            Case::ReadyWait => f.write_str("ready wait"),
            Case::Set => f.write_str("set, no waiter"),
            Case::Broadcast(waiters) => write!(f, "{} waiters", thousands(*waiters)),
            Case::Round(waiters) => {
                write!(f, "a round of {} waiters, and the next", thousands(*waiters))
            }
        }
    }
}

// === the short rows ===

/// Looks so often at something that is set, and was not.
pub(crate) fn looks<S>(
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
        // Some need somebody to wait before they can be looked at.
        let mut cx = Context::from_waker(Waker::noop());
        assert!(pin!(result.wait()).poll(&mut cx).is_ready());
    };
    looks(iterations, &result, set, P::get)
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
        let mut pending = 0;
        let begin = Instant::now();
        for (result, tasks) in results.iter().zip(tasks.chunks(waiters)) {
            pending += park(tasks, &mut waits, || black_box(result).wait());
        }
        let registered = Instant::now();
        for (result, setter) in results.iter().zip(setters) {
            black_box(result).set(setter, VALUE);
        }
        let woken = Instant::now();
        let sum = resume(&tasks, &mut waits);
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
    let pending = park(&tasks, &mut waits, || result.wait());
    result.set(setter, VALUE);
    let sum = resume(&tasks, &mut waits);
    let made = heap::allocations() - before;
    check(&tasks, pending, sum);
    made as f64 / waiters as f64
}

/// A round after the other on one subject.
pub(crate) fn rounds<R: Rounds>(waiters: usize, iterations: u64) -> Duration {
    let tasks = Task::many(waiters);
    let subject = R::new();
    let mut waits = Slab::with_capacity(waiters);
    let mut took = Duration::ZERO;
    for cycle in 0..=iterations {
        let begin = Instant::now();
        let pending = park(&tasks, &mut waits, || black_box(&subject).wait());
        black_box(&subject).send(VALUE);
        let sum = resume(&tasks, &mut waits);
        black_box(&subject).reset();
        let end = Instant::now();

        check(&tasks, pending, sum);
        if cycle > 0 {
            took += end - begin;
        }
    }
    took
}

#[inline]
fn park<F: Future>(tasks: &[Task], waits: &mut Slab<F>, wait: impl Fn() -> F) -> usize {
    let mut pending = 0;
    for task in tasks {
        let wait = waits.push(wait());
        let mut cx = Context::from_waker(&task.waker);
        pending += usize::from(black_box(wait).poll(&mut cx).is_pending());
    }
    pending
}

#[inline]
fn resume<F: Future<Output = u64>>(tasks: &[Task], waits: &mut Slab<F>) -> u64 {
    let mut sum = 0;
    for task in tasks {
        let Some(wait) = waits.first() else { break };
        let mut cx = Context::from_waker(&task.waker);
        if let Poll::Ready(value) = black_box(wait).poll(&mut cx) {
            sum += value;
        }
        waits.pop();
    }
    sum
}

fn check(tasks: &[Task], pending: usize, sum: u64) {
    assert_eq!(pending, tasks.len(), "a wait was ready before it was time");
    assert_eq!(sum, VALUE * tasks.len() as u64, "a woken wait was not ready");
    // Once or, by `Shared`, now and then once more: that costs the peer, and loses nothing.
    assert!(tasks.iter().all(|task| task.take_wakes() > 0), "a task was not woken");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::SUBJECTS;

    #[test]
    fn every_subject_passes_every_case_that_it_answers() {
        for case in CASES {
            let answers = SUBJECTS.iter().filter_map(|subject| (subject.run)(case, 3));
            let answers: Vec<_> = answers.collect();
            assert!(answers.len() > 1, "{case}: nothing to compare");
            assert!(answers.iter().all(|rows| rows.len() == case.names().len()));
        }
    }
}
