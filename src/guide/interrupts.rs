//! Interrupts: without std, with embassy, with RTIC, and in a loop without an executor.
//!
//! ```toml
//! [dependencies]
//! reveille = { version = "0.1", default-features = false, features = ["critical-section"] }
//! # Whatever of the chip or of cortex-m implements critical sections:
//! cortex-m = { version = "0.7", features = ["critical-section-single-core"] }
//! ```
//! On a core without compare-and-swap (Cortex-M0) `portable-atomic` comes to that: see the
//! [features](crate#features).
//!
//! # What an interrupt may do
//! ```text
//!   interrupt                          task, in thread mode
//!   TICK.set() ── atomics ──► wake ──► polled by the executor, takes the set
//!                 (the lock is a critical section: it masks the interrupt)
//! ```
//! | in an interrupt that the critical section masks | |
//! |---|---|
//! | [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set), `set_direct`, `clear`, `is_set` | yes |
//! | [`Event::set`](crate::Event::set), `pulse`, `clear`, `is_set`; the setters of an [`AsyncResult`](crate::AsyncResult) | yes; linked callbacks run in the interrupt |
//! | `ValueEvent` | if the allocator may be used there |
//! | an NMI, a "zero-latency" interrupt that no critical section masks | none of them |
//!
//! There is no courier: wakers of executors for microcontrollers are made to be woken by interrupts.
//!
//! # embassy
//! Statics, and no allocator. This is what `verify/firmware/src/bin/suite/embassy.rs` does, which
//! `cargo xtask firmware` runs on a Cortex-M3 and a Cortex-M0 in QEMU:
//!
//! ```ignore
//! use embassy_executor::Spawner;
//! use reveille::ThreadSafeFlag;
//!
//! static BUTTON: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! #[interrupt]
//! fn EXTI0() {
//!     // … acknowledge the interrupt …
//!     BUTTON.set();
//! }
//!
//! #[embassy_executor::task]
//! async fn pressed() {
//!     loop {
//!         BUTTON.wait().await;
//!         // … look at the pin …
//!     }
//! }
//!
//! #[embassy_executor::main]
//! async fn main(spawner: Spawner) {
//!     spawner.spawn(pressed().unwrap());
//! }
//! ```
//! With a limit: `embassy_time::with_timeout(Duration::from_millis(50), BUTTON.wait())`. Next to
//! `embassy_sync::signal::Signal`: that carries a value, for one task at a time; a flag
//! carries none, and any number of tasks may wait, first come, first served. A value for everyone is an
//! [`AsyncResult`](crate::AsyncResult).
//!
//! # RTIC
//! RTIC's software tasks are futures, and its hardware tasks are interrupts. The flag stands in a `static`
//! beside the resources, as it needs no lock of theirs. `verify/firmware/src/bin/rtic.rs` is such a program whole, with
//! RTIC 2 and SysTick for the interrupt, and `cargo xtask firmware` runs it on a Cortex-M3 in QEMU:
//!
//! ```ignore
//! static SAMPLED: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! #[rtic::app(device = pac, dispatchers = [UART0])]
//! mod app {
//!     // … init spawns `filter` …
//!
//!     #[task(binds = ADC0)]
//!     fn sample(_: sample::Context) {
//!         super::SAMPLED.set();
//!     }
//!
//!     #[task(priority = 1)]
//!     async fn filter(_: filter::Context) {
//!         loop {
//!             super::SAMPLED.wait().await;
//!             // …
//!         }
//!     }
//! }
//! ```
//! Its critical sections mask all interrupts, also those that RTIC's own locks leave open: they are short,
//! a bounded number of instructions for each waiter that is taken.
//!
//! # No executor
//! A bare loop polls its waits by hand and sleeps until an interrupt comes. `Waker::noop()` will do, as
//! every interrupt ends the sleep. Here a thread plays the interrupt, and `park` the `wfi`:
//!
//! ```
//! use reveille::ThreadSafeFlag;
//! use std::pin::pin;
//! use std::task::{Context, Waker};
//! # use std::thread;
//!
//! static TICK: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! # let main = thread::current();
//! # let clock = thread::spawn(move || for _ in 0..3 {
//! #     while TICK.is_set() { thread::yield_now() }
//! #     TICK.set();
//! #     main.unpark();
//! # });
//! # let wfi = || thread::park();
//! let mut cx = Context::from_waker(Waker::noop());
//! let mut ticks = 0;
//! while ticks < 3 {
//!     let mut tick = pin!(TICK.wait());
//!     while tick.as_mut().poll(&mut cx).is_pending() {
//!         wfi();
//!     }
//!     ticks += 1;
//! }
//! # clock.join().unwrap();
//! ```
//! On a real core, look and sleep with interrupts masked (`wfi` wakes all the same), or the interrupt that
//! comes between the poll and the `wfi` is slept through: `verify/firmware/src/executor.rs` is a whole executor
//! of that kind, of one page. A main loop that looks at its flags in each turn asks
//! [`clear`](crate::ThreadSafeFlag::clear), which tells whether there was a set, and needs no future.
