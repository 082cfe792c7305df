//! Checking before waiting: how to avoid a lost wake-up.
//!
//! Often a task waits for a condition that is not the event itself: a counter, a queue, a
//! connection. The task checks the condition, finds that it does not hold, and waits for the event.
//! If the condition changes *between* the check and the wait, the task may sleep for ever:
//!
//! ```text
//!   task                      another thread
//!   check: not ready
//!                             state = ready
//!                             event.pulse()      no waiter: no task is woken
//!   event.wait().await                           sleeps, perhaps for ever
//! ```
//!
//! # Creating the wait first
//! A wait completes if the event is set when [`Event::wait`](crate::Event::wait) creates it, or is
//! set at any later time, even if it is cleared again before the wait is polled. So create the
//! wait, check the condition, and only then await the wait:
//!
//! ```
//! use reveille::Event;
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! static FREE: AtomicU32 = AtomicU32::new(0);
//! static FREED: Event = Event::new();
//!
//! /// Takes one permit, and waits until there is one.
//! async fn take() {
//!     loop {
//!         let freed = FREED.wait();
//!         let one_less = |free: u32| free.checked_sub(1);
//!         if FREE.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less).is_ok() {
//!             return;
//!         }
//!         freed.await;
//!     }
//! }
//!
//! fn give() {
//!     FREE.fetch_add(1, Ordering::Release);
//!     FREED.pulse();
//! }
//!
//! let giver = std::thread::spawn(|| (0..100).for_each(|_| give()));
//! pollster::block_on(async {
//!     for _ in 0..100 {
//!         take().await;
//!     }
//! });
//! # giver.join().unwrap();
//! ```
//!
//! A `pulse` between the check and the `await` completes the wait, because it comes after the
//! wait's creation:
//!
//! ```
//! let event = reveille::Event::new();
//! let wait = event.wait();    // 1. Create the wait.
//! assert!(!event.is_set());   // 2. Check: not set.
//! event.pulse();              // Another thread pulses the event, which is clear again.
//! pollster::block_on(wait);   // 3. Await the wait: it completes immediately.
//! ```
//!
//! # In a thread
//! [`wait_blocking`](crate::Event::wait_blocking) creates its wait when it is called, which is
//! after the check. A thread that checks first has two ways to miss no wake-up:
//! - It uses an event that *stays* set for as long as there is a reason to look, as in a
//!   [worker loop](super::worker_loop).
//! - It creates a wait before the check, and blocks on that wait with any `block_on`:
//!
//! ```
//! # use reveille::Event;
//! let event = Event::new();
//! let wait = event.wait();
//! // Check the condition here.
//! # event.pulse();
//! pollster::block_on(wait);
//! ```
//!
//! # In `select!`
//! `select!` drops the branches that do not complete first. If the event has been cleared
//! meanwhile, a release that a dropped wait has not reported yet is lost. To keep the release, hold
//! the wait across the turns of the loop:
//!
//! ```
//! # use reveille::Event;
//! # use std::time::Duration;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let event = Event::new();
//! let mut pulsed = std::pin::pin!(event.wait());
//! loop {
//!     tokio::select! {
//!         () = &mut pulsed => break,
//!         () = tokio::time::sleep(Duration::from_millis(1)) => {
//!             // `select!` has dropped its branches. A wait that was created in one of them would
//!             // miss this pulse.
//!             event.pulse();
//!         }
//!     }
//! }
//! # }
//! ```
//!
//! The same holds for a wait of a [`ValueEvent`](crate::ValueEvent::wait) that is reset meanwhile.
//! Waits of [`ThreadSafeFlag`](crate::ThreadSafeFlag::wait) and
//! [`AsyncResult`](crate::AsyncResult::wait) can be created again in each turn: only their place in
//! the queue is lost.
