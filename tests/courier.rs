//! `ThreadSafeFlag::set` where a courier delivers it: flags whose slots go to others while the courier
//! has yet to come to them, wakers that panic there, and a courier that is held up. In a program of
//! its own, since a recycled slot may wake anyone here for nothing.

#![cfg(all(unix, feature = "std", any(not(miri), reveille_courier)))]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use common::{Foreign, Task, in_time, parked, parked_foreign, poll, until};
use reveille::{Courier, FlagWait, ThreadSafeFlag};

fn park<'a>(flag: &'a ThreadSafeFlag, task: &Arc<Task>) -> Pin<Box<FlagWait<&'a ThreadSafeFlag>>> {
    parked(flag.wait(), task)
}

/// A wait of a flag that is parked and alone holds a waker of `foreign`.
fn park_foreign(
    flag: &Arc<ThreadSafeFlag>,
    foreign: &Arc<Foreign>,
) -> Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>> {
    parked_foreign(flag.clone().wait_owned(), foreign)
}

/// Parks `task` on a flag, sets that, and waits for the courier.
fn courier_delivers() {
    let (flag, task) = (ThreadSafeFlag::new(), Task::new());
    let mut wait = park(&flag, &task);
    flag.set();
    until("the courier wakes a task", || task.wakes() > 0);
    assert!(poll(wait.as_mut(), &task).is_ready());
}

/// Whether somebody has a waker of the task. If not, it was called, perhaps for nothing.
fn is_parked(task: &Arc<Task>) -> bool {
    task.live() > 0
}

/// A courier inside a waker that does not return until this is dropped.
struct Held {
    _release: mpsc::Sender<()>,
}

impl Held {
    fn new() -> Self {
        let (release, released) = mpsc::channel();
        let (enter, entered) = mpsc::channel();
        let (flag, foreign) = (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()));
        *foreign.on_wake.lock().unwrap() = Some(Box::new(move || {
            enter.send(()).unwrap();
            // Until the other end is dropped.
            let _ = released.recv();
        }));
        let wait = park_foreign(&flag, &foreign);
        flag.set();
        entered.recv_timeout(common::PATIENCE).expect("the courier runs the waker");
        drop(wait);
        Self { _release: release }
    }
}

// === Its start ===

#[test]
fn courier_may_be_started_any_number_of_times_by_any_thread() {
    in_time("starts by eight threads", || {
        thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| (0..10).for_each(|_| Courier::start().unwrap()));
            }
        });
        courier_delivers();
        #[cfg(all(target_os = "linux", not(miri)))]
        assert_eq!(common::couriers(), 1);
    });
}

#[test]
fn wakers_run_on_the_courier_and_those_of_set_direct_on_the_setter() {
    in_time("the name of the thread", || {
        let setter = thread::current().id();
        for (set, by_courier) in
            [(ThreadSafeFlag::set as fn(&_), true), (ThreadSafeFlag::set_direct, false)]
        {
            let (flag, foreign) = (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()));
            let (tell, told) = mpsc::channel();
            // Held up, so that it does not come for nothing.
            let held = Held::new();
            let wait = park_foreign(&flag, &foreign);
            *foreign.on_wake.lock().unwrap() = Some(Box::new(move || {
                let this = thread::current();
                tell.send((this.id() == setter, this.name() == Some("reveille-courier"))).unwrap();
            }));
            set(&flag);
            drop(held);
            let told = told.recv_timeout(common::PATIENCE).expect("woken");
            assert_eq!(told, (!by_courier, by_courier));
            drop(wait);
        }
    });
}

// === 6: a waker that panics there ends there ===

#[test]
fn panic_on_the_courier_ends_there_and_later_sets_are_delivered() {
    in_time("a waker that panics on the courier", || {
        for _ in 0..20 {
            let (flag, foreign, task) =
                (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
            let mut head = park_foreign(&flag, &foreign);
            *foreign.on_wake.lock().unwrap() = Some(Box::new(|| resume_unwind(Box::new(()))));
            let mut behind = park(&flag, &task);
            flag.set();
            until("it is woken", || foreign.on_wake.lock().unwrap().is_none());
            // Of other flags.
            courier_delivers();
            // Of this flag: the waiter itself still has its set, and the one behind it the next.
            assert!(poll(behind.as_mut(), &task).is_pending());
            assert!(poll(head.as_mut(), &Task::new()).is_ready());
            flag.set();
            until("the next is woken", || task.wakes() > 0);
            assert!(poll(behind.as_mut(), &task).is_ready());
        }
    });
}

#[test]
fn panic_on_the_courier_costs_no_other_flag_of_the_same_round_its_set() {
    in_time("every third of 60 wakers panics", || {
        let flags: Vec<_> = (0..60).map(|_| Arc::new(ThreadSafeFlag::new())).collect();
        let task = Task::new();
        let mut waits = Vec::new();
        for (number, flag) in flags.iter().enumerate() {
            let foreign = Arc::new(Foreign::default());
            waits.push(park_foreign(flag, &foreign));
            let task = task.clone();
            *foreign.on_wake.lock().unwrap() = Some(Box::new(move || {
                std::task::Wake::wake(task);
                if number % 3 == 0 {
                    resume_unwind(Box::new(()));
                }
            }));
        }
        // All in one round of the courier.
        let held = Held::new();
        flags.iter().for_each(|flag| flag.set());
        drop(held);
        until("all are woken", || task.wakes() == 60);
        assert!(waits.iter_mut().all(|wait| poll(wait.as_mut(), &task).is_ready()));
    });
}

#[test]
fn panic_in_the_drop_of_a_taken_heads_waker_costs_no_set() {
    in_time("a courier that is held up", || {
        let (flag, foreign, task) =
            (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()), Task::new());
        let held = Held::new();
        let mut head = park_foreign(&flag, &foreign);
        flag.set();
        *foreign.on_drop.lock().unwrap() = Some(Box::new(|| resume_unwind(Box::new("own"))));
        assert_eq!(panic_of(|| poll(head.as_mut(), &task)), "own");
        assert!(poll(head.as_mut(), &task).is_ready(), "the set was neither reported nor left");
        assert!(!flag.is_set());
        drop(held);
    });
}

#[test]
fn dropped_head_whose_own_waker_panics_too_propagates_the_first_panic() {
    in_time("a courier that is held up", || {
        let (flag, own, next, task) = (
            Arc::new(ThreadSafeFlag::new()),
            Arc::new(Foreign::default()),
            Arc::new(Foreign::default()),
            Task::new(),
        );
        let held = Held::new();
        let head = park_foreign(&flag, &own);
        let mut behind = park_foreign(&flag, &next);
        // Will be forgotten: it has no memory to leak.
        *own.on_drop.lock().unwrap() = Some(Box::new(|| resume_unwind(Box::new(()))));
        *next.on_wake.lock().unwrap() = Some(Box::new(|| resume_unwind(Box::new("next"))));
        flag.set();
        assert_eq!(panic_of(|| drop(head)), "next");
        assert!(own.on_drop.lock().unwrap().is_none(), "both have run");
        assert!(poll(behind.as_mut(), &task).is_ready());
        drop(held);
    });
}

/// The payload of the panic that comes out of `act`.
fn panic_of<R>(act: impl FnOnce() -> R) -> &'static str {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(_) => "none",
        Err(payload) => payload.downcast_ref::<&str>().expect("the waker's own payload"),
    }
}

// === 10: a set that the courier has yet to deliver ===

#[test]
fn head_that_looks_before_the_courier_comes_takes_its_set() {
    in_time("a courier that is held up", || {
        let (flag, task, next_task) = (ThreadSafeFlag::new(), Task::new(), Task::new());
        let held = Held::new();
        let mut head = park(&flag, &task);
        let mut next = park(&flag, &next_task);
        flag.set();
        assert!(poll(next.as_mut(), &next_task).is_pending());
        assert!(poll(head.as_mut(), &task).is_ready());
        assert_eq!((task.wakes(), task.live()), (0, 0));
        // The courier comes for nothing, and finds the next, who looks, and stays.
        drop(held);
        until("the next is woken for nothing", || next_task.wakes() == 1);
        assert!(poll(next.as_mut(), &next_task).is_pending());
        flag.set();
        until("the next is woken", || next_task.wakes() == 2);
        assert!(poll(next.as_mut(), &next_task).is_ready());
    });
}

#[test]
fn head_that_is_dropped_before_the_courier_comes_passes_its_set_on() {
    in_time("a courier that is held up", || {
        let (flag, task, next_task) = (ThreadSafeFlag::new(), Task::new(), Task::new());
        let held = Held::new();
        let head = park(&flag, &task);
        let mut next = park(&flag, &next_task);
        flag.set();
        drop(head);
        assert_eq!((task.live(), next_task.wakes()), (0, 1));
        assert!(poll(next.as_mut(), &next_task).is_ready());
        drop(held);
        courier_delivers();
        assert_eq!(next_task.wakes(), 1);
    });
}

#[test]
fn set_direct_after_a_set_that_was_cleared_wakes_without_the_courier() {
    in_time("a courier that is held up", || {
        let (flag, task) = (ThreadSafeFlag::new(), Task::new());
        let held = Held::new();
        let mut wait = park(&flag, &task);
        flag.set();
        assert!(flag.clear());
        flag.set_direct();
        assert_eq!(task.wakes(), 1);
        assert!(poll(wait.as_mut(), &task).is_ready());
        drop(held);
    });
}

#[test]
fn sets_of_many_threads_are_all_delivered() {
    const ROUNDS: usize = if cfg!(miri) { 5 } else { 300 };
    in_time("six setters of two flags each", || {
        let flags: [_; 12] = std::array::from_fn(|_| ThreadSafeFlag::new());
        let taken: [_; 12] = std::array::from_fn(|_| AtomicUsize::new(0));
        thread::scope(|threads| {
            for (flag, taken) in flags.iter().zip(&taken) {
                threads.spawn(move || {
                    for _ in 0..ROUNDS {
                        pollster::block_on(flag.wait());
                        taken.fetch_add(1, SeqCst);
                    }
                });
            }
            for pair in 0..6 {
                let (flags, taken) = (&flags[2 * pair..][..2], &taken[2 * pair..][..2]);
                threads.spawn(move || {
                    for round in 0..ROUNDS {
                        flags.iter().for_each(|flag| flag.set());
                        until("both are taken", || {
                            taken.iter().all(|taken| taken.load(SeqCst) > round)
                        });
                    }
                });
            }
        });
    });
}

// === Slots that go from flag to flag ===

/// Each of them has fetched a slot, and all but one give theirs back.
#[test]
fn threads_that_are_the_first_to_park_at_the_same_time_share_one_slot() {
    const THREADS: usize = 4;
    in_time("four threads, and 50 flags that nobody has waited for", || {
        for _ in 0..50 {
            let (flag, ready) = (ThreadSafeFlag::new(), Barrier::new(THREADS));
            let out = AtomicUsize::new(0);
            thread::scope(|threads| {
                for _ in 0..THREADS {
                    threads.spawn(|| {
                        ready.wait();
                        flag.wait_blocking();
                        out.fetch_add(1, SeqCst);
                    });
                }
                for set in 1..=THREADS {
                    flag.set();
                    until("each set releases one", || out.load(SeqCst) == set);
                }
            });
        }
    });
}

#[test]
fn ten_thousand_flags_at_once_are_each_parked_on_set_and_woken() {
    const FLAGS: usize = if cfg!(miri) { 20 } else { 10_000 };
    in_time("10,000 flags", || {
        for _ in 0..2 {
            let flags: Vec<_> = (0..FLAGS).map(|_| ThreadSafeFlag::new()).collect();
            let tasks: Vec<_> = flags.iter().map(|_| Task::new()).collect();
            let mut waits: Vec<_> =
                flags.iter().zip(&tasks).map(|(flag, task)| park(flag, task)).collect();
            flags.iter().for_each(ThreadSafeFlag::set);
            for (number, task) in tasks.iter().enumerate() {
                until("each is woken", || task.wakes() > 0);
                assert!(poll(waits[number].as_mut(), task).is_ready());
            }
        }
    });
}

#[test]
fn leaked_wait_harms_neither_its_flag_nor_later_users_of_its_slot() {
    const FLAGS: usize = if cfg!(miri) { 10 } else { 1_000 };
    in_time("a thousand flags after a leaked wait", || {
        let task = Task::new();
        for is_set in [false, true] {
            let flag = ThreadSafeFlag::new();
            let head = park(&flag, &task);
            common::leak(park(&flag, &task));
            drop(head);
            if is_set {
                flag.set();
            }
            drop(flag);
            // If the courier was about to wake it, it has done so.
            courier_delivers();
            let wakes = task.wakes();
            for _ in 0..FLAGS {
                let (flag, task) = (ThreadSafeFlag::new(), Task::new());
                let mut wait = park(&flag, &task);
                flag.set_direct();
                // Or the courier has just called it for nothing, and is about to wake it.
                until("its own wait is woken", || task.wakes() > 0);
                assert!(poll(wait.as_mut(), &task).is_ready());
                courier_delivers();
            }
            assert_eq!(task.wakes(), wakes, "its flag is gone");
        }
    });
}

#[test]
fn flag_that_is_dropped_while_the_courier_has_its_slot_completes_no_other_wait() {
    const FLAGS: usize = if cfg!(miri) { 30 } else { 2_000 };
    in_time("2,000 flags set and dropped at once", || {
        let (bystanding, bystander) = (ThreadSafeFlag::new(), Task::new());
        let mut live = park(&bystanding, &bystander);
        for round in 0..FLAGS {
            let (task, next_task) = (Task::new(), Task::new());
            let flag = ThreadSafeFlag::new();
            let wait = park(&flag, &task);
            flag.set();
            drop(wait);
            drop(flag);
            // Gets its slot, and perhaps the courier's call.
            let next = ThreadSafeFlag::new();
            let mut wait = park(&next, &next_task);
            if round % 3 == 0 {
                thread::yield_now();
            }
            assert!(poll(wait.as_mut(), &next_task).is_pending(), "it was not set");
            assert!(!next.is_set());
            let called_for_nothing = next_task.wakes();
            next.set();
            until("it is woken", || {
                next_task.wakes() > called_for_nothing || !is_parked(&next_task)
            });
            assert!(poll(wait.as_mut(), &next_task).is_ready());
            assert!(poll(live.as_mut(), &bystander).is_pending());
        }
        bystanding.set();
        until("the bystander is woken", || poll(live.as_mut(), &bystander).is_ready());
    });
}

#[test]
fn waker_on_the_courier_may_drop_its_wait_and_with_it_the_flag() {
    in_time("a flag that is dropped by its own waker", || {
        for _ in 0..20 {
            let (flag, foreign) = (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()));
            let gone = Arc::downgrade(&flag);
            let wait = park_foreign(&flag, &foreign);
            let (tell, told) = mpsc::channel();
            // Held up until the wait's handle is the last.
            let held = Held::new();
            *foreign.on_wake.lock().unwrap() = Some(Box::new(move || {
                drop(wait);
                tell.send(thread::current().name() == Some("reveille-courier")).unwrap();
            }));
            flag.set();
            drop(flag);
            drop(held);
            assert_eq!(told.recv_timeout(common::PATIENCE), Ok(true), "dropped by the courier");
            assert!(gone.upgrade().is_none());
            courier_delivers();
        }
    });
}

#[test]
fn slot_that_the_courier_has_yet_to_come_to_serves_its_next_flag_immediately() {
    in_time("a courier that is held up", || {
        let held = Held::new();
        let gone = ThreadSafeFlag::new();
        let wait = park(&gone, &Task::new());
        gone.set();
        drop(wait);
        drop(gone);
        // Its slot is queued already, so these sets only find it so.
        let tasks: [_; 5] = std::array::from_fn(|_| Task::new());
        let flags: [_; 5] = std::array::from_fn(|_| ThreadSafeFlag::new());
        let mut waits: Vec<_> =
            flags.iter().zip(&tasks).map(|(flag, task)| park(flag, task)).collect();
        flags.iter().for_each(ThreadSafeFlag::set);
        drop(held);
        for (wait, task) in waits.iter_mut().zip(&tasks) {
            until("each is woken", || task.wakes() > 0);
            assert!(poll(wait.as_mut(), task).is_ready());
        }
    });
}

#[test]
fn flags_that_come_and_go_on_many_threads_mix_up_nothing() {
    const FLAGS: usize = if cfg!(miri) { 15 } else { 500 };
    in_time("four threads, 500 flags each", || {
        thread::scope(|threads| {
            for number in 0..4 {
                threads.spawn(move || {
                    for round in 0..FLAGS {
                        let (flag, task) = (ThreadSafeFlag::new(), Task::new());
                        let mut wait = park(&flag, &task);
                        if (round + number) % 2 == 0 {
                            // Set and dropped at once.
                            flag.set();
                            continue;
                        }
                        assert!(poll(wait.as_mut(), &task).is_pending());
                        let before = task.wakes();
                        flag.set();
                        until("it is woken", || task.wakes() > before || !is_parked(&task));
                        assert!(poll(wait.as_mut(), &task).is_ready());
                    }
                });
            }
        });
    });
}
