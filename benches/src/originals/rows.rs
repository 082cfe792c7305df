//! The cases, and how ours run them.

use reveille::{AsyncResult, Cancelled, Event, ValueEvent};

use crate::executor::Executor;
use crate::peer::Peer;
use crate::result::peer::VALUE;
use crate::rounds::{self, Row, Took};
use crate::rows::{self, thousands};
use crate::tasks::{self, Setter};
use crate::{blocking, flag, result};

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

/// An event that its waiter clears.
struct Cleared(Event);

/// Set once, for a crowd.
struct OfResult(AsyncResult<u64, Cancelled>);
struct OfValue(ValueEvent<u64, Cancelled>);

// === impl Case ===

impl Case {
    /// The name by which `originals.py` knows it, its row, and what that measures.
    fn describe(self) -> (&'static str, String, &'static str) {
        let crowd = |of: &str, size: u64| {
            format!("`{of}`: set until {} tasks have resumed", thousands(size as usize))
        };
        match self {
            Case::IsSet => {
                ("is_set", "`Event`: is_set".into(), "A check of an event that is not set.")
            }
            Case::SetClear => (
                "set_clear",
                "`Event`: set+clear, no waiter".into(),
                "A `set`, then a `clear`; no waiter.",
            ),
            Case::Crowd(size) => (
                "crowd",
                crowd("Event", size),
                "So many tasks of one loop wait, ours on tokio's current-thread runtime, and \
                 another task of it sets: until the last task runs.",
            ),
            Case::PingPong => (
                "ping_pong",
                "`Event`: ping-pong, task to task: per hop".into(),
                "Two tasks of one loop set each other's event in turn, and clear their own after \
                 each wait: from one to the other.",
            ),
            Case::Threads => (
                "threads",
                "`Event`: ping-pong, thread to thread, blocked: per hop".into(),
                "Two threads set each other's event in turn, block until then, and clear it: from \
                 one to the other.",
            ),
            Case::Get => (
                "get",
                "`AsyncResult`: get, set before".into(),
                "The value of a result that is set is read.",
            ),
            Case::Results(size) => (
                "results",
                crowd("AsyncResult", size),
                "The same number of tasks wait for a result that is set.",
            ),
            Case::Values(size) => (
                "values",
                crowd("ValueEvent", size),
                "The same number of tasks wait for a value that is sent.",
            ),
            Case::Waitable => (
                "waitable",
                "`WaitableEvent`: set+clear".into(),
                "A `set`, then a `clear`; no loop sleeps. BACpypes calls `select` before either, \
                 and its descriptor is a pipe.",
            ),
        }
    }

    /// The name by which `originals.py` knows it.
    #[must_use]
    pub fn question(self) -> &'static str {
        self.describe().0
    }

    /// Ours: nanoseconds of one iteration; `None` if there is no answer on this system.
    #[must_use]
    pub fn run(self, times: u64) -> Option<f64> {
        let event = |case: rows::Case| case.run::<Event>(times);
        let took = match self {
            Case::IsSet => event(rows::Case::IsSet),
            Case::SetClear => event(rows::Case::SetClear),
            Case::Crowd(_) => return Some(crowd::<Event>(times)),
            Case::PingPong => {
                flag::rows::Case::PingPong(Executor::TokioCurrent).run::<Cleared>(times)
            }
            Case::Threads => blocking::rows::Case::PingPong.run::<Event>(times),
            Case::Get => result::rows::Case::Get.run::<AsyncResult<u64, Cancelled>>(times),
            Case::Results(_) => return Some(crowd::<OfResult>(times)),
            Case::Values(_) => return Some(crowd::<OfValue>(times)),
            Case::Waitable => waitable(times),
        };
        took?.concat().pop()
    }
}

impl rounds::Case for Case {
    fn rows(self) -> Vec<Row> {
        let (_, name, about) = self.describe();
        let batch = match self {
            Case::Crowd(_) | Case::Results(_) | Case::Values(_) => 1,
            _ => self.iterations(),
        };
        vec![Row::midmean(name, about, batch)]
    }

    /// Iterations, or tasks.
    fn iterations(self) -> u64 {
        match self {
            Case::IsSet | Case::Get => 20_000,
            Case::SetClear => 5_000,
            Case::Crowd(size) | Case::Results(size) | Case::Values(size) => size,
            Case::PingPong | Case::Threads => 200,
            Case::Waitable => 500,
        }
    }
}

// === ours ===

fn crowd<P: Peer>(size: u64) -> f64 {
    let took = tasks::once::<P>(Executor::TokioCurrent, size as usize, Setter::Task);
    took.as_secs_f64() * 1e9
}

#[cfg(target_os = "linux")]
fn waitable(times: u64) -> Took {
    use crate::waitable::{peers::reveille::InPoll, rows::Case};
    Case::SetClear.run::<InPoll>(times)
}

#[cfg(not(target_os = "linux"))]
fn waitable(_: u64) -> Took {
    None
}

impl flag::peer::Peer for Cleared {
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
        assert!(self.0.set(VALUE).is_ok(), "set once");
    }

    async fn wait(&self) {
        assert_eq!(self.0.wait().await, Ok(&VALUE));
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
        assert!(self.0.send(VALUE).is_ok(), "sent once a round");
    }

    async fn wait(&self) {
        assert_eq!(self.0.wait().await, Ok(VALUE));
    }
}
