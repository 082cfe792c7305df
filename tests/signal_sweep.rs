//! A signal at every instruction of a `ThreadSafeFlag`: none is lost, none is doubled, nothing hangs.
//!
//! # How it works
//! ```text
//! for each operation below
//!   a child plays it alone, stepped: so many instructions, so many points
//!   for each point (or each 7th)
//!     for both paces
//!       a child sets the scene, and is stepped to the point
//!       SIGUSR1 is delivered there: its handler sets the flag
//!       the operation goes to its end, running freely or stepped on
//!       the child checks, and ends
//! ```
//! The signal comes *before* the instruction of that number. The two paces are two orders of events: a
//! child that runs on is there before the courier, a child that is stepped on comes after it.
//!
//! | file         | part                                                                      |
//! |--------------|---------------------------------------------------------------------------|
//! | `doors.rs`   | one door to each public method, so that all step through the same code    |
//! | `scene.rs`   | what a child plays: the flag, who waits for it, the ledger of sets        |
//! | `tracer.rs`  | the child under ptrace                                                    |
//! | `sweep.rs`   | all points of an operation, and the report                                |
//! | `place.rs`   | what is at an address                                                     |
//!
//! # What is checked after each signal
//! - *Nothing hangs.* Each child has an alarm; a hang is told with its operation, point and place.
//! - *No wake-up is lost.* As long as the flag is set and somebody waits, somebody is woken. Waiters
//!   are polled only when they are.
//! - *No set is lost or doubled.* Those that were given are those that were taken, cleared, or left.
//! - *Nobody is overtaken*, and what is left is there for the next wait, and only for that.
//! - *Nothing has gone deaf.* One more set for each who still waits ends one wait each, in their order.
//!
//! # The operations
//! | operation    | while                                                                     |
//! |--------------|---------------------------------------------------------------------------|
//! | first poll   | the flag gets its slot; it has one; somebody waits; it is set; both       |
//! | re-poll      | nothing has happened; the waker is another; called for nothing; not first |
//! | completion   | alone; somebody behind; after a panic                                     |
//! | cancel       | alone; first, middle, last of several; called; after a panic; unpolled    |
//! | `set`        | nobody has ever waited; nobody does; one does; it is set; others are queued |
//! | `set`        | the handler sets another flag, too                                        |
//! | `set_direct` | nobody waits; one does; that is called already                            |
//! | `clear`      | it is set; it is clear; somebody is called                                |
//! | take-up      | the slot is queued and the courier held up, or about to come: the above   |
//! | recycling    | a flag is dropped, and another gets its slot: idle, queued, being served  |
//! | panic        | the thread unwinds: first poll, completion, cancel, recycling             |
//! | stream       | it parks; it is polled again; it has an item; it is dropped               |
//!
//! The courier is there before, and is not stepped: it blocks the signal. A blocking wait is the same
//! wait, with a parker for a waker. `Event` has no part in this: its contract does not allow handlers.
//!
//! `REVEILLE_SWEEP_EVERY=1` tries all points. `cargo xtask signal-sweep` does, in a release build; it also
//! checks that a fault planted there (`--cfg reveille_fault`) is found.

#![cfg(all(feature = "std", target_os = "linux", target_arch = "x86_64", not(miri)))]

mod common;
#[path = "signal_sweep/doors.rs"]
mod doors;
#[path = "signal_sweep/place.rs"]
mod place;
#[path = "signal_sweep/scene.rs"]
mod scene;
#[path = "signal_sweep/sweep.rs"]
mod sweep;
#[path = "signals/system.rs"]
#[allow(dead_code, reason = "the stress tests of signals use the rest")]
mod system;
#[path = "signal_sweep/tracer.rs"]
mod tracer;

use scene::{FLAG, Scene};
use sweep::{sweep, sweep_a_set, sweep_in_a_panic};

// === the first poll of a wait ===

#[test]
fn signal_is_kept_while_a_flag_gets_its_slot() {
    sweep("first poll: a new slot", Scene::enter, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_is_made_and_parks() {
    let act = |scene: &mut Scene| {
        scene.enter();
        scene.poll(0);
    };
    sweep("first poll: of a wait just made", Scene::move_in, act);
}

#[test]
fn signal_is_kept_while_a_wait_parks() {
    let before = |scene: &mut Scene| {
        scene.move_in();
        scene.enter();
    };
    sweep("first poll: parks", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_parks_behind_another() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.enter();
    };
    sweep("first poll: parks behind another", before, |scene| scene.poll(1));
}

#[test]
fn signal_is_kept_while_a_wait_takes_the_set() {
    let before = |scene: &mut Scene| {
        scene.give();
        scene.enter();
    };
    sweep("first poll: takes the set", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_parks_behind_a_notified_one() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
        scene.enter();
    };
    sweep("first poll: the set is another's", before, |scene| scene.poll(1));
}

// === later polls ===

#[test]
fn signal_is_kept_while_a_parked_wait_is_polled() {
    sweep("re-poll: the same waker", Scene::park, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_parked_wait_gets_another_waker() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.change_waker(0);
    };
    sweep("re-poll: another waker", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_notified_wait_finds_nothing() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
        scene.clear();
    };
    sweep("re-poll: called for nothing", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_the_second_in_the_queue_finds_a_set() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.park();
        scene.give_and_call();
    };
    sweep("re-poll: not the first", before, |scene| scene.poll(1));
}

#[test]
fn signal_is_kept_while_a_wait_completes() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
    };
    sweep("completion: alone", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_the_first_of_two_completes() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.park();
        scene.give_and_call();
    };
    sweep("completion: one behind", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_completes_whose_waker_has_panicked() {
    let before = |scene: &mut Scene| {
        scene.park_and_take_with_a_panic();
        scene.untake();
    };
    sweep("completion: after a panic", before, |scene| scene.poll(0));
}

// === cancel ===

#[test]
fn signal_is_kept_while_the_only_wait_is_cancelled() {
    sweep("cancel: alone", Scene::park, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_the_first_wait_is_cancelled() {
    sweep("cancel: the first of two", park_two, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_a_wait_in_the_middle_is_cancelled() {
    let before = |scene: &mut Scene| {
        park_two(scene);
        scene.park();
    };
    sweep("cancel: the middle of three", before, |scene| scene.cancel(1));
}

#[test]
fn signal_is_kept_while_the_last_wait_is_cancelled() {
    sweep("cancel: the last of two", park_two, |scene| scene.cancel(1));
}

#[test]
fn signal_is_kept_while_a_notified_wait_is_cancelled() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
    };
    sweep("cancel: called, alone", before, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_a_notified_wait_passes_its_set_on() {
    let before = |scene: &mut Scene| {
        park_two(scene);
        scene.give_and_call();
    };
    sweep("cancel: called, one behind", before, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_a_wait_gives_back_what_it_took() {
    let act = |scene: &mut Scene| scene.cancel(0);
    sweep_a_set("cancel: after a panic", Scene::park_and_take_with_a_panic, act);
}

#[test]
fn signal_is_kept_while_a_wait_gives_back_what_it_took_to_the_next() {
    let before = |scene: &mut Scene| {
        scene.park_and_take_with_a_panic();
        scene.park();
    };
    sweep_a_set("cancel: after a panic, one behind", before, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_a_wait_is_dropped_unpolled() {
    sweep("cancel: unpolled", Scene::enter, |scene| scene.cancel(0));
}

// === set ===

#[test]
fn signal_is_kept_while_a_new_flag_is_set() {
    sweep_a_set("set: a new flag", |_| (), |_| doors::set(&FLAG));
}

#[test]
fn signal_is_kept_while_a_flag_without_waiters_is_set() {
    sweep_a_set("set: nobody waits", Scene::move_in, |_| doors::set(&FLAG));
}

#[test]
fn signal_is_kept_while_a_flag_with_a_waiter_is_set() {
    sweep_a_set("set: one waits", Scene::park, |_| doors::set(&FLAG));
}

#[test]
fn signal_is_kept_while_a_flag_is_set_again() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
    };
    sweep("set: it is set", before, |_| doors::set(&FLAG));
}

#[test]
fn signal_is_kept_while_a_flag_is_set_after_another() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.hold_courier();
        scene.make_spare();
    };
    sweep_a_set("set: another slot is queued", before, |_| doors::set(&FLAG));
}

#[test]
fn signal_that_sets_two_flags_is_kept_while_one_of_them_is_set() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.park_other();
    };
    sweep_a_set("set: the handler sets two flags", before, |_| doors::set(&FLAG));
}

#[test]
fn signal_that_sets_two_flags_is_kept_while_the_courier_is_held_up() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.park_other();
        scene.hold_courier();
        scene.make_spare();
    };
    sweep_a_set("take-up: the handler sets two flags", before, |_| doors::set(&FLAG));
}

// === set_direct ===

#[test]
fn signal_is_kept_while_a_flag_without_waiters_is_set_directly() {
    sweep_a_set("set_direct: nobody waits", Scene::move_in, |_| doors::set_direct(&FLAG));
}

#[test]
fn signal_is_kept_while_a_flag_with_a_waiter_is_set_directly() {
    sweep_a_set("set_direct: one waits", Scene::park, |_| doors::set_direct(&FLAG));
}

#[test]
fn signal_is_kept_while_a_flag_with_a_notified_waiter_is_set_directly() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
        scene.clear();
    };
    sweep_a_set("set_direct: one is called", before, |_| doors::set_direct(&FLAG));
}

// === clear ===

#[test]
fn signal_is_kept_or_cleared_while_a_set_flag_is_cleared() {
    sweep("clear: it is set", Scene::give, Scene::clear);
}

#[test]
fn signal_is_kept_or_cleared_while_a_clear_flag_is_cleared() {
    sweep("clear: it is clear", Scene::park, Scene::clear);
}

#[test]
fn signal_is_kept_or_cleared_while_a_waiter_is_notified() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
    };
    sweep("clear: one is called", before, Scene::clear);
}

// === the courier takes up: the slot is queued all the while ===

#[test]
fn signal_is_kept_while_a_wait_parks_in_a_queued_slot() {
    let before = |scene: &mut Scene| {
        queue(scene);
        scene.clear();
        scene.leave();
        scene.enter();
    };
    sweep("take-up: first poll", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_in_a_queued_slot_gets_another_waker() {
    let before = |scene: &mut Scene| {
        queue(scene);
        scene.clear();
        scene.change_waker(0);
    };
    sweep("take-up: re-poll", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_completes_before_the_courier_comes() {
    sweep("take-up: completion", queue, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_completes_and_the_courier_comes() {
    let before = |scene: &mut Scene| {
        queue(scene);
        scene.let_courier_go();
    };
    sweep("take-up: completion, at once", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_is_cancelled_before_the_courier_comes() {
    let before = |scene: &mut Scene| {
        queue(scene);
        scene.park();
    };
    sweep("take-up: cancel", before, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_a_queued_flag_is_set() {
    let before = |scene: &mut Scene| {
        queue(scene);
        scene.clear();
    };
    sweep_a_set("take-up: set", before, |_| doors::set(&FLAG));
}

#[test]
fn signal_is_kept_while_a_queued_flag_is_set_directly() {
    let before = |scene: &mut Scene| {
        queue(scene);
        scene.clear();
    };
    sweep_a_set("take-up: set_direct", before, |_| doors::set_direct(&FLAG));
}

#[test]
fn signal_is_kept_or_cleared_while_a_queued_flag_is_cleared() {
    sweep("take-up: clear", queue, Scene::clear);
}

// === a slot goes to another flag ===

#[test]
fn signal_is_kept_while_a_flag_gets_the_slot_of_another() {
    let before = |scene: &mut Scene| {
        scene.make_spare();
        scene.enter();
    };
    sweep("recycling: an idle slot", before, recycle);
}

#[test]
fn signal_is_kept_while_a_flag_gets_a_slot_that_is_queued() {
    let before = |scene: &mut Scene| {
        scene.hold_courier();
        scene.make_spare();
        scene.enter();
    };
    sweep("recycling: a queued slot", before, recycle);
}

#[test]
fn signal_is_kept_while_a_flag_gets_a_slot_and_the_courier_comes_to_it() {
    let before = |scene: &mut Scene| {
        scene.hold_courier();
        scene.make_spare();
        scene.enter();
        scene.let_courier_go();
    };
    sweep("recycling: a queued slot, at once", before, recycle);
}

#[test]
fn signal_is_kept_while_another_flag_is_dropped() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.bring_spare();
    };
    sweep("recycling: no slot", before, Scene::drop_spare);
}

// === a thread that unwinds ===

#[test]
fn signal_is_kept_while_a_wait_parks_in_a_panic() {
    sweep_in_a_panic("panic: first poll", Scene::enter, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_wait_completes_in_a_panic() {
    let before = |scene: &mut Scene| {
        scene.park();
        scene.give_and_call();
    };
    sweep_in_a_panic("panic: completion", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_panic_cancels_a_wait() {
    let before = |scene: &mut Scene| {
        park_two(scene);
        scene.give_and_call();
    };
    sweep_in_a_panic("panic: cancel", before, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_a_panic_drops_another_flag() {
    let before = |scene: &mut Scene| {
        scene.make_spare();
        scene.enter();
    };
    sweep_in_a_panic("panic: recycling", before, recycle);
}

// === streams ===

#[test]
fn signal_is_kept_while_a_stream_is_made_and_parks() {
    let act = |scene: &mut Scene| {
        scene.open_stream();
        scene.poll(0);
    };
    sweep("stream: parks", Scene::move_in, act);
}

#[test]
fn signal_is_kept_while_a_parked_stream_is_polled() {
    sweep("stream: re-poll", park_stream, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_parked_stream_gets_another_waker() {
    let before = |scene: &mut Scene| {
        park_stream(scene);
        scene.change_waker(0);
    };
    sweep("stream: another waker", before, |scene| scene.poll(0));
}

#[test]
fn signal_is_kept_while_a_stream_is_dropped() {
    sweep("stream: cancel", park_stream, |scene| scene.cancel(0));
}

#[test]
fn signal_is_kept_while_a_stream_has_an_item() {
    let before = |scene: &mut Scene| {
        park_stream(scene);
        scene.give_and_call();
    };
    sweep("stream: an item", before, |scene| scene.poll(0));
}

fn park_stream(scene: &mut Scene) {
    scene.open_stream();
    scene.poll(0);
}

fn park_two(scene: &mut Scene) {
    scene.park();
    scene.park();
}

/// One waits, the flag is set, and the courier does not come.
fn queue(scene: &mut Scene) {
    scene.park();
    scene.hold_courier();
    scene.give();
}

fn recycle(scene: &mut Scene) {
    scene.drop_spare();
    scene.poll(0);
}
