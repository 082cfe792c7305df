//! Models of what a descriptor or an object synchronizes: the kernel's word is a relaxed atomic.

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicUsize};
use loom::thread;

use super::model;
use crate::raw::kernel_fences::descriptor::{after_look, before_write};
use crate::raw::kernel_fences::object::{after_reset, before_signal};

#[derive(Default)]
struct Scene {
    word: AtomicBool,
    payload: AtomicUsize,
}

/// Checks that a thread whose `look` finds the word set sees the writes before the set.
fn is_handed_over(look: fn(&AtomicBool) -> bool) {
    model(move || {
        let scene = Arc::new(Scene::default());
        let setter = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                scene.payload.store(1, Relaxed);
                before_write();
                scene.word.store(true, Relaxed);
            }
        });
        let found = look(&scene.word);
        after_look();
        if found {
            assert_eq!(scene.payload.load(Relaxed), 1);
        }
        setter.join().unwrap();
    });
}

/// Catches a `set` without its fence, and an `is_set` or a wait without its own.
#[test]
fn writes_before_a_set_are_visible_to_a_thread_that_finds_the_word_set() {
    is_handed_over(|word| word.load(Relaxed));
}

/// Catches a `set` without its fence, and a `clear`, or the wait of the courier, without its own.
#[test]
fn writes_before_a_set_are_visible_to_a_thread_that_clears_it() {
    is_handed_over(|word| word.swap(false, Relaxed));
}

/// Catches a `set` or a `clear` of an object whose fence is not a full one: the `set` finds the
/// object signalled, and does nothing more.
#[test]
fn writes_before_a_signal_that_changes_nothing_are_visible_to_a_thread_that_resets_the_object() {
    model(|| {
        let scene = Arc::new(Scene { word: AtomicBool::new(true), ..Scene::default() });
        let setter = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                scene.payload.store(1, Relaxed);
                before_signal();
                let was_signalled = scene.word.load(Relaxed);
                if !was_signalled {
                    scene.word.store(true, Relaxed);
                }
                was_signalled
            }
        });
        scene.word.swap(false, Relaxed);
        after_reset();
        let seen = scene.payload.load(Relaxed);
        let was_signalled = setter.join().unwrap();
        assert!(!was_signalled || seen == 1, "the reset loses the writes before the set");
    });
}
