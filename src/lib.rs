//! Events, flags and results for async code that work with any executor, in plain threads, in
//! signal handlers and interrupts, and without std.
//!
//! - An [`Event`] is a manual-reset event: one [`set`](Event::set) wakes all waiters, and the event
//!   stays set until it is cleared.
//! - A [`ThreadSafeFlag`] is an auto-reset flag: each set releases one waiter. POSIX signal
//!   handlers and interrupts may set it.
//! - An [`AsyncResult`] passes a value or an error to all waiters, once.
//! - A [`ValueEvent`] does so again after each reset.
//! - A [`WaitableEvent`] wakes a thread that sleeps in `poll`, `epoll` or `select` or, on Windows,
//!   waits for kernel objects.
//!
//! All but the last can be created in a `static`.
//!
//! ```
//! use reveille::Event;
//!
//! static READY: Event = Event::new();
//!
//! let task = smol::spawn(READY.wait());
//! let thread = std::thread::spawn(|| READY.wait_blocking());
//! READY.set();
//! smol::block_on(task);
//! thread.join().unwrap();
//! ```
//!
//! | primitive | what it is | replaces | callers of `set` |
//! |---|---|---|---|
//! | [`Event`] | one set wakes all waiters; it stays set | `asyncio.Event`, `threading.Event`, `gevent.event.Event` | tasks, threads; interrupts without std |
//! | [`Event::link`] (`alloc`) | a callback that takes its turn among the waiters | gevent's `rawlink`, `unlink` | as the event |
//! | [`ThreadSafeFlag`] | each set releases one waiter, which consumes it | MicroPython's `asyncio.ThreadSafeFlag` | tasks, threads, **signal handlers**, **interrupts** |
//! | [`AsyncResult`] | a value or an error, set once; each waiter gets a reference | `gevent.event.AsyncResult` | as the event |
//! | [`ValueEvent`] (`alloc`) | a value or an error, sent once in a round; each waiter gets a clone; `reset` begins another round | `eventlet.event.Event` | tasks, threads |
#![cfg_attr(
    all(any(unix, windows), feature = "std"),
    doc = "| [`WaitableEvent`] (Unix, Windows) | a descriptor that polls readable, or a handle that is signalled, from set until clear | BACpypes' `WaitableEvent` | tasks, threads, **signal handlers** |"
)]
#![cfg_attr(
    all(any(unix, windows), feature = "std"),
    doc = "",
    doc = "The [guide] begins with [choosing a primitive](guide::choosing). It has chapters on \
           coming from [Python](guide::python) and from [other crates](guide::rust)."
)]
//!
//! # A worker loop
//! Wait, then clear the event, and only then look for work:
//!
//! ```
//! # use reveille::Event;
//! # use std::sync::Mutex;
//! # static WORK: Event = Event::new();
//! # static JOBS: Mutex<Vec<u32>> = Mutex::new(vec![]);
//! # async fn worker(mut do_job: impl FnMut(u32)) {
//! loop {
//!     WORK.wait().await;
//!     WORK.clear();
//!     for job in std::mem::take(&mut *JOBS.lock().unwrap()) {
//!         do_job(job);
//!     }
//! #   break;
//! }
//! # }
//! # JOBS.lock().unwrap().push(3);
//! # WORK.set();
//! # let mut sum = 0;
//! # pollster::block_on(worker(|job| sum += job));
//! # assert_eq!(sum, 3);
//! ```
//!
//! A job that arrives after the `clear` sets the event again, so the next turn finds it. A job that
//! arrived before is found in this turn, because [`clear`](Event::clear) synchronizes with every
//! `set` that it resets. In the opposite order, look and then clear, the loop loses a job that
//! arrives in between.
//!
//! # Timeouts
//! The crate has no timer. A task uses one from its executor: `tokio::time::timeout`,
//! `smol::future::or` with a `smol::Timer`, or `embassy_time::with_timeout`. A thread uses
//! `wait_blocking_timeout` or `wait_blocking_deadline`.
//!
//! # Features
//! | feature | provides | requires |
//! |---|---|---|
//! | `std` (default) | `WaitableEvent`, on Unix and Windows; blocking waits, except on wasm; `Courier`; a lock of std's. Wakers that panic cost no other waiter its wake-up, even if several panic. Implies `alloc`. | |
//! | `alloc` | `wait_owned`, `stream_owned`, `set_from_owned`, `link`, `link_owned`, `ValueEvent` | an allocator, and a core with compare-and-swap. Without compare-and-swap there is no `Arc`, and the feature adds nothing. |
//! | `critical-section` | the lock without std; no effect if `std` is enabled | a `critical-section` implementation in the program |
//! | `portable-atomic` | atomics for cores without compare-and-swap, such as Cortex-M0; no effect on other cores | a choice, in the program, of how they are implemented |
//!
//! Enable either `std` or `critical-section`; on a target without compare-and-swap also enable
//! `portable-atomic`. Otherwise compilation fails with a message that names the missing feature.
//!
//! With `portable-atomic`, the `Cargo.toml` of the program chooses how an atomic operation is made
//! of several instructions: on a single core by masking interrupts, elsewhere by a critical
//! section. There, an interrupt that cannot be masked (an NMI) must not call the crate.
//!
//! ```toml
//! [dependencies]
//! reveille = { version = "0.1", default-features = false, features = [
//!     "critical-section", "portable-atomic",
//! ] }
//! portable-atomic = { version = "1.4", default-features = false, features = [
//!     # For a single core in privileged mode. Elsewhere use "critical-section".
//!     "unsafe-assume-single-core",
//! ] }
//! ```
//!
//! Features are additive: enabling one never weakens a guarantee of another.
//!
//! # Memory
//! On 64-bit targets an [`Event`] takes at most 32 bytes (40 on Apple's systems with std), and an
//! [`EventWait`] at most 64. An [`AsyncResult`] is an event and its outcome. A waiter's place in
//! the queue is stored in its own future, so waiting does not allocate. Memory is allocated only
//! for:
//! - a link;
//! - the first blocking wait of a thread;
//! - on Unix with std, the first waiter that registers with a flag;
//! - each round of a `ValueEvent`, once;
//! - on Apple's systems with std, the first waiter that registers with an event.

#![cfg_attr(
    not(all(feature = "alloc", target_has_atomic = "ptr")),
    doc = "",
    doc = "[`Event::link`]: crate#features",
    doc = "[`ValueEvent`]: crate#features"
)]
#![cfg_attr(
    not(all(any(unix, windows), feature = "std")),
    doc = "",
    doc = "[`WaitableEvent`]: crate#features"
)]
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// No badges for cfgs of our own, nor for the atomics that nearly every target has: see the
// features.
#![cfg_attr(docsrs, doc(auto_cfg(hide(test, reveille_loom, target_has_atomic = "ptr"))))]
#![cfg_attr(reveille_rtsan, feature(sanitize))]
#![warn(missing_docs, clippy::std_instead_of_core, clippy::alloc_instead_of_core)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod error;
mod event;
mod flag;
// Only rustdoc compiles this module: it shows its pages, and `cargo test` runs their examples.
#[cfg(all(doc, any(unix, windows), feature = "std"))]
#[cfg_attr(docsrs, doc(auto_cfg = false))]
pub mod guide;
mod raw;
mod result;
mod sync;
#[cfg(test)]
mod tests;

// These stand in the order in which a type's page shows their methods, after those of the files
// above.
#[cfg(all(feature = "std", not(target_family = "wasm"), not(reveille_loom)))]
mod blocking;
#[cfg(feature = "std")]
mod courier;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod link;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned;
mod set_from;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod value;
#[cfg(all(any(unix, windows), feature = "std", not(reveille_loom)))]
mod waitable;

#[cfg(feature = "std")]
pub use courier::Courier;
pub use error::{AlreadySet, Cancelled};
pub use event::{Event, EventWait};
pub use flag::{FlagStream, FlagWait, ThreadSafeFlag};
pub use result::{AsyncResult, ResultWait};
pub use set_from::SetFrom;
#[cfg(all(any(unix, windows), feature = "std", not(reveille_loom)))]
pub use waitable::WaitableEvent;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use {
    link::Link,
    owned::Outcome,
    value::{ValueEvent, ValueWait},
};

/// The examples of README.md, which run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
