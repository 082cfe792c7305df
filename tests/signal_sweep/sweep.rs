//! A signal at each instruction of an operation, a child for each.

use std::env;
use std::num::NonZero;

use crate::place::Place;
use crate::scene::{Operation, Scene};
use crate::tracer::{Pace, Played, Signal, play};

/// `REVEILLE_SWEEP_EVERY`: every so many points. Operations are twenty times as long if not optimised.
const EVERY: usize = if cfg!(debug_assertions) { 997 } else { 7 };

/// How often an operation is played without a signal. Where the courier is on its way, one play may
/// be longer than another.
const REHEARSALS: usize = 3;

/// How often a point is tried to which an operation does not come.
const TRIES: usize = 5;

type Step = fn(&mut Scene);

/// What a sweep has done.
struct Report {
    operation: &'static str,
    /// How many instructions the shortest way through it has.
    points: usize,
    signals: usize,
    /// How many of the points were not reached although the operation has so many.
    missed: usize,
}

/// Sends a signal at each point of an operation.
pub(crate) fn sweep(name: &'static str, before: Step, act: Step) {
    sweep_all(Operation { name, before, act, is_a_set: false, is_in_a_panic: false });
}

/// The same, of one that sets a flag that is clear.
pub(crate) fn sweep_a_set(name: &'static str, before: Step, act: Step) {
    sweep_all(Operation { name, before, act, is_a_set: true, is_in_a_panic: false });
}

/// The same, in a thread that unwinds.
pub(crate) fn sweep_in_a_panic(name: &'static str, before: Step, act: Step) {
    sweep_all(Operation { name, before, act, is_a_set: false, is_in_a_panic: true });
}

/// Plays the operation without a signal, then with one before each of its instructions until it ends;
/// each twice, since the courier may come early or late.
fn sweep_all(operation: Operation) {
    let mut report = Report::rehearse(&operation);
    let every = every();
    // The points of the one pace between those of the other, if not all are tried.
    for (pace, first) in [(Pace::Running, 0), (Pace::Stepping, every / 2)] {
        let mut points = (first..).step_by(every);
        while points.next().is_some_and(|point| report.add(&operation, Signal { point, pace })) {}
    }
    report.publish();
}

fn every() -> usize {
    let asked = env::var("REVEILLE_SWEEP_EVERY").ok();
    let number = |asked: String| asked.parse::<NonZero<usize>>().expect("REVEILLE_SWEEP_EVERY");
    asked.map_or(EVERY, |asked| number(asked).get())
}

// === impl Report ===

impl Report {
    fn rehearse(operation: &Operation) -> Self {
        let mut report =
            Self { operation: operation.name, points: usize::MAX, signals: 0, missed: 0 };
        for _ in 0..REHEARSALS {
            let Played { steps, verdict, .. } = play(operation, None);
            if let Err(what) = verdict {
                panic!("{}, without a signal: {what}", report.operation);
            }
            report.points = report.points.min(steps);
        }
        report
    }

    /// Sends a signal; false if the operation ends before its point.
    fn add(&mut self, operation: &Operation, signal: Signal) -> bool {
        let Signal { point, pace } = signal;
        for _ in 0..if point < self.points { TRIES } else { 1 } {
            let Played { signalled_at, verdict, .. } = play(operation, Some(signal));
            if let Err(what) = verdict {
                let Self { operation, points, .. } = self;
                let at = signalled_at.map_or_else(String::new, |at| format!(", {}", Place(at)));
                panic!("{operation}: signal at point {point} of {points}{at}; {pace:?}: {what}");
            }
            if signalled_at.is_some() {
                self.signals += 1;
                return true;
            }
        }
        if point < self.points {
            // Each run inherits the heap of this process, which has changed since: an allocation may take
            // fewer steps now.
            let Played { steps, .. } = play(operation, None);
            self.points = self.points.min(steps);
        }
        let is_missed = point < self.points;
        self.missed += usize::from(is_missed);
        is_missed
    }

    /// Prints the counts, which `cargo xtask signal-sweep` reads.
    fn publish(&self) {
        let Self { operation, points, signals, missed } = self;
        assert_eq!(*missed, 0, "{operation}: points that were not reached");
        println!("{operation}: {points} points, {signals} signals");
    }
}
