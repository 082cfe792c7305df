//! reveille's types and their peers, in the same cases.
//!
//! # From a case to a figure
//! ```text
//! rows::Case ─┬─► rows.rs            one wait at a time            ─┐
//!             ├─► fan_out.rs         a Slab of waits, a Task each  ─┤
//!             ├─► contended.rs       two threads at one event      ─┤
//!             └─► tasks.rs           10,000 tasks on an executor   ─┤
//! flag::Case ─┬─► flag/rows.rs       one flag, one thread          ─┤
//!             ├─► flag/parked.rs     a waiter each                 ─┤  compare.rs
//!             └─► hop.rs ◄─────────┬ from `set` to a task          ─┼─► rounds.rs ─► record.rs
//!                 flag/signal.rs ──┘ from a signal to it           ─┤      ┌────────────┘
//! blocking::Case ─► blocking/rows.rs   a thread that blocks        ─┤      ├─► page.rs
//! result::Case ───► result/rows.rs     a value for many; rounds    ─┤      └─► chart.rs
//! waitable::Case ─► waitable/rows.rs   a loop asleep               ─┤
//! originals::Case ► originals/rows.rs  ours, and Python's          ─┘
//! ```
//!
//! Each target `compare*` interleaves the columns of one type in all of its cases. The page and the
//! picture are written from the saved records. [`instructions`] counts the rows that one thread can
//! run, for `cargo xtask instructions`; [`minimal`] is the program of which the size is measured.
//!
//! # Every peer does the work
//! Each case checks, outside the timed region, that waits were pending and ready when they had to
//! be, and that each waiter was woken exactly once. A peer that loses a wake-up panics;
//! `bench-smoke` in `cargo xtask ci` runs every case once.

pub mod blocking;
pub mod chart;
pub mod compare;
mod contended;
pub mod counted;
pub mod executor;
mod fan_out;
pub mod flag;
mod heap;
mod hop;
pub mod instructions;
mod interval;
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
mod slab;
pub mod subjects;
mod task;
mod tasks;
#[cfg(target_os = "linux")]
pub mod waitable;
