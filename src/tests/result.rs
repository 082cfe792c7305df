//! Models of `AsyncResult`: that one setter wins, and that a thread that sees the set may read.
//!
//! The outcome lies in a cell of loom's, which fails if a read of it can race with its write.

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::{Task, model, poll};
use crate::{AlreadySet, AsyncResult, Cancelled};

/// A result, and what its setters write before they set it.
struct Scene {
    result: AsyncResult<usize, Cancelled>,
    before: [AtomicUsize; 3],
}

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            result: AsyncResult::new(),
            before: [AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0)],
        })
    }

    /// Sets the result to `number`; returns whether it won. A loser reads the outcome immediately.
    fn set(&self, number: usize) -> bool {
        self.before[number].store(1, Relaxed);
        let Err(back) = self.result.set(number) else { return true };
        assert_eq!(back, AlreadySet(number));
        assert_ne!(self.read().expect("a loser finds the outcome"), number);
        false
    }

    /// The outcome, if it is there: then all that its setter did before is visible.
    fn read(&self) -> Option<usize> {
        let number = *self.result.get()?.expect("it is not cancelled");
        assert_eq!(self.before[number].load(Relaxed), 1);
        Some(number)
    }

    fn spawn_set(self: &Arc<Self>, number: usize) -> thread::JoinHandle<bool> {
        let scene = Arc::clone(self);
        thread::spawn(move || scene.set(number))
    }
}

/// Catches a setter that does not look again under the lock, one that sets before it has written,
/// one that sets without Release: `result_setter_does_not_look_again`,
/// `result_is_set_before_it_is_written`.
#[test]
fn of_two_setters_one_wins_and_loser_and_reader_find_its_value() {
    model(|| {
        let scene = Scene::new();
        let other = scene.spawn_set(1);
        let reader = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.read()
        });
        let won = scene.set(2);
        let read = reader.join().unwrap();
        assert_eq!(other.join().unwrap(), !won, "one of them wins");
        let winner = if won { 2 } else { 1 };
        assert_eq!(scene.read(), Some(winner));
        assert!(read.is_none_or(|read| read == winner), "it changed");
    });
}

/// Catches the same for a waiter, and a setter that wakes no waiter.
#[test]
fn waiter_of_two_setters_is_woken_once_and_reads_the_winners_value() {
    model(|| {
        let scene = Scene::new();
        let task = Task::new();
        let other = scene.spawn_set(1);
        let waiter = thread::spawn({
            let (scene, task) = (Arc::clone(&scene), Arc::clone(&task));
            move || {
                let mut wait = Box::pin(scene.result.wait());
                let mut polled = poll(wait.as_mut(), &task);
                let parked = polled.is_pending();
                while polled.is_pending() {
                    thread::yield_now();
                    polled = poll(wait.as_mut(), &task);
                }
                let core::task::Poll::Ready(Ok(&number)) = polled else { panic!("cancelled") };
                assert_eq!(scene.before[number].load(Relaxed), 1);
                (parked, number)
            }
        });
        let won = scene.set(2);
        assert_eq!(other.join().unwrap(), !won);
        let (parked, number) = waiter.join().unwrap();
        assert_eq!(number, if won { 2 } else { 1 });
        assert!(task.wakes() <= usize::from(parked));
    });
}

/// Catches a setter that wakes no waiter, since a wait that is polled but once must be woken if it
/// parked.
#[test]
fn parked_waiter_is_woken_by_the_set_that_it_did_not_see() {
    model(|| {
        let scene = Scene::new();
        let task = Task::new();
        let setter = scene.spawn_set(1);
        let mut wait = Box::pin(scene.result.wait());
        let ready = poll(wait.as_mut(), &task).is_ready();
        assert!(setter.join().unwrap());
        assert_eq!(task.wakes(), usize::from(!ready));
        assert!(poll(wait.as_mut(), &task).is_ready());
    });
}

/// Catches a cancelled future that overwrites what another has set, and one that sets nothing:
/// `result_setter_does_not_look_again`, `set_from_dropped_sets_nothing`.
#[test]
fn future_dropped_while_another_sets_the_result_leaves_one_outcome() {
    model(|| {
        let result = Arc::new(AsyncResult::<usize, Cancelled>::new());
        let resolve = Arc::clone(&result).set_from_owned(core::future::pending());
        let aborter = thread::spawn(move || drop(resolve));
        let won = result.set(1).is_ok();
        let read = result.get().expect("set, or cancelled").copied();
        aborter.join().unwrap();
        assert_eq!(read, if won { Ok(1) } else { Err(&Cancelled) });
        assert_eq!(result.get().unwrap().copied(), read, "it changed");
    });
}
