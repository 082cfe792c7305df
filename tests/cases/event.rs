//! The promises of `Event` that one thread can prove by polling, numbered as in docs/design.md.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::Context;

use futures_core::FusedFuture;
use reveille::Event;

use super::waker::Counter;

fn is_ready<F: Future<Output = ()>>(wait: &mut Pin<&mut F>, counter: &'static Counter) -> bool {
    let waker = counter.waker();
    wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
}

// === 1: complete if and only if the event was set since the wait was created ===

#[test]
fn wait_is_pending_until_the_set_that_completes_it() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &TASK));
    assert!(!is_ready(&mut wait, &TASK));
    assert_eq!(TASK.wakes(), 0);
    event.set();
    assert_eq!(TASK.wakes(), 1);
    assert!(is_ready(&mut wait, &TASK));
}

#[test]
fn event_stays_set_until_cleared() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    event.set();
    for _ in 0..3 {
        assert!(event.is_set());
        assert!(is_ready(&mut pin!(event.wait()), &TASK));
    }
    assert!(event.clear());
    assert!(!event.is_set());
    assert!(!is_ready(&mut pin!(event.wait()), &TASK));
}

#[test]
fn wait_created_on_a_set_event_is_complete_from_birth() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    event.set();
    let mut wait = pin!(event.wait());
    event.clear();
    assert!(is_ready(&mut wait, &TASK));
    assert_eq!(TASK.clones(), 0);
}

#[test]
fn set_then_clear_releases_a_parked_waiter() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &TASK));
    event.set();
    event.clear();
    assert_eq!(TASK.wakes(), 1);
    assert!(is_ready(&mut wait, &TASK));
}

#[test]
fn set_then_clear_releases_a_wait_that_was_never_polled() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    event.set();
    event.clear();
    assert!(is_ready(&mut wait, &TASK));
}

#[test]
fn many_sets_and_clears_release_a_wait_that_was_never_polled() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    for _ in 0..1_000 {
        event.set();
        event.clear();
    }
    assert!(is_ready(&mut wait, &TASK));
}

#[test]
fn wait_created_after_the_clear_is_pending() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    event.set();
    event.clear();
    assert!(!is_ready(&mut pin!(event.wait()), &TASK));
}

#[test]
fn clear_alone_releases_no_waiter() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut parked = pin!(event.wait());
    let mut unpolled = pin!(event.wait());
    assert!(!is_ready(&mut parked, &TASK));
    event.clear();
    assert!(!is_ready(&mut parked, &TASK));
    assert!(!is_ready(&mut unpolled, &TASK));
    assert_eq!(TASK.wakes(), 0);
}

#[test]
fn pulse_releases_parked_and_unpolled_waits_and_leaves_the_event_clear() {
    static PARKED: Counter = Counter::new();
    static UNPOLLED: Counter = Counter::new();
    let event = Event::new();
    let mut parked = pin!(event.wait());
    let mut unpolled = pin!(event.wait());
    assert!(!is_ready(&mut parked, &PARKED));
    event.pulse();
    assert!(!event.is_set());
    assert_eq!(PARKED.wakes(), 1);
    assert!(is_ready(&mut parked, &PARKED));
    assert!(is_ready(&mut unpolled, &UNPOLLED));
    assert!(!is_ready(&mut pin!(event.wait()), &UNPOLLED));
}

#[test]
fn wait_made_before_a_check_cannot_miss_a_set_made_after_it() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    let found_nothing = !event.is_set();
    event.pulse();
    assert!(found_nothing);
    assert!(is_ready(&mut wait, &TASK));
}

// === 2: redundant sets and clears ===

#[test]
fn set_of_a_set_event_wakes_no_waiter() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &TASK));
    event.set();
    event.set();
    assert_eq!(TASK.wakes(), 1);
    assert!(event.is_set());
}

#[test]
fn clear_reports_whether_it_took_back_a_set() {
    let event = Event::new();
    assert!(!event.clear());
    event.set();
    event.set();
    assert!(event.clear());
    assert!(!event.clear());
    event.pulse();
    assert!(!event.clear());
}

#[test]
fn pulse_on_a_set_event_leaves_it_clear() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    event.set();
    let mut from_birth = pin!(event.wait());
    event.pulse();
    assert!(!event.is_set());
    assert!(is_ready(&mut from_birth, &TASK));
    assert!(!is_ready(&mut pin!(event.wait()), &TASK));
}

// === 3: one queue, in the order of parking ===

#[test]
fn waiters_are_woken_in_the_order_in_which_they_first_parked() {
    static FIRST: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    static THIRD: Counter = Counter::new();
    let event = Event::new();
    // Created in another order than parked.
    let mut third = pin!(event.wait());
    let mut first = pin!(event.wait());
    let mut second = pin!(event.wait());
    assert!(!is_ready(&mut first, &FIRST));
    assert!(!is_ready(&mut second, &SECOND));
    assert!(!is_ready(&mut third, &THIRD));
    event.set();
    assert!(FIRST.turn() < SECOND.turn());
    assert!(SECOND.turn() < THIRD.turn());
}

#[test]
fn polling_again_keeps_the_place_in_the_queue() {
    static FIRST: Counter = Counter::new();
    static FIRST_ANEW: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    let event = Event::new();
    let mut first = pin!(event.wait());
    let mut second = pin!(event.wait());
    assert!(!is_ready(&mut first, &FIRST));
    assert!(!is_ready(&mut second, &SECOND));
    assert!(!is_ready(&mut first, &FIRST_ANEW));
    event.set();
    assert_eq!(FIRST.wakes(), 0);
    assert!(FIRST_ANEW.turn() < SECOND.turn());
}

#[test]
fn dropped_waiters_leave_the_others_in_their_order() {
    static GONE: Counter = Counter::new();
    static FIRST: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    let event = Event::new();
    let mut first = pin!(event.wait());
    let mut second = pin!(event.wait());
    {
        let mut head = pin!(event.wait());
        let mut middle = pin!(event.wait());
        let mut tail = pin!(event.wait());
        assert!(!is_ready(&mut head, &GONE));
        assert!(!is_ready(&mut first, &FIRST));
        assert!(!is_ready(&mut middle, &GONE));
        assert!(!is_ready(&mut second, &SECOND));
        assert!(!is_ready(&mut tail, &GONE));
    }
    event.set();
    assert_eq!((GONE.wakes(), GONE.live()), (0, 0));
    assert_eq!((FIRST.wakes(), SECOND.wakes()), (1, 1));
    assert!(FIRST.turn() < SECOND.turn());
}

#[test]
fn queue_is_whole_after_its_only_waiter_was_dropped() {
    static GONE: Counter = Counter::new();
    static TASK: Counter = Counter::new();
    let event = Event::new();
    assert!(!is_ready(&mut pin!(event.wait()), &GONE));
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &TASK));
    event.set();
    assert_eq!((GONE.wakes(), TASK.wakes()), (0, 1));
}

// === 8: what a poll does with wakers ===

#[test]
fn polling_again_with_the_same_waker_clones_nothing() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    for _ in 0..5 {
        assert!(!is_ready(&mut wait, &TASK));
    }
    assert_eq!((TASK.clones(), TASK.live()), (1, 1));
}

#[test]
fn polling_again_with_another_waker_wakes_that_one_and_drops_the_old() {
    static OLD: Counter = Counter::new();
    static NEW: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &OLD));
    assert!(!is_ready(&mut wait, &NEW));
    assert_eq!((OLD.live(), NEW.live()), (0, 1));
    event.set();
    assert_eq!((OLD.wakes(), NEW.wakes()), (0, 1));
}

#[test]
fn no_waker_outlives_the_wait_that_held_it() {
    static WOKEN: Counter = Counter::new();
    static CANCELLED: Counter = Counter::new();
    let event = Event::new();
    {
        let mut cancelled = pin!(event.wait());
        assert!(!is_ready(&mut cancelled, &CANCELLED));
    }
    assert_eq!(CANCELLED.live(), 0);
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &WOKEN));
    event.set();
    assert_eq!(WOKEN.live(), 0);
}

#[test]
fn ready_wait_touches_no_waker() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    event.set();
    assert!(is_ready(&mut pin!(event.wait()), &TASK));
    assert_eq!((TASK.clones(), TASK.wakes()), (0, 0));
}

// === 17: an unreported release dies with its future once the event was cleared ===

#[test]
fn unreported_release_dies_with_its_future_once_cleared() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    {
        let mut wait = pin!(event.wait());
        assert!(!is_ready(&mut wait, &TASK));
        event.set();
        event.clear();
        assert_eq!(TASK.wakes(), 1);
    }
    assert!(!is_ready(&mut pin!(event.wait()), &TASK));
}

#[test]
fn future_held_across_turns_keeps_its_release() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &TASK));
    event.set();
    event.clear();
    let held = &mut wait;
    assert!(is_ready(held, &TASK));
}

// === 18: polled after Ready ===

#[test]
fn wait_polled_after_ready_is_ready_again() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    assert!(!is_ready(&mut wait, &TASK));
    event.pulse();
    for _ in 0..3 {
        assert!(is_ready(&mut wait, &TASK));
    }
    event.set();
    event.clear();
    assert!(is_ready(&mut wait, &TASK));
    assert_eq!(TASK.wakes(), 1);
}

#[test]
fn wait_is_terminated_once_it_has_been_ready_and_not_before() {
    static TASK: Counter = Counter::new();
    let event = Event::new();
    let mut wait = pin!(event.wait());
    assert!(!wait.is_terminated());
    assert!(!is_ready(&mut wait, &TASK));
    assert!(!wait.is_terminated());
    event.set();
    assert!(!wait.is_terminated());
    assert!(is_ready(&mut wait, &TASK));
    assert!(wait.is_terminated());
}
