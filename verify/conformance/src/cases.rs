//! Cases whose tasks really park on the executor, and are woken by a thread, a task or a signal
//! handler.
//!
//! The thread that runs a case waits until all its tasks have been pending before it continues. So
//! each case is about waiters that are parked, and no case depends on which task is faster.

use crate::stage::{Stage, until};
use futures::future::{self, AbortHandle, Abortable, BoxFuture, Either, poll_fn};
use futures::{Stream, StreamExt as _, pin_mut};
use reveille::{AsyncResult, Cancelled, Event, ThreadSafeFlag, ValueEvent};
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

/// The message says what went wrong.
type Outcome = Result<(), String>;

const TASKS: usize = 40;
const ROUNDS: usize = 100;

/// A case, and its name.
type Case = (&'static str, fn(&Stage) -> Outcome);

pub(crate) const CASES: &[Case] = &[
    (
        "event_releases_every_parked_task_in_every_round",
        event_releases_every_parked_task_in_every_round,
    ),
    ("each_set_of_a_flag_releases_exactly_one_task", each_set_of_a_flag_releases_exactly_one_task),
    ("stream_has_an_item_for_each_set", stream_has_an_item_for_each_set),
    (
        "result_reaches_every_task_by_reference_and_by_arc",
        result_reaches_every_task_by_reference_and_by_arc,
    ),
    ("producer_that_is_aborted_leaves_cancelled", producer_that_is_aborted_leaves_cancelled),
    ("value_of_its_round_reaches_every_task", value_of_its_round_reaches_every_task),
    ("tasks_of_the_executor_wake_each_other", tasks_of_the_executor_wake_each_other),
    (
        "task_that_stops_waiting_costs_no_other_its_wake_up",
        task_that_stops_waiting_costs_no_other_its_wake_up,
    ),
    ("link_runs_in_its_turn_among_tasks", link_runs_in_its_turn_among_tasks),
    #[cfg(unix)]
    ("signal_handler_wakes_a_task", signal_handler_wakes_a_task),
];

/// Wraps the future, and counts it in `parked` when it is pending for the first time.
async fn counted<F: Future>(future: F, parked: &AtomicUsize) -> F::Output {
    let mut future = pin!(future);
    let mut is_counted = false;
    poll_fn(|cx| {
        let poll = future.as_mut().poll(cx);
        if poll.is_pending() && !is_counted {
            is_counted = true;
            parked.fetch_add(1, SeqCst);
        }
        poll
    })
    .await
}

/// Makes `count` tasks of one kind.
fn tasks<F>(count: usize, mut task: impl FnMut(usize) -> F) -> Vec<BoxFuture<'static, ()>>
where
    F: Future<Output = ()> + Send + 'static,
{
    (0..count).map(|number| Box::pin(task(number)) as BoxFuture<'static, ()>).collect()
}

fn event_releases_every_parked_task_in_every_round(stage: &Stage) -> Outcome {
    // Two events in turn: a fast task may make its next wait while the first one is still set.
    let shared = Arc::new(([Event::new(), Event::new()], AtomicUsize::new(0), AtomicUsize::new(0)));
    let troupe = stage.begin(tasks(TASKS, |_| {
        let shared = Arc::clone(&shared);
        async move {
            let (events, parked, released) = &*shared;
            for round in 1..=ROUNDS {
                counted(events[round % 2].wait(), parked).await;
                released.fetch_add(1, SeqCst);
            }
        }
    }));
    let (events, parked, released) = &*shared;
    for round in 1..=ROUNDS {
        until("every task parks", || parked.load(SeqCst) == round * TASKS)?;
        if released.load(SeqCst) != (round - 1) * TASKS {
            return Err(format!("a task was released before the set of round {round}"));
        }
        let event = &events[round % 2];
        if round % 4 < 2 {
            event.pulse();
        } else {
            event.set();
            event.clear();
        }
    }
    troupe.end()
}

fn each_set_of_a_flag_releases_exactly_one_task(stage: &Stage) -> Outcome {
    // Leaked: a flag must outlive the deliveries of its sets.
    let shared: &'static _ = Box::leak(Box::new((
        ThreadSafeFlag::new(),
        Event::new(),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    )));
    let (flag, over, parked, taken) = shared;
    let troupe = stage.begin(tasks(TASKS, |_| async move {
        loop {
            let (wait, over) = (counted(flag.wait(), parked), over.wait());
            pin_mut!(wait, over);
            match future::select(wait, over).await {
                Either::Left(_) => taken.fetch_add(1, SeqCst),
                Either::Right(_) => return,
            };
        }
    }));
    until("every task parks", || parked.load(SeqCst) == TASKS)?;
    for round in 1..=ROUNDS {
        match round % 2 {
            0 => flag.set(),
            _ => flag.set_direct(),
        }
        until("a set is taken", || taken.load(SeqCst) >= round)?;
        until("the task that consumed it parks again", || parked.load(SeqCst) == TASKS + round)?;
        let all = taken.load(SeqCst);
        if all != round || flag.is_set() {
            return Err(format!("{round} sets have released {all} tasks"));
        }
    }
    over.set();
    troupe.end()
}

fn stream_has_an_item_for_each_set(stage: &Stage) -> Outcome {
    let borrowed: &'static _ = Box::leak(Box::new(ThreadSafeFlag::new()));
    set_for_each_item(stage, borrowed, borrowed.stream())?;
    let owned = Arc::new(ThreadSafeFlag::new());
    set_for_each_item(stage, &owned, Arc::clone(&owned).stream_owned())
}

fn set_for_each_item(
    stage: &Stage,
    flag: &ThreadSafeFlag,
    sets: impl Stream<Item = ()> + Send + 'static,
) -> Outcome {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let task = sets.take(ROUNDS).for_each(move |()| {
        count.fetch_add(1, SeqCst);
        future::ready(())
    });
    let troupe = stage.begin(vec![Box::pin(task)]);
    for round in 1..=ROUNDS {
        flag.set();
        until("the stream has an item", || seen.load(SeqCst) == round)?;
    }
    troupe.end()
}

fn result_reaches_every_task_by_reference_and_by_arc(stage: &Stage) -> Outcome {
    let result = Arc::new(AsyncResult::<String, ()>::new());
    let parked = Arc::new(AtomicUsize::new(0));
    let troupe = stage.begin(tasks(TASKS, |number| {
        let (result, parked) = (Arc::clone(&result), Arc::clone(&parked));
        async move {
            if number % 2 == 0 {
                let outcome = counted(result.wait(), &parked).await;
                assert_eq!(outcome, Ok(&"there".to_owned()));
            } else {
                let outcome = counted(result.wait_owned(), &parked).await;
                assert_eq!(outcome.as_deref(), Ok("there"));
            }
        }
    }));
    until("every task parks", || parked.load(SeqCst) == TASKS)?;
    // Set by a task of the same executor.
    stage.play(tasks(1, |_| {
        let result = Arc::clone(&result);
        async move { result.set("there".to_owned()).unwrap() }
    }))?;
    troupe.end()
}

fn producer_that_is_aborted_leaves_cancelled(stage: &Stage) -> Outcome {
    let result = Arc::new(AsyncResult::<(), Cancelled>::new());
    let parked = Arc::new(AtomicUsize::new(0));
    let (abort, registration) = AbortHandle::new_pair();
    let never = {
        let parked = Arc::clone(&parked);
        async move { counted(future::pending(), &parked).await }
    };
    let producing = Abortable::new(Arc::clone(&result).set_from_owned(never), registration);
    let producer = stage.begin(vec![Box::pin(async { assert!(producing.await.is_err()) })]);
    let readers = stage.begin(tasks(TASKS, |_| {
        let (result, parked) = (Arc::clone(&result), Arc::clone(&parked));
        async move { assert_eq!(counted(result.wait(), &parked).await, Err(&Cancelled)) }
    }));
    until("producer and readers park", || parked.load(SeqCst) == TASKS + 1)?;
    abort.abort();
    producer.end()?;
    readers.end()
}

fn value_of_its_round_reaches_every_task(stage: &Stage) -> Outcome {
    // Two events in turn: a fast task may make its next wait before the `reset`.
    let events = [(); 2].map(|()| Arc::new(ValueEvent::<usize, ()>::new()));
    let parked = Arc::new(AtomicUsize::new(0));
    let troupe = stage.begin(tasks(TASKS, |number| {
        let (events, parked) = (events.clone(), Arc::clone(&parked));
        async move {
            for round in 1..=ROUNDS {
                let event = &events[round % 2];
                let value = match number % 2 {
                    0 => counted(event.wait(), &parked).await,
                    _ => counted(Arc::clone(event).wait_owned(), &parked).await,
                };
                assert_eq!(value, Ok(round));
            }
        }
    }));
    for round in 1..=ROUNDS {
        until("every task parks", || parked.load(SeqCst) == round * TASKS)?;
        let event = &events[round % 2];
        let sent = match round % 3 {
            0 => event.send_result(Ok(round)).is_ok(),
            _ => event.send(round).is_ok(),
        };
        if !sent {
            return Err("a value was sent already".into());
        }
        // Immediately: hardly any task can have been polled yet.
        event.reset();
    }
    troupe.end()
}

fn tasks_of_the_executor_wake_each_other(stage: &Stage) -> Outcome {
    for set in [ThreadSafeFlag::set, ThreadSafeFlag::set_direct] {
        let flags: &'static _ = Box::leak(Box::new([ThreadSafeFlag::new(), ThreadSafeFlag::new()]));
        stage.play(tasks(2, |number| async move {
            for _ in 0..ROUNDS {
                if number == 0 {
                    set(&flags[1]);
                    flags[0].wait().await;
                } else {
                    flags[1].wait().await;
                    set(&flags[0]);
                }
            }
        }))?;
    }
    Ok(())
}

fn task_that_stops_waiting_costs_no_other_its_wake_up(stage: &Stage) -> Outcome {
    let shared = Arc::new((Event::new(), Event::new(), AtomicUsize::new(0), AtomicUsize::new(0)));
    let (event, leave, parked, gone) = &*shared;
    let troupe = stage.begin(tasks(TASKS, |number| {
        let shared = Arc::clone(&shared);
        async move {
            let (event, leave, parked, gone) = &*shared;
            let wait = counted(event.wait(), parked);
            if number % 2 == 0 {
                return wait.await;
            }
            let leave = leave.wait();
            pin_mut!(wait, leave);
            assert!(matches!(future::select(wait, leave).await, Either::Right(_)));
            gone.fetch_add(1, SeqCst);
        }
    }));
    until("every task parks", || parked.load(SeqCst) == TASKS)?;
    leave.set();
    until("every second task leaves", || gone.load(SeqCst) == TASKS / 2)?;
    event.set();
    troupe.end()
}

fn link_runs_in_its_turn_among_tasks(stage: &Stage) -> Outcome {
    let shared = Arc::new((Event::new(), AtomicUsize::new(0), AtomicUsize::new(0)));
    let task = |_| {
        let shared = Arc::clone(&shared);
        async move { counted(shared.0.wait(), &shared.1).await }
    };
    let before = stage.begin(tasks(TASKS, task));
    until("the tasks before it park", || shared.1.load(SeqCst) == TASKS)?;
    let runs = Arc::clone(&shared);
    let link = shared.0.link(move || _ = runs.2.fetch_add(1, SeqCst));
    let runs = Arc::clone(&shared);
    shared.0.link(move || _ = runs.2.fetch_add(1, SeqCst)).detach();
    let behind = stage.begin(tasks(TASKS, task));
    until("the tasks behind it park", || shared.1.load(SeqCst) == 2 * TASKS)?;
    shared.0.set();
    if shared.2.load(SeqCst) != 2 || link.unlink() {
        return Err("a link has not run within `set`".into());
    }
    before.end()?;
    behind.end()
}

#[cfg(unix)]
fn signal_handler_wakes_a_task(stage: &Stage) -> Outcome {
    use signal_hook::{consts::SIGUSR1, low_level};
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    static PARKED: AtomicUsize = AtomicUsize::new(0);

    // SAFETY: `ThreadSafeFlag::set` may be called from a signal handler.
    let handler = unsafe { low_level::register(SIGUSR1, || FLAG.set()) };
    let handler = handler.map_err(|error| error.to_string())?;
    let troupe = stage.begin(tasks(1, |_| async {
        for _ in 0..ROUNDS {
            counted(FLAG.wait(), &PARKED).await;
            SEEN.fetch_add(1, SeqCst);
        }
    }));
    for round in 1..=ROUNDS {
        until("the task parks", || PARKED.load(SeqCst) == round)?;
        low_level::raise(SIGUSR1).map_err(|error| error.to_string())?;
        until("the task has seen the signal", || SEEN.load(SeqCst) == round)?;
    }
    low_level::unregister(handler);
    troupe.end()
}
