//! What the sanitizers are tried on: a variant without fault, on which each must be silent, and variants with
//! a fault, which the tool for it must report. `sanitizer_probe VARIANT`; see `xtask/src/proof/sanitizers.rs`.
//!
//! The faults go through the crate, so that a tool that does not see into it reports nothing.

#![cfg_attr(reveille_rtsan, feature(sanitize))]

use std::cell::UnsafeCell;
use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::{env, process, thread};

use reveille::{AsyncResult, Event, ThreadSafeFlag, ValueEvent};

/// How often something is handed over.
const ROUNDS: usize = if cfg!(miri) { 3 } else { 200 };

fn main() {
    let variant = env::args().nth(1).unwrap_or_default();
    match &*variant {
        "clean" => clean(),
        "race" => set_before_it_is_written(),
        "freed" => set_after_the_wait_was_freed(),
        "leak" => leak(),
        "schedule" => count_without_an_exchange(),
        "allocates" => in_real_time(|| drop(black_box(Box::new(0)))),
        "locks" => set_somebodys(|flag| in_real_time(|| flag.set_direct())),
        "sets" => set_somebodys(ThreadSafeFlag::set),
        "sets-unawaited" => set_unawaited(),
        #[cfg(unix)]
        "sets-event" => reveille::WaitableEvent::new().expect("a descriptor").set(),
        _ => {
            eprintln!("sanitizer_probe: there is no variant `{variant}`");
            process::exit(2);
        }
    }
    println!("{variant}: came to its end");
}

// === the right one ===

/// All doors through which the crate, and std below it, hands something over. (Not a `WaitableEvent`: the order
/// that it makes is the kernel's, which the tools do not see.)
fn clean() {
    let event = Event::new;
    hand_over(event, Event::set, Event::wait_blocking);
    hand_over(event, Event::set, |event| until_ready(event.wait()));
    hand_over(event, Event::set, |event| spin_until(|| event.is_set()));
    hand_over(event, Event::set, |event| spin_until(|| event.clear()));
    let flag = ThreadSafeFlag::new;
    for set in [ThreadSafeFlag::set, ThreadSafeFlag::set_direct] {
        hand_over(flag, set, ThreadSafeFlag::wait_blocking);
        hand_over(flag, set, |flag| until_ready(flag.wait()));
        hand_over(flag, set, |flag| spin_until(|| flag.is_set()));
        hand_over(flag, set, |flag| spin_until(|| flag.clear()));
    }
    let set = |result: &AsyncResult<Vec<u8>, ()>| drop(result.set(vec![1]));
    hand_over(AsyncResult::new, set, |result| assert_eq!(result.wait_blocking(), Ok(&vec![1])));
    hand_over(AsyncResult::new, set, |result| spin_until(|| result.get().is_some()));
    let send = |value: &ValueEvent<Vec<u8>, ()>| drop(value.send(vec![1]));
    hand_over(ValueEvent::new, send, |value| assert_eq!(value.wait_blocking(), Ok(vec![1])));
    hand_over(ValueEvent::new, send, |value| spin_until(|| value.get().is_some()));
    #[cfg(unix)]
    {
        let event = reveille::WaitableEvent::new().expect("a descriptor");
        event.set();
        assert!(event.clear());
    }
}

fn until_ready(wait: impl Future<Output = ()>) {
    let mut wait = pin!(wait);
    let mut cx = Context::from_waker(Waker::noop());
    while wait.as_mut().poll(&mut cx).is_pending() {
        thread::yield_now();
    }
}

fn spin_until(there: impl Fn() -> bool) {
    while !there() {
        thread::yield_now();
    }
}

/// A number for which nobody but event and flag sees to the order.
struct Payload(UnsafeCell<usize>);

// SAFETY: in the variant without fault, what is written happens before the set, and that before the read. The
// other one is a race, which is to be reported.
unsafe impl Sync for Payload {}

impl Payload {
    const fn new() -> Self {
        Self(UnsafeCell::new(0))
    }

    fn write(&self, value: usize) {
        // SAFETY: see above.
        unsafe { *self.0.get() = value };
    }

    fn read(&self) -> usize {
        // SAFETY: see above.
        unsafe { *self.0.get() }
    }
}

/// One thread writes and sets, another one waits and reads.
fn hand_over<S: Sync>(new: fn() -> S, set: fn(&S), wait: impl Fn(&S)) {
    for round in 1..=ROUNDS {
        let (door, payload) = (new(), Payload::new());
        thread::scope(|threads| {
            threads.spawn(|| {
                payload.write(round);
                set(&door);
            });
            wait(&door);
            assert_eq!(payload.read(), round);
        });
    }
}

// === the faults ===

/// Many times: a tool that watches what really ran may be lucky once.
fn set_before_it_is_written() {
    for _ in 0..ROUNDS {
        let (event, payload) = (Event::new(), Payload::new());
        thread::scope(|threads| {
            threads.spawn(|| {
                event.set();
                payload.write(1);
            });
            event.wait_blocking();
            black_box(payload.read());
        });
    }
}

/// A parked wait whose memory goes, although it has not been dropped.
fn set_after_the_wait_was_freed() {
    let event = Event::new();
    let mut wait = Box::new(ManuallyDrop::new(event.wait()));
    // SAFETY: none. This is the fault: what is pinned has to be dropped before its memory goes.
    let pinned = unsafe { Pin::new_unchecked(&mut **wait) };
    assert!(pinned.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(wait);
    event.set();
}

/// On a thread of its own, whose stack and registers nobody looks through afterwards.
fn leak() {
    let leaker = thread::spawn(|| {
        let event = Arc::new(Event::new());
        event.clone().link_owned(|| ()).detach();
        std::mem::forget(event);
    });
    leaker.join().expect("it does not panic");
}

/// Goes wrong only if both read before one of them writes.
fn count_without_an_exchange() {
    let count = AtomicUsize::new(0);
    // ORDERING: Relaxed. Whatever it is, the two are no one step.
    let add = || count.store(count.load(Relaxed) + 1, Relaxed);
    thread::scope(|threads| {
        threads.spawn(add);
        threads.spawn(add);
    });
    assert_eq!(count.load(Relaxed), 2, "one was lost");
}

/// Sets a flag that somebody is parked on.
fn set_somebodys(set: impl Fn(&ThreadSafeFlag)) {
    struct Counter(Mutex<usize>);
    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            *self.0.lock().expect("nobody panics") += 1;
        }
    }
    let flag = ThreadSafeFlag::new();
    let waker = Waker::from(Arc::new(Counter(Mutex::new(0))));
    let mut wait = Box::pin(flag.wait());
    let mut cx = Context::from_waker(&waker);
    assert_eq!(wait.as_mut().poll(&mut cx), Poll::Pending);
    set(&flag);
    assert_eq!(wait.as_mut().poll(&mut cx), Poll::Ready(()));
}

/// Sets a flag that nothing has ever waited for, and one whose wait has gone.
fn set_unawaited() {
    let flag = ThreadSafeFlag::new();
    flag.set();
    assert!(flag.clear());
    let mut wait = Box::pin(flag.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(wait);
    flag.set();
    assert!(flag.is_set());
}

/// Where RealtimeSanitizer allows no call that may block.
#[cfg_attr(reveille_rtsan, sanitize(realtime = "nonblocking"))]
#[inline(never)]
fn in_real_time(work: impl FnOnce()) {
    work();
}
