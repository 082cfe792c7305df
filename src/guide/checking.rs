//! Check, then wait: how not to lose the wake-up in between.
//!
//! Some state is not the event's own: a counter under a lock, a queue, a connection. A task looks at it,
//! finds that it has to wait, and waits. If the state changes *between* the look and the wait, it may
//! sleep for ever:
//!
//! ```text
//!   task                      other thread
//!   look: not yet
//!                             state = ready
//!                             event.pulse()      nobody waits: nobody is woken
//!   event.wait().await                           sleeps, and nobody will wake it
//! ```
//!
//! # Make the wait first
//! A wait is complete if and only if the event was set at some instant since the wait was *created*, by
//! [`Event::wait`](crate::Event::wait), polled or not. So make it, then look, then await it:
//!
//! ```
//! use reveille::Event;
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! static FREE: AtomicU32 = AtomicU32::new(0);
//! static FREED: Event = Event::new();
//!
//! /// Takes one; waits until there is one.
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
//! The `pulse` in between counts for the wait, since it came after its creation:
//!
//! ```
//! let event = reveille::Event::new();
//! let wait = event.wait();    // 1: made
//! assert!(!event.is_set());   // 2: looked: not yet
//! event.pulse();              // another thread, just now; and the event is clear again
//! pollster::block_on(wait);   // 3: returns at once
//! ```
//!
//! # The same in a thread
//! [`wait_blocking`](crate::Event::wait_blocking) makes its wait when it is called, after the look. So a
//! thread that looks first uses an event that *stays* set for as long as there is a reason to look
//! (the [worker's loop](super::worker_loop)), or blocks on a wait made before, with any `block_on`:
//!
//! ```
//! # use reveille::Event;
//! let event = Event::new();
//! let wait = event.wait();
//! // look …
//! # event.pulse();
//! pollster::block_on(wait);
//! ```
//!
//! # In `select!`
//! `select!` drops the branch that was not first. A *release* that an `Event`'s wait has not reported yet
//! goes with it, if the event was cleared meanwhile. Hold the wait across the turns to keep it:
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
//!             // A wait made in the `select!` would be gone by now, and miss this.
//!             event.pulse();
//!         }
//!     }
//! }
//! # }
//! ```
//!
//! The waits of [`ThreadSafeFlag`](crate::ThreadSafeFlag::wait) and
//! [`AsyncResult`](crate::AsyncResult::wait) need no such care: make them anew in each turn, and nothing is
//! lost but the place in the queue.
