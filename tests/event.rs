//! `Event`, promise by promise (numbers as in docs/design.md): what one thread can prove by polling is in
//! `cases/`; here is what needs foreign code that misbehaves, panics, or other threads.

#![cfg(feature = "std")]

mod cases {
    mod event;
    mod waker;
}
mod common;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use futures_core::FusedFuture;

use common::{
    Foreign, MORE_THAN_A_BATCH, Task, has_waiters, in_time, park, parked, parked_foreign, poll,
    until, until_parked,
};
use reveille::{Event, EventWait};

// === 2: redundant sets ===

#[test]
fn set_of_a_set_event_wakes_no_waiter_while_the_first_set_still_drains() {
    let event = Arc::new(Event::new());
    let others = Task::new();
    let seen = Arc::new(AtomicUsize::new(usize::MAX));
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new({
        let (event, others, seen) = (event.clone(), others.clone(), seen.clone());
        move || {
            event.set();
            event.pulse();
            seen.store(others.wakes(), SeqCst);
        }
    }));
    let mut first = Box::pin(event.wait());
    assert!(first.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let _waits: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&event, &others)).collect();
    event.set();
    assert_eq!(seen.load(SeqCst), 0, "woken by the redundant set, out of turn");
    assert_eq!(others.wakes(), MORE_THAN_A_BATCH);
}

// === 3: one queue; a set is for those who parked before it ===

#[test]
fn tasks_and_blocked_threads_are_one_queue_in_the_order_of_parking() {
    in_time("a thread before a task", || {
        let event = Event::new();
        let out = Arc::new(AtomicBool::new(false));
        let task = Arc::new(Foreign::default());
        *task.on_wake.lock().unwrap() = Some(Box::new({
            let out = out.clone();
            move || until("the thread, which parked before the task, is out", || out.load(SeqCst))
        }));
        thread::scope(|threads| {
            threads.spawn(|| {
                event.wait_blocking();
                out.store(true, SeqCst);
            });
            until_parked(&event);
            let mut wait = pin!(event.wait());
            let waker = task.waker();
            assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            event.set();
        });
        assert!(task.on_wake.lock().unwrap().is_none(), "it ran");
    });
}

#[test]
fn waiter_that_parks_after_the_set_took_effect_is_not_woken_by_it() {
    let event = Arc::new(Event::new());
    let late = Task::new();
    let late_wait = Arc::new(Mutex::new(None::<Pin<Box<EventWait<Arc<Event>>>>>));
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new({
        let (event, late, late_wait) = (event.clone(), late.clone(), late_wait.clone());
        move || {
            assert!(event.clear());
            let mut wait = Box::pin(event.wait_owned());
            assert!(poll(wait.as_mut(), &late).is_pending());
            *late_wait.lock().unwrap() = Some(wait);
        }
    }));
    let mut first = Box::pin(event.wait());
    assert!(first.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let early = Task::new();
    let _waits: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&event, &early)).collect();
    event.set();
    assert_eq!((early.wakes(), late.wakes()), (MORE_THAN_A_BATCH, 0));
    event.set();
    assert_eq!((early.wakes(), late.wakes()), (MORE_THAN_A_BATCH, 1));
}

#[test]
fn every_waiter_is_woken_once_for_any_number_around_the_batch() {
    for count in [1, 2, 31, 32, 33, 64, 65, 127, 128, 129, 256, 257, 400] {
        let event = Event::new();
        let tasks: Vec<_> = (0..count).map(|_| Task::new()).collect();
        let mut waits: Vec<_> = tasks.iter().map(|task| park(&event, task)).collect();
        event.pulse();
        assert!(tasks.iter().all(|task| task.wakes() == 1), "of {count}");
        assert!(!has_waiters(&event));
        for (wait, task) in waits.iter_mut().zip(&tasks) {
            assert!(poll(wait.as_mut(), task).is_ready());
        }
    }
}

// === 5: no foreign code runs under a lock ===

/// All that foreign code may do with the event that calls it; `other` is a pending wait of it.
fn everything(
    event: &Arc<Event>,
    other: Option<Pin<Box<EventWait<Arc<Event>>>>>,
) -> impl FnOnce() + use<> {
    let event = Arc::clone(event);
    move || {
        let _ = event.is_set();
        let task = Task::new();
        event.clear();
        let mut wait = Box::pin(event.clone().wait_owned());
        assert!(poll(wait.as_mut(), &task).is_pending());
        event.set();
        assert!(poll(wait.as_mut(), &task).is_ready());
        event.clear();
        event.pulse();
        let unfinished = park(&event, &task);
        drop(unfinished);
        drop(other);
        event.set();
    }
}

/// Runs `act`, which sets the event, with 1, 2 and many others parked.
fn with_others(
    what: &'static str,
    act: impl Fn(&Arc<Event>, &Arc<Foreign>) + Send + Sync + 'static,
) {
    let act = Arc::new(act);
    for count in [1, 2, MORE_THAN_A_BATCH] {
        let act = Arc::clone(&act);
        in_time(what, move || {
            let event = Arc::new(Event::new());
            let task = Task::new();
            let others: Vec<_> = (0..count).map(|_| park(&event, &task)).collect();
            act(&event, &Arc::default());
            assert_eq!(task.wakes(), count, "{what}, {count} others");
            drop(others);
            assert_eq!(task.live(), 0);
            assert!(!has_waiters(&event));
        });
    }
}

/// A wait of `event`, parked for `task`, that can be moved into a callback.
fn park_owned(event: &Arc<Event>, task: &Arc<Task>) -> Pin<Box<EventWait<Arc<Event>>>> {
    parked(event.clone().wait_owned(), task)
}

#[test]
fn waker_may_use_its_event_while_it_is_woken() {
    with_others("everything in `wake`", |event, foreign| {
        let other = park_owned(event, &Task::new());
        *foreign.on_wake.lock().unwrap() = Some(Box::new(everything(event, Some(other))));
        let mut wait = Box::pin(event.wait());
        let waker = foreign.waker();
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let behind = Task::new();
        let _waits: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(event, &behind)).collect();
        event.set();
        assert!(foreign.on_wake.lock().unwrap().is_none(), "it ran");
        assert_eq!(behind.wakes(), MORE_THAN_A_BATCH);
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    });
}

#[test]
fn waker_may_use_its_event_while_it_is_cloned() {
    with_others("everything in the first poll's `clone`", |event, foreign| {
        let other = park_owned(event, &Task::new());
        *foreign.on_clone.lock().unwrap() = Some(Box::new(everything(event, Some(other))));
        let mut wait = Box::pin(event.clone().wait_owned());
        let waker = foreign.waker();
        let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(foreign.on_clone.lock().unwrap().is_none(), "it ran");
        assert!(polled.is_ready(), "set while the waker was cloned");
    });
    with_others("everything in a later poll's `clone`", |event, foreign| {
        let mut wait = park_owned(event, &Task::new());
        let other = park_owned(event, &Task::new());
        *foreign.on_clone.lock().unwrap() = Some(Box::new(everything(event, Some(other))));
        let waker = foreign.waker();
        let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(foreign.on_clone.lock().unwrap().is_none(), "it ran");
        assert!(polled.is_ready(), "set while the waker was cloned");
    });
}

#[test]
fn waker_may_use_its_event_while_it_is_dropped() {
    /// Parks a wait that alone holds a foreign waker, whose drop does everything.
    fn park_foreign(event: &Arc<Event>, foreign: &Arc<Foreign>) -> Pin<Box<EventWait<Arc<Event>>>> {
        let wait = parked_foreign(event.clone().wait_owned(), foreign);
        let other = park_owned(event, &Task::new());
        *foreign.on_drop.lock().unwrap() = Some(Box::new(everything(event, Some(other))));
        wait
    }
    with_others("everything in the `drop` of a cancelled wait's waker", |event, foreign| {
        drop(park_foreign(event, foreign));
        assert!(foreign.on_drop.lock().unwrap().is_none(), "it ran");
    });
    with_others("everything in the `drop` of a replaced waker", |event, foreign| {
        let mut wait = park_foreign(event, foreign);
        let task = Task::new();
        assert!(poll(wait.as_mut(), &task).is_pending());
        assert!(foreign.on_drop.lock().unwrap().is_none(), "it ran");
        assert!(poll(wait.as_mut(), &task).is_ready(), "set while the old waker was dropped");
    });
    with_others(
        "everything in the `drop` of a waker whose wait finds the event set",
        |event, _| {
            let foreign = Arc::new(Foreign::default());
            let first = Arc::new(Foreign::default());
            let mut first_wait = Box::pin(event.clone().wait_owned());
            let waker = first.waker();
            assert!(first_wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            // So many in between that the drain has not reached the last when the first is woken.
            let task = Task::new();
            let _between: Vec<_> =
                (0..MORE_THAN_A_BATCH).map(|_| park_owned(event, &task)).collect();
            let mut last = park_foreign(event, &foreign);
            *first.on_wake.lock().unwrap() = Some(Box::new(move || {
                assert!(poll(last.as_mut(), &Task::new()).is_ready(), "the event is set");
                drop(last);
            }));
            event.set();
            assert!(foreign.on_drop.lock().unwrap().is_none(), "it ran");
        },
    );
}

#[test]
fn waiter_cancelled_between_two_batches_is_unlinked_and_not_woken() {
    let event = Arc::new(Event::new());
    let cancelled = Task::new();
    let others = Task::new();
    let foreign = Arc::new(Foreign::default());
    let mut first = Box::pin(event.wait());
    assert!(first.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let mut doomed = Vec::new();
    let mut kept = Vec::new();
    for _ in 0..MORE_THAN_A_BATCH {
        kept.push(park(&event, &others));
        doomed.push(park_owned(&event, &cancelled));
    }
    *foreign.on_wake.lock().unwrap() = Some(Box::new(move || drop(doomed)));
    event.set();
    assert_eq!(others.wakes(), MORE_THAN_A_BATCH);
    assert_eq!(cancelled.live(), 0);
    // Those of the first batch were taken already, those behind it were not.
    assert!((1..MORE_THAN_A_BATCH).contains(&cancelled.wakes()), "{} woken", cancelled.wakes());
    assert!(!has_waiters(&event));
}

// === 6: a waker that panics costs nobody else the wake-up ===

/// Sets an event on which `count` tasks are parked, those that `panics` names with a waker that
/// panics: the first with its number, later ones with `()`, whose forgotten payloads leak no memory.
/// Returns what came out of `set`.
fn set_with_panics(count: usize, panics: impl Fn(usize) -> bool) -> Option<usize> {
    let first = (0..count).find(|&number| panics(number));
    let event = Event::new();
    let task = Task::new();
    let mut waits = Vec::new();
    for number in 0..count {
        if !panics(number) {
            waits.push(park(&event, &task));
            continue;
        }
        let foreign = Arc::new(Foreign::default());
        *foreign.on_wake.lock().unwrap() =
            Some(Box::new(
                move || {
                    if Some(number) == first { panic_any(number) } else { panic_any(()) }
                },
            ));
        let mut wait = Box::pin(event.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
        waits.push(wait);
    }
    let outcome = catch_unwind(|| event.set());

    let calm = (0..count).filter(|&number| !panics(number)).count();
    assert_eq!(task.wakes(), calm, "each of the others is woken exactly once");
    assert!(!has_waiters(&event));
    for wait in &mut waits {
        assert!(poll(wait.as_mut(), &task).is_ready(), "also those whose wakers panicked");
    }
    drop(waits);
    assert_eq!(task.live(), 0);

    // The event stays usable.
    assert!(event.is_set() && event.clear());
    let again = park(&event, &task);
    event.set();
    assert_eq!(task.wakes(), calm + 1);
    drop(again);
    outcome.err().map(|payload| *payload.downcast::<usize>().expect("the waker's own payload"))
}

/// More than two batches. (Under Miri a panic takes its time.)
const CROWD: usize = if cfg!(miri) { 70 } else { 300 };

#[test]
fn panic_in_the_first_wake_costs_no_other_waiter_its_wake_up() {
    assert_eq!(set_with_panics(CROWD, |number| number == 0), Some(0));
}

#[test]
fn panic_in_a_middle_wake_costs_no_other_waiter_its_wake_up() {
    for middle in [31, 32, CROWD / 2, 127, 128].into_iter().filter(|&middle| middle < CROWD) {
        assert_eq!(set_with_panics(CROWD, |number| number == middle), Some(middle));
    }
}

#[test]
fn panic_in_the_last_wake_costs_no_other_waiter_its_wake_up() {
    assert_eq!(set_with_panics(CROWD, |number| number == CROWD - 1), Some(CROWD - 1));
    assert_eq!(set_with_panics(1, |_| true), Some(0));
}

#[test]
fn first_of_many_panics_propagates_out_of_set_and_no_other_waiter_loses_its_wake_up() {
    assert_eq!(set_with_panics(CROWD, |number| number % 3 == 2), Some(2));
    assert_eq!(set_with_panics(CROWD, |_| true), Some(0));
    assert_eq!(set_with_panics(CROWD, |_| false), None);
}

#[test]
fn pulse_passes_a_panic_on_as_set_does() {
    let event = Event::new();
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new(|| panic_any("from the waker")));
    let mut wait = pin!(event.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let task = Task::new();
    let _other = park(&event, &task);
    let payload = catch_unwind(|| event.pulse()).unwrap_err();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "from the waker");
    assert_eq!((task.wakes(), event.is_set()), (1, false));
}

#[test]
fn later_panic_payloads_are_forgotten() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a payload was dropped");
        }
    }
    let event = Event::new();
    let task = Task::new();
    let mut waits = Vec::new();
    for number in 0..3 {
        let foreign = Arc::new(Foreign::default());
        *foreign.on_wake.lock().unwrap() = Some(Box::new(move || match number {
            0 => panic_any("the first"),
            _ => panic_any(Bomb),
        }));
        let mut wait = Box::pin(event.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
        waits.push(wait);
    }
    let last = park(&event, &task);
    let payload = catch_unwind(|| event.set()).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"the first"));
    assert_eq!(task.wakes(), 1);
    drop(last);
}

#[test]
fn panic_in_clone_leaves_the_list_whole() {
    let event = Event::new();
    let task = Task::new();
    let foreign = Arc::new(Foreign::default());
    let waker = foreign.waker();
    let mut cx = Context::from_waker(&waker);
    let before = park(&event, &task);

    // On the first poll nothing is parked; the next poll parks.
    let mut fresh = Box::pin(event.wait());
    *foreign.on_clone.lock().unwrap() = Some(Box::new(|| panic_any(1)));
    catch_unwind(AssertUnwindSafe(|| fresh.as_mut().poll(&mut cx))).unwrap_err();
    // On a later poll with another waker the old one stays in its place.
    let mut parked = park(&event, &task);
    *foreign.on_clone.lock().unwrap() = Some(Box::new(|| panic_any(2)));
    catch_unwind(AssertUnwindSafe(|| parked.as_mut().poll(&mut cx))).unwrap_err();

    let after = park(&event, &task);
    assert!(fresh.as_mut().poll(&mut cx).is_pending());
    event.set();
    assert_eq!(task.wakes(), 3);
    assert!(fresh.as_mut().poll(&mut cx).is_ready());
    drop((before, parked, after));
    assert_eq!(task.live(), 0);
}

#[test]
fn panic_in_the_drop_of_a_waker_leaves_the_list_whole() {
    let event = Event::new();
    let task = Task::new();
    let panics_on_drop = || {
        let foreign = Arc::new(Foreign::default());
        let mut wait = Box::pin(event.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
        *foreign.on_drop.lock().unwrap() = Some(Box::new(|| panic_any(())));
        wait
    };
    let alone = panics_on_drop();
    catch_unwind(AssertUnwindSafe(|| drop(alone))).unwrap_err();
    assert!(!has_waiters(&event));

    let before = park(&event, &task);
    let between = panics_on_drop();
    let after = park(&event, &task);
    catch_unwind(AssertUnwindSafe(|| drop(between))).unwrap_err();
    event.set();
    assert_eq!(task.wakes(), 2);
    drop((before, after));
}

#[test]
fn panic_in_the_drop_of_a_released_waiters_waker_costs_it_nothing() {
    let event = Arc::new(Event::new());
    let task = Task::new();
    let first = Arc::new(Foreign::default());
    let mut first_wait = Box::pin(event.wait());
    assert!(first_wait.as_mut().poll(&mut Context::from_waker(&first.waker())).is_pending());
    let others: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&event, &task)).collect();
    let foreign = Arc::new(Foreign::default());
    let mut last = Box::pin(event.clone().wait_owned());
    assert!(last.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    *foreign.on_drop.lock().unwrap() = Some(Box::new(|| panic_any(())));
    *first.on_wake.lock().unwrap() = Some(Box::new({
        let (event, task) = (event.clone(), task.clone());
        // The drain has not reached the last one, which takes itself out of the queue.
        move || {
            assert!(event.clear());
            catch_unwind(AssertUnwindSafe(|| poll(last.as_mut(), &task))).unwrap_err();
            assert!(poll(last.as_mut(), &task).is_ready());
        }
    }));
    event.set();
    assert!(first.on_wake.lock().unwrap().is_none(), "it ran");
    assert_eq!(task.wakes(), MORE_THAN_A_BATCH);
    assert!(!has_waiters(&event));
    drop(others);
}

#[test]
fn set_while_unwinding_wakes_all_waiters_and_forgets_their_panics() {
    struct SetOnDrop<'a>(&'a Event);
    impl Drop for SetOnDrop<'_> {
        fn drop(&mut self) {
            // A panic that left this would abort.
            self.0.set();
        }
    }
    let event = Event::new();
    let task = Task::new();
    let mut waits = Vec::new();
    for number in 0..CROWD {
        if number % 3 != 0 {
            waits.push(park(&event, &task));
            continue;
        }
        let foreign = Arc::new(Foreign::default());
        // Past the panic hook, which prints a whole backtrace for each panic in a panic.
        *foreign.on_wake.lock().unwrap() = Some(Box::new(|| resume_unwind(Box::new(()))));
        let mut wait = Box::pin(event.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
        waits.push(wait);
    }
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _set = SetOnDrop(&event);
        panic_any("from outside");
    }));
    assert_eq!(unwound.unwrap_err().downcast_ref(), Some(&"from outside"));
    assert_eq!(task.wakes(), CROWD - CROWD.div_ceil(3));
}

// === Blocking waits: the same promises, for threads ===

/// Runs a thread that blocks on `event`, and `release` once it is parked.
fn with_blocked_thread(what: &'static str, release: impl FnOnce(&Event) + Send + 'static) {
    in_time(what, move || {
        let event = Event::new();
        thread::scope(|threads| {
            threads.spawn(|| event.wait_blocking());
            until_parked(&event);
            release(&event);
        });
        assert!(!has_waiters(&event));
    });
}

#[test]
fn set_releases_a_blocked_thread() {
    with_blocked_thread("set", |event| event.set());
}

#[test]
fn set_then_clear_releases_a_blocked_thread() {
    // In most rounds the `clear` comes before the thread polls again.
    for _ in 0..if cfg!(miri) { 3 } else { 50 } {
        with_blocked_thread("set, clear", |event| {
            event.set();
            event.clear();
        });
    }
}

#[test]
fn pulse_releases_a_blocked_thread() {
    with_blocked_thread("pulse", Event::pulse);
}

#[test]
fn one_set_releases_all_blocked_threads_and_tasks() {
    in_time("eight threads and a task", || {
        let event = Event::new();
        let task = Task::new();
        let wait = park(&event, &task);
        thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| event.wait_blocking());
            }
            event.set();
        });
        assert_eq!(task.wakes(), 1);
        drop(wait);
    });
}

#[test]
fn waits_on_a_set_event_do_not_block() {
    let event = Event::new();
    event.set();
    event.wait_blocking();
    assert!(event.wait_blocking_timeout(Duration::ZERO));
    assert!(event.wait_blocking_timeout(Duration::MAX));
    assert!(event.wait_blocking_deadline(Instant::now()));
}

#[test]
fn zero_timeout_and_past_deadline_never_block_and_leave_nothing_behind() {
    in_time("zero and past", || {
        let event = Event::new();
        assert!(!event.wait_blocking_timeout(Duration::ZERO));
        assert!(!event.wait_blocking_deadline(Instant::now()));
        if let Some(past) = Instant::now().checked_sub(Duration::from_secs(1)) {
            assert!(!event.wait_blocking_deadline(past));
        }
        assert!(!has_waiters(&event));
    });
}

#[test]
fn wait_that_times_out_returns_so_not_too_early_and_leaves_nothing_behind() {
    in_time("20 ms", || {
        let event = Event::new();
        let start = Instant::now();
        assert!(!event.wait_blocking_timeout(Duration::from_millis(20)));
        assert!(start.elapsed() >= Duration::from_millis(20));
        let deadline = Instant::now() + Duration::from_millis(20);
        assert!(!event.wait_blocking_deadline(deadline));
        assert!(Instant::now() >= deadline);
        assert!(!has_waiters(&event));
    });
}

#[test]
fn owned_wait_is_terminated_once_it_has_been_ready_and_not_before() {
    let (event, task) = (Arc::new(Event::new()), Task::new());
    let mut wait = Box::pin(event.clone().wait_owned());
    assert!(!wait.is_terminated());
    assert!(poll(wait.as_mut(), &task).is_pending());
    event.set();
    assert!(!wait.is_terminated());
    assert!(poll(wait.as_mut(), &task).is_ready());
    assert!(wait.is_terminated());
}

#[test]
fn owned_wait_polled_after_ready_is_ready_again() {
    let (event, task) = (Arc::new(Event::new()), Task::new());
    let mut wait = park_owned(&event, &task);
    event.pulse();
    for _ in 0..3 {
        assert!(poll(wait.as_mut(), &task).is_ready());
    }
    assert_eq!((task.wakes(), task.live()), (1, 0));
}

#[test]
fn huge_timeout_waits_for_ever() {
    const LOOKS: u32 = if cfg!(miri) { 20 } else { 1_000 };
    in_time("Duration::MAX", || {
        let event = Event::new();
        for timeout in [Duration::MAX, Duration::from_secs(u64::MAX / 4)] {
            thread::scope(|threads| {
                let thread = threads.spawn(|| event.wait_blocking_timeout(timeout));
                until_parked(&event);
                // One that takes the timeout for none at all is soon gone.
                for _ in 0..LOOKS {
                    assert!(has_waiters(&event));
                    thread::yield_now();
                }
                event.pulse();
                assert!(thread.join().unwrap());
            });
        }
    });
}

#[test]
fn waker_may_block_on_another_event() {
    in_time("a blocking wait in a waker", || {
        let event = Event::new();
        let other = Arc::new(Event::new());
        let foreign = Arc::new(Foreign::default());
        *foreign.on_wake.lock().unwrap() = Some(Box::new({
            let other = other.clone();
            move || other.wait_blocking()
        }));
        let mut wait = pin!(event.wait());
        let waker = foreign.waker();
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        thread::scope(|threads| {
            threads.spawn(|| {
                until_parked(&other);
                other.pulse();
            });
            event.set();
        });
        assert!(foreign.on_wake.lock().unwrap().is_none(), "it ran");
        assert!(
            !other.wait_blocking_timeout(Duration::from_millis(1)),
            "this thread can block again"
        );
    });
}

#[test]
fn event_is_usable_in_a_static_by_tasks_and_threads() {
    static EVENT: Event = Event::new();
    in_time("a static", || {
        let thread = thread::spawn(|| EVENT.wait_blocking());
        let task = Task::new();
        let wait: Pin<Box<EventWait<&'static Event>>> = park(&EVENT, &task);
        EVENT.set();
        thread.join().unwrap();
        assert_eq!(task.wakes(), 1);
        drop(wait);
    });
}

// === Owned waits, leaks ===

#[test]
fn owned_wait_keeps_its_event_alive() {
    let event = Arc::new(Event::new());
    let task = Task::new();
    let weak = Arc::downgrade(&event);
    let mut wait = park_owned(&event, &task);
    drop(event);
    weak.upgrade().expect("the wait holds it").set();
    assert_eq!(task.wakes(), 1);
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(()));
    drop(wait);
    assert!(weak.upgrade().is_none());
}

/// Fails under Miri and ThreadSanitizer, if it does: the setter must not touch a node that it woke.
#[test]
fn set_can_be_the_last_use_of_an_event_that_its_waiter_then_drops() {
    in_time("the waiter drops the last handle", || {
        for _ in 0..if cfg!(miri) { 10 } else { 2_000 } {
            let event = Arc::new(Event::new());
            let wait = event.clone().wait_owned();
            let setter = thread::spawn(move || event.set());
            pollster::block_on(wait);
            setter.join().unwrap();
        }
    });
}

/// A leaked future stays in the list for good; the event, the list and its other waiters live on.
#[test]
fn leaked_wait_harms_no_other() {
    let task = Task::new();
    let event = Arc::new(Event::new());
    let first = park(&event, &task);
    common::leak(park_owned(&event, &task));
    let last = park(&event, &task);
    event.pulse();
    assert_eq!(task.wakes(), 3);
    drop((first, last));
}
