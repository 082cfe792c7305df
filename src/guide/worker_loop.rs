//! Worker loops: the order of wait, clear and look, and three mistakes.
//!
//! Threads push jobs into a queue and set an event. Workers wait for the event and empty the queue.
//! The event only announces that there may be jobs: several sets count as one.
//!
//! ```text
//!   producer                        worker
//!                            ┌───►  WORK.wait().await
//!   queue.push(job)          │      WORK.clear()             resets the event, and sees
//!   WORK.set() ───────────►  │                               all jobs pushed before that
//!                            └────  while let Some(job) …    runs all of them
//! ```
//!
//! # The correct order
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
//! No job is lost, because each job is pushed *before* its `set`:
//! - If that `set` comes before the `clear`, the `clear` resets it and synchronizes with it, so the
//!   job is visible. The worker finds the job in this turn.
//! - If the `set` comes after the `clear`, the event is set again. The next wait completes
//!   immediately, and the worker finds the job in the next turn.
//!
//! Both cases hold even if the event was already set, and even if the queue is lock-free: `clear`
//! synchronizes with *every* [`set`](crate::Event::set) that it resets.
//!
//! The same order is correct in other programs:
//! - Several workers may share one event. One `set` wakes all of them, and each one clears the
//!   event and then looks.
//! - A [poll loop](super::poll_loops) with a [`WaitableEvent`](crate::WaitableEvent) polls, clears
//!   the event, and then looks.
//! - With a [`ThreadSafeFlag`](crate::ThreadSafeFlag), a worker waits and then looks. The wait
//!   itself resets the flag.
//!
//! # Mistake: looking before clearing
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
//! // The worker has been woken.
//! assert!(jobs.pop().is_none());  // The worker looks, and finds no job.
//!
//! jobs.push("late");              // The producer pushes a job
//! work.set();                     // and sets the event.
//!
//! work.clear();                   // The worker resets that set without having seen the job.
//! assert!(sleeps(&work) && jobs == ["late"]);
//! ```
//! A loop that clears the event *before it waits* makes the same mistake: it, too, clears after it
//! has looked.
//!
//! # Mistake: one job in each turn
//! ```
//! # use reveille::Event;
//! # use std::pin::pin;
//! # use std::task::{Context, Waker};
//! # let work = Event::new();
//! # let mut jobs = Vec::new();
//! # fn sleeps(event: &Event) -> bool {
//! #     pin!(event.wait()).poll(&mut Context::from_waker(Waker::noop())).is_pending()
//! # }
//! jobs.push("first");             // The producer pushes two jobs
//! work.set();
//! jobs.push("second");
//! work.set();                     // before the worker runs. The event is set once.
//!
//! assert!(!sleeps(&work));        // The worker wakes,
//! work.clear();
//! let _job = jobs.pop();          // takes one job, and waits again.
//! assert!(sleeps(&work) && jobs.len() == 1);
//! ```
//! Two sets before a look count as one, so a worker must look until the queue is empty. A worker
//! that stops earlier, to let other tasks run, sets the event again for the rest of the jobs.
//!
//! # Mistake: no `clear`
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
//!     assert!(!sleeps(&work));    // The worker spins, because the event stays set.
//! }
//! ```
//! This loop loses no job, but it spins until another thread clears the event. A task that spins
//! also starves other tasks. A wait that is ready does not yield to the executor, so no other task
//! of the thread runs while the loop finds its event set in every turn.
//!
//! Clear the event, or yield. In tokio, [`cooperative`] yields once the task has used up its
//! budget, as tokio's own futures do:
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
//! OPEN.set(); // The event stays set for the rest of the program.
//! let turning = tokio::spawn(async {
//!     while !OVER.load(Relaxed) {
//!         // Without `cooperative`, the task below never runs.
//!         cooperative(OPEN.wait()).await;
//!     }
//! });
//! tokio::spawn(async { OVER.store(true, Relaxed) });
//! turning.await.unwrap();
//! # }
//! ```
//!
//! [`cooperative`]: https://docs.rs/tokio/latest/tokio/task/coop/fn.cooperative.html
