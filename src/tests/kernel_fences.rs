//! Models of what a descriptor or an object hands over: the kernel's word is a relaxed atomic.

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicUsize};
use loom::thread;

use super::model;
use crate::raw::kernel_fences::{after_look, after_reset, before_signal, before_write};

#[derive(Default)]
struct Scene {
    word: AtomicBool,
    payload: AtomicUsize,
}

/// Sees what came before the set, if `look` finds the word set.
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
fn writes_before_a_set_are_visible_to_whoever_finds_the_word_set() {
    is_handed_over(|word| word.load(Relaxed));
}

/// Catches a `set` without its fence, and a `clear` without its own.
#[test]
fn writes_before_a_set_are_visible_to_whoever_takes_it_back() {
    is_handed_over(|word| word.swap(false, Relaxed));
}

/// Catches a `set` or a `clear` of an object whose fence is not a full one: the `set` finds the object signalled, and
/// leaves it at that.
#[test]
fn writes_before_a_signal_that_changes_nothing_are_visible_to_whoever_resets_the_object() {
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
        assert!(
            !was_signalled || seen == 1,
            "the set is gone, and nobody has seen what it was for"
        );
    });
}
