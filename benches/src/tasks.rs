//! From `set` until the last of many tasks has resumed, on an executor.
//!
//! Each task counts itself as parked after its first poll has returned `Pending`; the clock starts
//! when all have. It is stopped by the task that resumes last, so what the measuring thread needs
//! to wake up again is not in it.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::executor::Executor;
use crate::parked::once_parked;
use crate::peer::Peer;

/// Long enough for the workers to find nothing to do and fall asleep.
const SETTLE: Duration = Duration::from_millis(1);

/// After so long a wake-up counts as lost.
const LOST: Duration = Duration::from_secs(30);

struct Camp<P> {
    event: P,
    parked: AtomicUsize,
    /// Tasks that have yet to resume.
    left: AtomicUsize,
    finished: mpsc::Sender<Instant>,
}

pub(crate) fn run<P: Peer>(executor: Executor, tasks: usize, iterations: u64) -> Duration {
    (0..iterations).map(|_| once::<P>(executor, tasks)).sum()
}

fn once<P: Peer>(executor: Executor, tasks: usize) -> Duration {
    let (finished, last) = mpsc::channel();
    let camp = Arc::new(Camp {
        event: P::new(),
        parked: AtomicUsize::new(0),
        left: AtomicUsize::new(tasks),
        finished,
    });
    for _ in 0..tasks {
        executor.spawn(Arc::clone(&camp).sleep());
    }
    // ORDERING: Acquire, from the Release of `once_parked`.
    while camp.parked.load(Acquire) < tasks {
        thread::yield_now();
    }
    thread::sleep(SETTLE);

    let begin = Instant::now();
    camp.event.set();
    let end = last.recv_timeout(LOST).expect("every task resumes");

    // ORDERING: Acquire, from the tasks' AcqRel: a count, and all of it has been seen.
    assert_eq!(camp.left.load(Acquire), 0);
    // The next run must not find tasks of this one still on their way out.
    while Arc::strong_count(&camp) > 1 {
        thread::yield_now();
    }
    end - begin
}

// === impl Camp ===

impl<P: Peer> Camp<P> {
    async fn sleep(self: Arc<Self>) {
        once_parked(self.event.wait(), &self.parked).await;
        // ORDERING: AcqRel: the last one comes after all the others.
        if self.left.fetch_sub(1, AcqRel) == 1 {
            self.finished.send(Instant::now()).expect("the measuring thread is waiting");
        }
    }
}
