//! `ThreadSafeFlag`, promise by promise (numbers as in docs/design.md): what one thread can prove by polling
//! is in `cases/`; here is what needs foreign code that misbehaves, panics, or other threads. What
//! needs a courier, or flags whose slots go to others, is in `courier.rs`.

#![cfg(feature = "std")]

mod cases {
    mod flag;
    mod waker;
}
mod common;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use common::{Foreign, Task, in_time, panic_message, parked, parked_foreign, poll, until};
use futures_core::{FusedFuture, FusedStream, Stream};
use reveille::{FlagWait, ThreadSafeFlag};

/// A way to set.
type Set = fn(&ThreadSafeFlag);

/// Both ways to set: by the courier, where there is one, and on the spot.
const WAYS: [Set; 2] = [ThreadSafeFlag::set, ThreadSafeFlag::set_direct];

/// A flag that is never dropped. A `set` may leave its slot with the courier, and would then wake
/// someone for nothing who waits for the flag that has it next, and counts.
fn kept() -> Arc<ThreadSafeFlag> {
    static KEPT: Mutex<Vec<Arc<ThreadSafeFlag>>> = Mutex::new(Vec::new());
    let flag = Arc::new(ThreadSafeFlag::new());
    KEPT.lock().unwrap().push(flag.clone());
    flag
}

/// Parks a new wait of `flag` for `task`.
fn park<'a>(flag: &'a ThreadSafeFlag, task: &Arc<Task>) -> Pin<Box<FlagWait<&'a ThreadSafeFlag>>> {
    parked(flag.wait(), task)
}

/// A wait of `flag`, parked for `task`, that can be moved into a callback.
fn park_owned(
    flag: &Arc<ThreadSafeFlag>,
    task: &Arc<Task>,
) -> Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>> {
    parked(flag.clone().wait_owned(), task)
}

/// A wait of `flag` that is parked and alone holds a waker of `foreign`.
fn park_foreign(
    flag: &Arc<ThreadSafeFlag>,
    foreign: &Arc<Foreign>,
) -> Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>> {
    parked_foreign(flag.clone().wait_owned(), foreign)
}

fn poll_foreign(
    wait: &mut Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>>,
    foreign: &Arc<Foreign>,
) -> Poll<()> {
    let waker = foreign.waker();
    wait.as_mut().poll(&mut Context::from_waker(&waker))
}

fn poll_next<S: Stream>(stream: Pin<&mut S>, task: &Arc<Task>) -> Poll<Option<S::Item>> {
    stream.poll_next(&mut Context::from_waker(&task.clone().into()))
}

fn has_waiters(flag: &ThreadSafeFlag) -> bool {
    format!("{flag:?}").contains("has_waiters: true")
}

fn until_parked(flag: &ThreadSafeFlag) {
    until("someone parks", || has_waiters(flag));
}

/// Releases `waits`, which are all that wait, one by one, and in their order.
fn release_all<F: Future<Output = ()>>(flag: &ThreadSafeFlag, waits: &mut [Pin<Box<F>>]) {
    let task = Task::new();
    flag.clear();
    for number in 0..waits.len() {
        flag.set_direct();
        if let Some(next) = waits.get_mut(number + 1) {
            assert!(poll(next.as_mut(), &task).is_pending(), "{number} is before it");
        }
        assert!(poll(waits[number].as_mut(), &task).is_ready(), "{number} was its turn");
        assert!(!flag.is_set());
    }
    assert!(!has_waiters(flag));
}

// === 4: what was done before `set` is visible after the wait ===

/// Two threads hand a number to and fro.
fn hand_over(set: Set) {
    const ROUNDS: usize = if cfg!(miri) { 30 } else { 5_000 };
    in_time("numbers handed to and fro", move || {
        let (there, back, payload) = (kept(), kept(), AtomicUsize::new(0));
        thread::scope(|threads| {
            threads.spawn(|| {
                for round in 0..ROUNDS {
                    there.wait_blocking();
                    assert_eq!(payload.load(Relaxed), 2 * round + 1);
                    payload.store(2 * round + 2, Relaxed);
                    set(&back);
                }
            });
            for round in 0..ROUNDS {
                payload.store(2 * round + 1, Relaxed);
                set(&there);
                pollster::block_on(back.wait());
                assert_eq!(payload.load(Relaxed), 2 * round + 2);
            }
        });
    });
}

#[test]
fn what_was_written_before_set_is_visible_after_the_wait() {
    hand_over(ThreadSafeFlag::set);
}

#[test]
fn what_was_written_before_set_direct_is_visible_after_the_wait() {
    hand_over(ThreadSafeFlag::set_direct);
}

/// A consumer that waits and then looks at what there is sees also what came with a set that found
/// the flag set.
#[test]
fn wait_sees_what_was_written_before_each_set_that_it_takes() {
    const JOBS: usize = if cfg!(miri) { 50 } else { 20_000 };
    for set in WAYS {
        in_time("jobs that come while the flag is set", move || {
            let (flag, jobs) = (kept(), [AtomicUsize::new(0), AtomicUsize::new(0)]);
            thread::scope(|threads| {
                for mine in &jobs {
                    let flag = &flag;
                    threads.spawn(move || {
                        for job in 1..=JOBS {
                            mine.store(job, Relaxed);
                            set(flag);
                        }
                    });
                }
                while jobs.iter().any(|done| done.load(Relaxed) < JOBS) {
                    flag.wait_blocking();
                }
            });
        });
    }
}

#[test]
fn what_was_written_before_set_is_visible_once_is_set_or_clear_returns_true() {
    for set in WAYS {
        for look in [ThreadSafeFlag::is_set, ThreadSafeFlag::clear] {
            let (flag, payload) = (ThreadSafeFlag::new(), AtomicUsize::new(0));
            thread::scope(|threads| {
                threads.spawn(|| {
                    payload.store(1, Relaxed);
                    set(&flag);
                });
                until("it is set", || look(&flag));
                assert_eq!(payload.load(Relaxed), 1);
            });
        }
    }
}

// === 5: no foreign code runs under a lock ===

/// All that foreign code may do with the flag that calls it; `other` is a pending wait of it. Says
/// at the end that it got there.
fn everything(
    flag: &Arc<ThreadSafeFlag>,
    other: Option<Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>>>,
    done: &Arc<AtomicBool>,
) -> Box<dyn FnOnce() + Send> {
    let (flag, done) = (Arc::clone(flag), Arc::clone(done));
    Box::new(move || {
        let task = Task::new();
        assert!(format!("{flag:?}").contains("is_set"));
        let _ = flag.is_set();
        flag.clear();
        let mut wait = Box::pin(flag.clone().wait_owned());
        assert!(poll(wait.as_mut(), &task).is_pending());
        flag.set();
        flag.set_direct();
        let _ = poll(wait.as_mut(), &task);
        drop(wait);
        let mut stream = Box::pin(flag.stream());
        let _ = poll_next(stream.as_mut(), &task);
        flag.set_direct();
        let _ = poll_next(stream.as_mut(), &task);
        drop(stream);
        let mut stream = Box::pin(flag.clone().stream_owned());
        let _ = poll_next(stream.as_mut(), &task);
        drop(stream);
        if let Some(mut other) = other {
            let _ = poll(other.as_mut(), &task);
            drop(other);
        }
        let _ = flag.wait_blocking_timeout(Duration::ZERO);
        flag.clear();
        flag.set();
        done.store(true, SeqCst);
    })
}

/// Runs `act`, which has foreign code do `everything`, with 1, 2 and 100 others parked behind a wait
/// that `before` makes; then the others are released, one by one.
fn with_others<T>(
    what: &'static str,
    before: impl Fn(&Arc<ThreadSafeFlag>, &Arc<Foreign>) -> T + Send + Sync + 'static,
    act: impl Fn(&Arc<ThreadSafeFlag>, &Arc<Foreign>, T) + Send + Sync + 'static,
) {
    let steps = Arc::new((before, act));
    for count in [1, 2, 100] {
        let steps = Arc::clone(&steps);
        in_time(what, move || {
            let (flag, task, foreign) = (kept(), Task::new(), Arc::default());
            let first = steps.0(&flag, &foreign);
            let mut others: Vec<_> = (0..count).map(|_| park(&flag, &task)).collect();
            steps.1(&flag, &foreign, first);
            release_all(&flag, &mut others);
            drop(others);
            // The courier may have called one of them, and lets go of its waker a moment later.
            until("nobody has a waker of the others", || task.live() == 0);
        });
    }
}

/// Has the hook do `everything`, also to a wait at the end of the queue.
fn arm(flag: &Arc<ThreadSafeFlag>, hook: &common::Hook) -> Arc<AtomicBool> {
    let done = Arc::default();
    let other = park_owned(flag, &Task::new());
    *hook.lock().unwrap() = Some(everything(flag, Some(other), &done));
    done
}

#[test]
fn waker_may_use_its_flag_while_it_is_woken() {
    for set in WAYS {
        with_others("everything in `wake`", park_foreign, move |flag, foreign, mut wait| {
            let done = arm(flag, &foreign.on_wake);
            set(flag);
            until("it ran", || done.load(SeqCst));
            assert!(poll(wait.as_mut(), &Task::new()).is_ready(), "set, and the first");
        });
    }
}

#[test]
fn waker_may_use_its_flag_while_the_drop_of_the_head_wakes_it() {
    with_others(
        "everything in the `wake` of a dropped head's successor",
        |flag, foreign| (park_owned(flag, &Task::new()), park_foreign(flag, foreign)),
        |flag, foreign, (head, mut next)| {
            let done = arm(flag, &foreign.on_wake);
            flag.set_direct();
            assert!(!done.load(SeqCst));
            drop(head);
            assert!(done.load(SeqCst), "it ran");
            assert!(poll(next.as_mut(), &Task::new()).is_ready());
        },
    );
}

#[test]
fn waker_may_use_its_flag_while_it_is_cloned() {
    with_others(
        "everything in the first poll's `clone`",
        |_, _| (),
        |flag, foreign, ()| {
            let done = arm(flag, &foreign.on_clone);
            let mut wait = Box::pin(flag.clone().wait_owned());
            assert!(poll_foreign(&mut wait, foreign).is_pending(), "others are before it");
            assert!(done.load(SeqCst), "it ran");
        },
    );
    with_others(
        "everything in a later poll's `clone`",
        |flag, _| park_owned(flag, &Task::new()),
        |flag, foreign, mut wait| {
            let done = arm(flag, &foreign.on_clone);
            assert!(poll_foreign(&mut wait, foreign).is_ready(), "set while it was cloned");
            assert!(done.load(SeqCst), "it ran");
        },
    );
}

#[test]
fn waker_may_use_its_flag_while_it_is_dropped() {
    with_others(
        "everything in the `drop` of a cancelled wait's waker",
        park_foreign,
        |flag, foreign, wait| {
            let done = arm(flag, &foreign.on_drop);
            drop(wait);
            assert!(done.load(SeqCst), "it ran");
        },
    );
    with_others(
        "everything in the `drop` of a replaced waker",
        park_foreign,
        |flag, foreign, mut wait| {
            let done = arm(flag, &foreign.on_drop);
            let task = Task::new();
            assert!(poll(wait.as_mut(), &task).is_pending());
            assert!(done.load(SeqCst), "it ran");
            assert!(poll(wait.as_mut(), &task).is_ready(), "set while the old one was dropped");
        },
    );
}

/// With others in the queue the set would be theirs.
#[test]
fn waker_that_turns_out_not_to_be_needed_may_use_its_flag_while_it_is_dropped() {
    in_time("everything in the `drop` of a waker that was not needed", || {
        let (flag, done, foreign) = (kept(), Arc::default(), Arc::new(Foreign::default()));
        *foreign.on_clone.lock().unwrap() = Some(Box::new({
            let flag = flag.clone();
            move || flag.set_direct()
        }));
        let mut wait = Box::pin(flag.clone().wait_owned());
        let waker = foreign.waker();
        *foreign.on_drop.lock().unwrap() = Some(everything(&flag, None, &done));
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
        assert!(done.load(SeqCst), "it ran");
        assert!(flag.clear(), "set again by the drop");
        assert!(!has_waiters(&flag));
    });
}

#[test]
fn set_that_comes_while_a_waiter_gives_another_waker_is_not_lost() {
    for set in WAYS {
        let (flag, foreign) = (kept(), Arc::new(Foreign::default()));
        let old = Task::new();
        let mut wait = park_owned(&flag, &old);
        *foreign.on_clone.lock().unwrap() = Some(Box::new({
            let flag = flag.clone();
            move || set(&flag)
        }));
        assert!(poll_foreign(&mut wait, &foreign).is_ready());
        assert!(!flag.is_set());
    }
}

// === 6: a waker that panics costs nobody a set ===

/// Makes the hook panic with `payload`, past the panic hook and its backtrace.
fn panics(hook: &common::Hook, payload: &'static str) {
    *hook.lock().unwrap() = Some(Box::new(move || resume_unwind(Box::new(payload))));
}

/// Has a waker panic with a payload that takes no memory: one that is forgotten, not passed on, must
/// not look like a leak.
fn panics_unseen(hook: &common::Hook) {
    *hook.lock().unwrap() = Some(Box::new(|| resume_unwind(Box::new(()))));
}

/// The payload of the panic that comes out of `act`.
fn panic_of<R>(act: impl FnOnce() -> R) -> &'static str {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(_) => "none",
        Err(payload) => payload.downcast_ref::<&str>().expect("the waker's own payload"),
    }
}

#[test]
fn panic_in_wake_propagates_out_of_set_direct_and_the_waiter_still_gets_its_set() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let mut head = park_foreign(&flag, &foreign);
    let mut behind = park(&flag, &task);
    panics(&foreign.on_wake, "from the waker");
    assert_eq!(panic_of(|| flag.set_direct()), "from the waker");
    assert!(flag.is_set());
    assert!(poll(behind.as_mut(), &task).is_pending());
    assert!(poll(head.as_mut(), &task).is_ready());
    // The flag stays usable.
    flag.set_direct();
    assert_eq!(task.wakes(), 1);
    assert!(poll(behind.as_mut(), &task).is_ready());
    assert_eq!(task.live(), 0);
}

#[test]
fn waiter_whose_waker_panicked_passes_the_set_on_when_it_is_dropped() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let head = park_foreign(&flag, &foreign);
    let mut behind = park(&flag, &task);
    panics(&foreign.on_wake, "from the waker");
    assert_eq!(panic_of(|| flag.set_direct()), "from the waker");
    assert_eq!(task.wakes(), 0);
    drop(head);
    assert_eq!(task.wakes(), 1);
    assert!(poll(behind.as_mut(), &task).is_ready());
}

#[test]
fn panic_in_the_wake_up_by_a_dropped_head_propagates_out_of_that_drop() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let head = park_owned(&flag, &task);
    let mut next = park_foreign(&flag, &foreign);
    let mut last = park(&flag, &task);
    panics(&foreign.on_wake, "from the waker");
    flag.set_direct();
    assert_eq!(task.wakes(), 1);
    assert_eq!(panic_of(|| drop(head)), "from the waker");
    // The set is still there, for the one that was to be woken, and the flag stays usable.
    assert_eq!(task.wakes(), 1);
    assert!(flag.is_set());
    assert!(poll(last.as_mut(), &task).is_pending());
    assert!(poll(next.as_mut(), &task).is_ready());
    flag.set_direct();
    assert_eq!(task.wakes(), 2);
    assert!(poll(last.as_mut(), &task).is_ready());
    assert!(!has_waiters(&flag));
    assert_eq!(task.live(), 0);
}

#[test]
fn set_passed_on_with_a_panic_goes_further_when_that_waiter_is_dropped() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let head = park_owned(&flag, &Task::new());
    let next = park_foreign(&flag, &foreign);
    let mut last = park(&flag, &task);
    panics(&foreign.on_wake, "from the waker");
    flag.set_direct();
    assert_eq!(panic_of(|| drop(head)), "from the waker");
    drop(next);
    assert_eq!(task.wakes(), 1);
    assert!(poll(last.as_mut(), &task).is_ready());
}

#[test]
fn panic_in_clone_leaves_the_queue_whole() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let mut before = park_owned(&flag, &task);

    // On the first poll nothing is parked; the next poll parks.
    let mut fresh = Box::pin(flag.clone().wait_owned());
    panics(&foreign.on_clone, "first poll");
    assert_eq!(panic_of(|| poll_foreign(&mut fresh, &foreign)), "first poll");
    // On a later poll with another waker the old one stays in its place.
    let parked = park_owned(&flag, &task);
    let mut parked = parked;
    panics(&foreign.on_clone, "later poll");
    assert_eq!(panic_of(|| poll_foreign(&mut parked, &foreign)), "later poll");
    // Of one that was called in vain, too, and it can be polled again.
    flag.set_direct();
    assert!(flag.clear());
    panics(&foreign.on_clone, "called");
    assert_eq!(panic_of(|| poll_foreign(&mut before, &foreign)), "called");
    assert!(poll(before.as_mut(), &task).is_pending());

    assert!(poll(fresh.as_mut(), &task).is_pending());
    assert_eq!(task.wakes(), 1);
    flag.set_direct();
    assert_eq!(task.wakes(), 2);
    release_all(&flag, &mut [before, parked, fresh]);
    assert_eq!(task.live(), 0);
}

#[test]
fn panic_in_the_drop_of_a_cancelled_waiters_waker_leaves_the_queue_whole() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let alone = park_foreign(&flag, &foreign);
    panics(&foreign.on_drop, "alone");
    assert_eq!(panic_of(|| drop(alone)), "alone");
    assert!(!has_waiters(&flag));

    let before = park_owned(&flag, &task);
    let between = park_foreign(&flag, &foreign);
    let after = park_owned(&flag, &task);
    panics(&foreign.on_drop, "between");
    assert_eq!(panic_of(|| drop(between)), "between");
    flag.set_direct();
    assert_eq!(task.wakes(), 1);
    release_all(&flag, &mut [before, after]);
}

#[test]
fn panic_in_the_drop_of_a_replaced_waker_leaves_the_new_one_in_its_place() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let mut wait = park_foreign(&flag, &foreign);
    panics(&foreign.on_drop, "replaced");
    assert_eq!(panic_of(|| poll(wait.as_mut(), &task)), "replaced");
    flag.set_direct();
    assert_eq!(task.wakes(), 1);
    assert!(poll(wait.as_mut(), &task).is_ready());
}

#[test]
fn panic_in_the_drop_of_a_waker_that_was_not_needed_costs_no_set() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    // Set while the poll clones its waker, which is then not needed.
    let set_while_cloned = || {
        let flag = flag.clone();
        *foreign.on_clone.lock().unwrap() = Some(Box::new(move || flag.set_direct()));
    };
    let waker = foreign.waker();
    let mut by_foreign = Context::from_waker(&waker);

    set_while_cloned();
    let mut first = Box::pin(flag.clone().wait_owned());
    panics(&foreign.on_drop, "in the first poll");
    assert_eq!(panic_of(|| first.as_mut().poll(&mut by_foreign)), "in the first poll");
    assert!(poll(first.as_mut(), &task).is_ready(), "the set was neither reported nor left");
    assert!(!flag.is_set());

    let mut later = park_owned(&flag, &task);
    set_while_cloned();
    panics(&foreign.on_drop, "in a later poll");
    assert_eq!(panic_of(|| later.as_mut().poll(&mut by_foreign)), "in a later poll");
    assert!(poll(later.as_mut(), &task).is_ready(), "the set was neither reported nor left");
    assert!(!flag.is_set());
}

#[test]
fn wait_that_panicked_with_its_set_and_is_dropped_passes_it_on() {
    let (flag, foreign, task) =
        (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
    let mut head = park_owned(&flag, &Task::new());
    let mut next = park_owned(&flag, &task);
    *foreign.on_clone.lock().unwrap() = Some(Box::new({
        let flag = flag.clone();
        move || flag.set_direct()
    }));
    panics(&foreign.on_drop, "not needed");
    let waker = foreign.waker();
    let poll_it = || head.as_mut().poll(&mut Context::from_waker(&waker));
    assert_eq!(panic_of(poll_it), "not needed");
    assert!(!flag.is_set());
    drop(head);
    assert_eq!(task.wakes(), 1);
    assert!(poll(next.as_mut(), &task).is_ready(), "the set was lost");
    assert!(!flag.is_set());
}

/// A second panic that left a drop would abort the process.
#[test]
fn panic_in_a_wake_up_by_a_drop_ends_there_if_the_thread_unwinds_already() {
    let new = || (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()));

    // The task panics, and drops the head.
    let (flag, next) = new();
    let head = park_owned(&flag, &Task::new());
    let behind = park_foreign(&flag, &next);
    flag.set_direct();
    panics_unseen(&next.on_wake);
    let payload = panic_of(move || {
        let _head = head;
        resume_unwind(Box::new("the task's own"));
    });
    assert_eq!(payload, "the task's own");
    assert!(next.on_wake.lock().unwrap().is_none(), "it was woken");
    assert!(flag.is_set());
    drop(behind);

    // Each drop wakes the one that is dropped next.
    let (flag, first) = new();
    let second = Arc::new(Foreign::default());
    let queue = vec![
        park_owned(&flag, &Task::new()),
        park_foreign(&flag, &first),
        park_foreign(&flag, &second),
    ];
    flag.set_direct();
    panics(&first.on_wake, "first");
    panics_unseen(&second.on_wake);
    assert_eq!(panic_of(|| drop(queue)), "first");
    assert!(flag.is_set());
}

/// The wait is in an async block, which is dropped when its poll panics.
#[test]
fn block_that_panicked_with_its_set_passes_it_on_to_a_waker_that_panics_too() {
    let (flag, own, next, task) = (
        Arc::new(ThreadSafeFlag::new()),
        Arc::new(Foreign::default()),
        Arc::new(Foreign::default()),
        Task::new(),
    );
    let mut block = Box::pin({
        let flag = flag.clone();
        async move { flag.wait().await }
    });
    assert!(poll(block.as_mut(), &task).is_pending());
    let mut behind = park_foreign(&flag, &next);
    *own.on_clone.lock().unwrap() = Some(Box::new({
        let flag = flag.clone();
        move || flag.set_direct()
    }));
    panics(&own.on_drop, "own");
    panics_unseen(&next.on_wake);
    let waker = own.waker();
    let poll_it = || block.as_mut().poll(&mut Context::from_waker(&waker));
    assert_eq!(panic_of(poll_it), "own");
    assert!(next.on_wake.lock().unwrap().is_none(), "it was woken");
    assert!(poll(behind.as_mut(), &task).is_ready());
}

// === 9, 10: between threads ===

#[test]
fn every_set_releases_one_of_many_threads_and_no_more() {
    const SETS: usize = if cfg!(miri) { 20 } else { 2_000 };
    for set in WAYS {
        in_time("as many sets as releases", move || {
            let (flag, taken, over) = (kept(), AtomicUsize::new(0), AtomicBool::new(false));
            thread::scope(|threads| {
                for number in 0..4 {
                    let (flag, taken, over) = (&flag, &taken, &over);
                    threads.spawn(move || {
                        loop {
                            if number % 2 == 0 {
                                flag.wait_blocking();
                            } else {
                                pollster::block_on(flag.wait());
                            }
                            if over.load(SeqCst) {
                                return set(flag);
                            }
                            taken.fetch_add(1, SeqCst);
                        }
                    });
                }
                for _ in 0..SETS {
                    set(&flag);
                    until("someone takes it", || !flag.is_set());
                }
                until("the last is counted", || taken.load(SeqCst) >= SETS);
                over.store(true, SeqCst);
                set(&flag);
            });
            assert_eq!(taken.load(SeqCst), SETS);
            assert!(flag.is_set(), "the last to go sets it once more");
        });
    }
}

#[test]
fn blocked_threads_tasks_and_streams_are_one_queue() {
    for set in WAYS {
        in_time("a thread, a task, a stream, a thread", move || {
            let (flag, task) = (kept(), Task::new());
            let (first_is_out, last_is_out) = (AtomicBool::new(false), AtomicBool::new(false));
            thread::scope(|threads| {
                threads.spawn(|| {
                    flag.wait_blocking();
                    first_is_out.store(true, SeqCst);
                });
                until_parked(&flag);
                let mut wait = park(&flag, &task);
                let mut stream = Box::pin(flag.stream());
                assert!(poll_next(stream.as_mut(), &task).is_pending());
                threads.spawn(|| {
                    flag.wait_blocking();
                    last_is_out.store(true, SeqCst);
                });

                set(&flag);
                assert!(poll(wait.as_mut(), &task).is_pending());
                assert!(poll_next(stream.as_mut(), &task).is_pending());
                until("the first thread is out", || first_is_out.load(SeqCst));
                assert!(poll(wait.as_mut(), &task).is_pending());
                set(&flag);
                assert!(poll_next(stream.as_mut(), &task).is_pending());
                assert!(poll(wait.as_mut(), &task).is_ready());
                set(&flag);
                assert!(!last_is_out.load(SeqCst), "the stream is before it");
                assert!(poll_next(stream.as_mut(), &task).is_ready());
                set(&flag);
                until("the last thread is out", || last_is_out.load(SeqCst));
            });
            assert!(!flag.is_set() && !has_waiters(&flag));
        });
    }
}

// === 10: a forgotten head ===

/// Until it is the head, a forgotten wait blocks no waiter.
#[test]
fn forgotten_wait_that_is_the_head_blocks_its_flag_and_no_other() {
    for set in WAYS {
        let (flag, other) = (kept(), kept());
        let (forgotten, task) = (Task::new(), Task::new());
        let mut first = park(&flag, &task);
        common::leak(park_owned(&flag, &forgotten));
        let mut behind = park(&flag, &task);
        set(&flag);
        until("the first waiter is woken", || task.wakes() == 1);
        assert!(poll(first.as_mut(), &task).is_ready());

        set(&flag);
        until("the forgotten head is woken", || forgotten.wakes() == 1);
        for _ in 0..3 {
            assert!(poll(behind.as_mut(), &task).is_pending());
            assert!(poll(pin!(flag.wait()), &task).is_pending());
            assert!(!flag.wait_blocking_timeout(Duration::ZERO));
            assert!(flag.is_set(), "no other waiter consumes the set");
            // The flag can be cleared and set again, and the head keeps it.
            assert!(flag.clear());
            set(&flag);

            // Other flags release their waiters, by the same courier.
            let mut wait = park(&other, &task);
            let wakes = task.wakes();
            set(&other);
            until("the waiter of another flag is woken", || task.wakes() > wakes);
            assert!(poll(wait.as_mut(), &task).is_ready());
            common::set_and_see_it(&other);
        }
        assert_eq!(task.wakes(), 4, "a waiter behind the forgotten head is woken");
        assert_eq!(forgotten.wakes(), 1);
        // Waits behind it can leave the queue, and new ones enter it.
        drop(behind);
        assert!(poll(pin!(flag.wait()), &task).is_pending());
    }
}

// === 17, 18: owned waits and streams, and polls after Ready ===

#[test]
fn wait_polled_after_ready_panics_with_its_name_and_takes_nothing() {
    fn check<W: FusedFuture>(flag: &ThreadSafeFlag, wait: W) {
        let (task, mut wait) = (Task::new(), Box::pin(wait));
        flag.set();
        assert!(poll(wait.as_mut(), &task).is_ready());
        flag.set();
        for _ in 0..2 {
            let message = panic_message(|| poll(wait.as_mut(), &task));
            assert_eq!(message, "`FlagWait` polled after it was ready");
            assert!(wait.is_terminated());
        }
        drop(wait);
        assert!(flag.clear());
    }
    let flag = Arc::new(ThreadSafeFlag::new());
    check(&flag, flag.wait());
    check(&flag, flag.clone().wait_owned());
}

#[test]
fn owned_wait_is_terminated_once_it_has_been_ready_and_not_before() {
    let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
    let mut wait = Box::pin(flag.clone().wait_owned());
    assert!(!wait.is_terminated());
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert!(!wait.is_terminated());
    flag.set_direct();
    assert!(!wait.is_terminated());
    assert!(poll(wait.as_mut(), &task).is_ready());
    assert!(wait.is_terminated());
}

#[test]
fn owned_wait_keeps_its_flag_alive() {
    let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
    let weak = Arc::downgrade(&flag);
    let mut wait = park_owned(&flag, &task);
    drop(flag);
    weak.upgrade().expect("the wait holds it").set_direct();
    assert_eq!(task.wakes(), 1);
    assert!(poll(wait.as_mut(), &task).is_ready());
    drop(wait);
    assert!(weak.upgrade().is_none());
}

#[test]
fn owned_stream_keeps_its_flag_alive_from_item_to_item() {
    let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
    let weak = Arc::downgrade(&flag);
    let mut stream = Box::pin(flag.stream_owned());
    for item in 1..=3 {
        assert!(poll_next(stream.as_mut(), &task).is_pending());
        weak.upgrade().expect("the stream holds it").set_direct();
        assert_eq!(task.wakes(), item);
        assert_eq!(poll_next(stream.as_mut(), &task), Poll::Ready(Some(())));
        assert!(!stream.is_terminated());
    }
    drop(stream);
    assert!(weak.upgrade().is_none());
}

#[test]
fn owned_stream_that_is_dropped_passes_the_set_on() {
    let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
    let mut stream = Box::pin(flag.clone().stream_owned());
    assert!(poll_next(stream.as_mut(), &task).is_pending());
    let next = Task::new();
    let mut behind = park(&flag, &next);
    flag.set_direct();
    assert_eq!((task.wakes(), next.wakes()), (1, 0));
    drop(stream);
    assert_eq!(next.wakes(), 1);
    assert!(poll(behind.as_mut(), &next).is_ready());
}

#[test]
fn owned_stream_can_be_moved_into_a_task_of_any_executor() {
    const SETS: usize = if cfg!(miri) { 5 } else { 200 };
    async fn count(flag: Arc<ThreadSafeFlag>, items: Arc<AtomicUsize>) {
        let mut stream = pin!(flag.stream_owned());
        for _ in 0..SETS {
            let item = std::future::poll_fn(|cx| stream.as_mut().poll_next(cx)).await;
            assert_eq!(item, Some(()));
            items.fetch_add(1, SeqCst);
        }
    }
    fn set_each(flag: &ThreadSafeFlag, items: &AtomicUsize) {
        for sets in 1..=SETS {
            flag.set();
            until("its item", || items.load(SeqCst) == sets);
        }
    }
    in_time("an item a set", || {
        let (flag, items) = (kept(), Arc::new(AtomicUsize::new(0)));
        let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let task = tokio.spawn(count(flag.clone(), items.clone()));
        set_each(&flag, &items);
        tokio.block_on(task).unwrap();

        #[cfg(not(miri))] // Its reactor asks for system calls that Miri does not have.
        {
            items.store(0, SeqCst);
            let task = smol::spawn(count(flag.clone(), items.clone()));
            set_each(&flag, &items);
            smol::block_on(task);
        }
        assert!(!flag.is_set() && !has_waiters(&flag));
    });
}

/// A task that another branch of its `select!` keeps winning from, on a flag that others wait for too.
#[test]
fn waits_that_are_dropped_at_any_moment_lose_no_set() {
    const SETS: usize = if cfg!(miri) { 20 } else { 2_000 };
    for set in WAYS {
        in_time("waits dropped while they are set", move || {
            let (flag, taken, over) = (kept(), AtomicUsize::new(0), AtomicBool::new(false));
            thread::scope(|threads| {
                for polls in 1..4 {
                    let (flag, taken, over) = (&flag, &taken, &over);
                    threads.spawn(move || {
                        let task = Task::new();
                        while !over.load(SeqCst) {
                            let mut wait = Box::pin(flag.wait());
                            if (0..polls).any(|_| poll(wait.as_mut(), &task).is_ready()) {
                                taken.fetch_add(1, SeqCst);
                            }
                            drop(wait);
                            thread::yield_now();
                        }
                    });
                }
                for sets in 0..SETS {
                    set(&flag);
                    until("it is taken, and counted", || taken.load(SeqCst) > sets);
                }
                over.store(true, SeqCst);
            });
            assert_eq!(taken.load(SeqCst), SETS);
            assert!(!flag.is_set() && !has_waiters(&flag));
        });
    }
}

/// Its task has been woken, and is dropped before it runs.
#[test]
fn executor_that_is_shut_down_passes_on_what_its_tasks_waited_for() {
    let [tokio, smol]: [fn(&Arc<ThreadSafeFlag>); 2] = [
        |flag| {
            let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
            (0..3).for_each(|_| drop(tokio.spawn(flag.clone().wait_owned())));
            tokio.block_on(tokio::task::yield_now());
            flag.set_direct();
        },
        |flag| {
            let smol = smol::LocalExecutor::new();
            (0..3).for_each(|_| smol.spawn(flag.clone().wait_owned()).detach());
            while smol.try_tick() {}
            flag.set_direct();
        },
    ];
    for shut_down in [tokio, smol] {
        let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
        shut_down(&flag);
        assert!(flag.is_set() && !has_waiters(&flag), "it stays for the next");
        flag.clear();

        let other = std::thread::spawn({
            let flag = flag.clone();
            move || shut_down(&flag)
        });
        other.join().unwrap();
        let mut wait = Box::pin(flag.wait());
        assert!(poll(wait.as_mut(), &task).is_ready(), "the set was lost with its executor");
        assert_eq!(Arc::strong_count(&flag), 1, "no task is left");
    }
}

/// What keeps a thread's parker has gone by then, or goes later. (On Windows such a thread holds the loader's
/// lock, as `LocalKey` says, so that no other begins, and none may be waited for.)
#[test]
#[cfg(not(windows))]
fn flag_works_while_the_locals_of_a_thread_are_destroyed() {
    struct AtTheEnd;

    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let flag = Arc::new(ThreadSafeFlag::new());
            for set in WAYS {
                set(&flag);
                flag.wait_blocking();
                assert!(!flag.wait_blocking_timeout(Duration::from_micros(10)));
                let setter = thread::spawn({
                    let flag = flag.clone();
                    move || {
                        until_parked(&flag);
                        set(&flag);
                    }
                });
                flag.wait_blocking();
                setter.join().unwrap();
            }
            ENDS.fetch_add(1, SeqCst);
        }
    }

    std::thread_local! {
        static FIRST: AtTheEnd = const { AtTheEnd };
        static LAST: AtTheEnd = const { AtTheEnd };
    }
    static ENDS: AtomicUsize = AtomicUsize::new(0);

    in_time("a thread that ends", || {
        let thread = thread::spawn(|| {
            FIRST.with(|_| ());
            assert!(!ThreadSafeFlag::new().wait_blocking_timeout(Duration::from_micros(10)));
            LAST.with(|_| ());
        });
        thread.join().unwrap();
        assert_eq!(ENDS.load(SeqCst), 2);
    });
}

// === Blocking waits ===

#[test]
fn set_releases_a_blocked_thread() {
    for set in WAYS {
        in_time("a blocked thread", move || {
            let flag = kept();
            for _ in 0..20 {
                thread::scope(|threads| {
                    threads.spawn(|| flag.wait_blocking());
                    until_parked(&flag);
                    set(&flag);
                });
                assert!(!flag.is_set() && !has_waiters(&flag));
            }
        });
    }
}

#[test]
fn blocking_wait_on_a_set_flag_takes_the_set_and_does_not_block() {
    in_time("a set flag", || {
        let flag = ThreadSafeFlag::new();
        let waits: [fn(&ThreadSafeFlag) -> bool; 5] = [
            |flag| {
                flag.wait_blocking();
                true
            },
            |flag| flag.wait_blocking_timeout(Duration::ZERO),
            |flag| flag.wait_blocking_timeout(Duration::MAX),
            |flag| flag.wait_blocking_deadline(Instant::now()),
            |flag| flag.wait_blocking_deadline(Instant::now() + Duration::from_secs(1)),
        ];
        for wait in waits {
            flag.set();
            assert!(wait(&flag));
            assert!(!flag.is_set());
        }
    });
}

#[test]
fn zero_timeout_and_past_deadline_never_block_and_leave_nothing_behind() {
    in_time("zero and past", || {
        let flag = ThreadSafeFlag::new();
        assert!(!flag.wait_blocking_timeout(Duration::ZERO));
        assert!(!flag.wait_blocking_deadline(Instant::now()));
        if let Some(past) = Instant::now().checked_sub(Duration::from_secs(1)) {
            assert!(!flag.wait_blocking_deadline(past));
        }
        assert!(!has_waiters(&flag));
        flag.set();
        assert!(flag.is_set());
    });
}

#[test]
fn blocking_newcomer_does_not_overtake_a_notified_head() {
    in_time("a set that is for another", || {
        let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
        let mut head = park(&flag, &task);
        flag.set_direct();
        assert!(!flag.wait_blocking_timeout(Duration::ZERO));
        assert!(!flag.wait_blocking_deadline(Instant::now()));
        assert!(!flag.wait_blocking_timeout(Duration::from_millis(5)));
        assert!(flag.is_set());
        assert!(poll(head.as_mut(), &task).is_ready());
        assert!(!has_waiters(&flag));
    });
}

#[test]
fn wait_that_times_out_returns_so_not_too_early_and_leaves_nothing_behind() {
    in_time("20 ms", || {
        let flag = ThreadSafeFlag::new();
        let start = Instant::now();
        assert!(!flag.wait_blocking_timeout(Duration::from_millis(20)));
        assert!(start.elapsed() >= Duration::from_millis(20));
        let deadline = Instant::now() + Duration::from_millis(20);
        assert!(!flag.wait_blocking_deadline(deadline));
        assert!(Instant::now() >= deadline);
        assert!(!has_waiters(&flag));
        // A set after it is for whoever comes next.
        flag.set_direct();
        assert!(flag.is_set());
        assert!(flag.wait_blocking_timeout(Duration::from_millis(20)));
    });
}

#[test]
fn wait_that_times_out_leaves_the_others_in_their_order() {
    in_time("5 ms, between two tasks", || {
        let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
        let before = park_owned(&flag, &task);
        thread::scope(|threads| {
            threads.spawn(|| assert!(!flag.wait_blocking_timeout(Duration::from_millis(5))));
        });
        let after = park_owned(&flag, &task);
        release_all(&flag, &mut [before, after]);
    });
}

#[test]
fn huge_timeout_waits_for_ever() {
    in_time("Duration::MAX", || {
        let flag = kept();
        for timeout in [Duration::MAX, Duration::from_secs(u64::MAX / 4)] {
            for set in WAYS {
                thread::scope(|threads| {
                    let thread = threads.spawn(|| flag.wait_blocking_timeout(timeout));
                    until_parked(&flag);
                    set(&flag);
                    assert!(thread.join().unwrap());
                });
            }
        }
    });
}

#[test]
fn timeout_that_races_with_a_set_never_loses_it() {
    const ROUNDS: u64 = if cfg!(miri) { 10 } else { 1_000 };
    for set in WAYS {
        in_time("a set at the deadline", move || {
            let (flag, start, end) = (kept(), Barrier::new(2), Barrier::new(2));
            thread::scope(|threads| {
                threads.spawn(|| {
                    for round in 0..ROUNDS {
                        start.wait();
                        // Before, at, and after the deadline, roughly.
                        for _ in 0..round % 7 {
                            thread::yield_now();
                        }
                        set(&flag);
                        end.wait();
                    }
                });
                for round in 0..ROUNDS {
                    start.wait();
                    let taken = flag.wait_blocking_timeout(Duration::from_micros(round * 7 % 100));
                    end.wait();
                    assert_eq!(flag.clear(), !taken, "round {round}");
                    assert!(!has_waiters(&flag));
                }
            });
        });
    }
}

/// The blocking wait of a thread that is given up is a drop like any other.
#[test]
fn thread_that_times_out_passes_its_set_on() {
    const ROUNDS: u64 = if cfg!(miri) { 10 } else { 500 };
    for set in WAYS {
        in_time("a thread that gives up before a task", move || {
            let flag = kept();
            let given_up = AtomicUsize::new(0);
            for round in 0..ROUNDS {
                let task = Task::new();
                thread::scope(|threads| {
                    let timeout = Duration::from_micros(200 + round % 50);
                    let thread = threads.spawn(move || Instant::now() + timeout);
                    let deadline = thread.join().unwrap();
                    let thread = threads.spawn({
                        let flag = &flag;
                        move || flag.wait_blocking_deadline(deadline)
                    });
                    let mut wait = Box::pin(flag.wait());
                    let mut taken = poll(wait.as_mut(), &task).is_ready();
                    while Instant::now() < deadline {
                        std::hint::spin_loop();
                    }
                    set(&flag);
                    let by_the_thread = thread.join().unwrap();
                    if !by_the_thread {
                        given_up.fetch_add(1, SeqCst);
                        until("the task gets it", || {
                            taken = taken || poll(wait.as_mut(), &task).is_ready();
                            taken
                        });
                    }
                    assert_eq!(taken, !by_the_thread, "one of the two");
                });
                assert!(!flag.is_set() && !has_waiters(&flag));
            }
        });
    }
}

#[test]
fn waker_may_block_on_another_flag() {
    in_time("a blocking wait in a waker", || {
        let (flag, other) = (Arc::new(ThreadSafeFlag::new()), Arc::new(ThreadSafeFlag::new()));
        let foreign = Arc::new(Foreign::default());
        *foreign.on_wake.lock().unwrap() = Some(Box::new({
            let other = other.clone();
            move || other.wait_blocking()
        }));
        let mut wait = park_foreign(&flag, &foreign);
        thread::scope(|threads| {
            threads.spawn(|| {
                until_parked(&other);
                other.set_direct();
            });
            flag.set_direct();
        });
        assert!(foreign.on_wake.lock().unwrap().is_none(), "it ran");
        assert!(poll(wait.as_mut(), &Task::new()).is_ready());
    });
}

#[test]
fn flag_is_usable_in_a_static_by_tasks_and_threads() {
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    in_time("a static", || {
        for set in WAYS {
            let task = Task::new();
            let mut wait: Pin<Box<FlagWait<&'static ThreadSafeFlag>>> = park(&FLAG, &task);
            let thread = thread::spawn(|| FLAG.wait_blocking());
            set(&FLAG);
            until("the task is woken", || task.wakes() == 1);
            assert!(poll(wait.as_mut(), &task).is_ready());
            set(&FLAG);
            thread.join().unwrap();
        }
    });
}

// === The stream, between threads; the end of a flag ===

#[test]
fn stream_gives_a_thread_every_set_that_it_waits_for() {
    const SETS: usize = if cfg!(miri) { 20 } else { 2_000 };
    for set in WAYS {
        in_time("an item a set", move || {
            let (flag, items) = (kept(), AtomicUsize::new(0));
            thread::scope(|threads| {
                threads.spawn(|| {
                    let mut stream = pin!(flag.stream());
                    for _ in 0..SETS {
                        pollster::block_on(std::future::poll_fn(|cx| {
                            stream.as_mut().poll_next(cx)
                        }));
                        items.fetch_add(1, SeqCst);
                    }
                });
                for sets in 1..=SETS {
                    set(&flag);
                    until("its item", || items.load(SeqCst) == sets);
                }
            });
            assert!(!flag.is_set());
        });
    }
}

/// Fails under Miri and ThreadSanitizer, if it does: nobody touches a waiter that has gone.
#[test]
fn set_can_be_the_last_use_of_a_flag_that_its_waiter_then_drops() {
    in_time("the waiter drops the last handle", || {
        for _ in 0..if cfg!(miri) { 10 } else { 2_000 } {
            let flag = Arc::new(ThreadSafeFlag::new());
            let wait = flag.clone().wait_owned();
            let setter = thread::spawn(move || flag.set_direct());
            pollster::block_on(wait);
            setter.join().unwrap();
        }
    });
}
