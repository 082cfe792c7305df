//! `ThreadSafeFlag` under real signals: handlers that set it, whatever they interrupt; `fork`; and
//! a system that has nothing left to give.
//!
//! Each test is played in a process of its own; see [`stage`]. What hangs is named by a watchdog,
//! and nothing is timed.
//!
//! `REVEILLE_STORM_SECONDS` says for how long the storm of timers blows, `REVEILLE_STORM_MICROSECONDS` how
//! far its strikes are apart, `REVEILLE_STORM_SEED` with which dice.

#![cfg(all(feature = "std", unix, not(miri)))]

mod common;
#[path = "signals/heap.rs"]
mod heap;
#[path = "signals/stage.rs"]
mod stage;
#[path = "signals/system.rs"]
mod system;
#[path = "storm/watch.rs"]
#[allow(dead_code, reason = "a storm of another kind uses its own part")]
mod watch;

use std::ffi::c_int;
use std::fs::File;
use std::hint::black_box;
use std::os::fd::AsRawFd;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use std::{env, io, ptr, thread};

use libc::{SIGALRM, SIGUSR1};
use reveille::{FlagWait, ThreadSafeFlag, start_courier};

use common::{Task, poll, until};
use stage::play;
use system::{Limit, Mask};
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

// === a storm of timers ===

/// The flag that [`work_in_the_storm`] is at, for the handler to set; null in between.
static AT: AtomicPtr<ThreadSafeFlag> = AtomicPtr::new(ptr::null_mut());

static STRIKES: AtomicUsize = AtomicUsize::new(0);
static CALM: AtomicBool = AtomicBool::new(false);

/// How many of the storm's two companions have gone home.
static HOME: AtomicUsize = AtomicUsize::new(0);

extern "C" fn strike(_: c_int) {
    heap::as_a_handler(|| {
        FLAG.set();
        // SAFETY: the handler runs on the thread that stores there, and that takes the flag away
        // before it drops it.
        if let Some(flag) = unsafe { AT.load(Relaxed).as_ref() } {
            flag.set();
        }
    });
    STRIKES.fetch_add(1, Relaxed);
}

/// The handler interrupts the thread at whatever it does: allocating, parking, taking, cancelling,
/// setting, dropping flags, starting the courier. A lock or an allocation in `set` would end in a deadlock;
/// the allocator has an eye on it, too.
#[test]
fn handlers_may_interrupt_all_that_a_thread_does_with_flags() {
    play("handlers_may_interrupt_all_that_a_thread_does_with_flags", |watchdog| {
        let mask = Mask::with(&[SIGALRM]);
        thread::spawn(|| {
            while !CALM.load(Acquire) {
                FLAG.wait_blocking();
            }
            HOME.fetch_add(1, Release);
        });
        let _tokio = spawn_on_tokio(async {
            while !CALM.load(Acquire) {
                FLAG.wait().await;
                tokio::task::yield_now().await;
            }
            HOME.fetch_add(1, Release);
        });
        drop(mask);
        system::install(SIGALRM, strike);
        system::alarm_every(asked("REVEILLE_STORM_MICROSECONDS", 50));
        let mut rng = Rng::new(seed());
        let mut blocks = vec![Vec::new(); 64];
        let end = Instant::now() + Duration::from_secs(asked("REVEILLE_STORM_SECONDS", 5).into());
        while Instant::now() < end {
            work_in_the_storm(&mut rng, &mut blocks);
            watchdog.lap();
        }
        system::alarm_every(0);
        CALM.store(true, Release);
        for companion in 1..=2 {
            FLAG.set();
            until("one more set releases one more", || HOME.load(Acquire) >= companion);
        }
        let strikes = STRIKES.load(Relaxed);
        assert!(strikes > 1_000, "no storm: the timer has struck {strikes} times");
        assert_eq!(heap::offences(), 0, "a handler has allocated");
    });
}

/// What the environment asks for, or else the usual.
fn asked(name: &str, usual: u32) -> u32 {
    env::var(name).map_or(usual, |asked| asked.parse().unwrap())
}

fn work_in_the_storm(rng: &mut Rng, blocks: &mut [Vec<u8>]) {
    let flag = Arc::new(ThreadSafeFlag::new());
    AT.store(Arc::as_ptr(&flag).cast_mut(), Relaxed);
    for _ in 0..=rng.below(3) {
        match rng.below(10) {
            0 => flag.wait_blocking(),
            1 => drop(flag.wait_timeout(Duration::from_micros(rng.below(200)))),
            2 => look_and_leave(&flag, rng.below(4)),
            3 => look_and_leave(&FLAG, rng.below(4)),
            4 => pollster::block_on(flag.clone().wait_owned()),
            5 => pass_a_place_on(&flag),
            6 => drop(flag.clear()),
            7 => (0..rng.below(200)).for_each(|_| flag.set()),
            8 => FLAG.set_direct(),
            _ => {
                let at = rng.below(blocks.len() as u64) as usize;
                let magnitude = rng.below(18);
                blocks[at] = black_box(vec![1; rng.below(1 << magnitude) as usize]);
            }
        }
    }
    AT.store(ptr::null_mut(), Relaxed);
}

fn look_and_leave(flag: &ThreadSafeFlag, looks: u64) {
    let mut wait = pin!(flag.wait());
    for _ in 0..looks {
        if wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            break;
        }
    }
}

/// The first of two that wait gives up, set or not; the storm releases the second.
fn pass_a_place_on(flag: &ThreadSafeFlag) {
    let task = Task::new();
    let mut first = Box::pin(flag.wait());
    let mut second = Box::pin(flag.wait());
    if poll(first.as_mut(), &task).is_pending() && poll(second.as_mut(), &task).is_pending() {
        drop(first);
        pollster::block_on(second);
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
        start_courier().unwrap();
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

/// One thread blocks, another one sets.
fn set_and_see_it(flag: &ThreadSafeFlag) {
    thread::scope(|threads| {
        threads.spawn(|| {
            until("someone parks", || format!("{flag:?}").contains("has_waiters: true"));
            flag.set();
        });
        flag.wait_blocking();
    });
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
        let mut waits: Vec<Pin<Box<FlagWait<'_>>>> =
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

// === nothing left to start a courier with ===

#[test]
fn courier_that_could_not_be_started_is_started_later() {
    play("courier_that_could_not_be_started_is_started_later", |_| {
        let flag = ThreadSafeFlag::new();
        let limit = no_more_descriptors();
        for _ in 0..3 {
            let error = start_courier().unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
            parking_panics(&flag, &error);
            // What does not park needs no courier.
            assert!(!flag.wait_timeout(Duration::ZERO));
            assert!(!flag.wait_deadline(Instant::now()));
        }
        drop(limit);

        #[cfg(target_os = "linux")]
        {
            let limit = linux::no_more_threads();
            let descriptors: Vec<_> = (0..3)
                .map(|_| {
                    let error = start_courier().unwrap_err();
                    parking_panics(&flag, &error);
                    lowest_descriptor()
                })
                .collect();
            drop(limit);
            assert!(descriptors.iter().all(|&it| it == descriptors[0]), "{descriptors:?}");
        }

        // A set needs no courier, nor does a wait that need not park.
        flag.set();
        flag.wait_blocking();

        start_courier().unwrap();
        start_courier().unwrap();
        set_and_see_it(&flag);
    });
}

/// Both kinds of wait say why.
fn parking_panics(flag: &ThreadSafeFlag, error: &io::Error) {
    let task = Task::new();
    let parkings: [&dyn Fn(); 2] = [&|| flag.wait_blocking(), &|| {
        let _ = poll(pin!(flag.wait()), &task);
    }];
    for park in parkings {
        // The usual hook looks for files and memory, to tell more than we ask.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| ()));
        let outcome = catch_unwind(AssertUnwindSafe(park));
        panic::set_hook(hook);
        let payload = outcome.unwrap_err();
        let message = payload.downcast::<String>().unwrap();
        assert!(message.contains(&error.to_string()), "{message}");
    }
}

fn no_more_descriptors() -> Limit {
    Limit::lower(libc::RLIMIT_NOFILE, lowest_descriptor() as libc::rlim_t)
}

/// The descriptor that is next.
fn lowest_descriptor() -> c_int {
    File::open("/dev/null").unwrap().as_raw_fd()
}

/// What Linux tells of the courier in /proc.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use super::system::Limit;
    use super::{c_int, until};

    /// A set of signals: the lowest bit is signal 1.
    type Signals = u32;

    /// The highest signal before the real-time ones.
    const LAST: c_int = 31;

    pub(super) fn signals_blocked_by_the_courier() -> Signals {
        let blocked = u64::from_str_radix(&ask_of_the_courier("SigBlk:"), 16).unwrap();
        (blocked & ((1 << LAST) - 1)) as Signals
    }

    /// Nor those that cannot be blocked.
    pub(super) fn all_but_faults() -> Signals {
        use libc::*;
        let open =
            [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGKILL, SIGSTOP].map(|it| it - 1);
        (0..LAST).filter(|it| !open.contains(it)).map(|it| 1 << it).sum()
    }

    /// How often the courier, asleep now, has gone to sleep.
    pub(super) fn naps_of_the_courier() -> u32 {
        until("the courier sleeps", || ask_of_the_courier("State:") == "S");
        ask_of_the_courier("voluntary_ctxt_switches:").parse().unwrap()
    }

    /// As much memory as there is, and a bit, but not enough for a thread's stack.
    pub(super) fn no_more_threads() -> Limit {
        // One that has just begun maps memory, and would find none, or give some back.
        until("all other threads sleep", || {
            let states = threads().filter_map(|status| ask(&status, "State:"));
            states.filter(|state| state != "S").count() == 1
        });
        let used: libc::rlim_t = ask("/proc/self/status", "VmSize:").unwrap().parse().unwrap();
        Limit::lower(libc::RLIMIT_AS, (used + 512) * 1024)
    }

    fn ask_of_the_courier(what: &str) -> String {
        let mut answers = threads().filter_map(|status| {
            // The system keeps 15 letters of a name.
            let is_courier = ask(&status, "Name:")? == "reveille-courie";
            is_courier.then(|| ask(&status, what))?
        });
        let answer = answers.next().expect("there is a courier");
        assert_eq!(answers.next(), None, "there is one");
        answer
    }

    /// The file of each thread.
    fn threads() -> impl Iterator<Item = String> {
        let threads = fs::read_dir("/proc/self/task").unwrap();
        threads.map(|thread| format!("{}/status", thread.unwrap().path().display()))
    }

    /// The first word after `what`, at the beginning of a line.
    fn ask(status: &str, what: &str) -> Option<String> {
        let status = fs::read_to_string(status).ok()?;
        let rest = status.lines().find_map(|line| line.strip_prefix(what))?;
        rest.split_whitespace().next().map(Into::into)
    }
}
