//! The promises of `ThreadSafeFlag` that one thread can prove by polling, numbered as in docs/design.md.
//!
//! Where there is a courier, `set` wakes a little later, and perhaps a waiter whose set is gone, or one
//! of the flag that gets the slot of this when it is dropped. So what a case counts are the wakes of
//! `set_direct`, and of `set` what the polls then find; and a flag that is `set` while someone is
//! parked lives for ever.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};

use futures_core::{FusedFuture, FusedStream, Stream};
use reveille::{FlagStream, ThreadSafeFlag};

use super::waker::Counter;

/// Both ways to set.
const WAYS: [fn(&ThreadSafeFlag); 2] = [ThreadSafeFlag::set, ThreadSafeFlag::set_direct];

/// A flag for each.
const fn two() -> [ThreadSafeFlag; 2] {
    [ThreadSafeFlag::new(), ThreadSafeFlag::new()]
}

fn is_ready<F: Future<Output = ()>>(wait: &mut Pin<&mut F>, counter: &'static Counter) -> bool {
    let waker = counter.waker();
    wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
}

/// Whether the stream has an item; it never ends.
fn has_item(stream: &mut Pin<&mut FlagStream<&ThreadSafeFlag>>, counter: &'static Counter) -> bool {
    let waker = counter.waker();
    match stream.as_mut().poll_next(&mut Context::from_waker(&waker)) {
        Poll::Ready(item) => {
            assert_eq!(item, Some(()), "it never ends");
            true
        }
        Poll::Pending => false,
    }
}

// === 9: remembered until one wait consumes it, at its poll ===

#[test]
fn set_is_remembered_until_a_wait_takes_it() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        assert!(!flag.is_set());
        set(flag);
        assert!(flag.is_set() && flag.is_set());
        assert!(is_ready(&mut pin!(flag.wait()), &TASK));
        assert!(!flag.is_set());
        assert!(!is_ready(&mut pin!(flag.wait()), &TASK));
    }
}

#[test]
fn several_sets_before_a_wait_takes_them_are_one() {
    static TASK: Counter = Counter::new();
    for first in WAYS {
        for second in WAYS {
            let flag = ThreadSafeFlag::new();
            first(&flag);
            second(&flag);
            first(&flag);
            assert!(is_ready(&mut pin!(flag.wait()), &TASK));
            assert!(!is_ready(&mut pin!(flag.wait()), &TASK));
        }
    }
}

#[test]
fn several_sets_while_someone_waits_are_one() {
    static FIRST: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut first = pin!(flag.wait());
    let mut second = pin!(flag.wait());
    assert!(!is_ready(&mut first, &FIRST));
    assert!(!is_ready(&mut second, &SECOND));
    flag.set_direct();
    flag.set_direct();
    assert_eq!((FIRST.wakes(), SECOND.wakes()), (1, 0));
    assert!(is_ready(&mut first, &FIRST));
    assert!(!is_ready(&mut second, &SECOND));
}

#[test]
fn wait_that_is_created_and_dropped_takes_nothing() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let early = flag.wait();
        set(flag);
        let late = flag.wait();
        let stream = flag.stream();
        assert!(flag.is_set());
        drop(early);
        drop(late);
        drop(stream);
        assert!(flag.is_set());
        assert!(is_ready(&mut pin!(flag.wait()), &TASK));
    }
}

#[test]
fn wait_made_after_the_set_is_ready() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        set(flag);
        assert!(is_ready(&mut pin!(flag.wait()), &TASK));
    }
}

#[test]
fn wait_made_before_the_set_and_polled_after_it_is_ready() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut wait = pin!(flag.wait());
        set(flag);
        assert!(is_ready(&mut wait, &TASK));
    }
}

#[test]
fn parked_wait_takes_the_set_at_its_poll_and_not_before() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut wait = pin!(flag.wait());
        assert!(!is_ready(&mut wait, &TASK));
        assert!(!is_ready(&mut wait, &TASK));
        set(flag);
        assert!(flag.is_set());
        assert!(is_ready(&mut wait, &TASK));
        assert!(!flag.is_set());
    }
}

#[test]
fn first_of_two_unpolled_waits_to_be_polled_takes_the_set() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut created_first = pin!(flag.wait());
    let mut polled_first = pin!(flag.wait());
    flag.set();
    assert!(is_ready(&mut polled_first, &TASK));
    assert!(!is_ready(&mut created_first, &TASK));
}

// === 10: first come, first served; nothing is lost, no two get one set ===

#[test]
fn waiters_are_woken_one_a_set_in_the_order_in_which_they_first_parked() {
    static FIRST: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    static THIRD: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    // Created in another order than parked.
    let mut third = pin!(flag.wait());
    let mut first = pin!(flag.wait());
    let mut second = pin!(flag.wait());
    assert!(!is_ready(&mut first, &FIRST));
    assert!(!is_ready(&mut second, &SECOND));
    assert!(!is_ready(&mut third, &THIRD));
    flag.set_direct();
    assert_eq!((FIRST.wakes(), SECOND.wakes(), THIRD.wakes()), (1, 0, 0));
    assert!(is_ready(&mut first, &FIRST));
    flag.set_direct();
    assert_eq!((FIRST.wakes(), SECOND.wakes(), THIRD.wakes()), (1, 1, 0));
    assert!(is_ready(&mut second, &SECOND));
    flag.set_direct();
    assert_eq!((FIRST.wakes(), SECOND.wakes(), THIRD.wakes()), (1, 1, 1));
    assert!(is_ready(&mut third, &THIRD));
    assert!(FIRST.turn() < SECOND.turn() && SECOND.turn() < THIRD.turn());
}

#[test]
fn only_the_first_in_the_queue_takes_the_set() {
    static FIRST: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut first = pin!(flag.wait());
        let mut second = pin!(flag.wait());
        assert!(!is_ready(&mut first, &FIRST));
        assert!(!is_ready(&mut second, &SECOND));
        set(flag);
        assert!(!is_ready(&mut second, &SECOND));
        assert!(is_ready(&mut first, &FIRST));
        assert!(!is_ready(&mut second, &SECOND));
        set(flag);
        assert!(is_ready(&mut second, &SECOND));
    }
}

#[test]
fn newcomer_does_not_overtake_a_notified_head_although_the_flag_is_set() {
    static HEAD: Counter = Counter::new();
    static NEWCOMER: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut head = pin!(flag.wait());
        assert!(!is_ready(&mut head, &HEAD));
        set(flag);
        let mut newcomer = pin!(flag.wait());
        let mut stream = pin!(flag.stream());
        assert!(!is_ready(&mut newcomer, &NEWCOMER));
        assert!(!has_item(&mut stream, &NEWCOMER));
        assert!(flag.is_set());
        assert!(is_ready(&mut head, &HEAD));
        assert!(!is_ready(&mut newcomer, &NEWCOMER));
        set(flag);
        assert!(!has_item(&mut stream, &NEWCOMER));
        assert!(is_ready(&mut newcomer, &NEWCOMER));
        set(flag);
        assert!(has_item(&mut stream, &NEWCOMER));
    }
}

#[test]
fn notified_head_that_is_dropped_passes_the_set_to_the_next() {
    static HEAD: Counter = Counter::new();
    static NEXT: Counter = Counter::new();
    static LAST: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut next = pin!(flag.wait());
    let mut last = pin!(flag.wait());
    {
        let mut head = pin!(flag.wait());
        assert!(!is_ready(&mut head, &HEAD));
        assert!(!is_ready(&mut next, &NEXT));
        assert!(!is_ready(&mut last, &LAST));
        flag.set_direct();
        assert_eq!((HEAD.wakes(), NEXT.wakes()), (1, 0));
    }
    assert_eq!((HEAD.wakes(), NEXT.wakes(), LAST.wakes()), (1, 1, 0));
    assert!(flag.is_set());
    assert!(!is_ready(&mut last, &LAST));
    assert!(is_ready(&mut next, &NEXT));
    assert!(!is_ready(&mut last, &LAST));
}

#[test]
fn head_that_is_dropped_passes_the_set_to_the_next_whether_it_was_notified_or_not() {
    static HEAD: Counter = Counter::new();
    static NEXT: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut next = pin!(flag.wait());
        {
            let mut head = pin!(flag.wait());
            assert!(!is_ready(&mut head, &HEAD));
            assert!(!is_ready(&mut next, &NEXT));
            set(flag);
        }
        assert!(is_ready(&mut next, &NEXT));
        assert!(!flag.is_set());
    }
}

#[test]
fn set_goes_through_any_number_of_dropped_heads() {
    static GONE: Counter = Counter::new();
    static LAST: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut last = pin!(flag.wait());
    {
        let mut first = pin!(flag.wait());
        assert!(!is_ready(&mut first, &GONE));
        // Dropped in the order in which they were made last: the third before the second.
        let mut second = pin!(flag.wait());
        assert!(!is_ready(&mut second, &GONE));
        let mut third = pin!(flag.wait());
        assert!(!is_ready(&mut third, &GONE));
        assert!(!is_ready(&mut last, &LAST));
        flag.set_direct();
        assert_eq!((GONE.wakes(), LAST.wakes()), (1, 0));
    }
    assert_eq!((GONE.wakes(), GONE.live(), LAST.wakes()), (1, 0, 1));
    assert!(is_ready(&mut last, &LAST));
}

#[test]
fn head_that_is_dropped_without_a_set_wakes_no_waiter() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut next = pin!(flag.wait());
    {
        let mut head = pin!(flag.wait());
        assert!(!is_ready(&mut head, &TASK));
        assert!(!is_ready(&mut next, &TASK));
    }
    assert_eq!(TASK.wakes(), 0);
    flag.set_direct();
    assert_eq!(TASK.wakes(), 1);
    assert!(is_ready(&mut next, &TASK));
}

#[test]
fn waiter_behind_the_notified_head_that_is_dropped_passes_nothing_on() {
    static HEAD: Counter = Counter::new();
    static LAST: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut head = pin!(flag.wait());
    let mut last = pin!(flag.wait());
    assert!(!is_ready(&mut head, &HEAD));
    {
        let mut middle = pin!(flag.wait());
        assert!(!is_ready(&mut middle, &LAST));
        assert!(!is_ready(&mut last, &LAST));
        flag.set_direct();
    }
    assert_eq!((HEAD.wakes(), LAST.wakes()), (1, 0));
    assert!(is_ready(&mut head, &HEAD));
    assert!(!is_ready(&mut last, &LAST));
}

#[test]
fn last_waiter_that_is_dropped_leaves_the_set_for_the_next_newcomer() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        {
            let mut only = pin!(flag.wait());
            assert!(!is_ready(&mut only, &TASK));
            set(flag);
        }
        assert!(flag.is_set());
        assert!(is_ready(&mut pin!(flag.wait()), &TASK));
        assert!(!flag.is_set());
    }
}

#[test]
fn any_number_of_sets_releases_as_many_waiters_and_no_more() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut one = pin!(flag.wait());
        let mut two = pin!(flag.wait());
        let mut three = pin!(flag.stream());
        let mut taken = 0;
        for sets in 0..50 {
            assert_eq!(taken, sets);
            // One round of polls before the set and two after it, in changing order.
            for turn in 0..3 {
                if turn == 1 {
                    set(flag);
                }
                let mut polled = sets;
                for _ in 0..3 {
                    polled += 1;
                    match polled % 3 {
                        0 if is_ready(&mut one, &TASK) => {
                            one.set(flag.wait());
                            taken += 1;
                        }
                        1 if is_ready(&mut two, &TASK) => {
                            two.set(flag.wait());
                            taken += 1;
                        }
                        2 if has_item(&mut three, &TASK) => taken += 1,
                        _ => {}
                    }
                }
            }
        }
        assert_eq!(taken, 50);
        assert!(!flag.is_set());
    }
}

#[test]
fn polling_again_keeps_the_place_in_the_queue() {
    static FIRST: Counter = Counter::new();
    static FIRST_ANEW: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut first = pin!(flag.wait());
    let mut second = pin!(flag.wait());
    assert!(!is_ready(&mut first, &FIRST));
    assert!(!is_ready(&mut second, &SECOND));
    assert!(!is_ready(&mut first, &FIRST));
    assert!(!is_ready(&mut first, &FIRST_ANEW));
    flag.set_direct();
    assert_eq!((FIRST.wakes(), FIRST_ANEW.wakes(), SECOND.wakes()), (0, 1, 0));
    assert!(is_ready(&mut first, &FIRST));
    flag.set_direct();
    assert_eq!(SECOND.wakes(), 1);
}

#[test]
fn polling_behind_a_notified_head_keeps_the_place_in_the_queue() {
    static HEAD: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    static THIRD: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut head = pin!(flag.wait());
    let mut second = pin!(flag.wait());
    let mut third = pin!(flag.wait());
    assert!(!is_ready(&mut head, &HEAD));
    assert!(!is_ready(&mut second, &SECOND));
    assert!(!is_ready(&mut third, &THIRD));
    flag.set_direct();
    // The flag is set, so these look at the queue.
    assert!(!is_ready(&mut second, &SECOND));
    assert!(!is_ready(&mut third, &THIRD));
    assert!(!is_ready(&mut second, &SECOND));
    assert!(is_ready(&mut head, &HEAD));
    flag.set_direct();
    assert_eq!((SECOND.wakes(), THIRD.wakes()), (1, 0));
    assert!(is_ready(&mut second, &SECOND));
    flag.set_direct();
    assert_eq!((SECOND.wakes(), THIRD.wakes()), (1, 1));
}

#[test]
fn dropped_waiters_leave_the_others_in_their_order() {
    static GONE: Counter = Counter::new();
    static FIRST: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut first = pin!(flag.wait());
    let mut second = pin!(flag.wait());
    {
        let mut head = pin!(flag.wait());
        let mut middle = pin!(flag.wait());
        let mut tail = pin!(flag.wait());
        assert!(!is_ready(&mut head, &GONE));
        assert!(!is_ready(&mut first, &FIRST));
        assert!(!is_ready(&mut middle, &GONE));
        assert!(!is_ready(&mut second, &SECOND));
        assert!(!is_ready(&mut tail, &GONE));
    }
    assert_eq!(GONE.live(), 0);
    flag.set_direct();
    assert_eq!((GONE.wakes(), FIRST.wakes(), SECOND.wakes()), (0, 1, 0));
    assert!(is_ready(&mut first, &FIRST));
    flag.set_direct();
    assert_eq!((GONE.wakes(), FIRST.wakes(), SECOND.wakes()), (0, 1, 1));
}

#[test]
fn queue_is_whole_after_its_only_waiter_was_dropped() {
    static GONE: Counter = Counter::new();
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    assert!(!is_ready(&mut pin!(flag.wait()), &GONE));
    let mut wait = pin!(flag.wait());
    assert!(!is_ready(&mut wait, &TASK));
    flag.set_direct();
    assert_eq!((GONE.wakes(), TASK.wakes()), (0, 1));
    assert!(is_ready(&mut wait, &TASK));
}

#[test]
fn newcomer_takes_the_set_without_parking_once_the_queue_is_empty_again() {
    static PARKED: Counter = Counter::new();
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    {
        let mut taken = pin!(flag.wait());
        let mut dropped = pin!(flag.wait());
        assert!(!is_ready(&mut taken, &PARKED));
        assert!(!is_ready(&mut dropped, &PARKED));
        flag.set_direct();
        assert!(is_ready(&mut taken, &PARKED));
    }
    flag.set_direct();
    assert!(is_ready(&mut pin!(flag.wait()), &TASK));
    assert_eq!(TASK.clones(), 0);
}

// === 11: clear ===

#[test]
fn clear_drops_a_set_that_no_wait_has_consumed_and_returns_whether_there_was_one() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        assert!(!flag.clear());
        set(flag);
        set(flag);
        assert!(flag.clear());
        assert!(!flag.is_set());
        assert!(!flag.clear());
        assert!(!is_ready(&mut pin!(flag.wait()), &TASK));
        set(flag);
        assert!(is_ready(&mut pin!(flag.wait()), &TASK));
        assert!(!flag.clear());
    }
}

#[test]
fn clear_alone_releases_and_wakes_no_waiter() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut parked = pin!(flag.wait());
    let mut unpolled = pin!(flag.wait());
    assert!(!is_ready(&mut parked, &TASK));
    assert!(!flag.clear());
    assert!(!is_ready(&mut parked, &TASK));
    assert!(!is_ready(&mut unpolled, &TASK));
    assert_eq!(TASK.wakes(), 0);
}

#[test]
fn notified_waiter_whose_set_was_cleared_stays_in_its_place_and_gets_the_next_set_first() {
    static HEAD: Counter = Counter::new();
    static BEHIND: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut head = pin!(flag.wait());
        let mut behind = pin!(flag.wait());
        assert!(!is_ready(&mut head, &HEAD));
        assert!(!is_ready(&mut behind, &BEHIND));
        for _ in 0..3 {
            set(flag);
            assert!(flag.clear());
            assert!(!is_ready(&mut head, &HEAD), "its set is gone");
        }
        set(flag);
        assert!(!is_ready(&mut behind, &BEHIND));
        assert!(is_ready(&mut head, &HEAD));
    }
}

#[test]
fn notified_waiter_whose_set_was_cleared_is_woken_again_once_it_has_looked() {
    static HEAD: Counter = Counter::new();
    static BEHIND: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut head = pin!(flag.wait());
    let mut behind = pin!(flag.wait());
    assert!(!is_ready(&mut head, &HEAD));
    assert!(!is_ready(&mut behind, &BEHIND));
    flag.set_direct();
    assert!(flag.clear());
    assert!(!is_ready(&mut head, &HEAD));
    assert_eq!(HEAD.wakes(), 1);
    flag.set_direct();
    assert_eq!((HEAD.wakes(), BEHIND.wakes()), (2, 0));
    assert!(is_ready(&mut head, &HEAD));
}

#[test]
fn notified_waiter_that_has_not_looked_yet_gets_the_set_after_the_clear() {
    static HEAD: Counter = Counter::new();
    static BEHIND: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut head = pin!(flag.wait());
    let mut behind = pin!(flag.wait());
    assert!(!is_ready(&mut head, &HEAD));
    assert!(!is_ready(&mut behind, &BEHIND));
    flag.set_direct();
    assert!(flag.clear());
    flag.set_direct();
    assert_eq!((HEAD.wakes(), BEHIND.wakes()), (1, 0), "it has been woken, and not looked yet");
    assert!(!is_ready(&mut behind, &BEHIND));
    assert!(is_ready(&mut head, &HEAD));
}

// === 8: what a poll does with wakers ===

#[test]
fn polling_again_with_the_same_waker_clones_nothing() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut wait = pin!(flag.wait());
    for _ in 0..5 {
        assert!(!is_ready(&mut wait, &TASK));
    }
    assert_eq!((TASK.clones(), TASK.live()), (1, 1));
}

#[test]
fn polling_again_with_another_waker_wakes_that_one_and_drops_the_old() {
    static OLD: Counter = Counter::new();
    static NEW: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut wait = pin!(flag.wait());
    assert!(!is_ready(&mut wait, &OLD));
    assert!(!is_ready(&mut wait, &NEW));
    assert_eq!((OLD.live(), NEW.live()), (0, 1));
    flag.set_direct();
    assert_eq!((OLD.wakes(), NEW.wakes()), (0, 1));
}

#[test]
fn notified_waiter_polled_again_with_another_waker_is_woken_by_that_one() {
    static OLD: Counter = Counter::new();
    static NEW: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut wait = pin!(flag.wait());
    assert!(!is_ready(&mut wait, &OLD));
    flag.set_direct();
    assert!(flag.clear());
    assert!(!is_ready(&mut wait, &NEW));
    flag.set_direct();
    assert_eq!((OLD.wakes(), NEW.wakes()), (1, 1));
    assert!(is_ready(&mut wait, &OLD));
    assert_eq!((OLD.live(), NEW.live()), (0, 0));
}

#[test]
fn waiter_behind_a_notified_head_polled_again_with_another_waker_is_woken_by_that_one() {
    static HEAD: Counter = Counter::new();
    static OLD: Counter = Counter::new();
    static NEW: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut head = pin!(flag.wait());
    let mut wait = pin!(flag.wait());
    assert!(!is_ready(&mut head, &HEAD));
    assert!(!is_ready(&mut wait, &OLD));
    flag.set_direct();
    assert!(!is_ready(&mut wait, &NEW));
    assert_eq!((OLD.live(), NEW.live()), (0, 1));
    assert!(is_ready(&mut head, &HEAD));
    flag.set_direct();
    assert_eq!((OLD.wakes(), NEW.wakes()), (0, 1));
}

#[test]
fn no_waker_outlives_the_wait_that_held_it() {
    static CALLED: Counter = Counter::new();
    static CANCELLED: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    {
        let mut cancelled = pin!(flag.wait());
        assert!(!is_ready(&mut cancelled, &CANCELLED));
    }
    assert_eq!(CANCELLED.live(), 0);
    let mut wait = pin!(flag.wait());
    assert!(!is_ready(&mut wait, &CALLED));
    flag.set_direct();
    assert_eq!(CALLED.live(), 0);
    assert!(is_ready(&mut wait, &CALLED));
    assert_eq!(CALLED.live(), 0);
}

#[test]
fn ready_wait_touches_no_waker() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        set(flag);
        assert!(is_ready(&mut pin!(flag.wait()), &TASK));
        set(flag);
        assert!(has_item(&mut pin!(flag.stream()), &TASK));
        assert_eq!((TASK.clones(), TASK.wakes()), (0, 0));
    }
}

// === 17: strict: drop and wait again loses nothing but the place ===

#[test]
fn dropping_a_wait_and_waiting_again_loses_nothing() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        for _ in 0..3 {
            assert!(!is_ready(&mut pin!(flag.wait()), &TASK));
        }
        {
            let mut wait = pin!(flag.wait());
            assert!(!is_ready(&mut wait, &TASK));
            set(flag);
        }
        drop(flag.wait());
        assert!(is_ready(&mut pin!(flag.wait()), &TASK));
    }
}

#[test]
fn dropping_a_wait_and_waiting_again_loses_the_place() {
    static FIRST: Counter = Counter::new();
    static SECOND: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut second = pin!(flag.wait());
        let mut first = pin!(flag.wait());
        assert!(!is_ready(&mut first, &FIRST));
        assert!(!is_ready(&mut second, &SECOND));
        set(flag);
        first.set(flag.wait());
        assert!(!is_ready(&mut first, &FIRST));
        assert!(is_ready(&mut second, &SECOND));
        set(flag);
        assert!(is_ready(&mut first, &FIRST));
    }
}

#[test]
fn set_reported_by_a_wait_does_not_come_back_when_that_is_dropped() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    {
        let mut wait = pin!(flag.wait());
        assert!(!is_ready(&mut wait, &TASK));
        flag.set_direct();
        assert!(is_ready(&mut wait, &TASK));
    }
    assert!(!flag.is_set());
}

// === 18: after Ready ===

#[test]
fn wait_is_terminated_once_it_has_been_ready_and_not_before() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut wait = pin!(flag.wait());
    assert!(!wait.is_terminated());
    assert!(!is_ready(&mut wait, &TASK));
    assert!(!wait.is_terminated());
    flag.set_direct();
    assert!(!wait.is_terminated());
    assert!(is_ready(&mut wait, &TASK));
    assert!(wait.is_terminated());
    flag.set_direct();
    assert!(wait.is_terminated());
}

#[test]
fn wait_that_is_ready_immediately_is_terminated() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    flag.set();
    let mut wait = pin!(flag.wait());
    assert!(!wait.is_terminated());
    assert!(is_ready(&mut wait, &TASK));
    assert!(wait.is_terminated());
}

// === The stream ===

#[test]
fn stream_has_an_item_for_each_set_that_it_takes_and_never_ends() {
    static TASK: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut stream = pin!(flag.stream());
        assert!(!has_item(&mut stream, &TASK));
        for _ in 0..5 {
            set(flag);
            assert!(has_item(&mut stream, &TASK));
            assert!(!flag.is_set());
            assert!(!has_item(&mut stream, &TASK));
            // Two before an item are one.
            set(flag);
            set(flag);
            assert!(has_item(&mut stream, &TASK));
            assert!(!has_item(&mut stream, &TASK));
            assert!(!stream.is_terminated());
            assert_eq!(stream.size_hint(), (0, None));
        }
    }
}

#[test]
fn stream_is_woken_once_a_set() {
    static TASK: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut stream = pin!(flag.stream());
    for sets in 0..5 {
        assert!(!has_item(&mut stream, &TASK));
        assert_eq!(TASK.wakes(), sets);
        flag.set_direct();
        assert_eq!(TASK.wakes(), sets + 1);
        assert!(has_item(&mut stream, &TASK));
    }
}

#[test]
fn stream_goes_to_the_end_of_the_queue_after_each_item() {
    static STREAM: Counter = Counter::new();
    static OTHER: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut one = pin!(flag.stream());
        let mut other = pin!(flag.stream());
        assert!(!has_item(&mut one, &STREAM));
        assert!(!has_item(&mut other, &OTHER));
        for _ in 0..4 {
            set(flag);
            assert!(!has_item(&mut other, &OTHER));
            assert!(has_item(&mut one, &STREAM));
            assert!(!has_item(&mut one, &STREAM));
            set(flag);
            assert!(!has_item(&mut one, &STREAM));
            assert!(has_item(&mut other, &OTHER));
            assert!(!has_item(&mut other, &OTHER));
        }
    }
}

#[test]
fn stream_that_has_had_an_item_waits_for_nothing_until_it_is_polled() {
    static STREAM: Counter = Counter::new();
    static OTHER: Counter = Counter::new();
    let flag = ThreadSafeFlag::new();
    let mut stream = pin!(flag.stream());
    assert!(!has_item(&mut stream, &STREAM));
    flag.set_direct();
    assert!(has_item(&mut stream, &STREAM));
    assert_eq!(STREAM.live(), 0);
    flag.set_direct();
    assert_eq!(STREAM.wakes(), 1);
    assert!(is_ready(&mut pin!(flag.wait()), &OTHER), "it is in nobody's way");
}

#[test]
fn stream_that_is_dropped_passes_the_set_on() {
    static STREAM: Counter = Counter::new();
    static NEXT: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut next = pin!(flag.wait());
        {
            let mut stream = pin!(flag.stream());
            assert!(!has_item(&mut stream, &STREAM));
            assert!(!is_ready(&mut next, &NEXT));
            set(flag);
        }
        assert!(is_ready(&mut next, &NEXT));
        {
            let mut stream = pin!(flag.stream());
            assert!(!has_item(&mut stream, &STREAM));
            set(flag);
        }
        assert!(flag.is_set(), "nobody was there to take it");
    }
}

#[test]
fn stream_whose_set_was_cleared_stays_in_its_place() {
    static STREAM: Counter = Counter::new();
    static BEHIND: Counter = Counter::new();
    static FLAGS: [ThreadSafeFlag; 2] = two();
    for (flag, set) in FLAGS.iter().zip(WAYS) {
        let mut stream = pin!(flag.stream());
        let mut behind = pin!(flag.wait());
        assert!(!has_item(&mut stream, &STREAM));
        assert!(!is_ready(&mut behind, &BEHIND));
        set(flag);
        assert!(flag.clear());
        assert!(!has_item(&mut stream, &STREAM));
        set(flag);
        assert!(!is_ready(&mut behind, &BEHIND));
        assert!(has_item(&mut stream, &STREAM));
    }
}
