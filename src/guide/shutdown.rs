//! Shutdown: one `set` that ends tasks, threads and loops, and how to know that all have ended.
//!
//! ```text
//!                        ┌─► select! in each task of tokio, smol, …
//!   SHUTDOWN.set() ──────┼─► wait_blocking_timeout in each thread: a sleep that can be cut short
//!     stays set          └─► a link ─► WaitableEvent::set ─► the loop that sleeps in poll
//! ```
//!
//! An [`Event`](crate::Event) that is never cleared is a cancellation token: whoever comes late finds it set.
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
//! The wait may be made anew in each turn, since the event stays set. To spare it the way out of the queue and in
//! again, make it once before the loop, pin it, and await `&mut` of it.
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
//! # A tree of them
//! The shutdown of a part, which that of the whole brings about: a link that sets the part's event. It
//! captures a `Weak`, so that a part which has ended leaves nothing behind but the small callback.
//!
//! ```
//! use reveille::{Event, Link};
//! use std::sync::Arc;
//!
//! /// An event that can be set alone, and is set with `whole` for as long as the link lives.
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
//! A tree of several levels differs from one of tokio-util's `CancellationToken`s in two points:
//! - There, the children of a token that is dropped pass to its parent. Here they are reached
//!   through the link of the part between: once that is dropped, the whole does not set them.
//! - Each level is a `set` inside a callback of the level above, so the stack bounds the depth. A
//!   chain of 10,000 levels needs less than 2 MiB of stack in a release build.
//!
//! Neither holds for parts that are all linked to the whole itself.
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
//! drop(part);
//! whole.set();
//! assert!(!below.is_set());
//! ```
//!
//! # On Ctrl-C and SIGTERM
//! A handler cannot set an `Event`; it sets a [flag](super::signals), and a task or a thread passes it on:
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
//! let passes_on = thread::spawn(|| {
//!     TERMINATED.wait_blocking();
//!     SHUTDOWN.set();
//! });
//! low_level::raise(SIGTERM).unwrap();
//! SHUTDOWN.wait_blocking();
//! # passes_on.join().unwrap();
//! # }
//! ```
//!
//! # When all have ended
//! A counter, and an event that the last one sets. The example `latch` of the repository makes a latch
//! and a barrier of it, and `examples/job_server` drains a TCP server so.
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
//!         // … work …
//!         if RUNNING.fetch_sub(1, Ordering::AcqRel) == 1 {
//!             ALL_ENDED.set();
//!         }
//!     });
//! }
//! ALL_ENDED.wait_blocking();
//! ```
