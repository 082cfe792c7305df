//! `AsyncResult`, promise by promise (numbers as in docs/design.md).

#![cfg(feature = "std")]

mod common;

use std::convert::Infallible;
use std::error::Error;
use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use common::{
    Foreign, MORE_THAN_A_BATCH, PATIENCE, Task, in_time, panic_message, parked, poll, until,
};
use futures_core::FusedFuture;
use reveille::{AlreadySet, AsyncResult, Cancelled, Outcome, ResultWait};

type Plain = AsyncResult<u32, Cancelled>;

fn has_waiters(result: &Plain) -> bool {
    format!("{result:?}").contains("has_waiters: true")
}

/// Parks a new wait of `result` for `task`.
fn park<'a>(result: &'a Plain, task: &Arc<Task>) -> Pin<Box<ResultWait<&'a Plain>>> {
    parked(result.wait(), task)
}

/// The same, of a wait that can be moved into a callback.
fn park_owned(result: &Arc<Plain>, task: &Arc<Task>) -> Pin<Box<ResultWait<Arc<Plain>>>> {
    parked(result.clone().wait_owned(), task)
}

/// A value that counts itself; neither `Clone` nor `Debug`.
struct Counted {
    number: usize,
    live: Arc<AtomicUsize>,
}

impl Counted {
    fn new(number: usize, live: &Arc<AtomicUsize>) -> Self {
        live.fetch_add(1, SeqCst);
        Self { number, live: live.clone() }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        assert_ne!(self.live.fetch_sub(1, SeqCst), 0, "dropped twice");
    }
}

// === 12: one setter wins ===

#[test]
fn first_setter_wins_and_later_ones_get_their_values_back() {
    let result = AsyncResult::<u32, &str>::new();
    assert_eq!(result.set(1), Ok(()));
    assert_eq!(result.set(2), Err(AlreadySet(2)));
    assert_eq!(result.set_err("no"), Err(AlreadySet("no")));
    assert_eq!(result.set_result(Ok(3)), Err(AlreadySet(Ok(3))));
    assert_eq!(result.get(), Some(Ok(&1)));

    let result = AsyncResult::<u32, &str>::new();
    assert_eq!(result.set_err("no"), Ok(()));
    assert_eq!(result.set(2).unwrap_err().into_inner(), 2);
    assert_eq!(result.get(), Some(Err(&"no")));

    let result = AsyncResult::<u32, &str>::new();
    assert_eq!(result.set_result(Err("first")), Ok(()));
    assert_eq!(result.set_result(Err("second")), Err(AlreadySet(Err("second"))));
    assert_eq!(result.get(), Some(Err(&"first")));
}

#[test]
fn outcome_is_returned_by_every_look() {
    let unset = AsyncResult::<u32, &str>::new();
    assert!(!unset.is_set() && !unset.is_ok());
    assert_eq!((unset.get(), unset.ok(), unset.err()), (None, None, None));
    assert_eq!(unset.into_inner(), None);

    let value = AsyncResult::<u32, &str>::new();
    value.set(1).unwrap();
    assert!(value.is_set() && value.is_ok());
    assert_eq!((value.get(), value.ok(), value.err()), (Some(Ok(&1)), Some(&1), None));
    assert_eq!(value.into_inner(), Some(Ok(1)));

    let error = AsyncResult::<u32, &str>::new();
    error.set_err("no").unwrap();
    assert!(error.is_set() && !error.is_ok());
    assert_eq!((error.get(), error.ok(), error.err()), (Some(Err(&"no")), None, Some(&"no")));
    assert_eq!(error.into_inner(), Some(Err("no")));
}

/// Values, errors and waiters all at once; each thread brings a value of its own.
#[test]
fn of_setters_that_race_one_wins_and_each_loser_reads_its_outcome_immediately() {
    const SETTERS: usize = 4;
    in_time("racing setters", || {
        for round in 0..if cfg!(miri) { 5 } else { 2_000 } {
            let live = Arc::new(AtomicUsize::new(0));
            let result = AsyncResult::<Counted, Counted>::new();
            let start = Barrier::new(SETTERS + 1);
            let winners: usize = thread::scope(|threads| {
                let setters: Vec<_> = (0..SETTERS)
                    .map(|number| {
                        let (result, start, live) = (&result, &start, &live);
                        threads.spawn(move || {
                            let value = Counted::new(number, live);
                            start.wait();
                            let back = if number % 2 == 0 {
                                result.set(value)
                            } else {
                                result.set_err(value)
                            };
                            let Err(AlreadySet(value)) = back else { return 1 };
                            assert_eq!(value.number, number, "somebody else's value came back");
                            assert_ne!(number_of(result.get().expect("a loser reads it")), number);
                            0
                        })
                    })
                    .collect();
                start.wait();
                let read = if round % 2 == 0 {
                    result.wait_blocking_timeout(PATIENCE).expect("somebody set it")
                } else {
                    pollster::block_on(result.wait())
                };
                let read = number_of(read);
                let winners = setters.into_iter().map(|setter| setter.join().unwrap()).sum();
                assert_eq!(result.get().map(number_of), Some(read), "the outcome changed");
                winners
            });
            assert_eq!(winners, 1);
            assert_eq!(live.load(SeqCst), 1, "all but the outcome are dropped");
            drop(result);
            assert_eq!(live.load(SeqCst), 0);
        }
    });
}

fn number_of(outcome: Result<&Counted, &Counted>) -> usize {
    let (Ok(counted) | Err(counted)) = outcome;
    counted.number
}

#[test]
fn loser_reads_the_outcome_although_the_winner_is_still_waking() {
    let result = Arc::new(Plain::new());
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new({
        let result = result.clone();
        move || {
            assert_eq!(result.set(2), Err(AlreadySet(2)));
            assert_eq!(result.get(), Some(Ok(&1)));
        }
    }));
    let mut wait = Box::pin(result.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    result.set(1).unwrap();
    assert!(foreign.on_wake.lock().unwrap().is_none(), "it ran");
}

#[test]
fn value_is_dropped_once_whichever_way_it_goes() {
    let live = Arc::new(AtomicUsize::new(0));
    let new = |number| Counted::new(number, &live);
    let result = AsyncResult::<Counted, Counted>::default();
    drop(result);

    let result = AsyncResult::<Counted, Counted>::new();
    assert!(result.set(new(1)).is_ok());
    assert!(result.set(new(2)).is_err());
    assert!(result.set_result(Err(new(3))).is_err());
    assert_eq!(live.load(SeqCst), 1);
    drop(result);
    assert_eq!(live.load(SeqCst), 0);

    let result = AsyncResult::<Counted, Counted>::new();
    assert!(result.set_err(new(1)).is_ok());
    let inner = result.into_inner();
    assert_eq!(live.load(SeqCst), 1);
    drop(inner);
    assert_eq!(live.load(SeqCst), 0);

    let result = Arc::new(AsyncResult::<Counted, Infallible>::new());
    assert!(result.set(new(1)).is_ok());
    let outcome = pollster::block_on(result.wait_owned());
    let other = outcome.clone();
    drop(outcome);
    assert_eq!(other.as_ref().map(|counted| counted.number), Ok(1));
    assert_eq!(live.load(SeqCst), 1);
    drop(other);
    assert_eq!(live.load(SeqCst), 0);
}

#[test]
fn error_of_a_late_setter_requires_nothing_of_the_value() {
    struct Opaque;
    let result = AsyncResult::<Opaque, ()>::new();
    assert!(result.set(Opaque).is_ok());
    let error = result.set(Opaque).unwrap_err();
    assert_eq!(format!("{error:?}"), "AlreadySet(..)");
    assert_eq!(error.to_string(), "value already set");
    let _: Box<dyn Error> = Box::new(error);
    let _: Box<dyn Error + Send + Sync> = Cancelled.into();
    assert_eq!(Cancelled.to_string(), "producer dropped before setting an outcome");
}

/// As it may in a `OnceCell`: a destructor written by hand would forbid it.
#[test]
fn value_may_borrow_what_is_declared_after_the_result() {
    let result = AsyncResult::<&str, ()>::new();
    let text = String::from("later");
    result.set(&text).unwrap();
    assert_eq!(result.ok(), Some(&"later"));
}

// === 3, 4: waiters are those of an event ===

#[test]
fn waiters_are_woken_in_the_order_of_parking_and_read_one_value() {
    let result = Plain::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waits = Vec::new();
    for number in 0..MORE_THAN_A_BATCH {
        let foreign = Arc::new(Foreign::default());
        let order = order.clone();
        *foreign.on_wake.lock().unwrap() =
            Some(Box::new(move || order.lock().unwrap().push(number)));
        let mut wait = Box::pin(result.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
        waits.push(wait);
    }
    result.set(7).unwrap();
    assert_eq!(*order.lock().unwrap(), (0..MORE_THAN_A_BATCH).collect::<Vec<_>>());
    let one = result.ok().expect("it is set");
    for wait in &mut waits {
        let Poll::Ready(Ok(value)) = poll(wait.as_mut(), &Task::new()) else { panic!("woken") };
        assert!(std::ptr::eq(value, one), "the value itself, not a copy");
    }
    assert!(!has_waiters(&result));
}

#[test]
fn result_in_a_static_is_read_by_tasks_of_any_executor_and_by_threads() {
    static RESULT: AsyncResult<String, Infallible> = AsyncResult::new();
    in_time("a static", || {
        let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let on_tokio: Vec<_> = (0..10).map(|_| tokio.spawn(RESULT.wait())).collect();
        #[cfg(not(miri))] // Its reactor asks for system calls that Miri does not have.
        let on_smol: Vec<_> = (0..10).map(|_| smol::spawn(RESULT.wait())).collect();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(|| RESULT.wait_blocking())).collect();
        RESULT.set("read by all".to_owned()).unwrap();
        for task in on_tokio {
            assert_eq!(tokio.block_on(task).unwrap().unwrap(), "read by all");
        }
        #[cfg(not(miri))]
        for task in on_smol {
            assert_eq!(smol::block_on(task).unwrap(), "read by all");
        }
        for thread in threads {
            assert_eq!(thread.join().unwrap().unwrap(), "read by all");
        }
    });
}

// === 5: no foreign code runs under a lock ===

/// All that foreign code may do with the result that calls it.
fn everything(result: &Arc<Plain>) -> impl FnOnce() + Send + use<> {
    let result = Arc::clone(result);
    move || {
        let task = Task::new();
        let (is_set, outcome) = (result.is_set(), result.get().is_some());
        assert!(outcome || !is_set);
        let mut wait = Box::pin(result.clone().wait_owned());
        let polled = poll(wait.as_mut(), &task);
        drop(Box::pin(result.wait()));
        let _ = result.set(100);
        let _ = result.set_err(Cancelled);
        if polled.is_pending() {
            assert!(poll(wait.as_mut(), &task).is_ready());
        }
        drop(result.set_from(pending()));
        assert!(result.wait_blocking().is_ok());
    }
}

#[test]
fn waker_may_use_its_result_while_it_is_woken() {
    in_time("everything in `wake`", || {
        let result = Arc::new(Plain::new());
        let foreign = Arc::new(Foreign::default());
        *foreign.on_wake.lock().unwrap() = Some(Box::new(everything(&result)));
        let mut wait = Box::pin(result.wait());
        let waker = foreign.waker();
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let behind = Task::new();
        let _waits: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&result, &behind)).collect();
        result.set(1).unwrap();
        assert!(foreign.on_wake.lock().unwrap().is_none(), "it ran");
        assert_eq!(behind.wakes(), MORE_THAN_A_BATCH);
        assert_eq!(wait.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(&1)));
    });
}

#[test]
fn waker_may_use_its_result_while_it_is_cloned_or_dropped() {
    in_time("everything in `clone`", || {
        let result = Arc::new(Plain::new());
        let foreign = Arc::new(Foreign::default());
        *foreign.on_clone.lock().unwrap() = Some(Box::new(everything(&result)));
        let mut wait = Box::pin(result.wait());
        let waker = foreign.waker();
        let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(polled, Poll::Ready(Ok(&100)), "set while the waker was cloned");
    });
    in_time("everything in `drop`", || {
        let result = Arc::new(Plain::new());
        let foreign = Arc::new(Foreign::default());
        let mut wait = Box::pin(result.wait());
        let waker = foreign.waker();
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        *foreign.on_drop.lock().unwrap() = Some(Box::new(everything(&result)));
        drop(wait);
        assert_eq!(result.get(), Some(Ok(&100)));
    });
}

// === 6: panics ===

#[test]
fn waker_that_panics_costs_neither_the_outcome_nor_anyone_the_wake_up() {
    let result = Plain::new();
    let task = Task::new();
    let before: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&result, &task)).collect();
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new(|| panic_any("from the waker")));
    let mut wait = Box::pin(result.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let behind: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&result, &task)).collect();
    let payload = catch_unwind(AssertUnwindSafe(|| result.set(1))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"from the waker"));
    assert_eq!(task.wakes(), 2 * MORE_THAN_A_BATCH);
    assert_eq!(result.set(2), Err(AlreadySet(2)));
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(&1)));
    drop((before, behind));
}

// === 7: links ===

#[test]
fn link_is_given_the_outcome_in_its_turn() {
    for outcome in [Ok(1), Err(Cancelled)] {
        let (result, task, seen) =
            (Arc::new(Plain::new()), Task::new(), Arc::new(Mutex::new(vec![])));
        let mut before = park_owned(&result, &task);
        let link = result.clone().link_owned({
            let (seen, task) = (seen.clone(), task.clone());
            move |outcome| {
                seen.lock().unwrap().push((outcome.copied().map_err(|&error| error), task.wakes()));
            }
        });
        let mut behind = park_owned(&result, &task);
        result.set_result(outcome).unwrap();
        assert_eq!(*seen.lock().unwrap(), [(outcome, 1)], "after the first, before the second");
        assert_eq!(task.wakes(), 2);
        assert!(!link.unlink());
        assert!(poll(before.as_mut(), &task).is_ready() && poll(behind.as_mut(), &task).is_ready());
    }
}

#[test]
fn link_on_a_set_result_gets_the_outcome_immediately() {
    let result = Arc::new(Plain::new());
    result.set_err(Cancelled).unwrap();
    let seen = Arc::new(Mutex::new(None));
    let link = result.clone().link_owned({
        let seen = seen.clone();
        move |outcome| *seen.lock().unwrap() = Some(outcome.copied().map_err(|&error| error))
    });
    assert_eq!(*seen.lock().unwrap(), Some(Err(Cancelled)));
    assert!(!link.unlink());
}

#[test]
fn unlinked_callback_is_dropped_and_never_runs() {
    let (result, held) = (Arc::new(Plain::new()), Arc::new(()));
    let link = |held: Arc<()>| result.clone().link_owned(move |_| panic!("it runs: {held:?}"));
    assert!(link(held.clone()).unlink());
    drop(link(held.clone()));
    assert_eq!(Arc::strong_count(&held), 1);
    result.set(1).unwrap();
}

/// A link holds its result weakly, else the result would own itself.
#[test]
fn detached_link_dies_unrun_with_its_result() {
    let (result, held) = (Arc::new(Plain::new()), Arc::new(()));
    let gone = Arc::downgrade(&result);
    let captured = held.clone();
    result.clone().link_owned(move |_| panic!("it runs: {captured:?}")).detach();
    drop(result);
    assert!(gone.upgrade().is_none(), "it keeps its result alive");
    assert_eq!(Arc::strong_count(&held), 1);
}

/// Its links find it through its `Arc`.
#[test]
fn result_that_left_its_arc_drops_its_detached_links_when_it_is_set() {
    let (result, held) = (Arc::new(Plain::new()), Arc::new(()));
    let captured = held.clone();
    result.clone().link_owned(move |_| panic!("it runs: {captured:?}")).detach();
    let bare = Arc::try_unwrap(result).expect("only links have it, weakly");
    bare.set(1).unwrap();
    assert_eq!(Arc::strong_count(&held), 1);
    assert_eq!(bare.get(), Some(Ok(&1)));
}

#[test]
fn result_that_is_dropped_by_its_own_link_is_dropped_once() {
    let result = Arc::new(Plain::new());
    let gone = Arc::downgrade(&result);
    let captured = Mutex::new(Some(result.clone()));
    let link = result.clone().link_owned(move |outcome| {
        captured.lock().unwrap().take();
        assert_eq!(outcome, Ok(&1));
    });
    result.set(1).unwrap();
    drop(result);
    assert!(gone.upgrade().is_some(), "the handle keeps it");
    drop(link);
    assert!(gone.upgrade().is_none());
}

#[test]
fn link_that_panics_costs_neither_the_outcome_nor_anyone_the_wake_up() {
    let (result, task) = (Arc::new(Plain::new()), Task::new());
    let link = result.clone().link_owned(|_| resume_unwind(Box::new("from the link")));
    let mut behind = park_owned(&result, &task);
    let payload = catch_unwind(AssertUnwindSafe(|| result.set(1))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"from the link"));
    assert_eq!(task.wakes(), 1);
    assert!(poll(behind.as_mut(), &task).is_ready());
    assert_eq!(result.get(), Some(Ok(&1)));
    assert!(!link.unlink());
}

// === 13: a future that resolves the result ===

#[test]
fn outcome_of_the_future_becomes_the_results() {
    let task = Task::new();
    let result = AsyncResult::<u32, Cancelled>::new();
    assert_eq!(poll(pin!(result.set_from(ready(Ok(1)))), &task), Poll::Ready(Ok(())));
    assert_eq!(result.get(), Some(Ok(&1)));

    let result = Arc::new(AsyncResult::<u32, Box<dyn Error + Send + Sync>>::new());
    let owned = result.clone().set_from_owned(ready("x".parse().map_err(Into::into)));
    assert!(matches!(poll(pin!(owned), &task), Poll::Ready(Ok(()))));
    assert_eq!(result.err().unwrap().to_string(), "invalid digit found in string");
}

#[test]
fn future_dropped_before_its_first_poll_cancels_the_result() {
    let result = Arc::new(Plain::new());
    drop(result.set_from(ready(Ok(1))));
    assert_eq!(result.get(), Some(Err(&Cancelled)));

    let result = Arc::new(Plain::new());
    let reader = Task::new();
    let mut wait = park(&result, &reader);
    drop(result.clone().set_from_owned(ready(Ok(1))));
    assert_eq!(reader.wakes(), 1);
    assert_eq!(poll(wait.as_mut(), &reader), Poll::Ready(Err(&Cancelled)));
}

#[test]
fn future_dropped_while_pending_cancels_the_result() {
    let result = Plain::new();
    let reader = Task::new();
    let _wait = park(&result, &reader);
    let mut set_from = Box::pin(result.set_from(pending()));
    assert!(poll(set_from.as_mut(), &Task::new()).is_pending());
    assert!(!result.is_set());
    drop(set_from);
    assert_eq!((result.get(), reader.wakes()), (Some(Err(&Cancelled)), 1));
}

#[test]
fn future_that_ended_leaves_the_result_alone_when_dropped() {
    let result = Plain::new();
    let mut set_from = Box::pin(result.set_from(ready(Ok(1))));
    assert_eq!(poll(set_from.as_mut(), &Task::new()), Poll::Ready(Ok(())));
    drop(set_from);
    assert_eq!(result.get(), Some(Ok(&1)));
}

#[test]
fn future_runs_to_its_end_although_another_set_the_result_and_its_outcome_comes_back() {
    let result = Plain::new();
    let mut polls = 0;
    let mut set_from = Box::pin(result.set_from(poll_fn(|_| {
        polls += 1;
        if polls == 3 { Poll::Ready(Ok(3)) } else { Poll::Pending }
    })));
    let task = Task::new();
    assert!(poll(set_from.as_mut(), &task).is_pending());
    result.set(1).unwrap();
    assert!(poll(set_from.as_mut(), &task).is_pending(), "it goes on");
    assert!(!set_from.is_terminated());
    assert_eq!(poll(set_from.as_mut(), &task), Poll::Ready(Err(AlreadySet(Ok(3)))));
    assert!(set_from.is_terminated());
    drop(set_from);
    assert_eq!(result.get(), Some(Ok(&1)));
}

#[test]
fn owned_resolver_is_terminated_once_its_future_has_ended_and_not_before() {
    let (result, task) = (Arc::new(Plain::new()), Task::new());
    let mut ends = false;
    let mut set_from = Box::pin(result.clone().set_from_owned(poll_fn(move |_| {
        let ready = if ends { Poll::Ready(Ok(1)) } else { Poll::Pending };
        ends = true;
        ready
    })));
    assert!(!set_from.is_terminated());
    assert!(poll(set_from.as_mut(), &task).is_pending());
    assert!(!set_from.is_terminated());
    assert!(poll(set_from.as_mut(), &task).is_ready());
    assert!(set_from.is_terminated());
}

#[test]
fn panic_of_the_future_cancels_the_result_even_if_the_executor_keeps_the_future() {
    let result = Plain::new();
    let reader = Task::new();
    let _wait = park(&result, &reader);
    let mut set_from =
        Box::pin(result.set_from(poll_fn(|_| -> Poll<_> { panic_any("from the future") })));
    let polled = catch_unwind(AssertUnwindSafe(|| poll(set_from.as_mut(), &Task::new())));
    assert_eq!(polled.unwrap_err().downcast_ref(), Some(&"from the future"));
    assert_eq!((result.get(), reader.wakes()), (Some(Err(&Cancelled)), 1), "it is kept");
    assert!(set_from.is_terminated());
    let again = panic_message(|| _ = poll(set_from.as_mut(), &Task::new()));
    assert_eq!(again, "`SetFrom` polled after it was ready");
}

#[test]
fn panic_of_the_future_of_a_set_result_changes_nothing() {
    let result = Plain::new();
    let mut set_from =
        Box::pin(result.set_from(poll_fn(|_| -> Poll<_> { resume_unwind(Box::new(())) })));
    result.set(1).unwrap();
    catch_unwind(AssertUnwindSafe(|| poll(set_from.as_mut(), &Task::new()))).unwrap_err();
    drop(set_from);
    assert_eq!(result.get(), Some(Ok(&1)));
}

/// An error that does as it is told when it is made of `Cancelled`.
struct Made(Arc<AtomicUsize>);

std::thread_local! {
    static ON_MAKE: Mutex<Option<Box<dyn FnOnce()>>> = const { Mutex::new(None) };
    static MADE: Arc<AtomicUsize> = Arc::default();
}

impl From<Cancelled> for Made {
    fn from(_: Cancelled) -> Self {
        let callback = ON_MAKE.with(|on_make| on_make.lock().unwrap().take());
        if let Some(callback) = callback {
            callback();
        }
        MADE.with(|made| {
            made.fetch_add(1, SeqCst);
            Self(made.clone())
        })
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn error_is_not_made_of_a_set_result() {
    in_time("nobody makes it", || {
        ON_MAKE.with(|hook| *hook.lock().unwrap() = Some(Box::new(|| panic!("it was made"))));
        let result = AsyncResult::<u32, Made>::new();
        let set_from = result.set_from(pending());
        result.set(1).unwrap();
        drop(set_from);
        assert_eq!(result.ok(), Some(&1));
    });
}

#[test]
fn error_may_use_its_result_while_it_is_made() {
    in_time("everything in `From<Cancelled>`", || {
        let result = Arc::new(AsyncResult::<u32, Made>::new());
        let reader = Task::new();
        let mut wait = Box::pin(result.wait());
        assert!(poll(wait.as_mut(), &reader).is_pending());
        let hook = {
            let result = result.clone();
            move || {
                assert!(result.get().is_none());
                let mut wait = Box::pin(result.wait());
                assert!(poll(wait.as_mut(), &Task::new()).is_pending());
                assert!(result.set(1).is_ok());
                assert!(poll(wait.as_mut(), &Task::new()).is_ready());
            }
        };
        ON_MAKE.with(|on_make| *on_make.lock().unwrap() = Some(Box::new(hook)));
        drop(result.clone().set_from_owned(pending()));
        assert_eq!(result.ok(), Some(&1), "set while the error was made");
        assert_eq!(reader.wakes(), 1);
        assert_eq!(MADE.with(|made| made.load(SeqCst)), 0, "the error that lost was dropped");
    });
}

#[test]
fn error_that_panics_while_it_is_made_leaves_the_result_unset_and_usable() {
    in_time("a panic in `From<Cancelled>`", || {
        let result = AsyncResult::<u32, Made>::new();
        let reader = Task::new();
        let mut wait = Box::pin(result.wait());
        assert!(poll(wait.as_mut(), &reader).is_pending());
        ON_MAKE.with(|hook| *hook.lock().unwrap() = Some(Box::new(|| panic_any("no error"))));
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(result.set_from(pending()))));
        assert_eq!(dropped.unwrap_err().downcast_ref(), Some(&"no error"));
        assert!(!result.is_set());
        assert!(result.set(1).is_ok());
        assert_eq!(reader.wakes(), 1);
    });
}

#[test]
fn future_has_gone_before_its_readers_are_woken() {
    struct Held(Arc<AtomicBool>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.store(true, SeqCst);
        }
    }
    let result = Arc::new(Plain::new());
    let gone = Arc::new(AtomicBool::new(false));
    let seen = Arc::new(AtomicBool::new(false));
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new({
        let (gone, seen) = (gone.clone(), seen.clone());
        move || seen.store(gone.load(SeqCst), SeqCst)
    }));
    let mut wait = Box::pin(result.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let held = Held(gone);
    let set_from = result.set_from(async move {
        let _held = held;
        pending().await
    });
    drop(set_from);
    assert!(seen.load(SeqCst), "told while the future still held something");
}

#[test]
fn destructor_in_the_future_may_set_a_better_error() {
    #[derive(Debug, PartialEq)]
    enum Failure {
        Anonymous,
        AtStep(u32),
    }
    impl From<Cancelled> for Failure {
        fn from(_: Cancelled) -> Self {
            Self::Anonymous
        }
    }
    struct Tells<'a>(&'a AsyncResult<u32, Failure>);
    impl Drop for Tells<'_> {
        fn drop(&mut self) {
            let _ = self.0.set_err(Failure::AtStep(3));
        }
    }
    let result = AsyncResult::new();
    let tells = Tells(&result);
    drop(result.set_from(async {
        let _tells = tells;
        pending().await
    }));
    assert_eq!(result.err(), Some(&Failure::AtStep(3)));
}

#[test]
fn panic_in_the_futures_destructor_cancels_the_result_all_the_same() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any("from the destructor");
        }
    }
    let result = Plain::new();
    let bomb = Bomb;
    let set_from = result.set_from(poll_fn(move |_| {
        let _ = &bomb;
        Poll::Pending
    }));
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(set_from)));
    assert_eq!(dropped.unwrap_err().downcast_ref(), Some(&"from the destructor"));
    assert_eq!(result.get(), Some(Err(&Cancelled)));
}

#[test]
fn waker_that_panics_as_the_future_ends_leaves_its_outcome_and_the_future_over() {
    let result = Plain::new();
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new(|| panic_any("from the waker")));
    let mut wait = Box::pin(result.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let mut set_from = Box::pin(result.set_from(ready(Ok(1))));
    let polled = catch_unwind(AssertUnwindSafe(|| poll(set_from.as_mut(), &Task::new())));
    assert_eq!(polled.unwrap_err().downcast_ref(), Some(&"from the waker"));
    assert_eq!(result.get(), Some(Ok(&1)));
    assert!(set_from.is_terminated());
}

#[test]
fn future_and_waker_that_both_panic_leave_the_result_cancelled_and_the_others_woken() {
    let result = Plain::new();
    let task = Task::new();
    let foreign = Arc::new(Foreign::default());
    // Past the panic hook, which prints a whole backtrace for a panic in a panic. The payload is
    // forgotten, so it is one without memory.
    *foreign.on_wake.lock().unwrap() = Some(Box::new(|| resume_unwind(Box::new(()))));
    let mut wait = Box::pin(result.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let _behind: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&result, &task)).collect();
    let mut set_from =
        Box::pin(result.set_from(poll_fn(|_| -> Poll<_> { panic_any("the future's") })));
    let polled = catch_unwind(AssertUnwindSafe(|| poll(set_from.as_mut(), &Task::new())));
    assert_eq!(polled.unwrap_err().downcast_ref(), Some(&"the future's"));
    assert_eq!((result.get(), task.wakes()), (Some(Err(&Cancelled)), MORE_THAN_A_BATCH));
}

#[test]
fn aborted_or_panicking_producer_on_tokio_leaves_no_reader_hanging() {
    in_time("tokio", || {
        let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        tokio.block_on(async {
            let result = Arc::new(Plain::new());
            let readers: Vec<_> =
                (0..10).map(|_| tokio::spawn(result.clone().wait_owned())).collect();
            let producer = tokio::spawn(result.clone().set_from_owned(pending()));
            producer.abort();
            assert!(producer.await.unwrap_err().is_cancelled());
            for reader in readers {
                assert_eq!(*reader.await.unwrap(), Err(Cancelled));
            }

            let result = Arc::new(Plain::new());
            let reader = tokio::spawn(result.clone().wait_owned());
            let producer = tokio::spawn(result.clone().set_from_owned(async {
                tokio::task::yield_now().await;
                resume_unwind(Box::new("from the producer"))
            }));
            assert_eq!(*reader.await.unwrap(), Err(Cancelled));
            assert!(producer.await.unwrap_err().is_panic());
        });
    });
}

#[test]
#[cfg(not(miri))] // Its reactor asks for system calls that Miri does not have.
fn cancelled_producer_on_smol_leaves_no_reader_hanging() {
    in_time("smol", || {
        let result = Arc::new(Plain::new());
        let readers: Vec<_> = (0..10).map(|_| smol::spawn(result.clone().wait_owned())).collect();
        let producer = smol::spawn(result.clone().set_from_owned(pending()));
        assert!(smol::block_on(producer.cancel()).is_none());
        for reader in readers {
            assert_eq!(*smol::block_on(reader), Err(Cancelled));
        }
    });
}

#[test]
fn panicking_producer_thread_leaves_no_reader_hanging() {
    in_time("threads", || {
        let result = Arc::new(Plain::new());
        let reader = thread::spawn({
            let result = result.clone();
            move || result.wait_blocking().copied().map_err(|error| *error)
        });
        until("the reader is parked", || has_waiters(&result));
        let producer = thread::spawn({
            let result = result.clone();
            move || {
                let set_from = result.set_from(async { resume_unwind(Box::new(())) });
                pollster::block_on(set_from).unwrap();
            }
        });
        assert_eq!(reader.join().unwrap(), Err(Cancelled));
        assert!(producer.join().is_err());
    });
}

/// A producer is aborted while it ends: its outcome or `Cancelled`, and never nothing.
#[test]
fn producer_dropped_while_another_sets_the_result_leaves_one_outcome() {
    in_time("a race for the end", || {
        for _ in 0..if cfg!(miri) { 5 } else { 2_000 } {
            let live = Arc::new(AtomicUsize::new(0));
            let result = Arc::new(AsyncResult::<Counted, Cancelled>::new());
            let set_from = result.clone().set_from_owned(pending());
            let start = Barrier::new(2);
            let won = thread::scope(|threads| {
                threads.spawn(|| {
                    start.wait();
                    drop(set_from);
                });
                start.wait();
                result.set(Counted::new(1, &live)).is_ok()
            });
            assert!(result.is_set());
            assert_eq!((result.is_ok(), live.load(SeqCst)), (won, usize::from(won)));
        }
    });
}

// === 17: dropping a wait loses nothing but its place ===

/// | the wait is       | result unset | set since |
/// |-------------------|:------------:|:---------:|
/// | created, unpolled |      ×       |     ×     |
/// | complete at birth |      –       |     ×     |
/// | parked            |      ×       |     ×     |
/// | woken, unpolled   |      –       |     ×     |
/// | reported          |      –       |     ×     |
///
/// "Parked, set since" is a wait that the setter has not reached: dropped by a waker before it.
struct Scene {
    result: Arc<Plain>,
    victim: Arc<Task>,
    bystander: Arc<Task>,
}

impl Scene {
    fn new() -> Self {
        Self { result: Arc::new(Plain::new()), victim: Task::new(), bystander: Task::new() }
    }

    fn check(&self, victim_wakes: usize, is_set: bool) {
        assert_eq!(self.victim.wakes(), victim_wakes, "wakes of the dropped wait");
        assert_eq!(self.victim.live(), 0, "wakers left behind");
        assert!(!has_waiters(&self.result), "the queue is empty and known to be");
        let mut anew = Box::pin(self.result.clone().wait_owned());
        assert_eq!(poll(anew.as_mut(), &self.bystander).is_ready(), is_set);
        if !is_set {
            self.result.set(1).unwrap();
        }
        let mut again = Box::pin(self.result.wait());
        assert_eq!(poll(again.as_mut(), &self.victim), Poll::Ready(Ok(&1)), "nothing is lost");
    }
}

#[test]
fn created_wait_dropped_on_an_unset_result() {
    let scene = Scene::new();
    drop(scene.result.wait());
    drop(scene.result.clone().wait_owned());
    scene.check(0, false);
}

#[test]
fn created_wait_dropped_after_the_set() {
    let scene = Scene::new();
    let waits = (scene.result.wait(), scene.result.clone().wait_owned());
    scene.result.set(1).unwrap();
    drop(waits);
    scene.check(0, true);
}

#[test]
fn wait_complete_at_birth_dropped_unpolled() {
    let scene = Scene::new();
    scene.result.set(1).unwrap();
    drop((scene.result.wait(), scene.result.clone().wait_owned()));
    scene.check(0, true);
}

#[test]
fn parked_wait_dropped_on_an_unset_result_from_head_middle_and_tail() {
    for (place, owned) in (0..6).map(|number| (number % 3, number < 3)) {
        let scene = Scene::new();
        let (mut victim, mut borrowed) = (None, None);
        let mut others = Vec::new();
        for number in 0..3 {
            match (number == place, owned) {
                (true, true) => victim = Some(park_owned(&scene.result, &scene.victim)),
                (true, false) => borrowed = Some(park(&scene.result, &scene.victim)),
                _ => others.push(park(&scene.result, &scene.bystander)),
            }
        }
        drop((victim, borrowed));
        scene.result.set(1).unwrap();
        assert_eq!(scene.bystander.wakes(), 2);
        drop(others);
        scene.check(0, true);
    }
}

#[test]
fn parked_wait_dropped_before_the_set_reaches_it() {
    let scene = Scene::new();
    let first = Arc::new(Foreign::default());
    let mut first_wait = Box::pin(scene.result.wait());
    assert!(first_wait.as_mut().poll(&mut Context::from_waker(&first.waker())).is_pending());
    let ahead: Vec<_> =
        (0..MORE_THAN_A_BATCH).map(|_| park(&scene.result, &scene.bystander)).collect();
    let victim = park_owned(&scene.result, &scene.victim);
    let behind = park(&scene.result, &scene.bystander);
    *first.on_wake.lock().unwrap() = Some(Box::new(move || drop(victim)));
    scene.result.set(1).unwrap();
    assert_eq!(scene.bystander.wakes(), MORE_THAN_A_BATCH + 1);
    drop((ahead, behind));
    scene.check(0, true);
}

#[test]
fn woken_wait_dropped_unpolled() {
    let scene = Scene::new();
    let wait = park_owned(&scene.result, &scene.victim);
    let borrowed = park(&scene.result, &scene.bystander);
    scene.result.set(1).unwrap();
    drop((wait, borrowed));
    scene.check(1, true);
}

#[test]
fn reported_wait_dropped() {
    let scene = Scene::new();
    let mut wait = park_owned(&scene.result, &scene.victim);
    let mut borrowed = park(&scene.result, &scene.bystander);
    scene.result.set(1).unwrap();
    assert!(poll(wait.as_mut(), &scene.victim).is_ready());
    assert!(poll(borrowed.as_mut(), &scene.bystander).is_ready());
    drop((wait, borrowed));
    scene.check(1, true);
}

// === 18: polled after ready ===

#[test]
fn wait_polled_after_ready_is_ready_again() {
    fn check<W: FusedFuture>(
        wait: W,
        set: impl FnOnce(),
        read: fn(W::Output) -> Result<u32, Cancelled>,
    ) {
        let task = Task::new();
        let mut wait = Box::pin(wait);
        assert!(poll(wait.as_mut(), &task).is_pending());
        assert!(!wait.is_terminated());
        set();
        for _ in 0..3 {
            assert_eq!(poll(wait.as_mut(), &task).map(read), Poll::Ready(Ok(1)));
            assert!(wait.is_terminated());
        }
        assert_eq!((task.wakes(), task.live()), (1, 0));
    }
    let result = Plain::new();
    check(
        result.wait(),
        || result.set(1).unwrap(),
        |outcome| outcome.copied().map_err(|&error| error),
    );
    let result = Arc::new(Plain::new());
    check(result.clone().wait_owned(), || result.set(1).unwrap(), |outcome| *outcome);
}

#[test]
fn resolving_future_polled_after_its_end_panics_with_a_message() {
    fn check<F: FusedFuture>(set_from: F) {
        let task = Task::new();
        let mut set_from = Box::pin(set_from);
        assert!(poll(set_from.as_mut(), &task).is_ready());
        let message = panic_message(|| _ = poll(set_from.as_mut(), &task));
        assert_eq!(message, "`SetFrom` polled after it was ready");
        assert!(set_from.is_terminated());
    }
    let result = Arc::new(Plain::new());
    check(result.set_from(ready(Ok(1))));
    check(result.clone().set_from_owned(ready(Ok(2))));
    assert_eq!(result.get(), Some(Ok(&1)));
}

#[test]
fn owned_wait_keeps_its_result_alive_and_hands_it_on() {
    let result = Arc::new(Plain::new());
    let weak = Arc::downgrade(&result);
    let task = Task::new();
    let mut wait = park_owned(&result, &task);
    drop(result);
    weak.upgrade().expect("the wait holds it").set(1).unwrap();
    let Poll::Ready(outcome) = poll(wait.as_mut(), &task) else { panic!("it is set") };
    let outcome: Outcome<u32, Cancelled> = outcome;
    let Poll::Ready(again) = poll(wait.as_mut(), &task) else { panic!("it is set") };
    drop(outcome);
    assert_eq!((*again, format!("{again:?}")), (Ok(1), "Outcome(Ok(1))".to_owned()));
    drop(wait);
    assert_eq!(*again, Ok(1));
    drop(again);
    assert!(weak.upgrade().is_none());
}

// === Blocking waits ===

#[test]
fn one_set_releases_all_blocked_threads_and_tasks() {
    in_time("eight threads and a task", || {
        let result = Plain::new();
        let task = Task::new();
        let wait = park(&result, &task);
        thread::scope(|threads| {
            let blocked: Vec<_> =
                (0..8).map(|_| threads.spawn(|| result.wait_blocking())).collect();
            result.set(1).unwrap();
            for thread in blocked {
                assert_eq!(thread.join().unwrap(), Ok(&1));
            }
        });
        assert_eq!(task.wakes(), 1);
        drop(wait);
    });
}

#[test]
fn waits_on_a_set_result_do_not_block() {
    let result = Plain::new();
    result.set_err(Cancelled).unwrap();
    assert_eq!(result.wait_blocking(), Err(&Cancelled));
    assert_eq!(result.wait_blocking_timeout(Duration::ZERO), Some(Err(&Cancelled)));
    assert_eq!(result.wait_blocking_timeout(Duration::MAX), Some(Err(&Cancelled)));
    assert_eq!(result.wait_blocking_deadline(Instant::now()), Some(Err(&Cancelled)));
}

#[test]
fn wait_that_times_out_returns_so_not_too_early_and_leaves_nothing_behind() {
    in_time("20 ms", || {
        let result = Plain::new();
        assert_eq!(result.wait_blocking_timeout(Duration::ZERO), None);
        assert_eq!(result.wait_blocking_deadline(Instant::now()), None);
        let start = Instant::now();
        assert_eq!(result.wait_blocking_timeout(Duration::from_millis(20)), None);
        assert!(start.elapsed() >= Duration::from_millis(20));
        let deadline = Instant::now() + Duration::from_millis(20);
        assert_eq!(result.wait_blocking_deadline(deadline), None);
        assert!(Instant::now() >= deadline);
        assert!(!has_waiters(&result));
    });
}

#[test]
fn huge_timeout_waits_for_the_outcome() {
    in_time("Duration::MAX", || {
        let result = Plain::new();
        thread::scope(|threads| {
            let thread = threads.spawn(|| result.wait_blocking_timeout(Duration::MAX));
            until("the thread is parked", || has_waiters(&result));
            result.set(1).unwrap();
            assert_eq!(thread.join().unwrap(), Some(Ok(&1)));
        });
    });
}

/// Fails under Miri and ThreadSanitizer, if it does: the setter must not touch a wait that it woke.
#[test]
fn set_can_be_the_last_use_of_a_result_that_its_waiter_then_drops() {
    in_time("the waiter drops the last handle", || {
        for _ in 0..if cfg!(miri) { 10 } else { 2_000 } {
            let result = Arc::new(AsyncResult::<Box<u32>, Infallible>::new());
            let wait = result.clone().wait_owned();
            let setter = thread::spawn(move || result.set(Box::new(1)).unwrap());
            assert_eq!(pollster::block_on(wait).as_deref(), Ok(&1));
            setter.join().unwrap();
        }
    });
}

#[test]
fn noop_waker_is_enough_to_read_a_set_result() {
    let result = AsyncResult::<String, ()>::new();
    result.set("here".to_owned()).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(text)) = pin!(result.wait()).poll(&mut cx) else { panic!("it is set") };
    assert_eq!(text, "here");
}
