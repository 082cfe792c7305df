//! One scenario on five executors: whoever made a wait before a `set` is released by it, although
//! a `clear` follows at once, and whatever polls the wait.
//!
//! Nobody sleeps, and nobody is timed: a round begins when the last task has made its wait. A round
//! that does not end is reported by the task that is missing.

#![cfg(feature = "std")]

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use futures::future::BoxFuture;
use reveille::Event;

/// What goes wrong is told by the message; a test that returned it has failed.
type Outcome = Result<(), String>;

/// More than a `set` takes from the queue at a time.
const TASKS: usize = if cfg!(miri) { 3 } else { 150 };
const ROUNDS: usize = if cfg!(miri) { 5 } else { 400 };

/// How long a round may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(5);

struct Scenario {
    event: Event,
    /// For each task, the round whose wait it has made. The last wait is that of round `ROUNDS`;
    /// `ROUNDS + 1` says that this one is over, too.
    reached: Mutex<[usize; TASKS]>,
    all_there: Condvar,
}

#[test]
fn every_task_is_released_in_every_round_on_tokio_multi_thread() -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let outcome = play(|task| drop(runtime.spawn(task)));
    // Not by drop, which would wait for a task that hangs.
    runtime.shutdown_background();
    outcome
}

#[test]
fn every_task_is_released_in_every_round_on_tokio_current_thread() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    thread::spawn(move || runtime.block_on(ended));
    let outcome = play(|task| drop(handle.spawn(task)));
    drop(end);
    outcome
}

#[test]
#[cfg(not(miri))] // Its reactor asks for system calls that Miri does not have.
fn every_task_is_released_in_every_round_on_smol() -> Outcome {
    play(|task| smol::spawn(task).detach())
}

#[test]
fn every_task_is_released_in_every_round_on_a_futures_thread_pool() -> Outcome {
    let pool = futures::executor::ThreadPool::builder().pool_size(4).create().unwrap();
    play(|task| pool.spawn_ok(task))
}

#[test]
fn every_task_is_released_in_every_round_on_threads_that_block_on_it() -> Outcome {
    play(|task| drop(thread::spawn(|| pollster::block_on(task))))
}

/// Spawns the tasks and a thread that sets, and watches them: each round has to come to its end.
fn play(mut spawn: impl FnMut(BoxFuture<'static, ()>)) -> Outcome {
    let scenario = Arc::new(Scenario {
        event: Event::new(),
        reached: Mutex::new([0; TASKS]),
        all_there: Condvar::new(),
    });
    for task in 0..TASKS {
        let scenario = scenario.clone();
        spawn(Box::pin(async move { scenario.task(task).await }));
    }
    let (round_over, rounds) = channel();
    let setter = thread::spawn({
        let scenario = scenario.clone();
        move || scenario.set_in_every_round(&round_over)
    });
    for round in 0..=ROUNDS {
        match rounds.recv_timeout(PATIENCE) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return Err(scenario.missing(round)),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    setter.join().map_err(|_| "the setter panicked".to_owned())
}

// === impl Scenario ===

impl Scenario {
    async fn task(&self, task: usize) {
        for round in 1..=ROUNDS {
            let wait = self.event.wait();
            self.reach(task, round);
            wait.await;
        }
        self.reach(task, ROUNDS + 1);
    }

    fn reach(&self, task: usize, round: usize) {
        let mut reached = self.reached.lock().unwrap();
        reached[task] = round;
        if reached.iter().all(|&other| other >= round) {
            self.all_there.notify_all();
        }
    }

    /// Round 0 has no wait: it is over once every task has started.
    fn set_in_every_round(&self, round_over: &Sender<()>) {
        for round in 0..=ROUNDS {
            if round > 0 {
                self.event.set();
                self.event.clear();
            }
            let next_is_made = |reached: &mut [usize; TASKS]| reached.iter().any(|&at| at <= round);
            drop(self.all_there.wait_while(self.reached.lock().unwrap(), next_is_made).unwrap());
            // Nobody listens any more if the test has failed.
            let _ = round_over.send(());
        }
    }

    fn missing(&self, round: usize) -> String {
        let reached = self.reached.lock().unwrap();
        let tasks: Vec<_> = (0..TASKS).filter(|&task| reached[task] <= round).collect();
        format!(
            "not released in round {round} of {ROUNDS}: of {TASKS} tasks, those of index {tasks:?}"
        )
    }
}
