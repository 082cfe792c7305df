//! What dropping a wait does, a test a cell of a table. First that of `Event`:
//!
//! | the wait is       | event untouched | set since | set and cleared since | pulsed since |
//! |-------------------|:---------------:|:---------:|:---------------------:|:------------:|
//! | created, unpolled |        ×        |     ×     |           ×           |      ×       |
//! | complete at birth |        –        |     ×     |           ×           |      ×       |
//! | parked            |        ×        |     ×     |           ×           |      ×       |
//! | woken, unpolled   |        –        |     ×     |           ×           |      ×       |
//! | reported          |        –        |     ×     |           ×           |      ×       |
//!
//! "Parked, set since" is a wait that the drain of that `set` has not reached yet: it is dropped in
//! the wake-up of one before it.
//!
//! Everywhere: nobody else loses a wake-up, no waker is left behind, the queue is whole, and a wait
//! made anew is complete if and only if the event is set: an unreported release dies with its
//! future once the event was cleared (promise 17).
//!
//! Then that of `ThreadSafeFlag`, in `flag` below, where dropping loses nothing at all.

#![cfg(feature = "std")]

mod common;

use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;

use common::{Foreign, MORE_THAN_A_BATCH, Task, has_waiters, park, parked, poll};
use reveille::{Event, EventWait};

/// What happens to the event while the wait exists.
#[derive(Clone, Copy)]
enum Since {
    Nothing,
    Set,
    Cleared,
    Pulsed,
}

/// An event with a bystander parked before and one behind the wait that is to be cancelled.
struct Scene {
    event: Arc<Event>,
    victim: Arc<Task>,
    bystander: Arc<Task>,
}

impl Scene {
    fn new() -> Self {
        Self { event: Arc::new(Event::new()), victim: Task::new(), bystander: Task::new() }
    }

    fn happen(&self, since: Since) {
        match since {
            Since::Nothing => {}
            Since::Set => self.event.set(),
            Since::Cleared => {
                self.event.set();
                assert!(self.event.clear());
            }
            Since::Pulsed => self.event.pulse(),
        }
    }

    fn wait(&self) -> Pin<Box<EventWait<Arc<Event>>>> {
        Box::pin(self.event.clone().wait_owned())
    }

    fn parked(&self) -> Pin<Box<EventWait<Arc<Event>>>> {
        parked(self.event.clone().wait_owned(), &self.victim)
    }

    /// After the drop: what holds in every cell.
    fn check(&self, victim_wakes: usize, is_set: bool) {
        assert_eq!(self.victim.wakes(), victim_wakes, "wakes of the dropped wait");
        assert_eq!(self.victim.live(), 0, "wakers left behind");
        assert!(!has_waiters(&self.event), "the queue is empty and known to be");
        assert_eq!(self.event.is_set(), is_set);
        let mut anew = self.wait();
        assert_eq!(poll(anew.as_mut(), &self.victim).is_ready(), is_set);
        drop(anew);
        self.event.clear();
        // The queue still works.
        let others: Vec<_> = (0..3).map(|_| park(&self.event, &self.bystander)).collect();
        let before = self.bystander.wakes();
        self.event.pulse();
        assert_eq!(self.bystander.wakes() - before, 3);
        drop(others);
    }
}

fn drop_created(since: Since, is_set: bool) {
    let scene = Scene::new();
    let before = park(&scene.event, &scene.bystander);
    let wait = scene.wait();
    let behind = park(&scene.event, &scene.bystander);
    scene.happen(since);
    drop(wait);
    let woken = if matches!(since, Since::Nothing) { 0 } else { 2 };
    assert_eq!(scene.bystander.wakes(), woken);
    drop((before, behind));
    scene.check(0, is_set);
}

#[test]
fn created_wait_dropped_on_an_untouched_event() {
    drop_created(Since::Nothing, false);
}

#[test]
fn created_wait_dropped_after_a_set() {
    drop_created(Since::Set, true);
}

#[test]
fn created_wait_dropped_after_set_and_clear() {
    drop_created(Since::Cleared, false);
}

#[test]
fn created_wait_dropped_after_a_pulse() {
    drop_created(Since::Pulsed, false);
}

fn drop_born_complete(since: Since, is_set: bool) {
    let scene = Scene::new();
    scene.event.set();
    let wait = scene.wait();
    scene.happen(since);
    drop(wait);
    scene.check(0, is_set);
}

#[test]
fn wait_complete_at_birth_dropped_while_set() {
    drop_born_complete(Since::Set, true);
}

#[test]
fn wait_complete_at_birth_dropped_after_the_clear() {
    drop_born_complete(Since::Cleared, false);
}

#[test]
fn wait_complete_at_birth_dropped_after_a_pulse() {
    drop_born_complete(Since::Pulsed, false);
}

#[test]
fn parked_wait_dropped_on_an_untouched_event_from_head_middle_and_tail() {
    for place in 0..3 {
        let scene = Scene::new();
        let mut waits = Vec::new();
        let mut victim = None;
        for number in 0..3 {
            if number == place {
                victim = Some(scene.parked());
            } else {
                waits.push(park(&scene.event, &scene.bystander));
            }
        }
        drop(victim);
        scene.event.set();
        assert_eq!(scene.bystander.wakes(), 2);
        drop(waits);
        scene.check(0, true);
    }
}

/// Drops a parked wait that the drain has not reached: in the first waiter's `wake`, more than a
/// batch ahead of it.
fn drop_parked(since: Since, is_set: bool) {
    let scene = Scene::new();
    let first = Arc::new(Foreign::default());
    let mut first_wait = scene.wait();
    let waker = first.waker();
    assert!(first_wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let ahead: Vec<_> =
        (0..MORE_THAN_A_BATCH).map(|_| park(&scene.event, &scene.bystander)).collect();
    let victim = scene.parked();
    let behind = park(&scene.event, &scene.bystander);
    *first.on_wake.lock().unwrap() = Some(Box::new({
        let event = scene.event.clone();
        move || {
            // The event is set here, or was by `pulse`.
            if matches!(since, Since::Cleared) {
                assert!(event.clear());
            }
            drop(victim);
        }
    }));
    match since {
        Since::Pulsed => scene.event.pulse(),
        _ => scene.event.set(),
    }
    assert!(first.on_wake.lock().unwrap().is_none(), "it ran");
    assert_eq!(scene.bystander.wakes(), MORE_THAN_A_BATCH + 1);
    drop((ahead, behind, first_wait));
    scene.check(0, is_set);
}

#[test]
fn parked_wait_dropped_before_the_set_reaches_it() {
    drop_parked(Since::Set, true);
}

#[test]
fn parked_wait_dropped_after_set_and_clear_before_the_set_reaches_it() {
    drop_parked(Since::Cleared, false);
}

#[test]
fn parked_wait_dropped_before_the_pulse_reaches_it() {
    drop_parked(Since::Pulsed, false);
}

fn drop_woken(since: Since, is_set: bool, report: bool) {
    let scene = Scene::new();
    let before = park(&scene.event, &scene.bystander);
    let mut wait = scene.parked();
    let behind = park(&scene.event, &scene.bystander);
    scene.happen(since);
    if report {
        assert!(poll(wait.as_mut(), &scene.victim).is_ready());
    }
    drop(wait);
    assert_eq!(scene.bystander.wakes(), 2);
    drop((before, behind));
    scene.check(1, is_set);
}

#[test]
fn woken_wait_dropped_unpolled_while_set() {
    drop_woken(Since::Set, true, false);
}

#[test]
fn woken_wait_dropped_unpolled_after_the_clear() {
    drop_woken(Since::Cleared, false, false);
}

#[test]
fn woken_wait_dropped_unpolled_after_a_pulse() {
    drop_woken(Since::Pulsed, false, false);
}

#[test]
fn reported_wait_dropped_while_set() {
    drop_woken(Since::Set, true, true);
}

#[test]
fn reported_wait_dropped_after_the_clear() {
    drop_woken(Since::Cleared, false, true);
}

#[test]
fn reported_wait_dropped_after_a_pulse() {
    drop_woken(Since::Pulsed, false, true);
}

/// What dropping a wait of a `ThreadSafeFlag` does:
///
/// | the wait is                | flag untouched | set since | set and cleared since |
/// |----------------------------|:--------------:|:---------:|:---------------------:|
/// | created, unpolled          |       ×        |     ×     |           ×           |
/// | parked, the head           |       ×        |     ×     |           ×           |
/// | called: the head, unpolled |       –        |     ×     |           ×           |
/// | queued behind another      |       ×        |     ×     |           ×           |
/// | reported                   |       ×        |     ×     |           ×           |
///
/// "Parked, set since" is a head that the courier has not called yet; "parked, set and cleared since"
/// one that was called, and has looked. "Reported, untouched" means since it took its set.
///
/// Everywhere: a set that is there goes to the next in the queue, which is woken for it if it was not
/// woken already, or stays if there is none; no waker is left behind, the queue is whole, and
/// nobody else is released (promises 10, 11 and 17).
mod flag {
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};

    use reveille::{FlagWait, ThreadSafeFlag};

    use super::common::{Task, parked, poll};

    /// What happens to the flag while the wait exists.
    #[derive(Clone, Copy)]
    enum Since {
        Nothing,
        Set,
        Cleared,
    }

    /// A flag, the wait that is to be dropped, and two bystanders: `next` in the queue, and `last`.
    struct Scene {
        flag: Arc<ThreadSafeFlag>,
        victim: Arc<Task>,
        next: Arc<Task>,
        last: Arc<Task>,
    }

    fn has_waiters(flag: &ThreadSafeFlag) -> bool {
        format!("{flag:?}").contains("has_waiters: true")
    }

    impl Scene {
        fn new() -> Self {
            // Kept for ever: a flag that gets the slot of one that was `set` counts a wake too many.
            static KEPT: Mutex<Vec<Arc<ThreadSafeFlag>>> = Mutex::new(Vec::new());
            let flag = Arc::new(ThreadSafeFlag::new());
            KEPT.lock().unwrap().push(flag.clone());
            Self { flag, victim: Task::new(), next: Task::new(), last: Task::new() }
        }

        fn happen(&self, since: Since) {
            match since {
                Since::Nothing => {}
                Since::Set => self.flag.set_direct(),
                Since::Cleared => {
                    self.flag.set_direct();
                    assert!(self.flag.clear());
                }
            }
        }

        fn wait(&self) -> Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>> {
            Box::pin(self.flag.clone().wait_owned())
        }

        fn park(&self, task: &Arc<Task>) -> Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>> {
            parked(self.flag.clone().wait_owned(), task)
        }

        /// After the drop: `next` and `last` are the queue. Of the set, if there is one, `next` has
        /// been told; then everybody is released in turn.
        fn check(
            &self,
            victim_wakes: usize,
            is_set: bool,
            mut next: Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>>,
            mut last: Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>>,
        ) {
            assert_eq!(self.victim.wakes(), victim_wakes, "wakes of the dropped wait");
            assert_eq!(self.victim.live(), 0, "wakers left behind");
            assert_eq!(self.flag.is_set(), is_set);
            assert!(poll(last.as_mut(), &self.last).is_pending(), "it is not its turn");
            assert_eq!(poll(next.as_mut(), &self.next).is_ready(), is_set);
            assert!(!self.flag.is_set());
            if !is_set {
                let before = self.next.wakes();
                self.flag.set_direct();
                assert_eq!(self.next.wakes(), before + 1);
                assert!(poll(next.as_mut(), &self.next).is_ready());
            }
            assert_eq!(self.last.wakes(), 0);
            self.flag.set_direct();
            assert_eq!(self.last.wakes(), 1);
            assert!(poll(last.as_mut(), &self.last).is_ready());
            drop((next, last));
            self.check_alone(victim_wakes, false);
        }

        /// After the drop: nobody waits. The set, if there is one, is for a newcomer.
        fn check_alone(&self, victim_wakes: usize, is_set: bool) {
            assert_eq!(self.victim.wakes(), victim_wakes, "wakes of the dropped wait");
            assert_eq!(self.victim.live(), 0, "wakers left behind");
            assert!(!has_waiters(&self.flag), "the queue is empty and known to be");
            assert_eq!(self.flag.is_set(), is_set);
            let mut anew = self.wait();
            assert_eq!(poll(anew.as_mut(), &self.victim).is_ready(), is_set);
            drop(anew);
            assert!(!self.flag.is_set());
            // The queue still works.
            let task = Task::new();
            let mut wait = self.park(&task);
            self.flag.set_direct();
            assert_eq!(task.wakes(), 1);
            assert!(poll(wait.as_mut(), &task).is_ready());
        }
    }

    fn drop_created(since: Since, is_set: bool) {
        let scene = Scene::new();
        let wait = scene.wait();
        scene.happen(since);
        drop(wait);
        scene.check_alone(0, is_set);

        let scene = Scene::new();
        let next = scene.park(&scene.next);
        let wait = scene.wait();
        let last = scene.park(&scene.last);
        scene.happen(since);
        let woken = scene.next.wakes();
        drop(wait);
        assert_eq!((scene.next.wakes(), scene.last.wakes()), (woken, 0));
        scene.check(0, is_set, next, last);
    }

    #[test]
    fn created_wait_dropped_on_an_untouched_flag() {
        drop_created(Since::Nothing, false);
    }

    #[test]
    fn created_wait_dropped_after_a_set() {
        drop_created(Since::Set, true);
    }

    #[test]
    fn created_wait_dropped_after_set_and_clear() {
        drop_created(Since::Cleared, false);
    }

    #[test]
    fn parked_head_dropped_on_an_untouched_flag() {
        let scene = Scene::new();
        drop(scene.park(&scene.victim));
        scene.check_alone(0, false);

        let scene = Scene::new();
        let wait = scene.park(&scene.victim);
        let (next, last) = (scene.park(&scene.next), scene.park(&scene.last));
        drop(wait);
        assert_eq!((scene.next.wakes(), scene.last.wakes()), (0, 0));
        scene.check(0, false, next, last);
    }

    /// Whether the courier has called it already, which is a race, or, where there is none, it was
    /// called at once: in `courier.rs` it is held up.
    #[test]
    fn parked_head_dropped_while_the_set_is_on_its_way() {
        for _ in 0..if cfg!(miri) { 1 } else { 500 } {
            let scene = Scene::new();
            let wait = scene.park(&scene.victim);
            let (mut next, mut last) = (scene.park(&scene.next), scene.park(&scene.last));
            scene.flag.set();
            drop(wait);
            assert!(scene.next.wakes() > 0, "told of the set, at the latest by the drop");
            assert!(poll(last.as_mut(), &scene.last).is_pending());
            assert!(poll(next.as_mut(), &scene.next).is_ready());
            assert!(poll(last.as_mut(), &scene.last).is_pending());
        }
        let scene = Scene::new();
        let wait = scene.park(&scene.victim);
        scene.flag.set();
        drop(wait);
        assert!(scene.flag.is_set() && !has_waiters(&scene.flag));
    }

    #[test]
    fn parked_head_dropped_after_set_and_clear() {
        let scene = Scene::new();
        let mut wait = scene.park(&scene.victim);
        let (next, last) = (scene.park(&scene.next), scene.park(&scene.last));
        scene.happen(Since::Cleared);
        assert!(poll(wait.as_mut(), &scene.victim).is_pending());
        drop(wait);
        assert_eq!((scene.next.wakes(), scene.last.wakes()), (0, 0));
        scene.check(1, false, next, last);
    }

    fn drop_called(since: Since, is_set: bool) {
        let scene = Scene::new();
        let wait = scene.park(&scene.victim);
        scene.happen(since);
        drop(wait);
        scene.check_alone(1, is_set);

        let scene = Scene::new();
        let wait = scene.park(&scene.victim);
        let (next, last) = (scene.park(&scene.next), scene.park(&scene.last));
        scene.happen(since);
        assert_eq!((scene.next.wakes(), scene.last.wakes()), (0, 0));
        drop(wait);
        assert_eq!((scene.next.wakes(), scene.last.wakes()), (usize::from(is_set), 0));
        scene.check(1, is_set, next, last);
    }

    #[test]
    fn notified_head_dropped_unpolled_while_set() {
        drop_called(Since::Set, true);
    }

    #[test]
    fn notified_head_dropped_unpolled_after_the_clear() {
        drop_called(Since::Cleared, false);
    }

    fn drop_behind(since: Since, is_set: bool) {
        for at_the_end in [false, true] {
            let scene = Scene::new();
            let next = scene.park(&scene.next);
            let (wait, last) = if at_the_end {
                let last = scene.park(&scene.last);
                (scene.park(&scene.victim), last)
            } else {
                let wait = scene.park(&scene.victim);
                (wait, scene.park(&scene.last))
            };
            scene.happen(since);
            let woken = scene.next.wakes();
            drop(wait);
            // It was not its set, so it passes nothing on.
            assert_eq!((scene.next.wakes(), scene.last.wakes()), (woken, 0));
            scene.check(0, is_set, next, last);
        }
    }

    #[test]
    fn wait_behind_another_dropped_on_an_untouched_flag() {
        drop_behind(Since::Nothing, false);
    }

    #[test]
    fn wait_behind_another_dropped_while_set() {
        drop_behind(Since::Set, true);
    }

    #[test]
    fn wait_behind_another_dropped_after_set_and_clear() {
        drop_behind(Since::Cleared, false);
    }

    fn drop_reported(since: Since, is_set: bool) {
        for has_parked in [false, true] {
            let scene = Scene::new();
            let mut wait = if has_parked { scene.park(&scene.victim) } else { scene.wait() };
            scene.flag.set_direct();
            assert!(poll(wait.as_mut(), &scene.victim).is_ready());
            let next = scene.park(&scene.next);
            let last = scene.park(&scene.last);
            scene.happen(since);
            let woken = scene.next.wakes();
            drop(wait);
            assert_eq!((scene.next.wakes(), scene.last.wakes()), (woken, 0));
            scene.check(usize::from(has_parked), is_set, next, last);
        }
    }

    #[test]
    fn reported_wait_dropped_on_a_flag_untouched_since() {
        drop_reported(Since::Nothing, false);
    }

    #[test]
    fn reported_wait_dropped_while_set_again() {
        drop_reported(Since::Set, true);
    }

    #[test]
    fn reported_wait_dropped_after_set_and_clear() {
        drop_reported(Since::Cleared, false);
    }
}
