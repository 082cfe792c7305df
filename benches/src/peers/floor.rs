//! What the wakers alone cost: cloned into a bare `Vec`, then woken one after the other.
//!
//! No event can be faster than this at waking tasks that it has never seen. There is nothing to
//! resume, no lock, no cancelling and no flag, so it takes part in the fan-out only.

use std::hint::black_box;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::task::Task;

pub(crate) fn fan_out(waiters: usize, iterations: u64) -> Vec<Duration> {
    let tasks = Task::many(waiters);
    let mut parked = Vec::<Waker>::with_capacity(waiters);
    let [mut register, mut set] = [Duration::ZERO; 2];

    for cycle in 0..=iterations {
        let begin = Instant::now();
        for task in black_box(&tasks) {
            parked.push(task.waker.clone());
        }
        let registered = Instant::now();
        for waker in black_box(&mut parked).drain(..) {
            waker.wake();
        }
        let woken = Instant::now();

        if cycle > 0 {
            register += registered - begin;
            set += woken - registered;
        }
        assert!(tasks.iter().all(|task| task.take_wakes() == 1));
    }
    vec![register, set, Duration::ZERO, register + set]
}
