//! What the types are and are not (`Send`, `Sync`, `Unpin`, unwind safety), how large they are, by which
//! names they are found, and that waiting does not allocate.

#![cfg(feature = "std")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;

use common::{Task, poll};
use futures_core::{FusedFuture, FusedStream, Stream};
use reveille::{
    AlreadySet, AsyncResult, Cancelled, Event, EventWait, FlagStream, FlagWait, Link, Outcome,
    ResultWait, SetFrom, ThreadSafeFlag, ValueEvent, ValueWait,
};

/// Asks a question of a type at compile time, also where the answer is no: the inherent method is
/// found first, and exists only where the bound holds.
macro_rules! is {
    ($type:ty: $($bound:tt)+) => {{
        #[allow(dead_code, reason = "not looked for where the bound holds")]
        trait No {
            fn answer(&self) -> bool {
                false
            }
        }
        impl<T: ?Sized> No for Question<T> {}
        struct Question<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "not there where the bound does not hold")]
        impl<T: ?Sized + $($bound)+> Question<T> {
            fn answer(&self) -> bool {
                true
            }
        }
        Question::<$type>(std::marker::PhantomData).answer()
    }};
}

/// [`is!`] of a future over `&T` and over `Arc<T>`.
macro_rules! both {
    ($future:ident<$target:ty $(, $inner:ty)?>: $($bound:tt)+) => {
        [
            is!($future<&'static $target $(, $inner)?>: $($bound)+),
            is!($future<Arc<$target> $(, $inner)?>: $($bound)+),
        ]
    };
}

const YES: [bool; 2] = [true; 2];
const NO: [bool; 2] = [false; 2];

#[test]
fn question_can_be_answered_with_no() {
    assert!(is!(u8: Send) && is!(u8: Unpin));
    assert!(!is!(*const u8: Send) && !is!(Cell<u8>: Sync));
    assert!(!is!(&'static Cell<u8>: UnwindSafe));
    assert_eq!(both!(SetFrom<AsyncResult<Cell<u8>, u8>, ()>: Send), NO);
    assert_eq!(both!(SetFrom<AsyncResult<u8, u8>, ()>: Send), YES);
}

#[test]
fn event_goes_anywhere() {
    assert!(is!(Event: Send) && is!(Event: Sync) && is!(Event: Unpin));
    assert!(is!(Event: UnwindSafe) && is!(Event: RefUnwindSafe));
    assert!(is!(Event: Default) && is!(Event: std::fmt::Debug));
}

#[test]
fn event_is_not_cloned_or_copied() {
    assert!(!is!(Event: Clone) && !is!(Event: Copy));
}

#[test]
fn waits_go_to_any_thread_and_can_be_shared() {
    assert_eq!(both!(EventWait<Event>: Send + Sync), YES);
    assert_eq!(both!(EventWait<Event>: FusedFuture<Output = ()> + std::fmt::Debug), YES);
}

#[test]
fn waits_are_pinned_for_good() {
    assert_eq!(both!(EventWait<Event>: Unpin), NO);
    assert_eq!(both!(EventWait<Event>: Clone), NO);
}

#[test]
fn waits_are_unwind_safe() {
    assert_eq!(both!(EventWait<Event>: UnwindSafe + RefUnwindSafe), YES);
}

#[test]
fn owned_wait_is_static() {
    assert!(is!(EventWait<Arc<Event>>: 'static));
}

#[test]
#[cfg(target_pointer_width = "64")]
fn event_is_at_most_32_bytes_and_its_wait_at_most_64() {
    assert!(size_of::<Event>() <= 32, "{} bytes", size_of::<Event>());
    assert!(size_of::<EventWait<&Event>>() <= 64, "{} bytes", size_of::<EventWait<&Event>>());
    assert!(
        size_of::<EventWait<Arc<Event>>>() <= 64,
        "{} bytes",
        size_of::<EventWait<Arc<Event>>>()
    );
}

#[test]
fn debug_shows_the_state() {
    let event = Event::new();
    assert_eq!(format!("{event:?}"), "Event { is_set: false, has_waiters: false }");
    let task = Task::new();
    let mut wait = pin!(event.wait());
    assert_eq!(format!("{wait:?}"), "EventWait { status: Fresh, .. }");
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert_eq!(format!("{event:?}"), "Event { is_set: false, has_waiters: true }");
    assert_eq!(format!("{wait:?}"), "EventWait { status: Parked, .. }");
    event.set();
    assert_eq!(format!("{wait:?}"), "EventWait { status: Woken, .. }");
    assert!(poll(wait.as_mut(), &task).is_ready());
    assert_eq!(format!("{wait:?}"), "EventWait { status: Terminated, .. }");
    let owned = Arc::new(Event::new()).wait_owned();
    assert_eq!(format!("{owned:?}"), "EventWait { status: Fresh, .. }");
}

#[test]
fn links_go_to_any_thread_and_can_be_shared_and_moved() {
    assert!(is!(Link<'static>: Send) && is!(Link<'static>: Sync) && is!(Link<'static>: Unpin));
    assert!(is!(Link<'static>: std::fmt::Debug) && !is!(Link<'static>: Clone));
    assert!(is!(Link<'static>: 'static));
}

#[test]
fn links_are_unwind_safe() {
    assert!(is!(Link<'static>: UnwindSafe) && is!(Link<'static>: RefUnwindSafe));
}

/// It compiles: what is moved into a callback need not be shared, and may be told of no panic.
#[test]
fn callback_need_be_neither_sync_nor_unwind_safe() {
    let event = Event::new();
    let neither = Cell::new(0);
    let inner: Box<dyn FnOnce() + Send> = Box::new(|| ());
    let link = event.link(move || {
        neither.set(1);
        inner();
    });
    std::thread::scope(|threads| {
        threads.spawn(|| event.set());
    });
    assert!(!link.unlink());
}

#[test]
fn debug_of_a_link_shows_whether_it_is_linked() {
    let event = Arc::new(Event::new());
    let (link, owned) = (event.link(|| ()), event.clone().link_owned(|| ()));
    assert_eq!(format!("{link:?}"), "Link { is_linked: true, .. }");
    assert_eq!(format!("{owned:?}"), "Link { is_linked: true, .. }");
    event.set();
    assert_eq!(format!("{link:?}"), "Link { is_linked: false, .. }");
    assert_eq!(format!("{owned:?}"), "Link { is_linked: false, .. }");
    assert_eq!(format!("{:?}", event.link(|| ())), "Link { is_linked: false, .. }");
}

#[test]
#[cfg(any(unix, windows))]
fn waitable_event_goes_anywhere() {
    #[cfg(unix)]
    use std::os::fd::{AsFd as AsBorrowed, AsRawFd as AsRaw};
    #[cfg(windows)]
    use std::os::windows::io::{AsHandle as AsBorrowed, AsRawHandle as AsRaw};

    use reveille::WaitableEvent;

    assert!(is!(WaitableEvent: Send) && is!(WaitableEvent: Sync) && is!(WaitableEvent: Unpin));
    assert!(is!(WaitableEvent: UnwindSafe) && is!(WaitableEvent: RefUnwindSafe));
    assert!(is!(WaitableEvent: AsBorrowed) && is!(WaitableEvent: AsRaw));
    assert!(is!(WaitableEvent: std::fmt::Debug) && !is!(WaitableEvent: Clone));
}

#[test]
fn flag_goes_anywhere() {
    assert!(is!(ThreadSafeFlag: Send) && is!(ThreadSafeFlag: Sync) && is!(ThreadSafeFlag: Unpin));
    assert!(is!(ThreadSafeFlag: UnwindSafe) && is!(ThreadSafeFlag: RefUnwindSafe));
    assert!(is!(ThreadSafeFlag: Default) && is!(ThreadSafeFlag: std::fmt::Debug));
}

#[test]
fn flag_is_not_cloned_or_copied() {
    assert!(!is!(ThreadSafeFlag: Clone) && !is!(ThreadSafeFlag: Copy));
}

#[test]
fn waits_of_a_flag_go_to_any_thread_and_can_be_shared() {
    assert_eq!(both!(FlagWait<ThreadSafeFlag>: Send + Sync), YES);
    assert_eq!(both!(FlagStream<ThreadSafeFlag>: Send + Sync), YES);
    assert_eq!(both!(FlagWait<ThreadSafeFlag>: FusedFuture<Output = ()> + std::fmt::Debug), YES);
    assert_eq!(both!(FlagStream<ThreadSafeFlag>: Stream<Item = ()> + FusedStream), YES);
    assert_eq!(both!(FlagStream<ThreadSafeFlag>: std::fmt::Debug), YES);
}

#[test]
fn waits_of_a_flag_are_pinned_for_good() {
    assert_eq!(both!(FlagWait<ThreadSafeFlag>: Unpin), NO);
    assert_eq!(both!(FlagWait<ThreadSafeFlag>: Clone), NO);
    assert_eq!(both!(FlagStream<ThreadSafeFlag>: Unpin), NO);
    assert_eq!(both!(FlagStream<ThreadSafeFlag>: Clone), NO);
}

#[test]
fn waits_of_a_flag_are_unwind_safe() {
    assert_eq!(both!(FlagWait<ThreadSafeFlag>: UnwindSafe + RefUnwindSafe), YES);
    assert_eq!(both!(FlagStream<ThreadSafeFlag>: UnwindSafe + RefUnwindSafe), YES);
}

#[test]
fn owned_wait_and_stream_of_a_flag_are_static() {
    assert!(is!(FlagWait<Arc<ThreadSafeFlag>>: 'static));
    assert!(is!(FlagStream<Arc<ThreadSafeFlag>>: 'static));
}

#[test]
#[cfg(target_pointer_width = "64")]
fn flag_is_at_most_16_bytes_on_unix_and_40_elsewhere_and_its_wait_at_most_64() {
    let most = if cfg!(all(unix, any(not(miri), reveille_courier))) { 16 } else { 40 };
    assert!(size_of::<ThreadSafeFlag>() <= most, "{} bytes", size_of::<ThreadSafeFlag>());
    assert!(size_of::<FlagWait<&ThreadSafeFlag>>() <= 64);
    assert!(size_of::<FlagWait<Arc<ThreadSafeFlag>>>() <= 64);
    assert!(size_of::<FlagStream<&ThreadSafeFlag>>() <= 64);
    assert!(size_of::<FlagStream<Arc<ThreadSafeFlag>>>() <= 64);
}

#[test]
fn debug_of_a_flag_shows_its_state() {
    let flag = ThreadSafeFlag::default();
    assert_eq!(format!("{flag:?}"), "ThreadSafeFlag { is_set: false, has_waiters: false }");
    let task = Task::new();
    let mut wait = pin!(flag.wait());
    assert_eq!(format!("{wait:?}"), "FlagWait { status: Fresh, .. }");
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert_eq!(format!("{flag:?}"), "ThreadSafeFlag { is_set: false, has_waiters: true }");
    assert_eq!(format!("{wait:?}"), "FlagWait { status: Parked, .. }");
    flag.set_direct();
    assert_eq!(format!("{flag:?}"), "ThreadSafeFlag { is_set: true, has_waiters: true }");
    assert_eq!(format!("{wait:?}"), "FlagWait { status: Notified, .. }");
    assert!(poll(wait.as_mut(), &task).is_ready());
    assert_eq!(format!("{wait:?}"), "FlagWait { status: Terminated, .. }");
    assert_eq!(format!("{:?}", flag.stream()), "FlagStream { status: Fresh, .. }");
    let flag = Arc::new(ThreadSafeFlag::new());
    assert_eq!(format!("{:?}", flag.clone().wait_owned()), "FlagWait { status: Fresh, .. }");
    assert_eq!(format!("{:?}", flag.stream_owned()), "FlagStream { status: Fresh, .. }");
}

// === AsyncResult and ValueEvent: as their values are ===

/// `Sync`, and not `Send`.
type OnlySync = std::sync::MutexGuard<'static, u8>;

/// `Send`, and not `Sync`.
type OnlySend = Cell<u8>;

#[test]
fn result_of_values_that_go_anywhere_goes_anywhere() {
    type Result = AsyncResult<String, u8>;
    assert!(is!(Result: Send) && is!(Result: Sync) && is!(Result: Unpin));
    assert!(is!(Result: UnwindSafe) && is!(Result: RefUnwindSafe));
    assert!(is!(Result: Default) && is!(Result: std::fmt::Debug) && !is!(Result: Clone));
}

#[test]
fn result_is_shared_only_if_its_values_may_be_sent_and_shared() {
    assert!(!is!(AsyncResult<OnlySend, ()>: Sync) && !is!(AsyncResult<(), OnlySend>: Sync));
    assert!(!is!(AsyncResult<OnlySync, ()>: Sync) && !is!(AsyncResult<(), OnlySync>: Sync));
    assert!(is!(AsyncResult<OnlySend, ()>: Send) && is!(AsyncResult<(), OnlySend>: Send));
    assert!(!is!(AsyncResult<OnlySync, ()>: Send) && !is!(AsyncResult<(), OnlySync>: Send));
}

#[test]
fn what_holds_a_result_goes_where_it_may_be_shared() {
    type Shared = AsyncResult<String, u8>;
    assert_eq!(both!(ResultWait<Shared>: Send + Sync), YES);
    assert_eq!(both!(SetFrom<Shared, ()>: Send + Sync), YES);
    assert!(is!(Outcome<String, u8>: Send) && is!(Outcome<String, u8>: Sync));
    assert_eq!(both!(ResultWait<AsyncResult<OnlySend, u8>>: Send), NO);
    assert_eq!(both!(ResultWait<AsyncResult<u8, OnlySync>>: Send), NO);
    assert!(!is!(Outcome<OnlySend, u8>: Send) && !is!(Outcome<OnlySync, u8>: Sync));
    assert_eq!(both!(SetFrom<AsyncResult<OnlySend, u8>, ()>: Send), NO);
    assert_eq!(both!(SetFrom<AsyncResult<u8, OnlySend>, ()>: Send), NO);
    assert_eq!(both!(SetFrom<Shared, *const u8>: Send), NO);
}

#[test]
fn futures_of_a_result_are_pinned_for_good_fused_and_unwind_safe() {
    type Small = AsyncResult<u8, Cancelled>;
    type Ready = std::future::Ready<Result<u8, Cancelled>>;
    assert_eq!(both!(ResultWait<Small>: Unpin), NO);
    assert_eq!(both!(ResultWait<Small>: Clone), NO);
    assert_eq!(both!(ResultWait<Small>: FusedFuture + std::fmt::Debug), YES);
    assert_eq!(both!(ResultWait<Small>: UnwindSafe + RefUnwindSafe), YES);
    assert_eq!(both!(SetFrom<Small, Ready>: FusedFuture + std::fmt::Debug), YES);
    assert_eq!(both!(SetFrom<Small, Ready>: UnwindSafe + RefUnwindSafe), YES);
    assert_eq!(both!(SetFrom<Small, std::marker::PhantomPinned>: Unpin), NO);
    assert!(is!(Outcome<u8, u8>: UnwindSafe) && is!(Outcome<u8, u8>: RefUnwindSafe));
    assert!(!is!(AsyncResult<Cell<u8>, ()>: RefUnwindSafe));
    assert!(!is!(Outcome<Cell<u8>, ()>: UnwindSafe));
}

#[test]
fn errors_are_errors_whatever_the_value() {
    assert!(is!(AlreadySet<OnlySend>: std::error::Error) && is!(Cancelled: std::error::Error));
    assert!(is!(AlreadySet<String>: Clone) && !is!(AlreadySet<Event>: Clone));
    assert!(is!(AlreadySet<String>: Eq) && is!(AlreadySet<f32>: PartialEq));
    assert!(!is!(AlreadySet<f32>: Eq) && !is!(AlreadySet<Event>: PartialEq));
    assert!(is!(Cancelled: Copy) && is!(Cancelled: Eq) && is!(Cancelled: 'static));
}

#[test]
fn value_event_goes_where_its_values_may_be_sent_and_shared() {
    type Values = ValueEvent<String, u8>;
    assert!(is!(Values: Send) && is!(Values: Sync) && is!(Values: Unpin));
    assert!(is!(Values: UnwindSafe) && is!(Values: RefUnwindSafe));
    assert!(is!(Values: Default) && is!(Values: std::fmt::Debug) && !is!(Values: Clone));
    assert!(is!(ValueEvent<Event, Event>: Default), "whose values cannot be cloned");
    assert!(!is!(ValueEvent<OnlySend, ()>: Sync) && !is!(ValueEvent<(), OnlySync>: Sync));
    assert!(!is!(ValueEvent<OnlySend, ()>: Send) && !is!(ValueEvent<(), OnlySync>: Send));
}

#[test]
fn waits_of_a_value_event_go_anywhere_are_pinned_for_good_and_fused() {
    type Values = ValueEvent<u8, u8>;
    assert_eq!(both!(ValueWait<Values>: Send + Sync), YES);
    assert_eq!(both!(ValueWait<Values>: FusedFuture<Output = Result<u8, u8>>), YES);
    assert_eq!(both!(ValueWait<Values>: std::fmt::Debug), YES);
    assert_eq!(both!(ValueWait<Values>: UnwindSafe + RefUnwindSafe), YES);
    assert_eq!(both!(ValueWait<Values>: Unpin), NO);
    assert_eq!(both!(ValueWait<Values>: Clone), NO);
    assert_eq!(both!(ValueWait<ValueEvent<OnlySend, u8>>: Send), NO);
    assert_eq!(both!(ValueWait<ValueEvent<u8, OnlySync>>: Send), NO);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn result_is_an_event_and_its_outcome_and_its_waits_are_at_most_64_bytes() {
    assert!(size_of::<AsyncResult<u64, u64>>() <= size_of::<Event>() + 16);
    assert!(size_of::<ResultWait<&AsyncResult<u64, u64>>>() <= 64);
    assert!(size_of::<ResultWait<Arc<AsyncResult<u64, u64>>>>() <= 64);
    assert!(size_of::<ValueWait<&ValueEvent<u64, u64>>>() <= 64);
    assert!(size_of::<ValueWait<Arc<ValueEvent<u64, u64>>>>() <= 64);
    assert!(size_of::<Outcome<u64, u64>>() == size_of::<usize>());
    assert!(size_of::<ValueEvent<u64, u64>>() <= 16);
}

#[test]
fn debug_of_a_result_shows_its_state() {
    let result = Arc::new(AsyncResult::<u8, Cancelled>::new());
    let task = Task::new();
    let mut wait = pin!(result.wait());
    assert!(poll(wait.as_mut(), &task).is_pending());
    assert_eq!(format!("{result:?}"), "AsyncResult { outcome: None, has_waiters: true }");
    assert_eq!(format!("{wait:?}"), "ResultWait { status: Parked, .. }");
    let set_from = result.set_from(std::future::pending());
    assert_eq!(format!("{set_from:?}"), "SetFrom { has_ended: false, .. }");
    drop(set_from);
    let text = "AsyncResult { outcome: Some(Err(Cancelled)), has_waiters: false }";
    assert_eq!(format!("{result:?}"), text);
    let owned = result.clone().wait_owned();
    assert_eq!(format!("{owned:?}"), "ResultWait { status: Woken, .. }");
    let mut set_from = pin!(result.clone().set_from_owned(std::future::ready(Ok(1))));
    assert_eq!(format!("{set_from:?}"), "SetFrom { has_ended: false, .. }");
    assert!(poll(set_from.as_mut(), &task).is_ready());
    assert_eq!(format!("{set_from:?}"), "SetFrom { has_ended: true, .. }");
}

#[test]
fn debug_of_a_value_event_shows_its_state() {
    let event = Arc::new(ValueEvent::<u8, ()>::new());
    assert_eq!(format!("{event:?}"), "ValueEvent { round: None }");
    let wait = event.wait();
    let text = "ValueWait { round: ResultWait { status: Fresh, .. }, .. }";
    assert_eq!(format!("{wait:?}"), text);
    event.send(1).unwrap();
    let text =
        "ValueEvent { round: Some(AsyncResult { outcome: Some(Ok(1)), has_waiters: false }) }";
    assert_eq!(format!("{event:?}"), text);
    let text = "ValueWait { round: ResultWait { status: Woken, .. }, .. }";
    assert_eq!(format!("{:?}", event.clone().wait_owned()), text);
}

// === Names ===

/// Names of an original, and the sources in which each is a method of ours or an alias of one.
#[cfg(not(miri))]
type Names = (&'static str, &'static [&'static str], &'static [&'static str]);

#[cfg(not(miri))]
const ORIGINALS: [Names; 3] = [
    (
        "gevent.event.Event",
        &[include_str!("../src/event.rs"), include_str!("../src/link.rs")],
        &["is_set", "isSet", "ready", "set", "clear", "wait", "rawlink", "unlink"],
    ),
    (
        "gevent.event.AsyncResult",
        &[
            include_str!("../src/result.rs"),
            include_str!("../src/set_from.rs"),
            include_str!("../src/blocking.rs"),
            include_str!("../src/link.rs"),
        ],
        &[
            "ready",
            "successful",
            "value",
            "exception",
            "exc_info",
            "set",
            "set_exception",
            "get",
            "get_nowait",
            "wait",
            "rawlink",
            "unlink",
            "result",
            "set_result",
            "done",
            "__call__",
        ],
    ),
    (
        "eventlet.event.Event",
        &[include_str!("../src/value.rs")],
        &[
            "reset",
            "ready",
            "has_result",
            "has_exception",
            "poll",
            "poll_result",
            "poll_exception",
            "wait",
            "send",
            "send_exception",
        ],
    ),
];

/// By whoever comes from there and types them into the search of the documentation. (It searches text, which
/// Miri does for a minute.)
#[test]
#[cfg(not(miri))]
fn methods_of_the_originals_are_found_by_their_names() {
    for (original, sources, names) in ORIGINALS {
        let found = |text: &str| sources.iter().any(|source| source.contains(text));
        let is_alias = |name: &str| found(&format!("#[doc(alias = \"{name}\")]"));
        assert!(is_alias(original), "{original}");
        for name in names {
            assert!(is_alias(name) || found(&format!(" pub fn {name}(")), "{original}: {name}");
        }
    }
}

// === Allocations ===

std::thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts what each thread allocates.
struct Counting;

// SAFETY: `System` does the work; the counter is a thread-local `Cell` of a plain number, which
// needs no destructor and does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is ours.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(of: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    of();
    ALLOCATIONS.get() - before
}

#[test]
fn allocations_are_counted() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}

#[test]
fn waiting_parking_waking_and_cancelling_do_not_allocate() {
    let event = Event::new();
    let waker = std::task::Waker::from(Task::new());
    let mut cx = Context::from_waker(&waker);
    let count = allocations(|| {
        let mut woken = pin!(event.wait());
        assert!(woken.as_mut().poll(&mut cx).is_pending());
        assert!(woken.as_mut().poll(&mut cx).is_pending());
        assert!(pin!(event.wait()).poll(&mut cx).is_pending());
        event.set();
        assert!(woken.as_mut().poll(&mut cx).is_ready());
        assert!(pin!(event.wait()).poll(&mut cx).is_ready());
        event.clear();
        event.pulse();
    });
    assert_eq!(count, 0);
}

#[test]
fn owned_wait_does_not_allocate() {
    let event = Arc::new(Event::new());
    let waker = std::task::Waker::from(Task::new());
    let count = allocations(|| {
        let mut wait = pin!(event.clone().wait_owned());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        event.set();
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    });
    assert_eq!(count, 0);
}

#[test]
fn link_allocates_once_and_not_at_all_if_the_event_is_set() {
    let event = Arc::new(Event::new());
    let captured = [0_u64; 16];
    let callback = move || assert_eq!(captured, [0; 16]);
    assert_eq!(allocations(|| drop(event.link(callback))), 1);
    let mut link = None;
    assert_eq!(allocations(|| link = Some(event.clone().link_owned(|| ()))), 1);
    assert_eq!(allocations(|| event.set()), 0);
    assert_eq!(allocations(|| assert!(!link.take().unwrap().unlink())), 0);
    assert_eq!(allocations(|| drop(event.link(|| ()))), 0);
}

#[test]
fn blocking_wait_on_a_set_event_allocates_nothing() {
    let event = Event::new();
    event.set();
    let count = allocations(|| {
        event.wait_blocking();
        assert!(event.wait_blocking_timeout(std::time::Duration::MAX));
    });
    assert_eq!(count, 0);
}

#[test]
fn only_a_threads_first_blocking_wait_allocates() {
    let event = Event::new();
    let soon = std::time::Duration::from_millis(1);
    assert!(!event.wait_blocking_timeout(soon));
    assert_eq!(allocations(|| assert!(!event.wait_blocking_timeout(soon))), 0);
}

#[test]
fn result_does_not_allocate() {
    let result = Arc::new(AsyncResult::<u8, Cancelled>::new());
    let waker = std::task::Waker::from(Task::new());
    let mut cx = Context::from_waker(&waker);
    let count = allocations(|| {
        let mut wait = pin!(result.wait());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        let mut owned = pin!(result.clone().wait_owned());
        assert!(owned.as_mut().poll(&mut cx).is_pending());
        let set_from = pin!(result.clone().set_from_owned(std::future::ready(Ok(1))));
        assert!(set_from.poll(&mut cx).is_ready());
        assert!(wait.as_mut().poll(&mut cx).is_ready() && owned.as_mut().poll(&mut cx).is_ready());
        assert!(result.set(2).is_err());
        assert_eq!(result.wait_blocking(), Ok(&1));
    });
    assert_eq!(count, 0);
}

#[test]
fn value_event_allocates_a_round_once_and_resets_and_looks_without() {
    let event = ValueEvent::<u8, ()>::new();
    let looks = allocations(|| {
        assert!(!event.is_set() && event.get().is_none() && !event.reset());
        assert_eq!(event.wait_blocking_timeout(std::time::Duration::ZERO), None);
    });
    assert_eq!(looks, 0);
    let waker = std::task::Waker::from(Task::new());
    let mut cx = Context::from_waker(&waker);
    for _ in 0..3 {
        let round = allocations(|| {
            let mut wait = pin!(event.wait());
            assert!(wait.as_mut().poll(&mut cx).is_pending());
            event.send(1).unwrap();
            assert!(wait.as_mut().poll(&mut cx).is_ready());
            assert!(event.send(2).is_err());
        });
        assert_eq!(round, 1);
        assert_eq!(allocations(|| assert!(event.reset() && !event.is_set())), 0);
    }
}

#[test]
fn wait_of_a_set_flag_does_not_allocate() {
    let flag = Arc::new(ThreadSafeFlag::new());
    let waker = std::task::Waker::from(Task::new());
    let mut cx = Context::from_waker(&waker);
    let count = allocations(|| {
        flag.set();
        assert!(pin!(flag.wait()).poll(&mut cx).is_ready());
        flag.set_direct();
        assert!(pin!(flag.clone().wait_owned()).poll(&mut cx).is_ready());
        flag.set();
        assert!(pin!(flag.stream()).poll_next(&mut cx).is_ready());
        flag.set();
        flag.wait_blocking();
        flag.set();
        assert!(flag.wait_blocking_timeout(std::time::Duration::MAX));
        flag.set();
        assert!(flag.clear() && !flag.is_set());
        assert!(!flag.wait_blocking_timeout(std::time::Duration::ZERO));
    });
    assert_eq!(count, 0);
}

#[test]
fn only_a_flags_first_parking_allocates() {
    // Kept: another test's flag would get its slot, and perhaps the courier's call.
    static KEPT: std::sync::OnceLock<Arc<ThreadSafeFlag>> = std::sync::OnceLock::new();
    let flag = KEPT.get_or_init(Arc::default);
    let waker = std::task::Waker::from(Task::new());
    let mut cx = Context::from_waker(&waker);
    assert!(pin!(flag.wait()).poll(&mut cx).is_pending());
    let count = allocations(|| {
        let mut called = pin!(flag.wait());
        assert!(called.as_mut().poll(&mut cx).is_pending());
        assert!(called.as_mut().poll(&mut cx).is_pending());
        let mut stream = pin!(flag.stream());
        assert!(stream.as_mut().poll_next(&mut cx).is_pending());
        assert!(pin!(flag.clone().wait_owned()).poll(&mut cx).is_pending());
        flag.set_direct();
        assert!(called.as_mut().poll(&mut cx).is_ready());
        // By the courier, where there is one; it may still be about to come.
        flag.set();
        assert!(stream.as_mut().poll_next(&mut cx).is_ready());
        assert!(stream.as_mut().poll_next(&mut cx).is_pending());
        flag.clear();
    });
    assert_eq!(count, 0);
}

#[test]
fn only_a_threads_first_blocking_wait_on_a_flag_allocates() {
    let flag = ThreadSafeFlag::new();
    let soon = std::time::Duration::from_millis(1);
    assert!(!flag.wait_blocking_timeout(soon));
    assert_eq!(allocations(|| assert!(!flag.wait_blocking_timeout(soon))), 0);
}

/// The next flag gets its slot.
#[test]
#[cfg(all(unix, any(not(miri), reveille_courier)))]
fn slots_of_dropped_flags_are_used_again() {
    let waker = std::task::Waker::from(Task::new());
    let mut cx = Context::from_waker(&waker);
    let mut park = |flags: usize| {
        let flags: Vec<_> = (0..flags).map(|_| ThreadSafeFlag::new()).collect();
        allocations(|| {
            for flag in &flags {
                assert!(pin!(flag.wait()).poll(&mut cx).is_pending());
            }
        })
    };
    // Other tests have a few of them at the same moment.
    const FLAGS: usize = if cfg!(miri) { 50 } else { 1_000 };
    assert!(park(FLAGS) >= FLAGS / 10 * 9);
    assert!(park(FLAGS) < FLAGS / 10);
}
