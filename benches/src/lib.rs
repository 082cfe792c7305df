//! reveille's `Event` and its peers, each answering the same questions.
//!
//! # How a number comes about
//! ```text
//! Case ─┬─► rows.rs       one wait at a time           ─┐
//!       ├─► fan_out.rs    a Slab of waits, a Task each ─┼─► a Duration a row
//!       └─► tokio_row.rs  10,000 tasks on two workers  ─┘
//! ```
//!
//! [`SUBJECTS`] holds one function pointer a peer; behind it everything is monomorphised, so
//! nothing that is timed is dispatched dynamically, and the clock starts when its memory is there.
//! Two targets print the numbers: `event` (criterion, one peer after the other) and `compare`
//! (peers interleaved, medians, Markdown).
//!
//! # Why a peer cannot win by losing
//! Every case counts, outside the timed region, what it was promised: waits that were `Pending`
//! when they had to be, `Ready` when they had to be, and exactly one wake-up a waiter. A peer
//! that loses one panics here instead of being fast.

mod fan_out;
pub mod peer;
mod peers;
pub mod report;
pub mod rows;
pub mod slab;
pub mod subjects;
pub mod task;
mod tokio_row;

pub use peer::Peer;
pub use rows::Case;
pub use subjects::{SUBJECTS, Subject};
