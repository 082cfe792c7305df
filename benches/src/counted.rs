//! What one thread does in each row, for a machine that counts instructions.
//!
//! A row is handed to whoever counts as something that can be run, with how often it does what it is
//! named for. What can be repeated has been run once before: memory, locks and thread locals are there.
//! Loops, and the calls that keep the compiler from looking through them, are counted, alike in every
//! column. No row here starts a thread.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};

use crate::peer::Peer;
use crate::report::Column;
use crate::slab::Slab;
use crate::task::Task;
#[cfg(target_os = "linux")]
use crate::waitable;
use crate::{flag, result};

/// Counts what a row does: its name, how often, and the deed.
pub type Count<'a> = &'a mut dyn FnMut(&str, usize, &mut dyn FnMut());

const TIMES: usize = 1_000;
const WAITERS: usize = 100;

/// Runs it once, and then so that it is counted.
fn steadily(count: Count<'_>, row: &str, deed: impl FnMut()) {
    steadily_of(TIMES, count, row, deed);
}

fn steadily_of(times: usize, count: Count<'_>, row: &str, mut deed: impl FnMut()) {
    deed();
    count(row, times, &mut deed);
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
    set_noop(&event, &mut |_, _, deed| deed());
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
    // The first cycle, on an event of its own, makes what is made once.
    cycle(&P::new(), &mut |_, _, deed| deed());
    let event = P::new();
    if P::CLEARS {
        cycle(&event, &mut |_, _, deed| deed());
        event.clear();
    }
    cycle(&event, count);
}

fn cycle<P: Peer>(event: &P, count: Count<'_>) {
    let tasks = Task::many(WAITERS);
    let mut waits = Slab::with_capacity(WAITERS);
    count("register, 100 waiters", WAITERS, &mut || {
        for task in &tasks {
            let wait = waits.push(black_box(event).wait());
            let mut cx = Context::from_waker(&task.waker);
            assert!(black_box(wait).poll(&mut cx).is_pending());
        }
    });
    count("set, 100 waiters", WAITERS, &mut || black_box(event).set());
    count("resume, 100 waiters", WAITERS, &mut || {
        for task in &tasks {
            let wait = waits.first().expect("a wait a task");
            let mut cx = Context::from_waker(&task.waker);
            assert!(black_box(wait).poll(&mut cx).is_ready());
            waits.pop();
        }
    });
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
    result.set(setter, result::rows::VALUE);
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
            black_box(&*new).set(setter, result::rows::VALUE);
        }
    });
    for warm in [true, false] {
        match warm {
            true => broadcast::<P>(&mut |_, _, deed| deed()),
            false => broadcast::<P>(count),
        }
    }
}

fn broadcast<P: result::Peer>(count: Count<'_>) {
    let (result, setter) = P::new();
    let tasks = Task::many(WAITERS);
    let mut waits = Slab::with_capacity(WAITERS);
    let mut setter = Some(setter);
    count("register, 100 waiters", WAITERS, &mut || {
        for task in &tasks {
            let wait = waits.push(black_box(&result).wait());
            let mut cx = Context::from_waker(&task.waker);
            assert!(black_box(wait).poll(&mut cx).is_pending());
        }
    });
    count("set, 100 waiters", WAITERS, &mut || {
        black_box(&result).set(setter.take().expect("set once"), result::rows::VALUE);
    });
    count("resume, 100 waiters", WAITERS, &mut || {
        for task in &tasks {
            let wait = waits.first().expect("a wait a task");
            let mut cx = Context::from_waker(&task.waker);
            assert!(black_box(wait).poll(&mut cx).is_ready());
            waits.pop();
        }
    });
}

/// A round after another on one subject.
pub(crate) fn rounds<R: result::Rounds>(count: Count<'_>) {
    let tasks = Task::many(WAITERS);
    let subject = R::new();
    let mut waits = Slab::with_capacity(WAITERS);
    steadily_of(WAITERS, count, "a round of 100 waiters, and the next", || {
        for task in &tasks {
            let wait = waits.push(black_box(&subject).wait());
            let mut cx = Context::from_waker(&task.waker);
            assert!(black_box(wait).poll(&mut cx).is_pending());
        }
        black_box(&subject).send(result::rows::VALUE);
        for task in &tasks {
            let wait = waits.first().expect("a wait a task");
            let mut cx = Context::from_waker(&task.waker);
            assert!(black_box(wait).poll(&mut cx).is_ready());
            waits.pop();
        }
        black_box(&subject).reset();
    });
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

/// Hands all rows of all columns to whoever counts: the type, the column, whether it is ours, the row, how
/// often, and the deed.
pub fn all(mut count: impl FnMut([&str; 3], bool, usize, &mut dyn FnMut())) {
    let mut hand = |of: &str, column: Column, rows: fn(Count<'_>)| {
        rows(&mut |row, times, deed| {
            count([of, column.name, row], column.is_ours(), times, deed);
        });
    };
    crate::SUBJECTS.iter().for_each(|one| hand("event", one.column, one.count));
    flag::SUBJECTS.iter().for_each(|one| hand("flag", one.column, one.count));
    result::SUBJECTS.iter().for_each(|one| hand("result", one.column, one.count));
    #[cfg(target_os = "linux")]
    waitable::SUBJECTS.iter().for_each(|one| hand("waitable", one.column, one.count));
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_deed_is_counted_once_and_under_a_name_of_its_own() {
        let mut names = HashSet::new();
        let mut ours = 0;
        all(|name, is_ours, times, deed| {
            deed();
            ours += usize::from(is_ours);
            assert!(times > 0);
            assert!(names.insert(name.map(str::to_owned)), "{name:?} twice");
        });
        // 11 of an event, 4 of a flag set in either way, 7 of a result and a value, 1 of a descriptor.
        let waitable = usize::from(cfg!(target_os = "linux"));
        assert_eq!(ours, 11 + 2 * 4 + 7 + waitable);
        assert!(names.len() > 100);
    }
}
