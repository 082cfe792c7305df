//! From a call on this thread until a task on another thread runs.
//!
//! The task stops the clock, so that the time that this thread needs to wake up is not counted. The
//! clock starts when the task is registered and the executor's threads have had time to fall
//! asleep: a hop is the cost of a rare event, and most of it is the kernel's.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Acquire;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::executor::Executor;
use crate::parked::once_parked;
use crate::rounds::nanoseconds;

/// The end of a hop: what the task waits for.
pub(crate) trait Receiver: Send + 'static {
    fn receive(&mut self) -> impl Future<Output = ()> + Send;
}

/// Long enough for the threads of an executor, the courier, or a loop to fall asleep.
const SETTLE: Duration = Duration::from_micros(100);

/// After so long a wake-up counts as lost.
const LOST: Duration = Duration::from_secs(10);

/// Nanoseconds of each hop.
///
/// `receiver` is called in the task. `fire` must make it receive once.
pub(crate) fn run<R: Receiver>(
    executor: Executor,
    hops: usize,
    receiver: impl FnOnce() -> R + Send + 'static,
    fire: impl Fn(),
) -> Vec<f64> {
    let (sender, resumed) = mpsc::channel();
    let parked = Arc::new(AtomicUsize::new(0));
    executor.spawn({
        let parked = Arc::clone(&parked);
        async move {
            let mut receiver = receiver();
            for _ in 0..hops {
                once_parked(receiver.receive(), &parked).await;
                if sender.send(Instant::now()).is_err() {
                    return; // The measuring thread has panicked.
                }
            }
        }
    });

    let took = measure(hops, &parked, &resumed, fire);
    // The next run must not find this task still on its way out.
    while resumed.recv_timeout(LOST) != Err(mpsc::RecvTimeoutError::Disconnected) {}
    took
}

/// Nanoseconds of each hop to a receiver that counts itself when it waits, and sends the time at which
/// it runs.
pub(crate) fn measure(
    hops: usize,
    waiting: &AtomicUsize,
    resumed: &mpsc::Receiver<Instant>,
    fire: impl Fn(),
) -> Vec<f64> {
    let mut took = Vec::with_capacity(hops);
    for hop in 1..=hops {
        let since = Instant::now();
        // ORDERING: Acquire, from the Release with which the receiver counts itself.
        while waiting.load(Acquire) < hop {
            assert!(since.elapsed() < LOST, "a receiver does not wait");
            thread::yield_now();
        }
        thread::sleep(SETTLE);
        assert!(resumed.try_recv().is_err(), "a receiver was woken too early");
        let begin = Instant::now();
        fire();
        let end = match resumed.recv_timeout(LOST) {
            Ok(end) => end,
            Err(error) => panic!("a wake-up was lost: hop {hop}: {error}"),
        };
        let hop = end.checked_duration_since(begin).expect("a receiver runs after its wake-up");
        took.push(nanoseconds(hop, 1));
    }
    took
}
