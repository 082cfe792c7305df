//! From `set` until the last of many tasks has resumed, on an executor.
//!
//! Each task counts itself when its first poll has returned `Pending`; the clock starts when all
//! have. The task that resumes last stops the clock, so that the time that the measuring thread
//! needs to wake up is not counted.

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

struct Crowd<P> {
    event: P,
    parked: AtomicUsize,
    /// Tasks that have yet to resume.
    left: AtomicUsize,
    finished: mpsc::Sender<Instant>,
}

/// Which thread sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setter {
    /// A thread outside the executor.
    Thread,
    /// A task of the same executor.
    Task,
}

pub(crate) fn run<P: Peer>(executor: Executor, tasks: usize, iterations: u64) -> Duration {
    (0..iterations).map(|_| once::<P>(executor, tasks, Setter::Thread)).sum()
}

pub(crate) fn once<P: Peer>(executor: Executor, tasks: usize, setter: Setter) -> Duration {
    let (finished, last) = mpsc::channel();
    let crowd = Arc::new(Crowd {
        event: P::new(),
        parked: AtomicUsize::new(0),
        left: AtomicUsize::new(tasks),
        finished,
    });
    for _ in 0..tasks {
        executor.spawn(Arc::clone(&crowd).sleep());
    }
    // ORDERING: Acquire, from the Release of `once_parked`.
    while crowd.parked.load(Acquire) < tasks {
        thread::yield_now();
    }
    thread::sleep(SETTLE);

    let begin = match setter {
        Setter::Thread => crowd.set(),
        Setter::Task => {
            let (begun, begin) = mpsc::channel();
            let crowd = Arc::clone(&crowd);
            executor.spawn(async move {
                begun.send(crowd.set()).expect("the measuring thread is waiting")
            });
            begin.recv_timeout(LOST).expect("a task sets")
        }
    };
    let end = last.recv_timeout(LOST).expect("every task resumes");

    // ORDERING: Acquire, from the tasks' AcqRel: a count, and all of it has been seen.
    assert_eq!(crowd.left.load(Acquire), 0);
    // The next run must not find tasks of this one still on their way out.
    while Arc::strong_count(&crowd) > 1 {
        thread::yield_now();
    }
    end - begin
}

// === impl Crowd ===

impl<P: Peer> Crowd<P> {
    /// Sets; returns when that began.
    fn set(&self) -> Instant {
        let begin = Instant::now();
        self.event.set();
        begin
    }

    async fn sleep(self: Arc<Self>) {
        once_parked(self.event.wait(), &self.parked).await;
        // ORDERING: AcqRel: the last one comes after all the others.
        if self.left.fetch_sub(1, AcqRel) == 1 {
            self.finished.send(Instant::now()).expect("the measuring thread is waiting");
        }
    }
}
