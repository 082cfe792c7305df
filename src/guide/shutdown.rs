//! Graceful shutdown: one `set` that stops tasks, threads and loops, and how to wait for their end.
//!
//! ```text
//!                        ┌─► select! in each task of tokio, smol, …
//!   SHUTDOWN.set() ──────┼─► wait_blocking_timeout in each thread: an interruptible sleep
//!     stays set          └─► a link ─► WaitableEvent::set ─► the loop that sleeps in poll
//! ```
//!
//! An [`Event`](crate::Event) that is never cleared is a cancellation token: a task or thread that
//! starts late finds it set.
//!
//! # Tasks
//! ```
//! use reveille::Event;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let shutdown = Arc::new(Event::new());
//! let worker = tokio::spawn({
//!     let shutdown = shutdown.clone();
//!     async move {
//!         let mut ticks = 0;
//!         loop {
//!             tokio::select! {
//!                 () = shutdown.wait() => return ticks,
//!                 () = tokio::time::sleep(Duration::from_millis(1)) => ticks += 1,
//!             }
//!         }
//!     }
//! });
//! shutdown.set();
//! worker.await.unwrap();
//! # }
//! ```
//! The task may create a wait in each turn, because the event stays set. Each of these waits
//! registers in the queue and leaves it again. To avoid that, create one wait before the loop, pin
//! it, and await `&mut wait` in each turn.
//!
//! # Threads
//! ```
//! use reveille::Event;
//! use std::{thread, time::Duration};
//!
//! static SHUTDOWN: Event = Event::new();
//!
//! let beating = thread::spawn(|| {
//!     let mut beats = 0;
//!     while !SHUTDOWN.wait_blocking_timeout(Duration::from_millis(1)) {
//!         beats += 1;
//!     }
//!     beats
//! });
//! SHUTDOWN.set();
//! beating.join().unwrap();
//! ```
//!
//! # A tree of shutdown events
//! A part of a program can have a shutdown event of its own, which a link sets when the whole
//! program shuts down. The callback captures a `Weak`, so a link that outlives its part keeps only
//! the memory of the callback.
//!
//! ```
//! use reveille::{Event, Link};
//! use std::sync::Arc;
//!
//! /// Creates an event that can be set alone. While the link lives, `whole` sets it, too.
//! fn part_of(whole: &Arc<Event>) -> (Arc<Event>, Link<'static>) {
//!     let part = Arc::new(Event::new());
//!     let weak = Arc::downgrade(&part);
//!     let link = whole.clone().link_owned(move || {
//!         if let Some(part) = weak.upgrade() {
//!             part.set();
//!         }
//!     });
//!     (part, link)
//! }
//!
//! let whole = Arc::new(Event::new());
//! let (first, _link) = part_of(&whole);
//! let (second, _link) = part_of(&whole);
//! first.set();
//! assert!(!whole.is_set() && !second.is_set());
//! whole.set();
//! assert!(second.is_set());
//! ```
//!
//! A tree of several levels differs in two points from a tree of tokio-util's `CancellationToken`s:
//! - If a token is dropped, its children become children of its parent. Here the link of an event
//!   is the only path to its children: once the event is dropped, `whole.set()` does not reach
//!   them.
//! - Each level is a `set` inside a callback of the level above, so the stack bounds the depth. A
//!   chain of 10,000 levels needs less than 2 MiB of stack in a release build.
//!
//! To avoid both, link every part to the whole directly.
//!
//! ```
//! # use reveille::{Event, Link};
//! # use std::sync::Arc;
//! # fn part_of(whole: &Arc<Event>) -> (Arc<Event>, Link<'static>) {
//! #     let part = Arc::new(Event::new());
//! #     let weak = Arc::downgrade(&part);
//! #     let link = whole.clone().link_owned(move || {
//! #         if let Some(part) = weak.upgrade() {
//! #             part.set();
//! #         }
//! #     });
//! #     (part, link)
//! # }
//! let whole = Arc::new(Event::new());
//! let part = part_of(&whole);
//! let (below, _link) = part_of(&part.0);
//! drop(part); // This drops the part's event and its link.
//! whole.set();
//! assert!(!below.is_set());
//! ```
//!
//! # Ctrl-C and SIGTERM
//! A signal handler must not set an `Event`. It sets a [flag](super::signals), and a task or a
//! thread that waits for the flag sets the event:
//!
//! ```
//! # #[cfg(unix)] {
//! use reveille::{Event, ThreadSafeFlag};
//! use signal_hook::{consts::SIGTERM, low_level};
//! use std::thread;
//!
//! static TERMINATED: ThreadSafeFlag = ThreadSafeFlag::new();
//! static SHUTDOWN: Event = Event::new();
//!
//! // SAFETY: `ThreadSafeFlag::set` may be called from a signal handler.
//! unsafe { low_level::register(SIGTERM, || TERMINATED.set()) }.unwrap();
//! let forwarder = thread::spawn(|| {
//!     TERMINATED.wait_blocking();
//!     SHUTDOWN.set();
//! });
//! low_level::raise(SIGTERM).unwrap();
//! SHUTDOWN.wait_blocking();
//! # forwarder.join().unwrap();
//! # }
//! ```
//!
//! # Waiting until all workers have ended
//! Count the running workers, and let the last one set an event. In the repository, the example
//! `latch` builds a latch and a barrier in this way, and `examples/job_server` drains a TCP server.
//!
//! ```
//! use reveille::Event;
//! use std::sync::atomic::{AtomicUsize, Ordering};
//! use std::thread;
//!
//! static RUNNING: AtomicUsize = AtomicUsize::new(3);
//! static ALL_ENDED: Event = Event::new();
//!
//! for _ in 0..3 {
//!     thread::spawn(|| {
//!         // The work.
//!         if RUNNING.fetch_sub(1, Ordering::AcqRel) == 1 {
//!             ALL_ENDED.set();
//!         }
//!     });
//! }
//! ALL_ENDED.wait_blocking();
//! ```
