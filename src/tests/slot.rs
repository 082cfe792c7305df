//! Models of slot and courier: a handler is a thread, the bell an atomic.

use core::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicUsize};
use loom::thread;

use super::model;
use crate::raw::list::notify_front;
use crate::raw::slot::{Slot, Stack};

/// A courier's side, a slot, and what its setters hand over.
struct Scene {
    stack: Stack,
    bell: AtomicBool,
    written: [AtomicUsize; 2],
    seen: [AtomicUsize; 2],
}

fn slot() -> &'static Slot {
    // Slots live for ever, in a model too.
    Box::leak(Box::new(Slot::new()))
}

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            stack: Stack::new(),
            bell: AtomicBool::new(false),
            written: [AtomicUsize::new(0), AtomicUsize::new(0)],
            seen: [AtomicUsize::new(0), AtomicUsize::new(0)],
        })
    }

    /// What a handler does.
    fn set(&self, number: usize, slot: &'static Slot) {
        self.written[number].store(1, Relaxed);
        // The kernel's `write` and `read` order as strongly.
        self.stack.send(slot, || _ = self.bell.swap(true, AcqRel));
    }

    /// What the courier does when it is woken, if it is.
    fn round(&self) -> usize {
        let mut deliveries = 0;
        if self.bell.load(Relaxed) {
            self.stack.round(
                || _ = self.bell.swap(false, AcqRel),
                |slot| {
                    notify_front(&slot.list);
                    deliveries += 1;
                    for (written, seen) in self.written.iter().zip(&self.seen) {
                        seen.fetch_max(written.load(Relaxed), Relaxed);
                    }
                },
            );
        }
        deliveries
    }

    fn has_seen_both(&self) -> bool {
        self.seen.iter().all(|seen| seen.load(Relaxed) == 1)
    }
}

/// Catches a setter whose test of `queued` is a load, or whose swap hands nothing over; a courier
/// that takes nothing over: `queued_is_tested_by_a_load`.
#[test]
fn two_setters_of_one_slot_are_both_seen() {
    model(|| {
        let scene = Scene::new();
        let slot = slot();
        let setters = [0, 1].map(|number| {
            let scene = Arc::clone(&scene);
            thread::spawn(move || scene.set(number, slot))
        });
        scene.round();
        for setter in setters {
            setter.join().unwrap();
        }
        scene.round();
        assert!(scene.has_seen_both());
    });
}

/// Catches a push that another push overwrites or that does not publish its link, a bell that is
/// rung before the push, and one that is drained after the stack was taken: `courier_drains_last`.
#[test]
fn two_slots_are_each_taken_once() {
    model(|| {
        let scene = Scene::new();
        let slots = [slot(), slot()];
        let setters = [0, 1].map(|number| {
            let scene = Arc::clone(&scene);
            thread::spawn(move || scene.set(number, slots[number]))
        });
        let early = scene.round();
        for setter in setters {
            setter.join().unwrap();
        }
        let late = scene.round();
        assert_eq!(early + late, 2);
        assert!(scene.has_seen_both());
    });
}

/// Catches a courier that reads `next` after it has made `queued` 0: `next_is_read_too_late`.
#[test]
fn slot_pushed_anew_while_it_is_delivered_is_taken_again_and_tears_nothing() {
    model(|| {
        let scene = Scene::new();
        let slots = [slot(), slot()];
        scene.set(0, slots[0]);
        scene.set(0, slots[1]);
        let setter = {
            let scene = Arc::clone(&scene);
            thread::spawn(move || scene.set(1, slots[0]))
        };
        let early = scene.round();
        setter.join().unwrap();
        let late = scene.round();
        // The setter's slot was in the stack, or is in it again.
        assert!(early >= 2 && early + late <= 3, "{early} and {late}");
        assert!(scene.has_seen_both());
    });
}
