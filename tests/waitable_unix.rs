//! `WaitableEvent` on Unix: its descriptors, under signals, across `fork` and `exec`, and where there are
//! no descriptors left.
//!
//! What concerns a whole process is played in one of its own; see [`stage`]. The same tests run with a
//! pipe for a back end: `cargo xtask pipe`.

#![cfg(all(unix, feature = "std", not(miri)))]

mod common;
#[path = "waitable/kernel.rs"]
mod kernel;
#[path = "signals/stage.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod stage;
#[path = "signals/system.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod system;
#[path = "stress/watch.rs"]
#[allow(dead_code, reason = "another stress test uses its own part")]
mod watch;

use std::ffi::c_int;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Barrier, OnceLock};
use std::time::{Duration, Instant};
use std::{env, thread};

use libc::{SIGALRM, SIGUSR1, SIGUSR2};
use reveille::WaitableEvent;

use common::{in_time, until};
use kernel::{IS_PIPE, LONG, assert_is_set, event, until_waiting};
use stage::{play, this_program};
use system::{Limit, Timer};

// === 15: descriptors ===

#[test]
fn descriptors_are_closed_with_the_event_on_exec_and_never_block() {
    play("descriptors_are_closed_with_the_event_on_exec_and_never_block", |_| {
        let before = open_descriptors();
        let event = event();
        let clone = event.try_clone().unwrap();
        let ours: Vec<_> =
            open_descriptors().into_iter().filter(|fd| !before.contains(fd)).collect();
        assert_eq!(ours.len(), if IS_PIPE { 4 } else { 2 });
        assert!(ours.contains(&event.as_raw_fd()) && ours.contains(&clone.as_raw_fd()));
        assert_eq!(event.as_fd().as_raw_fd(), event.as_raw_fd());
        for fd in ours {
            assert_ne!(flags(fd, libc::F_GETFD) & libc::FD_CLOEXEC, 0);
            assert_ne!(flags(fd, libc::F_GETFL) & libc::O_NONBLOCK, 0);
        }
        drop((event, clone));
        assert_eq!(open_descriptors(), before);
    });
}

/// A pipe that is full is among what `one_clear_resets_any_number_of_sets` tries.
#[test]
fn set_of_an_eventfd_whose_counter_is_full_neither_blocks_nor_changes_anything() {
    if IS_PIPE {
        return;
    }
    in_time("a set that finds the counter full", || {
        let event = event();
        let mut raw = File::from(event.as_fd().try_clone_to_owned().unwrap());
        raw.write_all(&(u64::MAX - 1).to_ne_bytes()).unwrap();
        for _ in 0..3 {
            event.set();
            assert_is_set(&event, true);
        }
        assert!(event.clear());
        assert_is_set(&event, false);
    });
}

#[test]
fn clone_has_a_descriptor_of_its_own() {
    let first = event();
    assert_ne!(first.as_raw_fd(), first.try_clone().unwrap().as_raw_fd());
}

#[test]
fn debug_shows_state_and_descriptor() {
    let event = event();
    let fd = event.as_raw_fd();
    assert_eq!(format!("{event:?}"), format!("WaitableEvent {{ is_set: false, fd: {fd} }}"));
    event.set();
    assert!(format!("{event:?}").contains("is_set: true"));
}

// === 16: signals ===

static STRIKES: AtomicUsize = AtomicUsize::new(0);

extern "C" fn strike(_: c_int) {
    STRIKES.fetch_add(1, Relaxed);
}

/// Catches a wait that begins anew after each interruption: it would not end while signals come.
#[test]
fn signals_neither_end_a_wait_nor_prolong_it() {
    play("signals_neither_end_a_wait_nor_prolong_it", |watchdog| {
        const TIMEOUT: Duration = Duration::from_millis(300);
        system::install(SIGUSR1, strike);
        let (event, waiting) = (event(), AtomicUsize::new(0));
        let threads = [const { AtomicUsize::new(0) }; 2];
        let ended = [const { OnceLock::new() }; 2];
        // They stay until no more signals are sent to them.
        let home = Barrier::new(3);
        thread::scope(|scope| {
            let waits: [fn(&WaitableEvent) -> bool; 2] = [
                |event| event.wait_blocking_timeout(TIMEOUT),
                |event| event.wait_blocking_timeout(LONG),
            ];
            for (number, wait) in waits.into_iter().enumerate() {
                let (event, waiting, home) = (&event, &waiting, &home);
                let (thread, ended) = (&threads[number], &ended[number]);
                scope.spawn(move || {
                    thread.store(system::this_thread(), SeqCst);
                    let begin = Instant::now();
                    waiting.fetch_add(1, SeqCst);
                    let was_set = wait(event);
                    ended.set((was_set, begin.elapsed())).unwrap();
                    home.wait();
                });
            }
            until("both are about to wait", || waiting.load(SeqCst) == 2);
            // If that takes too long, the watchdog says so.
            while ended[0].get().is_none() {
                for thread in &threads {
                    system::kill_thread(thread.load(SeqCst), SIGUSR1);
                }
                thread::sleep(Duration::from_millis(1));
            }
            watchdog.lap();
            let &(was_set, took) = ended[0].get().unwrap();
            assert!(!was_set && took >= TIMEOUT, "{was_set} after {took:?}");
            assert_eq!(ended[1].get(), None, "a signal has ended a wait");
            assert!(STRIKES.load(Relaxed) > 20);
            event.set();
            home.wait();
        });
        assert!(ended[1].get().unwrap().0);
    });
}

/// What the handlers set.
static EVENT: OnceLock<WaitableEvent> = OnceLock::new();

static ERRNO_LOST: AtomicBool = AtomicBool::new(false);

extern "C" fn set_and_look_at_errno(_: c_int) {
    // SAFETY: closes nothing; it is here to make `errno` EBADF.
    unsafe { libc::close(-1) };
    EVENT.get().unwrap().set();
    if io::Error::last_os_error().raw_os_error() != Some(libc::EBADF) {
        ERRNO_LOST.store(true, Relaxed);
    }
    STRIKES.fetch_add(1, Relaxed);
}

#[test]
fn handler_sets_it_and_errno_is_what_it_was() {
    play("handler_sets_it_and_errno_is_what_it_was", |watchdog| {
        let event = EVENT.get_or_init(event);
        system::install(SIGUSR2, set_and_look_at_errno);
        // More than a pipe holds: the last ones find it full.
        for _ in 0..70_000 {
            system::kill_thread(system::this_thread(), SIGUSR2);
            watchdog.lap();
        }
        assert!(event.clear());
        assert_is_set(event, false);
        for _ in 0..1_000 {
            system::kill_thread(system::this_thread(), SIGUSR2);
            assert_is_set(event, true);
            assert!(event.clear());
            watchdog.lap();
        }
        assert!(!ERRNO_LOST.load(Relaxed));
    });
}

#[test]
fn clear_leaves_errno_alone() {
    let event = event();
    for _ in 0..2 {
        // SAFETY: closes nothing; it is here to make `errno` EBADF.
        unsafe { libc::close(-1) };
        event.clear();
        assert_eq!(io::Error::last_os_error().raw_os_error(), Some(libc::EBADF));
        event.set();
    }
}

extern "C" fn set_event(_: c_int) {
    EVENT.get().unwrap().set();
    STRIKES.fetch_add(1, Relaxed);
}

/// The handler runs on the thread that sets, clears and waits, whatever it is at.
#[test]
fn handler_may_interrupt_all_that_a_thread_does_with_it() {
    play("handler_may_interrupt_all_that_a_thread_does_with_it", |watchdog| {
        let event = EVENT.get_or_init(event);
        system::install(SIGALRM, set_event);
        let timer = Timer::of_this_thread();
        timer.strike_every(50);
        while STRIKES.load(Relaxed) < 5_000 {
            event.wait_blocking();
            assert!(event.clear());
            event.set();
            assert!(event.is_set());
            assert!(event.clear());
            let _ = event.wait_blocking_timeout(Duration::from_micros(20));
            assert!(event.wait_blocking_deadline(Instant::now() + LONG));
            watchdog.lap();
        }
        timer.strike_every(0);
        event.clear();
        assert_is_set(event, false);
    });
}

// === 16: no descriptors, and other people's ===

#[test]
fn descriptors_above_1024_are_as_good_as_others() {
    play("descriptors_above_1024_are_as_good_as_others", |_| {
        let raised = Limit::lower(libc::RLIMIT_NOFILE, 1_200);
        let low: Vec<_> = (0..1_050).map(|_| File::open("/dev/null").unwrap()).collect();
        let event = event();
        assert!(event.as_raw_fd() > 1024);
        live(&event);
        let clone = event.try_clone().unwrap();
        let limit = Limit::lower(libc::RLIMIT_NOFILE, 0);
        live(&clone);
        drop((limit, low, raised));
    });
}

/// `poll(2)` fails at once then, on Linux.
#[test]
fn limit_of_no_descriptors_at_all_changes_nothing() {
    play("limit_of_no_descriptors_at_all_changes_nothing", |_| {
        let event = event();
        let _limit = Limit::lower(libc::RLIMIT_NOFILE, 0);
        live(&event);
    });
}

/// All that it can, but for being cloned.
fn live(event: &WaitableEvent) {
    assert!(!event.clear());
    for _ in 0..3 {
        assert!(!event.is_set());
        let begin = Instant::now();
        assert!(!event.wait_blocking_timeout(Duration::from_millis(5)));
        assert!(begin.elapsed() >= Duration::from_millis(5));
        let waiting = AtomicUsize::new(0);
        thread::scope(|threads| {
            threads.spawn(|| {
                waiting.fetch_add(1, SeqCst);
                event.wait_blocking();
            });
            until_waiting(&waiting, 1);
            event.set();
        });
        assert!(
            event.is_set()
                && event.wait_blocking_timeout(LONG)
                && event.wait_blocking_timeout(Duration::ZERO)
        );
        assert!(event.clear());
    }
}

#[test]
fn no_descriptors_left_is_an_error_that_leaks_nothing() {
    play("no_descriptors_left_is_an_error_that_leaks_nothing", |_| {
        let event = event();
        let lowest = File::open("/dev/null").unwrap().as_raw_fd();
        let before = open_descriptors();
        // The second one of a pipe may be the one that is missing.
        for left in 0..if IS_PIPE { 2 } else { 1 } {
            let _limit = Limit::lower(libc::RLIMIT_NOFILE, lowest as libc::rlim_t + left);
            for _ in 0..3 {
                for error in [WaitableEvent::new().unwrap_err(), event.try_clone().unwrap_err()] {
                    assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
                }
                assert_eq!(open_descriptors(), before);
            }
        }
        event.set();
        assert!(event.try_clone().unwrap().clear());
        drop(WaitableEvent::new().unwrap());
        assert_eq!(open_descriptors(), before);
    });
}

#[test]
fn five_thousand_made_and_dropped_leave_no_descriptor_behind() {
    play("five_thousand_made_and_dropped_leave_no_descriptor_behind", |watchdog| {
        let before = open_descriptors();
        for _ in 0..5_000 {
            let event = event();
            event.try_clone().unwrap().set();
            assert!(event.clear());
            watchdog.lap();
        }
        assert_eq!(open_descriptors(), before);
    });
}

fn open_descriptors() -> Vec<RawFd> {
    (0..4_096).filter(|&fd| flags(fd, libc::F_GETFD) != -1).collect()
}

/// Flags of a descriptor; -1 if it is not open.
fn flags(fd: RawFd, which: c_int) -> c_int {
    // SAFETY: asks for flags alone.
    unsafe { libc::fcntl(fd, which) }
}

/// The program must not do so; what comes of it is no worse than that nothing does.
#[test]
fn event_whose_descriptor_has_hung_up_is_never_set_and_its_wait_does_not_spin() {
    play("event_whose_descriptor_has_hung_up_is_never_set_and_its_wait_does_not_spin", |_| {
        let (event, mut ends) = (event(), [0; 2]);
        // SAFETY: there is room for both.
        assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
        // SAFETY: both are open. The event's own is closed with it.
        assert_eq!(unsafe { libc::dup2(ends[0], event.as_raw_fd()) }, event.as_raw_fd());
        // SAFETY: it is ours.
        unsafe { libc::close(ends[1]) };
        assert_times_out_asleep(&event);
        assert!(!event.is_set());
    });
}

#[test]
fn event_whose_descriptor_was_closed_is_never_set_and_its_wait_does_not_spin() {
    play("event_whose_descriptor_was_closed_is_never_set_and_its_wait_does_not_spin", |_| {
        let event = event();
        // SAFETY: nobody else uses its number after that, and the event is not dropped.
        unsafe { libc::close(event.as_raw_fd()) };
        assert_times_out_asleep(&event);
        event.set();
        assert!(!event.is_set() && !event.clear());
        std::mem::forget(event);
    });
}

/// Whether it is asleep already, which the kernel lets it be, or comes to look afterwards.
#[test]
fn wait_whose_descriptor_is_closed_meanwhile_ends_at_its_deadline() {
    play("wait_whose_descriptor_is_closed_meanwhile_ends_at_its_deadline", |_| {
        let (event, waiting) = (event(), AtomicUsize::new(0));
        thread::scope(|threads| {
            let wait = threads.spawn(|| {
                waiting.fetch_add(1, SeqCst);
                assert_times_out_asleep(&event);
            });
            until_waiting(&waiting, 1);
            // SAFETY: nobody opens another while this thread waits, and the event is not dropped.
            unsafe { libc::close(event.as_raw_fd()) };
            wait.join().unwrap();
        });
        std::mem::forget(event);
    });
}

/// That a wait ends at its deadline, and leaves the processor to others until then. One that spins gets
/// more than a fiftieth of it, unless many others want it, too.
#[track_caller]
fn assert_times_out_asleep(event: &WaitableEvent) {
    const TIMEOUT: Duration = Duration::from_millis(400);
    let (begin, worked) = (Instant::now(), processor_time());
    assert!(!event.wait_blocking_timeout(TIMEOUT));
    assert!(begin.elapsed() >= TIMEOUT);
    let worked = processor_time() - worked;
    assert!(worked < TIMEOUT / 50, "it spins: {worked:?}");
}

/// Of this thread, so far.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is ours.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(result, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

// === children ===

#[test]
fn parent_and_forked_child_share_it() {
    play("parent_and_forked_child_share_it", |watchdog| {
        let (event, back) = (event(), event());
        thread::scope(|threads| {
            threads.spawn(|| {
                event.wait_blocking();
                assert!(event.clear());
                back.set();
            });
            let ended = system::in_a_child(|| {
                event.set();
                back.wait_blocking();
                assert!(back.clear());
            });
            assert!(ended.success(), "{ended}");
        });
        watchdog.lap();
        assert_is_set(&event, false);
        assert_is_set(&back, false);
    });
}

/// The number of the descriptor that this program has inherited.
const INHERITED: &str = "REVEILLE_INHERITED";

#[test]
fn executed_child_that_inherits_an_eventfd_sets_it_for_the_parent() {
    if let Ok(fd) = env::var(INHERITED) {
        // SAFETY: nobody else in this program knows of it.
        let mut inherited = unsafe { File::from_raw_fd(fd.parse().unwrap()) };
        return inherited.write_all(&1_u64.to_ne_bytes()).unwrap();
    }
    if IS_PIPE {
        return;
    }
    let event = event();
    let fd = event.as_raw_fd();
    let mut program = this_program();
    program
        .args(["--exact", "executed_child_that_inherits_an_eventfd_sets_it_for_the_parent"])
        .env(INHERITED, fd.to_string());
    // SAFETY: between fork and exec this only clears a flag, which is async-signal-safe.
    unsafe { program.pre_exec(move || keep_on_exec(fd)) };
    let ended = program.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    assert_is_set(&event, true);
}

fn keep_on_exec(fd: RawFd) -> io::Result<()> {
    // SAFETY: the descriptor is open, and FD_CLOEXEC the only flag that there is.
    match unsafe { libc::fcntl(fd, libc::F_SETFD, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
