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
use crate::slab::Slab;
use crate::task::Task;
use crate::{flag, result};

/// Counts what a row does: its name, how often, and the deed.
pub type Count<'a> = &'a mut dyn FnMut(&str, usize, &mut dyn FnMut());

const TIMES: usize = 1_000;
const WAITERS: usize = 100;

/// Runs it once, and then so that it is counted.
fn steadily(count: Count<'_>, row: &str, mut deed: impl FnMut()) {
    deed();
    count(row, TIMES, &mut deed);
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

/// Hands all rows of all columns to whoever counts: the type, the column, whether it is ours, the row, how
/// often, and the deed.
pub fn all(mut count: impl FnMut([&str; 3], bool, usize, &mut dyn FnMut())) {
    for subject in &crate::SUBJECTS {
        let column = subject.column;
        let count: Count<'_> = &mut |row, times, deed| {
            count(["event", column.name, row], column.is_ours(), times, deed);
        };
        (subject.count)(count);
    }
    for subject in &flag::SUBJECTS {
        let column = subject.column;
        let count: Count<'_> = &mut |row, times, deed| {
            count(["flag", column.name, row], column.is_ours(), times, deed);
        };
        (subject.count)(count);
    }
    for subject in &result::SUBJECTS {
        let column = subject.column;
        let count: Count<'_> = &mut |row, times, deed| {
            count(["result", column.name, row], column.is_ours(), times, deed);
        };
        (subject.count)(count);
    }
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
        // 10 of an event, 3 of a flag set in either way, 6 of a result.
        assert_eq!(ours, 10 + 2 * 3 + 6);
        assert!(names.len() > 100);
    }
}
