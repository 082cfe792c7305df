//! Models of `ThreadSafeFlag`, by `set_direct`: that every set finds its waiter, and what each ordering
//! hands over. Slot and courier have models of their own, and `set` goes through both in `courier`.

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::{Task, model, poll};
use crate::ThreadSafeFlag;

/// A flag, and what its setters write before they set it.
struct Scene {
    flag: ThreadSafeFlag,
    first: AtomicUsize,
    second: AtomicUsize,
}

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            flag: ThreadSafeFlag::new(),
            first: AtomicUsize::new(0),
            second: AtomicUsize::new(0),
        })
    }

    fn spawn<T: 'static>(
        self: &Arc<Self>,
        body: impl FnOnce(&Self) -> T + 'static,
    ) -> thread::JoinHandle<T> {
        let scene = Arc::clone(self);
        thread::spawn(move || body(&scene))
    }
}

/// Catches `set` without Release, and a wait that takes SET without Acquire, in each of three
/// places.
#[test]
fn writes_before_set_are_visible_to_the_wait_that_takes_it() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.flag.wait());
        let task = Task::new();
        let setter = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.flag.set_direct();
        });
        for _ in 0..3 {
            if poll(wait.as_mut(), &task).is_ready() {
                assert_eq!(scene.first.load(Relaxed), 1);
                break;
            }
        }
        setter.join().unwrap();
    });
}

/// Catches `is_set` without Acquire.
#[test]
fn writes_before_set_are_visible_after_is_set() {
    model(|| {
        let scene = Scene::new();
        let setter = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.flag.set_direct();
        });
        if scene.flag.is_set() {
            assert_eq!(scene.first.load(Relaxed), 1);
        }
        setter.join().unwrap();
    });
}

/// Catches a redundant `set` that only loads: `flag_redundant_set_loads`.
#[test]
fn wait_sees_what_came_before_every_set_that_it_absorbed() {
    model(|| {
        let scene = Scene::new();
        let one = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.flag.set_direct();
        });
        let two = scene.spawn(|scene| {
            scene.second.store(1, Relaxed);
            scene.flag.set_direct();
        });
        let mut wait = Box::pin(scene.flag.wait());
        let taken = poll(wait.as_mut(), &Task::new()).is_ready();
        let seen = (scene.first.load(Relaxed), scene.second.load(Relaxed));
        one.join().unwrap();
        two.join().unwrap();
        // Nothing is left, so the wait took both.
        if taken && !scene.flag.is_set() {
            assert_eq!(seen, (1, 1));
        }
    });
}

/// Catches `set` reading WAITERS in a load before its read-modify-write, a wait that parks without
/// looking again, one that parks without WAITERS: `flag_set_reads_waiters_separately`,
/// `flag_park_does_not_look_again`.
#[test]
fn parked_waiter_is_notified_once_by_a_set_that_it_did_not_see() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.flag.wait());
        let task = Task::new();
        let setter = scene.spawn(|scene| scene.flag.set_direct());
        let ready = poll(wait.as_mut(), &task).is_ready();
        setter.join().unwrap();
        if !ready {
            assert_eq!(task.wakes(), 1);
            assert!(poll(wait.as_mut(), &task).is_ready());
        }
        assert!(!scene.flag.is_set());
    });
}

/// Catches a wait that is polled while it is called, and loses the call or the set:
/// `flag_head_looks_unlocked`.
#[test]
fn head_polled_while_it_is_notified_takes_the_set_or_is_woken() {
    model(|| {
        let scene = Scene::new();
        let (old, new) = (Task::new(), Task::new());
        let mut wait = Box::pin(scene.flag.wait());
        assert!(poll(wait.as_mut(), &old).is_pending());
        let setter = scene.spawn(|scene| scene.flag.set_direct());
        let ready = poll(wait.as_mut(), &new).is_ready();
        setter.join().unwrap();
        if !ready {
            assert_eq!(new.wakes(), 1);
            assert!(poll(wait.as_mut(), &new).is_ready());
        }
        drop(wait);
        assert_eq!((Arc::strong_count(&old), Arc::strong_count(&new)), (1, 1));
    });
}

/// Catches a head that leaves with a set that is for the next: `flag_leaver_calls_nobody`.
#[test]
fn head_that_leaves_passes_its_place_on() {
    model(|| {
        let scene = Scene::new();
        let (first, second) = (Task::new(), Task::new());
        let mut head = Box::pin(scene.flag.wait());
        let mut next = Box::pin(scene.flag.wait());
        assert!(poll(head.as_mut(), &first).is_pending());
        assert!(poll(next.as_mut(), &second).is_pending());
        let setter = scene.spawn(|scene| scene.flag.set_direct());
        drop(head);
        setter.join().unwrap();
        assert_eq!(second.wakes(), 1);
        assert!(poll(next.as_mut(), &second).is_ready());
        assert_eq!(Arc::strong_count(&first), 1);
    });
}

/// Catches two waits that take one set, and a set that no wait consumes: `newcomer_overtakes`.
#[test]
fn two_sets_release_two_waits_at_most_and_no_waiter_sleeps_beside_a_set() {
    model(|| {
        let scene = Scene::new();
        let (first, second) = (Task::new(), Task::new());
        let mut head = Box::pin(scene.flag.wait());
        assert!(poll(head.as_mut(), &first).is_pending());
        let setter = scene.spawn(|scene| scene.flag.set_direct());
        let mut next = Box::pin(scene.flag.wait());
        let overtook = poll(next.as_mut(), &second).is_ready();
        setter.join().unwrap();
        assert!(!overtook, "the head was there before");
        assert_eq!(first.wakes(), 1);
        assert!(poll(head.as_mut(), &first).is_ready());
        assert!(poll(next.as_mut(), &second).is_pending());
        scene.flag.set_direct();
        assert_eq!(second.wakes(), 1);
        assert!(poll(next.as_mut(), &second).is_ready());
    });
}

/// Catches a leaver that clears WAITERS outside the lock: `flag_settle_unlocked`.
#[test]
fn newcomer_is_notified_although_the_last_before_it_leaves() {
    model(|| {
        let flag = Arc::new(ThreadSafeFlag::new());
        let (comes, leaves) = (Task::new(), Task::new());
        let mut leaver = Box::pin(Arc::clone(&flag).wait_owned());
        assert!(poll(leaver.as_mut(), &leaves).is_pending());
        let coming = thread::spawn({
            let (flag, comes) = (Arc::clone(&flag), Arc::clone(&comes));
            move || {
                let mut newcomer = Box::pin(Arc::clone(&flag).wait_owned());
                assert!(poll(newcomer.as_mut(), &comes).is_pending());
                flag.set_direct();
                newcomer
            }
        });
        drop(leaver);
        let mut newcomer = coming.join().unwrap();
        // By the set, or by the one that left.
        assert_eq!(comes.wakes(), 1);
        assert!(poll(newcomer.as_mut(), &comes).is_ready());
        assert!(!flag.queue.has_waiters());
    });
}

/// Catches a called head that takes a `clear` for its set, or a set that comes after the `clear` and
/// finds no waiter to notify: `notified_head_is_not_rearmed`.
#[test]
fn set_after_a_clear_finds_the_head_that_was_notified_before() {
    model(|| {
        let scene = Scene::new();
        let task = Task::new();
        let mut wait = Box::pin(scene.flag.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        scene.flag.set_direct();
        let other = scene.spawn(|scene| {
            scene.flag.clear();
            scene.flag.set_direct();
        });
        let ready = poll(wait.as_mut(), &task).is_ready();
        other.join().unwrap();
        if !ready {
            assert_eq!(task.wakes(), 2);
            assert!(poll(wait.as_mut(), &task).is_ready());
        }
    });
}

/// Catches a `clear` that looks, and then does not ask what it took.
#[test]
fn set_that_two_clears_see_is_reset_by_one_of_them() {
    model(|| {
        let scene = Scene::new();
        scene.flag.set_direct();
        let other = scene.spawn(|scene| scene.flag.clear());
        let cleared = scene.flag.clear();
        assert_ne!(other.join().unwrap(), cleared);
        assert!(!scene.flag.is_set());
    });
}

/// Catches the same as the one above, where it costs most: the set that a `clear` has taken back is
/// reported by a wait as well.
#[test]
fn set_is_taken_by_the_notified_head_or_by_a_clear() {
    model(|| {
        let scene = Scene::new();
        let task = Task::new();
        let mut wait = Box::pin(scene.flag.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        scene.flag.set_direct();
        let other = scene.spawn(|scene| scene.flag.clear());
        let ready = poll(wait.as_mut(), &task).is_ready();
        assert_ne!(other.join().unwrap(), ready);
    });
}
