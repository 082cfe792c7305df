//! `Event` without std, where its lock is a critical section: the shared cases, and what a waker
//! that panics may do there; and that the results are all there. The program brings the critical
//! section, here that of a host:
//!
//! `cargo test --no-default-features --features critical-section,alloc --test no_std`

#![cfg(not(feature = "std"))]

mod cases;

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

// Brings `critical_section::with` into the program.
use critical_section as _;
#[cfg(feature = "alloc")]
use futures_core::Stream as _;
use reveille::{AlreadySet, AsyncResult, Cancelled, Event, ThreadSafeFlag};

#[derive(Default)]
struct Task {
    wakes: AtomicUsize,
    panics: bool,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
        if self.panics {
            panic_any("from the waker");
        }
    }
}

/// Sets, in a critical section, an event on which 40 tasks are parked; the waker of one panics.
fn set_with_a_panic(number: usize) {
    let event = Event::new();
    let calm = Arc::new(Task::default());
    let panicking = Arc::new(Task { panics: true, ..Task::default() });
    let mut waits = Vec::new();
    for other in 0..40 {
        let waker = Waker::from(if other == number { panicking.clone() } else { calm.clone() });
        let mut wait = Box::pin(event.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        waits.push(wait);
    }
    let set = || critical_section::with(|_| event.set());
    let payload = catch_unwind(AssertUnwindSafe(set)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"from the waker"));
    assert_eq!((calm.wakes.load(SeqCst), panicking.wakes.load(SeqCst)), (39, 1));

    // The event stays usable, and the critical section has been left: another thread gets in.
    for wait in &mut waits {
        assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }
    std::thread::scope(|threads| {
        threads.spawn(|| {
            assert!(event.clear());
            let mut again = Box::pin(event.wait());
            let waker = Waker::from(calm.clone());
            assert!(again.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            event.pulse();
        });
    });
    assert_eq!(calm.wakes.load(SeqCst), 40);
}

#[test]
fn panic_in_the_first_wake_costs_no_other_waiter_its_wake_up() {
    set_with_a_panic(0);
}

#[test]
fn panic_in_a_middle_wake_costs_no_other_waiter_its_wake_up() {
    set_with_a_panic(31);
    set_with_a_panic(32);
}

#[test]
fn panic_in_the_last_wake_costs_no_other_waiter_its_wake_up() {
    set_with_a_panic(39);
}

#[test]
fn waker_may_use_its_event_in_a_critical_section() {
    struct Reentrant {
        event: Arc<Event>,
        wakes: AtomicUsize,
    }
    impl Wake for Reentrant {
        fn wake(self: Arc<Self>) {
            critical_section::with(|_| {
                assert!(self.event.clear());
                let mut wait = Box::pin(self.event.wait());
                let mut cx = Context::from_waker(Waker::noop());
                assert!(wait.as_mut().poll(&mut cx).is_pending());
                self.event.pulse();
                assert!(wait.as_mut().poll(&mut cx).is_ready());
            });
            self.wakes.fetch_add(1, SeqCst);
        }
    }
    let event = Arc::new(Event::new());
    let task = Arc::new(Reentrant { event: event.clone(), wakes: AtomicUsize::new(0) });
    let waker = Waker::from(task.clone());
    let mut wait = Box::pin(event.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    critical_section::with(|_| event.set());
    assert_eq!(task.wakes.load(SeqCst), 1);
}

/// In one, nobody else gets in, and no interrupt.
#[test]
#[cfg(feature = "alloc")]
fn callback_runs_and_is_dropped_outside_the_critical_section() {
    fn others_get_in() -> bool {
        let (sender, entered) = std::sync::mpsc::channel();
        std::thread::spawn(move || critical_section::with(|_| sender.send(())));
        entered.recv_timeout(std::time::Duration::from_secs(10)).is_ok()
    }
    struct Asks(Arc<AtomicUsize>);
    impl Drop for Asks {
        fn drop(&mut self) {
            self.0.fetch_add(usize::from(others_get_in()), SeqCst);
        }
    }
    let entries = Arc::new(AtomicUsize::new(0));
    let callback = || {
        let (asks, run) = (Asks(entries.clone()), entries.clone());
        move || {
            run.fetch_add(usize::from(others_get_in()), SeqCst);
            drop(asks);
        }
    };
    let event = Arc::new(Event::new());
    let task = Arc::new(Task::default());
    let mut wait = Box::pin(event.wait());
    let waker = Waker::from(task.clone());
    let run = event.link(callback());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(event.link(callback()).unlink());
    assert_eq!(entries.load(SeqCst), 1, "dropped by `unlink`");
    event.set();
    assert_eq!(entries.load(SeqCst), 3, "run and dropped by `set`");
    assert_eq!(task.wakes.load(SeqCst), 1);
    assert!(!run.unlink());
    assert!(!event.link(callback()).unlink());
    assert_eq!(entries.load(SeqCst), 5, "run and dropped at once");
    event.clear();
    drop(wait);
    event.link(callback()).detach();
    event.clone().link_owned(callback()).detach();
    drop(event);
    assert_eq!(entries.load(SeqCst), 7, "dropped with the event");
}

#[test]
#[cfg(feature = "alloc")]
fn panicking_link_costs_no_other_its_turn() {
    let event = Event::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let links: Vec<_> = (0..40)
        .map(|number| {
            let runs = runs.clone();
            event.link(move || {
                runs.fetch_add(1, SeqCst);
                assert_ne!(number, 7, "from the callback");
            })
        })
        .collect();
    assert!(catch_unwind(AssertUnwindSafe(|| event.set())).is_err());
    assert_eq!(runs.load(SeqCst), 40);
    assert!(links.into_iter().all(|link| !link.unlink()));
}

#[test]
#[cfg(feature = "alloc")]
fn owned_wait_keeps_its_event_alive() {
    let event = Arc::new(Event::new());
    let task = Arc::new(Task::default());
    let waker = Waker::from(task.clone());
    let mut wait = Box::pin(event.clone().wait_owned());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    event.set();
    drop(event);
    assert_eq!(task.wakes.load(SeqCst), 1);
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}

#[test]
#[cfg(feature = "alloc")]
fn owned_stream_has_an_item_for_each_set() {
    let flag = Arc::new(ThreadSafeFlag::new());
    let mut stream = Box::pin(flag.clone().stream_owned());
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        assert!(stream.as_mut().poll_next(&mut cx).is_pending());
        flag.set();
        assert_eq!(stream.as_mut().poll_next(&mut cx), Poll::Ready(Some(())));
    }
}

#[test]
fn result_is_set_in_a_critical_section_and_keeps_its_outcome_although_a_waker_panics() {
    let result = AsyncResult::<u32, Cancelled>::new();
    let calm = Arc::new(Task::default());
    let panicking = Arc::new(Task { panics: true, ..Task::default() });
    let mut waits = Vec::new();
    for task in [&calm, &panicking, &calm] {
        let mut wait = Box::pin(result.wait());
        let waker = Waker::from(task.clone());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        waits.push(wait);
    }
    let set = || critical_section::with(|_| result.set(1));
    let payload = catch_unwind(AssertUnwindSafe(set)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"from the waker"));
    assert_eq!(calm.wakes.load(SeqCst), 2);
    assert_eq!(result.set(2), Err(AlreadySet(2)));
    for wait in &mut waits {
        let polled = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Ready(Ok(&1)));
    }
}

#[test]
fn future_that_is_dropped_cancels_the_result() {
    static RESULT: AsyncResult<u32, Cancelled> = AsyncResult::new();
    drop(RESULT.set_from(std::future::pending()));
    assert_eq!(RESULT.get(), Some(Err(&Cancelled)));
}

#[test]
#[cfg(feature = "alloc")]
fn waiter_of_a_value_event_gets_the_value_of_its_round() {
    static EVENT: reveille::ValueEvent<u32, ()> = reveille::ValueEvent::new();
    let mut cx = Context::from_waker(Waker::noop());
    let mut first = Box::pin(EVENT.wait());
    assert!(first.as_mut().poll(&mut cx).is_pending());
    critical_section::with(|_| EVENT.send(1)).unwrap();
    assert!(EVENT.reset());
    EVENT.send(2).unwrap();
    assert_eq!(first.as_mut().poll(&mut cx), Poll::Ready(Ok(1)));
    assert_eq!(EVENT.get(), Some(Ok(2)));
}

/// There is no courier to do it.
#[test]
fn set_of_a_flag_wakes_its_head_on_the_spot() {
    let flag = ThreadSafeFlag::new();
    let [head, next] = [(); 2].map(|()| Arc::new(Task::default()));
    let mut waits = [&head, &next].map(|task| {
        let mut wait = Box::pin(flag.wait());
        let waker = Waker::from(task.clone());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        wait
    });
    let wakes = || (head.wakes.load(SeqCst), next.wakes.load(SeqCst));
    let mut cx = Context::from_waker(Waker::noop());
    flag.set();
    assert_eq!(wakes(), (1, 0));
    assert!(waits[0].as_mut().poll(&mut cx).is_ready());
    critical_section::with(|_| flag.set());
    assert_eq!(wakes(), (1, 1));
    assert!(waits[1].as_mut().poll(&mut cx).is_ready());
}
