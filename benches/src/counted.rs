//! The rows that one thread can run, for a counter of instructions.
//!
//! A row is passed to the counter as a closure, with the number of iterations in it. What can be
//! repeated has been run once before, so that memory, locks and thread locals are initialised.
//! Loops and the calls of `black_box` are counted, alike in every column. No row here starts a
//! thread.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};

use crate::flag::peer as flag;
use crate::peer::Peer;
use crate::result::peer::{self as result, VALUE};
use crate::slab::Slab;
use crate::task::Task;
#[cfg(target_os = "linux")]
use crate::waitable::peer as waitable;

/// Counts the instructions of a row: its name, its iterations, and the closure that runs them.
pub type Count<'a> = &'a mut dyn FnMut(&str, usize, &mut dyn FnMut());

const TIMES: usize = 1_000;
const WAITERS: usize = 100;

/// Runs the row once, and then counts it. A loop around a closure would load what it captures in each
/// iteration, so each row has its own.
fn steadily(count: Count<'_>, row: &str, mut run: impl FnMut()) {
    run();
    count(row, TIMES, &mut run);
}

pub(crate) fn event<P: Peer>(count: Count<'_>) {
    let event = P::new();
    let task = Task::new();
    let waker = &task.waker;
    steadily(count, "is_set", || {
        for _ in 0..TIMES {
            black_box(black_box(&event).is_set());
        }
    });
    steadily(count, "park+cancel", || {
        for _ in 0..TIMES {
            let wait = pin!(black_box(&event).wait());
            assert!(black_box(wait).poll(&mut Context::from_waker(waker)).is_pending());
        }
    });
    {
        let mut wait = pin!(event.wait());
        steadily(count, "re-poll, pending", || {
            for _ in 0..TIMES {
                let mut cx = Context::from_waker(waker);
                assert!(black_box(wait.as_mut()).poll(&mut cx).is_pending());
            }
        });
    }
    if P::CLEARS {
        steadily(count, "set+clear, no waiter", || {
            for _ in 0..TIMES {
                black_box(&event).set();
                black_box(&event).clear();
            }
        });
        steadily(count, "full cycle: park, set, ready, clear", || {
            for _ in 0..TIMES {
                let mut cx = Context::from_waker(waker);
                let mut wait = pin!(black_box(&event).wait());
                assert!(black_box(wait.as_mut()).poll(&mut cx).is_pending());
                black_box(&event).set();
                assert!(black_box(wait).poll(&mut cx).is_ready());
                black_box(&event).clear();
            }
        });
    }
    event.set();
    steadily(count, "ready wait", || {
        for _ in 0..TIMES {
            let wait = pin!(black_box(&event).wait());
            assert!(black_box(wait).poll(&mut Context::from_waker(waker)).is_ready());
        }
    });
    steadily(count, "set, set already", || {
        for _ in 0..TIMES {
            black_box(&event).set();
        }
    });
    fan_out::<P>(count);
    // Both cycles are on new events, where those cannot be cleared.
    let event = P::new();
    set_noop(&event, &mut |_, _, run| run());
    match P::CLEARS {
        true => {
            event.clear();
            set_noop(&event, count);
        }
        false => set_noop(&P::new(), count),
    }
}

fn set_noop<P: Peer>(event: &P, count: Count<'_>) {
    let mut waits = Slab::with_capacity(WAITERS);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..WAITERS {
        assert!(waits.push(event.wait()).poll(&mut cx).is_pending());
    }
    count("set, no-op wakers, 100 waiters", WAITERS, &mut || black_box(event).set());
}

fn fan_out<P: Peer>(count: Count<'_>) {
    // The first cycle, on an event of its own, initialises what exists once.
    cycle(&P::new(), &mut |_, _, run| run());
    let event = P::new();
    if P::CLEARS {
        cycle(&event, &mut |_, _, run| run());
        event.clear();
    }
    cycle(&event, count);
}

fn cycle<P: Peer>(event: &P, count: Count<'_>) {
    let tasks = Task::many(WAITERS);
    let mut waits = Slab::with_capacity(WAITERS);
    let (mut pending, mut ready) = (0, 0);
    count("register, 100 waiters", WAITERS, &mut || {
        pending += waits.park(&tasks, || black_box(event).wait());
    });
    count("set, 100 waiters", WAITERS, &mut || black_box(event).set());
    count("resume, 100 waiters", WAITERS, &mut || waits.resume(&tasks, |()| ready += 1));
    assert_eq!((pending, ready), (WAITERS, WAITERS));
}

pub(crate) fn flag<P: flag::Peer>(count: Count<'_>) {
    let new: Vec<_> = (0..WAITERS).map(|_| P::new()).collect();
    count("set, no waiter", WAITERS, &mut || new.iter().for_each(|flag| black_box(flag).set()));
    let flag = P::new();
    steadily(count, "set+take, no waiter", || {
        for _ in 0..TIMES {
            black_box(&flag).set();
            assert!(black_box(&flag).take());
        }
    });
    steadily(count, "set+ready wait", || {
        for _ in 0..TIMES {
            black_box(&flag).set();
            let wait = pin!(black_box(&flag).wait());
            assert!(black_box(wait).poll(&mut Context::from_waker(Waker::noop())).is_ready());
        }
    });
    steadily(count, "set, set already, no waiter", || {
        for _ in 0..TIMES {
            black_box(&flag).set();
        }
    });
}

pub(crate) fn result<P: result::Peer>(count: Count<'_>) {
    let (result, setter) = P::new();
    result.set(setter, VALUE);
    steadily(count, "ready wait", || {
        for _ in 0..TIMES {
            let wait = pin!(black_box(&result).wait());
            assert!(black_box(wait).poll(&mut Context::from_waker(Waker::noop())).is_ready());
        }
    });
    if P::GETS {
        steadily(count, "get, set before", || {
            for _ in 0..TIMES {
                assert!(black_box(black_box(&result).get()).is_some());
            }
        });
    }
    let mut new: Vec<_> =
        (0..WAITERS).map(|_| P::new()).map(|(new, own)| (new, Some(own))).collect();
    count("set, no waiter", WAITERS, &mut || {
        for (new, setter) in &mut new {
            let setter = setter.take().expect("set once");
            black_box(&*new).set(setter, VALUE);
        }
    });
    for warm in [true, false] {
        match warm {
            true => broadcast::<P>(&mut |_, _, run| run()),
            false => broadcast::<P>(count),
        }
    }
}

fn broadcast<P: result::Peer>(count: Count<'_>) {
    let (result, setter) = P::new();
    let tasks = Task::many(WAITERS);
    let mut waits = Slab::with_capacity(WAITERS);
    let mut setter = Some(setter);
    let (mut pending, mut sum) = (0, 0);
    count("register, 100 waiters", WAITERS, &mut || {
        pending += waits.park(&tasks, || black_box(&result).wait());
    });
    count("set, 100 waiters", WAITERS, &mut || {
        black_box(&result).set(setter.take().expect("set once"), VALUE);
    });
    count("resume, 100 waiters", WAITERS, &mut || waits.resume(&tasks, |value| sum += value));
    assert_eq!((pending, sum), (WAITERS, VALUE * WAITERS as u64));
}

/// One round after another on one subject.
pub(crate) fn rounds<R: result::Rounds>(count: Count<'_>) {
    let tasks = Task::many(WAITERS);
    let subject = R::new();
    let mut waits = Slab::with_capacity(WAITERS);
    let mut run = || {
        let mut sum = 0;
        assert_eq!(waits.park(&tasks, || black_box(&subject).wait()), WAITERS);
        black_box(&subject).send(VALUE);
        waits.resume(&tasks, |value| sum += value);
        assert_eq!(sum, VALUE * WAITERS as u64);
        black_box(&subject).reset();
    };
    run();
    count("a round of 100 waiters, and the next", WAITERS, &mut run);
}

#[cfg(target_os = "linux")]
pub(crate) fn waitable<P: waitable::Peer>(count: Count<'_>) {
    let (_poller, waker) = P::new();
    if P::clear(&waker).is_none() {
        return;
    }
    steadily(count, "set+clear", || {
        for _ in 0..TIMES {
            P::wake(black_box(&waker));
            assert_eq!(P::clear(black_box(&waker)), Some(true));
        }
    });
}
