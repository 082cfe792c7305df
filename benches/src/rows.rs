//! The cases of events.
//!
//! A [`Case`] is what is run; a row is what is reported. The fan-out is one case with four rows:
//! its phases are measured in the same cycles.

use std::hint::black_box;
use std::pin::pin;
use std::task::Context;
use std::time::{Duration, Instant};

use crate::contended;
use crate::executor::Executor;
use crate::fan_out;
use crate::peer::Peer;
use crate::rounds::{self, Row, Took, nanoseconds};
use crate::task::Task;
use crate::tasks;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    IsSet,
    ReadyWait,
    /// The event is already set.
    SetOnSet,
    SetClear,
    ParkCancel,
    /// A registered wait, polled again with the same waker.
    Repoll,
    /// A wait registers, is woken by a `set`, is ready; then the event is cleared.
    Cycle,
    /// So many waiters register, are woken by one `set`, and are resumed by the same thread.
    FanOut(usize),
    /// One `set` of so many waiters whose wakers do nothing.
    SetNoop(usize),
    /// One thread sets and clears, another parks and cancels.
    SetterAndParker,
    /// Two threads set and clear.
    Setters,
    /// One thread sets, another cancels so many.
    CancelDuringSet(usize),
    /// So many tasks on an executor.
    Tasks(Executor, usize),
}

/// In the order of the tables.
pub const CASES: [Case; 20] = [
    Case::IsSet,
    Case::ReadyWait,
    Case::SetOnSet,
    Case::SetClear,
    Case::ParkCancel,
    Case::Repoll,
    Case::Cycle,
    Case::FanOut(1),
    Case::FanOut(10),
    Case::FanOut(100),
    Case::FanOut(1_000),
    Case::FanOut(10_000),
    Case::FanOut(100_000),
    Case::SetNoop(1_000),
    Case::SetterAndParker,
    Case::Setters,
    Case::CancelDuringSet(1_000),
    Case::Tasks(Executor::TokioMulti, 10_000),
    Case::Tasks(Executor::TokioCurrent, 10_000),
    Case::Tasks(Executor::Smol, 10_000),
];

// === impl Case ===

impl rounds::Case for Case {
    fn rows(self) -> Vec<Row> {
        let one = |name: &str, about| vec![Row::midmean(name.into(), about, self.iterations())];
        match self {
            Case::IsSet => one("is_set", "A check of an event that is not set."),
            Case::ReadyWait => {
                one("ready wait", "The event is set; a wait is created, polled once, and dropped.")
            }
            Case::SetOnSet => {
                one("set, set already", "A `set` of an event that is set; no waiter.")
            }
            Case::SetClear => one(
                "set+clear, no waiter",
                "A `set`, then a `clear`; no waiter. The floor: a `fetch_or` and a `swap` of a \
                 word.",
            ),
            Case::ParkCancel => one(
                "park+cancel",
                "A wait is created, polled once, which registers it, and dropped.",
            ),
            Case::Repoll => one(
                "re-poll, pending",
                "A wait that is registered is polled once more, with the same waker.",
            ),
            Case::Cycle => one(
                "full cycle: park, set, ready, clear",
                "A wait is created and polled, `set` wakes its task, it is polled and is ready, \
                 and the event is cleared.",
            ),
            Case::FanOut(waiters) => {
                let waiters = match waiters {
                    1 => "1 waiter".into(),
                    _ => format!("{} waiters", thousands(waiters)),
                };
                let row = |(phase, about): (&str, &str)| {
                    Row::midmean(format!("{phase}, {waiters}"), about, self.iterations())
                };
                fan_out::PHASES.map(row).into()
            }
            Case::SetNoop(waiters) => one(
                &format!("set, no-op wakers, {} waiters", thousands(waiters)),
                "One `set` of so many waiters with `Waker::noop`: the work of the event alone. The \
                 floor: a `Vec` of them is drained.",
            ),
            Case::SetterAndParker => one(
                "contended: a thread sets and clears, another parks and cancels",
                "One thread sets and clears while another creates a wait, polls it once and drops \
                 it: one of each, until both threads are done.",
            ),
            Case::Setters => one(
                "contended: 2 threads set and clear",
                "Two threads set and clear one event, and there is no waiter: once each, until \
                 both are done.",
            ),
            Case::CancelDuringSet(waiters) => vec![Row::midmean(
                format!("contended: a thread sets, another cancels {} waiters", thousands(waiters)),
                "So many waits are registered; one thread sets while another drops the waits, in \
                 the order of registration: until both are done.",
                1,
            )],
            Case::Tasks(executor, tasks) => vec![Row::midmean(
                format!("{executor}, {} tasks: from set until all have resumed", thousands(tasks)),
                "So many tasks wait; a thread outside the executor sets: until the last task runs. \
                 The floor: their wakers in a `Vec` under a `Mutex`, woken without it.",
                1,
            )],
        }
    }

    /// One run takes a fraction of a millisecond where possible: long enough for the clock, short
    /// enough to be rarely interrupted.
    fn iterations(self) -> u64 {
        match self {
            Case::IsSet | Case::Repoll => 100_000,
            Case::ReadyWait | Case::SetOnSet | Case::SetClear => 20_000,
            Case::ParkCancel | Case::Cycle | Case::SetterAndParker | Case::Setters => 5_000,
            Case::FanOut(waiters) => fan_out::events(waiters),
            Case::SetNoop(waiters) => fan_out::noop_events(waiters),
            Case::CancelDuringSet(_) => 3,
            Case::Tasks(..) => 1,
        }
    }
}

impl Case {
    /// Runs it with so many iterations.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Took {
        let needs_clear =
            matches!(self, Case::SetClear | Case::Cycle | Case::SetterAndParker | Case::Setters);
        if needs_clear && !P::CLEARS {
            return None;
        }
        let took = match self {
            Case::IsSet => vec![is_set::<P>(iterations)],
            Case::ReadyWait => vec![ready_wait::<P>(iterations)],
            Case::SetOnSet => vec![set_on_set::<P>(iterations)],
            Case::SetClear => vec![set_clear::<P>(iterations)],
            Case::ParkCancel => vec![park_cancel::<P>(iterations)],
            Case::Repoll => vec![repoll::<P>(iterations)],
            Case::Cycle => vec![cycle::<P>(iterations)],
            Case::FanOut(waiters) => fan_out::run::<P>(waiters, iterations),
            Case::SetNoop(waiters) => fan_out::set_noop::<P>(waiters, iterations),
            Case::SetterAndParker => vec![contended::setter_and_parker::<P>(iterations)],
            Case::Setters => vec![contended::setters::<P>(iterations)],
            Case::CancelDuringSet(waiters) => {
                vec![contended::cancel_during_set::<P>(waiters, iterations)]
            }
            Case::Tasks(executor, tasks) => vec![tasks::run::<P>(executor, tasks, iterations)],
        };
        Some(took.into_iter().map(|took| vec![nanoseconds(took, iterations)]).collect())
    }
}

/// A number with a comma before its last three digits.
pub(crate) fn thousands(number: usize) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{thousands},{:03}", number % 1_000),
    }
}

// === short rows ===

fn is_set<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let mut seen = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        seen += u64::from(black_box(&event).is_set());
    }
    let took = begin.elapsed();
    assert_eq!(black_box(seen), 0);
    event.set();
    assert!(event.is_set());
    took
}

fn ready_wait<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let task = Task::new();
    let mut cx = Context::from_waker(&task.waker);
    let mut ready = 0;
    event.set();
    let begin = Instant::now();
    for _ in 0..iterations {
        let wait = pin!(black_box(&event).wait());
        ready += u64::from(black_box(wait).poll(&mut cx).is_ready());
    }
    let took = begin.elapsed();
    assert_eq!(ready, iterations);
    took
}

fn set_on_set<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    event.set();
    let begin = Instant::now();
    for _ in 0..iterations {
        black_box(&event).set();
    }
    let took = begin.elapsed();
    assert!(event.is_set());
    took
}

fn set_clear<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let begin = Instant::now();
    for _ in 0..iterations {
        black_box(&event).set();
        black_box(&event).clear();
    }
    let took = begin.elapsed();
    assert!(!event.is_set());
    took
}

fn park_cancel<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let task = Task::new();
    let mut cx = Context::from_waker(&task.waker);
    let mut pending = 0;
    let begin = Instant::now();
    for _ in 0..iterations {
        let wait = pin!(black_box(&event).wait());
        pending += u64::from(black_box(wait).poll(&mut cx).is_pending());
    }
    let took = begin.elapsed();
    assert_eq!(pending, iterations);
    event.set();
    assert_eq!(task.take_wakes(), 0, "a cancelled wait was woken");
    took
}

fn repoll<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let task = Task::new();
    let mut cx = Context::from_waker(&task.waker);
    let mut wait = pin!(event.wait());
    let mut pending = 0;
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    let begin = Instant::now();
    for _ in 0..iterations {
        pending += u64::from(black_box(wait.as_mut()).poll(&mut cx).is_pending());
    }
    let took = begin.elapsed();
    assert_eq!(pending, iterations);
    event.set();
    assert!(wait.poll(&mut cx).is_ready(), "a woken wait was not ready");
    assert_eq!(task.take_wakes(), 1, "a task was not woken, or was woken twice");
    took
}

fn cycle<P: Peer>(iterations: u64) -> Duration {
    let event = P::new();
    let task = Task::new();
    let mut cx = Context::from_waker(&task.waker);
    let (mut pending, mut ready) = (0, 0);
    let begin = Instant::now();
    for _ in 0..iterations {
        let mut wait = pin!(black_box(&event).wait());
        pending += u64::from(black_box(wait.as_mut()).poll(&mut cx).is_pending());
        black_box(&event).set();
        ready += u64::from(black_box(wait).poll(&mut cx).is_ready());
        black_box(&event).clear();
    }
    let took = begin.elapsed();
    assert_eq!(pending, iterations, "a wait was ready too early");
    assert_eq!(ready, iterations, "a woken wait was not ready");
    assert_eq!(u64::from(task.take_wakes()), iterations, "a wake-up was lost");
    took
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;

    /// Sets its flag and wakes no waiter.
    struct Forgetful(AtomicBool);

    impl Peer for Forgetful {
        const EVENT_BYTES: usize = size_of::<Self>();
        fn new() -> Self {
            Self(AtomicBool::new(false))
        }
        fn is_set(&self) -> bool {
            // ORDERING: Relaxed: one thread.
            self.0.load(Relaxed)
        }
        fn set(&self) {
            // ORDERING: Relaxed: one thread.
            self.0.store(true, Relaxed);
        }
        fn clear(&self) {}
        fn wait(&self) -> impl Future<Output = ()> + Send {
            pending()
        }
    }

    #[test]
    fn only_a_peer_that_cannot_be_cleared_lacks_an_answer() {
        for case in CASES.into_iter().filter(|case| !matches!(case, Case::Tasks(..))) {
            assert!(case.run::<::reveille::Event>(1).is_some(), "{case:?}");
        }
        assert!(Case::Cycle.run::<::tokio::sync::SetOnce<()>>(1).is_none());
        assert!(Case::SetOnSet.run::<::tokio::sync::SetOnce<()>>(1).is_some());
    }

    #[test]
    #[should_panic(expected = "a woken wait was not ready")]
    fn peer_that_wakes_no_waiter_panics() {
        let _ = Case::FanOut(3).run::<Forgetful>(1);
    }

    #[test]
    fn sum_is_that_of_the_phases() {
        let rows = Case::FanOut(10).run::<::reveille::Event>(5).unwrap().concat();
        let [phases @ .., sum] = &rows[..] else { panic!("no rows") };
        assert!((phases.iter().sum::<f64>() - sum).abs() < 1.0, "{rows:?}");
    }
}
