//! `ValueEvent`, promise by promise (numbers as in docs/design.md).

#![cfg(feature = "std")]

mod common;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use common::{Foreign, MORE_THAN_A_BATCH, PATIENCE, Task, in_time, parked, poll, until};
use futures_core::FusedFuture;
use reveille::{AlreadySet, ValueEvent, ValueWait};

type Plain = ValueEvent<u32, &'static str>;

fn has_waiters(event: &Plain) -> bool {
    format!("{event:?}").contains("has_waiters: true")
}

/// Parks a new wait of `event` for `task`.
fn park<'a>(event: &'a Plain, task: &Arc<Task>) -> Pin<Box<ValueWait<&'a Plain>>> {
    parked(event.wait(), task)
}

/// The same, of a wait that can be moved into a callback.
fn park_owned(event: &Arc<Plain>, task: &Arc<Task>) -> Pin<Box<ValueWait<Arc<Plain>>>> {
    parked(event.clone().wait_owned(), task)
}

/// A value that counts itself, and does as it is told when it is cloned or dropped.
struct Hooked {
    live: Arc<AtomicUsize>,
    hooks: Arc<Hooks>,
}

#[derive(Default)]
struct Hooks {
    on_clone: common::Hook,
    on_drop: common::Hook,
}

fn run(hook: &common::Hook) {
    let callback = hook.lock().unwrap().take();
    if let Some(callback) = callback {
        callback();
    }
}

impl Hooked {
    fn new(live: &Arc<AtomicUsize>, hooks: &Arc<Hooks>) -> Self {
        live.fetch_add(1, SeqCst);
        Self { live: live.clone(), hooks: hooks.clone() }
    }
}

impl Clone for Hooked {
    fn clone(&self) -> Self {
        run(&self.hooks.on_clone);
        Self::new(&self.live, &self.hooks)
    }
}

impl Drop for Hooked {
    fn drop(&mut self) {
        assert_ne!(self.live.fetch_sub(1, SeqCst), 0, "dropped twice");
        run(&self.hooks.on_drop);
    }
}

// === 12: one sender a round ===

#[test]
fn first_sender_wins_until_the_reset_and_later_ones_get_their_values_back() {
    let event = Plain::default();
    assert!(!event.is_set());
    assert_eq!(event.get(), None);
    assert_eq!(event.send(1), Ok(()));
    assert_eq!(event.send(2), Err(AlreadySet(2)));
    assert_eq!(event.send_err("no"), Err(AlreadySet("no")));
    assert_eq!(event.send_result(Ok(3)), Err(AlreadySet(Ok(3))));
    assert_eq!(event.send_result(Err("no")), Err(AlreadySet(Err("no"))));
    assert!(event.is_set());
    assert_eq!(event.get(), Some(Ok(1)));
    assert!(event.reset());
    assert!(!event.is_set());
    assert_eq!(event.get(), None);
    assert_eq!(event.send_err("no"), Ok(()));
    assert_eq!(event.send(2), Err(AlreadySet(2)));
    assert_eq!(event.get(), Some(Err("no")));
    for outcome in [Ok(3), Err("no")] {
        assert!(event.reset());
        assert_eq!(event.send_result(outcome), Ok(()));
        assert_eq!(event.send(4), Err(AlreadySet(4)));
        assert_eq!(event.get(), Some(outcome));
    }
}

#[test]
fn sent_result_wakes_the_waiters_of_its_round() {
    for outcome in [Ok(1), Err("no")] {
        let (event, task) = (Plain::new(), Task::new());
        let mut wait = park(&event, &task);
        event.send_result(outcome).unwrap();
        assert_eq!(task.wakes(), 1);
        assert!(event.reset());
        assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(outcome));
    }
}

#[test]
fn reset_of_a_round_in_which_nothing_was_sent_changes_nothing() {
    let event = Plain::new();
    assert!(!event.reset());
    let task = Task::new();
    let mut wait = park(&event, &task);
    assert!(!event.reset());
    event.send(1).unwrap();
    assert_eq!(task.wakes(), 1, "it waited in the round that goes on");
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(1)));
    assert!(event.reset());
    assert!(!event.reset());
}

/// Senders and a resetter: what was sent in a round is what all in it get, and of each round one
/// sender has won. Every value that was not refused is seen by the reset that ends its round.
#[test]
fn of_senders_that_race_with_resets_as_many_win_as_there_are_rounds() {
    const SENDERS: u32 = 3;
    const EACH: u32 = if cfg!(miri) { 20 } else { 5_000 };
    in_time("senders and a resetter", || {
        let event = ValueEvent::<u32, ()>::new();
        let (sent, resets) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = Barrier::new(SENDERS as usize + 1);
        let over = AtomicBool::new(false);
        thread::scope(|threads| {
            let senders: Vec<_> = (0..SENDERS)
                .map(|sender| {
                    let (event, sent, start) = (&event, &sent, &start);
                    threads.spawn(move || {
                        start.wait();
                        for number in 0..EACH {
                            let value = sender * EACH + number;
                            match event.send(value) {
                                Ok(()) => _ = sent.fetch_add(1, SeqCst),
                                Err(AlreadySet(back)) => assert_eq!(back, value),
                            }
                        }
                    })
                })
                .collect();
            threads.spawn(|| {
                start.wait();
                while !over.load(SeqCst) {
                    resets.fetch_add(usize::from(event.reset()), SeqCst);
                }
            });
            for sender in senders {
                sender.join().unwrap();
            }
            over.store(true, SeqCst);
        });
        let last = usize::from(event.is_set());
        assert_eq!(sent.load(SeqCst), resets.load(SeqCst) + last);
        assert_eq!(event.reset(), last == 1);
    });
}

#[test]
fn refused_sender_finds_the_value_of_the_round_that_refused_it() {
    in_time("two senders", || {
        for _ in 0..if cfg!(miri) { 5 } else { 2_000 } {
            let event = ValueEvent::<u32, ()>::new();
            let start = Barrier::new(2);
            let send = |value| {
                start.wait();
                let sent = event.send(value);
                (sent.is_ok(), event.get())
            };
            let (one, two) = thread::scope(|threads| {
                let other = threads.spawn(|| send(1));
                (send(2), other.join().unwrap())
            });
            assert!(one.0 != two.0, "one of them wins");
            let winner = if one.0 { 2 } else { 1 };
            assert_eq!((one.1, two.1), (Some(Ok(winner)), Some(Ok(winner))));
        }
    });
}

#[test]
fn values_are_dropped_with_their_last_user() {
    let live = Arc::new(AtomicUsize::new(0));
    let hooks = Arc::new(Hooks::default());
    let event = ValueEvent::<Hooked, ()>::new();
    assert!(event.send(Hooked::new(&live, &hooks)).is_ok());
    assert!(event.send(Hooked::new(&live, &hooks)).is_err());
    assert_eq!(live.load(SeqCst), 1);
    let wait = event.wait();
    assert!(event.reset());
    assert_eq!(live.load(SeqCst), 1, "the wait has not got it yet");
    let mut wait = Box::pin(wait);
    let value = poll(wait.as_mut(), &Task::new());
    assert_eq!(live.load(SeqCst), 2, "the clone, and the round that the wait keeps");
    drop(value);
    assert_eq!(live.load(SeqCst), 1, "the wait keeps its round");
    drop(wait);
    assert_eq!(live.load(SeqCst), 0);
    assert!(event.send(Hooked::new(&live, &hooks)).is_ok());
    drop(event);
    assert_eq!(live.load(SeqCst), 0);
}

// === 14: a waiter gets the value of its round ===

#[test]
fn wait_gets_the_value_of_the_round_in_which_it_was_created() {
    let event = Arc::new(Plain::new());
    let task = Task::new();
    let mut unpolled = Box::pin(event.wait());
    let mut parked = park(&event, &task);
    let mut owned = park_owned(&event, &task);
    event.send(1).unwrap();
    let mut born = Box::pin(event.wait());
    assert!(event.reset());
    event.send(2).unwrap();
    assert_eq!(poll(unpolled.as_mut(), &task), Poll::Ready(Ok(1)));
    assert_eq!(poll(parked.as_mut(), &task), Poll::Ready(Ok(1)));
    assert_eq!(poll(owned.as_mut(), &task), Poll::Ready(Ok(1)));
    assert_eq!(poll(born.as_mut(), &task), Poll::Ready(Ok(1)));
    assert_eq!(pollster::block_on(event.wait()), Ok(2));
}

/// eventlet: what the second `send` had scheduled reached a wait made after the second `reset`.
#[test]
fn wait_made_after_send_reset_send_reset_gets_no_stale_value() {
    let event = Plain::new();
    let task = Task::new();
    let mut first = park(&event, &task);
    event.send(1).unwrap();
    assert!(event.reset());
    let mut second = park(&event, &task);
    event.send(2).unwrap();
    assert!(event.reset());
    assert_eq!(task.wakes(), 2);

    let fresh = Task::new();
    let mut third = park(&event, &fresh);
    assert_eq!(poll(first.as_mut(), &task), Poll::Ready(Ok(1)));
    assert_eq!(poll(second.as_mut(), &task), Poll::Ready(Ok(2)));
    assert!(poll(third.as_mut(), &fresh).is_pending(), "woken with a stale value");
    assert_eq!((fresh.wakes(), event.get()), (0, None));
    assert_eq!(event.wait_blocking_timeout(Duration::from_millis(1)), None);
    event.send(3).unwrap();
    assert_eq!(poll(third.as_mut(), &fresh), Poll::Ready(Ok(3)));
}

/// The same with the old round still waking: the wake-ups of the first round come late.
#[test]
fn wait_made_while_an_older_round_is_still_waking_is_not_woken_by_it() {
    let event = Arc::new(Plain::new());
    let fresh = Task::new();
    let third = Arc::new(Mutex::new(None));
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new({
        let (event, fresh, third) = (event.clone(), fresh.clone(), third.clone());
        move || {
            assert!(event.reset());
            event.send(2).unwrap();
            assert!(event.reset());
            *third.lock().unwrap() = Some(park_owned(&event, &fresh));
        }
    }));
    let mut wait = Box::pin(event.wait());
    let waker = foreign.waker();
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let behind = Task::new();
    let mut waits: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&event, &behind)).collect();
    event.send(1).unwrap();
    assert_eq!((behind.wakes(), fresh.wakes()), (MORE_THAN_A_BATCH, 0));
    for wait in &mut waits {
        assert_eq!(poll(wait.as_mut(), &behind), Poll::Ready(Ok(1)));
    }
    assert_eq!(wait.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(1)));
    let mut third = third.lock().unwrap().take().expect("it ran");
    assert!(poll(third.as_mut(), &fresh).is_pending());
}

/// eventlet: the timer of a timed wait that had ended resumed the thread's next wait with `None`.
#[test]
fn timed_wait_that_ended_ends_no_later_wait() {
    const SHORT: Duration = Duration::from_millis(if cfg!(miri) { 200 } else { 20 });
    in_time("a wait past the deadlines before it", || {
        for ended_by_a_value in [true, false] {
            let event = Plain::new();
            thread::scope(|threads| {
                let (go, first_is_over) = mpsc::channel();
                let (done, second) = mpsc::channel();
                let event = &event;
                threads.spawn(move || {
                    let deadline = Instant::now() + SHORT;
                    // Ended before its time by a value, or by its time.
                    while ended_by_a_value && event.get().is_none() {
                        assert!(Instant::now() < deadline + PATIENCE, "nothing is sent");
                        thread::yield_now();
                    }
                    let first = event.wait_blocking_deadline(deadline);
                    assert_eq!(first, ended_by_a_value.then_some(Ok(1)));
                    event.reset();
                    go.send(deadline).unwrap();
                    done.send(event.wait_blocking()).unwrap();
                });
                if ended_by_a_value {
                    event.send(1).unwrap();
                }
                let deadline = first_is_over.recv_timeout(PATIENCE).expect("it is over");
                until("the second wait is parked", || has_waiters(event));
                // Past the first wait's deadline, and a while longer.
                let past = deadline.saturating_duration_since(Instant::now()) + SHORT;
                assert_eq!(
                    second.recv_timeout(past),
                    Err(mpsc::RecvTimeoutError::Timeout),
                    "ended without a value"
                );
                event.send(2).unwrap();
                assert_eq!(second.recv_timeout(PATIENCE), Ok(Ok(2)));
            });
        }
    });
}

/// The same for tasks: the timeout is the executor's, and ends with the wait that it was for.
#[test]
fn wait_that_timed_out_on_tokio_ends_no_later_wait() {
    in_time("tokio's timeout", || {
        let mut tokio = tokio::runtime::Builder::new_current_thread();
        tokio.enable_time().build().unwrap().block_on(async {
            let event = Arc::new(Plain::new());
            let soon = Duration::from_millis(5);
            assert!(tokio::time::timeout(soon, event.wait()).await.is_err());
            let mut later = tokio::spawn(event.clone().wait_owned());
            let ended = tokio::time::timeout(soon * 4, &mut later).await;
            assert!(ended.is_err(), "ended without a value");
            event.send(1).unwrap();
            assert_eq!(later.await.unwrap(), Ok(1));
        });
    });
}

/// Each round's value is its number, and every waiter says which round it was made in.
#[test]
fn every_waiter_gets_the_value_of_its_round_while_rounds_go_by() {
    const WAITERS: usize = 3;
    const ROUNDS: u32 = if cfg!(miri) { 10 } else { 2_000 };
    in_time("rounds", || {
        let event = ValueEvent::<u32, ()>::new();
        thread::scope(|threads| {
            for _ in 0..WAITERS {
                threads.spawn(|| {
                    let mut last = 0;
                    while last < ROUNDS {
                        let value = pollster::block_on(event.wait()).unwrap();
                        assert!(value >= last, "{value} after {last}");
                        last = value;
                    }
                });
            }
            for round in 1..=ROUNDS {
                // Nobody else sends, so the round is ours.
                let wait = event.wait();
                event.send(round).unwrap();
                if round < ROUNDS {
                    assert!(event.reset());
                }
                assert_eq!(pollster::block_on(wait), Ok(round));
            }
        });
    });
}

// === 5: no foreign code runs under a lock ===

/// All that foreign code may do with the event that calls it.
fn everything<T: Clone + Send + Sync + 'static>(
    event: &Arc<ValueEvent<T, &'static str>>,
) -> impl FnOnce() + Send + use<T> {
    let event = Arc::clone(event);
    move || {
        let task = Task::new();
        let _ = event.is_set();
        let _ = event.send_err("first");
        let mut wait = Box::pin(event.clone().wait_owned());
        assert!(poll(wait.as_mut(), &task).is_ready());
        assert!(event.reset());
        let mut wait = Box::pin(event.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        event.send_err("second").unwrap();
        assert!(event.get().is_some_and(|outcome| outcome.is_err()));
        assert!(event.wait_blocking().is_err());
        assert!(event.reset());
    }
}

#[test]
fn waker_may_use_its_event_while_it_is_woken() {
    in_time("everything in `wake`", || {
        let event = Arc::new(Plain::new());
        let foreign = Arc::new(Foreign::default());
        *foreign.on_wake.lock().unwrap() = Some(Box::new(everything(&event)));
        let mut wait = Box::pin(event.wait());
        let waker = foreign.waker();
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        event.send(1).unwrap();
        assert!(foreign.on_wake.lock().unwrap().is_none(), "it ran");
        assert_eq!(wait.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(1)));
    });
}

#[test]
fn value_may_use_its_event_while_it_is_cloned() {
    for by_get in [true, false] {
        in_time("everything in the value's `clone`", move || {
            let live = Arc::new(AtomicUsize::new(0));
            let hooks = Arc::new(Hooks::default());
            let event = Arc::new(ValueEvent::<Hooked, &'static str>::new());
            assert!(event.send(Hooked::new(&live, &hooks)).is_ok());
            *hooks.on_clone.lock().unwrap() = Some(Box::new(everything(&event)));
            let value = if by_get { event.get() } else { Some(pollster::block_on(event.wait())) };
            assert!(matches!(value, Some(Ok(_))), "the value that was sent");
            assert!(hooks.on_clone.lock().unwrap().is_none(), "it ran");
            drop(value);
            assert_eq!(live.load(SeqCst), 0);
        });
    }
}

#[test]
fn value_may_use_its_event_while_it_is_dropped() {
    in_time("everything in the value's `drop`", || {
        let live = Arc::new(AtomicUsize::new(0));
        let hooks = Arc::new(Hooks::default());
        let event = Arc::new(ValueEvent::<Hooked, &'static str>::new());
        assert!(event.send(Hooked::new(&live, &hooks)).is_ok());
        *hooks.on_drop.lock().unwrap() = Some(Box::new(everything(&event)));
        assert!(event.reset());
        assert!(hooks.on_drop.lock().unwrap().is_none(), "it ran");
        assert_eq!(live.load(SeqCst), 0);
    });
}

#[test]
fn value_may_use_its_event_while_it_is_formatted() {
    struct Formats;
    impl std::fmt::Debug for Formats {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            assert!(EVENT.is_set() && EVENT.send(Formats).is_err() && EVENT.reset());
            f.write_str("formatted")
        }
    }
    static EVENT: ValueEvent<Formats, ()> = ValueEvent::new();
    in_time("everything in the value's `fmt`", || {
        assert!(EVENT.send(Formats).is_ok());
        assert!(format!("{EVENT:?}").contains("formatted"));
        assert!(!EVENT.is_set());
    });
}

// === 6: panics ===

/// The last value of a round dies while its clone is on the way out: by `reset`, in the clone's `clone`.
#[test]
fn clone_does_not_leak_when_the_last_of_its_round_panics_in_its_drop() {
    type Ask = fn(&ValueEvent<Hooked, ()>) -> bool;
    let asks: [Ask; 5] = [
        |event| event.get().is_some(),
        |event| event.wait_blocking().is_ok(),
        |event| event.wait_blocking_timeout(Duration::ZERO).is_some(),
        |event| event.wait_blocking_deadline(Instant::now()).is_some(),
        // The wait keeps the round until it is dropped.
        |event| poll(pin!(event.wait()), &Task::new()).is_ready(),
    ];
    for (number, ask) in asks.into_iter().enumerate() {
        let live = Arc::new(AtomicUsize::new(0));
        let hooks = Arc::new(Hooks::default());
        let event = Arc::new(ValueEvent::new());
        assert!(event.send(Hooked::new(&live, &hooks)).is_ok());
        *hooks.on_clone.lock().unwrap() = Some(Box::new({
            let event = event.clone();
            move || assert!(event.reset())
        }));
        *hooks.on_drop.lock().unwrap() = Some(Box::new(|| panic_any("from the value")));
        let payload = catch_unwind(AssertUnwindSafe(|| ask(&event))).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"from the value"), "{number}");
        assert_eq!(live.load(SeqCst), 0, "{number}: the clone leaked");
    }
}

#[test]
fn waker_that_panics_costs_neither_the_value_nor_anyone_the_wake_up() {
    let event = Plain::new();
    let task = Task::new();
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new(|| panic_any("from the waker")));
    let mut wait = Box::pin(event.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&foreign.waker())).is_pending());
    let _behind: Vec<_> = (0..MORE_THAN_A_BATCH).map(|_| park(&event, &task)).collect();
    let payload = catch_unwind(AssertUnwindSafe(|| event.send(1))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"from the waker"));
    assert_eq!(task.wakes(), MORE_THAN_A_BATCH);
    assert_eq!(event.get(), Some(Ok(1)));
    assert!(event.reset());
    event.send(2).unwrap();
    assert_eq!(event.get(), Some(Ok(2)));
}

#[test]
fn panic_in_the_values_clone_passes_through_and_leaves_the_event_usable() {
    let live = Arc::new(AtomicUsize::new(0));
    let hooks = Arc::new(Hooks::default());
    let event = ValueEvent::<Hooked, ()>::new();
    assert!(event.send(Hooked::new(&live, &hooks)).is_ok());
    *hooks.on_clone.lock().unwrap() = Some(Box::new(|| panic_any("from the clone")));
    let got = catch_unwind(AssertUnwindSafe(|| drop(event.get())));
    assert_eq!(got.unwrap_err().downcast_ref(), Some(&"from the clone"));
    assert!(event.get().is_some());
    assert!(event.reset());
    assert_eq!(live.load(SeqCst), 0);
}

// === 17: what dropping a wait does ===

/// | the wait is       | nothing sent | sent since | sent and reset since |
/// |-------------------|:------------:|:----------:|:--------------------:|
/// | created, unpolled |      ×       |     ×      |          ×           |
/// | parked            |      ×       |     ×      |          ×           |
/// | reported          |      –       |     ×      |          ×           |
///
/// Everywhere: the round's other waiters get the value, and a wait made anew is one of the current
/// round: an unreported value dies with its future once the event was reset.
#[test]
fn dropped_wait_costs_no_other_the_value_and_a_new_one_is_of_the_current_round() {
    #[derive(Clone, Copy, PartialEq)]
    enum Since {
        Nothing,
        Sent,
        Reset,
    }
    for since in [Since::Nothing, Since::Sent, Since::Reset] {
        for (polled, reported) in [(false, false), (true, false), (true, true)] {
            if reported && since == Since::Nothing {
                continue;
            }
            let event = Arc::new(Plain::new());
            let (victim, bystander) = (Task::new(), Task::new());
            let mut before = park(&event, &bystander);
            let mut wait = Box::pin(event.clone().wait_owned());
            if polled {
                assert!(poll(wait.as_mut(), &victim).is_pending());
            }
            let mut behind = park(&event, &bystander);
            if since != Since::Nothing {
                event.send(1).unwrap();
            }
            if reported {
                assert_eq!(poll(wait.as_mut(), &victim), Poll::Ready(Ok(1)));
            }
            if since == Since::Reset {
                assert!(event.reset());
            }
            drop(wait);
            assert_eq!(victim.live(), 0, "wakers left behind");
            let mut anew = Box::pin(event.wait());
            let polled = poll(anew.as_mut(), &victim);
            match since {
                Since::Sent => assert_eq!(polled, Poll::Ready(Ok(1))),
                Since::Nothing | Since::Reset => {
                    assert!(polled.is_pending());
                    event.send(2).unwrap();
                    assert_eq!(poll(anew.as_mut(), &victim), Poll::Ready(Ok(2)));
                }
            }
            let value = if since == Since::Nothing { 2 } else { 1 };
            for wait in [&mut before, &mut behind] {
                assert_eq!(poll(wait.as_mut(), &bystander), Poll::Ready(Ok(value)));
            }
        }
    }
}

// === 18: polled after ready ===

#[test]
fn wait_polled_after_ready_is_ready_again_with_the_value_of_its_round() {
    fn check<W: FusedFuture<Output = Result<u32, &'static str>>>(event: &Plain, wait: W) {
        let task = Task::new();
        let mut wait = Box::pin(wait);
        assert!(poll(wait.as_mut(), &task).is_pending());
        assert!(!wait.is_terminated());
        event.send(1).unwrap();
        assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(1)));
        assert!(wait.is_terminated());
        assert!(event.reset());
        event.send(2).unwrap();
        for _ in 0..2 {
            assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(1)));
            assert!(wait.is_terminated());
        }
        assert_eq!((task.wakes(), task.live()), (1, 0));
    }
    let event = Arc::new(Plain::new());
    check(&event, event.wait());
    assert!(event.reset());
    check(&event, event.clone().wait_owned());
}

// === Tasks and threads ===

#[test]
fn event_in_a_static_is_read_by_tasks_of_any_executor_and_by_threads() {
    static EVENT: ValueEvent<String, ()> = ValueEvent::new();
    in_time("a static", || {
        let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        for round in ["first", "second"] {
            let on_tokio: Vec<_> = (0..10).map(|_| tokio.spawn(EVENT.wait())).collect();
            #[cfg(not(miri))] // Its reactor asks for system calls that Miri does not have.
            let on_smol: Vec<_> = (0..10).map(|_| smol::spawn(EVENT.wait())).collect();
            EVENT.send(round.to_owned()).unwrap();
            let thread = thread::spawn(|| EVENT.wait_blocking());
            assert_eq!(thread.join().unwrap().unwrap(), round);
            for task in on_tokio {
                assert_eq!(tokio.block_on(task).unwrap().unwrap(), round);
            }
            #[cfg(not(miri))]
            for task in on_smol {
                assert_eq!(smol::block_on(task).unwrap(), round);
            }
            assert!(EVENT.reset());
        }
    });
}

#[test]
fn one_send_releases_all_blocked_threads_of_its_round() {
    in_time("four threads", || {
        let event = Plain::new();
        thread::scope(|threads| {
            let first = threads.spawn(|| event.wait_blocking());
            until("the first thread is parked", || has_waiters(&event));
            let others: Vec<_> = (0..3)
                .map(|_| threads.spawn(|| event.wait_blocking_timeout(Duration::MAX)))
                .collect();
            event.send(1).unwrap();
            assert_eq!(first.join().unwrap(), Ok(1));
            for other in others {
                assert_eq!(other.join().unwrap(), Some(Ok(1)));
            }
        });
    });
}

#[test]
fn blocking_waits_keep_to_their_time() {
    in_time("20 ms", || {
        let event = Plain::new();
        assert_eq!(event.wait_blocking_timeout(Duration::ZERO), None);
        assert_eq!(event.wait_blocking_deadline(Instant::now()), None);
        let start = Instant::now();
        assert_eq!(event.wait_blocking_timeout(Duration::from_millis(20)), None);
        assert!(start.elapsed() >= Duration::from_millis(20));
        assert!(!has_waiters(&event));
        event.send_err("no").unwrap();
        assert_eq!(event.wait_blocking_timeout(Duration::ZERO), Some(Err("no")));
        assert_eq!(event.wait_blocking_deadline(Instant::now()), Some(Err("no")));
        assert_eq!(event.wait_blocking(), Err("no"));
    });
}

#[test]
fn owned_wait_keeps_its_event_alive() {
    let event = Arc::new(Plain::new());
    let weak = Arc::downgrade(&event);
    let task = Task::new();
    let mut wait = park_owned(&event, &task);
    drop(event);
    weak.upgrade().expect("the wait holds it").send(1).unwrap();
    assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(1)));
    drop(wait);
    assert!(weak.upgrade().is_none());
}

#[test]
fn value_without_clone_can_be_sent() {
    struct NotClone;
    let event = ValueEvent::<NotClone, ()>::new();
    assert!(event.send(NotClone).is_ok());
    assert!(event.is_set() && event.reset());
}
