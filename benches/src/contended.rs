//! Two threads at one event.
//!
//! Both start at the same time, and the clock runs until both are done. The scheduler affects these
//! rows: read the interval, not the last digit.

use std::hint::{black_box, spin_loop};
use std::pin::pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::Peer;
use crate::slab::Slab;
use crate::task::Task;

/// One thread sets and clears, the other parks and cancels; so many of each.
pub(crate) fn setter_and_parker<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let park = || {
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..iterations {
            let wait = pin!(black_box(&event).wait());
            // Either way: the event is set and clear in turn.
            let _ = black_box(wait).poll(&mut cx);
        }
    };
    let took = race(|| set_and_clear(&event, iterations), park);
    assert!(!event.is_set());
    took
}

/// Both set and clear, so many times each; no waiter.
pub(crate) fn setters<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let took = race(|| set_and_clear(&event, iterations), || set_and_clear(&event, iterations));
    assert!(!event.is_set());
    took
}

fn set_and_clear<P: Peer>(event: &P, times: u64) {
    for _ in 0..times {
        black_box(event).set();
        black_box(event).clear();
    }
}

/// So many are parked; one thread sets, the other cancels them, the first one first.
pub(crate) fn cancel_during_set<P: Peer>(waiters: usize, iterations: u64) -> Duration {
    let tasks = Task::many(waiters);
    let mut took = Duration::ZERO;
    for _ in 0..iterations {
        let event = P::new();
        let mut waits = Slab::with_capacity(waiters);
        for task in &tasks {
            let mut cx = Context::from_waker(&task.waker);
            let pending = waits.push(event.wait()).poll(&mut cx).is_pending();
            assert!(pending, "a wait was ready too early");
        }
        took += race(
            || black_box(&event).set(),
            || {
                for _ in 0..waiters {
                    waits.pop();
                }
            },
        );
        // Waits that were cancelled in time were not woken.
        assert!(tasks.iter().all(|task| task.take_wakes() <= 1), "a task was woken twice");
    }
    took
}

/// Runs `one` on a new thread and `other` on this one: from the first start to the last end.
fn race(one: impl FnOnce() + Send, other: impl FnOnce()) -> Duration {
    let line = AtomicUsize::new(0);
    thread::scope(|threads| {
        let first = threads.spawn(|| lap(&line, one));
        let (begin, end) = lap(&line, other);
        let (first_begin, first_end) = first.join().expect("the other thread arrives");
        end.max(first_end) - begin.min(first_begin)
    })
}

fn lap(line: &AtomicUsize, run: impl FnOnce()) -> (Instant, Instant) {
    reach(line);
    let begin = Instant::now();
    run();
    (begin, Instant::now())
}

/// Waits at the line until both are there.
fn reach(line: &AtomicUsize) {
    const SPINS: usize = 1_000;
    // ORDERING: Release, to the Acquire of the other.
    line.fetch_add(1, Release);
    let mut spins = 0;
    // ORDERING: Acquire, from the other.
    while line.load(Acquire) < 2 {
        spins += 1;
        if spins < SPINS { spin_loop() } else { thread::yield_now() }
    }
}
