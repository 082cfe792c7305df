//! `ThreadSafeFlag` under real signals: handlers that set it, whatever they interrupt; and `fork`.
//!
//! Each test is played in a process of its own; see [`stage`]. What hangs is named by a watchdog,
//! and nothing is timed.
//!
//! `REVEILLE_STRESS_STRIKES` is how often the timers of the stress tests fire,
//! `REVEILLE_STRESS_MICROSECONDS` the time between two of them, `REVEILLE_STRESS_SEED` the random seed.

#![cfg(all(feature = "std", unix, not(miri)))]

mod common;
#[path = "signals/heap.rs"]
mod heap;
#[cfg(target_os = "linux")]
#[path = "signals/linux.rs"]
#[allow(dead_code, reason = "what tests limits uses the rest")]
mod linux;
#[path = "signals/stage.rs"]
mod stage;
#[path = "signals/system.rs"]
#[allow(dead_code, reason = "what tests limits uses the rest")]
mod system;
#[path = "signals/timers.rs"]
mod timers;
#[path = "stress/watch.rs"]
#[allow(dead_code, reason = "another stress test uses its own part")]
mod watch;
#[path = "stress/world.rs"]
mod world;

use std::ffi::c_int;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use libc::SIGUSR1;
use reveille::{Courier, FlagWait, ThreadSafeFlag};

use common::{Task, poll, set_and_see_it, until};
use stage::play;
use system::Mask;
use watch::{Rng, Watchdog, seed, spin_until};

const SIGNALS: usize = 10_000;
const BURSTS: usize = 300;
const LIVE_FLAGS: usize = 10_000;
const FLAGS_IN_TURN: usize = 100_000;

/// What the handlers set.
static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();

extern "C" fn set_flag(_: c_int) {
    FLAG.set();
}

// === one signal, one wake-up ===

/// How many sets the task of [`count_sets`] has taken.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// The thread on which that task has last run; zero before.
static RUNNER: AtomicUsize = AtomicUsize::new(0);

async fn count_sets() {
    loop {
        RUNNER.store(system::this_thread(), Release);
        FLAG.wait().await;
        // ORDERING: Release, of what the wait took over.
        TAKEN.fetch_add(1, Release);
    }
}

fn taken() -> usize {
    TAKEN.load(Acquire)
}

#[test]
fn each_signal_to_a_thread_of_tokio_wakes_its_task_once() {
    play("each_signal_to_a_thread_of_tokio_wakes_its_task_once", |watchdog| {
        let _tokio = spawn_on_tokio(count_sets());
        send_one_by_one(to_the_runner, watchdog);
    });
}

#[test]
fn each_signal_to_a_process_with_tokio_wakes_its_task_once() {
    play("each_signal_to_a_process_with_tokio_wakes_its_task_once", |watchdog| {
        let _tokio = spawn_on_tokio(count_sets());
        send_one_by_one(|| system::kill_process(SIGUSR1), watchdog);
    });
}

#[test]
fn each_signal_to_a_thread_of_smol_wakes_its_task_once() {
    play("each_signal_to_a_thread_of_smol_wakes_its_task_once", |watchdog| {
        smol::spawn(count_sets()).detach();
        send_one_by_one(to_the_runner, watchdog);
    });
}

#[test]
fn each_signal_to_a_process_with_smol_wakes_its_task_once() {
    play("each_signal_to_a_process_with_smol_wakes_its_task_once", |watchdog| {
        smol::spawn(count_sets()).detach();
        send_one_by_one(|| system::kill_process(SIGUSR1), watchdog);
    });
}

/// To the thread that is about to park the task, or has just done so.
fn to_the_runner() {
    spin_until(|| RUNNER.load(Acquire) != 0);
    system::kill_thread(RUNNER.load(Acquire), SIGUSR1);
}

fn send_one_by_one(send: impl Fn(), watchdog: &Watchdog) {
    system::install(SIGUSR1, set_flag);
    spin_until(|| RUNNER.load(Acquire) != 0);
    // Of this thread's business the executor knows nothing: its own threads shall be interrupted.
    let _mask = Mask::with(&[SIGUSR1]);
    for signal in 1..=SIGNALS {
        send();
        spin_until(|| taken() >= signal);
        watchdog.lap();
    }
    assert_eq!(taken(), SIGNALS, "one set was taken twice");
    assert!(!FLAG.is_set());
}

fn spawn_on_tokio(task: impl Future<Output = ()> + Send + 'static) -> tokio::runtime::Runtime {
    let mut tokio = tokio::runtime::Builder::new_multi_thread();
    let tokio = tokio.worker_threads(2).build().unwrap();
    tokio.spawn(task);
    tokio
}

// === bursts ===

/// The number of the signal that is being sent.
static SENT: AtomicUsize = AtomicUsize::new(0);

/// The number that the task of [`see_numbers`] has last seen.
static SEEN: AtomicUsize = AtomicUsize::new(0);

/// Both are Relaxed: it is for signal and flag to hand the number over.
async fn see_numbers() {
    loop {
        FLAG.wait().await;
        SEEN.store(SENT.load(Relaxed), Relaxed);
    }
}

#[test]
fn last_signal_of_each_burst_wakes_a_tokio_task() {
    play("last_signal_of_each_burst_wakes_a_tokio_task", |watchdog| {
        let _tokio = spawn_on_tokio(see_numbers());
        send_in_bursts(watchdog);
    });
}

#[test]
fn last_signal_of_each_burst_wakes_a_smol_task() {
    play("last_signal_of_each_burst_wakes_a_smol_task", |watchdog| {
        smol::spawn(see_numbers()).detach();
        send_in_bursts(watchdog);
    });
}

/// Signals of a burst may become one, but the handler of the last runs after it was sent, and the
/// task then has to see its number.
fn send_in_bursts(watchdog: &Watchdog) {
    system::install(SIGUSR1, set_flag);
    let mut rng = Rng::new(seed());
    let mut sent = 0;
    for _ in 0..BURSTS {
        for _ in 0..=rng.below(60) {
            sent += 1;
            SENT.store(sent, Relaxed);
            if rng.coin() {
                system::kill_process(SIGUSR1);
            } else {
                system::kill_thread(system::this_thread(), SIGUSR1);
            }
        }
        spin_until(|| SEEN.load(Relaxed) == sent);
        watchdog.lap();
    }
}

// === errno ===

/// How often the handler has found `errno` changed.
static ERRNO_LOST: AtomicUsize = AtomicUsize::new(0);

extern "C" fn set_flag_and_look_at_errno(_: c_int) {
    // SAFETY: closes nothing; it is here to make `errno` EBADF.
    unsafe { libc::close(-1) };
    FLAG.set();
    if io::Error::last_os_error().raw_os_error() != Some(libc::EBADF) {
        ERRNO_LOST.fetch_add(1, Relaxed);
    }
}

#[test]
fn errno_is_what_it_was_before_the_handler_set_the_flag() {
    play("errno_is_what_it_was_before_the_handler_set_the_flag", |watchdog| {
        system::install(SIGUSR1, set_flag_and_look_at_errno);
        let task = Task::new();
        for round in 1..=1_000 {
            let mut wait = pin!(FLAG.wait());
            assert!(poll(wait.as_mut(), &task).is_pending());
            system::kill_thread(system::this_thread(), SIGUSR1);
            // Woken by the courier, so something was written.
            until("the task is woken", || task.wakes() == round);
            assert!(poll(wait, &task).is_ready());
            watchdog.lap();
        }
        assert_eq!(ERRNO_LOST.load(Relaxed), 0);
    });
}

// === the courier's signal mask ===

/// How often the handler has got a signal that the program waits for.
static STOLEN: AtomicUsize = AtomicUsize::new(0);

extern "C" fn steal(_: c_int) {
    STOLEN.fetch_add(1, Relaxed);
}

/// Catches a courier with an open mask: it would be the one thread that takes the signals.
#[test]
fn courier_leaves_signals_to_a_program_that_waits_for_them() {
    play("courier_leaves_signals_to_a_program_that_waits_for_them", |watchdog| {
        assert!(!Mask::is_closed_to(SIGUSR1));
        Courier::start().unwrap();
        assert!(!Mask::is_closed_to(SIGUSR1), "the mask of the thread that starts it stays");
        system::install(SIGUSR1, steal);
        let _mask = Mask::with(&[SIGUSR1]);
        for _ in 0..SIGNALS {
            system::kill_process(SIGUSR1);
            system::sigwait(SIGUSR1);
            watchdog.lap();
        }
        assert_eq!(STOLEN.load(Relaxed), 0);
        #[cfg(target_os = "linux")]
        assert_eq!(linux::signals_blocked_by_the_courier(), linux::all_but_faults());
    });
}

// === fork ===

/// Somebody waits for it in the parent when the child is made.
static PARKED: ThreadSafeFlag = ThreadSafeFlag::new();

/// Nobody has waited for them before the child is made.
static OF_THE_CHILD: [ThreadSafeFlag; 2] = [const { ThreadSafeFlag::new() }; 2];

/// Which of them [`set_flag_of_the_child`] sets.
static GENERATION: AtomicUsize = AtomicUsize::new(0);

extern "C" fn set_flag_of_the_child(_: c_int) {
    OF_THE_CHILD[GENERATION.load(Relaxed)].set();
}

#[test]
fn child_of_a_fork_has_a_courier_of_its_own() {
    play("child_of_a_fork_has_a_courier_of_its_own", |watchdog| {
        system::install(SIGUSR1, set_flag_of_the_child);
        let task = Task::new();
        let mut wait = Box::pin(PARKED.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        set_and_see_it(&ThreadSafeFlag::new());
        watchdog.lap();

        #[cfg(target_os = "linux")]
        let naps = linux::naps_of_the_courier();
        let ended = system::in_a_child(|| {
            live_as_a_child();
            // And the same again, in a child of the child.
            GENERATION.store(1, Relaxed);
            let ended = system::in_a_child(live_as_a_child);
            assert!(ended.success(), "the child's child: {ended}");
        });
        assert!(ended.success(), "the child: {ended}");
        watchdog.lap();
        #[cfg(target_os = "linux")]
        assert_eq!(linux::naps_of_the_courier(), naps, "the parent's courier was woken");
        assert_eq!(task.wakes(), 0);
        assert!(poll(wait.as_mut(), &task).is_pending());

        PARKED.set();
        until("the parent's task is woken", || task.wakes() == 1);
        assert!(poll(wait.as_mut(), &task).is_ready());
        set_and_see_it(&ThreadSafeFlag::new());
        set_and_see_it(&FLAG);
    });
}

fn live_as_a_child() {
    // It has nobody here to wake, and in the parent it must not.
    PARKED.set();
    let fresh = ThreadSafeFlag::new();
    for _ in 0..100 {
        set_and_see_it(&fresh);
    }
    let handled = &OF_THE_CHILD[GENERATION.load(Relaxed)];
    for _ in 0..100 {
        let mut wait = pin!(handled.wait());
        let task = Task::new();
        assert!(poll(wait.as_mut(), &task).is_pending());
        system::kill_thread(system::this_thread(), SIGUSR1);
        until("the child's task is woken", || task.wakes() == 1);
        assert!(poll(wait, &task).is_ready());
    }
}

// === many flags ===

#[test]
fn flags_that_come_and_go_leave_nothing_behind() {
    play("flags_that_come_and_go_leave_nothing_behind", |watchdog| {
        let task = Task::new();
        // A thread allocates when it starts, and when it first works: the courier has done both.
        set_and_see_it(&ThreadSafeFlag::new());
        let before = heap::live();
        for flags in 0..FLAGS_IN_TURN {
            let flag = ThreadSafeFlag::new();
            let mut wait = pin!(flag.wait());
            assert!(poll(wait.as_mut(), &task).is_pending());
            if flags % 2 == 0 {
                // The slot may still be queued when the next flag gets it.
                flag.set();
            }
            watchdog.lap();
        }
        let after = heap::live();
        // The watchdog may start as late as it likes; a slot lost by one flag in a thousand is more.
        assert!(after <= before + 4096, "{before} bytes were live, now it is {after}");
    });
}

#[test]
fn each_of_many_flags_wakes_its_own_task() {
    play("each_of_many_flags_wakes_its_own_task", |watchdog| {
        let flags: Vec<_> = (0..LIVE_FLAGS).map(|_| ThreadSafeFlag::new()).collect();
        let tasks: Vec<_> = flags.iter().map(|_| Task::new()).collect();
        let mut waits: Vec<Pin<Box<FlagWait<&ThreadSafeFlag>>>> =
            flags.iter().map(|flag| Box::pin(flag.wait())).collect();
        for (wait, task) in waits.iter_mut().zip(&tasks) {
            assert!(poll(wait.as_mut(), task).is_pending());
        }
        watchdog.lap();
        for flag in &flags {
            flag.set();
        }
        for (task, wait) in tasks.iter().zip(&mut waits) {
            until("the flag's own task is woken", || task.wakes() > 0);
            assert!(poll(wait.as_mut(), task).is_ready());
            watchdog.lap();
        }
        assert!(tasks.iter().all(|task| task.wakes() == 1));
    });
}
