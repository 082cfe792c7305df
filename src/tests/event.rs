//! Models of `Event`: that no wake-up is lost, and what each ordering hands over.

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::{Task, model, poll};
use crate::Event;

/// An event, and what its setters write before they set it.
struct Scene {
    event: Arc<Event>,
    first: AtomicUsize,
    second: AtomicUsize,
}

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            event: Arc::new(Event::new()),
            first: AtomicUsize::new(0),
            second: AtomicUsize::new(0),
        })
    }

    fn spawn(self: &Arc<Self>, body: impl FnOnce(&Self) + 'static) -> thread::JoinHandle<()> {
        let scene = Arc::clone(self);
        thread::spawn(move || body(&scene))
    }
}

// === What happened before a set is visible ===

/// Catches `set` without Release, WOKEN stored or read without its ordering, a poll or a parking
/// wait that reads the word without Acquire.
#[test]
fn writes_before_set_are_visible_after_wait() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        let task = Task::new();
        let setter = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.event.set();
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

/// Catches a wait that learns of the set only when it changes its waker, without the lock:
/// `repoll_writes_unlocked`.
#[test]
fn writes_before_set_are_visible_after_a_poll_with_another_waker() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        assert!(poll(wait.as_mut(), &Task::new()).is_pending());
        let setter = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.event.set();
        });
        if poll(wait.as_mut(), &Task::new()).is_ready() {
            assert_eq!(scene.first.load(Relaxed), 1);
        }
        drop(wait);
        setter.join().unwrap();
    });
}

/// Catches `pulse` without Release.
#[test]
fn writes_before_pulse_are_visible_after_wait() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        let task = Task::new();
        let setter = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.event.pulse();
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
            scene.event.set();
        });
        if scene.event.is_set() {
            assert_eq!(scene.first.load(Relaxed), 1);
        }
        setter.join().unwrap();
    });
}

/// Catches `wait` without Acquire, for a wait that is complete from birth.
#[test]
fn writes_before_set_are_visible_to_a_wait_that_is_complete_from_birth() {
    model(|| {
        let scene = Scene::new();
        let setter = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.event.set();
        });
        let mut wait = Box::pin(scene.event.wait());
        if poll(wait.as_mut(), &Task::new()).is_ready() {
            assert_eq!(scene.first.load(Relaxed), 1);
        }
        drop(wait);
        setter.join().unwrap();
    });
}

/// Catches a wait that completes by the generation alone and does not see the set that came and
/// went: `clear_stores` (a `clear` that is not a read-modify-write ends the release sequence).
#[test]
fn writes_before_set_are_visible_after_wait_when_cleared_in_between() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        let setter = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.event.set();
        });
        let clearer = scene.spawn(|scene| {
            scene.event.clear();
        });
        if poll(wait.as_mut(), &Task::new()).is_ready() {
            assert_eq!(scene.first.load(Relaxed), 1);
        }
        setter.join().unwrap();
        clearer.join().unwrap();
        drop(wait);
    });
}

/// Catches a redundant `set` that only loads, and `clear` without Acquire: `redundant_set_loads`.
#[test]
fn clear_sees_what_came_before_every_set_that_it_absorbed() {
    model(|| {
        let scene = Scene::new();
        let one = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.event.set();
        });
        let two = scene.spawn(|scene| {
            scene.second.store(1, Relaxed);
            scene.event.set();
        });
        let cleared = scene.event.clear();
        let seen = (scene.first.load(Relaxed), scene.second.load(Relaxed));
        one.join().unwrap();
        two.join().unwrap();
        // Nothing is left, so the first `clear` took both.
        if cleared && !scene.event.clear() {
            assert_eq!(seen, (1, 1));
        }
    });
}

/// Catches a drain without Acquire, which pops a waiter that an earlier set released.
#[test]
fn writes_before_a_set_are_visible_to_waiters_that_a_later_set_pops() {
    later_set_pops(Event::set);
}

/// Catches the same of `pulse`.
#[test]
fn writes_before_a_set_are_visible_to_waiters_that_a_later_pulse_pops() {
    later_set_pops(Event::pulse);
}

fn later_set_pops(later: fn(&Event)) {
    model(move || {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        let task = Task::new();
        assert!(poll(wait.as_mut(), &task).is_pending());
        let earlier = scene.spawn(|scene| {
            scene.first.store(1, Relaxed);
            scene.event.set();
        });
        let clearer = scene.spawn(|scene| {
            if scene.event.clear() {
                scene.second.store(1, Relaxed);
            }
        });
        let later = scene.spawn(move |scene| {
            // What was cleared can only be the earlier set, so this one is later.
            if scene.second.load(Relaxed) == 1 {
                later(&scene.event);
            }
        });
        if poll(wait.as_mut(), &task).is_ready() {
            assert_eq!(scene.first.load(Relaxed), 1);
        }
        drop(wait);
        for thread in [earlier, clearer, later] {
            thread.join().unwrap();
        }
    });
}

// === No wake-up is lost ===

/// Catches `set` reading WAITERS in a load before its read-modify-write, a wait that parks without
/// looking again, one that parks without WAITERS: `set_reads_waiters_separately`,
/// `park_does_not_look_again`.
#[test]
fn parked_waiter_is_woken_once_by_a_set_that_it_did_not_see() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        let task = Task::new();
        let setter = scene.spawn(|scene| scene.event.set());
        let ready = poll(wait.as_mut(), &task).is_ready();
        setter.join().unwrap();
        assert_eq!(task.wakes(), usize::from(!ready));
        assert!(poll(wait.as_mut(), &task).is_ready());
    });
}

/// Catches a parking wait that, under the lock, looks at SET but not at the generation:
/// `park_ignores_the_generation`.
#[test]
fn parked_waiter_is_woken_once_by_a_pulse_that_it_did_not_see() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        let task = Task::new();
        let setter = scene.spawn(|scene| scene.event.pulse());
        let ready = poll(wait.as_mut(), &task).is_ready();
        setter.join().unwrap();
        assert_eq!(task.wakes(), usize::from(!ready));
        assert!(poll(wait.as_mut(), &task).is_ready());
    });
}

/// Catches a parking wait that finds WAITERS there and does not look at the rest of the word: it
/// would stand behind a newer wait, where no set looks for it: `park_trusts_waiters`.
#[test]
fn waiter_of_the_generation_before_does_not_park_behind_a_newer_one() {
    model(|| {
        let scene = Scene::new();
        let mut wait = Box::pin(scene.event.wait());
        let task = Task::new();
        let pulser = thread::spawn({
            let event = Arc::clone(&scene.event);
            move || {
                event.pulse();
                let mut newer = Box::pin(event.wait_owned());
                assert!(poll(newer.as_mut(), &Task::new()).is_pending());
                newer
            }
        });
        let ready = poll(wait.as_mut(), &task).is_ready();
        let newer = pulser.join().unwrap();
        assert_eq!(task.wakes(), usize::from(!ready));
        assert!(poll(wait.as_mut(), &task).is_ready());
        drop(newer);
    });
}

/// Catches a leaver that clears WAITERS while others stay.
#[test]
fn parked_waiter_is_woken_although_another_leaves() {
    model(|| {
        let scene = Scene::new();
        let (stays, leaves) = (Task::new(), Task::new());
        let mut stayer = Box::pin(scene.event.wait());
        assert!(poll(stayer.as_mut(), &stays).is_pending());
        let leaver = scene.spawn(move |scene| {
            let mut wait = Box::pin(scene.event.wait());
            let _ = poll(wait.as_mut(), &leaves);
        });
        let setter = scene.spawn(|scene| scene.event.pulse());
        leaver.join().unwrap();
        setter.join().unwrap();
        assert_eq!(stays.wakes(), 1);
        assert!(poll(stayer.as_mut(), &stays).is_ready());
    });
}

/// Catches a parking wait that trusts a WAITERS that the last waiter to leave clears:
/// `settle_unlocked`.
#[test]
fn newcomer_is_woken_although_the_last_before_it_leaves() {
    model(|| {
        let scene = Scene::new();
        let (comes, leaves) = (Task::new(), Task::new());
        let mut leaver = Box::pin(scene.event.wait());
        assert!(poll(leaver.as_mut(), &leaves).is_pending());
        let setter = scene.spawn(move |scene| {
            let mut newcomer = Box::pin(scene.event.wait());
            let pending = poll(newcomer.as_mut(), &comes).is_pending();
            scene.event.set();
            assert_eq!(comes.wakes(), usize::from(pending));
        });
        drop(leaver);
        setter.join().unwrap();
    });
}

/// Catches a wait that changes its waker although it was popped, or without the lock:
/// `repoll_does_not_look`, `repoll_writes_unlocked`.
#[test]
fn waiter_that_changes_its_waker_is_woken_through_the_new_one_or_is_ready() {
    model(|| {
        let scene = Scene::new();
        let (old, new) = (Task::new(), Task::new());
        let mut wait = Box::pin(scene.event.wait());
        assert!(poll(wait.as_mut(), &old).is_pending());
        let setter = scene.spawn(|scene| scene.event.set());
        let ready = poll(wait.as_mut(), &new).is_ready();
        setter.join().unwrap();
        if !ready {
            assert_eq!((old.wakes(), new.wakes()), (0, 1));
        }
        assert!(old.wakes() + new.wakes() <= 1);
        drop(wait);
        assert_eq!((Arc::strong_count(&old), Arc::strong_count(&new)), (1, 1));
    });
}

/// Catches a re-poll that compares wakers of a node whose cell another thread writes: `pop_clears_waker`.
#[test]
fn waiter_that_keeps_its_waker_is_woken_or_is_ready() {
    model(|| {
        let scene = Scene::new();
        let task = Task::new();
        let mut wait = Box::pin(scene.event.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        let setter = scene.spawn(|scene| scene.event.set());
        let ready = poll(wait.as_mut(), &task).is_ready();
        setter.join().unwrap();
        assert!(ready || task.wakes() == 1);
        assert!(task.wakes() <= 1);
        drop(wait);
        assert_eq!(Arc::strong_count(&task), 1);
    });
}

/// Catches a cancelled wait whose waker is dropped twice or never, or that stays in the list:
/// `remove_does_not_look`.
#[test]
fn wait_dropped_while_the_set_comes_is_woken_at_most_once_and_leaves_no_waker() {
    model(|| {
        let scene = Scene::new();
        let (task, other) = (Task::new(), Task::new());
        let mut wait = Box::pin(scene.event.wait());
        let mut behind = Box::pin(scene.event.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        assert!(poll(behind.as_mut(), &other).is_pending());
        let setter = scene.spawn(|scene| scene.event.set());
        drop(wait);
        setter.join().unwrap();
        assert!(task.wakes() <= 1);
        assert_eq!(Arc::strong_count(&task), 1);
        assert_eq!(other.wakes(), 1);
    });
}

/// Catches a `set` that leaves the rest to the other: `set_wakes_one_batch`.
#[test]
fn two_concurrent_sets_wake_every_waiter_once() {
    model(|| {
        let scene = Scene::new();
        let tasks = [Task::new(), Task::new(), Task::new()];
        let mut waits = [(); 3].map(|()| Box::pin(scene.event.wait()));
        for (wait, task) in waits.iter_mut().zip(&tasks) {
            assert!(poll(wait.as_mut(), task).is_pending());
        }
        let other = scene.spawn(|scene| scene.event.set());
        scene.event.set();
        other.join().unwrap();
        for (wait, task) in waits.iter_mut().zip(&tasks) {
            assert_eq!(task.wakes(), 1);
            assert!(poll(wait.as_mut(), task).is_ready());
        }
    });
}

/// Catches a drain that does not look at stamps: `set_ignores_stamps`.
#[test]
fn waiter_that_came_after_the_clear_is_not_woken_by_the_set_before() {
    model(|| {
        let scene = Scene::new();
        let (early, late) = (Task::new(), Task::new());
        let mut before = Box::pin(scene.event.wait());
        assert!(poll(before.as_mut(), &early).is_pending());
        let setter = scene.spawn(|scene| scene.event.set());
        let cleared = scene.event.clear();
        let mut after = Box::pin(scene.event.wait());
        let pending = poll(after.as_mut(), &late).is_pending();
        setter.join().unwrap();
        assert_eq!(early.wakes(), 1);
        if cleared {
            assert!(pending);
            assert_eq!(late.wakes(), 0);
        }
    });
}
