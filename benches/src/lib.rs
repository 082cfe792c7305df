//! reveille's `Event`, `ThreadSafeFlag` and `AsyncResult` and their peers, each answering the same
//! questions.
//!
//! # How a number comes about
//! ```text
//! Case ─┬─► rows.rs       one wait at a time           ─┐
//!       ├─► fan_out.rs    a Slab of waits, a Task each ─┼─► a Duration a row ─┐
//!       └─► tokio_row.rs  10,000 tasks on two workers  ─┘                     │
//!                                                       rounds.rs, report.rs ◄┤
//! flag::Case ─┬─► flag/rows.rs    one flag, one thread ─┐                     │
//!             ├─► flag/parked.rs  a waiter each        ─┼─► nanoseconds      ─┘
//!             ├─► flag/hop.rs     from `set` to a task ─┤
//!             └─► flag/signal.rs  from a signal to it  ─┘
//! result::Case ─► result/rows.rs  one or many waiters, one value; rounds of values
//! ```
//!
//! [`SUBJECTS`] holds one function pointer a peer, as [`flag::SUBJECTS`], [`flag::signal::ROUTES`]
//! and [`result::SUBJECTS`] do; behind it everything is monomorphised, so nothing that is timed is
//! dispatched dynamically, and the clock starts when its memory is there. Six targets print the
//! numbers: `event`, `flag` and `result` (criterion, one peer after the other), `compare`,
//! `compare_flag` and `compare_result` (peers interleaved, medians, Markdown).
//!
//! # Why a peer cannot win by losing
//! Every case counts, outside the timed region, what it was promised: waits that were `Pending`
//! when they had to be, `Ready` when they had to be, and exactly one wake-up a waiter. A peer
//! that loses one panics here instead of being fast.

mod fan_out;
pub mod flag;
mod parked;
pub mod peer;
mod peers;
pub mod report;
pub mod result;
pub mod rounds;
pub mod rows;
pub mod slab;
pub mod subjects;
pub mod task;
mod tokio_row;

pub use peer::Peer;
pub use rows::Case;
pub use subjects::{SUBJECTS, Subject};
