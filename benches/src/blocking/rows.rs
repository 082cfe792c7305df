//! The questions, and how each is answered.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::blocking::peer::Peer;
use crate::rounds::Row;

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// One thread alone; what it waits for is set.
    SetWait,
    /// Two threads set each other's flag in turn.
    PingPong,
}

/// In the order of the tables.
pub const CASES: [Case; 2] = [Case::SetWait, Case::PingPong];

// === impl Case ===

impl Case {
    #[must_use]
    pub fn rows(self) -> Vec<Row> {
        let about = match self {
            Case::SetWait => "One thread sets, and then waits, which need not block, and takes it.",
            Case::PingPong => {
                "Two threads set each other's flag in turn, and block until then: from one to the \
                               other."
            }
        };
        let batch = match self {
            Case::SetWait => self.iterations(),
            Case::PingPong => 2 * self.iterations(),
        };
        vec![Row::midmean(self.to_string(), about, batch)]
    }

    /// So many that one run takes a few milliseconds at most.
    #[must_use]
    pub fn iterations(self) -> u64 {
        match self {
            Case::SetWait => 10_000,
            Case::PingPong => 200,
        }
    }

    /// Runs it so often: nanoseconds of one iteration.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Vec<f64> {
        match self {
            Case::SetWait => vec![nanoseconds(set_wait::<P>(iterations), iterations)],
            // There and back: two hops.
            Case::PingPong => vec![nanoseconds(ping_pong::<P>(iterations), 2 * iterations)],
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Case::SetWait => "set, and a wait that need not block",
            Case::PingPong => "ping-pong, thread to thread, blocked: per hop",
        })
    }
}

fn nanoseconds(took: Duration, iterations: u64) -> f64 {
    took.as_secs_f64() * 1e9 / iterations as f64
}

// === the rows ===

fn set_wait<P: Peer>(iterations: u64) -> Duration {
    let flag = P::new();
    let begin = Instant::now();
    for _ in 0..iterations {
        black_box(&flag).set();
        black_box(&flag).wait();
    }
    begin.elapsed()
}

/// A set that is lost would be a game without an end.
fn ping_pong<P: Peer>(iterations: u64) -> Duration {
    let both = Arc::new([P::new(), P::new()]);
    let other = thread::spawn({
        let both = Arc::clone(&both);
        move || {
            let [ping, pong] = &*both;
            for _ in 0..=iterations {
                ping.wait();
                pong.set();
            }
        }
    });
    let [ping, pong] = &*both;
    let serve = || {
        ping.set();
        pong.wait();
    };
    serve(); // The other thread is there.
    let begin = Instant::now();
    for _ in 0..iterations {
        serve();
    }
    let took = begin.elapsed();
    other.join().expect("the game is over");
    took
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocking::SUBJECTS;

    #[test]
    fn every_subject_passes_every_case() {
        for case in CASES {
            for subject in &SUBJECTS {
                let samples = (subject.run)(case, 3);
                assert!(samples.iter().all(|&took| took > 0.0), "{case}, {subject:?}");
            }
        }
    }
}
