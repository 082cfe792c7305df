//! The cases of blocking waits.

use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::blocking::peer::Peer;
use crate::rounds::{self, Row, Took, nanoseconds};

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// One thread alone; its flag is set when it waits.
    SetWait,
    /// Two threads set each other's flag in turn.
    PingPong,
}

/// In the order of the tables.
pub const CASES: [Case; 2] = [Case::SetWait, Case::PingPong];

// === impl Case ===

impl rounds::Case for Case {
    fn rows(self) -> Vec<Row> {
        let (name, about, batch) = match self {
            Case::SetWait => (
                "set, and a wait that need not block",
                "One thread sets, and then waits, which does not block and consumes the set.",
                self.iterations(),
            ),
            Case::PingPong => (
                "ping-pong, thread to thread, blocked: per hop",
                "Two threads set each other's flag in turn, and block until then: from one to the \
                 other.",
                2 * self.iterations(),
            ),
        };
        vec![Row::midmean(name.into(), about, batch)]
    }

    /// One run takes a few milliseconds at most.
    fn iterations(self) -> u64 {
        match self {
            Case::SetWait => 10_000,
            Case::PingPong => 200,
        }
    }
}

impl Case {
    /// Runs it with so many iterations.
    #[must_use]
    pub fn run<P: Peer>(self, iterations: u64) -> Took {
        Some(vec![vec![match self {
            Case::SetWait => nanoseconds(set_wait::<P>(iterations), iterations),
            // There and back: two hops.
            Case::PingPong => nanoseconds(ping_pong::<P>(iterations), 2 * iterations),
        }]])
    }
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

/// Hangs if a set is lost.
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
    serve(); // The other thread runs.
    let begin = Instant::now();
    for _ in 0..iterations {
        serve();
    }
    let took = begin.elapsed();
    other.join().expect("the other thread ends");
    took
}
