//! The floors: the least that any event has to do.
//!
//! - Waking: the wakers are cloned into a bare `Vec`, then woken one after the other. No event can
//!   be faster at waking new tasks. There is nothing to resume, and nothing to cancel. For tasks of
//!   an executor the `Vec` is behind a mutex.
//! - Set and clear: two read-modify-writes of a word.

use std::future::poll_fn;
use std::hint::black_box;
use std::mem;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::fan_out::{self, PHASES};
use crate::peer::Peer;
use crate::rounds::{Took, nanoseconds};
use crate::rows::Case;
use crate::task::Task;
use crate::tasks;

/// For tasks alone: set once, and no wait may be dropped before it is complete.
#[derive(Debug, Default)]
struct Bare(Mutex<(bool, Vec<Waker>)>);

/// `None` where the case has no floor.
pub(crate) fn run(case: Case, iterations: u64) -> Took {
    let took = match case {
        Case::SetClear => vec![set_clear(iterations)],
        Case::FanOut(waiters) => {
            fan_out::in_batches(fan_out::events(waiters), iterations, |n| fan_out(waiters, n))
        }
        Case::SetNoop(waiters) => {
            let most = fan_out::noop_events(waiters);
            fan_out::in_batches(most, iterations, |events| set_noop(waiters, events))
        }
        Case::Tasks(executor, tasks) => vec![tasks::run::<Bare>(executor, tasks, iterations)],
        _ => return None,
    };
    Some(took.into_iter().map(|took| vec![nanoseconds(took, iterations)]).collect())
}

fn set_clear(iterations: u64) -> Duration {
    let word = AtomicUsize::new(0);
    let mut cleared = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        // ORDERING: as an event's, though no other thread reads it.
        black_box(&word).fetch_or(1, AcqRel);
        cleared += black_box(&word).swap(0, AcqRel);
    }
    let took = begin.elapsed();
    assert_eq!(cleared as u64, iterations);
    took
}

fn fan_out(waiters: usize, events: usize) -> [Duration; PHASES.len()] {
    let tasks = Task::many(events * waiters);
    let mut parked: Vec<_> = (0..events).map(|_| Vec::<Waker>::with_capacity(waiters)).collect();
    let mut cycle = || {
        let begin = Instant::now();
        for (parked, tasks) in black_box(&mut parked).iter_mut().zip(tasks.chunks(waiters)) {
            for task in tasks {
                parked.push(task.waker.clone());
            }
        }
        let registered = Instant::now();
        for parked in black_box(&mut parked) {
            for waker in parked.drain(..) {
                waker.wake();
            }
        }
        let woken = Instant::now();

        assert!(tasks.iter().all(|task| task.take_wakes() == 1));
        [registered - begin, woken - registered, Duration::ZERO, woken - begin]
    };
    cycle(); // Warms the memory.
    cycle()
}

fn set_noop(waiters: usize, events: usize) -> [Duration; 1] {
    let mut parked: Vec<_> = (0..events).map(|_| Vec::<Waker>::with_capacity(waiters)).collect();
    let mut cycle = || {
        for parked in &mut parked {
            parked.extend((0..waiters).map(|_| black_box(Waker::noop()).clone()));
        }
        let begin = Instant::now();
        for parked in black_box(&mut parked) {
            for waker in parked.drain(..) {
                waker.wake();
            }
        }
        [begin.elapsed()]
    };
    cycle(); // Warms the memory.
    cycle()
}

// === impl Bare ===

impl Bare {
    fn with<R>(&self, locked: impl FnOnce(&mut (bool, Vec<Waker>)) -> R) -> R {
        locked(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Peer for Bare {
    const EVENT_BYTES: usize = size_of::<Self>();
    const CLEARS: bool = false;

    fn new() -> Self {
        Self::default()
    }

    fn is_set(&self) -> bool {
        self.with(|(set, _)| *set)
    }

    fn set(&self) {
        let wakers = self.with(|(set, wakers)| {
            *set = true;
            mem::take(wakers)
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    fn wait(&self) -> impl Future<Output = ()> + Send {
        poll_fn(|cx| {
            self.with(|(set, wakers)| {
                if *set {
                    return Poll::Ready(());
                }
                wakers.push(cx.waker().clone());
                Poll::Pending
            })
        })
    }
}
