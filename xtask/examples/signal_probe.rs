//! What the step `signal-safety` looks at: a function that does nothing but set a flag, one that does
//! nothing but set a waitable event, and a program that calls them under strace, between two marks
//! that strace sees.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use reveille::ThreadSafeFlag;

/// How often the flag is set in each part; the step knows of it.
const SETS: usize = 1_000;

static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
static END: AtomicBool = AtomicBool::new(false);

/// Where the walk through the machine code begins: a name that is found there.
#[inline(never)]
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
fn reveille_probe_set(flag: &ThreadSafeFlag) {
    flag.set();
}

/// The same for an event.
#[cfg(unix)]
#[inline(never)]
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
fn reveille_probe_set_event(event: &reveille::WaitableEvent) {
    event.set();
}

fn main() {
    thread::scope(|threads| {
        threads.spawn(|| {
            while !END.load(Relaxed) {
                FLAG.wait_blocking();
            }
        });
        // Each set finds the waiter parked.
        for _ in 0..SETS {
            while !has_parked_waiter() {
                thread::yield_now();
            }
            set_between_marks();
        }
        // The waiter parks again when it comes to it.
        for _ in 0..SETS {
            set_between_marks();
        }
        END.store(true, Relaxed);
        FLAG.set();
    });
    // Nobody waits any more.
    for _ in 0..SETS {
        FLAG.clear();
        set_between_marks();
    }
    #[cfg(unix)]
    set_events();
}

#[cfg(unix)]
fn set_events() {
    let event = reveille::WaitableEvent::new().expect("a descriptor");
    for _ in 0..SETS {
        mark();
        reveille_probe_set_event(&event);
        mark();
    }
}

fn set_between_marks() {
    mark();
    reveille_probe_set(&FLAG);
    mark();
}

fn has_parked_waiter() -> bool {
    let told = format!("{FLAG:?}");
    told.contains("is_set: false") && told.contains("has_waiters: true")
}

/// `getppid`, which nothing else here calls.
fn mark() {
    #[cfg(unix)]
    let _ = std::os::unix::process::parent_id();
}
