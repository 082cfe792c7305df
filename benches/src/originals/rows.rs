//! The questions, and how ours answer them.

use std::fmt;

use reveille::{AsyncResult, Cancelled, Event, ValueEvent};

use crate::executor::Executor;
use crate::rounds::Row;
use crate::rows::thousands;
use crate::tasks::{self, Setter};
use crate::{Peer, blocking, flag, result};

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    IsSet,
    SetClear,
    /// So many tasks of one loop.
    Crowd(u64),
    /// Two tasks of one loop.
    PingPong,
    /// Two threads that block.
    Threads,
    /// Of a result.
    Get,
    /// So many tasks, of a result.
    Results(u64),
    /// So many tasks, of a value that is sent.
    Values(u64),
    /// Of a descriptor.
    Waitable,
}

/// In the order of the tables.
pub const CASES: [Case; 10] = [
    Case::IsSet,
    Case::SetClear,
    Case::Crowd(1_000),
    Case::Crowd(10_000),
    Case::PingPong,
    Case::Threads,
    Case::Get,
    Case::Results(1_000),
    Case::Values(1_000),
    Case::Waitable,
];

/// What two tasks set in turn: whoever has waited clears.
struct Cleared(Event);

/// Those of which a crowd waits; set once.
struct OfResult(AsyncResult<u64, Cancelled>);
struct OfValue(ValueEvent<u64, Cancelled>);

// === impl Case ===

impl Case {
    /// What the originals are asked.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Case::IsSet => "is_set",
            Case::SetClear => "set_clear",
            Case::Crowd(_) => "crowd",
            Case::PingPong => "ping_pong",
            Case::Threads => "threads",
            Case::Get => "get",
            Case::Results(_) => "results",
            Case::Values(_) => "values",
            Case::Waitable => "waitable",
        }
    }

    #[must_use]
    pub fn row(self) -> Row {
        let about = match self {
            Case::IsSet => "A look at an event that is not set.",
            Case::SetClear => "A `set`, then a `clear`; nobody waits.",
            Case::Crowd(_) => {
                "So many tasks of one loop wait, ours of tokio's current-thread runtime, and another task of it sets: \
                 until the one that comes last runs."
            }
            Case::PingPong => {
                "Two tasks of one loop set each other's event in turn, and clear what they have waited \
                               for: from one to the other."
            }
            Case::Threads => {
                "Two threads set each other's event in turn, block until then, and clear it: from one to \
                              the other."
            }
            Case::Get => "A look at a result that is set.",
            Case::Results(_) => "The same crowd, of a result that is set.",
            Case::Values(_) => "The same crowd, of a value that is sent.",
            Case::Waitable => {
                "A `set`, then a `clear`; nobody sleeps. BACpypes asks `select` before either, and its \
                               descriptor is a pipe."
            }
        };
        let batch = match self {
            Case::Crowd(_) | Case::Results(_) | Case::Values(_) => 1,
            _ => self.times(),
        };
        Row::midmean(self.to_string(), about, batch)
    }

    /// So often, or so many.
    #[must_use]
    pub fn times(self) -> u64 {
        match self {
            Case::IsSet | Case::Get => 20_000,
            Case::SetClear => 5_000,
            Case::Crowd(size) | Case::Results(size) | Case::Values(size) => size,
            Case::PingPong | Case::Threads => 200,
            Case::Waitable => 500,
        }
    }

    /// Ours: nanoseconds of one iteration; none where it has no answer on this system.
    #[must_use]
    pub fn run(self, times: u64) -> Option<f64> {
        let each = |took: std::time::Duration| took.as_secs_f64() * 1e9 / times as f64;
        let event = |case: crate::Case| case.run::<Event>(times).map(|rows| each(rows[0]));
        Some(match self {
            Case::IsSet => event(crate::Case::IsSet)?,
            Case::SetClear => event(crate::Case::SetClear)?,
            Case::Crowd(_) => crowd::<Event>(times),
            Case::PingPong => {
                flag::Case::PingPong(Executor::TokioCurrent).run::<Cleared>(times).pop()?
            }
            Case::Threads => blocking::Case::PingPong.run::<Event>(times).pop()?,
            Case::Get => each(result::Case::Get.run::<AsyncResult<u64, Cancelled>>(times)?.pop()?),
            Case::Results(_) => crowd::<OfResult>(times),
            Case::Values(_) => crowd::<OfValue>(times),
            Case::Waitable => waitable(times)?,
        })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let crowd = |f: &mut fmt::Formatter<'_>, of, size: u64| {
            write!(f, "`{of}`: set until {} tasks have resumed", thousands(size as usize))
        };
        match self {
            Case::IsSet => f.write_str("`Event`: is_set"),
            Case::SetClear => f.write_str("`Event`: set+clear, no waiter"),
            Case::Crowd(size) => crowd(f, "Event", *size),
            Case::PingPong => f.write_str("`Event`: ping-pong, task to task: per hop"),
            Case::Threads => f.write_str("`Event`: ping-pong, thread to thread, blocked: per hop"),
            Case::Get => f.write_str("`AsyncResult`: get, set before"),
            Case::Results(size) => crowd(f, "AsyncResult", *size),
            Case::Values(size) => crowd(f, "ValueEvent", *size),
            Case::Waitable => f.write_str("`WaitableEvent`: set+clear"),
        }
    }
}

// === ours ===

fn crowd<P: Peer>(size: u64) -> f64 {
    let took = tasks::once::<P>(Executor::TokioCurrent, size as usize, Setter::Task);
    took.as_secs_f64() * 1e9
}

#[cfg(target_os = "linux")]
fn waitable(times: u64) -> Option<f64> {
    use crate::waitable::{self, peers::reveille::InPoll};
    waitable::Case::SetClear.run::<InPoll>(times)?.pop()
}

#[cfg(not(target_os = "linux"))]
fn waitable(_: u64) -> Option<f64> {
    None
}

impl flag::Peer for Cleared {
    const BYTES: usize = size_of::<Self>();

    fn new() -> Self {
        Self(Event::new())
    }

    fn set(&self) {
        self.0.set();
    }

    fn take(&self) -> bool {
        self.0.clear()
    }

    async fn wait(&self) {
        self.0.wait().await;
        self.0.clear();
    }
}

impl Peer for OfResult {
    const EVENT_BYTES: usize = size_of::<Self>();
    const CLEARS: bool = false;

    fn new() -> Self {
        Self(AsyncResult::new())
    }

    fn is_set(&self) -> bool {
        self.0.is_set()
    }

    fn set(&self) {
        assert!(self.0.set(result::rows::VALUE).is_ok(), "set once");
    }

    async fn wait(&self) {
        assert_eq!(self.0.wait().await, Ok(&result::rows::VALUE));
    }
}

impl Peer for OfValue {
    const EVENT_BYTES: usize = size_of::<Self>();
    const CLEARS: bool = false;

    fn new() -> Self {
        Self(ValueEvent::new())
    }

    fn is_set(&self) -> bool {
        self.0.is_set()
    }

    fn set(&self) {
        assert!(self.0.send(result::rows::VALUE).is_ok(), "sent once a round");
    }

    async fn wait(&self) {
        assert_eq!(self.0.wait().await, Ok(result::rows::VALUE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_answer_every_question() {
        for case in CASES {
            assert!(case.run(3).is_none_or(|took| took > 0.0), "{case}");
        }
    }
}
