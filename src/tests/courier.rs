//! Models of a flag with its slot and courier, from `set` to the waker: what a handler, a parking
//! wait and the courier publish to each other before they share a lock.
//!
//! The models run the courier's rounds themselves; descriptor and processes are
//! [mocks](super::mocks).

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::{Task, mocks, model, poll};
use crate::raw::courier::station::Station;
use crate::{FlagWait, ThreadSafeFlag};

/// Does what the courier of this process does when its descriptor is set.
fn attend() {
    let station = Station::started().expect("no system call is made");
    if let Some(wake_fd) = station.wake_fd().filter(|wake_fd| wake_fd.is_set()) {
        station.round(wake_fd);
    }
}

/// A flag, and what its setter writes before it sets it.
struct Scene {
    flag: Arc<ThreadSafeFlag>,
    payload: AtomicUsize,
}

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self { flag: Arc::new(ThreadSafeFlag::new()), payload: AtomicUsize::new(0) })
    }

    /// Does what a handler does.
    fn set(self: &Arc<Self>) -> thread::JoinHandle<()> {
        let scene = Arc::clone(self);
        thread::spawn(move || {
            scene.payload.store(1, Relaxed);
            scene.flag.set();
        })
    }

    fn wait(&self) -> core::pin::Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>> {
        Box::pin(Arc::clone(&self.flag).wait_owned())
    }

    /// Parks two waits at the same time, each on a thread of its own, and checks that each of two sets wakes
    /// one.
    fn two_park_at_once(self: &Arc<Self>) {
        let park = |scene: &Arc<Self>| {
            let (mut wait, task) = (scene.wait(), Task::new());
            assert!(poll(wait.as_mut(), &task).is_pending());
            (wait, task)
        };
        let other = thread::spawn({
            let scene = Arc::clone(self);
            move || park(&scene)
        });
        let mut waits = vec![park(self), other.join().unwrap()];
        while !waits.is_empty() {
            self.flag.set();
            attend();
            let woken = waits.iter().position(|(_, task)| task.wakes() == 1);
            let (mut wait, task) = waits.swap_remove(woken.expect("each set wakes one"));
            assert!(poll(wait.as_mut(), &task).is_ready());
            assert!(!self.flag.is_set());
        }
    }
}

/// Catches a setter that sees a waiter, but not its slot: `set_word` without Acquire, or a parking
/// wait that sets WAITERS without Release.
#[test]
fn first_wait_of_a_flag_is_woken_by_the_courier_for_a_set_that_it_did_not_see() {
    model(|| {
        let scene = Scene::new();
        let (mut wait, task) = (scene.wait(), Task::new());
        let setter = scene.set();
        let ready = poll(wait.as_mut(), &task).is_ready();
        attend();
        setter.join().unwrap();
        attend();
        assert_eq!(task.wakes(), usize::from(!ready));
        assert!(ready || poll(wait.as_mut(), &task).is_ready());
        assert_eq!(scene.payload.load(Relaxed), 1);
    });
}

/// Catches two that park in a slot each: `slot_of_a_loser_is_used`. And one that uses the other's
/// slot, station or descriptor without synchronizing with its creation: published without Release,
/// or found without Acquire.
#[test]
fn two_first_waits_of_a_flag_stand_in_one_queue() {
    model(|| Scene::new().two_park_at_once());
}

/// Catches a child's wait that mistakes another's, in the slot that both need now, for one that the
/// parent left: `child_takes_its_own_wait_for_its_parents`, or `FlagQueue::list` without Acquire.
#[test]
fn two_first_waits_in_a_child_of_a_flag_that_its_parent_has_used_stand_in_one_queue() {
    model(|| {
        let scene = Scene::new();
        let mut parents = scene.wait();
        assert!(poll(parents.as_mut(), &Task::new()).is_pending());
        drop(parents);
        mocks::fork();
        scene.two_park_at_once();
    });
}

/// Catches a courier whose descriptor is published without Release, or found without Acquire.
#[test]
fn flag_is_set_through_the_descriptor_of_a_courier_that_another_thread_starts() {
    model(|| {
        let starter = thread::spawn(|| _ = Station::started().expect("no system call is made"));
        let (scene, task) = (Scene::new(), Task::new());
        let mut wait = scene.wait();
        assert!(poll(wait.as_mut(), &task).is_pending());
        scene.flag.set();
        starter.join().unwrap();
        attend();
        assert_eq!(task.wakes(), 1);
        assert!(poll(wait.as_mut(), &task).is_ready());
    });
}
