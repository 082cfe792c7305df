//! The worker's loop: wait, clear, look. Three other orders, and what each loses.
//!
//! Threads put jobs into a queue and set an event; workers wait for the event and empty the queue. The
//! event only says "there may be something": many sets are one.
//!
//! ```text
//!   producer                        worker
//!                            ┌───►  WORK.wait().await
//!   queue.push(job)          │      WORK.clear()             takes the sets back …
//!   WORK.set() ───────────►  │      while let Some(job) …    … and sees what
//!                            └────  all of it done             was before them
//! ```
//!
//! # Right
//! ```
//! use reveille::Event;
//! use std::collections::VecDeque;
//! use std::sync::Mutex;
//!
//! static WORK: Event = Event::new();
//! static JOBS: Mutex<VecDeque<u32>> = Mutex::new(VecDeque::new());
//!
//! async fn work(mut sum: u32, until: u32) -> u32 {
//!     while sum < until {
//!         WORK.wait().await;
//!         WORK.clear();
//!         while let Some(job) = { JOBS.lock().unwrap().pop_front() } {
//!             sum += job;
//!         }
//!     }
//!     sum
//! }
//!
//! let producer = std::thread::spawn(|| {
//!     for job in 1..=100 {
//!         JOBS.lock().unwrap().push_back(job);
//!         WORK.set();
//!     }
//! });
//! assert_eq!(pollster::block_on(work(0, 5050)), 5050);
//! # producer.join().unwrap();
//! ```
//!
//! Why nothing is lost: a job is pushed *before* its `set`. If that `set` comes before the `clear`, the
//! `clear` takes it back and sees all that was done before it, so this turn finds the job. If it comes
//! after, the event is set again, so the next wait returns at once. That holds also for a `set` that
//! found the event set, and for a queue without locks: [`set`](crate::Event::set) publishes what its
//! caller did in either case.
//!
//! It holds for several workers that share one event, too: one `set` wakes them all, and whoever clears
//! goes on to look. And it holds word for word of a [`WaitableEvent`](crate::WaitableEvent) in a
//! [poll loop](super::poll_loops). A [`ThreadSafeFlag`](crate::ThreadSafeFlag) has the `clear` in its
//! wait: wait, and then look.
//!
//! # Wrong: look, then clear
//! ```
//! # use reveille::Event;
//! # use std::pin::pin;
//! # use std::task::{Context, Waker};
//! # let work = Event::new();
//! # let mut jobs = Vec::new();
//! # work.set();
//! # fn sleeps(event: &Event) -> bool {
//! #     pin!(event.wait()).poll(&mut Context::from_waker(Waker::noop())).is_pending()
//! # }
//! // The worker: work.wait().await
//! assert!(jobs.pop().is_none());  // looks: nothing left
//!
//! jobs.push("late");              // the producer, just now
//! work.set();
//!
//! work.clear();                   // the worker: takes back the set of a job not seen
//! assert!(sleeps(&work) && jobs == ["late"]);
//! ```
//! A loop that clears *before it waits* is this one, entered at another point.
//!
//! # Wrong: one job a turn
//! ```
//! # use reveille::Event;
//! # use std::pin::pin;
//! # use std::task::{Context, Waker};
//! # let work = Event::new();
//! # let mut jobs = Vec::new();
//! # fn sleeps(event: &Event) -> bool {
//! #     pin!(event.wait()).poll(&mut Context::from_waker(Waker::noop())).is_pending()
//! # }
//! jobs.push("first");             // the producer is quick: two jobs …
//! work.set();
//! jobs.push("second");
//! work.set();                     // … and the event is set once
//!
//! assert!(!sleeps(&work));        // the worker wakes,
//! work.clear();
//! let _job = jobs.pop();          // takes one, and goes back to sleep
//! assert!(sleeps(&work) && jobs.len() == 1);
//! ```
//! Two sets before a look are one: so look until there is nothing left. A worker that must stop half-way,
//! to let others run, sets the event again for the rest.
//!
//! # Wrong: no clear at all
//! ```
//! # use reveille::Event;
//! # use std::pin::pin;
//! # use std::task::{Context, Waker};
//! # let work = Event::new();
//! # fn sleeps(event: &Event) -> bool {
//! #     pin!(event.wait()).poll(&mut Context::from_waker(Waker::noop())).is_pending()
//! # }
//! work.set();
//! for _turn in 0..1_000 {
//!     assert!(!sleeps(&work));    // the worker spins: an event stays set
//! }
//! ```
//! This loses nothing but the processor, until somebody else clears the event for it. In a task it
//! is worse: a wait that is ready does not yield to the executor, so a loop whose event stays set,
//! or is set again by the time that the loop comes back, keeps the other tasks of its thread from
//! running. Clear the event, or yield. In tokio, [`cooperative`] yields as tokio's own futures do,
//! once the task has used up its budget:
//!
//! ```
//! use reveille::Event;
//! use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
//! use tokio::task::coop::cooperative;
//!
//! static OPEN: Event = Event::new();
//! static OVER: AtomicBool = AtomicBool::new(false);
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! OPEN.set(); // for good
//! let turning = tokio::spawn(async {
//!     while !OVER.load(Relaxed) {
//!         cooperative(OPEN.wait()).await; // without it, the task below never runs
//!     }
//! });
//! tokio::spawn(async { OVER.store(true, Relaxed) });
//! turning.await.unwrap();
//! # }
//! ```
//!
//! [`cooperative`]: https://docs.rs/tokio/latest/tokio/task/coop/fn.cooperative.html
