//! Interrupts: without std, with embassy or RTIC, and in a loop without an executor.
//!
//! ```toml
//! [dependencies]
//! reveille = { version = "0.1", default-features = false, features = ["critical-section"] }
//! # An implementation of critical sections, from the chip's crate or from cortex-m:
//! cortex-m = { version = "0.7", features = ["critical-section-single-core"] }
//! ```
//! A core without compare-and-swap (Cortex-M0) also needs the feature `portable-atomic`: see the
//! [features](crate#features).
//!
//! # What may an interrupt do?
//! ```text
//!   interrupt                          task, in thread mode
//!   TICK.set() ── atomics ──► wake ──► polled by the executor, consumes the set
//!                 (the lock is a critical section: it masks the interrupt)
//! ```
//! | function | in an interrupt that the critical section masks |
//! |---|---|
//! | [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set), `set_direct`, `clear`, `is_set` | yes |
//! | [`Event::set`](crate::Event::set), `pulse`, `clear`, `is_set`; the setters of an [`AsyncResult`](crate::AsyncResult) | yes; linked callbacks run in the interrupt |
//! | [`ValueEvent`](crate::ValueEvent) | yes, if the allocator may be used there |
//!
//! An interrupt that no critical section masks, such as an NMI or a "zero-latency" interrupt, must
//! call none of them.
//!
//! There is no courier, because executors for microcontrollers have wakers that interrupts may
//! call. So `set` and `set_direct` of a flag are the same.
//!
//! # embassy
//! The program needs only statics, and no allocator. `verify/firmware/src/bin/suite/embassy.rs` in
//! the repository contains such tasks, and `cargo xtask firmware` runs them on a Cortex-M3 and a
//! Cortex-M0 in QEMU.
//!
//! ```ignore
//! use embassy_executor::Spawner;
//! use reveille::ThreadSafeFlag;
//!
//! static BUTTON: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! #[interrupt]
//! fn EXTI0() {
//!     // Acknowledge the interrupt.
//!     BUTTON.set();
//! }
//!
//! #[embassy_executor::task]
//! async fn pressed() {
//!     loop {
//!         BUTTON.wait().await;
//!         // Read the pin.
//!     }
//! }
//!
//! #[embassy_executor::main]
//! async fn main(spawner: Spawner) {
//!     spawner.spawn(pressed().unwrap());
//! }
//! ```
//! For a timeout, use `embassy_time::with_timeout(Duration::from_millis(50), BUTTON.wait())`.
//!
//! `embassy_sync::signal::Signal` carries a value, for one task at a time. A flag carries no value,
//! and any number of tasks may wait for it, first come, first served. To pass a value to all
//! waiters, use an [`AsyncResult`](crate::AsyncResult).
//!
//! # RTIC
//! In RTIC, software tasks are futures, and hardware tasks are interrupts. A flag needs no lock of
//! a resource, so it can be a `static` beside the resources. `verify/firmware/src/bin/rtic.rs` in
//! the repository is a complete program for RTIC 2, with SysTick as the interrupt, and
//! `cargo xtask firmware` runs it on a Cortex-M3 in QEMU.
//!
//! ```ignore
//! static SAMPLED: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! #[rtic::app(device = pac, dispatchers = [UART0])]
//! mod app {
//!     // `init` spawns `filter`.
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
//!             // Filter the sample.
//!         }
//!     }
//! }
//! ```
//! The critical sections of the flag mask all interrupts, even interrupts that RTIC's own locks
//! leave enabled. They are short: a bounded number of instructions for each waiter that they take.
//!
//! # No executor
//! A bare loop polls its waits itself, and sleeps until an interrupt comes. Every interrupt ends
//! the sleep, so `Waker::noop()` is enough. In this example, a thread stands for the interrupt, and
//! `park` for `wfi`:
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
//! On a real core, mask interrupts around the poll and the `wfi`; a pending interrupt ends the
//! `wfi` even while it is masked. Otherwise the core sleeps through an interrupt that comes between
//! the two. `verify/firmware/src/executor.rs` in the repository is a complete executor of this
//! kind, on one page.
//!
//! A main loop that checks its flags in every turn needs no future:
//! [`clear`](crate::ThreadSafeFlag::clear) returns whether the flag was set.
