//! An `AtomicWaker` beside a flag, as its documentation shows. It supports one waiter.

use std::future::poll_fn;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::task::Poll;
use std::time::Instant;

use atomic_waker::AtomicWaker;

use crate::flag::peer::Peer;
use crate::flag::rows::Case;
use crate::rounds::{Took, nanoseconds};

#[derive(Debug)]
pub(crate) struct Flag {
    set: AtomicBool,
    waiter: AtomicWaker,
}

impl Peer for Flag {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self { set: AtomicBool::new(false), waiter: AtomicWaker::new() }
    }

    #[inline]
    fn set(&self) {
        // ORDERING: Release, to the exchange in `take`. `register` and `wake` order the rest.
        self.set.store(true, Release);
        self.waiter.wake();
    }

    #[inline]
    fn take(&self) -> bool {
        // ORDERING: Acquire, from `set`. Relaxed: nothing was taken.
        self.set.compare_exchange(true, false, Acquire, Relaxed).is_ok()
    }

    #[inline]
    fn wait(&self) -> impl Future<Output = ()> + Send {
        poll_fn(|cx| {
            if self.take() {
                return Poll::Ready(());
            }
            self.waiter.register(cx.waker());
            // Set in between.
            if self.take() { Poll::Ready(()) } else { Poll::Pending }
        })
    }
}

/// The floor of a `set` that may have to wake a waiter: `wake` of an empty cell, cell after cell,
/// with no flag beside it.
pub(crate) fn wake_alone(case: Case, iterations: u64) -> Took {
    if case != Case::Set {
        return None;
    }
    let cells: Vec<AtomicWaker> = (0..iterations).map(|_| AtomicWaker::new()).collect();
    let begin = Instant::now();
    for cell in &cells {
        black_box(cell).wake();
    }
    Some(vec![vec![nanoseconds(begin.elapsed(), iterations)]])
}
