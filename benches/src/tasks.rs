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

/// Where the `set` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setter {
    /// A thread that is none of the executor's.
    Thread,
    /// A task of the same executor.
    Task,
}

pub(crate) fn run<P: Peer>(executor: Executor, tasks: usize, iterations: u64) -> Duration {
    (0..iterations).map(|_| once::<P>(executor, tasks, Setter::Thread)).sum()
}

pub(crate) fn once<P: Peer>(executor: Executor, tasks: usize, setter: Setter) -> Duration {
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

    let begin = match setter {
        Setter::Thread => camp.set(),
        Setter::Task => {
            let (begun, begin) = mpsc::channel();
            let camp = Arc::clone(&camp);
            executor.spawn(async move { begun.send(camp.set()).expect("somebody waits for it") });
            begin.recv_timeout(LOST).expect("a task sets")
        }
    };
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
    /// Sets; when that was begun.
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
