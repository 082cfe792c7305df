//! `fork` in a process with several threads: what a child may use, what it must leave alone, and
//! what does not change for its parent. The promises are those of docs/design.md, chapter 4.
//!
//! Each test runs in a process of its own; see [`stage`]. SIGALRM kills a child that hangs, and the
//! test prints the status of that child.

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

use std::fmt::Debug;
use std::future::poll_fn;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize};
use std::sync::{Arc, Barrier};
use std::task::Context;
use std::time::Duration;
use std::{process, thread};

use reveille::{AsyncResult, Courier, Event, FlagWait, ThreadSafeFlag, ValueEvent};

use common::{Foreign, Task, in_time, parked, poll, until};
use stage::play;

/// So many children that one of them is made while a thread of the parent holds a lock.
const CHILDREN: usize = 50;

/// An object of each type.
#[derive(Default)]
struct Objects {
    event: Event,
    result: AsyncResult<u8, String>,
    value: ValueEvent<u8, String>,
    flag: ThreadSafeFlag,
}

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

fn has_waiters(object: &impl Debug) -> bool {
    format!("{object:?}").contains("has_waiters: true")
}

/// Runs `scene` while threads wait for objects of every type, blocked and in an executor, and
/// another thread takes and releases the locks of these objects. Afterwards checks that the waiters
/// are released by a `set`, and not before.
fn while_threads_wait(scene: impl FnOnce()) {
    let [blocked, awaited] = [(); 2].map(|()| Objects::default());
    let (released, turns, over) =
        (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let count = || _ = released.fetch_add(1, SeqCst);
    thread::scope(|threads| {
        threads.spawn(|| (blocked.event.wait_blocking(), count()));
        threads.spawn(|| (assert_eq!(blocked.result.wait_blocking(), Ok(&7)), count()));
        threads.spawn(|| (assert_eq!(blocked.value.wait_blocking(), Ok(7)), count()));
        threads.spawn(|| (blocked.flag.wait_blocking(), count()));
        threads.spawn(|| (pollster::block_on(awaited.event.wait()), count()));
        threads.spawn(|| (assert_eq!(pollster::block_on(awaited.result.wait()), Ok(&7)), count()));
        threads.spawn(|| (assert_eq!(pollster::block_on(awaited.value.wait()), Ok(7)), count()));
        threads.spawn(|| (pollster::block_on(awaited.flag.wait()), count()));
        until("every thread waits", || [&blocked, &awaited].iter().all(|all| all.have_waiters()));
        let busy = threads.spawn(|| {
            while !over.load(Relaxed) {
                [&blocked, &awaited].iter().for_each(|all| all.park_and_cancel());
                turns.fetch_add(1, Relaxed);
            }
        });
        until_started(&turns);
        scene();
        assert_eq!(released.load(SeqCst), 0, "a child releases waiters of its parent");
        over.store(true, Relaxed);
        busy.join().unwrap();
        [&blocked, &awaited].iter().for_each(|all| all.set());
        until("every waiter is released", || released.load(SeqCst) == 8);
    });
}

/// A child that is made while a thread starts may not be able to start any: std holds a lock then.
fn until_started(turns: &AtomicUsize) {
    until("the thread that takes the locks has started", || turns.load(Relaxed) > 0);
}

#[test]
fn objects_that_a_child_creates_work_while_threads_of_its_parent_wait() {
    play("objects_that_a_child_creates_work_while_threads_of_its_parent_wait", |watchdog| {
        // The parker of this thread exists before the children do.
        Objects::default().use_all();
        while_threads_wait(|| {
            for child in 0..CHILDREN {
                // The child's new threads get the stacks of the threads that wait.
                let ended =
                    system::in_a_child(|| (0..3).for_each(|_| Objects::default().use_all()));
                assert!(ended.success(), "child {child}: {ended}");
                watchdog.lap();
            }
        });
    });
}

#[test]
fn child_that_leaves_inherited_objects_alone_exits_and_the_waiters_of_its_parent_stay() {
    let name = "child_that_leaves_inherited_objects_alone_exits_and_the_waiters_of_its_parent_stay";
    play(name, |watchdog| {
        const STATUS: i32 = 7;
        while_threads_wait(|| {
            for child in 0..CHILDREN {
                let ended = system::in_a_child(|| {
                    let work = || black_box((0..1_000).sum::<u64>());
                    thread::scope(|threads| (0..4).for_each(|_| _ = threads.spawn(work)));
                    // Runs the functions of `atexit` and the destructors of this thread's locals.
                    process::exit(STATUS);
                });
                assert_eq!(ended.code(), Some(STATUS), "child {child}: {ended}");
                watchdog.lap();
            }
        });
    });
}

#[test]
fn flag_without_waiters_works_in_a_child_and_in_its_parent() {
    play("flag_without_waiters_works_in_a_child_and_in_its_parent", |watchdog| {
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

/// Runs `scene` with three waiters in the queue of `flag`: a blocked thread, a wait of this thread,
/// and a thread in an executor. A fourth takes and releases the lock of the queue. All nodes but
/// that of this thread are on stacks of other threads. Afterwards checks that sets release the first
/// three in this order.
fn while_threads_wait_for(
    flag: &Arc<ThreadSafeFlag>,
    scene: impl FnOnce(&mut Option<Pin<Box<FlagWait<Arc<ThreadSafeFlag>>>>>, &Arc<Task>),
) {
    let (task, parked, turns, over) =
        (Task::new(), AtomicBool::new(false), AtomicUsize::new(0), AtomicBool::new(false));
    let released: [_; 2] = [const { AtomicBool::new(false) }; 2];
    thread::scope(|threads| {
        threads.spawn(|| {
            deep_in_the_stack(|| flag.wait_blocking());
            released[0].store(true, SeqCst);
        });
        until("the first thread waits", || has_waiters(&**flag));
        let mut own = Some(park(flag, &task));
        threads.spawn(|| {
            deep_in_the_stack(|| {
                let mut wait = pin!(flag.wait());
                pollster::block_on(poll_fn(|cx| {
                    let polled = wait.as_mut().poll(cx);
                    parked.store(true, SeqCst);
                    polled
                }));
            });
            released[1].store(true, SeqCst);
        });
        until("the last thread waits", || parked.load(SeqCst));
        let busy = threads.spawn(|| {
            deep_in_the_stack(|| {
                while !over.load(Relaxed) {
                    drop(park(flag, &Task::new()));
                    turns.fetch_add(1, Relaxed);
                }
            });
        });
        until_started(&turns);
        scene(&mut own, &task);
        over.store(true, Relaxed);
        busy.join().unwrap();
        let mut own = own.expect("only a child drops it");
        assert!(poll(own.as_mut(), &task).is_pending());
        flag.set();
        until("the first thread is released", || released[0].load(SeqCst));
        assert_eq!(task.wakes(), 0);
        flag.set();
        until("the task is woken", || task.wakes() > 0);
        assert!(poll(own.as_mut(), &task).is_ready());
        assert!(!released[1].load(SeqCst));
        flag.set();
        until("the last thread is released", || released[1].load(SeqCst));
    });
}

/// Calls `act` with the stack filled as deep as in a real program.
fn deep_in_the_stack(act: impl FnOnce()) {
    let mut frame = [0_u8; 16 * 1024];
    black_box(&mut frame);
    act();
    black_box(&mut frame);
}

#[test]
fn wait_in_a_child_for_a_flag_with_waiters_in_the_parent_panics_with_the_reason() {
    let name = "wait_in_a_child_for_a_flag_with_waiters_in_the_parent_panics_with_the_reason";
    play(name, |_| {
        let flag = Arc::new(ThreadSafeFlag::new());
        while_threads_wait_for(&flag, |own, task| {
            let ended = system::in_a_child(|| {
                let own = own.as_mut().expect("the wait of this thread");
                for set in [ThreadSafeFlag::set as fn(&_), ThreadSafeFlag::set_direct] {
                    panics_with_the_reason("a wait that the parent parked", || {
                        _ = poll(own.as_mut(), task);
                    });
                    panics_with_the_reason("a new wait", || _ = poll(pin!(flag.wait()), task));
                    panics_with_the_reason("a new owned wait", || _ = park(&flag, task));
                    panics_with_the_reason("a blocking wait", || flag.wait_blocking());
                    panics_with_the_reason("a blocking wait with a timeout", || {
                        _ = flag.wait_blocking_timeout(Duration::from_millis(1));
                    });
                    // The set stays, and the child wakes no waiter of the parent.
                    set(&flag);
                    assert!(flag.clear());
                }
                assert_eq!(task.wakes(), 0);
            });
            assert!(ended.success(), "the child: {ended}");
        });
    });
}

fn panics_with_the_reason(what: &str, wait: impl FnOnce()) {
    let payload = catch_unwind(AssertUnwindSafe(wait)).expect_err(what);
    let message = payload.downcast_ref::<&str>().expect("a message");
    assert!(message.contains("had waiters when the process was forked"), "{what}: {message}");
}

#[test]
fn child_drops_an_inherited_flag_and_its_waits_and_touches_no_lock_or_stack_of_its_parent() {
    let name =
        "child_drops_an_inherited_flag_and_its_waits_and_touches_no_lock_or_stack_of_its_parent";
    play(name, |watchdog| {
        let flag = Arc::new(ThreadSafeFlag::new());
        while_threads_wait_for(&flag, |own, _| {
            for child in 0..CHILDREN {
                let ended = system::in_a_child(|| {
                    on_reused_stacks(|| {
                        drop(own.take());
                        // SAFETY: the threads that use the flag are not in this process, and this
                        // thread uses it no more: the process ends by `_exit`.
                        unsafe { Arc::as_ptr(&flag).cast_mut().drop_in_place() };
                    });
                });
                assert!(ended.success(), "child {child}: {ended}");
                watchdog.lap();
            }
        });
        set_and_see_it(&flag);
    });
}

/// Calls `act` in a child while its new threads, which get the stacks of the parent's threads, use
/// the memory of the parent's waits. Checks that `act` changes none of it.
fn on_reused_stacks(act: impl FnOnce()) {
    const THREADS: usize = 6;
    const WORD: u64 = 0x4141_4141_4141_4141;
    let (filled, over) = (Barrier::new(THREADS + 1), Barrier::new(THREADS + 1));
    thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                let mut words = [WORD; 16 * 1024];
                black_box(&mut words);
                filled.wait();
                over.wait();
                let changed = black_box(&words).iter().filter(|&&word| word != WORD).count();
                assert_eq!(changed, 0, "words on the stack of a live thread have changed");
            });
        }
        filled.wait();
        act();
        over.wait();
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
        // The first delays the courier, so that it finds the next two in one round.
        *wakers[0].on_wake.lock().unwrap() = Some(Box::new({
            let (entered, go_on) = (entered.clone(), go_on.clone());
            move || {
                entered.store(true, Relaxed);
                until("both are set", || go_on.load(Relaxed));
            }
        }));
        // SAFETY: it has no preconditions.
        let parent = unsafe { libc::getpid() };
        *wakers[1].on_wake.lock().unwrap() = Some(Box::new(|| {
            // SAFETY: the child continues as its courier, which ends it.
            let child = unsafe { libc::fork() };
            #[cfg(target_os = "linux")]
            if child == 0 {
                // SAFETY: it has no preconditions. The courier blocks all signals but this one.
                unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            }
            CHILD.store(child, Relaxed);
        }));
        *wakers[2].on_wake.lock().unwrap() = Some(Box::new({
            let woken = woken.clone();
            move || {
                // SAFETY: it has no preconditions.
                if unsafe { libc::getpid() } != parent {
                    // SAFETY: it has no preconditions. The parent checks the status.
                    unsafe { libc::_exit(1) };
                }
                woken.fetch_add(1, Relaxed);
            }
        }));
        flags[0].set();
        until("the courier is delayed", || entered.load(Relaxed));
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
            // SAFETY: the child continues with the test, and ends by `_exit`.
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
            // SAFETY: it has no preconditions. It ends a child that hangs.
            unsafe { libc::alarm(10) };
        }
        flag.set();
        until("the task is woken", || woken.load(Relaxed));
        if is_child {
            // SAFETY: it has no preconditions.
            unsafe { libc::_exit((!parked).into()) };
        }
        until("the child ends", || has_ended_well(child.load(Relaxed)));
    });
}

/// The first may have a waiter when the child is made, and a handler may interrupt a `set` of it.
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
            // SAFETY: it has no preconditions.
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
        // Other threads hold locks at times: a child that takes one of those hangs.
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
            // What allocates the first time has done so: the C library's `fork` waits for the lock of
            // the allocator, which the handler must not interrupt.
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
            // One each time, after another part of the work: where a `fork` takes long, alarms at a
            // fixed rate would leave no time for it.
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

// === impl Objects ===

impl Objects {
    fn have_waiters(&self) -> bool {
        has_waiters(&self.event)
            && has_waiters(&self.result)
            && has_waiters(&self.value)
            && has_waiters(&self.flag)
    }

    /// A waiter of each.
    fn park_and_cancel(&self) {
        let task = Task::new();
        assert!(poll(pin!(self.event.wait()), &task).is_pending());
        assert!(poll(pin!(self.result.wait()), &task).is_pending());
        assert!(poll(pin!(self.value.wait()), &task).is_pending());
        assert!(poll(pin!(self.flag.wait()), &task).is_pending());
    }

    fn set(&self) {
        self.event.set();
        self.result.set(7).unwrap();
        self.value.send(7).unwrap();
        self.flag.set();
    }

    /// Tasks, links, blocked threads, and this thread wait for all; a thread sets them.
    fn use_all(self) {
        let (all, task, linked) = (Arc::new(self), Task::new(), Arc::new(AtomicUsize::new(0)));
        let mut event = Box::pin(all.event.wait());
        let mut result = Box::pin(all.result.wait());
        let mut value = Box::pin(all.value.wait());
        assert!(poll(event.as_mut(), &task).is_pending());
        assert!(poll(result.as_mut(), &task).is_pending());
        assert!(poll(value.as_mut(), &task).is_pending());
        let count = || {
            let linked = Arc::clone(&linked);
            move || _ = linked.fetch_add(1, SeqCst)
        };
        let links = [all.event.link(count()), all.event.link(count())];
        assert!(links.into_iter().next_back().is_some_and(|link| link.unlink()));
        let link = all.event.link(count());
        thread::scope(|threads| {
            threads.spawn(|| all.event.wait_blocking());
            threads.spawn(|| assert_eq!(all.result.wait_blocking(), Ok(&7)));
            threads.spawn(|| assert_eq!(pollster::block_on(all.value.wait()), Ok(7)));
            threads.spawn(|| {
                until("another thread waits for the flag", || has_waiters(&all.flag));
                all.set();
            });
            all.flag.wait_blocking();
            all.event.wait_blocking();
            assert_eq!(all.result.wait_blocking(), Ok(&7));
            assert_eq!(all.value.wait_blocking(), Ok(7));
        });
        assert_eq!((task.wakes(), linked.load(SeqCst)), (3, 1));
        assert!(poll(event.as_mut(), &task).is_ready());
        assert!(poll(result.as_mut(), &task).is_ready());
        assert!(poll(value.as_mut(), &task).is_ready());
        assert!(!link.unlink(), "it has run");
    }
}
