//! Many waiters, one `set`: what parking, waking and resuming them costs.
//!
//! All on one thread: the rows contain the work of the event and of the wakers, and none of an
//! executor. Waits are resumed, and dropped, in the order in which they parked.
//!
//! # Why several events
//! Waking one waiter takes as long as reading the clock. There are therefore enough events for two
//! thousand waiters in total, and the clock is read between the phases of all of them.

use std::hint::black_box;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use crate::heap;
use crate::peer::Peer;
use crate::slab::Slab;
use crate::task::Task;

/// The rows of a fan-out, and what they measure; the last one is the sum of the others.
pub(crate) const PHASES: [(&str, &str); 4] = [
    (
        "register",
        "For each waiter a wait is created and polled, which registers it; each has its own waker, \
         an `Arc`. The floor: the wakers are cloned into a `Vec`.",
    ),
    ("set", "One `set` that wakes all waiters. The floor: the `Vec` is drained, each waker woken."),
    ("resume", "Each wait is polled, is ready, and is dropped. The floor has nothing to resume."),
    ("sum", "The three together, measured in the same cycles."),
];
pub(crate) const SUM: usize = PHASES.len() - 1;

/// How many events have enough waiters for the clock.
pub(crate) const fn events(waiters: usize) -> u64 {
    match 2_000 / waiters as u64 {
        0 => 1,
        events => events,
    }
}

/// Runs so many iterations, an event each, with at most `most` events at once; sums the durations.
pub(crate) fn in_batches<const ROWS: usize>(
    most: u64,
    iterations: u64,
    mut batch: impl FnMut(usize) -> [Duration; ROWS],
) -> Vec<Duration> {
    let mut rows = [Duration::ZERO; ROWS];
    let mut left = iterations;
    while left > 0 {
        let now = left.min(most);
        rows.iter_mut().zip(batch(now as usize)).for_each(|(row, took)| *row += took);
        left -= now;
    }
    rows.into()
}

pub(crate) fn run<P: Peer>(waiters: usize, iterations: u64) -> Vec<Duration> {
    in_batches(events(waiters), iterations, |events| {
        let mut rows = [Duration::ZERO; PHASES.len()];
        cycles::<P, Instant>(waiters, events, Instant::now, |cycle, marks| {
            // The first warms the memory.
            if cycle > 0 {
                for phase in 0..SUM {
                    rows[phase] = marks[phase + 1] - marks[phase];
                }
                rows[SUM] = marks[SUM] - marks[0];
            }
        });
        rows
    })
}

/// Allocations a wait, in a cycle on a new event and in a second one.
pub(crate) fn allocations<P: Peer>(waiters: usize) -> [f64; 2] {
    let mut made = [0.0; 2];
    cycles::<P, u64>(waiters, 1, heap::allocations, |cycle, marks| {
        made[cycle] = (marks[SUM] - marks[0]) as f64 / waiters as f64;
    });
    made
}

/// Parks, wakes and resumes, twice; `mark` is called before, between and after.
fn cycles<P: Peer, M>(
    waiters: usize,
    events: usize,
    mark: impl Fn() -> M,
    mut record: impl FnMut(usize, [M; PHASES.len()]),
) {
    let tasks = Task::many(events * waiters);
    let new = || (0..events).map(|_| P::new()).collect::<Vec<_>>();
    let mut events = new();
    for number in 0..2 {
        if number > 0 {
            if P::CLEARS { events.iter().for_each(P::clear) } else { events = new() }
        }
        let mut waits = Slab::with_capacity(tasks.len());
        record(number, cycle(&events, &tasks, &mut waits, P::wait, &mark));
    }
}

#[inline(always)]
fn cycle<'a, P: Peer, F: Future<Output = ()> + 'a, M>(
    events: &'a [P],
    tasks: &[Task],
    waits: &mut Slab<F>,
    wait: impl Fn(&'a P) -> F,
    mark: impl Fn() -> M,
) -> [M; PHASES.len()] {
    let (mut pending, mut ready) = (0, 0);
    let waiters = tasks.len() / events.len();

    let begin = mark();
    for (event, tasks) in events.iter().zip(tasks.chunks(waiters)) {
        pending += waits.park(tasks, || wait(black_box(event)));
    }
    let registered = mark();
    for event in events {
        black_box(event).set();
    }
    let woken = mark();
    waits.resume(tasks, |()| ready += 1);
    let resumed = mark();

    assert_eq!(pending, tasks.len(), "a wait was ready too early");
    assert_eq!(ready, tasks.len(), "a woken wait was not ready");
    let once = tasks.iter().filter(|task| task.take_wakes() == 1).count();
    assert_eq!(once, tasks.len(), "a task was not woken, or was woken twice");
    [begin, registered, woken, resumed]
}

/// As many as the clock needs where a waker takes a nanosecond.
pub(crate) const fn noop_events(waiters: usize) -> u64 {
    5 * events(waiters)
}

/// One `set` of so many waiters whose wakers do nothing: the cost of wakers and tasks is not in it.
pub(crate) fn set_noop<P: Peer>(waiters: usize, iterations: u64) -> Vec<Duration> {
    in_batches(noop_events(waiters), iterations, |events| {
        let new = || (0..events).map(|_| P::new()).collect::<Vec<_>>();
        let mut events = new();
        noop_cycle(waiters, &events); // Warms the memory.
        if P::CLEARS {
            events.iter().for_each(P::clear)
        } else {
            events = new()
        }
        [noop_cycle(waiters, &events)]
    })
}

fn noop_cycle<P: Peer>(waiters: usize, events: &[P]) -> Duration {
    let mut cx = Context::from_waker(Waker::noop());
    let mut waits = Slab::with_capacity(waiters * events.len());
    for event in events {
        for _ in 0..waiters {
            let pending = waits.push(event.wait()).poll(&mut cx).is_pending();
            assert!(pending, "a wait was ready too early");
        }
    }
    let begin = Instant::now();
    for event in events {
        black_box(event).set();
    }
    let took = begin.elapsed();
    while let Some(wait) = waits.first() {
        assert!(wait.poll(&mut cx).is_ready(), "a woken wait was not ready");
        waits.pop();
    }
    took
}
