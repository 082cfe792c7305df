//! Promise 8: what takes no lock, tried while another thread holds it.

use core::pin::{Pin, pin};
use core::task::{Context, RawWaker, RawWakerVTable, Waker};
use core::time::Duration;
use std::sync::mpsc;
use std::thread;

use crate::raw::list::List;
use crate::sync::Lock;
use crate::{AlreadySet, AsyncResult, Event, ThreadSafeFlag};

/// Wakes no task. Not `Waker::noop`, whose vtable may stand in the program twice, so that its clone
/// counts as another waker.
static VTABLE: RawWakerVTable =
    RawWakerVTable::new(|_| RawWaker::new(core::ptr::null(), &VTABLE), |_| {}, |_| {}, |_| {});

fn is_ready(wait: Pin<&mut impl Future<Output = ()>>) -> bool {
    // SAFETY: the vtable's functions do nothing with the pointer, from any thread.
    let waker = unsafe { Waker::new(core::ptr::null(), &VTABLE) };
    wait.poll(&mut Context::from_waker(&waker)).is_ready()
}

/// Runs `act` while this thread holds the lock of a list; fails if it waits for the lock.
fn while_locked(what: &str, list: &Lock<List>, act: impl FnOnce() + Send) {
    thread::scope(|threads| {
        let acting = list.with(|_| {
            let (done, acted) = mpsc::channel();
            let acting = threads.spawn(move || {
                act();
                let _ = done.send(());
            });
            // A thread that waits for the lock gets it when this closure ends, and is joined then.
            let in_time = acted.recv_timeout(Duration::from_secs(10));
            assert_ne!(in_time, Err(mpsc::RecvTimeoutError::Timeout), "{what} took the lock");
            acting
        });
        acting.join().unwrap();
    });
}

/// Catches any of them taking the lock: `ready_poll_takes_the_lock`.
#[test]
fn is_set_clear_a_ready_wait_and_a_set_without_waiters_take_no_lock() {
    let event = Event::new();
    while_locked("is_set, set, wait, clear or pulse", &event.queue.list, || {
        assert!(!event.is_set());
        event.set();
        event.set();
        assert!(is_ready(pin!(event.wait())));
        assert!(event.clear());
        event.pulse();
        assert!(!event.clear());
        let unpolled = event.wait();
        event.pulse();
        assert!(is_ready(pin!(unpolled)));
    });
}

/// Catches a woken wait that takes the lock: `woken_wait_takes_the_lock`.
#[test]
fn polling_and_dropping_a_woken_wait_takes_no_lock() {
    let event = Event::new();
    let mut polled = Box::pin(event.wait());
    let mut dropped = Box::pin(event.wait());
    assert!(!is_ready(polled.as_mut()));
    assert!(!is_ready(dropped.as_mut()));
    event.pulse();
    while_locked("a woken wait", &event.queue.list, || {
        assert!(is_ready(polled.as_mut()));
        assert!(is_ready(polled.as_mut()));
        drop(polled);
        drop(dropped);
    });
}

/// Catches a pending wait that takes the lock although its waker is the same:
/// `repoll_takes_the_lock`.
#[test]
fn polling_a_pending_wait_again_with_the_same_waker_takes_no_lock() {
    let event = Event::new();
    let mut wait = Box::pin(event.wait());
    assert!(!is_ready(wait.as_mut()));
    while_locked("a pending wait", &event.queue.list, || {
        assert!(!is_ready(wait.as_mut()));
    });
}

/// Catches an unpolled wait that takes the lock when dropped: `drop_takes_the_lock`.
#[test]
fn creating_and_dropping_a_wait_takes_no_lock() {
    let event = Event::new();
    while_locked("a wait that was never polled", &event.queue.list, || drop(event.wait()));
}

/// Catches a look, a ready wait or a setter too late that takes the lock:
/// `result_late_setter_takes_the_lock`.
#[test]
fn what_finds_a_result_set_takes_no_lock() {
    let result = AsyncResult::<u8, ()>::new();
    result.set(1).unwrap();
    while_locked("what finds a result set", &result.event.queue.list, || {
        assert!(result.is_set());
        assert_eq!(result.get(), Some(Ok(&1)));
        assert_eq!(result.set(2), Err(AlreadySet(2)));
        let mut wait = pin!(result.wait());
        // SAFETY: the vtable's functions do nothing with the pointer, from any thread.
        let waker = unsafe { Waker::new(core::ptr::null(), &VTABLE) };
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    });
}

/// Catches a `set` that calls the head of an empty list.
#[test]
fn set_clear_and_a_ready_wait_of_a_flag_without_waiters_take_no_lock() {
    let flag = ThreadSafeFlag::new();
    // A wait has parked: the way to the list is known.
    assert!(!is_ready(pin!(flag.wait())));
    while_locked("a flag that has no waiter", flag.queue.list(), || {
        flag.set_direct();
        flag.set_direct();
        assert!(flag.is_set());
        assert!(is_ready(pin!(flag.wait())));
        flag.set_direct();
        assert!(flag.clear());
        assert!(!flag.clear());
    });
}
