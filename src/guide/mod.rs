//! The guide: choosing a primitive, using it well, and migrating from another system.
//!
//! ```text
//!  tasks ──────────┐       ┌─► Event           all waiters, until cleared ─┐
//!  threads ────────┼─ set ─┼─► ThreadSafeFlag  one waiter for each set ────┼─► tasks of any
//!  signal handlers ┤       ├─► AsyncResult     a value, once ──────────────┤   executor, threads
//!  interrupts ─────┘       ├─► ValueEvent      a value in each round ──────┘
//!                          └─► WaitableEvent   a descriptor ─────────────────► poll, select
//! ```
//!
//! | chapter | topics |
//! |---|---|
//! | [Choosing a primitive](choosing) | which of the five to use, and which contexts may set it |
//! | [Worker loops](worker_loop) | the order of wait, clear and look; three mistakes |
//! | [Checking before waiting](checking) | how to avoid a lost wake-up between a check and a wait |
//! | [Graceful shutdown](shutdown) | one `set` that stops tasks, threads and loops |
//! | [Signals](signals) | what a signal handler may do, the courier, `set_direct` |
//! | [Interrupts](interrupts) | `no_std`, embassy, RTIC, a bare loop |
//! | [Poll loops](poll_loops) | `select`, `poll`, `epoll`, mio, tokio's `AsyncFd`, Windows |
//! | [Shared results](results) | one value for all waiters; a producer that panics or is aborted |
//! | [Coming from Python](python) | asyncio, threading, gevent, eventlet, BACpypes, MicroPython |
//! | [Coming from other crates](rust) | `Notify`, event-listener, `CancellationToken`, manual-reset events |
//! | [Questions](faq) | the background thread, `fork`, `panic = "abort"`, priorities |
//!
//! [Contexts that may call `set`](choosing#contexts-that-may-call-set) lists the primitives for
//! tasks and threads, signal handlers, interrupts and other processes.
//!
//! `cargo test` runs every example except two programs for microcontrollers. The documentation of
//! each type states its guarantees, which `docs/design.md` in the repository numbers.

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
