//! `set` with a registered waiter: the cost of the call alone, on the thread that makes it.
//!
//! The waiters are futures polled by hand, so that no executor wakes up. They are resumed and
//! registered again outside the timed region.

use std::hint::black_box;
use std::pin::pin;
use std::task::Context;
use std::thread;
use std::time::{Duration, Instant};

use crate::flag::peer::Peer;
use crate::heap;
use crate::slab::Slab;
use crate::task::Task;

/// Long enough for the courier to fall asleep.
const SETTLE: Duration = Duration::from_micros(100);

/// After so long a wake-up counts as lost.
const LOST: Duration = Duration::from_secs(10);

/// Nanoseconds of one `set`, in each of `rounds` rounds of one `set` a flag.
pub(crate) fn run<P: Peer>(flags: usize, rounds: u64) -> Vec<f64> {
    let flags: Vec<P> = (0..flags).map(|_| P::new()).collect();
    let tasks = Task::many(flags.len());
    let mut waits = Slab::with_capacity(flags.len());
    let mut took = Vec::new();
    for _ in 0..rounds {
        for (flag, task) in flags.iter().zip(&tasks) {
            let mut cx = Context::from_waker(&task.waker);
            assert!(waits.push(flag.wait()).poll(&mut cx).is_pending(), "ready too early");
        }
        thread::sleep(SETTLE);

        let begin = Instant::now();
        for flag in &flags {
            black_box(flag).set();
        }
        took.push(begin.elapsed().as_secs_f64() * 1e9 / flags.len() as f64);

        for task in &tasks {
            await_wake(task);
            let mut cx = Context::from_waker(&task.waker);
            let ready = waits.first().is_some_and(|wait| wait.poll(&mut cx).is_ready());
            assert!(ready, "a woken wait was not ready");
            waits.pop();
        }
        assert!(tasks.iter().all(|task| task.take_wakes() == 0), "a task was woken twice");
    }
    assert!(flags.iter().all(|flag| !flag.take()), "a consumed set remained");
    took
}

/// Allocations of a first wait on a flag, and of one of so many later ones, on this thread.
pub(crate) fn allocations<P: Peer>(waits: usize) -> [f64; 2] {
    let flag = P::new();
    let task = Task::new();
    let cycles = |times: usize| {
        let before = heap::allocations();
        for _ in 0..times {
            let mut cx = Context::from_waker(&task.waker);
            let mut wait = pin!(flag.wait());
            assert!(wait.as_mut().poll(&mut cx).is_pending(), "ready too early");
            flag.set();
            await_wake(&task);
            assert!(wait.poll(&mut cx).is_ready(), "a woken wait was not ready");
        }
        (heap::allocations() - before) as f64 / times as f64
    };
    [cycles(1), cycles(waits)]
}

fn await_wake(task: &Task) {
    let begin = Instant::now();
    loop {
        match task.take_wakes() {
            0 => assert!(begin.elapsed() < LOST, "a wake-up was lost"),
            1 => return,
            _ => panic!("a task was woken twice"),
        }
        thread::yield_now();
    }
}
