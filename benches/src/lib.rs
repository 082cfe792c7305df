//! reveille's types and their peers, each answering the same
//! questions.
//!
//! # How a number comes about
//! ```text
//! Case ───────┬─► rows.rs            one wait at a time            ─┐
//!             ├─► fan_out.rs         a Slab of waits, a Task each  ─┤
//!             ├─► contended.rs       two threads at one event      ─┤
//!             └─► tasks.rs           10,000 tasks on an executor   ─┤
//! flag::Case ─┬─► flag/rows.rs       one flag, one thread          ─┤
//!             ├─► flag/parked.rs     a waiter each                 ─┤
//!             └─► flag/hop.rs ◄────┬ from `set` to a task          ─┼─► rounds.rs ─► record.rs ─┬─► page.rs
//!                 flag/signal.rs ──┘ from a signal to it           ─┤   in turn      saved      └─► chart.rs
//! blocking::Case ─► blocking/rows.rs   a thread that blocks        ─┤
//! result::Case ───► result/rows.rs     a value to many; rounds     ─┤
//! waitable::Case ─► waitable/rows.rs   a loop asleep               ─┤
//! originals::Case ► originals/rows.rs  ours, and Python's          ─┘
//! ```
//!
//! [`SUBJECTS`] holds one function pointer a peer, as [`flag::SUBJECTS`], [`flag::signal::ROUTES`],
//! [`result::SUBJECTS`] and `waitable::SUBJECTS` do; behind it everything is monomorphised, so nothing
//! that is timed is dispatched dynamically, and the clock starts when its memory is there. Five targets
//! print the numbers of one peer after the other (criterion): `event`, `flag`, `blocking`, `result`, `waitable`;
//! `compare`, `compare_flag`, `compare_blocking`, `compare_result`, `compare_waitable` and `compare_originals`
//! interleave the peers (medians, Markdown). All that they saved becomes a page in [`page`], a picture in [`chart`];
//! what is [`counted`] is for `cargo xtask instructions`, and what is [`minimal`] is weighed.
//!
//! # Why a peer cannot win by losing
//! Every case counts, outside the timed region, what it was promised: waits that were `Pending`
//! when they had to be, `Ready` when they had to be, and exactly one wake-up a waiter. A peer
//! that loses one panics here instead of being fast.

pub mod blocking;
pub mod chart;
mod contended;
pub mod counted;
pub mod executor;
mod fan_out;
pub mod flag;
pub mod goal;
pub mod heap;
pub mod interval;
pub mod minimal;
pub mod originals;
pub mod page;
mod parked;
pub mod peer;
mod peers;
pub mod record;
pub mod report;
pub mod result;
pub mod rounds;
pub mod rows;
pub mod sizes;
pub mod slab;
pub mod subjects;
pub mod task;
mod tasks;
#[cfg(target_os = "linux")]
pub mod waitable;

pub use executor::Executor;
pub use peer::Peer;
pub use rows::Case;
pub use subjects::{SUBJECTS, Subject};
