//! Models of the batch: what two drains of one source do.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Waker;
use std::sync::Arc;
use std::task::Wake;

use loom::thread;

use super::model;
use crate::raw::batch::{Batch, CAPACITY};
use crate::raw::panics::Panics;
use crate::sync::Lock;

/// Wakers under a lock, and a waker that takes the lock itself.
struct Source {
    queue: Lock<Vec<Waker>>,
    wakes: AtomicUsize,
}

impl Wake for Source {
    fn wake(self: Arc<Self>) {
        self.queue.with(|_| self.wakes.fetch_add(1, SeqCst));
    }
}

fn drain(source: &Source) {
    let (mut batch, mut panics) = (Batch::new(), Panics::new());
    let mut is_empty = false;
    while !is_empty {
        is_empty = source.queue.with(|queue| {
            batch.fill(|count| if count < CAPACITY { queue.pop() } else { None });
            queue.is_empty()
        });
        batch.wake(&mut panics);
    }
}

/// Catches a batch that is woken where it is filled, and one whose wakers stay in it.
#[test]
fn two_drains_wake_each_of_three_once_and_hold_no_lock_over_it() {
    model(|| {
        let source = Arc::new(Source { queue: Lock::new(Vec::new()), wakes: AtomicUsize::new(0) });
        for _ in 0..3 {
            let waker = Waker::from(Arc::clone(&source));
            source.queue.with(|queue| queue.push(waker));
        }
        let other = thread::spawn({
            let source = Arc::clone(&source);
            move || drain(&source)
        });
        drain(&source);
        other.join().unwrap();
        assert_eq!(source.wakes.load(SeqCst), 3);
        assert_eq!(Arc::strong_count(&source), 1);
    });
}
