//! A process that ends while the courier works: threads set flags, others wait for them, and the
//! courier is in the midst of a waker. It must end at once, with the status that it was given, and say
//! nothing, neither by itself nor by a sanitizer.

use std::hint::black_box;
use std::pin::pin;
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Wake, Waker};
use std::thread;

use reveille::ThreadSafeFlag;

use crate::common::{Foreign, set_and_see_it, until};
use crate::stage::play_to_the_end;
use crate::watch::{Rng, Watchdog, seed, spin};

/// How often each process is made to end, each time at another moment.
const TIMES: usize = 25;

static FLAGS: [ThreadSafeFlag; 4] = [const { ThreadSafeFlag::new() }; 4];

/// How often the courier has woken somebody.
static DELIVERED: AtomicUsize = AtomicUsize::new(0);

/// Allocates on the courier, as wakers of executors do.
struct Task {
    thread: thread::Thread,
}

#[test]
fn process_that_exits_while_the_courier_works_ends_well() {
    play_to_the_end(
        "exit::process_that_exits_while_the_courier_works_ends_well",
        TIMES,
        |watchdog, last| {
            let mut rng = work(watchdog);
            last();
            spin(rng.below(20_000));
            process::exit(0);
        },
    );
}

#[test]
fn process_whose_main_returns_while_the_courier_works_ends_well() {
    let name = "exit::process_whose_main_returns_while_the_courier_works_ends_well";
    play_to_the_end(name, TIMES, |watchdog, last| {
        let mut rng = work(watchdog);
        last();
        spin(rng.below(20_000));
    });
}

#[test]
fn process_that_a_waker_ends_on_the_courier_ends_well() {
    play_to_the_end(
        "exit::process_that_a_waker_ends_on_the_courier_ends_well",
        TIMES,
        |watchdog, last| {
            work(watchdog);
            let (flag, foreign) = (ThreadSafeFlag::new(), Arc::new(Foreign::default()));
            *foreign.on_wake.lock().unwrap() = Some(Box::new(move || {
                last();
                process::exit(0);
            }));
            let mut wait = Box::pin(flag.wait());
            let waker = foreign.waker();
            assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            flag.set();
            // The process ends under this thread's feet; if it does not, the watchdog sees it.
            loop {
                thread::park();
            }
        },
    );
}

/// What runs at the exit still has a courier.
#[test]
fn flags_work_in_functions_that_run_at_the_exit() {
    play_to_the_end(
        "exit::flags_work_in_functions_that_run_at_the_exit",
        TIMES,
        |watchdog, last| {
            extern "C" fn at_exit() {
                set_and_see_it(&ThreadSafeFlag::new());
                FLAGS.iter().for_each(ThreadSafeFlag::set);
            }

            work(watchdog);
            // SAFETY: it returns, and panics at most, which ends the process.
            assert_eq!(unsafe { libc::atexit(at_exit) }, 0);
            last();
            process::exit(0);
        },
    );
}

/// Has the courier at work, and goes on for good.
fn work(watchdog: &Watchdog) -> Rng {
    let seed = seed();
    println!("seed {seed}");
    for flag in &FLAGS {
        thread::spawn(|| {
            let waker = Waker::from(Arc::new(Task { thread: thread::current() }));
            loop {
                let mut wait = pin!(flag.wait());
                let mut cx = Context::from_waker(&waker);
                while wait.as_mut().poll(&mut cx).is_pending() {
                    thread::park();
                }
            }
        });
    }
    for _ in 0..2 {
        thread::spawn(|| {
            loop {
                FLAGS.iter().for_each(ThreadSafeFlag::set);
                thread::yield_now();
            }
        });
    }
    until("the courier works", || DELIVERED.load(Relaxed) > 20);
    watchdog.lap();
    Rng::new(seed)
}

// === impl Task ===

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        DELIVERED.fetch_add(1, Relaxed);
        black_box(vec![1_u8; 100]);
        self.thread.unpark();
    }
}
