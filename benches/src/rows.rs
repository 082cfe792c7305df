//! The questions, and how each is answered.
//!
//! A [`Case`] is what is run; a row is what is reported. The fan-out is one case with four rows:
//! its phases are taken from the same cycles, so their sum is one that has happened.

use std::fmt;
use std::hint::black_box;
use std::pin::pin;
use std::task::Context;
use std::time::{Duration, Instant};

use crate::contended;
use crate::executor::Executor;
use crate::fan_out::{self, PHASES, SUM};
use crate::peer::Peer;
use crate::rounds::Row;
use crate::task::Task;
use crate::tasks;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    IsSet,
    ReadyWait,
    /// It is set already.
    SetOnSet,
    SetClear,
    ParkCancel,
    /// A parked wait, polled again with the same waker.
    Repoll,
    /// A wait parks, is woken by a set, is ready; then the event is cleared.
    Cycle,
    /// So many waiters park, are woken by one `set`, and are resumed by the thread that parked them.
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

impl Case {
    /// What one iteration is called in the tables.
    #[must_use]
    pub fn rows(self) -> Vec<String> {
        match self {
            Case::FanOut(_) => PHASES.iter().map(|phase| format!("{phase}, {self}")).collect(),
            _ => vec![self.to_string()],
        }
    }

    /// The row that stands for the whole case.
    #[must_use]
    pub fn total(self) -> usize {
        if matches!(self, Case::FanOut(_)) { SUM } else { 0 }
    }

    /// What is measured where one run has so many iterations.
    #[must_use]
    pub fn measured(self, iterations: u64) -> Vec<Row> {
        let batch = match self {
            Case::CancelDuringSet(_) | Case::Tasks(..) => 1,
            _ => iterations,
        };
        let rows = self.rows().into_iter().zip(self.about());
        rows.map(|(name, about)| Row::midmean(name, about, batch)).collect()
    }

    /// What each of its rows measures.
    fn about(self) -> &'static [&'static str] {
        match self {
            Case::IsSet => &[
                "A look at an event that is not set. Of two that are one load each, the loop's place in memory \
                 decides.",
            ],
            Case::ReadyWait => &["The event is set; a wait is made, polled once, and dropped."],
            Case::SetOnSet => &["A `set` of an event that is set; nobody waits."],
            Case::SetClear => &[
                "A `set`, then a `clear`; nobody waits. The floor: a `fetch_or` and a `swap` of a \
                                 word.",
            ],
            Case::ParkCancel => &["A wait is made, polled once, which parks it, and dropped."],
            Case::Repoll => &["A wait that is parked is polled once more, with the same waker."],
            Case::Cycle => &[
                "A wait is made and polled, `set` wakes its task, it is polled and is ready, and \
                              the event is cleared.",
            ],
            Case::FanOut(_) => &fan_out::ABOUT,
            Case::SetNoop(_) => {
                &["One `set` that wakes so many by `Waker::noop`: what the event alone takes. \
                                   The floor: a `Vec` of them is drained."]
            }
            Case::SetterAndParker => {
                &["One thread sets and clears while another makes a wait, polls it once and \
                                        drops it: one of each, until the later thread is done."]
            }
            Case::Setters => &[
                "Two threads set and clear one event, and nobody waits: once each, until the later \
                                one is done.",
            ],
            Case::CancelDuringSet(_) => {
                &["So many are parked; one thread sets while another drops the waits, the \
                                       first one first: until both are done."]
            }
            Case::Tasks(..) => {
                &["So many tasks wait; a thread that is none of the executor's sets: until the \
                                  task that comes last runs. The floor: their wakers in a `Vec` under a `Mutex`, \
                                  taken out and woken without it."]
            }
        }
    }

    /// So many that one run takes a fraction of a millisecond, as far as that can be: long enough
    /// for the clock, short enough to be seldom interrupted.
    #[must_use]
    pub fn iterations(self) -> u64 {
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

    /// Runs it so often; what all iterations took together, one duration a row. Nothing where the peer
    /// has no answer.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Option<Vec<Duration>> {
        let needs_clear =
            matches!(self, Case::SetClear | Case::Cycle | Case::SetterAndParker | Case::Setters);
        if needs_clear && !P::CLEARS {
            return None;
        }
        Some(match self {
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
        })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Case::IsSet => f.write_str("is_set"),
            Case::ReadyWait => f.write_str("ready wait"),
            Case::SetOnSet => f.write_str("set, set already"),
            Case::SetClear => f.write_str("set+clear, no waiter"),
            Case::ParkCancel => f.write_str("park+cancel"),
            Case::Repoll => f.write_str("re-poll, pending"),
            Case::Cycle => f.write_str("full cycle: park, set, ready, clear"),
            Case::FanOut(1) => f.write_str("1 waiter"),
            Case::FanOut(waiters) => write!(f, "{} waiters", thousands(*waiters)),
            Case::SetNoop(waiters) => {
                write!(f, "set, no-op wakers, {} waiters", thousands(*waiters))
            }
            Case::SetterAndParker => {
                f.write_str("contended: a thread sets and clears, another parks and cancels")
            }
            Case::Setters => f.write_str("contended: 2 threads set and clear"),
            Case::CancelDuringSet(waiters) => {
                let waiters = thousands(*waiters);
                write!(f, "contended: a thread sets, another cancels {waiters} waiters")
            }
            Case::Tasks(executor, tasks) => {
                let tasks = thousands(*tasks);
                write!(f, "{executor}, {tasks} tasks: from set until all have resumed")
            }
        }
    }
}

pub(crate) fn thousands(number: usize) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{thousands},{:03}", number % 1_000),
    }
}

// === the short rows ===

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
    assert_eq!(pending, iterations, "a wait was ready before it was time");
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
    use crate::SUBJECTS;

    /// Sets its flag and wakes nobody.
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
    fn every_subject_passes_every_case() {
        let small = CASES.map(|case| match case {
            Case::FanOut(_) => Case::FanOut(70),
            Case::SetNoop(_) => Case::SetNoop(70),
            Case::CancelDuringSet(_) => Case::CancelDuringSet(70),
            Case::Tasks(executor, _) => Case::Tasks(executor, 70),
            short => short,
        });
        for case in small {
            for subject in &SUBJECTS {
                let rows = (subject.run)(case, 3).map(|rows| rows.len());
                assert!(rows.is_none_or(|rows| rows == case.rows().len()), "{case}, {subject:?}");
            }
        }
    }

    #[test]
    fn only_what_cannot_be_cleared_has_a_row_without_an_answer() {
        for case in CASES.into_iter().filter(|case| !matches!(case, Case::Tasks(..))) {
            assert!(case.run::<::reveille::Event>(1).is_some(), "{case}");
        }
        assert!(Case::Cycle.run::<::tokio::sync::SetOnce<()>>(1).is_none());
        assert!(Case::SetOnSet.run::<::tokio::sync::SetOnce<()>>(1).is_some());
    }

    #[test]
    #[should_panic(expected = "a woken wait was not ready")]
    fn a_peer_that_wakes_nobody_is_an_error() {
        let _ = Case::FanOut(3).run::<Forgetful>(1);
    }

    #[test]
    fn the_sum_is_that_of_its_phases() {
        let rows = Case::FanOut(10).run::<::reveille::Event>(5).unwrap();
        assert_eq!(rows[..SUM].iter().sum::<Duration>(), rows[SUM]);
    }

    #[test]
    fn every_row_says_what_it_measures() {
        for case in CASES {
            let measured = case.measured(7);
            assert_eq!(measured.len(), case.rows().len(), "{case}");
            assert!(measured.iter().all(|row| row.about.ends_with('.')), "{case}");
        }
    }
}
