//! `WaitableEvent`, promise by promise, with the kernel asked itself: `poll(2)` for a descriptor, and
//! `WaitForSingleObject` for a handle.
//!
//! What is of one system alone is in `waitable_unix.rs` and `waitable_windows.rs`. The same tests run with
//! a pipe for a back end: `cargo xtask pipe`.

#![cfg(all(any(unix, windows), feature = "std", not(miri)))]

mod common;
#[path = "waitable/kernel.rs"]
mod kernel;
#[path = "stress/watch.rs"]
#[allow(dead_code, reason = "another stress test uses its own part")]
mod watch;

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;
use std::time::{Duration, Instant};

use reveille::WaitableEvent;

use common::in_time;
use kernel::{IS_PIPE, LONG, assert_is_set, event, until_waiting};
use watch::{Rng, alone, seed, spin, spin_until};

/// A round that there is not.
const END: usize = usize::MAX;

// === 15: readable from set until clear ===

#[test]
fn new_event_is_not_set() {
    assert_is_set(&event(), false);
}

#[test]
fn kernel_says_set_from_set_until_clear() {
    let event = event();
    for _ in 0..3 {
        event.set();
        for _ in 0..3 {
            assert_is_set(&event, true);
        }
        assert!(event.clear());
        assert_is_set(&event, false);
    }
}

#[test]
fn one_clear_resets_any_number_of_sets() {
    in_time("more sets than a pipe holds", || {
        let event = event();
        let most = if cfg!(unix) { 200_000 } else { 10_000 };
        for sets in [1, 2, 7, 8, 511, 512, 513, 1024, 5_000, most] {
            (0..sets).for_each(|_| event.set());
            assert_is_set(&event, true);
            assert!(event.clear(), "after {sets} sets");
            assert_is_set(&event, false);
        }
    });
}

#[test]
fn clear_of_a_clear_event_returns_false_immediately() {
    in_time("clear of a clear event", || {
        let event = event();
        for _ in 0..3 {
            assert!(!event.clear());
        }
        event.set();
        assert!(event.clear());
        assert!(!event.clear());
    });
}

/// So many, but for no longer than six seconds: a machine that has other things to do takes its time.
fn rounds(most: usize) -> impl Iterator<Item = usize> {
    let end = Instant::now() + Duration::from_secs(6);
    (1..=most).take_while(move |_| Instant::now() < end)
}

#[test]
fn of_two_concurrent_clears_of_one_set_one_returns_true() {
    let _alone = alone();
    in_time("two that clear", || {
        // With a pipe each may take a part of what is there.
        for (sets, most) in [(1, 1), (700, if IS_PIPE { 2 } else { 1 })] {
            let (event, mut rng) = (event(), Rng::new(seed()));
            let [round, other, taken] = [const { AtomicUsize::new(0) }; 3];
            let mut wrong = None;
            thread::scope(|threads| {
                threads.spawn(|| {
                    for number in 1.. {
                        spin_until(|| round.load(SeqCst) >= number);
                        if round.load(SeqCst) == END {
                            return;
                        }
                        taken.fetch_add(event.clear().into(), SeqCst);
                        other.store(number, SeqCst);
                    }
                });
                for number in rounds(16_000 / sets) {
                    (0..sets).for_each(|_| event.set());
                    round.store(number, SeqCst);
                    spin(rng.below(200));
                    taken.fetch_add(event.clear().into(), SeqCst);
                    spin_until(|| other.load(SeqCst) == number);
                    let taken = taken.swap(0, SeqCst);
                    if !(1..=most).contains(&taken) || event.is_set() {
                        wrong.get_or_insert(taken);
                    }
                }
                round.store(END, SeqCst);
            });
            assert_eq!(wrong, None, "so many of two got one set");
        }
    });
}

/// Catches a flag beside the descriptor, by which a `set` thinks that it need not write.
#[test]
fn set_during_a_clear_is_not_lost() {
    const SETS: usize = 16;
    let _alone = alone();
    in_time("a set that comes while another is taken back", || {
        let (event, mut rng) = (event(), Rng::new(seed()));
        let [added, done] = [const { AtomicUsize::new(0) }; 2];
        let over = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                while !over.load(Relaxed) {
                    if event.is_set() {
                        assert!(event.clear(), "nobody else clears it");
                        done.store(added.load(Relaxed), Relaxed);
                    }
                }
            });
            for round in rounds(10_000) {
                for _ in 0..SETS {
                    added.fetch_add(1, Relaxed);
                    event.set();
                    spin(rng.below(100));
                }
                spin_until(|| done.load(Relaxed) == round * SETS);
            }
            over.store(true, Relaxed);
        });
    });
}

/// A setter goes on when its job is done, so a set that is lost is a job that is never done.
#[test]
fn no_set_is_lost_while_four_threads_set_and_four_clear() {
    let _alone = alone();
    in_time("four that set, and four that clear", || {
        let (event, over) = (event(), AtomicBool::new(false));
        let [added, done] = [const { AtomicUsize::new(0) }; 2];
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    while !over.load(Relaxed) {
                        event.wait_blocking();
                        if event.clear() {
                            done.fetch_max(added.load(Relaxed), Relaxed);
                        }
                    }
                    // So that the next of them wakes up to it.
                    event.set();
                });
            }
            let set = || {
                for _ in rounds(2_000) {
                    let job = added.fetch_add(1, Relaxed) + 1;
                    event.set();
                    spin_until(|| done.load(Relaxed) >= job);
                }
            };
            let setters = [(); 4].map(|()| threads.spawn(set));
            for setter in setters {
                setter.join().unwrap();
            }
            over.store(true, Relaxed);
            event.set();
        });
    });
}

#[test]
fn clones_are_the_same_event() {
    let first = event();
    let second = first.try_clone().unwrap();
    first.set();
    assert_is_set(&second, true);
    assert!(second.clear());
    assert_is_set(&first, false);
    drop(first);
    second.set();
    assert!(second.wait_blocking_timeout(LONG));
    assert!(second.clear());
    assert_is_set(&second, false);
}

// === 16: blocking waits ===

#[test]
fn one_set_releases_every_thread_and_stays() {
    in_time("three threads that wait", || {
        let (event, waiting) = (event(), AtomicUsize::new(0));
        let waits: [fn(&WaitableEvent) -> bool; 3] = [
            |event| {
                event.wait_blocking();
                true
            },
            |event| event.wait_blocking_timeout(LONG),
            |event| event.wait_blocking_deadline(Instant::now() + LONG),
        ];
        thread::scope(|threads| {
            for wait in waits {
                let (event, waiting) = (&event, &waiting);
                threads.spawn(move || {
                    waiting.fetch_add(1, SeqCst);
                    assert!(wait(event));
                });
            }
            until_waiting(&waiting, 3);
            event.set();
        });
        assert_is_set(&event, true);
    });
}

#[test]
fn zero_timeout_and_past_deadline_only_look() {
    in_time("waits that do not block", || {
        let event = event();
        let past = Instant::now();
        for is_set in [false, true] {
            assert_eq!(event.wait_blocking_timeout(Duration::ZERO), is_set);
            assert_eq!(event.wait_blocking_timeout(Duration::from_nanos(1)), is_set);
            assert_eq!(event.wait_blocking_deadline(past), is_set);
            assert_is_set(&event, is_set);
            event.set();
        }
    });
}

#[test]
fn wait_times_out_not_before_its_deadline() {
    let event = event();
    for timeout in [0, 1, 999_999, 1_000_001, 20_000_000].map(Duration::from_nanos) {
        let begin = Instant::now();
        assert!(!event.wait_blocking_timeout(timeout));
        assert!(begin.elapsed() >= timeout);
        let deadline = Instant::now() + timeout;
        assert!(!event.wait_blocking_deadline(deadline));
        assert!(Instant::now() >= deadline);
    }
}

#[test]
fn huge_timeout_waits_for_ever() {
    in_time("Duration::MAX", || {
        // More than a century, and more milliseconds than an `int` holds.
        let month = Duration::from_secs(31 * 24 * 60 * 60);
        for timeout in [Duration::MAX, Duration::from_secs(u64::MAX / 4), 1300 * month, month] {
            let (event, waiting) = (event(), AtomicUsize::new(0));
            thread::scope(|threads| {
                let thread = threads.spawn(|| {
                    waiting.fetch_add(1, SeqCst);
                    event.wait_blocking_timeout(timeout)
                });
                until_waiting(&waiting, 1);
                assert!(!thread.is_finished(), "{timeout:?} was over at once");
                event.set();
                assert!(thread.join().unwrap());
            });
        }
    });
}
