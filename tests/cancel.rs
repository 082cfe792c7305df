//! What dropping a `Wait` does, a test a cell of this table:
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

#![cfg(feature = "std")]

mod common;

use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;

use common::{Foreign, Task, has_waiters, park, poll};
use reveille::{Event, WaitOwned};

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

    fn wait(&self) -> Pin<Box<WaitOwned>> {
        Box::pin(self.event.clone().wait_owned())
    }

    fn parked(&self) -> Pin<Box<WaitOwned>> {
        let mut wait = self.wait();
        assert!(poll(wait.as_mut(), &self.victim).is_pending());
        wait
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

/// Drops a parked wait that the drain has not reached: in the first waiter's `wake`, 40 places
/// ahead of it.
fn drop_parked(since: Since, is_set: bool) {
    let scene = Scene::new();
    let first = Arc::new(Foreign::default());
    let mut first_wait = scene.wait();
    let waker = first.waker();
    assert!(first_wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let ahead: Vec<_> = (0..40).map(|_| park(&scene.event, &scene.bystander)).collect();
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
    assert_eq!(scene.bystander.wakes(), 41);
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
