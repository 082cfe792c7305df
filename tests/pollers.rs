//! A `WaitableEvent` in the loops of others: `poll(2)`, `polling`, `mio`, tokio's `AsyncFd` and
//! `smol::Async`, level- and edge-triggered, set by a thread and by a signal handler: by both at once,
//! and then by one after the other, each of whose sets must be reported for the next to come.
//!
//! Each test is played in a process of its own, whose watchdog names what hangs; see [`stage`].

#![cfg(all(unix, feature = "std", not(miri)))]

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
use std::io::ErrorKind::Interrupted;
use std::os::fd::AsRawFd;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use libc::{SIGUSR1, SIGUSR2};
use mio::unix::SourceFd;
use polling::PollMode;
use reveille::WaitableEvent;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use stage::play;
use watch::Watchdog;

/// How many jobs the handler adds, and how many the thread does, as fast as they can.
const JOBS: usize = 5_000;

/// How many each of them adds after that, when all that there were are done.
const SINGLE: usize = 100;

const ALL: usize = 2 * (JOBS + SINGLE);

/// What both set.
static EVENT: OnceLock<WaitableEvent> = OnceLock::new();

/// How many jobs there are.
static ADDED: AtomicUsize = AtomicUsize::new(0);

/// How many of them are done.
static DONE: AtomicUsize = AtomicUsize::new(0);

/// How often the handler of the first signal has run.
static HANDLED: AtomicUsize = AtomicUsize::new(0);

/// A poller with the event in it. It sleeps, for so long at most; true: it reports the event.
type Sleep<'a> = dyn FnMut(Option<Duration>) -> bool + 'a;

/// Makes one.
type Register = for<'a> fn(&'a WaitableEvent) -> Box<Sleep<'a>>;

/// Relaxed: it is for the event to hand the jobs over.
fn add_job() {
    ADDED.fetch_add(1, Relaxed);
    EVENT.get().unwrap().set();
}

extern "C" fn add_job_in_a_handler(_: c_int) {
    if HANDLED.fetch_add(1, Relaxed) < JOBS {
        add_job();
    }
}

extern "C" fn add_single_job_in_a_handler(_: c_int) {
    add_job();
}

/// What there is to do when the event was reported and cleared; tells how much that was in all.
fn do_jobs(watchdog: &Watchdog) -> usize {
    let done = ADDED.load(Relaxed);
    DONE.store(done, SeqCst);
    watchdog.lap();
    done
}

/// Has `serve` take what a thread adds, and what is added by handlers that interrupt `serve`.
fn with_setters(serve: impl FnOnce(&WaitableEvent)) {
    system::install(SIGUSR1, add_job_in_a_handler);
    system::install(SIGUSR2, add_single_job_in_a_handler);
    let event = EVENT.get_or_init(|| WaitableEvent::new().unwrap());
    let poller = system::this_thread();
    thread::scope(|threads| {
        threads.spawn(|| {
            for job in 0..JOBS {
                add_job();
                if job % 64 == 0 {
                    // Time enough to fall asleep.
                    thread::sleep(Duration::from_micros(200));
                }
            }
        });
        threads.spawn(|| {
            while HANDLED.load(Relaxed) < JOBS {
                system::kill_thread(poller, SIGUSR1);
                thread::yield_now();
            }
            // From here on a set that is not reported is one that no other makes up for.
            for job in 2 * JOBS..ALL {
                while DONE.load(SeqCst) < job {
                    thread::yield_now();
                }
                if job % 2 == 0 {
                    add_job();
                } else {
                    system::kill_thread(poller, SIGUSR2);
                }
            }
        });
        serve(event);
    });
}

/// The loop of the documentation, to which a set that is lost, or not reported, is a job that is
/// never done.
fn serve(event: &WaitableEvent, sleep: &mut Sleep<'_>, watchdog: &Watchdog) {
    let mut done = 0;
    while done < ALL {
        if sleep(None) {
            event.clear();
            done = do_jobs(watchdog);
        }
    }
    assert_eq!(done, ALL);
}

fn loses_nothing(name: &'static str, register: Register) {
    play(name, |watchdog| {
        with_setters(|event| serve(event, &mut *register(event), watchdog));
    });
}

/// A poller that reports again, as long as the event is set; or once, until it was cleared.
fn reports(name: &'static str, register: Register, again: bool) {
    const NOW: Option<Duration> = Some(Duration::ZERO);
    play(name, |_| {
        let event = WaitableEvent::new().unwrap();
        {
            let mut sleep = register(&event);
            for _ in 0..10 {
                assert!(!sleep(NOW));
                event.set();
                assert!(sleep(None));
                assert_eq!(sleep(NOW), again);
                assert!(event.clear());
                assert!(!sleep(NOW));
            }
            event.set();
            event.clear();
            assert!(!sleep(Some(Duration::from_millis(1))));
        }
        event.set();
        assert!(register(&event)(NOW), "it was set when it was registered");
    });
}

// === poll(2) ===

fn in_poll(event: &WaitableEvent) -> Box<Sleep<'_>> {
    Box::new(|timeout| {
        let timeout = timeout.map_or(-1, |timeout| timeout.as_millis() as c_int);
        let mut asked = libc::pollfd { fd: event.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: it is one `pollfd`, and ours.
        let found = unsafe { libc::poll(&mut asked, 1, timeout) };
        found == 1 && asked.revents == libc::POLLIN
    })
}

#[test]
fn loop_around_poll_loses_no_set() {
    loses_nothing("loop_around_poll_loses_no_set", in_poll);
}

#[test]
fn poll_reports_it_until_it_is_cleared() {
    reports("poll_reports_it_until_it_is_cleared", in_poll, true);
}

// === polling ===

fn in_polling(event: &WaitableEvent, mode: PollMode) -> Box<Sleep<'_>> {
    const KEY: usize = 7;
    let poller = polling::Poller::new().unwrap();
    // SAFETY: the event outlives the poller, which is dropped with the box.
    unsafe { poller.add_with_mode(event, polling::Event::readable(KEY), mode) }.unwrap();
    let mut events = polling::Events::new();
    Box::new(move |timeout| {
        events.clear();
        match poller.wait(&mut events, timeout) {
            Err(error) if error.kind() == Interrupted => return false,
            found => found.unwrap(),
        };
        events.iter().any(|found| found.key == KEY && found.readable)
    })
}

#[test]
fn loop_around_level_triggered_polling_loses_no_set() {
    loses_nothing("loop_around_level_triggered_polling_loses_no_set", |event| {
        in_polling(event, PollMode::Level)
    });
}

#[test]
fn loop_around_edge_triggered_polling_loses_no_set() {
    loses_nothing("loop_around_edge_triggered_polling_loses_no_set", |event| {
        in_polling(event, PollMode::Edge)
    });
}

#[test]
fn level_triggered_polling_reports_it_until_it_is_cleared() {
    let level: Register = |event| in_polling(event, PollMode::Level);
    reports("level_triggered_polling_reports_it_until_it_is_cleared", level, true);
}

/// As it comes, `polling` is one-shot: it is asked anew for each report.
#[test]
fn one_shot_polling_reports_it_for_as_long_as_it_is_asked() {
    reports("one_shot_polling_reports_it_for_as_long_as_it_is_asked", in_one_shot_polling, true);
}

#[test]
fn loop_around_one_shot_polling_loses_no_set() {
    loses_nothing("loop_around_one_shot_polling_loses_no_set", in_one_shot_polling);
}

fn in_one_shot_polling(event: &WaitableEvent) -> Box<Sleep<'_>> {
    let poller = polling::Poller::new().unwrap();
    let readable = polling::Event::readable(7);
    // SAFETY: the event outlives the poller, which is dropped with the box.
    unsafe { poller.add(event, readable) }.unwrap();
    let mut events = polling::Events::new();
    Box::new(move |timeout| {
        poller.modify(event, readable).unwrap();
        events.clear();
        match poller.wait(&mut events, timeout) {
            Err(error) if error.kind() == Interrupted => return false,
            found => found.unwrap(),
        };
        !events.is_empty()
    })
}

#[test]
fn edge_triggered_polling_reports_it_once() {
    let edge: Register = |event| in_polling(event, PollMode::Edge);
    reports("edge_triggered_polling_reports_it_once", edge, false);
}

// === mio ===

/// It is always edge-triggered.
fn in_mio(event: &WaitableEvent) -> Box<Sleep<'_>> {
    const TOKEN: mio::Token = mio::Token(7);
    let mut poll = mio::Poll::new().unwrap();
    let mut source = SourceFd(&event.as_raw_fd());
    mio::event::Source::register(&mut source, poll.registry(), TOKEN, mio::Interest::READABLE)
        .unwrap();
    let mut events = mio::Events::with_capacity(4);
    Box::new(move |timeout| {
        match poll.poll(&mut events, timeout) {
            Err(error) if error.kind() == Interrupted => return false,
            found => found.unwrap(),
        }
        events.iter().any(|found| found.token() == TOKEN && found.is_readable())
    })
}

#[test]
fn loop_around_mio_loses_no_set() {
    loses_nothing("loop_around_mio_loses_no_set", in_mio);
}

#[test]
fn mio_reports_it_once() {
    reports("mio_reports_it_once", in_mio, false);
}

/// What edge-triggered loops on Linux may rely on, and `mio::Waker` does.
#[test]
fn each_set_of_an_eventfd_that_is_never_cleared_is_reported_to_edge_triggered_loops() {
    const NAME: &str =
        "each_set_of_an_eventfd_that_is_never_cleared_is_reported_to_edge_triggered_loops";
    if !cfg!(target_os = "linux") || cfg!(reveille_pipe) {
        return;
    }
    play(NAME, |watchdog| {
        let polling: Register = |event| in_polling(event, PollMode::Edge);
        for register in [in_mio as Register, polling] {
            let event = WaitableEvent::new().unwrap();
            let mut sleep = register(&event);
            for _ in 0..1_000 {
                event.set();
                assert!(sleep(None));
                assert!(!sleep(Some(Duration::ZERO)));
                watchdog.lap();
            }
        }
    });
}

// === tokio ===

#[test]
fn task_of_tokio_loses_no_set() {
    play("task_of_tokio_loses_no_set", |watchdog| {
        let tokio = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        with_setters(|event| tokio.block_on(serve_in_tokio(event, watchdog)));
    });
}

fn in_tokio(event: WaitableEvent) -> AsyncFd<WaitableEvent> {
    // SAFETY: the event has the same descriptor for as long as it lives, and closes it then.
    unsafe { AsyncFd::register_with_interest(event, Interest::READABLE) }.unwrap()
}

async fn serve_in_tokio(event: &WaitableEvent, watchdog: &Watchdog) {
    let readable = in_tokio(event.try_clone().unwrap());
    let mut done = 0;
    while done < ALL {
        let mut guard = readable.readable().await.unwrap();
        event.clear();
        guard.clear_ready();
        done = do_jobs(watchdog);
    }
}

#[test]
fn clear_before_or_after_clear_ready_is_the_same_to_tokio() {
    play("clear_before_or_after_clear_ready_is_the_same_to_tokio", |_| {
        let tokio = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        tokio.block_on(async {
            let event = in_tokio(WaitableEvent::new().unwrap());
            for round in 0..100 {
                event.get_ref().set();
                let mut guard = event.readable().await.unwrap();
                if round % 2 == 0 {
                    assert!(event.get_ref().clear());
                    guard.clear_ready();
                } else {
                    guard.clear_ready();
                    assert!(event.get_ref().clear());
                }
                // The reactor has had its turn.
                tokio::task::yield_now().await;
                let mut cx = Context::from_waker(Waker::noop());
                assert!(pin!(event.readable()).poll(&mut cx).is_pending());
            }
        });
    });
}

// === smol ===

#[test]
fn task_of_smol_loses_no_set() {
    play("task_of_smol_loses_no_set", |watchdog| {
        with_setters(|event| {
            smol::block_on(async {
                let readable = smol::Async::new(event).unwrap();
                let mut done = 0;
                while done < ALL {
                    readable.readable().await.unwrap();
                    event.clear();
                    done = do_jobs(watchdog);
                }
            });
        });
    });
}

#[test]
fn smol_has_an_event_ready_from_set_until_clear() {
    play("smol_has_an_event_ready_from_set_until_clear", |_| {
        smol::block_on(async {
            let event = smol::Async::new(WaitableEvent::new().unwrap()).unwrap();
            for _ in 0..100 {
                let mut cx = Context::from_waker(Waker::noop());
                assert!(pin!(event.readable()).poll(&mut cx).is_pending());
                event.get_ref().set();
                event.readable().await.unwrap();
                assert!(event.get_ref().clear());
            }
        });
    });
}
