//! The guide: which primitive for what, how each is used well, and where those who know another
//! system find theirs.
//!
//! ```text
//!  tasks ──────────┐       ┌─► Event           everyone, until cleared ─┐
//!  threads ────────┼─ set ─┼─► ThreadSafeFlag  one waiter for each set ─┼─► tasks of any
//!  signal handlers ┤       ├─► AsyncResult     a value, once ───────────┤   executor, threads
//!  interrupts ─────┘       ├─► ValueEvent      a value each round ──────┘
//!                          └─► WaitableEvent   a descriptor ──────────────► poll, select
//! ```
//!
//! | chapter | answers |
//! |---|---|
//! | [Choosing a primitive](choosing) | which of the five, and from where it may be set |
//! | [The worker's loop](worker_loop) | in which order to wait, clear and look; three orders that fail |
//! | [Check, then wait](checking) | how not to lose the wake-up between a check and a wait |
//! | [Shutdown](shutdown) | one `set` that ends tasks, threads and loops |
//! | [Signals](signals) | what a handler may do, the courier, `set_direct` |
//! | [Interrupts](interrupts) | no std, embassy, RTIC, a bare loop |
//! | [Poll loops](poll_loops) | `select`, `poll`, `epoll`, mio, tokio's `AsyncFd`, Windows |
//! | [Results for many](results) | one value for all who wait; a producer that may die |
//! | [Coming from Python](python) | asyncio, threading, gevent, eventlet, BACpypes, MicroPython |
//! | [Coming from other crates](rust) | Notify, event-listener, CancellationToken, manual-reset events |
//! | [Questions](faq) | why a thread, why two `set`s, fork, `panic = "abort"`, priorities |
//!
//! From where each may be set, [choosing](choosing#by-who-sets-it) has in a table. The examples run with `cargo test`,
//! but for two that are for microcontrollers. What these pages say is promised by the types themselves; the file
//! `docs/design.md` of the repository has each promise with its number.

pub mod checking;
pub mod choosing;
pub mod faq;
pub mod interrupts;
pub mod poll_loops;
pub mod python;
pub mod results;
pub mod rust;
pub mod shutdown;
pub mod signals;
pub mod worker_loop;
