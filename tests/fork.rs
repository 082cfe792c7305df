//! Flags across `fork`: what a child may wait for, what it leaves alone, and who starts its courier.
//!
//! Each test is played in a process of its own; see [`stage`].

#![cfg(all(feature = "std", unix, not(miri)))]

mod common;
#[path = "signals/stage.rs"]
mod stage;
#[path = "signals/system.rs"]
#[allow(dead_code, reason = "the stress tests of signals use the rest")]
mod system;
#[path = "stress/watch.rs"]
#[allow(dead_code, reason = "a stress test uses the rest")]
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize};
use std::sync::{Arc, Barrier};
use std::task::Context;
use std::thread;
use std::time::Duration;

use reveille::{Courier, FlagWait, ThreadSafeFlag};

use common::{Foreign, Task, in_time, parked, poll, until};
use stage::play;

/// So many children that one of them is made while a lock of the parent's is held.
const CHILDREN: usize = 200;

fn park(flag: &Arc<ThreadSafeFlag>, task: &Arc<Task>) -> Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>> {
    parked(flag.clone().wait_owned(), task)
}

/// Parks a task, sets, and waits for the courier.
fn set_and_see_it(flag: &Arc<ThreadSafeFlag>) {
    let task = Task::new();
    let mut wait = park(flag, &task);
    flag.set();
    until("the courier wakes a task", || task.wakes() > 0);
    assert!(poll(wait.as_mut(), &task).is_ready());
}

#[test]
fn flag_that_nobody_waits_for_works_in_a_child_and_in_its_parent() {
    play("flag_that_nobody_waits_for_works_in_a_child_and_in_its_parent", |watchdog| {
        let flag = Arc::new(ThreadSafeFlag::new());
        for _ in 0..3 {
            set_and_see_it(&flag);
            let ended = system::in_a_child(|| {
                (0..10).for_each(|_| set_and_see_it(&flag));
                let ended = system::in_a_child(|| (0..10).for_each(|_| set_and_see_it(&flag)));
                assert!(ended.success(), "the child's child: {ended}");
                set_and_see_it(&flag);
            });
            assert!(ended.success(), "the child: {ended}");
            watchdog.lap();
        }
    });
}

#[test]
fn wait_in_a_child_for_a_flag_with_waiters_in_the_parent_panics_and_says_why() {
    let name = "wait_in_a_child_for_a_flag_with_waiters_in_the_parent_panics_and_says_why";
    play(name, |_| {
        let (flag, task) = (Arc::new(ThreadSafeFlag::new()), Task::new());
        let mut head = park(&flag, &task);
        let ended = system::in_a_child(|| {
            for set in [ThreadSafeFlag::set as fn(&_), ThreadSafeFlag::set_direct] {
                let why = catch_unwind(AssertUnwindSafe(|| park(&flag, &task))).unwrap_err();
                let why = why.downcast_ref::<&str>().expect("a message");
                assert!(why.contains("forked"), "{why}");
                let again = catch_unwind(AssertUnwindSafe(|| poll(head.as_mut(), &task)));
                assert!(again.is_err(), "the parent's own wait is polled in the child");
                // Nobody is woken, and the set stays.
                set(&flag);
                assert!(flag.clear());
            }
            assert_eq!(task.wakes(), 0);
        });
        assert!(ended.success(), "the child: {ended}");
        flag.set();
        until("the parent's task is woken", || task.wakes() == 1);
        assert!(poll(head.as_mut(), &task).is_ready());
    });
}

#[test]
fn child_drops_the_waits_of_its_parent_without_touching_their_locks() {
    play("child_drops_the_waits_of_its_parent_without_touching_their_locks", |watchdog| {
        let (flag, task, over) =
            (Arc::new(ThreadSafeFlag::new()), Task::new(), AtomicBool::new(false));
        thread::scope(|threads| {
            threads.spawn(|| {
                // The lock is held most of the time.
                while !over.load(Relaxed) {
                    drop(park(&flag, &Task::new()));
                }
            });
            for child in 0..CHILDREN {
                let wait = park(&flag, &task);
                let ended = system::in_a_child(|| {
                    drop(wait);
                    drop(flag.clone());
                });
                assert!(ended.success(), "child {child}: {ended}");
                watchdog.lap();
            }
            over.store(true, Relaxed);
        });
        set_and_see_it(&flag);
    });
}

#[test]
fn child_that_a_waker_forks_on_the_courier_delivers_nothing_and_ends() {
    play("child_that_a_waker_forks_on_the_courier_delivers_nothing_and_ends", |watchdog| {
        static CHILD: AtomicI32 = AtomicI32::new(-1);
        let flags: [_; 3] = std::array::from_fn(|_| Arc::new(ThreadSafeFlag::new()));
        let wakers: [_; 3] = std::array::from_fn(|_| Arc::new(Foreign::default()));
        let mut waits: Vec<_> =
            flags.iter().map(|flag| Box::pin(flag.clone().wait_owned())).collect();
        for (wait, foreign) in waits.iter_mut().zip(&wakers) {
            let waker = foreign.waker();
            assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        let (entered, go_on) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let woken = Arc::new(AtomicUsize::new(0));
        // The first holds the courier up, so that the next two are of one round.
        *wakers[0].on_wake.lock().unwrap() = Some(Box::new({
            let (entered, go_on) = (entered.clone(), go_on.clone());
            move || {
                entered.store(true, Relaxed);
                until("both are set", || go_on.load(Relaxed));
            }
        }));
        // SAFETY: asks for nothing.
        let parent = unsafe { libc::getpid() };
        *wakers[1].on_wake.lock().unwrap() = Some(Box::new(|| {
            // SAFETY: the child goes on as its courier, which ends it.
            let child = unsafe { libc::fork() };
            #[cfg(target_os = "linux")]
            if child == 0 {
                // SAFETY: asks for nothing. The courier blocks all signals that are less.
                unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            }
            CHILD.store(child, Relaxed);
        }));
        *wakers[2].on_wake.lock().unwrap() = Some(Box::new({
            let woken = woken.clone();
            move || {
                // SAFETY: asks for nothing.
                if unsafe { libc::getpid() } != parent {
                    // SAFETY: asks for nothing. The parent sees it.
                    unsafe { libc::_exit(1) };
                }
                woken.fetch_add(1, Relaxed);
            }
        }));
        flags[0].set();
        until("the courier is held up", || entered.load(Relaxed));
        flags[1].set();
        flags[2].set();
        go_on.store(true, Relaxed);
        until("the last is woken", || woken.load(Relaxed) == 1);
        let child = CHILD.load(Relaxed);
        // While it lives, too, the bell is the parent's alone.
        for _ in 0..100 {
            set_and_see_it(&Arc::new(ThreadSafeFlag::new()));
            watchdog.lap();
        }
        until("the child ends", || has_ended_well(child));
    });
}

fn has_ended_well(child: libc::pid_t) -> bool {
    let mut status = -1;
    // SAFETY: the child is ours, and so is `status`.
    let ended = unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) };
    assert!(ended == 0 || (ended, status) == (child, 0), "the child: {ended}, {status}");
    ended == child
}

#[test]
fn child_that_a_waker_forks_while_it_is_cloned_parks_where_its_own_courier_looks() {
    let name = "child_that_a_waker_forks_while_it_is_cloned_parks_where_its_own_courier_looks";
    play(name, |_| {
        let (flag, foreign) = (Arc::new(ThreadSafeFlag::new()), Arc::new(Foreign::default()));
        set_and_see_it(&flag);
        let child = Arc::new(AtomicI32::new(-1));
        *foreign.on_clone.lock().unwrap() = Some(Box::new({
            let child = child.clone();
            // SAFETY: the child goes on with the test, and ends by `_exit`.
            move || child.store(unsafe { libc::fork() }, Relaxed)
        }));
        let mut wait = Box::pin(flag.clone().wait_owned());
        let waker = foreign.waker();
        let woken = Arc::new(AtomicBool::new(false));
        *foreign.on_wake.lock().unwrap() = Some(Box::new({
            let woken = woken.clone();
            move || woken.store(true, Relaxed)
        }));
        let parked = wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending();
        let is_child = child.load(Relaxed) == 0;
        if is_child {
            // SAFETY: asks for nothing. A child that hangs dies of it.
            unsafe { libc::alarm(10) };
        }
        flag.set();
        until("the task is woken", || woken.load(Relaxed));
        if is_child {
            // SAFETY: asks for nothing.
            unsafe { libc::_exit((!parked).into()) };
        }
        until("the child ends", || has_ended_well(child.load(Relaxed)));
    });
}

/// Somebody waits for the first when the child is made, perhaps, and a `set` of it is interrupted.
static SHARED: [ThreadSafeFlag; 2] = [const { ThreadSafeFlag::new() }; 2];

static HANDLED: AtomicUsize = AtomicUsize::new(0);

/// How many children of [`fork_and_set`] did not end well.
static UNWELL: AtomicUsize = AtomicUsize::new(0);

extern "C" fn fork_and_set(_: libc::c_int) {
    // SAFETY: the child sets and clears, and ends by `_exit`.
    match unsafe { libc::fork() } {
        0 => {
            for flag in &SHARED {
                flag.set();
                flag.clear();
                flag.set();
            }
            let well = SHARED.iter().all(ThreadSafeFlag::is_set);
            // SAFETY: asks for nothing.
            unsafe { libc::_exit((!well).into()) }
        }
        child => {
            let mut status = -1;
            // SAFETY: the child is ours, and so is `status`.
            let ended = unsafe { libc::waitpid(child, &mut status, 0) };
            UNWELL.fetch_add(usize::from((ended, status) != (child, 0)), Relaxed);
            HANDLED.fetch_add(1, Relaxed);
        }
    }
}

#[test]
fn child_that_a_handler_forks_may_set_and_clear_whatever_was_interrupted() {
    let name = "child_that_a_handler_forks_may_set_and_clear_whatever_was_interrupted";
    play(name, |watchdog| {
        const HANDLERS: usize = 300;
        // Held by others at times: a child that asks for a lock hangs.
        let over = AtomicBool::new(false);
        let mask = system::Mask::with(&[libc::SIGALRM]);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    while !over.load(Relaxed) {
                        SHARED[0].set();
                        let _ = SHARED[0].wait_blocking_timeout(Duration::from_micros(50));
                        drop(park(&Arc::new(ThreadSafeFlag::new()), &Task::new()));
                    }
                });
            }
            // What allocates the first time has done so: the C library's `fork` would wait for the allocator's
            // lock, were it that which the handler interrupts.
            let work = || {
                SHARED[0].set();
                SHARED[0].set_direct();
                SHARED
                    .iter()
                    .for_each(|flag| _ = flag.wait_blocking_timeout(Duration::from_micros(50)));
            };
            work();
            drop(mask);
            system::install(libc::SIGALRM, fork_and_set);
            // One each time, after another part of the work: where a `fork` takes long, alarms at a fixed rate
            // would leave no time for it.
            for after in (1..200).cycle() {
                system::alarm_in(after);
                work();
                watchdog.lap();
                if HANDLED.load(Relaxed) >= HANDLERS {
                    break;
                }
            }
            system::alarm_in(0);
            over.store(true, Relaxed);
        });
        assert_eq!(UNWELL.load(Relaxed), 0);
        set_and_see_it(&Arc::new(ThreadSafeFlag::new()));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_start_the_courier_at_the_same_time_start_one() {
    play("threads_that_start_the_courier_at_the_same_time_start_one", |watchdog| {
        const STARTERS: usize = 8;
        for child in 0..20 {
            let ended = system::in_a_child(|| {
                in_time("the starters", || {
                    let ready = Barrier::new(STARTERS);
                    thread::scope(|threads| {
                        for _ in 0..STARTERS {
                            threads.spawn(|| {
                                ready.wait();
                                Courier::start().unwrap();
                            });
                        }
                    });
                    // A second one would have been started by now, and names itself when it runs.
                    until("it has its name", || common::couriers() > 0);
                    set_and_see_it(&Arc::new(ThreadSafeFlag::new()));
                    assert_eq!(common::couriers(), 1);
                });
            });
            assert!(ended.success(), "child {child}: {ended}");
            watchdog.lap();
        }
    });
}
