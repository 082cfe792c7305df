//! Signalling primitives for async code that belong to no executor.
//!
//! An [`Event`] is a flag that tasks and threads wait for: one [`set`](Event::set) resumes every
//! waiter, and it stays set until it is cleared. A [`ThreadSafeFlag`] clears itself: each set is
//! for one waiter, and may come from a POSIX signal handler or an interrupt. An [`AsyncResult`]
//! carries a value or an error to all who wait, once; a [`ValueEvent`] can be reset to carry another.
//! All of them work in tokio, smol or any other executor, in plain threads, in a `static`, and
//! without std. A [`WaitableEvent`] wakes a loop that sleeps in `poll`, `epoll` or `select` for its
//! sockets, or, on Windows, waits for objects.
//!
//! ```
//! use reveille::Event;
//! use std::thread;
//!
//! static READY: Event = Event::new();
//!
//! let task = thread::spawn(|| pollster::block_on(READY.wait()));
//! let blocked = thread::spawn(|| READY.wait_blocking());
//! READY.set();
//! task.join().unwrap();
//! blocked.join().unwrap();
//! ```
//!
//! | primitive | what it is | replaces | set it from |
//! |---|---|---|---|
//! | [`Event`] | set once, wakes everyone, stays set | `asyncio.Event`, `threading.Event`, `gevent.event.Event` | tasks, threads; interrupts without std |
//! | [`Event::link`] (`alloc`) | a callback that takes its turn among the waiters | gevent's `rawlink`, `unlink` | as the event |
//! | [`ThreadSafeFlag`] | one set releases one waiter, and is gone | MicroPython's `asyncio.ThreadSafeFlag` | tasks, threads, **signal handlers**, **interrupts** |
//! | [`AsyncResult`] | set once with a value or an error, read by reference | `gevent.event.AsyncResult` | as the event |
//! | [`ValueEvent`] (`alloc`) | sent once a round, cloned for each waiter; `reset` begins another | `eventlet.event.Event` | tasks, threads |
#![cfg_attr(
    all(any(unix, windows), feature = "std"),
    doc = "| [`WaitableEvent`] (Unix, Windows) | a descriptor that polls readable, a handle that is signalled, from set until clear | BACpypes' `WaitableEvent` | tasks, threads, **signal handlers** |"
)]
#![cfg_attr(
    all(any(unix, windows), feature = "std"),
    doc = "",
    doc = "The [guide] begins with [choosing a primitive](guide::choosing), and has a chapter for those who come \
           from [Python](guide::python) and one for those who come from [other crates](guide::rust)."
)]
//!
//! # The loop that loses nothing
//! Wait, then clear, and only then look for work:
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
//! A job that comes after the `clear` sets the event anew, so the next turn finds it; one that came
//! before is seen by this turn, since [`clear`](Event::clear) takes over what was done before every
//! `set` that it takes back. The other way round, look and then clear, loses the job that comes in
//! between.
//!
//! # Timeouts
//! The crate has no timer. A task takes one from its executor (`tokio::time::timeout`,
//! `smol::future::or` with a `smol::Timer`, `embassy_time::with_timeout`); a thread uses
//! `wait_blocking_timeout` or `wait_blocking_deadline`.
//!
//! # Features
//! | feature | gives | needs |
//! |---|---|---|
//! | `std` (default) | `WaitableEvent`, on Unix and Windows; blocking waits, but not on wasm; a panicking waker costs nobody else the wake-up, also if several panic; the lock is std's. Implies `alloc` | |
//! | `alloc` | `wait_owned`, `set_from_owned`, `link`, `link_owned`, `ValueEvent` | an allocator, and a core with compare-and-swap: elsewhere there is no `Arc`, and it adds nothing |
//! | `critical-section` | the lock where there is no std; without effect where `std` is on | a `critical-section` implementation in the program |
//! | `portable-atomic` | atomics for cores without compare-and-swap (Cortex-M0); without effect where there is one | how they are made, chosen in the program |
//!
//! Without std and without `critical-section` it does not compile, and says so; nor on a core without
//! compare-and-swap without `portable-atomic`. There the program's own `Cargo.toml` says how an atomic
//! operation is made of several instructions: on a single core by masking interrupts, else in a critical
//! section.
//!
//! ```toml
//! [dependencies]
//! reveille = { version = "0.1", default-features = false, features = [
//!     "critical-section", "portable-atomic",
//! ] }
//! portable-atomic = { version = "1.4", default-features = false, features = [
//!     # On one core, in privileged mode; or, anywhere that has one, "critical-section".
//!     "unsafe-assume-single-core",
//! ] }
//! ```
//!
//! Features only add: what one promises no other takes back.
//!
//! # Memory
//! An [`Event`] is 32 bytes at most on 64-bit targets (40 with std on Apple's), an [`EventWait`]
//! 64. Waiting does not allocate: each waiter's place in the queue is in its own future. An
//! [`AsyncResult`] is an event and its outcome. What allocates is a link, a thread's first blocking
//! wait, a flag's first wait on Unix, each round of a `ValueEvent`, once, and on Apple's systems an
//! event's first wait.

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
// No badge for what is ours alone, nor for the atomics that nearly every target has: see the features.
#![cfg_attr(docsrs, doc(auto_cfg(hide(test, reveille_loom, target_has_atomic = "ptr"))))]
#![cfg_attr(reveille_rtsan, feature(sanitize))]
#![warn(missing_docs, clippy::std_instead_of_core, clippy::alloc_instead_of_core)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod error;
mod event;
mod flag;
// Documentation alone, and for documentation alone: rustdoc shows it, and its tests are those of `cargo test`.
#[cfg(all(doc, any(unix, windows), feature = "std"))]
#[cfg_attr(docsrs, doc(auto_cfg = false))]
pub mod guide;
mod raw;
mod result;
mod sync;
#[cfg(test)]
mod tests;

// In the order in which a type's page shows its methods, after those of the files above.
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

/// The examples of README.md, which run with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;
