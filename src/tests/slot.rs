//! Models of slot and stack: a handler is a thread, the courier's descriptor a relaxed atomic.

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::mocks::WakeFd;
use super::model;
use crate::raw::courier::slot::{Slot, Stack};
use crate::raw::list::wake_front;

/// The courier's side, and what its setters write before they set.
struct Scene {
    stack: Stack<()>,
    wake_fd: WakeFd,
    written: [AtomicUsize; 2],
    seen: [AtomicUsize; 2],
}

fn slot() -> &'static Slot<()> {
    // Slots live for ever, in a model too.
    Slot::leak(&())
}

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            stack: Stack::new(),
            wake_fd: WakeFd::new().expect("no system call is made"),
            written: [AtomicUsize::new(0), AtomicUsize::new(0)],
            seen: [AtomicUsize::new(0), AtomicUsize::new(0)],
        })
    }

    /// Does what a handler does.
    fn set(&self, number: usize, slot: &'static Slot<()>) {
        self.written[number].store(1, Relaxed);
        self.stack.send(slot, || self.wake_fd.wake());
    }

    /// Does what the courier does when it is woken, if it is; returns the number of deliveries.
    fn round(&self) -> usize {
        let mut deliveries = 0;
        if self.wake_fd.is_set() {
            self.stack.round(
                || self.wake_fd.wait(),
                |slot| {
                    wake_front(&slot.list);
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

/// Catches a setter that tests `queued` by a load, or whose swap lacks Release; a courier whose
/// swap lacks Acquire: `queued_is_tested_by_a_load`.
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

/// Catches a push that another push overwrites or that does not publish its link, a descriptor that
/// is set before the push, and one that is drained after the stack was taken:
/// `courier_drains_last`.
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
fn slot_pushed_again_while_it_is_delivered_is_taken_again_and_tears_nothing() {
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
