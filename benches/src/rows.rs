//! The questions, and how each is answered.
//!
//! A [`Case`] is what is run; a row is what is reported. The fan-out is one case with four rows:
//! its phases are taken from the same cycles, so their sum is one that has happened.

use std::fmt;
use std::hint::black_box;
use std::pin::pin;
use std::task::Context;
use std::time::{Duration, Instant};

use crate::fan_out::{self, PHASES, SUM};
use crate::peer::Peer;
use crate::task::Task;
use crate::tokio_row;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    IsSet,
    ReadyWait,
    SetClear,
    ParkCancel,
    /// So many waiters park, are woken by one `set`, and are resumed by the thread that parked them.
    FanOut(usize),
    /// So many tasks on two worker threads of tokio.
    Tokio(usize),
}

/// In the order of the tables.
pub const CASES: [Case; 8] = [
    Case::IsSet,
    Case::ReadyWait,
    Case::SetClear,
    Case::ParkCancel,
    Case::FanOut(100),
    Case::FanOut(1_000),
    Case::FanOut(10_000),
    Case::Tokio(10_000),
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

    /// So many that one run takes a fraction of a millisecond, as far as that can be: long enough
    /// for the clock, short enough to be seldom interrupted.
    #[must_use]
    pub fn iterations(self) -> u64 {
        match self {
            Case::IsSet => 100_000,
            Case::ReadyWait | Case::SetClear => 20_000,
            Case::ParkCancel => 5_000,
            Case::FanOut(waiters) => (5_000 / waiters as u64).max(1),
            Case::Tokio(_) => 1,
        }
    }

    /// Runs it so often; what all iterations took together, one duration a row.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Vec<Duration> {
        match self {
            Case::IsSet => vec![is_set::<P>(iterations)],
            Case::ReadyWait => vec![ready_wait::<P>(iterations)],
            Case::SetClear => vec![set_clear::<P>(iterations)],
            Case::ParkCancel => vec![park_cancel::<P>(iterations)],
            Case::FanOut(waiters) => fan_out::run::<P>(waiters, iterations),
            Case::Tokio(tasks) => vec![tokio_row::run::<P>(tasks, iterations)],
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Case::IsSet => f.write_str("is_set"),
            Case::ReadyWait => f.write_str("ready wait"),
            Case::SetClear => f.write_str("set+clear, no waiter"),
            Case::ParkCancel => f.write_str("park+cancel"),
            Case::FanOut(waiters) => write!(f, "{} waiters", thousands(*waiters)),
            Case::Tokio(tasks) => {
                let tasks = thousands(*tasks);
                write!(f, "tokio multi-thread (2 workers), {tasks} tasks: ")?;
                f.write_str("from set until all have resumed")
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
            Case::Tokio(_) => Case::Tokio(70),
            short => short,
        });
        for case in small {
            for subject in &SUBJECTS {
                let rows = (subject.run)(case, 3).map(|rows| rows.len());
                assert!(rows.is_none_or(|rows| rows == case.rows().len()), "{case}, {subject:?}");
                assert!(rows.is_some() || subject.column.is_floor());
            }
        }
    }

    #[test]
    #[should_panic(expected = "a woken wait was not ready")]
    fn a_peer_that_wakes_nobody_is_an_error() {
        let _ = Case::FanOut(3).run::<Forgetful>(1);
    }

    #[test]
    fn the_sum_is_that_of_its_phases() {
        let rows = Case::FanOut(10).run::<::reveille::Event>(5);
        assert_eq!(rows[..SUM].iter().sum::<Duration>(), rows[SUM]);
    }
}
