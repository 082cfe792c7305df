//! Many waiters, one `set`: what parking, waking and resuming them costs.
//!
//! All on one thread, so what is measured is the event's own work and its wakers', and no executor's.
//! Waits are resumed, and dropped, in the order in which they parked.

use std::hint::black_box;
use std::task::Context;
use std::time::{Duration, Instant};

use crate::peer::Peer;
use crate::slab::Slab;
use crate::task::Task;

/// The rows of a fan-out; the last one is the sum of the others.
pub(crate) const PHASES: [&str; 4] = ["register", "set", "resume", "sum"];
pub(crate) const SUM: usize = PHASES.len() - 1;

pub(crate) fn run<P: Peer>(waiters: usize, iterations: u64) -> Vec<Duration> {
    let mut rows = [Duration::ZERO; PHASES.len()];
    cycles::<P, Instant>(waiters, iterations + 1, Instant::now, |cycle, marks| {
        if cycle == 0 {
            return; // Warms the memory.
        }
        for phase in 0..SUM {
            rows[phase] += marks[phase + 1] - marks[phase];
        }
        rows[SUM] += marks[SUM] - marks[0];
    });
    rows.into()
}

/// By how much `counter` grows in a cycle on a new event, and in a second one.
pub(crate) fn growth<P: Peer>(waiters: usize, counter: &dyn Fn() -> u64) -> [u64; 2] {
    let mut growth = [0; 2];
    cycles::<P, u64>(waiters, 2, counter, |cycle, marks| growth[cycle] = marks[SUM] - marks[0]);
    growth
}

/// Parks, wakes and resumes; `mark` is called before, between and after.
fn cycles<P: Peer, M>(
    waiters: usize,
    cycles: u64,
    mark: impl Fn() -> M,
    mut record: impl FnMut(usize, [M; PHASES.len()]),
) {
    let event = P::new();
    let tasks = Task::many(waiters);
    let mut waits = Slab::with_capacity(waiters);

    for cycle in 0..cycles as usize {
        let (mut pending, mut ready) = (0, 0);

        let begin = mark();
        for task in &tasks {
            let wait = waits.push(black_box(&event).wait());
            let mut cx = Context::from_waker(&task.waker);
            pending += usize::from(black_box(wait).poll(&mut cx).is_pending());
        }
        let registered = mark();
        black_box(&event).set();
        let woken = mark();
        for task in &tasks {
            let Some(wait) = waits.first() else { break };
            let mut cx = Context::from_waker(&task.waker);
            ready += usize::from(black_box(wait).poll(&mut cx).is_ready());
            waits.pop();
        }
        let resumed = mark();

        record(cycle, [begin, registered, woken, resumed]);
        assert_eq!(pending, waiters, "a wait was ready before it was time");
        assert_eq!(ready, waiters, "a woken wait was not ready");
        let once = tasks.iter().filter(|task| task.take_wakes() == 1).count();
        assert_eq!(once, waiters, "a task was not woken, or was woken twice");
        event.clear();
    }
}
